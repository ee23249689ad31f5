"""Whatever arrives, in whatever order, the guest gets an answer and nothing breaks."""

import os
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.conversation.actions import Action
from bot.conversation.incoming import Contact, Content, Incoming, Left, Location, Media, Start, Tap, Text
from bot.conversation.reply import Outgoing
from core.ids import ChatKey, Handle
from tests.house import House

EXAMPLES = int(os.environ.get("TIFFIN_EVENT_RUNS", "110"))
EVENTS = 100  # a run; 110 runs of at least 92 events on average make more than 10,000
SORRY = "Something went wrong on our side"
_numbers = count()

words = st.sampled_from(
    [
        *("menu", "cart", "checkout", "track", "cancel", "help", "stop", "hello", "orders", "the usual", "back"),
        *("2 masala dosa", "paneer tikka half and 3 naan", "remove the naan", "12 Church Street, Bengaluru, 560001"),
        *("9876543210", "1234567890", "123456", "T4", "560001", "56000", "WELCOME50", "-1", "0", "1e9", "1000000000"),
        *('{"$gt": ""}', "<b>bold</b>", "*bold* _it_", "\u202eevil", "a\x00b", "🍛" * 40, "x" * 10_000, "", " ", "१२"),
        *("ek plate idli aur do chai", "दो मसाला डोसा", "my food is late!!", "I am allergic to nuts"),
    ]
)
forged = st.one_of(
    st.text(max_size=70),
    st.sampled_from(sorted(Action._registry)).flatmap(
        lambda tag: st.lists(st.text(alphabet="abc019-._ord|", max_size=12), max_size=4).map(
            lambda parts: "|".join([tag, *parts])
        )
    ),
)
events: st.SearchStrategy[Content | int] = st.one_of(
    st.integers(0, 60),  # a button of what was shown last, mostly
    st.integers(0, 60),
    st.integers(0, 60),
    st.one_of(words, st.text(max_size=120)).map(Text),
    forged.map(Tap),
    st.builds(Location, st.floats(allow_nan=True), st.floats(allow_infinity=True)),
    st.builds(Location, st.just(12.97), st.just(77.6)),
    st.builds(Contact, st.sampled_from(["+919876543210", "98765", "", "abc", "+14155550100"]), st.booleans()),
    st.builds(Start, st.sampled_from(["", "o_mgroad", "t_mgroad-T4", "t_x-T99", "r_nothing", "_", "-"])),
    st.builds(Media, st.sampled_from(["photo", "voice"]), st.sampled_from(["", "2 idli"])),
)


@pytest.mark.timeout(600)
@given(run=st.lists(events, min_size=EVENTS - 8, max_size=EVENTS))
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
async def test_ten_thousand_random_events_never_break_a_turn(house: House, run: list[Content | int]):
    number = next(_numbers)
    handle = f"webchat:anyone{number}"
    shown: tuple[Outgoing, ...] = ()
    for n, event in enumerate(run):
        content = _button(shown, event) if isinstance(event, int) else event
        answer = await house.runtime.router.handle(
            Incoming(
                channel="webchat",
                handle=Handle(handle),
                chat=ChatKey(handle),
                update_id=str(n),
                content=content,
                sent_at=house.clock.now(),
            )
        )
        assert SORRY not in "".join(reply.text.plain for reply in answer), content
        assert all(reply.text for reply in answer), content
        shown = answer or shown


def _button(shown: tuple[Outgoing, ...], n: int) -> Content:
    actions = [button.action for reply in shown for row in reply.buttons for button in row if button.action]
    return Tap(actions[n % len(actions)]) if actions else Text("menu")


async def test_a_guest_who_left_gets_no_answer(house: House):
    incoming = Incoming("webchat", Handle("webchat:gone"), ChatKey("webchat:gone"), "1", Left(), house.clock.now())
    assert await house.runtime.router.handle(incoming) == ()
