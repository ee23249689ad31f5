"""The chat API at its edges: forged, repeated, hasty, oversized and broken requests."""

import asyncio

import pytest

from bot.screens.taps import OpenPhone
from tests.webhooks.asking import send
from tests.webhooks.conftest import FLOOD_EVENTS


async def test_a_new_guest_gets_a_session_and_a_first_screen_with_buttons(http, session):
    status, answer = await send(http, session, {"id": "e1", "type": "start"})
    assert status == 200
    (reply,) = answer["replies"]
    assert set(reply) == {"id", "text", "marks", "buttons", "image", "document", "replaces", "ask"}
    assert reply["text"]
    assert all({"label", "style"} < set(button) for row in reply["buttons"] for button in row)
    assert all(reply["text"][start:end] for start, end, _ in reply["marks"])


@pytest.mark.parametrize("path", ["events", "stream"])
@pytest.mark.parametrize("change", ["cut", "flipped", "empty", "kitchen", "other"])
async def test_a_forged_session_finds_nothing(http, session, path, change):
    forged = {
        "cut": session[:-1],
        "flipped": session[:-1] + ("A" if session[-1] != "A" else "B"),
        "empty": "-",
        "kitchen": "kitchen-mgroad." + session.partition(".")[2],
        "other": "AAAAAAAAAAAAAAAAAAAAAA." + session.partition(".")[2],
    }[change]
    if path == "events":
        status, answer = await send(http, forged, {"id": "e1", "type": "start"})
    else:
        async with http.get(f"/chat/{forged}/stream") as response:
            status, answer = response.status, await response.json()
    assert status == 404
    assert answer == {"error": "There is nothing here."}


@pytest.mark.race
async def test_one_event_sent_ten_times_at_once_has_one_effect_and_one_answer(house, http, session):
    await send(http, session, {"id": "hello", "type": "start"})
    answers = await asyncio.gather(
        *(send(http, session, {"id": "order", "type": "text", "text": "2 masala dosa"}) for _ in range(10))
    )
    assert {status for status, _ in answers} == {200}
    assert len({str(answer) for _, answer in answers}) == 1


async def test_an_event_repeated_later_is_answered_as_before(http, session):
    first = await send(http, session, {"id": "e1", "type": "start"})
    await send(http, session, {"id": "e2", "type": "text", "text": "menu"})
    assert await send(http, session, {"id": "e1", "type": "start"}) == first


async def test_the_same_event_id_of_two_guests_is_two_events(http, session):
    async with http.post("/chat") as response:
        other = (await response.json())["session"]
    _, mine = await send(http, session, {"id": "e1", "type": "start"})
    _, theirs = await send(http, other, {"id": "e1", "type": "start"})
    assert {reply["id"] for reply in mine["replies"]}.isdisjoint(reply["id"] for reply in theirs["replies"])


async def test_a_guest_who_taps_too_fast_is_told_how_long_to_wait_and_nobody_else_is(http, session):
    outcomes = await asyncio.gather(
        *(send(http, session, {"id": f"e{n}", "type": "text", "text": "help"}) for n in range(3 * FLOOD_EVENTS))
    )
    refused = [answer for status, answer in outcomes if status == 429]
    assert FLOOD_EVENTS <= len(refused) <= 2 * FLOOD_EVENTS  # some drip in while the others are answered
    assert all(answer["retry_after"] >= 1 and answer["error"].endswith(".") for answer in refused)
    async with http.post("/chat") as response:
        calm = (await response.json())["session"]
    assert (await send(http, calm, {"id": "e1", "type": "start"}))[0] == 200


async def test_after_the_wait_the_very_same_event_is_welcome(http, session):
    await asyncio.gather(
        *(send(http, session, {"id": f"e{n}", "type": "text", "text": "help"}) for n in range(FLOOD_EVENTS + 1))
    )
    event = {"id": "late", "type": "text", "text": "help"}
    status, answer = await send(http, session, event)
    if status == 429:
        await asyncio.sleep(answer["retry_after"])
        status, answer = await send(http, session, event)
    assert status == 200


async def test_a_text_of_ten_thousand_characters_is_refused_in_a_sentence(http, session):
    status, answer = await send(http, session, {"id": "e1", "type": "text", "text": "x" * 10_000})
    assert status == 422
    assert "too long" in answer["error"]
    assert "4,096" in answer["error"]


async def test_a_text_of_just_one_message_reaches_the_restaurant(http, session):
    status, answer = await send(http, session, {"id": "e1", "type": "text", "text": "x" * 4096})
    assert status == 200
    assert answer["replies"][-1]["text"]


