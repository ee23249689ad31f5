"""Money in whole paise.

Every amount in Tiffin is a whole number of minor units (paise for INR, cents for USD). The currency stands once beside
the amounts, on the outlet, the order and the payment; arithmetic between amounts therefore never needs it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

BASIS_POINTS = 10_000


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in whole minor units; may be negative (a discount, a difference).

    In pydantic models it reads and writes as a plain integer and refuses bool, float and text.
    """

    paise: int

    def __post_init__(self) -> None:
        if type(self.paise) is not int:
            raise TypeError(f"money is a whole number of paise, not {type(self.paise).__name__}")

    @classmethod
    def rupees(cls, rupees: int) -> Self:
        return cls(rupees * 100)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.paise + other.paise)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.paise - other.paise)

    def __neg__(self) -> "Money":
        return Money(-self.paise)

    def __mul__(self, times: int) -> "Money":
        if type(times) is not int:
            raise TypeError(f"money is multiplied by whole numbers, not {type(times).__name__}")
        return Money(self.paise * times)

    __rmul__ = __mul__

    def __bool__(self) -> bool:
        return self.paise != 0

    def share(self, basis_points: int) -> "Money":
        """`basis_points` ten-thousandths of this amount, halves rounded away from zero (PLATFORMS.md G2)."""
        product = abs(self.paise) * basis_points
        rounded = (2 * product + BASIS_POINTS) // (2 * BASIS_POINTS)
        return Money(rounded if self.paise >= 0 else -rounded)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from_int = core_schema.no_info_after_validator_function(cls, core_schema.int_schema(strict=True))
        return core_schema.json_or_python_schema(
            json_schema=from_int,
            python_schema=core_schema.union_schema([core_schema.is_instance_schema(cls), from_int]),
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda money: money.paise, return_schema=core_schema.int_schema()
            ),
        )


ZERO = Money(0)


def total(amounts: Iterable[Money]) -> Money:
    """The sum of `amounts`; nothing adds up to zero."""
    return Money(sum(amount.paise for amount in amounts))


def split(amount: Money, weights: list[int]) -> list[Money]:
    """Split `amount` in proportion to `weights` without losing a paisa (largest remainders get the odd ones).

    Weights are non-negative; if all are zero every share is zero and `amount` must be zero.
    """
    whole = sum(weights)
    if whole == 0:
        if amount:
            raise ValueError("nothing to split the amount over")
        return [ZERO for _ in weights]
    sign = -1 if amount.paise < 0 else 1
    magnitude = abs(amount.paise)
    shares = [magnitude * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(magnitude * weights[i] % whole), i))
    for i in by_remainder[: magnitude - sum(shares)]:
        shares[i] += 1
    return [Money(sign * share) for share in shares]
