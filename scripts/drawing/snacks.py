"""Chaat from the cart, and what is fried to order."""

import random

from drawing.shapes import (
    CHILLI,
    CREAM,
    HERB,
    HERB_DARK,
    INK,
    MINT,
    ONION,
    PLUM,
    ROSE,
    SAFFRON,
    SKY,
    TURMERIC,
    WHITE,
    blob,
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
from drawing.tableware import (
    bowl,
    chilli,
    curry_leaf,
    glass,
    inside,
    katori,
    lime,
    onion_ring,
    plate,
    sprig,
    steel_plate,
)

GREEN_CHUTNEY, TAMARIND = "#6FA63C", "#6B3318"
CRUST, CRUST_DARK, CRUST_LIGHT = "#D9963E", "#A9681F", "#F0BE6C"


def _samosa(cx: float, cy: float, size: float, turn: float) -> str:
    dice = random.Random(f"samosa{cx}")
    body = path("M0 -52C14 -40 52 26 56 34C50 44 -50 44 -56 34C-52 26 -14 -40 0 -52Z", CRUST_DARK)
    body += path("M0 -52C12 -38 44 22 48 32C30 40 -44 40 -54 32C-50 24 -14 -38 0 -52Z", CRUST)
    body += path("M0 -50C-12 -34 -44 16 -50 28C-34 22 -14 -14 0 -50Z", CRUST_LIGHT)
    body += stroke("M0 -50C6 -20 18 18 34 36", CRUST_DARK, 2.5, opacity=0.6)
    body += "".join(stroke(f"M{x} 37l4 5", CRUST_DARK, 3) for x in range(-46, 48, 10))
    body += "".join(circle(x, y, 2, CRUST_DARK, opacity=0.5) for x, y in spread(dice, 10, 2, 14, 30, 20))
    return shadow(cx, cy + size * 38, size * 56, size * 12) + group(body, turn=turn, at=(cx, cy), scale=size)


def samosa() -> str:
    return scene(
        MINT,
        plate(),
        _samosa(112, 112, 1, -8),
        _samosa(204, 118, 1.08, 7),
        katori(94, 182, 28, GREEN_CHUTNEY),
        katori(228, 186, 28, TAMARIND),
        sprig(160, 172, 0, 0.9),
        title="Samosas with mint and tamarind chutney",
    )


def _puri(cx: float, cy: float, size: float = 30) -> str:
    dice = random.Random(f"puri{cx}{cy}")
    filling = "".join(
        circle(x, y, 3, dice.choice(("#F0CF62", "#E2B33B", HERB, TAMARIND)))
        for x, y in spread(dice, 12, cx, cy - 6, size * 0.42, size * 0.26)
    )
    return (
        shadow(cx + 1, cy + size * 0.7, size * 0.85, size * 0.26)
        + circle(cx, cy + 1, size, CRUST_DARK)
        + circle(cx - 1, cy - 1, size * 0.95, CRUST)
        + ellipse(cx - size * 0.34, cy + size * 0.12, size * 0.34, size * 0.5, CRUST_LIGHT, opacity=0.7)
        + ellipse(cx, cy - 7, size * 0.56, size * 0.38, darker(CRUST_DARK, 0.3))
        + filling
    )


def pani_puri() -> str:
    places = ((86, 108), (146, 98), (206, 108), (112, 148), (172, 150))
    return scene(
        SAFFRON,
        plate(150, 140, 122),
        *(_puri(x, y) for x, y in places),
        glass(268, 96, 200, 66, 48, "#7FA83A", full=0.78),
        sprig(268, 118, 0, 0.7),
        title="Pani puri with mint water",
    )


def bhel() -> str:
    dice = random.Random("bhel")
    cx, cy, rx, ry = inside(160, 118, 100)
    puffs = "".join(
        group(ellipse(0, 0, 8, 5, dice.choice(("#F7E3B5", "#EFCF8E", "#FFF3D4"))), turn=dice.uniform(0, 180), at=(x, y))
        for x, y in spread(dice, 110, 160, 92, 84, 44)
    )
    sev = "".join(
        stroke(f"M{x} {y}q6 {dice.uniform(-6, 6):.1f} 13 {dice.uniform(-3, 3):.1f}", "#E8A623", 2.2)
        for x, y in spread(dice, 44, 154, 82, 66, 32)
    )
    bits = "".join(
        circle(x, y, 3.4, dice.choice((CHILLI, ONION, HERB, "#A85A2A"))) for x, y in spread(dice, 30, 160, 86, 70, 34)
    )
    return scene(
        SKY,
        bowl(160, 118, 100, "#C65B3C", "#E6C27C", depth=0.84),
        blob(cx, cy - 18, rx + 10, ry + 30, "#DDB56A", dice),
        puffs,
        sev,
        bits,
        sprig(160, 72, 0, 0.9),
        lime(262, 196, 20, 10),
        title="Bhel puri",
    )


def chaat() -> str:
    dice = random.Random("chaat")
    papdi = "".join(
        shadow(x, y + 7, 24, 8)
        + ellipse(x, y + 2, 25, 15, CRUST_DARK)
        + ellipse(x, y, 24, 14, CRUST)
        + ellipse(x - 6, y - 3, 10, 4, CRUST_LIGHT)
        for x, y in ((78, 120), (98, 158), (160, 178), (224, 160), (244, 122), (212, 92), (110, 92), (160, 84))
    )
    curd = blob(160, 128, 76, 46, "#E9E3D4", dice) + blob(160, 124, 72, 42, "#FFFCF4", dice)
    drizzle = stroke("M104 128q14 -22 28 0t28 0t28 0t28 -2", TAMARIND, 6) + stroke(
        "M112 144q14 -18 26 0t26 0t26 0t22 0", GREEN_CHUTNEY, 5
    )
    seeds = "".join(
        circle(x, y, 3.6, "#C22B4A") + circle(x - 1, y - 1, 1.2, "#F2A0B0")
        for x, y in spread(dice, 20, 160, 122, 62, 34)
    )
    sev = "".join(
        stroke(f"M{x} {y}q5 {dice.uniform(-5, 5):.1f} 10 0", "#E8A623", 2)
        for x, y in spread(dice, 26, 156, 118, 52, 26)
    )
    return scene(
        PLUM,
        plate(),
        papdi,
        curd,
        drizzle,
        sev,
        seeds,
        sprig(160, 118, 0, 0.9),
        title="Dahi papdi chaat",
    )


def _fritter(cx: float, cy: float, size: float, dice: random.Random) -> str:
    strands = "".join(
        stroke(
            f"M{cx + dice.uniform(-0.7, 0.1) * size:.1f} {cy + dice.uniform(-0.5, 0.5) * size:.1f}"
            f"q{dice.uniform(4, 12):.1f} {dice.uniform(-9, 9):.1f} {dice.uniform(12, 22):.1f} "
            f"{dice.uniform(-5, 5):.1f}",
            colour,
            3.2,
        )
        for colour in ("#EDB765", "#B36A22", "#F2CB86", "#C98AA6")
    )
    return (
        blob(cx + 1, cy + 4, size, size * 0.78, "#8E5218", dice, rough=0.16)
        + blob(cx, cy, size * 0.96, size * 0.72, "#CC8230", dice, rough=0.16)
        + strands
    )


def pakora() -> str:
    dice = random.Random("pakora")
    places = (
        (90, 138),
        (138, 148),
        (188, 148),
        (232, 136),
        (112, 112),
        (160, 118),
        (206, 110),
        (136, 88),
        (184, 86),
        (160, 66),
    )
    return scene(
        TURMERIC,
        steel_plate(160, 150, 128),
        shadow(160, 158, 92, 18),
        *(_fritter(x, y, 30, dice) for x, y in places),
        katori(244, 188, 28, GREEN_CHUTNEY),
        chilli(66, 182, -10, HERB, 1.2),
        title="Onion pakoras with mint chutney",
    )


def manchurian() -> str:
    dice = random.Random("manchurian")
    balls = "".join(
        circle(x, y + 2, 19, "#4A160C")
        + circle(x - 1, y, 18, "#8E2F17")
        + circle(x - 3, y - 3, 13, "#A8421F")
        + ellipse(x - 6, y - 8, 6, 3.4, "#F0B58A", opacity=0.9)
        for x, y in (
            (96, 106),
            (132, 116),
            (170, 118),
            (208, 112),
            (226, 98),
            (114, 86),
            (152, 90),
            (190, 88),
            (134, 68),
            (172, 66),
        )
    )
    rings = "".join(
        ellipse(x, y, 5, 3.4, "none", stroke=dice.choice((HERB, "#8CC46A", HERB_DARK)), stroke_width=2.4)
        for x, y in spread(dice, 24, 160, 92, 72, 32)
    )
    return scene(
        SKY,
        bowl(160, 118, 104, WHITE, "#6B200F", depth=0.82),
        balls,
        rings,
        "".join(circle(x, y, 1.5, CREAM) for x, y in spread(dice, 30, 160, 92, 74, 34)),
        title="Gobi manchurian with spring onion",
    )


def _chunk(cx: float, cy: float, size: float, colour: str, dice: random.Random) -> str:
    char = "".join(
        ellipse(x, y, dice.uniform(2, 4), dice.uniform(1, 2.4), darker(colour, 0.5), opacity=0.7)
        for x, y in spread(dice, 5, cx, cy, size * 0.6, size * 0.4)
    )
    return (
        blob(cx + 1, cy + 4, size, size * 0.76, darker(colour, 0.35), dice, rough=0.13, corners=8)
        + blob(cx, cy, size * 0.96, size * 0.72, colour, dice, rough=0.13, corners=8)
        + blob(cx - size * 0.2, cy - size * 0.24, size * 0.5, size * 0.26, lighter(colour, 0.28), dice, rough=0.12)
        + char
    )


def chicken_65() -> str:
    dice = random.Random("chicken-65")
    places = ((92, 134), (132, 148), (178, 150), (222, 136), (108, 106), (150, 114), (196, 112), (130, 86), (174, 84))
    return scene(
        ROSE,
        plate(),
        shadow(160, 150, 88, 20),
        *(_chunk(x, y, 28, dice.choice(("#C23A22", "#D24A2A", "#B5301F")), dice) for x, y in places),
        curry_leaf(120, 102, -30),
        curry_leaf(176, 116, 24),
        curry_leaf(150, 84, -70, 0.9),
        curry_leaf(206, 134, -20, 0.9),
        chilli(96, 152, -24, HERB, 0.9),
        chilli(184, 140, 14, HERB, 0.9),
        onion_ring(240, 176, 20),
        onion_ring(226, 188, 16),
        lime(82, 180, 20),
        title="Chicken 65 with curry leaves",
    )


def fish_fry() -> str:
    dice = random.Random("fish-fry")
    fish = path(
        "M-104 4C-84 -44 4 -54 62 -18L104 -40C98 -18 98 10 108 34L62 20C6 52 -82 44 -104 4Z",
        INK,
        opacity=0.22,
        transform="translate(3 12)",
    )
    fish += path("M-104 4C-84 -44 4 -54 62 -18L104 -40C98 -18 98 10 108 34L62 20C6 52 -82 44 -104 4Z", "#A63A1B")
    fish += path("M-102 0C-80 -44 4 -52 60 -19L100 -38C94 -18 94 4 102 24L60 12C6 38 -82 34 -102 0Z", "#DB6A2C")
    fish += path("M-88 -10C-62 -38 0 -42 50 -20C0 -26 -50 -22 -88 -10Z", "#F0954F")
    fish += "".join(stroke(f"M{x} -30q14 26 -4 54", "#8A2C12", 4.5, opacity=0.75) for x in (-44, -14, 16))
    fish += (
        path("M-74 -32Q-76 -2 -68 28", "none", stroke="#A63A1B", stroke_width=2.5)
        + circle(-84, -6, 4.4, CREAM)
        + circle(-84, -6, 2, INK)
    )
    fish += "".join(
        circle(x, y, 1.8, dice.choice(("#7A2410", "#F7C08A"))) for x, y in spread(dice, 40, -10, -4, 76, 26)
    )
    return scene(
        SKY,
        plate(160, 142, 134),
        group(fish, turn=-6, at=(156, 124)),
        lime(250, 172, 21, 12),
        lime(220, 186, 17, -20),
        onion_ring(84, 180, 20),
        onion_ring(106, 190, 16),
        sprig(140, 184, 0, 0.9),
        title="Fried fish with lime and onion",
    )


PICTURES = {
    "samosa": samosa,
    "pani-puri": pani_puri,
    "bhel": bhel,
    "chaat": chaat,
    "pakora": pakora,
    "manchurian": manchurian,
    "chicken-65": chicken_65,
    "fish-fry": fish_fry,
}
