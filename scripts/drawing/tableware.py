"""Plates, bowls, pots, glasses."""

import math
import random

from drawing.shapes import (
    CHILLI,
    CLAY,
    CLAY_LIGHT,
    COPPER,
    COPPER_DARK,
    COPPER_LIGHT,
    CREAM,
    HERB,
    HERB_DARK,
    INK,
    LEAF,
    LEAF_DARK,
    LEAF_LIGHT,
    STEEL,
    STEEL_DARK,
    STEEL_LIGHT,
    WHITE,
    blob,
    circle,
    darker,
    ellipse,
    group,
    lighter,
    path,
    shadow,
    stroke,
)

FLAT = 0.6  # how much a circle on the table is foreshortened


def plate(cx: float = 160, cy: float = 142, radius: float = 124, colour: str = WHITE) -> str:
    return (
        shadow(cx, cy + 14, radius + 2, radius * FLAT)
        + ellipse(cx, cy + 5, radius, radius * FLAT, darker(colour, 0.22))
        + ellipse(cx, cy, radius, radius * FLAT, colour)
        + ellipse(cx, cy + 1, radius * 0.8, radius * 0.8 * FLAT, darker(colour, 0.1))
        + ellipse(cx, cy + 4, radius * 0.77, radius * 0.77 * FLAT, darker(colour, 0.035))
        + stroke(
            f"M{cx - radius * 0.93} {cy - 6}A{radius * 0.94} {radius * 0.94 * FLAT} 0 0 1 {cx - 30} "
            f"{cy - radius * 0.56}",
            "#FFFFFF",
            3,
            opacity=0.8,
        )
    )


def steel_plate(cx: float = 160, cy: float = 142, radius: float = 134) -> str:
    return (
        shadow(cx, cy + 14, radius + 2, radius * FLAT)
        + ellipse(cx, cy + 6, radius, radius * FLAT, STEEL_DARK)
        + ellipse(cx, cy, radius, radius * FLAT, STEEL)
        + ellipse(cx, cy + 2, radius * 0.92, radius * 0.92 * FLAT, "#B4BEC5")
        + ellipse(cx, cy + 5, radius * 0.9, radius * 0.89 * FLAT, "#DCE3E7")
        + stroke(
            f"M{cx - radius * 0.96} {cy - 4}A{radius * 0.96} {radius * 0.96 * FLAT} 0 0 1 {cx - 40} "
            f"{cy - radius * 0.565}",
            "#FFFFFF",
            3,
            opacity=0.9,
        )
    )


def banana_leaf(cx: float = 160, cy: float = 146, width: float = 290, height: float = 150) -> str:
    w, h = width / 2, height / 2
    d = (
        f"M{cx - w} {cy + 2}C{cx - w + 26} {cy - h * 0.9} {cx - w * 0.3} {cy - h} {cx + w * 0.25} {cy - h * 0.95}"
        f"C{cx + w * 0.8} {cy - h * 0.8} {cx + w} {cy - h * 0.2} {cx + w} {cy}"
        f"C{cx + w} {cy + h * 0.4} {cx + w * 0.7} {cy + h * 0.95} {cx + w * 0.1} {cy + h}"
        f"C{cx - w * 0.5} {cy + h} {cx - w + 20} {cy + h * 0.6} {cx - w} {cy + 2}Z"
    )
    veins = ""
    for x in range(int(cx - w + 34), int(cx + w - 50), 22):
        reach = h * 0.82 * math.sqrt(max(0.0, 1 - ((x + 26 - cx) / w) ** 2))
        veins += stroke(
            f"M{x} {cy}q20 {-reach * 0.5:.1f} 27 {-reach:.1f}M{x} {cy}q20 {reach * 0.5:.1f} 24 {reach:.1f}",
            LEAF_DARK,
            1.5,
            opacity=0.35,
        )
    return (
        group(path(d, INK, opacity=0.2), at=(0, 9))
        + group(path(d, LEAF_DARK), at=(0, 4))
        + path(d, LEAF)
        + veins
        + stroke(f"M{cx - w + 6} {cy + 2}L{cx + w - 8} {cy}", LEAF_LIGHT, 4)
    )


