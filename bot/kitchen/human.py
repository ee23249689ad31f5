"""A guest who wants a person, and the people of the outlet who answer in their group chat.

A guest's words become a card in the outlet's groups. Whoever works there replies to the card, and the guest reads it
with the name of who wrote it. While people talk the bot keeps quiet in the guest's chat (`Session.human_until_ms`).
"""

import asyncio
import secrets
from collections.abc import Mapping
from datetime import timedelta
from hashlib import blake2b

from pydantic import ValidationError

from bot.channels.base import Channel, Unreachable
from bot.conversation.reply import Button, Outgoing, Reply, Style
from bot.conversation.session import Session
from bot.conversation.text import join, lines, paragraphs
from bot.conversation.texts import DEFAULT, Texts
from bot.kitchen.actions import EndThread, TakeThread
from bot.kitchen.actor import Actor
from bot.kitchen.cards import Kitchen
from bot.kitchen.groups import Groups, channel_of
from bot.screens.taps import OpenMenu, OpenOrders
from core.connections import STORE_FAILURES
from core.conversations.store import Begun, Repeated
from core.customers.models import Customer
from core.customers.names import clean_text
from core.errors import Conflict, ProviderError
from core.ids import ChatKey, OrderId, OutletId
from core.logs import get_logger
from core.services import Services
from core.threads.errors import ThreadNotFound
from core.threads.models import Thread, ThreadId, ThreadState

log = get_logger(__name__)

HAND_OVER = timedelta(minutes=30)  # how long the bot is silent after the last word between guest and people
MAX_ANSWER = 1000
PATIENCE = 40  # looks at a chat that is busy with a turn
LOOK_AGAIN = timedelta(milliseconds=100)


class NobodyThere(Conflict):
    """No group of the outlet could be reached; `phone` can be called."""

    outlet: OutletId
    name: str
    phone: str


