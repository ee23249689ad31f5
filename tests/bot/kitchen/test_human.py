"""A guest who wants a person, and the people who answer."""

import asyncio

import pytest

from bot.conversation.incoming import Text
from bot.conversation.session import Session
from bot.conversation.states import State
from bot.kitchen.human import NobodyThere
from core.conversations.store import Begun
from core.customers.models import Customer
from core.errors import StoreError
from core.ids import ChatKey, CustomerId
from tests.bot.kitchen.builders import INDIRA_GROUP, MG_ROAD

MEERA = Customer(id=CustomerId("cus_meera"), name="Meera Nair")
CHAT = ChatKey("webchat:meera")


async def asks(evening, text="Is the naan made with egg?", key="u1", order=None, outlet=MG_ROAD):
    return await evening.people.ask(MEERA, chat=CHAT, language="en", outlet=outlet, order=order, text=text, key=key)


async def session(evening) -> Session:
    begun = await evening.services.conversations.begin(CHAT, "look", "test")
    assert isinstance(begun, Begun)
    await evening.services.conversations.abandon(CHAT, "test")
    return Session.model_validate_json(begun.state)


async def talks(evening, **changes) -> None:
    """The guest's chat has a session that waits for people."""
    begun = await evening.services.conversations.begin(CHAT, "hello", "test")
    state = Session(state=State.HUMAN, customer=MEERA.id, **changes).model_dump_json(exclude_defaults=True)
    await evening.services.conversations.end(CHAT, "hello", "test", version=begun.version, state=state, answer="[]")


async def test_a_guests_words_stand_in_the_group_and_the_answer_names_who_wrote_it(evening):
    order = await evening.new_order()
    await asks(evening, order=order.id)
    card = evening.group()[-1]
    assert card.text == (
        "Meera asks for a person · order K 472\n7:00 pm\n\n“Is the naan made with egg?”\n\n"
        "Reply to this message and Meera reads it."
    )
    evening.minutes_pass(1)
    assert await evening.cook("Asha").replies(card, "No egg in it. Enjoy!") == []
    assert evening.guest_reads()[-1] == "Asha from Tiffin, MG Road: No egg in it. Enjoy!"
    assert "Asha answers." in card.text
    assert card.labels == ["Done"]


async def test_whoever_takes_over_is_announced_and_the_second_one_is_told(evening):
    await asks(evening)
    card = evening.group()[-1]
    asha, ravi = evening.cook("Asha"), evening.cook("Ravi")
    take = card.button("Take over").action
    await asha.taps_action(take, card)
    assert evening.guest_reads() == ["Asha from Tiffin, MG Road is with you now."]
    assert (await ravi.taps_action(take, card))[0].text == "Asha answers already."
    assert await asha.taps_action(take, card) == []
    assert len(evening.guest_reads()) == 1


async def test_done_gives_the_chat_back_to_the_bot(evening):
    await talks(evening, human_until_ms=evening.clock.ms() + 1)
    await asks(evening)
    card = evening.group()[-1]
    asha = evening.cook("Asha")
    await asha.replies(card, "One moment")
    assert (await session(evening)).human_until_ms > evening.clock.ms() + 60_000
    await asha.taps("Done", card)
    told = await session(evening)
    assert (told.human_until_ms, told.state) == (0, State.HUMAN)
    assert evening.guest_reads()[-1].startswith("Asha has closed this conversation. I am back")
    assert card.text.endswith("Done, 7:00 pm")
    assert card.labels == []
    assert await evening.services.threads.live(CHAT) is None


async def test_a_guest_who_goes_back_to_the_bot_ends_it_and_the_group_sees_that(evening):
    await talks(evening, human_until_ms=evening.clock.ms() + 60_000)
    await asks(evening)
    await evening.people.release(CHAT)
    assert evening.group()[-1].text.endswith("Done, 7:00 pm")
    await evening.people.release(CHAT)


async def test_an_answer_to_an_old_card_still_reaches_the_guest(evening):
    await asks(evening)
    card, asha = evening.group()[-1], evening.cook("Asha")
    await asha.taps("Done", card)
    await asha.replies(card, "One more thing: it has milk in it")
    assert evening.guest_reads()[-1].endswith("it has milk in it")


