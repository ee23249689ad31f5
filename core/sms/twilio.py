"""Text messages through Twilio (PLATFORMS.md B6, B8, B9)."""

import logging
import threading
from datetime import timedelta
from functools import partial
from typing import Any, Final

from pydantic import SecretStr

from core.ids import Phone
from core.sms.connecting import broke_while_connecting
from core.sms.patience import PATIENCE, Patience
from core.sms.provider import SmsReceipt
from core.sms.refusals import code_of, refusal, unclear, unreachable
from core.sms.threads import Threads

# Invalid number, premium-rate number, country switched off, recipient sent STOP, landline: Twilio's "do not retry".
NUMBER_CODES: Final = frozenset({"21211", "21268", "21408", "21610", "21614"})
NOT_SENT: Final = frozenset({"failed", "canceled"})
WORTH_DELIVERING: Final = timedelta(minutes=10)  # a code is dead after that; Twilio would try for ten hours
_MESSAGING_SERVICE: Final = "MG"


class TwilioSms:
    """`sender` is our number, or the SID of a messaging service. `status_url` is told what becomes of each message."""

    name = "twilio"

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: SecretStr,
        sender: str,
        api_url: str,
        status_url: str | None = None,
        patience: Patience = PATIENCE,
    ) -> None:
        self._account_sid = account_sid
        self._auth_token = auth_token
        self._from = {"messaging_service_sid" if sender.startswith(_MESSAGING_SERVICE) else "from_": sender}
        self._api_url = api_url
        self._status_url = status_url
        self._patience = patience
        self._threads = Threads(self.name)
        self._opening = threading.Lock()
        self._client: Any = None

    async def send(self, phone: Phone, text: str, *, template_id: str | None = None) -> SmsReceipt:
        """`template_id` is not used: Twilio keeps DLT registrations with the sender (PLATFORMS.md B9)."""
        return await self._threads.run(partial(self._send, phone, text))

    async def close(self) -> None:
        self._threads.close()
        if self._client is not None:
            self._client.http_client.session.close()

    def _send(self, phone: Phone, text: str) -> SmsReceipt:
        from twilio.base.exceptions import TwilioException  # type: ignore[import-untyped]
        from urllib3.exceptions import HTTPError

        fields = {"to": phone, "body": text, "validity_period": WORTH_DELIVERING // timedelta(seconds=1), **self._from}
        if self._status_url is not None:
            fields["status_callback"] = self._status_url
        client = self._open()
        try:
            message = client.messages.create(**fields)
        except TwilioException as refused:  # in an older form or a newer; both have a status and a code
            status, code = getattr(refused, "status", 400), code_of(getattr(refused, "code", ""))
            raise refusal(self.name, status=status, code=code, number=code in NUMBER_CODES) from None
        except OSError as failure:  # all that `requests` raises, and what the system does before it gets that far
            raise (unreachable if _never_connected(failure) else unclear)(self.name, failure) from None
        except (HTTPError, ValueError, TypeError, AttributeError, LookupError) as failure:
            # The library raises any of these when it cannot read an answer, and by then the message may be taken.
            raise unclear(self.name, failure) from None
        code = code_of(message.error_code)
        if message.status in NOT_SENT:
            raise refusal(self.name, status=200, code=code, number=code in NUMBER_CODES)
        if not isinstance(message.sid, str) or not message.sid:
            raise unclear(self.name)
        return SmsReceipt(id=message.sid)

    def _open(self) -> Any:
        with self._opening:
            if self._client is None:
                self._client = self._make_client()
        return self._client

    def _make_client(self) -> Any:
        from twilio.http.http_client import TwilioHttpClient  # type: ignore[import-untyped]
        from twilio.rest import Client  # type: ignore[import-untyped]

        logging.getLogger("twilio").setLevel(logging.WARNING)  # it would log the account with every message
        http = TwilioHttpClient(timeout=self._patience.answer_seconds)
        http.timeout = (self._patience.connect_seconds, self._patience.answer_seconds)  # as `requests` takes both
        # On a kept connection that the far side just closed, nobody could tell whether the message was read.
        http.session.headers["Connection"] = "close"
        client = Client(self._account_sid, self._auth_token.get_secret_value(), http_client=http)
        client.api.base_url = self._api_url
        return client


def _never_connected(failure: OSError) -> bool:
    """Whether it failed before a byte of the request was written."""
    from requests.exceptions import ConnectTimeout, InvalidURL, ProxyError, RequestException
    from urllib3.exceptions import NewConnectionError

    if not isinstance(failure, RequestException) or isinstance(failure, ConnectTimeout | ProxyError | InvalidURL):
        return True
    reason = getattr(failure.args[0], "reason", None) if failure.args else None
    return isinstance(reason, NewConnectionError) or broke_while_connecting(failure)
