import pytest

from bot.channels.webchat.sessions import Sessions, kitchen_chat
from core.errors import NotFound
from core.ids import OutletId
from tests.conftest import make_settings

MGROAD = OutletId("mgroad")


@pytest.fixture
def sessions():
    return Sessions(make_settings())


@pytest.fixture
def demo_sessions():
    return Sessions(make_settings(demo=True))


def test_a_session_leads_to_the_same_chat_each_time_and_two_sessions_to_two(sessions):
    mine, yours = sessions.new(), sessions.new()
    assert sessions.check(mine).chat == sessions.check(mine).chat != sessions.check(yours).chat


def test_a_chats_name_gives_away_nothing_that_opens_it(sessions):
    session = sessions.new()
    chat = sessions.check(session).chat
    channel, _, name = chat.partition(":")
    assert channel == "webchat"
    assert len(name) == 16
    assert int(name, 16) >= 0
    assert name not in session
    with pytest.raises(NotFound):
        sessions.check(name)


def test_a_session_outlives_a_restart_of_the_house_but_opens_no_other_house(sessions):
    session = sessions.new()
    assert Sessions(make_settings()).check(session) == sessions.check(session)
    with pytest.raises(NotFound):
        Sessions(make_settings(jwt_secret="another-house-signs-with-7c1e9a4f2b6d")).check(session)


@pytest.mark.parametrize(
    "forge",
    [
        lambda session: "",
        lambda session: ".",
        lambda session: "a.",
        lambda session: ".a",
        lambda session: session.split(".")[0],
        lambda session: session[:-1] + ("A" if session[-1] != "A" else "B"),
        lambda session: "A" + session[1:] if session[0] != "A" else "B" + session[1:],
        lambda session: session + "A",
        lambda session: "\0" + session,
        lambda session: session.replace(".", "।"),
        lambda session: "x" * 10_000,
        lambda session: "kitchen-mgroad." + session.split(".")[1],
    ],
)
def test_a_forged_session_is_as_if_it_did_not_exist(demo_sessions, forge):
    with pytest.raises(NotFound):
        demo_sessions.check(forge(demo_sessions.new()))


def test_the_demo_hands_out_the_groups_sessions(demo_sessions):
    session = demo_sessions.check(demo_sessions.kitchen(MGROAD))
    assert session.kitchen
    assert session.chat == session.handle == kitchen_chat(MGROAD) == "webchat:kitchen-mgroad"


def test_outside_the_demo_a_groups_session_opens_nothing(sessions, demo_sessions):
    with pytest.raises(NotFound):
        sessions.check(demo_sessions.kitchen(MGROAD))


def test_one_outlets_group_session_does_not_open_anothers(demo_sessions):
    stolen = demo_sessions.kitchen(MGROAD).replace("mgroad", "indiranagar")
    with pytest.raises(NotFound):
        demo_sessions.check(stolen)
