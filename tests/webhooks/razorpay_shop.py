"""The whole house, with a Razorpay on the other side of the street."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from pydantic import SecretStr

from core.clock import FrozenClock
from core.connections import Connections
from core.orders.models import Order
from core.payments.practice.models import PracticePayment
from core.payments.practice.news import Event
from core.settings import PaymentProviderName, Settings
from tests.fakes.razorpay.server import KEY_ID, KEY_SECRET, WEBHOOK_SECRET, FakeRazorpay
from tests.house import open_test_house
from tests.webhooks.shop import Shop

OLD_SECRET = "canary-webhook-secret-before"


@dataclass(frozen=True)
class RazorpayShop(Shop):
    razorpay: FakeRazorpay

    async def paid(self) -> tuple[Order, PracticePayment]:
        """An order whose payment arrived, with all its news."""
        order, link = await self.ordered()
        payment = await self.razorpay.ledger.pay(link.id)
        await self.hears()
        return await self.now(order), payment

    async def hears(self, events: Iterable[Event] | None = None) -> None:
        """News is delivered and believed, and everything follows from it."""
        assert set(await self.razorpay.deliver(events)) <= {200}
        await self.settle()


@asynccontextmanager
async def open_shop(settings: Settings, connections: Connections, clock: FrozenClock) -> AsyncIterator[RazorpayShop]:
    async with FakeRazorpay(clock).serving() as razorpay:
        chosen = settings.model_copy(
            update={
                "payment_provider": PaymentProviderName.RAZORPAY,
                "razorpay_key_id": KEY_ID,
                "razorpay_key_secret": SecretStr(KEY_SECRET),
                "razorpay_webhook_secret": (SecretStr(WEBHOOK_SECRET), SecretStr(OLD_SECRET)),
                "razorpay_api_url": razorpay.base,
            }
        )
        async with open_test_house(chosen, connections, clock) as house:
            razorpay.hook = f"{house.base}/webhooks/razorpay"
            yield RazorpayShop(house, razorpay)
