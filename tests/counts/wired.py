"""A house whose every word to Redis, MongoDB and the chats is counted where it travels, and people who cause them.

No job runs here, so that what is counted was caused by the turn alone.
"""

import hmac
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
from pydantic import SecretStr
from redis.asyncio import Redis

import bot
import core
from bot.bootstrap import Runtime, open_runtime
from bot.channels.whatsapp.account import webhook_url
from bot.commands.demo import furnish
from bot.commands.run import hearing
from core.clock import FrozenClock
from core.settings import Settings, TelegramMode
from tests.bot.channels.telegram.line import PUBLIC, UNHURRIED, set_up, telegram_settings
from tests.bot.channels.whatsapp.house import whatsapp_settings
from tests.dialogues.guest import WebGuest, town
from tests.fakes.razorpay.server import KEY_ID, KEY_SECRET, WEBHOOK_SECRET
from tests.fakes.telegram import FakeTelegram, TelegramPerson
from tests.fakes.twilio import FakeTwilioChat, WhatsAppPerson
from tests.wire import Tap, mongo_commands, redis_commands, wire_tap
from webhooks.app import build_app
from webhooks.serving import listen, serving

PHONE = "+919876543210"


@dataclass(frozen=True, slots=True)
class Cost:
    """What one act cost: round trips to Redis, commands to MongoDB, calls to Telegram's or Twilio's interface (those
    that ride on an answer of ours are none).
    """

    redis: int
    mongo: int
    calls: int = 0


@dataclass
class Wired:
    runtime: Runtime
    base: str
    redis: Tap
    mongo: Tap
    telegram: FakeTelegram
    http: aiohttp.ClientSession
    web: WebGuest
    person: TelegramPerson
    twilio: FakeTwilioChat
    asha: WhatsAppPerson
    clock: FrozenClock
    seen: dict[str, Cost] = field(default_factory=dict)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def _reset(self) -> None:
        self.redis.reset()
        self.mongo.reset()
        self.telegram.calls.clear()
        self.twilio.calls.clear()

    def _cost(self) -> Cost:
        calls = sum(not call.riding for call in self.telegram.calls) + len(self.twilio.calls)
        return Cost(self.redis.round_trips, self.mongo.commands, calls)

    @asynccontextmanager
    async def counting(self, what: str) -> AsyncIterator[None]:
        """`seen[what]` is afterwards what happened inside."""
        self._reset()
        yield
        self.seen[what] = self._cost()

    def told(self) -> tuple[list[str], list[str], list[str]]:
        """What was said since the last count began, for a test that fails."""
        return self.redis.names, self.mongo.names, [call.method for call in self.telegram.calls]

    def code(self) -> str:
        """The code in the last text message."""
        sms = self.runtime.services.console
        assert sms is not None
        found = re.search(r"(?<!\d)\d{6}(?!\d)", sms.messages()[-1].text)
        assert found, sms.messages()[-1].text
        return found[0]

    async def taps(self, guest: WebGuest | TelegramPerson | WhatsAppPerson, part: str) -> Cost:
        async with self.counting(part):
            await guest.taps(part)
        return self.seen[part]

    async def razorpay_says(self, event: dict[str, object]) -> int:
        """News from Razorpay, signed as it signs."""
        body = json.dumps(event).encode()
        headers = {
            "X-Razorpay-Signature": hmac.new(WEBHOOK_SECRET.encode(), body, sha256).hexdigest(),
            "x-razorpay-event-id": f"evt{next(self._numbers)}",
            "Content-Type": "application/json",
        }
        async with self.http.post(f"{self.base}/webhooks/razorpay", data=body, headers=headers) as answer:
            return answer.status


async def know_all_scripts(redis: Redis) -> None:
    """As a Redis that has served anybody does: the text of a script travels once in its life."""
    for room in (core, bot):
        for script in sorted(Path(room.__path__[0]).rglob("*.lua")):
            await redis.script_load(script.read_text(encoding="utf-8"))


def _through(url: SecretStr | None, tap: Tap) -> SecretStr:
    assert url is not None
    return SecretStr(urlsplit(url.get_secret_value())._replace(netloc=f"127.0.0.1:{tap.port}").geturl())


def _place(url: SecretStr | None) -> tuple[str, int]:
    assert url is not None
    parts = urlsplit(url.get_secret_value())
    return parts.hostname or "", parts.port or 0


@asynccontextmanager
async def wired_house(
    settings: Settings, clock: FrozenClock, telegram: FakeTelegram, twilio: FakeTwilioChat
) -> AsyncIterator[Wired]:
    """Razorpay's secrets are known, Telegram and Twilio deliver to the webhooks, and nobody is told to wait."""
    async with (
        wire_tap(*_place(settings.redis_url), redis_commands) as redis,
        wire_tap(*_place(settings.mongodb_url), mongo_commands) as mongo,
    ):
        with listen("127.0.0.1", 0) as listener:
            base = f"http://127.0.0.1:{listener.getsockname()[1]}"
            telegram.updates.reaches[PUBLIC] = twilio.reaches[PUBLIC] = base
            on_telegram = telegram_settings(settings, telegram, TelegramMode.WEBHOOK)
            chosen = whatsapp_settings(on_telegram, twilio).model_copy(
                update={
                    "redis_url": _through(settings.redis_url, redis),
                    "mongodb_url": _through(settings.mongodb_url, mongo),
                    "razorpay_key_id": KEY_ID,
                    "razorpay_key_secret": SecretStr(KEY_SECRET),
                    "razorpay_webhook_secret": (SecretStr(WEBHOOK_SECRET),),
                    "demo": True,
                }
            )
            async with open_runtime(chosen, clock=clock) as runtime:
                await know_all_scripts(runtime.connections.redis)
                assert runtime.telegram is not None
                runtime.telegram.allowance.paces = UNHURRIED
                await furnish(runtime, always_open=False)
                runtime.telegram.files.bases = (base,)
                twilio.webhook, twilio.reports = webhook_url(chosen), False
                inbox = runtime.services.inbox

                async def worked_off(_: str) -> None:
                    assert await inbox.inbox_once(None) == 1

                async with serving(build_app(runtime), listener), hearing(runtime), town(base) as people:
                    await set_up(telegram, TelegramMode.WEBHOOK)
                    yield Wired(
                        runtime=runtime,
                        base=base,
                        redis=redis,
                        mongo=mongo,
                        telegram=telegram,
                        http=people.http,
                        web=await people.guest(listens=False),
                        person=TelegramPerson(telegram, 5_000_000_001),
                        twilio=twilio,
                        asha=WhatsAppPerson(twilio, "whatsapp:+919876500001", worked_off=worked_off, answered=set()),
                        clock=clock,
                    )


async def to_the_menu(guest: WebGuest | TelegramPerson) -> None:
    await guest.opens()
    for part in ("Order food", "Menu first", "MG Road", "Takeaway"):
        await guest.taps(part)
