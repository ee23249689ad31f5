"""From a message in the inbox to its answers.

A message was acknowledged when it was stored; here it is worked off, at least once, in its sender's order. A turn that
is repeated gives the same answers, and those that went out are not sent again.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

from bot.channels.base import Unreachable
from bot.channels.whatsapp.channel import WhatsAppChannel
from bot.channels.whatsapp.elsewhere import Elsewhere
from bot.channels.whatsapp.incoming import OLD, Form, read, seen
from bot.channels.whatsapp.keys import PREFIX
from bot.channels.whatsapp.options import MORE
from bot.channels.whatsapp.posting import Posts
from bot.channels.whatsapp.shown import Shown, ShownLast
from bot.conversation.choosing import chosen
from bot.conversation.errors import apology
from bot.conversation.global_words import GlobalWord, global_word
from bot.conversation.incoming import Incoming, Tap, Text
from bot.conversation.reply import Button, Outgoing, Reply
from bot.conversation.text import lines
from bot.conversation.texts import DEFAULT, Texts
from bot.screens.order import CancelOrderYes
from bot.screens.taps import CancelOrder, ShowOrder
from bot.screens.words import status_name
from core.clock import Clock, from_ms
from core.connections import STORE_FAILURES
from core.errors import DomainError, ProviderError, StoreError
from core.ids import ChatKey, Handle
from core.inbox.models import InboxItem
from core.logs import get_logger
from core.orders.models import Order
from core.services import Services

log = get_logger(__name__)

STAYS_TRUE: Final = (CancelOrder.tag, CancelOrderYes.tag)  # a wish to cancel is heard however late it comes
TWILIO_STOP: Final = "STOP"  # Twilio itself has answered, and refuses whatever we would say (21610)


class Unforeseen(DomainError):
    """A message nobody can handle: looked at by a person, never again by us."""


class Hearing:
    """`handle` is the router; `in_kitchen` tells whether a chat is an outlet's."""

    def __init__(
        self,
        services: Services,
        *,
        channel: WhatsAppChannel,
        posts: Posts,
        shown: ShownLast,
        elsewhere: Elsewhere,
        handle: Callable[[Incoming], Awaitable[tuple[Outgoing, ...]]],
        in_kitchen: Callable[[ChatKey], bool],
    ) -> None:
        self._services = services
        self._clock: Clock = services.clock
        self._channel = channel
        self._posts = posts
        self._shown = shown
        self._elsewhere = elsewhere
        self._handle = handle
        self._in_kitchen = in_kitchen

    async def take_in(self, item: InboxItem) -> None:
        """Work off one message. What it raises decides whether it comes again (InboxService.handle).

        The door of this channel: a message that breaks us is logged once and given up, or it would come back for ever
        and hold up its sender.
        """
        try:
            await self._take_in(item)
        except StoreError:
            raise
        except STORE_FAILURES as failure:
            raise StoreError("not now", item=item.id) from failure
        except (ProviderError, DomainError):
            raise
        except Exception:
            log.exception("whatsapp_message_failed", item=item.id)
            await self._apologise(item)
            raise Unforeseen(item=item.id) from None

    async def _apologise(self, item: InboxItem) -> None:
        """Without buttons, lists or anything else that may just have broken."""
        chat = ChatKey(f"{PREFIX}{item.lane.partition(':')[2]}")
        sorry = Reply(apology(Texts.of(DEFAULT)))
        try:
            await self._channel.answer(chat, [Outgoing.of(sorry, id=f"wa-sorry-{item.id}")])
        except ProviderError as failure:
            log.warning("whatsapp_answer_not_shown", chat=chat, error=str(failure))
        except STORE_FAILURES as failure:
            log.warning("whatsapp_answer_not_shown", chat=chat, error=type(failure).__name__)

    async def _take_in(self, item: InboxItem) -> None:
        form: Form = json.loads(item.raw)
        incoming = read(form, from_ms(int(form.get("tiffin_sent_ms") or item.created_ms)))
        if incoming is None:
            log.info("whatsapp_not_a_guest", item=item.id)
            return
        chat = incoming.chat
        if form.get("OptOutType", "").upper() == TWILIO_STOP:
            await self._closed(chat)
            log.info("whatsapp_stopped", chat=chat)
            return
        shown = await self._shown.read(chat)
        try:
            if await self._turned_page(incoming, shown):
                return
            await self._channel.answer(chat, await self._answers(incoming, shown))
        except Unreachable:
            await self._closed(chat)
            log.info("whatsapp_chat_closed", chat=chat)
        except ProviderError as failure:
            if failure.retryable:
                raise
            log.error("whatsapp_answer_not_shown", chat=chat, error=str(failure))

    async def _turned_page(self, incoming: Incoming, shown: Shown) -> bool:
        """*More* below a long list, tapped or named, is between the guest and this channel; below an old one it is
        stale as any tap.
        """
        content = seen(incoming, shown).content
        named = chosen(content.text, shown.choices) if isinstance(content, Text) else ()
        action = content.action if isinstance(content, Tap) else named[0] if len(named) == 1 else ""
        if not action.startswith(f"{MORE}|"):
            return False
        _, key, page = (*action.split("|"), "", "")[:3]
        if key != shown.key or not page.isdecimal() or not shown.options:
            return False
        texts = Texts.of("hi" if shown.choices[-1].names[0] == Texts.of("hi").t("More ▸") else "en")
        body = texts.t("More to choose from:")
        await self._posts.choices(incoming.chat, body, shown.options, key=key, texts=texts, page=int(page[:3]))
        return True

    async def _answers(self, incoming: Incoming, shown: Shown) -> tuple[Outgoing, ...]:
        incoming = seen(incoming, shown)
        if self._in_kitchen(incoming.chat):
            return await self._handle(_as_tap(incoming)) or _only_the_kitchen(incoming)
        if isinstance(incoming.content, Text) and global_word(incoming.content.text) is GlobalWord.STOP:
            return await self._stopped(incoming)
        await self._welcome_back(incoming.chat)
        before = await self._missed(incoming)
        if self._too_old(incoming):
            texts = Texts.of(incoming.language_hint)
            said = texts.say("That tap took a while to reach us, so nothing was done. This is how things stand now.")
            before = (*before, Outgoing.of(Reply(said), id=f"wa-old-{incoming.update_id}"))
            incoming = replace(incoming, content=Text("cart"), choices=())
        return (*before, *await self._handle(incoming))

    def _too_old(self, incoming: Incoming) -> bool:
        content = incoming.content
        if not isinstance(content, Tap) or content.action.partition("|")[0] in STAYS_TRUE:
            return False
        return self._clock.now() - incoming.sent_at > OLD

    # STOP, in whatever language: nothing more comes by itself, until the guest writes again

    async def _stopped(self, incoming: Incoming) -> tuple[Outgoing, ...]:
        texts = Texts.of(await self._language(incoming))
        await self._services.customers.identify(incoming.handle, incoming.channel, incoming.language_hint)
        await self._closed(incoming.chat)
        log.info("whatsapp_stopped", chat=incoming.chat)
        said = texts.say(
            "*Done. Nothing more comes from us by itself*, not even news of an order under way. "
            "Write anything, such as *menu*, and we talk again."
        )
        return (Outgoing.of(Reply(said), id=f"wa-stop-{incoming.update_id}"),)

    async def _closed(self, chat: ChatKey) -> None:
        await self._services.customers.set_reachable(Handle(chat), False)
        await self._elsewhere.stop(chat)

    async def _welcome_back(self, chat: ChatKey) -> None:
        if await self._elsewhere.resume(chat):
            await self._services.customers.set_reachable(Handle(chat), True)

    async def _language(self, incoming: Incoming) -> str:
        known = await self._services.customers.identify(incoming.handle, incoming.channel, incoming.language_hint)
        return known.language or incoming.language_hint

    # News that could not be told while the chat was closed

    async def _missed(self, incoming: Incoming) -> tuple[Outgoing, ...]:
        order_id = await self._elsewhere.missed(incoming.chat)
        order = None if order_id is None else await self._services.orders.get(order_id)
        return () if order is None else (_stands(order, incoming),)


