"""What owners and admins type, read apart. Every command has a way by buttons too, which begins at /outlets."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from bot.conversation.incoming import Incoming, Start, Text
from bot.conversation.texts import Texts
from core.ids import OutletId
from core.money import ZERO, Money

_COMMAND = re.compile(r"/([a-z_]{2,32})(?:@\w+)?(?:\s+(.*))?\Z", re.IGNORECASE | re.DOTALL)
_MONEY = r"(?:₹|rs\.?|inr)?\s*(?:[0-9]{1,3}(?:,[0-9]{2,3})+|[0-9]{1,6})(?:\.[0-9]{1,2})?"  # 1,000 as it is shown, too
_AMOUNT = re.compile(rf"{_MONEY}\Z", re.IGNORECASE)
_CODE = re.compile(r"([A-Za-z])\s*([0-9]{3})\Z")
_REFUND = re.compile(rf"([A-Za-z])\s*([0-9]{{3}})(?:\s+(all|{_MONEY})(?:\s+(.+))?)?\Z", re.IGNORECASE)
_MINUTES = re.compile(r"([0-9]{1,5})\s*(m|min|mins|minutes?|h|hours?|d|days?)?\Z", re.IGNORECASE)
MAX_TEXT = 200
BIND, JOIN = "b_", "s_"  # what a link that carries a code begins with


class Command(StrEnum):
    OUTLETS = "outlets"
    STAFF = "staff"
    MENU = "menu"
    PRICE = "price"
    FIND = "find"
    ORDER = "order"
    REFUND = "refund"
    REPORT = "report"
    PAUSE = "pause"
    RESUME = "resume"
    SWITCH = "switch"
    AUDIT = "audit"
    ALERTS = "alerts"
    BIND = "bind"
    HELP = "help"


def descriptions(texts: Texts) -> dict[str, str]:
    """What the channel's list of commands says about each; there only for those who may give them."""
    return {
        Command.OUTLETS: texts.t("The outlets, their groups and people"),
        Command.STAFF: texts.t("Who works where; invite and remove"),
        Command.MENU: texts.t("Dishes, and what is sold out"),
        Command.PRICE: texts.t("Change a price: /price masala dosa 120"),
        Command.FIND: texts.t("Find an order by code or phone: /find 3210"),
        Command.ORDER: texts.t("Everything about an order: /order K 472"),
        Command.REFUND: texts.t("Give money back: /refund K 472"),
        Command.REPORT: texts.t("A day's money: /report, /report 2026-11-22"),
        Command.PAUSE: texts.t("Take no orders for a while: /pause 30"),
        Command.RESUME: texts.t("Take orders again"),
        Command.SWITCH: texts.t("Switch orders off and on"),
        Command.AUDIT: texts.t("What was done lately, and by whom"),
        Command.ALERTS: texts.t("What needed a person, and text messages today"),
        Command.BIND: texts.t("Give an outlet its group"),
        Command.HELP: texts.t("What you can say here"),
    }


def read_command(text: str) -> tuple[Command, str] | None:
    """The command in a message and what stands behind it; None for everything else."""
    found = _COMMAND.match(text.strip()[:MAX_TEXT])
    if found is None or found[1].lower() not in set(Command):
        return None
    return Command(found[1].lower()), " ".join((found[2] or "").split())


def bind_code(incoming: Incoming) -> str | None:
    """The code in “/bind CODE”, or in the link that adds the bot to a group; None when there is none."""
    return _code(incoming, "bind", BIND)


def join_code(incoming: Incoming) -> str | None:
    """The code in “/join CODE”, or in the link an invitation consists of."""
    return _code(incoming, "join", JOIN)


def leaves(incoming: Incoming) -> bool:
    """Whether somebody wants no more of an outlet's cards: “/leave”."""
    match incoming.content:
        case Text(text=text):
            found = _COMMAND.match(text.strip()[:MAX_TEXT])
            return found is not None and found[1].lower() == "leave"
    return False


def _code(incoming: Incoming, word: str, prefix: str) -> str | None:
    match incoming.content:
        case Start(payload=payload) if payload.startswith(prefix):
            return payload.removeprefix(prefix)
        case Text(text=text):
            found = _COMMAND.match(text.strip()[:MAX_TEXT])
            return (found[2] or "").strip() if found and found[1].lower() == word else None
    return None


@dataclass(frozen=True, slots=True)
class PriceWish:
    dish: str
    price: Money


def read_price(rest: str) -> PriceWish | None:
    """“masala dosa 120”, “filter coffee ₹45.50”; None without a name in front of an amount."""
    dish, _, amount = rest.rpartition(" ")
    if dish.casefold().endswith((" rs", " rs.", " ₹", " inr")):
        dish = dish.rpartition(" ")[0]
    price = _money(amount)
    return PriceWish(dish.strip(), price) if price is not None and dish.strip() else None


def read_order_code(rest: str) -> str | None:
    """“K 472”, “k472” → “K 472”."""
    found = _CODE.fullmatch(rest.strip())
    return f"{found[1].upper()} {found[2]}" if found else None


@dataclass(frozen=True, slots=True)
class RefundWish:
    code: str
    amount: Money | None = None
    words: str = ""


def read_refund(rest: str) -> RefundWish | None:
    """“K 472”, “k472 90”, “K 472 ₹90.50 the soup was cold”, “K 472 all the soup was cold”; None without a code, and
    for nothing at all.
    """
    found = _REFUND.match(rest.strip())
    amount = _money(found[3]) if found is not None and found[3] else None
    if found is None or amount == ZERO:
        return None
    return RefundWish(f"{found[1].upper()} {found[2]}", amount, (found[4] or "").strip())


def _money(words: str) -> Money | None:
    """“90”, “₹90.50”, “Rs 1,250”; None for anything else."""
    if _AMOUNT.fullmatch(words) is None:
        return None
    rupees, _, paise = re.sub(r"[^0-9.]", "", words.lower().replace("rs.", "")).partition(".")
    return Money(int(rupees) * 100 + int(paise.ljust(2, "0") or "0"))


def read_day(word: str, today: date) -> date | None:
    """“2026-11-22”, “yesterday”, “22” for the last 22nd; None for anything else."""
    if word.lower() == "yesterday":
        return today - timedelta(days=1)
    try:
        if word.isascii() and word.isdigit() and len(word) <= 2:
            day = today.replace(day=int(word))
            return day if day < today else (today.replace(day=1) - timedelta(days=1)).replace(day=int(word))
        return date.fromisoformat(word)
    except ValueError:
        return None


def read_digits(rest: str) -> str:
    """The digits of a phone, or of its end; empty when something else was typed."""
    plain = re.sub(r"[\s+()./-]", "", rest)
    return plain if plain.isascii() and plain.isdigit() else ""


def read_minutes(word: str) -> int | None:
    """“30”, “2h”, “1 day” in minutes."""
    found = _MINUTES.fullmatch(word)
    if found is None:
        return None
    unit = (found[2] or "m").lower()[0]
    return int(found[1]) * {"m": 1, "h": 60, "d": 24 * 60}[unit]


def split_outlet(rest: str, outlets: set[OutletId]) -> tuple[OutletId | None, str]:
    """An outlet's code among the words, and the words without it."""
    words = rest.split()
    for at, word in enumerate(words):
        if OutletId(word.lower()) in outlets:
            return OutletId(word.lower()), " ".join(words[:at] + words[at + 1 :])
    return None, rest
