"""Curries without meat."""

import random

from drawing.bowls import herbs, in_karahi, oil, served, sown
from drawing.shapes import (
    CHILLI,
    CLAY,
    HERB,
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
    spread,
    stroke,
)
from drawing.tableware import chilli, cream_swirl, onion_ring, sprig


def _paneer(cx: float, cy: float, turn: float, gravy: str, size: float = 15) -> str:
    return group(
        path(f"M{-size} -3L0 {-size * 0.62}L{size} -3L{size} 7L0 {size * 0.95}L{-size} 7Z", "#E4D3AE"),
        path(f"M{-size} -3L0 {-size * 0.62}L{size} -3L0 {size * 0.42}Z", "#FFF8E6"),
        path(f"M{-size} -3L0 {size * 0.42}L0 {size * 0.95}L{-size} 7Z", "#F3E5C6"),
        path(f"M{-size} 4Q0 {size * 0.4} {size} 4L{size} 8L0 {size}L{-size} 8Z", gravy, opacity=0.55),
        turn=turn,
        at=(cx, cy),
    )


def butter_masala() -> str:
    dice, gravy = random.Random("butter-masala"), "#E8782A"
    cubes = "".join(
        _paneer(x, y, t, gravy)
        for x, y, t in ((104, 104, -12), (216, 104, 14), (128, 132, 6), (194, 132, -8), (160, 92, 0))
    )
    return served(
        WHITE,
        gravy,
        MINT,
        "Paneer butter masala",
        oil(dice, "#F7A85A"),
        cubes,
        cream_swirl(160, 116, 30, 12),
        herbs(dice, 7),
        sprig(160, 110, 0, 0.8),
    )


def palak() -> str:
    dice, gravy = random.Random("palak"), "#4C7F35"
    cubes = "".join(
        _paneer(x, y, t, gravy)
        for x, y, t in ((100, 108, -10), (220, 108, 10), (132, 90, 8), (188, 92, -6), (160, 134, 0))
    )
    return served(
        CLAY,
        gravy,
        TURMERIC,
        "Palak paneer",
        oil(dice, "#79A85A", 22),
        cubes,
        cream_swirl(160, 112, 24, 9),
        chilli(112, 130, 10, CHILLI, 0.7),
    )


def kadai() -> str:
    dice, gravy = random.Random("kadai"), "#B5431E"
    bits = ""
    for x, y in spread(dice, 26, 160, 114, 74, 24):
        bits += dice.choice(
            (
                _paneer(x, y, dice.uniform(-20, 20), gravy, 13),
                group(
                    path("M-12 -4Q0 -12 12 -2L9 5Q0 -3 -10 4Z", "#5E9E3C"),
                    stroke("M-8 -3Q0 -9 9 -3", "#9CCB6E", 1.8),
                    turn=dice.uniform(0, 180),
                    at=(x, y),
                ),
                group(
                    path("M-12 -4Q0 -12 12 -2L9 5Q0 -3 -10 4Z", "#D8432E"),
                    stroke("M-8 -3Q0 -9 9 -3", "#F29A84", 1.8),
                    turn=dice.uniform(0, 180),
                    at=(x, y),
                ),
                group(path("M-11 -3Q0 -10 11 -2L8 4Q0 -2 -9 3Z", "#E2A5C0"), turn=dice.uniform(0, 180), at=(x, y)),
            )
        )
    seeds = "".join(circle(x, y, 1.8, "#EBC37A") for x, y in spread(dice, 26, 160, 114, 80, 26))
    return in_karahi(gravy, SKY, "Kadai paneer in its pan", bits, seeds, sprig(160, 110, 0, 0.9))


def dal_makhani() -> str:
    dice, gravy = random.Random("dal-makhani"), "#5A2A17"
    beans = "".join(
        group(
            ellipse(0, 0, 6, 3.8, dice.choice(("#331309", "#451C0D", "#6B3019"))),
            ellipse(-1.6, -1.2, 2, 0.9, "#A36A4A"),
            turn=dice.uniform(0, 180),
            at=at,
        )
        for at in sown(dice, 54, 1.08)
    )
    butter = group(
        path("M-15 -2L0 -10L15 -2L0 7Z", "#FFE58A"),
        path("M-15 -2L0 7L0 14L-15 5Z", "#F2C94C"),
        path("M15 -2L0 7L0 14L15 5Z", "#DDAE35"),
        at=(166, 106),
    )
    return served(
        WHITE,
        gravy,
        SAFFRON,
        "Dal makhani with cream and butter",
        beans,
        cream_swirl(158, 112, 46, 17),
        butter,
        sprig(206, 122, 30, 0.7),
    )


