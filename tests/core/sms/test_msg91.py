"""MSG91 against a server that keeps its rules: 200 may mean no, and it words the messages itself."""

import json

import pytest

from core.settings import SmsProvider as Name
from core.sms.texts import code_text
from tests.core.sms.ways import COMMON, FLOW, PHONE, TEXT, Then, Way, canned, go_wrong
from tests.fakes.sms.service import Canned


def no(message: str, code: str = "") -> Canned:
    return Canned(200, json.dumps({"type": "error", "message": message} | ({"code": code} if code else {})))


WAYS = (
    *COMMON,
    Way("the key is wrong", Then.NEXT, lambda msg91: setattr(msg91, "auth_key", "another")),
    Way("the template is gone", Then.NEXT, lambda msg91: msg91.templates.clear()),
    Way("the guest opted out", Then.STOP, lambda msg91: msg91.opted_out.add(PHONE[1:])),
    canned("200, and the key is wrong", Then.NEXT, no("Authentication failure", "207")),
    canned("200, and our address is not on the list", Then.NEXT, no("IP is not whitelisted", "418")),
    canned("200, and we are out of money", Then.NEXT, no("Insufficient balance to send SMS", "301")),
    canned("200, and the account is banned", Then.NEXT, no("Banned user account", "303")),
    canned("200, and the route is closed", Then.NEXT, no("This route is currently unavailable", "306")),
    canned("200, and the sender is unknown", Then.NEXT, no("Invalid sender ID", "203")),
    canned("200, and the number is wrong", Then.STOP, no("Invalid mobile number 919876543210", "202")),
    canned("200, and the number is wrong, in words", Then.STOP, no("Mobile no. 919876543210 is not valid")),
    canned("200, and the number is wrong, as a bare code", Then.STOP, no("202")),
    canned("200, and the same was just sent", Then.LEAVE, no("Request discarded", "311")),
    canned("400, and the number is wrong", Then.STOP, Canned(400, no("Invalid mobile number", "202").body)),
    canned("200, and neither yes nor no", Then.LEAVE, Canned(200, "{}")),
    canned("200, and yes without a name", Then.LEAVE, Canned(200, '{"type": "success"}')),
    canned("200, and half of an answer", Then.LEAVE, Canned(200, '{"type": "succ')),
    canned("200, and a list", Then.LEAVE, Canned(200, "[]")),
    canned("200, and a well without a bottom", Then.LEAVE, Canned(200, "[" * 100_000)),
)


@pytest.mark.parametrize("way", WAYS, ids=str)
async def test_whatever_goes_wrong_a_guest_gets_one_message_at_most(world, way, caplog):
    await go_wrong(world, Name.MSG91, way, caplog)


@pytest.mark.parametrize("language", ["en", "hi"])
@pytest.mark.parametrize("brand", ["Tiffin", "Cafe 24", "7 Spices"])
async def test_the_template_gets_the_code_and_the_minutes_whatever_the_brand_is_called(world, language, brand):
    async with world.open(Name.MSG91) as sms:
        receipt = await sms.sender.send(PHONE, code_text("042817", language, minutes=10, brand=brand))
    (taken,) = world.msg91.taken
    assert (taken.phone, taken.id) == (PHONE, receipt.id)
    assert taken.text == "042817 is your Tiffin code. It is valid for 10 minutes. Do not share it with anyone."
    assert world.msg91.calls == ["/api/v5/flow"]


async def test_the_registered_header_goes_along_when_there_is_one(world):
    async with world.open(Name.MSG91, sender_id="TIFFIN") as sms:
        await sms.sender.send(PHONE, TEXT)
    assert world.msg91.taken[0].fields["sender"] == "TIFFIN"


async def test_what_is_no_code_has_no_template_and_goes_through_the_next_one(world):
    async with world.open(Name.MSG91, Name.CONSOLE) as sms:
        receipt = await sms.sender.send(PHONE, "The kitchen does not answer, please call.")
    assert receipt.provider == "console"
    assert world.msg91.calls == []


async def test_the_flow_is_named_by_the_setting(world):
    world.msg91.templates = {"another": "##VAR1##", FLOW: "Your code: ##VAR1##"}
    async with world.open(Name.MSG91) as sms:
        await sms.sender.send(PHONE, TEXT)
    assert world.msg91.taken[0].text == "Your code: 424817"
