"""An invoice and its notes as one PDF. Everything printed stands in the frozen papers, so that the same papers make the
same pages in ten years. In English, whatever the chat's language: it is for accountants and the tax office too.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from babel.numbers import format_currency

from bot.invoices.amount_words import amount_words
from bot.invoices.sheet import ACCENT, MARGIN, PALE, SOFT, WHITE, WIDTH, Column, Sheet
from core.clock import from_ms
from core.invoices.models import Invoice, InvoiceKind, PaidBy
from core.money import Money, total

TITLES = {
    InvoiceKind.TAX_INVOICE: "Tax invoice",
    InvoiceKind.BILL_OF_SUPPLY: "Bill of supply",
    InvoiceKind.RECEIPT: "Bill",
    InvoiceKind.CREDIT_NOTE: "Credit note",
    InvoiceKind.REFUND_NOTE: "Refund note",
}
_METHODS = {"upi": "UPI", "card": "Card", "wallet": "Wallet", "netbanking": "Net banking", "cash": "Cash"}
_REASONS = {
    "goodwill": "Goodwill",
    "by_hand": "Returned by the outlet",
    "owner_cold": "Food was cold",
    "owner_late": "Came too late",
    "owner_missing": "Something was missing",
    "owner_wrong": "Wrong dish",
    "owner_quality": "Quality",
    "owner_goodwill": "Goodwill",
    "owner_words": "Goodwill",
    "cancelled": "Order cancelled",
    "guest_asked": "Cancelled as the guest asked",
    "gues": "Cancelled as the guest asked",
    "sold": "Sold out",
    "kitc": "Kitchen could not finish it",
    "ride": "No rider",
    "abse": "Guest was not there",
}
_GAP = 3.0
_HALF = WIDTH / 2
_FOOT = "Issued electronically by {name}; it needs no signature."


async def pdf_of(papers: Sequence[Invoice]) -> bytes:
    """The papers one after the other. Made in a thread: it takes longer than a turn should wait."""
    return await asyncio.to_thread(draw, papers)


def file_name(papers: Sequence[Invoice]) -> str:
    """What the file is called where it is saved: BLR1-2526-000123.pdf."""
    return f"{papers[0].number.replace('/', '-')}.pdf"


def draw(papers: Sequence[Invoice]) -> bytes:
    first = papers[0]
    sheet = Sheet(
        made=_at(first, papers[-1].issued_ms),
        title=f"{TITLES[first.kind]} {first.number}",
        foot=_FOOT.format(name=first.seller.name),
    )
    for n, paper in enumerate(papers):
        if n:
            sheet.page()
        _Paper(sheet, paper).draw()
    return sheet.bytes()


def _at(paper: Invoice, ms: int) -> datetime:
    return from_ms(ms).astimezone(ZoneInfo(paper.timezone))


class _Paper:
    def __init__(self, sheet: Sheet, paper: Invoice) -> None:
        self._sheet = sheet
        self._paper = paper

    def draw(self) -> None:
        self._head()
        self._facts()
        self._table()
        self._sums()

    def _money(self, amount: Money) -> str:
        return format_currency(Decimal(amount.paise) / 100, self._paper.currency, "¤#,##,##0.00", locale="en_IN",
                               currency_digits=False)  # fmt: skip

    def _day(self, ms: int, *, hour: bool = False) -> str:
        return format_datetime(_at(self._paper, ms), "d MMM y, h:mm a" if hour else "d MMM y", locale="en_IN")

    def _head(self) -> None:
        sheet, paper, seller = self._sheet, self._paper, self._paper.seller
        top = sheet.y
        sheet.text(MARGIN + _HALF, top, TITLES[paper.kind].upper(), size=18, bold=True, colour=ACCENT, width=_HALF,
                   align="R")  # fmt: skip
        right = top + sheet.height("X", size=18, bold=True) + 0.5
        right += sheet.text(MARGIN + _HALF, right, paper.number, size=13, bold=True, width=_HALF, align="R")
        right += sheet.text(MARGIN + _HALF, right, self._day(paper.issued_ms, hour=True), colour=SOFT, width=_HALF,
                            align="R")  # fmt: skip
        left = top
        left += sheet.text(MARGIN, left, seller.name, size=18, bold=True, width=_HALF) + 0.5
        for line in (seller.address, seller.city, seller.phone):
            left += sheet.text(MARGIN, left, line, colour=SOFT, width=_HALF - 6)
        sheet.y = max(left, right) + _GAP
        sheet.rule(colour=ACCENT, width=0.5)
        sheet.y += _GAP

    def _facts(self) -> None:
        """Names and numbers the paper is known by, in two columns."""
        sheet, paper, seller = self._sheet, self._paper, self._paper.seller
        state = f"{seller.state} ({seller.state_code})" if seller.state else ""
        facts = [
            ("GSTIN", seller.gstin),
            ("FSSAI licence", seller.fssai),
            ("Place of supply", state),
            ("Tax on reverse charge", "No" if paper.kind in (InvoiceKind.TAX_INVOICE, InvoiceKind.CREDIT_NOTE) else ""),
            ("Order", paper.order_code),
            ("Against", f"{paper.against}\n{self._day(paper.against_ms)}" if paper.against else ""),
            ("Refund", paper.refund_reference),
            ("Reason", _REASONS.get(paper.reason, paper.reason) if paper.kind.credits else ""),
            ("Billed to", paper.buyer.name if paper.buyer else ""),
            ("Address", paper.buyer.address if paper.buyer else ""),
        ]
        shown = [(name, value) for name, value in facts if value]
        for i in range(0, len(shown), 2):
            height = 0.0
            for column, (name, value) in enumerate(shown[i : i + 2]):
                x = MARGIN + column * _HALF
                sheet.text(x, sheet.y + 0.3, name, size=9, colour=SOFT, width=38)
                height = max(height, sheet.text(x + 38, sheet.y, value, width=_HALF - 40))
            sheet.y += height + 0.8
        sheet.y += _GAP

    def _table(self) -> None:
        sheet, paper = self._sheet, self._paper
        columns = self._columns()
        self._titles(columns)
        for line in paper.lines:
            name = line.name or f"Taken back from {paper.against}"
            cells = {
                "Item": name,
                "SAC": line.sac,
                "Qty": str(line.qty),
                "Price": self._money(line.unit),
                "Discount": f"−{self._money(line.discount)}" if line.discount else "–",
                "Taxable value": self._money(line.taxable),
                "Amount": self._money(line.taxable),
                "GST": f"{_percent(line.rate_bp)}%" if line.rate_bp else "–",
            }
            width = columns[0].width - 2
            height = sheet.height(name, size=10, width=width) + sheet.height(line.detail, size=9, width=width)
            if not sheet.room(height + 4):
                sheet.page()
                self._titles(columns)
            sheet.y += 1.6
            below = sheet.text(MARGIN, sheet.y, name, size=10, width=width)
            below += sheet.text(MARGIN, sheet.y + below, line.detail, size=9, colour=SOFT, width=width)
            sheet.row(columns, ["", *(cells[column.title] for column in columns[1:])])
            sheet.y += max(below, 5) + 1.6
            sheet.rule()

    def _columns(self) -> tuple[Column, ...]:
        paper = self._paper
        taxed = paper.kind in (InvoiceKind.TAX_INVOICE, InvoiceKind.CREDIT_NOTE)
        columns = [Column("Qty", 11), Column("Price", 25)]
        if paper.seller.gstin:
            columns.insert(0, Column("SAC", 18, "L"))
        if paper.discount:
            columns.append(Column("Discount", 23))
        columns.append(Column("Taxable value" if taxed else "Amount", 30))
        if taxed:
            columns.append(Column("GST", 13))
        item = WIDTH - sum(column.width for column in columns)
        return (Column("Item", item, "L"), *columns)

    def _titles(self, columns: Sequence[Column]) -> None:
        sheet = self._sheet
        sheet.band(MARGIN - 2, sheet.y, WIDTH + 4, 7.4, PALE)
        sheet.y += 1.5
        sheet.row(columns, [column.title for column in columns], size=9, bold=True, colour=SOFT)
        sheet.y += 5.9

    def _sums(self) -> None:
        """On the right what it comes to, on the left how it was paid."""
        sheet, paper = self._sheet, self._paper
        rows = self._rows()
        left = self._beside()
        words = amount_words(paper.total, paper.currency)
        height = len(rows) * 5.6 + 30
        if not sheet.room(height):
            sheet.page()
        sheet.y += _GAP
        top, width = sheet.y, 92.0
        x = MARGIN + WIDTH - width
        for name, amount in rows:
            sheet.text(x, sheet.y, name, colour=SOFT, width=width - 32)
            sheet.text(x + width - 32, sheet.y, amount, width=32, align="R")
            sheet.y += 5.6
        sheet.y += 1
        sheet.band(x - 4, sheet.y, width + 6, 13, ACCENT)
        label = "Taken back" if paper.kind.credits else "Total"
        sheet.text(x, sheet.y + 3.1, label, size=13, bold=True, colour=WHITE, width=40)
        sheet.text(x + 30, sheet.y + 2.5, self._money(paper.total), size=16, bold=True, colour=WHITE, width=width - 32,
                   align="R")  # fmt: skip
        sheet.y += 15
        sheet.y += sheet.text(x - 4, sheet.y, words, size=9, colour=SOFT, width=width + 4, align="R")
        bottom, sheet.y = sheet.y, top
        for name, value in left:
            sheet.y += sheet.text(MARGIN, sheet.y, name, size=9, colour=SOFT, width=70)
            sheet.y += sheet.text(MARGIN, sheet.y, value, width=74) + 1.6
        sheet.y = max(sheet.y, bottom)

    def _rows(self) -> list[tuple[str, str]]:
        paper = self._paper
        rows: list[tuple[str, str]] = []
        if paper.discount:
            rows.append(("Items and charges", self._money(total(line.amount for line in paper.lines))))
            name = f"Discount {paper.coupon}".strip()
            rows.append((name, f"−{self._money(paper.discount)}"))
        if paper.taxes:
            rows.append(("Taxable value", self._money(paper.taxable)))
        for tax in paper.taxes:
            name = f"{tax.head} {_percent(tax.rate_bp)}% on {self._money(tax.taxable)}"
            rows.append((name, self._money(tax.amount)))
        if paper.tip:
            rows.append(("Tip, not taxed", self._money(paper.tip)))
        if paper.rounding:
            rows.append(("Rounding off", self._money(paper.rounding)))
        return rows

    def _beside(self) -> list[tuple[str, str]]:
        paper = self._paper
        if paper.kind.credits:
            return [("Returned", "To the account it was paid from")] if paper.refund_reference else []
        paid = [self._paid(payment) for payment in paper.payments]
        return paid or [("Payment", "Not recorded")]

    def _paid(self, payment: PaidBy) -> tuple[str, str]:
        how = f"{_METHODS.get(payment.method, payment.method)}, {self._day(payment.at_ms, hour=True)}"
        return f"Paid {self._money(payment.amount)}", f"{how}\n{payment.reference}".strip()


def _percent(basis_points: int) -> str:
    whole, rest = divmod(basis_points, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".")
