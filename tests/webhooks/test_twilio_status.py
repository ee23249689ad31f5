"""Twilio's reports on text messages, from its signature to the score of the service."""

import base64
import hmac
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from urllib.parse import urlencode

import aiohttp
import pytest
from aiohttp import web
from pydantic import SecretStr
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]
from yarl import URL

from core.errors import StoreError
from core.ids import Phone
from core.sms.delivery import DeliveryStatus, Score
from core.sms.store import SmsStore
from core.sms.tracking import TrackingSender
from core.sms.twilio import TwilioSms
from tests.fakes.sms.twilio import FakeTwilio
from webhooks.bodies import MAX_BODY
from webhooks.middleware import answer_errors
from webhooks.twilio_signature import SETTINGS, SIGNATURE, Algorithm, TwilioSignature
from webhooks.twilio_status import SMS, TWILIO_SIGNATURE, routes

SID, TOKEN, OLD_TOKEN = "AC" + "0" * 32, "canary-token-in-use", "canary-token-before"
MESSAGE = "SM" + "a" * 32
PUBLIC = "https://tiffin.example.in"
PATH = "/webhooks/twilio/status"
PHONE, OURS = Phone("+919876543210"), "+918045671234"
FORM = "application/x-www-form-urlencoded"


class Door:
    """The door as the proxy in front of it calls it: over plain HTTP, by another name than Twilio did."""

    def __init__(self, base, sender, store):
        self.base, self.sender, self.store = base, sender, store

    async def report(self, status, *, token=TOKEN, url=PUBLIC + PATH, path=PATH, headers=None, **changes):
        form = {"MessageSid": MESSAGE, "MessageStatus": status, "To": PHONE, "From": OURS, "AccountSid": SID}
        form = {name: value for name, value in (form | changes).items() if value is not None}
        signature = RequestValidator(token).compute_signature(url, form)
        return await self.post(urlencode(form).encode(), {SIGNATURE: signature, **(headers or {})}, path=path)

    async def post(self, body, headers, *, path=PATH):
        async with (
            aiohttp.ClientSession() as http,
            http.post(
                URL(self.base + path, encoded=True), data=body, headers={"Content-Type": FORM, **headers}
            ) as answer,
        ):
            return answer.status

    async def status(self, message=MESSAGE):
        found = await self.store.get("twilio", message)
        return found.status if found else None


@asynccontextmanager
async def open_door(
    twilio: FakeTwilio, store: SmsStore, clock, *, public: str = PUBLIC, algorithms=(Algorithm.SHA1,)
) -> AsyncIterator[Door]:
    listener = socket.create_server(("127.0.0.1", 0))
    base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    service = TwilioSms(
        account_sid=SID,
        auth_token=SecretStr(TOKEN),
        sender=OURS,
        api_url=twilio.base,
        status_url=(public or base) + PATH,
    )
    sender = TrackingSender([service], store=store, clock=clock)
    app = web.Application(middlewares=[answer_errors], client_max_size=MAX_BODY)
    app[TWILIO_SIGNATURE] = TwilioSignature(keys=(TOKEN, OLD_TOKEN), public_url=public or base, algorithms=algorithms)
    app[SMS] = sender
    app.add_routes(routes)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    try:
        yield Door(base, sender, store)
    finally:
        await runner.cleanup()
        await service.close()


@pytest.fixture
async def twilio():
    async with FakeTwilio(account_sid=SID, auth_token=TOKEN, numbers=(OURS,)).serving() as fake:
        yield fake


@pytest.fixture
async def door(twilio, mongo, clock):
    async with open_door(twilio, SmsStore(mongo, clock), clock) as door:
        yield door


async def test_a_message_is_followed_from_the_request_to_the_phone(twilio, mongo, clock):
    async with open_door(twilio, SmsStore(mongo, clock), clock, public="") as door:
        receipt = await door.sender.send(PHONE, "hello")
        (taken,) = twilio.taken
        assert await door.status(receipt.id) is DeliveryStatus.ACCEPTED
        for status in ("sent", "delivered", "sent", "delivered", "undelivered"):
            assert await twilio.report(taken, status) == 204
        assert await door.status(receipt.id) is DeliveryStatus.DELIVERED
        assert await door.sender.scores() == {"twilio": Score(delivered=1, of=1)}


async def test_a_message_that_failed_lowers_the_score_and_keeps_the_reason(door):
    assert await door.report("sent") == 204
    assert await door.report("undelivered", ErrorCode="30003") == 204
    assert (await door.store.get("twilio", MESSAGE)).error == "30003"
    assert await door.sender.scores() == {"twilio": Score(delivered=0, of=1)}


