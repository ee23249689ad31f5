"""One turn at a time in a chat, over all replicas, on the real store."""

import asyncio

import pytest

from core.conversations.store import ANSWERS_KEPT, SEEN_KEPT, Begun, Busy, ConversationStore, Repeated
from core.ids import ChatKey
from tests.twins import without_guard

CHAT = ChatKey("webchat:asha")


@pytest.fixture
def turns(redis):
    return ConversationStore(redis)


async def finish(turns, update, *, version=0, state="s", answer="a", token="t"):
    return await turns.end(CHAT, update, token, version=version, state=state, answer=answer)


async def test_a_new_chat_begins_with_nothing(turns):
    assert await turns.begin(CHAT, "u1", "t") == Begun(version=0, state="")


async def test_what_was_saved_is_there_for_the_next_turn(turns):
    await turns.begin(CHAT, "u1", "t")
    assert await finish(turns, "u1", state='{"state":"cart"}')
    assert await turns.begin(CHAT, "u2", "t2") == Begun(version=1, state='{"state":"cart"}')


async def test_an_update_seen_before_repeats_its_answer_word_for_word(turns):
    await turns.begin(CHAT, "u1", "t")
    await finish(turns, "u1", answer='[{"i":"x"}]')
    assert await turns.begin(CHAT, "u1", "t2") == Repeated(answer='[{"i":"x"}]')


async def test_an_old_answer_is_forgotten_before_the_update_is(turns):
    for n in range(ANSWERS_KEPT + 1):
        await turns.begin(CHAT, f"u{n}", "t")
        await finish(turns, f"u{n}", version=n, answer=f"a{n}")
    assert await turns.begin(CHAT, "u0", "t") == Repeated(answer="")


async def test_updates_are_a_set_and_not_a_maximum(turns):
    await turns.begin(CHAT, "900", "t")
    await finish(turns, "900")
    assert isinstance(await turns.begin(CHAT, "7", "t"), Begun)


async def test_the_memory_of_updates_stays_small(turns, redis):
    for n in range(SEEN_KEPT + 20):
        await turns.begin(CHAT, f"u{n}", "t")
        await finish(turns, f"u{n}", version=n)
    assert await redis.zcard(turns.keys(CHAT)[2]) == SEEN_KEPT


async def test_everything_kept_of_a_chat_has_an_end(turns, redis):
    await turns.begin(CHAT, "u1", "t")
    await finish(turns, "u1")
    session, lock, seen, answers = turns.keys(CHAT)
    assert not await redis.exists(lock)
    for key in (session, seen, answers):
        assert await redis.pttl(key) > 0, key


async def test_while_one_turn_runs_another_waits(turns):
    await turns.begin(CHAT, "u1", "t")
    assert isinstance(await turns.begin(CHAT, "u2", "t2"), Busy)
    await finish(turns, "u1")
    assert isinstance(await turns.begin(CHAT, "u2", "t2"), Begun)


async def test_a_turn_given_up_is_handled_when_it_comes_again(turns):
    await turns.begin(CHAT, "u1", "t")
    await turns.abandon(CHAT, "t")
    assert isinstance(await turns.begin(CHAT, "u1", "t2"), Begun)


async def test_giving_up_does_not_take_the_turn_from_somebody_else(turns):
    await turns.begin(CHAT, "u1", "mine")
    await turns.abandon(CHAT, "someone else's")
    assert isinstance(await turns.begin(CHAT, "u2", "t"), Busy)


async def outlive_the_lock(turns, redis) -> tuple[bool, Begun]:
    """A slow turn loses its lock; a second turn saves; then the slow one ends."""
    slow = await turns.begin(CHAT, "slow", "slow")
    await redis.delete(turns.keys(CHAT)[1])
    quick = await turns.begin(CHAT, "quick", "quick")
    await turns.end(CHAT, "quick", "quick", version=quick.version, state="quick's", answer="")
    saved = await turns.end(CHAT, "slow", "slow", version=slow.version, state="slow's", answer="")
    return saved, await turns.begin(CHAT, "next", "next")


async def test_a_turn_that_outlived_its_lock_never_overwrites_a_later_one(turns, redis):
    saved, after = await outlive_the_lock(turns, redis)
    assert not saved
    assert after.state == "quick's"


async def test_without_the_version_check_the_slow_turn_would_win(redis):
    class Unguarded(ConversationStore):
        def __init__(self, redis):
            super().__init__(redis)
            self._end = without_guard(self._end, "== tonumber(ARGV[2])", "~= -1")

    _, after = await outlive_the_lock(Unguarded(redis), redis)
    assert after.state == "slow's"


async def count_turns(turns) -> int:
    """Twenty turns at once, each adding one to a number kept in the state."""

    async def one(n: int) -> None:
        while True:
            begun = await turns.begin(CHAT, f"u{n}", f"t{n}")
            if isinstance(begun, Begun):
                break
            await asyncio.sleep(0.002)
        await asyncio.sleep(0.001)
        await turns.end(CHAT, f"u{n}", f"t{n}", version=begun.version, state=str(int(begun.state or 0) + 1), answer="")

    await asyncio.gather(*(one(n) for n in range(20)))
    after = await turns.begin(CHAT, "end", "end")
    return int(after.state)


async def test_twenty_turns_at_once_happen_one_after_another(turns):
    assert await count_turns(turns) == 20


async def test_without_the_lock_turns_are_lost(redis):
    class Unlocked(ConversationStore):
        def __init__(self, redis):
            super().__init__(redis)
            self._begin = without_guard(self._begin, "'NX', ", "")

    assert await count_turns(Unlocked(redis)) < 20


async def test_a_long_turn_keeps_its_lock_and_nobody_elses(turns, redis):
    lock = turns.keys(CHAT)[1]
    await turns.begin(CHAT, "u1", "mine")
    await redis.pexpire(lock, 50)
    assert await turns.renew(CHAT, "mine")
    assert await redis.pttl(lock) > 1000
    assert not await turns.renew(CHAT, "another's")
    await finish(turns, "u1", token="mine")
    assert not await turns.renew(CHAT, "mine")


async def test_forgetting_a_chat_leaves_nothing(turns, redis):
    await turns.begin(CHAT, "u1", "t")
    await finish(turns, "u1")
    await turns.forget(CHAT)
    assert not await redis.exists(*turns.keys(CHAT))