async def test_a_body_over_64_kilobytes_is_not_read_to_its_end(http, session):
    async with http.post(f"/chat/{session}/events", data=b"x" * 70_000) as response:
        assert response.status == 413
        assert (await response.json())["error"].endswith(".")


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b"nonsense", b'{"id": "e1", "type": "text", "text": "a"', b"[" * 30_000, b"NaN"],
)
async def test_what_is_not_json_is_refused_in_a_sentence(http, session, body):
    async with http.post(f"/chat/{session}/events", data=body) as response:
        assert response.status in (400, 422)
        assert (await response.json())["error"].endswith(".")


@pytest.mark.parametrize(
    "event",
    [
        {"id": "e1", "type": "tap", "action": "no|such|button"},
        {"id": "e1", "type": "tap", "action": ""},
        {"id": "e1", "type": "tap", "action": "qty|ffffffffffff|999999999999999999999"},
        {"id": "e1", "type": "text", "text": ""},
        {"id": "e1", "type": "text", "text": "\0\0\0"},
        {"id": "e1", "type": "text", "text": '{"$gt": ""}'},
        {"id": "e1", "type": "text", "text": "<b>'; DROP TABLE orders; --"},
        {"id": "e1", "type": "text", "text": "🍛" * 500},
        {"id": "e1", "type": "text", "text": "\u202eרפ\u202c"},
        {"id": "e1", "type": "location", "latitude": -89.9, "longitude": 179.9},
        {"id": "e1", "type": "start", "payload": "t_mgroad-999"},
        {"id": "e1", "type": "text", "text": "hello", "reply_to": "nothing", "message": "nothing"},
    ],
)
async def test_whatever_a_guest_does_there_is_an_answer_to_read(http, session, event):
    await send(http, session, {"id": "e0", "type": "start"})
    status, answer = await send(http, session, event)
    assert status == 200
    assert answer["replies"]
    assert answer["replies"][-1]["text"].strip()
    assert "went wrong" not in answer["replies"][-1]["text"]


async def test_the_browsers_language_is_the_first_one_spoken(http, session):
    async with http.post(
        f"/chat/{session}/events",
        json={"id": "e1", "type": "start"},
        headers={"Accept-Language": "hi-IN,hi;q=0.9,en;q=0.8"},
    ) as response:
        text = (await response.json())["replies"][-1]["text"]
    assert any("\u0900" <= letter <= "\u097f" for letter in text)


async def test_no_session_stands_in_a_log_line(http, session, caplog):
    caplog.set_level("DEBUG")
    await send(http, session, {"id": "e1", "type": "start"})
    await send(http, session + "x", {"id": "e1", "type": "start"})
    assert "/chat/{session}/events" in caplog.text
    assert session not in caplog.text
    assert session.partition(".")[0] not in caplog.text


FROM_OUTSIDE = {"X-Forwarded-For": "198.18.0.1, 49.36.1.2"}


async def test_who_floods_is_told_how_long_to_wait_and_the_cart_stays(http, session):
    await send(http, session, {"id": "e0", "type": "start"})
    met = [await send(http, session, {"id": f"e{n}", "type": "text", "text": "cart"}) for n in range(1, 150)]
    status, answer = met[-1]
    assert status == 429
    assert answer == {"error": "Give me 1 s, that was faster than I can read.", "retry_after": 1}
    assert [status for status, _ in met[: FLOOD_EVENTS - 1]] == [200] * (FLOOD_EVENTS - 1)


async def test_behind_one_public_address_chats_are_not_opened_without_end(http):
    async def opens(**headers):
        async with http.post("/chat", headers=headers) as response:
            return response.status, (await response.json()).get("retry_after")

    met = [await opens(**FROM_OUTSIDE) for _ in range(62)]
    assert [status for status, _ in met[:60]] == [200] * 60
    assert met[-1][0] == 429
    assert 0 < met[-1][1] <= 10
    assert (await opens())[0] == 200, "who comes from our own network is not counted as one"
    assert (await opens(**{"X-Forwarded-For": "49.36.1.2, 49.36.1.3"}))[0] == 200


async def test_codes_asked_for_in_ever_new_chats_are_counted_by_the_address(http):
    sent, there = 0, {"X-Forwarded-For": "49.36.9.9"}
    for n in range(23):
        async with http.post("/chat", headers=there) as response:
            session = (await response.json())["session"]
        for event in (
            {"id": "e1", "type": "start"},
            {"id": "e2", "type": "tap", "action": OpenPhone().pack()},
            {"id": "e3", "type": "text", "text": f"{9_000_000_000 + 7_919 * n}"},
        ):
            async with http.post(f"/chat/{session}/events", json=event, headers=there) as response:
                said = (await response.json())["replies"][-1]["text"]
        sent += "6-digit code" in said
    assert sent == 20
    assert "asked for too often" in said
