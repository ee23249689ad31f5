"""A wish to give money back: who has to agree, how often it is carried out, what it leaves in the order."""

import asyncio
from datetime import timedelta

import pytest

from core.ids import Handle
from core.money import Money
from core.orders.errors import NeedsSecondPerson, NothingToRefund, TooMuchToRefund
from core.orders.facts import RefundAsked
from core.orders.ledger import Portion
from core.orders.models import Order
from core.orders.outgoing import DeliveryKind
from core.orders.status import OrderStatus
from core.outlets.models import PayMethod
from core.refunds.errors import NeedsAnother, WishMoved, WishNotFound
from core.refunds.models import Why, Wish, WishState
from core.refunds.service import RefundService
from core.refunds.store import WishStore
from tests.core.orders.builders import TOTAL, an_order, money_back
from tests.core.orders.house import House
from tests.core.orders.test_races import many

__all__ = ["many"]

S = OrderStatus
OM, UMA = Handle("telegram:44444"), Handle("telegram:66666")


@pytest.fixture
def refunds(house: House) -> RefundService:
    return a_service(house)


def a_service(house: House, kind: type[RefundService] = RefundService) -> RefundService:
    return kind(store=WishStore(house.mongo), orders=house.orders, outlets=house.directory, clock=house.clock)  # type: ignore[arg-type]


async def put(house: House, status: OrderStatus = S.COMPLETED, method: PayMethod = PayMethod.UPI) -> Order:
    order = an_order(status, method=method)
    await house.store.insert(order)
    return order


async def ready(refunds: RefundService, order: Order, amount: Money | None = None) -> Wish:
    wish = await refunds.draft(order, OM, "Om", amount=amount)
    return await refunds.because(wish.id, OM, Why.COLD)


def strict(house: House, limit: int = 10_000) -> None:
    """More than so much takes two people."""
    house.directory.outlet = house.directory.outlet.model_copy(update={"refund_limit": Money(limit)})


async def test_a_small_refund_is_made_by_one_person_and_told_to_the_guest(house: House, refunds: RefundService):
    order = await put(house)
    wish = await ready(refunds, order, Money(5_000))
    done = await refunds.confirm(wish.id, OM, wish.v)
    assert done.state is WishState.DONE
    after = await house.orders.require(order.id)
    assert money_back(after) == Money(5_000)
    (fact,) = [fact for fact in after.facts if isinstance(fact, RefundAsked)]
    assert (fact.by, fact.reason, fact.request, fact.agreed_by) == (OM, "owner_cold", wish.id, "")
    assert [entry.kind for entry in after.outbox] == [
        DeliveryKind.PROVIDER_REFUND, DeliveryKind.GUEST_REFUND_REQUESTED]  # fmt: skip


async def test_confirmed_ten_times_at_once_it_is_one_refund(house: House, refunds: RefundService):
    order = await put(house)
    wish = await ready(refunds, order, Money(5_000))
    results = await asyncio.gather(*(refunds.confirm(wish.id, OM, wish.v) for _ in range(10)))
    assert {result.state for result in results} == {WishState.DONE}
    assert money_back(await house.orders.require(order.id)) == Money(5_000)


async def test_chosen_dishes_come_to_what_they_cost_and_no_portion_goes_back_twice(
    house: House, refunds: RefundService
):
    order = await put(house)  # two portions of 250, 10 of tax on both, and 10 for packing
    for _ in range(2):
        wish = await refunds.draft(order, OM, "Om", by_dish=True)
        wish = await refunds.pick(wish.id, OM, 0)
        assert wish.amount == Money(25_500)
        wish = await refunds.because(wish.id, OM, Why.MISSING)
        assert (await refunds.confirm(wish.id, OM, wish.v)).state is WishState.DONE
        order = await house.orders.require(order.id)
    third = await refunds.draft(order, OM, "Om", by_dish=True)
    third = await refunds.pick(third.id, OM, 0)
    assert (third.lines, third.amount) == ((), Money(0)), "both portions went back already"
    rest = await ready(refunds, order)
    assert rest.amount == Money(1_000), "the packing"


async def test_tapping_a_dish_once_more_than_there_are_begins_anew(house: House, refunds: RefundService):
    wish = await refunds.draft(await put(house), OM, "Om", by_dish=True)
    chosen = []
    for _ in range(4):
        wish = await refunds.pick(wish.id, OM, 0)
        chosen.append(wish.lines)
    assert chosen == [(Portion(line=0, qty=1),), (Portion(line=0, qty=2),), (), (Portion(line=0, qty=1),)]


