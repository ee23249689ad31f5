"""What a text order says, ready to be shown as a cart to confirm."""

from dataclasses import dataclass
from enum import StrEnum

from core.cart.models import CartLine, Selection
from core.menu.models import MenuItem
from core.outlets.models import Fulfilment


class Kind(StrEnum):
    ADD = "add"
    REMOVE = "remove"  # qty portions of it, or all of it when qty is 0
    SET = "set"  # let there be qty of it: "make it 3 naan"
    CHANGE = "change"  # wishes for one in the cart: "no onion in the dosa"; added when it is not there


class ProblemKind(StrEnum):
    QUANTITY = "quantity"  # none, less than none, or more than a line may hold; `line.qty` is what was said
    FRACTION = "fraction"  # one and a half
    RANGE = "range"  # two or three
    SIZE = "size"  # a size the dish does not come in
    OPTION_SOLD_OUT = "option_sold_out"


class HumanReason(StrEnum):
    ALLERGY = "allergy"
    ANGER = "anger"


@dataclass(frozen=True, slots=True)
class ParsedLine:
    """A dish as heard. `options` are those the guest named; `selections` adds what the menu preselects."""

    item: MenuItem
    variant: str | None  # None: the dish has several sizes and none was said
    options: tuple[Selection, ...]
    note: str
    qty: int
    score: float  # 1: its name, letter by letter
    heard: str
    kind: Kind = Kind.ADD
    counted: bool = False  # a quantity was said; otherwise it is one
    declined: tuple[Selection, ...] = ()  # preselected options the guest does not want
    disputed: tuple[str, ...] = ()  # groups of which the guest named more than may be chosen

    @property
    def selections(self) -> tuple[Selection, ...]:
        """Options for the cart, in the menu's order: those named, and defaults of groups the guest did not speak of."""
        chosen = set(self.options)
        spoken = {selection.group for selection in self.options} | set(self.disputed)
        for group in self.item.groups:
            if group.code not in spoken:
                defaults = (Selection(group=group.code, choice=code) for code in group.default)
                chosen.update(selection for selection in defaults if selection not in self.declined)
        return tuple(
            selection
            for group in self.item.groups
            for choice in group.choices
            if (selection := Selection(group=group.code, choice=choice.code)) in chosen
        )

    @property
    def questions(self) -> tuple[str, ...]:
        """What still has to be asked: "size", or the codes of option groups."""
        chosen = self.selections
        groups = tuple(
            group.code
            for group in self.item.groups
            if group.code in self.disputed or sum(one.group == group.code for one in chosen) < group.min
        )
        return (() if self.variant else (SIZE_QUESTION,)) + groups

    @property
    def complete(self) -> bool:
        return not self.questions

    def cart_line(self) -> CartLine:
        """The line for the cart. Only a complete line has one."""
        if self.variant is None:
            raise ValueError("a dish without its size cannot be put in a cart")
        return CartLine(
            item=self.item.id, variant=self.variant, options=self.selections, note=self.note, qty=max(1, self.qty)
        )


SIZE_QUESTION = "size"


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Words that may mean several dishes, or one not quite named. Each candidate is a line ready to be taken."""

    heard: str
    candidates: tuple[ParsedLine, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    kind: ProblemKind
    line: ParsedLine
    said: str = ""  # what cannot be: "0", "half", "Extra cheese"


@dataclass(frozen=True, slots=True)
class ParsedOrder:
    lines: tuple[ParsedLine, ...] = ()
    ambiguous: tuple[Ambiguous, ...] = ()
    problems: tuple[Problem, ...] = ()
    unknown: tuple[str, ...] = ()  # asked for, but nothing on the menu is called that
    wishes: tuple[str, ...] = ()  # asked of no dish in particular, when none was named: "less spicy please"
    fulfilment_hint: Fulfilment | None = None
    table_hint: str = ""
    address_hint: str = ""
    time_hint: str = ""  # the guest's words: "8 pm"
    human: HumanReason | None = None
    cut: bool = False  # the message was too long to be read to its end
    asked: bool = False  # something besides the name of a dish says that this is an order

    @property
    def wants_human(self) -> bool:
        return self.human is not None

    @property
    def found(self) -> bool:
        """Whether there is something to echo to the guest."""
        return bool(self.lines or self.ambiguous or self.problems)
