"""What MongoDB refuses to store. The rules are evaluated by mongomock, which knows `$expr`; embedded servers do not."""

from typing import Any

import mongomock
import pytest

from core.orders.status import OrderStatus
from core.orders.validator import ORDER_VALIDATOR
from core.outlets.models import Fulfilment, PayMethod
from tests.core.orders.builders import an_order
from tests.core.orders.house import House


def accepted(document: dict[str, Any]) -> bool:
    orders: Any = mongomock.MongoClient().db.orders
    orders.insert_one(document)
    return orders.find_one({"$expr": ORDER_VALIDATOR["$expr"]}) is not None


@pytest.mark.parametrize("status", list(OrderStatus))
@pytest.mark.parametrize("fulfilment", list(Fulfilment))
def test_every_order_we_make_is_accepted(status: OrderStatus, fulfilment: Fulfilment):
    if status is OrderStatus.OUT_FOR_DELIVERY and fulfilment is not Fulfilment.DELIVERY:
        fulfilment = Fulfilment.DELIVERY
    assert accepted(an_order(status, fulfilment=fulfilment).to_document())


def changed(**bill: object) -> dict[str, Any]:
    document = an_order(OrderStatus.PLACED).to_document()
    document["bill"].update(bill)
    return document


def test_a_total_that_is_not_the_sum_of_its_parts_is_refused():
    document = an_order(OrderStatus.PLACED).to_document()
    total = document["bill"]["total"]
    assert not accepted(changed(total=total + 1))
    assert not accepted(changed(subtotal=document["bill"]["subtotal"] - 1))
    assert not accepted(changed(discount=1))
    assert not accepted(changed(charges=[]))
    assert not accepted(changed(taxes=[]))
    assert accepted(changed(discount=100, total=total - 100))


def test_a_delivery_without_an_address_and_a_dinner_at_a_table_with_one_are_refused():
    delivered = an_order(OrderStatus.PLACED).to_document()
    assert not accepted(delivered | {"address": None})
    eaten_here = an_order(OrderStatus.PLACED, fulfilment=Fulfilment.DINE_IN, method=PayMethod.CASH).to_document()
    assert not accepted(eaten_here | {"address": delivered["address"]})


def test_the_statuses_it_knows_are_all_there_are():
    enum = ORDER_VALIDATOR["$jsonSchema"]["properties"]["status"]["enum"]
    assert set(enum) == {status.value for status in OrderStatus}


async def test_it_can_be_installed_and_orders_are_stored_as_before(house: House):
    await house.store.install_validator()
    order = an_order(OrderStatus.PLACED)
    assert await house.store.insert(order) == order
