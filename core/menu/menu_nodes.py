"""A YAML file as a tree that remembers its lines, and a list that gathers everything wrong with it.

Scalars stay text: `40.50` never becomes a float, `no` never becomes False, `11:00` never becomes 660.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

import yaml
from rapidfuzz import process
from rapidfuzz.distance import OSA

MAX_CHARACTERS = 4_000_000
MAX_DEPTH = 10
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # a hundred times faster where it was compiled

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True, slots=True)
class Scalar:
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Sequence:
    line: int
    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Mapping:
    line: int
    pairs: tuple[tuple[Scalar, "Node"], ...]


Node: TypeAlias = Scalar | Sequence | Mapping


class Wrong(Exception):
    """One thing wrong with the file; caught inside this package, where the next thing is looked at."""

    def __init__(self, where: Node | int, sentence: str) -> None:
        super().__init__(sentence)
        self.line = where if isinstance(where, int) else where.line
        self.sentence = sentence


@dataclass(slots=True)
class Problems:
    """Everything wrong so far; each once, in the order of the lines when asked."""

    _found: dict[tuple[int, str], None] = field(default_factory=dict)

    def add(self, where: Node | int, sentence: str) -> None:
        self._found[(where if isinstance(where, int) else where.line, sentence)] = None

    def listed(self) -> list[tuple[int, str]]:
        return sorted(self._found, key=lambda problem: problem[0])

    def __len__(self) -> int:
        return len(self._found)

    def catch(self, read: Callable[[Node], T], node: Node, otherwise: U) -> T | U:
        """What `read` makes of the node, or `otherwise`, with what was wrong noted."""
        try:
            return read(node)
        except Wrong as wrong:
            self.add(wrong.line, wrong.sentence)
            return otherwise


class Fields:
    """A mapping whose keys are asked for one by one; `close` complains about those nobody asked for."""

    def __init__(self, node: Node, problems: Problems, what: str, *, under: Node | None = None) -> None:
        """`under`: what the mapping belongs to; what is missing is missing there. Raises Wrong."""
        if not isinstance(node, Mapping):
            raise Wrong(node, f"{what} is described by lines such as `name: …`, indented under it")
        self.line = (under or node).line
        self._problems = problems
        self._what = what
        self._known: list[str] = []
        self._nodes: dict[str, Node] = {}
        self._keys: dict[str, Scalar] = {}
        for key, value in node.pairs:
            name = key_of(key)
            if name in self._nodes:
                problems.add(key, f"`{key.text}` stands here twice (first on line {self._keys[name].line}); keep one")
            else:
                self._nodes[name], self._keys[name] = value, key

    def node(self, key: str) -> Node | None:
        self._known.append(key)
        return self._nodes.get(key)

    def has(self, key: str) -> bool:
        return key in self._nodes

    def line_of(self, key: str) -> int:
        return self._keys[key].line if key in self._keys else self.line

    def read(self, key: str, read: Callable[[Node], T], otherwise: U) -> T | U:
        """What stands under `key`; `otherwise` when nothing does or when it cannot be used (which is noted)."""
        node = self.node(key)
        return otherwise if node is None else self._problems.catch(read, node, otherwise)

    def require(self, key: str, read: Callable[[Node], T], otherwise: U, example: str) -> T | U:
        """As `read`, and it is noted when nothing stands there."""
        if not self.has(key):
            self._problems.add(self.line, f"{self._what} has no `{key}`; add a line such as `{key}: {example}`")
        return self.read(key, read, otherwise)

    def close(self) -> None:
        for name in self._nodes.keys() - set(self._known):
            near = process.extractOne(name, self._known, scorer=OSA.normalized_similarity, score_cutoff=0.6)
            meant = f"did you mean `{near[0]}`?" if near else f"use one of: {', '.join(sorted(set(self._known)))}"
            self._problems.add(self._keys[name], f"{self._what} has nothing called `{self._keys[name].text}`; {meant}")


def key_of(key: Scalar) -> str:
    """`Free_Over`, `free-over` and `free over` are one key."""
    return re.sub(r"[\s_-]+", " ", key.text).strip().casefold()


def pairs_of(node: Node, what: str) -> Iterator[tuple[Scalar, Node]]:
    """The entries of a mapping whose keys are names given by the owner. Raises Wrong."""
    if not isinstance(node, Mapping):
        raise Wrong(node, f"{what} are written as `name: …`, one a line")
    return iter(node.pairs)


def over(base: Mapping, changes: Mapping) -> Mapping:
    """`base` with the entries of `changes` instead of its own."""
    replaced = {key_of(key) for key, _ in changes.pairs}
    if "price" in replaced or "sizes" in replaced:
        replaced |= {"price", "sizes"}
    return Mapping(base.line, (*(pair for pair in base.pairs if key_of(pair[0]) not in replaced), *changes.pairs))


def parse(text: str) -> Node:
    """The tree of a file of one YAML document. Raises Wrong at its first syntax error: beyond it, nothing is sure."""
    if len(text) > MAX_CHARACTERS:
        raise Wrong(1, "the file is too long to be a menu")
    try:
        return _tree(yaml.parse(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Wrong(1 if mark is None else mark.line + 1, _plainly(error)) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise Wrong(line, "a character here cannot stand in a text file; delete it and write it again") from error


def _plainly(error: yaml.MarkedYAMLError) -> str:
    problem = str(error.problem or "")
    if "\\t" in problem or "tab character" in problem:
        return "a tab stands here; indent with spaces"
    if "mapping values are not allowed" in problem:
        return "a colon is in the way: put a text that holds `: ` in quotes, and begin each `name: …` on its own line"
    if "did not find expected" in problem or "expected <block end>" in problem or "could not find expected" in problem:
        return "the line does not fit those above it: check its indentation, and that quotes and brackets are closed"
    return f"this cannot be read ({problem or 'broken YAML'}); compare it with a dish that can"


def _tree(events: Iterable[Any]) -> Node:
    stack: list[tuple[Any, list[Node]]] = []
    root: list[Node] = []
    for event in events:
        line = event.start_mark.line + 1
        into = stack[-1][1] if stack else root
        match event:
            case yaml.DocumentStartEvent() if root:
                raise Wrong(line, "a second document begins here; a menu is one, so delete the line `---`")
            case yaml.AliasEvent():
                raise Wrong(
                    line, f"`*{event.anchor}` points elsewhere; write it out here, or in quotes if it is a text"
                )
            case yaml.ScalarEvent():
                into.append(Scalar(line, event.value))
            case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                if len(stack) == MAX_DEPTH:
                    raise Wrong(line, "this is indented too deep; compare it with a dish that can be read")
                stack.append((event, []))
            case yaml.SequenceEndEvent():
                begun, items = stack.pop()
                (stack[-1][1] if stack else root).append(Sequence(begun.start_mark.line + 1, tuple(items)))
            case yaml.MappingEndEvent():
                begun, items = stack.pop()
                (stack[-1][1] if stack else root).append(_mapping(begun.start_mark.line + 1, items))
    return root[0] if root else Scalar(1, "")


def _mapping(line: int, items: list[Node]) -> Mapping:
    keys, values = items[::2], items[1::2]
    for key in keys:
        if not isinstance(key, Scalar):
            raise Wrong(key, "a name is missing before this; write `name: …`")
    return Mapping(
        line, tuple((key, value) for key, value in zip(keys, values, strict=True) if isinstance(key, Scalar))
    )
