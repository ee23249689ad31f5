"""Codes and their limits in Redis; claims of used codes, and what a day cost, in MongoDB.

All keys stand under the one hash tag `{otp}`: a script looks at the phone's limits, the chat's and everybody's budget
at once, and on a cluster the keys of a script must share a slot. Sending is bounded by the budget, so one slot holds
all of it easily.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import blake2b
from typing import Any

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from core.clock import Clock
from core.connections import Collection, Database, Index, LuaScript
from core.errors import StoreError
from core.ids import ChatKey, Phone
from core.otp.limits import Limit, Limits, Reason
from core.otp.phones import number_series

CLAIMS_KEPT = timedelta(days=30)

_WITHDRAW = LuaScript("core.otp", "otp_withdraw.lua")

INDEXES = (Index("auth_claims", ("at",), ttl_seconds=int(CLAIMS_KEPT.total_seconds())),)


@dataclass(frozen=True, slots=True)
class Issued:
    """The code may be sent; it was counted at `sent_ms` of Redis' own clock."""

    sent_ms: int


@dataclass(frozen=True, slots=True)
class Refused:
    reason: Reason
    wait: timedelta


@dataclass(frozen=True, slots=True)
class Stopped(Refused):
    """No codes go to this series of numbers: of the last `of` only `used` were typed in."""

    series: str
    since_ms: int
    used: int
    of: int


@dataclass(frozen=True, slots=True)
class Right:
    otp_id: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """`tries_left` 0: that was the last try. `of_phone`: wrong codes for this phone within the hour, from all chats."""

    tries_left: int
    of_phone: int = 0


class CodeStore:
    """Only fingerprints of codes are kept, keyed by phone and chat: who asks for a code for somebody else's phone
    cannot touch the code its owner is waiting for."""

    def __init__(self, redis: Redis, limits: Limits) -> None:
        self._redis = redis
        self.limits = limits
        self._issue = LuaScript("core.otp", "otp_issue.lua")
        self._verify = LuaScript("core.otp", "otp_verify.lua")

    @staticmethod
    def code_key(phone: Phone, chat: ChatKey) -> str:
        return f"{{otp}}:{phone}:{chat}"

    async def issue(
        self, phone: Phone, chat: ChatKey, *, mac: str, otp_id: str, linked: bool, address: str = ""
    ) -> Issued | Refused:
        """Count a code and remember it in place of the one before, or say what forbids it. Atomic.

        `address`: a name for where the chat comes from; empty when that is not known or says nothing.
        """
        limits, rule = self.limits, self.limits.series
        on_phone = limits.linked if linked else limits.phone
        counted = [
            (f"{{otp}}:chat:{chat}:sent", limits.chat),
            ("{otp}:all:hour", limits.budget_hour),
            ("{otp}:all:day", limits.budget_day),
        ]
        if address and not linked:
            counted.append((f"{{otp}}:from:{_short(address)}", limits.address))
        counters = [limit for _, limit in counted]
        series = number_series(phone)
        outcome, *detail = await self._run(
            self._issue,
            [
                self.code_key(phone, chat),
                self._sent_key(phone, linked),
                f"{{otp}}:chat:{chat}:phones",
                f"{{otp}}:chat:{chat}:asked",
                self._rest_key(chat),
                self._wrong_key(phone),
                self._series_key(phone),
                f"{{otp}}:series:{series}:stop",
                f"{{otp}}:series:{series}:probation",
                *(key for key, _ in counted),
            ],
            [
                *(mac, otp_id, _ms(limits.code_lives)),
                *(chat, _short(phone), int(linked)),
                *_numbers(limits.phones_of_a_chat, limits.asked_of_a_chat, limits.wrong_of_a_phone),
                _ms(limits.wrong_pause),
                *(rule.sample, rule.again, rule.percent, _ms(rule.stop), _ms(rule.probation)),
                len(counters),
                *_numbers(*counters, *on_phone),
            ],
        )
        match outcome:
            case "OK":
                return Issued(sent_ms=int(detail[0]))
            case "PHONE":
                return Refused(on_phone[int(detail[0]) - 1].reason, _wait(detail[1]))
            case "COUNTER":
                return Refused(counters[int(detail[0]) - 1].reason, _wait(detail[1]))
            case "SERIES":
                wait, since, used, of = (int(number) for number in detail)
                return Stopped("series", _wait(wait), series=series, since_ms=since, used=used, of=of)
            case "RESTS":
                return Refused(limits.asked_of_a_chat.reason, _wait(detail[0]))
            case "WRONG":
                return Refused(limits.wrong_of_a_phone.reason, _wait(detail[0]))
            case _:
                return Refused(limits.phones_of_a_chat.reason, _wait(detail[0]))

    async def verify(self, phone: Phone, chat: ChatKey, *, macs: Sequence[str]) -> Right | Wrong | Refused | None:
        """Use the code up, or count a wrong try; None when no code waits. `macs`: one under each secret. Atomic."""
        guesses = self.limits.guesses_of_a_chat
        outcome, *detail = await self._run(
            self._verify,
            [
                self.code_key(phone, chat),
                f"{{otp}}:chat:{chat}:guesses",
                self._wrong_key(phone),
                self._series_key(phone),
                self._rest_key(chat),
            ],
            [self.limits.tries, *_numbers(guesses), chat, _ms(self.limits.wrong_of_a_phone.window), *macs],
        )
        match outcome:
            case "OK":
                return Right(otp_id=detail[0])
            case "BAD":
                return Wrong(tries_left=int(detail[0]), of_phone=int(detail[1]))
            case "LOCKED":
                return Wrong(tries_left=0, of_phone=int(detail[0]))
            case "GUESSES":
                return Refused(guesses.reason, _wait(detail[0]))
            case _:
                return None

    async def withdraw(self, phone: Phone, chat: ChatKey, *, otp_id: str, sent_ms: int, linked: bool) -> None:
        """Forget a code that never went out, so that its guest need not wait to ask again."""
        keys = [self.code_key(phone, chat), self._sent_key(phone, linked), self._series_key(phone)]
        await self._run(_WITHDRAW, keys, [otp_id, sent_ms])

    async def _run(self, script: LuaScript, keys: Sequence[str], args: Sequence[str | int]) -> Any:
        try:
            return await script(self._redis, keys, args)
        except (RedisError, OSError) as failure:
            raise StoreError("codes cannot be reached") from failure

    @staticmethod
    def _sent_key(phone: Phone, linked: bool) -> str:
        return f"{{otp}}:{phone}:{'linked' if linked else 'sent'}"

    @staticmethod
    def _wrong_key(phone: Phone) -> str:
        return f"{{otp}}:{phone}:wrong"

    @staticmethod
    def _rest_key(chat: ChatKey) -> str:
        return f"{{otp}}:chat:{chat}:rests"

    @staticmethod
    def _series_key(phone: Phone) -> str:
        return f"{{otp}}:series:{number_series(phone)}:codes"


