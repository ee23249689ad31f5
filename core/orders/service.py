"""Everything people and providers can do to an order. Reads, lets `decide` conclude, writes, and wakes the relay."""

import logging
from collections.abc import Callable, Sequence

from core.clock import Clock
from core.errors import StoreError
from core.ids import CheckoutId, CustomerId, DeliveryId, OrderId, OutletId, new_id
from core.money import Money
from core.orders import deeds
from core.orders.authority import Authority, anyone, of_customer, of_outlet
from core.orders.clocks import rung_by
from core.orders.codes import day_code, new_code
from core.orders.decide import decide
from core.orders.errors import (
    OrderNotFound,
    StillNeeded,
)
from core.orders.events import Event
from core.orders.facts import (
    GUEST,
    BrowserReturned,
    Created,
    Fact,
)
from core.orders.forgetting import forgotten
from core.orders.kitchen import Kitchen
from core.orders.ledger import Portion
from core.orders.models import NEVER_MS, Order, OrderDraft
from core.orders.refusing import possible
from core.orders.revival import Revivals
from core.orders.status import AT_OUTLET, OrderStatus
from core.orders.store import OrderStore
from core.outlets.models import PayMethod

log = logging.getLogger(__name__)

CODE_TRIES = 50
BATCH = 200


def _nobody() -> None:
    """Wakes nobody: the relay comes round by itself."""


