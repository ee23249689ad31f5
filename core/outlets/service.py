"""The directory of outlets, held in the process and followed by version, and the switch that pauses one."""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta

from core.clock import Clock
from core.errors import NotFound, StoreError
from core.ids import OutletId
from core.outlets.errors import OutletChanged, OutletExists
from core.outlets.models import Outlet
from core.outlets.store import MenuVersions, OutletStore, RedisClient

log = logging.getLogger(__name__)

READ_AGAIN_AFTER = timedelta(minutes=15)  # whatever the versions say: a bump lost with Redis heals by itself
READ_WITHOUT_REDIS_AFTER = timedelta(seconds=10)
LOST_RACES = 20


class OutletService:
    def __init__(self, *, store: OutletStore, clock: Clock, redis: RedisClient) -> None:
        self._store = store
        self._clock = clock
        self._versions_store = MenuVersions(redis)
        self._outlets: dict[OutletId, Outlet] = {}
        self._ordered: tuple[Outlet, ...] = ()
        self._list_version = ""
        self._versions: dict[OutletId, str] = {}
        self._epoch = 0
        self._changes: dict[OutletId, int] = {}  # made by this process
        self._read_ms = 0
        self._unsaid: dict[OutletId, bool] = {}  # changes Redis could not be told of yet
        self._reading = asyncio.Lock()

    def all(self) -> tuple[Outlet, ...]:
        """Every outlet, in the owner's order."""
        return self._ordered

    def get(self, outlet: OutletId) -> Outlet | None:
        return self._outlets.get(outlet)

    def require(self, outlet: OutletId) -> Outlet:
        """Raises NotFound."""
        found = self._outlets.get(outlet)
        if found is None:
            raise NotFound(what="outlet", outlet=outlet)
        return found

    async def fresh(self, outlet: OutletId) -> Outlet | None:
        """The outlet straight from the database."""
        return await self._store.get(outlet)

    async def all_fresh(self) -> list[Outlet]:
        """Every outlet straight from the database, in the owner's order."""
        return sorted(await self._store.all(), key=_order)

    def version(self, outlet: OutletId) -> str:
        """A word that changes whenever this process should read the outlet's menu again."""
        return f"{self._epoch}.{self._changes.get(outlet, 0)}.{self._versions.get(outlet, '')}"

    async def load(self) -> None:
        """Read every outlet from the database."""
        async with self._reading:
            await self._load()

    async def _load(self) -> None:
        known = list(self._outlets)
        try:
            list_version, versions = await self._versions_store.read(known)  # first, so that no change is missed
        except StoreError:
            list_version, versions = self._list_version, dict(self._versions)
        found = await self._store.all()
        unknown = [outlet.id for outlet in found if outlet.id not in versions]
        if unknown:
            try:
                _, more = await self._versions_store.read(unknown)
            except StoreError:
                more = {}
            versions |= more
            found = await self._store.all()
        self._take(found)
        self._list_version = list_version
        self._versions = {outlet.id: versions.get(outlet.id, "") for outlet in found}
        self._epoch += 1
        self._read_ms = self._clock.ms()

    async def refresh(self) -> None:
        """Follow changes made elsewhere: one round trip to Redis when there are none.

        A ticker's job, about once a second. When Redis does not answer, the database is read every few seconds instead.
        """
        async with self._reading:
            await self._say_unsaid()
            age = timedelta(milliseconds=self._clock.ms() - self._read_ms)
            if age >= READ_AGAIN_AFTER:
                await self._load()
                return
            try:
                list_version, versions = await self._versions_store.read(list(self._outlets))
            except StoreError:
                if age >= READ_WITHOUT_REDIS_AFTER:
                    await self._load()
                return
            if list_version != self._list_version:
                await self._load()
                return
            for outlet, version in versions.items():
                if version != self._versions[outlet]:
                    fresh = await self._store.get(outlet)
                    if fresh is None:
                        await self._load()
                        return
                    self._take([fresh, *(other for other in self._ordered if other.id != outlet)])
                    self._versions[outlet] = version

    async def add(self, outlet: Outlet) -> Outlet:
        """A new outlet. Raises OutletExists."""
        if not await self._store.insert(outlet):
            raise OutletExists(outlet=outlet.id)
        self._take([*self._ordered, outlet])
        self._versions.setdefault(outlet.id, "")
        await self.changed(outlet.id, listed=True)
        return outlet

    async def save(self, outlet: Outlet) -> Outlet:
        """Store a changed outlet, as read from here; the answer carries its new version. Raises OutletChanged."""
        new = outlet.model_copy(update={"v": outlet.v + 1})
        if not await self._store.replace(new):
            raise OutletChanged(outlet=outlet.id)
        self._take([new, *(other for other in self._ordered if other.id != new.id)])
        await self.changed(new.id)
        return new

    async def pause(self, outlet: OutletId, minutes: int, reason: str, by: str) -> Outlet:
        """Take no orders for a while. A second pause replaces the first."""
        until = self._clock.ms() + timedelta(minutes=minutes) // timedelta(milliseconds=1)
        log.info("outlet_paused", extra={"outlet": outlet, "minutes": minutes, "by": by})
        pause = {"paused_until_ms": until, "pause_reason": reason, "paused_by": by}
        return await self.alter(outlet, lambda it: it.model_copy(update=pause))

    async def resume(self, outlet: OutletId, by: str = "") -> Outlet:
        log.info("outlet_resumed", extra={"outlet": outlet, "by": by})
        no_pause = {"paused_until_ms": 0, "pause_reason": "", "paused_by": ""}
        return await self.alter(outlet, lambda it: it.model_copy(update=no_pause))

    async def alter(self, outlet: OutletId, change: Callable[[Outlet], Outlet]) -> Outlet:
        """Change an outlet by a pure function of what it is now, whoever else is changing it.

        Raises NotFound; gives up with StoreError after twenty lost races.
        """
        for _ in range(LOST_RACES):
            current = await self._store.get(outlet)
            if current is None:
                raise NotFound(what="outlet", outlet=outlet)
            new = change(current)
            if new == current:
                return current
            try:
                return await self.save(new)
            except OutletChanged:
                continue
        raise StoreError("outlet kept changing", outlet=outlet)

    async def changed(self, outlet: OutletId, *, listed: bool = False) -> None:
        """Tell every replica, this one too, that the outlet or its menu changed.

        The change stands already, so a Redis that does not answer fails nothing: it is told at the next refresh. The
        new version is not taken as read, since somebody else's change may lie between; the next refresh reads again.
        """
        self._changes[outlet] = self._changes.get(outlet, 0) + 1
        try:
            await self._versions_store.bump(outlet, listed=listed)
        except StoreError:
            log.warning("menu_version_unsaid", extra={"outlet": outlet})
            self._unsaid[outlet] = self._unsaid.get(outlet, False) or listed
        else:
            self._unsaid.pop(outlet, None)

    async def _say_unsaid(self) -> None:
        for outlet, listed in list(self._unsaid.items()):
            await self.changed(outlet, listed=listed)

    def _take(self, outlets: list[Outlet]) -> None:
        self._ordered = tuple(sorted(outlets, key=_order))
        self._outlets = {outlet.id: outlet for outlet in self._ordered}


def _order(outlet: Outlet) -> tuple[int, str]:
    return outlet.position, outlet.id