class ClaimStore:
    """Which codes were used, for good: a Redis that forgot or came back from a backup cannot make one work again."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._claims: Collection = db["auth_claims"]
        self._clock = clock

    async def claim(self, otp_id: str) -> bool:
        """Take the code; False when it was taken before. Unique, journalled."""
        try:
            await self._claims.insert_one({"_id": otp_id, "at": self._clock.now(), "at_ms": self._clock.ms()})
        except DuplicateKeyError:
            return False
        return True


class SpentStore:
    """How many messages a day has cost, for good: an emptied Redis does not make a day begin anew."""

    def __init__(self, db: Database) -> None:
        self._days: Collection = db["counters"]

    async def take(self, day: date, most: int) -> int | None:
        """Count one more message, if that makes no more than `most`; how many there are then. Atomic, journalled."""
        row = _day_row(day)
        taken = await self._count(row, most)
        if taken is not None:
            return taken
        with suppress(DuplicateKeyError):  # the day is full, or it had not begun, or somebody began it just now
            await self._days.insert_one({"_id": row, "n": 0})
        return await self._count(row, most)

    async def spent(self, day: date) -> int:
        row = await self._days.find_one({"_id": _day_row(day)})
        return int(row["n"]) if row else 0

    async def _count(self, row: str, most: int) -> int | None:
        counted = await self._days.find_one_and_update(
            {"_id": row, "n": {"$lt": most}}, {"$inc": {"n": 1}}, return_document=ReturnDocument.AFTER
        )
        return None if counted is None else int(counted["n"])


def _day_row(day: date) -> str:
    return f"sms_{day:%Y_%m_%d}"


def _short(name: str) -> str:
    return blake2b(name.encode(), digest_size=6).hexdigest()


def _numbers(*limits: Limit) -> list[int]:
    return [number for limit in limits for number in (limit.most, _ms(limit.window))]


def _ms(duration: timedelta) -> int:
    return duration // timedelta(milliseconds=1)


def _wait(ms: str | int) -> timedelta:
    return timedelta(milliseconds=int(ms))
