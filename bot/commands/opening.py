"""How every command that works with guests begins: settings read, logs set up, doubts told."""

from core.logs import configure_logging, get_logger, register_secrets
from core.payments.practice.bank import PracticeKeys
from core.settings import Settings, doubts, load_settings

log = get_logger(__name__)


def open_settings(*, demo: bool = False) -> Settings:
    """The settings of this process; from here on no log line can show a secret. Raises SettingsError."""
    settings = load_settings(demo=demo)
    practice = PracticeKeys.of(settings)
    played = [secret.get_secret_value() for secret in (practice.key_secret, *practice.webhook_secrets)]
    register_secrets([*settings.secret_values(), *played])
    configure_logging(level=settings.log_level, form=settings.log_format)
    for doubt in doubts(settings):
        log.warning("settings_doubt", doubt=doubt)
    return settings
