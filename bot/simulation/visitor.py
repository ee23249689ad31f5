"""A guest: wants a meal, reads the screen, taps or types what is asked."""

import re
from dataclasses import dataclass
from enum import StrEnum
from random import Random

import aiohttp

from bot.simulation.browser import Browser, Button, ButtonMissing, Message, Refused
from bot.simulation.figures import Figures
from bot.simulation.pocket import Phones, play_payment

PATIENCE = 30.0  # seconds for a code, for a link, for the kitchen's next word
MOST_TURNS = 60  # on the way to one order; more is being lost
ADDRESSES = (
    "12 Church Street, Bengaluru, 560001",
    "Flat 4B, 7 Residency Road, Bengaluru, 560025",
    "88 12th Main, Indiranagar, Bengaluru, 560038",
    "3 Cambridge Road, Ulsoor, Bengaluru, 560008",
)
ORDER_CODE = re.compile(r"\b[A-Z] \d{3}\b")
AWAY = ("Back", "Cart", "Menu", "Search", "Done", "◂", "More ▸", "No landmark")
ENDS = {
    "Collected": ("is yours",),
    "Served": ("is served",),
    "Delivered": ("is delivered",),
    "Declined": ("cannot take",),
    "Cancelled": ("is cancelled", "had to cancel"),
}


class How(StrEnum):
    DINE_IN = "Dine in"
    TAKEAWAY = "Takeaway"
    DELIVERY = "Delivery"


class Pay(StrEnum):
    CASH = "Cash"
    UPI = "UPI"
    CARD = "Card"


@dataclass(frozen=True, slots=True)
class Wish:
    """What the guest came for. `fails` payments go wrong before one goes through."""

    how: How
    pay: Pay
    dishes: int = 2
    types: bool = False  # writes dishes instead of tapping them
    fails: int = 0
    cancels: bool = False
    again: bool = False  # comes back for the same once it was good


