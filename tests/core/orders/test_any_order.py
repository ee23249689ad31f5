"""Facts come in any order, any number of times, about several payments at once, while people tap. Money stays exact."""

import itertools
from collections import Counter
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from core.ids import PaymentId, RefundKey
from core.money import Money
from core.orders import absorb, links, models, outcomes, refunds, rows
from core.orders import decide as decide_module
from core.orders.clocks import rung_by
from core.orders.events import Event
from core.orders.facts import (
    Accepted,
    CancelAsked,
    Cancelled,
    CancelRefused,
    DisputeOpened,
    Fact,
    LinkClosed,
    LinkFailed,
    MethodChanged,
    PayAgain,
    PaymentAuthorised,
    PaymentCaptured,
    PaymentFailed,
    Progressed,
    RefundAsked,
    RefundCreated,
    RefundFailed,
    RefundProcessed,
    RefundSent,
    Rejected,
    Timer,
    TimerKind,
    Undone,
)
from core.orders.ledger import LinkEnd, LinkState, Refund, RefundStatus
from core.orders.models import Order
from core.orders.outgoing import DeliveryKind
from core.orders.status import OrderStatus
from core.outlets.models import PayMethod
from tests.core.orders.builders import (
    COOK,
    LUNCH_MS,
    MINUTE,
    MOVES,
    PAYMENT,
    TOTAL,
    a_draft,
    after,
    an_order,
    by_hand,
    captured,
    cash,
    kinds,
    link_opened,
    money_back,
    new_order,
    relayed,
)

S = OrderStatus
K = DeliveryKind
NOW = LUNCH_MS + MINUTE

Message = tuple[Fact, ...]

AUTHORISED: Message = (PaymentAuthorised(at_ms=NOW, payment=PAYMENT, n=1, amount=TOTAL, currency="INR", method="upi"),)
CAPTURED: Message = (captured(at_ms=NOW),)
ORDER_PAID: Message = (captured(at_ms=NOW),)
LINK_PAID: Message = (captured(at_ms=NOW), LinkClosed(at_ms=NOW, n=1, reason=LinkEnd.PAID))
REFUNDED: Message = (by_hand(at_ms=NOW),)
FOUR = {"authorised": AUTHORISED, "captured": CAPTURED, "order.paid": ORDER_PAID, "link.paid": LINK_PAID}


def told(*messages: Message) -> Order:
    order = an_order(S.AWAITING_PAYMENT)
    for facts in messages:
        order = after(order, *facts)
    return order


def document(order: Order) -> dict[str, object]:
    """The order but for what names it, and for the order in which facts came."""
    fields = order.model_dump(exclude={"id", "checkout_id", "day_code", "outbox"})
    fields["facts"] = sorted((fact.key, fact.at_ms) for fact in order.facts)
    fields["outbox"] = [(entry.kind, entry.step, entry.data) for entry in order.outbox]
    return fields


def test_all_24_orders_of_the_four_messages_of_one_payment_end_in_one_document():
    finals = [document(told(*(FOUR[name] for name in order))) for order in itertools.permutations(FOUR)]
    assert len(finals) == 24
    assert all(final == finals[0] for final in finals)
    assert finals[0]["status"] is S.PLACED
    assert finals[0]["placed_n"] == 1


def test_all_120_orders_with_a_refund_by_hand_know_the_same_facts_and_keep_the_money_exact():
    outcomes: Counter[str] = Counter()
    facts = set()
    for messages in itertools.permutations([*FOUR.values(), REFUNDED]):
        order = told(*messages)
        facts.add(tuple(sorted(fact.key for fact in order.facts)))
        assert money_back(order) == TOTAL
        assert not [refund for refund in order.refunds if refund.ours]
        if order.status is S.PLACED:
            assert "review" in order.flags
        else:
            assert order.status is S.AWAITING_PAYMENT
            assert K.OUTLET_NEW_ORDER not in kinds(order)
        outcomes[order.status] += 1
    assert len(facts) == 1
    assert sum(outcomes.values()) == 120
    assert set(outcomes) == {S.PLACED, S.AWAITING_PAYMENT}, "both worlds were visited"


