"""The guards that money rests on, and the same code with each of them taken out."""

import itertools
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from core.ids import OrderId, PaymentId, RefundKey
from core.money import Money
from core.orders import links, outcomes
from core.orders.decision import Decision
from core.orders.events import Event
from core.orders.facts import Fact, LinkClosed, PaymentCaptured, Timer, TimerKind
from core.orders.ledger import LinkEnd
from core.orders.links import STANDING
from core.orders.models import Order
from core.orders.status import OrderStatus
from core.orders.store import OrderStore
from core.outbox import service as outbox_service
from core.payments.commands import Commands
from core.payments.models import Binding, RefundView
from core.payments.service import PaymentService
from core.payments.store import BindingStore
from tests.explorer import world
from tests.explorer.bank import ModelBank

_replace = OrderStore._replace
_refund = outcomes.refund
_send = Commands._send
_bank_refund = ModelBank.refund
_bind = BindingStore.bind


async def last_write_wins(self: OrderStore, v: int, new: Order) -> bool:
    """Whatever version was read."""
    while True:
        document = await self._orders.find_one({"_id": new.id})
        if await _replace(self, document["v"], new.model_copy(update={"v": document["v"] + 1})):
            return True


def forget_keys(order: Order, facts: Iterable[Fact]) -> Order:
    """What was told before is news again."""
    return order.model_copy(update={"fresh": (*order.fresh, *facts)})


def keep_the_last(d: Decision, fact: Fact, event: Event) -> None:
    """The second payment takes the place of the first."""
    if event is Event.ANOTHER_CAPTURE and isinstance(fact, PaymentCaptured):
        d.change(kept=fact.payment)
    else:
        _refund(d, fact, event)


async def believe_the_last(self: BindingStore, binding: Binding) -> Binding:
    """A payment belongs to whichever order was named last."""
    await _bind(self, binding)
    return binding


class NewKeys:
    """Each further try of a refund has a name of its own."""

    def __init__(self) -> None:
        self._tried: set[RefundKey] = set()
        self._n = itertools.count(1)

    async def refund(self, bank: ModelBank, payment: PaymentId, amount: Money, key: RefundKey) -> RefundView:
        fresh = RefundKey(f"{key}_{next(self._n)}") if key in self._tried else key
        self._tried.add(key)
        return await _bank_refund(bank, payment, amount, fresh)


def new_keys() -> Any:
    keys = NewKeys()

    async def refund(self: ModelBank, payment: PaymentId, amount: Money, key: RefundKey) -> RefundView:
        return await keys.refund(self, payment, amount, key)

    return refund


async def send_without_looking(self: Commands, provider: Any, order: Order, refund: Any, **_: object) -> Any:
    """Whatever the provider may have of it already."""
    return await _send(self, provider, order, refund, perhaps_there=False)


async def expire_without_asking(self: PaymentService, order_id: OrderId) -> Order:
    """When the time is over it is over."""
    order, now = await self._orders.require(order_id), self._clock.ms()
    if order.status is not OrderStatus.AWAITING_PAYMENT or order.due_ms > now:
        return order
    closed = [
        LinkClosed(at_ms=now, n=link.n, reason=LinkEnd.EXPIRED, ours=True)
        for link in order.links
        if link.state in STANDING
    ]
    n = order.links[-1].n if order.links else 0
    return await self._orders.record(order_id, *closed, Timer(at_ms=now, timer=TimerKind.WINDOW_OVER, level=n))


def nothing(*_: object) -> None:
    """The guard is out."""


def always_true(*_: object) -> None:
    """Whatever became of the order meanwhile."""


# What is taken out: where, which name, and what stands there instead.
GUARDS: dict[str, list[tuple[Any, str, Any]]] = {
    "the version in the filter of a replace": [(OrderStore, "_replace", last_write_wins)],
    "a fact has a key": [(Order, "with_facts", forget_keys)],
    "a payment is kept once": [(outcomes.OUTCOMES, "refund", keep_the_last)],
    "a payment is bound to one order": [(BindingStore, "bind", believe_the_last)],
    "a refund's key is derived": [(ModelBank, "refund", new_keys)],
    "refunds are listed before one is sent again": [(Commands, "_send", send_without_looking)],
    "the provider is asked before an order expires": [(PaymentService, "expire", expire_without_asking)],
    "the order is read again before the kitchen is told": [(outbox_service, "overtaken", always_true)],
    "links of an order that is over are closed": [(links, "close_these", nothing)],
    "a checkout becomes one order": [(world, "ORDER_INDEXES", ())],
}


@contextmanager
def without(guard: str) -> Iterator[None]:
    with ExitStack() as out:
        for place, name, instead in GUARDS[guard]:
            thing = instead() if instead is new_keys else instead
            if isinstance(place, dict):
                out.enter_context(patch.dict(place, {name: thing}))
            else:
                out.enter_context(patch.object(place, name, thing))
        yield
