"""What the guest is shown before saying yes."""

from datetime import timedelta

import pytest

from core.cart.errors import CartEmpty, ItemGone, OptionGone
from core.checkout.conditions import MOST_TIP
from core.checkout.coupon import CouponRefusal
from core.checkout.errors import (
    AboveMaximum,
    AddressNeeded,
    BelowMinimum,
    CouponRefused,
    FulfilmentNotOffered,
    NotServedNow,
    NotServiceable,
    OutletClosed,
    OutletPaused,
    SlotGone,
    TableNeeded,
    TipRefused,
)
from core.checkout.models import ChargeKind, Plan
from core.menu.errors import ItemSoldOut
from core.money import Money
from core.outlets.hours import slots
from core.outlets.models import Fulfilment, PayMethod, Slot
from tests.core.cart.house import DOSA, TIKKA, a_dish, line
from tests.core.checkout.conftest import ASHA, DELIVERY, HOME, TABLE, TAKEAWAY

FAR = 4_102_444_800_000
MINUTE_MS = 60_000


def charges(bill):
    return {charge.kind.value: charge.amount.paise for charge in bill.charges}


async def test_a_delivery_is_quoted_to_the_door(counter, clock):
    view = await counter.fill()
    quote = await counter.quote()
    assert quote.cart_version == view.version
    assert [(shown.name, shown.qty, shown.amount) for shown in quote.bill.lines] == [
        ("Masala Dosa", 2, Money.rupees(240)),
        ("Filter Coffee", 1, Money.rupees(40)),
    ]
    assert charges(quote.bill) == {"packing": 1000, "delivery": 4000}
    assert quote.bill.total == Money(28_000 + 1000 + 4000 + 2 * 825)
    assert quote.promised_ms == clock.ms() + (25 + 15) * MINUTE_MS
    assert quote.minimum_missing == quote.savings == Money(0)
    assert quote.free_delivery_missing == Money.rupees(220)


async def test_the_same_food_costs_less_fetched_and_least_at_the_table(counter, clock):
    await counter.fill()
    assert charges((await counter.quote(TAKEAWAY)).bill) == {"packing": 1000}
    at_table = await counter.quote(TABLE)
    assert charges(at_table.bill) == {}
    assert at_table.promised_ms == clock.ms() + 25 * MINUTE_MS


async def test_what_is_missing_for_the_minimum_and_for_free_delivery_is_told(counter):
    await counter.fill(line("coffee", 2))
    quote = await counter.quote()
    assert quote.minimum_missing == Money.rupees(120)
    assert quote.free_delivery_missing == Money.rupees(420)
    await counter.fill(line("tikka", 2, variant="full", options=("spice=mild",)))
    generous = await counter.quote()
    assert generous.minimum_missing == generous.free_delivery_missing == Money(0)
    assert generous.savings == Money.rupees(40)
    assert charges(generous.bill)["delivery"] == 0


async def test_an_empty_cart_has_no_price(counter):
    with pytest.raises(CartEmpty):
        await counter.quote()


@pytest.mark.parametrize("table", ["", "  ", "8", '{"$gt": ""}', "7\u202e" * 30])
async def test_a_guest_at_the_table_says_which(counter, table):
    await counter.fill()
    with pytest.raises(TableNeeded):
        await counter.quote(Plan(fulfilment=Fulfilment.DINE_IN, table=table))


async def test_an_address_is_needed_and_must_be_within_reach(counter):
    await counter.fill()
    with pytest.raises(AddressNeeded):
        await counter.quote(Plan(fulfilment=Fulfilment.DELIVERY))
    far = HOME.model_copy(update={"pin": "400001"})
    with pytest.raises(NotServiceable) as no:
        await counter.quote(Plan(fulfilment=Fulfilment.DELIVERY, address=far))
    assert no.value.pin == "400001"
    mapped = far.model_copy(update={"latitude": 12.976, "longitude": 77.606})
    assert (await counter.quote(Plan(fulfilment=Fulfilment.DELIVERY, address=mapped))).bill.total
    beyond = far.model_copy(update={"latitude": 13.2, "longitude": 77.7})
    with pytest.raises(NotServiceable):
        await counter.quote(Plan(fulfilment=Fulfilment.DELIVERY, address=beyond))


