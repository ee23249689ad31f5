"""Many at once on the real store, one wins; each with a twin whose guard is out and which must then misbehave."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from core.clock import FrozenClock, from_ms
from core.connections import Database
from core.errors import DomainError
from core.ids import CustomerId, PaymentId
from core.orders.errors import AlreadyAccepted, OrderClosed, TooLateToCancel, UseCancel
from core.orders.facts import Fact
from core.orders.models import Order
from core.orders.outgoing import DeliveryKind
from core.orders.revival import Revivals
from core.orders.status import OrderStatus
from core.orders.store import ORDERS, OrderStore
from core.outlets.models import PayMethod
from core.payments.books import Books
from core.payments.models import Binding
from core.payments.service import PaymentService
from core.payments.store import BindingStore, OrphanStore, SweepStore
from tests.core.orders.builders import ASHA, COOK, MG_ROAD, TOTAL, a_draft, an_order, captured, money_back
from tests.core.orders.house import House

pytestmark = pytest.mark.race

S = OrderStatus
K = DeliveryKind
ROUNDS = 12  # of a twin, which must lose only once
SECOND_COOK = "telegram:8"


@pytest.fixture(params=[12, pytest.param(200, marks=[pytest.mark.deep, pytest.mark.timeout(1_800)])])
def many(request: pytest.FixtureRequest, figure: Callable[[str], None]) -> int:
    """How many rounds: a few whenever tests run, two hundred in the deep run."""
    if request.param > ROUNDS:
        figure(f"race, {request.param} rounds: {request.node.originalname.removeprefix('test_').replace('_', ' ')}")
    return int(request.param)


class LastWriteWins(OrderStore):
    """The twin: whoever writes last wins, whatever version was read."""

    async def _replace(self, v: int, new: Order) -> bool:
        while True:
            document = await self._orders.find_one({"_id": new.id})
            over = new.model_copy(update={"v": document["v"] + 1})
            if await super()._replace(document["v"], over):
                return True


async def a_house(mongo: Database, clock: FrozenClock, *, guarded: bool) -> House:
    house = House(mongo, clock)
    if not guarded:
        house.store = house.orders._store = LastWriteWins(mongo, clock)
        return house
    return await house.open()


async def put(house: House, status: OrderStatus = S.PLACED, *, customer: CustomerId = ASHA) -> Order:
    stored = None
    while stored is None:  # a code may be taken that day: there are 24,000 of them
        stored = await house.store.insert(an_order(status, draft=a_draft(customer=customer)))
    return stored


async def race(*contenders: Awaitable[Order]) -> list[Order | DomainError]:
    results = await asyncio.gather(*contenders, return_exceptions=True)
    for result in results:
        if not isinstance(result, Order | DomainError):
            raise AssertionError(f"{result!r} is no answer for a person") from result
    return [result for result in results if isinstance(result, Order | DomainError)]


def winners(results: list[Order | DomainError]) -> int:
    return sum(isinstance(result, Order) for result in results)


def story(order: Order) -> list[str]:
    return [step.status.value for step in order.history]


async def rounds(house: House, run, many: int = ROUNDS) -> Counter[str]:
    """How each round went: `run` answers a word, "bad: …" when something that must not happen did."""
    words: Counter[str] = Counter()
    for n in range(many):
        words[await run(house, n)] += 1
    return words


def bad(words: Counter[str]) -> int:
    return sum(count for word, count in words.items() if word.startswith("bad"))


# Accept against cancel


async def accept_or_cancel(house: House, n: int) -> str:
    order = await put(house)
    pair = [house.orders.accept(order.id, MG_ROAD, COOK, 25), house.orders.cancel(order.id, ASHA)]
    results = await race(*(pair if n % 2 else pair[::-1]))
    final = await house.orders.require(order.id)
    if winners(results) != 1:
        return "bad: two winners"
    loser = next(result for result in results if not isinstance(result, Order))
    if final.status is S.ACCEPTED:
        return "accepted" if isinstance(loser, TooLateToCancel) and not money_back(final) else "bad: accepted"
    cancelled = final.status is S.CANCELLED and isinstance(loser, OrderClosed) and money_back(final) == TOTAL
    return "cancelled" if cancelled else "bad: cancelled"


async def test_a_cook_accepts_while_the_guest_cancels_and_one_of_them_wins(
    mongo: Database, clock: FrozenClock, many: int
):
    words = await rounds(await a_house(mongo, clock, guarded=True), accept_or_cancel, many)
    assert bad(words) == 0, words


async def test_without_the_version_both_would_win(mongo: Database, clock: FrozenClock):
    words = await rounds(await a_house(mongo, clock, guarded=False), accept_or_cancel)
    assert bad(words) > 0, words


# Accept against reject


async def accept_or_reject(house: House, n: int) -> str:
    order = await put(house)
    pair = [house.orders.accept(order.id, MG_ROAD, COOK, 25), house.orders.reject(order.id, MG_ROAD, SECOND_COOK, "x")]
    results = await race(*(pair if n % 2 else pair[::-1]))
    final = await house.orders.require(order.id)
    if winners(results) != 1:
        return "bad: two winners"
    loser = next(result for result in results if not isinstance(result, Order))
    if final.status is S.ACCEPTED:
        return "accepted" if isinstance(loser, UseCancel) else "bad: accepted"
    return "rejected" if isinstance(loser, OrderClosed) and final.status is S.REJECTED else "bad: rejected"


async def test_one_cook_accepts_and_another_rejects_and_one_of_them_wins(
    mongo: Database, clock: FrozenClock, many: int
):
    words = await rounds(await a_house(mongo, clock, guarded=True), accept_or_reject, many)
    assert bad(words) == 0, words


async def test_without_the_version_an_order_would_be_accepted_and_rejected(mongo: Database, clock: FrozenClock):
    words = await rounds(await a_house(mongo, clock, guarded=False), accept_or_reject)
    assert bad(words) > 0, words


# Two cooks


async def two_accept(house: House, n: int) -> str:
    order = await put(house)
    results = await race(
        house.orders.accept(order.id, MG_ROAD, COOK, 15), house.orders.accept(order.id, MG_ROAD, SECOND_COOK, 35)
    )
    final = await house.orders.require(order.id)
    late = [result for result in results if isinstance(result, AlreadyAccepted)]
    if winners(results) != 1 or len(late) != 1 or final.accepted_n != 1:
        return "bad: accepted twice"
    return f"by {final.history[-1].by}" if late[0].by == final.history[-1].by else "bad: told the wrong name"


async def test_two_cooks_accept_and_the_slower_one_hears_who_was_faster(mongo: Database, clock: FrozenClock, many: int):
    words = await rounds(await a_house(mongo, clock, guarded=True), two_accept, many)
    assert bad(words) == 0, words


async def test_without_the_version_two_cooks_would_start_cooking(mongo: Database, clock: FrozenClock):
    words = await rounds(await a_house(mongo, clock, guarded=False), two_accept)
    assert bad(words) > 0, words


# Cancel against capture


def judge_money(order: Order) -> str:
    """Placed and kept, or ended and given back; never both, never neither."""
    if order.payment(captured().payment) is None:
        return "bad: the payment is unknown"
    if order.status is S.PLACED:
        return "placed" if order.kept and not money_back(order) else "bad: placed and given back"
    back = money_back(order) == TOTAL and order.status in (S.CANCELLED, S.EXPIRED)
    return f"{order.status} and given back" if back else "bad: stranded"


async def cancel_or_capture(house: House, n: int) -> str:
    order = await put(house, S.AWAITING_PAYMENT, customer=CustomerId(f"cus_{n}"))
    pair = [house.orders.cancel(order.id, order.customer), house.orders.record(order.id, captured())]
    await race(*(pair if n % 2 else pair[::-1]))
    final = await house.orders.require(order.id)
    word = judge_money(final)
    # A capture that came first is cancelled as a placed order, with the kitchen told to stop.
    told = [entry.kind for entry in final.outbox]
    if (K.OUTLET_NEW_ORDER in told) != (final.placed_n == 1) or (final.placed_n and K.OUTLET_STOP not in told):
        return word if final.status is S.PLACED else "bad: the kitchen was not told"
    return word


async def test_a_guest_cancels_while_the_money_arrives_and_no_rupee_is_lost(
    mongo: Database, clock: FrozenClock, many: int
):
    words = await rounds(await a_house(mongo, clock, guarded=True), cancel_or_capture, many)
    assert bad(words) == 0, words


async def test_without_the_version_the_money_would_strand(mongo: Database, clock: FrozenClock):
    words = await rounds(await a_house(mongo, clock, guarded=False), cancel_or_capture)
    assert bad(words) > 0, words


# Expiry against capture


async def expiry_or_capture(house: House, n: int) -> str:
    guest = CustomerId(f"cus_x{n}")
    order, _ = await house.orders.create(a_draft(customer=guest, promised_ms=house.clock.ms() + 10**7))
    await house.settle()
    link = await house.link_of(order)
    house.clock.advance(timedelta(minutes=15, seconds=59))
    payment = await house.sandbox.pay(link)
    house.clock.advance(timedelta(minutes=2, seconds=1))
    fact = captured(payment.id, at_ms=house.clock.ms())
    pair = [house.payments.expire(order.id), house.orders.record(order.id, fact)]
    await race(*(pair if n % 2 else pair[::-1]))
    await house.settle()
    final = await house.orders.require(order.id)
    if final.kept == payment.id and final.status is S.PLACED and not money_back(final):
        return "placed"
    return "bad: paid in time and not placed"


async def test_the_window_closes_while_the_money_arrives_and_who_paid_in_time_eats(
    mongo: Database, clock: FrozenClock, many: int
):
    house = await a_house(mongo, clock, guarded=True)
    words = await rounds(house, expiry_or_capture, many)
    assert bad(words) == 0, words
    assert house.ears.count(K.OUTLET_NEW_ORDER) == many
    assert house.ears.count(K.GUEST_PLACED) + house.ears.count(K.GUEST_REVIVED) == many


async def expiry_or_capture_blindly(house: House, n: int) -> str:
    """The twin's window job does not ask the provider and does not compare versions."""
    order = await put(house, S.AWAITING_PAYMENT, customer=CustomerId(f"cus_b{n}"))
    house.clock.advance(timedelta(minutes=20))
    pair = [house.payments.expire(order.id), house.orders.record(order.id, captured(at_ms=house.clock.ms()))]
    await race(*(pair if n % 2 else pair[::-1]))
    return judge_money(await house.orders.require(order.id))


