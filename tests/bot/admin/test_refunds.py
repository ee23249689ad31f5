"""The owner gives money back: by dishes or by amount, with a reason, and with a second person where it is much."""

from datetime import timedelta

import pytest

from core.audit.models import Did
from core.money import Money
from core.orders.facts import CashCollected, PaymentCaptured, RefundAsked
from core.orders.models import Order
from core.outlets.models import PayMethod
from core.payments.models import PaymentState, PaymentView
from core.refunds.models import WishState
from core.refunds.store import REFUNDS
from core.staff.models import Role
from tests.core.orders.builders import money_back


async def paid(office) -> Order:
    """Meera's dinner, ₹540, paid and being cooked."""
    order = await office.order(method=PayMethod.UPI)
    at = office.clock.ms()
    await office.services.orders.record(
        order.id,
        PaymentCaptured(at_ms=at, by="provider", n=1, payment="pay_7", amount=order.total, currency="INR"),
    )
    return await now(office, order)


async def now(office, order) -> Order:
    found: Order = await office.services.orders.require(order.id)
    return found


async def strict(office, limit=0) -> None:
    await office.services.outlets.alter("mgroad", lambda it: it.model_copy(update={"refund_limit": Money(limit)}))


async def test_all_of_it_goes_back_from_the_orders_page(office):
    order = await paid(office)
    om = office.person("Om")
    page = await om.says(f"/order {order.code}")
    page = await om.walks(page, "Give money back", "All of it: ₹540", "Came cold", "Give ₹540 back")
    assert "On its way back. The guest was told." in page.text
    assert "Reason: Came cold" in page.text
    after = await now(office, order)
    assert money_back(after) == order.total
    assert office.told("Anu") == [f"Om gave ₹540 back for order {order.code} at Tiffin, MG Road."]
    assert await office.done() == [Did.REFUND_MADE]
    assert "There is nothing to give back" in (await om.says(f"/refund {order.code}")).text


async def test_the_amount_for_chosen_dishes_is_shown_before_it_is_confirmed(office):
    order = await paid(office)
    om = office.person("Om")
    page = await om.walks(await om.says(f"/refund {order.code}"), "Some dishes ▸")
    assert "Which dishes? Each tap is one portion." in page.text
    assert not any(label.startswith("Give ") for label in page.labels)
    dish = order.bill.lines[0]
    page = await om.taps(f"0 of {dish.qty} · {dish.name}", page)
    assert f"1 × {dish.name}" in page.text
    page = await om.taps("Was missing", page)
    (give,) = [label for label in page.labels if label.startswith("Give ")]
    page = await om.taps(give, page)
    after = await now(office, order)
    assert f"Goes back: {give.removeprefix('Give ').removesuffix(' back')}" in page.text
    assert Money(0) < money_back(after) < order.total
    (fact,) = [fact for fact in after.facts if isinstance(fact, RefundAsked)]
    assert (fact.by, fact.reason, [portion.qty for portion in fact.lines]) == (om.handle, "owner_missing", [1])


async def test_an_amount_and_words_of_ones_own_are_typed(office):
    order = await paid(office)
    om = office.person("Om")
    page = await om.says(f"/refund {order.code} ₹90.50 the soup was cold")
    assert "Goes back: ₹90.50" in page.text
    assert "Reason: the soup was cold" in page.text
    await om.taps("Give ₹90.50 back", page)
    after = await now(office, order)
    assert money_back(after) == Money(9_050)
    (fact,) = [fact for fact in after.facts if isinstance(fact, RefundAsked)]
    assert (fact.reason, fact.words) == ("owner_words", "the soup was cold")


@pytest.mark.parametrize("typed", ["{code} 541", "{code} 9999 much too much"])
async def test_more_than_is_left_is_refused_by_name(office, typed):
    order = await paid(office)
    said = await office.person("Om").says("/refund " + typed.format(code=order.code))
    assert said.text == f"Only ₹540 of order {order.code} is left."


