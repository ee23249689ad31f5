"""Session tokens: who a chat speaks for, signed, for seven days. They stay on the server (I19 in RELIABILITY.md)."""

from datetime import timedelta
from hashlib import sha256

import jwt

from core.clock import Clock
from core.customers.models import Customer
from core.errors import Forbidden
from core.ids import ChatKey, CustomerId
from core.models import Model
from core.settings import Settings

LIFE = timedelta(days=7)
LEEWAY = timedelta(seconds=60)  # replicas' clocks may differ by so much
AUDIENCE = "tiffin-session"
ISSUER = "tiffin"
_ALGORITHM = "HS256"
_OURS = frozenset({"sub", "ver", "chat", "iss", "aud", "iat", "exp"})


class Claims(Model):
    """What a good token says. The session is over when `token_ver` is no longer the customer's."""

    customer: CustomerId
    token_ver: int
    expires_ms: int


class Tokens:
    def __init__(self, settings: Settings, clock: Clock) -> None:
        # The first key signs, all are believed. A kid tells keys apart without telling about them.
        self._keys = {_kid(key): key for key in (secret.get_secret_value() for secret in settings.jwt_secret)}
        self._clock = clock

    def issue(self, customer: Customer, chat: ChatKey) -> str:
        """A token for this guest in this chat."""
        now = int(self._clock.now().timestamp())
        claims = {
            "sub": customer.id,
            "ver": customer.token_ver,
            "chat": chat,
            "iss": ISSUER,
            "aud": AUDIENCE,
            "iat": now,
            "exp": now + int(LIFE.total_seconds()),
        }
        kid, key = next(iter(self._keys.items()))
        return jwt.encode(claims, key, algorithm=_ALGORITHM, headers={"kid": kid})

    def check(self, token: str, chat: ChatKey) -> Claims:
        """What the token says, if it is ours, of this chat and still good. Raises Forbidden(reason)."""
        try:
            key = self._keys.get(jwt.get_unverified_header(token).get("kid", ""))
            if key is None:
                raise Forbidden(reason="kid")
            claims = jwt.decode(
                token,
                key,
                algorithms=[_ALGORITHM],
                audience=AUDIENCE,
                issuer=ISSUER,
                options={
                    "require": list(_OURS),
                    "verify_exp": False,  # time is the clock's, below
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except (jwt.InvalidTokenError, ValueError) as bad:
            raise Forbidden(reason="token") from bad
        if claims.keys() != _OURS:  # nbf and the like: we write none, so nobody else's are kept either
            raise Forbidden(reason="token")
        now, leeway = self._clock.now().timestamp(), LEEWAY.total_seconds()
        issued, expires = claims["iat"], claims["exp"]
        if type(issued) is not int or type(expires) is not int or type(claims["ver"]) is not int:
            raise Forbidden(reason="token")
        if now >= expires or issued > now + leeway or expires - issued > LIFE.total_seconds():
            raise Forbidden(reason="expired")
        if claims["chat"] != chat:
            raise Forbidden(reason="chat")
        return Claims(customer=CustomerId(claims["sub"]), token_ver=claims["ver"], expires_ms=expires * 1000)


def _kid(key: str) -> str:
    return sha256(key.encode()).hexdigest()[:8]