async def test_while_the_token_is_changed_both_are_believed_and_no_third(door):
    assert await door.report("sent", token=OLD_TOKEN) == 204
    assert await door.report("delivered", token="another") == 403
    assert await door.status() is DeliveryStatus.SENT


@pytest.mark.parametrize(
    "forged",
    [
        {"url": "http://tiffin.example.in" + PATH},
        {"url": "https://other.example.in" + PATH},
        {"url": PUBLIC + PATH + "?x=1"},
        {"url": PUBLIC + PATH + "/"},
        {"path": PATH + "?x=1"},
        {"headers": {SETTINGS: "key=k,algorithm=HMAC_SHA256"}},
        {"headers": {SETTINGS: "algorithm=MD5"}},
        {"headers": {SIGNATURE: ""}},
        {"headers": {SIGNATURE: "é"}},
    ],
    ids=str,
)
async def test_what_is_signed_for_another_address_or_in_another_way_is_refused(door, forged, caplog):
    assert await door.report("delivered", **forged) == 403
    assert await door.status() is None
    assert "canary" not in caplog.text


async def test_without_a_signature_nothing_is_even_read(door):
    assert await door.post(b"MessageSid=SM1&MessageStatus=delivered", {}) == 403


async def test_a_changed_field_breaks_the_signature(door):
    form = {"MessageSid": MESSAGE, "MessageStatus": "undelivered"}
    signature = RequestValidator(TOKEN).compute_signature(PUBLIC + PATH, form)
    changed = urlencode(form | {"MessageStatus": "delivered"}).encode()
    assert await door.post(changed, {SIGNATURE: signature}) == 403


async def test_the_address_is_checked_letter_by_letter_as_it_was_called(door):
    query = "?a=%7E+b&&c=&d=%E2%82%B9//"
    assert await door.report("sent", url=PUBLIC + PATH + query, path=PATH + query) == 204
    assert await door.report("delivered", url=PUBLIC + ":443" + PATH) == 204


async def test_sha256_is_believed_where_it_is_set(twilio, mongo, clock):
    form = {"MessageSid": MESSAGE, "MessageStatus": "delivered"}
    text = PUBLIC + PATH + "".join(name + form[name] for name in sorted(form))
    signature = base64.b64encode(hmac.digest(TOKEN.encode(), text.encode(), sha256)).decode()
    headers = {SIGNATURE: signature, SETTINGS: "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"}
    both = (Algorithm.SHA1, Algorithm.SHA256)
    for algorithms, answer in [((Algorithm.SHA1,), 403), ((Algorithm.SHA256,), 204), (both, 204)]:
        async with open_door(twilio, SmsStore(mongo, clock), clock, algorithms=algorithms) as door:
            assert await door.post(urlencode(form).encode(), headers) == answer


@pytest.mark.parametrize(
    "changes",
    [
        {"MessageStatus": "teleported"},
        {"MessageStatus": "received"},
        {"MessageStatus": ""},
        {"MessageStatus": None},
        {"MessageSid": None},
        {"From": "whatsapp:+918045671234"},
        {"To": "whatsapp:+919876543210"},
    ],
    ids=str,
)
async def test_what_we_do_not_know_is_heard_out_and_changes_nothing(door, mongo, changes):
    assert await door.report("delivered", **changes) == 204
    assert await mongo["sms_messages"].count_documents({}) == 0


async def test_fields_twilio_adds_later_do_not_matter(door):
    assert await door.report("delivered", SomethingNew="x", RawDlrDoneDate="2603021230", ÜberField="₹") == 204
    assert await door.status() is DeliveryStatus.DELIVERED


async def test_too_large_a_body_a_flood_of_fields_and_bytes_that_are_no_text_are_refused(door):
    signed = {SIGNATURE: "RSOYDt4T1cUTdK1PDd93/VVr8B8="}
    assert await door.post(b"a=" + b"x" * MAX_BODY, signed) == 413
    assert await door.post(b"&".join(b"f%d=1" % n for n in range(501)), signed) == 400
    assert await door.post(b"a=\xff\xfe", signed) == 400


async def test_a_report_that_cannot_be_stored_is_not_taken(twilio, mongo, clock):
    class Away(SmsStore):
        async def advance(self, *args, **more):
            raise StoreError("away")

    async with open_door(twilio, Away(mongo, clock), clock) as door:
        assert await door.report("delivered") == 503


async def test_nobody_reads_reports_here(door):
    async with aiohttp.ClientSession() as http, http.get(door.base + PATH) as answer:
        assert answer.status == 405
