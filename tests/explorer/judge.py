"""What must hold, looked at from outside: on every write, on every message, and when all has come to rest.

The numbers are those of the invariants in RELIABILITY.md §2.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from core.clock import Clock
from core.ids import OrderId, PaymentId
from core.orders.clocks import HARD_STOP_MS, MINUTE_MS
from core.orders.facts import Cancelled, RefundAsked
from core.orders.ledger import LinkState, RefundStatus
from core.orders.models import Order
from core.orders.outgoing import DeliveryKind
from core.orders.status import OrderStatus
from core.outbox.models import Delivery
from tests.core.orders.builders import MOVES, TOTAL
from tests.explorer.bank import BankLink, BankPayment, Ledger
from tests.explorer.memory import Doc, Memory

S = OrderStatus
K = DeliveryKind
NOT_TO_COOK = (S.AWAITING_PAYMENT, S.REJECTED, S.CANCELLED, S.EXPIRED)
ENDED_UNEATEN = (S.REJECTED, S.CANCELLED, S.EXPIRED)
AT_ONCE_MS = MINUTE_MS


@dataclass
class Answer:
    """What somebody was told about their order, which must stay true."""

    who: str
    did: str
    order: OrderId


@dataclass
class Judge:
    clock: Clock
    ledger: Ledger
    harm: list[str] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    checkouts: dict[str, set[OrderId]] = field(default_factory=dict)  # what each was answered
    told: Counter[str] = field(default_factory=Counter)  # deliveries that were heard
    shown_links: set[str] = field(default_factory=set)
    asked_refunds: dict[OrderId, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.memory = Memory()
        self._status_when_claimed: dict[str, OrderStatus] = {}
        self._alive_when_revived: dict[OrderId, set[OrderId]] = {}

    def say(self, harm: str) -> None:
        self.harm.append(harm)

    # On every write

    def written(self, collection: str, before: Doc | None, after: Doc | None) -> None:
        if after is None:
            return
        if collection == "orders":
            self.shown_links |= {link["id"] for link in after["links"] if link["id"]}
            if before is not None:
                self._order_written(before, after)
        elif collection == "deliveries" and after["state"] == "leased":
            order = self.memory.table("orders").documents.get(after["order"])
            if order is not None:
                self._status_when_claimed[after["_id"]] = S(order["status"])

    def _order_written(self, before: Doc, after: Doc) -> None:
        """I18: forward only, and history is only added to."""
        if after["v"] != before["v"] + 1:
            self.say(f"{after['_id']}: version {before['v']} became {after['v']}")
        if _plain(after["history"][: len(before["history"])]) != _plain(before["history"]):
            self.say(f"{after['_id']}: I18 history was rewritten")
        status = S(before["status"])
        for step in after["history"][len(before["history"]) :]:
            if S(step["status"]) not in MOVES[status] and step["note"] != "undo":
                self.say(f"{after['_id']}: I18 {status} became {step['status']}")
            status = S(step["status"])
        if status is not S(after["status"]):
            self.say(f"{after['_id']}: I18 its status is not the last of its history")
        if status is S.EXPIRED and before["status"] == S.AWAITING_PAYMENT:
            self._expired(after)
        if before["status"] == S.EXPIRED and status is S.PLACED:
            self._alive_when_revived[OrderId(after["_id"])] = {
                other.id
                for other in self.orders()
                if other.customer == after["customer"] and other.created_ms > after["created_ms"] and other.status.live
            }
        if sum(link["state"] == LinkState.OPEN for link in after["links"]) > 1:
            self.say(f"{after['_id']}: I3 two of its links can be paid")
        if after["placed_n"] > 1:
            self.say(f"{after['_id']}: I6 placed {after['placed_n']} times")
        if after["accepted_n"] > 1:
            self.say(f"{after['_id']}: I6 accepted {after['accepted_n']} times")

    def _expired(self, order: Doc) -> None:
        """An order ends unpaid only when its link is closed and everything the provider has was asked for (3.3)."""
        if self.clock.ms() >= order["created_ms"] + HARD_STOP_MS:
            return
        for link in self._links_of(OrderId(order["_id"])):
            if link.id in self.shown_links and self.ledger.payable(link):
                self.say(f"{order['_id']}: I16 expired while {link.id} can be paid")
            for payment in link.payments:
                if pays(payment) and not payment.late and not payment.back:
                    self.say(f"{order['_id']}: expired although {payment.id} had paid it in time")

    # On every message

    def heard(self, delivery: Delivery) -> None:
        self.told[delivery.id] += 1
        if delivery.kind is not K.OUTLET_NEW_ORDER:
            return
        order = Order.from_document(self.memory.table("orders").documents[delivery.order])
        if order.online and order.kept is None:
            self.say(f"{order.id}: I7 the kitchen heard of an unpaid order")
        status = self._status_when_claimed[delivery.id]
        if status in NOT_TO_COOK:
            self.say(f"{order.id}: I7 the kitchen heard of an order that was {status} when its turn came")

    # At rest

    def orders(self) -> list[Order]:
        return [Order.from_document(document) for document in self.memory.table("orders").documents.values()]

    def at_rest(self, *, fair: bool) -> None:
        orders = self.orders()
        by_checkout: Counter[str] = Counter(order.checkout_id for order in orders)
        for checkout, ids in self.checkouts.items():
            if by_checkout[checkout] != 1 or len(ids) != 1:
                self.say(f"{checkout}: I1 I2 {by_checkout[checkout]} orders, shown {sorted(ids)}")
        keeps: Counter[PaymentId] = Counter(order.kept for order in orders if order.kept is not None)
        for payment_id, n in keeps.items():
            if n > 1:
                self.say(f"I3 {payment_id} pays {n} orders")
        for order in orders:
            for harm in self._order_at_rest(order):
                self.say(f"{order.id}: {harm}")
        for harm in self._revived(orders):
            self.say(harm)
        for answer in self.answers:
            self._answer(answer, {order.id: order for order in orders}[answer.order])
        for delivery, n in self.told.items():
            if fair and n > 1:
                self.say(f"{delivery} was heard {n} times though nothing went wrong")

    def _order_at_rest(self, order: Order) -> Iterator[str]:
        if order.status is S.AWAITING_PAYMENT:
            yield "I16 still waits for its payment"
        if order.outbox_n or order.outbox:
            yield "its outbox is not empty"
        links = self._links_of(order.id)
        for link in links:
            shown = order.door_link is not None and order.door_link.id == link.id  # by the rider, who waits for it
            if link.id in self.shown_links and self.ledger.payable(link) and not shown:
                yield f"I16 {link.id} can still be paid"
        yield from self._told_the_kitchen(order)
        eaten = order.status not in ENDED_UNEATEN
        if order.online and eaten:
            kept = [payment for link in links for payment in link.payments if payment.id == order.kept]
            if len(kept) != 1 or not pays(kept[0]):
                yield f"I3 {order.status} and paid by {kept}"
            elif kept[0].by_hand and "review" not in order.flags:
                yield "I3 somebody gave its money back by hand and nobody looks at it"
        for link in links:
            for payment in link.payments:
                yield from self._payment_at_rest(order, payment)

    def _payment_at_rest(self, order: Order, payment: BankPayment) -> Iterator[str]:
        """I3, I4, I5 and the amounts: what the provider has given back is what it had to."""
        refunds = [refund for refund in order.refunds if refund.payment == payment.id]
        known = order.payment(payment.id)
        if not payment.captured:
            if refunds:
                yield f"I5 {payment.id} was never captured and is given back"
            return
        if known is None or not known.captured:
            yield f"I4 nobody knows that {payment.id} was captured"
            return
        if payment.back > payment.amount:
            yield f"I5 {payment.id} is given back twice"
        for key, n in Counter(refund.key for refund in payment.refunds if refund.key).items():
            if n > 1:
                yield f"I5 {key} was made {n} times"
            if order.refund(key) is None:
                yield f"I5 {key} was made and is in nobody's book"
        by_person = sum(refund.amount.paise for refund in refunds if refund.status is RefundStatus.MANUAL)
        if any(refund.ours and refund.status.under_way for refund in refunds):
            yield f"I4 a refund of {payment.id} never came to an end"
        ours = payment.back - payment.by_hand + by_person
        granted = self._granted(order) if order.kept == payment.id else 0
        if payment.id != order.kept or order.status in ENDED_UNEATEN or known.returns:
            due = payment.amount - known.withheld.paise
            if payment.back + by_person < due:
                yield f"I4 of {payment.id} {payment.back} of {due} went back"
            if ours > max(due, granted, *_agreed(order)):
                yield f"I5 of {payment.id} {ours} went back where {due} was due"
            if refunds and (payment.id != order.kept or order.status in ENDED_UNEATEN):
                decided, asked = max(known.captured_ms, order.ended_ms), min(refund.at_ms for refund in refunds)
                if asked - decided > AT_ONCE_MS and not payment.by_hand:
                    yield f"I4 its refund was asked for {asked - decided} ms late"
        elif ours > min(granted, payment.amount) or (not payment.by_hand and ours != min(granted, payment.amount)):
            yield f"amounts: of {payment.id} {ours} went back where {granted} was granted"

    def _granted(self, order: Order) -> int:
        """What the owner gave out of goodwill; each wish once, however often it was sent."""
        wishes = {fact.request: fact for fact in order.facts if isinstance(fact, RefundAsked)}
        if set(wishes) - self.asked_refunds.get(order.id, set()):
            self.say(f"{order.id}: a refund that nobody asked for")
        return sum(TOTAL.paise if fact.amount is None else fact.amount.paise for fact in wishes.values())

    def _told_the_kitchen(self, order: Order) -> Iterator[str]:
        """I7."""
        cards = [d for d in self.told if d.startswith(f"{order.id}:{K.OUTLET_NEW_ORDER}:")]
        stops = [d for d in self.told if d.startswith(f"{order.id}:{K.OUTLET_STOP}:")]
        if len(cards) > 1:
            yield "I6 two cards for one order"
        if cards and not order.placed_n:
            yield "I7 the kitchen heard of an order that was never placed"
        if order.placed_n and not cards and order.status not in ENDED_UNEATEN:
            yield "I7 the kitchen never heard of it"
        if cards and order.status is S.CANCELLED and not stops:
            yield "I7 nobody told the kitchen to stop"

    def _revived(self, orders: list[Order]) -> Iterator[str]:
        """A late payment revives an order only while the guest has no newer one (test 20)."""
        for order in orders:
            if "revived" not in order.flags or order.status in ENDED_UNEATEN:
                continue
            for newer in orders:
                if newer.id in self._alive_when_revived[order.id] and newer.status not in ENDED_UNEATEN:
                    yield f"two live orders of {order.customer}: {order.id} was revived beside {newer.id}"

    def _answer(self, answer: Answer, order: Order) -> None:
        """I8: there is one winner, and who was told that it was them was told the truth."""
        path = [step.status for step in order.history]
        match answer.did:
            case "accept":
                true = any(step.status is S.ACCEPTED and step.by == answer.who for step in order.history)
            case "reject":
                true = order.status is S.REJECTED
            case "cancel":
                true = order.status is S.CANCELLED
            case _:
                true = S(answer.did) in path
        if not true:
            self.say(f"{order.id}: I8 {answer.who} was told that {answer.did} went well; it is {order.status}")

    def _links_of(self, order_id: OrderId) -> list[BankLink]:
        return [link for link in self.ledger.links.values() if link.order == order_id]


def _agreed(order: Order) -> Iterator[int]:
    """What owners said should go back: of an order that was handed over, perhaps one after the other."""
    for fact in order.facts:
        if isinstance(fact, Cancelled):
            yield TOTAL.paise if fact.refund is None else fact.refund.paise


def pays(payment: BankPayment) -> bool:
    return payment.captured and payment.amount == TOTAL.paise and payment.currency == "INR"


def _plain(history: list[Doc]) -> list[tuple[str, int, str]]:
    return [(step["status"], step["at_ms"], step["by"]) for step in history]
