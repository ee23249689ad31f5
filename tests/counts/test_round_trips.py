"""What a turn costs on the wire (PERFORMANCE.md P5). Counts do not wobble, so they are tests."""

from typing import Any

import pytest

from bot.conversation.recent import RecentChats
from core.checkout.service import CheckoutService
from core.customers.models import Proof
from core.ids import ChatKey, CustomerId, Handle, Phone
from tests.counts.wired import PHONE, Cost, Wired
from tests.dialogues.guest import WebGuest
from tests.fakes.telegram import TelegramPerson

CHAT = ChatKey("webchat:counted")


@pytest.fixture(params=["browser", "telegram"])
def guest(request: pytest.FixtureRequest, wired: Wired) -> WebGuest | TelegramPerson:
    return wired.web if request.param == "browser" else wired.person


async def test_a_guest_from_the_menu_to_the_order(
    wired: Wired, guest: WebGuest | TelegramPerson, monkeypatch: pytest.MonkeyPatch
):
    shown = int(isinstance(guest, TelegramPerson))  # one call; the spinner's end rides on our own answer

    # Looking around: one round trip to Redis, and MongoDB is not asked.
    for part in ("Breads", "Menu", "Search", "Menu", "Breads"):
        assert await wired.taps(guest, part) == Cost(1, 0, shown), (part, wired.told())

    # The cart, changed or looked at: two.
    for part in ("Add", "Cart", "+ "):
        assert await wired.taps(guest, part) == Cost(2, 0, shown), (part, wired.told())

    # A dish with questions: each answer is a look around, and only the last tap changes the cart. On Telegram a message
    # of text cannot become one with a picture, so it is taken away and sent anew: find, pace, remember; and back again.
    for part in ("Add more", "Breakfast"):
        await wired.taps(guest, part)
    for part, redis in (("Masala Dosa", 1), ("Add 1", 2)):
        assert await wired.taps(guest, part) == Cost(redis + 3 * shown, 0, 2 * shown), (part, wired.told())

    # The order, paid in cash: what the checkout itself takes, and the whole turn.
    await wired.taps(guest, "Checkout")
    await wired.taps(guest, "Place order")
    sms = wired.runtime.services.console
    assert sms is not None
    await guest.says(PHONE)
    await guest.says(wired.code())
    await wired.taps(guest, "Place order")
    place = CheckoutService.place
    alone: list[tuple[list[str], list[str]]] = []

    async def counted(self: CheckoutService, *about: Any, **more: Any) -> Any:
        before = len(wired.redis.names), len(wired.mongo.names)
        placed = await place(self, *about, **more)
        alone.append((wired.redis.names[before[0] :], wired.mongo.names[before[1] :]))
        return placed

    monkeypatch.setattr(CheckoutService, "place", counted)
    cost = await wired.taps(guest, "Cash")
    [(carts, mongo)] = alone
    assert len(carts) == 2, carts  # the cart is fixed, and emptied
    assert mongo == ["find", "insert"]  # the dishes as they are now; the order
    sent = 3 * shown  # a new message on Telegram: what is there already, its pace, what it is called
    assert cost == Cost(4 + sent, 3, shown), wired.told()  # with the turn around it, and the guest's record


async def test_a_process_that_remembers_nothing_pays_one_more(wired: Wired, monkeypatch: pytest.MonkeyPatch):
    """The twin: as after a restart, a turn begins and ends."""
    monkeypatch.setattr(RecentChats, "worth", lambda *about: None)
    await wired.taps(wired.person, "Breads")
    await wired.taps(wired.person, "Add")
    assert wired.seen == {"Breads": Cost(2, 0, 1), "Add": Cost(3, 0, 1)}


async def test_codes_news_and_what_is_planted(wired: Wired, monkeypatch: pytest.MonkeyPatch):
    otp = wired.runtime.services.otp
    async with wired.counting("sent"):
        await otp.request(Phone(PHONE), CHAT, "en")
    assert wired.seen["sent"].redis == 1, wired.told()
    async with wired.counting("checked"):
        await otp.verify(Phone(PHONE), CHAT, wired.code())
    assert wired.seen["checked"] == Cost(1, 1), wired.told()  # the claim that it was used, for good

    async with wired.counting("news of a payment"):
        assert await wired.razorpay_says({"event": "payment.captured", "payload": {}}) == 200
    assert wired.seen["news of a payment"] == Cost(0, 1), wired.told()

    async with wired.counting("a planted look at MongoDB"):
        await wired.runtime.services.orders.open_for(CustomerId("cus_x"))
    assert wired.seen["a planted look at MongoDB"] == Cost(0, 1)

    guests: Any = wired.runtime.router._guests
    handle, redis = guests.handle, wired.runtime.connections.redis

    async def asks_once_more(incoming: Any) -> Any:
        await redis.get("planted")
        return await handle(incoming)

    monkeypatch.setattr(guests, "handle", asks_once_more)
    assert (await wired.taps(wired.web, "Breads")).redis == 2


@pytest.mark.parametrize("ours", [True, False], ids=["known", "unknown"])
async def test_a_number_we_know_is_no_more_work_than_any_other_so_the_time_tells_nothing(wired: Wired, ours: bool):
    """A stranger asks for it, and guesses: each act does the same, whoever the number belongs to."""
    customers = wired.runtime.services.customers
    owner = await customers.identify(Handle("telegram:1"), "telegram")
    await customers.prove_phone(owner.id, Handle("telegram:1"), Phone("+919900011223"), Proof.OTP)
    stranger = wired.web
    await stranger.says("profile")
    await stranger.taps("Phone")
    number = "9900011223" if ours else "9900011224"
    async with wired.counting("asked"):
        assert "6-digit code" in await stranger.says(number)
    async with wired.counting("guessed"):
        assert "not the code" in await stranger.says(f"{(int(wired.code()) + 1) % 10**6:06d}")
    # The turn around it, the guest's record, the day's first message counted, and that it was taken.
    assert wired.seen == {"asked": Cost(3, 5), "guessed": Cost(3, 0)}


async def test_a_guest_on_whatsapp(wired: Wired):
    """Twilio is answered before the work is done, so MongoDB has a message stored, found, taken and ticked off (five),
    its lane leased and given back (two), and what Twilio took of ours noted for its reports (one). Redis knows besides
    what was shown last, what was missed, and what went out already.
    """
    await wired.asha.opens()
    for part in ("Order food", "MG Road", "Takeaway", "Breads", "Menu"):
        await wired.asha.taps(part)
    for part in ("Breads", "Menu"):
        assert await wired.taps(wired.asha, part) == Cost(7, 8, 1), (part, wired.told())
    await wired.asha.taps("Breads")
    for part in ("Tandoori Roti", "Cart"):  # seen for the first time: its template is looked for, and made
        assert await wired.taps(wired.asha, part) == Cost(10, 8, 2), (part, wired.told())
