"""Sweets."""

import math
import random

from drawing.shapes import (
    INK,
    MINT,
    PLUM,
    ROSE,
    SAFFRON,
    SKY,
    TURMERIC,
    WHITE,
    blob,
    box,
    circle,
    ellipse,
    group,
    path,
    scene,
    smooth,
    spread,
    stroke,
)
from drawing.tableware import (
    bowl,
    cashew,
    clay_pot,
    plate,
)

PISTACHIO, SAFFRON_THREAD = "#8CB84A", "#D8521E"


def pistachios(dice: random.Random, count: int, cx: float, cy: float, rx: float, ry: float) -> str:
    return "".join(
        group(
            box(-4.5, -1.8, 9, 3.6, dice.choice((PISTACHIO, "#A9CC66", "#6B9638")), 1.6),
            turn=dice.uniform(0, 180),
            at=at,
        )
        for at in spread(dice, count, cx, cy, rx, ry)
    )


def gulab_jamun() -> str:
    dice = random.Random("gulab-jamun")
    balls = "".join(
        ellipse(x + 2, y + 15, 24, 8, "#6B2A0C", opacity=0.6)
        + circle(x, y + 2, 26, "#4A1C0A")
        + circle(x - 1, y, 25, "#8A3F16")
        + circle(x - 4, y - 4, 18, "#A3541F")
        + ellipse(x - 8, y - 12, 8, 4.6, "#F0BE86")
        + ellipse(x - 10, y - 13, 3.6, 1.8, "#FFF0DC")
        for x, y in ((112, 100), (208, 100), (160, 84), (160, 118))
    )
    return scene(
        ROSE,
        bowl(160, 116, 110, WHITE, "#C9701F", depth=0.8, opening=0.42),
        balls,
        pistachios(dice, 22, 160, 94, 66, 24),
        "".join(path(f"M{x} {y}q6 -7 12 0q-6 7 -12 0Z", "#E88AA0") for x, y in ((84, 124), (222, 124), (130, 136))),
        title="Gulab jamun in syrup",
    )


def rasmalai() -> str:
    dice = random.Random("rasmalai")
    discs = "".join(
        ellipse(x, y + 8, 37, 20, "#D9BE7E")
        + ellipse(x, y + 3, 36, 19, "#EFE0B4")
        + ellipse(x, y, 35, 17, "#FFF8E2")
        + ellipse(x - 8, y - 5, 16, 5, "#FFFFFF")
        + pistachios(dice, 8, x, y - 1, 18, 7)
        + "".join(
            stroke(f"M{x + dx} {y + dy}q5 -3 10 0", SAFFRON_THREAD, 1.8) for dx, dy in ((-20, 4), (6, 5), (10, -7))
        )
        for x, y in ((108, 102), (212, 102), (160, 120))
    )
    return scene(
        SKY,
        bowl(160, 112, 114, "#3F6C7A", "#F6DC94", depth=0.8, opening=0.44),
        discs,
        "".join(stroke(f"M{x} {y}q6 -4 11 1", SAFFRON_THREAD, 2) for x, y in spread(dice, 12, 160, 116, 82, 34)),
        title="Rasmalai in saffron milk",
    )


def jalebi() -> str:
    def coil(cx: float, cy: float, turns: float, turn: float) -> str:
        points = []
        steps = int(turns * 14)
        for n in range(steps):
            angle, reach = n * 2 * math.pi / 14 + turn, 7 + n * 38 / steps
            points.append((cx + reach * math.cos(angle), cy + reach * math.sin(angle) * 0.7))
        line = smooth(points, closed=False)
        return (
            group(stroke(line, INK, 11, opacity=0.2), at=(2, 8))
            + group(stroke(line, "#B4560C", 11), at=(0, 3))
            + stroke(line, "#EE8B1C", 10)
            + group(stroke(line, "#FFC766", 2.8), at=(-1.4, -2.6))
        )

    dice = random.Random("jalebi")
    return scene(
        PLUM,
        plate(160, 144, 130),
        coil(112, 112, 3, 0.4),
        coil(208, 110, 3, 2),
        coil(160, 150, 3.1, 4),
        pistachios(dice, 16, 160, 128, 92, 40),
        title="Jalebis, crisp and syrupy",
    )


