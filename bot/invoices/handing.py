"""An invoice on its way to somebody: a line about each paper, and the file behind a link of its own."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from bot.conversation.reply import Attachment
from bot.conversation.text import Text
from bot.conversation.texts import Texts
from bot.invoices.pdf import file_name
from core.invoices.models import Invoice, InvoiceKind
from core.links import Signer

INVOICE = "invoice"  # the purpose the link is signed for; its id is the order's
OPEN_FOR = timedelta(minutes=30)


def invoice_file(links: Signer, papers: Sequence[Invoice]) -> Attachment:
    return Attachment(url=f"/invoices/{links.sign(INVOICE, papers[0].order, OPEN_FOR)}", name=file_name(papers))


def invoice_words(texts: Texts, papers: Sequence[Invoice]) -> Iterator[Text]:
    """“Tax invoice *BLR1/2526/000123* · ₹540”, and a line for each note."""
    for paper in papers:
        facts = {"number": paper.number, "amount": texts.money(paper.total, paper.currency)}
        match paper.kind:
            case InvoiceKind.TAX_INVOICE:
                yield texts.say("Tax invoice *{number}* · {amount}", **facts)
            case InvoiceKind.BILL_OF_SUPPLY:
                yield texts.say("Bill of supply *{number}* · {amount}", **facts)
            case InvoiceKind.RECEIPT:
                yield texts.say("Bill *{number}* · {amount}", **facts)
            case InvoiceKind.CREDIT_NOTE:
                yield texts.say("Credit note *{number}* · {amount} taken back", **facts)
            case InvoiceKind.REFUND_NOTE:
                yield texts.say("Refund note *{number}* · {amount} taken back", **facts)
