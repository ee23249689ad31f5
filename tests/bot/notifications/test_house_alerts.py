"""What admins are told of matters of the whole house, and that they are told."""

import pytest

from bot.conversation.texts import Texts
from bot.jobs import Job
from bot.notifications.house import headline, house_alert
from core.errors import ProviderError
from core.monitoring.alerts.models import LANE, Alert, AlertKind, Level
from core.monitoring.alerts.service import AlertService
from core.monitoring.alerts.store import AlertStore
from tests.conftest import make_settings

FACTS = {"percent": 80, "most": 500, "series": "+919876", "minutes": 60, "used": 7, "of": 50, "phone": "10",
         "chat": "telegram:42"}  # fmt: skip


def an_alert(kind, level=Level.TICKET, **facts):
    return Alert(
        id=f"alert_{kind}_1",
        lane=LANE,
        kind=kind,
        level=level,
        about="x",
        period="y",
        facts={**FACTS, **facts},
        created_ms=0,
        next_ms=0,
    )


@pytest.mark.parametrize("language", ["en", "hi"])
@pytest.mark.parametrize("kind", list(AlertKind))
def test_every_alert_has_a_headline_and_an_advice(kind, language):
    said = house_alert(Texts.of(language), an_alert(kind)).text.plain
    assert len(said.splitlines()) == 2
    assert "{" not in said


def test_what_wakes_somebody_is_seen_from_afar():
    texts = Texts.of("en")
    stopped = an_alert(AlertKind.SMS_STOPPED, Level.PAGE)
    assert house_alert(texts, stopped).text.plain.startswith(
        "🔴 No codes to +919876… for 60 minutes · 7 of the last 50 were used\n"
    )
    assert house_alert(texts, an_alert(AlertKind.WRONG_CODES)).text.plain.startswith("🟡 ")
    assert headline(texts, an_alert(AlertKind.SMS_BUDGET, percent=100)).plain == (
        "Today's text messages are used up · all 500"
    )


@pytest.fixture
def administered(evening, mongo, clock):
    """Somebody is named in the settings."""
    evening.services.settings = make_settings(admin_telegram_ids=(900, 901), ops_chat_id=-100900)
    evening.services.alerts = AlertService(store=AlertStore(mongo, clock), clock=clock)
    evening.services.alerts.handle(evening.notifier.house)
    return evening


async def test_everybody_named_in_the_settings_hears_of_it_once(administered):
    alerts = administered.services.alerts
    for _ in range(2):
        await alerts.raise_once(AlertKind.SMS_BUDGET, "50", period="today", percent=50, most=500)
        await alerts.send_once(None)
    for chat in ("telegram:900", "telegram:901", "telegram:-100900"):
        (read,) = administered.groups_channel.texts(chat)
        assert read.startswith("🟡 50 % of today's text messages are used · of 500\n")
    assert administered.groups_channel.texts("telegram:4") == [], "an outlet's owner is not the house's"


async def test_who_could_not_be_reached_does_not_keep_it_from_the_others(administered, monkeypatch):
    channel = administered.groups_channel
    send = channel.send

    async def patchy(chat, outgoing):
        if chat != "telegram:901":
            raise ProviderError("telegram", retryable=True)
        return await send(chat, outgoing)

    monkeypatch.setattr(channel, "send", patchy)
    assert await administered.notifier.house(an_alert(AlertKind.WRONG_CODES)) == 1


async def test_it_is_tried_again_while_nobody_can_be_reached(administered, monkeypatch):
    async def away(chat, outgoing):
        raise ProviderError("telegram", retryable=True)

    monkeypatch.setattr(administered.groups_channel, "send", away)
    with pytest.raises(ProviderError):
        await administered.notifier.house(an_alert(AlertKind.WRONG_CODES))


async def test_nobody_is_named_and_nobody_is_told(evening):
    assert await evening.notifier.house(an_alert(AlertKind.WRONG_CODES)) == 0
    assert evening.groups_channel.texts("telegram:4") == []


async def test_a_running_house_tells_by_itself(house):
    jobs: list[Job] = [worker.job for worker in house.runtime.jobs._workers]
    (tells,) = [job for job in jobs if job.name == "alerts"]
    alerts = house.runtime.services.alerts
    await alerts.raise_once(AlertKind.SMS_BUDGET, "50", period="today", percent=50, most=500)
    await tells.run()
    assert (await alerts.latest())[0].note == "nobody to tell"


@pytest.mark.parametrize(
    ("kind_of", "said"),
    [("payment", "🟡 A payment of ₹300 has no order · razorpay · pay_7\n"),
     ("refund", "🟡 ₹300 went back of a payment without an order · razorpay · pay_7\n")],
)  # fmt: skip
async def test_money_without_an_order_is_named_with_what_to_do(administered, kind_of, said):
    alerts = administered.services.alerts
    await alerts.raise_once(
        AlertKind.ORPHAN, "pay_7", period="once", kind_of=kind_of, amount=30_000, currency="INR", provider="razorpay"
    )
    await alerts.send_once(None)
    (read,) = administered.groups_channel.texts("telegram:900")
    assert read.startswith(said)
    assert "Nothing of it goes back by itself." in read
