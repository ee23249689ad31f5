"""Whether Twilio sent it: a signature over exactly the address Twilio called and what it sent (PLATFORMS.md B3)."""

import hmac
import re
from base64 import b64encode
from collections.abc import Collection, Iterator, Mapping, Sequence
from enum import StrEnum
from hashlib import sha1, sha256
from typing import Final
from urllib.parse import parse_qs, urlsplit

from aiohttp import web

from core.errors import Forbidden
from core.logs import get_logger
from webhooks.bodies import BadRequest, read_body

log = get_logger(__name__)

SIGNATURE: Final = "X-Twilio-Signature"
SETTINGS: Final = "X-Twilio-Webhooks-Signature-Settings"
MAX_FIELDS: Final = 500
_DEFAULT_PORT: Final = {"https": ":443", "http": ":80"}
_NETLOC: Final = re.compile(r"[^/?#]*")
_PORT: Final = re.compile(r":[0-9]+$")

Form = Mapping[str, Sequence[str]]


class Algorithm(StrEnum):
    """SHA1 is what a request without settings is signed with."""

    SHA1 = "HMAC_SHA1"
    SHA256 = "HMAC_SHA256"


class NotFromTwilio(Forbidden):
    """`reason`: missing, algorithm or mismatch."""

    reason: str


class TwilioSignature:
    """Any of `keys` may have signed: the auth token in use, and during a rotation the one before it. Which algorithms
    count is ours to say; the header only tells which of them a request uses.
    """

    def __init__(
        self, *, keys: Sequence[str], public_url: str, algorithms: Collection[Algorithm] = (Algorithm.SHA1,)
    ) -> None:
        if not all(keys) or not keys:
            raise ValueError("a signature needs a key")
        self._keys = tuple(key.encode() for key in keys)
        self._public_url = public_url.rstrip("/")
        self._algorithms = frozenset(algorithms)

    async def form(self, request: web.Request) -> dict[str, str]:
        """The form Twilio sent, the first value of each name. Raises NotFromTwilio; BadRequest when it is no form."""
        algorithm = _algorithm(request.headers.get(SETTINGS, ""))
        if algorithm not in self._algorithms:
            raise self._refused("algorithm")
        signature = request.headers.get(SIGNATURE)
        if signature is None:
            raise self._refused("missing")
        fields = read_form(await read_body(request))
        # Behind a proxy the request knows neither scheme nor host of what was called; only its path came through.
        if not self.signed_form(self._public_url + request.raw_path, fields, signature, algorithm):
            raise self._refused("mismatch")
        return {name: values[0] for name, values in fields.items()}

    def signed_form(self, url: str, fields: Form, signature: str, algorithm: Algorithm = Algorithm.SHA1) -> bool:
        """Names in order, and behind each its different values in order."""
        pairs = "".join(name + value for name in sorted(fields) for value in sorted(set(fields[name])))
        return self._signed(url, pairs, signature, algorithm)

    def signed_body(self, url: str, body: bytes, signature: str, algorithm: Algorithm = Algorithm.SHA1) -> bool:
        """Anything but a form: the address is signed, and holds a hash of the body."""
        claimed = parse_qs(urlsplit(url).query).get("bodySHA256", [""])[0]
        whole = hmac.compare_digest(claimed.encode(), sha256(body).hexdigest().encode())
        return self._signed(url, "", signature, algorithm) and whole

    def _signed(self, url: str, pairs: str, signature: str, algorithm: Algorithm) -> bool:
        given = signature.encode("utf-8", "surrogateescape")
        fits = [
            hmac.compare_digest(given, b64encode(hmac.digest(key, (form + pairs).encode(), _HASHES[algorithm])))
            for key in self._keys
            for form in _forms(url)
        ]
        return algorithm in self._algorithms and any(fits)

    @staticmethod
    def _refused(reason: str) -> NotFromTwilio:
        log.warning("twilio_signature_refused", reason=reason)
        return NotFromTwilio(reason=reason)


_HASHES: Final = {Algorithm.SHA1: sha1, Algorithm.SHA256: sha256}


def read_form(body: bytes) -> dict[str, list[str]]:
    try:
        return parse_qs(body.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        raise BadRequest(400, "The request is not a form.") from None


def _algorithm(settings: str) -> Algorithm | None:
    """`key=…,algorithm=HMAC_SHA256`; None for one we do not know."""
    for part in settings.split(","):
        name, _, value = part.partition("=")
        if name.strip() == "algorithm" and value.strip():
            known = value.strip().upper()
            return Algorithm(known) if known in set(Algorithm) else None
    return Algorithm.SHA1


def _forms(url: str) -> Iterator[str]:
    """The address with its port and without: Twilio signs now one, now the other. Not another character may change."""
    scheme, _, behind = url.partition("://")
    netloc = _NETLOC.match(behind)[0]  # type: ignore[index]  # it may be empty, but it is always there
    user, at, place = netloc.rpartition("@")
    host, port = _PORT.sub("", place), _PORT.search(place)
    for form in (host, f"{host}{port[0] if port else _DEFAULT_PORT.get(scheme, ':443')}"):
        yield f"{scheme}://{user}{at}{form}{behind[len(netloc) :]}"
