"""How every command that works with guests begins: settings read, logs set up, doubts told."""

from core.logs import configure_logging, get_logger, log_what_ends_the_program
from core.payments.practice.bank import PracticeKeys
from core.redaction import mark_phones_with, register_secrets
from core.settings import Settings, doubts, load_settings

log = get_logger(__name__)


def open_settings(*, demo: bool = False) -> Settings:
    """The settings of this process; from here on no log line can show a secret. Raises SettingsError."""
    settings = load_settings(demo=demo)
    practice = PracticeKeys.of(settings)
    played = [secret.get_secret_value() for secret in (practice.key_secret, *practice.webhook_secrets)]
    register_secrets([*settings.secret_values(), *played])
    mark_phones_with(settings.otp_secret[0].get_secret_value())
    configure_logging(level=settings.log_level, form=settings.log_format)
    log_what_ends_the_program()
    for doubt in doubts(settings):
        log.warning("settings_doubt", doubt=doubt)
    return settings
