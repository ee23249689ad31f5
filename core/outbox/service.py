"""From the order's outbox to the outside: copied to `deliveries`, then sent at least once, each chat in order."""

import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import timedelta
from typing import Protocol

from core.clock import Clock
from core.errors import ProviderError, RestaurantError
from core.ids import DeliveryId, OrderId, OutletId
from core.lanes.models import Again, Dead, Done, Outcome
from core.lanes.worker import Worker
from core.orders.facts import Undelivered
from core.orders.models import Order
from core.orders.outgoing import OUTLET_PREFIX, DeliveryKind, OutboxEntry
from core.orders.service import OrderService
from core.outbox.models import Delivery, DeliveryResult, Failed, Retry, Sent, Skipped
from core.outbox.relevance import overtaken
from core.outbox.schedules import LATE_MS, VERY_LATE_MS, gap_ms
from core.outbox.store import DeliveryStore
from core.outlets.models import Outlet

log = logging.getLogger(__name__)

Handler = Callable[[Delivery, Order], Awaitable[DeliveryResult]]

WHOSE = frozenset(kind.whose for kind in DeliveryKind)
KEEP_MS = 90 * 24 * 3_600_000
PATIENCE = timedelta(seconds=1)
_SKIPPED = "skipped: "
_FIRST_NEWS = (DeliveryKind.OUTLET_NEW_ORDER, DeliveryKind.GUEST_REVIVED)  # of an order that was revived


class Outlets(Protocol):
    """What must be known of outlets here: into which groups their cards go."""

    def get(self, outlet: OutletId) -> Outlet | None: ...


