"""Twilio's way in: signed, stored, acknowledged without a word a guest could read."""

import asyncio

import aiohttp
import pytest
from pydantic import SecretStr

from tests.bot.channels.whatsapp.house import NUMBER, SID, open_whatsapp_house

ASHA = "whatsapp:+919876543210"
OLD, OTHER = "canary-token-before-this-one", "canary-token-of-a-stranger"
MESSAGE = "SM" + "a" * 32


@pytest.fixture
async def house(twilio, settings, connections, clock):
    changes = {"twilio_signing_keys": (SecretStr(OLD),), "twilio_signatures": ("sha1", "sha256")}
    async with open_whatsapp_house(twilio, settings, connections, clock, **changes) as house:
        yield house


def form(sid=MESSAGE, **more):
    return {"MessageSid": sid, "AccountSid": SID, "From": ASHA, "To": f"whatsapp:{NUMBER}", "Body": "Hi", **more}


async def stored(house):
    return await house.runtime.connections.mongo["inbox"].count_documents({"source": "whatsapp"})


async def test_a_message_is_stored_and_answered_with_nothing_a_guest_could_read(house, twilio):
    assert await twilio.post(twilio.webhook, form()) == 200
    status, kind, body = twilio.answers[-1]
    assert (status, kind) == (200, "text/xml")
    assert body == '<?xml version="1.0" encoding="UTF-8"?><Response/>'
    assert await stored(house) == 1


@pytest.mark.parametrize(
    ("token", "algorithm", "status"),
    [("", "", 200), ("", "HMAC_SHA256", 200), (OLD, "", 200), (OTHER, "", 403), (OTHER, "HMAC_SHA256", 403)],
)
async def test_only_what_twilio_signed_comes_in(house, twilio, token, algorithm, status):
    webhook = twilio.webhook.partition("#")[0]
    assert await twilio.post(webhook, form(), token=token or None, algorithm=algorithm) == status
    assert await stored(house) == (1 if status == 200 else 0)


async def test_a_signature_over_another_host_or_without_one_of_the_fields_is_refused(house, twilio):
    url = twilio.webhook.partition("#")[0]
    over_less = {name: value for name, value in form().items() if name != "Body"}
    signatures = [
        twilio.signature(url.replace("127.0.0.1", "tiffin.example"), form()),
        twilio.signature(url, over_less),
        "",
    ]
    async with aiohttp.ClientSession() as http:
        for signature in signatures:
            async with http.post(url, data=form(), headers={"X-Twilio-Signature": signature}) as answer:
                assert answer.status == 403
        async with http.post(url, data=form()) as answer:
            assert answer.status == 403
    assert await stored(house) == 0


async def test_the_same_message_twice_is_answered_once(house, twilio):
    asha = await house.guest(address=ASHA)
    sid = await twilio.deliver(ASHA, {"Body": "Hi"})
    await house.worked_off(sid)
    said = len(asha.messages)
    assert said == 1
    await twilio.deliver(ASHA, {"Body": "Hi"}, sid=sid)
    await asyncio.gather(*(twilio.deliver(ASHA, {"Body": "Hi"}, sid=sid) for _ in range(5)))
    await house.runtime.jobs.run_all()
    assert len(asha.messages) == said


async def test_more_than_a_message_holds_is_refused_before_anything_is_read(house, twilio):
    url = twilio.webhook.partition("#")[0]
    assert await twilio.post(url, form(Body="x" * 70_000)) == 413
    assert await stored(house) == 0


POISON = {
    "nobody": {"From": ""},
    "an SMS": {"From": "+919876543210", "To": "+14155550100"},
    "a sender of an unheard-of shape": {"From": "whatsapp:@@@"},
    "no sid": {"MessageSid": ""},
    "half a sid": {"MessageSid": "SM12"},
    "a sid of another kind": {"MessageSid": '{"$gt": ""}'},
    "a number of media in words": {"NumMedia": "many", "Body": ""},
    "a place nowhere": {"Latitude": "north", "Longitude": "99999"},
    "nothing at all": {"Body": ""},
    "four thousand characters": {"Body": "🍛" * 4_000},
    "half a character": {"Body": "a\ud800b".encode("utf-8", "replace").decode(), "ProfileName": "\x00\x01"},
    "a forged action": {"ButtonPayload": "pay|gold|" + "1" * 300},
    "a page of no list": {"ListId": "wa+|x|9999"},
    "our own field": {"tiffin_sent_ms": "not a number"},
}


@pytest.mark.parametrize("poison", POISON.values(), ids=POISON.keys())
async def test_poison_is_never_a_failure_of_ours_and_holds_up_nobody(house, twilio, poison):
    assert await twilio.post(twilio.webhook, form(**poison)) == 200
    meera = await house.guest()
    await meera.opens()
    assert "Tiffin" in meera.screen
    async with asyncio.timeout(10):
        waiting = {"source": "whatsapp", "state": {"$in": ["new", "leased"]}}
        while await house.runtime.connections.mongo["inbox"].count_documents(waiting):
            await asyncio.sleep(0.02)
    dead = await house.runtime.services.inbox.dead()
    assert dead == []


async def test_a_message_that_breaks_us_is_given_up_with_an_apology_and_the_next_one_is_answered(house, monkeypatch):
    asha = await house.guest()
    await asha.opens()
    taps = type(house.account._shown)

    async def broken(*_):
        raise RuntimeError("nobody foresaw this")

    with monkeypatch.context() as once:
        once.setattr(taps, "read", broken)
        sid = await house.twilio.deliver(asha.address, {"Body": "menu"})
        async with asyncio.timeout(10):
            while not await house.runtime.services.inbox.dead():
                await asyncio.sleep(0.02)
    (dead,) = await house.runtime.services.inbox.dead()
    assert dead.id == f"whatsapp:{sid}"
    assert "went wrong" in asha.messages[-1].text
    await asha.says("Hi")
    assert "Tiffin" in asha.screen
