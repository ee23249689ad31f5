"""How a paper is numbered: one series for each GSTIN, prefix, financial year and direction (CGST rule 46b).

Sixteen characters at most, letters, digits and slashes: MGRO/2526/000123 for an invoice, MGRO/2526C/00045 for a note.
Outlets that share a GSTIN and a prefix share the series, so a number never comes twice under one registration.
"""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from core.clock import from_ms
from core.errors import StoreError
from core.outlets.models import Outlet

APRIL = 4
PREFIX = 4
DIGITS = 6
CREDIT_DIGITS = 5  # the letter takes one


def financial_year(at_ms: int, timezone: str) -> str:
    """“2526” from April 2025 to March 2026, by the outlet's calendar."""
    day = from_ms(at_ms).astimezone(ZoneInfo(timezone))
    first = day.year if day.month >= APRIL else day.year - 1
    return f"{first % 100:02d}{(first + 1) % 100:02d}"


def prefix_of(outlet: Outlet) -> str:
    """What the owner chose, or the beginning of the outlet's code."""
    return outlet.invoice_prefix or "".join(c for c in outlet.id.upper() if c.isascii() and c.isalnum())[:PREFIX]


@dataclass(frozen=True, slots=True)
class Series:
    owner: str  # the GSTIN, or the outlet where there is none
    prefix: str
    year: str
    credits: bool = False

    @classmethod
    def of(cls, outlet: Outlet, at_ms: int, *, credits: bool) -> "Series":
        owner = outlet.gstin or outlet.id
        return cls(owner, prefix_of(outlet), financial_year(at_ms, outlet.timezone), credits)

    @property
    def key(self) -> str:
        return f"{self.owner}_{self.prefix}_{self.year}_{'c' if self.credits else 'i'}"

    def number(self, n: int) -> str:
        """The n-th number. Raises StoreError when the series has no more room: the owner needs a second prefix."""
        digits = CREDIT_DIGITS if self.credits else DIGITS
        if n >= 10**digits:
            raise StoreError("series of invoices is full", series=self.key)
        return f"{self.prefix}/{self.year}{'C' if self.credits else ''}/{n:0{digits}d}"

    def id(self, n: int) -> str:
        return f"inv_{self.key}_{n}"
