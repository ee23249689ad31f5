"""Curries of meat, fish and egg."""

import random

from drawing.bowls import herbs, in_karahi, oil, served, sown
from drawing.shapes import (
    CHILLI,
    CLAY,
    HERB,
    MINT,
    PLUM,
    ROSE,
    SAND,
    TURMERIC,
    WHITE,
    blob,
    circle,
    darker,
    ellipse,
    group,
    lighter,
    path,
    spread,
    stroke,
)
from drawing.tableware import chilli, cream_swirl, curry_leaf, sprig


def _meat(cx: float, cy: float, size: float, colour: str, gravy: str, dice: random.Random) -> str:
    return (
        blob(cx, cy + 3, size, size * 0.66, darker(colour, 0.35), dice, rough=0.14, corners=8)
        + blob(cx, cy, size * 0.95, size * 0.6, colour, dice, rough=0.14, corners=8)
        + blob(cx - size * 0.2, cy - size * 0.18, size * 0.5, size * 0.2, lighter(colour, 0.3), dice)
        + stroke(
            f"M{cx - size} {cy + size * 0.42}Q{cx} {cy + size * 0.74} {cx + size} {cy + size * 0.42}",
            gravy,
            4,
            opacity=0.7,
        )
    )


def butter_chicken() -> str:
    dice, gravy = random.Random("butter-chicken"), "#DE6A22"
    meat = "".join(
        _meat(x, y, 25, "#B5501E", gravy, dice) for x, y in ((106, 104), (210, 102), (158, 92), (128, 130), (192, 130))
    )
    return served(
        "#3F6C7A",
        gravy,
        SAND,
        "Butter chicken",
        oil(dice, "#F29A4F"),
        meat,
        cream_swirl(160, 114, 34, 13),
        herbs(dice, 8),
    )


def kadai_chicken() -> str:
    dice, gravy = random.Random("kadai-chicken"), "#A33A1A"
    pieces = "".join(
        _meat(x, y, 24, "#BF6A34", gravy, dice) for x, y in ((104, 108), (216, 108), (160, 96), (132, 126), (190, 126))
    )
    strips = ""
    for n, (x, y) in enumerate(spread(dice, 14, 160, 112, 76, 24)):
        colour = ("#5E9E3C", "#D8432E", "#E2A5C0")[n % 3]
        strip = path("M-12 -4Q0 -12 12 -2L9 5Q0 -3 -10 4Z", colour) + stroke(
            "M-8 -3Q0 -9 9 -3", lighter(colour, 0.4), 1.8
        )
        strips += group(strip, turn=dice.uniform(0, 180), at=(x, y))
    seeds = "".join(circle(x, y, 1.8, "#EBC37A") for x, y in spread(dice, 22, 160, 114, 80, 26))
    return in_karahi(gravy, SAND, "Kadai chicken in its pan", pieces, strips, seeds, sprig(160, 112, 0, 0.9))


def chettinad() -> str:
    dice, gravy = random.Random("chettinad"), "#5F2B14"
    meat = "".join(
        _meat(x, y, 25, "#8A4522", gravy, dice) for x, y in ((104, 106), (214, 104), (160, 90), (132, 130), (190, 130))
    )
    pepper = "".join(circle(x, y, 2.6, "#1F120C") for x, y in sown(dice, 26, 1.05))
    star = group(
        *(
            group(path("M0 0Q5 -8 0 -17Q-5 -8 0 0Z", "#3A1A0C", stroke="#9C5A2E", stroke_width=1.2), turn=n * 45)
            for n in range(8)
        ),
        at=(160, 112),
    )
    return served(
        CLAY,
        gravy,
        MINT,
        "Chicken Chettinad",
        meat,
        pepper,
        star,
        curry_leaf(102, 124, -20),
        curry_leaf(190, 104, 26),
        chilli(196, 132, -14, "#8E1F16", 0.9),
    )


def rogan_josh() -> str:
    dice, gravy = random.Random("rogan-josh"), "#9E2417"
    meat = "".join(
        _meat(x, y, 27, "#6B2A18", gravy, dice) for x, y in ((104, 104), (212, 104), (158, 90), (130, 130), (194, 130))
    )
    return served(
        WHITE,
        gravy,
        TURMERIC,
        "Mutton rogan josh",
        oil(dice, "#DB5A30", 26),
        meat,
        "".join(stroke(f"M{x} {y}l9 -5", "#E8C07A", 2.4) for x, y in sown(dice, 9, 0.8)),
        sprig(160, 112, 0, 0.8),
    )


