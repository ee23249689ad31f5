"""In how many ways a service fails a guest, and what the house must then do: ask the next one, stop, or leave it."""

import socket
import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from core.clock import FrozenClock
from core.connections import Database
from core.ids import Phone
from core.settings import Settings
from core.settings import SmsProvider as Name
from core.sms.factory import Sms, build_sms
from core.sms.patience import Patience
from core.sms.provider import NumberRejected
from core.sms.texts import code_text
from tests.conftest import make_settings
from tests.fakes.sms.addresses import UNKNOWN_HOST, ends_the_handshake, full_house, nobody, signed_by_itself
from tests.fakes.sms.gupshup import FakeGupshup
from tests.fakes.sms.msg91 import FakeMsg91
from tests.fakes.sms.service import Canned, FakeService, Trouble
from tests.fakes.sms.sns import FakeSns, Moto
from tests.fakes.sms.twilio import FakeTwilio

ACCOUNT_SID = "AC" + "5ca1ab1e" * 4
AUTH_TOKEN = "canary-twilio-9d2e7c1f4a6b"
AUTH_KEY = "canary-msg91-3b8f6d0c7e2a"
PASSWORD = "canary-gupshup-71c5e9d3"
USER_ID = "2000000001"
OUR_NUMBER = "+918045671234"
FLOW = "65f19b7bd6fc05a4c10e7d32"
ENTITY_ID = "1101234567890123456"
TEMPLATE_ID = "1107987654321098765"
CANARIES = (AUTH_TOKEN, AUTH_KEY, PASSWORD, "canary-aws-4f1c9a7e2b5d8036")

PHONE = Phone("+919876543210")
CODE = "424817"
TEXT = code_text(CODE, "en", minutes=10)
SHORT = Patience(connect=timedelta(milliseconds=500), answer=timedelta(milliseconds=500))  # for who never answers
AMPLE = Patience(connect=timedelta(seconds=3), answer=timedelta(seconds=6))  # a busy machine is no trouble of a service

ADDRESS = {
    Name.TWILIO: "twilio_api_url",
    Name.MSG91: "msg91_api_url",
    Name.SNS: "aws_endpoint_url",
    Name.GUPSHUP: "gupshup_api_url",
}


@dataclass(frozen=True)
class World:
    twilio: FakeTwilio
    msg91: FakeMsg91
    sns: FakeSns
    gupshup: FakeGupshup
    moto: Moto
    mongo: Database
    clock: FrozenClock

    def fake(self, name: Name) -> FakeService:
        service: FakeService = getattr(self, name.value)
        return service

    def settings(self, *names: Name, **changes: object) -> Settings:
        values: dict[str, object] = {
            "sms_providers": names,
            "twilio_account_sid": ACCOUNT_SID,
            "twilio_auth_token": AUTH_TOKEN,
            "twilio_phone_number": OUR_NUMBER,
            "msg91_auth_key": AUTH_KEY,
            "msg91_template_id": FLOW,
            "gupshup_user_id": USER_ID,
            "gupshup_password": PASSWORD,
            "sms_dlt_entity_id": ENTITY_ID,
            **{address: self.fake(name).base for name, address in ADDRESS.items()},
        }
        return make_settings(**values | changes)

    @asynccontextmanager
    async def open(
        self, *names: Name, sender_id: str | None = None, patience: Patience = AMPLE, **changes: object
    ) -> AsyncIterator[Sms]:
        settings = self.settings(*names, **changes)
        sms = build_sms(settings, self.mongo, self.clock, sender_id=sender_id, patience=patience)
        try:
            yield sms
        finally:
            await sms.close()


class Then(StrEnum):
    NEXT = "the next one sends it"
    STOP = "nobody is asked any more"
    LEAVE = "it may have been sent, so it is left"


@dataclass(frozen=True)
class Way:
    """`where` is a place instead of the service; `how` prepares the service."""

    what: str
    then: Then
    how: Callable[[Any], None] | None = None
    where: str = ""
    reached: bool = True  # whether the request gets as far as the service
    silent: bool = False  # no answer ever comes

    def __str__(self) -> str:
        return self.what


def trouble(kind: Trouble, then: Then) -> Way:
    silent = kind in (Trouble.HANGS, Trouble.TAKES_AND_HANGS)
    return Way(kind.value, then, lambda fake: setattr(fake, "trouble", kind), silent=silent)


