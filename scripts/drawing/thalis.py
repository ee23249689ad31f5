"""The plate that holds a whole meal."""

import math
import random

from drawing.breads import RAITA, charred
from drawing.rice import grains
from drawing.shapes import (
    MINT,
    SAFFRON,
    TURMERIC,
    blob,
    circle,
    darker,
    ellipse,
    path,
    scene,
    spread,
)
from drawing.tableware import (
    banana_leaf,
    curry_leaf,
    katori,
    lime,
    mound,
    steel_plate,
)

SAMBAR, PICKLE = "#C9662B", "#B5341E"


def _papad(cx: float, cy: float, radius: float) -> str:
    dice = random.Random(f"papad{cx}")
    return (
        blob(cx, cy + 3, radius, radius * 0.62, "#C9952F", dice, rough=0.06, corners=14)
        + blob(cx, cy, radius, radius * 0.6, "#F0C963", dice, rough=0.06, corners=14)
        + "".join(circle(x, y, 1.8, "#5F3A16") for x, y in spread(dice, 16, cx, cy, radius * 0.8, radius * 0.45))
        + "".join(
            ellipse(x, y, 4, 2.4, "#FBE29A") for x, y in spread(dice, 12, cx + 2, cy, radius * 0.8, radius * 0.45)
        )
    )


def _rice(cx: float, cy: float, rx: float, ry: float) -> str:
    dice = random.Random(f"rice{cx}")
    return mound(cx, cy, rx, ry, "#FBF6E8", dice) + grains(
        dice, 44, cx, cy - 2, rx * 0.82, ry * 0.7, ("#FFFFFF", "#E9E0C9", "#FFF9EA"), 5
    )


def _thali(title: str, background: str, fillings: tuple[str, ...], *parts: str) -> str:
    bowls = ""
    for n, filling in enumerate(fillings):
        angle = math.radians(190 + n * 160 / (len(fillings) - 1))
        bowls += katori(
            160 + 108 * math.cos(angle), 140 + 74 * math.sin(angle), 31, filling, specks=darker(filling, 0.3)
        )
    return scene(background, steel_plate(160, 138, 150), bowls, *parts, title=title)


def _folded_roti(cx: float, cy: float) -> str:
    dice = random.Random(f"fold{cx}")
    return (
        path(
            f"M{cx - 46} {cy + 14}Q{cx - 40} {cy - 30} {cx} {cy - 32}Q{cx + 42} {cy - 30} {cx + 46} {cy + 14}"
            f"Q{cx} {cy + 26} {cx - 46} {cy + 14}Z",
            "#B98445",
        )
        + path(
            f"M{cx - 44} {cy + 10}Q{cx - 38} {cy - 30} {cx} {cy - 32}Q{cx + 40} {cy - 30} {cx + 44} {cy + 10}"
            f"Q{cx} {cy + 20} {cx - 44} {cy + 10}Z",
            "#E6BE80",
        )
        + charred(dice, cx, cy - 6, 34, 18, 12)
    )


def _jamun(cx: float, cy: float, radius: float = 13) -> str:
    return (
        circle(cx, cy + 2, radius, "#4A1E0C")
        + circle(cx, cy, radius, "#8A4218")
        + ellipse(cx - 4, cy - 5, 5, 3, "#D99A62")
    )


def thali() -> str:
    return _thali(
        "A vegetable thali",
        SAFFRON,
        ("#E8782A", "#4C7F35", "#EDB92E", "#8A4A1C", RAITA),
        _papad(82, 164, 35),
        _rice(152, 146, 44, 30),
        _folded_roti(232, 160),
        _jamun(150, 192),
        _jamun(176, 196),
        ellipse(112, 184, 14, 8, PICKLE),
        lime(204, 194, 13),
    )


def nonveg_thali() -> str:
    dice = random.Random("nonveg")
    meat = "".join(blob(x, y, 9, 6, "#7A3318", dice, rough=0.14, corners=8) for x, y in ((50, 126), (66, 128)))
    return _thali(
        "A thali with chicken curry",
        MINT,
        ("#DE6A22", "#EDB92E", "#6B3D33", "#4C7F35", RAITA),
        meat,
        _papad(82, 164, 35),
        _rice(152, 146, 44, 30),
        _folded_roti(232, 160),
        _jamun(150, 192),
        _jamun(176, 196),
        ellipse(112, 184, 14, 8, PICKLE),
        lime(204, 194, 13),
    )


def south_meals() -> str:
    dice = random.Random("south-meals")
    poriyal = blob(92, 116, 26, 15, "#6FA63C", dice) + "".join(
        circle(x, y, 2.2, dice.choice(("#FFFFFF", "#3C7837", "#A6CF74"))) for x, y in spread(dice, 22, 92, 115, 20, 10)
    )
    kootu = blob(142, 104, 24, 14, "#EDB92E", dice) + "".join(
        circle(x, y, 2, "#B97F1E") for x, y in spread(dice, 12, 142, 103, 18, 8)
    )
    return scene(
        TURMERIC,
        banana_leaf(160, 142, 306, 178),
        _rice(164, 152, 62, 34),
        ellipse(166, 138, 24, 9, SAMBAR, opacity=0.9),
        poriyal,
        kootu,
        _papad(252, 138, 34),
        katori(96, 172, 25, SAMBAR, specks="#7C2F14"),
        katori(206, 98, 24, "#A8401E", specks="#5F1F0C"),
        katori(240, 182, 25, RAITA, specks="#6FA63C"),
        ellipse(62, 140, 11, 7, PICKLE),
        curry_leaf(150, 132, -14, 0.8),
        title="South Indian meals on a banana leaf",
    )


PICTURES = {
    "thali": thali,
    "nonveg-thali": nonveg_thali,
    "south-meals": south_meals,
}
