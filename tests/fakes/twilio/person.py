"""People on WhatsApp, as they use it: by what is written on the screen, on its buttons and in its lists.

They speak as the guests of the web chat do (tests/dialogues/guest.py), so that one story can be told on both.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Protocol

from tests.fakes.twilio.server import FakeTwilioChat, Sent

PATIENCE = 10.0
LINK = re.compile(r"^(.*): (https?://\S+)$", re.MULTILINE)


class Inbox(Protocol):
    """The phone that text messages come to."""

    def to(self, phone: str) -> list[str]: ...

    async def code_for(self, phone: str, *, beyond: int = 0) -> str: ...


class WhatsAppPerson:
    """Somebody in a chat with us. `worked_off` waits until the house is done with a message; `answered` tells which of
    its messages answer somebody.
    """

    def __init__(
        self,
        twilio: FakeTwilioChat,
        address: str,
        *,
        worked_off: Callable[[str], Awaitable[None]],
        answered: set[str],
        language: str = "en",
        name: str = "Asha",
    ) -> None:
        self.twilio = twilio
        self.address = address if address.startswith("whatsapp:") else f"whatsapp:{address}"
        self.language = language
        self.name = name
        self.answer: list[Sent] = []
        self.taps_made = 0
        self.texts_typed = 0
        self._worked_off = worked_off
        self._answered = answered
        self._heard = -1

    # ---- what the last act brought about

    @property
    def messages(self) -> list[Sent]:
        return self.twilio.to(self.address)

    @property
    def screen(self) -> str:
        return "\n\n".join(self._words(one) for one in self.answer if one.text)

    @property
    def buttons(self) -> list[str]:
        return next((self._names(one) for one in reversed(self.answer) if one.rows), [])

    @property
    def image(self) -> str | None:
        return next((one.image for one in reversed(self.answer) if one.image), None)

    @property
    def all_said(self) -> str:
        return "\n\n".join(self._words(one) for one in self.messages)

    def offers(self, part: str) -> bool:
        return any(part.casefold() in label.casefold() for label in self.buttons)

    def link(self, part: str) -> str:
        """The address written behind a label."""
        for one in reversed(self.messages):
            for label, url in LINK.findall(one.text):
                if part.casefold() in label.casefold():
                    return str(url)
        raise AssertionError(f"no link {part!r} in {self.all_said!r}")

    # ---- what they do

    async def opens(self, payload: str = "") -> str:
        """Write first, perhaps what a link has written for them."""
        hello = "नमस्ते" if self.language.startswith("hi") else "Hi"
        return await self.sends({"Body": f"start {payload}" if payload else hello})

    async def says(self, text: str, *, reply_to: str = "") -> str:
        self.texts_typed += 1
        return await self.sends({"Body": text} | ({"OriginalRepliedMessageSid": reply_to} if reply_to else {}))

    async def taps(self, part: str) -> str:
        """Tap what a person would find by `part` of its label: in the newest message that has one."""
        sent, row = self.find(part)
        return await self.taps_row(sent, row)

    async def taps_row(self, sent: Sent, row: dict[str, str]) -> str:
        """Tap a row of a message, however old."""
        self.taps_made += 1
        if sent.kind == "twilio/quick-reply":
            tap = {"ButtonText": row["title"], "ButtonPayload": row["id"], "MessageType": "button"}
        else:
            tap = {"ListId": row["id"], "ListTitle": row["title"], "MessageType": "interactive"}
            if row["description"]:
                tap["ListDescription"] = row["description"]
        return await self.sends({"Body": row["title"], "OriginalRepliedMessageSid": sent.sid, **tap})

    async def is_at(self, latitude: float, longitude: float) -> str:
        self.taps_made += 1
        where = {"Latitude": str(latitude), "Longitude": str(longitude), "MessageType": "location"}
        return await self.sends(where)

    async def proves(self, phone: str, messages: Inbox) -> str:
        """Nothing to prove where the sender's number is signed; else type the phone, then the code that arrives."""
        if "+" in self.address:
            return self.screen
        sent = len(messages.to(phone))
        await self.says(phone)
        return await self.says(await messages.code_for(phone, beyond=sent))

    async def sends(self, fields: dict[str, str]) -> str:
        """Any message, and whatever is answered to it."""
        seen = len(self.twilio.sent)
        who = {"ProfileName": self.name}
        if "+" in self.address:
            who["WaId"] = self.address.partition("+")[2]
        sid = await self.twilio.deliver(self.address, {**who, **fields})
        await self._worked_off(sid)
        mine = [one for one in self.twilio.sent[seen:] if one.to == self.address]
        self.answer = [one for one in mine if one.sid in self._answered]
        return self.screen

    # ---- what comes by itself

    @property
    def news(self) -> list[Sent]:
        return [one for one in self.messages if one.sid not in self._answered]

    async def hears(self, text: str, timeout: float = PATIENCE) -> Sent:
        """Wait for news that holds `text`; what came before the one heard last is past."""

        def found(among: list[Sent]) -> Sent | None:
            unheard = (one for one in among if one.n > self._heard)
            return next((one for one in unheard if text.casefold() in self._words(one).casefold()), None)

        try:
            async with asyncio.timeout(timeout), self.twilio.changed:
                await self.twilio.changed.wait_for(lambda: found(self.news) is not None)
        except TimeoutError:
            pass
        one = found(self.news) or found(self.messages)
        if one is None:
            came = [self._words(sent) for sent in self.messages if sent.n > self._heard]
            raise AssertionError(f"{text!r} did not come within {timeout} s; came: {came}")
        self._heard = one.n
        return one

    async def hears_nothing_of(self, text: str, within: float = 1.0) -> None:
        await asyncio.sleep(within)
        heard = [one.text for one in self.news if one.n > self._heard and text.casefold() in one.text.casefold()]
        assert heard == [], f"heard {heard}"

    # ---- how

    def find(self, part: str) -> tuple[Sent, dict[str, str]]:
        """Titles before the lines below them; a row whose title was cut shows all of it below."""
        wanted = part.casefold()
        for one in reversed(self.messages):
            for where in ("title", "description"):
                for fits in (str.__eq__, str.startswith, str.__contains__):
                    rows = [row for row in one.rows if fits(row[where].casefold(), wanted)]
                    if len(rows) > 1 and where == "title":
                        raise AssertionError(f"{part!r} could be any of {[row['title'] for row in rows]}")
                    if rows:
                        return one, rows[0]
        raise AssertionError(f"nothing to tap for {part!r} among {self.buttons} under {self.screen!r}")

    @staticmethod
    def _names(one: Sent) -> list[str]:
        return [f"{row['title']} {row['description']}".strip() for row in one.rows]

    @staticmethod
    def _words(one: Sent) -> str:
        """As it reads: what is between marks without the marks."""
        return re.sub(r"(?<!\w)[*_~]([^*_~\n]+)[*_~](?!\w)", r"\1", one.text)
