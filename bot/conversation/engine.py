"""The engine: one message in, one turn, its answers out.

A turn is two round trips to Redis (begin, end) around one screen's reaction. It can be repeated at any point: the
update is marked as seen only together with its answer, and everything a reaction does carries the update's name.

A tap that only looks around or changes the cart runs ahead: it goes on from what this process saved of the chat last,
and is saved in one round trip if that is still what Redis holds. Otherwise its turn begins as any other.
"""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

from pydantic import ValidationError

from bot.conversation.actions import StaleAction, runs_ahead
from bot.conversation.errors import apology, explain
from bot.conversation.incoming import Incoming, Left, Tap
from bot.conversation.listener import Listener
from bot.conversation.recent import RecentChats
from bot.conversation.reply import Outgoing, Reply
from bot.conversation.screen import Answered, Back, Goto, NotUnderstood, Screens, Stay, Step
from bot.conversation.session import Session
from bot.conversation.states import State
from bot.conversation.text import join, paragraphs
from bot.conversation.texts import DEFAULT, LANGUAGES
from bot.conversation.turn import Capabilities, RanTooFar, Turn
from bot.conversation.vouching import vouched
from core.connections import STORE_FAILURES
from core.conversations.store import RENEW_EVERY, Begun, Busy, ConversationStore, Repeated
from core.errors import DomainError, Forbidden, ProviderError, StoreError
from core.ids import ChatKey
from core.logs import get_logger
from core.services import Services

log = get_logger(__name__)

PATIENCE = timedelta(seconds=20)  # how long a turn waits for the chat's turn before it
TRAIL = 8  # how many screens Back remembers
REROUTES = 3  # a screen that cannot be shown sends the guest to another one, at most so often


@dataclass(slots=True)
class _Queue:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0


class _Keeping:
    """Renews the lock of a turn that takes long. A turn as they usually are ends before anything is sent."""

    def __init__(self, conversations: ConversationStore, chat: ChatKey, token: str) -> None:
        self._conversations, self._chat, self._token = conversations, chat, token
        self._task: asyncio.Task[None] | None = None
        self._timer = asyncio.get_running_loop().call_later(RENEW_EVERY.total_seconds(), self._begin)

    def _begin(self) -> None:
        self._task = asyncio.create_task(self._keep())

    async def _keep(self) -> None:
        try:
            while True:
                if not await self._conversations.renew(self._chat, self._token):
                    return
                await asyncio.sleep(RENEW_EVERY.total_seconds())
        except STORE_FAILURES as failure:
            log.warning("turn_not_renewed", chat=self._chat, error=type(failure).__name__)

    def stop(self) -> None:
        self._timer.cancel()
        if self._task is not None:
            self._task.cancel()


