"""Two payments of one order at once, on the real store, with a twin; what three replicas hear of one."""

import asyncio

import pytest

from core.clock import FrozenClock
from core.connections import Database
from core.errors import DomainError
from core.ids import CustomerId, PaymentId
from core.orders.models import Order
from core.orders.status import OrderStatus
from tests.core.orders.builders import TOTAL, captured, money_back
from tests.core.orders.house import House
from tests.core.orders.test_races import LastWriteWins, a_house, bad, many, put, rounds

__all__ = ["many"]

pytestmark = pytest.mark.race

S = OrderStatus


# Two tabs


async def two_payments(house: House, n: int) -> str:
    order = await put(house, S.AWAITING_PAYMENT, customer=CustomerId(f"cus_p{n}"))
    both = [PaymentId(f"pay_{n}_a"), PaymentId(f"pay_{n}_b")]
    facts = [house.orders.record(order.id, captured(payment)) for payment in (both if n % 2 else both[::-1])]
    await asyncio.gather(*facts)
    final = await house.orders.require(order.id)
    if final.status is not S.PLACED or final.kept not in both or final.placed_n != 1:
        return "bad: not placed by one of them"
    back = [(refund.payment, refund.amount) for refund in final.refunds]
    (other,) = [payment for payment in both if payment != final.kept]
    return f"kept {final.kept[-1]}" if back == [(other, TOTAL)] else "bad: the other is not on its way back"


async def test_of_two_payments_at_once_one_is_kept_and_one_goes_back(mongo: Database, clock: FrozenClock, many: int):
    words = await rounds(await a_house(mongo, clock, guarded=True), two_payments, many)
    assert bad(words) == 0, words


async def test_without_the_version_a_second_payment_would_be_lost(mongo: Database, clock: FrozenClock):
    words = await rounds(await a_house(mongo, clock, guarded=False), two_payments)
    assert bad(words) > 0, words


# Three replicas without the guard


async def test_without_the_version_what_one_replica_hears_would_be_lost_under_what_another_hears(
    mongo: Database, clock: FrozenClock
):
    replicas = [await a_house(mongo, clock, guarded=True) for _ in range(3)]
    for house in replicas:
        house.store = house.orders._store = LastWriteWins(mongo, clock)
    harm = 0
    for n in range(12):
        order = await put(replicas[0], S.AWAITING_PAYMENT, customer=CustomerId(f"cus_n{n}"))
        facts = [captured(PaymentId(f"pay_{n}_{m}")) for m in range(3)]
        told = zip(replicas, facts, strict=True)
        answers = await asyncio.gather(
            *(house.orders.record(order.id, fact) for house, fact in told), return_exceptions=True
        )
        assert not [answer for answer in answers if not isinstance(answer, Order | DomainError)]
        final = await replicas[0].orders.require(order.id)
        harm += len(final.payments) != 3 or money_back(final) != TOTAL * 2
    assert harm > 0
