import asyncio
from datetime import timedelta

import pytest

from core.connections import ensure_indexes
from core.errors import NotFound
from core.ids import ChatKey, CustomerId, Handle, OrderId, OutletId
from core.threads.models import LINES_KEPT, ThreadId, ThreadState
from core.threads.service import ThreadService
from core.threads.store import INDEXES, ThreadStore

CHAT = ChatKey("webchat:meera")
GROUP = ChatKey("telegram:-1001")
ASHA, RAVI = Handle("telegram:1"), Handle("telegram:2")


@pytest.fixture
async def threads(mongo, clock):
    await ensure_indexes(mongo, INDEXES)
    return ThreadService(store=ThreadStore(mongo), clock=clock)


def writes(threads, key, text, chat=CHAT, **more):
    about = {
        "chat": chat,
        "customer": CustomerId(f"cus_{chat}"),
        "outlet": OutletId("mgroad"),
        "guest_name": "Meera",
        "language": "en",
    }
    return threads.write(key, text, **(about | more))


async def test_what_a_guest_writes_in_a_row_is_one_conversation(threads):
    first = await writes(threads, "u1", "Is the paneer fresh?")
    second = await writes(threads, "u2", "And the naan?")
    assert second.id == first.id
    assert [line.text for line in second.lines] == ["Is the paneer fresh?", "And the naan?"]
    assert [line.n for line in second.lines] == [1, 2]


async def test_a_message_delivered_twice_is_written_once(threads):
    await writes(threads, "u1", "Hello?")
    again = await writes(threads, "u1", "Hello?")
    assert len(again.lines) == 1


async def test_ten_first_messages_at_once_open_one_conversation(threads, mongo):
    written = await asyncio.gather(*(writes(threads, f"u{n}", f"line {n}") for n in range(10)))
    assert len({thread.id for thread in written}) == 1
    assert await mongo["threads"].count_documents({}) == 1
    live = await threads.live(CHAT)
    assert sorted(line.text for line in live.lines) == sorted(f"line {n}" for n in range(10))


async def test_without_the_unique_index_ten_first_messages_open_several_conversations(mongo, clock):
    threads = ThreadService(store=ThreadStore(mongo), clock=clock)  # the guard is the index, and it is missing
    await asyncio.gather(*(writes(threads, f"u{n}", f"line {n}") for n in range(10)))
    assert await mongo["threads"].count_documents({}) > 1


async def test_two_guests_have_two_conversations(threads):
    meera = await writes(threads, "u1", "Hi")
    john = await writes(threads, "u1", "Hi", chat=ChatKey("webchat:john"))
    assert meera.id != john.id


async def test_the_order_last_spoken_of_is_what_it_is_about(threads):
    await writes(threads, "u1", "Hi")
    thread = await writes(threads, "u2", "Where is it?", order=OrderId("ord_1"), order_code="K 472")
    assert thread.order_code == "K 472"
    thread = await writes(threads, "u3", "Hello?")
    assert thread.order_code == "K 472"


async def test_whoever_takes_it_first_keeps_it(threads):
    thread = await writes(threads, "u1", "Hi")
    taken = await asyncio.gather(threads.take(thread.id, ASHA, "Asha"), threads.take(thread.id, RAVI, "Ravi"))
    assert taken[0].taken_name == taken[1].taken_name
    assert (await threads.require(thread.id)).state is ThreadState.TAKEN


async def test_the_first_to_answer_has_taken_it_and_answers_are_kept_once(threads):
    thread = await writes(threads, "u1", "Hi")
    await threads.answer(thread.id, "a1", "Hello Meera", RAVI, "Ravi")
    thread = await threads.answer(thread.id, "a1", "Hello Meera", RAVI, "Ravi")
    assert (thread.taken_name, len(thread.lines)) == ("Ravi", 2)


