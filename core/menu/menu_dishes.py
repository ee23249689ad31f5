"""The dishes of a menu file: written once, sold at every outlet but for what `only` and `at` say."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from core.ids import MenuItemId, OutletId
from core.menu import menu_nodes as nodes
from core.menu import menu_values as values
from core.menu.menu_nodes import Fields, Mapping, Node, Problems, Scalar, Wrong, over, pairs_of
from core.menu.menu_options import CHOICE_CODE_LENGTH
from core.menu.models import (
    ALLERGENS,
    LONG_AGO_MS,
    UNLIMITED,
    UNTIL_BACK_MS,
    Diet,
    MenuItem,
    OptionGroup,
    Variant,
)
from core.money import ZERO
from core.outlets.models import Category, Outlet

ITEM_CODE_LENGTH = 32
CATEGORY_CODE_LENGTH = 16
ONE_SIZE = "one"
PICTURES = "/media/dishes/"

DIETS = {
    **{diet.value.casefold(): diet for diet in Diet},
    "veg": Diet.VEG,
    "egg": Diet.EGG,
    "non-veg": Diet.NON_VEG,
}
_SAID = {"stock": "stock", "sold out": "sold_out_until_ms"}


@dataclass(slots=True)
class Dishes:
    """What was read: dishes and categories of each outlet, and the live fields each dish's block speaks of."""

    items: list[MenuItem] = field(default_factory=list)
    categories: dict[OutletId, list[Category]] = field(default_factory=dict)
    every_category: list[Category] = field(default_factory=list)
    said: dict[str, frozenset[str]] = field(default_factory=dict)