async def test_without_the_version_an_order_would_expire_over_its_payment(mongo: Database, clock: FrozenClock):
    house = await a_house(mongo, clock, guarded=False)

    class Blind(PaymentService):
        async def reconcile(self, order_id):
            return True

        async def expire(self, order_id):
            order = await self._orders.require(order_id)
            gone = order.model_copy(update={"status": S.EXPIRED, "unpaid_of": None, "v": order.v + 1})
            await house.store._replace(order.v, gone)
            return gone

    house.payments = Blind(
        providers={"sandbox": house.sandbox},
        orders=house.orders,
        store=BindingStore(mongo),
        orphans=OrphanStore(mongo),
        sweeps=SweepStore(mongo),
        alerts=house.alerts,
        clock=clock,
    )
    words = await rounds(house, expiry_or_capture_blindly)
    assert bad(words) > 0, words


# One checkout, ten taps


async def ten_taps(house: House, n: int) -> str:
    draft = a_draft(method=PayMethod.CASH, customer=CustomerId(f"cus_t{n}"))
    results = await asyncio.gather(*(house.orders.create(draft) for _ in range(10)))
    made = await house.orders.list_for(draft.customer)
    if len(made) != 1 or sum(created for _, created in results) != 1:
        return "bad: more than one order"
    return "one order" if {order.code for order, _ in results} == {made[0].code} else "bad: two codes shown"


