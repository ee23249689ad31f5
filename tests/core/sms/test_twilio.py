"""Twilio, through its own library, against a server that keeps its rules."""

import pytest

from core.settings import SmsProvider as Name
from core.sms.factory import twilio_status_url
from tests.core.sms.ways import CODE, COMMON, OUR_NUMBER, PHONE, TEXT, Then, Way, canned, go_wrong
from tests.fakes.sms.service import Canned

WAYS = (
    *COMMON,
    Way("the token is wrong", Then.NEXT, lambda twilio: setattr(twilio, "auth_token", "another")),
    Way("our number is not ours any more", Then.NEXT, lambda twilio: setattr(twilio, "numbers", ())),
    Way("a landline", Then.STOP, lambda twilio: twilio.landlines.add(PHONE)),
    Way("the guest sent STOP", Then.STOP, lambda twilio: twilio.opted_out.add(PHONE)),
    Way("a premium-rate number", Then.STOP, lambda twilio: twilio.premium.add(PHONE)),
    Way("a country we switched off", Then.STOP, lambda twilio: setattr(twilio, "countries", ("+1",))),
    canned("no such number", Then.STOP, Canned(400, '{"code": 21211, "message": "Invalid", "status": 400}')),
    canned("too many at once", Then.NEXT, Canned(429, '{"code": 20429, "message": "Too many", "status": 429}')),
    canned(
        "an error in the newer form",
        Then.STOP,
        Canned(400, '{"type": "t", "title": "t", "status": 400, "code": 21614}'),
    ),
    canned("an error page", Then.NEXT, Canned(403, "<html>no</html>", "text/html")),
    canned(
        "taken in and failed at once", Then.NEXT, Canned(201, '{"sid": "SM1", "status": "failed", "error_code": 30008}')
    ),
    canned(
        "failed at once, as nobody is there",
        Then.STOP,
        Canned(201, '{"sid": "SM1", "status": "failed", "error_code": 21614}'),
    ),
    canned("an answer without a name", Then.LEAVE, Canned(201, '{"status": "queued"}')),
    canned("an answer that is a list", Then.LEAVE, Canned(201, "[1, 2]")),
    canned(
        "an answer with nonsense in it",
        Then.LEAVE,
        Canned(201, '{"sid": "SM1", "date_sent": 5, "num_segments": "many"}'),
    ),
)


@pytest.mark.parametrize("way", WAYS, ids=str)
async def test_whatever_goes_wrong_a_guest_gets_one_message_at_most(world, way, caplog):
    await go_wrong(world, Name.TWILIO, way, caplog)


async def test_a_message_goes_out_from_our_number_and_is_not_delivered_when_the_code_is_dead(world):
    async with world.open(Name.TWILIO) as sms:
        receipt = await sms.sender.send(PHONE, TEXT)
    (taken,) = world.twilio.taken
    assert (taken.phone, taken.text, taken.id) == (PHONE, TEXT, receipt.id)
    assert (receipt.provider, receipt.sure) == ("twilio", True)
    assert taken.fields["From"] == OUR_NUMBER
    assert taken.fields["ValidityPeriod"] == "600"
    assert CODE not in world.twilio.calls[0]


async def test_a_messaging_service_can_send_in_place_of_a_number(world):
    service = "MG" + "0" * 32
    async with world.open(Name.TWILIO, twilio_phone_number=service) as sms:
        await sms.sender.send(PHONE, TEXT)
    assert world.twilio.taken[0].fields["MessagingServiceSid"] == service
    assert "From" not in world.twilio.taken[0].fields


@pytest.mark.parametrize(
    ("public", "api", "told"),
    [
        ("https://tiffin.example.in", "https://api.twilio.com", True),
        ("https://tiffin.example.in/eat", "https://api.twilio.com", True),
        ("http://127.0.0.1:8080", "https://api.twilio.com", False),
        ("http://localhost:8080", "https://api.twilio.com", False),
        ("http://192.168.1.7:8080", "https://api.twilio.com", False),
        ("http://127.0.0.1:8080", "http://127.0.0.1:9000", True),
        ("http://tiffin:8080", "http://twilio:9000", True),
        ("https://my_tiffin.example.in", "https://api.twilio.com", False),
    ],
)
def test_twilio_is_told_where_to_report_if_it_can_reach_us_there(world, public, api, told):
    url = twilio_status_url(world.settings(Name.TWILIO, public_url=public, twilio_api_url=api))
    assert url == (f"{public}/webhooks/twilio/status" if told else None)


async def test_the_report_address_goes_with_the_message(world):
    async with world.open(Name.TWILIO, public_url="http://127.0.0.1:8080") as sms:
        await sms.sender.send(PHONE, TEXT)
    assert world.twilio.taken[0].fields["StatusCallback"] == "http://127.0.0.1:8080/webhooks/twilio/status"


async def test_a_machine_without_certificates_leaves_it_to_the_next_one(world, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/at/all.pem")
    async with world.open(Name.TWILIO, Name.CONSOLE, twilio_api_url=world.twilio.base.replace("http", "https")) as sms:
        assert (await sms.sender.send(PHONE, TEXT)).provider == "console"


async def test_who_reads_the_log_learns_what_twilio_said_in_a_number(world, caplog):
    world.twilio.numbers = ()
    async with world.open(Name.TWILIO, Name.CONSOLE) as sms:
        await sms.sender.send(PHONE, TEXT)
    (record,) = [record for record in caplog.records if record.getMessage() == "sms_service_failed"]
    assert "code='21606'" in record.reason
