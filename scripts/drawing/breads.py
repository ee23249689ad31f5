"""Breads from griddle and oven."""

import math
import random

from drawing.shapes import (
    HERB,
    INK,
    MINT,
    PLUM,
    ROSE,
    SAFFRON,
    SKY,
    WHITE,
    blob,
    box,
    circle,
    ellipse,
    group,
    path,
    scene,
    shadow,
    smooth,
    spread,
    stroke,
)
from drawing.tableware import (
    katori,
    plate,
    steel_plate,
)

RAITA = "#F7F4EA"


def charred(
    dice: random.Random, cx: float, cy: float, rx: float, ry: float, count: int, colour: str = "#9A5A22"
) -> str:
    return "".join(
        blob(
            x,
            y,
            dice.uniform(3, 8),
            dice.uniform(2, 4.5),
            colour,
            dice,
            rough=0.25,
            corners=7,
            opacity=dice.uniform(0.45, 0.85),
        )
        for x, y in spread(dice, count, cx, cy, rx, ry)
    )


def roti() -> str:
    dice = random.Random("roti")
    stack = ""
    for n, (dx, dy) in enumerate(((4, 30), (-6, 20), (6, 10), (-2, 0))):
        cx, cy = 160 + dx, 122 + dy
        stack += blob(cx, cy + 4, 96, 52, "#B98445", dice, rough=0.03, corners=16) + blob(
            cx, cy, 95, 50, "#E3B877", dice, rough=0.03, corners=16
        )
        if n == 3:
            stack += blob(cx - 6, cy - 4, 80, 38, "#EFCD94", dice, rough=0.04) + charred(dice, cx, cy, 80, 38, 26)
    return scene(MINT, steel_plate(160, 146, 132), shadow(162, 164, 96, 44), stack, title="A stack of rotis")


def _naan(dice: random.Random, *, garlic: bool = False) -> str:
    shape = [
        (-96, 4),
        (-84, -28),
        (-44, -44),
        (4, -48),
        (52, -38),
        (92, -14),
        (98, 4),
        (84, 22),
        (44, 40),
        (-4, 46),
        (-52, 40),
        (-86, 28),
    ]

    def outline(dx: float, dy: float, by: float) -> str:
        return smooth([(x * by + dx, y * by + dy) for x, y in shape])

    puffs = "".join(
        ellipse(x, y, rx, ry, "#F7DDA8")
        + stroke(
            f"M{x - rx * 0.8:.1f} {y + ry * 0.3:.1f}A{rx} {ry} 0 0 0 {x + rx * 0.8:.1f} {y + ry * 0.3:.1f}",
            "#C98F48",
            2,
            opacity=0.7,
        )
        for x, y, rx, ry in (
            (-54, -12, 20, 11),
            (-10, 12, 22, 12),
            (36, -14, 20, 11),
            (-30, -28, 14, 7),
            (60, 8, 14, 8),
            (8, -30, 14, 7),
        )
    )
    tops = charred(dice, 0, -2, 78, 34, 22, "#8A4A1A")
    if garlic:
        tops += "".join(
            group(box(-4, -2.4, 8, 5, "#FFF8E0", 2, stroke="#D9B05A", stroke_width=1), turn=dice.uniform(0, 180), at=at)
            for at in spread(dice, 24, 0, -2, 76, 32)
        )
        tops += "".join(
            group(ellipse(0, 0, 4.4, 2.2, HERB), turn=dice.uniform(0, 180), at=at)
            for at in spread(dice, 26, 2, 0, 78, 32)
        )
    return (
        group(path(outline(0, 0, 1), INK, opacity=0.2), at=(3, 11))
        + path(outline(0, 5, 1), "#B47A34")
        + path(outline(0, 0, 1), "#DFAE66")
        + path(outline(-2, -2, 0.92), "#EBC584")
        + puffs
        + tops
        + stroke("M-70 -26Q-30 -44 20 -40", "#FFF3D0", 4, opacity=0.7)
    )


def naan() -> str:
    dice = random.Random("naan")
    return scene(
        SAFFRON,
        plate(160, 146, 134, "#5B7F86"),
        group(_naan(dice), turn=18, at=(176, 150)),
        group(_naan(dice), turn=-16, at=(148, 116)),
        title="Two naans",
    )


def garlic_naan() -> str:
    dice = random.Random("garlic-naan")
    return scene(
        SKY,
        plate(160, 146, 134, "#8A5A44"),
        group(_naan(dice, garlic=True), turn=18, at=(176, 150)),
        group(_naan(dice, garlic=True), turn=-16, at=(148, 116)),
        title="Garlic naans with coriander",
    )


def kulcha() -> str:
    dice = random.Random("kulcha")
    bread = (
        blob(160, 136, 104, 60, "#A8692A", dice, rough=0.03, corners=16)
        + blob(160, 128, 103, 58, "#DDA657", dice, rough=0.03, corners=16)
        + blob(156, 124, 88, 46, "#EBC07A", dice, rough=0.04)
    )
    cuts = stroke("M62 132Q160 118 258 126", "#A8692A", 3.5) + stroke("M126 74Q160 130 176 186", "#A8692A", 3.5)
    specks = "".join(
        circle(x, y, 3, dice.choice((HERB, "#C46A94", "#8A2C3A", "#F7E3B5")))
        for x, y in spread(dice, 40, 160, 126, 86, 44)
    )
    butter = group(
        path("M-18 -3L0 -13L18 -3L0 8Z", "#FFE58A"),
        path("M-18 -3L0 8L0 17L-18 6Z", "#F2C94C"),
        path("M18 -3L0 8L0 17L18 6Z", "#DDAE35"),
        at=(148, 118),
    )
    melted = ellipse(150, 130, 34, 12, "#F7CF5E", opacity=0.6)
    return scene(
        ROSE,
        steel_plate(160, 144, 134),
        shadow(162, 158, 102, 44),
        bread,
        charred(dice, 160, 126, 88, 46, 20),
        cuts,
        specks,
        melted,
        butter,
        katori(252, 190, 28, RAITA, specks="#6FA63C"),
        title="Amritsari kulcha with butter",
    )


def paratha() -> str:
    dice = random.Random("paratha")

    def spiral(cx: float, cy: float) -> str:
        points = []
        for n in range(66):
            angle, reach = n * 0.42, 6 + n * 1.36
            points.append((cx + reach * math.cos(angle), cy + reach * math.sin(angle) * 0.58))
        line = smooth(points, closed=False)
        return (
            blob(cx, cy + 7, 98, 57, "#A8692A", dice, rough=0.03, corners=16)
            + blob(cx, cy, 97, 55, "#E2AE5F", dice, rough=0.03, corners=16)
            + stroke(line, "#B9782F", 6)
            + group(stroke(line, "#F3D08E", 3), at=(-1, -2.4))
            + charred(dice, cx, cy, 80, 42, 22)
        )

    return scene(
        PLUM,
        plate(160, 148, 132, WHITE),
        shadow(162, 166, 98, 44),
        group(spiral(164, 146), at=(4, 8)),
        spiral(156, 124),
        title="Layered parathas",
    )


PICTURES = {
    "roti": roti,
    "naan": naan,
    "garlic-naan": garlic_naan,
    "kulcha": kulcha,
    "paratha": paratha,
}