async def test_ten_taps_on_place_make_one_order_and_show_one_code(mongo: Database, clock: FrozenClock, many: int):
    words = await rounds(await a_house(mongo, clock, guarded=True), ten_taps, many)
    assert bad(words) == 0, words


async def test_without_the_unique_index_ten_taps_would_make_ten_orders(mongo: Database, clock: FrozenClock):
    house = House(mongo, clock)  # its indexes were never built
    words = await rounds(house, ten_taps)
    assert bad(words) == ROUNDS, words


# Two unpaid orders of one guest


async def two_checkouts(house: House, n: int) -> str:
    guest = CustomerId(f"cus_u{n}")
    await asyncio.gather(*(house.orders.create(a_draft(customer=guest)) for _ in range(4)), return_exceptions=True)
    unpaid = [o for o in await house.orders.open_for(guest) if o.status is S.AWAITING_PAYMENT]
    return "one" if len(unpaid) == 1 else "bad: several links can be paid"


async def test_two_devices_of_one_guest_leave_one_order_to_pay(mongo: Database, clock: FrozenClock, many: int):
    words = await rounds(await a_house(mongo, clock, guarded=True), two_checkouts, many)
    assert bad(words) == 0, words


async def test_without_the_mark_of_its_guest_there_would_be_several(mongo: Database, clock: FrozenClock):
    words = await rounds(House(mongo, clock), two_checkouts)
    assert bad(words) == ROUNDS, words


