"""From the clay oven: skewers, kebabs, a whole leg."""

import random

from drawing.shapes import (
    CHILLI,
    HERB,
    INK,
    MINT,
    ONION,
    PLUM,
    ROSE,
    SAFFRON,
    SKY,
    STEEL,
    STEEL_DARK,
    STEEL_LIGHT,
    TURMERIC,
    blob,
    box,
    circle,
    darker,
    ellipse,
    group,
    lighter,
    path,
    scene,
    shadow,
    spread,
    stroke,
)
from drawing.snacks import GREEN_CHUTNEY
from drawing.tableware import cashew, katori, lime, onion_ring, plate, sprig

SLATE = "#5B5A60"


def board() -> str:
    """A dark oval platter that lets the fire's colours glow."""
    return plate(160, 146, 134, SLATE)


def _cube(x: float, colour: str, dice: random.Random, width: float = 34) -> str:
    char = "".join(
        stroke(
            f"M{x - width / 2 + 6 + n * 9} {dice.uniform(-14, -8):.1f}l{dice.uniform(2, 5):.1f} "
            f"{dice.uniform(14, 24):.1f}",
            "#6B2E12",
            3,
            opacity=0.75,
        )
        for n in range(3)
    )
    return (
        box(x - width / 2, -19, width, 40, darker(colour, 0.3), 7)
        + box(x - width / 2, -20, width - 2, 36, colour, 7)
        + box(x - width / 2 + 3, -18, width - 12, 8, lighter(colour, 0.4), 4)
        + char
    )


def _slice(x: float, colour: str) -> str:
    return (
        box(x - 6, -22, 12, 44, darker(colour, 0.25), 6)
        + box(x - 6, -22, 9, 42, colour, 5)
        + box(x - 4, -18, 3, 26, lighter(colour, 0.5), 2)
    )


def _skewer(parts: str) -> str:
    return (
        group(box(-132, -3, 264, 6, INK, 3, opacity=0.2), at=(3, 26))
        + box(-140, -3, 280, 6, STEEL_DARK, 3)
        + box(-140, -3, 280, 3, STEEL_LIGHT, 2)
        + circle(-146, 0, 9, "none", stroke=STEEL, stroke_width=4)
        + parts
    )


def paneer_tikka() -> str:
    dice = random.Random("paneer-tikka")
    row = "".join(
        _slice(x, colour)
        for x, colour in ((-72, "#5E9E3C"), (-54, ONION), (-2, "#D8432E"), (16, ONION), (70, "#5E9E3C"))
    )
    row += "".join(_cube(x, dice.choice(("#F0A63C", "#EFB04E", "#E99A34")), dice) for x in (-98, -28, 43, 97))
    return scene(
        MINT,
        board(),
        group(_skewer(row), turn=-14, at=(160, 110)),
        group(_skewer(row), turn=-14, at=(172, 166)),
        katori(84, 88, 25, GREEN_CHUTNEY),
        lime(262, 194, 19),
        title="Paneer tikka on skewers with mint chutney",
    )


def _morsel(x: float, colour: str, dice: random.Random) -> str:
    char = "".join(ellipse(x + dx, dy, 4, 2.4, "#4A160C", opacity=0.7) for dx, dy in spread(dice, 6, 0, 0, 15, 14))
    return (
        blob(x + 1, 4, 27, 23, darker(colour, 0.4), dice, rough=0.1, corners=9)
        + blob(x, 0, 26, 22, colour, dice, rough=0.1, corners=9)
        + blob(x - 6, -8, 13, 7, lighter(colour, 0.3), dice)
        + char
    )


def chicken_tikka() -> str:
    dice = random.Random("chicken-tikka")
    row = "".join(_slice(x, colour) for x, colour in ((-66, ONION), (0, "#5E9E3C"), (66, ONION)))
    row += "".join(_morsel(x, dice.choice(("#D4522A", "#DD6230", "#C94524")), dice) for x in (-96, -36, 33, 96))
    return scene(
        SAFFRON,
        board(),
        group(_skewer(row), turn=-14, at=(160, 108)),
        group(_skewer(row), turn=-14, at=(172, 164)),
        katori(84, 88, 25, GREEN_CHUTNEY),
        lime(262, 194, 19),
        title="Chicken tikka on skewers",
    )


