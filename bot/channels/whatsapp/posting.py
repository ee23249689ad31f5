"""One of our messages as the one or more that WhatsApp takes for it, sent in their order."""

import asyncio
import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from bot.channels.base import Unreachable
from bot.channels.pictures import raster
from bot.channels.pieces import length
from bot.channels.whatsapp.api import Fields, Took, TwilioApi
from bot.channels.whatsapp.content import Filled, Templates, fits, list_picker, quick_replies
from bot.channels.whatsapp.elsewhere import News
from bot.channels.whatsapp.errors import BAD_CALLBACK, CONTENT_GONE, CONTENT_UNFIT, NOBODY_THERE, Busy, Refused
from bot.channels.whatsapp.keys import CHANNEL, address_of
from bot.channels.whatsapp.options import Option, detail, links_of, options_of, page_of, quick
from bot.channels.whatsapp.rendering import BODY_LIMIT, CAPTION_LIMIT, INTERACTIVE_LIMIT, bodies, plain
from bot.channels.whatsapp.shown import Shown, ShownLast
from bot.conversation.reply import Ask, Outgoing
from bot.conversation.text import Text, lines, paragraphs
from bot.conversation.texts import DEFAULT, Texts
from core.ids import ChatKey
from core.links import PICTURE, Signer, picture_id
from core.logs import get_logger
from core.whatsapp.service import ChatMessages

log = get_logger(__name__)

MEDIA: Final = "media/"
FETCHED_WITHIN: Final = timedelta(minutes=30)
AGAIN: Final = (timedelta(milliseconds=500), timedelta(seconds=2))
LONGEST: Final = timedelta(seconds=5)
_DEVANAGARI: Final = re.compile("[\u0900-\u097f]")


@dataclass(frozen=True, slots=True)
class Sender:
    """Who we are at Twilio: our address, where it reports to, and where it can fetch pictures; None: nowhere."""

    address: str
    status_url: str | None
    media: str | None
    links: Signer

    def fetched(self, path: str) -> str:
        """Where Twilio can fetch it: a picture behind a link that is good for a while, a document as it was signed."""
        if path.startswith(("http://", "https://")):
            return path
        name = path.lstrip("/")
        if name.startswith(MEDIA):
            name = f"pictures/{self.links.sign(PICTURE, picture_id(name.removeprefix(MEDIA)), FETCHED_WITHIN)}"
        return f"{self.media}/{name}"


