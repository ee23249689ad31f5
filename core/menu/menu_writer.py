"""Outlets and dishes as a menu file that an owner can edit; `menu_file.py` reads back exactly what was written.

A dish that several outlets sell is written once, with what differs under `at`. Little is written that the reader would
assume anyway.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from core.ids import OutletId
from core.menu import menu_values as values
from core.menu.menu_dishes import CATEGORY_CODE_LENGTH, ITEM_CODE_LENGTH, ONE_SIZE, PICTURES
from core.menu.menu_options import CHOICE_CODE_LENGTH
from core.menu.menu_outlet_writer import outlet_entry, shared_entries
from core.menu.menu_written import Entry, Inline, Value, amount, dump, moment, names, yes
from core.menu.models import UNLIMITED, UNTIL_BACK_MS, Choice, MenuItem, OptionGroup
from core.outlets.models import Category, Outlet

HEAD = "# The menu. docs/menu-file.md says what may stand here; `tiffin menu import` reads it.\n\n"

# What says "not here" under `at`, for what another outlet's block says.
_NOT_HERE: dict[str, str] = {
    **dict.fromkeys(("options", "meals", "allergens", "aliases"), "none"),
    **dict.fromkeys(("calories", "spice", "packing", "preparation"), "0"),
    **dict.fromkeys(("jain", "popular", "sold out"), "no"),
    "stock": "any",
    "tax": "food",
}


def write_menu(outlets: Sequence[Outlet], items: Iterable[MenuItem], *, now_ms: int = 0) -> str:
    """The whole file. What was sold out until some time before `now_ms` is no longer worth a line."""
    options = _Options()
    shared = shared_entries(outlets)
    dishes = _merged(outlets, items, options, now_ms)
    categories = _merged_categories(outlets)
    menu: Entry = {}
    sold: dict[OutletId, set[str]] = {outlet.id: set() for outlet in outlets}
    for category in categories:
        some = sorted((d for d in dishes if d.category == category.code), key=lambda d: (d.position, d.code))
        for dish in some:
            for code in dish.outlets:
                sold[code].add(category.code)
        entries = [dish.entry(position, outlets) for position, dish in enumerate(some)]
        derived = values.slug(category.name, CATEGORY_CODE_LENGTH, cut=True) == category.code
        menu[category.name] = entries if derived else {"code": category.code, "dishes": entries}
    blocks: Entry = {}
    for position, outlet in enumerate(outlets):
        usual = tuple(category for category in categories if category.code in sold[outlet.id])
        own = None if outlet.categories == usual else outlet.categories
        blocks[outlet.id] = outlet_entry(outlet, shared, position, own)
    parts: list[Entry] = [{"outlets": blocks}, *({key: value} for key, value in shared.items())]
    if options.keys:
        parts.append({"options": options.entries()})
    parts.append({"menu": menu})
    return HEAD + "\n".join(dump(part) for part in parts)


@dataclass(slots=True)
class _Options:
    """Option groups met so far, each under a word of its own."""

    keys: dict[OptionGroup, str] = field(default_factory=dict)

    def key(self, group: OptionGroup) -> str:
        if group not in self.keys:
            taken = set(self.keys.values())
            numbered = (f"{group.code[: CHOICE_CODE_LENGTH - 4].rstrip('-')}-{n}" for n in range(2, 1000))
            self.keys[group] = next(key for key in (group.code, *numbered) if key not in taken)
        return self.keys[group]

    def entries(self) -> Entry:
        return {key: _group(key, group) for group, key in self.keys.items()}


def _group(key: str, group: OptionGroup) -> Entry:
    entry: Entry = {} if key == group.code else {"code": group.code}
    entry["ask"] = group.name
    entry["choose"] = str(group.min) if group.min == group.max else f"{group.min}-{group.max}"
    entry["choices"] = [_choice(choice) for choice in group.choices]
    if group.default:
        entry["default"] = names(group.default)
    return entry


def _choice(choice: Choice) -> Value:
    derived = values.slug(choice.name, CHOICE_CODE_LENGTH, cut=True) == choice.code
    if derived and not choice.sold_out and not choice.aliases and choice.name.casefold() != "name":
        return Inline({choice.name: amount(choice.price)}) if choice.price else choice.name
    entry = Inline({"name": choice.name})
    if not derived:
        entry["code"] = choice.code
    if choice.price:
        entry["price"] = amount(choice.price)
    if choice.sold_out:
        entry["sold out"] = "yes"
    if choice.aliases:
        entry["aliases"] = list(choice.aliases)
    return entry


@dataclass(slots=True)
class _Dish:
    """One block of the file: a dish, the outlets that sell it, and what differs at some of them."""

    base: Entry
    category: str
    code: str
    position: int
    outlets: list[OutletId]
    differing: dict[OutletId, Entry]
    positions: dict[OutletId, int]

    def takes(self, item: MenuItem, entry: Entry) -> bool:
        """Add the same dish of another outlet, if `at` can say how it differs."""
        if item.category != self.category or entry["name"] != self.base["name"]:
            return False
        changes = {key: value for key, value in entry.items() if self.base.get(key) != value}
        for key in self.base.keys() - entry.keys():
            if key in _NOT_HERE:
                changes[key] = _NOT_HERE[key]
            elif key not in ("price", "sizes"):
                return False
        self.outlets.append(item.outlet)
        self.positions[item.outlet] = item.position
        if changes:
            self.differing[item.outlet] = changes
        return True

    def entry(self, position: int, outlets: Sequence[Outlet]) -> Entry:
        """The block as the file's `position`-th of its category."""
        written = dict(self.base)
        if self.position != position:
            written["position"] = str(self.position + 1)
        different = {outlet: Inline(changes) for outlet, changes in self.differing.items()}
        for outlet, there in self.positions.items():
            if there != self.position:
                different.setdefault(outlet, Inline())["position"] = str(there + 1)
        if len(self.outlets) < len(outlets):
            written["only"] = ", ".join(self.outlets)
        if different:
            written["at"] = {outlet: different[outlet] for outlet in self.outlets if outlet in different}
        return written


