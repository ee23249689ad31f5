"""One-time codes: asked for in a chat, sent to a phone, right at most once."""

import hmac
import logging
import re
import secrets
import unicodedata
from datetime import timedelta
from functools import partial
from hashlib import sha256

from core.clock import Clock
from core.connections import STORE_FAILURES
from core.errors import ProviderError, TooManyAttempts
from core.ids import ChatKey, Phone, new_id
from core.models import Model
from core.otp.budget import BudgetSpent, SmsBudget
from core.otp.errors import CodeExpired, CodeLocked, InvalidPhone, NotACode, PhoneNotAllowed, WrongCode
from core.otp.phones import parse_phone
from core.otp.store import ClaimStore, CodeStore, Refused, Right, Wrong
from core.otp.watch import OtpWatch
from core.redaction import phone_mark
from core.settings import Settings
from core.sms.provider import SmsReceipt
from core.sms.sender import SmsSender
from core.sms.texts import BRAND, DEFAULT_LANGUAGE, code_text

log = logging.getLogger(__name__)

DIGITS = 6
NOT_SENT: tuple[type[Exception], ...] = (ProviderError, *STORE_FAILURES)
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
        budget: SmsBudget,
        watch: OtpWatch,
        brand: str = BRAND,
    ) -> None:
        self._codes = codes
        self._claims = claims
        self._sms = sms
        # The first is for new codes; the others for those of the last ten minutes, while a secret is being changed.
        self._secrets = [secret.get_secret_value().encode() for secret in settings.otp_secret]
        self._countries = settings.sms_countries
        self._template = settings.sms_dlt_template_id
        self._registered = settings.sms_dlt_template
        self._limits = codes.limits
        self._clock = clock
        self._budget = budget
        self._watch = watch
        self._brand = brand

    async def request(
        self, phone: Phone, chat: ChatKey, language: str, *, linked: bool = False, address: str = ""
    ) -> CodeSent:
        """Text a new code to `phone`; the one asked for in this chat before is dead. `linked`: this chat proved it.

        `address`: where the chat comes from, in a channel whose chats cost nothing; empty when it says nothing.
        Raises TooManyAttempts with a `reason` (those of core.otp.limits.Reason), PhoneNotAllowed, and ProviderError
        when no message could be sent (then nothing waits and the guest may ask again at once).
        """
        self._check_country(phone)
        code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
        otp_id = new_id("otp")
        mac = self._fingerprints(phone, chat, code)[0]
        issued = await self._codes.issue(phone, chat, mac=mac, otp_id=otp_id, linked=linked, address=address)
        if isinstance(issued, Refused):
            raise await self._refused(phone, chat, issued)
        withdraw = partial(self._codes.withdraw, phone, chat, otp_id=otp_id, sent_ms=issued.sent_ms, linked=linked)
        try:
            receipt = await self._send(phone, code, language)
        except BudgetSpent as spent:
            await withdraw()
            raise await self._refused(phone, chat, Refused("budget", spent.wait)) from None
        except NOT_SENT:
            await withdraw()
            raise
        log.info("otp_sent", extra={"otp_id": otp_id, "phone": phone_mark(phone), "provider": receipt.provider})
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
                log.info("otp_verified", extra={"otp_id": otp_id, "phone": phone_mark(phone)})
            case Wrong(tries_left, of_phone):
                await self._watch.wrong(phone, chat, of_phone)
                raise WrongCode(tries_left=tries_left) if tries_left else CodeLocked(again_after=self._pause(of_phone))
            case Refused(reason, wait):
                raise TooManyAttempts(retry_after=wait, reason=reason)
            case None:
                raise CodeExpired()

    async def _send(self, phone: Phone, code: str, language: str) -> SmsReceipt:
        minutes = int(self._limits.code_lives.total_seconds()) // 60
        spoken = DEFAULT_LANGUAGE if self._template else language  # one template is one wording
        text = code_text(code, spoken, minutes=minutes, brand=self._brand, registered=self._registered)
        await self._budget.take()
        return await self._sms.send(phone, text, template_id=self._template)

    async def _refused(self, phone: Phone, chat: ChatKey, refused: Refused) -> TooManyAttempts:
        log.info("otp_refused", extra={"reason": refused.reason, "phone": phone_mark(phone)})
        await self._watch.refused(chat, refused)
        return TooManyAttempts(retry_after=refused.wait, reason=refused.reason)

    def _pause(self, of_phone: int) -> timedelta:
        """How long the chat that has just guessed wrong waits for a new code."""
        return self._limits.wrong_pause if of_phone >= self._limits.wrong_of_a_phone.most else timedelta()

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
