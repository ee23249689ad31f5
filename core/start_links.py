"""What a link or a QR code says when it opens the chat: which table, which order to repeat.

A payload travels through everybody's hands: printed, photographed, typed, shared. Even a good one is a hint and opens
nothing; the signature only spares the question whether somebody really sits at the table. Telegram allows 64 characters
of A-Z a-z 0-9 _ - (PLATFORMS.md A5), so that is the limit everywhere.

    t_mgroad-T4-<mac>      the code on table T4        t_mgroad-T4    the same, unsigned: the guest is asked
    r_<order>-<mac>        the guest's own order again: good for that guest alone
"""

import hmac
import re
from dataclasses import dataclass

from core.ids import CustomerId, OrderId, OutletId
from core.links import derived_keys, mac
from core.settings import Settings

MAX_PAYLOAD = 64
MAC = 16  # characters: 96 bits
TABLE, REORDER = "t_", "r_"
_TABLE = re.compile(r"([a-z][a-z0-9]{0,15})-([A-Za-z0-9][A-Za-z0-9_ ]{0,23})", re.ASCII)
_ORDER = re.compile(r"[0-9a-z]{1,32}", re.ASCII)
_PREFIX = "ord_"


@dataclass(frozen=True, slots=True)
class TableHint:
    """Where somebody says they sit. Not `signed`: anybody can have written it, so ask."""

    outlet: OutletId
    table: str
    signed: bool


def table_token(settings: Settings, outlet: OutletId, table: str) -> str:
    """The payload for a table's code. Good as long as JWT_SECRET still names the secret; afterwards guests are asked.

    Raises ValueError for a table whose name does not fit.
    """
    name = f"{outlet}-{table.replace(' ', '_')}"
    payload = f"{TABLE}{name}-{_mac(settings, 'tables', name)}"
    if "_" in table or _TABLE.fullmatch(name) is None or len(payload) > MAX_PAYLOAD:
        raise ValueError(f"{table!r} does not fit into a link")
    return payload


def read_table_token(settings: Settings, payload: str) -> TableHint | None:
    """What a payload says about a table; None when it is about something else. Whether there is such a table is for
    the caller to look up.
    """
    body = _body(TABLE, payload)
    name, given = _parted(body)
    signed = _signed(settings, given, "tables", name)
    found = _TABLE.fullmatch(name)
    return found and TableHint(OutletId(found[1]), found[2].replace("_", " "), signed)


def reorder_token(settings: Settings, order: OrderId, customer: CustomerId) -> str:
    """The payload that offers this guest this order again."""
    name = order.removeprefix(_PREFIX)
    if _ORDER.fullmatch(name) is None:
        raise ValueError(f"{order!r} does not fit into a link")
    return f"{REORDER}{name}-{_mac(settings, 'reorders', name, customer)}"


def read_reorder_token(settings: Settings, payload: str, customer: CustomerId) -> OrderId | None:
    """The order to offer again; None for a payload that was not made for this guest."""
    name, given = _parted(_body(REORDER, payload))
    if _ORDER.fullmatch(name) is None or not given:
        return None
    ours = _signed(settings, given, "reorders", name, customer)
    return OrderId(f"{_PREFIX}{name}") if ours else None


def _body(kind: str, payload: str) -> str:
    fits = len(payload) <= MAX_PAYLOAD and payload.isascii() and payload.startswith(kind)
    return payload.removeprefix(kind) if fits else ""


def _parted(body: str) -> tuple[str, str]:
    """Name and signature. Names are too short to hold a hyphen where a signature would begin."""
    at = len(body) - MAC - 1
    return (body[:at], body[at + 1 :]) if at > 0 and body[at] == "-" else (body, "")


def _mac(settings: Settings, use: str, *parts: str) -> str:
    return mac(derived_keys(settings, _use(use))[0], *parts)[:MAC]


def _signed(settings: Settings, given: str, use: str, *parts: str) -> bool:
    keys = derived_keys(settings, _use(use))
    return any(hmac.compare_digest(mac(key, *parts)[:MAC], given) for key in keys)


def _use(use: str) -> str:
    return f"start links: {use}"
