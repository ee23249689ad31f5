"""A bowl or a karahi, full, and what is sown over it."""

import random

from drawing.shapes import HERB, ellipse, group, lighter, scene, spread, stroke
from drawing.tableware import bowl, inside, karahi

CX, CY, RADIUS = 160, 108, 112
OPENING = 0.44


def served(colour: str, filling: str, background: str, title: str, *parts: str) -> str:
    shine = stroke(
        f"M{CX - 76} {CY + 2}Q{CX - 40} {CY - 30} {CX + 10} {CY - 33}", lighter(filling, 0.35), 4, opacity=0.55
    )
    pot = bowl(CX, CY, RADIUS, colour, filling, depth=0.82, opening=OPENING)
    return scene(background, pot, shine, *parts, title=title)


def in_karahi(filling: str, background: str, title: str, *parts: str) -> str:
    pan = group(karahi(0, 0, 108, filling), at=(160, 112))
    return scene(background, pan, *parts, title=title)


def sown(dice: random.Random, count: int, share: float = 1.0) -> list[tuple[float, float]]:
    cx, cy, rx, ry = inside(CX, CY, RADIUS, OPENING)
    return list(spread(dice, count, cx, cy - 2, rx * share, ry * share))


def oil(dice: random.Random, colour: str, count: int = 14) -> str:
    return "".join(
        ellipse(x, y, dice.uniform(2, 5), dice.uniform(1, 2.4), colour, opacity=0.5) for x, y in sown(dice, count, 1.1)
    )


def herbs(dice: random.Random, count: int = 12) -> str:
    return "".join(
        group(ellipse(0, 0, 4.4, 2.2, dice.choice((HERB, "#6DB352", "#3C7837"))), turn=dice.uniform(0, 180), at=at)
        for at in sown(dice, count, 0.95)
    )
