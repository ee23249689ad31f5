"""People on Telegram, as they use it: by what is written on the screen and on the keyboard below it.

They speak as the guests of the web chat do (tests/dialogues/guest.py), so that one story can be told on both.
"""

import asyncio
import re
from typing import Any, Protocol

from tests.fakes.telegram.chats import Change, Chat, Message
from tests.fakes.telegram.server import FakeTelegram
from tests.fakes.telegram.updates import Pending

PATIENCE = 10.0


class Inbox(Protocol):
    """The phone that text messages come to."""

    def to(self, phone: str) -> list[str]: ...

    async def code_for(self, phone: str, *, beyond: int = 0) -> str: ...


class TelegramPerson:
    """Somebody in a chat with the bot. `screen` and `buttons` are what the last act brought about."""

    def __init__(self, telegram: FakeTelegram, user: int, *, language: str = "en", name: str = "Asha") -> None:
        self.telegram = telegram
        self.chat: Chat = telegram.private(user, name, language)
        self.user = telegram.people[user]
        self.answer: list[Change] = []
        self.taps_made = 0
        self.texts_typed = 0
        self.patience = PATIENCE
        self._heard = 0
        self._answers: set[int] = set()

    # What the last act brought about

    @property
    def screen(self) -> str:
        return "\n\n".join(change.text for change in self.answer)

    @property
    def buttons(self) -> list[str]:
        return next((change.labels for change in reversed(self.answer) if change.rows), [])

    @property
    def image(self) -> str | None:
        return next((change.image for change in reversed(self.answer) if change.image), None)

    @property
    def all_said(self) -> str:
        return "\n\n".join(message.text for message in self.chat.by_bot())

    def offers(self, part: str) -> bool:
        return any(part.casefold() in label.casefold() for label in self.buttons)

    def still_offering(self, part: str) -> list[str]:
        """What stands on the screen, far up too, over a button with this label."""
        said = self.chat.by_bot()
        return [one.text for one in said if any(part in button["text"] for row in one.rows for button in row)]

    def link(self, part: str) -> str:
        """Where the button with this label leads."""
        _, button = self._find(part)
        assert "url" in button, f"{button['text']!r} is no link"
        return str(button["url"])

    # What they do

    async def opens(self, payload: str = "") -> str:
        """Open the chat, perhaps through a link."""
        return await self._writes({"text": f"/start {payload}".strip()})

    async def says(self, text: str, *, reply_to: str = "") -> str:
        self.texts_typed += 1
        return await self._writes({"text": text}, reply_to=reply_to)

    async def taps(self, part: str) -> str:
        """Tap the button a person would find by `part` of its label: in the newest message that has one."""
        message, button = self._find(part)
        return await self.taps_button(message, button["callback_data"])

    async def taps_button(self, message: Message | None, data: str) -> str:
        """Tap what may not be there any more, or never was."""
        self.taps_made += 1
        return await self._act(
            lambda: self.telegram.queue_tap(self.user, None if message is None else message.shown(), data)
        )

    async def is_at(self, latitude: float, longitude: float) -> str:
        self.taps_made += 1
        return await self._writes({"location": {"latitude": latitude, "longitude": longitude}})

    async def shares_contact(self, phone: str) -> str:
        """Tap the button below the text field that shares one's own number."""
        keyboard = self.chat.keyboard or {}
        buttons = [button for row in keyboard.get("keyboard", []) for button in row]
        assert any(button.get("request_contact") for button in buttons), f"no contact button among {buttons}"
        self.taps_made += 1
        return await self.sends_contact(phone, user_id=self.user["id"])

    async def sends_contact(self, phone: str, *, user_id: int | None = None, forwarded: bool = False) -> str:
        """A contact card, of whomever it is."""
        contact: dict[str, Any] = {"phone_number": phone, "first_name": self.user["first_name"]}
        if user_id is not None:
            contact["user_id"] = user_id
        origin = {"forward_origin": {"type": "hidden_user", "sender_user_name": "X", "date": 1}} if forwarded else {}
        return await self._writes({"contact": contact, **origin})

    async def proves(self, phone: str, messages: Inbox) -> str:
        """Type the phone, then the code that arrives there."""
        sent = len(messages.to(phone))
        await self.says(phone)
        return await self.says(await messages.code_for(phone, beyond=sent))

    async def sends(self, content: dict[str, Any]) -> str:
        """Any message."""
        return await self._writes(content)

    async def blocks(self, *, again: bool = True) -> str:
        """Block the bot, or let it in again."""
        self.chat.shut = "bot was blocked by the user" if again else ""
        was, now = ("member", "kicked") if again else ("kicked", "member")
        body = {
            "chat": self.chat.shown(),
            "from": self.user,
            "date": 1_772_434_800,
            "old_chat_member": {"user": {"id": 1}, "status": was},
            "new_chat_member": {"user": {"id": 1}, "status": now},
        }
        return await self._act(lambda: self.telegram.updates.add("my_chat_member", body, f"chat:{self.chat.id}"))

    # What comes by itself

    @property
    def news(self) -> list[Change]:
        """What the bot showed without being asked, as far as a person can tell: not while they waited for an answer."""
        return [change for change in self.chat.changes if change.n not in self._answers]

    async def hears(self, text: str, timeout: float = PATIENCE) -> Change:
        """Wait for news that holds `text`; what came before the one heard last is past.

        News that came while this person waited for an answer counts in the end, when no other has come.
        """

        def found(among: list[Change]) -> Change | None:
            unheard = (change for change in among if change.n >= self._heard)
            return next((change for change in unheard if text.casefold() in change.text.casefold()), None)

        try:
            async with asyncio.timeout(timeout), self.telegram.changed:
                await self.telegram.changed.wait_for(lambda: found(self.news) is not None)
        except TimeoutError:
            pass
        change = found(self.news) or found(self.chat.changes)
        if change is None:
            came = [change.text for change in self.chat.changes[self._heard :]]
            raise AssertionError(f"{text!r} did not come within {timeout} s; came: {came}")
        self._heard = change.n + 1
        return change

    async def hears_nothing_of(self, text: str, within: float = 1.0) -> None:
        await asyncio.sleep(within)
        unheard = [change.text for change in self.news if change.n >= self._heard]
        heard = [said for said in unheard if text.casefold() in said.casefold()]
        assert heard == [], f"heard {heard}"

    # How

    async def _writes(self, content: dict[str, Any], *, reply_to: str = "") -> str:
        _, body = self.telegram.say(self.chat, self.user, content)
        if reply_to:
            body["reply_to_message"] = self.chat.messages[int(reply_to)].shown()
        return await self._act(lambda: self.telegram.queue_message(body))

    async def _act(self, queue: Any) -> str:
        """Do it, and wait until the bot has dealt with it: a 2xx, or an offset behind it."""
        seen, said = len(self.chat.changes), len(self._known())
        pending: Pending | None = queue()
        if pending is not None:
            async with asyncio.timeout(self.patience):
                await pending.done.wait()
        told = self._known()[said:]
        self.answer = [change for change in self.chat.changes[seen:] if self._answers_with(told, change)]
        self._answers.update(change.n for change in self.answer)
        return self.screen

    def _known(self) -> list[str]:
        return (self.telegram.known_answers or {}).get(self.chat.id, [])

    def _answers_with(self, told: list[str], change: Change) -> bool:
        """Whether the change shows one of the answers; where nobody can know, it came in time and is taken for one."""
        return self.telegram.known_answers is None or any(change.text in one or one in change.text for one in told)

    def _find(self, part: str) -> tuple[Message, dict[str, Any]]:
        wanted = part.casefold()
        for message in reversed(self.chat.by_bot()):
            buttons = [button for row in message.rows for button in row]
            for fits in (str.__eq__, str.startswith, str.__contains__):
                found = [button for button in buttons if fits(button["text"].casefold(), wanted)]
                if len({button["text"] for button in found}) > 1:
                    raise AssertionError(f"{part!r} could be any of {[button['text'] for button in found]}")
                if found:
                    return message, found[0]
        raise AssertionError(f"no button {part!r} among {self.buttons} under {self.screen!r}")


