"""The sizes and options of one dish, and which of them a guest's words ask for."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from rapidfuzz.distance import OSA

from bot.conversation.text_order.food_words import concept_of
from bot.conversation.text_order.lexicon import MEASURES, ROLES, SIZES, WHOLE, Role
from bot.conversation.text_order.words import Shape, folded, readable, stem, tokens_of
from core.cart.models import Selection
from core.menu.models import MenuItem

CUES = frozenset({Role.NO, Role.LESS, Role.MORE, Role.WITH})
_ADDING = frozenset({None, Role.WITH, Role.MORE})  # "cheese", "with cheese" and "extra cheese" all want it
_EMPTY = frozenset({Role.FILLER, Role.GLUE, Role.AND, Role.ORDER, Role.COMMA, Role.BREAK, Role.TIMES})
_SINGULAR = {
    word: line.split()[0]
    for line in """
        plate plates plt
        piece pieces pc pcs nos
        cup cups
        bowl bowls katori
        glass glasses glaas gilas
        bottle bottles botal
        packet packets pkt
        pack packs
        portion portions
        serving servings
        box boxes
        can cans
        scoop scoops
        l ltr litre liter litres liters
        g gm gms gram grams""".strip().splitlines()
    for word in line.split()
}
_SPICE = frozenset({"spicy", "chilli"})
_WITHOUT = {"sugarless": "sugar", "eggless": "egg", "sugarfree": "sugar", "boneless": "bone"}
_SURE, _LIKELY, _PARTLY = 3, 2, 1


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing asked of a dish: less sugar, with butter, crispy. `words` are what it speaks of."""

    cue: Role | None
    words: tuple[str, ...]
    said: str  # as the guest wrote it
    carried: bool = False  # the cue stood before an "and" or a comma: "no onion and garlic"
    strange: bool = False  # holds a word that is neither a wish nor a manner of cooking

    @property
    def meaning(self) -> tuple[Role | None, frozenset[str]]:
        return _meaning(self.cue, frozenset(concept_of(word) for word in self.words))


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of the wishes for one dish."""

    options: tuple[Selection, ...]
    declined: tuple[Selection, ...]  # preselected options turned down
    sold_out: tuple[str, ...]  # names of options asked for that ran out
    disputed: tuple[str, ...]  # groups of which more was asked than they allow
    rest: tuple[Wish, ...]  # for the note


@dataclass(frozen=True, slots=True)
class _Choice:
    selection: Selection
    meanings: tuple[tuple[Role | None, frozenset[str]], ...]


@dataclass(frozen=True, slots=True)
class DishWords:
    item: MenuItem
    sizes: tuple[tuple[str, frozenset[str]], ...]  # variant code, the words that name it
    choices: tuple[_Choice, ...]
    groups: dict[str, frozenset[str]]  # the words of each group's own name: "spice level"

    @classmethod
    def of(cls, item: MenuItem) -> "DishWords":
        groups = {
            group.code: frozenset(concept_of(token.key) for token in tokens_of(readable(group.name)))
            for group in item.groups
        }
        return cls(
            item=item,
            sizes=tuple(
                (variant.code, frozenset(map(size_word, _keys(f"{variant.name} {variant.code}"))))
                for variant in item.variants
            ),
            choices=tuple(
                _Choice(
                    Selection(group=group.code, choice=choice.code),
                    tuple(_named(text, groups[group.code]) for text in (choice.name, *choice.aliases)),
                )
                for group in item.groups
                for choice in group.choices
            ),
            groups=groups,
        )

    def sized(self, words: Iterable[str]) -> tuple[str | None, tuple[str, ...]]:
        """The variant these size words name, and the words of a size the dish does not come in.

        A unit ("plate") chooses a size only where it tells one from another, and is never missed.
        """
        heard = tuple(words)
        said = {size_word(word) for word in heard}
        required = {size_word(word) for word in heard if ROLES.get(word) is not Role.UNIT or word in MEASURES}
        asked = tuple(word for word in dict.fromkeys(heard) if size_word(word) in required)
        if len(self.sizes) == 1:
            code, named = self.sizes[0]
            own = {size_word(key) for key in _keys(self.item.name)}  # "Mineral Water, 1 litre" comes in that one size
            return code, () if required <= own | named | WHOLE else asked
        fitting = [(len(said & named), code) for code, named in self.sizes if required <= named and said & named]
        if not fitting:
            return None, asked
        most = max(fitting)[0]
        best = [code for shared, code in fitting if shared == most]
        return (best[0] if len(best) == 1 else None), ()

    def size_in(self, wish: Wish) -> bool:
        """Whether a wish is really a size: the "dry" of Gobi Manchurian dry."""
        if wish.cue not in (None, Role.WITH) or len(self.sizes) < 2:
            return False
        words = {size_word(word) for word in wish.words}
        return sum(words <= named for _, named in self.sizes) == 1

    def comes_in(self, *words: str) -> bool:
        """Whether these words together name one of its sizes: "6 pcs", "half"."""
        wanted = {size_word(word) for word in words}
        return len(self.sizes) > 1 and any(wanted <= named for _, named in self.sizes)

    def offers_exactly(self, wish: Wish) -> bool:
        """Whether a choice is called just that: Salted, not Extra butter for "butter"."""
        cue, words = wish.meaning
        return any(self._fit(cue, words, choice) == _SURE for choice in self.choices)

    def offers(self, wish: Wish) -> bool:
        return bool(self._choices(wish) or self._refused(wish))

    def hear(self, wishes: Iterable[Wish], named: Iterable[Wish] = ()) -> Heard:
        """What the wishes choose. Those in the dish's `name` give way: a butter naan without butter has none."""
        chosen: list[Selection] = []
        declined: list[Selection] = []
        rest: list[Wish] = []
        for wish in wishes:
            found = self._choices(wish)
            if not found and wish.carried:  # "no onion, mint chutney": the chutney is wanted
                found = self._choices(replace(wish, cue=None))
            if found:
                chosen += [selection for selection in found if selection not in chosen]
            elif refused := self._refused(wish):
                declined += refused
            else:
                rest.append(wish)
        spoken = {selection.group for selection in (*chosen, *declined)}
        for wish in named:
            chosen += [one for one in self._choices(wish) if one.group not in spoken and one not in chosen]
        sold_out: list[str] = []
        disputed: list[str] = []
        for group in self.item.groups:
            mine = [selection for selection in chosen if selection.group == group.code]
            if len(mine) > group.max:
                disputed.append(group.code)
                chosen = [selection for selection in chosen if selection.group != group.code]
            for selection in mine:
                choice = group.choice(selection.choice)
                if choice and choice.sold_out:
                    sold_out.append(choice.name)
                    chosen = [one for one in chosen if one != selection]
        order = {choice.selection: place for place, choice in enumerate(self.choices)}
        return Heard(
            options=tuple(sorted(chosen, key=order.__getitem__)),
            declined=tuple(sorted(set(declined), key=order.__getitem__)),
            sold_out=tuple(sold_out),
            disputed=tuple(disputed),
            rest=tuple(rest),
        )

    def _choices(self, wish: Wish) -> list[Selection]:
        """The choice a wish asks for, when it is plain which."""
        cue, words = wish.meaning
        scored = [(self._fit(cue, words, choice), choice.selection) for choice in self.choices]
        best = max((score for score, _ in scored), default=0)
        fitting = [selection for score, selection in scored if score == best]
        return fitting if best and len(fitting) == 1 else []

    def _fit(self, cue: Role | None, words: frozenset[str], choice: _Choice) -> int:
        group = self.groups[choice.selection.group]
        best = 0
        for other_cue, other in choice.meanings:
            if not words or (cue is not other_cue and not {cue, other_cue} <= _ADDING):
                continue
            apart = words - group
            if _same_words(words, other) or (apart and _same_words(apart, other - group)):
                best = max(best, _SURE if cue is other_cue else _LIKELY)
            elif _covers(words, other):
                best = max(best, _PARTLY)
        return best

    def _refused(self, wish: Wish) -> list[Selection]:
        """Preselected choices that "no …" turns down."""
        cue, words = wish.meaning
        if cue is not Role.NO or not words:
            return []
        return [
            choice.selection
            for choice in self.choices
            if (group := self.item.group(choice.selection.group))
            and choice.selection.choice in group.default
            and any(other_cue is not Role.NO and _same_words(words, other) for other_cue, other in choice.meanings)
        ]


