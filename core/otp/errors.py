"""What can go wrong between a phone number and its code."""

from datetime import timedelta

from core.errors import DomainError, Forbidden, InvalidInput


class InvalidPhone(InvalidInput):
    """Not a phone we can text. `reason`: not_a_number, not_mobile (a landline) or country (not served)."""

    field = "phone"
    reason: str


class PhoneNotAllowed(Forbidden):
    """Codes are not sent to this number. `reason` as in InvalidPhone."""

    reason: str


class NotACode(InvalidInput):
    """Not six digits. It costs no try."""

    field = "code"


class WrongCode(DomainError):
    """Not the code that was sent. `tries_left` is at least one."""

    tries_left: int


class CodeExpired(DomainError):
    """There is no code waiting here: too old, used, replaced, or never asked for in this chat."""


class CodeLocked(DomainError):
    """The last try was wrong; the code is dead and a new one is needed. `again_after`: when it may be asked for."""

    again_after: timedelta = timedelta()