# Everything that can say "paid", at once, on three replicas


async def test_webhook_poll_and_browser_at_once_place_the_order_once(mongo: Database, clock: FrozenClock, many: int):
    replicas = [await a_house(mongo, clock, guarded=True) for _ in range(3)]
    for n in range(many):
        order, _ = await replicas[0].orders.create(a_draft(customer=CustomerId(f"cus_w{n}")))
        await replicas[0].settle()
        await replicas[0].sandbox.pay(await replicas[0].link_of(order))
        await asyncio.gather(
            *(house.inbox.inbox_once(None) for house in replicas),
            *(house.payments.reconcile(order.id) for house in replicas),
            *(house.payments.browser_returned(order.id) for house in replicas),
        )
        await asyncio.gather(*(house.settle() for house in replicas))
        final = await replicas[0].orders.require(order.id)
        assert (final.status, final.placed_n, money_back(final).paise) == (S.PLACED, 1, 0)
    told = sum((Counter(house.ears.kinds()) for house in replicas), Counter())
    assert told[K.OUTLET_NEW_ORDER] == told[K.GUEST_PLACED] == many


async def test_three_replicas_that_send_one_refund_send_it_once(mongo: Database, clock: FrozenClock, many: int):
    replicas = [await a_house(mongo, clock, guarded=True) for _ in range(3)]
    for n in range(many):
        guest = CustomerId(f"cus_r{n}")
        order, _ = await replicas[0].orders.create(a_draft(customer=guest))
        await replicas[0].settle()
        payment = await replicas[0].sandbox.pay(await replicas[0].link_of(order))
        await replicas[0].settle()
        await replicas[0].orders.cancel(order.id, guest)
        await asyncio.gather(*(house.outbox.relay_once() for house in replicas))
        await asyncio.gather(*(house.outbox.dispatch_once(None) for house in replicas))
        back = await replicas[0].sandbox.refunds_of(payment.id)
        assert [refund.amount for refund in back] == [TOTAL]


async def test_the_window_job_of_three_replicas_ends_an_order_once(mongo: Database, clock: FrozenClock, many: int):
    replicas = [await a_house(mongo, clock, guarded=True) for _ in range(3)]
    for n in range(many):
        await replicas[0].orders.create(a_draft(customer=CustomerId(f"cus_j{n}")))
    await replicas[0].settle()
    clock.advance(timedelta(minutes=18))
    await asyncio.gather(*(house.payments.expire_due() for house in replicas))
    await asyncio.gather(*(house.settle() for house in replicas))
    told = sum((Counter(house.ears.kinds()) for house in replicas), Counter())
    assert told[K.GUEST_EXPIRED] == many


# A late payment against a new order


