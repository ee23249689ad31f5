"""What an SMS service must be able to do, and the three ways in which it can fail."""

from typing import Protocol

from core.errors import ProviderError
from core.ids import Phone
from core.models import Model


class SmsReceipt(Model):
    """What the service calls the message. `sure` is False when its answer never came: it may have been sent."""

    id: str
    provider: str = ""
    sure: bool = True


class SmsProvider(Protocol):
    @property
    def name(self) -> str: ...

    async def send(self, phone: Phone, text: str, *, template_id: str | None = None) -> SmsReceipt:
        """Hand one message over. `template_id` is the registered template where the law asks for one (PLATFORMS.md G7).

        Raises ProviderError when the message was certainly not taken, NumberRejected when no service could deliver to
        this number, SendUnclear when it may have been taken.
        """
        ...


class NumberRejected(ProviderError):
    """This number takes no messages; another service would be told the same."""

    def __init__(self, provider: str, **facts: object) -> None:
        super().__init__(provider, retryable=False, **facts)


class SendUnclear(ProviderError):
    """The request went out and no answer came back; sending again could reach the guest twice."""

    def __init__(self, provider: str, **facts: object) -> None:
        super().__init__(provider, retryable=False, **facts)


class NoProvider(ProviderError):
    """Every service turned the message down; the last refusal is the cause."""

    def __init__(self, **facts: object) -> None:
        super().__init__("sms", retryable=True, **facts)
