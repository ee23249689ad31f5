"""Telegram as one of Tiffin's channels.

Two ways to speak: `answer` ends a turn, and swaps the very message that was tapped; `send` brings what comes later. The
second finds messages again by Tiffin's own ids, or by the name Telegram gave them, which is what `send` returns.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from telegram import Bot

from bot.channels.telegram.calls import ANSWERING, TELLING, Calls
from bot.channels.telegram.errors import ChatMoved, Refused
from bot.channels.telegram.keys import CHANNEL, chat_id, is_group
from bot.channels.telegram.markup import NO_KEYBOARD, asking_keyboard, mark_of
from bot.channels.telegram.posting import Place, Posts
from bot.channels.telegram.sent import NOTHING_ASKED, Asked, Sent, SentMessages
from bot.conversation.incoming import Contact, Incoming, Location
from bot.conversation.reply import Ask, Outgoing
from bot.conversation.texts import Texts
from bot.conversation.turn import Capabilities
from core.ids import ChatKey
from core.logs import get_logger

log = get_logger(__name__)

PICTURE = "p"  # ends the name of a message that shows one
_DEVANAGARI = re.compile("[\u0900-\u097f]")


@dataclass(frozen=True, slots=True)
class _Tapped:
    """The message a tap came from, as the update shows it."""

    message: str = ""
    mark: str = ""
    picture: str = ""
    asks: bool = False  # a keyboard was put up below it

    def shows(self, id: str) -> bool:
        """Whether it is the message `id` names: by Telegram's name for it, or by ours."""
        return bool(id and self.message) and (id == self.message or (bool(self.mark) and mark_of(id) == self.mark))

    def takes(self, answer: Outgoing) -> bool:
        """Whether the answer can be shown where the tap was, nothing looked up."""
        return self.shows(answer.replaces) and bool(self.picture) == bool(answer.image)