def size_word(key: str) -> str:
    return SIZES.get(key) or _SINGULAR.get(key, key)


def _keys(text: str) -> list[str]:
    return [token.key for token in tokens_of(readable(text)) if token.shape is not Shape.SIGN]


def _named(text: str, group: frozenset[str]) -> tuple[Role | None, frozenset[str]]:
    """What the menu's name of a choice asks for. "Less", in a group called Sugar, is less sugar."""
    cue: Role | None = None
    words: set[str] = set()
    for key in _keys(text):
        role = ROLES.get(key)
        if role in CUES:
            cue = role if cue in (None, Role.WITH) else cue
        elif role not in _EMPTY:
            words.add(concept_of(key))
    return _meaning(cue, frozenset(words) or group)


def _meaning(cue: Role | None, words: frozenset[str]) -> tuple[Role | None, frozenset[str]]:
    """Different ways to ask for the same: not spicy, less chilli and mild; sugarless and no sugar."""
    for word in words:
        if word in _WITHOUT and cue is None:
            return Role.NO, frozenset({_WITHOUT[word]})
    if words and words <= _SPICE:
        return (None, frozenset({"mild"})) if cue is Role.LESS else (cue, frozenset({"spicy"}))
    return cue, words


def same_word(one: str, other: str) -> bool:
    if one == other or stem(one) == stem(other):
        return True
    a, b = folded(one), folded(other)
    return min(len(a), len(b)) >= 5 and OSA.distance(a, b, score_cutoff=1) <= 1


def _same_words(some: frozenset[str], others: frozenset[str]) -> bool:
    return len(some) == len(others) and _covers(some, others)


def _covers(some: frozenset[str], others: frozenset[str]) -> bool:
    """Whether each of `some` is one of `others`."""
    return all(any(same_word(word, other) for other in others) for word in some)
