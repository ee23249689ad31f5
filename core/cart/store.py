"""Carts in Redis: one string a guest, changed by scripts that run alone, each in one round trip.

The cart lives for 24 hours after its last change; losing it loses a cart and never an order.
"""

import json
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from hashlib import blake2b
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from core.cart.models import MAX_LINES, MAX_NOTE, MAX_QTY, Cart, CartLine, Selection
from core.clock import Clock
from core.connections import LuaScript
from core.errors import StoreError
from core.ids import CheckoutId, CustomerId, LineId, MenuItemId

CART_TTL = timedelta(hours=24)
CART_TTL_MS = CART_TTL // timedelta(milliseconds=1)
TAPS_REMEMBERED = 256

_READ = LuaScript("core.cart", "cart_read.lua")
_APPLY = LuaScript("core.cart", "cart_apply.lua")
_FREEZE = LuaScript("core.cart", "cart_freeze.lua")
_CLEAR_IF = LuaScript("core.cart", "cart_clear_if.lua")
_TAKE = LuaScript("core.cart", "cart_take.lua")


class Outcome(StrEnum):
    """What became of a change."""

    OK = "OK"
    REPEATED = "DUP"
    FULL = "FULL"
    TOO_MANY = "MAXQTY"
    LINE_GONE = "GONE"
    OTHER_OUTLET = "OTHER"
    PENDING = "PENDING"


@dataclass(frozen=True, slots=True)
class Change:
    """One change, with its arguments as the script takes them."""

    op: str
    args: tuple[str, ...] = ()

    @classmethod
    def add(cls, lines: tuple[CartLine, ...]) -> "Change":
        return cls("add", (_pack(lines),))

    @classmethod
    def replace(cls, lines: tuple[CartLine, ...]) -> "Change":
        return cls("replace", (_pack(lines),))

    @classmethod
    def by(cls, line: LineId, by: int) -> "Change":
        return cls("change", (line, str(by)))

    @classmethod
    def to(cls, line: LineId, qty: int) -> "Change":
        return cls("set", (line, str(qty)))

    @classmethod
    def remove(cls, line: LineId) -> "Change":
        return cls("remove", (line,))

    @classmethod
    def note(cls, note: str) -> "Change":
        return cls("note", (note,))

    @classmethod
    def clear(cls) -> "Change":
        return cls("clear")

    @classmethod
    def join(cls, lines: tuple[CartLine, ...], note: str) -> "Change":
        return cls("join", (_pack(lines), note, str(MAX_NOTE)))

    @classmethod
    def swap(cls) -> "Change":
        return cls("swap")

    def memory(self, tap: str) -> str:
        """The eight characters by which the cart remembers that `tap` made this change.

        The change is part of it: a message that orders two dishes makes two changes under one update id.
        """
        digest = blake2b("\x1f".join((tap, self.op, *self.args)).encode(), digest_size=6).digest()
        return urlsafe_b64encode(digest).decode()


@dataclass(frozen=True, slots=True)
class Taken:
    """Lines taken out of a cart under the name `move`, until their arrival is confirmed."""

    move: str
    lines: tuple[CartLine, ...]
    note: str


class CartStore:
    def __init__(self, redis: Redis, clock: Clock) -> None:
        self._redis = redis
        self._clock = clock

    @staticmethod
    def key(customer: CustomerId) -> str:
        return f"{{cust:{customer}}}:cart"

    async def read(self, customer: CustomerId) -> Cart:
        state, left = await self._run(_READ, customer, [])
        return self._unpack(state, left)

    async def apply(
        self, customer: CustomerId, change: Change, tap: str, *, unplaced: CheckoutId | None = None
    ) -> tuple[Outcome, str, Cart]:
        """Make one change, all of it or nothing; a tap seen before changes nothing. Renews the time to live.

        A cart frozen for checkout is changed only when `unplaced` names that very checkout, because its caller has
        looked whether the order exists; otherwise the outcome is PENDING with the checkout id.
        """
        outcome, detail, state, left = await self._run(
            _APPLY,
            customer,
            [
                *(change.memory(tap), CART_TTL_MS, MAX_LINES, MAX_QTY, TAPS_REMEMBERED),
                *(unplaced or "", change.op, *change.args),
            ],
        )
        return Outcome(outcome), detail, self._unpack(state, left)

    async def freeze(self, customer: CustomerId, version: int, checkout_id: CheckoutId) -> tuple[str, str, Cart]:
        """Fix `version` under `checkout_id`, unless it was fixed before: the first id stays. Atomic."""
        outcome, detail, state, left = await self._run(_FREEZE, customer, [version, checkout_id, CART_TTL_MS])
        return outcome, detail, self._unpack(state, left)

    async def clear_if(self, customer: CustomerId, checkout_id: CheckoutId) -> bool:
        """Empty the cart if it is still the one frozen under `checkout_id`; a changed cart survives. Atomic."""
        return bool(await self._run(_CLEAR_IF, customer, [checkout_id, CART_TTL_MS]))

    async def take(self, customer: CustomerId, *, arrived: str = "") -> Taken | None:
        """Take the lines out to move them; None when there are none. `arrived` names the move before, now done."""
        taken = await self._run(_TAKE, customer, [CART_TTL_MS, arrived])
        if not taken:
            return None
        move, lines, note = taken
        return Taken(move, tuple(_line(fields) for fields in json.loads(lines)), note)

    async def forget(self, customer: CustomerId) -> None:
        """Drop everything known about the guest's cart."""
        try:
            await self._redis.delete(self.key(customer))
        except (RedisError, OSError) as failure:
            raise StoreError("cart cannot be reached", customer=customer) from failure

    async def _run(self, script: LuaScript, customer: CustomerId, args: Sequence[str | int]) -> Any:
        try:
            return await script(self._redis, [self.key(customer)], args)
        except (RedisError, OSError) as failure:
            raise StoreError("cart cannot be reached", customer=customer) from failure

    def _unpack(self, state: str, left: int) -> Cart:
        if not state:
            return Cart()
        fields = json.loads(state)
        return Cart(
            version=fields["v"],
            lines=tuple(_line(line) for line in fields.get("l", ())),
            note=fields.get("n", ""),
            aside=tuple(_line(line) for line in fields["a"][0]) if "a" in fields else (),
            checkout_id=fields.get("c"),
            expires_ms=self._clock.ms() + max(left, 0),
        )


def _pack(lines: tuple[CartLine, ...]) -> str:
    return json.dumps(
        [
            (
                line.id,
                line.qty,
                line.item,
                line.variant,
                ";".join(f"{o.group}={o.choice}" for o in line.options),
                line.note,
            )
            for line in lines
        ],
        ensure_ascii=False,
        separators=(",", ":"),
    )


def _line(fields: list[Any]) -> CartLine:
    _, qty, item, variant, options, note = fields
    chosen = (option.split("=", 1) for option in options.split(";")) if options else ()
    return CartLine(
        item=MenuItemId(item),
        variant=variant,
        options=tuple(Selection(group=group, choice=choice) for group, choice in chosen),
        note=note,
        qty=qty,
    )
