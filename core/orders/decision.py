"""The order while it is being decided about: what was changed, and what has to go out because of it."""

from core.ids import DeliveryId
from core.orders.facts import SYSTEM, BaseFact, Fact, StepFact
from core.orders.ledger import Link, LinkState, Payment, Refund
from core.orders.models import Order, Step
from core.orders.outgoing import (
    ADMIN,
    BOOKS,
    OUTLET_PREFIX,
    PROVIDER_PREFIX,
    RECORD,
    SMS_PREFIX,
    STOCK,
    DeliveryKind,
    OutboxEntry,
)
from core.orders.status import OrderStatus

MAX_FACTS = 200
MAX_HISTORY = 200
MAX_ATTEMPTS = 20  # payments that came to nothing


class Decision:
    """A working copy. Everything is kept in `order`, which is replaced by a changed copy at each step."""

    def __init__(self, order: Order, now_ms: int, outlet_open: bool) -> None:
        self.order = order
        self.now_ms = now_ms
        self.outlet_open = outlet_open
        self.refunds_before = frozenset(refund.key for refund in order.refunds)
        self.doors_before = frozenset(link.n for link in order.links if link.door and link.state is LinkState.CLOSED)
        self._first_entry = order.outbox_seq

    def change(self, **fields: object) -> None:
        self.order = self.order.model_copy(update=fields)

    def remember(self, fact: Fact) -> None:
        if isinstance(fact, StepFact):
            self.change(acts=self.order.acts + 1)
        if not fact.passing:
            self.change(facts=(*self.order.facts, fact)[-MAX_FACTS:])

    def flag(self, name: str) -> None:
        if name not in self.order.flags:
            self.change(flags=(*self.order.flags, name))

    def move(self, status: OrderStatus, by: str, note: str = "", *, undoable: bool = False) -> None:
        """The next status, with a line of history and all that hangs on the status alone."""
        before = self.order.status
        step = Step(status=status, at_ms=self.now_ms, by=by, note=note, before=before if undoable else None)
        history = self.order.history
        if history and history[-1].before is not None:  # only the last step can be taken back
            history = (*history[:-1], history[-1].model_copy(update={"before": None}))
        self.change(
            status=status,
            history=(*history, step)[-MAX_HISTORY:],
            moves=self.order.moves + 1,
            ended_ms=self.now_ms if status.ended else 0,
            unpaid_of=self.order.customer if status is OrderStatus.AWAITING_PAYMENT else None,
        )

    @property
    def step(self) -> str:
        """Names the status the order is in: unlike the status itself it never comes twice."""
        return f"{self.order.status}-{self.order.moves}"

    def tell(self, kind: DeliveryKind, step: str = "", /, **data: str | int) -> None:
        """Let something go out, once for each `step`; the same entry again is the one that waits already."""
        order, step = self.order, step or self.step
        match kind.whose:
            case "guest":
                if not order.chat:
                    return  # the guest was forgotten
                target = lane = str(order.chat)
            case "outlet":
                target = lane = f"{OUTLET_PREFIX}{order.outlet}"
            case "provider":
                target = f"{PROVIDER_PREFIX}{order.provider}"
                lane = f"{target}:{order.id}"
            case "stock":
                target, lane = STOCK, f"{STOCK}:{order.id}"
            case "sms":
                target = lane = f"{SMS_PREFIX}{order.outlet}"
            case "books":
                target, lane = BOOKS, f"{BOOKS}:{order.id}"
            case "record":
                target, lane = RECORD, f"{RECORD}:{order.id}"
            case _:
                target = lane = ADMIN
        entry_id = DeliveryId(f"{order.id}:{kind}:{target}:{step}")
        if any(entry.id == entry_id for entry in order.outbox):
            return
        seq = order.outbox_seq + 1
        entry = OutboxEntry(
            id=entry_id, kind=kind, target=target, lane=lane, step=step, data=data, at_ms=self.now_ms, seq=seq
        )
        self.change(outbox=(*order.outbox, entry), outbox_n=len(order.outbox) + 1, outbox_seq=seq)

    def alert(self, what: str, about: str, /, **data: str | int) -> None:
        self.tell(DeliveryKind.ADMIN_ALERT, f"{what}-{about}", what=what, **data)

    def ask_provider(self, at_ms: int) -> None:
        """Have the provider asked at `at_ms`, or sooner if somebody wanted that before."""
        asked, at_ms = self.order.check_asked_ms, max(at_ms, self.order.checked_ms + 1)  # later than the last answer
        self.change(check_asked_ms=min(asked, at_ms) if asked else at_ms)

    def told(self, *kinds: DeliveryKind) -> OutboxEntry | None:
        """An entry of one of `kinds` made by this very decision."""
        for entry in self.order.outbox:
            if entry.kind in kinds and entry.seq > self._first_entry:
                return entry
        return None

    def add_data(self, told: OutboxEntry, **data: str | int) -> None:
        changed = told.model_copy(update={"data": {**told.data, **data}})
        self.change(outbox=tuple(changed if entry.id == told.id else entry for entry in self.order.outbox))

    def put_link(self, link: Link) -> None:
        self.change(links=tuple(sorted([*(x for x in self.order.links if x.n != link.n), link], key=lambda x: x.n)))

    def put_payment(self, payment: Payment) -> None:
        """Replace or add. Of attempts that came to nothing the last twenty stay: a link can be tried all day."""
        others = [x for x in self.order.payments if x.id != payment.id]
        payments = sorted([*others, payment], key=lambda x: (x.seen_ms, x.id))
        idle = [x for x in payments if not (x.captured or x.authorised_ms or x.returns)]
        dropped = {x.id for x in idle[:-MAX_ATTEMPTS]}
        self.change(payments=tuple(x for x in payments if x.id not in dropped))

    def put_refund(self, refund: Refund) -> None:
        self.change(
            refunds=tuple(refund if x.key == refund.key else x for x in self.order.refunds)
            if self.order.refund(refund.key) is not None
            else (*self.order.refunds, refund)
        )


def who(fact: BaseFact) -> str:
    """Who did it, in one word that a message can be chosen by."""
    return fact.by if fact.by in ("guest", SYSTEM) else "staff"
