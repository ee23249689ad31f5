from typing import Any

import pytest

from bot.channels.telegram.events import BotAdded, BotRemoved, GroupMigrated, MembersJoined
from bot.channels.telegram.incoming import Me, read
from bot.channels.telegram.keys import chat_key, handle_of
from bot.channels.telegram.markup import mark_of
from bot.conversation.incoming import Contact, Incoming, Left, Location, Media, Start, Tap, Text

ME = Me(7, "tiffin_test_bot")
ASHA = {"id": 42, "is_bot": False, "first_name": "Asha", "last_name": "Rao", "language_code": "hi-IN"}
PRIVATE = {"id": 42, "type": "private", "first_name": "Asha"}
GROUP = {"id": -100, "type": "group", "title": "Kitchen"}
OUR_MESSAGE = {"message_id": 9, "from": {"id": 7, "is_bot": True}, "chat": PRIVATE, "date": 1, "text": "Menu"}


@pytest.fixture
def understood(clock):
    def understand(**update: Any):
        return read({"update_id": 1001, **update}, ME, clock)

    return understand


@pytest.fixture
def said(understood):
    def say(chat=PRIVATE, sender=ASHA, **content: Any):
        return understood(message={"message_id": 5, "from": sender, "chat": chat, "date": 1_772_434_800, **content})

    return say


def test_a_message_says_who_where_when_and_in_which_language(said):
    heard = said(text="2 masala dosa")
    assert heard.content == Text("2 masala dosa")
    assert (heard.channel, heard.handle, heard.chat, heard.update_id) == (
        "telegram",
        "telegram:42",
        "telegram:42",
        "1001",
    )
    assert (heard.name, heard.language_hint, heard.sent_at.year) == ("Asha Rao", "hi-IN", 2026)


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("/start", Start("")),
        ("/start t_Zm9v", Start("t_Zm9v")),
        ("/start@Tiffin_Test_Bot o_mgroad", Start("o_mgroad")),
        ("/start " + "x" * 300, Start("x" * 64)),
        ("/menu", Text("/menu")),
        ("/menu@tiffin_test_bot", Text("/menu")),
        ("/soldout@tiffin_test_bot masala dosa", Text("/soldout masala dosa")),
        ("half \ud83d a smiley\0", Text("half ? a smiley")),
    ],
)
def test_commands_come_without_our_name_and_start_with_its_payload(said, text, content):
    assert said(text=text).content == content


def test_a_command_for_another_bot_is_none_of_ours(said):
    assert said(chat=GROUP, text="/orders@other_bot") is None


OWN_CARD = {"phone_number": "919876543210", "first_name": "Asha", "user_id": 42}
FORWARD = {"forward_origin": {"type": "hidden_user", "sender_user_name": "Asha", "date": 1}}


@pytest.mark.parametrize(
    ("message", "contact"),
    [
        ({"contact": OWN_CARD}, Contact("+919876543210", True)),
        ({"contact": {**OWN_CARD, "phone_number": "+919876543210"}}, Contact("+919876543210", True)),
        ({"contact": {**OWN_CARD, "user_id": 43}}, Contact("919876543210", False)),
        ({"contact": {"phone_number": "098765 43210", "first_name": "Asha"}}, Contact("098765 43210", False)),
        ({"contact": OWN_CARD, **FORWARD}, Contact("919876543210", False)),
        ({"contact": OWN_CARD, "chat": GROUP}, Contact("919876543210", False)),
    ],
)
def test_only_the_senders_own_card_sent_by_themselves_proves_a_phone(said, message, contact):
    assert said(**message).content == contact


def test_a_place_is_a_location_whether_sent_alone_or_with_its_name(said):
    place = {"latitude": 12.97, "longitude": 77.6}
    assert said(location=place).content == Location(12.97, 77.6)
    assert said(location=place, venue={"location": place, "title": "Home"}).content == Location(12.97, 77.6)


@pytest.mark.parametrize("kind", ["photo", "voice", "sticker", "document", "video_note", "poll"])
def test_what_cannot_be_read_is_named_with_its_caption(said, kind):
    assert said(**{kind: [{"file_id": "x"}]}, caption="this one").content == Media(kind, "this one")


@pytest.mark.parametrize("kind", ["edited_message", "channel_post", "edited_channel_post", "poll", "chat_member"])
def test_edits_channels_and_live_locations_on_the_move_are_passed_over(understood, kind):
    message = {"message_id": 5, "from": ASHA, "chat": PRIVATE, "date": 1, "location": {"latitude": 1, "longitude": 2}}
    assert understood(**{kind: message}) is None


@pytest.mark.parametrize(
    "message",
    [
        {"from": {"id": 7, "is_bot": True}, "text": "ours"},
        {"pinned_message": OUR_MESSAGE},
        {"new_chat_title": "Kitchen 2"},
        {"chat": {"id": -5, "type": "channel"}, "text": "news"},
    ],
)
def test_our_own_messages_and_the_noise_of_groups_are_passed_over(understood, message):
    assert understood(message={"message_id": 5, "from": ASHA, "chat": GROUP, "date": 1, **message}) is None


def test_a_tap_brings_its_action_and_names_the_message_it_was_on(understood):
    heard = understood(
        callback_query={"id": "77", "from": ASHA, "message": OUR_MESSAGE, "data": f"add|dosa~{mark_of('abc-0')}"}
    )
    assert (heard.content, heard.message, heard.chat) == (Tap("add|dosa"), "9", "telegram:42")
    assert heard.extra == {"callback": "77", "chat_type": "private", "mark": mark_of("abc-0")}


