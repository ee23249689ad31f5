"""The SMS services that Settings name, in their order, and the sender that tries them."""

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from pydantic import SecretStr

from core.clock import Clock
from core.connections import Database
from core.errors import SettingsError
from core.settings import Settings
from core.settings import SmsProvider as Name
from core.sms.console import ConsoleSms
from core.sms.gupshup import GupshupSms
from core.sms.msg91 import Msg91Sms
from core.sms.patience import PATIENCE, Patience
from core.sms.sns import SnsSms
from core.sms.store import SmsStore
from core.sms.tracking import TrackingSender
from core.sms.twilio import TwilioSms

TWILIO_STATUS_PATH: Final = "/webhooks/twilio/status"

Service: TypeAlias = TwilioSms | Msg91Sms | SnsSms | GupshupSms


@dataclass(frozen=True, slots=True)
class Sms:
    """`console` is there when Settings name it: what it was given can be read on this machine."""

    sender: TrackingSender
    console: ConsoleSms | None
    services: tuple[Service, ...]

    async def close(self) -> None:
        for service in self.services:
            await service.close()


def build_sms(
    settings: Settings, db: Database, clock: Clock, *, sender_id: str | None = None, patience: Patience = PATIENCE
) -> Sms:
    """Nothing is connected or even imported before the first message. `sender_id` is the registered header (DLT)."""
    providers = [_provider(name, settings, clock, sender_id, patience) for name in settings.sms_providers]
    return Sms(
        sender=TrackingSender(providers, store=SmsStore(db, clock), clock=clock),
        console=next((each for each in providers if isinstance(each, ConsoleSms)), None),
        services=tuple(each for each in providers if not isinstance(each, ConsoleSms)),
    )


def _provider(
    name: Name, settings: Settings, clock: Clock, sender_id: str | None, patience: Patience
) -> Service | ConsoleSms:
    match name:
        case Name.TWILIO:
            return TwilioSms(
                account_sid=_given("twilio_account_sid", settings.twilio_account_sid),
                auth_token=_secret("twilio_auth_token", settings.twilio_auth_token),
                sender=_given("twilio_phone_number", settings.twilio_phone_number),
                api_url=settings.twilio_api_url,
                status_url=twilio_status_url(settings),
                patience=patience,
            )
        case Name.MSG91:
            return Msg91Sms(
                auth_key=_secret("msg91_auth_key", settings.msg91_auth_key),
                flow_id=_given("msg91_template_id", settings.msg91_template_id),
                api_url=settings.msg91_api_url,
                sender_id=sender_id,
                patience=patience,
            )
        case Name.SNS:
            return SnsSms(
                region=settings.aws_region,
                endpoint_url=settings.aws_endpoint_url,
                entity_id=settings.sms_dlt_entity_id,
                sender_id=sender_id,
                patience=patience,
            )
        case Name.GUPSHUP:
            return GupshupSms(
                user_id=_given("gupshup_user_id", settings.gupshup_user_id),
                password=_secret("gupshup_password", settings.gupshup_password),
                api_url=settings.gupshup_api_url,
                entity_id=settings.sms_dlt_entity_id,
                sender_id=sender_id,
                patience=patience,
            )
        case Name.CONSOLE:
            return ConsoleSms(clock)


def twilio_status_url(settings: Settings) -> str | None:
    """Where Twilio reports on a message; None where it could not reach us, since it refuses a message with such an
    address (21609). A Twilio on this machine reaches this machine.
    """
    url = settings.public_url + TWILIO_STATUS_PATH
    host = urlsplit(url).hostname or ""
    if "_" in host or len(url) > 4000:
        return None
    if _at_home(host) and not _at_home(urlsplit(settings.twilio_api_url).hostname or ""):
        return None
    return url


def _at_home(host: str) -> bool:
    try:
        return not ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith((".localhost", ".local", ".internal"))


def _given(name: str, value: str | None) -> str:
    if not value:
        raise SettingsError([f"{name.upper()} is missing: SMS_PROVIDERS needs it."])
    return value


def _secret(name: str, value: SecretStr | None) -> SecretStr:
    return SecretStr(_given(name, value.get_secret_value() if value else None))
