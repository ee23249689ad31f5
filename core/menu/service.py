"""The menu as chats read it, and as cooks and owners change it."""

import asyncio
import gc
import itertools
import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from core.background import beside
from core.clock import Clock
from core.errors import NotFound, StoreError
from core.ids import MenuItemId, OutletId
from core.menu.branch import branch
from core.menu.errors import ItemNotFound, ItemSoldOut, PriceRefused, VariantNotFound
from core.menu.menu_changes import MenuFile, OutletChanges, changes, merged_item, merged_outlet
from core.menu.models import UNLIMITED, MenuItem
from core.menu.snapshot import MenuSnapshot
from core.menu.store import MenuStore
from core.money import ZERO, Money
from core.outlets.errors import OutletExists
from core.outlets.models import Outlet
from core.outlets.service import OutletService

log = logging.getLogger(__name__)

HIGHEST_PRICE = Money.rupees(100_000)
LOST_RACES = 20
LONG_MENU = 1000  # dishes
MUCH = 10 * LONG_MENU  # lists, tuples and the like


@contextmanager
def uncollected(wanted: bool) -> Iterator[None]:
    """Builds many small things that will stay without Python looking through all of them again and again for garbage.

    A full collection holds up every chat for as long as it takes, and ten thousand dishes bring on several. What was
    built, if much, is put aside for good at the end; it is let go by counting references, as it holds no cycles.
    """
    if not wanted or not gc.isenabled():
        yield
        return
    gc.collect(1)  # what is garbage by now is not put aside with the rest
    gc.disable()
    try:
        yield
    finally:
        if gc.get_count()[0] >= MUCH:  # made since the collection above
            gc.freeze()
        gc.enable()


