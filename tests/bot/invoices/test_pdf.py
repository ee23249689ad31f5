"""The page an invoice becomes."""

import re
import zlib

import pytest

from bot.invoices.amount_words import amount_words, number_words
from bot.invoices.pdf import draw, file_name, pdf_of
from core.checkout.models import BillLine
from core.ids import MenuItemId
from core.invoices.making import credit_fields
from core.invoices.models import Invoice
from core.money import Money
from tests.core.invoices.test_making import DISHES, a_bill, an_invoice, paper


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", pdf))


def glyphs(pdf: bytes) -> int:
    """How much is written on it: hexadecimal glyph numbers in its streams."""
    found = 0
    for stream in re.findall(rb"stream\n(.*?)endstream", pdf, re.DOTALL):
        try:
            found += len(re.findall(rb"T[jJ]", zlib.decompress(stream)))
        except zlib.error:
            continue
    return found


def dish(name: str) -> BillLine:
    return BillLine(item=MenuItemId("mgroad.x"), name=name, qty=1, unit=Money(100), amount=Money(100), tax_class="food")


async def test_the_same_papers_make_the_same_page_byte_for_byte():
    invoice = an_invoice(a_bill(DISHES))
    again = Invoice.from_document(invoice.to_document())
    first = await pdf_of([invoice])
    assert first.startswith(b"%PDF")
    assert first == await pdf_of([again])
    assert file_name([invoice]) == "A-2526-000001.pdf"


def test_notes_follow_the_invoice_each_on_a_page_of_its_own():
    invoice = an_invoice(a_bill(DISHES))
    note = paper(credit_fields(invoice, [], Money(5_000), "goodwill", "rfnd_1"), 2)
    assert (pages(draw([invoice])), pages(draw([invoice, note]))) == (1, 2)


def test_hindi_names_are_drawn_in_a_font_of_their_own():
    latin, hindi = draw([an_invoice(a_bill([dish("Paneer")]))]), draw([an_invoice(a_bill([dish("पनीर टिक्का")]))])
    assert b"Devanagari" not in latin
    assert b"NotoSansDevanagari" in hindi


def test_a_long_order_goes_on_over_the_page_and_strange_letters_break_nothing():
    names = ["🌶 Chilli", "\u202egnp\u202c", "a\0b", "x" * 400, "ছানা", "", *("Idli" for _ in range(40))]
    pdf = draw([an_invoice(a_bill([dish(name) for name in names]))])
    assert pages(pdf) >= 3
    assert glyphs(pdf) > len(names)


@pytest.mark.parametrize(
    ("paise", "words"),
    [
        (0, "Zero rupees only"),
        (100, "One rupee only"),
        (54_600, "Five hundred and forty-six rupees only"),
        (140_712, "One thousand four hundred and seven rupees and twelve paise only"),
        (12_345_600_01, "One crore twenty-three lakh forty-five thousand six hundred rupees and one paisa only"),
    ],
)
def test_amounts_are_written_out_as_indian_papers_do(paise: int, words: str):
    assert amount_words(Money(paise), "INR") == words


def test_every_number_has_words_of_its_own():
    said = [number_words(number) for number in range(12_000)]
    assert len(set(said)) == len(said)
    assert amount_words(Money(100), "XYZ") == ""
