"""Deliveries on their way: sent once it is true, never when it is not, and honest about what could not be sent."""

import pytest

from core.ids import ChatKey
from core.lanes.models import WorkState
from core.orders.facts import LinkOpened, PaymentFailed, RefundFailed
from core.orders.models import OrderStatus
from core.orders.outgoing import DeliveryKind
from core.outbox.models import Delivery, Failed, Retry, Sent, Skipped
from core.outlets.models import PayMethod
from core.staff.models import Role
from tests.bot.kitchen.builders import MG_ROAD

MEERA = ChatKey("webchat:meera")
K = DeliveryKind


async def an_unpaid_order(evening):
    """Its payment page is open."""
    order = await evening.orders(method=PayMethod.UPI)
    now = evening.clock.ms()
    opened = LinkOpened(at_ms=now, n=1, link="plink_1", url="https://pay.example/1", expires_ms=now + 16 * 60_000)
    order = await evening.services.orders.record(order.id, opened)
    await evening.deliver()
    return order


def a_delivery(order, kind, target, **data):
    return Delivery(
        id=f"{order.id}:{kind}:{target}:test",
        order=order.id,
        kind=kind,
        target=target,
        lane=target,
        step="test",
        data=data,
        created_ms=0,
        next_ms=0,
    )


async def test_the_pay_button_goes_when_the_money_is_in(evening):
    order = await an_unpaid_order(evening)
    pay = evening.guests_channel.chats[MEERA][0]
    assert pay.labels == ["Pay ₹540", "Other way to pay", "Cancel order"]
    await evening.pays(order)
    await evening.deliver()
    assert (pay.text, pay.labels) == ("Order K 472 · Tiffin, MG Road\n₹540 paid.", [])
    assert evening.guest_reads()[-1].startswith("Order K 472 is placed at Tiffin, MG Road.")


async def test_the_pay_button_goes_when_the_order_is_cancelled(evening):
    order = await an_unpaid_order(evening)
    await evening.services.orders.cancel(order.id, order.customer)
    await evening.deliver()
    pay = evening.guests_channel.chats[MEERA][0]
    assert pay.labels == [] or "Pay ₹540" not in pay.labels


async def test_where_messages_cannot_be_changed_the_pay_message_stays_and_nothing_breaks(evening):
    evening.guests_channel.edits = False
    order = await an_unpaid_order(evening)
    await evening.pays(order)
    await evening.deliver()
    assert evening.guests_channel.chats[MEERA][0].edits == 0
    assert "is placed" in evening.guest_reads()[-1]


async def test_a_message_sent_twice_carries_the_same_id(evening):
    order = await evening.new_order()
    order = await evening.services.orders.accept(order.id, MG_ROAD, "telegram:1", 25)
    delivery = a_delivery(order, K.GUEST_ACCEPTED, MEERA)
    for _ in range(2):
        assert isinstance(await evening.notifier.guest(delivery, order), Sent)
    first, again = (shown.outgoing for shown in evening.guests_channel.chats[MEERA])
    assert first == again
    assert len(first.id) <= 64


async def test_a_card_sent_twice_stands_there_once_and_edits_itself(evening):
    order = await evening.new_order()
    delivery = a_delivery(order, K.OUTLET_NEW_ORDER, "telegram:-1001")
    assert isinstance(await evening.notifier.outlet(delivery, order), Sent)
    evening.minutes_pass(1)
    assert isinstance(await evening.notifier.outlet(delivery, order), Sent)
    assert [(shown.edits, "waiting 1 min" in shown.text) for shown in evening.group()] == [(1, True)]


async def test_a_card_the_tap_has_redrawn_is_not_sent_again_and_a_copy_does_not_count(evening):
    order = await evening.new_order()
    asha, card = evening.cook("Asha"), evening.card(order)
    await asha.taps("Accept +25", card)
    sent = evening.groups_channel.sent
    await evening.deliver()
    assert evening.groups_channel.sent == sent
    copy = (await asha.says("/orders K 472"))[0]
    await asha.taps("Ready", copy)
    assert "COOKING" in card.text
    await evening.deliver()
    assert "READY" in card.text


@pytest.mark.parametrize("kind", [kind for kind in DeliveryKind if kind.whose == "outlet"])
async def test_the_outlet_never_hears_of_an_order_that_is_not_paid(evening, kind):
    order = await evening.orders(method=PayMethod.UPI)
    result = await evening.notifier.outlet(a_delivery(order, kind, "telegram:-1001", level=1), order)
    assert result == Skipped("not to be cooked")
    assert evening.group() == []


async def test_a_new_order_that_was_cancelled_meanwhile_is_not_rung(evening):
    order = await evening.orders()
    order = await evening.services.orders.cancel(order.id, order.customer)
    result = await evening.notifier.outlet(a_delivery(order, K.OUTLET_NEW_ORDER, "telegram:-1001"), order)
    assert result == Skipped("not to be cooked")


async def test_a_promise_overtaken_by_a_cancel_is_not_sent(evening):
    order = await evening.new_order()
    await evening.services.orders.accept(order.id, MG_ROAD, "telegram:1", 25)
    order = await evening.services.orders.staff_cancel(order.id, MG_ROAD, "telegram:3", "kitc")
    await evening.deliver()
    assert [text.splitlines()[0] for text in evening.guest_reads()] == [
        "We are sorry: Tiffin, MG Road had to cancel order K 472."
    ]


