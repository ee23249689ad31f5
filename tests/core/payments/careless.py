"""A provider that answers late, not at all, or something else, in front of the practice provider's honest ledger."""

from collections import Counter
from typing import Any

from core.errors import ProviderError
from core.payments.errors import PaymentRefused, Refusal
from core.payments.provider import PaymentProvider
from tests.core.orders.bank import Bank


class Careless:
    """`plan[call]` lists what happens to the next calls: "down" (nothing done), "lost" (done, answer lost), a Refusal,
    or an answer to give instead. After the list all is well.
    """

    name = "sandbox"

    def __init__(self, honest: Bank) -> None:
        self.honest = honest
        self.plan: dict[str, list[Any]] = {}
        self.calls: Counter[str] = Counter()

    def read(self, raw: str) -> Any:
        return self.honest.read(raw)

    def __getattr__(self, call: str) -> Any:
        async def made(*args: Any, **kwargs: Any) -> Any:
            self.calls[call] += 1
            planned = self.plan.get(call)
            what = planned.pop(0) if planned else None
            if what == "down":
                raise ProviderError("sandbox", retryable=True)
            if isinstance(what, Refusal):
                raise PaymentRefused("sandbox", what)
            if what not in (None, "lost"):
                return what
            answer = await getattr(self.honest, call)(*args, **kwargs)
            if what == "lost":
                raise ProviderError("sandbox", retryable=True)
            return answer

        return made


def careless(honest: Bank) -> tuple[Careless, PaymentProvider]:
    """The same object twice: as what tests plan, and as what the house uses."""
    made: Any = Careless(honest)
    return made, made
