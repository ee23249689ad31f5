"""Orders as tests want them, made the way real ones are: by facts and `decide`."""

from datetime import UTC, datetime
from itertools import count

from core.checkout.models import Bill, BillLine, Charge, ChargeKind, TaxLine
from core.clock import to_ms
from core.customers.models import Address
from core.ids import (
    AddressId,
    ChatKey,
    CheckoutId,
    CustomerId,
    LinkId,
    MenuItemId,
    OrderId,
    OutletId,
    PaymentId,
    RefundKey,
)
from core.money import Money, total
from core.orders.decide import decide
from core.orders.facts import (
    Accepted,
    CancelAsked,
    CashCollected,
    Created,
    Fact,
    LinkClosed,
    LinkOpened,
    PaymentCaptured,
    Progressed,
    Reconciled,
    RefundCreated,
    RefundProcessed,
    Rejected,
    Timer,
    TimerKind,
)
from core.orders.ledger import LinkEnd
from core.orders.models import Order, OrderDraft
from core.orders.outgoing import DeliveryKind
from core.orders.status import Column, OrderStatus
from core.outlets.models import Clocks, Fulfilment, PayMethod, Slot

LUNCH_MS = to_ms(datetime(2026, 3, 2, 7, 0, tzinfo=UTC))
MINUTE = 60_000
HOUR = 60 * MINUTE
TOTAL = Money(52_000)
PAYMENT = PaymentId("pay_first")
SECOND_PAYMENT = PaymentId("pay_second")

# What may become of an order, as guests and cooks know it.
MOVES = {
    OrderStatus.AWAITING_PAYMENT: {OrderStatus.PLACED, OrderStatus.CANCELLED, OrderStatus.EXPIRED},
    OrderStatus.EXPIRED: {OrderStatus.PLACED},
    OrderStatus.PLACED: {OrderStatus.ACCEPTED, OrderStatus.REJECTED, OrderStatus.CANCELLED},
    OrderStatus.ACCEPTED: {OrderStatus.PREPARING, OrderStatus.READY, OrderStatus.CANCELLED},
    OrderStatus.PREPARING: {OrderStatus.READY, OrderStatus.CANCELLED},
    OrderStatus.READY: {OrderStatus.OUT_FOR_DELIVERY, OrderStatus.COMPLETED, OrderStatus.CANCELLED},
    OrderStatus.OUT_FOR_DELIVERY: {OrderStatus.COMPLETED, OrderStatus.CANCELLED},
    OrderStatus.COMPLETED: set(),
    OrderStatus.REJECTED: set(),
    OrderStatus.CANCELLED: set(),
}

COOK = "telegram:7"
MG_ROAD = OutletId("mgroad")
ASHA = CustomerId("cus_asha")

_numbers = count(1)