def bowl(
    cx: float, cy: float, radius: float, colour: str, filling: str, *, depth: float = 0.62, opening: float = 0.36
) -> str:
    """A bowl seen from the side and a little from above, filled; `cx, cy` is the middle of its rim."""
    rim, foot = radius * opening, radius * 0.42
    low = cy + radius * depth
    return (
        shadow(cx, low + 6, radius * 0.86, radius * 0.17)
        + ellipse(cx, low + 3, foot, foot * 0.28, darker(colour, 0.35))
        + path(
            f"M{cx - radius} {cy}C{cx - radius * 0.98} {cy + radius * 0.5} {cx - foot * 1.3} {low} {cx - foot} "
            f"{low + 3}"
            f"L{cx + foot} {low + 3}C{cx + foot * 1.3} {low} {cx + radius * 0.98} {cy + radius * 0.5} "
            f"{cx + radius} {cy}Z",
            darker(colour, 0.14),
        )
        + path(
            f"M{cx - radius} {cy}C{cx - radius * 0.98} {cy + radius * 0.5} {cx - foot * 1.3} {low} {cx - foot} "
            f"{low + 3}"
            f"L{cx + foot * 0.4} {low + 3}C{cx + foot * 0.8} {low} {cx + radius * 0.6} {cy + radius * 0.5} "
            f"{cx + radius * 0.62} {cy}Z",
            colour,
        )
        + stroke(
            f"M{cx - radius * 0.84} {cy + radius * 0.26}Q{cx - radius * 0.7} {cy + radius * 0.46} "
            f"{cx - radius * 0.52} {low - radius * 0.1}",
            lighter(colour, 0.55),
            max(2.5, radius * 0.045),
            opacity=0.8,
        )
        + ellipse(cx, cy, radius, rim, lighter(colour, 0.35))
        + ellipse(cx, cy + rim * 0.05, radius * 0.93, rim * 0.9, darker(colour, 0.3))
        + ellipse(cx, cy + rim * 0.12, radius * 0.91, rim * 0.82, darker(filling, 0.16))
        + ellipse(cx, cy + rim * 0.16, radius * 0.87, rim * 0.75, filling)
    )


def inside(cx: float, cy: float, radius: float, opening: float = 0.36) -> tuple[float, float, float, float]:
    """The ellipse of a bowl's filling: middle and radii, with a margin."""
    rim = radius * opening
    return cx, cy + rim * 0.16, radius * 0.74, rim * 0.6


def katori(cx: float, cy: float, radius: float, filling: str, *, specks: str = "", metal: bool = True) -> str:
    """A small bowl of chutney, curd or sambar."""
    dice = random.Random(f"{cx}{cy}{filling}")
    wall, rim = (STEEL, STEEL_LIGHT) if metal else (WHITE, "#FFFFFF")
    foot = radius * 0.66
    dots = "".join(
        circle(cx + dice.uniform(-0.55, 0.55) * radius, cy + dice.uniform(-0.24, 0.26) * radius, radius * 0.06, specks)
        for _ in range(9 if specks else 0)
    )
    return (
        shadow(cx + 1, cy + radius * 0.72, radius * 0.95, radius * 0.28)
        + path(
            f"M{cx - radius} {cy}Q{cx - radius * 0.94} {cy + radius * 0.7} {cx - foot} {cy + radius * 0.74}"
            f"L{cx + foot} {cy + radius * 0.74}Q{cx + radius * 0.94} {cy + radius * 0.7} {cx + radius} {cy}Z",
            darker(wall, 0.2),
        )
        + path(
            f"M{cx - radius} {cy}Q{cx - radius * 0.94} {cy + radius * 0.7} {cx - foot} {cy + radius * 0.74}"
            f"L{cx + foot * 0.2} {cy + radius * 0.74}Q{cx + radius * 0.4} {cy + radius * 0.6} "
            f"{cx + radius * 0.45} {cy}Z",
            wall,
        )
        + ellipse(cx, cy, radius, radius * 0.44, rim)
        + ellipse(cx, cy + radius * 0.03, radius * 0.86, radius * 0.36, darker(filling, 0.25))
        + ellipse(cx, cy + radius * 0.07, radius * 0.82, radius * 0.31, filling)
        + dots
    )


def karahi(cx: float, cy: float, radius: float, filling: str) -> str:
    """The cook's own pan, with two ears, brought to the table."""
    ears = "".join(
        stroke(
            f"M{cx + side * radius * 0.96} {cy - 2}q{side * 22} -16 {side * 26} 4q0 12 {-side * 22} 8", COPPER_DARK, 7
        )
        for side in (-1, 1)
    )
    return ears + bowl(cx, cy, radius, COPPER, filling, depth=0.56)


