"""The canaries of test_canaries.py on Telegram and WhatsApp: what they send, what they refuse, what breaks."""

import asyncio
import json
from datetime import timedelta
from functools import partial
from itertools import count
from types import SimpleNamespace

import pytest

import bot.channels.telegram.account as account_module
from bot.channels.whatsapp import posting
from bot.conversation.engine import Engine
from bot.screens.menu import MenuScreen
from core.conversations.store import ConversationStore
from core.redaction import register_secrets
from core.settings import TelegramMode
from tests.bot.channels.telegram.conftest import asha, telegram  # noqa: F401  the same Telegram as the channel's tests
from tests.bot.channels.telegram.line import SECRET as TELEGRAM_SECRET
from tests.bot.channels.telegram.line import open_line, says
from tests.bot.channels.whatsapp.conftest import twilio  # noqa: F401  the same Twilio
from tests.bot.channels.whatsapp.house import TOKEN, open_whatsapp_house
from tests.fakes.telegram import Trouble
from tests.webhooks.planted import (
    CRUEL,
    CRUELTIES,
    PHONE,
    STORES,
    WORDS,
    Planted,
    breaking_with,
    log,  # noqa: F401  a fixture
)
from webhooks.telegram import SECRET_HEADER

# ruff: noqa: F811 fixtures come by import

SOON = timedelta(seconds=0.02)
WRONG = (400, 401, 403, 404, 409, 418, 429, 500, 502)  # what Telegram may answer with words of its own


# ---- Telegram


async def test_an_update_of_telegram_that_breaks_us_is_told_without_what_it_said(
    telegram, asha, settings, connections, clock, log
):
    register_secrets([telegram.token, TELEGRAM_SECRET])
    async with open_line(telegram, settings, connections, clock) as line:
        planted = Planted(line.address, log)
        _, message = telegram.say(asha.chat, asha.user, {"text": CRUEL})
        for n, error in enumerate((*CRUELTIES.values(), *STORES.values())):
            line.answers = partial(breaking_with(error), None)
            update = json.dumps({"update_id": 100 + n, "message": message})
            await planted.post("/webhooks/telegram", update, **{SECRET_HEADER: TELEGRAM_SECRET})
        for update in (
            json.dumps({"update_id": 8, "message": {"text": CRUEL, "from": CRUEL}}),
            json.dumps({"update_id": 9, "callback_query": {"data": CRUEL, "id": CRUEL}}),
            json.dumps({"update_id": CRUEL}),
            CRUEL,
        ):
            await planted.post("/webhooks/telegram", update, **{SECRET_HEADER: TELEGRAM_SECRET})
            await planted.post("/webhooks/telegram", update, **{SECRET_HEADER: WORDS})
    assert "telegram_update_failed" in log.getvalue()
    planted.keeps_quiet(telegram.token)


async def test_what_telegram_quotes_of_a_message_it_refuses_is_not_repeated(
    telegram, asha, settings, connections, clock, log, monkeypatch
):
    monkeypatch.setattr("bot.channels.telegram.calls.AGAIN", (SOON,))
    telegram.pardons.add(WORDS)
    register_secrets([telegram.token, TELEGRAM_SECRET])
    numbers = count(100)
    async with open_line(telegram, settings, connections, clock) as line:
        planted = Planted(line.address, log)

        async def answered(*answers):
            async def answer(incoming):
                return answers

            line.answers = answer
            _, message = telegram.say(asha.chat, asha.user, {"text": CRUEL})
            update = json.dumps({"update_id": next(numbers), "message": message})
            await planted.post("/webhooks/telegram", update, **{SECRET_HEADER: TELEGRAM_SECRET})

        for status in WRONG:
            said = f'Bad Request: can\'t parse entities: unsupported start tag "{CRUEL}" at byte offset 7'
            telegram.fails("sendMessage", Trouble(status=status, description=said, times=3))
            await answered(says(f"m{status}", CRUEL, "More"))
            telegram._troubles.clear()
        for trouble in (Trouble(status=400, description=CRUEL), Trouble(raw=CRUEL.encode()), Trouble(drop=True)):
            telegram.fails("sendPhoto", trouble)
            await answered(says("p", CRUEL, image="/media/dosa.png"))
            telegram._troubles.clear()
        await answered(says("gone", CRUEL, image="/media/none.png"))
    told = log.getvalue()
    assert {"telegram_refused", "telegram_answer_not_shown", "telegram_picture_refused"} <= {
        json.loads(line)["event"] for line in told.splitlines()
    }
    assert "parse entities, unsupported start tag" in told  # what is wrong can be read all the same
    planted.keeps_quiet(telegram.token)


@pytest.mark.parametrize("mode", TelegramMode)
async def test_what_telegram_says_of_the_bot_itself_is_not_repeated(
    telegram, settings, connections, clock, log, mode, monkeypatch
):
    monkeypatch.setattr(account_module, "AGAIN", (SOON,))
    monkeypatch.setattr("bot.channels.telegram.polling.AFTER_FAILURE", (SOON,))
    monkeypatch.setattr("bot.channels.telegram.polling.AFTER_CONFLICT", SOON)
    telegram.pardons.add(WORDS)
    register_secrets([telegram.token, TELEGRAM_SECRET])
    for method in ("getMe", "setWebhook", "getUpdates", "setMyCommands"):
        for status in (400, 403, 409, 500, 502):
            telegram.fails(method, Trouble(status=status, description=CRUEL))
    async with open_line(telegram, settings, connections, clock, mode=mode) as line:
        planted = Planted(line.address, log)
        await heard_of(log, "telegram_not_reached", "telegram_not_presented")
        if mode is TelegramMode.WEBHOOK:
            await heard_of(log, "telegram_webhook_not_set")
            telegram.updates.webhook.last_error = CRUEL
            telegram.updates.webhook.last_error_date = clock.ms() // 1000 - 60
            await line.account.check()
            await heard_of(log, "telegram_deliveries_fail")
        else:
            await heard_of(log, "telegram_not_heard", "telegram_polled_elsewhere")
    planted.keeps_quiet(telegram.token)


