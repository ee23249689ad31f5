"""Amazon SNS, through its own library, against moto's server with a front that fails."""

import pytest

from core.settings import SmsProvider as Name
from tests.core.sms.ways import COMMON, ENTITY_ID, PHONE, TEMPLATE_ID, TEXT, Then, canned, go_wrong
from tests.fakes.sms.service import PAGE, Canned
from tests.fakes.sms.sns import sns_error

NOT_VALID = "Invalid parameter: PhoneNumber Reason: +919876543210 is not valid to publish to"

WAYS = (
    *COMMON,
    canned(
        "503 as their own front words it",
        Then.NEXT,
        Canned(503, "<html>Http/1.1 Service Unavailable</html>", "text/html"),
    ),
    canned("403 with a page for people", Then.NEXT, Canned(403, PAGE, "text/html")),
    canned("the number is wrong", Then.STOP, sns_error(400, "InvalidParameter", NOT_VALID)),
    canned("the guest opted out", Then.STOP, sns_error(400, "OptedOut", "The phone number is opted out")),
    canned(
        "another parameter is wrong",
        Then.NEXT,
        sns_error(400, "InvalidParameter", "Invalid parameter: Message too long"),
    ),
    canned("the key is wrong", Then.NEXT, sns_error(403, "InvalidClientTokenId", "The security token is invalid")),
    canned(
        "the signature is wrong", Then.NEXT, sns_error(403, "SignatureDoesNotMatch", "The request signature is wrong")
    ),
    canned("we may not", Then.NEXT, sns_error(403, "AuthorizationError", "not authorized to perform: SNS:Publish")),
    canned("too many at once", Then.NEXT, sns_error(400, "Throttling", "Rate exceeded")),
    canned("their own trouble", Then.NEXT, sns_error(500, "InternalError", "An internal error")),
    canned(
        "a yes without a name",
        Then.LEAVE,
        Canned(200, "<PublishResponse><PublishResult/></PublishResponse>", "text/xml"),
    ),
)


@pytest.mark.parametrize("way", WAYS, ids=str)
async def test_whatever_goes_wrong_a_guest_gets_one_message_at_most(world, way, caplog):
    await go_wrong(world, Name.SNS, way, caplog)
    assert len(await world.moto.sent()) == len(world.sns.taken)


async def test_moto_has_the_message_once_with_entity_template_and_header(world):
    async with world.open(Name.SNS, sender_id="TIFFIN") as sms:
        receipt = await sms.sender.send(PHONE, TEXT, template_id=TEMPLATE_ID)
    assert await world.moto.sent() == [(PHONE, TEXT)]
    (taken,) = world.sns.taken
    assert taken.id == receipt.id
    assert attributes(taken.fields) == {
        "AWS.SNS.SMS.SMSType": "Transactional",
        "AWS.SNS.SMS.SenderID": "TIFFIN",
        "AWS.MM.SMS.EntityId": ENTITY_ID,
        "AWS.MM.SMS.TemplateId": TEMPLATE_ID,
    }


async def test_without_registrations_none_are_claimed(world):
    async with world.open(Name.SNS, sms_dlt_entity_id=None) as sms:
        await sms.sender.send(PHONE, TEXT)
    assert attributes(world.sns.taken[0].fields) == {"AWS.SNS.SMS.SMSType": "Transactional"}


async def test_without_credentials_the_next_one_sends_it(world, monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    async with world.open(Name.SNS, Name.CONSOLE) as sms:
        assert (await sms.sender.send(PHONE, TEXT)).provider == "console"
    assert world.sns.calls == []


@pytest.mark.parametrize(
    "changes",
    [{"AWS_PROFILE": "nobody"}, {"AWS_SECRET_ACCESS_KEY": ""}, {"AWS_CA_BUNDLE": "/nowhere/at/all.pem"}],
    ids=str,
)
async def test_an_account_set_up_wrongly_leaves_it_to_the_next_one(world, monkeypatch, tmp_path, changes):
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    for name, value in changes.items():
        monkeypatch.setenv(name, value)
    address = world.sns.base.replace("http", "https") if "AWS_CA_BUNDLE" in changes else world.sns.base
    async with world.open(Name.SNS, Name.CONSOLE, aws_endpoint_url=address) as sms:
        assert (await sms.sender.send(PHONE, TEXT)).provider == "console"
    assert world.sns.calls == []


async def test_a_text_moto_finds_too_long_goes_through_the_next_one(world):
    async with world.open(Name.SNS, Name.CONSOLE) as sms:
        assert (await sms.sender.send(PHONE, "1" * 1601)).provider == "console"
    assert await world.moto.sent() == []


def attributes(form: dict[str, str]) -> dict[str, str]:
    prefix, found = "MessageAttributes.entry.", {}
    for name, value in form.items():
        if name.startswith(prefix) and name.endswith(".Name"):
            found[value] = form[f"{name.removesuffix('Name')}Value.StringValue"]
    return found
