"""An outlet whose group cannot be reached: its admins hear of it, then its own phone rings (RELIABILITY 4.3)."""

from datetime import timedelta

from core.errors import ProviderError
from core.ids import CustomerId
from core.orders.models import Order
from core.orders.outgoing import DeliveryKind
from core.outbox.models import Failed, Retry
from core.outlets.models import PayMethod
from core.sms.provider import NumberRejected
from tests.core.orders.builders import ASHA, COOK, MG_ROAD, a_draft
from tests.core.orders.house import House

K = DeliveryKind


async def order_in_the_dark(house: House, guest: CustomerId = ASHA) -> Order:
    """An order whose card does not get through."""
    house.ears.answers[K.OUTLET_NEW_ORDER] = [Retry("the group does not answer")] * 500
    order, _ = await house.orders.create(a_draft(method=PayMethod.CASH, customer=guest))
    await house.settle()
    return order


async def minutes_pass(house: House, minutes: float) -> None:
    for _ in range(int(minutes * 2)):
        house.clock.advance(timedelta(seconds=30))
        await house.settle()


def texts(house: House) -> list[str]:
    return [message.text for message in house.sms.messages()]


async def test_after_two_minutes_admins_hear_of_it_and_after_five_the_outlets_phone(house: House):
    order = await order_in_the_dark(house)
    await minutes_pass(house, 1.5)
    assert house.ears.count(K.ADMIN_ALERT) == 0
    await minutes_pass(house, 1)
    assert house.ears.count(K.ADMIN_ALERT) == 1
    assert texts(house) == []
    await minutes_pass(house, 4)
    (message,) = house.sms.messages()
    assert message.phone == "+918041234567"
    assert message.text.startswith(f"Tiffin: order {order.code} waits at Tiffin, MG Road.")
    assert len(message.text) <= 160
    assert "Asha" not in message.text  # the guest's name stays in the house
    assert house.ears.count(K.ADMIN_ALERT) == 1  # once is enough


async def test_a_group_the_bot_was_thrown_out_of_is_not_waited_for(house: House):
    house.ears.answers[K.OUTLET_NEW_ORDER] = [Failed("bot was removed")]
    await house.orders.create(a_draft(method=PayMethod.CASH))
    await house.settle()
    assert len(texts(house)) == 1


async def test_many_orders_in_the_dark_are_one_message_in_ten_minutes(house: House):
    for n in range(4):
        await order_in_the_dark(house, CustomerId(f"cus_{n}"))
    await minutes_pass(house, 7)
    assert len(texts(house)) == 1


async def test_a_kitchen_that_heard_of_it_meanwhile_gets_no_message(house: House):
    order = await order_in_the_dark(house)
    await minutes_pass(house, 3)
    await house.orders.accept(order.id, MG_ROAD, COOK, 25)
    await minutes_pass(house, 4)
    assert texts(house) == []


async def test_a_word_to_stop_is_sent_however_lately_the_phone_rang(house: House):
    house.ears.answers[K.OUTLET_STOP] = [Failed("bot was removed")]
    order, _ = await house.orders.create(a_draft(method=PayMethod.CASH))
    await house.settle()
    await house.orders.cancel(order.id, order.customer)
    await house.settle()
    assert texts(house)[-1].startswith(f"Tiffin: order {order.code} at Tiffin, MG Road is cancelled. Do not cook it.")


async def test_a_landline_that_takes_no_messages_is_told_to_the_owner(house: House, monkeypatch):
    async def rejects(*_, **__):
        raise NumberRejected("console")

    monkeypatch.setattr(house.sms, "send", rejects)
    await order_in_the_dark(house)
    await minutes_pass(house, 6)
    alerts = [d.data["delivery"] for d in house.ears.heard if d.kind is K.ADMIN_ALERT]
    assert alerts == ["outlet.new_order", "sms.outlet"]


async def test_a_text_service_that_is_away_is_asked_again(house: House, monkeypatch):
    send = house.sms.send

    async def away(*_, **__):
        raise ProviderError("console", retryable=True)

    monkeypatch.setattr(house.sms, "send", away)
    await order_in_the_dark(house)
    await minutes_pass(house, 6)
    assert texts(house) == []
    monkeypatch.setattr(house.sms, "send", send)
    await minutes_pass(house, 2)
    assert len(texts(house)) == 1
