import asyncio
from contextlib import aclosing

import pytest

from core.ids import ChatKey
from core.mailbox.store import KEPT, MailboxStore

CHAT = ChatKey("webchat:5f1d0c9a77e2b3a4")
OTHER = ChatKey("webchat:kitchen-mgroad")


@pytest.fixture
def mailbox(redis):
    return MailboxStore(redis)


async def test_messages_wait_in_their_order_and_only_for_their_chat(mailbox):
    for text in ("accepted", "ready", "delivered"):
        await mailbox.post(CHAT, text)
    await mailbox.post(OTHER, "card")

    assert [text for _, text in await mailbox.read(CHAT)] == ["accepted", "ready", "delivered"]
    assert [text for _, text in await mailbox.read(OTHER)] == ["card"]


async def test_reading_goes_on_behind_the_last_place_seen(mailbox):
    first = await mailbox.post(CHAT, "accepted")
    await mailbox.post(CHAT, "ready")
    assert [text for _, text in await mailbox.read(CHAT, first)] == ["ready"]


@pytest.mark.parametrize("place", ["", "-", "+", "$", "nonsense", "1", "1-", "9" * 40 + "-1", "१-१", "0-0 COUNT 1"])
async def test_a_place_that_is_none_reads_from_the_beginning(mailbox, place):
    await mailbox.post(CHAT, "accepted")
    assert [text for _, text in await mailbox.read(CHAT, place)] == ["accepted"]


async def test_a_mailbox_is_bounded_and_forgotten_after_a_day(mailbox, redis):
    for n in range(KEPT * 2):
        await mailbox.post(CHAT, str(n))
    assert await redis.xlen(mailbox.key(CHAT)) < KEPT * 2
    assert (await mailbox.read(CHAT, limit=1000))[-1][1] == str(KEPT * 2 - 1)
    assert 23 * 3600 < await redis.ttl(mailbox.key(CHAT)) <= 24 * 3600


async def test_whoever_listens_is_told_which_chat_got_something(mailbox):
    async with aclosing(mailbox.wakes()) as wakes:
        assert await anext(wakes) is None  # whatever came before the line was up
        await mailbox.post(OTHER, "card")
        assert await asyncio.wait_for(anext(wakes), 5) == OTHER


async def test_a_line_that_breaks_is_picked_up_again_and_says_that_something_may_be_missed(mailbox, redis):
    async with aclosing(mailbox.wakes()) as wakes:
        assert await anext(wakes) is None
        listening = asyncio.create_task(anext(wakes))
        await asyncio.sleep(0.1)
        await redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
        assert await asyncio.wait_for(listening, 5) is None
        await mailbox.post(CHAT, "accepted")
        assert await asyncio.wait_for(anext(wakes), 5) == CHAT


async def test_a_quiet_line_is_kept_up(mailbox, monkeypatch):
    from datetime import timedelta

    monkeypatch.setattr("core.mailbox.store.LISTEN", timedelta(seconds=0.1))
    async with aclosing(mailbox.wakes()) as wakes:
        assert await anext(wakes) is None
        listening = asyncio.create_task(anext(wakes))
        await asyncio.sleep(0.6)  # six pings and their answers
        assert not listening.done()
        await mailbox.post(CHAT, "accepted")
        assert await asyncio.wait_for(listening, 5) == CHAT