def _floret(cx: float, cy: float, size: float, dice: random.Random) -> str:
    crowns = "".join(
        circle(cx + size * dx, cy + size * dy, size * dice.uniform(0.3, 0.4), colour)
        for dx, dy, colour in (
            (-0.5, 0, "#3F7A35"),
            (0.5, 0.02, "#3F7A35"),
            (0, -0.05, "#4C8F3F"),
            (-0.28, -0.34, "#5AA14A"),
            (0.3, -0.34, "#5AA14A"),
            (0, -0.5, "#6DB35A"),
        )
    )
    return (
        shadow(cx + 2, cy + size * 0.86, size * 0.7, size * 0.18)
        + path(
            f"M{cx - size * 0.22} {cy}L{cx - size * 0.3} {cy + size * 0.8}Q{cx} {cy + size} {cx + size * 0.3} "
            f"{cy + size * 0.8}L{cx + size * 0.22} {cy}Z",
            "#A9C77C",
        )
        + crowns
        + path(
            f"M{cx - size * 0.5} {cy - size * 0.34}Q{cx} {cy - size * 1.06} {cx + size * 0.52} "
            f"{cy - size * 0.3}Q{cx + size * 0.3} {cy - size * 0.5} {cx + size * 0.12} {cy - size * 0.26}"
            f"Q{cx - size * 0.1} {cy - size * 0.5} {cx - size * 0.5} {cy - size * 0.34}Z",
            "#FFF6DF",
        )
        + "".join(
            ellipse(x, y, 3, 1.8, "#B4702A", opacity=0.8)
            for x, y in spread(dice, 6, cx, cy - size * 0.52, size * 0.36, size * 0.16)
        )
    )


def malai_broccoli() -> str:
    dice = random.Random("malai-broccoli")
    places = ((92, 112, 38), (160, 98, 40), (228, 112, 38), (124, 148, 38), (194, 150, 38))
    return scene(
        ROSE,
        board(),
        *(_floret(x, y, size, dice) for x, y, size in places),
        cashew(72, 164, 10, 1.3),
        cashew(246, 168, -30, 1.3),
        cashew(160, 192, 30, 1.3),
        lime(268, 192, 17),
        title="Malai broccoli from the tandoor",
    )


def _potato(cx: float, cy: float, dice: random.Random) -> str:
    filling = "".join(
        circle(x, y, 4.2, dice.choice(("#FBF1D8", "#F3DDA6", "#9C4B2C", "#6FA63C", "#F7E8C4")))
        for x, y in spread(dice, 26, cx, cy - 8, 24, 11)
    )
    return (
        shadow(cx + 2, cy + 24, 38, 9)
        + path(
            f"M{cx - 42} {cy - 8}C{cx - 44} {cy + 20} {cx - 20} {cy + 30} {cx} {cy + 30}C{cx + 22} {cy + 30} "
            f"{cx + 44} {cy + 20} {cx + 42} {cy - 8}Z",
            "#9A5A22",
        )
        + path(
            f"M{cx - 42} {cy - 8}C{cx - 44} {cy + 18} {cx - 22} {cy + 27} {cx - 4} {cy + 27}C{cx + 14} "
            f"{cy + 26} {cx + 24} {cy + 12} {cx + 22} {cy - 8}Z",
            "#C9812F",
        )
        + ellipse(cx, cy - 8, 42, 18, "#F2D283")
        + ellipse(cx, cy - 7, 32, 13, "#C78A3A")
        + filling
        + "".join(stroke(f"M{cx + x} {cy + 4}l4 14", "#5F2F10", 3, opacity=0.6) for x in (-26, -8, 10))
    )