async def test_after_the_end_the_next_message_opens_a_new_conversation(threads):
    first = await writes(threads, "u1", "Hi")
    ended = await threads.end(first.id)
    assert ended.state is ThreadState.DONE
    assert await threads.live(CHAT) is None
    assert (await writes(threads, "u2", "One more thing")).id != first.id
    assert await threads.end_in(ChatKey("webchat:nobody")) is None


async def test_an_answer_to_a_conversation_that_is_over_does_not_open_it_again(threads):
    thread = await writes(threads, "u1", "Hi")
    await threads.end(thread.id)
    thread = await threads.answer(thread.id, "a1", "Sorry, was away", ASHA, "Asha")
    assert (thread.state, thread.lines[-1].text) == (ThreadState.DONE, "Sorry, was away")


async def test_a_long_conversation_keeps_its_last_lines_and_its_count(threads):
    for n in range(LINES_KEPT + 5):
        thread = await writes(threads, f"u{n}", f"line {n}")
    assert (len(thread.lines), thread.lines_n) == (LINES_KEPT, LINES_KEPT + 5)
    assert thread.line(1) is None
    assert thread.line(LINES_KEPT + 5).text == f"line {LINES_KEPT + 4}"


async def test_a_reply_to_any_message_of_ours_leads_back_to_its_conversation(threads):
    thread = await writes(threads, "u1", "Hi")
    await threads.posted(GROUP, f"thread-{thread.id}-1", "9001", thread=thread.id)
    await threads.posted(GROUP, "board-mgroad", "9002")
    assert (await threads.thread_of(GROUP, "9001")).id == thread.id
    assert await threads.thread_of(GROUP, "9002") is None
    assert await threads.thread_of(ChatKey("telegram:-1002"), "9001") is None


async def test_the_newest_name_of_a_post_is_the_one_that_is_edited(threads):
    await threads.posted(GROUP, "board-mgroad", "1")
    await threads.posted(GROUP, "board-mgroad", "2")
    assert (await threads.post(GROUP, "board-mgroad")).message == "2"
    assert await threads.post(GROUP, "card-ord_1") is None


async def test_an_answer_that_redrew_a_post_is_remembered_and_one_that_redrew_a_copy_is_not(threads):
    await threads.posted(GROUP, "card-ord_1", "1", reads="new")
    await threads.redrawn(GROUP, "card-ord_1", "7", answer="a1", reads="copy")
    await threads.redrawn(GROUP, "card-ord_1", "", answer="a1", reads="copy")
    await threads.redrawn(GROUP, "card-ord_2", "1", answer="a1", reads="other")
    assert (await threads.post(GROUP, "card-ord_1")).reads == "new"
    await threads.redrawn(GROUP, "card-ord_1", "1", answer="a2", reads="accepted")
    await threads.redrawn(GROUP, "card-ord_1", "a2", answer="a3", reads="ready")
    post = await threads.post(GROUP, "card-ord_1")
    assert (post.message, post.also, post.reads) == ("1", "a3", "ready")
    await threads.posted(GROUP, "card-ord_1", "2", reads="out")
    post = await threads.post(GROUP, "card-ord_1")
    assert (post.message, post.also, post.reads) == ("2", "", "out")


async def test_who_asks_to_be_forgotten_leaves_no_conversation(threads, mongo):
    thread = await writes(threads, "u1", "I live at 12 Church Street")
    await threads.erase(thread.customer)
    assert await mongo["threads"].count_documents({}) == 0
    with pytest.raises(NotFound):
        await threads.require(ThreadId(thread.id))


async def test_conversations_that_ended_long_ago_are_removed_and_live_ones_stay(threads, clock):
    old = await writes(threads, "u1", "Hi")
    await threads.end(old.id)
    await threads.posted(GROUP, "card-ord_1", "1")
    clock.advance(timedelta(days=40))
    live = await writes(threads, "u2", "Hi again")
    before = clock.ms() - timedelta(days=30) // timedelta(milliseconds=1)
    assert await threads.forget_before(before) == 2
    assert (await threads.live(CHAT)).id == live.id
