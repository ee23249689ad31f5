"""Dosas, idlis and what else the morning brings."""

import random

from drawing.shapes import (
    CHILLI,
    CREAM,
    GOLD,
    GOLD_DARK,
    GOLD_LIGHT,
    HERB,
    INK,
    MINT,
    PLUM,
    ROSE,
    SAFFRON,
    SKY,
    TURMERIC,
    blob,
    circle,
    darker,
    ellipse,
    group,
    path,
    scene,
    shadow,
    spread,
    stroke,
)
from drawing.tableware import (
    banana_leaf,
    cashew,
    chilli,
    curry_leaf,
    katori,
    lime,
    mound,
    plate,
    sprig,
    steel_plate,
)

COCONUT, SAMBAR, TOMATO = "#F4F1DF", "#C9662B", "#C7402D"


def _crisp(cx: float, cy: float, rx: float, ry: float, dice: random.Random, count: int) -> str:
    """The brown lace of batter on a hot stone."""
    return "".join(
        ellipse(x, y, dice.uniform(2, 6), dice.uniform(1, 2.6), GOLD_DARK, opacity=0.42)
        for x, y in spread(dice, count, cx, cy, rx, ry)
    )


def masala_dosa() -> str:
    dice = random.Random("masala-dosa")
    roll = group(
        path(
            "M-128 14Q-132 -30 -112 -32L116 -32Q136 -24 134 4Q132 30 116 34L-112 34Q-126 34 -128 14Z", INK, opacity=0.2
        ),
        at=(4, 10),
    )
    skin = path("M-126 0Q-126 -33 -108 -34L114 -34Q128 -32 128 0Q128 32 114 34L-108 34Q-126 34 -126 0Z", GOLD_DARK)
    skin += path("M-124 -4Q-122 -32 -106 -33L112 -33Q124 -31 125 -4Q124 20 112 23L-106 23Q-122 22 -124 -4Z", GOLD)
    skin += path(
        "M-118 -12Q-116 -30 -104 -31L108 -31Q120 -28 120 -14Q116 -6 104 -6L-100 -6Q-116 -6 -118 -12Z", GOLD_LIGHT
    )
    skin += _crisp(0, -2, 108, 26, dice, 46)
    skin += stroke("M-104 23Q-20 14 112 20", darker(GOLD_DARK, 0.15), 2.5, opacity=0.6)
    end = ellipse(126, 0, 14, 34, darker(GOLD_DARK, 0.25)) + ellipse(127, 0, 10.5, 28, "#E9B93C")
    end += "".join(circle(x, y, 3, "#F7DA7C") for x, y in spread(dice, 9, 127, 0, 6, 22))
    end += circle(126, 8, 2.6, HERB) + circle(129, -12, 2.4, CHILLI) + circle(125, -2, 2.2, "#7A4A1C")
    return scene(
        MINT,
        banana_leaf(),
        group(roll, skin, end, turn=-9, at=(158, 116)),
        katori(92, 186, 27, COCONUT, specks="#6B8F3A"),
        katori(156, 194, 27, SAMBAR, specks="#7C2F14"),
        katori(218, 188, 25, TOMATO),
        title="A masala dosa with chutneys and sambar",
    )


def plain_dosa() -> str:
    dice = random.Random("plain-dosa")
    fan = path("M58 168L176 46Q246 62 272 138Q166 190 58 168Z", INK, opacity=0.2, transform="translate(3 9)")
    fan += path("M54 168L174 44Q246 58 272 136Q164 190 54 168Z", GOLD_DARK)
    fan += path("M58 164L174 46Q240 60 266 130Q160 178 58 164Z", GOLD)
    fan += path("M58 164L174 46Q196 50 214 60Q140 112 58 164Z", GOLD_LIGHT)
    fan += "".join(
        stroke(f"M62 163Q{150 + n * 14} {112 + n * 5} {200 + n * 17} {62 + n * 17}", GOLD_DARK, 1.8, opacity=0.45)
        for n in range(1, 5)
    )
    fan += _crisp(178, 116, 70, 40, dice, 34)
    return scene(
        TURMERIC,
        plate(160, 140, 134),
        fan,
        katori(84, 196, 25, COCONUT, specks="#6B8F3A"),
        katori(238, 196, 25, SAMBAR, specks="#7C2F14"),
        title="A plain dosa, folded",
    )