async def test_the_same_tap_ten_times_is_one_refund(office):
    order = await paid(office)
    om = office.person("Om")
    page = await om.walks(await om.says(f"/refund {order.code}"), "All of it: ₹540", "Goodwill")
    for _ in range(10):
        await om.taps("Give ₹540 back", page)
    assert len((await now(office, order)).refunds) == 1
    assert await office.done() == [Did.REFUND_MADE]


async def test_over_the_limit_another_owner_or_admin_has_to_agree(office):
    await strict(office)
    order = await paid(office)
    om, anu = office.person("Om"), office.person("Anu")
    page = await om.walks(await om.says(f"/refund {order.code}"), "All of it: ₹540", "Came late")
    assert "Over ₹0 a second owner or admin has to agree." in page.text
    page = await om.taps("Give ₹540 back", page)
    assert "Somebody else has to agree until" in page.text
    assert page.labels == ["Drop it", "The order ▸"], "who asked cannot agree"
    assert money_back(await now(office, order)) == Money(0)
    (asked,) = office.told("Anu")
    assert asked.startswith(f"Om wants to give ₹540 back for order {order.code}.")
    assert office.told("Om") == []
    theirs = await anu.walks(await anu.says("/refund"), f"{order.code} · ₹540 · Om", "Yes, give ₹540 back")
    assert "On its way back." in theirs.text
    assert money_back(await now(office, order)) == order.total
    assert office.told("Om") == [f"Anu agreed: ₹540 goes back for order {order.code} at Tiffin, MG Road."]
    assert await office.done() == [Did.REFUND_AGREED, Did.REFUND_WISHED]
    (fact,) = [fact for fact in (await now(office, order)).facts if isinstance(fact, RefundAsked)]
    assert (fact.by, fact.agreed_by) == (om.handle, anu.handle)


async def alone_at_mg_road(office) -> None:
    """Om runs it by himself: nobody is named in the settings."""
    office.desk._admins._admins = frozenset()


async def test_who_may_agree_is_named_and_where_to_find_it(office):
    await strict(office)
    order = await paid(office)
    om = office.person("Om")
    await office.services.staff.add("telegram:88888", "mgroad", Role.OWNER, name="Lata")
    page = await om.walks(await om.says(f"/refund {order.code}"), "All of it: ₹540")
    assert "Who can" not in page.text, "first the reason"
    page = await om.taps("Came late", page)
    assert "Who can: Lata, 900 on Telegram, 901 on Telegram." in page.text
    page = await om.taps("Give ₹540 back", page)
    assert "Who can: Lata" in page.text
    theirs = await office.person("Anu").walks(await office.person("Anu").says("/refund"), f"{order.code} · ₹540 · Om")
    assert "Who can" not in theirs.text, "they can"


async def test_an_owner_who_is_alone_reads_how_there_can_be_a_second_one_and_what_goes_without(office):
    await alone_at_mg_road(office)
    await strict(office, 30_000)
    order = await paid(office)
    om = office.person("Om")
    page = await om.walks(await om.says(f"/refund {order.code}"), "All of it: ₹540", "Came late")
    assert "There is nobody beside you who can." in page.text
    assert "tiffin outlet invite mgroad owner, or a number more in ADMIN_TELEGRAM_IDS" in page.text
    assert f"Alone you can still give ₹300 back: /refund {order.code} 300" in page.text
    waiting = await om.taps("Give ₹540 back", page)
    assert "There is nobody beside you who can." in waiting.text
    await om.taps("Drop it", waiting)
    small = await om.walks(await om.says(f"/refund {order.code} 300"), "Came late", "Give ₹300 back")
    assert "On its way back." in small.text