async def heard_of(log, *events: str) -> None:
    async with asyncio.timeout(10):
        while not all(f'"{event}"' in log.getvalue() for event in events):
            await asyncio.sleep(0.01)


# ---- WhatsApp

ASHA = f"whatsapp:+91{PHONE}"
CRUEL_FORM = {"Body": CRUEL, "ProfileName": CRUEL, "Latitude": CRUEL, "Longitude": CRUEL, "ReferralSourceUrl": CRUEL}
REFUSED = (  # what Twilio may answer a message with, beside its own words
    *((400, code) for code in (21211, 21609, 21610, 21617, 21655, 21656, 63013, 63016, 0)),
    *((401, 20003), (404, 20404), (418, 1), (429, 20429), (500, 20500), (503, 0)),
)


@pytest.fixture
async def whatsapp(twilio, settings, connections, clock, log):
    register_secrets([TOKEN])
    async with open_whatsapp_house(twilio, settings, connections, clock) as house:
        twilio.says = CRUEL
        yield SimpleNamespace(house=house, planted=Planted(house.house.base, log), log=log, twilio=twilio)
        twilio.refuses.clear()


async def done_with(whatsapp) -> None:
    """Everything that waits has been worked off or given up."""
    for _ in range(3):
        await whatsapp.house.runtime.services.inbox.inbox_once(None)


async def test_a_whatsapp_message_that_breaks_us_is_told_without_what_it_said(whatsapp, monkeypatch):
    numbers: list[str] = []  # a chat whose turn could not end waits before its next one
    for kind, method in ((MenuScreen, "render"), (Engine, "handle"), (ConversationStore, "end")):
        for error in (*CRUELTIES.values(), *STORES.values()):
            numbers.append(f"98450{len(numbers):05d}")
            with monkeypatch.context() as patched:
                patched.setattr(kind, method, breaking_with(error))
                await whatsapp.twilio.deliver(f"whatsapp:+91{numbers[-1]}", {"Body": "menu", "ProfileName": CRUEL})
                await done_with(whatsapp)
    told = whatsapp.log.getvalue()
    assert all(f'"{event}"' in told for event in ("turn_failed", "whatsapp_message_failed", "inbox_dead"))
    whatsapp.planted.said += [f"{answer}" for answer in whatsapp.twilio.answers]
    whatsapp.planted.keeps_quiet(TOKEN, *numbers)


async def test_what_twilio_says_of_a_message_it_refuses_is_not_repeated(whatsapp, monkeypatch):
    monkeypatch.setattr(posting, "AGAIN", (SOON,))
    for status, code in REFUSED:
        whatsapp.twilio.refuses = [(status, code)] * 4
        await whatsapp.twilio.deliver(ASHA, {"Body": "menu"})
        await done_with(whatsapp)
    told = whatsapp.log.getvalue()
    assert all(f'"{event}"' in told for event in ("whatsapp_refused", "whatsapp_chat_closed", "whatsapp_content_unfit"))
    whatsapp.planted.said += [f"{answer}" for answer in whatsapp.twilio.answers]
    whatsapp.planted.keeps_quiet(TOKEN)


async def test_nothing_of_a_message_or_a_report_is_repeated_signed_or_not(whatsapp):
    twilio = whatsapp.twilio
    door, reports = twilio.webhook.partition("#")[0], f"{whatsapp.house.house.base}/webhooks/twilio/status"
    fields = (
        "From",
        "MessageSid",
        "To",
        "MessageStatus",
        "ErrorCode",
        "NumMedia",
        "ButtonPayload",
        "ListId",
        "OptOutType",
    )
    for n, changed in enumerate(("nothing", *fields)):
        form = {"MessageSid": f"SM{n:032d}", "From": ASHA, "To": twilio.sender, "MessageStatus": "failed", **CRUEL_FORM}
        form |= {changed: CRUEL} if changed != "nothing" else {}
        for token in (None, WORDS):
            await twilio.post(door, form, token=token)
            await twilio.post(reports, form | {"From": twilio.sender, "To": form["From"]}, token=token)
            await twilio.post(reports, {"From": "+918045671234", **form, "To": "+91" + PHONE}, token=token)
        await done_with(whatsapp)
    whatsapp.planted.said += [f"{answer}" for answer in twilio.answers]
    assert {answer[0] for answer in twilio.answers} >= {200, 204, 403}
    whatsapp.planted.keeps_quiet(TOKEN)


async def test_what_becomes_of_a_message_is_told_without_what_it_said(whatsapp):
    for code in (0, 63016, 63024, 30003, 21610, 63049, 30008):
        whatsapp.twilio.late[ASHA] = code
        await whatsapp.twilio.deliver(ASHA, {"Body": CRUEL})
        await done_with(whatsapp)
        await whatsapp.twilio.settled()
        await done_with(whatsapp)
    assert '"whatsapp_not_delivered"' in whatsapp.log.getvalue()
    whatsapp.planted.keeps_quiet(TOKEN)
