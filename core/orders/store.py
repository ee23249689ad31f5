"""Orders in MongoDB: one document an order, changed by whole replacement under {_id, v} alone."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Iterable

from pydantic import ValidationError
from pymongo.errors import AutoReconnect, DuplicateKeyError

from core.clock import Clock
from core.connections import Collection, Database, Index
from core.errors import StoreError
from core.ids import CheckoutId, CustomerId, OrderId, OutletId, is_id
from core.orders.decide import decide
from core.orders.errors import OrderNotFound, TooManyOpenCashOrders, UnpaidOrderOpen
from core.orders.facts import Fact
from core.orders.models import Order
from core.orders.status import AT_OUTLET, LIVE, OrderStatus
from core.orders.trust import OPEN_CASH, on_trust, places
from core.orders.validator import ORDER_VALIDATOR

log = logging.getLogger(__name__)

ORDERS = "orders"
INDEXES = (
    Index(ORDERS, ("checkout_id",), unique=True),
    Index(ORDERS, ("day_code",), unique=True),
    Index(ORDERS, ("unpaid_of",), unique=True, sparse=True),
    Index(ORDERS, ("on_trust_of",), unique=True, sparse=True),
    Index(ORDERS, (("customer", 1), ("created_ms", -1))),
    Index(ORDERS, ("customer",)),  # the embedded server answers by an index of one field alone: 25 ms → 2 among 4,000
    Index(ORDERS, ("outlet", "status")),
    Index(ORDERS, ("due_ms",)),
    Index(ORDERS, ("next_check_ms",)),
    Index(ORDERS, ("outbox_n",)),
)
ROUNDS = 20
PAUSE_S = 0.005

Change = Callable[[Order], Order]
CanCook = Callable[[Order], Awaitable[bool]]


class OrderStore:
    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._orders: Collection = db[ORDERS]
        self._clock = clock

    async def install_validator(self) -> None:
        """Have MongoDB itself refuse an order that does not add up. The collection exists once its indexes stand; the
        embedded server takes the command and ignores it.
        """
        await self._db.command({"collMod": ORDERS, "validator": ORDER_VALIDATOR, "validationLevel": "strict"})

    async def insert(self, order: Order) -> Order | None:
        """Store a new order. The order that its checkout became before, if it did; None: its code is taken today.

        Raises UnpaidOrderOpen when the guest has another one that waits for payment, TooManyOpenCashOrders when too
        many of theirs are to be paid in cash. Whether the answer of an earlier try was lost does not matter: the order
        is found by its checkout.
        """
        if on_trust(order):  # most guests have no other: the first place is tried without a look
            order = order.model_copy(update={"on_trust_of": places(order.customer)[0]})
        for _ in range(ROUNDS):
            try:
                await self._orders.insert_one(order.to_document())
            except DuplicateKeyError as taken:
                existing = await self.by_checkout(order.checkout_id)
                if existing is not None:
                    return existing
                if order.unpaid_of is not None:
                    unpaid = await self.unpaid_of(order.unpaid_of)
                    if unpaid is not None:
                        raise UnpaidOrderOpen(order_id=unpaid.id, code=unpaid.code) from taken
                if order.on_trust_of is None:
                    return None
                place = await self._free_place(order)
                if place == order.on_trust_of:  # it was the code
                    return None
                order = order.model_copy(update={"on_trust_of": place})
            except AutoReconnect as lost:  # it may be stored: whoever asks again with the same checkout finds it
                existing = await self.by_checkout(order.checkout_id)
                if existing is None:
                    raise StoreError("order may not be stored", checkout_id=order.checkout_id) from lost
                return existing
            else:
                return order
        raise StoreError("order found no place", checkout_id=order.checkout_id)

    async def _free_place(self, order: Order) -> str:
        """Where an order in cash fits beside the guest's others, the one it has if that is free.

        Raises TooManyOpenCashOrders.
        """
        mine = places(order.customer)
        found = await self._orders.find({"on_trust_of": {"$in": mine}}, {"on_trust_of": 1}).to_list(length=len(mine))
        taken = {document["on_trust_of"] for document in found}
        free = [place for place in mine if place not in taken]
        if not free:
            raise TooManyOpenCashOrders(limit=OPEN_CASH)
        return order.on_trust_of if order.on_trust_of in free else free[0]

    async def get(self, order_id: OrderId) -> Order | None:
        """The order, or None; whatever a forged button calls an order is none without asking."""
        if not is_id("ord", order_id):
            return None
        return self._read(await self._orders.find_one({"_id": order_id}))

    async def require(self, order_id: OrderId) -> Order:
        """Raises OrderNotFound."""
        order = await self.get(order_id)
        if order is None:
            raise OrderNotFound(order_id=order_id)
        return order

    async def by_checkout(self, checkout_id: CheckoutId) -> Order | None:
        return self._read(await self._orders.find_one({"checkout_id": checkout_id}))

    async def unpaid_of(self, customer: CustomerId) -> Order | None:
        return self._read(await self._orders.find_one({"unpaid_of": customer}))

    async def by_day_code(self, day_code: str) -> Order | None:
        return self._read(await self._orders.find_one({"day_code": day_code}))

    async def record(self, order_id: OrderId, *facts: Fact, can_cook: CanCook | None = None) -> Order:
        """Add facts and whatever follows from them, in one write. A fact seen before changes nothing.

        `can_cook` is asked about an expired order alone. Raises OrderNotFound, and StoreError after twenty lost races.
        """
        return await self.change(order_id, lambda order: order.with_facts(facts), can_cook=can_cook)

    async def change(self, order_id: OrderId, change: Change, *, can_cook: CanCook | None = None) -> Order:
        """Apply `change` to the order as it is, decide, and write both at once; if another write came between, anew.

        `change` may be called several times and is pure; what it raises ends the change, with nothing written.
        Raises TooManyOpenCashOrders where it is now to be paid in cash, and too many of the guest's are.
        """
        for lost in range(ROUNDS):
            order = await self.require(order_id)
            changed = change(order)
            could = order.status is OrderStatus.EXPIRED and can_cook is not None and await can_cook(order)
            new = decide(changed, self._clock.ms(), could)
            if new == order:
                return order
            new = new.model_copy(update={"v": order.v + 1})
            if on_trust(new) and not on_trust(order):  # the guest would rather pay in cash
                new = new.model_copy(update={"on_trust_of": await self._free_place(new)})
            if await self._replace(order.v, new):
                return new
            await asyncio.sleep(random.uniform(0, PAUSE_S * (lost + 1)))
        raise StoreError("order kept changing", order_id=order_id)

    async def _replace(self, v: int, new: Order) -> bool:
        """Write `new` over version `v`. False: somebody else was faster, here or at the place it wants."""
        try:
            result = await self._orders.replace_one({"_id": new.id, "v": v}, new.to_document())
        except DuplicateKeyError:
            return False
        except AutoReconnect:  # the write may have happened: look
            return await self.get(new.id) == new
        return bool(result.modified_count)

    async def list_for(self, customer: CustomerId, before_ms: int, limit: int) -> list[Order]:
        """A guest's orders made before a moment, newest first."""
        found = self._orders.find({"customer": customer, "created_ms": {"$lt": before_ms}})
        return self._all(await found.sort([("created_ms", -1), ("_id", -1)]).limit(limit).to_list(length=limit))

    async def with_status(self, customer: CustomerId, statuses: Iterable[OrderStatus], limit: int) -> list[Order]:
        """A guest's newest orders in some of the statuses."""
        found = self._orders.find({"customer": customer, "status": {"$in": [status.value for status in statuses]}})
        return self._all(await found.sort([("created_ms", -1), ("_id", -1)]).limit(limit).to_list(length=limit))

    async def open_for(self, customer: CustomerId, limit: int = 20) -> list[Order]:
        """A guest's orders that have not ended, newest first."""
        return await self.with_status(customer, LIVE, limit)

    async def live_at(self, outlet: OutletId, limit: int = 200) -> list[Order]:
        """What an outlet has to answer, cook or hand over, oldest first."""
        found = self._orders.find({"outlet": outlet, "status": {"$in": [status.value for status in AT_OUTLET]}})
        return self._all(await found.sort([("created_ms", 1), ("_id", 1)]).limit(limit).to_list(length=limit))

    async def made_between(self, outlet: OutletId, since_ms: int, until_ms: int) -> list[Order]:
        """All of an outlet's orders made in this time, oldest first."""
        wanted = {"outlet": outlet, "created_ms": {"$gte": since_ms, "$lt": until_ms}}
        return self._all(await self._orders.find(wanted).sort([("created_ms", 1), ("_id", 1)]).to_list(length=None))

    async def due(self, now_ms: int, statuses: Iterable[OrderStatus], limit: int) -> list[OrderId]:
        """Orders for which a clock has rung, longest waiting first."""
        wanted = {"due_ms": {"$lte": now_ms}, "status": {"$in": [status.value for status in statuses]}}
        return await self._ids(wanted, "due_ms", limit)

    async def to_check(self, now_ms: int, limit: int) -> list[OrderId]:
        """Orders the provider is to be asked about."""
        return await self._ids({"next_check_ms": {"$lte": now_ms}}, "next_check_ms", limit)

    async def with_outbox(self, limit: int) -> list[Order]:
        """Orders that hold something to go out."""
        found = self._orders.find({"outbox_n": {"$gt": 0}})
        return self._all(await found.limit(limit).to_list(length=limit))

    async def _ids(self, wanted: dict[str, object], by: str, limit: int) -> list[OrderId]:
        found = self._orders.find(wanted, {"_id": 1}).sort([(by, 1)]).limit(limit)
        return [OrderId(document["_id"]) for document in await found.to_list(length=limit)]

    @staticmethod
    def _read(document: dict[str, object] | None) -> Order | None:
        return None if document is None else Order.from_document(document)

    @staticmethod
    def _all(documents: list[dict[str, object]]) -> list[Order]:
        """One that a newer release wrote in a way we cannot read is left alone; the others go on."""
        orders = []
        for document in documents:
            try:
                orders.append(Order.from_document(document))
            except ValidationError:
                log.error("order_unreadable", extra={"order_id": document["_id"]})
        return orders