async def late_payment_or_new_order(house: House, n: int) -> str:
    guest = CustomerId(f"cus_late_{n}")
    old = await put(house, S.EXPIRED, customer=guest)
    house.clock.set(from_ms(old.ended_ms + 60_000))
    method = PayMethod.CASH if n % 2 else PayMethod.UPI
    news = house.orders.record(old.id, captured(at_ms=house.clock.ms(), payment=PaymentId(f"pay_late_{n}")))
    fresh = house.orders.create(a_draft(method=method, customer=guest))
    both: tuple[Awaitable[object], ...] = (news, fresh) if n % 3 else (fresh, news)
    await asyncio.gather(*both)
    await house.settle()
    old = await house.orders.require(old.id)
    told = [one.kind for one in house.ears.heard if one.order == old.id]
    live = await house.orders.open_for(guest)
    if old.status.live:
        return "revived first" if len(live) == 2 and K.GUEST_REVIVED in told else "bad: two live orders"
    if K.OUTLET_NEW_ORDER in told or money_back(old) != TOTAL or len(live) != 1:
        return "bad: a withdrawn order was cooked, or its money kept"
    return "the new order stands"


async def test_a_late_payment_meets_a_new_order_and_the_guest_has_one_dinner(
    mongo: Database, clock: FrozenClock, many: int
):
    words = await rounds(await a_house(mongo, clock, guarded=True), late_payment_or_new_order, many)
    assert words == {"the new order stands": many}, words


async def test_without_looking_again_there_would_be_two_dinners(
    mongo: Database, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
):
    async def believes(self: Revivals, order: Order) -> bool:
        return True

    async def not_again(self: Revivals, order: Order) -> Order:
        return order

    monkeypatch.setattr(Revivals, "possible", believes)
    monkeypatch.setattr(Revivals, "look_again", not_again)
    words = await rounds(await a_house(mongo, clock, guarded=True), late_payment_or_new_order)
    assert words["the new order stands"] < ROUNDS, words


# A payment belongs to one order for ever


async def bind_both(store: BindingStore, n: int) -> str:
    books = [Binding(id=f"pay_{n}", order=f"ord_{name}", n=1, kind="payment", at_ms=0) for name in "ab"]
    first, second = await asyncio.gather(*(store.bind(binding) for binding in books))
    return "one" if first.order == second.order else "bad: two orders"


async def test_two_orders_that_claim_one_payment_agree_whose_it_is(mongo: Database, many: int):
    store = BindingStore(mongo)
    words = Counter([await bind_both(store, n) for n in range(many)])
    assert bad(words) == 0, words


async def test_without_a_binding_written_once_both_would_keep_it(mongo: Database):
    class Forgetful(BindingStore):
        async def bind(self, binding: Binding) -> Binding:
            return await self.get(binding.id) or binding

    words = Counter([await bind_both(Forgetful(mongo), n) for n in range(ROUNDS)])
    assert bad(words) == ROUNDS, words


async def test_a_payment_of_another_order_places_nothing_and_calls_a_person(house: House):
    one, two = await put(house, S.AWAITING_PAYMENT), await put(house, S.AWAITING_PAYMENT, customer=CustomerId("cus_2"))
    books = Books(store=BindingStore(house.mongo), clock=house.clock)
    view = (await paid_view(house)).model_copy(update={"amount": TOTAL})
    facts: list[Fact] = await books.payment(house.sandbox, one, 1, view)
    await house.orders.record(one.id, *facts)
    stolen = await house.orders.record(two.id, *await books.payment(house.sandbox, two, 1, view))
    assert stolen.status is S.AWAITING_PAYMENT
    assert "payment_bound_elsewhere" in stolen.flags


async def paid_view(house: House):
    order, _ = await house.orders.create(a_draft(customer=CustomerId("cus_3")))
    await house.settle()
    return await house.sandbox.pay(await house.link_of(order), quiet=True)


# Clearing the outbox while the order changes


async def test_relaying_while_facts_arrive_loses_neither(mongo: Database, clock: FrozenClock, many: int):
    house = await a_house(mongo, clock, guarded=True)
    for n in range(many):
        order, _ = await house.orders.create(a_draft(method=PayMethod.CASH, customer=CustomerId(f"cus_q{n}")))
        await asyncio.gather(
            house.outbox.relay_once(),
            house.orders.accept(order.id, MG_ROAD, COOK, 15),
            house.outbox.relay_once(),
        )
    await house.settle()
    for kind in (K.OUTLET_NEW_ORDER, K.GUEST_PLACED, K.GUEST_ACCEPTED, K.OUTLET_CARD):
        assert house.ears.count(kind) == many, kind
    assert await mongo[ORDERS].count_documents({"outbox_n": {"$gt": 0}}) == 0
