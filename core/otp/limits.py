"""How often codes are sent and guessed (DESIGN.md §3, I9 and I10 in RELIABILITY.md)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

Reason = Literal[
    "cooldown", "window", "hour", "day", "chat", "address", "budget", "guesses", "rests", "wrong", "series"
]

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` in any stretch of `window`."""

    reason: Reason
    most: int
    window: timedelta


@dataclass(frozen=True, slots=True)
class SeriesRule:
    """A series of numbers that gets codes nobody uses is stopped: messages are being sold there, not wanted.

    Judged are the last `sample` codes of a series; after a stop, and for as long as `probation`, already `again` of
    them. It goes on when `percent` of them were used.
    """

    sample: int = 50
    again: int = 10
    percent: int = 40
    stop: timedelta = HOUR
    probation: timedelta = DAY


@dataclass(frozen=True, slots=True)
class Limits:
    """One phone, whoever asks · one chat, whomever it asks for · everybody together."""

    phone: tuple[Limit, ...] = (
        Limit("cooldown", 1, timedelta(seconds=60)),
        Limit("window", 3, timedelta(minutes=15)),
        Limit("hour", 4, HOUR),
        Limit("day", 10, DAY),
    )
    # A chat that already proved this phone has a small quota of its own, so that strangers who use up the phone's
    # cannot lock its owner out.
    linked: tuple[Limit, ...] = (
        Limit("cooldown", 1, timedelta(seconds=60)),
        Limit("window", 2, HOUR),
        Limit("day", 3, DAY),
    )
    chat: Limit = Limit("chat", 20, DAY)
    # Where chats cost nothing (the browser) the address they come from is counted too, if it is known.
    address: Limit = Limit("address", 20, DAY)
    phones_of_a_chat: Limit = Limit("chat", 3, DAY)
    # Refused or not, a chat that asks for so many different phones rests as long.
    asked_of_a_chat: Limit = Limit("rests", 10, HOUR)
    # After so many wrong codes for a phone, the chats they came from wait before they ask for it again; no other does.
    wrong_of_a_phone: Limit = Limit("wrong", 5, HOUR)
    wrong_pause: timedelta = timedelta(minutes=5)
    series: SeriesRule = SeriesRule()
    guesses_of_a_chat: Limit = Limit("guesses", 10, DAY)
    tries: int = 5
    code_lives: timedelta = timedelta(minutes=10)
    budget_hour: Limit = Limit("budget", 125, HOUR)
    budget_day: Limit = Limit("budget", 500, DAY)

    @property
    def cooldown(self) -> timedelta:
        return self.phone[0].window


def limits_for(daily_budget: int) -> Limits:
    """The limits with a budget of `daily_budget` messages, a quarter of which may go in any one hour."""
    return Limits(
        budget_hour=Limit("budget", -(-daily_budget // 4), HOUR), budget_day=Limit("budget", daily_budget, DAY)
    )