async def test_over_the_limit_a_second_person_has_to_agree(house: House, refunds: RefundService):
    strict(house)
    order = await put(house)
    wish = await ready(refunds, order)
    asked = await refunds.confirm(wish.id, OM, wish.v)
    assert asked.state is WishState.ASKED
    assert money_back(await house.orders.require(order.id)) == Money(0)
    with pytest.raises(NeedsAnother):
        await refunds.agree(wish.id, OM, "Om")
    assert [one.id for one in await refunds.waiting([order.outlet])] == [wish.id]
    agreed = await refunds.agree(wish.id, UMA, "Uma")
    assert (agreed.state, agreed.decided_by) == (WishState.DONE, UMA)
    after = await house.orders.require(order.id)
    assert money_back(after) == TOTAL
    (fact,) = [fact for fact in after.facts if isinstance(fact, RefundAsked)]
    assert (fact.by, fact.agreed_by) == (OM, UMA)
    assert await refunds.waiting([order.outlet]) == []


async def test_the_limit_is_one_for_all_an_order_gets_back_without_a_second_person(
    house: House, refunds: RefundService
):
    strict(house)
    order = await put(house)
    for amount, state in ((4_000, WishState.DONE), (6_000, WishState.DONE), (1, WishState.ASKED)):
        wish = await refunds.draft(await house.orders.require(order.id), OM, "Om", amount=Money(amount))
        wish = await refunds.because(wish.id, OM, Why.COLD)
        assert (await refunds.confirm(wish.id, OM, wish.v)).state is state
    assert money_back(await house.orders.require(order.id)) == Money(10_000)
    assert (await refunds.agree(wish.id, UMA, "Uma")).state is WishState.DONE
    assert (await house.orders.require(order.id)).given_alone == Money(10_000), "two agreed to the last one"


async def test_what_was_given_alone_is_known_when_its_facts_are_long_forgotten(house: House):
    order = (await put(house)).model_copy(update={"given_alone": Money(9_000), "facts": ()})
    await house.store._replace(order.v, order.model_copy(update={"v": order.v + 1}))
    with pytest.raises(NeedsSecondPerson) as two:
        await house.orders.refund(order.id, OM, "owner_cold", Money(1_001), request="x", alone_up_to=Money(10_000))
    assert (two.value.given, two.value.limit) == (Money(9_000), Money(10_000))


async def both_give(refunds: RefundService, house: House) -> Money:
    """Two wishes of which the limit bears one, confirmed in the same moment; what goes back without a second yes."""
    order = await put(house)
    wishes = [await ready(refunds, order, Money(amount)) for amount in (6_000, 7_000)]
    done = await asyncio.gather(*(refunds.confirm(wish.id, OM, wish.v) for wish in wishes))
    assert {wish.state for wish in done} <= {WishState.DONE, WishState.ASKED}
    return money_back(await house.orders.require(order.id))


@pytest.mark.race
async def test_two_small_refunds_at_once_do_not_slip_past_the_limit(house: House, refunds: RefundService, many: int):
    strict(house)
    for _ in range(many):
        assert await both_give(refunds, house) in (Money(6_000), Money(7_000))


@pytest.mark.race
async def test_without_the_limit_in_the_write_itself_both_would_slip_past_it(
    house: House, refunds: RefundService, monkeypatch: pytest.MonkeyPatch
):
    strict(house)
    refund = house.orders.refund

    async def unlimited(*about, **more):
        return await refund(*about, **more | {"alone_up_to": None})

    monkeypatch.setattr(house.orders, "refund", unlimited)
    assert Money(13_000) in [await both_give(refunds, house) for _ in range(12)]


async def test_exactly_the_limit_one_person_gives_back_alone(house: House, refunds: RefundService):
    strict(house, TOTAL.paise)
    wish = await ready(refunds, await put(house))
    assert (await refunds.confirm(wish.id, OM, wish.v)).state is WishState.DONE


async def test_declined_nothing_goes_back(house: House, refunds: RefundService):
    strict(house)
    order = await put(house)
    wish = await ready(refunds, order)
    await refunds.confirm(wish.id, OM, wish.v)
    assert (await refunds.decline(wish.id, UMA, "Uma")).state is WishState.DECLINED
    with pytest.raises(WishMoved):
        await refunds.agree(wish.id, UMA, "Uma")
    assert money_back(await house.orders.require(order.id)) == Money(0)


async def test_a_day_later_nobody_can_agree_and_somebody_is_to_be_told(house: House, refunds: RefundService):
    strict(house)
    order = await put(house)
    wish = await ready(refunds, order)
    await refunds.told(await refunds.confirm(wish.id, OM, wish.v))
    assert await refunds.due() == []
    house.clock.advance(timedelta(hours=24))
    with pytest.raises(WishMoved) as moved:
        await refunds.agree(wish.id, UMA, "Uma")
    assert moved.value.state is WishState.EXPIRED
    (expired,) = await refunds.due()
    assert expired.state is WishState.EXPIRED
    assert [one.id for one in await refunds.due()] == [wish.id], "until somebody was told"
    await refunds.told(expired)
    assert await refunds.due() == []


async def test_a_wish_nobody_could_be_told_of_is_told_a_minute_later(house: House, refunds: RefundService):
    strict(house)
    wish = await ready(refunds, await put(house))
    await refunds.confirm(wish.id, OM, wish.v)
    assert await refunds.due() == []
    house.clock.advance(timedelta(minutes=1))
    assert [one.id for one in await refunds.due()] == [wish.id]


