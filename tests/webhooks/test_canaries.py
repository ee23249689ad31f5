"""Secrets, codes, phones and addresses are planted wherever something goes wrong; none may be found where people look.

Looked at is what is written to the log, at DEBUG as well, and what is answered to a request that fails.
"""

import hmac
import io
import json
import logging
import os
import subprocess
import sys
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlencode

import pytest
from pydantic import SecretStr
from stripe import InvalidRequestError
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from bot.conversation.engine import Engine
from bot.screens.menu import MenuScreen
from core.connections import STORE_FAILURES
from core.conversations.store import ConversationStore
from core.errors import RestaurantError
from core.otp.store import SpentStore
from core.payments.razorpay_refusals import said_no
from core.payments.razorpay_wire import SaidNo
from core.payments.stripe_refusals import translated
from core.redaction import register_secrets
from core.settings import SmsProvider
from tests.fakes.sms.service import Canned
from tests.fakes.sms.twilio import FakeTwilio
from tests.house import House, open_test_house
from tests.webhooks.planted import (
    BOT,
    CARD,
    CRUEL,
    CRUELTIES,
    PHONE,
    PLANTED,
    RAZORPAY,
    RAZORPAY_OLD,
    SID,
    STORES,
    STREET,
    STRIPE,
    TOKEN,
    WORDS,
    Planted,
    breaking_with,
    log,  # noqa: F401  a fixture
)


@dataclass
class PlantedHouse(Planted):
    house: House = field(kw_only=True)
    twilio: FakeTwilio = field(kw_only=True)


@pytest.fixture
async def planted(settings, connections, clock, log):  # noqa: F811
    async with FakeTwilio(account_sid=SID, auth_token=TOKEN, numbers=("+918045671234",)).serving() as twilio:
        cruel = settings.model_copy(
            update={
                "sms_providers": (SmsProvider.TWILIO, SmsProvider.CONSOLE),
                "twilio_account_sid": SID,
                "twilio_auth_token": SecretStr(TOKEN),
                "twilio_phone_number": "+918045671234",
                "twilio_api_url": twilio.base,
                "razorpay_webhook_secret": (SecretStr(RAZORPAY), SecretStr(RAZORPAY_OLD)),
                "stripe_webhook_secret": (SecretStr(STRIPE),),
            }
        )
        register_secrets(cruel.secret_values())
        async with open_test_house(cruel, connections, clock) as house:
            yield PlantedHouse(house.base, log, house=house, twilio=twilio)


PAID = {"contact": f"+91{PHONE}", "notes": {"address": STREET}, "card": {"number": CARD}, "id": CRUEL, "amount": "many"}
NEWS = json.dumps({"event": "payment.captured", "payload": {"payment": {"entity": PAID}}})


def razorpay(body: str, secret: str = RAZORPAY) -> dict[str, str]:
    signature = hmac.new(secret.encode(), body.encode(), sha256).hexdigest()
    return {"X-Razorpay-Signature": signature, "X-Razorpay-Event-Id": f"evt_{signature[:12]}"}


def stripe(body: str, at: int) -> dict[str, str]:
    signed = hmac.new(STRIPE.encode(), f"{at}.{body}".encode(), sha256).hexdigest()
    return {"Stripe-Signature": f"t={at},v1={signed}"}


async def test_no_webhook_gives_away_what_was_sent_to_it_signed_or_not(planted):
    at = planted.house.clock.ms() // 1000
    for body in (NEWS, CRUEL, "{" * 100_000, json.dumps({"id": CRUEL, "type": CRUEL, "data": {"object": NEWS}})):
        await planted.post("/webhooks/razorpay", body, **{"X-Razorpay-Signature": RAZORPAY})
        await planted.post("/webhooks/razorpay", body, **razorpay(body))
        await planted.post("/webhooks/razorpay", body, **razorpay(body, RAZORPAY_OLD))
        await planted.post("/webhooks/stripe", body, **{"Stripe-Signature": f"t=1,v1={STRIPE}"})
        await planted.post("/webhooks/stripe", body, **stripe(body, at))
    for changes in (
        {},
        {"MessageStatus": "failed", "ErrorCode": "30003"},
        {"MessageStatus": CRUEL, "ErrorCode": CRUEL},
    ):
        form = {"MessageSid": f"SM{7:032d}", "To": f"+91{PHONE}", "From": "+918045671234", "Body": CRUEL} | changes
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        await planted.post("/webhooks/twilio/status", urlencode(form), **headers, **{"X-Twilio-Signature": TOKEN})
        signature = RequestValidator(TOKEN).compute_signature(f"{planted.base}/webhooks/twilio/status", form)
        await planted.post("/webhooks/twilio/status", urlencode(form), **headers, **{"X-Twilio-Signature": signature})
    for _ in range(3):
        await planted.house.runtime.services.inbox.inbox_once(None)
    assert {"razorpay", "stripe"} <= {
        item["source"] async for item in planted.house.runtime.connections.mongo["inbox"].find({})
    }
    planted.keeps_quiet()


