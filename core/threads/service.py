"""Guests and the people who answer them: one live thread a chat, and the posts that lead replies back."""

from collections.abc import Callable

from core.clock import Clock
from core.errors import StoreError
from core.ids import ChatKey, CustomerId, Handle, OrderId, OutletId, new_id
from core.threads.errors import ThreadNotFound
from core.threads.models import Post, Thread, ThreadId, ThreadState, post_id
from core.threads.store import ThreadStore

_ROUNDS = 20


class ThreadService:
    def __init__(self, *, store: ThreadStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def live(self, chat: ChatKey) -> Thread | None:
        return await self._store.live(chat)

    async def require(self, thread: ThreadId) -> Thread:
        """Raises ThreadNotFound."""
        found = await self._store.get(thread)
        if found is None:
            raise ThreadNotFound(thread=thread)
        return found

    async def write(
        self,
        key: str,
        text: str,
        *,
        chat: ChatKey,
        customer: CustomerId,
        outlet: OutletId,
        guest_name: str,
        language: str,
        order: OrderId | None = None,
        order_code: str = "",
    ) -> Thread:
        """Add the guest's message to the chat's live thread, opening one where there is none.

        `key` names the message: written again it is there once. A thread stays with the outlet it was opened at; the
        order last spoken of is the one it is about.
        """
        for _ in range(_ROUNDS):
            now = self._clock.ms()
            thread = await self._store.live(chat)
            if thread is None:
                fresh = Thread(
                    id=ThreadId(new_id("thr")),
                    outlet=outlet,
                    customer=customer,
                    chat=chat,
                    guest_name=guest_name,
                    language=language,
                    order=order,
                    order_code=order_code,
                    opened_ms=now,
                    last_ms=now,
                ).with_line(key, text, now)
                if await self._store.insert(fresh):
                    return fresh
                continue
            if thread.said(key):
                return thread
            about = {"order": order, "order_code": order_code} if order else {}
            changed = thread.model_copy(update={"language": language, **about}).with_line(key, text, now)
            stored = await self._store.replace(changed)
            if stored is not None:
                return stored
        raise StoreError("thread kept changing", chat=chat)

    async def take(self, thread: ThreadId, by: Handle, name: str) -> Thread:
        """Answer from now on. Who took it first keeps it: the returned thread says who that is."""
        return await self._change(thread, lambda now, found: found if found.taken_by else _taken(found, by, name))

    async def answer(self, thread: ThreadId, key: str, text: str, by: Handle, name: str) -> Thread:
        """Add what a person of the outlet wrote, once for each `key`. The first to answer has taken the thread."""

        def change(now: int, found: Thread) -> Thread:
            if found.said(key):
                return found
            mine = found if found.taken_by or not found.state.live else _taken(found, by, name)
            return mine.with_line(key, text, now, by=by, name=name)

        return await self._change(thread, change)

    async def end(self, thread: ThreadId) -> Thread:
        def change(now: int, found: Thread) -> Thread:
            if not found.state.live:
                return found
            return found.model_copy(update={"state": ThreadState.DONE, "ended_ms": now, "last_ms": now})

        return await self._change(thread, change)

    async def end_in(self, chat: ChatKey) -> Thread | None:
        """End the chat's live thread, if there is one."""
        thread = await self._store.live(chat)
        return await self.end(thread.id) if thread else None

    async def erase(self, customer: CustomerId) -> None:
        """Remove everything a guest and the outlets wrote to each other."""
        await self._store.erase(customer)

    async def forget_before(self, ms: int) -> int:
        return await self._store.forget(ms)

    async def posted(
        self, chat: ChatKey, key: str, message: str, *, reads: str = "", thread: ThreadId | None = None
    ) -> None:
        """Remember under which name the channel knows our post `key`, so that it can be edited and replied to."""
        await self._store.put_post(
            Post(
                id=post_id(chat, key),
                chat=chat,
                key=key,
                message=message,
                reads=reads,
                thread=thread or "",
                at_ms=self._clock.ms(),
            )
        )

    async def redrawn(self, chat: ChatKey, key: str, tapped: str, *, answer: str, reads: str) -> None:
        """The tapped message was redrawn by an answer. Remembered if it is our post `key`, and not a copy of it."""
        post = await self._store.post(post_id(chat, key))
        if post is not None and tapped and tapped in (post.message, post.also):
            await self._store.redraw_post(post, answer, reads)

    async def post(self, chat: ChatKey, key: str) -> Post | None:
        """Our post in that chat, if it was ever sent."""
        return await self._store.post(post_id(chat, key))

    async def thread_of(self, chat: ChatKey, message: str) -> Thread | None:
        """The thread that a message of ours in a group belongs to."""
        post = await self._store.post_named(chat, message)
        return await self._store.get(ThreadId(post.thread)) if post and post.thread else None

    async def _change(self, thread: ThreadId, change: Callable[[int, Thread], Thread]) -> Thread:
        for _ in range(_ROUNDS):
            found = await self.require(thread)
            changed = change(self._clock.ms(), found)
            if changed is found:
                return found
            stored = await self._store.replace(changed)
            if stored is not None:
                return stored
        raise StoreError("thread kept changing", thread=thread)


def _taken(thread: Thread, by: Handle, name: str) -> Thread:
    return thread.model_copy(update={"taken_by": by, "taken_name": name, "state": ThreadState.TAKEN})
