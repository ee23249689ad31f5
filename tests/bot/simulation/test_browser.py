"""The simulated browser keeps the screen as the real page does."""

import asyncio
import json
from collections.abc import Callable

import aiohttp
import pytest
from aiohttp import web

from bot.simulation.browser import Browser, ButtonMissing, Refused
from tests.fakes.loopback import on_loopback


def reply(id: str, text: str, *labels: str, replaces: str | None = None) -> dict:
    buttons = [[{"label": label, "action": label.lower(), "style": ""}] for label in labels]
    return {"id": id, "text": text, "marks": [], "buttons": buttons, "image": None, "document": None,
            "replaces": replaces, "ask": None}  # fmt: skip


class Server:
    """Answers what a test tells it to, and remembers what it was sent."""

    base = ""

    def __init__(self) -> None:
        self.events: list[dict] = []
        self.answers: list[Callable[[], web.Response]] = []
        self.news: list[tuple[str, dict]] = []
        self.asked_after: list[str] = []

    def says(self, *replies: dict, status: int = 200, **more: object) -> None:
        body = {"replies": list(replies), **more} if status == 200 else {"error": "Not now.", **more}
        self.answers.append(lambda: web.json_response(body, status=status))

    async def event(self, request: web.Request) -> web.Response:
        self.events.append(await request.json())
        return self.answers.pop(0)()

    async def stream(self, request: web.Request) -> web.StreamResponse:
        after = request.headers.get("Last-Event-ID", "")
        self.asked_after.append(after)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b"retry: 1\n\n: hello\n\n")
        for id, data in self.news:
            if id > after:
                await response.write(f"id: {id}\ndata: {json.dumps(data)}\n\n".encode())
        return response  # and the line drops


@pytest.fixture
async def server():
    server = Server()
    app = web.Application()
    app.router.add_post("/chat/{session}/events", server.event)
    app.router.add_get("/chat/{session}/stream", server.stream)
    async with on_loopback(app) as server.base:
        yield server


@pytest.fixture
async def browser(server):
    async with aiohttp.ClientSession() as http:
        yield Browser(http, server.base, session="s")


async def test_a_reply_that_replaces_another_stands_in_its_place_and_answers_to_both_names(server, browser):
    server.says(reply("m1", "Hello", "Order"))
    server.says(reply("m2", "Menu", "Dosa", replaces="m1"))
    server.says(reply("m3", "Cart", "Checkout", replaces="m2"))
    server.says(reply("m4", "Placed"))
    await browser.start()
    await browser.tap(browser.find("Order"))
    await browser.tap(browser.find("Dosa"))
    await browser.tap(browser.find("Checkout"))
    assert [message.text for message in browser.messages] == ["Cart", "Placed"]
    assert browser.by_id("m1") is browser.by_id("m3") is browser.messages[0]
    assert [event.get("message") for event in server.events] == [None, "m1", "m2", "m3"]


async def test_a_button_is_found_by_its_label_then_its_beginning_then_any_part_newest_first(server, browser):
    server.says(reply("m1", "Old", "Add", "Track"), reply("m2", "New", "Add 1 · ₹90", "Add more", "My cart"))
    await browser.start()
    assert browser.find("add").message == "m2"
    assert browser.find("Add 1").label == "Add 1 · ₹90"
    assert browser.find("cart").label == "My cart"
    assert browser.find("Track").message == "m1"
    with pytest.raises(ButtonMissing) as missing:
        browser.find("Pay")
    assert missing.value.offered == ["Add 1 · ₹90", "Add more", "My cart"]


@pytest.mark.parametrize("status", [429, 503])
async def test_the_same_event_is_sent_again_while_the_server_asks_for_patience(server, browser, monkeypatch, status):
    async def at_once(seconds: float) -> None:
        return None

    monkeypatch.setattr("bot.simulation.browser.asyncio.sleep", at_once)
    server.says(status=status)
    server.says(status=status)
    server.says(reply("m1", "Hello"))
    await browser.start()
    assert len({event["id"] for event in server.events}) == 1
    assert len(server.events) == 3
    assert browser.latest.text == "Hello"


async def test_a_refusal_is_told_with_its_sentence_and_not_tried_again(server, browser):
    server.says(status=422)
    with pytest.raises(Refused) as refused:
        await browser.say("x" * 5000)
    assert (refused.value.status, refused.value.sentence, len(server.events)) == (422, "Not now.", 1)


async def test_what_comes_later_is_heard_once_over_lines_that_drop(server, browser, monkeypatch):
    from datetime import timedelta

    monkeypatch.setattr("bot.simulation.browser.RECONNECT", timedelta(seconds=0.01))
    server.news = [("1-0", {"replies": [reply("n1", "Accepted")]}), ("2-0", {"replies": [reply("n2", "Ready")]})]
    async with browser.listening():
        await browser.wait_for(lambda b: len(b.news) == 2, 5)
        server.news.append(("3-0", {"replies": [reply("n3", "Served")]}))
        await browser.wait_for(lambda b: len(b.news) == 3, 5)
        await asyncio.sleep(0.1)
    assert [message.text for message in browser.news] == ["Accepted", "Ready", "Served"]
    assert server.asked_after[0] == ""
    assert set(server.asked_after[1:]) <= {"2-0", "3-0"}


async def test_a_message_heard_and_answered_is_shown_once(server, browser):
    server.says(reply("m1", "Hello"), reply("m1", "Hello"))
    await browser.start()
    assert len(browser.messages) == 1
