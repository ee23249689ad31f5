"""Codes that are made by somebody who may, work for a quarter of an hour, and work once.

Whether the person who brings a code may use it is for the caller to judge, between `look` and `claim`.
"""

from datetime import timedelta

from core.audit.models import Did
from core.audit.service import AuditService
from core.clock import Clock
from core.ids import Handle
from core.invites.codes import fingerprint, new_code, read_code
from core.invites.errors import InviteRefused
from core.invites.models import Claim, Invite, Made, Purpose
from core.invites.store import InviteStore

LIVES = timedelta(minutes=15)


class InviteService:
    def __init__(self, *, store: InviteStore, audit: AuditService, clock: Clock) -> None:
        self._store = store
        self._audit = audit
        self._clock = clock

    async def make(self, purpose: Purpose, by: Handle, *, name: str = "") -> Made:
        """A code for one purpose. It cannot be shown a second time."""
        code, now = new_code(), self._clock.ms()
        until = now + LIVES // timedelta(milliseconds=1)
        invite = Invite(
            id=fingerprint(code),
            written_purpose=str(purpose),
            made_by=by,
            made_name=name,
            made_ms=now,
            until_ms=until,
        )
        await self._store.insert(invite)
        act = await self._audit.record(Did.INVITE_MADE, by, name=name, outlet=purpose.outlet, about=str(purpose))
        return Made(code, until, act)

    async def look(self, written: str, *, update: str = "") -> Invite:
        """What a code would open. Raises InviteRefused; one that was used with this very `update` is still good."""
        code = read_code(written)
        invite = None if code is None else await self._store.get(fingerprint(code))
        if invite is None:
            raise InviteRefused(reason="unknown")
        claim = await self._store.claimed(invite.id)
        if claim is not None:
            if not update or claim.update != update:
                raise InviteRefused(reason="used")
        elif self._clock.ms() >= invite.until_ms:
            raise InviteRefused(reason="expired")
        return invite

    async def claim(self, invite: Invite, by: Handle, *, update: str, name: str = "") -> None:
        """Use the invite up for `by`, for good. The same `update` again is the same use.

        Raises InviteRefused when somebody was faster, or it was used before.
        """
        claim = Claim(id=invite.id, by=by, update=update, at_ms=self._clock.ms())
        if not await self._store.claim(claim):
            first = await self._store.claimed(invite.id)
            if first is None or (first.by, first.update) != (by, update):
                raise InviteRefused(reason="used")
        await self._audit.record(
            Did.INVITE_USED, by, name=name, outlet=invite.outlet, about=invite.written_purpose, key=invite.id
        )

    async def claimed(self, invite: Invite) -> Claim | None:
        """Who used it, if somebody did."""
        return await self._store.claimed(invite.id)

    async def refused(self, invite: Invite, by: Handle, *, where: str, name: str = "") -> bool:
        """Somebody brought a good code and may not use it. The code stays as it is; the attempt is written down.

        False: the same person's attempt is written down already.
        """
        act = await self._audit.record_once(
            Did.INVITE_REFUSED,
            by,
            within=LIVES,
            name=name,
            outlet=invite.outlet,
            about=invite.written_purpose,
            where=where,
        )
        return act is not None