def dal() -> str:
    dice, gravy = random.Random("dal"), "#EDB92E"
    lentils = "".join(circle(x, y, 2.4, dice.choice(("#F9DA74", "#D99C1B"))) for x, y in sown(dice, 60, 1.1))
    tadka = ellipse(160, 110, 46, 15, "#C9681C", opacity=0.65) + "".join(
        ellipse(x, y, 3.4, 1.4, "#5F3A16") for x, y in spread(dice, 26, 160, 110, 42, 13)
    )
    return served(
        CLAY,
        gravy,
        PLUM,
        "Yellow dal with tadka",
        lentils,
        tadka,
        chilli(128, 104, -14, "#A3261A", 1.1),
        chilli(164, 118, 16, "#A3261A", 1),
        herbs(dice, 10),
    )


def chana() -> str:
    dice, gravy = random.Random("chana"), "#8A4A1C"
    peas = "".join(
        circle(x, y + 1.5, 9.4, "#8F5F22")
        + circle(x, y, 9, dice.choice(("#DBA956", "#CF9A46", "#E4B868")))
        + ellipse(x - 3, y - 3, 3.4, 2, "#F6DDA6")
        + stroke(f"M{x + 2} {y - 6}q4 5 1 10", "#A8742E", 1.4)
        for x, y in sorted(sown(dice, 34, 1.05), key=lambda at: at[1])
    )
    return served(
        WHITE,
        gravy,
        ROSE,
        "Chana masala",
        peas,
        herbs(dice, 14),
        onion_ring(190, 104, 17),
        chilli(112, 110, -10, HERB, 0.9),
    )


def _cauliflower(cx: float, cy: float, size: float, dice: random.Random) -> str:
    return "".join(
        circle(cx + size * dx, cy + size * dy, size * 0.42, colour)
        for dx, dy, colour in (
            (-0.5, 0.1, "#D9AE3A"),
            (0.5, 0.1, "#D9AE3A"),
            (0, 0.2, "#D9AE3A"),
            (-0.3, -0.24, "#F0D06A"),
            (0.3, -0.24, "#F0D06A"),
            (0, -0.05, "#F7E39A"),
        )
    ) + "".join(circle(x, y, 1.3, "#B97F1E") for x, y in spread(dice, 6, cx, cy, size * 0.6, size * 0.4))


def aloo_gobi() -> str:
    dice = random.Random("aloo-gobi")
    parts = ""
    for x, y in sorted(spread(dice, 20, 160, 96, 76, 32), key=lambda at: at[1]):
        if dice.random() < 0.5:
            parts += _cauliflower(x, y, 16, dice)
        else:
            parts += (
                box(x - 13, y - 9, 26, 21, "#C28A24", 6)
                + box(x - 13, y - 10, 24, 18, "#EFC552", 6)
                + box(x - 10, y - 8, 15, 5, "#FBE79A", 2)
            )
    return served("#3F6C7A", "#C68A22", TURMERIC, "Aloo gobi", parts, herbs(dice, 16), sprig(160, 84, 0, 0.8))


def bharta() -> str:
    dice, gravy = random.Random("bharta"), "#7A4A3A"
    mash = blob(160, 100, 82, 34, "#6B3D33", dice) + blob(158, 96, 76, 29, "#8A5546", dice)
    streaks = "".join(
        stroke(f"M{x} {y}q8 {dice.uniform(-5, 5):.1f} 18 0", dice.choice(("#A8705C", "#5A3028", "#B98A72")), 3)
        for x, y in spread(dice, 30, 150, 96, 64, 22)
    )
    bits = "".join(
        circle(x, y, 4, dice.choice(("#6FA63C", CHILLI, "#6FA63C"))) for x, y in spread(dice, 18, 160, 96, 64, 22)
    )
    return served(CLAY, gravy, SKY, "Baingan bharta", mash, streaks, bits, sprig(160, 92, 0, 0.9))


PICTURES = {
    "butter-masala": butter_masala,
    "palak": palak,
    "kadai": kadai,
    "dal-makhani": dal_makhani,
    "dal": dal,
    "chana": chana,
    "aloo-gobi": aloo_gobi,
    "bharta": bharta,
}
