"""The tokens of one message with the part each plays, and the numbers among them."""

from dataclasses import dataclass, field

from bot.conversation.text_order.lexicon import (
    ARTICLES,
    DOZENS,
    FRACTIONS,
    NUMBERS,
    PAIRS,
    PHRASES,
    ROLES,
    ROLES_BY_FOLD,
    SIGNS,
    SIZES,
    Role,
    starts_with,
)
from bot.conversation.text_order.words import Shape, Token, folded

MOST = 1_000_000_000  # larger numbers are this one
_HALF = {"1/2": "half", "½": "half", "1/4": "quarter", "¼": "quarter"}
_ASKS = frozenset("you not we i u they".split())  # after an English "do"


@dataclass(slots=True)
class Scene:
    text: str
    tokens: list[Token]
    keys: list[str] = field(init=False)
    roles: list[Role] = field(init=False)
    numbers: dict[int, float] = field(default_factory=dict)  # the token a number ends with → its value

    def __post_init__(self) -> None:
        self.keys = [token.key for token in self.tokens]
        self.roles = [Role.WORD] * len(self.tokens)

    def said(self, start: int, end: int) -> str:
        """The guest's own writing from token `start` up to, not with, `end`."""
        if start >= end:
            return ""
        text = " ".join(self.text[self.tokens[start].start : self.tokens[end - 1].end].split())
        return text if text.count("(") == text.count(")") else text.replace("(", "").replace(")", "")

    def hint(self, start: int, end: int) -> None:
        self.roles[start:end] = [Role.HINT] * (end - start)

    def at(self, index: int) -> str:
        return self.keys[index] if 0 <= index < len(self.keys) else ""


def give_roles(scene: Scene) -> None:
    """Say what each token is, but for dishes. Tokens that are hints already stay so."""
    at = 0
    while at < len(scene.tokens):
        if scene.roles[at] is Role.HINT:
            at += 1
            continue
        if phrase := starts_with(PHRASES, scene.keys, at):
            length, role = phrase
            if Role.HINT not in scene.roles[at : at + length]:
                scene.roles[at : at + length] = [role] * length
                at += length
                continue
        if found := _number(scene, at):
            length, value = found
            scene.roles[at : at + length] = [Role.NUMBER] * length
            scene.numbers[at + length - 1] = value
            at += length
            continue
        scene.roles[at] = _role(scene, at)
        at += 1


def _role(scene: Scene, at: int) -> Role:
    token = scene.tokens[at]
    if token.shape is Shape.SIGN:
        return SIGNS.get(token.key, Role.COMMA if token.key == "/" else Role.GLUE)
    if token.key in _HALF:
        return Role.SIZE
    if token.key == "x" and (
        scene.at(at - 1)[-1:].isdigit() or scene.at(at + 1).isdigit() or scene.at(at - 1) in NUMBERS
    ):
        return Role.TIMES
    role = ROLES.get(token.key)
    if role is Role.NUMBER:  # "do" that is no two, "a" that counts nothing
        return Role.FILLER
    if role is None and len(token.key) >= 5:
        return ROLES_BY_FOLD.get(folded(token.key), Role.WORD)
    return role or Role.WORD


def _number(scene: Scene, at: int) -> tuple[int, float] | None:
    """A number that starts at a token: how many tokens it takes, and its value."""
    token = scene.tokens[at]
    if token.shape is Shape.NUMBER:
        value = _digits(token.key)
        if value is None:
            return None
        following = scene.tokens[at + 1] if at + 1 < len(scene.tokens) else None
        if following and following.key in ("½", "¼", "¾") and following.glued:
            return 2, value + 0.5
        return 1, value
    if token.key in FRACTIONS:
        return 1, 1.5
    if scene.at(at) in ("half", "aadha", "adha", "aadhaa") or token.key in ARTICLES:
        dozen = at + 1 + (scene.at(at + 1) in ARTICLES)
        if scene.at(dozen) in DOZENS and token.key not in ARTICLES:
            return dozen + 1 - at, 6
        if token.key in ARTICLES and scene.at(at + 1) in PAIRS | DOZENS | {"hundred"}:
            return 2, NUMBERS[scene.at(at + 1)]
    if token.shape is Shape.SIGN or token.key not in NUMBERS or _is_a_verb(scene, at):
        return None
    value = NUMBERS[token.key]
    length = 1
    after = NUMBERS.get(scene.at(at + 1))
    if value in range(20, 100, 10) and after is not None and 0 < after < 10 and scene.at(at + 1) not in ARTICLES:
        value, length = value + after, 2
    elif 0 < value < 10 and after == 100:
        value, length = value * 100, 2
    elif 0 < value < 10 and scene.at(at + 1) in DOZENS:
        value, length = value * 12, 2
    if scene.keys[at + length : at + length + 3] == ["and", "a", "half"]:
        return length + 3, value + 0.5
    return length, value


def _digits(key: str) -> float | None:
    if "/" in key or key in _HALF or key == "¾":
        return None
    if len(key) > 9 and "e" not in key:
        return MOST
    if "e" in key:
        mantissa, exponent = key.split("e")
        return MOST if len(mantissa) + int(exponent) > 9 else float(int(mantissa) * 10 ** int(exponent))
    return min(float(MOST), float(key))


def _is_a_verb(scene: Scene, at: int) -> bool:
    """Whether a "do" is the English one, as in "do you have"."""
    return scene.keys[at] == "do" and scene.at(at + 1) in _ASKS


def size_of(key: str) -> str:
    return _HALF.get(key) or SIZES.get(key, key)