def _idli(cx: float, cy: float, radius: float = 40) -> str:
    dice = random.Random(f"idli{cx}")
    pores = "".join(
        circle(x, y, dice.uniform(0.7, 1.5), "#D9D3C2")
        for x, y in spread(dice, 16, cx, cy - 4, radius * 0.7, radius * 0.26)
    )
    return (
        shadow(cx + 2, cy + radius * 0.42, radius, radius * 0.36)
        + ellipse(cx, cy + radius * 0.18, radius, radius * 0.56, "#DCD5C3")
        + ellipse(cx, cy + 2, radius, radius * 0.54, "#EFEADC")
        + ellipse(cx, cy - 3, radius * 0.94, radius * 0.46, "#FBF8EF")
        + ellipse(cx - radius * 0.25, cy - radius * 0.2, radius * 0.5, radius * 0.16, "#FFFFFF")
        + pores
    )


def idli() -> str:
    return scene(
        SAFFRON,
        banana_leaf(),
        _idli(108, 98),
        _idli(198, 92),
        _idli(152, 128, 42),
        curry_leaf(150, 120, -20, 0.8),
        katori(76, 182, 27, COCONUT, specks="#6B8F3A"),
        katori(232, 176, 34, SAMBAR, specks="#7C2F14"),
        title="Idlis with coconut chutney and sambar",
    )


def _vada(cx: float, cy: float, size: float) -> str:
    dice = random.Random(f"vada{cx}")
    crust, light = "#B9702A", "#D8934A"
    knobs = "".join(
        circle(
            cx + size * dice.uniform(-0.85, 0.85), cy + size * 0.5 * dice.uniform(-0.85, 0.6), dice.uniform(2, 4), light
        )
        for _ in range(22)
    )
    return (
        shadow(cx + 2, cy + size * 0.46, size, size * 0.34)
        + blob(cx, cy + size * 0.14, size, size * 0.66, darker(crust, 0.3), dice, rough=0.05, corners=14)
        + blob(cx, cy, size * 0.98, size * 0.6, crust, dice, rough=0.05, corners=14)
        + knobs
        + ellipse(cx, cy - 1, size * 0.3, size * 0.17, darker(crust, 0.55))
        + stroke(f"M{cx - size * 0.3} {cy - 2}A{size * 0.3} {size * 0.17} 0 0 0 {cx + size * 0.3} {cy - 2}", light, 2.5)
        + stroke(
            f"M{cx - size * 0.78} {cy - size * 0.18}Q{cx - size * 0.5} {cy - size * 0.5} {cx} {cy - size * 0.52}",
            "#EDB673",
            4,
            opacity=0.8,
        )
    )


def vada() -> str:
    return scene(
        SKY,
        plate(),
        _vada(118, 116, 50),
        _vada(206, 120, 50),
        _vada(160, 154, 52),
        katori(248, 190, 27, COCONUT, specks="#6B8F3A"),
        katori(72, 188, 29, SAMBAR, specks="#7C2F14"),
        title="Medu vada with chutney and sambar",
    )


def pongal() -> str:
    dice = random.Random("pongal")
    grains = "".join(
        ellipse(x, y, 4, 2.2, dice.choice(("#F7E7A9", "#FDF3CC", "#E9CF78")))
        for x, y in spread(dice, 70, 160, 122, 78, 38)
    )
    pepper = "".join(circle(x, y, 2.4, "#4A3A28") for x, y in spread(dice, 14, 160, 118, 66, 32))
    return scene(
        PLUM,
        banana_leaf(160, 150),
        mound(160, 126, 92, 52, "#F1D987", dice),
        grains,
        pepper,
        ellipse(160, 100, 24, 9, "#F0B93A"),
        ellipse(154, 98, 12, 4, "#FBE08A"),
        cashew(120, 110, 10, 1.3),
        cashew(204, 118, -30, 1.3),
        cashew(172, 142, 50, 1.3),
        cashew(142, 134, 0, 1.2),
        curry_leaf(178, 106, -10, 0.9),
        curry_leaf(112, 132, 30, 0.8),
        katori(262, 182, 25, COCONUT, specks="#6B8F3A"),
        title="Ghee pongal with cashews and pepper",
    )


