"""The questions a menu file asks about dishes: `options:`, written once and named by the dishes that ask them."""

import re
from functools import partial

from core.menu import menu_values as values
from core.menu.menu_nodes import Fields, Mapping, Node, Problems, Scalar, Sequence, Wrong, pairs_of
from core.menu.models import Choice, OptionGroup
from core.money import ZERO

CHOICE_CODE_LENGTH = 12
MAX_CHOICES = 30


def groups_of(node: Node, problems: Problems) -> dict[str, OptionGroup]:
    """Option groups by the word dishes name them with."""
    found: dict[str, OptionGroup] = {}
    lines: dict[str, int] = {}
    for key, entry in pairs_of(node, "options"):
        if key.text in lines:
            problems.add(key, f"options `{key.text}` stand here twice (first on line {lines[key.text]}); rename one")
            continue
        lines[key.text] = key.line
        if problems.catch(values.code(CHOICE_CODE_LENGTH, "spice"), key, ""):
            nothing = OptionGroup(code=key.text, name=key.text, choices=())  # what is wrong is still there for dishes
            found[key.text] = problems.catch(partial(_group, problems, key), entry, nothing)
    return found


def _group(problems: Problems, key: Scalar, node: Node) -> OptionGroup:
    fields = Fields(node, problems, f"options `{key.text}`", under=key)
    choices = fields.require("choices", partial(_choices, problems, key.text), (), "[Mild, Medium, Hot]")
    least, most = fields.require("choose", partial(_choose, len(choices)), (0, 1), "1")
    names = {choice.name.casefold(): choice.code for choice in choices} | {
        choice.code: choice.code for choice in choices
    }
    default = fields.read("default", partial(_default, names, most), ())
    group = OptionGroup(
        code=fields.read("code", values.code(CHOICE_CODE_LENGTH, "spice"), key.text),
        name=fields.read("ask", values.text(), key.text.replace("-", " ").capitalize()),
        min=least,
        max=most,
        choices=choices,
        default=default,
    )
    fields.close()
    return group


def _choose(count: int, node: Node) -> tuple[int, int]:
    """`1`, `1-3`, `up to 2`, `any`."""
    written = " ".join(values.scalar(node).text.casefold().split())
    least, most = -1, -1
    if written == "any":
        least, most = 0, count
    elif found := re.fullmatch(r"up to ([0-9]{1,2})", written):
        least, most = 0, int(found[1])
    elif found := re.fullmatch(r"([0-9]{1,2})(?: ?[-–] ?([0-9]{1,2}))?", written):
        least, most = int(found[1]), int(found[2] or found[1])
    if not 0 <= least <= most or most == 0:
        raise Wrong(node, f"`{written}` does not say how many; write `1`, `1-3`, `up to 2` or `any`")
    if most > count > 0:
        raise Wrong(node, f"{most} cannot be chosen, there are only {count} choices; write a smaller number")
    return least, most


def _default(names: dict[str, str], most: int, node: Node) -> tuple[str, ...]:
    found: list[str] = []
    for word in values.words(node):
        code = names.get(word.text.strip().casefold())
        if code is None:
            raise Wrong(word, f"`{word.text}` is none of the choices; write one as it stands under `choices`")
        found.append(code)
    if len(found) > most:
        raise Wrong(node, f"{len(found)} are chosen here but {most} is the most; shorten the list")
    return tuple(dict.fromkeys(found))


def _choices(problems: Problems, group: str, node: Node) -> tuple[Choice, ...]:
    entries = node.items if isinstance(node, Sequence) else tuple(values.words(node))
    if not 1 <= len(entries) <= MAX_CHOICES:
        raise Wrong(node, f"there are {len(entries)} choices; write 1 to {MAX_CHOICES}")
    found: dict[str, Choice] = {}
    for entry in entries:
        choice = problems.catch(partial(_choice, problems), entry, None)
        if choice is None:
            continue
        if choice.code in found:
            problems.add(
                entry,
                f"`{choice.name}` and `{found[choice.code].name}` are too alike (`{choice.code}`);"
                " rename one, or write it as `{name: …, code: …}`",
            )
        found.setdefault(choice.code, choice)
    return tuple(found.values())


def _choice(problems: Problems, node: Node) -> Choice:
    """`Mild`, `Extra butter: 20`, or `{name: Extra butter, price: 20, aliases: [makkhan]}`."""
    name_node: Node = node
    if isinstance(node, Mapping) and len(node.pairs) == 1 and node.pairs[0][0].text.casefold() != "name":
        name_node, amount = node.pairs[0]
        return Choice(code=_code_of(name_node), name=values.text(40)(name_node), price=values.money(amount))
    if isinstance(node, Mapping):
        fields = Fields(node, problems, "a choice")
        name_node = fields.node("name") or Scalar(node.line, "")
        choice = Choice(
            code=fields.read("code", values.code(CHOICE_CODE_LENGTH, "butter"), "") or _code_of(name_node),
            name=values.text(40)(name_node),
            price=fields.read("price", values.money, ZERO),
            sold_out=fields.read("sold out", values.yes_no, False),
            aliases=fields.read("aliases", values.texts(), ()),
        )
        fields.close()
        return choice
    return Choice(code=_code_of(node), name=values.text(40)(node))


def _code_of(name: Node) -> str:
    code = values.slug(values.scalar(name).text, CHOICE_CODE_LENGTH, cut=True)
    if not code:
        written = values.scalar(name).text
        raise Wrong(name, f"`{written}` needs a code in Latin letters; write it as `{{name: {written}, code: …}}`")
    return code
