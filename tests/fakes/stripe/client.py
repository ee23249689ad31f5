"""Our client of it, with a test's patience."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import SecretStr

from core.clock import Clock
from core.payments.calls import Patience
from core.payments.stripe import StripeProvider
from tests.fakes.razorpay.client import SHORT
from tests.fakes.stripe.server import SECRET_KEY, FakeStripe


@asynccontextmanager
async def client_of(
    fake: FakeStripe, clock: Clock, *, secret_key: str = SECRET_KEY, patience: Patience = SHORT
) -> AsyncIterator[StripeProvider]:
    provider = StripeProvider(
        secret_key=SecretStr(secret_key),
        api_url=fake.base,
        return_url=lambda order: f"https://tiffin.example.in/pay/return?paid={order}",
        clock=clock,
        patience=patience,
    )
    try:
        yield provider
    finally:
        await provider.close()