def handi(cx: float = 160, cy: float = 112) -> str:
    """A bellied copper pot, its mouth at `cx, cy`, open for whatever is heaped on it."""
    body = (
        f"M{cx - 66} {cy}C{cx - 60} {cy + 12} {cx - 100} {cy + 24} {cx - 100} {cy + 62}C{cx - 100} {cy + 96} "
        f"{cx - 58} {cy + 112} {cx} {cy + 112}"
        f"C{cx + 58} {cy + 112} {cx + 100} {cy + 96} {cx + 100} {cy + 62}C{cx + 100} {cy + 24} {cx + 60} "
        f"{cy + 12} {cx + 66} {cy}Z"
    )
    lit = (
        f"M{cx - 66} {cy}C{cx - 60} {cy + 12} {cx - 100} {cy + 24} {cx - 100} {cy + 62}C{cx - 100} {cy + 96} "
        f"{cx - 58} {cy + 112} {cx} {cy + 112}"
        f"C{cx + 30} {cy + 112} {cx + 62} {cy + 92} {cx + 60} {cy + 58}C{cx + 58} {cy + 28} {cx + 30} {cy + 14} "
        f"{cx + 36} {cy}Z"
    )
    return (
        shadow(cx, cy + 112, 98, 14)
        + path(body, COPPER_DARK)
        + path(lit, COPPER)
        + stroke(f"M{cx - 86} {cy + 56}Q{cx - 84} {cy + 38} {cx - 66} {cy + 26}", COPPER_LIGHT, 6)
        + stroke(f"M{cx - 98} {cy + 72}Q{cx} {cy + 104} {cx + 98} {cy + 72}", COPPER_LIGHT, 2.5, opacity=0.7)
        + ellipse(cx, cy, 78, 23, COPPER_LIGHT)
        + ellipse(cx, cy + 1, 70, 18, COPPER_DARK)
    )


def clay_pot(cx: float, cy: float, radius: float, filling: str) -> str:
    return bowl(cx, cy, radius, CLAY, filling, depth=0.8) + stroke(
        f"M{cx - radius * 0.8} {cy + radius * 0.42}Q{cx} {cy + radius * 0.6} {cx + radius * 0.8} {cy + radius * 0.42}",
        CLAY_LIGHT,
        3,
        stroke_dasharray="1 9",
    )


def glass(
    cx: float,
    top: float,
    bottom: float,
    width: float,
    foot: float,
    drink: str,
    *,
    full: float = 0.86,
    tint: str = "#E9F4F6",
) -> str:
    """A tumbler: `width` across the top, `foot` at the bottom, filled to `full` of its height."""
    w, f = width / 2, foot / 2
    level = bottom - (bottom - top) * full
    at_level = f + (w - f) * full
    return (
        shadow(cx, bottom + 2, f * 1.35, f * 0.34)
        + path(
            f"M{cx - w} {top}L{cx - f} {bottom}Q{cx} {bottom + f * 0.34} {cx + f} {bottom}L{cx + w} {top}Z",
            tint,
            opacity=0.75,
        )
        + path(
            f"M{cx - at_level + 3} {level}L{cx - f + 3} {bottom - 4}Q{cx} {bottom + f * 0.22} {cx + f - 3} "
            f"{bottom - 4}L{cx + at_level - 3} {level}Z",
            drink,
        )
        + path(
            f"M{cx + at_level * 0.35} {level}L{cx + f * 0.35} {bottom}Q{cx + f * 0.7} {bottom - 1} {cx + f - 3} "
            f"{bottom - 4}L{cx + at_level - 3} {level}Z",
            darker(drink, 0.12),
        )
        + ellipse(cx, level, at_level - 3, (at_level - 3) * 0.24, lighter(drink, 0.25))
        + ellipse(cx, top, w, w * 0.24, "none", stroke="#FFFFFF", stroke_width=3.5, opacity=0.95)
        + stroke(f"M{cx - w + 9} {top + 14}L{cx - f + 8} {bottom - 16}", "#FFFFFF", 5, opacity=0.55)
    )


def steam(cx: float, cy: float, colour: str = WHITE) -> str:
    return "".join(
        stroke(f"M{cx + dx} {cy}q-9 -11 0 -22q9 -11 0 -22", colour, 4.5, opacity=0.75) for dx in (-20, 2, 24)
    )


