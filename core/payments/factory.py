"""The payment providers that Settings hold keys for."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from core.clock import Clock
from core.ids import OrderId
from core.links import Signer
from core.payments.practice.bank import API_PATH, PracticeKeys, practice_address
from core.payments.provider import PaymentProvider
from core.payments.razorpay import RazorpayProvider
from core.payments.stripe import StripeProvider
from core.settings import PaymentProviderName, Settings

RETURN_PATH: Final = "/pay/return"
PAID: Final = "paid"  # the purpose a link back from Stripe is signed for; its id is the order's
BACK_WITHIN: Final = timedelta(days=1)
SANDBOX: Final = PaymentProviderName.SANDBOX.value


def build_providers(settings: Settings, signer: Signer, clock: Clock) -> dict[str, PaymentProvider]:
    """By name. Practice money goes the very same way as real money, to a Razorpay played at our own door."""
    providers = {provider.name: provider for provider in real_providers(settings, signer, clock)}
    if settings.payment_provider is PaymentProviderName.SANDBOX:
        keys = PracticeKeys.of(settings)
        providers[SANDBOX] = RazorpayProvider(
            name=SANDBOX,
            key_id=keys.key_id,
            key_secret=keys.key_secret,
            api_url=practice_address(settings) + API_PATH,
            return_url=settings.public_url + RETURN_PATH,
            clock=clock,
        )
    return providers


def real_providers(settings: Settings, signer: Signer, clock: Clock) -> Iterator[PaymentProvider]:
    """Every one whose keys are there, whichever takes payments today: an order stays with the one it was paid at.

    Nothing is connected or even loaded before the first call.
    """
    if settings.razorpay_key_id and settings.razorpay_key_secret:
        yield RazorpayProvider(
            key_id=settings.razorpay_key_id,
            key_secret=settings.razorpay_key_secret,
            api_url=settings.razorpay_api_url,
            return_url=settings.public_url + RETURN_PATH,
            clock=clock,
        )
    if settings.stripe_secret_key:

        def return_url(order: OrderId) -> str:
            return f"{settings.public_url}{RETURN_PATH}?{PAID}={signer.sign(PAID, order, BACK_WITHIN)}"

        yield StripeProvider(
            secret_key=settings.stripe_secret_key,
            api_url=settings.stripe_api_url,
            return_url=return_url,
            clock=clock,
        )