class TelegramChannel:
    name: ClassVar[str] = CHANNEL
    capabilities = Capabilities(edits=True, columns=3, choices=60, contact_button=True, location_button=True)

    def __init__(self, bot: Bot, calls: Calls, posts: Posts, sent: SentMessages) -> None:
        self._bot = bot
        self._calls = calls
        self._posts = posts
        self._sent = sent

    # What comes later

    async def send(self, chat: ChatKey, outgoing: Outgoing) -> str:
        """Send, or swap what `outgoing.replaces` names: one of our ids, or what an earlier `send` returned.

        Returns Telegram's number of the message, with a `p` behind it where it shows a picture. The same id again is a
        repeat, and swaps what is there already.
        Raises Unreachable, and ProviderErrors: Held, Unanswered and ChatMoved are worth another try, Refused is not.
        """
        place = Place(chat, chat_id(chat), TELLING)
        there, asked, asks = _named(outgoing.replaces), NOTHING_ASKED, self._asks(place, outgoing)
        if there is None or asks:
            shown, asked = await self._sent.find(chat, outgoing.id, outgoing.replaces or outgoing.id)
            there = there or shown.get(outgoing.replaces) or shown.get(outgoing.id)
        sent = await self._posts.show(place, outgoing, there, asks=asks)
        keep = {} if there is not None and sent.message == there.message else {outgoing.id: sent}
        changed = await self._ask(place, outgoing) if asks and asked.what != outgoing.ask else None
        await self._sent.remember(chat, keep, changed)
        return f"{sent.message}{PICTURE if sent.picture else ''}"

    async def pin(self, chat: ChatKey, message: str) -> None:
        """Pin what `send` named, quietly. Raises ProviderError, Refused where the bot may not pin."""
        number, pinned = chat_id(chat), int(message.removesuffix(PICTURE))
        await self._calls.make(
            chat,
            lambda: self._bot.pin_chat_message(number, pinned, disable_notification=True),
            TELLING,
            edit=True,
        )

    # The end of a turn

    async def answer(self, incoming: Incoming, answers: Sequence[Outgoing]) -> None:
        """Show what a turn answers. Answers that were shown before, because the update came twice, are not repeated.

        Raises ProviderError when an answer cannot be shown; those before it are.
        """
        if not answers:
            return
        extra = incoming.extra
        tapped = _Tapped(incoming.message, extra.get("mark", ""), extra.get("picture", ""), "asks" in extra)
        place = Place(incoming.chat, chat_id(incoming.chat), ANSWERING, topic=extra.get("topic", ""))
        try:
            await self._answer(place, tapped, answers, used=isinstance(incoming.content, Contact | Location))
        except ChatMoved as moved:
            place = replace(place, chat=moved.new, number=chat_id(moved.new))
            await self._answer(place, _Tapped(), answers, used=False)

    async def _answer(self, place: Place, tapped: _Tapped, answers: Sequence[Outgoing], *, used: bool) -> None:
        """`used`: the keyboard below the text field has just been used, and has folded away."""
        asking = next((one for one in answers if self._asks(place, one)), None)
        shown: dict[str, Sent] = {}
        asked = NOTHING_ASKED
        if tapped.asks or asking or not all(tapped.takes(one) for one in answers):
            wanted = {id for one in answers for id in (one.id, one.replaces) if id}
            shown, asked = await self._sent.find(place.chat, *wanted)
        spent: list[int] = []
        if asked.what and asking is None:
            spent = [asked.message, (await self._posts.say(place, "👌", NO_KEYBOARD)).message]
        elif asked.what and used:
            spent, asked = [asked.message], NOTHING_ASKED
        keep: dict[str, Sent] = {}
        changed = NOTHING_ASKED if spent else None
        try:
            for one in answers:
                at, there = place, shown.get(one.id)  # there already: the update came twice
                if there is None and tapped.shows(one.replaces):
                    there = Sent(int(tapped.message), bool(tapped.picture))
                    at = replace(place, tapped=True, picture_shown=tapped.picture)
                elif there is None and is_group(place.number):
                    # In a group an answer may swap a card that was not tapped. A guest gets a new message at the end
                    # instead of a change somewhere above.
                    there = shown.get(one.replaces) or _named(one.replaces)
                sent = await self._show(at, one, there)
                if sent is not None and (there is None or sent.message != there.message):
                    keep[one.id] = sent
            if asking is not None and asked.what != asking.ask:
                changed = await self._ask(place, asking)
        finally:
            await self._sent.remember(place.chat, keep, changed)
        for message in spent:
            await self._posts.retire(place, message)

    async def _show(self, place: Place, one: Outgoing, there: Sent | None) -> Sent | None:
        """A message Telegram refuses is our mistake; it must not take the ones behind it along."""
        try:
            return await self._posts.show(place, one, there, asks=self._asks(place, one))
        except Refused as refused:
            log.error("telegram_refused", chat=place.chat, message=one.id, reason=refused.told)
            return None

    # Keyboards that ask for a phone or a place

    @staticmethod
    def _asks(place: Place, outgoing: Outgoing) -> bool:
        return outgoing.ask in (Ask.CONTACT, Ask.LOCATION) and not is_group(place.number)

    async def _ask(self, place: Place, outgoing: Outgoing) -> Asked:
        """A message has buttons of its own or a keyboard below the text field, so the keyboard comes with a second."""
        # The reply does not say its language; its letters do. An ask never prints a dish, which keeps its own script.
        texts = Texts.of("hi" if _DEVANAGARI.search(outgoing.text.plain) else "en")
        if outgoing.ask == Ask.CONTACT:
            words, label = texts.t("The button below sends it with one tap."), texts.t("📱 Share my number")
        else:
            words, label = texts.t("The button below sends where you are."), texts.t("📍 Send my location")
        ask = Ask(outgoing.ask)
        sent = await self._posts.say(place, words, asking_keyboard(ask, label))
        return Asked(ask, sent.message)


def _named(ref: str) -> Sent | None:
    """A message by Telegram's own number, as `send` returned it; one with a picture is swapped by other calls."""
    number = ref.removesuffix(PICTURE)
    return Sent(int(number), ref != number) if number.isascii() and number.isdigit() else None
