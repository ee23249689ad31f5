"""A guest who would rather talk to a person, and how they find back to the bot."""

from tests.dialogues.walks import at_the_menu
from tests.house import House


async def test_a_greeting_is_for_the_person_who_was_asked_for(house: House):
    cook = await house.cook("mgroad")
    guest = await at_the_menu(house)
    await guest.says("human")
    await guest.says("hello")
    assert "“hello”" in (await cook.hears("asks for a person")).text
    assert "has your message" in guest.screen
    await guest.says("hi")
    assert "“hi”" in (await cook.hears("writes")).text


async def test_when_people_are_done_the_next_words_are_an_order_again(house: House):
    cook = await house.cook("mgroad")
    guest = await at_the_menu(house)
    await guest.says("human")
    await guest.says("Is there parking?")
    await cook.hears("parking")
    await cook.taps("Done")
    await guest.hears("I am back")
    await guest.says("1 mango lassi")
    assert "Added 1 × Mango Lassi" in guest.screen
    await cook.hears_nothing_of("lassi", within=0.3)
