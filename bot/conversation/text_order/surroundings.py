"""What stands around a token: the dish ahead, the word that speaks before it, how this part of the message counts."""

from bot.conversation.text_order.lexicon import Role
from bot.conversation.text_order.match import Mention
from bot.conversation.text_order.scene import Scene

JOINERS = frozenset({Role.AND, Role.COMMA, Role.BREAK})
QUIET = frozenset({Role.FILLER, Role.GLUE, Role.HINT, Role.ORDER, Role.TIMES})
_NEAR, _FAR = 6, 40  # tokens; nobody leads up to a dish over more
_DASHES = frozenset("-−–")
_ENDS_A_REACH = JOINERS | {Role.NUMBER, Role.REMOVE, Role.INSTEAD, Role.SWAP, Role.OR}
_IN_IT = frozenset(["in", "to", "for", "on", "from", "into", "of"])
_IN_IT_BEHIND = frozenset(["mein", "me", "par", "pe", "main", "men"])


class Surroundings:
    def __init__(self, scene: Scene, mentions: list[Mention]) -> None:
        self._scene = scene
        self._starts = {mention.start: mention for mention in mentions}
        self._size = len(scene.tokens)

    def dish_at(self, at: int) -> Mention | None:
        return self._starts.get(at)

    def role(self, at: int) -> Role | None:
        return self._scene.roles[at] if 0 <= at < self._size else None

    def following(self, at: int) -> int:
        """The next token that says something, from `at` on."""
        while at < self._size and self._scene.roles[at] in QUIET:
            at += 1
        return at

    def preceding(self, at: int) -> int:
        """The last token before `at` that says something."""
        at -= 1
        while at >= 0 and self._scene.roles[at] in (Role.FILLER, Role.GLUE, Role.HINT):
            at -= 1
        return at

    def end_of(self, at: int, role: Role) -> int:
        """Where a run of tokens with this role ends."""
        while self.role(at) is role:
            at += 1
        return at

    def number_end(self, at: int) -> int:
        """The last token of the number that begins at `at`."""
        while at not in self._scene.numbers:
            at += 1
        return at

    def ahead(self, at: int, *, over_and: bool = False) -> Mention | None:
        """The dish that comes before the next comma, "and" or number."""
        far = min(self._size, at + _FAR)
        while at < far:
            mention = self._starts.get(at)
            if mention is not None and not self.is_ingredient(mention):
                return mention
            role = self._scene.roles[at]
            if over_and and role in (Role.AND, Role.COMMA) and self._scene.keys[at] != "\n":
                over_and = False
            elif role in _ENDS_A_REACH:
                return None
            elif role not in QUIET:
                over_and = False
            at += 1
        return None

    def names_ahead(self, at: int) -> bool:
        """Whether a dish, perhaps with its number, comes next."""
        at = self.following(at)
        if self.role(at) is Role.NUMBER:
            at = self.number_end(at) + 1
        return self.ahead(at) is not None

    def beside(self, mention: Mention) -> Mention | None:
        """The dish these words lead up to, with nothing but words in between: the dosa of "ghee roast masala dosa"."""
        at, far = mention.end, mention.end + _NEAR
        while at < far and self.role(at) in (Role.WORD, Role.MANNER, Role.DISH, *QUIET):
            other = self._starts.get(at)
            if other is not None and other.nominal:
                return other
            at += 1
        return None

    def is_ingredient(self, mention: Mention) -> bool:
        """Whether the words before it make it part of another dish: "without onion"."""
        cue = self.role(self.preceding(mention.start))
        return cue in (Role.NO, Role.LESS) or (cue in (Role.WITH, Role.MORE) and not mention.nominal)

    def into(self, mention: Mention) -> bool:
        """Whether the words before say what is to be done in this dish: "no onion in the dosa"."""
        before = mention.start - 1
        while before >= 0 and self._scene.keys[before] in ("the", "my", "our", "a", "all", "both"):
            before -= 1
        return before > 0 and self._scene.keys[before] in _IN_IT

    def opens_it(self, mention: Mention) -> bool:
        """Whether the words behind go on to say what is to be done in this dish: "chai mein chini kam"."""
        return mention.end < self._size - 1 and self._scene.keys[mention.end] in _IN_IT_BEHIND

    def counts_behind(self, at: int) -> bool:
        """Whether this part of the message counts behind the dishes: "dosa 2 coffee 1"."""
        start = end = at
        first, last = max(0, at - _FAR), min(self._size, at + _FAR)
        while start > first and self._scene.roles[start - 1] not in JOINERS:
            start -= 1
        while end < last and self._scene.roles[end] not in JOINERS:
            end += 1
        marks = [
            role
            for place in range(start, end)
            if (role := self._scene.roles[place]) is Role.NUMBER or place in self._starts
        ]
        return bool(marks) and marks[0] is Role.DISH and marks[-1] is Role.NUMBER

    def negative(self, at: int) -> bool:
        """A minus that touches its number and opens the line; a row of such lines is a list with dashes."""
        keys, tokens = self._scene.keys, self._scene.tokens
        if at == 0 or keys[at - 1] not in _DASHES or not tokens[at].glued:
            return False
        if at > 1 and (tokens[at - 1].glued or self.role(at - 2) not in (*JOINERS, Role.ORDER, Role.FILLER)):
            return False
        lines = sum(1 for n, key in enumerate(keys) if key in _DASHES and (n == 0 or keys[n - 1] == "\n"))
        return lines < 2