def fish_curry() -> str:
    dice, gravy = random.Random("fish-curry"), "#E2A12C"
    steaks = ""
    for x, y, t in ((112, 104, -16), (206, 104, 14), (160, 128, 0)):
        steaks += group(
            path("M-30 2C-30 -20 -8 -24 0 -14C8 -24 30 -20 30 2C26 16 8 18 0 10C-8 18 -26 16 -30 2Z", "#B98A5A"),
            path("M-28 -1C-28 -20 -8 -23 0 -14C8 -23 28 -20 28 -1C24 10 8 12 0 5C-8 12 -24 10 -28 -1Z", "#F6E6CE"),
            circle(0, -4, 3.4, "#C99A6A"),
            stroke("M-22 -8Q-14 -16 -6 -12M22 -8Q14 -16 6 -12", "#D9BE98", 2),
            turn=t,
            at=(x, y),
        )
    return served(
        "#3F6C7A",
        gravy,
        ROSE,
        "Goan fish curry",
        oil(dice, "#F5C765", 20),
        steaks,
        curry_leaf(140, 94, -30),
        curry_leaf(184, 130, 20),
        chilli(96, 128, -8, CHILLI, 0.9),
        herbs(dice, 6),
    )


def _prawn(cx: float, cy: float, turn: float, scale: float = 1) -> str:
    bands = "".join(stroke(d, "#C4471F", 2) for d in ("M-16 -12L-9 -3", "M-4 -18L-1 -7", "M9 -16L7 -5", "M19 -6L11 1"))
    return group(
        path(
            "M-26 8C-26 -16 -2 -26 16 -16C30 -8 28 12 14 18C20 8 16 -2 6 -4C-6 -6 -14 2 -14 12C-18 14 -24 14 -26 8Z",
            "#EE7A3C",
        ),
        stroke("M-22 2C-20 -14 0 -22 14 -14", "#FBB07C", 3),
        bands,
        path("M-22 8L-38 4L-34 14L-40 22L-20 16Z", "#D9582A"),
        stroke("M16 -14Q28 -24 38 -18M18 -12Q30 -16 38 -8", "#C4471F", 1.6),
        turn=turn,
        at=(cx, cy),
        scale=scale,
    )


def prawn() -> str:
    dice, gravy = random.Random("prawn"), "#A33A1A"
    return in_karahi(
        gravy,
        TURMERIC,
        "Prawn ghee roast",
        "".join(ellipse(x, y, 4, 2, "#DE7A3A", opacity=0.6) for x, y in spread(dice, 26, 160, 116, 80, 26)),
        _prawn(104, 112, -10),
        _prawn(164, 96, 14),
        _prawn(222, 112, 30, 0.95),
        _prawn(134, 132, 200, 0.9),
        _prawn(194, 130, 160, 0.9),
        curry_leaf(140, 110, -24),
        curry_leaf(180, 116, 30),
        curry_leaf(86, 126, 10, 0.9),
    )


def egg_curry() -> str:
    dice, gravy = random.Random("egg-curry"), "#C2591E"
    eggs = "".join(
        group(
            ellipse(0, 4, 29, 20, darker("#F4EAD8", 0.25)),
            ellipse(0, 0, 29, 20, "#FFFBF1"),
            ellipse(1, 1, 15, 11, "#EFA520"),
            ellipse(-3, -2, 7, 4, "#FBCF5E"),
            turn=t,
            at=(x, y),
        )
        for x, y, t in ((106, 104, -12), (212, 104, 12), (160, 130, 0), (160, 86, 4))
    )
    return served(
        WHITE,
        gravy,
        PLUM,
        "Egg curry",
        oil(dice, "#E8934F", 22),
        eggs,
        herbs(dice, 14),
        chilli(84, 126, -6, HERB, 0.7),
    )


PICTURES = {
    "butter-chicken": butter_chicken,
    "kadai-chicken": kadai_chicken,
    "chettinad": chettinad,
    "rogan-josh": rogan_josh,
    "fish-curry": fish_curry,
    "prawn": prawn,
    "egg-curry": egg_curry,
}