def _only_the_kitchen(incoming: Incoming) -> tuple[Outgoing, ...]:
    """In a group people talk among themselves; here nobody else is there, so words for us want an answer."""
    if not isinstance(incoming.content, Text):
        return ()
    texts = Texts.of(DEFAULT)
    said = texts.say("This chat takes the orders of a kitchen. /orders shows them, /help what else works here, and "
                     "/leave makes it a guest's chat again.")  # fmt: skip
    return (Outgoing.of(Reply(said), id=f"wa-kitchen-{incoming.update_id}"),)


def _stands(order: Order, incoming: Incoming) -> Outgoing:
    texts = Texts.of(order.language)
    said = lines(
        texts.say("While you were away:"),
        texts.say(
            "Order *{code}*: {status}", code=order.code, status=status_name(texts, order.status, order.fulfilment)
        ),
    )
    show = Button(texts.t("Show order"), ShowOrder(order=order.id))
    return Outgoing.of(Reply(said, ((show,),)), id=f"wa-missed-{incoming.update_id}")


def _as_tap(incoming: Incoming) -> Incoming:
    """A cook who answers a card with its number."""
    if not isinstance(incoming.content, Text):
        return incoming
    actions = chosen(incoming.content.text, incoming.choices)
    return replace(incoming, content=Tap(actions[0])) if len(actions) == 1 else incoming
