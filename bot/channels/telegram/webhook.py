"""The address Telegram delivers to: set when it is not ours, and watched, since whoever has the token can move it."""

import hmac
from datetime import timedelta
from hashlib import sha256

from telegram import Bot, WebhookInfo
from telegram.error import TelegramError

from bot.channels.telegram.errors import words_of
from bot.channels.telegram.incoming import ALLOWED
from core.clock import Clock
from core.connections import STORE_FAILURES, Connections
from core.logs import get_logger

log = get_logger(__name__)

PATH = "/webhooks/telegram"
AT_ONCE = 100  # deliveries under way; Telegram keeps each chat's in order by itself
BACKLOG = 100  # updates waiting there that are worth a warning
RECENT = timedelta(minutes=10)
KEY = "{telegram}:webhook"


class Webhook:
    def __init__(self, bot: Bot, connections: Connections, clock: Clock, *, public_url: str, secret: str) -> None:
        self._bot = bot
        self._redis = connections.redis
        self._clock = clock
        self._secret = secret
        self.url = f"{public_url}{PATH}"

    def knows(self, given: bytes) -> bool:
        """Whether a delivery carries our secret. Takes as long for one that is nearly right."""
        return hmac.compare_digest(given, self._secret.encode())

    async def ensure(self) -> None:
        """Have Telegram deliver here. Raises TelegramError."""
        if await self._stands() and await self._secret_is_known():
            return
        await self._bot.set_webhook(
            self.url, secret_token=self._secret, allowed_updates=ALLOWED, max_connections=AT_ONCE
        )
        log.info("telegram_webhook_set", url=self.url)
        try:
            await self._redis.set(KEY, self._fingerprint())
        except STORE_FAILURES as failure:  # it is set once more at the next start
            log.warning("telegram_webhook_not_noted", error=type(failure).__name__)

    async def check(self) -> None:
        """Look whether it is still ours and well; set it right where it is not, and say so loudly."""
        try:
            info = await self._bot.get_webhook_info()
            if not self._is_ours(info):
                log.error("telegram_webhook_moved", found=info.url, ours=self.url)
                await self.ensure()
        except TelegramError as failure:
            log.warning("telegram_webhook_unknown", error=type(failure).__name__)
            return
        at = info.last_error_date
        if at is not None and self._clock.now() - at < RECENT:
            said = words_of(info.last_error_message or "")
            log.warning("telegram_deliveries_fail", error=said, waiting=info.pending_update_count)
        elif info.pending_update_count >= BACKLOG:
            log.warning("telegram_deliveries_wait", waiting=info.pending_update_count)

    async def _stands(self) -> bool:
        """Whether it is set already; where nobody can say, it is set once more, which does no harm."""
        try:
            return self._is_ours(await self._bot.get_webhook_info())
        except (TelegramError, AttributeError, TypeError) as failure:  # the last two: an answer of no known shape
            log.info("telegram_webhook_unknown", error=type(failure).__name__)
            return False

    def _is_ours(self, info: WebhookInfo) -> bool:
        return (
            info.url == self.url and info.max_connections == AT_ONCE and set(info.allowed_updates or ()) == set(ALLOWED)
        )

    async def _secret_is_known(self) -> bool:
        """Telegram does not tell the secret it has; what we gave it last is noted."""
        try:
            return bool(await self._redis.get(KEY) == self._fingerprint())
        except STORE_FAILURES:
            return False

    def _fingerprint(self) -> str:
        return hmac.new(self._secret.encode(), f"{self._bot.token} {self.url}".encode(), sha256).hexdigest()[:24]
