"""A guest's language: messages from the catalogues, money, dates and numbers through Babel."""

import gettext
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal

from bot.conversation.text import Text, fill
from core.clock import from_ms
from core.money import Money

LANGUAGES: dict[str, str] = {"en": "English", "hi": "हिन्दी"}
DEFAULT = "en"
_LOCALES = {"en": "en_IN", "hi": "hi_IN"}


@lru_cache
def catalogue(language: str) -> gettext.NullTranslations:
    """The messages of `language`, read from its .po file once. English needs none: it is the message itself."""
    if language == DEFAULT:
        return gettext.NullTranslations()
    source = files("bot.locales").joinpath(language, "LC_MESSAGES", "tiffin.po")
    compiled = BytesIO()
    with source.open("rb") as po:
        write_mo(compiled, read_po(po, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@lru_cache(maxsize=4096)
def _currency(paise: int, currency: str, locale: str) -> str:
    # Whole amounts without ".00": menus print ₹240, bills print ₹252.50.
    pattern = "¤#,##,##0" if paise % 100 == 0 else "¤#,##,##0.00"
    return format_currency(
        Decimal(paise) / 100,
        currency,
        pattern,
        locale=locale,
        currency_digits=False,
    )


@lru_cache(maxsize=4096)
def _number(number: int, locale: str) -> str:
    return str(format_decimal(number, locale=locale))


class Texts:
    """All words of one language. Get one through `Texts.of`, they are kept."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.locale = _LOCALES[language]
        self._catalogue = catalogue(language)

    @staticmethod
    @lru_cache
    def of(language: str) -> "Texts":
        return Texts(language if language in LANGUAGES else DEFAULT)

    # `t`, `n`, `say` and `say_n` are what the message extractor looks for: their first argument is always a literal.
    def t(self, message: str, **values: Any) -> str:
        """A plain line: button labels, toasts, file names."""
        return fill(self._catalogue.gettext(message), **values).plain

    def n(self, one: str, many: str, count: int, **values: Any) -> str:
        return fill(self._catalogue.ngettext(one, many, count), count=self.number(count), **values).plain

    def say(self, message: str, **values: Any) -> Text:
        """A text with marks."""
        return fill(self._catalogue.gettext(message), **values)

    def say_n(self, one: str, many: str, count: int, **values: Any) -> Text:
        return fill(self._catalogue.ngettext(one, many, count), count=self.number(count), **values)

    def money(self, amount: Money, currency: str = "INR") -> str:
        return _currency(amount.paise, currency, self.locale)

    def number(self, number: int) -> str:
        return _number(number, self.locale)

    def clock(self, ms: int, timezone: str) -> str:
        return format_time(self._at(ms, timezone), "h:mm a", locale=self.locale)

    def day(self, ms: int, timezone: str) -> str:
        return format_date(self._at(ms, timezone).date(), "EEE d MMM", locale=self.locale)

    def date(self, day: date) -> str:
        return format_date(day, "EEE d MMM", locale=self.locale)

    def moment(self, ms: int, timezone: str, now_ms: int) -> str:
        """The time alone for today, with the day before it otherwise."""
        at, now = self._at(ms, timezone), self._at(now_ms, timezone)
        pattern = "h:mm a" if at.date() == now.date() else "EEE d MMM, h:mm a"
        return format_datetime(at, pattern, locale=self.locale)

    @staticmethod
    def _at(ms: int, timezone: str) -> datetime:
        return from_ms(ms).astimezone(ZoneInfo(timezone))
