"""What a menu file would change, compared with the menu as it stands. Pure.

A file speaks of the menu, the kitchen of the moment: what a file leaves unsaid about stock, sold-out dishes and the
outlet's group chats stays as it is, so that importing at lunchtime brings nothing back that has run out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from core.ids import MenuItemId, OutletId
from core.menu.models import MenuItem
from core.money import Money
from core.outlets.models import Outlet

LIVE_ITEM_FIELDS = frozenset({"stock", "sold_out_until_ms"})
LIVE_OUTLET_FIELDS = frozenset({"groups", "test"})
_OUTLET_STATE = ("v", "paused_until_ms", "pause_reason", "paused_by")  # no file speaks of these


@dataclass(frozen=True, slots=True)
class MenuFile:
    """A menu as a file tells it: checked through and through, not yet stored."""

    outlets: tuple[Outlet, ...]
    items: tuple[MenuItem, ...]
    said: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    """For each outlet or item id, the live fields that the file does speak of."""

    def of_outlet(self, outlet: OutletId) -> tuple[MenuItem, ...]:
        return tuple(item for item in self.items if item.outlet == outlet)


@dataclass(frozen=True, slots=True)
class PriceChange:
    item: MenuItemId
    name: str  # with the size, where there are several
    was: Money
    now: Money


@dataclass(frozen=True, slots=True)
class OutletChanges:
    """One outlet's part of an import. `outlet` and the items are what is to be stored."""

    outlet: Outlet
    new_outlet: bool
    facts: tuple[str, ...]  # names of the outlet's own facts that change
    added: tuple[MenuItem, ...]
    changed: tuple[tuple[MenuItem, tuple[str, ...]], ...]  # with the names of what changes
    removed: tuple[MenuItem, ...]
    prices: tuple[PriceChange, ...]
    unchanged: int

    def __bool__(self) -> bool:
        return bool(self.new_outlet or self.facts or self.added or self.changed or self.removed)


def changes(file: MenuFile, outlet: Outlet, current: Outlet | None, items: Iterable[MenuItem]) -> OutletChanges:
    """What the file's `outlet` and its dishes change, `current` and `items` being what is stored."""
    stored = {item.id: item for item in items}
    added, changed, prices = [], [], []
    wanted = file.of_outlet(outlet.id)
    for item in wanted:
        before = stored.get(item.id)
        if before is None:
            added.append(item)
            continue
        after = merged_item(item, before, file.said.get(item.id, frozenset()))
        if after != before:
            changed.append((after, _differing(before, after)))
            prices += price_changes(before, after)
    kept = {item.id for item in wanted}
    new_outlet = outlet if current is None else merged_outlet(outlet, current, file.said.get(outlet.id, frozenset()))
    return OutletChanges(
        outlet=new_outlet,
        new_outlet=current is None,
        facts=() if current is None else _differing(current, new_outlet),
        added=tuple(added),
        changed=tuple(changed),
        removed=tuple(item for item in stored.values() if item.id not in kept),
        prices=tuple(prices),
        unchanged=len(wanted) - len(added) - len(changed),
    )


def merged_item(new: MenuItem, current: MenuItem, said: frozenset[str]) -> MenuItem:
    kept = {name: getattr(current, name) for name in LIVE_ITEM_FIELDS - said}
    return new.model_copy(update={**kept, "v": current.v})


def merged_outlet(new: Outlet, current: Outlet, said: frozenset[str]) -> Outlet:
    kept = {name: getattr(current, name) for name in (*(LIVE_OUTLET_FIELDS - said), *_OUTLET_STATE)}
    return new.model_copy(update=kept)


def price_changes(before: MenuItem, after: MenuItem) -> list[PriceChange]:
    """Sizes that both have at different prices."""
    found = []
    for variant in after.variants:
        old = before.variant(variant.code)
        if old is not None and old.price != variant.price:
            name = f"{after.name} ({variant.name})" if variant.name else after.name
            found.append(PriceChange(after.id, name, old.price, variant.price))
    return found


def _differing(before: MenuItem | Outlet, after: MenuItem | Outlet) -> tuple[str, ...]:
    names = type(before).model_fields
    return tuple(name for name in names if getattr(before, name) != getattr(after, name))
