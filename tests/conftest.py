"""The real stores, once a run; a fresh database, a flushed Redis and a clock that stands still for each test."""

import os
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from core.clock import FrozenClock
from core.connections import Connections, Database, open_connections
from core.embedded import embedded_stores
from core.logs import configure_logging
from core.mongo_subset import SubsetListener
from core.settings import MongoDriver, PaymentProviderName, Settings, SmsProvider
from tests import figures

if TYPE_CHECKING:
    from tests.house import House

JWT_SECRET = "tests-sign-with-this-9f2c4b7e1d8a6053"
OTP_SECRET = "tests-hash-with-this-4e8d1a5c7b3f9260"
LUNCH = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)  # a Monday, half past twelve in Kolkata
STORE_FIXTURES = {"redis", "mongo", "connections", "stores"}

_subset = SubsetListener()


def make_settings(**changes: object) -> Settings:
    """Settings as a test wants them; nothing is read from the environment."""
    values: dict[str, object] = {
        "jwt_secret": SecretStr(JWT_SECRET),
        "otp_secret": SecretStr(OTP_SECRET),
        "payment_provider": PaymentProviderName.SANDBOX,
        "sms_providers": (SmsProvider.CONSOLE,),
        "mongodb_driver": MongoDriver(os.environ.get("MONGODB_DRIVER", MongoDriver.MOTOR)),
    }
    return Settings.model_validate(values | changes)


def pytest_configure(config: pytest.Config) -> None:
    # PyMongo's monitor forgets its socket when the client is closed in the middle of a connect; with Motor the rule
    # that no socket is left open holds without exception.
    if os.environ.get("MONGODB_DRIVER") == MongoDriver.PYMONGO:
        forgotten = "ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"
        config.addinivalue_line("filterwarnings", forgotten)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever asks for a store is a store test, and runs once on each MongoDB driver."""
    for item in items:
        if STORE_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker("store")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    figures.tell(terminalreporter)


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Have a line told at the end of the run."""
    return lambda line: record_property(figures.FIGURE, line)


@pytest.fixture(scope="session")
async def stores(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> AsyncIterator[Settings]:
    """Settings with the addresses of both stores: embedded ones, or those REDIS_URL and MONGODB_URL name.

    Each worker of a parallel run has embedded servers of its own, or its own numbered database of the Redis named.
    """
    named = {name.lower(): SecretStr(os.environ[name]) for name in ("REDIS_URL", "MONGODB_URL") if os.environ.get(name)}
    if "redis_url" in named:
        number = 8 + int(worker_id.removeprefix("gw")) % 8 if worker_id != "master" else 8
        parts = urlsplit(named["redis_url"].get_secret_value())
        named["redis_url"] = SecretStr(urlunsplit(parts._replace(path=f"/{number}")))
    settings = make_settings(tiffin_data=tmp_path_factory.mktemp("stores"), **named)
    async with embedded_stores(settings) as ready:
        yield ready


@pytest.fixture(scope="session")
async def open_stores(stores: Settings) -> AsyncIterator[Connections]:
    """The clients that live all run."""
    connections = await open_connections(stores, subset=_subset)
    yield connections
    await connections.close()


@pytest.fixture
async def redis(open_stores: Connections) -> Redis:
    """Redis, empty."""
    await open_stores.redis.flushdb()
    return open_stores.redis


@pytest.fixture
def database_name() -> str:
    return f"tiffin_test_{secrets.token_hex(6)}"


@pytest.fixture
async def mongo(open_stores: Connections, database_name: str) -> AsyncIterator[Database]:
    """A database nobody has used, dropped afterwards."""
    yield open_stores.mongo_client.get_database(database_name)
    await open_stores.mongo_client.drop_database(database_name)


@pytest.fixture
def connections(redis: Redis, mongo: Database, open_stores: Connections) -> Connections:
    """Both stores as the services get them. The clients belong to the whole run: do not close them."""
    return Connections(redis=redis, mongo=mongo, mongo_client=open_stores.mongo_client)


@pytest.fixture
def settings(stores: Settings, database_name: str, tmp_path: Path) -> Settings:
    """Settings that lead to the same stores as `redis` and `mongo`."""
    return stores.model_copy(update={"mongodb_db": database_name, "tiffin_data": tmp_path})


@pytest.fixture
def clock() -> FrozenClock:
    """Lunch time on an ordinary Monday, until told otherwise."""
    return FrozenClock(LUNCH)


@pytest.fixture
async def house(settings: Settings, connections: Connections, clock: FrozenClock) -> AsyncIterator["House"]:
    """The whole house at lunch time on a Monday, with the menu of the demo; `clock.advance(...)` moves it on."""
    from tests.house import open_test_house  # only tests of the whole house pay for loading all of it

    async with open_test_house(settings, connections, clock) as house:
        yield house


@pytest.fixture(scope="session", autouse=True)
def _logs() -> None:
    """Logs go the product's way, so that `caplog` sees them all."""
    configure_logging(level="DEBUG", form="console")


@pytest.fixture(scope="session", autouse=True)
def _inside_the_subset() -> Iterator[None]:
    """No test may have sent MongoDB a command that the embedded server gets wrong (or gets right by luck)."""
    yield
    breaches = _subset.breaches
    assert not breaches, "MongoDB commands outside the subset:\n" + "\n".join(map(str, breaches))