async def test_an_order_type_the_outlet_does_not_offer_is_refused(counter):
    await counter.fill()
    await counter.outlets.alter("mgroad", lambda it: it.model_copy(update={"fulfilments": (Fulfilment.TAKEAWAY,)}))
    with pytest.raises(FulfilmentNotOffered):
        await counter.quote(TABLE)


async def test_a_closed_kitchen_says_when_it_opens_and_a_pausing_one_until_when(counter, clock):
    await counter.fill()
    await counter.outlets.pause("mgroad", 20, "rush", "cook")
    with pytest.raises(OutletPaused) as paused:
        await counter.quote()
    assert paused.value.until_ms == clock.ms() + 20 * MINUTE_MS
    await counter.outlets.resume("mgroad")
    clock.advance(timedelta(hours=11))  # 23:30
    with pytest.raises(OutletClosed) as closed:
        await counter.quote()
    assert closed.value.next_ms == clock.ms() + timedelta(hours=8, minutes=30) // timedelta(milliseconds=1)


async def test_food_can_be_ordered_for_later_even_while_the_kitchen_is_closed(counter, clock):
    await counter.fill()
    outlet = counter.outlets.require("mgroad")
    clock.advance(timedelta(hours=-6))  # 06:30
    later = slots(outlet, Fulfilment.DELIVERY, clock.now(), outlet.prep_minutes)[3]
    quote = await counter.quote(DELIVERY.model_copy(update={"slot": later}))
    assert quote.promised_ms == later.end_ms
    fetched = await counter.quote(TAKEAWAY.model_copy(update={"slot": later}))
    assert fetched.promised_ms == later.start_ms


async def test_every_slot_that_is_offered_can_be_quoted_and_stays_good_while_one_reads(counter, clock):
    await counter.fill()
    outlet = counter.outlets.require("mgroad")
    for plan in (DELIVERY, TAKEAWAY):
        offered = slots(outlet, plan.fulfilment, clock.now(), outlet.prep_minutes)
        assert len(offered) > 10
        for slot in offered:
            assert (await counter.quote(plan.model_copy(update={"slot": slot}))).promised_ms >= slot.start_ms
        first = plan.model_copy(update={"slot": offered[0]})
        clock.advance(timedelta(minutes=9))
        assert await counter.quote(first)
        clock.advance(timedelta(hours=1))
        with pytest.raises(SlotGone) as gone:
            await counter.quote(first)
        assert gone.value.start_ms == offered[0].start_ms


async def test_a_slot_nobody_offered_is_gone(counter, clock):
    await counter.fill()
    odd = clock.ms() + 3 * 3_600_000 + 60_000
    for forged in (Slot(start_ms=odd, end_ms=odd + 1_800_000), Slot(start_ms=0, end_ms=FAR)):
        with pytest.raises(SlotGone):
            await counter.quote(TAKEAWAY.model_copy(update={"slot": forged}))
        with pytest.raises(SlotGone):
            await counter.quote(TABLE.model_copy(update={"slot": forged}))


async def test_a_slow_dish_is_promised_for_when_it_is_done(counter, clock):
    await counter.fill(TIKKA)
    outlet = counter.outlets.require("mgroad")
    soon = slots(outlet, Fulfilment.TAKEAWAY, clock.now(), outlet.prep_minutes)[0]
    quote = await counter.quote(TAKEAWAY.model_copy(update={"slot": soon}))
    assert soon.start_ms == clock.ms() + 30 * MINUTE_MS
    assert quote.promised_ms == clock.ms() + 40 * MINUTE_MS


async def test_what_cannot_be_cooked_is_named_before_anything_is_paid(counter, mongo):
    await counter.fill()
    await counter.menu.sold_out(DOSA.item, FAR, "cook")
    with pytest.raises(ItemSoldOut) as sold_out:
        await counter.quote()
    assert (sold_out.value.name, sold_out.value.line) == ("Masala Dosa", DOSA.id)
    await counter.menu.back(DOSA.item, "cook")
    await counter.cart.replace(ASHA.id, [line("idli")], "r")
    with pytest.raises(NotServedNow) as not_now:
        await counter.quote()
    assert (not_now.value.name, not_now.value.meal) == ("Idli", "Breakfast")
    await counter.cart.replace(ASHA.id, [line("unicorn-stew")], "s")
    with pytest.raises(ItemGone) as gone:
        await counter.quote()
    assert gone.value.name == "Unicorn stew"
    await counter.cart.replace(ASHA.id, [line("tikka", variant="half")], "t")
    with pytest.raises(OptionGone):
        await counter.quote()