def poha() -> str:
    dice = random.Random("poha")
    flakes = "".join(
        group(
            ellipse(0, 0, 8, 4.2, dice.choice(("#F2C832", "#FAE06C", "#E3B11F", "#FBEBA0"))),
            turn=dice.uniform(0, 180),
            at=(x, y),
        )
        for x, y in spread(dice, 120, 160, 118, 80, 44)
    )
    nuts = "".join(
        group(
            ellipse(0, 0, 6, 4.4, "#A85A2A"),
            ellipse(-1.5, -1.5, 2.6, 1.4, "#CF8A52"),
            turn=dice.uniform(0, 90),
            at=(x, y),
        )
        for x, y in spread(dice, 11, 160, 114, 68, 34)
    )
    peas = "".join(circle(x, y, 3.6, "#5FA544") for x, y in spread(dice, 7, 164, 118, 60, 30))
    return scene(
        ROSE,
        plate(),
        mound(160, 122, 92, 54, "#E0AE22", dice),
        flakes,
        peas,
        nuts,
        sprig(162, 104, 0, 0.9),
        sprig(128, 132, -40, 0.6),
        lime(246, 164, 20, 20),
        title="Kanda poha with peanuts and lime",
    )


def _poori(cx: float, cy: float, size: float) -> str:
    dice = random.Random(f"poori{cx}")
    spots = "".join(
        ellipse(x, y, dice.uniform(3, 7), dice.uniform(2, 4), "#C77F2B", opacity=0.5)
        for x, y in spread(dice, 9, cx, cy, size * 0.7, size * 0.5)
    )
    return (
        shadow(cx + 2, cy + size * 0.72, size * 0.9, size * 0.22)
        + ellipse(cx, cy + 3, size, size * 0.8, "#C4802F")
        + ellipse(cx - 2, cy - 1, size * 0.96, size * 0.75, "#E5A94C")
        + spots
        + ellipse(cx - size * 0.28, cy - size * 0.34, size * 0.46, size * 0.22, "#F6CE80")
        + ellipse(cx - size * 0.36, cy - size * 0.4, size * 0.2, size * 0.08, "#FFF0C9")
    )


def poori() -> str:
    return scene(
        MINT,
        steel_plate(),
        _poori(112, 96, 46),
        _poori(196, 90, 48),
        _poori(148, 130, 48),
        katori(226, 162, 38, "#E2B33B", specks="#5FA544"),
        title="Pooris with potato saagu",
    )


def omelette() -> str:
    dice = random.Random("omelette")
    egg = path("M70 150C66 108 116 80 168 82C222 84 256 112 250 148C246 166 76 172 70 150Z", "#D9982B")
    egg += path("M74 146C72 108 118 84 168 85C218 87 250 112 246 142C240 158 80 162 74 146Z", "#F6C945")
    egg += stroke("M82 142Q160 158 240 138", "#E2A432", 3)
    bits = "".join(
        ellipse(
            x, y, dice.uniform(3, 5), dice.uniform(2, 3.2), dice.choice((CHILLI, HERB, "#C46A94", "#B97420", "#FBE08A"))
        )
        for x, y in spread(dice, 38, 162, 120, 76, 26)
    )
    toast = "".join(
        group(path("M-36 20L-4 -30L34 18Z", "#B9793A"), path("M-29 16L-4 -22L26 14Z", "#EFCB8C"), at=at, turn=turn)
        for at, turn in (((250, 176), 8), ((214, 190), -6))
    )
    return scene(
        TURMERIC,
        plate(160, 142, 132, CREAM),
        shadow(162, 158, 92, 14),
        egg,
        bits,
        sprig(110, 128, -20, 0.8),
        toast,
        chilli(86, 184, -8, HERB, 1.1),
        title="A masala omelette with toast",
    )


PICTURES = {
    "masala-dosa": masala_dosa,
    "plain-dosa": plain_dosa,
    "idli": idli,
    "vada": vada,
    "pongal": pongal,
    "poha": poha,
    "poori": poori,
    "omelette": omelette,
}
