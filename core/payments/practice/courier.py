"""How the practice Razorpay brings its news: stored first, signed over the very bytes, again and again for a day.

PLATFORMS.md C3: an answer of 2xx within five seconds ends it; anything else is tried again with growing gaps under the
same event id, and given up after 24 hours.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Final

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector

from core.clock import Clock
from core.lanes.models import Again, Dead, Done, Outcome
from core.lanes.worker import Worker
from core.payments.practice.news import Event, signature_of
from core.payments.practice.store import NewsStore, PracticeNews, SwitchStore

log = logging.getLogger(__name__)

ANSWER_WITHIN: Final = timedelta(seconds=5)
GIVE_UP_MS: Final = 24 * 3_600_000
FIRST_GAP_MS: Final = 1_000
LONGEST_GAP_MS: Final = 3_600_000
KEEP_MS: Final = 15 * 24 * 3_600_000  # so long news can be replayed on request
MOST_CONNECTIONS: Final = 20


def _nobody() -> None:
    """Wakes nobody: the worker comes round by itself."""


class NewsCourier:
    """`door` is the address news is brought to. `wake` is called after each new piece and must not wait."""

    def __init__(
        self,
        *,
        store: NewsStore,
        switches: SwitchStore,
        clock: Clock,
        door: str,
        secret: str,
        wake: Callable[[], None] = _nobody,
    ) -> None:
        self._store = store
        self._switches = switches
        self._clock = clock
        self._door = door
        self._secret = secret
        self.wake = wake
        self._seq = count()
        self._worker = Worker(store, self._bring, clock)
        self._session: ClientSession | None = None

    async def post(self, event: Event) -> None:
        """The ledger has something to tell. What is not due yet waits in a lane of its own and holds up nothing."""
        later = event.due_ms > self._clock.ms()
        await self._store.add(
            PracticeNews(
                id=f"news:{event.id}",
                lane=f"news:{event.id}" if later else event.about or "other",
                next_ms=event.due_ms,
                created_ms=self._clock.ms(),
                seq=next(self._seq),
                event=event.id,
                name=event.name,
                raw=event.body.decode(),
            )
        )
        if not later:
            self.wake()

    async def bring_once(self, patience: timedelta | None = None) -> int:
        """Bring what is due; how many pieces arrived, or were dropped. Safe to run twice at once, and late."""
        return await self._worker.run_once(patience)

    async def sweep(self) -> int:
        return await self._store.forget_before(self._clock.ms() - KEEP_MS)

    async def close(self) -> None:
        await self._worker.close()
        if self._session is not None:
            await self._session.close()

    async def _bring(self, news: PracticeNews) -> Outcome:
        if await self._switches.dropping():
            return Done(note="dropped")
        body = news.raw.encode()
        headers = {
            "Content-Type": "application/json",
            "X-Razorpay-Signature": signature_of(self._secret, body),
            "x-razorpay-event-id": news.event,
        }
        try:
            async with self._open().post(self._door, data=body, headers=headers, allow_redirects=False) as answer:
                status = answer.status
        except (ClientError, TimeoutError, OSError) as failure:
            return self._again(news, type(failure).__name__)
        return Done(ref=str(status)) if 200 <= status < 300 else self._again(news, f"answered {status}")

    def _again(self, news: PracticeNews, why: str) -> Outcome:
        if self._clock.ms() - news.created_ms > GIVE_UP_MS:
            log.error("practice_news_dead", extra={"event_id": news.event, "news": news.name, "reason": why})
            return Dead(why)
        log.info("practice_news_not_taken", extra={"event_id": news.event, "news": news.name, "reason": why})
        return Again(min(FIRST_GAP_MS * 2 ** min(news.tries - 1, 20), LONGEST_GAP_MS), why)

    def _open(self) -> ClientSession:
        if self._session is None:
            self._session = ClientSession(
                connector=TCPConnector(limit=MOST_CONNECTIONS),
                timeout=ClientTimeout(total=ANSWER_WITHIN.total_seconds()),
                cookie_jar=DummyCookieJar(),
            )
        return self._session
