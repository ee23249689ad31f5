"""News from a payment provider: stored for good, then acknowledged, and worked off afterwards."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Final

from aiohttp import web

from core.inbox.service import InboxService
from core.logs import get_logger
from webhooks.answers import STORES_BACK, refusal

log = get_logger(__name__)

STORED_WITHIN: Final = timedelta(seconds=4)  # Razorpay counts five seconds of silence as a failure


class NewsDoor:
    """One provider's way into the inbox. `source` is the provider's name."""

    def __init__(self, source: str, inbox: InboxService) -> None:
        self._source = source
        self._inbox = inbox
        self.refused: Counter[str] = Counter()  # by reason

    async def take_in(self, event_id: str, lane: str, raw: str) -> web.Response:
        """200 for news that is stored, now or before. Raises one of STORE_FAILURES: it will be brought again."""
        try:
            async with asyncio.timeout(STORED_WITHIN.total_seconds()):
                fresh = await self._inbox.put(self._source, event_id, lane, raw)
        except TimeoutError:
            log.error("payment_news_not_stored", source=self._source, event_id=event_id)
            return refusal(503, "We cannot store this right now.", retry_after=STORES_BACK)
        log.debug("payment_news", source=self._source, event_id=event_id, fresh=fresh)
        return web.Response()

    def refuse(self, reason: str) -> web.Response:
        """400, and counted: many of them in a short time are somebody trying, or a secret that was changed."""
        self.refused[reason] += 1
        log.warning("payment_news_refused", source=self._source, reason=reason, refused=self.refused.total())
        return refusal(400, "This is not signed by who it says it is from.")