def a_bill(amount: Money = TOTAL) -> Bill:
    """Two portions of one dish, packed and taxed, that come to `amount`."""
    packing, tax = Money(1_000), Money(500)
    dishes = amount - packing - tax - tax
    unit = Money(dishes.paise // 2)
    rounding = dishes - unit * 2
    return Bill(
        currency="INR",
        lines=(
            BillLine(
                item=MenuItemId("mgroad.paneer-tikka"),
                name="Paneer Tikka",
                note="no butter",
                qty=2,
                unit=unit,
                amount=unit * 2,
                tax_class="food",
            ),
        ),
        subtotal=unit * 2,
        charges=(Charge(kind=ChargeKind.PACKING, amount=packing), Charge(kind=ChargeKind.ROUNDING, amount=rounding)),
        taxes=(
            TaxLine(head="CGST", rate_bp=250, taxable=dishes, amount=tax),
            TaxLine(head="SGST", rate_bp=250, taxable=dishes, amount=tax),
        ),
        total=amount,
    )


def a_draft(
    *,
    method: PayMethod = PayMethod.UPI,
    fulfilment: Fulfilment = Fulfilment.DELIVERY,
    customer: CustomerId = ASHA,
    checkout: str = "",
    outlet: OutletId = MG_ROAD,
    slot: Slot | None = None,
    clocks: Clocks | None = None,
    promised_ms: int = LUNCH_MS + 40 * MINUTE,
    road_minutes: int = 15,
) -> OrderDraft:
    delivered = fulfilment is Fulfilment.DELIVERY
    return OrderDraft(
        checkout_id=CheckoutId(checkout or f"chk_{next(_numbers)}"),
        outlet=outlet,
        outlet_name="Tiffin, MG Road",
        timezone="Asia/Kolkata",
        customer=customer,
        customer_name="Asha Rao",
        phone="+919876543210",
        chat=ChatKey("webchat:asha"),
        language="en",
        fulfilment=fulfilment,
        address=Address(id=AddressId("adr_1"), line="12 Residency Road", city="Bengaluru", pin="560025")
        if delivered
        else None,
        slot=slot,
        road_minutes=road_minutes if delivered else 0,
        note="ring twice",
        bill=a_bill(),
        method=method,
        promised_ms=promised_ms,
        clocks=clocks or Clocks(),
    )


def new_order(draft: OrderDraft | None = None, now_ms: int = LUNCH_MS) -> Order:
    """An order in the moment it is made."""
    draft = draft or a_draft()
    fields = {name: getattr(draft, name) for name in OrderDraft.model_fields if name != "timezone"}
    n = next(_numbers)
    order = Order(
        **fields,
        id=OrderId(f"ord_{n}"),
        code="K 472",
        day_code=f"mgroad:20260302:K{n}",
        provider="sandbox",
        created_ms=now_ms,
    )
    return after(order, Created(at_ms=now_ms, by="guest"), now_ms=now_ms)


def after(order: Order, *facts: Fact, now_ms: int | None = None, outlet_open: bool = True) -> Order:
    """The order after `facts`, decided at the moment of the last one unless told otherwise."""
    now = now_ms if now_ms is not None else max((fact.at_ms for fact in facts), default=order.created_ms)
    return decide(order.with_facts(facts), now, outlet_open)


def relayed(order: Order) -> Order:
    """Everything that waited to go out has gone."""
    return order.model_copy(update={"outbox": (), "outbox_n": 0})


def link_opened(n: int = 1, at_ms: int = LUNCH_MS) -> LinkOpened:
    return LinkOpened(
        at_ms=at_ms,
        by="provider",
        n=n,
        link=LinkId(f"plink_{n}"),
        url=f"https://pay.example/{n}",
        expires_ms=at_ms + 16 * MINUTE,
    )


def captured(
    payment: PaymentId = PAYMENT,
    *,
    n: int = 1,
    amount: Money = TOTAL,
    currency: str = "INR",
    at_ms: int = LUNCH_MS + MINUTE,
) -> PaymentCaptured:
    return PaymentCaptured(
        at_ms=at_ms, by="provider", payment=payment, n=n, amount=amount, currency=currency, method="upi"
    )


def by_hand(
    payment: PaymentId = PAYMENT,
    amount: Money = TOTAL,
    *,
    refund: str = "rfnd_hand",
    at_ms: int = LUNCH_MS + 2 * MINUTE,
) -> RefundProcessed:
    return RefundProcessed(at_ms=at_ms, by="provider", payment=payment, amount=amount, provider_id=refund)


def refund_done(order: Order, key: RefundKey, at_ms: int) -> RefundProcessed:
    refund = order.refund(key)
    assert refund is not None
    return RefundProcessed(
        at_ms=at_ms,
        by="provider",
        payment=refund.payment,
        amount=refund.amount,
        refund_key=key,
        provider_id=f"rfnd_{key}",
        bank_ref="ARN0001",
    )


def refund_created(order: Order, key: RefundKey, at_ms: int) -> RefundCreated:
    refund = order.refund(key)
    assert refund is not None
    return RefundCreated(
        at_ms=at_ms,
        by="provider",
        payment=refund.payment,
        amount=refund.amount,
        refund_key=key,
        provider_id=f"rfnd_{key}",
    )


def window_over(order: Order, at_ms: int = LUNCH_MS + 20 * MINUTE) -> Order:
    """As the expiry job leaves it: link closed, provider asked, nothing paid."""
    n = order.links[-1].n
    closed = LinkClosed(at_ms=at_ms, n=n, reason=LinkEnd.EXPIRED, ours=True)
    return after(order, closed, Reconciled(at_ms=at_ms), Timer(at_ms=at_ms, timer=TimerKind.WINDOW_OVER, level=n))


def an_order(
    status: OrderStatus = OrderStatus.PLACED,
    *,
    method: PayMethod = PayMethod.UPI,
    fulfilment: Fulfilment = Fulfilment.DELIVERY,
    draft: OrderDraft | None = None,
) -> Order:
    """An order that came to `status` by the ordinary way. What it had to send has been sent."""
    order = new_order(draft or a_draft(method=method, fulfilment=fulfilment))
    if order.online:
        order = after(order, link_opened())
    match status:
        case OrderStatus.AWAITING_PAYMENT:
            assert order.online
            return relayed(order)
        case OrderStatus.EXPIRED:
            return relayed(window_over(order))
        case _:
            pass
    if order.online:
        order = after(order, captured())
    at = LUNCH_MS + 3 * MINUTE
    if status is OrderStatus.CANCELLED:
        order = after(order, CancelAsked(at_ms=at, by="guest", step=order.acts))
    elif status is OrderStatus.REJECTED:
        order = after(order, rejected(order, at))
    elif status is not OrderStatus.PLACED:
        order = after(order, Accepted(at_ms=at, by=COOK, step=order.acts, minutes=25))
        order = _cook(order, status, at)
    assert order.status is status
    return relayed(order)


def _cook(order: Order, status: OrderStatus, at: int) -> Order:
    steps = [OrderStatus.PREPARING, OrderStatus.READY, OrderStatus.OUT_FOR_DELIVERY, OrderStatus.COMPLETED]
    if order.fulfilment is not Fulfilment.DELIVERY:
        steps.remove(OrderStatus.OUT_FOR_DELIVERY)
    for to in steps[: steps.index(status) + 1] if status in steps else []:
        at += MINUTE
        if to is OrderStatus.COMPLETED and not order.online:
            order = after(order, cash(order, at))
        order = after(order, Progressed(at_ms=at, by=COOK, step=order.acts, to=to))
    return order


def cash(order: Order, at_ms: int) -> Fact:
    return CashCollected(at_ms=at_ms, by=COOK, amount=order.total)


def rejected(order: Order, at_ms: int) -> Fact:
    return Rejected(at_ms=at_ms, by=COOK, step=order.acts, reason="busy")


IN_COLUMN = {
    Column.AP: OrderStatus.AWAITING_PAYMENT,
    Column.PL: OrderStatus.PLACED,
    Column.AC: OrderStatus.PREPARING,
    Column.CO: OrderStatus.COMPLETED,
    Column.CX: OrderStatus.CANCELLED,
    Column.EX: OrderStatus.EXPIRED,
}


def kinds(order: Order) -> list[DeliveryKind]:
    """What waits to go out, in order."""
    return [entry.kind for entry in order.outbox]


def money_back(order: Order) -> Money:
    """What has gone back or is on its way."""
    return total(refund.amount for refund in order.refunds if refund.status.counts)