def sprig(cx: float, cy: float, turn: float = 0, scale: float = 1) -> str:
    """Three leaves of coriander or mint."""
    leaf = "M0 0C-9 -6 -9 -17 0 -24C9 -17 9 -6 0 0Z"
    leaves = "".join(
        group(path(leaf, colour), stroke("M0 -2L0 -18", HERB_DARK, 1.2), turn=angle)
        for angle, colour in ((-58, HERB_DARK), (52, HERB), (-4, "#63B04C"))
    )
    return group(leaves, turn=turn, at=(cx, cy), scale=scale)


def curry_leaf(cx: float, cy: float, turn: float = 0, scale: float = 1) -> str:
    return group(
        path("M0 0C8 -7 20 -7 28 0C20 7 8 7 0 0Z", HERB_DARK),
        stroke("M3 0L24 0", LEAF_LIGHT, 1.2),
        turn=turn,
        at=(cx, cy),
        scale=scale,
    )


def lime(cx: float, cy: float, radius: float = 17, turn: float = 0) -> str:
    """Half a lime, its cut side up."""
    spokes = "".join(
        stroke(f"M0 0L{radius * 0.72 * c:.1f} {radius * 0.72 * s:.1f}", "#F4F8D8", 1.6)
        for c, s in ((1, 0), (0.5, 0.87), (-0.5, 0.87), (-1, 0), (-0.5, -0.87), (0.5, -0.87))
    )
    return group(
        circle(0, 2.5, radius, "#5F8F2B"),
        circle(0, 0, radius, "#8BBB3E"),
        circle(0, 0, radius * 0.86, "#F1F6CF"),
        circle(0, 0, radius * 0.76, "#C5DB6A"),
        spokes,
        turn=turn,
        at=(cx, cy),
    )


def onion_ring(cx: float, cy: float, radius: float) -> str:
    return ellipse(cx, cy, radius, radius * 0.6, "none", stroke=ONION_SHADE, stroke_width=4.5) + ellipse(
        cx, cy - 1, radius, radius * 0.6, "none", stroke="#F3E3EC", stroke_width=2.4
    )


ONION_SHADE = "#B9628C"


def chilli(cx: float, cy: float, turn: float = 0, colour: str = CHILLI, scale: float = 1) -> str:
    return group(
        path("M0 0C10 -7 26 -6 38 6C28 4 12 9 0 5Z", colour),
        stroke("M3 -0.5Q14 -4.5 26 -1", lighter(colour, 0.5), 1.6),
        stroke("M0 2.5Q-6 2 -9 -3", HERB_DARK, 3),
        turn=turn,
        at=(cx, cy),
        scale=scale,
    )


def cashew(cx: float, cy: float, turn: float = 0, scale: float = 1) -> str:
    return group(
        path(
            "M-8 2C-9 -7 4 -10 9 -2C10 3 5 4 3 1C0 -2 -2 0 -2 4C-4 7 -8 6 -8 2Z",
            "#F3D79B",
            stroke="#C99A4E",
            stroke_width=1.2,
        ),
        stroke("M-6 0Q-3 -6 4 -4", CREAM, 1.6),
        turn=turn,
        at=(cx, cy),
        scale=scale,
    )


def cream_swirl(cx: float, cy: float, rx: float, ry: float, colour: str = "#FFF4DC") -> str:
    return stroke(
        f"M{cx - rx} {cy}C{cx - rx * 0.6} {cy - ry * 1.5} {cx + rx * 0.9} {cy - ry * 1.2} {cx + rx} {cy}"
        f"C{cx + rx * 0.9} {cy + ry * 1.1} {cx - rx * 0.5} {cy + ry} {cx - rx * 0.45} {cy + ry * 0.1}"
        f"C{cx - rx * 0.2} {cy - ry * 0.6} {cx + rx * 0.4} {cy - ry * 0.4} {cx + rx * 0.35} {cy + ry * 0.1}",
        colour,
        4.5,
    )


def mound(cx: float, cy: float, rx: float, ry: float, colour: str, dice: random.Random) -> str:
    """A heap of something soft."""
    return blob(cx, cy + ry * 0.16, rx, ry * 0.9, darker(colour, 0.18), dice, rough=0.05) + blob(
        cx - rx * 0.04, cy, rx * 0.95, ry * 0.86, colour, dice, rough=0.05
    )