class Posts:
    def __init__(
        self, api: TwilioApi, templates: Templates, shown: ShownLast, messages: ChatMessages, sender: Sender
    ) -> None:
        self._api = api
        self._templates = templates
        self._shown = shown
        self._messages = messages
        self._sender = sender

    async def show(self, chat: ChatKey, outgoing: Outgoing) -> str:
        """Send it all; what Twilio calls the last part. Raises Unreachable, Refused, Busy and Unanswered."""
        texts = texts_of(outgoing)
        options = options_of(outgoing.buttons)
        news = _news(outgoing)
        text = _with_links(outgoing, texts)
        said = bodies(text, INTERACTIVE_LIMIT if options else BODY_LIMIT)
        sid = ""
        above = bool(options) and await self._above(chat, outgoing)
        media = "" if above else self._media(outgoing)
        if media:
            below = [] if options or outgoing.document else bodies(text, CAPTION_LIMIT)
            if len(below) == 1:
                return await self._send(chat, {"MediaUrl": media, "Body": below[0]}, news)
            sid = await self._send(chat, {"MediaUrl": media}, news)
        for body in said[:-1] if options else said:
            sid = await self._send(chat, {"Body": body}, news)
        if options:
            body = said[-1] if said else ""
            if not fits(body):
                await self._send(chat, {"Body": body}, news)
                body = ""
            body = body or texts.t("Please choose:")
            sid = await self.choices(chat, body, options, key=outgoing.id, texts=texts, news=news, image=outgoing.image)
        return sid

    async def choices(
        self,
        chat: ChatKey,
        body: str,
        options: Sequence[Option],
        *,
        key: str,
        texts: Texts,
        page: int = 0,
        news: News | None = None,
        image: str = "",
    ) -> str:
        """Send a text with something to choose: buttons, a list, or numbers where neither can be had."""
        if quick(options):
            rows, filled = list(options), quick_replies(body, options)
        else:
            rows = page_of(options, page, texts.t("More ▸"), key)
            filled = list_picker(body, texts.t("Choose"), rows)
        sid = await self._filled(chat, filled, news)
        if sid is None:
            rows = list(options)
            sid = await self._numbered(chat, body, rows, texts, news)
            titles: Sequence[str] = [row.label for row in rows]
        else:
            titles = filled.titles
        choices = tuple(row.named(title) for row, title in zip(rows, titles, strict=True))
        await self._shown.keep(chat, Shown(key, sid, choices, tuple(options), image, body))
        return sid

    async def by_number(self, chat: ChatKey, sid: str, news: News | None) -> bool:
        """Say with numbers what a phone could not show as buttons or a list. False: something else was shown since."""
        shown = await self._shown.read(chat)
        if shown.message != sid or not shown.options:
            return False
        texts = Texts.of(news.notice.language if news else _language(shown.body))
        sent = await self._numbered(chat, shown.body, shown.options, texts, news)
        choices = tuple(option.named(option.label) for option in shown.options)
        await self._shown.keep(chat, replace(shown, message=sent, choices=choices))
        return True

    async def template(self, chat: ChatKey, fields: Fields, news: News) -> str:
        """Send an approved template."""
        return await self._send(chat, fields, news)

    async def again(self, chat: ChatKey, fields: Fields, news: News | None, attempt: int) -> str:
        """Send once more what did not arrive."""
        return await self._send(chat, fields, news, attempt=attempt)

    async def _filled(self, chat: ChatKey, filled: Filled, news: News | None) -> str | None:
        """None where there is no such template, or Twilio does not take what was put into it."""
        for _ in range(2):
            template = await self._templates.sid_of(filled.shape)
            if template is None:
                return None
            try:
                return await self._send(chat, {"ContentSid": template, "ContentVariables": filled.as_json}, news)
            except Refused as refused:
                if refused.code in CONTENT_GONE:
                    await self._templates.gone(filled.shape, template)
                elif refused.code in CONTENT_UNFIT:
                    log.warning("whatsapp_content_unfit", chat=chat, template=filled.shape.name, code=refused.code)
                    return None
                else:
                    raise
        return None

    async def _numbered(self, chat: ChatKey, body: str, rows: Sequence[Option], texts: Texts, news: News | None) -> str:
        numbered = [
            f"{n}. {plain(' · '.join(part for part in (row.label, detail(row, row.label)) if part))}"
            for n, row in enumerate(rows, start=1)
        ]
        parts = [body, "\n".join(numbered), texts.t("Answer with a number.")]
        sid = ""
        for part in _joined(parts):
            sid = await self._send(chat, {"Body": part}, news)
        return sid

    async def _above(self, chat: ChatKey, outgoing: Outgoing) -> bool:
        """Whether its picture stands just above already: this is the next question about the same dish."""
        return bool(outgoing.image) and (await self._shown.read(chat)).image == outgoing.image

    def _media(self, outgoing: Outgoing) -> str:
        """Where Twilio fetches the document or picture; empty: there is none, or it could not reach us."""
        if self._sender.media is None:
            return ""
        if outgoing.document:
            return self._sender.fetched(outgoing.document.url)
        return self._sender.fetched(raster(outgoing.image)) if outgoing.image else ""

    async def _send(self, chat: ChatKey, what: Fields, news: News | None, *, attempt: int = 1) -> str:
        fields = {"From": self._sender.address, "To": address_of(chat), **what}
        if self._sender.status_url is not None:
            fields["StatusCallback"] = self._sender.status_url
        took = await self._taken(chat, fields)
        await self._messages.took(
            took.sid,
            chat,
            fields=json.dumps(dict(what), ensure_ascii=False, separators=(",", ":")),
            order=news.notice.order if news else "",
            about=news.to_json() if news else "",
            attempt=attempt,
        )
        return took.sid

    async def _taken(self, chat: ChatKey, fields: dict[str, str]) -> Took:
        tries = 0
        while True:
            try:
                took = await self._api.send(fields)
            except Busy as busy:
                wait = busy.retry_after or AGAIN[min(tries, len(AGAIN) - 1)]
                if tries >= len(AGAIN) or wait > LONGEST:
                    raise
                tries += 1
                await asyncio.sleep(wait.total_seconds() * random.uniform(0.7, 1.3))
            except Refused as refused:
                if refused.code in NOBODY_THERE:
                    raise Unreachable(CHANNEL, chat=chat) from refused
                if refused.code != BAD_CALLBACK or "StatusCallback" not in fields:
                    raise
                log.error("whatsapp_status_address_refused", url=fields.pop("StatusCallback"))
            else:
                if took.error in NOBODY_THERE:
                    raise Unreachable(CHANNEL, chat=chat)
                return took


def texts_of(outgoing: Outgoing) -> Texts:
    """The language a reply speaks. It does not say so; its letters do."""
    if outgoing.notice is not None:
        return Texts.of(outgoing.notice.language)
    return Texts.of(_language(outgoing.text.plain))


def _language(text: str) -> str:
    return "hi" if _DEVANAGARI.search(text) else DEFAULT


def _with_links(outgoing: Outgoing, texts: Texts) -> Text:
    links = [f"{link.label}: {link.url}" for link in links_of(outgoing.buttons)]
    place = texts.t("Or send where you are: the 📎 or + below, then Location.") if outgoing.ask == Ask.LOCATION else ""
    return paragraphs(outgoing.text, place, lines(*links))


def _news(outgoing: Outgoing) -> News | None:
    return None if outgoing.notice is None else News(outgoing.notice, outgoing.text.plain)


def _joined(parts: Sequence[str]) -> list[str]:
    """The parts as one body where it fits, else cut at line ends."""
    text = "\n\n".join(part for part in parts if part)
    found = [""]
    for line in text.split("\n"):
        if length(found[-1]) + length(line) + 1 > BODY_LIMIT:
            found.append("")
        found[-1] = f"{found[-1]}\n{line}" if found[-1] else line
    return [body.strip() for body in found if body.strip()]
