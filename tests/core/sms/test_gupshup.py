"""Gupshup against a server that keeps its rules: every answer is 200 and a line of text."""

import pytest

from core.settings import SmsProvider as Name
from core.sms.texts import code_text
from tests.core.sms.ways import COMMON, ENTITY_ID, PASSWORD, PHONE, TEMPLATE_ID, TEXT, Then, Way, canned, go_wrong
from tests.fakes.sms.service import Canned


def line(text: str) -> Canned:
    return Canned(200, text, "text/plain")


WAYS = (
    *COMMON,
    Way("the password is wrong", Then.NEXT, lambda gupshup: setattr(gupshup, "password", "another")),
    Way("the guest opted out", Then.STOP, lambda gupshup: gupshup.opted_out.add(PHONE[1:])),
    canned(
        "the number is wrong",
        Then.STOP,
        line('error | 105 | The phone number "919876543210" is not a valid phone number'),
    ),
    canned("an invalid number, in other words", Then.STOP, line("error | 999 | Invalid phone number 919876543210")),
    canned("a landline", Then.STOP, line("error | 999 | 919876543210 is a landline")),
    canned(
        "abroad is switched off", Then.NEXT, line('error | 175 | The "INTERNATIONAL_PHONE" service is disabled for you')
    ),
    canned("their own trouble", Then.NEXT, line("error | 100 | An unknown exception has occurred. Please retry")),
    canned("the template does not match", Then.NEXT, line("error | 332 | The template does not match")),
    canned("an error without a code", Then.NEXT, line("error")),
    canned("an error in capitals", Then.NEXT, line("ERROR|102|Authentication failed\n")),
    canned("a yes without a name", Then.LEAVE, line("success | ")),
    canned("nothing", Then.LEAVE, line("")),
    canned("something else", Then.LEAVE, line("OK")),
    canned("403", Then.NEXT, Canned(403, "Forbidden", "text/plain")),
)


@pytest.mark.parametrize("way", WAYS, ids=str)
async def test_whatever_goes_wrong_a_guest_gets_one_message_at_most(world, way, caplog):
    await go_wrong(world, Name.GUPSHUP, way, caplog)


async def test_entity_template_and_header_go_along_and_the_password_stays_out_of_the_address(world):
    async with world.open(Name.GUPSHUP, sender_id="TIFFIN") as sms:
        receipt = await sms.sender.send(PHONE, TEXT, template_id=TEMPLATE_ID)
    (taken,) = world.gupshup.taken
    assert (taken.phone, taken.text, taken.id) == (PHONE, TEXT, receipt.id)
    assert taken.fields["principalEntityId"] == ENTITY_ID
    assert taken.fields["dltTemplateId"] == TEMPLATE_ID
    assert taken.fields["mask"] == "TIFFIN"
    assert taken.fields["msg_type"] == "TEXT"
    assert world.gupshup.calls == ["/GatewayAPI/rest"]
    assert PASSWORD not in world.gupshup.calls[0]


async def test_without_registrations_none_are_claimed(world):
    async with world.open(Name.GUPSHUP, sms_dlt_entity_id=None) as sms:
        await sms.sender.send(PHONE, TEXT)
    assert {"principalEntityId", "dltTemplateId", "mask"}.isdisjoint(world.gupshup.taken[0].fields)


async def test_hindi_arrives_as_hindi(world):
    text = code_text("424817", "hi", minutes=10)
    async with world.open(Name.GUPSHUP) as sms:
        await sms.sender.send(PHONE, text)
    assert world.gupshup.taken[0].text == text
    assert world.gupshup.taken[0].fields["msg_type"] == "Unicode_text"
