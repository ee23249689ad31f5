"""Ways through the house that many stories share, as a guest walks them."""

from tests.dialogues.guest import WebGuest
from tests.house import House

PHONE = "98765 43210"
OTHER_PHONE = "99000 11223"
ADDRESS = "12 Church Street, Bengaluru, 560001"


async def newcomer(house: House, *, language: str = "en-IN", phone: str = PHONE) -> WebGuest:
    """A new guest who has proved a phone and stands before the choice of a branch."""
    guest = await house.guest(language=language)
    await guest.opens()
    await guest.taps("Order food" if language.startswith("en") else "ऑर्डर")
    await guest.proves(phone, house.phone)
    return guest


async def at_the_menu(house: House, how: str = "Takeaway", *, phone: str = PHONE) -> WebGuest:
    guest = await newcomer(house, phone=phone)
    await guest.taps("MG Road")
    await guest.taps(how)
    if how == "Dine in":
        await guest.says("T4")
    return guest


async def at_the_review(
    house: House, how: str = "Takeaway", wish: str = "2 masala dosa", *, phone: str = PHONE
) -> WebGuest:
    guest = await at_the_menu(house, how, phone=phone)
    await guest.says(wish)
    await guest.taps("Checkout")
    if how == "Delivery":
        await guest.says(ADDRESS)
        await guest.taps("No landmark")
    return guest


async def ordered(
    house: House, how: str = "Takeaway", wish: str = "2 masala dosa", pay: str = "Cash", *, phone: str = PHONE
) -> WebGuest:
    """A guest with an order placed; online ones still wait for the money."""
    guest = await at_the_review(house, how, wish, phone=phone)
    await guest.taps("Place order")
    await guest.taps(pay)
    return guest


def code_in(text: str) -> str:
    """The order's code as it is said aloud: K 472."""
    import re

    found = re.search(r"\b[A-Z] \d{3}\b", text)
    assert found, text
    return found[0]