def _merged(outlets: Sequence[Outlet], items: Iterable[MenuItem], options: _Options, now_ms: int) -> list[_Dish]:
    by_outlet: dict[OutletId, list[MenuItem]] = {outlet.id: [] for outlet in outlets}
    for item in items:
        by_outlet[item.outlet].append(item)
    dishes: dict[str, list[_Dish]] = {}
    for outlet in outlets:
        for item in sorted(by_outlet[outlet.id], key=lambda item: (item.category, item.position, item.code)):
            entry = _entry(item, options, ZoneInfo(outlet.timezone), now_ms)
            known = dishes.setdefault(item.code, [])
            if not any(dish.takes(item, entry) for dish in known):
                known.append(
                    _Dish(
                        base=entry,
                        category=item.category,
                        code=item.code,
                        position=item.position,
                        outlets=[item.outlet],
                        differing={},
                        positions={item.outlet: item.position},
                    )
                )
    return [dish for known in dishes.values() for dish in known]


def _entry(item: MenuItem, options: _Options, zone: ZoneInfo, now_ms: int) -> Entry:
    entry: Entry = {"name": item.name}
    if values.slug(item.name, ITEM_CODE_LENGTH) != item.code:
        entry["code"] = item.code
    only = item.variants[0]
    if len(item.variants) == 1 and only.code == ONE_SIZE and not only.name:
        entry["price"] = amount(only.price)
    else:
        entry["sizes"] = Inline(
            {variant.name: _size(variant.code, variant.name, amount(variant.price)) for variant in item.variants}
        )
    entry["diet"] = item.diet.value
    said: dict[str, Value] = {
        "jain": yes(item.jain) if item.jain else "",
        "description": item.description,
        "options": names([options.key(group) for group in item.groups]),
        "spice": str(item.spice or ""),
        "meals": names(item.meals),
        "allergens": names(item.allergens),
        "calories": str(item.calories or ""),
        "aliases": names(item.aliases),
        "image": _picture(item.image),
        "packing": amount(item.packing) if item.packing else "",
        "tax": "" if item.tax_class == "food" else item.tax_class,
        "preparation": str(item.prep_minutes or ""),
        "stock": "" if item.stock == UNLIMITED else str(item.stock),
        "sold out": _sold_out(item, zone) if item.sold_out_until_ms > now_ms else "",
        "popular": yes(item.popular) if item.popular else "",
    }
    return entry | {key: value for key, value in said.items() if value}


def _size(code: str, name: str, price: str) -> Value:
    derived = values.slug(name, CHOICE_CODE_LENGTH, cut=True) == code
    return price if derived else Inline({"price": price, "code": code})


def _picture(image: str) -> str:
    drawn = image.startswith(PICTURES) and image.endswith(".svg")
    return image.removeprefix(PICTURES).removesuffix(".svg") if drawn else image


def _sold_out(item: MenuItem, zone: ZoneInfo) -> str:
    return "yes" if item.sold_out_until_ms == UNTIL_BACK_MS else moment(item.sold_out_until_ms, zone)


def _merged_categories(outlets: Sequence[Outlet]) -> list[Category]:
    """Every outlet's categories in one order; each code once, under the first name it has."""
    merged: list[Category] = []
    for outlet in outlets:
        place = 0
        for category in outlet.categories:
            known = next((n for n, other in enumerate(merged) if other.code == category.code), None)
            if known is None:
                merged.insert(place, category)
                place += 1
            else:
                place = known + 1
    return merged