class DishReader:
    def __init__(self, outlets: Iterable[Outlet], groups: dict[str, OptionGroup], problems: Problems) -> None:
        self._outlets = {outlet.id: outlet for outlet in outlets}
        self._groups = groups
        self._problems = problems
        self._taken: dict[tuple[OutletId, str], tuple[str, int]] = {}  # codes, with the name and line that took them
        self._dishes = Dishes()

    def read(self, menu: Node) -> Dishes:
        """Every category with its dishes. Raises Wrong when the menu is no mapping of categories."""
        codes: dict[str, Scalar] = {}
        for key, node in pairs_of(menu, "the menu's categories"):
            category, entries = self._category(key, node)
            if category is None:
                continue
            if category.code in codes:
                first = codes[category.code]
                self._problems.add(
                    key,
                    f"`{key.text}` and `{first.text}` on line {first.line} are too alike ({category.code}); rename one",
                )
                continue
            codes[category.code] = key
            self._dishes.every_category.append(category)
            sold_at: set[OutletId] = set()
            for position, entry in enumerate(entries):
                sold_at |= self._dish(category, position, entry)
            for outlet in self._outlets:
                if outlet in sold_at:
                    self._dishes.categories.setdefault(outlet, []).append(category)
        return self._dishes

    def _category(self, key: Scalar, node: Node) -> tuple[Category | None, Sequence[Node]]:
        try:
            code = ""
            if isinstance(node, Mapping):
                fields = Fields(node, self._problems, f"category `{key.text}`")
                code = fields.read("code", values.code(CATEGORY_CODE_LENGTH, "mains"), "")
                node = fields.node("dishes") or Scalar(node.line, "")
                fields.close()
            if not isinstance(node, nodes.Sequence):
                raise Wrong(node, f"category `{key.text}` holds dishes, each beginning with `- name: …`")
            name = values.text(40)(key)
            code = code or values.slug(name, CATEGORY_CODE_LENGTH, cut=True)
            if not code:
                raise Wrong(key, f"`{name}` needs a code in Latin letters: write `code: …` and then `dishes:` under it")
        except Wrong as wrong:
            self._problems.add(wrong.line, wrong.sentence)
            return None, ()
        return Category(code=code, name=name), node.items

    def _dish(self, category: Category, position: int, node: Node) -> set[OutletId]:
        """Adds the dish wherever it is sold, and says where that is."""
        if not isinstance(node, Mapping):
            self._problems.add(node, "a dish begins with `- name: …`, and what else there is to say stands under it")
            return set()
        split = {"only": None, "at": None} | {
            nodes.key_of(key): value for key, value in node.pairs if nodes.key_of(key) in ("only", "at")
        }
        base = Mapping(node.line, tuple(pair for pair in node.pairs if nodes.key_of(pair[0]) not in ("only", "at")))
        sold_at = set(self._outlets)
        if split["only"] is not None:
            sold_at = self._problems.catch(self._only, split["only"], sold_at)
        different: dict[OutletId, Mapping] = {}
        if split["at"] is not None:
            different = self._problems.catch(self._at, split["at"], different)
        for outlet in self._outlets:
            if outlet in sold_at:
                changes = different.get(outlet)
                self._item(self._outlets[outlet], category, position, base if changes is None else over(base, changes))
        return sold_at

    def _only(self, node: Node) -> set[OutletId]:
        return {self._outlet(word) for word in values.words(node)}

    def _at(self, node: Node) -> dict[OutletId, Mapping]:
        found = {}
        for key, changes in pairs_of(node, "differences at an outlet"):
            if not isinstance(changes, Mapping):
                raise Wrong(changes, "write what is different there, such as `{price: 260}`")
            for different, _ in changes.pairs:
                if nodes.key_of(different) in ("name", "code", "only", "at"):
                    raise Wrong(different, f"`{different.text}` is the same at every outlet; write a dish of its own")
            found[self._outlet(key)] = changes
        return found

    def _outlet(self, word: Scalar) -> OutletId:
        if OutletId(word.text) not in self._outlets:
            known = ", ".join(self._outlets) or "none that could be read"
            raise Wrong(word, f"`{word.text}` is no outlet of this file; the outlets are: {known}")
        return OutletId(word.text)

    def _item(self, outlet: Outlet, category: Category, position: int, node: Mapping) -> None:
        known = len(self._problems)
        name_node = next((value for key, value in node.pairs if nodes.key_of(key) == "name"), None)
        name = "" if name_node is None else self._problems.catch(values.text(), name_node, "")
        fields = Fields(node, self._problems, f"dish `{name}`" if name else "this dish")
        fields.require("name", values.text(), "", "Paneer Tikka")
        code = self._code(fields, name)
        diet = fields.require("diet", values.one_of(DIETS, "diet letter"), Diet.VEG, "V")
        jain = fields.read("jain", values.yes_no, False)
        if jain and diet is not Diet.VEG:
            self._problems.add(fields.line_of("jain"), "only veg dishes are Jain; drop `jain`, or write `diet: V`")
        zone = ZoneInfo(outlet.timezone)
        item = MenuItem(
            id=MenuItemId(f"{outlet.id}.{code}"),
            outlet=outlet.id,
            code=code,
            name=name,
            description=fields.read("description", values.text(values.MAX_DESCRIPTION), ""),
            category=category.code,
            position=fields.read("position", values.whole(1, 99_999), position + 1) - 1,
            diet=diet,
            jain=jain,
            variants=self._variants(fields),
            groups=fields.read("options", self._options, ()),
            allergens=fields.read("allergens", values.some_of({a: a for a in ALLERGENS}, "allergen"), ()),
            calories=fields.read("calories", values.whole(0, 9999, "kcal"), 0),
            spice=fields.read("spice", values.whole(0, 3), 0),
            meals=fields.read("meals", lambda node: self._meals(outlet, node), ()),
            tax_class=self._tax(fields, outlet),
            packing=fields.read("packing", values.money, ZERO),
            image=fields.read("image", picture, ""),
            aliases=fields.read("aliases", _aliases, ()),
            prep_minutes=fields.read("preparation", values.whole(0, 240, "min"), 0),
            stock=fields.read("stock", _stock, UNLIMITED),
            sold_out_until_ms=fields.read("sold out", lambda node: _sold_out(node, zone), LONG_AGO_MS),
            popular=fields.read("popular", values.yes_no, False),
        )
        fields.close()
        if code:
            self._take(item, fields.line_of("code" if fields.has("code") else "name"))
        if len(self._problems) == known:
            self._dishes.items.append(item)
            said = frozenset(live for key, live in _SAID.items() if fields.has(key))
            if said:
                self._dishes.said[item.id] = said

    def _code(self, fields: Fields, name: str) -> str:
        if fields.has("code"):
            return fields.read("code", values.code(ITEM_CODE_LENGTH, "paneer-tikka"), "")
        code = values.slug(name, ITEM_CODE_LENGTH)
        if name and not code:
            why = "is long" if name.isascii() else "is not in Latin letters"
            self._problems.add(
                fields.line_of("name"),
                f"the name {why}; add `code: …` in small letters, digits and hyphens, at most 32",
            )
        return code

    def _take(self, item: MenuItem, line: int) -> None:
        first = self._taken.setdefault((item.outlet, item.code), (item.name, line))
        if first[1] != line:
            self._problems.add(
                line,
                f"`{item.name}` and `{first[0]}` on line {first[1]} share the code `{item.code}`;"
                " rename one, or give it a `code: …` of its own",
            )

    def _variants(self, fields: Fields) -> tuple[Variant, ...]:
        if fields.has("price") and fields.has("sizes"):
            self._problems.add(fields.line_of("sizes"), "this dish has `price` and `sizes`; keep the one that is true")
        if not fields.has("sizes"):
            amount = fields.require("price", values.price, ZERO, "240")
            return (Variant(code=ONE_SIZE, price=amount),)
        fields.node("price")
        return fields.read("sizes", self._sizes, ())

    def _sizes(self, node: Node) -> tuple[Variant, ...]:
        found: dict[str, Variant] = {}
        for key, entry in pairs_of(node, "sizes"):
            name = values.text(30)(key)
            code, amount = values.slug(name, CHOICE_CODE_LENGTH, cut=True), entry
            if isinstance(entry, Mapping):
                fields = Fields(entry, self._problems, f"size `{name}`")
                amount = fields.node("price") or Scalar(entry.line, "")
                code = fields.read("code", values.code(CHOICE_CODE_LENGTH, "half"), code)
                fields.close()
            if not code:
                raise Wrong(key, f"`{name}` needs a code; write it as `{name}: {{price: 240, code: half}}`")
            if code in found:
                raise Wrong(key, f"sizes `{name}` and `{found[code].name}` are too alike ({code}); rename one")
            found[code] = Variant(code=code, name=name, price=values.price(amount))
        if not found:
            raise Wrong(node, "no size is named; write `sizes: {half: 180, full: 320}`, or a `price`")
        return tuple(found.values())

    def _options(self, node: Node) -> tuple[OptionGroup, ...]:
        found: dict[str, OptionGroup] = {}
        for word in values.words(node):
            group = self._groups.get(word.text.strip())
            if group is None:
                known = ", ".join(self._groups) or "there are none yet"
                raise Wrong(
                    word, f"there are no options `{word.text}`; write them under `options:`, or one of: {known}"
                )
            if group.code in found:
                raise Wrong(word, f"options `{word.text}` are asked twice; name them once")
            found[group.code] = group
        return tuple(found.values())

    def _meals(self, outlet: Outlet, node: Node) -> tuple[str, ...]:
        known = {values.loose(meal.name): meal.code for meal in outlet.meals} | {m.code: m.code for m in outlet.meals}
        return values.some_of(known, f"meal of outlet `{outlet.id}`")(node)

    def _tax(self, fields: Fields, outlet: Outlet) -> str:
        known = {tax.code: tax.code for tax in outlet.taxes}
        if fields.has("tax") or not known:
            return fields.read("tax", values.one_of(known, f"tax of outlet `{outlet.id}`"), "food")
        fields.node("tax")
        if "food" not in known:
            self._problems.add(
                fields.line, f"outlet `{outlet.id}` has no tax `food`; add `tax: {next(iter(known))}` here"
            )
        return "food"


def picture(node: Node) -> str:
    """`masala-dosa` is one of our own drawings; a whole https address stays as it is."""
    written = values.scalar(node).text.strip()
    if re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", written):
        return f"{PICTURES}{written}.svg"
    if re.fullmatch(r"(https://|/media/)[\w./%?=&+-]{3,400}", written, re.ASCII) and ".." not in written:
        return written
    raise Wrong(node, f"`{written}` is no picture; write a drawing's name such as `masala-dosa`, or an https address")


def _aliases(node: Node) -> tuple[str, ...]:
    found = values.texts()(node)
    if len(found) > values.MAX_ALIASES:
        raise Wrong(node, f"{len(found)} other names are too many; {values.MAX_ALIASES} are the most")
    return found


def _stock(node: Node) -> int:
    if values.scalar(node).text.strip().casefold() == "any":
        return UNLIMITED
    return values.whole(0, 100_000)(node)


def _sold_out(node: Node, zone: ZoneInfo) -> int:
    if values.scalar(node).text.strip()[:1].isdigit():
        return values.moment(zone)(node)
    return UNTIL_BACK_MS if values.yes_no(node) else LONG_AGO_MS
