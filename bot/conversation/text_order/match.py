"""Where in a message dishes are named.

Every stretch of neighbouring words is compared with the menu, and those stretches are kept that together explain most
of the message: "paneer tikka naan" is Paneer Tikka and something with naan, not Paneer and Tikka Naan.
"""

from dataclasses import dataclass

from bot.conversation.text_order.index import LONGEST, OrderIndex, Pick
from bot.conversation.text_order.lexicon import ORDINARY, Role
from bot.conversation.text_order.scene import Scene
from bot.conversation.text_order.vocabulary import SAME_SOUND, SURE, Hit
from bot.conversation.text_order.words import Shape, folded

_CLOSE = 0.04  # scores nearer than this are not told apart
MOST_CANDIDATES = 5
_BRIDGES = frozenset({Role.AND, Role.WITH})
_JOINERS = frozenset({Role.AND, Role.OR})


@dataclass(frozen=True, slots=True)
class Mention:
    start: int
    end: int
    picks: tuple[Pick, ...]
    guessed: bool  # some word was only recognised by its letters
    contested: bool = False  # "butter chicken biryani": two dishes, or one of them, or another

    @property
    def best(self) -> Pick:
        return self.picks[0]

    @property
    def rivals(self) -> tuple[Pick, ...]:
        """The dishes it may be, the best first: one, when it is plain which."""
        best = self.best
        if self.contested:
            return self.picks[:MOST_CANDIDATES]
        return tuple(
            pick
            for pick in self.picks
            if best.score - pick.score < _CLOSE or (not best.full and pick.head == best.head)
        )[:MOST_CANDIDATES]

    @property
    def certain(self) -> bool:
        best = self.best
        return len(self.rivals) == 1 and (best.full or (best.head and best.own and best.coverage >= 0.5))

    @property
    def nominal(self) -> bool:
        """Whether it stands for a dish by itself: a whole name, or the noun of one."""
        return self.best.full or self.best.head


@dataclass(frozen=True, slots=True)
class _Spot:
    """A token that may be part of a name."""

    at: int
    end: int  # two tokens when a name's word was written as two
    hits: tuple[tuple[Hit, ...], ...]  # two words when a name's two were written as one
    weak: bool  # an everyday word, which names nothing by itself


def find_mentions(scene: Scene, index: OrderIndex) -> list[Mention]:
    spots = _spots(scene, index)
    best: list[tuple[float, Mention | None, int]] = [(0.0, None, 0)] * (len(scene.tokens) + 1)
    whole: dict[int, list[Mention]] = {}  # those that are a whole name, by where they end
    for at in range(len(scene.tokens) - 1, -1, -1):
        best[at] = (best[at + 1][0], None, at + 1)
        for mention, worth in _mentions_from(at, spots, scene, index):
            if mention.best.full:
                whole.setdefault(mention.end, []).append(mention)
            if worth + best[mention.end][0] > best[at][0]:
                best[at] = (worth + best[mention.end][0], mention, mention.end)
    found: list[Mention] = []
    at = 0
    while at < len(scene.tokens):
        _, chosen, following = best[at]
        if chosen is not None:
            found.append(chosen)
        at = following
    return _contested(found, whole)


def _contested(found: list[Mention], whole: dict[int, list[Mention]]) -> list[Mention]:
    """Two names without a pause that a third one overlaps are one question, not two dishes."""
    result: list[Mention] = []
    for mention in found:
        first = result[-1] if result else None
        across = [
            other
            for other in whole.get(mention.end, ())
            if first is not None and first.end == mention.start and first.start < other.start < first.end
        ]
        if first is not None and across and first.best.full and mention.best.full:
            picks = {pick.dish: pick for one in (*across, first, mention) for pick in one.rivals}
            result[-1] = Mention(first.start, mention.end, tuple(picks.values()), first.guessed, contested=True)
        else:
            result.append(mention)
    return result