async def test_no_address_of_ours_repeats_what_stands_in_it(planted):
    for path in (
        f"/track/{WORDS}.{TOKEN}",
        f"/chat/{WORDS}.{TOKEN}/stream",
        f"/pay/return?razorpay_payment_id={WORDS}&razorpay_signature={RAZORPAY}&phone=%2B91{PHONE}",
        f"/nowhere/{WORDS}?token={TOKEN}",
        f"/health/ready?{WORDS}",
        f"/health/live?{WORDS}",
        f"/metrics?{WORDS}",
    ):
        await planted.get(path)
    await planted.post(f"/chat/{WORDS}.{TOKEN}/events", json.dumps({"id": "e", "type": "text", "text": CRUEL}))
    await planted.post("/chat", CRUEL)
    planted.keeps_quiet()


async def test_no_broken_event_of_a_browser_is_repeated(planted):
    session = await planted.session()
    for body in (
        CRUEL,
        json.dumps([CRUEL]),
        json.dumps({"id": CRUEL, "type": "text", "text": CRUEL}),
        json.dumps({"id": "e1", "type": CRUEL}),
        json.dumps({"id": "e2", "type": "location", "latitude": CRUEL, "longitude": 0}),
        json.dumps({"id": "e3", "type": "text", "text": CRUEL * 100}),
        b"\xff\xfe" + CRUEL.encode(),
    ):
        assert 400 <= await planted.post(f"/chat/{session}/events", body) < 500
    planted.keeps_quiet(session)


async def test_a_service_that_repeats_number_text_and_key_in_its_refusal_is_not_repeated(planted):
    said = f"The number +91{PHONE} / {PHONE} with {TOKEN} for {CRUEL}: 424817 is your Tiffin code"
    for n, status in enumerate((400, 401, 404, 429, 500, 503, 200)):
        body = json.dumps({"code": 21211, "message": said, "more_info": said, "status": status, "sid": CRUEL})
        planted.twilio.canned = Canned(status, body)
        try:
            await planted.house.runtime.services.otp.request(f"+91{PHONE}", f"webchat:canary{n}", "en")
        except RestaurantError as refused:
            planted.said.append(str(refused))
        await planted.house.runtime.connections.redis.flushdb()
    assert len(planted.twilio.calls) >= 5
    planted.keeps_quiet("424817")


def test_what_a_payment_service_quotes_in_its_refusal_is_not_repeated(log):  # noqa: F811
    register_secrets([RAZORPAY])
    said = [said_no("razorpay", "refund", SaidNo(status, "BAD_REQUEST_ERROR", CRUEL)) for status in (400, 401, 409)]
    refused = InvalidRequestError(CRUEL, "metadata", http_status=400, json_body={"error": {"message": CRUEL}})
    said += [translated("stripe", "link", failure) for failure in (refused, TypeError(CRUEL))]
    assert log.getvalue().count('"payment_call_refused"') == 4
    Planted("", log, [str(error) for error in said]).keeps_quiet()


async def test_a_code_on_its_way_and_a_wrong_one_stay_out_of_the_log(planted):
    services = planted.house.runtime.services
    await services.otp.request(f"+91{PHONE}", "webchat:canary", "en")
    code = planted.twilio.taken[-1].text[:6]
    for guess in (f"{(int(code) + 1) % 10**6:06d}", code):
        try:
            await services.otp.verify(f"+91{PHONE}", "webchat:canary", guess)
        except RestaurantError as wrong:
            planted.said.append(str(wrong))
    assert f'"{code}"' not in planted.log.getvalue()
    assert f" {code} " not in planted.log.getvalue()
    planted.keeps_quiet()


async def test_a_screen_that_breaks_apologises_and_is_told_without_what_it_said(planted, monkeypatch):
    guest = await planted.house.guest()
    await guest.opens()
    for error in CRUELTIES.values():
        monkeypatch.setattr(MenuScreen, "render", breaking_with(error))
        assert "went wrong on our side" in await guest.says("menu")
        planted.said.append(guest.screen)
    events = [json.loads(line) for line in planted.log.getvalue().splitlines()]
    failed = [event for event in events if event["event"] == "turn_failed"]
    assert len(failed) == len(CRUELTIES)
    assert all("in breaks" in event["exception"] and event["turn"] for event in failed)
    planted.keeps_quiet()