class TelegramCook(TelegramPerson):
    """Somebody who writes and taps in an outlet's group."""

    def __init__(self, telegram: FakeTelegram, user: int, group: int, *, name: str = "Ravi") -> None:
        super().__init__(telegram, user, name=name)
        self.chat = telegram.group(group)

    def card(self, code: str) -> Message:
        """The order's card as it reads now; the board and other lists name its code further down."""
        found = next((m for m in reversed(self.chat.by_bot()) if code in m.text.partition("\n")[0]), None)
        assert found is not None, f"no card of {code!r}"
        return found

    async def taps_on(self, code: str, part: str) -> str:
        """Tap a button of one order's card; the card may come to show it a moment after the last tap was answered."""

        def found() -> list[dict[str, Any]]:
            buttons = [button for row in self.card(code).rows for button in row]
            return [b for b in buttons if re.search(re.escape(part), b["text"], re.IGNORECASE)]

        try:
            async with asyncio.timeout(self.patience), self.telegram.changed:
                await self.telegram.changed.wait_for(found)
        except TimeoutError:
            card = self.card(code)
            shown = [button["text"] for row in card.rows for button in row]
            raise AssertionError(f"{part!r} is not among {shown} on {card.text!r}") from None
        return await self.taps_button(self.card(code), found()[0]["callback_data"])
