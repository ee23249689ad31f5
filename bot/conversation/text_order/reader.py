"""The grammar of an order: from tokens with roles to drafts of cart lines.

It reads once from left to right. A number waits for its dish ("2 naan") or belongs to the one before it ("naan 2").
Words after a dish are wishes for it until a comma, a number or the next dish. "Remove" turns what follows, or what
stood before it, into something to take out.
"""

from bot.conversation.text_order.draft import APART, Draft, Position, Waiting, has_content, wishes_of
from bot.conversation.text_order.index import OrderIndex
from bot.conversation.text_order.ingredients import Ingredients
from bot.conversation.text_order.lexicon import MEASURES, POSTPOSED, Role, keys_of
from bot.conversation.text_order.match import Mention
from bot.conversation.text_order.models import Kind, ProblemKind
from bot.conversation.text_order.parts import Parts
from bot.conversation.text_order.scene import Scene, size_of
from bot.conversation.text_order.surroundings import JOINERS, Surroundings
from bot.conversation.text_order.wishes import CUES, Wish
from core.cart.models import MAX_QTY

_BEHIND_THE_DISH = keys_of(
    """hata hatao hatado hataiye हटा हटाओ हटाइए nikal nikaal nikalo nikaalo nikaldo निकाल निकालो rehne रहने
    nahi nahin nai नहीं mat मत kam कम"""
)
_SWAPPED_FOR = keys_of("with to by into se for से")
_INSTEAD_BEHIND = keys_of("ki ke की के")
_STRANGERS = 2  # so many unknown words between a number and a dish: the number does not count that dish


