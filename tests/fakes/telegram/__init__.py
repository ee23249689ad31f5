"""Telegram on loopback: it keeps the documented rules, refuses what Telegram refuses, and remembers every call."""

from tests.fakes.telegram.flood import Flood
from tests.fakes.telegram.person import TelegramCook, TelegramPerson
from tests.fakes.telegram.server import FakeTelegram, Trouble, running_telegram

__all__ = ["FakeTelegram", "Flood", "TelegramCook", "TelegramPerson", "Trouble", "running_telegram"]
