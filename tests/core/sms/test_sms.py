"""A guest gets one message, or none and an honest error; never two."""

import asyncio
import logging
from datetime import timedelta

import pytest

from core.errors import ProviderError
from core.ids import Phone
from core.sms.console import ConsoleSms
from core.sms.provider import NoProvider, NumberRejected, SendUnclear, SmsReceipt
from core.sms.sender import SmsSender
from core.sms.texts import code_text

PHONE = Phone("+919876543210")


class Scripted:
    """An SMS service that does what it is told."""

    def __init__(self, name, outcome=None):
        self.name = name
        self.outcome = outcome
        self.sent = []

    async def send(self, phone, text, *, template_id=None):
        self.sent.append((phone, text, template_id))
        if self.outcome == "hang":
            await asyncio.sleep(60)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return SmsReceipt(id=f"{self.name}-1")


async def test_the_first_service_that_takes_it_sends_it():
    down, good, spare = Scripted("a", ProviderError("a", retryable=True)), Scripted("b"), Scripted("c")
    receipt = await SmsSender([down, good, spare]).send(PHONE, "hello", template_id="t1")
    assert (receipt.id, receipt.provider, receipt.sure) == ("b-1", "b", True)
    assert good.sent == [(PHONE, "hello", "t1")]
    assert spare.sent == []


async def test_a_number_nobody_can_reach_ends_the_search():
    deaf, spare = Scripted("a", NumberRejected("a")), Scripted("b")
    with pytest.raises(NumberRejected):
        await SmsSender([deaf, spare]).send(PHONE, "hello")
    assert spare.sent == []


@pytest.mark.parametrize("outcome", ["hang", SendUnclear("a"), TimeoutError()])
async def test_what_may_have_been_sent_is_never_sent_again(outcome):
    unclear, spare = Scripted("a", outcome), Scripted("b")
    receipt = await SmsSender([unclear, spare], patience=timedelta(milliseconds=20)).send(PHONE, "hello")
    assert (receipt.provider, receipt.sure) == ("a", False)
    assert spare.sent == []


async def test_when_everybody_refuses_it_is_said_with_the_last_reason():
    last = ProviderError("b", retryable=False)
    with pytest.raises(NoProvider) as nobody:
        await SmsSender([Scripted("a", ProviderError("a", retryable=True)), Scripted("b", last)]).send(PHONE, "hello")
    assert nobody.value.__cause__ is last
    assert nobody.value.retryable


def test_a_house_without_any_service_does_not_open():
    with pytest.raises(ValueError, match="at least one"):
        SmsSender([])


async def test_the_console_keeps_the_last_fifty_and_tells_its_readers(clock):
    console = ConsoleSms(clock)
    with console.subscribe() as arriving:
        for number in range(60):
            await console.send(PHONE, f"message {number}")
        assert [message.text for message in console.messages()] == [f"message {n}" for n in range(10, 60)]
        assert [arriving.get_nowait().text for _ in range(arriving.qsize())] == [f"message {n}" for n in range(10, 60)]
    await console.send(PHONE, "after")
    assert arriving.empty()
    assert console.messages()[-1].at_ms == clock.ms()


async def test_the_log_says_that_a_message_went_but_neither_what_nor_to_whom(clock, caplog):
    caplog.set_level(logging.DEBUG)
    sender = SmsSender([Scripted("a", ProviderError("a", retryable=True)), ConsoleSms(clock)])
    await sender.send(PHONE, code_text("424242", "en", minutes=10))
    assert "sms_sent" in caplog.messages
    told = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    assert "424242" not in told
    assert PHONE[1:] not in told
    assert PHONE[3:] not in told


def test_the_message_has_brand_expiry_and_warning_in_both_languages():
    assert code_text("042137", "en", minutes=10) == (
        "042137 is your Tiffin code. It is valid for 10 minutes. Do not share it with anyone."
    )
    hindi = code_text("042137", "hi", minutes=10, brand="Annapurna")
    assert hindi.startswith("042137 आपका Annapurna कोड है।")
    assert "10 मिनट" in hindi
    assert "किसी को न बताएँ" in hindi
    assert code_text("1", "xx", minutes=10) == code_text("1", "en", minutes=10)


@pytest.mark.parametrize("language", ["en", "hi"])
def test_a_message_fits_into_two_parts(language):
    text = code_text("042137", language, minutes=10)
    assert len(text) <= (160 if text.isascii() else 134)
