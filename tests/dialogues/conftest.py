"""The people of the dialogues, by the names the stories use."""

import pytest

from tests.house import House


@pytest.fixture
async def guest(house: House):
    return await house.guest()


@pytest.fixture
async def cook(house: House):
    return await house.cook()


@pytest.fixture
def phone(house: House):
    return house.phone


@pytest.fixture
def till(house: House):
    return house.till
