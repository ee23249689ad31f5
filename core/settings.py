"""Every setting, read once from the environment and `.env`, refused by name when weak or missing.

`Settings(...)` reads nothing but its arguments; `load_settings()` is the one that looks at the environment.
"""

import re
import secrets
import stat
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from core.demo_secrets import demo_secrets
from core.errors import SettingsError

MIN_SECRET_LENGTH = 32
MIN_WEBHOOK_SECRET_LENGTH = 12  # guessed at over the network, one request a guess
TELEGRAM_API = "https://api.telegram.org"  # delivers to https alone; a server of one's own need not
RAZORPAY_API = "https://api.razorpay.com"


_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_NUMBER = re.compile(r"-?[0-9]{1,19}")
_TEMPLATE_NAME = re.compile(r"[a-z_]{1,40}\.[a-z]{2}")
_TEMPLATE_SID = re.compile(r"HX[0-9a-fA-F]{32}")


class MongoDriver(StrEnum):
    MOTOR = "motor"
    PYMONGO = "pymongo"


class VerifyAt(StrEnum):
    """When a guest proves a phone: at the first hello, or before paying."""

    START = "start"
    CHECKOUT = "checkout"


class RequireOtp(StrEnum):
    """AUTO trusts a phone the channel itself vouches for; ALWAYS asks for a code all the same."""

    AUTO = "auto"
    ALWAYS = "always"


class TelegramMode(StrEnum):
    POLLING = "polling"
    WEBHOOK = "webhook"


class SmsProvider(StrEnum):
    TWILIO = "twilio"
    MSG91 = "msg91"
    SNS = "sns"
    GUPSHUP = "gupshup"
    CONSOLE = "console"


class PaymentProviderName(StrEnum):
    RAZORPAY = "razorpay"
    STRIPE = "stripe"
    SANDBOX = "sandbox"


DLT_VARIABLE = re.compile(r"\{#[a-z]+#\}")  # {#var#}, {#numeric#}: as registered (PLATFORMS.md G7)
Item = TypeVar("Item")
CommaList = Annotated[tuple[Item, ...], NoDecode]


