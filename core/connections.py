"""The clients of Redis and MongoDB: how they are opened, what they may be asked, which indexes must stand.

Timeouts are explicit and short, and nothing is sent again by itself: every write in Tiffin can be repeated, and the
one who knows how to repeat it is the store that made it.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha1
from importlib.resources import files
from typing import Any, TypeAlias

from pymongo.errors import OperationFailure, PyMongoError
from redis import __version__ as redis_version
from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.client import Pipeline
from redis.asyncio.connection import Connection, SSLConnection, UnixDomainSocketConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.connection import HiredisRespSerializer
from redis.driver_info import DriverInfo
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, RedisError
from redis.maint_notifications import MaintNotificationsConfig

from core.errors import StoreError
from core.mongo_subset import SubsetListener
from core.settings import MongoDriver, Settings

# Motor and PyMongo hand out different classes for the same calls; stores use only what both have.
Database: TypeAlias = Any
Collection: TypeAlias = Any

# What a store's call can raise when the store is away or refuses: the caller is told to come again.
STORE_FAILURES: tuple[type[Exception], ...] = (StoreError, RedisError, PyMongoError)

REDIS_POOL = 512  # more than the turns in flight: a pool that makes turns wait ruins their tail
REDIS_TIMEOUT = timedelta(seconds=2)
MONGO_POOL = 100
MONGO_CONNECT_TIMEOUT = timedelta(seconds=2)
MONGO_SELECTION_TIMEOUT = timedelta(seconds=3)
MONGO_SOCKET_TIMEOUT = timedelta(seconds=10)
MONGO_WRITE_TIMEOUT = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Connections:
    """Both stores, as the slices get them. Whoever opened them closes them, last of all but the embedded servers."""

    redis: Redis
    mongo: Database
    mongo_client: Any

    async def close(self) -> None:
        await self.redis.aclose()
        closing = self.mongo_client.close()  # Motor closes at once, PyMongo hands back a coroutine
        if closing is not None:
            await closing


async def open_connections(settings: Settings, *, subset: SubsetListener | None = None) -> Connections:
    """Clients for the addresses in `settings`; nothing is sent yet, so a store that is down shows at its first use.

    With embedded servers every MongoDB command is watched: one outside the subset those servers get right is logged as
    an error. `subset` watches instead, whatever the server.
    """
    if settings.redis_url is None or settings.mongodb_url is None:
        raise StoreError("no address; embedded_stores() starts a server where none is given")
    if subset is None and settings.mongodb_embedded:
        subset = SubsetListener(loud=True)
    client = _mongo_client(
        settings.mongodb_driver, settings.mongodb_url.get_secret_value(), [] if subset is None else [subset]
    )
    return Connections(
        redis=_redis_client(settings.redis_url.get_secret_value()),
        mongo=client.get_database(settings.mongodb_db),
        mongo_client=client,
    )


class _Prompt:
    """A connection that sends a command where it stands, packed by hiredis.

    The library gives each command a task of its own, only to stop it after the timeout. What the socket has taken whole
    needs none; the rest is waited for as the library does.
    """

    _packer = HiredisRespSerializer()

    def pack_command(self, *args: Any) -> Any:
        return self._packer.pack(*args)

    async def send_packed_command(self: Any, command: Any, check_health: bool = True) -> None:
        if self.is_connected and not self.health_check_interval:
            self._writer.writelines((command,) if isinstance(command, bytes) else command)
            if not self._writer.transport.get_write_buffer_size():
                return
            command = ()
        await super().send_packed_command(command, check_health)  # type: ignore[misc]


class _PromptConnection(_Prompt, Connection):
    pass


class _PromptSSLConnection(_Prompt, SSLConnection):
    pass


class _PromptUnixConnection(_Prompt, UnixDomainSocketConnection):
    pass


_PROMPT: Mapping[type, type] = {
    Connection: _PromptConnection,
    SSLConnection: _PromptSSLConnection,
    UnixDomainSocketConnection: _PromptUnixConnection,
}


class _Pool(ConnectionPool):
    """The library's pool without the meters it keeps for OpenTelemetry, which nobody reads: they and their locks were a
    fifth of a round trip. Taking and giving back never wait, so nothing can come between.
    """

    def __init__(self, connection_class: type = Connection, **options: Any) -> None:
        super().__init__(connection_class=_PROMPT[connection_class], **options)

    async def ensure_connection(self, connection: Any) -> None:
        """As the library does, whose machinery for trying again only a connection that is not well needs."""
        with suppress(RedisConnectionError):
            if connection.is_connected and not await connection.can_read():
                return
        await super().ensure_connection(connection)

    async def get_connection(self, command_name: Any = None, *keys: Any, **options: Any) -> Any:
        connection = self.get_available_connection()  # type: ignore[no-untyped-call]
        try:
            await self.ensure_connection(connection)
        except BaseException:
            await self.release(connection)
            raise
        return connection

    async def release(self, connection: Any) -> None:
        self._in_use_connections.remove(connection)
        if connection.should_reconnect():
            await connection.disconnect()
        self._available_connections.append(connection)


class _Client(Redis):
    """The library's client without its machinery for trying again and the times it takes for its meters, as nothing is
    tried again: whoever sends a command knows whether it may come twice.
    """

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        connection = await self.connection_pool.get_connection()  # type: ignore[no-untyped-call]
        try:
            await connection.send_command(*args)
            return await self.parse_response(connection, args[0], **options)
        finally:
            await self.connection_pool.release(connection)


def _redis_client(url: str) -> Redis:
    pool = _Pool.from_url(
        url,
        decode_responses=True,
        max_connections=REDIS_POOL,
        socket_timeout=REDIS_TIMEOUT.total_seconds(),
        socket_connect_timeout=REDIS_TIMEOUT.total_seconds(),
        retry=Retry(NoBackoff(), 0),  # a repeated INCR counts twice
        maint_notifications_config=MaintNotificationsConfig(enabled=False),  # Redis Enterprise only; a round trip each
        driver_info=DriverInfo(name="tiffin", lib_version=redis_version),  # else each connection reads it from disk
    )
    return _Client.from_pool(pool)


def _mongo_client(driver: MongoDriver, url: str, listeners: Sequence[SubsetListener]) -> Any:
    options: dict[str, Any] = {
        "w": "majority",
        "journal": True,  # what makes an acknowledged write outlive a kill
        "wTimeoutMS": _ms(MONGO_WRITE_TIMEOUT),
        "readConcernLevel": "majority",
        "readPreference": "primary",
        "tz_aware": True,
        "appname": "tiffin",
        "maxPoolSize": MONGO_POOL,
        "connectTimeoutMS": _ms(MONGO_CONNECT_TIMEOUT),
        "serverSelectionTimeoutMS": _ms(MONGO_SELECTION_TIMEOUT),
        "socketTimeoutMS": _ms(MONGO_SOCKET_TIMEOUT),
        "event_listeners": list(listeners),
    }
    if driver is MongoDriver.PYMONGO:
        from pymongo import AsyncMongoClient

        return AsyncMongoClient(url, **options)
    from motor.motor_asyncio import AsyncIOMotorClient

    return AsyncIOMotorClient(url, **options)


def _ms(duration: timedelta) -> int:
    return duration // timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Index:
    """An index a slice relies on. `ttl_seconds` cleans up, and never decides about an order or money."""

    collection: str
    keys: tuple[str, ...] | tuple[tuple[str, int], ...]
    unique: bool = False
    sparse: bool = False
    ttl_seconds: int | None = None

    def key_list(self) -> list[tuple[str, int]]:
        return [(key, 1) if isinstance(key, str) else key for key in self.keys]

    def __str__(self) -> str:
        return f"{self.collection}({', '.join(name for name, _ in self.key_list())})"


async def ensure_indexes(db: Database, indexes: Iterable[Index]) -> None:
    """Build what is missing, then look again whether all stand. Safe to run in every replica at once.

    Raises StoreError naming an index that cannot be built or does not stand: without its unique index an order could
    be placed twice, so Tiffin does not start.
    """
    wanted = list(indexes)
    for index in wanted:
        try:
            await db[index.collection].create_index(index.key_list(), **_options(index))
        except OperationFailure as refused:
            raise StoreError("index cannot be built", index=str(index), reason=str(refused)) from refused
    missing = await missing_indexes(db, wanted)
    if missing:
        raise StoreError("indexes do not stand", indexes=", ".join(map(str, missing)))


def _options(index: Index) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if index.unique:
        options["unique"] = True
    if index.sparse:
        options["sparse"] = True
    if index.ttl_seconds is not None:
        options["expireAfterSeconds"] = index.ttl_seconds
    return options


async def missing_indexes(db: Database, indexes: Iterable[Index]) -> list[Index]:
    """Those of `indexes` that do not stand; compared by fields and uniqueness, as the embedded server renames them."""
    standing: dict[str, set[tuple[tuple[str, ...], bool]]] = {}
    missing = []
    for index in indexes:
        if index.collection not in standing:
            info: Mapping[str, Mapping[str, Any]] = await db[index.collection].index_information()
            standing[index.collection] = {
                (tuple(name for name, _ in entry["key"]), bool(entry.get("unique"))) for entry in info.values()
            }
        if (tuple(name for name, _ in index.key_list()), index.unique) not in standing[index.collection]:
            missing.append(index)
    return missing


async def mongo_answers(db: Database) -> bool:
    """Whether MongoDB answers now, within the timeouts of the client."""
    try:
        await ask_mongo(db)
    except StoreError:
        return False
    return True


async def redis_answers(redis: Redis) -> bool:
    """Whether Redis answers now, within the timeouts of the client."""
    try:
        await redis.ping()
    except RedisError:
        return False
    return True


async def ask_mongo(db: Database) -> None:
    """Raises StoreError with the reason when MongoDB does not answer."""
    try:
        await db.command("ping")
    except PyMongoError as silent:
        raise StoreError(_first_line(silent)) from silent


async def ask_redis(redis: Redis) -> list[str]:
    """What is risky about how this Redis is set up, a sentence each. Raises StoreError when it does not answer."""
    try:
        await redis.set("tiffin:check", "1", px=1000)
        memory, persistence = await redis.info("memory"), await redis.info("persistence")
    except RedisError as silent:
        raise StoreError(_first_line(silent)) from silent
    risks = []
    if memory.get("maxmemory") and memory.get("maxmemory_policy") != "noeviction":
        risks.append(
            f"maxmemory-policy is {memory.get('maxmemory_policy')}: a full Redis forgets carts; noeviction does not"
        )
    if not persistence.get("aof_enabled"):
        risks.append("appendonly is off: a restart of Redis empties every cart and forgets every code")
    return risks


def _first_line(error: Exception) -> str:
    return str(error).split("\n", 1)[0].split(" (configured timeouts", 1)[0]


@dataclass(slots=True)
class LuaScript:
    """A Lua script in a file beside the code that calls it: `LuaScript("core.cart", "apply.lua")`.

    A call is one round trip; a server that does not know the script yet gets its text in a second one.
    """

    package: str
    file: str
    text: str = field(init=False, repr=False)
    sha: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.text = files(self.package).joinpath(self.file).read_text(encoding="utf-8")
        self.sha = sha1(self.text.encode(), usedforsecurity=False).hexdigest()

    async def __call__(self, redis: Redis, keys: Sequence[str], args: Sequence[str | int | float] = ()) -> Any:
        try:
            return await redis.evalsha(self.sha, len(keys), *keys, *args)
        except NoScriptError:
            return await redis.eval(self.text, len(keys), *keys, *args)

    def queue(self, pipeline: Pipeline, keys: Sequence[str], args: Sequence[str | int | float] = ()) -> None:
        """Add the call to a pipeline. The whole text travels: inside one, an unknown digest could not be answered."""
        pipeline.eval(self.text, len(keys), *keys, *args)