def test_a_tap_on_a_picture_says_which(understood):
    photo = [{"file_id": "a", "file_unique_id": "small"}, {"file_id": "b", "file_unique_id": "large"}]
    message = {**OUR_MESSAGE, "photo": photo}
    assert (
        understood(callback_query={"id": "1", "from": ASHA, "message": message, "data": "x"}).extra["picture"]
        == "large"
    )


@pytest.mark.parametrize("message", [None, {"chat": PRIVATE, "message_id": 9, "date": 0}])
def test_a_tap_whose_message_is_gone_is_still_a_tap(understood, message):
    heard = understood(
        callback_query={"id": "1", "from": ASHA, "data": "menu", **({"message": message} if message else {})}
    )
    assert (heard.content, heard.message, heard.chat, heard.handle) == (Tap("menu"), "", "telegram:42", "telegram:42")


def test_a_tap_without_data_is_a_tap_on_nothing(understood):
    assert understood(callback_query={"id": "1", "from": ASHA, "game_short_name": "chess"}).content == Tap("")


def test_an_answer_names_the_message_it_answers(said):
    assert said(chat=GROUP, text="two minutes", reply_to_message=OUR_MESSAGE).reply_to == "9"


def test_a_forwarded_message_says_so(said):
    assert said(text="Accept", **FORWARD).extra["forwarded"] == "1"


def test_a_topic_of_a_forum_is_kept_and_a_chain_of_replies_is_not(said):
    forum = {"id": -1_000_000_000_100, "type": "supergroup", "title": "Kitchen"}
    assert said(chat=forum, text="x", message_thread_id=3, is_topic_message=True).extra["topic"] == "3"
    assert "topic" not in said(chat=forum, text="x", message_thread_id=3).extra


@pytest.mark.parametrize(
    "message",
    [
        {"from": {"id": 1087968824, "is_bot": True, "first_name": "Group"}, "sender_chat": GROUP},
        {
            "from": {"id": 136817688, "is_bot": True, "first_name": "Channel"},
            "sender_chat": {"id": -5, "type": "channel"},
        },
        {"from": {"id": 1087968824, "is_bot": True, "first_name": "Group"}},
    ],
)
def test_who_hides_behind_a_group_or_a_channel_is_nobody_staff_could_be(understood, message):
    heard = understood(message={"message_id": 5, "chat": GROUP, "date": 1, "text": "/pause", **message})
    assert (heard.handle, heard.extra["anonymous"]) == ("telegram:anon", "1")


def test_another_bot_has_a_name_no_person_can_have(said):
    heard = said(chat=GROUP, sender={"id": 99, "is_bot": True, "first_name": "Spy"}, text="/pause")
    assert (heard.handle, heard.extra["bot"]) == ("telegram:bot-99", "1")


def _membership(chat, was, now):
    return {
        "chat": chat,
        "from": ASHA,
        "date": 1,
        "old_chat_member": {"user": {"id": 7}, "status": was},
        "new_chat_member": {"user": {"id": 7}, "status": now},
    }


def test_who_blocks_the_bot_has_left(understood):
    heard = understood(my_chat_member=_membership(PRIVATE, "member", "kicked"))
    assert isinstance(heard, Incoming)
    assert (heard.content, heard.handle) == (Left(), "telegram:42")
    assert understood(my_chat_member=_membership(PRIVATE, "kicked", "member")) is None


@pytest.mark.parametrize(
    ("was", "now", "kind"),
    [
        ("left", "member", BotAdded),
        ("kicked", "administrator", BotAdded),
        ("administrator", "kicked", BotRemoved),
        ("member", "left", BotRemoved),
        ("member", "administrator", type(None)),
    ],
)
def test_being_let_into_a_group_and_thrown_out_are_events(understood, was, now, kind):
    event = understood(my_chat_member=_membership(GROUP, was, now))
    assert isinstance(event, kind)
    if event is not None:
        assert (event.chat, event.title, event.by, event.name) == (
            "telegram:-100",
            "Kitchen",
            "telegram:42",
            "Asha Rao",
        )


def test_a_group_that_becomes_a_supergroup_is_told_from_both_sides(said):
    moved = GroupMigrated(chat_key(-100), chat_key(-1_000_000_000_100))
    assert said(chat=GROUP, migrate_to_chat_id=-1_000_000_000_100) == moved
    new = {"id": -1_000_000_000_100, "type": "supergroup", "title": "Kitchen"}
    assert said(chat=new, migrate_from_chat_id=-100) == moved


def test_people_who_join_are_named_and_we_are_not_among_them(said):
    joined = [
        {"id": 50, "is_bot": False, "first_name": "Eve"},
        {"id": 51, "is_bot": True, "first_name": "Spy"},
        {"id": 7},
    ]
    joining = MembersJoined(chat_key(-100), handle_of(42), ((handle_of(50), "Eve"), (handle_of(51, bot=True), "Spy")))
    assert said(chat=GROUP, new_chat_members=joined) == joining
    removed = BotRemoved(chat_key(-100), "Kitchen", handle_of(42), "Asha Rao")
    assert said(chat=GROUP, left_chat_member={"id": 7}) == removed


def test_ids_of_52_bits_are_kept_to_the_last_digit(said):
    big = 2**52 - 1
    heard = said(chat={**PRIVATE, "id": big}, sender={**ASHA, "id": big}, text="hello")
    assert (heard.handle, heard.chat) == (f"telegram:{big}", f"telegram:{big}")