class OrderService:
    """`wake` is called after each write that left something to go out; it must not wait.

    What is tapped about an order of somebody else, or of another outlet, is OrderNotFound.
    """

    def __init__(
        self,
        *,
        store: OrderStore,
        kitchen: Kitchen,
        clock: Clock,
        provider: str,
        wake: Callable[[], None] = _nobody,
        codes: Callable[[], str] = new_code,
    ) -> None:
        self._store = store
        self._revivals = Revivals(store, kitchen, clock)
        self._clock = clock
        self._provider = provider
        self._codes = codes
        self.wake = wake

    # Making and finding

    async def create(self, draft: OrderDraft) -> tuple[Order, bool]:
        """Place the order of a checkout, once, however often it is asked. Says whether this call made it.

        Raises UnpaidOrderOpen when the guest has another order waiting for its payment, TooManyOpenCashOrders when too
        many of theirs are to be paid in cash.
        """
        now_ms = self._clock.ms()
        order_id = OrderId(new_id("ord"))
        drawn = {name: getattr(draft, name) for name in OrderDraft.model_fields if name != "timezone"}
        for _ in range(CODE_TRIES):
            code = self._codes()
            order = Order(
                **drawn,
                id=order_id,
                code=code,
                day_code=day_code(draft.outlet, draft.timezone, now_ms, code),
                provider=self._provider,
                created_ms=now_ms,
            ).with_facts((Created(at_ms=now_ms, by=GUEST),))
            stored = await self._store.insert(decide(order, now_ms, outlet_open=True))
            if stored is not None:
                created = stored.id == order_id
                if created:
                    log.info("order_created", extra={"order_id": stored.id, "status": stored.status.value})
                    self.wake()
                return stored, created
        raise StoreError("no code left", outlet=draft.outlet)

    async def get(self, order_id: OrderId) -> Order | None:
        return await self._store.get(order_id)

    async def require(self, order_id: OrderId) -> Order:
        """Raises OrderNotFound."""
        return await self._store.require(order_id)

    async def of_customer(self, order_id: OrderId, customer: CustomerId) -> Order:
        """Raises OrderNotFound, also for an order of somebody else."""
        order = await self._store.require(order_id)
        of_customer(customer)(order)
        return order

    async def at_outlet(self, order_id: OrderId, outlet: OutletId) -> Order:
        """Raises OrderNotFound, also for an order of another outlet or one that it was never told of."""
        order = await self._store.require(order_id)
        of_outlet(outlet)(order)
        if not order.placed_ms:
            raise OrderNotFound(order_id=order_id)
        return order

    async def by_checkout(self, checkout_id: CheckoutId) -> Order | None:
        return await self._store.by_checkout(checkout_id)

    async def by_code(self, outlet: OutletId, timezone: str, code: str) -> Order | None:
        """Today's order of a code as people say it."""
        spoken = "".join(code.split()).upper()
        return await self._store.by_day_code(day_code(outlet, timezone, self._clock.ms(), spoken))

    async def open_for(self, customer: CustomerId) -> list[Order]:
        """A guest's orders that have not ended, newest first."""
        return await self._store.open_for(customer)

    async def list_for(self, customer: CustomerId, before_ms: int = NEVER_MS, limit: int = 10) -> list[Order]:
        """A guest's orders made before a moment, newest first."""
        return await self._store.list_for(customer, before_ms, limit)

    async def last_completed(self, customer: CustomerId) -> Order | None:
        """What "the usual" repeats."""
        found = await self._store.with_status(customer, (OrderStatus.COMPLETED,), 1)
        return found[0] if found else None

    async def live_at(self, outlet: OutletId) -> list[Order]:
        """What an outlet has to answer, cook or hand over, oldest first."""
        return await self._store.live_at(outlet)

    async def made_between(self, outlet: OutletId, since_ms: int, until_ms: int) -> list[Order]:
        """All of an outlet's orders made in this time, whatever became of them, oldest first."""
        return await self._store.made_between(outlet, since_ms, until_ms)

    # Facts from outside

    async def record(self, order_id: OrderId, *facts: Fact) -> Order:
        """Add facts and whatever follows from them, in one write."""
        return await self._change(order_id, lambda order: order.with_facts(facts))

    async def look_again(self, order: Order) -> Order:
        """Right before somebody is told that a late payment revived the order: withdrawn if the guest ordered anew."""
        looked_at = await self._revivals.look_again(order)
        if looked_at.outbox_n:
            self.wake()
        return looked_at

    async def browser_returned(self, order_id: OrderId) -> Order:
        """The guest's browser came back from the payment page: worth asking the provider, proof of nothing."""
        return await self.record(order_id, BrowserReturned(at_ms=self._clock.ms(), by=GUEST))

    # The outlet

    async def accept(self, order_id: OrderId, outlet: OutletId, actor: str, minutes: int = 0) -> Order:
        """Take the order; it will be ready in `minutes` (0: as promised).

        Raises AlreadyAccepted(by, at_ms), NotPaidYet, OrderClosed(status), InvalidInput.
        """
        return await self._staff(order_id, outlet, Event.OUTLET_ACCEPTS, deeds.accept(actor, minutes))

    async def reject(self, order_id: OrderId, outlet: OutletId, actor: str, reason: str) -> Order:
        """Do not take it; paid money goes back. Raises UseCancel, NotPaidYet, OrderClosed."""
        return await self._staff(order_id, outlet, Event.OUTLET_REJECTS, deeds.reject(actor, reason))

    async def advance(self, order_id: OrderId, outlet: OutletId, actor: str, to: OrderStatus) -> Order:
        """The next step; the step it is at already is nothing new.

        Raises NextStepOnly(allowed), NotAcceptedYet, CashNotCollected(amount), OrderClosed, NotPaidYet.
        """
        return await self._staff(order_id, outlet, Event.OUTLET_PROGRESS, deeds.advance(actor, to))

    async def collect_cash(self, order_id: OrderId, outlet: OutletId, actor: str, amount: Money | None = None) -> Order:
        """Cash was taken: the whole amount. Taken twice is taken once. Raises WrongCashAmount(expected), NoCashDue."""
        return await self._staff(order_id, outlet, None, deeds.collect_cash(actor, amount))

    async def door_link(self, order_id: OrderId, outlet: OutletId, actor: str) -> Order:
        """Let the guest pay by UPI what was to be paid in cash: one link at a time, for exactly what is due.

        Asked again while there is one it is that one. Raises NoCashDue, and as `advance` before it can be handed over.
        """
        return await self._staff(order_id, outlet, Event.OUTLET_PROGRESS, deeds.ask_door_link(actor))

    async def undo(self, order_id: OrderId, outlet: OutletId, actor: str) -> Order:
        """Take back the last step, within a minute. Accepting and moving on can be taken back, saying no cannot:
        the guest's money is on its way by then. Raises NothingToUndo.
        """
        return await self._staff(order_id, outlet, None, deeds.undo(actor))

    async def staff_cancel(self, order_id: OrderId, outlet: OutletId, actor: str, reason: str) -> Order:
        """End an order the outlet cannot finish; all money goes back. Raises OrderClosed when it was handed over."""
        return await self._staff(order_id, outlet, Event.FORCE_CANCEL, deeds.cancel_by_staff(actor, reason))

    async def answer_cancel_request(self, order_id: OrderId, outlet: OutletId, actor: str, agree: bool) -> Order:
        """Yes: as staff_cancel. No: the guest is told. Raises NoCancelRequest when there is none (any more)."""
        return await self._staff(order_id, outlet, None, deeds.answer_cancel_request(actor, agree))

    # The guest

    async def cancel(self, order_id: OrderId, customer: CustomerId, reason: str = "") -> Order:
        """Cancel before the kitchen accepted; cancelled twice is cancelled once.

        Raises TooLateToCancel after acceptance (ask_to_cancel is left), OrderClosed when it was handed over.
        """
        return await self._guest(order_id, customer, Event.GUEST_CANCELS, deeds.cancel_by_guest(reason, ask=False))

    async def ask_to_cancel(self, order_id: OrderId, customer: CustomerId, reason: str = "") -> Order:
        """Ask the kitchen; cancelled at once if it has not accepted (any more). Asked twice is asked once."""
        return await self._guest(order_id, customer, Event.GUEST_CANCELS, deeds.cancel_by_guest(reason, ask=True))

    async def pay_again(self, order_id: OrderId, customer: CustomerId) -> Order:
        """The open link again; a new one if there is none.

        Raises AlreadyPaid, OrderClosed(status=expired: the same can be ordered anew).
        """
        return await self._guest(order_id, customer, Event.PAY_AGAIN, deeds.pay_again)

    async def change_method(self, order_id: OrderId, customer: CustomerId, method: PayMethod) -> Order:
        """Pay in another way: the old link is closed first; cash then places the order.

        Whether the outlet takes `method` for this amount is for the caller to know. Raises as pay_again, and
        TooManyOpenCashOrders.
        """
        return await self._guest(order_id, customer, Event.PAY_AGAIN, deeds.change_method(method))

    # The owner

    async def force_cancel(self, order_id: OrderId, actor: str, reason: str, refund: Money | None = None) -> Order:
        """End an order of any outlet; `refund` is what was agreed to go back (None: all of it)."""
        return await self._act(order_id, anyone, Event.FORCE_CANCEL, deeds.cancel(actor, reason, refund))

    async def refund(
        self,
        order_id: OrderId,
        actor: str,
        reason: str,
        amount: Money | None = None,
        *,
        request: str,
        words: str = "",
        lines: tuple[Portion, ...] = (),
        agreed_by: str = "",
        alone_up_to: Money | None = None,
    ) -> Order:
        """Give money back on purpose (None: all that is left). `request` names this wish: asked again with the same
        name it is the same wish. What was paid in cash is written down as handed back, since a person has to do that.
        `alone_up_to` is what of one order may go back in all without `agreed_by`, however many wishes it takes.

        Raises NothingToRefund, TooMuchToRefund(left), NeedsSecondPerson(limit, given).
        """
        wish = deeds.refund(
            actor,
            reason,
            amount,
            request=request,
            words=words,
            lines=lines,
            agreed_by=agreed_by,
            alone_up_to=alone_up_to,
        )
        return await self._act(order_id, anyone, None, wish)

    async def pseudonymise(self, customer: CustomerId) -> int:
        """Take the person out of their orders; figures stay. How many orders were changed.

        Raises StillNeeded while an order of theirs is open: it cannot be cooked for nobody.
        """
        for order in await self.open_for(customer):
            raise StillNeeded(order_id=order.id, code=order.code)
        done: set[OrderId] = set()
        before_ms = NEVER_MS
        while new := [
            order for order in await self._store.list_for(customer, before_ms, BATCH) if order.id not in done
        ]:
            for order in new:
                await self._change(order.id, forgotten)
                done.add(order.id)
            before_ms = new[-1].created_ms + 1  # the next page begins with those of the same moment
        return len(done)

    # Clocks, and what goes out

    async def accept_ladder_due(self) -> int:
        """Ring the kitchen's clocks: reminders, giving up, late notices, forgotten hand-overs."""
        due = await self._store.due(self._clock.ms(), AT_OUTLET, BATCH)
        for order_id in due:
            await self._change(order_id, lambda order: order.with_facts(rung_by(order, self._clock.ms())))
        return len(due)

    async def unpaid_due(self) -> list[OrderId]:
        """Unpaid orders whose payment window is over."""
        return await self._store.due(self._clock.ms(), (OrderStatus.AWAITING_PAYMENT,), BATCH)

    async def to_check(self) -> list[OrderId]:
        """Orders the provider is to be asked about now."""
        return await self._store.to_check(self._clock.ms(), BATCH)

    async def with_outbox(self) -> list[Order]:
        return await self._store.with_outbox(BATCH)

    async def outbox_relayed(self, order_id: OrderId, entries: Sequence[DeliveryId]) -> None:
        """These entries stand in `deliveries` now."""
        gone = set(entries)
        await self._store.change(
            order_id,
            lambda order: order.model_copy(
                update={"outbox": tuple(entry for entry in order.outbox if entry.id not in gone)}
            ),
        )

    # How

    async def _staff(self, order_id: OrderId, outlet: OutletId, event: Event | None, act: deeds.Act) -> Order:
        return await self._act(order_id, of_outlet(outlet), event, act)

    async def _guest(self, order_id: OrderId, customer: CustomerId, event: Event | None, act: deeds.Act) -> Order:
        return await self._act(order_id, of_customer(customer), event, act)

    async def _act(self, order_id: OrderId, allowed: Authority, event: Event | None, act: deeds.Act) -> Order:
        """One thing a person does, judged on the order as it is in the very write that does it."""

        def change(order: Order) -> Order:
            allowed(order)
            if event is not None and not possible(order, event):
                return order
            fact = act(order, self._clock.ms())
            return order if fact is None else order.with_facts((fact,))

        return await self._change(order_id, change)

    async def _change(self, order_id: OrderId, change: Callable[[Order], Order]) -> Order:
        asked = False

        async def can_cook(order: Order) -> bool:
            nonlocal asked
            asked = True
            return await self._revivals.possible(order)

        order = await self._store.change(order_id, change, can_cook=can_cook)
        if asked:
            order = await self._revivals.look_again(order)
        if order.outbox_n:
            self.wake()
        return order
