"""The code a guest says at the counter."""

import secrets
from datetime import datetime
from zoneinfo import ZoneInfo

from core.clock import from_ms
from core.ids import OutletId

LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"  # without I, O and Q, which are heard or read as something else
DIGITS = 1000


def new_code() -> str:
    """K 472: one of 23,000 a day and outlet. It names an order to people and opens nothing."""
    return f"{secrets.choice(LETTERS)} {secrets.randbelow(DIGITS):03d}"


def day_code(outlet: OutletId, timezone: str, at_ms: int, code: str) -> str:
    """mgroad:20261123:K472: unique for ever, by the day on the outlet's wall."""
    day: datetime = from_ms(at_ms).astimezone(ZoneInfo(timezone))
    return f"{outlet}:{day:%Y%m%d}:{code.replace(' ', '')}"