def canned(what: str, then: Then, answer: Canned) -> Way:
    return Way(what, then, lambda fake: setattr(fake, "canned", answer))


COMMON = (
    Way("nobody listens", Then.NEXT, where="nobody", reached=False),
    Way("its name is unknown", Then.NEXT, where="unknown", reached=False),
    Way("it lets nobody in", Then.NEXT, where="full", reached=False, silent=True),
    Way("it does not speak TLS", Then.NEXT, where="tls", reached=False),
    Way("it hangs up in the handshake", Then.NEXT, where="hangs up", reached=False),
    Way("it breaks off in the handshake", Then.NEXT, where="breaks off", reached=False),
    Way("nobody vouches for its certificate", Then.NEXT, where="itself", reached=False),
    trouble(Trouble.FAILS, Then.NEXT),
    trouble(Trouble.IS_DOWN, Then.NEXT),
    trouble(Trouble.IS_BUSY, Then.NEXT),
    trouble(Trouble.POINTS_ELSEWHERE, Then.NEXT),
    trouble(Trouble.HANGS, Then.LEAVE),
    trouble(Trouble.HANGS_UP, Then.LEAVE),
    trouble(Trouble.TAKES_AND_HANGS, Then.LEAVE),
    trouble(Trouble.TAKES_AND_HANGS_UP, Then.LEAVE),
    trouble(Trouble.TAKES_AND_IS_CUT_OFF, Then.LEAVE),
    trouble(Trouble.TAKES_AND_RAMBLES, Then.LEAVE),
    trouble(Trouble.TAKES_AND_GATEWAY_GIVES_UP, Then.LEAVE),
)


async def go_wrong(world: World, name: Name, way: Way, caplog: pytest.LogCaptureFixture) -> None:
    """Send one message through `name` failing this `way`, with the console next in line, and count what went out."""
    caplog.set_level("DEBUG")
    fake = world.fake(name)
    if way.how is not None:
        way.how(fake)
    async with _address(way, fake) as address:
        changes = {} if address is None else {ADDRESS[name]: address}
        async with world.open(name, Name.CONSOLE, patience=SHORT if way.silent else AMPLE, **changes) as sms:
            assert sms.console is not None
            said = ""
            try:
                receipt = await sms.sender.send(PHONE, TEXT, template_id=TEMPLATE_ID)
            except NumberRejected as rejected:
                said = "".join(traceback.format_exception(rejected))
                then = Then.STOP
            else:
                then = Then.NEXT if receipt.provider == "console" else Then.LEAVE
                assert receipt.sure is (then is Then.NEXT)
            spare = len(sms.console.messages())
    assert then is way.then
    assert spare == (way.then is Then.NEXT)
    assert len(fake.taken) + spare <= 1, "a guest got two messages"
    assert len(fake.calls) == way.reached, "sent again by the library, or not at all"
    _keeps_quiet(said, caplog)


def _keeps_quiet(said: str, caplog: pytest.LogCaptureFixture) -> None:
    logged = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    for told in (said, logged):
        for canary in (*CANARIES, ACCOUNT_SID, CODE, PHONE[1:], PHONE[3:]):
            assert canary not in told


@asynccontextmanager
async def _address(way: Way, fake: FakeService) -> AsyncIterator[str | None]:
    async with AsyncExitStack() as kept:
        match way.where:
            case "nobody":
                yield kept.enter_context(nobody())
            case "full":
                yield kept.enter_context(full_house())
            case "tls":
                yield fake.base.replace("http://", "https://")
            case "hangs up" | "breaks off":
                yield await kept.enter_async_context(ends_the_handshake(rudely=way.where == "breaks off"))
            case "itself":
                folder = Path(kept.enter_context(TemporaryDirectory()))
                yield await kept.enter_async_context(signed_by_itself(folder))
            case "unknown":
                patch = kept.enter_context(pytest.MonkeyPatch.context())
                patch.setattr(socket, "getaddrinfo", _unknown)
                yield UNKNOWN_HOST
            case _:
                yield None


def _unknown(host: Any, *args: Any, **kwargs: Any) -> Any:
    """No name server has to be asked for a name that is none."""
    if "sms.invalid" in str(host):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    return _getaddrinfo(host, *args, **kwargs)


_getaddrinfo = socket.getaddrinfo