class Engine:
    def __init__(
        self, services: Services, screens: Screens, capabilities: Mapping[str, Capabilities], listener: Listener
    ) -> None:
        self._services = services
        self._screens = screens
        self._capabilities = capabilities
        self._listener = listener
        self._queues: dict[ChatKey, _Queue] = {}  # only chats with a turn in flight
        self._recent = RecentChats()

    async def handle(self, incoming: Incoming) -> tuple[Outgoing, ...]:
        """What to answer. The same update again gives the same answer and does nothing more.

        Raises StoreError (or the store's own failure) when nothing was done and the update should come again.
        """
        async with self._in_order(incoming.chat):
            token = secrets.token_hex(8)
            if (answer := await self._ahead(incoming, token)) is not None:
                return answer
            begun = await self._begin(incoming, token)
            if isinstance(begun, Repeated):
                return _unpacked(begun.answer)
            turn = self._met(incoming, begun.state)
            keeping = _Keeping(self._services.conversations, incoming.chat, token)
            try:
                outgoing = await self._run(turn)
            except BaseException:
                await self._services.conversations.abandon(incoming.chat, token)
                raise
            finally:
                keeping.stop()
            state = turn.session.model_dump_json(exclude_defaults=True)
            saved = await self._services.conversations.end(
                incoming.chat,
                incoming.update_id,
                token,
                version=begun.version,
                state=state,
                answer=_packed(outgoing),
            )
            if saved:
                self._recent.remember(incoming.chat, incoming.update_id, token, state)
            else:
                log.warning("turn_overtaken", chat=incoming.chat)
            return outgoing

    async def _ahead(self, incoming: Incoming, token: str) -> tuple[Outgoing, ...] | None:
        """The whole turn, going on from what was saved here last. None: it has to begin as any other."""
        tap = incoming.content
        if not isinstance(tap, Tap) or not runs_ahead(tap.action):
            return None
        known = self._recent.worth(incoming.chat, incoming.update_id)
        if known is None:
            return None
        turn = self._met(incoming, known.state)
        if turn.session.customer is None:
            return None
        turn.ahead = True
        try:
            outgoing = await self._run(turn)
        except RanTooFar:
            return None
        state = turn.session.model_dump_json(exclude_defaults=True)
        settled = await self._services.conversations.settle(
            incoming.chat, incoming.update_id, token, after=known.token, state=state, answer=_packed(outgoing)
        )
        self._recent.ran_ahead(incoming.chat, saved=settled is True)
        if isinstance(settled, Repeated):
            return _unpacked(settled.answer)
        if not settled:
            return None
        self._recent.remember(incoming.chat, incoming.update_id, token, state)
        return outgoing

    def _met(self, incoming: Incoming, state: str) -> Turn:
        return Turn(incoming, self._services, self._session(state, incoming), self._capabilities[incoming.channel])

    @asynccontextmanager
    async def _in_order(self, chat: ChatKey) -> AsyncIterator[None]:
        """One turn of a chat at a time, in order of arrival, without asking Redis again and again."""
        queue = self._queues.setdefault(chat, _Queue())
        queue.waiting += 1
        try:
            async with queue.lock:
                yield
        finally:
            queue.waiting -= 1
            if not queue.waiting:
                self._queues.pop(chat, None)

    async def _begin(self, incoming: Incoming, token: str) -> Begun | Repeated:
        deadline = asyncio.get_running_loop().time() + PATIENCE.total_seconds()
        pause = 0.01
        while True:
            begun = await self._services.conversations.begin(incoming.chat, incoming.update_id, token)
            if not isinstance(begun, Busy):
                return begun
            if asyncio.get_running_loop().time() > deadline:
                raise StoreError("another turn of this chat did not end", chat=incoming.chat)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 0.2)

    @staticmethod
    def _session(state: str, incoming: Incoming) -> Session:
        if state:
            try:
                return Session.model_validate_json(state)
            except ValidationError:
                log.warning("session_unreadable", chat=incoming.chat)
        hint = incoming.language_hint.split("-")[0].lower()
        return Session(language=hint if hint in LANGUAGES else DEFAULT)

    async def _run(self, turn: Turn) -> tuple[Outgoing, ...]:
        """One of the three doors: what nobody foresaw is logged once here and becomes an apology."""
        before = turn.session
        try:
            return await self._turn(turn)
        except STORE_FAILURES:
            raise  # nothing was decided: the update comes again
        except RanTooFar:
            raise  # its turn has to begin first
        except Exception:
            log.exception("turn_failed", chat=turn.incoming.chat, state=before.state)
            turn.session = before
            turn.extra.clear()
            turn.notices.clear()
            return self._numbered(turn, Reply(apology(turn.texts)))

    async def _turn(self, turn: Turn) -> tuple[Outgoing, ...]:
        if isinstance(turn.incoming.content, Left):
            await self._services.customers.set_reachable(turn.handle, False)
            return ()
        self._check_token(turn)
        await self._meet(turn)
        await vouched(turn)
        at = turn.session.state
        try:
            step, at = await self._listener.react(turn)
        except (DomainError, ProviderError) as error:
            step = self._explain(turn, error)
        reply = await self._follow(turn, step, at)
        if isinstance(step, NotUnderstood):
            turn.session = turn.session.but(misses=turn.session.misses + 1)
        elif turn.session.misses:
            turn.session = turn.session.but(misses=0)
        return self._numbered(turn, reply)

    def _check_token(self, turn: Turn) -> None:
        """The proof of the phone lasts seven days and belongs to this chat alone."""
        if not turn.session.token:
            return
        try:
            turn.claims = self._services.tokens.check(turn.session.token, turn.incoming.chat)
        except Forbidden:
            turn.session = turn.session.signed_out()

    async def _meet(self, turn: Turn) -> None:
        """Who is this? Asked of MongoDB once for each session, not for each turn."""
        if turn.session.customer is None:
            customer = await self._services.customers.identify(
                turn.handle, turn.incoming.channel, turn.session.language
            )
            turn.session = turn.session.but(
                customer=customer.id,
                diet=customer.diet,
                language=customer.language or turn.session.language,
                language_chosen=bool(customer.language),
            )
            turn.first_meeting = True

    async def _follow(self, turn: Turn, step: Step, at: State) -> Reply | None:
        """Go where the step leads and show that screen; a screen that cannot be shown says why and where instead."""
        for _ in range(REROUTES):
            match step:
                case Answered():
                    return None
                case NotUnderstood():
                    step = Goto(turn.session.state, dict(turn.session.data), remember=False)
                case Stay():
                    step = Goto(at, dict(turn.session.data))
                case Back():
                    step = self._back(turn)
                case Goto():
                    pass
            self._move(turn, step)
            try:
                return await self._screens.showing(step.state).render(turn)
            except (DomainError, ProviderError) as error:
                step = replace(self._explain(turn, error), remember=False)  # nobody saw it, so Back leads past it
        return await self._screens.showing(State.HELP).render(turn)

    def _back(self, turn: Turn) -> Goto:
        session = turn.session
        if session.data and self._screens.showing(session.state).folds:
            return Goto(session.state, remember=False)
        before = session.trail[-1] if session.trail else State.HELLO
        before = self._screens.showing(before).instead or before
        turn.session = session.but(trail=tuple(state for state in session.trail[:-1] if state is not before))
        return Goto(before, remember=False)

    @staticmethod
    def _move(turn: Turn, to: Goto) -> None:
        session = turn.session
        trail = session.trail
        if to.state is State.HELLO:
            trail = ()
        elif to.remember and session.state is not to.state:
            trail = tuple(state for state in trail if state not in (to.state, session.state))
            trail = (*trail, session.state)[-TRAIL:]
        turn.session = session.but(state=to.state, data=to.data, trail=trail)

    @staticmethod
    def _explain(turn: Turn, error: DomainError | ProviderError) -> Goto:
        explained = explain(error, turn)
        turn.notices.append(explained.text)
        if isinstance(error, StaleAction):
            log.info("stale_action", chat=turn.incoming.chat)
        if explained.state is None:
            return Goto(turn.session.state, dict(turn.session.data), remember=False)
        return Goto(explained.state, explained.data, remember=explained.state is not State.HELLO)

    def _numbered(self, turn: Turn, reply: Reply | None) -> tuple[Outgoing, ...]:
        stem = turn.incoming.stem
        outgoing = [Outgoing.of(extra, id=f"{stem}-{n}") for n, extra in enumerate(turn.extra)]
        if reply is not None:
            text = paragraphs(join(turn.notices, "\n"), reply.text)
            swap = reply.in_place and not outgoing and self._tapped_in_place(turn)
            shown = Outgoing.of(
                Reply(text, reply.buttons, reply.image, reply.document, reply.in_place, reply.ask),
                id=f"{stem}-{len(outgoing)}",
                replaces=turn.session.screen if swap else "",
            )
            outgoing.append(shown)
            # Only a screen may be swapped later; what has legal or money meaning stays in the history.
            turn.session = turn.session.but(screen=shown.id if reply.in_place else "")
        elif turn.notices and not outgoing:
            outgoing.append(Outgoing.of(Reply(join(turn.notices, "\n")), id=f"{stem}-0"))
        return tuple(outgoing)

    @staticmethod
    def _tapped_in_place(turn: Turn) -> bool:
        return turn.capabilities.edits and isinstance(turn.incoming.content, Tap) and bool(turn.session.screen)


def _packed(outgoing: tuple[Outgoing, ...]) -> str:
    return json.dumps([one.to_wire() for one in outgoing], ensure_ascii=False, separators=(",", ":"))


def _unpacked(answer: str) -> tuple[Outgoing, ...]:
    return tuple(Outgoing.from_wire(wire) for wire in json.loads(answer)) if answer else ()
