"""Guests, cooks and a phone, as people use them: by what is written on the screen, over the HTTP API alone."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import aiohttp

from bot.simulation.browser import Browser, ButtonMissing, Message, server_events

PATIENCE = 10.0
CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")


class _Person:
    """Somebody with a chat open. `screen` and `buttons` are what the last answer brought."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.answer: list[Message] = []
        self._heard = 0

    @property
    def screen(self) -> str:
        return "\n\n".join(message.text for message in self.answer)

    @property
    def buttons(self) -> list[str]:
        return next((m.labels for m in reversed(self.answer) if m.buttons), [])

    @property
    def image(self) -> str | None:
        return next((m.image for m in reversed(self.answer) if m.image), None)

    @property
    def document(self) -> dict[str, str] | None:
        """The file of the last answer: its address and name."""
        return next((m.document for m in reversed(self.answer) if m.document), None)

    @property
    def taps_made(self) -> int:
        return self.browser.taps

    @property
    def texts_typed(self) -> int:
        return self.browser.texts

    @property
    def all_said(self) -> str:
        """Everything that can be read by scrolling up."""
        return "\n\n".join(message.text for message in self.browser.messages)

    async def says(self, text: str, *, reply_to: str = "") -> str:
        self.answer = await self.browser.say(text, reply_to=reply_to)
        return self.screen

    async def taps(self, part: str) -> str:
        """Tap the button a person would find by `part` of its label: in the newest message that has one.

        Two buttons of one message that fit equally well are a mistake of the test: say more of the label.
        """
        for message in reversed(self.browser.messages):
            found = message.find(part)
            if len({button.label for button in found}) > 1:
                raise AssertionError(f"{part!r} could be any of {[button.label for button in found]}")
            if found:
                self.answer = await self.browser.tap(found[0])
                return self.screen
        raise AssertionError(str(ButtonMissing(part, self.buttons, self.screen)))

    async def sends(self, event: dict[str, Any]) -> str:
        """An event as no button makes it."""
        self.answer = await self.browser.send(event)
        return self.screen

    def offers(self, part: str) -> bool:
        return any(part.casefold() in label.casefold() for label in self.buttons)

    def still_offering(self, part: str) -> list[str]:
        """What stands on the screen, far up too, over a button with this label."""
        return [message.text for message in self.browser.messages if message.find(part)]

    def link(self, part: str) -> str:
        """Where the button with this label leads."""
        button = self.browser.find(part)
        assert button.url, f"{button.label!r} is no link"
        return button.url

    async def hears(self, text: str, timeout: float = PATIENCE) -> Message:
        """Wait for a message that came by itself and holds `text`; what came before the one heard last is past."""

        def found() -> int | None:
            news = self.browser.news
            return next((n for n in range(self._heard, len(news)) if text.casefold() in news[n].text.casefold()), None)

        try:
            await self.browser.wait_for(lambda _: found() is not None, timeout)
        except TimeoutError:
            came = [message.text for message in self.browser.news[self._heard :]]
            raise AssertionError(f"{text!r} did not come within {timeout} s; came: {came}") from None
        place = found()
        assert place is not None
        self._heard = place + 1
        return self.browser.news[place]

    async def hears_nothing_of(self, text: str, within: float = 1.0) -> None:
        try:
            heard = await self.hears(text, within)
        except AssertionError:
            return
        raise AssertionError(f"heard {heard.text!r}")


class WebGuest(_Person):
    async def opens(self, payload: str = "") -> str:
        """Open the chat, perhaps through a link."""
        self.answer = await self.browser.start(payload)
        return self.screen

    async def is_at(self, latitude: float, longitude: float) -> str:
        self.answer = await self.browser.locate(latitude, longitude)
        return self.screen

    async def proves(self, phone: str, messages: "Phone") -> str:
        """Type the phone, then the code that arrives there."""
        sent = len(messages.to(phone))
        await self.says(phone)
        return await self.says(await messages.code_for(phone, beyond=sent))


