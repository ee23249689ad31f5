"""Words that several screens share: names of order types, methods, statuses, veg letters, bills."""

from datetime import timedelta

from bot.conversation.text import Text, lines, paragraphs
from bot.conversation.texts import Texts
from core.checkout.models import Bill, BillLine, ChargeKind
from core.menu.models import Diet, MenuItem
from core.money import Money
from core.orders.models import OrderStatus
from core.outlets.models import Fulfilment, Outlet, PayMethod


def wait_text(texts: Texts, wait: timedelta) -> str:
    """“40 seconds”, “12 minutes”, “3 hours”: rounded up, so that trying again then works."""
    seconds = max(1, -(-wait // timedelta(seconds=1)))
    if seconds < 90:
        return texts.n("{count} second", "{count} seconds", seconds)
    minutes = -(-seconds // 60)
    if minutes < 90:
        return texts.n("{count} minute", "{count} minutes", minutes)
    return texts.n("{count} hour", "{count} hours", -(-minutes // 60))


def fulfilment_name(texts: Texts, fulfilment: Fulfilment) -> str:
    match fulfilment:
        case Fulfilment.DINE_IN:
            return texts.t("Dine in")
        case Fulfilment.TAKEAWAY:
            return texts.t("Takeaway")
        case Fulfilment.DELIVERY:
            return texts.t("Delivery")


def method_name(texts: Texts, method: PayMethod, fulfilment: Fulfilment) -> str:
    match method:
        case PayMethod.UPI:
            return texts.t("UPI")
        case PayMethod.CARD:
            return texts.t("Card")
        case PayMethod.WALLET:
            return texts.t("Wallet")
        case PayMethod.NETBANKING:
            return texts.t("Net banking")
        case PayMethod.CASH:
            return texts.t("Cash on delivery") if fulfilment is Fulfilment.DELIVERY else texts.t("Cash at the counter")


def status_name(texts: Texts, status: OrderStatus, fulfilment: Fulfilment) -> str:
    match status:
        case OrderStatus.AWAITING_PAYMENT:
            return texts.t("Waiting for payment")
        case OrderStatus.PLACED:
            return texts.t("Waiting for the restaurant")
        case OrderStatus.ACCEPTED:
            return texts.t("Accepted")
        case OrderStatus.PREPARING:
            return texts.t("Being cooked")
        case OrderStatus.READY:
            return {
                Fulfilment.DINE_IN: texts.t("Ready, coming to your table"),
                Fulfilment.TAKEAWAY: texts.t("Ready to collect"),
                Fulfilment.DELIVERY: texts.t("Packed, waiting for the rider"),
            }[fulfilment]
        case OrderStatus.OUT_FOR_DELIVERY:
            return texts.t("On the way")
        case OrderStatus.COMPLETED:
            return {
                Fulfilment.DINE_IN: texts.t("Served"),
                Fulfilment.TAKEAWAY: texts.t("Collected"),
                Fulfilment.DELIVERY: texts.t("Delivered"),
            }[fulfilment]
        case OrderStatus.REJECTED:
            return texts.t("Declined by the restaurant")
        case OrderStatus.CANCELLED:
            return texts.t("Cancelled")
        case OrderStatus.EXPIRED:
            return texts.t("Not paid in time")


def diet_name(texts: Texts, diet: Diet) -> str:
    match diet:
        case Diet.VEG:
            return texts.t("Veg")
        case Diet.EGG:
            return texts.t("Egg")
        case Diet.NON_VEG:
            return texts.t("Non-veg")


def diet_key(texts: Texts) -> Text:
    return texts.say("_V veg · E egg · N non-veg_")


def item_label(texts: Texts, item: MenuItem, outlet: Outlet) -> str:
    price = texts.money(item.price_from, outlet.currency)
    if len(item.variants) > 1:
        price = texts.t("from {price}", price=price)
    return f"{item.name} ({item.diet}) · {price}"


def bill_line(texts: Texts, line: BillLine, currency: str) -> Text:
    """“2 × Paneer Tikka (Full) · ₹640” with its options and note indented below."""
    name = f"{line.name} ({line.variant_name})" if line.variant_name else line.name
    detail = [*line.options, *([f"“{line.note}”"] if line.note else [])]
    return lines(
        texts.say("{qty} × *{name}* · {amount}", qty=line.qty, name=name, amount=texts.money(line.amount, currency)),
        "   " + ", ".join(detail) if detail else None,
    )


def bill_text(texts: Texts, bill: Bill) -> Text:
    """Every line, every charge, the total: what is shown is what is charged."""

    def money(amount: Money) -> str:
        return texts.money(amount, bill.currency)

    names = {
        ChargeKind.PACKING: texts.t("Packing"),
        ChargeKind.DELIVERY: texts.t("Delivery fee"),
        ChargeKind.TIP: texts.t("Tip"),
        ChargeKind.ROUNDING: texts.t("Rounding"),
    }
    dishes = lines(*(bill_line(texts, line, bill.currency) for line in bill.lines))
    rows: list[Text | str] = []
    rows.append(texts.say("Subtotal {amount}", amount=money(bill.subtotal)))
    if bill.discount:
        rows.append(texts.say("Coupon {code} −{amount}", code=bill.coupon, amount=money(bill.discount)))
    charged = [
        texts.say("{name} {amount}", name=names[c.kind], amount=money(c.amount))
        if c.amount
        else texts.say("{name} free", name=names[c.kind])
        for c in bill.charges
    ]
    rows.extend(
        row for row, charge in zip(charged, bill.charges, strict=True) if charge.kind is not ChargeKind.ROUNDING
    )
    rows.extend(
        texts.say("{head} {rate}% {amount}", head=tax.head, rate=_percent(tax.rate_bp), amount=money(tax.amount))
        for tax in bill.taxes
    )
    # Last, as it rounds all that stands above it.
    rows.extend(row for row, charge in zip(charged, bill.charges, strict=True) if charge.kind is ChargeKind.ROUNDING)
    rows.append(texts.say("*Total {amount}*", amount=money(bill.total)))
    return paragraphs(dishes, lines(*rows))


def _percent(basis_points: int) -> str:
    whole, rest = divmod(basis_points, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".")
