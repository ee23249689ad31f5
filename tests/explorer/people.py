"""What can happen next in a schedule: people, the provider's news, jobs, the clock, death."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from core.ids import CustomerId, OrderId
from core.money import Money
from core.orders.models import Order
from core.orders.status import OrderStatus
from core.outlets.models import PayMethod
from core.payments.models import LinkStatus, PaymentState, RefundState
from tests.core.orders.builders import COOK, MG_ROAD, TOTAL, a_draft
from tests.explorer.bank import NAME, BankLink, BankPayment, BankRefund, Letter
from tests.explorer.judge import Answer
from tests.explorer.world import LEASE_S, Process, World

S = OrderStatus
GUESTS = (CustomerId("cus_asha"), CustomerId("cus_bina"))
COOKS = (COOK, "telegram:8")
JOBS = ("inbox", "expire", "reconcile", "ladder", "send")
MOST_ORDERS = 3
MOST_AT_ONCE = 7
JUMPS_S = (5, 31, 61, 185, 610, 970, 1_090)


Act = Callable[[], None]


class People:
    def __init__(self, world: World) -> None:
        self.world = world
        self.rng = world.rng
        self.letters: list[Letter] = []  # on their way; a lost one never gets here
        self.delivered: list[Letter] = []
        self.drafts: list[Any] = []
        self.wishes = 0
        # Some of what can happen is left out of each schedule, some comes often: so schedules differ in kind.
        self.taste = {name: self.rng.choice([0.0, 0.5, 1.0, 1.0, 3.0]) for name in WEIGHTS}
        self.taste |= dict.fromkeys(("order", *JOBS), 1.0)

    def next(self) -> bool:
        """Let something happen. False: nothing can."""
        self.collect()
        can = dict(self._can())
        states = {order.status for order in self._orders()}
        odds = [
            WEIGHTS[name] * self.taste[name] * (RARELY if name in FITS and not states & set(FITS[name]) else 1)
            for name in can
        ]
        if not any(odds):
            return False
        (name,) = self.rng.choices(list(can), odds)
        self.world.seen[name] += 1
        can[name]()
        return True

    def collect(self) -> None:
        """Take the provider's news to the road, where some of it is lost."""
        for letter in self.world.ledger.news:
            if self.rng.random() >= self.world.weather.lose:
                self.letters.append(letter)
            else:
                self.world.tell(f"news lost: {letter.what}")
        self.world.ledger.news.clear()

    # What can happen now

    def _can(self) -> Iterator[tuple[str, Act]]:
        world, ledger = self.world, self.world.ledger
        orders = self._orders()
        if len(self.drafts) < MOST_ORDERS:
            yield "order", self.order
        if self.drafts:
            yield "place again", self._place_again
        if not orders:
            return
        if len(world.doing) < MOST_AT_ONCE:
            for job in (*JOBS, "relay", "dispatch"):
                yield job, partial(self._some_job, job)
            for name in PERSON:
                yield name, partial(self._person, name)
        if not world.busy:
            yield "wait", lambda: world.pass_time(self.rng.choice(JUMPS_S))
        elif world.busy_s < LEASE_S:
            yield "tick", self._tick
        if self.letters:
            yield "news", self._news
        if self.delivered and world.weather.repeat:
            yield "old news", self._old_news
        yield "outlet", self._outlet
        open_links = [link for link in ledger.links.values() if ledger.payable(link) and self._shown(link)]
        if open_links:
            for name, act in self._at_the_bank(open_links):
                yield name, act
        tried = [
            (link, p) for link, p in ledger.payments() if p.state in (PaymentState.AUTHORISED, PaymentState.FAILED)
        ]
        if tried:
            yield "late capture", lambda: ledger.capture(*self._told("captured late", self.rng.choice(tried)))
        taken = [(link, payment) for link, payment in ledger.payments() if payment.left]
        if taken:
            yield "refund by hand", lambda: self._by_hand(*self.rng.choice(taken))
        moving = self.moving()
        if moving:
            yield "refund settles", lambda: self._settles(*self.rng.choice(moving))
        strays = self._strays()
        if strays:
            yield "stray news", lambda: self._stray(*self.rng.choice(strays))

    def _at_the_bank(self, links: list[BankLink]) -> Iterator[tuple[str, Act]]:
        ledger, rng = self.world.ledger, self.rng

        def link(what: str) -> BankLink:
            chosen = rng.choice(links)
            self.world.tell(f"{chosen.id} of {chosen.order}: {what}")
            return chosen

        yield "pay", lambda: void(ledger.pay(link("paid")))
        yield "pay wrongly", lambda: void(ledger.pay(link("paid one rupee less"), TOTAL.paise - 100))
        yield "pay abroad", lambda: void(ledger.pay(link("paid in dollars"), None, "USD"))
        yield "fail", lambda: void(ledger.fail(link("payment failed")))
        yield "two tabs", lambda: self._two_tabs(link("paid in one tab, begun in another"))
        yield "authorise", lambda: void(ledger.authorise(link("payment authorised")))

    def _two_tabs(self, link: BankLink) -> None:
        self.world.ledger.authorise(link)
        self.world.ledger.pay(link)

    # Jobs and time

    def _some_job(self, job: str) -> None:
        self.job(self._process(), job)

    def job(self, who: Process, job: str) -> None:
        coro = {
            "send": lambda: _send(who),
            "relay": who.outbox.relay_once,
            "dispatch": lambda: who.outbox.dispatch_once(None),
            "inbox": lambda: who.inbox.inbox_once(None),
            "expire": who.payments.expire_due,
            "reconcile": who.payments.reconcile_due,
            "ladder": who.orders.accept_ladder_due,
        }[job]()
        self.world.start(who, f"{job}#{next(self.world.numbers)}", coro)

    def jobs_with_work(self) -> Iterator[str]:
        """Those that would find something; a job that finds nothing changes nothing."""
        now, memory = self.world.clock.ms(), self.world.memory
        open_now = {"state": {"$in": ["new", "leased"]}, "next_ms": {"$lte": now}}
        due = {"due_ms": {"$lte": now}}
        if memory.table("inbox").first(open_now):
            yield "inbox"
        if memory.table("orders").first({**due, "status": S.AWAITING_PAYMENT.value}):
            yield "expire"
        if memory.table("orders").first({"next_check_ms": {"$lte": now}}):
            yield "reconcile"
        if memory.table("orders").first(due):
            yield "ladder"
        if memory.table("orders").first({"outbox_n": {"$gt": 0}}) or memory.table("deliveries").first(open_now):
            yield "send"

    def _tick(self) -> None:
        self.world.busy_s += 2
        self.world.pass_time(2)

    def _outlet(self) -> None:
        self.world.outlet_open = not self.world.outlet_open
        self.world.tell("the outlet opens" if self.world.outlet_open else "the outlet closes")

    # People

    def order(self, method: PayMethod | None = None) -> None:
        method = method or self.rng.choice([PayMethod.UPI, PayMethod.UPI, PayMethod.CARD, PayMethod.CASH])
        promised_ms = self.world.clock.ms() + 40 * 60_000
        checkout = f"chk_{len(self.drafts) + 1}"
        customer = GUESTS[int(self.rng.random() < 0.3)]
        self.drafts.append(a_draft(method=method, customer=customer, checkout=checkout, promised_ms=promised_ms))
        self._place(self.drafts[-1])

    def _place_again(self) -> None:
        self._place(self.rng.choice(self.drafts))

    def _place(self, draft: Any) -> None:
        who = self._process()

        async def place() -> None:
            order, _ = await who.orders.create(draft)
            self.world.judge.checkouts.setdefault(draft.checkout_id, set()).add(order.id)

        self.world.start(who, f"place {draft.checkout_id}#{next(self.world.numbers)}", place())

    def _person(self, name: str) -> None:
        who, order = self._process(), self._likely(name)
        what = f"{name} {order.id}#{next(self.world.numbers)}"
        self.world.start(who, what, PERSON[name](self, who, order))

    async def accept(self, who: Process, order: Order) -> None:
        cook = self.rng.choice(COOKS)
        now = await who.orders.accept(order.id, MG_ROAD, cook, 25)
        if now.status is S.ACCEPTED:
            self._answered(cook, "accept", order.id)

    async def reject(self, who: Process, order: Order) -> None:
        now = await who.orders.reject(order.id, MG_ROAD, self.rng.choice(COOKS), "busy")
        if now.status is S.REJECTED:
            self._answered("cook", "reject", order.id)

    async def advance(self, who: Process, order: Order) -> None:
        to = self.rng.choice([S.PREPARING, S.READY, S.OUT_FOR_DELIVERY, S.COMPLETED])
        now = await who.orders.advance(order.id, MG_ROAD, COOKS[0], to)
        if now.status is to:
            self._answered("cook", to, order.id)

    async def undo(self, who: Process, order: Order) -> None:
        await who.orders.undo(order.id, MG_ROAD, COOKS[0])

    async def cash(self, who: Process, order: Order) -> None:
        await who.orders.collect_cash(order.id, MG_ROAD, COOKS[0])

    async def door(self, who: Process, order: Order) -> None:
        await who.orders.door_link(order.id, MG_ROAD, COOKS[0])

    async def cancel(self, who: Process, order: Order) -> None:
        now = await who.orders.cancel(order.id, order.customer, "hungry no more")
        if now.status is S.CANCELLED:
            self._answered("guest", "cancel", order.id)

    async def ask_to_cancel(self, who: Process, order: Order) -> None:
        await who.orders.ask_to_cancel(order.id, order.customer)

    async def agree(self, who: Process, order: Order) -> None:
        await who.orders.answer_cancel_request(order.id, MG_ROAD, COOKS[0], self.rng.random() < 0.5)

    async def pay_again(self, who: Process, order: Order) -> None:
        await who.orders.pay_again(order.id, order.customer)

    async def change_method(self, who: Process, order: Order) -> None:
        method = self.rng.choice([PayMethod.CARD, PayMethod.CASH, PayMethod.UPI])
        await who.orders.change_method(order.id, order.customer, method)

    async def browser(self, who: Process, order: Order) -> None:
        await who.payments.browser_returned(order.id)

    async def force_cancel(self, who: Process, order: Order) -> None:
        part = self.rng.choice([None, None, Money(0), Money(20_000)])
        now = await who.orders.force_cancel(order.id, "owner", "kitchen on fire", part)
        if now.status is S.CANCELLED:
            self._answered("owner", "cancel", order.id)

    async def goodwill(self, who: Process, order: Order) -> None:
        """Half of the wishes are sent again under the same name, as a nervous thumb does."""
        if self.rng.random() < 0.5 or not self.wishes:
            self.wishes += 1
        wish = f"wish-{self.rng.randint(1, self.wishes)}"
        self.world.judge.asked_refunds.setdefault(order.id, set()).add(wish)
        await who.orders.refund(order.id, "owner", "cold", Money(12_000 + 100 * int(wish[5:])), request=wish)

    def _answered(self, who: str, did: str, order_id: OrderId) -> None:
        self.world.judge.answers.append(Answer(who, did, order_id))

    # The provider

    def _news(self) -> None:
        letter = self.letters.pop(self.rng.randrange(len(self.letters)))
        self.delivered.append(letter)
        self.deliver(letter)

    def _old_news(self) -> None:
        letter = self.rng.choice(self.delivered)
        new_name = self.rng.random() < 0.5
        self.deliver(letter, f"{letter.id}~{next(self.world.numbers)}" if new_name else letter.id)

    def deliver(self, letter: Letter, event_id: str = "") -> None:
        who = self._process()
        name = f"news {letter.what}#{next(self.world.numbers)}"
        self.world.start(who, name, who.inbox.put(NAME, event_id or letter.id, letter.lane, letter.raw))

    def _by_hand(self, link: BankLink, payment: BankPayment) -> None:
        amount = self.rng.choice([payment.left, payment.left // 2, 5_000])
        self.world.tell(f"{payment.id}: {amount} refunded by hand")
        self.world.ledger.refund_by_hand(link, payment, amount)

    def moving(self) -> list[tuple[BankLink, BankPayment, BankRefund]]:
        return [
            (link, payment, refund)
            for link, payment in self.world.ledger.payments()
            for refund in payment.refunds
            if refund.state is RefundState.PENDING
        ]

    def _settles(self, link: BankLink, payment: BankPayment, refund: BankRefund) -> None:
        fails = bool(refund.key) and self.rng.random() < 0.3
        self.settle(link, payment, refund, RefundState.FAILED if fails else RefundState.PROCESSED)

    def settle(self, link: BankLink, payment: BankPayment, refund: BankRefund, state: RefundState) -> None:
        self.world.tell(f"{refund.id} of {payment.id}: {state}")
        self.world.ledger.settle(link, payment, refund, state)

    def _strays(self) -> list[tuple[BankPayment, BankLink]]:
        """Payments whose owner is written down, and links of other orders."""
        bound = self.world.memory.table("payments").documents
        return [
            (payment, other)
            for link, payment in self.world.ledger.payments()
            if payment.captured and payment.id in bound
            for other in self.world.ledger.links.values()
            if other.order != link.order and other.status is not LinkStatus.PAID
        ]

    def _stray(self, payment: BankPayment, other: BankLink) -> None:
        self.deliver(self.world.ledger.letter_of_another_order(payment, other))

    def _told(self, what: str, pair: tuple[BankLink, BankPayment]) -> tuple[BankLink, BankPayment]:
        self.world.tell(f"{pair[1].id}: {what}")
        return pair

    # Who and what there is

    def _process(self) -> Process:
        return self.rng.choice(self.world.processes)

    def _orders(self) -> list[Order]:
        return self.world.judge.orders()

    def _likely(self, name: str) -> Order:
        """Mostly an order of which it makes sense; sometimes any, as old buttons allow."""
        orders = self._orders()
        fitting = [order for order in orders if order.status in FITS[name]]
        return self.rng.choice(fitting if fitting and self.rng.random() < 0.9 else orders)

    def _shown(self, link: BankLink) -> bool:
        return link.id in self.world.judge.shown_links


async def _send(who: Process) -> None:
    await who.outbox.relay_once()
    await who.outbox.dispatch_once(None)


def void(_: object) -> None:
    """What is done at the bank is seen in its books."""


PERSON: dict[str, Callable[[People, Process, Order], Any]] = {
    "accept": People.accept,
    "reject": People.reject,
    "advance": People.advance,
    "undo": People.undo,
    "cash": People.cash,
    "door": People.door,
    "cancel": People.cancel,
    "ask to cancel": People.ask_to_cancel,
    "agree": People.agree,
    "pay again": People.pay_again,
    "change method": People.change_method,
    "browser": People.browser,
    "force cancel": People.force_cancel,
    "goodwill": People.goodwill,
}
WAITS, COOKS_IT = (S.AWAITING_PAYMENT,), (S.ACCEPTED, S.PREPARING, S.READY, S.OUT_FOR_DELIVERY)
FITS: dict[str, tuple[OrderStatus, ...]] = {
    "accept": (S.PLACED,),
    "reject": (S.PLACED,),
    "advance": COOKS_IT,
    "undo": COOKS_IT,
    "cash": COOKS_IT,
    "door": COOKS_IT,
    "cancel": (*WAITS, S.PLACED),
    "ask to cancel": (S.PLACED, *COOKS_IT),
    "agree": COOKS_IT,
    "pay again": WAITS,
    "change method": WAITS,
    "browser": (*WAITS, S.EXPIRED),
    "force cancel": (*WAITS, S.PLACED, *COOKS_IT, S.COMPLETED),
    "goodwill": (S.PLACED, *COOKS_IT, S.COMPLETED),
}
RARELY = 0.05  # of its weight is left to what does not fit any order
WEIGHTS = {
    "order": 0.7,
    "place again": 0.2,
    "send": 5.0,
    "relay": 0.7,
    "dispatch": 0.7,
    "inbox": 3.0,
    "expire": 1.0,
    "reconcile": 1.0,
    "ladder": 0.7,
    "accept": 1.0,
    "reject": 0.4,
    "advance": 1.0,
    "undo": 0.3,
    "cash": 0.3,
    "door": 0.6,
    "cancel": 0.6,
    "ask to cancel": 0.3,
    "agree": 0.3,
    "pay again": 0.3,
    "change method": 0.3,
    "browser": 0.3,
    "force cancel": 0.3,
    "goodwill": 1.2,
    "wait": 2.0,
    "tick": 0.5,
    "news": 4.0,
    "old news": 1.0,
    "outlet": 0.1,
    "pay": 3.0,
    "pay wrongly": 0.3,
    "pay abroad": 0.1,
    "fail": 0.3,
    "two tabs": 1.0,
    "authorise": 0.8,
    "late capture": 1.5,
    "refund by hand": 0.4,
    "refund settles": 1.0,
    "stray news": 2.0,
}