@pytest.mark.parametrize("repeats", [1, 3, 10])
def test_one_fact_under_ten_event_ids_has_one_effect(repeats: int):
    assert document(told(*([CAPTURED] * repeats))) == document(told(CAPTURED))


@dataclass
class Paid:
    """A payment as it stands at the provider, who never returns more than was taken."""

    amount: int
    currency: str
    back: dict[str, int] = field(default_factory=dict)

    @property
    def left(self) -> int:
        return self.amount - sum(self.back.values())


PAYMENTS = st.sampled_from([PaymentId("pay_a"), PaymentId("pay_b"), PaymentId("pay_c")])
RIGHT = (TOTAL.paise, "INR")
MONEY = st.sampled_from([RIGHT, RIGHT, RIGHT, (12_345, "INR"), (TOTAL.paise, "USD")])


class AnyOrder(RuleBasedStateMachine):
    """A provider that is honest about money and careless about news, a guest, a cook and an owner, and a clock."""

    @initialize(
        method=st.sampled_from([PayMethod.UPI, PayMethod.UPI, PayMethod.UPI, PayMethod.CASH]),
        at=st.sampled_from(["new", "link", "paid", "paid"]),
        money=MONEY,
    )
    def begin(self, method: PayMethod, at: str, money: tuple[int, str]) -> None:
        self.now = LUNCH_MS
        self.order = new_order(a_draft(method=method))
        self.paid: dict[PaymentId, Paid] = {}
        self.news: list[Fact] = []
        self.sent: list[tuple[str, str]] = []
        self.goodwill = 0
        self.collect()
        if at != "new":
            self.links_are_served()
        if at == "paid" and method.online:
            self.pays(PaymentId("pay_a"), money, at_once=True)

    # What goes out, and what comes of it

    def collect(self) -> None:
        self.sent += [(entry.kind, entry.id) for entry in self.order.outbox]
        self.order = relayed(self.order)

    def tell(self, *facts: Fact, outlet_open: bool = True) -> None:
        before = self.order
        self.order = after(before, *facts, now_ms=self.now, outlet_open=outlet_open)
        assert after(self.order, now_ms=self.now, outlet_open=outlet_open) == self.order
        assert after(self.order, *(f for f in facts if not f.passing), now_ms=self.now) == self.order or any(
            self.again_is_another(fact) for fact in facts
        )
        self.moves_are_allowed(before)
        self.collect()

    @staticmethod
    def again_is_another(fact: Fact) -> bool:
        """Acts that were refused, and captures in a closed outlet, may come out differently when told again."""
        return fact.by != "provider"

    def moves_are_allowed(self, before: Order) -> None:
        path = [before.status, *(step.status for step in self.order.history[len(before.history) :])]
        for (one, two), step in zip(itertools.pairwise(path), self.order.history[len(before.history) :], strict=True):
            assert two in MOVES[one] or step.note == "undo", f"{one} → {two}"

    # The provider

    @rule(payment=PAYMENTS, money=MONEY, at_once=st.booleans())
    def pays(self, payment: PaymentId, money: tuple[int, str], at_once: bool) -> None:
        if payment in self.paid:
            return
        paid = self.paid[payment] = Paid(*money)
        fact = PaymentCaptured(
            at_ms=self.now,
            by="provider",
            payment=payment,
            n=len(self.order.links),
            amount=Money(paid.amount),
            currency=paid.currency,
        )
        self.news.append(fact)
        if at_once:
            self.tell(fact)

    @rule(payment=PAYMENTS, kind=st.sampled_from([PaymentFailed, PaymentAuthorised]))
    def reports(self, payment: PaymentId, kind: type[PaymentFailed] | type[PaymentAuthorised]) -> None:
        self.news.append(kind(at_ms=self.now, by="provider", payment=payment, n=1, amount=TOTAL, currency="INR"))

    @rule(payment=PAYMENTS, part=st.integers(1, 4))
    def hand_refunds(self, payment: PaymentId, part: int) -> None:
        paid = self.paid.get(payment)
        if paid is None or paid.left < part:
            return
        amount = paid.left if part == 4 else paid.left // part
        refund_id = f"hand_{payment}_{len(paid.back)}"
        paid.back[refund_id] = amount
        kind = RefundCreated if part % 2 else RefundProcessed
        self.news.append(
            kind(at_ms=self.now, by="provider", payment=payment, amount=Money(amount), provider_id=refund_id)
        )

    @rule(data=st.data(), lose=st.booleans())
    def news_arrives(self, data: st.DataObject, lose: bool) -> None:
        """Any report, in any order; when it is not lost it may come again."""
        if not self.news:
            return
        fact = data.draw(st.sampled_from(self.news))
        self.tell(fact, outlet_open=lose)

    @rule(answer=st.sampled_from(["done", "done", "pending", "refused", "silence"]))
    def refund_is_made(self, answer: str) -> None:
        for refund in self.order.refunds:
            if refund.status in (RefundStatus.DUE, RefundStatus.SENT):
                self.make(refund, answer)
                return

    def make(self, refund: Refund, answer: str) -> None:
        """As the payment service does it: say that it is sent, then send, then record what came of it."""
        self.tell(RefundSent(at_ms=self.now, refund_key=refund.key))
        now = self.order.refund(refund.key)
        assert now is not None
        if now.status is not RefundStatus.SENT:
            return
        paid = self.paid[refund.payment]
        if answer != "refused" and paid.left >= refund.amount.paise and refund.key not in paid.back:
            paid.back[refund.key] = refund.amount.paise
        if answer == "silence":
            return
        facts = {"payment": refund.payment, "amount": refund.amount, "refund_key": refund.key, "by": "provider"}
        if refund.key not in paid.back:
            hand = [fact for fact in self.news if isinstance(fact, RefundCreated | RefundProcessed)]
            self.tell(*hand, RefundFailed(at_ms=self.now, reason="refused", **facts))
            return
        kind = RefundProcessed if answer == "done" else RefundCreated
        self.tell(kind(at_ms=self.now, provider_id=f"r_{refund.key}", **facts))

    @rule()
    def links_are_served(self) -> None:
        for link in self.order.links:
            if link.state is LinkState.WANTED:
                self.tell(link_opened(link.n, at_ms=self.now))
            elif link.state is LinkState.CLOSING:
                self.tell(LinkClosed(at_ms=self.now, by="provider", n=link.n, reason=LinkEnd.CANCELLED))

    @rule(final=st.booleans())
    def link_fails(self, final: bool) -> None:
        self.tell(LinkFailed(at_ms=self.now, n=len(self.order.links), reason="timeout", final=final))

    # The clock

    @rule(minutes=st.integers(0, 40))
    def time_passes(self, minutes: int) -> None:
        self.now += minutes * MINUTE + 1

    @rule()
    def clocks_ring(self) -> None:
        self.tell(*rung_by(self.order, self.now))

    @rule(close=st.booleans())
    def window_closes(self, close: bool) -> None:
        standing = [link for link in self.order.links if link.state in (LinkState.OPEN, LinkState.WANTED)]
        closed = [LinkClosed(at_ms=self.now, n=link.n, reason=LinkEnd.EXPIRED, ours=True) for link in standing]
        timer = Timer(at_ms=self.now, timer=TimerKind.WINDOW_OVER, level=len(self.order.links))
        self.tell(*(closed if close else []), timer)

    # People

    @rule(to=st.sampled_from([S.PREPARING, S.READY, S.OUT_FOR_DELIVERY, S.COMPLETED]))
    def cook_moves_on(self, to: OrderStatus) -> None:
        self.tell(Progressed(at_ms=self.now, by=COOK, step=self.order.acts, to=to))

    @rule(minutes=st.integers(0, 60))
    def cook_accepts(self, minutes: int) -> None:
        self.tell(Accepted(at_ms=self.now, by=COOK, step=self.order.acts, minutes=minutes))

    @rule(what=st.sampled_from(["reject", "undo", "refuse cancel", "cash"]))
    def cook(self, what: str) -> None:
        step = {"at_ms": self.now, "by": COOK, "step": self.order.acts}
        match what:
            case "reject":
                self.tell(Rejected(reason="busy", **step))
            case "undo":
                self.tell(Undone(**step))
            case "refuse cancel":
                self.tell(CancelRefused(**step))
            case _:
                self.tell(cash(self.order, self.now))

    @rule(part=st.one_of(st.none(), st.integers(0, TOTAL.paise)))
    def owner_cancels(self, part: int | None) -> None:
        refund = None if part is None else Money(part)
        self.tell(Cancelled(at_ms=self.now, by="owner", step=self.order.acts, reason="x", refund=refund))

    @rule(amount=st.one_of(st.none(), st.integers(1, TOTAL.paise)))
    def owner_refunds(self, amount: int | None) -> None:
        self.goodwill += 1
        given = None if amount is None else Money(amount)
        self.tell(RefundAsked(at_ms=self.now, by="owner", request=f"r{self.goodwill}", amount=given))

    @rule(method=st.sampled_from([PayMethod.CARD, PayMethod.CASH, PayMethod.UPI]))
    def guest_changes_method(self, method: PayMethod) -> None:
        self.tell(MethodChanged(at_ms=self.now, by="guest", step=self.order.acts, method=method))

    @rule(what=st.sampled_from([CancelAsked, PayAgain]))
    def guest(self, what: type[CancelAsked] | type[PayAgain]) -> None:
        self.tell(what(at_ms=self.now, by="guest", step=self.order.acts))

    @rule(payment=PAYMENTS)
    def bank_disputes(self, payment: PaymentId) -> None:
        self.tell(DisputeOpened(at_ms=self.now, payment=payment, dispute=f"d_{payment}"))

    # What always holds

    @invariant()
    def never_more_goes_back_than_was_taken(self) -> None:
        """I5. A refund that was sent before a hand was faster may overlap until the provider refuses it."""
        for payment in self.order.payments:
            if payment.captured:
                known = sum(
                    refund.amount.paise
                    for refund in self.order.refunds
                    if refund.payment == payment.id and refund.status.counts and refund.status is not RefundStatus.SENT
                )
                assert known <= payment.amount.paise

    @invariant()
    def an_order_is_paid_by_one_payment_of_its_exact_amount(self) -> None:
        """I3. Money that was given back may only lower what the house has, never what paid the order."""
        if self.order.kept is not None:
            payment = self.order.payment(self.order.kept)
            assert payment is not None
            assert (payment.amount, payment.currency) == (TOTAL, "INR")
        live = self.order.online and self.order.placed_ms and self.order.status not in (S.CANCELLED, S.REJECTED)
        if live:
            assert self.order.kept is not None
            hand = [r for r in self.order.refunds if r.payment == self.order.kept and not r.ours and r.status.counts]
            assert not hand or "review" in self.order.flags

    @invariant()
    def unkept_money_is_on_its_way_back(self) -> None:
        """I4."""
        ended = self.order.status in (S.CANCELLED, S.REJECTED, S.EXPIRED)
        for payment in self.order.payments:
            if payment.captured and (payment.id != self.order.kept or ended):
                back = self.order.covered(payment.id) + payment.withheld
                assert back.paise >= payment.amount.paise

    @invariant()
    def the_kitchen_hears_once_and_only_of_paid_orders(self) -> None:
        """I6, I7."""
        heard = [entry for kind, entry in self.sent if kind == K.OUTLET_NEW_ORDER]
        assert len(heard) == self.order.placed_n <= 1
        if heard:
            assert self.order.kept is not None or not self.order.online
        if heard and self.order.status is S.CANCELLED:
            assert any(kind == K.OUTLET_STOP for kind, _ in self.sent)
        assert self.order.accepted_n <= 1

    @invariant()
    def only_an_order_that_waits_can_be_paid(self) -> None:
        if self.order.status is not S.AWAITING_PAYMENT:
            assert not [link for link in self.order.links if link.state in (LinkState.OPEN, LinkState.WANTED)]

    @invariant()
    def one_unpaid_order_marks_its_guest(self) -> None:
        assert (self.order.unpaid_of is not None) is (self.order.status is S.AWAITING_PAYMENT)

    @invariant()
    def nothing_goes_out_twice_under_two_names(self) -> None:
        commands = [entry for kind, entry in self.sent if kind == K.PROVIDER_REFUND]
        assert len(commands) == len(set(commands))

    @invariant()
    def what_is_stored_is_what_was_decided(self) -> None:
        assert Order.from_document(self.order.to_document()) == self.order

    def teardown(self) -> None:
        """Let everything come to rest, then count the money at the provider."""
        if not hasattr(self, "order"):
            return
        for _ in range(12):
            for fact in self.news:
                self.tell(fact)
            for refund in self.order.refunds:
                if refund.status in (RefundStatus.DUE, RefundStatus.SENT, RefundStatus.PENDING):
                    self.settle(refund)
        assert not [refund for refund in self.order.refunds if refund.status.under_way and refund.ours]
        for payment_id, paid in self.paid.items():
            payment = self.order.payment(payment_id)
            assert payment is not None
            by_person = sum(
                refund.amount.paise
                for refund in self.order.refunds
                if refund.payment == payment_id and refund.status is RefundStatus.MANUAL
            )
            returns = payment_id != self.order.kept or self.order.status in (S.CANCELLED, S.REJECTED, S.EXPIRED)
            if returns:
                assert paid.left == by_person + min(payment.withheld.paise, paid.left - by_person)
            assert paid.left >= by_person

    def settle(self, refund: Refund) -> None:
        if refund.ours and refund.status is not RefundStatus.PENDING:
            self.make(refund, "done")
            return
        self.tell(
            RefundProcessed(
                at_ms=self.now,
                by="provider",
                payment=refund.payment,
                amount=refund.amount,
                refund_key=refund.key if refund.ours else RefundKey(""),
                provider_id=refund.provider_id,
            )
        )


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(  # a look each time; the long search is below
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.deep
@pytest.mark.timeout(3_600)
def test_a_long_search_finds_no_harm():
    search = settings(TestAnyOrder.settings, max_examples=5_000, stateful_step_count=60)
    run_state_machine_as_test(AnyOrder, settings=search)


def forget_keys(order: Order, facts: tuple[Fact, ...]) -> Order:
    return order.model_copy(update={"fresh": tuple(facts)})


def nothing(*_: object) -> None:
    """The guard is out."""


def always(*_: object) -> bool:
    return True


def keeps_anything(order: Order, fact: PaymentCaptured) -> Event:
    return Event.FIRST_CAPTURE


# Each guard with what is put in its place: where, which name, what instead.
GUARDS: dict[str, list[tuple[object, str, object]]] = {
    "a fact has a key": [(models.Order, "with_facts", forget_keys)],
    "captures are told apart": [(rows, "_capture", keeps_anything)],
    "unused money goes back": [(outcomes.OUTCOMES, "refund", nothing)],
    "cancelled money goes back": [(outcomes.OUTCOMES, "refund_all", nothing)],
    "what a hand did is subtracted": [(refunds, "_withdraw", nothing)],
    "a refund is written before it is sent": [(absorb, "_refund_status", nothing)],
    "acts are judged on the order as it is": [(decide_module, "makes_sense", always)],
    "links of an order that ended are closed": [(links, "close_these", nothing)],
}


# Harm that only a thousand examples find: test_money_back shows the guard at work, the deep run what is without it.
RARE = ("what a hand did is subtracted",)


@pytest.mark.parametrize(
    "guard", [pytest.param(guard, marks=[pytest.mark.deep] if guard in RARE else []) for guard in GUARDS]
)
def test_without_the_guard_the_same_search_finds_the_harm(guard: str, monkeypatch: pytest.MonkeyPatch):
    for place, name, instead in GUARDS[guard]:
        if isinstance(place, dict):
            monkeypatch.setitem(place, name, instead)
        else:
            monkeypatch.setattr(place, name, instead)
    # Without shrinking: that there is harm is enough.
    search = settings(
        TestAnyOrder.settings,
        max_examples=1500,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        print_blob=False,
    )
    with pytest.raises(AssertionError):
        run_state_machine_as_test(AnyOrder, settings=search)