def tandoori_aloo() -> str:
    dice = random.Random("tandoori-aloo")
    return scene(
        PLUM,
        board(),
        *(_potato(x, y, dice) for x, y in ((112, 112), (208, 112), (160, 152))),
        katori(62, 180, 25, GREEN_CHUTNEY),
        sprig(254, 182, 10, 1),
        title="Tandoori aloo filled with paneer and raisins",
    )


def _leg(dice: random.Random) -> str:
    meat = "M-70 6C-76 -34 -30 -52 10 -40C40 -32 58 -14 74 -8L76 8C56 10 44 22 16 34C-24 48 -66 40 -70 6Z"
    return (
        group(path(meat, INK, opacity=0.25), at=(3, 12))
        + path("M66 -8L112 -20Q124 -30 126 -16Q138 -10 126 -2Q122 10 112 2L68 8Z", "#F4E6CF")
        + path("M68 2L112 -8Q120 -6 124 2Q118 8 112 2L68 8Z", "#D9C3A0")
        + path(meat, "#8E2417")
        + path(
            "M-68 2C-72 -34 -30 -50 10 -39C38 -32 56 -14 72 -8L73 2C52 4 40 14 14 25C-24 37 -64 32 -68 2Z", "#CC3F22"
        )
        + path("M-52 -12C-44 -34 -10 -40 16 -30C-10 -28 -34 -20 -52 -12Z", "#EC7A4A")
        + "".join(stroke(f"M{x} -22q6 20 -2 40", "#54140B", 5, opacity=0.85) for x in (-36, -10, 16))
        + "".join(circle(x, y, 2, "#54140B", opacity=0.6) for x, y in spread(dice, 18, -6, -2, 54, 26))
    )


def tandoori_chicken() -> str:
    dice = random.Random("tandoori-chicken")
    return scene(
        TURMERIC,
        board(),
        group(_leg(dice), turn=-10, at=(148, 104)),
        group(_leg(dice), turn=8, at=(160, 158), scale=0.95),
        onion_ring(70, 132, 20),
        onion_ring(56, 148, 16),
        onion_ring(262, 128, 18),
        lime(258, 184, 20),
        sprig(84, 192, -10, 0.9),
        title="Tandoori chicken with lemon and onion",
    )


def _kebab(dice: random.Random) -> str:
    knobs = "".join(
        ellipse(x, dice.uniform(-10, 8), dice.uniform(5, 9), 3, darker("#9A5228", 0.35), opacity=0.6)
        for x in range(-84, 90, 12)
    )
    specks = "".join(
        circle(x, y, 1.8, dice.choice((HERB, CHILLI, "#E8B98A"))) for x, y in spread(dice, 30, 0, -2, 84, 14)
    )
    return (
        group(box(-94, -18, 188, 36, INK, 18, opacity=0.22), at=(3, 13))
        + box(-132, -3, 264, 6, STEEL, 3)
        + box(-96, -19, 192, 39, "#66300F", 19)
        + box(-96, -20, 192, 34, "#9A5228", 17)
        + box(-86, -17, 160, 8, "#C67E4A", 4)
        + knobs
        + specks
    )


def seekh_kebab() -> str:
    dice = random.Random("seekh-kebab")
    return scene(
        SKY,
        board(),
        *(group(_kebab(dice), turn=-12, at=(x, y)) for x, y in ((152, 92), (160, 136), (168, 178))),
        onion_ring(66, 182, 20),
        onion_ring(82, 194, 15),
        sprig(258, 108, 20, 0.9),
        lime(266, 196, 17),
        title="Mutton seekh kebabs",
    )


PICTURES = {
    "paneer-tikka": paneer_tikka,
    "malai-broccoli": malai_broccoli,
    "tandoori-aloo": tandoori_aloo,
    "chicken-tikka": chicken_tikka,
    "tandoori-chicken": tandoori_chicken,
    "seekh-kebab": seekh_kebab,
}