async def test_agreed_and_then_a_crash_it_is_carried_out_once_all_the_same(house: House, refunds: RefundService):
    order = await put(house)
    wish = await ready(refunds, order, Money(5_000))
    agreed = wish.model_copy(update={"state": WishState.AGREED, "v": wish.v + 1, "due_ms": house.clock.ms()})
    assert await WishStore(house.mongo).replace(agreed)
    for _ in range(3):
        await refunds.due()
    assert (await refunds.get(wish.id, OM)).state is WishState.DONE
    assert money_back(await house.orders.require(order.id)) == Money(5_000)


async def test_what_went_back_meanwhile_is_not_given_back_again(house: House, refunds: RefundService):
    strict(house)
    order = await put(house)
    wish = await ready(refunds, order)
    await refunds.confirm(wish.id, OM, wish.v)
    await house.orders.refund(order.id, UMA, "owner_cold", Money(1_000), request="another")
    assert (await refunds.agree(wish.id, UMA, "Uma")).state is WishState.VOID
    assert money_back(await house.orders.require(order.id)) == Money(1_000)


async def test_a_yes_to_an_amount_that_is_no_longer_right_is_no_yes(house: House, refunds: RefundService):
    order = await put(house)
    wish = await ready(refunds, order)
    await house.orders.refund(order.id, UMA, "owner_cold", Money(1_000), request="another")
    with pytest.raises(WishMoved):
        await refunds.confirm(wish.id, OM, wish.v)
    old = await ready(refunds, await house.orders.require(order.id), Money(500))
    await refunds.because(old.id, OM, Why.WRONG)
    with pytest.raises(WishMoved):
        await refunds.confirm(old.id, OM, old.v)


async def test_a_draft_is_its_makers_alone(house: House, refunds: RefundService):
    wish = await ready(refunds, await put(house), Money(500))
    for doing in (refunds.get(wish.id, UMA), refunds.confirm(wish.id, UMA, wish.v), refunds.drop(wish.id, UMA),
                  refunds.because(wish.id, UMA, Why.COLD)):  # fmt: skip
        with pytest.raises(WishNotFound):
            await doing
    assert (await refunds.drop(wish.id, OM)).state is WishState.DROPPED
    with pytest.raises(WishMoved):
        await refunds.pick(wish.id, OM, 0)


async def test_more_than_is_left_cannot_even_be_drafted(house: House, refunds: RefundService):
    order = await put(house)
    with pytest.raises(TooMuchToRefund):
        await refunds.draft(order, OM, "Om", amount=TOTAL + Money(1))
    with pytest.raises(NothingToRefund):
        await refunds.draft(await put(house, S.READY, PayMethod.CASH), OM, "Om")


async def test_cash_is_written_down_as_handed_back(house: House, refunds: RefundService):
    order = await put(house, method=PayMethod.CASH)
    wish = await ready(refunds, order, Money(5_000))
    assert wish.cash
    assert (await refunds.confirm(wish.id, OM, wish.v)).state is WishState.DONE
    assert (await house.orders.require(order.id)).cash_back == Money(5_000)


async def test_drafts_nobody_finished_are_forgotten_after_a_day(house: House, refunds: RefundService):
    wish = await ready(refunds, await put(house), Money(500))
    house.clock.advance(timedelta(hours=25))
    await refunds.due()
    with pytest.raises(WishNotFound):
        await refunds.get(wish.id, OM)


async def both_answer(refunds: RefundService, house: House) -> set[WishState]:
    order = await put(house)
    wish = await ready(refunds, order)
    await refunds.confirm(wish.id, OM, wish.v)
    answers = await asyncio.gather(
        refunds.agree(wish.id, UMA, "Uma"),
        refunds.decline(wish.id, Handle("telegram:900"), "Anu"),
        return_exceptions=True,
    )
    return {answer.state for answer in answers if isinstance(answer, Wish)}


async def test_one_agrees_while_another_declines_and_one_of_them_wins(house: House, refunds: RefundService):
    strict(house)
    for _ in range(10):
        assert await both_answer(refunds, house) in ({WishState.DONE}, {WishState.DECLINED})


async def test_without_the_version_both_would_win(house: House, monkeypatch: pytest.MonkeyPatch):
    strict(house)

    async def replace(self: WishStore, new: Wish) -> bool:
        """Over whatever stands there now."""
        current = await self.get(new.id)
        assert current is not None
        newer = new.model_copy(update={"v": current.v + 1})
        await self._wishes.replace_one({"_id": new.id, "v": current.v}, newer.to_document())
        return True

    monkeypatch.setattr(WishStore, "replace", replace)
    refunds = a_service(house)
    seen = [await both_answer(refunds, house) for _ in range(10)]
    assert {WishState.DONE, WishState.DECLINED} in seen
