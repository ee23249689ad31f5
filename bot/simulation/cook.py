"""A cook: reads the cards of one outlet's group and taps what comes next on each."""

import asyncio
from random import Random

import aiohttp

from bot.simulation.browser import Browser, Button, Message, Refused
from bot.simulation.figures import Figures

STEPS = ("Accept", "Ready", "Out for delivery", "Collected", "Picked up", "Served", "Delivered")
REJECTED = 0.04  # of the orders
LOOKS = 20  # how often a card that is still open and shows no next step is looked at again
LOOK_AGAIN = 0.25
MOST_STEPS = 12


class Cook:
    def __init__(self, browser: Browser, figures: Figures, rng: Random, *, pace: float) -> None:
        """`pace`: seconds between two taps on one card."""
        self._browser = browser
        self._figures = figures
        self._rng = rng
        self._pace = pace
        self._begun: set[int] = set()
        self._cards: set[asyncio.Task[None]] = set()
        browser.on_turn = figures.turn

    async def work(self) -> None:
        """Until cancelled."""
        async with self._browser.listening():
            self._skip_old_cards()
            try:
                while True:
                    async with self._browser.heard:
                        await self._browser.heard.wait()
                    self._take_up()
            finally:
                for card in self._cards:
                    card.cancel()
                await asyncio.gather(*self._cards, return_exceptions=True)

    def _skip_old_cards(self) -> None:
        self._begun.update(map(id, self._browser.messages))

    def _take_up(self) -> None:
        for message in self._browser.messages:
            if id(message) not in self._begun and any(map(_is_step, _buttons(message))):
                self._begun.add(id(message))
                task = asyncio.create_task(self._cook(message))
                self._cards.add(task)
                task.add_done_callback(self._cards.discard)

    async def _cook(self, card: Message) -> None:
        """From new to eaten. The card changes under our hands: by each tap's answer, and by what others do."""
        try:
            if self._rng.random() < REJECTED:
                await self._reject(card)
                return
            for _ in range(MOST_STEPS):
                await asyncio.sleep(self._pace * self._rng.uniform(0.5, 1.5))
                button = await self._next(card)
                if button is None:
                    return
                await self._browser.tap(button)
        except Refused as refused:
            self._figures.errors[f"cook: {refused.status} {refused.sentence}"] += 1
        except (aiohttp.ClientError, TimeoutError) as failure:
            self._figures.errors[f"cook: {type(failure).__name__}"] += 1

    async def _next(self, card: Message) -> Button | None:
        """What to tap next; a card that shows nothing to do may be about to change. None: it is done."""
        for _ in range(LOOKS):
            asked = [button for button in _buttons(card) if button.label == "Yes, cancel it"]
            steps = asked or [button for button in _buttons(card) if _is_step(button)]
            if steps:
                return self._rng.choice(steps)
            if not any(button.label.startswith("Cancel") for button in _buttons(card)):
                return None
            await asyncio.sleep(LOOK_AGAIN)
        return None

    async def _reject(self, card: Message) -> None:
        if not (found := card.find("Reject")):
            return
        await self._browser.tap(found[0])
        reasons = [button for button in _buttons(card) if not button.label.startswith("◂")]
        if reasons:
            await self._browser.tap(self._rng.choice(reasons))


def _buttons(message: Message) -> list[Button]:
    return [button for row in message.buttons for button in row if button.action]


def _is_step(button: Button) -> bool:
    return button.label.startswith(STEPS)
