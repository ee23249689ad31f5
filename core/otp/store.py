"""Codes and their limits in Redis, claims of used codes in MongoDB.

All keys stand under the one hash tag `{otp}`: a script looks at the phone's limits, the chat's and everybody's budget
at once, and on a cluster the keys of a script must share a slot. Sending is bounded by the budget, so one slot holds
all of it easily.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import blake2b
from typing import Any

from pymongo.errors import DuplicateKeyError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from core.clock import Clock
from core.connections import Collection, Database, Index, LuaScript
from core.errors import StoreError
from core.ids import ChatKey, Phone
from core.otp.limits import Limits, Reason

CLAIMS_KEPT = timedelta(days=30)

_ISSUE = LuaScript("core.otp", "otp_issue.lua")
_VERIFY = LuaScript("core.otp", "otp_verify.lua")
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
class Right:
    otp_id: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """`tries_left` 0: that was the last try."""

    tries_left: int


class CodeStore:
    """Only fingerprints of codes are kept, keyed by phone and chat: who asks for a code for somebody else's phone
    cannot touch the code its owner is waiting for."""

    def __init__(self, redis: Redis, limits: Limits) -> None:
        self._redis = redis
        self.limits = limits

    @staticmethod
    def code_key(phone: Phone, chat: ChatKey) -> str:
        return f"{{otp}}:{phone}:{chat}"

    async def issue(self, phone: Phone, chat: ChatKey, *, mac: str, otp_id: str, linked: bool) -> Issued | Refused:
        """Count a code and remember it in place of the one before, or say what forbids it. Atomic."""
        limits = self.limits
        on_phone = limits.linked if linked else limits.phone
        counters = (limits.chat, limits.budget_hour, limits.budget_day)
        outcome, *detail = await self._run(
            _ISSUE,
            [
                self.code_key(phone, chat),
                self._sent_key(phone, linked),
                f"{{otp}}:chat:{chat}:phones",
                f"{{otp}}:chat:{chat}:sent",
                "{otp}:all:hour",
                "{otp}:all:day",
            ],
            [
                *(mac, otp_id, _ms(limits.code_lives)),
                *(_short(phone), limits.phones_of_a_chat.most, _ms(limits.phones_of_a_chat.window)),
                *(number for limit in (*counters, *on_phone) for number in (limit.most, _ms(limit.window))),
            ],
        )
        match outcome:
            case "OK":
                return Issued(sent_ms=int(detail[0]))
            case "PHONE":
                return Refused(on_phone[int(detail[0]) - 1].reason, _wait(detail[1]))
            case "COUNTER":
                return Refused(counters[int(detail[0]) - 1].reason, _wait(detail[1]))
            case _:
                return Refused(limits.phones_of_a_chat.reason, _wait(detail[0]))

    async def verify(self, phone: Phone, chat: ChatKey, *, macs: Sequence[str]) -> Right | Wrong | Refused | None:
        """Use the code up, or count a wrong try; None when no code waits. `macs`: one under each secret. Atomic."""
        guesses = self.limits.guesses_of_a_chat
        outcome, *detail = await self._run(
            _VERIFY,
            [self.code_key(phone, chat), f"{{otp}}:chat:{chat}:guesses"],
            [self.limits.tries, guesses.most, _ms(guesses.window), *macs],
        )
        match outcome:
            case "OK":
                return Right(otp_id=detail[0])
            case "BAD":
                return Wrong(tries_left=int(detail[0]))
            case "LOCKED":
                return Wrong(tries_left=0)
            case "GUESSES":
                return Refused(guesses.reason, _wait(detail[0]))
            case _:
                return None

    async def withdraw(self, phone: Phone, chat: ChatKey, *, otp_id: str, sent_ms: int, linked: bool) -> None:
        """Forget a code that never went out, so that its guest need not wait to ask again."""
        await self._run(_WITHDRAW, [self.code_key(phone, chat), self._sent_key(phone, linked)], [otp_id, sent_ms])

    async def _run(self, script: LuaScript, keys: Sequence[str], args: Sequence[str | int]) -> Any:
        try:
            return await script(self._redis, keys, args)
        except (RedisError, OSError) as failure:
            raise StoreError("codes cannot be reached") from failure

    @staticmethod
    def _sent_key(phone: Phone, linked: bool) -> str:
        return f"{{otp}}:{phone}:{'linked' if linked else 'sent'}"


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


def _short(phone: Phone) -> str:
    return blake2b(phone.encode(), digest_size=6).hexdigest()


def _ms(duration: timedelta) -> int:
    return duration // timedelta(milliseconds=1)


def _wait(ms: str | int) -> timedelta:
    return timedelta(milliseconds=int(ms))