class WebCook(_Person):
    """Somebody of an outlet, in its group."""

    def card(self, code: str) -> Message:
        """The order's card as it reads now."""
        found = next((m for m in reversed(self.browser.messages) if code in m.text), None)
        assert found is not None, f"no card of {code!r}"
        return found

    async def taps_on(self, code: str, part: str) -> str:
        """Tap a button of one order's card; the card may come to show it a moment after the last tap was answered."""
        try:
            await self.browser.wait_for(lambda _: bool(self.card(code).find(part)), PATIENCE)
        except TimeoutError:
            card = self.card(code)
            raise AssertionError(f"{part!r} is not among {card.labels} on {card.text!r}") from None
        self.answer = await self.browser.tap(self.card(code).find(part)[0])
        return self.screen


class Phone:
    """Every phone of the town: the text messages that would have been sent."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self._arrived = asyncio.Condition()

    def to(self, phone: str) -> list[str]:
        digits = re.sub(r"\D", "", phone)[-10:]
        return [message["text"] for message in self.messages if message["to"].endswith(digits)]

    async def code_for(self, phone: str, *, beyond: int = 0, timeout: float = PATIENCE) -> str:
        """The newest code sent to `phone`, waiting until more than `beyond` messages came."""
        async with asyncio.timeout(timeout), self._arrived:
            await self._arrived.wait_for(lambda: len(self.to(phone)) > beyond)
        code = CODE.search(self.to(phone)[-1])
        assert code, self.to(phone)
        return code[0]

    async def listen(self, http: aiohttp.ClientSession, base: str, ready: asyncio.Event) -> None:
        async for _, data in server_events(http, f"{base}/demo/phone/stream", ready=ready):
            async with self._arrived:
                self.messages.append(data["sms"])
                self._arrived.notify_all()


class Till:
    """Where payment links are paid: the sandbox's own page, over its own API."""

    def __init__(self, http: aiohttp.ClientSession, base: str) -> None:
        self._http = http
        self._base = base

    async def look(self, url: str) -> dict[str, Any]:
        async with self._http.get(self._address(url)) as response:
            assert response.status == 200, await response.text()
            return dict(await response.json())

    async def does(self, url: str, action: str, method: str = "upi") -> dict[str, Any]:
        """`pay`, `fail` or `pay_late` at the link a guest was given."""
        body = {"action": action, "method": method}
        async with self._http.post(f"{self._address(url)}/actions", json=body) as response:
            assert response.status == 200, await response.text()
            return dict(await response.json())

    def _address(self, url: str) -> str:
        return f"{self._base}/sandbox/links/{url.rstrip('/').rpartition('/')[2]}"


class Town:
    """Everybody outside the house."""

    def __init__(self, http: aiohttp.ClientSession, base: str, kitchens: dict[str, str], stack: AsyncExitStack) -> None:
        self.http, self.base = http, base
        self.kitchens = kitchens
        self.phone = Phone()
        self.till = Till(http, base)
        self._stack = stack

    async def guest(self, *, language: str = "en-IN", listens: bool = True) -> WebGuest:
        """Somebody new, with the chat page open and nothing said yet."""
        browser = Browser(self.http, self.base, language=language)
        await browser.open()
        if listens:
            await self._stack.enter_async_context(browser.listening())
        return WebGuest(browser)

    async def same_guest(self, guest: WebGuest, *, listens: bool = False) -> WebGuest:
        """The same chat in a second window."""
        browser = Browser(self.http, self.base, session=guest.browser.session, language=guest.browser.language)
        if listens:
            await self._stack.enter_async_context(browser.listening())
        return WebGuest(browser)

    async def cook(self, outlet: str) -> WebCook:
        browser = Browser(self.http, self.base, session=self.kitchens[outlet])
        await self._stack.enter_async_context(browser.listening())
        return WebCook(browser)


@asynccontextmanager
async def town(base: str) -> AsyncIterator[Town]:
    """People around the house at `base`, which runs as a demo."""
    async with AsyncExitStack() as stack:
        connector = aiohttp.TCPConnector(limit=0)
        http = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))
        async with http.get(f"{base}/demo/config") as response:
            config = await response.json()
        people = Town(http, base, config["kitchens"], stack)
        ready = asyncio.Event()
        listening = asyncio.create_task(people.phone.listen(http, base, ready))
        stack.push_async_callback(_end, [listening])
        async with asyncio.timeout(PATIENCE):
            await ready.wait()
        yield people


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