class HumanDesk:
    def __init__(self, services: Services, channels: Mapping[str, Channel], groups: Groups) -> None:
        self._services = services
        self._channels = channels
        self._groups = groups

    # From the guest

    async def ask(
        self,
        customer: Customer,
        *,
        chat: ChatKey,
        language: str,
        outlet: OutletId,
        text: str,
        key: str,
        order: OrderId | None = None,
    ) -> Thread:
        """Put a guest's words before the people of the outlet, or of the outlet that has the order they ask about.

        `key` names the message: asked again it is shown once. Raises NobodyThere.
        """
        about = await self._services.orders.get(order) if order else None
        if about is not None and about.customer != customer.id:
            about = None
        thread = await self._services.threads.write(
            key,
            text,
            chat=chat,
            customer=customer.id,
            outlet=about.outlet if about is not None and about.status.live else outlet,
            guest_name=customer.name.partition(" ")[0],
            language=language,
            order=about.id if about else None,
            order_code=about.code if about else "",
        )
        line = thread.said(key)
        if not await self._show(thread, line.n if line else thread.lines_n):
            found = self._services.outlets.require(thread.outlet)
            raise NobodyThere(outlet=found.id, name=found.name, phone=found.phone)
        return thread

    async def release(self, chat: ChatKey) -> None:
        """The guest went back to the bot: the thread is over and the group sees it. The guest's own turn, in which
        this is called, lets the bot speak again.
        """
        thread = await self._services.threads.end_in(chat)
        if thread is not None:
            await self._show(thread, thread.lines_n)

    # From the people

    async def thread_answered(self, actor: Actor) -> Thread | None:
        """The thread whose card this message of a group replies to."""
        if not actor.incoming.reply_to:
            return None
        thread = await self._services.threads.thread_of(actor.chat, actor.incoming.reply_to)
        return thread if thread is not None and thread.outlet == actor.outlet.id else None

    async def answer(self, actor: Actor, thread: Thread, text: str) -> tuple[Outgoing, ...]:
        """Send what a person of the outlet wrote to the guest."""
        words = clean_text(text, MAX_ANSWER)
        if not words:
            return ()
        texts = Texts.of(thread.language)
        said = texts.say("*{name} from {outlet}:* {words}", name=actor.name, outlet=actor.outlet.name, words=words)
        if (failed := await self._tell(actor, thread, Reply(said))) is not None:
            return failed
        thread = await self._services.threads.answer(thread.id, actor.update, words, actor.handle, actor.name)
        await self._show_last(thread)
        until_ms = self._services.clock.ms() + HAND_OVER // timedelta(milliseconds=1)
        if thread.state.live:
            await self._quiet_until(thread.chat, until_ms, actor.update)
        return ()

    async def take(self, actor: Actor, thread_id: ThreadId, line: int) -> tuple[Outgoing, ...]:
        thread = await self._theirs(actor, thread_id)
        if not thread.state.live:
            await self._show(thread, line)
            return (actor.says(actor.texts.say("That conversation is over.")),)
        first = thread.taken_by is None
        thread = await self._services.threads.take(thread_id, actor.handle, actor.name)
        await self._show(thread, line)
        if thread.taken_by != actor.handle:
            return (actor.says(actor.texts.say("{name} answers already.", name=thread.taken_name)),)
        if not first:
            return ()
        texts = Texts.of(thread.language)
        hello = texts.say("*{name}* from {outlet} is with you now.", name=actor.name, outlet=actor.outlet.name)
        return await self._tell(actor, thread, Reply(hello)) or ()

    async def end(self, actor: Actor, thread_id: ThreadId, line: int) -> tuple[Outgoing, ...]:
        thread = await self._theirs(actor, thread_id)
        was_live = thread.state.live
        thread = await self._services.threads.end(thread_id)
        await self._show(thread, line)
        if not was_live:
            return ()
        await self._quiet_until(thread.chat, 0, actor.update)
        texts = Texts.of(thread.language)
        over = Reply(
            texts.say("{name} has closed this conversation. I am back: tap, or type what you want.", name=actor.name),
            ((Button(texts.t("Menu"), OpenMenu()), Button(texts.t("My orders"), OpenOrders())),),
        )
        return await self._tell(actor, thread, over) or ()

    async def _theirs(self, actor: Actor, thread_id: ThreadId) -> Thread:
        """The thread, if it is this outlet's; another outlet's is as if it did not exist."""
        thread = await self._services.threads.require(thread_id)
        if thread.outlet != actor.outlet.id:
            raise ThreadNotFound(thread=thread_id)
        return thread

    async def _tell(self, actor: Actor, thread: Thread, reply: Reply) -> tuple[Outgoing, ...] | None:
        """Send to the guest. None when it went, otherwise what to say in the group."""
        mark = blake2b(f"{thread.id}{actor.update}".encode(), digest_size=8).hexdigest()
        guest = thread.guest_name or actor.texts.t("The guest")
        try:
            await channel_of(self._channels, thread.chat).send(thread.chat, Outgoing.of(reply, id=f"human-{mark}"))
        except Unreachable:
            log.info("guest_unreachable", chat=thread.chat)
            return (actor.says(actor.texts.say("{guest} cannot be reached in this chat any more.", guest=guest)),)
        except ProviderError as error:
            log.warning("answer_not_sent", chat=thread.chat, error=str(error))
            sorry = actor.texts.say("That did not reach {guest} just now. Please send it again.", guest=guest)
            return (actor.says(sorry),)
        return None

    # The cards

    async def _show(self, thread: Thread, line: int) -> bool:
        """Send or redraw the card of one of the guest's messages in all groups. Whether any group has it."""
        outlet = self._services.outlets.require(thread.outlet)
        kitchen = Kitchen(outlet, {}, Texts.of(DEFAULT), self._services.clock.ms())
        reached = False
        for group in outlet.groups:
            try:
                key = f"thread-{thread.id}-{line}"
                await self._groups.post(group, key, thread_card(kitchen, thread, line), thread=thread.id)
            except ProviderError as error:
                log.warning("thread_not_shown", chat=group, thread=thread.id, error=str(error))
            else:
                reached = True
        return reached

    async def _show_last(self, thread: Thread) -> None:
        asked = [line.n for line in thread.lines if not line.by]
        if asked:
            await self._show(thread, asked[-1])

    # The guest's session

    async def _quiet_until(self, chat: ChatKey, until_ms: int, key: str) -> None:
        """Let the bot be silent in a guest's chat until then (0: no longer). Without Redis it stays as it is."""
        conversations, token, update = self._services.conversations, secrets.token_hex(8), f"people:{key}"
        try:
            for _ in range(PATIENCE):
                begun = await conversations.begin(chat, update, token)
                if isinstance(begun, Repeated):
                    return
                if isinstance(begun, Begun):
                    break
                await asyncio.sleep(LOOK_AGAIN.total_seconds())
            else:
                log.warning("session_busy", chat=chat)
                return
            try:
                session = Session.model_validate_json(begun.state)
            except ValidationError:  # forgotten since, or written by another release
                await conversations.abandon(chat, token)
                return
            state = session.but(human_until_ms=until_ms).model_dump_json(exclude_defaults=True)
            await conversations.end(chat, update, token, version=begun.version, state=state, answer="[]")
        except STORE_FAILURES as failure:
            log.warning("session_not_changed", chat=chat, error=type(failure).__name__)


def thread_card(kitchen: Kitchen, thread: Thread, n: int) -> Reply:
    """A guest's message in the group, with who answers it."""
    texts = kitchen.texts
    line = thread.line(n)
    guest = thread.guest_name or texts.t("the guest")
    about = texts.say("order *{code}*", code=thread.order_code) if thread.order_code else ""
    first = n == min((one.n for one in thread.lines if not one.by), default=n)
    who = thread.guest_name or texts.t("A guest")
    asks = texts.say("*{guest}* asks for a person", guest=who) if first else texts.say("*{guest}* writes", guest=who)
    head = join([asks, about], " · ")
    words = texts.say("“{words}”", words=line.text) if line is not None else None
    when = kitchen.clock(line.at_ms) if line is not None else ""
    buttons: tuple[tuple[Button, ...], ...] = ()
    done = Button(texts.t("Done"), EndThread(thread=thread.id, line=n))
    match thread.state:
        case ThreadState.WAITING:
            state = texts.say("_Reply to this message and {guest} reads it._", guest=guest)
            buttons = ((Button(texts.t("Take over"), TakeThread(thread=thread.id, line=n), style=Style.PRIMARY), done),)
        case ThreadState.TAKEN:
            state = texts.say("_{name} answers. Reply to this message and {guest} reads it._", name=thread.taken_name,
                              guest=guest)  # fmt: skip
            buttons = ((done,),)
        case ThreadState.DONE:
            state = texts.say("_Done, {time}_", time=kitchen.clock(thread.ended_ms))
    return Reply(paragraphs(lines(head, when), words, state), buttons, in_place=True)
