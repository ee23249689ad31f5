"""One-time codes: asked for in a chat, sent to a phone, right at most once."""

import hmac
import logging
import re
import secrets
import unicodedata
from hashlib import sha256

from core.clock import Clock
from core.errors import ProviderError, TooManyAttempts
from core.ids import ChatKey, Phone, new_id
from core.models import Model
from core.otp.errors import CodeExpired, CodeLocked, InvalidPhone, NotACode, PhoneNotAllowed, WrongCode
from core.otp.phones import parse_phone
from core.otp.store import ClaimStore, CodeStore, Issued, Refused, Right, Wrong
from core.settings import Settings
from core.sms.sender import SmsSender
from core.sms.texts import BRAND, code_text

log = logging.getLogger(__name__)

DIGITS = 6
_CODE = re.compile(r"[0-9]{6}\Z")
_BETWEEN = re.compile(r"[\s\-.]+")


class CodeSent(Model):
    phone: Phone
    expires_ms: int
    resend_ms: int  # from when a new one may be asked for


class OtpService:
    def __init__(
        self,
        *,
        codes: CodeStore,
        claims: ClaimStore,
        sms: SmsSender,
        settings: Settings,
        clock: Clock,
        brand: str = BRAND,
    ) -> None:
        self._codes = codes
        self._claims = claims
        self._sms = sms
        # The first is for new codes; the others for those of the last ten minutes, while a secret is being changed.
        self._secrets = [secret.get_secret_value().encode() for secret in settings.otp_secret]
        self._countries = settings.sms_countries
        self._template = settings.sms_dlt_template_id
        self._limits = codes.limits
        self._clock = clock
        self._brand = brand

    async def request(self, phone: Phone, chat: ChatKey, language: str, *, linked: bool = False) -> CodeSent:
        """Text a new code to `phone`; the one asked for in this chat before is dead. `linked`: this chat proved it.

        Raises TooManyAttempts with a `reason` (cooldown, window, hour, day, chat, budget), PhoneNotAllowed, and
        ProviderError when no message could be sent (then nothing waits and the guest may ask again at once).
        """
        self._check_country(phone)
        code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
        otp_id = new_id("otp")
        mac = self._fingerprints(phone, chat, code)[0]
        issued = await self._codes.issue(phone, chat, mac=mac, otp_id=otp_id, linked=linked)
        if isinstance(issued, Refused):
            log.info("otp_refused", extra={"reason": issued.reason, "phone_end": phone[-2:]})
            raise TooManyAttempts(retry_after=issued.wait, reason=issued.reason)
        await self._send(phone, chat, code, language, otp_id=otp_id, issued=issued, linked=linked)
        now_ms = self._clock.ms()
        return CodeSent(
            phone=phone,
            expires_ms=now_ms + int(self._limits.code_lives.total_seconds() * 1000),
            resend_ms=now_ms + int(self._limits.cooldown.total_seconds() * 1000),
        )

    async def verify(self, phone: Phone, chat: ChatKey, code: str) -> None:
        """Return if `code` is the one sent to `phone` for this chat; each code once, over all replicas.

        Raises NotACode, WrongCode(tries_left), CodeLocked, CodeExpired, and TooManyAttempts (reason guesses) in a chat
        that guessed too often today.
        """
        macs = self._fingerprints(phone, chat, _six_digits(code))
        match await self._codes.verify(phone, chat, macs=macs):
            case Right(otp_id):
                if not await self._claims.claim(otp_id):
                    log.warning("otp_used_again", extra={"otp_id": otp_id})
                    raise CodeExpired()
                log.info("otp_verified", extra={"otp_id": otp_id, "phone_end": phone[-2:]})
            case Wrong(0):
                raise CodeLocked()
            case Wrong(tries_left):
                raise WrongCode(tries_left=tries_left)
            case Refused(reason, wait):
                raise TooManyAttempts(retry_after=wait, reason=reason)
            case None:
                raise CodeExpired()

    async def _send(
        self, phone: Phone, chat: ChatKey, code: str, language: str, *, otp_id: str, issued: Issued, linked: bool
    ) -> None:
        minutes = int(self._limits.code_lives.total_seconds()) // 60
        text = code_text(code, language, minutes=minutes, brand=self._brand)
        try:
            receipt = await self._sms.send(phone, text, template_id=self._template)
        except ProviderError:
            await self._codes.withdraw(phone, chat, otp_id=otp_id, sent_ms=issued.sent_ms, linked=linked)
            raise
        log.info("otp_sent", extra={"otp_id": otp_id, "phone_end": phone[-2:], "provider": receipt.provider})

    def _check_country(self, phone: Phone) -> None:
        try:
            parse_phone(phone, countries=self._countries)
        except InvalidPhone as refused:
            raise PhoneNotAllowed(reason=refused.reason) from refused

    def _fingerprints(self, phone: Phone, chat: ChatKey, code: str) -> list[str]:
        """What Redis keeps instead of the code: six digits alone could be found by trying them all."""
        what = f"{phone}|{chat}|{code}".encode()
        return [hmac.new(secret, what, sha256).hexdigest() for secret in self._secrets]


def _six_digits(text: str) -> str:
    """The code as guests type it: `123 456`, `१२३४५६`."""
    if len(text) > 40:
        raise NotACode()
    digits = "".join(
        character if (value := unicodedata.decimal(character, None)) is None else str(value) for character in text
    )
    plain = _BETWEEN.sub("", digits)
    if not _CODE.match(plain):
        raise NotACode()
    return plain
