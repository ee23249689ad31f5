"""Twilio's Messages resource, and the signed reports it sends about each message."""

import re
import secrets
from urllib.parse import urlsplit

import aiohttp
from aiohttp import BasicAuth, web
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from tests.fakes.sms.service import FakeService, Taken

E164 = re.compile(r"\+[1-9][0-9]{7,14}")


class FakeTwilio(FakeService):
    """Numbers it cannot reach are put into `landlines`, `opted_out` and `premium`; `countries` are switched on."""

    def __init__(self, *, account_sid: str, auth_token: str, numbers: tuple[str, ...]) -> None:
        super().__init__()
        self.account_sid = account_sid
        self.auth_token = auth_token
        self.numbers = numbers
        self.countries = ("+91",)
        self.landlines: set[str] = set()
        self.opted_out: set[str] = set()
        self.premium: set[str] = set()

    async def answer(self, request: web.Request) -> tuple[web.Response, Taken | None]:
        if not self._knows(request.headers.get("Authorization", "")):
            return _refusal(401, 20003, "Authenticate"), None
        if request.path != f"/2010-04-01/Accounts/{self.account_sid}/Messages.json" or request.method != "POST":
            return _refusal(404, 20404, "The requested resource was not found"), None
        if request.content_type != "application/x-www-form-urlencoded":
            return _refusal(415, 20415, "Unsupported media type"), None
        form = {name: str(value) for name, value in (await request.post()).items()}
        if problem := self._problem(form):
            return _refusal(400, *problem), None
        taken = Taken(form["To"], form["Body"], f"SM{secrets.token_hex(16)}", form)
        body = {
            "account_sid": self.account_sid,
            "api_version": "2010-04-01",
            "body": taken.text,
            "date_created": "Mon, 02 Mar 2026 07:00:00 +0000",
            "date_sent": None,
            "date_updated": "Mon, 02 Mar 2026 07:00:00 +0000",
            "direction": "outbound-api",
            "error_code": None,
            "error_message": None,
            "from": form.get("From"),
            "messaging_service_sid": form.get("MessagingServiceSid"),
            "num_media": "0",
            "num_segments": "1",
            "price": None,
            "price_unit": "USD",
            "sid": taken.id,
            "status": "queued",
            "to": taken.phone,
            "uri": f"/2010-04-01/Accounts/{self.account_sid}/Messages/{taken.id}.json",
        }
        return web.json_response(body, status=201), taken

    async def report(
        self, taken: Taken, status: str, *, error: int | None = None, to: str | None = None, token: str | None = None
    ) -> int:
        """Call the message's status address (or `to`) as Twilio does; the status of the answer."""
        url = to or taken.fields["StatusCallback"]
        form = {
            "AccountSid": self.account_sid,
            "ApiVersion": "2010-04-01",
            "From": taken.fields.get("From", ""),
            "To": taken.phone,
            "MessageSid": taken.id,
            "SmsSid": taken.id,
            "MessageStatus": status,
            "SmsStatus": status,
        }
        if error is not None:
            form["ErrorCode"] = str(error)
        signature = RequestValidator(token or self.auth_token).compute_signature(url, form)
        async with (
            aiohttp.ClientSession() as http,
            http.post(url, data=form, headers={"X-Twilio-Signature": signature}) as response,
        ):
            return response.status

    def _knows(self, authorization: str) -> bool:
        try:
            who = BasicAuth.decode(authorization)
        except ValueError:
            return False
        return (who.login, who.password) == (self.account_sid, self.auth_token)

    def _problem(self, form: dict[str, str]) -> tuple[int, str] | None:
        to = form.get("To", "")
        callback = form.get("StatusCallback")
        if not to:
            return 21604, "A 'To' phone number is required."
        if "From" not in form and "MessagingServiceSid" not in form:
            return 21603, "A 'From' phone number is required."
        if "From" in form and form["From"] not in self.numbers:
            return 21606, f"The 'From' phone number {form['From']} is not a valid message-capable Twilio number"
        if not form.get("Body"):
            return 21602, "Message body is required."
        if len(form["Body"]) > 1600:
            return 21617, "The concatenated message body exceeds the 1600 character limit"
        if callback is not None and not _callable(callback):
            return 21609, f"The 'StatusCallback' URL {callback} is not a valid URL"
        if not 1 <= int(form.get("ValidityPeriod", "36000")) <= 36000:
            return 21621, "Invalid ValidityPeriod"
        if not E164.fullmatch(to):
            return 21211, f"Invalid 'To' Phone Number: {to}"
        if not to.startswith(self.countries):
            return 21408, f"Permission to send an SMS has not been enabled for the region of {to}"
        if to in self.premium:
            return 21268, f"The number {to} is a premium-rate number"
        if to in self.landlines:
            return 21614, f"'To' number: {to}, is not a valid mobile number"
        if to in self.opted_out:
            return 21610, f"Attempt to send to unsubscribed recipient {to}"
        return None


def _callable(url: str) -> bool:
    parts = urlsplit(url)
    return (
        parts.scheme in {"http", "https"}
        and bool(parts.hostname)
        and "_" not in str(parts.hostname)
        and len(url) <= 4000
    )


def _refusal(status: int, code: int, message: str) -> web.Response:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return web.json_response({"code": code, "message": message, "more_info": more, "status": status}, status=status)
