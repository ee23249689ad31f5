"""Setting WhatsApp up: what `tiffin check` says, and settings that are refused by name."""

import pytest

from bot.commands.check import Mark, _whatsapp
from core.errors import SettingsError
from core.settings import load_settings
from tests.bot.channels.whatsapp.house import whatsapp_settings

SID = "HX" + "a" * 32


def test_check_prints_the_webhook_to_paste_with_its_overrides(settings, twilio):
    public = whatsapp_settings(
        settings, twilio, public_url="https://tiffin.example", twilio_api_url="https://api.twilio.com"
    )
    verdict = _whatsapp(public)
    assert verdict.mark is Mark.GOOD
    assert "https://tiffin.example/webhooks/twilio/messages#rc=5&rp=all" in verdict.said


def test_check_says_that_twilio_cannot_reach_this_machine(settings, twilio):
    home = whatsapp_settings(settings, twilio, twilio_api_url="https://api.twilio.com")
    assert _whatsapp(home).mark is Mark.BAD


def test_templates_are_named_by_kind_and_language(tmp_path):
    env = tmp_path / ".env"
    env.write_text(f"WHATSAPP_TEMPLATES=accepted.en={SID}, out.hi={SID}\n")
    assert load_settings(env, demo=True).whatsapp_templates == {"accepted.en": SID, "out.hi": SID}


@pytest.mark.parametrize("wrong", ["accepted=HX1", f"accepted.en {SID}", f"Accepted.EN={SID}", "accepted.en="])
def test_a_template_that_cannot_be_is_refused_by_name(tmp_path, wrong):
    env = tmp_path / ".env"
    env.write_text(f"WHATSAPP_TEMPLATES={wrong}\n")
    with pytest.raises(SettingsError) as refused:
        load_settings(env, demo=True)
    assert "WHATSAPP_TEMPLATES" in refused.value.problems[0]


@pytest.mark.parametrize("number", ["+14155550100", "whatsapp:+14155550100"])
def test_the_sender_is_written_either_way(tmp_path, number):
    env = tmp_path / ".env"
    env.write_text(
        f"TWILIO_WHATSAPP_NUMBER={number}\nTWILIO_ACCOUNT_SID=AC1\nTWILIO_AUTH_TOKEN=canary-token-of-tests\n"
    )
    assert load_settings(env, demo=True).twilio_whatsapp_number == "+14155550100"
