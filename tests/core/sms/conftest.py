"""The four services on loopback, and the sender as a real house opens it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from core.clock import FrozenClock
from core.connections import Database
from tests.core.sms.ways import ACCOUNT_SID, AUTH_KEY, AUTH_TOKEN, FLOW, OUR_NUMBER, PASSWORD, USER_ID, World
from tests.fakes.sms.gupshup import FakeGupshup
from tests.fakes.sms.msg91 import TEMPLATE, FakeMsg91
from tests.fakes.sms.sns import FakeSns, Moto, moto_server
from tests.fakes.sms.twilio import FakeTwilio


@pytest.fixture(scope="session")
async def moto(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Moto]:
    log: Path = tmp_path_factory.mktemp("moto") / "moto.log"
    async with moto_server(log) as server:
        yield server


@pytest.fixture
async def world(
    moto: Moto, mongo: Database, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[World]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAQZJ3TIFFINTESTS7")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary-aws-4f1c9a7e2b5d8036")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    await moto.reset()
    async with AsyncExitStack() as serving:
        yield World(
            twilio=await serving.enter_async_context(
                FakeTwilio(account_sid=ACCOUNT_SID, auth_token=AUTH_TOKEN, numbers=(OUR_NUMBER,)).serving()
            ),
            msg91=await serving.enter_async_context(FakeMsg91(auth_key=AUTH_KEY, templates={FLOW: TEMPLATE}).serving()),
            sns=await serving.enter_async_context(FakeSns(moto).serving()),
            gupshup=await serving.enter_async_context(FakeGupshup(user_id=USER_ID, password=PASSWORD).serving()),
            moto=moto,
            mongo=mongo,
            clock=clock,
        )