def gajar_halwa() -> str:
    dice = random.Random("gajar-halwa")
    heap = blob(160, 98, 82, 42, "#B5401A", dice, rough=0.06) + blob(157, 92, 77, 37, "#DD5F22", dice, rough=0.06)
    shreds = "".join(
        stroke(
            f"M{x} {y}q{dice.uniform(4, 9):.1f} {dice.uniform(-6, 6):.1f} {dice.uniform(10, 16):.1f} "
            f"{dice.uniform(-3, 3):.1f}",
            dice.choice(("#F0812F", "#C24A1A", "#F9A14F")),
            3,
        )
        for x, y in spread(dice, 70, 152, 90, 66, 30)
    )
    return scene(
        MINT,
        bowl(160, 112, 104, WHITE, "#C24A1A", depth=0.82, opening=0.4),
        heap,
        shreds,
        cashew(128, 80, 10, 1.4),
        cashew(190, 84, -30, 1.4),
        cashew(160, 66, 20, 1.4),
        cashew(156, 104, 60, 1.3),
        pistachios(dice, 14, 160, 86, 58, 24),
        title="Carrot halwa with cashews",
    )


def kulfi() -> str:
    dice = random.Random("kulfi")

    def cone(cx: float, cy: float, turn: float) -> str:
        return group(
            group(path("M-34 -76Q-36 -92 0 -92Q36 -92 34 -76L18 70Q0 82 -18 70Z", INK, opacity=0.18), at=(6, 8)),
            box(-5, 66, 10, 50, "#D9B07A", 4),
            box(-5, 66, 4, 50, "#EBCB9C", 3),
            path("M-34 -76Q-36 -92 0 -92Q36 -92 34 -76L18 70Q0 82 -18 70Z", "#E3C88E"),
            path("M-34 -76Q-36 -92 0 -92Q22 -92 24 -80L10 70Q-6 80 -18 70Z", "#F6E5B8"),
            stroke("M-24 -72L-12 50", "#FFF8E0", 6, opacity=0.8),
            pistachios(dice, 26, 0, -10, 22, 66),
            "".join(stroke(f"M{x} {y}q5 -4 9 1", SAFFRON_THREAD, 1.8) for x, y in spread(dice, 8, -2, -16, 18, 56)),
            turn=turn,
            at=(cx, cy),
        )

    return scene(
        TURMERIC,
        plate(160, 168, 126, "#5B7F86"),
        cone(124, 112, -16),
        cone(196, 112, 14),
        title="Malai kulfi on sticks",
    )


def payasam() -> str:
    dice = random.Random("payasam")
    strands = "".join(
        stroke(
            f"M{x} {y}q{dice.uniform(6, 12):.1f} {dice.uniform(-9, 9):.1f} {dice.uniform(16, 24):.1f} "
            f"{dice.uniform(-4, 4):.1f}",
            dice.choice(("#FFFBEA", "#E0C791", "#FFF3D0")),
            2.6,
        )
        for x, y in spread(dice, 44, 148, 110, 72, 30)
    )
    raisins = "".join(
        ellipse(x, y, 6, 4.4, "#6B3A1C") + ellipse(x - 1.5, y - 1.5, 2.4, 1.2, "#A8704A")
        for x, y in spread(dice, 9, 160, 110, 66, 26)
    )
    return scene(
        SAFFRON,
        clay_pot(160, 108, 108, "#F3DFAE"),
        strands,
        raisins,
        cashew(122, 104, 10, 1.4),
        cashew(196, 112, -30, 1.4),
        cashew(162, 92, 40, 1.3),
        "".join(stroke(f"M{x} {y}q5 -4 9 1", SAFFRON_THREAD, 1.8) for x, y in spread(dice, 8, 158, 110, 60, 22)),
        title="Semiya payasam with cashews and raisins",
    )


PICTURES = {
    "gulab-jamun": gulab_jamun,
    "rasmalai": rasmalai,
    "jalebi": jalebi,
    "gajar-halwa": gajar_halwa,
    "kulfi": kulfi,
    "payasam": payasam,
}
