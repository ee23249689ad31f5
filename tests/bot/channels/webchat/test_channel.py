import asyncio
import json

import pytest

from bot.channels.webchat.channel import WebchatChannel
from bot.channels.webchat.listeners import MAX_A_CHAT, Listeners, TooManyPages
from bot.conversation.reply import Outgoing
from bot.conversation.text import Text
from core.ids import ChatKey
from core.mailbox.store import MailboxStore

CHAT = ChatKey("webchat:5f1d0c9a77e2b3a4")
OTHER = ChatKey("webchat:00000000000000aa")


@pytest.fixture
def mailbox(redis):
    return MailboxStore(redis)


@pytest.fixture
async def listeners(mailbox):
    listeners = Listeners(mailbox)
    async with listeners.running():
        with listeners.listening(CHAT) as wake:  # the line is up once it has woken everybody for the first time
            await asyncio.wait_for(wake.wait(), 5)
        yield listeners


async def test_what_is_sent_waits_in_the_shape_of_an_answer_under_its_own_name(mailbox):
    sent = await WebchatChannel(mailbox).send(CHAT, Outgoing(id="ord-1", text=Text.of("Accepted")))
    ((_, message),) = await mailbox.read(CHAT)
    (reply,) = json.loads(message)["replies"]
    assert sent == reply["id"] == "ord-1"
    assert reply["text"] == "Accepted"


async def test_every_open_page_of_the_chat_is_woken_and_no_other(mailbox, listeners):
    with listeners.listening(CHAT) as here, listeners.listening(CHAT) as there, listeners.listening(OTHER) as other:
        await WebchatChannel(mailbox).send(CHAT, Outgoing(id="m1", text=Text.of("Ready")))
        await asyncio.wait_for(asyncio.gather(here.wait(), there.wait()), 5)
        assert not other.is_set()


async def test_a_page_in_another_replica_is_woken_too(mailbox, listeners):
    elsewhere = Listeners(mailbox)
    async with elsewhere.running():
        with elsewhere.listening(CHAT) as wake:
            await asyncio.wait_for(wake.wait(), 5)
            wake.clear()
            await mailbox.post(CHAT, "{}")
            await asyncio.wait_for(wake.wait(), 5)


async def test_nothing_is_kept_of_pages_that_closed(listeners):
    with listeners.listening(CHAT), listeners.listening(OTHER):
        assert listeners.count == 2
    assert listeners.count == 0


async def test_one_chat_in_too_many_windows_is_told_to_wait(listeners):
    from contextlib import ExitStack

    with ExitStack() as pages:
        for _ in range(MAX_A_CHAT):
            pages.enter_context(listeners.listening(CHAT))
        with pytest.raises(TooManyPages), listeners.listening(CHAT):
            pass
        with listeners.listening(OTHER):
            pass
    with listeners.listening(CHAT):
        pass
