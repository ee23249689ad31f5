"""Settings: read once, refused by name and in a sentence, and never shown."""

import io
import json
import multiprocessing
import stat
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from core import redaction
from core.demo_secrets import demo_secrets
from core.errors import SettingsError
from core.logs import configure_logging, get_logger
from core.settings import (
    OWN_DECISIONS,
    MongoDriver,
    PaymentProviderName,
    RequireOtp,
    Settings,
    SmsProvider,
    VerifyAt,
    doubts,
    load_settings,
)
from tests.conftest import JWT_SECRET, OTP_SECRET, make_settings

ENOUGH = {
    "JWT_SECRET": JWT_SECRET,
    "OTP_SECRET": OTP_SECRET,
    "PAYMENT_PROVIDER": "sandbox",
    "SMS_PROVIDERS": "console",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """An environment that holds exactly what the test says."""
    monkeypatch.chdir(tmp_path)

    def hold(**values: str) -> None:
        for name in Settings.model_fields:
            monkeypatch.delenv(name.upper(), raising=False)
        for name, value in values.items():
            monkeypatch.setenv(name, value)

    hold()
    return hold


def problems(**values: object) -> list[str]:
    with pytest.raises(SettingsError) as unfit:
        load_settings(**values)  # type: ignore[arg-type]
    return unfit.value.problems


def test_an_empty_environment_is_answered_with_everything_that_is_missing_in_one_go(environment):
    said = problems()

    for name in (
        "JWT_SECRET",
        "OTP_SECRET",
        "RAZORPAY_KEY_ID",
        "RAZORPAY_KEY_SECRET",
        "RAZORPAY_WEBHOOK_SECRET",
        "TWILIO_ACCOUNT_SID",
        "TWILIO_AUTH_TOKEN",
        "TWILIO_PHONE_NUMBER",
    ):
        assert len([problem for problem in said if problem.startswith(f"{name} is missing")]) == 1, name
    assert len(said) == 8


def test_the_defaults_are_those_of_the_design(environment, tmp_path):
    environment(**ENOUGH)
    settings = load_settings()

    assert settings.redis_url is None
    assert settings.mongodb_url is None
    assert (settings.mongodb_db, settings.mongodb_driver) == ("tiffin", MongoDriver.MOTOR)
    assert settings.tiffin_data == tmp_path / ".tiffin"
    assert (settings.public_url, settings.port) == ("http://127.0.0.1:8080", 8080)
    assert (settings.verify_at, settings.require_otp) == (VerifyAt.START, RequireOtp.AUTO)
    assert settings.telegram_api_url == "https://api.telegram.org"
    assert settings.razorpay_api_url == "https://api.razorpay.com"
    assert settings.sms_countries == ("IN",)
    assert not settings.demo


def test_the_demo_needs_nothing_and_keeps_its_secrets_over_a_restart(environment, tmp_path):
    first, second = load_settings(demo=True), load_settings(demo=True)

    assert first.demo
    assert first.payment_provider is PaymentProviderName.SANDBOX
    assert first.sms_providers == (SmsProvider.CONSOLE,)
    assert (first.jwt_secret, first.otp_secret) == (second.jwt_secret, second.otp_secret)
    assert first.jwt_secret != first.otp_secret
    assert stat.S_IMODE((tmp_path / ".tiffin" / "secrets.json").stat().st_mode) == 0o600


def test_the_demo_takes_a_secret_that_is_set_and_still_refuses_a_weak_one(environment):
    environment(JWT_SECRET=JWT_SECRET)
    assert load_settings(demo=True).jwt_secret == (SecretStr(JWT_SECRET),)

    environment(JWT_SECRET="short")
    assert "JWT_SECRET is too short: 5 characters" in problems(demo=True)[0]


def _made(folder: str) -> dict[str, str]:
    return demo_secrets(Path(folder))


@pytest.mark.race
def test_eight_first_starts_at_once_end_with_the_same_secrets(tmp_path):
    with multiprocessing.get_context("spawn").Pool(8) as pool:
        made = pool.map(_made, [str(tmp_path)] * 8, chunksize=1)

    assert all(found == made[0] for found in made)
    assert [path.name for path in tmp_path.iterdir()] == ["secrets.json"]
    assert json.loads((tmp_path / "secrets.json").read_text()) == made[0]


@pytest.mark.parametrize(
    ("weak", "sentence"),
    [
        ("", "JWT_SECRET is missing"),
        ("a" * 31, "JWT_SECRET is too short: 31 characters, 32 are needed"),
        ("a" * 64, "JWT_SECRET looks like an example"),
        ("changeme" + "0123456789abcdefghijklmnopqrstuv", "JWT_SECRET looks like an example"),
        ("Your-Secret-Key-0123456789abcdefghij", "JWT_SECRET looks like an example"),
        (OTP_SECRET, "JWT_SECRET and OTP_SECRET are the same"),
        (f"{JWT_SECRET},short", "JWT_SECRET number 2 is too short: 5 characters"),
        (f"{JWT_SECRET}, {JWT_SECRET}", "JWT_SECRET and JWT_SECRET number 2 are the same"),
        (f"{JWT_SECRET},{OTP_SECRET}", "JWT_SECRET number 2 and OTP_SECRET are the same"),
        (" , ", "JWT_SECRET is missing"),
    ],
)
def test_a_weak_secret_is_named_and_never_quoted(environment, weak, sentence):
    environment(**{**ENOUGH, "JWT_SECRET": weak})
    said = problems()

    assert [problem for problem in said if problem.startswith(sentence)], said
    assert len(weak) < 5 or weak not in " ".join(said)


def test_a_secret_that_somebody_outside_knows_too_is_no_secret_of_ours(environment):
    environment(**ENOUGH, TELEGRAM_WEBHOOK_SECRET=OTP_SECRET, RAZORPAY_WEBHOOK_SECRET=f"one-of-the-past,{JWT_SECRET}")
    assert problems() == [
        "OTP_SECRET and TELEGRAM_WEBHOOK_SECRET are the same; each needs a value of its own.",
        "JWT_SECRET and RAZORPAY_WEBHOOK_SECRET are the same; each needs a value of its own.",
    ]


@pytest.mark.parametrize(
    ("telegram", "razorpay", "sentence"),
    [
        ("x", "", "TELEGRAM_WEBHOOK_SECRET is too short: 1 characters, 12 are needed"),
        ("", "a-good-one-7d2e,short", "RAZORPAY_WEBHOOK_SECRET is too short: 5 characters"),
        ("changeme-changeme", "", "TELEGRAM_WEBHOOK_SECRET looks like an example"),
        ("", "aaaaaaaaaaaa", "RAZORPAY_WEBHOOK_SECRET looks like an example"),
        ("a-good-one-7d2e", "a-good-one-7d2e", "TELEGRAM_WEBHOOK_SECRET and RAZORPAY_WEBHOOK_SECRET are the same"),
    ],
)
def test_a_secret_by_which_telegram_or_the_bank_is_known_is_not_guessed_either(
    environment, telegram, razorpay, sentence
):
    given = {"TELEGRAM_WEBHOOK_SECRET": telegram, "RAZORPAY_WEBHOOK_SECRET": razorpay}
    changes = {name: value for name, value in given.items() if value}
    environment(**{**ENOUGH, **changes})
    (said,) = problems()
    assert said.startswith(sentence)
    environment(**{**ENOUGH, **changes}, TELEGRAM_API_URL="http://127.0.0.1:1", RAZORPAY_API_URL="http://127.0.0.1:2")
    assert load_settings().telegram_api_url == "http://127.0.0.1:1", "a server that plays them may know any"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("MONGODB_DRIVER", "mongoose", "MONGODB_DRIVER cannot be used: input should be 'motor' or 'pymongo'."),
        ("PORT", "eighty", "PORT cannot be used: input should be a valid integer"),
        ("PORT", "65536", "PORT cannot be used"),
        ("PUBLIC_URL", "tiffin.example", "PUBLIC_URL cannot be used: a web address begins with http:// or https://."),
        ("REDIS_URL", "http://cache", "REDIS_URL cannot be used: the address begins with redis:// or rediss://"),
        ("MONGODB_URL", "localhost:27017", "MONGODB_URL cannot be used: the address begins with mongodb://"),
        ("MONGODB_DB", "tiffin.prod", "MONGODB_DB cannot be used"),
        ("SMS_COUNTRIES", "IN,India", "SMS_COUNTRIES cannot be used: countries are two letters each"),
        ("SMS_PROVIDERS", "pigeon", "SMS_PROVIDERS cannot be used"),
        ("SMS_PROVIDERS", ",", "SMS_PROVIDERS is missing: guests prove their phone by SMS."),
        ("SMS_PROVIDERS", "msg91", "MSG91_AUTH_KEY is missing: SMS_PROVIDERS names msg91."),
        ("SMS_PROVIDERS", "console,gupshup", "GUPSHUP_USER_ID is missing: SMS_PROVIDERS names gupshup."),
        ("PAYMENT_PROVIDER", "stripe", "STRIPE_SECRET_KEY is missing: PAYMENT_PROVIDER is stripe."),
        ("TELEGRAM_MODE", "webhook", "TELEGRAM_WEBHOOK_SECRET is missing: TELEGRAM_MODE is webhook."),
        ("TELEGRAM_MODE", "webhook", "PUBLIC_URL must begin with https://: TELEGRAM_MODE is webhook."),
        ("TWILIO_WHATSAPP_NUMBER", "+14155238886", "TWILIO_AUTH_TOKEN is missing: TWILIO_WHATSAPP_NUMBER is set."),
        ("ADMIN_TELEGRAM_IDS", "42,bob", "ADMIN_TELEGRAM_IDS cannot be used"),
        ("LOG_LEVEL", "loud", "LOG_LEVEL cannot be used"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_in_one_sentence(environment, name, value, sentence):
    environment(**{**ENOUGH, name: value})

    assert [problem for problem in problems() if problem.startswith(sentence)]


def test_a_secret_in_an_unusable_value_is_not_quoted_back(environment):
    environment(**{**ENOUGH, "REDIS_URL": "http://:hunter2hunter2@cache"})
    with pytest.raises(SettingsError) as unfit:
        load_settings()

    assert "hunter2" not in str(unfit.value)
    assert unfit.value.__cause__ is None
    assert unfit.value.__suppress_context__


def test_lists_are_read_with_commas_and_every_spelling_is_evened_out(environment):
    environment(
        **ENOUGH,
        RAZORPAY_WEBHOOK_SECRET="newer-secret, older-secret",
        ADMIN_TELEGRAM_IDS="42, 43",
        SMS_COUNTRIES="in,ae",
        LOG_LEVEL="debug",
        PUBLIC_URL="https://tiffin.example/",
    )
    settings = load_settings()

    assert [secret.get_secret_value() for secret in settings.razorpay_webhook_secret] == [
        "newer-secret",
        "older-secret",
    ]
    assert settings.admin_telegram_ids == (42, 43)
    assert settings.sms_countries == ("IN", "AE")
    assert settings.log_level == "DEBUG"
    assert settings.public_url == "https://tiffin.example"


def test_the_environment_goes_before_the_file_and_strange_names_in_either_are_left_alone(environment, tmp_path):
    file = tmp_path / ".env"
    file.write_text("PORT=9000\nHOST=0.0.0.0\nSHELL_OF_SOMEBODY=fish\nTIFFIN_DATA=\n")
    environment(**ENOUGH, PORT="9001", SOMETHING_ELSE="1")
    settings = load_settings()

    assert (settings.port, settings.host) == (9001, "0.0.0.0")
    assert settings.tiffin_data == tmp_path / ".tiffin"


def test_what_the_program_decides_about_itself_is_no_variable(environment):
    environment(**ENOUGH, DEMO="1", MONGODB_EMBEDDED="1")
    settings = load_settings()

    assert (settings.demo, settings.mongodb_embedded) == (False, False)


def test_settings_do_not_change_and_take_no_name_they_do_not_know():
    settings = make_settings()
    with pytest.raises(ValidationError):
        settings.port = 1  # type: ignore[misc]
    with pytest.raises(ValidationError):
        make_settings(prot=1)


def test_making_settings_by_hand_reads_no_environment(environment):
    environment(PORT="9001")

    assert make_settings().port == 8080


def test_no_secret_shows_in_print_and_each_is_known_for_blacking_out():
    settings = make_settings(
        redis_url="rediss://default:s3cret-of-redis@cache:6379/0",
        telegram_bot_token="42:telegram-token",
        razorpay_webhook_secret="newer-secret,older-secret",
        stripe_webhook_secret="whsec_newer, whsec_older",
    )
    for secret in (
        JWT_SECRET,
        OTP_SECRET,
        "s3cret-of-redis",
        "42:telegram-token",
        "newer-secret",
        "older-secret",
        "whsec_newer",
        "whsec_older",
    ):
        assert secret not in repr(settings)
        assert secret in settings.secret_values()


def test_each_secret_of_a_rotation_is_blacked_out_by_itself(monkeypatch):
    """Signatures are checked with one of them at a time: the joined text is in no log, each of them might be."""
    monkeypatch.setattr(redaction, "_secrets", set())
    monkeypatch.setattr(redaction, "_secret_pattern", None)
    settings = make_settings(
        razorpay_webhook_secret="newer-secret, older-secret", stripe_webhook_secret="whsec_newer,whsec_older"
    )
    stream = io.StringIO()
    configure_logging(stream=stream)
    redaction.register_secrets(settings.secret_values())
    for secret in ("newer-secret", "older-secret", "whsec_newer", "whsec_older"):
        get_logger("core.x").info("tried", key=f"<{secret}>")
    configure_logging(level="DEBUG", form="console")
    said = stream.getvalue()
    assert said.count(f"<{redaction.REDACTED}>") == 4, said


def test_an_env_file_that_everybody_can_read_is_doubted(tmp_path):
    file = tmp_path / ".env"
    file.write_text("")
    file.chmod(0o644)
    demo = make_settings(demo=True)
    assert doubts(demo, file) == [f"{file} holds secrets and everybody on this machine can read it: chmod 600 {file}"]

    file.chmod(0o600)
    assert doubts(demo, file) == []
    assert doubts(demo, tmp_path / "none") == []
    assert doubts(demo, None) == []


def test_playing_with_money_or_codes_outside_the_demo_is_doubted():
    said = " ".join(doubts(make_settings(), None))

    for name in (
        "PAYMENT_PROVIDER is sandbox",
        "SMS_PROVIDERS names console",
        "REDIS_URL is not",
        "MONGODB_URL is not",
    ):
        assert name in said


def test_the_example_file_names_every_setting_once_with_its_default():
    example = Path(__file__).parents[2] / ".env.example"
    given = [line.split("=", 1) for line in example.read_text().splitlines() if "=" in line and line[0] != "#"]
    variables = {name for name in Settings.model_fields if name not in OWN_DECISIONS}

    assert sorted(name for name, _ in given) == sorted(name.upper() for name in variables)
    filled = {name.lower(): value for name, value in given if value}
    for name, value in filled.items():
        default = Settings.model_fields[name].default
        assert value == (",".join(default) if isinstance(default, tuple) else str(default)), name


@pytest.mark.parametrize("name", ["admin_telegram_ids", "ops_chat_id"])
@pytest.mark.parametrize("given", ["@anu", "900, @anu", "https://t.me/anu", "९००", "9e2", "900.0"])
def test_people_are_named_by_numbers_since_a_name_can_be_taken_over(monkeypatch, tmp_path, name, given):
    for key, value in (("JWT_SECRET", JWT_SECRET), ("OTP_SECRET", OTP_SECRET), (name.upper(), given)):
        monkeypatch.setenv(key, value)
    with pytest.raises(SettingsError) as unfit:
        load_settings(None, demo=True)
    (problem,) = unfit.value.problems
    wrong = given.rpartition(", ")[2]
    assert problem == (
        f"{name.upper()} cannot be used: {wrong} is not a number, and names can be taken over by somebody else."
    )


def test_a_group_is_no_admin():
    with pytest.raises(ValueError, match="a group's goes to OPS_CHAT_ID"):
        make_settings(admin_telegram_ids="900,-100123")
    assert make_settings(admin_telegram_ids="900, 901", ops_chat_id="-100123").ops_chat_id == -100123
