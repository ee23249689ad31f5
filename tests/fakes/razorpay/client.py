"""Our client of it, with a test's patience."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from pydantic import SecretStr

from core.clock import Clock
from core.payments.calls import Patience
from core.payments.razorpay import RazorpayProvider
from tests.fakes.razorpay.server import KEY_ID, KEY_SECRET, FakeRazorpay

RETURN_URL: Final = "https://tiffin.example.in/pay/return"
SHORT: Final = Patience(connect=timedelta(seconds=1), answer=timedelta(seconds=0.5), whole=timedelta(seconds=1.5))


@asynccontextmanager
async def client_of(
    fake: FakeRazorpay, clock: Clock, *, key_secret: str = KEY_SECRET, patience: Patience = SHORT
) -> AsyncIterator[RazorpayProvider]:
    provider = RazorpayProvider(
        key_id=KEY_ID,
        key_secret=SecretStr(key_secret),
        api_url=fake.base,
        return_url=RETURN_URL,
        clock=clock,
        patience=patience,
    )
    try:
        yield provider
    finally:
        await provider.close()