async def test_whoever_becomes_the_second_owner_within_the_day_is_asked_and_agrees(office):
    await alone_at_mg_road(office)
    await strict(office)
    order = await paid(office)
    om, lata = office.person("Om"), office.person("Lata", handle="telegram:88888")
    await om.walks(await om.says(f"/refund {order.code}"), "All of it: ₹540", "Came late", "Give ₹540 back")
    await office.services.staff.add(lata.handle, "mgroad", Role.OWNER, name="Lata")
    office.clock.advance(timedelta(minutes=2))
    await office.desk.refunds_due()
    (asked,) = office.telegram.texts(lata.handle)
    assert asked.startswith(f"Om wants to give ₹540 back for order {order.code}.")
    await lata.walks(await lata.says("/refund"), f"{order.code} · ₹540 · Om", "Yes, give ₹540 back")
    assert money_back(await now(office, order)) == order.total


async def test_an_admin_who_is_alone_makes_a_code_for_a_second_owner_on_the_spot(office):
    office.desk._admins._admins = frozenset({"telegram:900"})
    await office.services.staff.remove("telegram:44444", "mgroad")
    await strict(office)
    order = await paid(office)
    anu = office.person("Anu")
    page = await anu.walks(await anu.says(f"/refund {order.code}"), "All of it: ₹540", "Came late")
    assert "There is nobody beside you who can." in page.text
    made = await anu.taps("Invite a second owner ▸", page)
    assert made.text.startswith("Owner at Tiffin, MG Road")


async def test_several_small_refunds_of_one_order_count_together(office):
    await strict(office, 30_000)
    order = await paid(office)
    om = office.person("Om")
    await om.walks(await om.says(f"/refund {order.code} 200"), "Came late", "Give ₹200 back")
    page = await om.walks(await om.says(f"/refund {order.code} 150"), "Came cold")
    assert "Over ₹300 an order, of which ₹200 went back already, a second owner or admin has to agree." in page.text
    page = await om.taps("Give ₹150 back", page)
    assert "Somebody else has to agree until" in page.text
    assert money_back(await now(office, order)) == Money.rupees(200)


@pytest.mark.parametrize(
    ("typed", "shown"), [("1,000", "Only ₹540"), ("₹90.50", "₹90.50"), ("Rs. 90", "₹90"), ("0", "By the order")]
)
async def test_an_amount_is_typed_as_it_is_read(office, typed, shown):
    order = await paid(office)
    assert shown in (await office.person("Om").says(f"/refund {order.code} {typed}")).text


async def test_who_asked_cannot_agree_by_a_forged_button_either(office):
    await strict(office)
    order = await paid(office)
    om, anu = office.person("Om"), office.person("Anu")
    await om.walks(await om.says(f"/refund {order.code}"), "All of it: ₹540", "Came late", "Give ₹540 back")
    theirs = await anu.walks(await anu.says("/refund"), f"{order.code} · ₹540 · Om")
    said = await om.taps("Yes, give ₹540 back", theirs)
    assert said.text.startswith("You asked for it yourself")
    assert money_back(await now(office, order)) == Money(0)


async def test_an_owner_of_another_outlet_neither_asks_nor_agrees(office):
    await strict(office)
    order = await paid(office)
    om, anu, uma = office.person("Om"), office.person("Anu"), office.person("Uma")
    assert (await uma.says(f"/refund {order.code}")).text.startswith("No order fits")
    await om.walks(await om.says(f"/refund {order.code}"), "All of it: ₹540", "Came late", "Give ₹540 back")
    theirs = await anu.walks(await anu.says("/refund"), f"{order.code} · ₹540 · Om")
    assert (await uma.taps("Yes, give ₹540 back", theirs)).text.startswith("There is no such thing")
    assert money_back(await now(office, order)) == Money(0)
    assert office.told("Uma") == []


async def test_declined_everybody_hears_of_it_and_nothing_goes_back(office):
    await strict(office)
    order = await paid(office)
    om, anu = office.person("Om"), office.person("Anu")
    await om.walks(await om.says(f"/refund {order.code}"), "All of it: ₹540", "Came late", "Give ₹540 back")
    page = await anu.walks(await anu.says("/refund"), f"{order.code} · ₹540 · Om", "No")
    assert "Anu said no. Nothing goes back." in page.text
    assert office.told("Om") == [f"Anu said no: ₹540 does not go back for order {order.code} at Tiffin, MG Road."]
    assert money_back(await now(office, order)) == Money(0)


