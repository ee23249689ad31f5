"""Rice: a handi of biryani, a bowl, a plate."""

import random

from drawing.shapes import (
    MINT,
    PLUM,
    ROSE,
    SAFFRON,
    SKY,
    TURMERIC,
    blob,
    box,
    circle,
    ellipse,
    group,
    path,
    scene,
    spread,
    stroke,
)
from drawing.tableware import bowl, cashew, curry_leaf, handi, mound, plate, sprig


def grains(
    dice: random.Random,
    count: int,
    cx: float,
    cy: float,
    rx: float,
    ry: float,
    colours: tuple[str, ...],
    long: float = 7,
) -> str:
    return "".join(
        group(ellipse(0, 0, long, 1.9, dice.choice(colours)), turn=dice.uniform(-70, 70), at=at)
        for at in spread(dice, count, cx, cy, rx, ry)
    )


def _biryani(title: str, background: str, tint: str, *parts: str) -> str:
    dice = random.Random(title)
    colours = ("#FFF3CF", "#F7D98A", "#F0A93A", "#FFFBEE", tint)
    heap = blob(160, 92, 66, 44, "#DDAF55", dice, rough=0.04) + blob(158, 88, 62, 40, "#F0CC7C", dice, rough=0.04)
    rice = grains(dice, 150, 160, 86, 58, 36, colours)
    pot = handi(160, 112)
    front = path("M90 112A70 18 0 0 0 230 112L238 112A78 23 0 0 1 82 112Z", "#E8A26B")
    fried = "".join(
        stroke(f"M{x} {y}q5 {dice.uniform(-6, 6):.1f} 11 {dice.uniform(-4, 4):.1f}", "#7A3A12", 2.6)
        for x, y in spread(dice, 16, 156, 78, 46, 24)
    )
    return scene(background, pot, heap, rice, fried, *parts, front, title=title)


def biryani() -> str:
    leg = group(
        path("M-34 6C-38 -16 -12 -26 8 -18C26 -10 32 -2 40 -2L40 6C28 8 22 18 6 20C-16 24 -32 20 -34 6Z", "#8A3A14"),
        path("M-32 2C-34 -16 -12 -24 8 -17C22 -11 30 -3 38 -2L38 2C26 4 20 10 6 13C-14 17 -30 14 -32 2Z", "#C8682A"),
        stroke("M-22 -6Q-10 -18 8 -12", "#EE9A5A", 3.5),
        box(38, -4, 22, 9, "#F4E6CF", 4),
        circle(60, -3, 5, "#F4E6CF"),
        circle(60, 4, 5, "#E3CFAE"),
        turn=-18,
        at=(146, 72),
        scale=1.25,
    )
    return _biryani(
        "Hyderabadi chicken biryani in its handi",
        MINT,
        "#E7761C",
        leg,
        sprig(198, 98, 20, 0.8),
        sprig(112, 96, -30, 0.7),
    )


def mutton_biryani() -> str:
    dice = random.Random("mutton")
    meat = "".join(
        blob(x, y + 4, 21, 15, "#5A2A12", dice, rough=0.22, corners=8)
        + blob(x, y, 20, 13, "#96512A", dice, rough=0.22, corners=8)
        + blob(x - 4, y - 4, 10, 4, "#BE7A4C", dice, rough=0.2)
        + ellipse(x + 8, y + 1, 5, 4, "#F7ECD8")
        + ellipse(x + 8, y + 1, 2.2, 1.7, "#B06A40")
        for x, y in ((126, 80), (168, 62), (198, 84), (156, 92))
    )
    return _biryani(
        "Mutton biryani in its handi",
        ROSE,
        "#D9581C",
        meat,
        sprig(180, 76, 10, 0.9),
        cashew(138, 62, 20, 1.1),
        cashew(206, 66, -40, 1.1),
    )


def egg_biryani() -> str:
    eggs = "".join(
        group(
            ellipse(0, 4, 24, 17, "#D9C9A8"),
            ellipse(0, 0, 24, 17, "#FFFBF1"),
            ellipse(1, 1, 12, 9, "#EFA520"),
            ellipse(-2, -2, 6, 3.4, "#FBCF5E"),
            turn=turn,
            at=at,
        )
        for at, turn in (((134, 82), -12), ((186, 82), 14), ((160, 62), 0))
    )
    return _biryani("Egg biryani in its handi", PLUM, "#E7A21C", eggs, sprig(160, 94, 0, 0.8))


