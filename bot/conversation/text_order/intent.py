"""Whether a message orders at all: questions, complaints and stories name dishes too."""

from bot.conversation.text_order.draft import Draft
from bot.conversation.text_order.lexicon import (
    ALLERGENS,
    ALLERGY,
    ANGER,
    ANGER_PHRASES,
    ASKS_ALLERGEN,
    AUXILIARY,
    AUXILIARY_THEN,
    COPULA,
    PERHAPS,
    QUESTION,
    QUESTION_PHRASES,
    STORY,
    STORY_PHRASES,
    Role,
    starts_with,
)
from bot.conversation.text_order.match import Mention
from bot.conversation.text_order.models import HumanReason, Kind
from bot.conversation.text_order.scene import Scene
from bot.conversation.text_order.words import folded

_PAUSES = frozenset({Role.AND, Role.COMMA})
_ALLERGIC = ("alerg", "elarj", "alarg")
_UNEXPLAINED = 3


def human_reason(scene: Scene, mentions: list[Mention]) -> HumanReason | None:
    """Whether a person should answer: allergies and anger, outside the names of dishes."""
    named = {at for mention in mentions if mention.best.full for at in range(mention.start, mention.end)}
    at_large = [at for at in range(len(scene.keys)) if at not in named and scene.roles[at] is not Role.HINT]
    keys = {scene.keys[at] for at in at_large}
    if keys & ALLERGY or any(folded(key).startswith(_ALLERGIC) for key in keys):
        return HumanReason.ALLERGY
    if keys & ALLERGENS and (keys & ASKS_ALLERGEN or "?" in keys or scene.at(0) in AUXILIARY):
        return HumanReason.ALLERGY
    if keys & ANGER or any(starts_with(ANGER_PHRASES, scene.keys, at) for at in at_large):
        return HumanReason.ANGER
    return None


class Intent:
    """What the words around the dishes say, sentence by sentence."""

    def __init__(self, scene: Scene, mentions: list[Mention], language: str) -> None:
        self._scene = scene
        self._named = {at for mention in mentions for at in range(mention.start, mention.end)}
        self._english = language != "hi"
        self._outside = [
            (at, key) for at, key in enumerate(scene.keys) if at not in self._named and scene.roles[at] is not Role.HINT
        ]
        self._asking = [
            at
            for at, key in self._outside
            if key in QUESTION or key in PERHAPS or starts_with(QUESTION_PHRASES, scene.keys, at)
        ]

    def tells(self) -> bool:
        """Whether the message is a complaint or tells what happened."""
        for at, key in self._outside:
            if key in STORY and self._scene.roles[at] is not Role.ORDER:  # "chahiye tha" is only polite
                return True
            if starts_with(STORY_PHRASES, self._scene.keys, at) and self._scene.roles[at] is not Role.NO:
                return True
        return self._english and any(self._says_of(at) for at, _ in self._outside)

    def _says_of(self, at: int) -> bool:
        """ "the dosas are cold": a verb right behind a dish."""
        following = self._scene.at(at + 1)
        return self._scene.keys[at] in COPULA and at - 1 in self._named and following != "" and not following.isdigit()

    def questions(self) -> bool:
        """Whether anything is asked anywhere."""
        return bool(self._asking)

    def asked_in(self, at: int) -> bool:
        """Whether the part of the sentence around a token asks something."""
        start, end = self._part(at)
        return any(start <= place < end for place in self._asking)

    def _part(self, at: int) -> tuple[int, int]:
        roles = self._scene.roles
        start = end = at
        while start > 0 and roles[start - 1] not in _PAUSES | {Role.BREAK}:
            start -= 1
        while end < len(roles) and roles[end] not in _PAUSES | {Role.BREAK}:
            end += 1
        return start, end

    def orders(self, draft: Draft) -> bool:
        """Whether the sentence of this dish orders it."""
        start, end = self._sentence(draft.mention.start)
        if self._asks(start, end, draft.mention):
            return False
        if draft.qty is not None or draft.kind is not Kind.ADD:
            return True
        roles, keys = self._scene.roles, self._scene.keys
        inside = [at for at in range(start, end) if at not in self._named]
        if any(roles[at] is Role.ORDER for at in inside):
            return True
        if any(keys[at] in PERHAPS and roles[at] is not Role.ORDER for at in inside):
            return False
        if end < len(keys) and keys[end] == "?":
            return False
        about = {*draft.before, *draft.after}
        strange = sum(1 for at in inside if roles[at] is Role.WORD and at not in about)
        if draft.mention.guessed and strange:
            return False
        return strange < _UNEXPLAINED or strange <= draft.mention.end - draft.mention.start

    def _sentence(self, at: int) -> tuple[int, int]:
        roles = self._scene.roles
        start = end = at
        while start > 0 and roles[start - 1] is not Role.BREAK:
            start -= 1
        while end < len(roles) and roles[end] is not Role.BREAK:
            end += 1
        return start, end

    def _asks(self, start: int, end: int, mention: Mention) -> bool:
        """Whether a question is asked of the dish; one that only follows, after a comma or "and", is another matter."""
        dishes = [at for at in range(start, end) if at in self._named]
        last = max(dishes)
        for at in range(start, end):
            if at in self._named or self._scene.roles[at] is Role.HINT:
                continue
            if self._scene.keys[at] in QUESTION or starts_with(QUESTION_PHRASES, self._scene.keys, at):
                follows = at > last and any(self._scene.roles[one] in _PAUSES for one in range(last + 1, at + 1))
                if not follows:
                    return True
        first = self._first(start, end)
        return (
            self._scene.at(first) in AUXILIARY
            and self._scene.roles[first] is not Role.NUMBER
            and (
                self._scene.at(first + 1) in AUXILIARY_THEN
                or (self._english and (first + 1 in self._named or first + 1 in self._scene.numbers))
            )
        )

    def _first(self, start: int, end: int) -> int:
        while start < end and self._scene.keys[start] in ("hi", "hello", "hey", "and", "but", "so", ","):
            start += 1
        return start