async def test_a_guest_who_blocked_us_is_remembered_and_not_tried_again(evening):
    customer = await evening.services.customers.identify("webchat:meera", "webchat")
    evening.guests_channel.closed.add(MEERA)
    order = await evening.new_order(customer=customer.id)
    await evening.services.orders.accept(order.id, MG_ROAD, "telegram:1", 25)
    await evening.deliver()
    handles = await evening.services.customers.handles(customer.id)
    assert [handle.reachable for handle in handles] == [False]
    dead = await evening.services.outbox.dead()
    assert [one.note for one in dead] == ["the guest cannot be reached in this chat"]
    assert dead[0].state is WorkState.DEAD
    assert "guest_unreachable" in (await evening.now(order)).flags


async def test_a_guest_who_was_forgotten_is_written_to_no_more(evening):
    order = (await evening.new_order()).model_copy(update={"chat": ""})
    result = await evening.notifier.guest(a_delivery(order, K.GUEST_OUT, MEERA), order)
    assert result == Failed("the guest was forgotten")


async def test_a_channel_that_is_away_is_tried_again_and_then_all_is_said_once(evening):
    evening.guests_channel.away = True
    order = await evening.new_order()
    await evening.services.orders.accept(order.id, MG_ROAD, "telegram:1", 25)
    await evening.deliver()
    assert evening.guest_reads() == []
    evening.guests_channel.away = False
    evening.minutes_pass(1)
    await evening.deliver()
    assert len(evening.guest_reads()) == 1


async def test_an_outlet_without_a_group_waits_for_one(evening):
    no_groups = {"groups": ()}
    await evening.services.outlets.alter(MG_ROAD, lambda it: it.model_copy(update=no_groups))
    order = await evening.new_order()
    delivery = a_delivery(order, K.OUTLET_NEW_ORDER, f"outlet:{MG_ROAD}")
    assert await evening.notifier.outlet(delivery, order) == Retry("the outlet has no group")
    group = {"groups": ("telegram:-1001",)}
    await evening.services.outlets.alter(MG_ROAD, lambda it: it.model_copy(update=group))
    evening.minutes_pass(1)
    await evening.deliver()
    assert "NEW" in evening.card(order).text


async def test_every_group_of_an_outlet_has_the_card_and_sees_it_change(evening):
    both = {"groups": ("telegram:-1001", "telegram:-1003")}
    await evening.services.outlets.alter(MG_ROAD, lambda it: it.model_copy(update=both))
    order = await evening.new_order()
    await evening.cook("Asha").taps("Accept +25", evening.card(order))
    await evening.deliver()
    assert "Accepted · Asha" in evening.card(order, "telegram:-1003").text
    meena = evening.cook("Meena", chat="telegram:-1003")
    await meena.taps("Ready", evening.card(order, "telegram:-1003"))
    await evening.deliver()
    assert "READY" in evening.card(order).text


async def test_the_owner_reads_what_needs_a_person_and_cooks_do_not(evening):
    order = await evening.orders(method=PayMethod.UPI)
    order = await evening.pays(order)
    await evening.services.orders.cancel(order.id, order.customer)
    refund = (await evening.now(order)).refunds[0]
    failed = RefundFailed(
        at_ms=evening.clock.ms(),
        payment=refund.payment,
        amount=refund.amount,
        refund_key=refund.key,
        reason="balance",
        final=True,
    )
    await evening.services.orders.record(order.id, failed)
    await evening.deliver()
    read = evening.groups_channel.texts("telegram:4")
    assert read[0].startswith("A refund failed · K 472 · Tiffin, MG Road\nIt is tried again by itself.\n₹540")
    assert any(text.startswith("A refund needs you") for text in read)
    assert not any("refund" in text.lower() for text in evening.groups_channel.texts("telegram:-1001"))


async def test_without_an_owner_to_write_to_the_alert_is_in_the_log(evening, caplog):
    await evening.services.staff.remove("telegram:4", MG_ROAD)
    order = await evening.new_order()
    result = await evening.notifier.admin(a_delivery(order, K.ADMIN_ALERT, "admin", what="stuck"), order)
    assert result == Sent("")
    assert any("admin_alert" in record.getMessage() for record in caplog.records)


async def test_a_group_is_never_taken_for_an_owner(evening):
    await evening.services.staff.add("telegram:-1001", MG_ROAD, Role.OWNER, name="Demo kitchen")
    order = await evening.new_order()
    await evening.notifier.admin(a_delivery(order, K.ADMIN_ALERT, "admin", what="stuck"), order)
    assert evening.groups_channel.texts("telegram:4")[0].startswith("An accepted order was never finished")
    assert len(evening.group()) == 1


async def test_a_failed_payment_is_offered_again_while_it_can_be_paid(evening):
    order = await an_unpaid_order(evening)
    failed = PaymentFailed(at_ms=evening.clock.ms(), payment="pay_x", n=1, amount=order.total, currency="INR")
    await evening.services.orders.record(order.id, failed)
    await evening.deliver()
    assert "did not go through" in evening.guest_reads()[-1]
    assert (await evening.now(order)).status is OrderStatus.AWAITING_PAYMENT
