"""The audit: what was done is written down at once, and read back newest first."""

from collections.abc import Iterable
from datetime import timedelta
from hashlib import blake2b

from core.audit.models import Act, Did
from core.audit.store import AuditStore
from core.clock import Clock
from core.ids import OutletId, new_id
from core.logs import get_logger

log = get_logger(__name__)


class AuditService:
    def __init__(self, *, store: AuditStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def record(
        self,
        did: Did,
        by: str,
        *,
        name: str = "",
        outlet: str = "",
        about: str = "",
        key: str = "",
        **facts: str | int,
    ) -> Act:
        """Write an act down. `key` names what caused it: told of it again, the audit holds it once."""
        act = self._act(_id(did, key), did, by, name, outlet, about, facts)
        if await self._store.insert(act):
            log.info("audit", did=did.value, by=by, outlet=outlet, about=about)
        return act

    async def record_once(
        self,
        did: Did,
        by: str,
        *,
        within: timedelta,
        name: str = "",
        outlet: str = "",
        about: str = "",
        **facts: str | int,
    ) -> Act | None:
        """Write down what may be reported several times in a row; None when it was, within the last while.

        For reports that carry no name of their own. Two that cross: one is written.
        """
        span = within // timedelta(milliseconds=1)
        now = self._clock.ms()
        same = "\0".join([by, name, outlet, about, *(f"{word}={value}" for word, value in sorted(facts.items()))])
        before, this = (_id(did, f"{same}\0{now // span + n}") for n in (-1, 0))
        earlier = await self._store.get(before)
        if earlier is not None and now - earlier.at_ms < span:
            return None
        act = self._act(this, did, by, name, outlet, about, facts)
        return act if await self._store.insert(act) else None

    async def latest(self, limit: int = 20, outlets: Iterable[OutletId] | None = None) -> list[Act]:
        """The newest acts first: those at `outlets`, or all there are."""
        return await self._store.latest(limit, outlets)

    def _act(self, id: str, did: Did, by: str, name: str, outlet: str, about: str, facts: dict[str, str | int]) -> Act:
        return Act(id=id, did=did, at_ms=self._clock.ms(), by=by, name=name, outlet=outlet, about=about, facts=facts)


def _id(did: Did, key: str) -> str:
    if not key:
        return new_id("aud")
    return f"aud_{blake2b(f'{did}#{key}'.encode(), digest_size=16).hexdigest()}"
