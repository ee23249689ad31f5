import pytest

from core.connections import ensure_indexes
from core.customers.service import CustomerService
from core.customers.store import INDEXES, CustomerStore


@pytest.fixture
async def store(mongo):
    await ensure_indexes(mongo, INDEXES)
    return CustomerStore(mongo)


@pytest.fixture
def customers(store, clock):
    return CustomerService(store=store, clock=clock)
