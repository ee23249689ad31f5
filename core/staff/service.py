"""Who may tap which button in an outlet's chat.

Membership of a group chat gives no right: a person acts by their own handle, at the outlets they were added to. The
owners named in the settings may do everything at every outlet.
"""

import logging
from collections.abc import Iterable

from core.clock import Clock
from core.errors import Forbidden, NotFound
from core.ids import Handle, OutletId
from core.staff.models import Role, StaffMember, Verb, may, member_id
from core.staff.store import StaffStore

log = logging.getLogger(__name__)


class StaffService:
    def __init__(self, *, store: StaffStore, clock: Clock, owners: Iterable[Handle] = ()) -> None:
        """`owners`: handles that are OWNER everywhere (the admins of the settings)."""
        self._store = store
        self._clock = clock
        self._owners = frozenset(owners)

    async def role(self, handle: Handle, outlet: OutletId) -> Role | None:
        """What this person is at this outlet; None for everybody else. Read fresh: a removed cook is out at once."""
        if handle in self._owners:
            return Role.OWNER
        member = await self._store.get(outlet, handle)
        return None if member is None else member.role

    async def require(self, handle: Handle, outlet: OutletId, verb: Verb) -> Role:
        """The person's role, if it may do that. Raises Forbidden."""
        role = await self.role(handle, outlet)
        if role is None or not may(role, verb):
            raise Forbidden(handle=handle, outlet=outlet, verb=verb.value)
        return role

    async def add(self, handle: Handle, outlet: OutletId, role: Role, *, name: str = "", by: str = "") -> StaffMember:
        """Let somebody work at an outlet. For one who does already, the new role counts."""
        member = StaffMember(
            id=member_id(outlet, handle),
            outlet=outlet,
            handle=handle,
            role=role,
            name=name,
            added_by=by,
            added_ms=self._clock.ms(),
        )
        if not await self._store.insert(member):
            await self._store.change_role(outlet, handle, role, name, by)
        log.info("staff_added", extra={"outlet": outlet, "handle": handle, "role": role.value, "by": by})
        return member

    async def remove(self, handle: Handle, outlet: OutletId, *, by: str = "") -> None:
        """Raises NotFound when nobody of this handle works there."""
        if not await self._store.remove(outlet, handle):
            raise NotFound(what="staff", handle=handle, outlet=outlet)
        log.info("staff_removed", extra={"outlet": outlet, "handle": handle, "by": by})

    async def list_at(self, outlet: OutletId) -> list[StaffMember]:
        return await self._store.of_outlet(outlet)

    async def names_at(self, outlet: OutletId) -> dict[str, str]:
        """What to call whoever may act at an outlet, by handle: its own people, and admins who acted before."""
        named = await self._store.names(self._owners)
        return named | {member.handle: member.name for member in await self.list_at(outlet) if member.name}

    async def met(self, handle: Handle, name: str) -> None:
        """Remember what an admin of the settings is called; they are on no outlet's list."""
        if handle in self._owners and name:
            await self._store.add_name(handle, name)

    async def outlets_of(self, handle: Handle) -> list[StaffMember]:
        """Every outlet where this person was added, with the role there."""
        return await self._store.of_handle(handle)