class OutboxService:
    """`handlers` says who carries out what, by the first word of a kind: guest, outlet, admin, provider, stock, books,
    record.

    A handler that raises a RestaurantError has failed for now; what it returns is final.
    """

    def __init__(self, *, store: DeliveryStore, orders: OrderService, outlets: Outlets, clock: Clock) -> None:
        self._store = store
        self._orders = orders
        self._outlets = outlets
        self._clock = clock
        self._handlers: dict[str, Handler] = {}
        self._worker = Worker(store, self._work, clock)

    def handle(self, handlers: Mapping[str, Handler]) -> None:
        for whose, handler in handlers.items():
            if whose not in WHOSE:
                raise ValueError(f"no delivery is for {whose!r}, only for {', '.join(sorted(WHOSE))}")
            self._handlers[whose] = handler

    async def relay_once(self) -> int:
        """Copy what waits in orders to `deliveries`; how many entries. A crash between two steps repeats a step that
        does nothing the second time: a copied entry is a duplicate, a removed one is gone.
        """
        count = 0
        for order in await self._orders.with_outbox():
            for entry in order.outbox:
                for delivery in self._deliveries(order, entry):
                    await self._store.add(delivery)
            await self._orders.outbox_relayed(order.id, [entry.id for entry in order.outbox])
            count += len(order.outbox)
        return count

    async def dispatch_once(self, patience: timedelta | None = PATIENCE) -> int:
        """Send what can be sent now; how many went out. After `patience` slow lanes go on by themselves.

        Safe to run twice at once, here and elsewhere, and late.
        """
        return await self._worker.run_once(patience)

    async def close(self) -> None:
        """Wait for what is being sent."""
        await self._worker.close()

    async def ref(self, order_id: OrderId, target: str, *kinds: DeliveryKind) -> str:
        """What the channel calls the last message of these kinds to a target (to edit it); empty: there is none."""
        sent = await self._store.last_sent(order_id, target, kinds)
        return "" if sent is None else sent.ref

    async def of_order(self, order_id: OrderId) -> list[Delivery]:
        """Everything that went out or will, oldest first."""
        return await self._store.of_order(order_id)

    async def waiting_for(self, target: str) -> list[Delivery]:
        """What waits to be said in one chat, oldest first, what is being said included; fifty at most."""
        return await self._store.waiting(target)

    async def dead(self, limit: int = 50) -> list[Delivery]:
        """What could not be delivered."""
        return await self._store.dead_items(limit)

    async def retry(self, delivery_id: DeliveryId) -> bool:
        """Try something again that was given up."""
        return await self._store.revive(delivery_id)

    async def oldest_ms(self) -> int:
        """Since when the oldest delivery waits; 0: none does."""
        return await self._store.oldest_ms()

    async def sweep(self) -> int:
        """Drop deliveries older than ninety days."""
        return await self._store.forget_before(self._clock.ms() - KEEP_MS)

    def _deliveries(self, order: Order, entry: OutboxEntry) -> Iterator[Delivery]:
        """An entry for an outlet goes to each of its groups, whichever they are now."""
        targets = [(entry.target, entry.lane)]
        if entry.target.startswith(OUTLET_PREFIX):
            outlet = self._outlets.get(order.outlet)
            targets = [(group, group) for group in outlet.groups] if outlet is not None and outlet.groups else targets
        for target, lane in targets:
            yield Delivery(
                id=DeliveryId(f"{order.id}:{entry.kind}:{target}:{entry.step}"),
                order=order.id,
                kind=entry.kind,
                target=target,
                lane=lane,
                step=entry.step,
                data=entry.data,
                created_ms=entry.at_ms,
                next_ms=entry.at_ms,
                seq=entry.seq,
            )

    async def _work(self, delivery: Delivery) -> Outcome:
        order = await self._orders.get(delivery.order)
        if order is None:
            return Dead("no such order")
        if delivery.kind in _FIRST_NEWS:
            order = await self._orders.look_again(order)
        why = overtaken(delivery, order) or await self._never_told(delivery)
        if why is not None:
            return Done(note=_SKIPPED + why)
        match await self._handled(delivery, order):
            case Sent(ref):
                return Done(ref=ref)
            case Skipped(why):
                return Done(note=_SKIPPED + why)
            case Failed(reason):
                return await self._given_up(delivery, reason)
            case Retry(reason, after):
                return await self._again(delivery, reason, after)

    async def _handled(self, delivery: Delivery, order: Order) -> DeliveryResult:
        handler = self._handlers.get(delivery.kind.whose)
        if handler is None:
            return Retry("nobody carries it out")
        try:
            return await handler(delivery, order)
        except ProviderError as failure:
            reason = f"{type(failure).__name__}: {failure.provider}"
            return Retry(reason) if failure.retryable else Failed(reason)
        except RestaurantError as failure:
            return Retry(type(failure).__name__)

    async def _never_told(self, delivery: Delivery) -> str | None:
        """A group that was spared the order is spared its changes too. One that may have heard of it is not: the card
        was sent before, and the answer or the process that waited for it got lost.
        """
        if delivery.kind not in (DeliveryKind.OUTLET_CARD, DeliveryKind.OUTLET_STOP):
            return None
        for card in await self._store.of_order(delivery.order):
            if card.kind is DeliveryKind.OUTLET_NEW_ORDER and card.target == delivery.target:
                spared = card.note.startswith(_SKIPPED) and card.tries <= 1
                return "never told of it" if spared else None
        return None

    async def _again(self, delivery: Delivery, reason: str, after: timedelta | None) -> Outcome:
        age_ms = self._clock.ms() - delivery.created_ms
        gap = gap_ms(delivery.kind, delivery.tries, age_ms)
        if gap is None:
            return await self._given_up(delivery, reason)
        if age_ms >= LATE_MS and delivery.kind.whose == "outlet":
            await self._report(delivery, reason, final=False)
            if age_ms >= VERY_LATE_MS:
                await self._report(delivery, reason, final=False, very_late=True)
        if after is not None:
            gap = max(gap, after // timedelta(milliseconds=1))
        return Again(gap, reason)

    async def _given_up(self, delivery: Delivery, reason: str) -> Outcome:
        log.error("delivery_dead", extra={"delivery": delivery.id, "kind": delivery.kind.value, "reason": reason})
        if delivery.kind.whose != "admin":  # nobody is left to hear of that one
            await self._report(delivery, reason, final=True)
        return Dead(reason)

    async def _report(self, delivery: Delivery, reason: str, *, final: bool, very_late: bool = False) -> None:
        await self._orders.record(
            delivery.order,
            Undelivered(
                at_ms=self._clock.ms(),
                delivery=delivery.id,
                what=delivery.kind.value,
                reason=reason,
                final=final,
                very_late=very_late,
            ),
        )