class MenuService:
    """Chats read snapshots held in the process; what decides about money is read fresh."""

    def __init__(self, *, store: MenuStore, outlets: OutletService, clock: Clock) -> None:
        self._store = store
        self._outlets = outlets
        self._clock = clock
        self._snapshots: dict[OutletId, MenuSnapshot] = {}
        self._read_as: dict[OutletId, str] = {}  # the outlet's version when its dishes were read
        self._numbers = itertools.count(1)
        self._reading = asyncio.Lock()

    def snapshot(self, outlet: OutletId) -> MenuSnapshot:
        """The outlet's menu as this process knows it, at most a tick behind. Raises NotFound."""
        current = self._outlets.require(outlet)
        snapshot = self._snapshots.get(outlet)
        if snapshot is None:
            raise NotFound(what="menu", outlet=outlet)
        if snapshot.outlet is not current:
            snapshot = self._snapshots[outlet] = snapshot.under(current, self._next_version())
        return snapshot

    async def load(self) -> None:
        """Read every outlet's menu."""
        await self._outlets.load()
        await self._follow()

    async def refresh(self) -> None:
        """Follow changes made elsewhere: one round trip to Redis when there are none (see OutletService.refresh)."""
        await self._outlets.refresh()
        await self._follow()

    async def _follow(self) -> None:
        async with self._reading:
            for outlet in self._outlets.all():
                version = self._outlets.version(outlet.id)
                if self._read_as.get(outlet.id) != version:
                    before = self._snapshots.get(outlet.id)
                    with uncollected(before is None or len(before.items) >= LONG_MENU):
                        items = await self._items_now(outlet.id, before)
                        word = self._next_version()
                        snapshot = await beside(MenuSnapshot.build, outlet, word, items, before)
                    self._snapshots[outlet.id] = snapshot
                    self._read_as[outlet.id] = version

    async def _items_now(self, outlet: OutletId, before: MenuSnapshot | None) -> list[MenuItem]:
        """Every dish of the outlet; those that did not change since `before` are not read again."""
        if before is None:
            return await self._store.of_outlet(outlet)
        versions = await self._store.versions(outlet)
        kept, changed = await beside(_unchanged, before, versions)
        return [*kept, *(await self._store.some(changed)).values()]

    def _next_version(self) -> str:
        return f"m{next(self._numbers)}"

    async def fresh(self, ids: Iterable[MenuItemId]) -> dict[MenuItemId, MenuItem]:
        """Dishes straight from the database, for placing an order; those that left the menu are missing."""
        return await self._store.some(ids)

    async def sold_out(self, item: MenuItemId, until_ms: int, by: str) -> MenuItem:
        """Nobody can order the dish until then. Raises ItemNotFound."""
        if not await self._store.set_sold_out(item, until_ms):
            raise ItemNotFound(item=item)
        log.info("item_sold_out", extra={"item": item, "until_ms": until_ms, "by": by})
        return await self._now_is(item)

    async def back(self, item: MenuItemId, by: str) -> MenuItem:
        """The dish can be had again; one whose counted stock had run out is counted no longer. Raises ItemNotFound."""
        if not await self._store.set_back(item):
            raise ItemNotFound(item=item)
        log.info("item_back", extra={"item": item, "by": by})
        return await self._now_is(item)

    async def set_price(self, item: MenuItemId, variant: str, price: Money, by: str) -> MenuItem:
        """Raises ItemNotFound, VariantNotFound, PriceRefused."""
        if not ZERO < price <= HIGHEST_PRICE:
            raise PriceRefused(item=item, price=price)

        def repriced(current: MenuItem) -> MenuItem:
            if current.variant(variant) is None:
                raise VariantNotFound(item=item, variant=variant)
            variants = tuple(
                each.model_copy(update={"price": price}) if each.code == variant else each for each in current.variants
            )
            return current.model_copy(update={"variants": variants})

        for _ in range(LOST_RACES):
            current = (await self._store.some([item])).get(item)
            if current is None:
                raise ItemNotFound(item=item)
            new = repriced(current)
            if new == current or await self._store.replace(new.model_copy(update={"v": current.v + 1})):
                log.info("price_set", extra={"item": item, "variant": variant, "paise": price.paise, "by": by})
                return await self._now_is(item)
        raise StoreError("dish kept changing", item=item)

    async def take_stock(self, items: Mapping[MenuItemId, int]) -> None:
        """Take portions of counted dishes, all or none; dishes that are not counted cost no look at the database.

        Raises ItemSoldOut naming the first that has too few left.
        """
        taken: dict[MenuItemId, int] = {}
        for item, portions in sorted(items.items()):
            if not self._counted(item):
                continue
            after = await self._store.take(item, portions)
            if after is not None:
                taken[item] = portions
                await self._swap(after, tell=after.stock == 0)
                continue
            current = (await self._store.some([item])).get(item)
            if current is not None and current.stock == UNLIMITED:
                continue
            await self.return_stock(taken)
            name = item if current is None else current.name
            raise ItemSoldOut(name=name, item=item, left=0 if current is None else current.stock)

    async def return_stock(self, items: Mapping[MenuItemId, int]) -> None:
        """Put portions back, where they are still counted."""
        for item, portions in sorted(items.items()):
            if self._counted(item):
                after = await self._store.put_back(item, portions)
                if after is not None:
                    await self._swap(after, tell=after.stock == portions)

    def _counted(self, item: MenuItemId) -> bool:
        snapshot = self._snapshots.get(outlet_of(item))
        known = None if snapshot is None else snapshot.get(item)
        return known is None or known.stock != UNLIMITED

    async def _now_is(self, item: MenuItemId) -> MenuItem:
        """Show a change of this process at once, and tell the others."""
        current = (await self._store.some([item])).get(item)
        if current is None:
            raise ItemNotFound(item=item)
        await self._swap(current, tell=True)
        return current

    async def _swap(self, item: MenuItem, *, tell: bool) -> None:
        snapshot = self._snapshots.get(item.outlet)
        if snapshot is not None and (known := snapshot.get(item.id)) is not None and known.v < item.v:
            self._snapshots[item.outlet] = snapshot.having(item, self._next_version())
        if tell:
            await self._outlets.changed(item.outlet)

    async def compare(self, file: MenuFile) -> list[OutletChanges]:
        """What importing this file would change, outlet by outlet."""
        return [await self._compare(file, outlet) for outlet in file.outlets]

    async def _compare(self, file: MenuFile, outlet: Outlet) -> OutletChanges:
        current = await self._outlets.fresh(outlet.id)
        return changes(file, outlet, current, await self._store.of_outlet(outlet.id))

    async def import_file(self, file: MenuFile) -> list[OutletChanges]:
        """Make the menu what the file says, for the outlets it names; answers what changed.

        The file was checked as a whole before (`read_menu`). Dishes are written one by one and shown once all are:
        an import that is cut off is finished by importing again. What the kitchen said meanwhile stays.
        """
        done = [await self._import(file, outlet) for outlet in file.outlets]
        await self._follow()
        log.info("menu_imported", extra={"outlets": [outlet.id for outlet in file.outlets]})
        return done

    async def _import(self, file: MenuFile, outlet: Outlet) -> OutletChanges:
        difference = await self._compare(file, outlet)
        for _ in range(LOST_RACES):
            if await self._store.insert([self._begun(item) for item in difference.added]):
                break
            difference = await self._compare(file, outlet)  # somebody else is importing the same dishes
        for item, _names in difference.changed:
            await self._write(item, file.said.get(item.id, frozenset()))
        await self._store.remove([item.id for item in difference.removed])
        said = file.said.get(outlet.id, frozenset())
        try:
            await self._outlets.add(outlet)
        except OutletExists:
            await self._outlets.alter(outlet.id, lambda current: merged_outlet(outlet, current, said))
        if difference.added or difference.changed or difference.removed:
            await self._outlets.changed(outlet.id)
        return difference

    def _begun(self, item: MenuItem) -> MenuItem:
        """A new dish: its `v` begins where no earlier dish of this code can have been, so that it is read anew."""
        return item.model_copy(update={"v": self._clock.ms()})

    async def _write(self, item: MenuItem, said: frozenset[str]) -> None:
        for _ in range(LOST_RACES):
            if await self._store.replace(item.model_copy(update={"v": item.v + 1})):
                return
            current = (await self._store.some([item.id])).get(item.id)
            if current is None:
                await self._store.insert([self._begun(item)])
                return
            item = merged_item(item, current, said)
        raise StoreError("dish kept changing", item=item.id)

    async def open_branch(self, like: OutletId, **facts: str) -> Outlet:
        """Open an outlet that begins as another one is (see `branch`). Raises NotFound, BranchRefused, OutletExists."""
        outlet, dishes = branch(self._outlets.require(like), await self._store.of_outlet(like), facts)
        await self._outlets.add(outlet)
        await self._store.insert([self._begun(dish) for dish in dishes])
        await self._outlets.changed(outlet.id)
        await self._follow()
        log.info("outlet_opened", extra={"outlet": outlet.id, "like": like})
        return outlet

    async def everything(self) -> tuple[list[Outlet], list[MenuItem]]:
        """All outlets and all dishes as they are stored, for an export."""
        outlets = await self._outlets.all_fresh()
        return outlets, [item for outlet in outlets for item in await self._store.of_outlet(outlet.id)]


def _unchanged(before: MenuSnapshot, versions: Mapping[MenuItemId, int]) -> tuple[list[MenuItem], set[MenuItemId]]:
    """The dishes that are what they were, and the ids of all others that are on the menu."""
    kept = [item for item in before.items.values() if versions.get(item.id) == item.v]
    return kept, versions.keys() - {item.id for item in kept}


def outlet_of(item: MenuItemId) -> OutletId:
    """`mgroad.paneer-tikka` → `mgroad`"""
    return OutletId(item.split(".", 1)[0])