async def test_each_message_is_a_card_of_its_own_and_a_repeat_is_none(evening):
    await asks(evening, "Hello?", "u1")
    await asks(evening, "Anybody?", "u2")
    await asks(evening, "Anybody?", "u2")
    assert [("Hello?" in one.text, "Anybody?" in one.text) for one in evening.group()] == [(True, False), (False, True)]
    await evening.cook("Asha").replies(evening.group()[0], "Yes!")
    assert evening.guest_reads()[-1].endswith("Yes!")


async def test_a_reply_delivered_twice_reaches_the_guest_once(evening):
    await asks(evening)
    card, asha = evening.group()[-1], evening.cook("Asha")
    await asyncio.gather(*(asha.replies(card, "No egg.", update="r1") for _ in range(5)))
    assert len(evening.guest_reads()) == 1


async def test_without_the_memory_a_reply_delivered_twice_is_read_twice(evening, monkeypatch):
    async def gone(*_, **__):
        raise StoreError("redis is away")

    await asks(evening)
    card, asha = evening.group()[-1], evening.cook("Asha")
    monkeypatch.setattr(evening.services.conversations, "begin", gone)
    await asyncio.gather(*(asha.replies(card, "No egg.", update="r1") for _ in range(5)))
    assert len(evening.guest_reads()) == 5  # the fake channel knows nothing of ids; one that does shows it once


async def test_talk_that_answers_nothing_of_ours_goes_nowhere(evening):
    order = await evening.new_order()
    await evening.cook("Asha").replies(evening.card(order), "who takes this one?")
    assert evening.guest_reads() == []


async def test_a_stranger_in_the_group_cannot_speak_for_the_house(evening):
    await asks(evening)
    card = evening.group()[-1]
    refused = await evening.stranger().replies(card, "Send me your card number")
    assert "you are not on the list" in refused[0].text
    assert "you are not on the list" in (await evening.stranger().taps("Take over", card))[0].text
    assert evening.guest_reads() == []


async def test_the_other_outlet_neither_sees_nor_answers(evening):
    thread = await asks(evening)
    assert evening.group(INDIRA_GROUP) == []
    dev = evening.cook("Dev", chat=INDIRA_GROUP)
    refused = await dev.taps_action(f"kth|{thread.id}|1")
    assert refused[0].text == "There is no such conversation at this outlet."
    await dev.does(Text("hello"), reply_to=evening.group()[-1].name)
    assert evening.guest_reads() == []


async def test_a_question_about_an_order_goes_where_it_is_cooked(evening):
    order = await evening.new_order()
    await asks(evening, order=order.id, outlet="indira")
    assert "order K 472" in evening.group()[-1].text
    assert evening.group(INDIRA_GROUP) == []


async def test_somebody_elses_order_is_not_spoken_of(evening):
    order = await evening.new_order(customer="cus_john")
    await asks(evening, order=order.id)
    assert "K 472" not in evening.group()[-1].text


async def test_a_guest_who_blocked_the_bot_is_said_to_be_gone(evening):
    await asks(evening)
    card = evening.group()[-1]
    evening.guests_channel.closed.add(CHAT)
    gone = await evening.cook("Asha").replies(card, "Hello?")
    assert gone[0].text == "Meera cannot be reached in this chat any more."
    evening.guests_channel.closed.clear()
    evening.guests_channel.away = True
    failed = await evening.cook("Asha").replies(card, "Hello?")
    assert failed[0].text == "That did not reach Meera just now. Please send it again."
    evening.guests_channel.away = False
    await evening.cook("Asha").replies(card, "Hello again")
    assert evening.guest_reads() == ["Asha from Tiffin, MG Road: Hello again"]


@pytest.mark.parametrize("why", ["away", "no group"])
async def test_when_nobody_can_be_reached_the_guest_is_not_told_otherwise(evening, why):
    if why == "away":
        evening.groups_channel.away = True
    else:
        await evening.services.outlets.alter(MG_ROAD, lambda it: it.model_copy(update={"groups": ()}))
    with pytest.raises(NobodyThere) as raised:
        await asks(evening)
    assert raised.value.phone == "+918041234567"


async def test_markup_in_an_answer_is_text(evening):
    await asks(evening, "<b>*hi*</b> {name}")
    card = evening.group()[-1]
    assert "“<b>*hi*</b> {name}”" in card.text
    await evening.cook("Asha").replies(card, "*yes* _{x}_ <i>\u202e\0")
    assert evening.guest_reads()[-1] == "Asha from Tiffin, MG Road: *yes* _{x}_ <i>"
    assert await evening.cook("Asha").replies(card, "\u200b  ") == []