async def test_after_a_day_it_is_too_late_and_that_is_said(office, mongo):
    await strict(office)
    order = await paid(office)
    om, anu = office.person("Om"), office.person("Anu")
    await om.walks(await om.says(f"/refund {order.code}"), "All of it: ₹540", "Came late", "Give ₹540 back")
    theirs = await anu.walks(await anu.says("/refund"), f"{order.code} · ₹540 · Om")
    office.clock.advance(timedelta(hours=24))
    for _ in range(3):
        await office.desk.refunds_due()
    (said,) = office.told("Om")
    assert said.splitlines() == [
        f"Nobody agreed in a day: ₹540 does not go back for order {order.code} at Tiffin, MG Road.",
        f"To ask once more: /refund {order.code}",
    ]
    page = await anu.taps("Yes, give ₹540 back", theirs)
    assert "Nobody agreed in a day. Nothing goes back.\nTo ask once more" in page.text
    assert money_back(await now(office, order)) == Money(0)
    assert await office.done() == [Did.REFUND_EXPIRED, Did.REFUND_WISHED]
    assert (await mongo[REFUNDS].find_one({}))["state"] == WishState.EXPIRED.value


async def test_cash_is_written_down_and_the_guest_is_told(office):
    order = await office.order()
    orders, at = office.services.orders, office.clock.ms()
    await orders.accept(order.id, order.outlet, "telegram:11111", 25)
    await orders.record(order.id, CashCollected(at_ms=at, by="telegram:11111", amount=order.total))
    om = office.person("Om")
    page = await om.walks(await om.says(f"/refund {order.code}"), "All of it: ₹540", "Was not good")
    assert "Hand it to the guest yourself, then tap." in page.text
    page = await om.taps("Give ₹540 back", page)
    assert "Written down as handed back." in page.text
    assert (await now(office, order)).cash_back == order.total
    assert "Handed back in cash: ₹540" in (await om.says(f"/order {order.code}")).text


async def test_without_a_code_it_is_explained(office):
    assert (await office.person("Om").says("/refund")).text.startswith("By the order's code:")
    assert (await office.person("Om").says("/refund everything")).text.startswith("By the order's code:")


# Money without an order


async def lost(office, name="pay_lost01") -> None:
    view = PaymentView(id=name, amount=Money.rupees(300), currency="INR", state=PaymentState.CAPTURED, method="upi")
    await office.services.payments.orphans.found_payment("razorpay", view, office.clock.ms())


async def test_a_payment_without_an_order_is_looked_at_and_closed_with_a_reason(office):
    await lost(office)
    anu = office.person("Anu")
    page = await anu.walks(await anu.says("/audit"), "Payments without an order (1)", "₹300 · razorpay · …lost01")
    assert "pay_lost01" in page.text
    page = await anu.taps("Another business of ours", page)
    assert page.text == "Closed: Another business of ours."
    assert await office.services.payments.orphans.open() == []
    assert office.told("Bala") == ["Anu closed a payment of ₹300 without an order: Another business of ours."]
    assert await office.done() == [Did.ORPHAN_CLOSED]
    assert (await anu.says("/audit")).labels == ["Refresh", "Outlets"]


async def test_two_close_it_and_the_first_reason_stands(office):
    await lost(office)
    anu, bala = office.person("Anu"), office.person("Bala")
    shown = await anu.walks(await anu.says("/audit"), "Payments without an order (1)", "₹300 · razorpay · …lost01")
    await anu.taps("I gave it back", shown)
    assert (await bala.taps("A test", shown)).text.startswith("There is no such thing")
    assert len(await office.acts()) == 1


async def test_owners_of_an_outlet_do_not_see_them(office):
    await lost(office)
    assert "without an order" not in " ".join((await office.person("Om").says("/audit")).labels)