class Lost(Exception):
    """The guest does not know what to do next; `text` is what is on the screen."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class Visitor:
    def __init__(self, browser: Browser, phones: Phones, figures: Figures, rng: Random, number: int) -> None:
        self._browser = browser
        self._phones = phones
        self._figures = figures
        self._rng = rng
        self._phone = f"+919{number % 10**9:09d}"
        self._chosen = 0
        self._known: list[str] = []  # dishes read on the screen
        self._order = ""
        self._heard = 0
        browser.on_turn = figures.turn

    async def visit(self, wish: Wish) -> None:
        """Come, order, wait, eat. Whatever goes wrong is counted by its kind."""
        self._figures.guests += 1
        try:
            await self._browser.open()
            async with self._browser.listening():
                await self._browser.start()
                await self._dine(wish)
                if wish.again and not wish.cancels:
                    await self._dine_again(wish)
        except Lost as lost:
            self._figures.errors[f"guest lost at: {' '.join(lost.text.split())[:60]}"] += 1
        except ButtonMissing as missing:
            self._figures.errors[f"no button {missing.wanted!r} at: {' '.join(missing.text.split())[:60]}"] += 1
        except Refused as refused:
            self._figures.errors[f"{refused.status} {refused.sentence}"] += 1
        except TimeoutError:
            self._figures.errors["a guest waited too long"] += 1
        except aiohttp.ClientError as failure:
            self._figures.errors[type(failure).__name__] += 1

    # A meal

    async def _dine(self, wish: Wish) -> None:
        self._figures.wanted += 1
        await self._walk_to_order(wish)
        await self._settle(wish)

    async def _dine_again(self, wish: Wish) -> None:
        self._figures.wanted += 1
        await self._browser.say("usual")
        await self._tap("Yes, the usual")
        placing = self._find("Place order ·")
        if placing is not None:
            await self._browser.tap(placing)
            self._note_order()
        else:
            await self._walk_to_order(wish)
        await self._settle(wish)

    async def _settle(self, wish: Wish) -> None:
        """After the order: pay for it, perhaps think better of it, else wait for the food."""
        if wish.pay is not Pay.CASH:
            await self._pay_online(wish)
        self._figures.placed += 1
        if wish.cancels and await self._cancel():
            self._figures.outcomes["Cancelled"] += 1
            return
        self._figures.outcomes[await self._wait_for_the_end()] += 1

    async def _walk_to_order(self, wish: Wish) -> None:
        """From wherever the guest stands to an order with a code: read the screen, do what it asks."""
        self._chosen = 0
        for _ in range(MOST_TURNS):
            screen = self._screen()
            if "went wrong" in screen.text:
                raise Lost(screen.text)
            if await self._step(screen, wish):
                return
        raise Lost(self._screen().text)

    async def _step(self, screen: Message, wish: Wish) -> bool:
        """Do the next thing. True: the order is made."""
        text = screen.text
        if "How would you like to pay" in text:
            await self._tap(wish.pay if screen.find(wish.pay) else "Cash")
            self._note_order()
            return True
        if screen.find("Place order"):
            await self._tap("Place order")
        elif "Please check your order" in text:  # below the minimum for delivery
            self._chosen = wish.dishes - 1
            await self._tap("Add more")
        elif "6-digit code" in text:
            await self._browser.say(await self._phones.code_for(self._phone, PATIENCE))
        elif "mobile number" in text:
            if screen.find("Menu first") and self._rng.random() < 0.4:
                await self._tap("Menu first")
            else:
                await self._browser.say(self._phone[3:])
        elif "Which branch" in text:
            await self._tap_any(screen)
        elif "How would you like your food" in text:
            await self._tap(wish.how if screen.find(wish.how) else self._rng.choice(screen.labels))
        elif "Which table" in text:
            await self._tap_any(screen)
        elif "does not deliver" in text:
            await self._tap("Takeaway instead")
        elif "landmark" in text and screen.find("No landmark"):
            await self._tap("No landmark")
        elif "Your address" in text:
            await self._browser.say(self._rng.choice(ADDRESSES))
        elif screen.find("Checkout") and self._chosen >= wish.dishes:
            trouble = screen.find("Remove what is not available")
            await (self._browser.tap(trouble[0]) if trouble else self._tap("Checkout"))
        else:
            await self._choose_food(screen, wish)
        return False

    async def _choose_food(self, screen: Message, wish: Wish) -> None:
        """Somewhere in the menu, on a dish, or somewhere that is neither."""
        if "What would you like" in screen.text:
            if self._chosen >= wish.dishes:
                await self._tap("Cart")
            elif wish.types and self._known:
                await self._type_dishes(wish)
            else:
                await self._tap_any(screen)
        elif add := screen.find("Add 1 ·"):
            await self._browser.tap(add[0])
            self._chosen += 1
        elif "Which size" in screen.text or "choose" in screen.text:
            await self._answer_question(screen)
        elif quick := [button for button in screen.find("Add") if button.label == "Add"]:
            self._read_names(screen)
            await self._after_reading(screen, wish, quick)
        elif dishes := [b for b in _tappable(screen) if "·" in b.label and "sold out" not in b.label]:
            await self._browser.tap(self._rng.choice(dishes))
        elif screen.find("Checkout"):
            await self._tap("Add more")
        elif screen.find("Menu"):
            await self._tap("Menu")
        elif screen.find("Order"):
            await self._tap("Order")
        else:
            await self._browser.say("menu")

    async def _after_reading(self, screen: Message, wish: Wish, quick: list[Button]) -> None:
        if self._chosen >= wish.dishes:
            await self._tap("Cart")
        elif wish.types:
            await self._type_dishes(wish)
        else:
            await self._browser.tap(self._rng.choice(quick))
            self._chosen += 1

    async def _type_dishes(self, wish: Wish) -> None:
        """“2 Masala Dosa and one Filter Coffee”"""
        names = self._rng.sample(self._known, k=min(2, len(self._known)))
        await self._browser.say(" and ".join(f"{self._rng.choice(('1', 'one', '2'))} {name}" for name in names))
        self._chosen = wish.dishes

    async def _answer_question(self, screen: Message) -> None:
        """A size, or one of a dish's questions; *Done* once something is ticked."""
        ticked = any(button.label.startswith("✓") for button in _tappable(screen))
        done = screen.find("Done")
        choices = [b for b in _tappable(screen) if not b.label.startswith((*AWAY, "✓"))]
        if ticked and done:
            await self._browser.tap(done[0])
        elif choices:
            await self._browser.tap(self._rng.choice(choices))
        else:
            await self._tap("Done" if done else "Back")

    # Money, second thoughts, waiting

    async def _pay_online(self, wish: Wish) -> None:
        if not self._screen_has_link() and "to pay" not in self._screen().text.casefold():
            return  # the guest could only pay cash for this one
        await self._browser.wait_for(lambda _: self._screen_has_link(), PATIENCE)
        url = self._browser.find("Pay ").url
        assert url is not None
        for _ in range(wish.fails):
            await play_payment(self._browser.http, self._browser.base, url, "fail", wish.pay.lower())
        await play_payment(self._browser.http, self._browser.base, url, "pay", wish.pay.lower())
        self._figures.paid_online += 1

    def _screen_has_link(self) -> bool:
        return any(
            b.url and b.label.startswith("Pay ") for m in self._browser.messages for row in m.buttons for b in row
        )

    async def _cancel(self) -> bool:
        """Whether it was still possible; a kitchen that is already cooking goes on."""
        await self._browser.say("cancel")
        yes = self._find("Yes, cancel")
        if yes is None:
            return False
        await self._browser.tap(yes)
        return "cancelled" in self._screen().text.casefold()

    async def _wait_for_the_end(self) -> str:
        """How the order ended, as the guest was told."""
        while True:
            await self._browser.wait_for(lambda browser: len(browser.news) > self._heard, PATIENCE)
            while self._heard < len(self._browser.news):
                said = self._browser.news[self._heard].text
                self._heard += 1
                if self._order not in said:
                    continue
                for end, words in ENDS.items():
                    if any(word in said.casefold() for word in words):
                        return end

    # Hands and eyes

    def _screen(self) -> Message:
        """What the guest looks at: the answer to what they did last, whatever news came since."""
        return self._browser.answer[-1] if self._browser.answer else self._browser.latest

    def _find(self, part: str) -> Button | None:
        found = self._screen().find(part)
        return found[0] if found else None

    async def _tap(self, part: str) -> None:
        await self._browser.tap(self._browser.find(part))

    async def _tap_any(self, screen: Message) -> None:
        await self._browser.tap(self._rng.choice([b for b in _tappable(screen) if not b.label.startswith(AWAY)]))

    def _read_names(self, screen: Message) -> None:
        names = [button.label.split(" (")[0] for button in _tappable(screen) if " (" in button.label]
        self._known.extend(name for name in names if name not in self._known)

    def _note_order(self) -> None:
        code = ORDER_CODE.search(self._screen().text) or ORDER_CODE.search(self._browser.latest.text)
        if code is None:
            raise Lost(self._browser.latest.text)
        self._order = code[0]
        self._heard = 0


def _tappable(screen: Message) -> list[Button]:
    return [button for row in screen.buttons for button in row if button.action]