def _spots(scene: Scene, index: OrderIndex) -> dict[int, list[_Spot]]:
    spots: dict[int, list[_Spot]] = {}
    for at, token in enumerate(scene.tokens):
        if token.shape is Shape.SIGN or scene.roles[at] is Role.HINT:
            continue
        weak = token.key in ORDINARY or scene.roles[at] is not Role.WORD or token.shape is Shape.NUMBER
        some: list[_Spot] = []
        hits = index.vocabulary.recall(token.key, guess=not weak)
        if scene.roles[at] in _JOINERS:
            hits = tuple(hit for hit in hits if hit[1] == 1.0)  # "biryani and" is no anda biryani
        if hits:
            some.append(_Spot(at, at + 1, (hits,), weak))
        elif not weak and (parts := index.parted(token.key)):
            some.append(_Spot(at, at + 1, (((parts[0], SAME_SOUND),), ((parts[1], SAME_SOUND),)), False))
        following = scene.tokens[at + 1] if at + 1 < len(scene.tokens) else None
        if not weak and following and following.shape is Shape.WORD and following.key not in ORDINARY:
            joined = token.key + following.key
            if index.vocabulary.holds(folded(joined)):
                some.append(_Spot(at, at + 2, (index.vocabulary.recall(joined, guess=False),), False))
        if some:
            spots[at] = some
    return spots


def _mentions_from(
    at: int, spots: dict[int, list[_Spot]], scene: Scene, index: OrderIndex
) -> list[tuple[Mention, float]]:
    found: list[tuple[Mention, float]] = []
    if scene.roles[at] is Role.UNIT and at and scene.roles[at - 1] is Role.NUMBER:
        return []  # two plates of idli, though there be a Plate Idli
    open_chains: list[tuple[tuple[_Spot, ...], bool]] = [((spot,), False) for spot in spots.get(at, ())]
    while open_chains:
        chain, bridged = open_chains.pop()
        said = tuple(hits for spot in chain for hits in spot.hits)
        picks = index.picks(said)
        if not picks:
            continue  # no name holds these words, so none holds these and more
        usable = tuple(pick for pick in picks if pick.bridged and pick.full) if bridged else picks
        if at and scene.roles[at - 1] is Role.NO:
            usable = tuple(pick for pick in usable if pick.ordered)  # "no sambar idli" wants idli
        if any(scene.roles[spot.at] is Role.NUMBER for spot in chain):
            usable = tuple(pick for pick in usable if pick.full and pick.ordered)  # Chicken 65, not two of the idli
        if usable and (not all(spot.weak for spot in chain) or _is_the_name(usable[0], said)):
            guessed = any(hits[0][1] < SURE for hits in said)
            mention = Mention(chain[0].at, chain[-1].end, usable, guessed)
            found.append((mention, _worth(usable[0], len(said))))
        if len(said) < LONGEST:
            for spot, over_bridge in _following(chain[-1].end, spots, scene):
                open_chains.append(((*chain, spot), bridged or over_bridge))
    return found


def _is_the_name(pick: Pick, said: tuple[tuple[Hit, ...], ...]) -> bool:
    return pick.full and pick.likeness == 1.0 and len(said) > 0


def _following(at: int, spots: dict[int, list[_Spot]], scene: Scene) -> list[tuple[_Spot, bool]]:
    """The spots that come next, perhaps after "ka" or a hyphen, or over an "and"."""
    bridged = False
    for place in range(at, min(at + 3, len(scene.tokens))):
        if place in spots:
            return [(spot, bridged) for spot in spots[place]]
        if scene.roles[place] in _BRIDGES:
            bridged = True
        elif scene.roles[place] is not Role.GLUE:
            return []
    return []


def _worth(pick: Pick, words: int) -> float:
    """How much of the message a mention explains."""
    if pick.full:
        return words * pick.likeness * (0.9 + 0.1 * words) - (0.0 if pick.ordered else 0.15)  # longer names first
    if pick.head:
        return words * pick.likeness * (0.55 + 0.25 * pick.coverage)
    return words * pick.likeness * (0.3 + 0.2 * pick.coverage)