async def test_breakfast_can_be_ordered_for_breakfast_time(counter, clock):
    await counter.fill(line("idli", 4))
    outlet = counter.outlets.require("mgroad")
    tomorrow = slots(outlet, Fulfilment.TAKEAWAY, clock.now() + timedelta(hours=20), outlet.prep_minutes)[0]
    assert await counter.quote(TAKEAWAY.model_copy(update={"slot": tomorrow}))


@pytest.mark.parametrize("paise", [-1, MOST_TIP.paise + 1, 10**12])
async def test_a_tip_is_a_gift_within_reason(counter, paise):
    await counter.fill()
    with pytest.raises(TipRefused):
        await counter.quote(TABLE.model_copy(update={"tip": Money(paise)}))


async def test_a_tip_is_on_the_bill_only_if_given(counter):
    await counter.fill()
    assert (await counter.quote(TABLE)).bill.charge(ChargeKind.TIP) == Money(0)
    tipped = await counter.quote(TABLE.model_copy(update={"tip": Money.rupees(30)}))
    assert tipped.bill.charge(ChargeKind.TIP) == Money.rupees(30)


async def refusal(counter, code, plan=DELIVERY):
    with pytest.raises(CouponRefused) as refused:
        await counter.quote(plan.model_copy(update={"coupon": code}))
    return refused.value.reason


async def test_a_coupon_shows_what_it_saves(counter):
    await counter.fill()
    quote = await counter.quote(TABLE.model_copy(update={"coupon": " ten "}))
    assert (quote.bill.coupon, quote.bill.discount, quote.savings) == ("TEN", Money.rupees(28), Money.rupees(28))


async def test_a_refused_coupon_says_why(counter):
    await counter.fill()
    assert await refusal(counter, "NOPE") == CouponRefusal.UNKNOWN
    assert await refusal(counter, "BIG") == CouponRefusal.MINIMUM
    assert await refusal(counter, "FREE", TABLE) == CouponRefusal.NOTHING_TO_PAY


async def test_a_welcome_is_for_the_first_order_and_once_is_once(counter):
    for code, reason in (("WELCOME", CouponRefusal.FIRST_ORDER), ("ONCE", CouponRefusal.USED)):
        plan = TABLE.model_copy(update={"coupon": code})
        await counter.fill()
        assert (await counter.quote(plan)).bill.discount == Money.rupees(60)
        order = await counter.order(plan)
        await counter.fill()
        assert await refusal(counter, code, TABLE) == reason
        await counter.orders.cancel(order.id, ASHA.id)
        assert (await counter.quote(plan)).bill.coupon == code


async def test_an_order_is_neither_worthless_nor_boundless(counter, mongo):
    dear = a_dish("dosa", "Masala Dosa", 9000, v=2)
    await mongo["menu_items"].replace_one({"_id": DOSA.item, "v": 1}, dear.to_document())
    free = a_dish("coffee", "Filter Coffee", 0, v=2)
    await mongo["menu_items"].replace_one({"_id": free.id, "v": 1}, free.to_document())
    await counter.menu.load()
    await counter.fill(line("dosa", 20))
    with pytest.raises(AboveMaximum):
        await counter.quote(TABLE)
    await counter.cart.replace(ASHA.id, [line("coffee")], "r")
    with pytest.raises(BelowMinimum):
        await counter.quote(TABLE)


async def test_cash_is_offered_up_to_the_limit(counter):
    outlet = counter.outlets.require("mgroad")
    assert counter.checkout.methods(outlet, outlet.cash_limit, ASHA) == outlet.methods
    beyond = counter.checkout.methods(outlet, outlet.cash_limit + Money(1), ASHA)
    assert PayMethod.CASH not in beyond
    assert len(beyond) == len(outlet.methods) - 1


async def test_quoting_never_asks_the_database(counter, redis):
    await counter.fill()
    await counter.quote()
    await redis.config_resetstat()
    counter.checkout._orders = counter.checkout._menu = None  # whatever reaches for them fails
    await counter.quote()
    stats = await redis.info("commandstats")
    assert stats["cmdstat_evalsha"]["calls"] == 1
