"""Twilio's Messages and Content resources, the phones behind them, and the calls it makes to us."""

import asyncio
import json
import secrets
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
from aiohttp import web
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from core.clock import Clock
from tests.fakes.loopback import answering, on_loopback
from tests.fakes.twilio.rules import (
    CONTENT_FIELDS,
    LIST_FIELDS,
    MESSAGE_FIELDS,
    Mistake,
    filled,
    problem_of_content,
    problem_of_filled,
    problem_of_message,
)

WINDOW = timedelta(hours=24)
PRICE = "-0.00500"
MEDIA = ("image/png", "image/jpeg", "application/pdf")


@dataclass
class Sent:
    """A message on somebody's phone, or one that never got there."""

    n: int
    sid: str
    to: str
    fields: dict[str, str]
    at: datetime
    text: str = ""
    kind: str = "text"  # text, twilio/quick-reply, twilio/list-picker, template
    rows: list[dict[str, str]] = field(default_factory=list)  # title, id, description
    image: str | None = None
    status: str = "queued"
    error: int | None = None
    direction: str = "outbound-api"
    price: str | None = None

    @property
    def labels(self) -> list[str]:
        return [row["title"] for row in self.rows]


class FakeTwilioChat:
    """`number` is our sender. `reaches` says where a public address really is; `refuses` makes the next creates fail
    with those (status, code)s; `late` fails messages to an address afterwards, by a report.
    """

    def __init__(self, *, account_sid: str, auth_token: str, number: str, clock: Clock) -> None:
        self.account_sid = account_sid
        self.auth_token = auth_token
        self.sender = f"whatsapp:{number}"
        self.clock = clock
        self.base = ""
        self.webhook = ""
        self.reaches: dict[str, str] = {}
        self.changed = asyncio.Condition()
        self.sent: list[Sent] = []  # by us, oldest first
        self.received: list[Sent] = []  # from guests
        self.contents: dict[str, dict[str, Any]] = {}
        self.approved: set[str] = set()
        self.last_heard: dict[str, datetime] = {}
        self.opted_out: set[str] = set()
        self.refuses: list[tuple[int, int]] = []
        self.says = "as the test asked"  # when it refuses
        self.content_refuses = False
        self.late: dict[str, int] = {}
        self.shuffles = False  # delivered is reported before sent
        self.reports = True
        self.calls: list[tuple[str, str]] = []
        self.mistakes: list[str] = []
        self.answers: list[tuple[int, str, str]] = []  # of our door: status, content type, body
        self._reporting: set[asyncio.Task[None]] = set()
        self._http: aiohttp.ClientSession | None = None

    # ---- the API

    async def handle(self, request: web.Request) -> web.Response:
        self.calls.append((request.method, request.path))
        given = b64encode(f"{self.account_sid}:{self.auth_token}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {given}":
            return _refusal(401, 20003, "Authenticate")
        try:
            match request.method, request.path.split("/")[1:]:
                case "POST", ["2010-04-01", "Accounts", self.account_sid, "Messages.json"]:
                    return await self._create(request)
                case "GET", ["2010-04-01", "Accounts", self.account_sid, "Messages.json"]:
                    return self._list(request)
                case "GET", ["2010-04-01", "Accounts", self.account_sid, "Messages", name]:
                    return self._fetch(name.removesuffix(".json"))
                case "POST", ["v1", "Content"]:
                    return await self._make_content(request)
                case "GET", ["v1", "Content"]:
                    return self._contents(request)
                case "GET", ["v1", "Content", sid] if sid in self.contents:
                    return web.json_response(self.contents[sid])
                case "DELETE", ["v1", "Content", sid] if sid in self.contents:
                    del self.contents[sid]
                    return web.Response(status=204)
        except Mistake as mistake:
            self.mistakes.append(str(mistake))
            return _refusal(400, 20001, str(mistake))
        return _refusal(404, 20404, "The requested resource was not found")

    async def _create(self, request: web.Request) -> web.Response:
        if request.content_type != "application/x-www-form-urlencoded":
            raise Mistake("a message is a form")
        form = {name: str(value) for name, value in (await request.post()).items()}
        if unknown := set(form) - MESSAGE_FIELDS:
            raise Mistake(f"no such fields of a message: {sorted(unknown)}")
        if self.refuses:
            status, code = self.refuses.pop(0)
            return _refusal(status, code, self.says)
        if problem := problem_of_message(form, self.sender):
            if problem[1] not in (21211,):
                self.mistakes.append(str(problem))
            return _refusal(*problem)
        if form["To"] in self.opted_out:
            return _refusal(400, 21610, "Attempt to send to unsubscribed recipient")
        sent = Sent(len(self.sent), f"SM{secrets.token_hex(16)}", form["To"], form, self.clock.now())
        sent.text, sent.image = form.get("Body", ""), form.get("MediaUrl")
        if "ContentSid" in form:
            if form["ContentSid"] not in self.contents:
                return _refusal(400, 21655, "The ContentSid is Invalid")
            if unfit := self._fill(sent, form):
                self.mistakes.append(str(unfit))
                return _refusal(400, *unfit)
        if sent.image is not None:
            self._later(self._fetched(sent))
        sent.error = self._fails_later(sent)
        self.sent.append(sent)
        async with self.changed:
            self.changed.notify_all()
        if self.reports and "StatusCallback" in form:
            self._later(self._report_on(sent))
        return web.json_response(self._shown(sent) | {"status": "queued", "error_code": None}, status=201)

    def _fill(self, sent: Sent, form: dict[str, str]) -> tuple[int, str] | None:
        values = json.loads(form.get("ContentVariables", "{}"))
        kind, made = next(iter(self.contents[form["ContentSid"]]["types"].items()))
        said = filled(made, values)
        if problem := problem_of_filled(kind, said, values):
            return problem
        sent.kind, sent.text = kind, said["body"]
        for row in [*said.get("actions", ()), *said.get("items", ())]:
            title = row.get("title") or row["item"]
            sent.rows.append({"title": title, "id": row["id"], "description": row.get("description", "")})
        return None

    def _fails_later(self, sent: Sent) -> int | None:
        if sent.to in self.late:
            return self.late[sent.to]
        heard = self.last_heard.get(sent.to)
        closed = heard is None or self.clock.now() - heard > WINDOW
        if closed and sent.fields.get("ContentSid") not in self.approved:
            return 63016
        return None

    def _list(self, request: web.Request) -> web.Response:
        query = dict(request.query)
        if unknown := set(query) - LIST_FIELDS:
            raise Mistake(f"no such filters of messages: {sorted(unknown)}")
        after = datetime.fromisoformat(query["DateSent>"].replace("Z", "+00:00")) if "DateSent>" in query else None
        found = [
            one
            for one in sorted([*self.sent, *self.received], key=lambda each: each.at, reverse=True)
            if (query.get("To") in (None, one.to if one.direction != "inbound" else self.sender))
            and (query.get("From") in (None, self.sender if one.direction != "inbound" else one.to))
            and (after is None or one.at >= after)
        ]
        size, start = int(query.get("PageSize", "50")), int(query.get("Page", "0"))
        page = found[start * size : (start + 1) * size]
        following = None
        if len(found) > (start + 1) * size:
            parts = [f"{key.replace('>', '%3E')}={_quoted(value)}" for key, value in query.items() if key != "Page"]
            following = f"{request.path}?{'&'.join([*parts, f'Page={start + 1}', 'PageToken=PA1'])}"
        return web.json_response(
            {"messages": [self._shown(one) for one in page], "page_size": size, "next_page_uri": following}
        )

    def _fetch(self, sid: str) -> web.Response:
        found = next((one for one in [*self.sent, *self.received] if one.sid == sid), None)
        return _refusal(404, 20404, "not found") if found is None else web.json_response(self._shown(found))

    def _shown(self, one: Sent) -> dict[str, Any]:
        inbound = one.direction == "inbound"
        return {
            "account_sid": self.account_sid,
            "api_version": "2010-04-01",
            "body": one.text,
            "date_created": format_datetime(one.at),
            "date_sent": format_datetime(one.at),
            "direction": one.direction,
            "error_code": one.error if one.status in ("failed", "undelivered") else None,
            "from": one.to if inbound else self.sender,
            "to": self.sender if inbound else one.to,
            "num_media": one.fields.get("NumMedia", "0"),
            "price": one.price,
            "price_unit": "USD",
            "sid": one.sid,
            "status": one.status,
        }

    async def _make_content(self, request: web.Request) -> web.Response:
        if request.content_type != "application/json":
            raise Mistake("a template is JSON")
        body = await request.json()
        if unknown := set(body) - CONTENT_FIELDS:
            raise Mistake(f"no such fields of a template: {sorted(unknown)}")
        if problem := problem_of_content(body):
            raise Mistake(problem)
        if self.content_refuses:
            return _refusal(503, 20500, "Content is down")
        sid = self.add_content(body)
        return web.json_response(self.contents[sid], status=201)

    def add_content(self, body: dict[str, Any], *, approved: bool = False) -> str:
        sid = f"HX{secrets.token_hex(16)}"
        self.contents[sid] = {**body, "sid": sid, "account_sid": self.account_sid}
        if approved:
            self.approved.add(sid)
        return sid

    def _contents(self, request: web.Request) -> web.Response:
        if unknown := set(request.query) - {"PageSize", "Page", "PageToken"}:
            raise Mistake(f"no such filters of templates: {sorted(unknown)}")
        if self.content_refuses:
            return _refusal(503, 20500, "Content is down")
        size, start = int(request.query.get("PageSize", "50")), int(request.query.get("Page", "0"))
        found = list(self.contents.values())
        following = None
        if len(found) > (start + 1) * size:
            following = f"https://content.twilio.com/v1/Content?PageSize={size}&Page={start + 1}&PageToken=PA1"
        meta = {"page": start, "page_size": size, "next_page_url": following, "key": "contents"}
        return web.json_response({"contents": found[start * size : (start + 1) * size], "meta": meta})

    # ---- its calls to us

    async def deliver(self, sender: str, fields: dict[str, str], *, sid: str | None = None, post: bool = True) -> str:
        """Somebody writes to us. The sid of the message; without `post` our door never hears of it."""
        sid = sid or f"SM{secrets.token_hex(16)}"
        form = {
            "MessageSid": sid,
            "SmsSid": sid,
            "SmsMessageSid": sid,
            "AccountSid": self.account_sid,
            "From": sender,
            "To": self.sender,
            "Body": "",
            "NumMedia": "0",
            "NumSegments": "1",
            "SmsStatus": "received",
            "ApiVersion": "2010-04-01",
            "ProfileName": "Asha",
            "MessageType": "text",
            "ChannelMetadata": '{"type":"whatsapp","data":{"context":{}}}',
            "A-Field-Of-Next-Year": "तीन",
            **fields,
        }
        self.last_heard[sender] = self.clock.now()
        if all(one.sid != sid for one in self.received):
            one = Sent(len(self.received), sid, sender, form, self.clock.now(), text=form["Body"])
            one.direction, one.status = "inbound", "received"
            self.received.append(one)
        if post:
            await self.post(self.webhook, form)
        return sid

    async def post(self, url: str, form: dict[str, str], *, token: str | None = None, algorithm: str = "") -> int:
        """Call an address of ours, signed. A failure is tried again as the address's overrides say."""
        plain, _, overrides = url.partition("#")
        policy = dict(parse_qsl(overrides))
        there = next((real + plain[len(at) :] for at, real in self.reaches.items() if plain.startswith(at)), plain)
        tries = 1 + (int(policy.get("rc", "1")) if policy.get("rp") == "all" else 0)
        headers = {"X-Twilio-Signature": self.signature(plain, form, token=token, algorithm=algorithm)}
        if algorithm:
            headers["X-Twilio-Webhooks-Signature-Settings"] = f"key=SharedKey,algorithm={algorithm}"
        status = 0
        assert self._http is not None
        for _ in range(tries):
            try:
                async with self._http.post(there, data=form, headers=headers) as response:
                    status = response.status
                    self.answers.append((status, response.content_type, await response.text()))
            except aiohttp.ClientError:
                status = 0
            if 200 <= status < 300:
                break
        return status

    def signature(self, url: str, form: dict[str, str], *, token: str | None = None, algorithm: str = "") -> str:
        validator = RequestValidator(token or self.auth_token)
        return str(
            validator.compute_signature(url, form, algorithm) if algorithm else validator.compute_signature(url, form)
        )

    async def report(self, sent: Sent, status: str, *, error: int | None = None) -> int:
        """Call the message's status address as Twilio does."""
        form = {
            "AccountSid": self.account_sid,
            "ApiVersion": "2010-04-01",
            "From": self.sender,
            "To": sent.to,
            "MessageSid": sent.sid,
            "SmsSid": sent.sid,
            "MessageStatus": status,
            "SmsStatus": status,
            "ChannelToAddress": sent.to,
        }
        if error is not None:
            form["ErrorCode"] = str(error)
        return await self.post(sent.fields["StatusCallback"], form)

    async def _report_on(self, sent: Sent) -> None:
        if sent.error is not None:
            sent.status = "undelivered"
            await self.report(sent, "undelivered", error=sent.error)
            return
        steps = ["sent", "delivered"]
        for step in reversed(steps) if self.shuffles else steps:
            await self.report(sent, step)
        sent.status, sent.price = "delivered", PRICE

    async def _fetched(self, sent: Sent) -> None:
        """Twilio fetches pictures and documents itself, and WhatsApp shows some kinds alone."""
        assert self._http is not None
        assert sent.image is not None
        async with self._http.get(sent.image) as response:
            if response.status != 200 or response.content_type not in MEDIA:
                self.mistakes.append(f"{sent.image} is {response.status} {response.content_type}")

    def _later(self, call: Any) -> None:
        task = asyncio.create_task(call)
        self._reporting.add(task)
        task.add_done_callback(self._reporting.discard)

    async def settled(self) -> None:
        """Every report that is on its way has been made."""
        while self._reporting:
            await asyncio.gather(*self._reporting, return_exceptions=True)

    def to(self, address: str) -> list[Sent]:
        return [one for one in self.sent if one.to == address]


@asynccontextmanager
async def running_twilio(
    *, account_sid: str, auth_token: str, number: str, clock: Clock
) -> AsyncIterator[FakeTwilioChat]:
    fake = FakeTwilioChat(account_sid=account_sid, auth_token=auth_token, number=number, clock=clock)
    async with on_loopback(answering(fake.handle)) as fake.base:
        fake._http = aiohttp.ClientSession()
        try:
            yield fake
        finally:
            await fake.settled()
            await fake._http.close()


def _quoted(value: str) -> str:
    return value.replace("+", "%2B").replace(":", "%3A")


def _refusal(status: int, code: int, message: str) -> web.Response:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return web.json_response({"code": code, "message": message, "more_info": more, "status": status}, status=status)
