"""A text message through the first service that takes it."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta

from core.errors import ProviderError
from core.ids import Phone
from core.redaction import phone_mark
from core.sms.provider import NoProvider, NumberRejected, SendUnclear, SmsProvider, SmsReceipt

log = logging.getLogger(__name__)

PATIENCE = timedelta(seconds=10)


class SmsSender:
    """Tries the services in order. A guest gets one message, or none and an honest error; never two."""

    def __init__(self, providers: Sequence[SmsProvider], *, patience: timedelta = PATIENCE) -> None:
        if not providers:
            raise ValueError("at least one SMS service is needed")
        self._providers = tuple(providers)
        self._patience = patience.total_seconds()

    async def send(self, phone: Phone, text: str, *, template_id: str | None = None) -> SmsReceipt:
        """Send once. A service that refuses or cannot be reached gives way to the next one.

        A service that may have taken the message ends the search: the receipt then says so with `sure=False`.
        Raises NumberRejected, or NoProvider when nobody took it.
        """
        refusal: ProviderError | None = None
        for provider in self._providers:
            about = {"provider": provider.name, "phone": phone_mark(phone)}
            try:
                async with asyncio.timeout(self._patience):
                    receipt = await provider.send(phone, text, template_id=template_id)
            except NumberRejected:
                log.warning("sms_number_rejected", extra=about)
                raise
            except (SendUnclear, TimeoutError):
                log.warning("sms_unclear", extra=about)
                return SmsReceipt(id="", provider=provider.name, sure=False)
            except ProviderError as failure:
                log.warning("sms_refused", extra=about)
                refusal = failure
            else:
                return receipt.model_copy(update={"provider": provider.name})
        raise NoProvider() from refusal