def veg_biryani() -> str:
    dice = random.Random("veg")
    bits = ""
    for x, y in spread(dice, 30, 160, 80, 50, 28):
        bits += dice.choice(
            (
                circle(x, y, 4.6, "#6FA63C"),
                box(x - 6, y - 3, 12, 7, "#EE7A2C", 2),
                group(box(-9, -2.4, 18, 5, "#4F8A35", 2), turn=dice.uniform(0, 180), at=(x, y)),
                box(x - 5, y - 5, 11, 10, "#FFF8E6", 2, stroke="#E2CFA4", stroke_width=1.4),
            )
        )
    return _biryani("Vegetable dum biryani in its handi", SKY, "#F3C73A", bits, sprig(160, 66, 0, 1))


def bisi_bele() -> str:
    dice = random.Random("bisi-bele")
    heap = mound(160, 104, 84, 36, "#C9752A", dice)
    bits = grains(dice, 80, 160, 100, 74, 28, ("#E8A552", "#D98A35", "#F2C684"), 5)
    bits += "".join(
        circle(x, y, 4, dice.choice(("#6FA63C", "#EE7A2C", "#B5341E", "#6FA63C")))
        for x, y in spread(dice, 22, 160, 100, 70, 26)
    )
    boondi = "".join(
        circle(x, y, 4.4, "#E0A021") + circle(x - 1, y - 1.4, 1.6, "#F9DC8A")
        for x, y in spread(dice, 16, 160, 88, 32, 11)
    )
    return scene(
        PLUM,
        bowl(160, 112, 106, "#3F6C7A", "#B5641F", depth=0.84, opening=0.42),
        heap,
        bits,
        boondi,
        cashew(122, 96, 20, 1.2),
        cashew(200, 100, -20, 1.2),
        curry_leaf(138, 114, -14),
        curry_leaf(178, 112, 16),
        title="Bisi bele bath with boondi",
    )


def curd_rice() -> str:
    dice = random.Random("curd-rice")
    heap = blob(160, 106, 86, 36, "#E4DFD0", dice, rough=0.04) + blob(158, 101, 82, 32, "#FBF9F2", dice, rough=0.04)
    bits = grains(dice, 60, 160, 100, 72, 26, ("#FFFFFF", "#EDE9DC", "#F5F2E8"), 5)
    bits += "".join(
        circle(x, y, 3.8, "#C22B4A") + circle(x - 1, y - 1, 1.2, "#F2A0B0")
        for x, y in spread(dice, 18, 160, 98, 62, 22)
    )
    bits += "".join(circle(x, y, 1.8, "#2E2014") for x, y in spread(dice, 22, 160, 98, 66, 24))
    return scene(
        SAFFRON,
        bowl(160, 112, 106, "#4B7F5A", "#EFEBDF", depth=0.84, opening=0.42),
        heap,
        bits,
        curry_leaf(130, 92, -20),
        curry_leaf(172, 102, 20),
        curry_leaf(156, 84, -60, 0.9),
        title="Curd rice with pomegranate",
    )


def jeera_rice() -> str:
    dice = random.Random("jeera-rice")
    heap = blob(160, 126, 92, 54, "#E0D6BE", dice, rough=0.04) + blob(158, 118, 88, 50, "#FBF6E8", dice, rough=0.04)
    rice = grains(dice, 150, 160, 114, 78, 42, ("#FFFFFF", "#EFE7D2", "#FFF9EA", "#E5DBC2"), 8)
    cumin = "".join(
        group(ellipse(0, 0, 4.6, 1.4, "#6B4320"), turn=dice.uniform(0, 180), at=at)
        for at in spread(dice, 36, 160, 112, 74, 40)
    )
    return scene(TURMERIC, plate(160, 144, 126, "#7FB0B8"), heap, rice, cumin, sprig(160, 90, 0, 1), title="Jeera rice")


PICTURES = {
    "biryani": biryani,
    "mutton-biryani": mutton_biryani,
    "egg-biryani": egg_biryani,
    "veg-biryani": veg_biryani,
    "bisi-bele": bisi_bele,
    "curd-rice": curd_rice,
    "jeera-rice": jeera_rice,
}