class Reader:
    """`drafts`, `unknown` and `loose` hold what was read: dishes, words nobody knows, wishes for no dish."""

    def __init__(self, scene: Scene, mentions: list[Mention], index: OrderIndex) -> None:
        self._scene = scene
        self._index = index
        for mention in mentions:
            scene.roles[mention.start : mention.end] = [Role.DISH] * (mention.end - mention.start)
        self._around = Surroundings(scene, mentions)
        self.drafts: list[Draft] = []
        self.unknown: list[tuple[int, int]] = []
        self.counted_unknown = False  # some unknown words had a quantity: they were meant as a dish
        self.loose: list[Wish] = []
        self._at = Position()
        self._ingredients = Ingredients(scene, index, self._around)
        self._parts = Parts(scene, index, self._around, self._ingredients)
        self._removing = False
        self._removal = -1  # where the word of removing stands
        self._swapping = False
        self._instead = False
        self._setting = False
        self._either = False
        self._each: Waiting | None = None  # "2 each of …"
        self._to_all = False
        self._shared: list[int] = []

    def read(self) -> None:
        at = 0
        while at < len(self._scene.tokens):
            mention = self._around.dish_at(at)
            if mention is not None:
                self._dish(mention)
                at = mention.end
            else:
                at = self._step(at)
        self._settle()
        if not self.drafts:
            self.loose = [wish for wish in wishes_of(self._scene, self._at.waiting.words) if not wish.strange]
        for draft in self.drafts:
            if self._shared and draft.kind is not Kind.REMOVE:
                draft.after += [APART, *self._shared]
        self.drafts = [draft for draft in self.drafts if draft.qty != 0 or not self._was_split(draft)]

    def _step(self, at: int) -> int:
        """Read the token at `at`, or the tokens that belong to it; where to go on."""
        role = self._scene.roles[at]
        match role:
            case Role.NUMBER:
                return self._number(at)
            case Role.COMMA | Role.AND | Role.BREAK:
                self._joiner(role)
            case Role.OR:
                self._or()
            case Role.WITH if self._swapping:
                self._swapped()
            case Role.NO | Role.LESS | Role.MORE | Role.WITH:
                self._cue(at, role)
            case Role.SIZE:
                self._size(at)
            case Role.UNIT:
                self._unit(at)
            case Role.ALL:
                self._all(at)
            case Role.ORDER:
                self._removing = self._to_all = False
            case Role.REMOVE:
                return self._remove(at)
            case Role.INSTEAD:
                return self._in_place_of(at)
            case Role.SWAP:
                self._removing = self._swapping = True
            case Role.SET:
                self._setting = True
            case Role.MANNER | Role.WORD | Role.DISH:
                self._put(at)
            case Role.GLUE | Role.FILLER:
                self._small_word(at)
            case _:
                pass
        return at + 1

    # Numbers

    def _number(self, at: int) -> int:
        after = self._around.number_end(at) + 1
        value = self._scene.numbers[after - 1]
        negative = self._around.negative(at)
        said = self._scene.said(at - negative, after)
        value = -value if negative else value
        sizes = self._sized_by(at, after)
        if sizes is not None:
            sizes += [self._scene.keys[at], self._scene.keys[after]]
            return after + 1
        current, following = self._at.current, self._around.following(after)
        if current is not None and not self._at.joined and self._parts.is_its_price(current, value):
            return after
        ahead = self._around.ahead(after, over_and=True)
        if ahead is None and current is not None and self._around.role(following) is Role.ALL:
            self._count_each(value, said)
            return following + 1
        if ahead is None and self._around.role(at - 1) is Role.ALL:  # "idli, vada, chai, sab 2 2"
            self._count_each(value, said)
            return self._around.end_of(at, Role.NUMBER)
        times = self._around.role(at - 1) is Role.TIMES
        behind = current is not None and current.qty is None and not self._at.joined and not self._at.waiting.words
        if behind and current is not None and (ahead is None or times or self._around.counts_behind(at)):
            if self._scene.keys[at] == "do" and self._around.role(after) is not Role.UNIT and not times:
                self._scene.roles[at] = Role.ORDER  # "chai do": give tea
                return after
            current.qty, current.said_qty = value, said
            return after
        if self._scene.keys[at] == "do" and ahead is None and self._around.role(following) in (None, *JOINERS):
            self._scene.roles[at] = Role.ORDER  # "do roti do"
            return after
        if current is not None and self._splits(current, value, said, following):
            return after
        self._wait(at, after, value, said)
        return after

    def _wait(self, at: int, after: int, value: float, said: str) -> None:
        """Keep a number for the dish to come. Two in a row that differ are a range: "2-3 roti"."""
        waiting = self._at.waiting
        if waiting.qty is not None and not waiting.words and not waiting.sizes:
            if waiting.qty != value:
                waiting.trouble = ProblemKind.RANGE
            waiting.qty, waiting.said_qty = value, self._scene.said(waiting.since, after)
            self._either = False
            return
        self._settle()
        waiting = self._at.waiting  # it may hold wishes that stood before the number
        waiting.qty, waiting.said_qty, waiting.since = value, said, at
        waiting.behind = self._at.open_dish is not None

    def _sized_by(self, at: int, unit: int) -> list[str] | None:
        """The list of sizes that a number with its unit belongs to, when the dish comes in such a size."""
        if self._around.role(unit) not in (Role.UNIT, Role.WORD):
            return None
        words = (self._scene.keys[at], self._scene.keys[unit])
        current = self._at.current
        if words[1] in MEASURES:  # "1 kg biryani" is no count, whether or not the dish is sold by weight
            if current is not None and not self._at.joined and self._around.ahead(unit + 1) is None:
                return current.sizes
            return self._at.waiting.sizes
        if current is not None and not self._at.joined and self._parts.sold_as(current.mention, *words):
            return current.sizes
        mention = self._around.dish_at(self._around.following(unit + 1))
        if mention is not None and self._parts.sold_as(mention, *words):
            return self._at.waiting.sizes
        return None

    def _count_each(self, value: float, said: str) -> None:
        """ "idli and vada, 2 each"."""
        for draft in self.drafts:
            if draft.qty is None:
                draft.qty, draft.said_qty = value, said

    def _splits(self, current: Draft, value: float, said: str, following: int) -> bool:
        """ "3 coffee, one without sugar": one of the three becomes a line of its own."""
        base = current.base or current
        if base.qty is None or not 0 < value <= base.qty or self._at.waiting.words or base.kind is Kind.REMOVE:
            return False
        if not self._parts.speaks_of_part(base, following):
            return False
        self._settle()
        whole = value == base.qty and self._at.joined and not self._was_split(base)
        if (whole and (value == 1 or has_content(self._scene, base.after))) or self._parts.contradicts(base, following):
            self._take(Draft(base.mention, value, said, sizes=[*base.sizes]))  # "a dosa without onion, one with cheese"
        else:
            base.qty -= value
            self._take(base.part(value, said))
        return True

    def _was_split(self, draft: Draft) -> bool:
        return any(other.base is draft for other in self.drafts)

    # Joiners

    def _joiner(self, role: Role) -> None:
        if role is Role.BREAK or has_content(self._scene, self._at.waiting.words):
            self._settle()
        if self._at.current is not None:
            self._at.current.after.append(APART)
        self._at.joined = True
        self._either = False
        if role is Role.BREAK:
            self._removing = self._swapping = self._to_all = self._setting = False
            self._each = None

    def _or(self) -> None:
        self._settle_words()
        self._either = self._at.current is not None
        self._at.joined = True

    def _swapped(self) -> None:
        self._removing = self._swapping = False
        self._settle()
        self._at.joined = True

    def _settle_words(self) -> None:
        if has_content(self._scene, self._at.waiting.words):
            self._settle()

    def _settle(self) -> None:
        """Give the words that wait for a dish to the one before, or call them unknown."""
        waiting, self._at.waiting = self._at.waiting, Waiting()
        words = waiting.words
        current = self._at.current
        if not has_content(self._scene, words):
            stray = waiting.behind and waiting.qty is not None and waiting.qty <= MAX_QTY
            if current is not None and stray and waiting.qty != current.qty:
                current.trouble = ProblemKind.RANGE  # "2 masala dosa 3"
                current.said_qty = f"{current.said_qty}, {waiting.said_qty}"
            return
        if current is not None and waiting.qty is None and self._belongs(current, words):
            current.after += words
        elif current is None and waiting.qty is None and not self._removing and self._only_wishes(words):
            self._at.waiting.words = [*words, APART]  # "no onion, 2 masala dosa"
        else:
            self._call_unknown(words)
            self.counted_unknown |= waiting.qty is not None and 0 < waiting.qty <= MAX_QTY

    def _call_unknown(self, words: list[int]) -> None:
        said = [at for at in words if at != APART]
        self.unknown.append((min(said), max(said) + 1))

    def _only_wishes(self, words: list[int]) -> bool:
        return not any(wish.strange for wish in wishes_of(self._scene, words))

    def _belongs(self, draft: Draft, words: list[int]) -> bool:
        """Whether words after a comma or an "and" still speak of the dish before."""
        alone = wishes_of(self._scene, words)
        together = wishes_of(self._scene, [*draft.after, *words])[-1:]  # "no onion" lends its no to "and garlic"
        if not any(wish.strange for wish in alone) or not any(wish.strange for wish in together):
            return True
        return all(self._ingredients.offers(draft.mention, wish) for wish in alone)

    # Dishes

    def _dish(self, mention: Mention) -> None:
        if self._ingredients.among(mention, self._at):
            for at in range(mention.start, mention.end):
                self._put(at)
            return
        waiting = self._at.waiting
        strangers = [at for at in waiting.words if at != APART and self._scene.roles[at] in (Role.WORD, Role.DISH)]
        kind = self._kind(mention, waiting, bool(strangers))
        if len(strangers) >= _STRANGERS and waiting.qty is not None and not self._run_up_to(mention, waiting):
            self._call_unknown([waiting.since, *waiting.words])
            self._at.waiting = waiting = Waiting()
        counted = waiting if waiting.qty is not None or self._each is None else self._each
        draft = Draft(mention, counted.qty, counted.said_qty, counted.trouble, waiting.sizes, waiting.words, kind=kind)
        if self._either and self._at.current is not None:
            draft.either = self._at.current
            if draft.qty is None:
                draft.qty, draft.said_qty = self._at.current.qty, self._at.current.said_qty
        earlier = self._earlier(mention) if kind is Kind.CHANGE else None
        self._instead = self._setting = self._either = False
        self._at.waiting = Waiting()
        if earlier is not None:  # "2 poha, 2 chai, no sugar in the chai"
            earlier.after += [APART, *draft.before, APART]
            self._at.current, self._at.joined = earlier, False
        else:
            self._take(draft)

    def _run_up_to(self, mention: Mention, waiting: Waiting) -> bool:
        """Whether the words before a dish lead up to it without a break: "2 veg fried rice"."""
        words = waiting.words
        return len(words) < 2 * _STRANGERS and words == list(range(mention.start - len(words), mention.start))

    def _kind(self, mention: Mention, waiting: Waiting, strangers: bool) -> Kind:
        if self._removing and strangers and self._around.into(mention):
            self._removing = False  # "remove onion from the masala dosa" is no onion in it
            self._scene.roles[self._removal] = Role.NO
            waiting.words.insert(0, self._removal)
            return Kind.CHANGE
        if self._instead or self._removing or self._refused(mention):
            return Kind.REMOVE
        if self._setting and waiting.qty is not None:
            return Kind.SET
        if waiting.qty is None and has_content(self._scene, waiting.words) and self._around.into(mention):
            return Kind.CHANGE
        if waiting.qty is None and not has_content(self._scene, waiting.words) and self._around.opens_it(mention):
            return Kind.CHANGE
        return Kind.ADD

    def _earlier(self, mention: Mention) -> Draft | None:
        return next((one for one in self.drafts if one.mention.best.dish == mention.best.dish), None)

    def _take(self, draft: Draft) -> None:
        self.drafts.append(draft)
        self._at.current, self._at.joined, self._to_all = draft, False, False

    def _refused(self, mention: Mention) -> bool:
        """ "no coffee", "coffee nahi": the dish itself, not something in a dish."""
        words = self._at.waiting.words
        if words and self._scene.roles[words[-1]] is Role.NO and not has_content(self._scene, words):
            self._at.waiting.words = []
            return True
        following = self._around.following(mention.end)
        if self._around.role(following) is not Role.NO or self._scene.keys[following] not in POSTPOSED:
            return False
        after = self._around.following(self._around.end_of(following, Role.NO))
        beyond, other = self._around.role(after), self._around.dish_at(after)
        instead = other is not None and other.best.full
        if beyond in JOINERS or beyond is None or instead:  # "plain dosa nahi, masala dosa"
            self._scene.roles[following] = Role.FILLER
            return True
        return False

    # Words about dishes

    def _cue(self, at: int, role: Role) -> None:
        named = self._around.dish_at(self._around.following(at + 1))
        if self._scene.keys[at] == "not" and named is not None and named.best.full:
            self._at.joined = True  # "plain dosa, not masala dosa"
        if role is Role.MORE and self._at.waiting.qty is not None and self._around.ahead(at + 1) is not None:
            return  # "2 more naan"
        if role is Role.WITH and self._joins(at):
            self._joiner(Role.AND)
            return
        if role is Role.WITH and self._at.waiting.words and self._at.waiting.qty is None and self._around.ahead(at + 1):
            return  # "butter ke saath naan"
        self._put(at)

    def _joins(self, at: int) -> bool:
        """Whether this "with" only joins two dishes: "idli with coffee"."""
        following = self._around.following(at + 1)
        mention = self._around.dish_at(following)
        if self._at.current is None:
            return False
        if mention is None:
            number = self._around.role(following) is Role.NUMBER
            return number and self._around.ahead(self._around.number_end(following) + 1) is not None
        words = tuple(self._scene.keys[mention.start : mention.end])
        return mention.nominal and not self._ingredients.offers(self._at.current.mention, Wish(Role.WITH, words, ""))

    def _small_word(self, at: int) -> None:
        """Small words are kept inside a wish, where the note wants them: "sauce on the side"."""
        if self._swapping and self._scene.keys[at] in _SWAPPED_FOR:
            self._swapped()
        elif self._at.waiting.words:
            self._at.waiting.words.append(at)
        elif self._at.current is not None and not self._at.joined:
            self._at.current.after.append(at)

    def _put(self, at: int) -> None:
        """Give a word to the dishes it speaks of: all, the next one, or the one before."""
        waiting = self._at.waiting
        if self._to_all:
            self._shared.append(at)
        elif (
            self._at.current is None
            or self._at.joined
            or waiting.qty is not None
            or waiting.words
            or self._leads_on(at)
        ):
            waiting.words.append(at)
        else:
            self._at.current.after.append(at)

    def _leads_on(self, at: int) -> bool:
        """Whether a word right between two dishes speaks of the second: the cold of "naan cold coffee"."""
        if self._around.dish_at(at + 1) is None or self._scene.roles[at] not in (Role.MANNER, Role.WORD):
            return False
        after = self._at.current.after if self._at.current is not None else []
        said = [self._scene.roles[one] for one in after if one != APART]
        return not has_content(self._scene, after) and not any(role in CUES for role in said)

    def _size(self, at: int) -> None:
        key = size_of(self._scene.keys[at])
        if key == "double" and self._around.role(at + 1) in (Role.WORD, Role.MANNER):
            self._scene.roles[at] = Role.MORE  # "double cheese"
            self._put(at)
            return
        current, ahead = self._at.current, self._around.ahead(at + 1)
        if current is not None and self._at.waiting.qty is None and not self._at.waiting.words:
            fits = self._parts.sold_as(current.mention, key)
            if (not self._at.joined and (not ahead or fits)) or (self._at.joined and not ahead and not current.sizes):
                current.sizes.append(key)
                return
        if ahead:
            self._at.waiting.sizes.append(key)
        else:
            self._put(at)

    def _unit(self, at: int) -> None:
        """A unit may name a size (a glass, a jug); if it does not, it says nothing."""
        if self._at.waiting.qty is not None or self._around.ahead(at + 1):
            self._at.waiting.sizes.append(self._scene.keys[at])
        elif self._at.current is not None and not self._at.joined:
            self._at.current.sizes.append(self._scene.keys[at])

    def _all(self, at: int) -> None:
        if self._around.ahead(at + 1):
            if self._at.waiting.qty is not None:
                self._each = self._at.waiting  # "2 each of idli and vada"
            return
        if not self.drafts:
            return
        following = self._around.role(self._around.following(at + 1))
        if following in JOINERS or following is None:  # "no onion in both"
            words = self._at.waiting.words or (self._at.current.after if self._at.current is not None else [])
            last = max((place for place, one in enumerate(words) if one == APART), default=-1)
            self._shared += [APART, *words[last + 1 :]]
            del words[last + 1 :]
            return
        self._settle()
        self._to_all = True

    # Taking out

    def _remove(self, at: int) -> int:
        end = self._around.end_of(at, Role.REMOVE)
        if self._scene.keys[at] == "kam" and self._speaks_of_something():
            self._scene.roles[at] = Role.LESS  # "chini kam kar do"
            self._put(at)
            return end
        hindi = any(key in _BEHIND_THE_DISH for key in self._scene.keys[at:end])
        behind = self._at.current is not None and not self._at.joined
        self._settle()
        if behind and (hindi or not self._around.names_ahead(end)):
            self._take_out_behind()
            self._at.joined = True
        else:
            self._removing, self._removal = True, at
        return end

    def _speaks_of_something(self) -> bool:
        current = self._at.current
        words = self._at.waiting.words or (current.after if current is not None and not self._at.joined else [])
        return has_content(self._scene, words)

    def _take_out_behind(self) -> None:
        """What stands before "hata do": the last dish, and those joined to it by "and"."""
        later: Draft | None = None
        for draft in reversed(self.drafts):
            between = self._scene.roles[draft.mention.end : later.mention.start] if later is not None else []
            if any(role in (Role.COMMA, Role.BREAK, Role.ORDER, Role.REMOVE) for role in between):
                return
            draft.kind, later = Kind.REMOVE, draft

    def _in_place_of(self, at: int) -> int:
        if self._scene.keys[at] in _INSTEAD_BEHIND and self._at.current is not None:
            self._at.current.kind = Kind.REMOVE
        else:
            self._instead = True
        self._at.joined = True
        return self._around.end_of(at, Role.INSTEAD)
