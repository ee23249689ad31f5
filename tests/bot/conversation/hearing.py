"""The restaurant's own menu, and how the tables of `orders.yaml` write down what was heard."""

from functools import lru_cache
from pathlib import Path

from bot.conversation.text_order import OrderIndex, ParsedLine, ParsedOrder, build_index, parse
from core.menu.menu_file import read_menu
from core.menu.models import MenuItem

MENU = Path(__file__).parents[3] / "menus" / "tiffin.yaml"


@lru_cache
def dishes(outlet: str = "mgroad") -> tuple[MenuItem, ...]:
    return tuple(item for item in read_menu(MENU).items if item.outlet == outlet)


@lru_cache
def menu(outlet: str = "mgroad") -> OrderIndex:
    return build_index(dishes(outlet))


def heard(text: str, language: str = "en") -> str:
    return written(parse(text, menu(), language))


def written(order: ParsedOrder) -> str:
    parts = [_line(line) for line in order.lines]
    parts += [f"? {one.heard} = {', '.join(map(_line, one.candidates))}" for one in order.ambiguous]
    parts += [f"! {problem.kind} “{problem.said}” {_line(problem.line)}" for problem in order.problems]
    parts += [f"unknown {words}" for words in order.unknown]
    parts += [f"wish {words}" for words in order.wishes]
    parts += [f"as {order.fulfilment_hint}"] if order.fulfilment_hint else []
    parts += [f"table {order.table_hint}"] if order.table_hint else []
    parts += [f"to {order.address_hint}"] if order.address_hint else []
    parts += [f"at {order.time_hint}"] if order.time_hint else []
    return "; ".join(parts)


def _line(line: ParsedLine) -> str:
    kind = "" if line.kind == "add" else f"{line.kind} "
    size = "" if line.variant == "one" else f":{line.variant or '?'}"
    options = "".join(f" +{one.group}={one.choice}" for one in line.options)
    declined = "".join(f" -{one.group}={one.choice}" for one in line.declined)
    note = f" “{line.note}”" if line.note else ""
    disputed = f" disputed={','.join(line.disputed)}" if line.disputed else ""
    return f"{kind}{line.qty}{'' if line.counted else '~'} {line.item.code}{size}{options}{declined}{note}{disputed}"
