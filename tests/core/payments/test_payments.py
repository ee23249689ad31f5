"""From the first link to the last refund, through the practice provider, with and without its news."""

from datetime import timedelta

from core.ids import ChatKey
from core.orders.ledger import LinkState, RefundStatus
from core.orders.models import Order, PaymentStatus
from core.orders.outgoing import DeliveryKind
from core.orders.status import OrderStatus
from core.outlets.models import PayMethod
from tests.core.orders.builders import COOK, MG_ROAD, TOTAL, a_draft
from tests.core.orders.house import House

K = DeliveryKind
S = OrderStatus


async def waiting_order(house: House, method: PayMethod = PayMethod.UPI) -> Order:
    """An order whose guest looks at the payment page."""
    order, _ = await house.orders.create(a_draft(method=method))
    await house.settle()
    return await house.orders.require(order.id)


async def now(house: House, order: Order) -> Order:
    return await house.orders.require(order.id)


async def test_a_guest_pays_and_the_kitchen_hears_of_it_once(house: House):
    order = await waiting_order(house)
    assert house.ears.kinds() == ["guest.pay"]
    await house.sandbox.pay(await house.link_of(order))
    await house.settle()
    paid = await now(house, order)
    assert paid.status is S.PLACED
    assert paid.payment_status is PaymentStatus.PAID
    assert house.ears.count(K.OUTLET_NEW_ORDER) == house.ears.count(K.GUEST_PLACED) == 1
    card = next(delivery for delivery in house.ears.heard if delivery.kind is K.OUTLET_NEW_ORDER)
    assert card.target == ChatKey("telegram:-100")
    assert paid.outbox == ()
    accepted = await house.orders.accept(order.id, MG_ROAD, COOK, 25)
    assert accepted.status is S.ACCEPTED


async def test_when_every_piece_of_news_is_lost_asking_places_the_order(house: House):
    order = await waiting_order(house)
    await house.sandbox.pay(await house.link_of(order), quiet=True)
    await house.settle()
    assert (await now(house, order)).status is S.AWAITING_PAYMENT
    house.clock.advance(timedelta(seconds=30))
    await house.all_jobs()
    assert (await now(house, order)).status is S.PLACED
    assert house.ears.count(K.OUTLET_NEW_ORDER) == 1


async def test_an_unpaid_order_ends_and_its_link_can_no_longer_be_paid(house: House):
    order = await waiting_order(house)
    link = await house.link_of(order)
    house.clock.advance(timedelta(minutes=18))
    await house.all_jobs()
    assert (await now(house, order)).status is S.EXPIRED
    assert house.ears.kinds() == ["guest.pay", "guest.expired"]
    assert house.stove.returned == [order.id]
    found = await house.sandbox.link(link)
    assert found.status_at(house.clock.ms()).value in ("cancelled", "expired")


async def test_cancelling_a_paid_order_brings_all_the_money_back_and_says_when(house: House):
    order = await waiting_order(house)
    await house.sandbox.pay(await house.link_of(order))
    await house.settle()
    await house.orders.cancel(order.id, order.customer)
    await house.settle()
    pending = await now(house, order)
    assert pending.status is S.CANCELLED
    assert [refund.status for refund in pending.refunds] == [RefundStatus.PENDING]
    house.clock.advance(timedelta(seconds=5))
    await house.settle()
    done = await now(house, order)
    assert done.refunded == TOTAL
    assert done.refunds[0].bank_ref.isdigit()
    assert house.ears.count(K.GUEST_REFUNDED) == 1
    assert house.ears.count(K.OUTLET_STOP) == 1


async def test_the_second_payment_from_another_tab_goes_back(house: House):
    order = await waiting_order(house)
    link = await house.link_of(order)
    await house.sandbox.pay(link)
    second = await house.sandbox.pay_twice(link)
    await house.settle()
    placed = await now(house, order)
    assert placed.status is S.PLACED
    assert [(refund.payment, refund.amount) for refund in placed.refunds] == [(second.id, TOTAL)]
    assert placed.payment_status is PaymentStatus.PAID


async def test_changing_the_method_closes_the_old_link_first(house: House):
    order = await waiting_order(house)
    old = await house.link_of(order)
    await house.orders.change_method(order.id, order.customer, PayMethod.CARD)
    await house.settle()
    changed = await now(house, order)
    assert [link.state for link in changed.links] == [LinkState.CLOSED, LinkState.OPEN]
    found = await house.sandbox.link(old)
    assert found.status.value == "cancelled"
    assert K.ADMIN_ALERT not in house.ears.kinds()