class Settings(BaseSettings):
    model_config = SettingsConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=True)

    redis_url: SecretStr | None = None  # both addresses may hold a password
    mongodb_url: SecretStr | None = None
    mongodb_db: str = Field(default="tiffin", pattern=r"^[A-Za-z][A-Za-z0-9_]{0,37}$")
    mongodb_driver: MongoDriver = MongoDriver.MOTOR
    tiffin_data: Path = Path(".tiffin")

    public_url: str = "http://127.0.0.1:8080"
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)  # 0: the system picks a free one

    jwt_secret: CommaList[SecretStr]  # the first signs, all are believed: that is how a secret is changed
    otp_secret: CommaList[SecretStr]
    verify_at: VerifyAt = VerifyAt.START
    require_otp: RequireOtp = RequireOtp.AUTO

    telegram_bot_token: SecretStr | None = None
    telegram_api_url: str = TELEGRAM_API
    telegram_mode: TelegramMode = TelegramMode.POLLING
    telegram_webhook_secret: SecretStr | None = None

    twilio_account_sid: str | None = None
    twilio_auth_token: SecretStr | None = None
    twilio_phone_number: str | None = None
    twilio_whatsapp_number: str | None = None
    twilio_api_url: str = "https://api.twilio.com"
    whatsapp_templates: Annotated[dict[str, str], NoDecode] = Field(default_factory=dict)  # accepted.en=HX…, …
    twilio_signing_keys: CommaList[SecretStr] = ()  # besides the token: the one before it in a rotation, shared keys
    twilio_signatures: CommaList[Literal["sha1", "sha256"]] = ("sha1",)

    sms_providers: CommaList[SmsProvider] = (SmsProvider.TWILIO,)
    msg91_auth_key: SecretStr | None = None
    msg91_template_id: str | None = None
    msg91_api_url: str = "https://control.msg91.com"
    aws_region: str = "ap-south-1"
    aws_endpoint_url: str | None = None  # None: the region's own address
    gupshup_user_id: str | None = None
    gupshup_password: SecretStr | None = None
    gupshup_api_url: str = "https://enterprise.smsgupshup.com"
    sms_sender_id: str | None = None  # the registered header (DLT)
    sms_dlt_entity_id: str | None = None
    sms_dlt_template_id: str | None = None
    sms_dlt_template: str | None = None  # the registered wording of the code's message, with its {#var#}
    sms_dlt_outlet_template_id: str | None = None  # for the message to an outlet whose group cannot be reached
    sms_countries: CommaList[str] = ("IN",)
    sms_daily_budget: int = Field(default=500, ge=0)  # messages a day, all guests together
    flood_events: int = Field(default=240, ge=0)  # of one chat in ten seconds, then it pauses; 0: no limit

    payment_provider: PaymentProviderName = PaymentProviderName.RAZORPAY
    razorpay_key_id: str | None = None
    razorpay_key_secret: SecretStr | None = None
    razorpay_webhook_secret: CommaList[SecretStr] = ()  # several during a rotation
    razorpay_api_url: str = RAZORPAY_API
    stripe_secret_key: SecretStr | None = None
    stripe_webhook_secret: CommaList[SecretStr] = ()  # several while one is rolled over
    stripe_api_url: str = "https://api.stripe.com"

    admin_telegram_ids: CommaList[int] = ()
    ops_chat_id: int | None = None

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["json", "console"] = "json"

    # Not variables: what the program decides about itself.
    demo: bool = False
    own_address: str = ""  # of this process's own web door; empty: it has none
    redis_embedded: bool = False
    mongodb_embedded: bool = False

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)

    @field_validator(
        "sms_providers", "sms_countries", "razorpay_webhook_secret", "stripe_webhook_secret", "admin_telegram_ids",
        "twilio_signing_keys", "twilio_signatures", "jwt_secret", "otp_secret", mode="before",
    )  # fmt: skip
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, SecretStr):
            value = value.get_secret_value()
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("whatsapp_templates", mode="before")
    @classmethod
    def _named_templates(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        pairs = [part.strip().partition("=") for part in value.split(",") if part.strip()]
        return {name.strip(): sid.strip() for name, _, sid in pairs}

    @field_validator("whatsapp_templates")
    @classmethod
    def _template_sids(cls, value: dict[str, str]) -> dict[str, str]:
        for name, sid in value.items():
            if _TEMPLATE_NAME.fullmatch(name) is None or _TEMPLATE_SID.fullmatch(sid) is None:
                raise ValueError("templates are named by kind and language, such as accepted.en=HX… (32 digits)")
        return value

    @field_validator("twilio_whatsapp_number")
    @classmethod
    def _whatsapp_number(cls, value: str | None) -> str | None:
        number = (value or "").removeprefix("whatsapp:")
        if number and _E164.fullmatch(number) is None:
            raise ValueError("the number is written as +14155550100")
        return number or None

    @field_validator("admin_telegram_ids", "ops_chat_id", mode="before")
    @classmethod
    def _numbers_not_names(cls, value: object) -> object:
        """A name can be given up by one person and taken by another; a number stays."""
        given = value.split(",") if isinstance(value, str) else value if isinstance(value, list | tuple) else [value]
        for part in given:
            if isinstance(part, str) and part.strip() and _NUMBER.fullmatch(part.strip()) is None:
                raise ValueError(f"{part.strip()[:40]} is not a number, and names can be taken over by somebody else")
        return value

    @field_validator("admin_telegram_ids")
    @classmethod
    def _people(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if any(number <= 0 for number in value):
            raise ValueError("admins are people, whose numbers are positive; a group's goes to OPS_CHAT_ID")
        return value

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("sms_countries")
    @classmethod
    def _countries(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        countries = tuple(country.upper() for country in value)
        if any(len(country) != 2 or not country.isascii() or not country.isalpha() for country in countries):
            raise ValueError("countries are two letters each, such as IN")
        return countries

    @field_validator(
        "public_url", "telegram_api_url", "twilio_api_url", "msg91_api_url", "gupshup_api_url", "razorpay_api_url",
        "stripe_api_url", "aws_endpoint_url",
    )  # fmt: skip
    @classmethod
    def _web_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise ValueError("a web address begins with http:// or https://")
        return value.rstrip("/")

    @field_validator("redis_url")
    @classmethod
    def _redis_address(cls, value: SecretStr | None) -> SecretStr | None:
        return _with_scheme(value, ("redis://", "rediss://", "unix://"))

    @field_validator("mongodb_url")
    @classmethod
    def _mongodb_address(cls, value: SecretStr | None) -> SecretStr | None:
        return _with_scheme(value, ("mongodb://", "mongodb+srv://"))

    @field_validator("tiffin_data")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @model_validator(mode="after")
    def _fit_to_start(self) -> "Settings":
        problems = [*_weak_secrets(self), *_incomplete(self)]
        if problems:
            raise SettingsError(problems)
        return self

    def secret_values(self) -> list[str]:
        """Everything that must never reach a log, passwords inside addresses too."""
        found: list[str] = []
        for name in type(self).model_fields:
            value = getattr(self, name)
            for one in value if isinstance(value, tuple) else (value,):
                if isinstance(one, SecretStr):
                    found.append(one.get_secret_value())
        for url in (self.redis_url, self.mongodb_url):
            if url is not None and (password := urlsplit(url.get_secret_value()).password):
                found.append(password)
        return found


def _with_scheme(value: SecretStr | None, schemes: tuple[str, ...]) -> SecretStr | None:
    if value is not None and not value.get_secret_value().startswith(schemes):
        raise ValueError(f"the address begins with {' or '.join(schemes)}")
    return value


def _weak_secrets(settings: Settings) -> Iterator[str]:
    held: dict[str, str] = {}  # what each secret is called
    for name in ("jwt_secret", "otp_secret"):
        secrets_of = [secret.get_secret_value() for secret in getattr(settings, name)]
        if not secrets_of:
            yield f"{name.upper()} is missing. {_HOW_TO_MAKE}"
        for n, value in enumerate(secrets_of, 1):
            called = name.upper() if n == 1 else f"{name.upper()} number {n}"
            if len(value) < MIN_SECRET_LENGTH:
                yield f"{called} is too short: {len(value)} characters, {MIN_SECRET_LENGTH} are needed. {_HOW_TO_MAKE}"
            elif _looks_default(value):
                yield f"{called} looks like an example rather than a secret. {_HOW_TO_MAKE}"
            if value in held:
                yield f"{held[value]} and {called} are the same; each needs a value of its own."
            held.setdefault(value, called)
    for name in ("telegram_webhook_secret", "stripe_webhook_secret", "razorpay_webhook_secret"):
        given = getattr(settings, name) or ()
        for secret in given if isinstance(given, tuple) else (given,):
            twin = held.get(secret.get_secret_value(), "")
            if twin:
                yield f"{twin} and {name.upper()} are the same; each needs a value of its own."
    for name, value in _made_up_for_others(settings):
        least = MIN_WEBHOOK_SECRET_LENGTH
        if len(value) < least:
            yield f"{name} is too short: {len(value)} characters, {least} are needed. {_HOW_TO_MAKE}"
        elif _from_an_example(value) or len(set(value)) < 5:
            yield f"{name} looks like an example rather than a secret. {_HOW_TO_MAKE}"
        if held.setdefault(value, name) in _MADE_UP and held[value] != name:
            yield f"{held[value]} and {name} are the same; each needs a value of its own."


_MADE_UP = frozenset({"TELEGRAM_WEBHOOK_SECRET", "RAZORPAY_WEBHOOK_SECRET"})


def _made_up_for_others(settings: Settings) -> Iterator[tuple[str, str]]:
    """What we make up and tell a service, which then speaks to us with it: who guesses it speaks in its name.

    Stripe and Twilio make up theirs, and a server of one's own that plays a service may know any.
    """
    if settings.telegram_webhook_secret is not None and settings.telegram_api_url == TELEGRAM_API:
        yield "TELEGRAM_WEBHOOK_SECRET", settings.telegram_webhook_secret.get_secret_value()
    if settings.razorpay_api_url == RAZORPAY_API:
        for secret in settings.razorpay_webhook_secret:
            yield "RAZORPAY_WEBHOOK_SECRET", secret.get_secret_value()


_HOW_TO_MAKE = "Make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
_EXAMPLE_WORDS = (
    "changeme",
    "change-me",
    "change_me",
    "example",
    "placeholder",
    "your-",
    "your_",
    "yoursecret",
    "password",
)


def _looks_default(value: str) -> bool:
    """A word from an example file, or too few different characters to be random (32 random ones have about 20)."""
    return len(set(value)) < 10 or _from_an_example(value)


def _from_an_example(value: str) -> bool:
    return any(word in value.lower() for word in _EXAMPLE_WORDS)


def _incomplete(settings: Settings) -> Iterator[str]:
    """A choice that was made without what it needs."""
    if settings.sms_dlt_template and len(DLT_VARIABLE.findall(settings.sms_dlt_template)) not in (1, 2):
        yield "SMS_DLT_TEMPLATE needs one variable such as {#var#} for the code, and at most another for the minutes."
    for reason, names in _needed(settings):
        for name in names:
            if not getattr(settings, name):
                yield f"{name.upper()} is missing: {reason}."
    telegrams_own = settings.telegram_api_url == TELEGRAM_API
    webhook = settings.telegram_mode is TelegramMode.WEBHOOK
    if webhook and telegrams_own and not settings.public_url.startswith("https://"):
        yield "PUBLIC_URL must begin with https://: TELEGRAM_MODE is webhook."


def _needed(settings: Settings) -> Iterator[tuple[str, tuple[str, ...]]]:
    match settings.payment_provider:
        case PaymentProviderName.RAZORPAY:
            keys = ("razorpay_key_id", "razorpay_key_secret", "razorpay_webhook_secret")
            yield "PAYMENT_PROVIDER is razorpay", keys
        case PaymentProviderName.STRIPE:
            yield "PAYMENT_PROVIDER is stripe", ("stripe_secret_key", "stripe_webhook_secret")
    if settings.telegram_mode is TelegramMode.WEBHOOK:
        yield "TELEGRAM_MODE is webhook", ("telegram_bot_token", "telegram_webhook_secret")
    if settings.twilio_whatsapp_number:
        yield "TWILIO_WHATSAPP_NUMBER is set", ("twilio_account_sid", "twilio_auth_token")
    if not settings.sms_providers:
        yield "guests prove their phone by SMS", ("sms_providers",)
    for provider in settings.sms_providers:
        if names := _SMS_NEEDS.get(provider):
            yield f"SMS_PROVIDERS names {provider}", names


_SMS_NEEDS: Mapping[SmsProvider, tuple[str, ...]] = {
    SmsProvider.TWILIO: ("twilio_account_sid", "twilio_auth_token", "twilio_phone_number"),
    SmsProvider.MSG91: ("msg91_auth_key", "msg91_template_id"),
    SmsProvider.GUPSHUP: ("gupshup_user_id", "gupshup_password"),
}

_DEMO_DEFAULTS: Mapping[str, str] = {
    "payment_provider": PaymentProviderName.SANDBOX,
    "sms_providers": SmsProvider.CONSOLE,
    "log_format": "console",
}
OWN_DECISIONS = frozenset({"demo", "own_address", "redis_embedded", "mongodb_embedded"})


def load_settings(env_file: str | Path | None = ".env", *, demo: bool = False) -> Settings:
    """The settings of this process: the environment first, then `env_file`, then the defaults.

    In demo mode nothing needs to be set: missing secrets are made once and kept in TIFFIN_DATA, payments go to the
    sandbox and codes to the console. Raises SettingsError with one sentence for each setting that is unfit.
    """
    given: dict[str, Any] = {**DotEnvSettingsSource(Settings, env_file=env_file)(), **EnvSettingsSource(Settings)()}
    values = {name: value for name, value in given.items() if name in Settings.model_fields and value != ""}
    for name in OWN_DECISIONS:
        values.pop(name, None)
    if demo:
        values = {**_DEMO_DEFAULTS, **values}
        data = Path(values.get("tiffin_data", Settings.model_fields["tiffin_data"].default)).expanduser().absolute()
        if missing := {"jwt_secret", "otp_secret"} - values.keys():
            made = demo_secrets(data)
            values |= {name: made[name] for name in missing}
    try:
        return Settings(**values, demo=demo)
    except ValidationError as unfit:
        problems = [_sentence(error) for error in unfit.errors()]
        if {error["loc"] for error in unfit.errors()} <= {("jwt_secret",), ("otp_secret",)}:
            problems += _other_problems(values)
        raise SettingsError(problems) from None  # the original error could quote a secret


def _other_problems(values: Mapping[str, Any]) -> list[str]:
    """What else is unfit when the two secrets are missing, so that one start names everything."""
    strong = {name: secrets.token_urlsafe(48) for name in ("jwt_secret", "otp_secret")}
    try:
        Settings(**{**strong, **values})
    except SettingsError as more:
        return more.problems
    return []


def _sentence(error: Any) -> str:
    name = str(error["loc"][0]).upper() if error["loc"] else "The environment"
    if error["type"] == "missing":
        hint = f" {_HOW_TO_MAKE}" if name in {"JWT_SECRET", "OTP_SECRET"} else ""
        return f"{name} is missing.{hint}"
    reason = str(error["msg"]).removeprefix("Value error, ")
    return f"{name} cannot be used: {reason[0].lower()}{reason[1:]}."


def doubts(settings: Settings, env_file: str | Path | None = ".env") -> list[str]:
    """What does not keep Tiffin from starting but should be known, one sentence each."""
    found = []
    if env_file is not None:
        try:
            mode = Path(env_file).stat().st_mode
        except FileNotFoundError:
            mode = 0
        if mode & (stat.S_IROTH | stat.S_IWOTH):
            found.append(f"{env_file} holds secrets and everybody on this machine can read it: chmod 600 {env_file}")
    if not settings.demo:
        if settings.payment_provider is PaymentProviderName.SANDBOX:
            found.append("PAYMENT_PROVIDER is sandbox: online payments are played, no money moves.")
        if SmsProvider.CONSOLE in settings.sms_providers:
            found.append("SMS_PROVIDERS names console: codes are printed on this machine instead of being sent.")
        for name in ("redis_url", "mongodb_url"):
            if getattr(settings, name) is None:
                found.append(f"{name.upper()} is not set: the embedded server is used, meant for trying Tiffin out.")
    return found
