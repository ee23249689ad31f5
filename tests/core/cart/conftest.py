import pytest

from tests.core.cart.house import open_house


@pytest.fixture
async def house(redis, mongo, clock):
    return await open_house(redis, mongo, clock)


@pytest.fixture
def cart(house):
    return house.cart
