from collections.abc import AsyncIterator

import pytest

from core.clock import FrozenClock
from core.payments.razorpay import RazorpayProvider
from tests.core.orders.conftest import house
from tests.fakes.razorpay.client import client_of
from tests.fakes.razorpay.server import FakeRazorpay

__all__ = ["house"]


@pytest.fixture
async def razorpay(clock: FrozenClock) -> AsyncIterator[FakeRazorpay]:
    async with FakeRazorpay(clock).serving() as fake:
        yield fake


@pytest.fixture
async def provider(razorpay: FakeRazorpay, clock: FrozenClock) -> AsyncIterator[RazorpayProvider]:
    async with client_of(razorpay, clock) as provider:
        yield provider
