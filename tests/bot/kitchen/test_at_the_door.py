"""Cash at the door, or UPI: what the rider sees and taps."""

import pytest

from core.ids import ChatKey, LinkId
from core.orders.facts import LinkClosed, LinkFailed, LinkOpened
from core.orders.ledger import LinkEnd
from core.orders.models import Order
from core.outlets.models import PayMethod
from tests.bot.kitchen.builders import GROUP


async def on_the_road(evening):
    order = await evening.new_order()
    card, asha = evening.card(order), evening.cook("Asha")
    for label in ("Accept +25", "Ready", "Out for delivery"):
        await asha.taps(label, card)
    await evening.deliver()
    return order


async def opened(evening, order: Order, n: int = 1) -> None:
    """The payment service has made the link."""
    fact = LinkOpened(
        at_ms=evening.clock.ms(),
        n=n,
        link=LinkId(f"plink_{n}"),
        url=f"https://pay.example/{n}",
        expires_ms=evening.clock.ms() + 16 * 60_000,
    )
    await evening.services.orders.record(order.id, fact)
    await evening.deliver()


def code(evening):
    """The message with the code to scan."""
    return next((shown for shown in evening.group() if shown.outgoing.image), None)


async def test_the_rider_shows_a_code_the_guest_pays_and_the_card_says_so(evening):
    order = await on_the_road(evening)
    card, ravi = evening.card(order), evening.cook("Ravi")
    await ravi.taps("Pay by UPI", card)
    assert "The UPI code is on its way" in card.text
    assert code(evening) is None
    await opened(evening, order)
    picture = code(evening)
    assert "K 472 · ₹540 by UPI" in picture.text
    assert picture.outgoing.image.startswith("/qr/")
    assert picture.button("Open the page").url == "https://pay.example/1"
    assert "or by the UPI code until 7:16 pm" in card.text
    assert picture.button("Show card")

    await evening.pays(await evening.now(order))
    await evening.deliver()
    assert code(evening) is None  # the picture is gone, its message says what became of it
    assert picture.text == "K 472 · PAID ₹540 by UPI. Take no cash."
    assert "PAID ₹540 · UPI" in card.text
    assert "no cash is needed" in evening.guest_reads()[-1]
    await ravi.taps("Delivered", card)
    assert card.text.startswith("K 472 · Delivered")


async def test_cash_after_all_takes_the_code_down(evening):
    order = await on_the_road(evening)
    card, ravi = evening.card(order), evening.cook("Ravi")
    await ravi.taps("Pay by UPI", card)
    await opened(evening, order)
    picture = code(evening)
    await ravi.taps("Collected ₹540", card)
    await evening.deliver()
    assert code(evening) is None
    assert "₹540 collected in cash" in picture.text


async def test_a_rider_who_collects_what_was_just_paid_hears_to_give_it_back(evening):
    order = await on_the_road(evening)
    card, ravi = evening.card(order), evening.cook("Ravi")
    await ravi.taps("Pay by UPI", card)
    await opened(evening, order)
    collect = card.button("Collected ₹540").action
    await evening.pays(await evening.now(order))
    said = await ravi.taps_action(collect, card)
    assert "is PAID by UPI. If you took cash for it too, please give the ₹540 back." in said[-1].text


async def test_the_code_comes_down_again_where_it_is_asked_for_twice(evening):
    order = await on_the_road(evening)
    card, ravi = evening.card(order), evening.cook("Ravi")
    await ravi.taps("Pay by UPI", card)
    await opened(evening, order)
    first = code(evening)
    await ravi.taps("Show UPI code", card)
    again = code(evening)
    assert again is evening.group()[-1]
    assert again is not first
    assert "further down" in first.text
    await evening.pays(await evening.now(order))
    await evening.deliver()
    assert "PAID" in again.text


@pytest.mark.parametrize("end", [LinkEnd.EXPIRED, LinkEnd.CANCELLED])
async def test_a_code_that_ran_out_says_so_and_another_can_be_had(evening, end):
    order = await on_the_road(evening)
    card, ravi = evening.card(order), evening.cook("Ravi")
    await ravi.taps("Pay by UPI", card)
    await opened(evening, order)
    picture = code(evening)
    await evening.services.orders.record(order.id, LinkClosed(at_ms=evening.clock.ms(), n=1, reason=end))
    await evening.deliver()
    assert "no longer works" in picture.text
    assert "COLLECT ₹540 · cash" in card.text
    assert card.button("Pay by UPI")


async def test_no_code_to_be_had_is_said_in_the_group(evening):
    order = await on_the_road(evening)
    await evening.cook("Ravi").taps("Pay by UPI", evening.card(order))
    failed = LinkFailed(at_ms=evening.clock.ms(), n=1, reason="refused", final=True)
    await evening.services.orders.record(order.id, failed)
    await evening.deliver()
    assert "no UPI code can be had" in evening.group()[-1].text
    assert evening.card(order).button("Pay by UPI")


async def test_there_is_no_such_button_where_nothing_is_due_or_no_upi_is_taken(evening):
    paid = await evening.orders(method=PayMethod.UPI)
    await evening.pays(paid)
    await evening.deliver()
    card, asha = evening.card(paid), evening.cook("Asha")
    for label in ("Accept +25", "Ready"):
        await asha.taps(label, card)
    assert "Pay by UPI" not in card.labels
    order = await on_the_road(evening)
    stranger = await evening.stranger().taps_action(f"kup|{order.id}")
    assert "not on the list" in stranger[-1].text
    assert (await evening.now(order)).door_link is None
    assert ChatKey(GROUP) in evening.services.outlets.require(order.outlet).groups