async def test_a_request_that_breaks_is_answered_in_general_and_told_without_what_it_said(planted, monkeypatch):
    session = await planted.session()
    for error in (*CRUELTIES.values(), *STORES.values()):
        monkeypatch.setattr(Engine, "handle", breaking_with(error))
        event = json.dumps({"id": "e1", "type": "text", "text": CRUEL})
        assert await planted.post(f"/chat/{session}/events", event) in (500, 503)
    planted.keeps_quiet(session)


async def test_a_store_that_breaks_in_the_middle_is_told_without_what_it_said(planted, monkeypatch):
    sessions = []
    for error in STORES.values():
        for method in ("begin", "end"):
            sessions.append(await planted.session())
            with monkeypatch.context() as patched:
                patched.setattr(ConversationStore, method, breaking_with(error))
                event = json.dumps({"id": "e1", "type": "text", "text": f"+91 {PHONE}"})
                assert await planted.post(f"/chat/{sessions[-1]}/events", event) == 503
        with monkeypatch.context() as patched:
            patched.setattr(SpentStore, "take", breaking_with(error))
            with pytest.raises(STORE_FAILURES):
                await planted.house.runtime.services.otp.request(f"+91{PHONE}", "webchat:canary", "en")
    planted.keeps_quiet(*sessions)


async def test_a_job_that_breaks_is_told_without_what_it_said(planted):
    jobs = planted.house.runtime.jobs
    for worker, error in zip(jobs._workers * 2, (*CRUELTIES.values(), *STORES.values()), strict=False):
        worker.failing = False
        await jobs._guarded(worker, partial(breaking_with(error), worker))
    told = planted.log.getvalue()
    assert told.count('"job_failed"') + told.count('"job_without_stores"') >= len(CRUELTIES) + len(STORES)
    planted.keeps_quiet()


async def test_a_log_without_the_guards_would_be_found_out(log):  # noqa: F811
    """The twin: what the tests above look for is there once nobody cleans."""
    plain = io.StringIO()
    handler = logging.StreamHandler(plain)
    logging.getLogger("bot.twin").addHandler(handler)
    try:
        raise ValueError(CRUEL)
    except ValueError:
        logging.getLogger("bot.twin").exception("failed")
    finally:
        logging.getLogger("bot.twin").removeHandler(handler)
    assert all(canary in plain.getvalue() for canary in (PHONE, STREET, CARD, WORDS, BOT))
    assert all(canary not in log.getvalue() for canary in (PHONE, STREET, CARD, WORDS, BOT))


NOWHERE = {
    "JWT_SECRET": "canary-jwt-4c1b7e9f2a8d5c3e6b0f",
    "OTP_SECRET": "canary-otp-8d5c3e6b0f4c1b7e9f2a",
    "REDIS_URL": f"redis://:{TOKEN}@127.0.0.1:1/0",
    "MONGODB_URL": f"mongodb://tiffin:{TOKEN}@127.0.0.1:1/?serverSelectionTimeoutMS=200",
    "TELEGRAM_BOT_TOKEN": BOT,
    "SMS_PROVIDERS": "console",
    "RAZORPAY_KEY_ID": "rzp_test_1",
    "RAZORPAY_KEY_SECRET": RAZORPAY,
    "RAZORPAY_WEBHOOK_SECRET": f"{RAZORPAY},{RAZORPAY_OLD}",
    "TWILIO_ACCOUNT_SID": SID,
    "TWILIO_AUTH_TOKEN": TOKEN,
    "LOG_LEVEL": "DEBUG",
    "PORT": "0",
}


@pytest.mark.parametrize("command", ["check", pytest.param("run", marks=pytest.mark.deep)])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"JWT_SECRET": f"password-{TOKEN}", "OTP_SECRET": f"password-{TOKEN}"},
        {"MONGODB_URL": f"mysql://tiffin:{TOKEN}@h", "REDIS_URL": f"https://:{TOKEN}@h"},
        {"SMS_DAILY_BUDGET": CRUEL, "PORT": CRUEL, "PAYMENT_PROVIDER": CRUEL},
    ],
    ids=["no store answers", "weak secrets", "wrong addresses", "nonsense"],
)
def test_a_start_that_fails_tells_why_and_gives_nothing_away(tmp_path: Path, command: str, changes: dict[str, str]):
    given = {**NOWHERE, "TIFFIN_DATA": str(tmp_path), **changes}
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2]), **given}
    asked = [sys.executable, "-m", "bot.cli", command]
    done = subprocess.run(asked, env=env, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    told = done.stdout + done.stderr
    assert done.returncode != 0
    assert told
    for canary in (*PLANTED, given["JWT_SECRET"], given["OTP_SECRET"]):
        assert canary not in told
