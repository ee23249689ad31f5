"""What needed a person, read back by admins."""

from datetime import UTC, datetime, timedelta

from bot.conversation.incoming import Text
from core.ids import ChatKey
from core.monitoring.alerts.models import AlertKind
from core.otp.errors import CodeLocked, WrongCode
from core.sms.delivery import DeliveryStatus

PHONE = "+919876543210"


async def test_a_phone_somebody_guessed_at_stands_there_by_its_last_two_digits(office):
    services = office.services
    chat = ChatKey("telegram:666000")
    await services.otp.request(PHONE, chat, "en")
    sent = services.console.messages()[-1].text[:6]
    for by in range(1, 6):
        try:
            await services.otp.verify(PHONE, chat, f"{(int(sent) + by) % 10**6:06d}")
        except (WrongCode, CodeLocked):
            continue
    page = await office.person("Anu").says("/alerts")
    assert page.text == (
        "What needed a person\n\n"
        "7:00 pm · 5 wrong codes in an hour for the phone ending in 10 · last from telegram:666000\n\n"
        "Text messages today: 1 of 500"
    )
    assert PHONE[3:] not in page.text


async def test_the_newest_stand_first(office):
    services = office.services
    for percent in (50, 80, 100):
        await services.alerts.raise_once(
            AlertKind.SMS_BUDGET, str(percent), period="today", percent=percent, most=services.sms_budget.most
        )
        office.clock.advance(timedelta(minutes=5))
    lines = (await office.person("Anu").says("/alerts")).text.splitlines()
    assert lines[2:5] == [
        "7:10 pm · Today's text messages are used up · all 500",
        "7:05 pm · 80 % of today's text messages are used · of 500",
        "7:00 pm · 50 % of today's text messages are used · of 500",
    ]


async def test_the_services_say_how_many_messages_arrived(office):
    office.clock.advance(datetime.now(UTC) - office.clock.now())  # the store forgets by its own clock
    sender = office.services.sms.sender
    for n, status in enumerate((DeliveryStatus.DELIVERED, DeliveryStatus.FAILED, DeliveryStatus.SENT)):
        await sender.progressed("console", f"sms_{n}", status)
    assert (await office.person("Anu").says("/alerts")).text.endswith("console: 1 of the last 2 arrived")


async def test_before_anything_happened_the_page_says_so(office):
    assert "Nothing yet." in (await office.person("Anu").says("/alerts")).text


async def test_it_is_the_admins_page_alone(office):
    assert (await office.person("Om").says("/alerts")).text == "Only an admin can do that. Nothing was changed."
    for name in ("Guest", "Meena"):
        assert await office.person(name).does(Text("/alerts")) is None
