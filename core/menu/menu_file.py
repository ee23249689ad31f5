"""The menu as an owner writes it, read whole or refused with every line that is wrong.

`docs/menu-file.md` describes the format; `menu_writer.py` writes it.
"""

from pathlib import Path

from core.ids import OutletId
from core.menu import menu_values as values
from core.menu.errors import MenuFileError
from core.menu.menu_changes import MenuFile
from core.menu.menu_dishes import Dishes, DishReader
from core.menu.menu_nodes import Fields, Node, Problems, Wrong, pairs_of, parse
from core.menu.menu_options import groups_of
from core.menu.menu_outlets import OutletReader
from core.outlets.models import Category, Outlet

__all__ = ["MenuFile", "MenuFileError", "parse_menu", "read_menu"]


def read_menu(path: Path, *, always_open: bool = False) -> MenuFile:
    """The file as outlets and dishes. Raises MenuFileError naming every line that is wrong.

    `always_open` opens every outlet day and night, for a demo at any hour; meals keep their times.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as failure:
        line = failure.object.count(b"\n", 0, failure.start) + 1
        raise MenuFileError([(line, "this is not UTF-8; save the file as UTF-8 text")]) from failure
    except OSError as failure:
        raise MenuFileError([(0, f"the file cannot be read: {failure.strerror}")]) from failure
    return parse_menu(text, always_open=always_open)


def parse_menu(text: str, *, always_open: bool = False) -> MenuFile:
    """As `read_menu`, from the text itself."""
    problems = Problems()
    try:
        file = _file(parse(text), problems, always_open=always_open)
    except Wrong as wrong:
        problems.add(wrong.line, wrong.sentence)
    if problems:
        raise MenuFileError(problems.listed())
    return file


def _file(tree: Node, problems: Problems, *, always_open: bool) -> MenuFile:
    top = Fields(tree, problems, "a menu file")
    reader = OutletReader(top, problems, always_open=always_open)
    outlets: list[Outlet] = []
    orders: dict[OutletId, Node] = {}
    said: dict[str, frozenset[str]] = {}
    entries = top.require("outlets", lambda node: list(pairs_of(node, "outlets")), [], "{mgroad: …}")
    for position, (key, node) in enumerate(entries):
        read = reader.read(key, node, position + 1)
        if read is not None:
            outlets.append(read.outlet)
            said[read.outlet.id] = read.said
            if read.categories is not None:
                orders[read.outlet.id] = read.categories
    codes = [outlet.id for outlet in outlets]
    for key, _ in entries:
        if codes.count(OutletId(key.text)) > 1:
            problems.add(key, f"outlet `{key.text}` stands here twice; give each outlet a code of its own")
    groups = top.read("options", lambda node: groups_of(node, problems), {})
    menu = DishReader(outlets, groups, problems)
    dishes = top.require("menu", menu.read, Dishes(), "{Breakfast: [{name: Idli, price: 60, diet: V}]}")
    top.close()
    finished = tuple(_with_categories(outlet, dishes, orders.get(outlet.id), problems) for outlet in outlets)
    if top.has("menu") and not problems:
        for outlet in finished:
            if not any(item.outlet == outlet.id for item in dishes.items):
                problems.add(top.line_of("menu"), f"outlet `{outlet.id}` has no dish; let one be sold there")
    return MenuFile(outlets=finished, items=tuple(dishes.items), said={**said, **dishes.said})


def _with_categories(outlet: Outlet, dishes: Dishes, order: Node | None, problems: Problems) -> Outlet:
    """The outlet with its categories: those it sells something of, in the file's order or in its own."""
    own = tuple(dishes.categories.get(outlet.id, ()))
    if order is not None:
        every = dishes.every_category
        known = {c.code: c for c in every} | {values.loose(c.name): c for c in every}
        named: tuple[Category, ...] = problems.catch(values.some_of(known, "category of the menu"), order, own)
        if missing := [category.name for category in own if category not in named]:
            problems.add(order, f"`categories` leaves out {missing[0]}, of which dishes are sold here; add it")
        own = named
    return outlet.model_copy(update={"categories": own})
