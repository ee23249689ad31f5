"""One of our messages as Telegram's: sent, or swapped where it stands."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from telegram import Bot, InputMediaPhoto, Message
from telegram.constants import ParseMode

from bot.channels.pieces import length
from bot.channels.telegram.calls import NOT_MODIFIED, Calls, Manner
from bot.channels.telegram.errors import Refused
from bot.channels.telegram.files import Files
from bot.channels.telegram.markup import inline_keyboard, links_to_write_out
from bot.channels.telegram.rendering import CAPTION_LIMIT, html, pieces
from bot.channels.telegram.request import call_plainly
from bot.channels.telegram.sent import Sent
from bot.conversation.reply import Outgoing
from bot.conversation.text import Text, lines
from core.errors import ProviderError
from core.ids import ChatKey
from core.logs import get_logger

log = get_logger(__name__)

GONE = ("message to edit not found", "message can't be edited", "message_id_invalid", "message identifier")
OTHER_KIND = ("there is no text in the message", "there is no caption in the message")
NO_PREVIEW = '{"is_disabled":true}'  # a name or a note may hold an address


@dataclass(frozen=True, slots=True)
class Place:
    """Where to speak and how. `topic`: of a forum. `tapped`: it answers a tap on the message it swaps."""

    chat: ChatKey
    number: int
    manner: Manner
    topic: str = ""
    tapped: bool = False
    picture_shown: str = ""  # Telegram's id of the picture the tapped message shows


class Posts:
    def __init__(self, bot: Bot, calls: Calls, files: Files) -> None:
        self._bot = bot
        self._calls = calls
        self._files = files

    async def show(self, place: Place, outgoing: Outgoing, there: Sent | None, *, asks: bool = False) -> Sent:
        """Swap the message `there`, or send a new one where there is none or it cannot be swapped.

        `asks`: a keyboard below the message will ask for something. Raises as `Calls.make`.
        """
        text = lines(outgoing.text, *(f"{b.label}: {b.url}" for b in links_to_write_out(outgoing.buttons)))
        keyboard = inline_keyboard(outgoing.buttons, id=outgoing.id, asks=asks)
        if outgoing.document is not None:
            return await self._document(place, outgoing, text, keyboard)
        fits = length(text.plain) <= CAPTION_LIMIT
        picture = outgoing.image if outgoing.image and (fits or there is None) else ""
        if there is not None:
            if there.picture == bool(picture):
                swapped = await self._swap(place, there, text, keyboard, picture)
                if swapped is not None:
                    return swapped
            else:
                sent = await self._send(place, text, keyboard, picture, fits)
                await self.retire(place, there.message)
                return sent
        return await self._send(place, text, keyboard, picture, fits)

    async def say(self, place: Place, text: str, markup: str) -> Sent:
        """A small message whose point is its keyboard."""
        return await self._text(place, Text.of(text), markup)

    async def retire(self, place: Place, message: int) -> None:
        """Take a message away; where Telegram does not let us, take its buttons. That it stays is no error."""
        for call in (self._bot.delete_message, self._bot.edit_message_reply_markup):
            try:
                await self._call(place, lambda call=call: call(chat_id=place.number, message_id=message), edit=True)  # type: ignore[misc]
                return
            except ProviderError as error:
                log.debug("telegram_message_stays", chat=place.chat, error=str(error))

    # Swapping

    async def _swap(self, place: Place, there: Sent, text: Text, keyboard: str | None, picture: str) -> Sent | None:
        """The message as it stands now; None when it is gone or of another kind, so that a new one must be sent."""
        first, *more = [text] if picture else pieces(text)
        chat, message = place.number, there.message
        above = None if more else keyboard  # buttons belong below the last piece
        try:
            if not picture:
                values = {"chat_id": str(chat), "message_id": str(message), "text": html(first), **_extras(above)}
                values["parse_mode"] = ParseMode.HTML.value
                await self._call(place, lambda: call_plainly(self._bot, "editMessageText", values), edit=True)
            elif place.picture_shown and self._files.is_shown(picture, place.picture_shown):
                await self._call(
                    place,
                    lambda: self._bot.edit_message_caption(
                        chat,
                        message,
                        caption=html(text),
                        parse_mode=ParseMode.HTML,
                        api_kwargs=_extras(keyboard, caption=True),
                    ),
                    edit=True,
                )
            else:
                await self._swap_picture(place, message, text, keyboard, picture)
        except Refused as refused:
            if NOT_MODIFIED in refused.reason:
                return there
            if picture or any(reason in refused.reason for reason in OTHER_KIND):
                await self.retire(place, there.message)
                return None
            if any(reason in refused.reason for reason in GONE):
                return None
            raise
        for piece in more:
            there = await self._text(place, piece, keyboard if piece is more[-1] else None)
        return Sent(there.message, bool(picture))

    async def _swap_picture(self, place: Place, message: int, text: Text, keyboard: str | None, picture: str) -> None:
        file = await self._files.picture(picture)
        if file is None:
            raise Refused("the picture is missing", chat=place.chat)
        media = InputMediaPhoto(file, caption=html(text), parse_mode=ParseMode.HTML)
        extras = _extras(keyboard, caption=True)
        edited = await self._call(
            place,
            lambda: self._bot.edit_message_media(media, place.number, message, api_kwargs=extras),
            edit=True,
        )
        if isinstance(edited, Message):
            self._files.learn(picture, edited)

    # Sending

    async def _send(self, place: Place, text: Text, keyboard: str | None, picture: str, fits: bool) -> Sent:
        """A picture with its text below; alone in front of a text too long to stand there."""
        if picture:
            sent = await self._picture(place, text if fits else None, keyboard if fits else None, picture)
            if sent is not None and fits:
                return sent
        *before, last = pieces(text)
        for piece in before:
            await self._text(place, piece, None)
        return await self._text(place, last, keyboard)

    async def _text(self, place: Place, text: Text, markup: str | None) -> Sent:
        values = {"chat_id": str(place.number), "text": html(text), **_extras(markup, topic=place.topic)}
        values["parse_mode"] = ParseMode.HTML.value
        message = await self._call(place, lambda: call_plainly(self._bot, "sendMessage", values))
        return Sent(int(message["message_id"]))

    async def _picture(self, place: Place, text: Text | None, keyboard: str | None, picture: str) -> Sent | None:
        """None when the picture cannot be had or Telegram does not take it: the text goes without."""
        file = await self._files.picture(picture)
        if file is None:
            return None
        try:
            message = await self._call(
                place,
                lambda: self._bot.send_photo(
                    place.number,
                    file,
                    caption=html(text) if text else None,
                    parse_mode=ParseMode.HTML,
                    api_kwargs=_extras(keyboard, topic=place.topic, caption=True),
                ),
            )
        except Refused as refused:
            log.warning("telegram_picture_refused", picture=picture, reason=refused.told)
            self._files.forget(picture)
            return None
        self._files.learn(picture, message)
        return Sent(message.message_id, picture=True)

    async def _document(self, place: Place, outgoing: Outgoing, text: Text, keyboard: str | None) -> Sent:
        """The file with the text below it; where it cannot be had, the text with its address."""
        assert outgoing.document is not None
        file = await self._files.document(outgoing.document.url, outgoing.document.name)
        if file is None:
            where = f"{outgoing.document.name}: {self._files.address(outgoing.document.url)}"
            return await self._send(place, lines(text, where), keyboard, "", fits=False)
        fits = length(text.plain) <= CAPTION_LIMIT
        if not fits:
            await self._send(place, text, keyboard, "", fits=False)
        message = await self._call(
            place,
            lambda: self._bot.send_document(
                place.number,
                file,
                caption=html(text) if fits and text else None,
                parse_mode=ParseMode.HTML,
                api_kwargs=_extras(keyboard if fits else None, topic=place.topic, caption=True),
            ),
        )
        return Sent(message.message_id, picture=True)

    async def _call(self, place: Place, call: Callable[[], Awaitable[Any]], *, edit: bool = False) -> Any:
        return await self._calls.make(place.chat, call, place.manner, edit=edit, tapped=edit and place.tapped)


def _extras(markup: str | None, *, topic: str = "", caption: bool = False) -> dict[str, Any]:
    """What goes past the library: keyboards that are JSON already, and what it would make anew for each call."""
    extras: dict[str, Any] = {} if caption else {"link_preview_options": NO_PREVIEW}
    if markup:
        extras["reply_markup"] = markup
    if topic:
        extras["message_thread_id"] = topic
    return extras
