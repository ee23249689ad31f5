"""Everything that is drunk."""

import math
import random

from drawing.shapes import (
    HERB,
    INK,
    LEAF,
    MINT,
    PLUM,
    ROSE,
    SAFFRON,
    SAND,
    SKY,
    STEEL,
    STEEL_DARK,
    STEEL_LIGHT,
    TURMERIC,
    WHITE,
    blob,
    box,
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
from drawing.sweets import SAFFRON_THREAD, pistachios
from drawing.tableware import (
    curry_leaf,
    glass,
    lime,
    sprig,
    steam,
)


def filter_coffee() -> str:
    def cylinder(cx: float, top: float, bottom: float, width: float, foot: float) -> str:
        w, f = width / 2, foot / 2
        return (
            path(
                f"M{cx - w} {top}L{cx - f} {bottom}Q{cx} {bottom + f * 0.4} {cx + f} {bottom}L{cx + w} {top}Z",
                STEEL_DARK,
            )
            + path(
                f"M{cx - w} {top}L{cx - f} {bottom}Q{cx - f * 0.2} {bottom + f * 0.36} {cx + f * 0.4} "
                f"{bottom + f * 0.14}L{cx + w * 0.45} {top}Z",
                STEEL,
            )
            + stroke(f"M{cx - w * 0.62} {top + 16}L{cx - f * 0.64} {bottom - 8}", STEEL_LIGHT, 9)
            + stroke(f"M{cx + w * 0.72} {top + 14}L{cx + f * 0.74} {bottom - 6}", "#A9B4BB", 4)
        )

    davara = (
        shadow(160, 212, 92, 14)
        + cylinder(160, 164, 206, 170, 130)
        + ellipse(160, 164, 85, 22, STEEL_LIGHT)
        + ellipse(160, 166, 78, 18, "#A3AEB6")
    )
    davara += ellipse(160, 170, 66, 13, "#6B3F22")
    tumbler = (
        cylinder(160, 70, 176, 94, 66) + ellipse(160, 70, 52, 15, STEEL_LIGHT) + ellipse(160, 71, 45, 11.5, "#8A5A34")
    )
    foam = ellipse(160, 68, 44, 11, "#E9CFA6") + "".join(
        circle(x, y, random.Random(f"{x:.0f}").uniform(2, 4.4), "#F7E6C8")
        for x, y in spread(random.Random("foam"), 26, 160, 66, 38, 8)
    )
    lip = path("M108 70A52 15 0 0 0 212 70L216 74A56 18 0 0 1 104 74Z", "#F7FAFB")
    return scene(TURMERIC, davara, tumbler, foam, lip, steam(160, 48), title="Filter coffee in tumbler and davara")


def chai() -> str:
    cup = (
        shadow(156, 206, 80, 14)
        + ellipse(156, 200, 92, 20, darker(WHITE, 0.2))
        + ellipse(156, 196, 92, 20, WHITE)
        + ellipse(156, 195, 62, 12, darker(WHITE, 0.1))
        + stroke("M214 118q44 -6 40 26q-4 28 -48 26", "#C65B3C", 12)
        + path("M92 100Q92 190 132 196L180 196Q220 190 220 100Z", "#A8452B")
        + path("M92 100Q92 190 132 196L150 196Q180 190 182 100Z", "#C65B3C")
        + stroke("M106 120Q108 158 124 178", "#E8927A", 6)
        + ellipse(156, 100, 64, 18, "#F0A58C")
        + ellipse(156, 101, 57, 14.5, "#7A3A1E")
        + ellipse(156, 104, 54, 12, "#C9874A")
        + ellipse(142, 101, 18, 4, "#E3AC74")
    )
    biscuit = group(
        circle(0, 3, 25, "#A8692A"),
        circle(0, 0, 25, "#DDA657"),
        circle(0, 0, 20, "none", stroke="#B9782F", stroke_width=2),
        *(circle(9 * math.cos(n), 9 * math.sin(n), 1.8, "#A8692A") for n in range(6)),
        at=(256, 198),
    )
    pods = "".join(
        group(
            path("M-12 0Q0 -9 12 0Q0 9 -12 0Z", "#A9BF6A"),
            stroke("M-9 0L9 0M-6 -2.6Q0 -4 6 -2.6", "#7A9440", 1.4),
            turn=t,
            at=at,
        )
        for at, t in (((64, 206), 20), ((48, 192), -30))
    )
    return scene(SKY, cup, biscuit, pods, steam(156, 78), title="Masala chai with a biscuit")


def _tall(drink: str, *, top: float = 52) -> str:
    return glass(160, top, 204, 108, 78, drink, full=0.9)


def lassi() -> str:
    dice = random.Random("lassi")
    cream = (
        blob(160, 68, 50, 15, "#E9E0CC", dice, rough=0.06)
        + blob(158, 62, 46, 14, "#FFFDF6", dice, rough=0.08)
        + blob(164, 54, 26, 9, "#FFFFFF", dice, rough=0.08)
    )
    return scene(
        MINT,
        _tall("#FBF3E0"),
        cream,
        pistachios(dice, 14, 160, 58, 34, 9),
        *(stroke(f"M{x} {y}q5 -4 9 1", SAFFRON_THREAD, 1.8) for x, y in spread(dice, 6, 158, 58, 30, 8)),
        title="A tall glass of lassi",
    )


def mango_lassi() -> str:
    dice = random.Random("mango-lassi")
    mango = group(
        group(
            path("M-40 8C-44 -26 -6 -40 22 -26C46 -14 42 18 14 28C-12 36 -38 30 -40 8Z", INK, opacity=0.2), at=(2, 8)
        ),
        path("M-40 8C-44 -26 -6 -40 22 -26C46 -14 42 18 14 28C-12 36 -38 30 -40 8Z", "#E08A1E"),
        path("M-38 4C-40 -24 -6 -37 20 -25C38 -16 32 10 8 18C-14 25 -36 24 -38 4Z", "#F7B733"),
        path("M-30 -4C-28 -20 -8 -28 8 -24C-8 -20 -22 -14 -30 -4Z", "#FCD978"),
        path("M18 -24C26 -28 36 -12 34 0C30 -10 24 -18 18 -24Z", "#E2572A", opacity=0.6),
        stroke("M16 -27Q20 -38 28 -40", "#5F4320", 4),
        path("M26 -38Q44 -50 56 -38Q42 -30 26 -38Z", LEAF),
        at=(252, 176),
    )
    cream = blob(160, 64, 47, 12, "#FFD98A", dice, rough=0.05) + blob(156, 60, 34, 8, "#FFF1CC", dice, rough=0.08)
    return scene(
        SAFFRON,
        _tall("#F7AE2C"),
        cream,
        pistachios(dice, 10, 160, 60, 30, 7),
        sprig(176, 62, 24, 0.8),
        mango,
        title="Mango lassi",
    )


def majjige() -> str:
    dice = random.Random("majjige")
    tumbler = (
        shadow(160, 208, 60, 11)
        + path("M98 70L112 200Q160 216 208 200L222 70Z", "#A87526")
        + path("M98 70L112 200Q140 212 168 207L182 70Z", "#D6A23F")
        + stroke("M116 90L126 184", "#F6DA92", 8)
        + stroke("M102 104Q160 122 218 104", "#A87526", 3)
        + stroke("M106 160Q160 178 214 160", "#A87526", 3)
        + ellipse(160, 70, 62, 18, "#F6DA92")
        + ellipse(160, 71, 55, 14.5, "#A87526")
        + ellipse(160, 74, 52, 12, "#FBF8EC")
    )
    herbs = "".join(
        group(ellipse(0, 0, 4, 2, dice.choice((HERB, "#3C7837"))), turn=dice.uniform(0, 180), at=at)
        for at in spread(dice, 16, 160, 74, 44, 9)
    )
    return scene(
        ROSE,
        tumbler,
        herbs,
        curry_leaf(150, 72, -16, 0.9),
        path("M186 70l9 -4l5 7l-9 5Z", "#8CC46A"),
        group(
            path("M-22 8C-18 -16 14 -20 24 -4C20 12 -10 20 -22 8Z", "#C99A5A"),
            stroke("M-14 6Q0 -6 16 -4", "#E6C592", 3),
            at=(256, 198),
        ),
        title="Masala majjige, spiced buttermilk",
    )


def _ice(cx: float, cy: float, size: float, turn: float) -> str:
    return group(
        box(-size, -size, size * 2, size * 2, "#FFFFFF", 5, opacity=0.55),
        box(-size + 3, -size + 3, size * 1.1, size * 0.7, "#FFFFFF", 3, opacity=0.7),
        turn=turn,
        at=(cx, cy),
    )


def lime_soda() -> str:
    dice = random.Random("lime-soda")
    bubbles = "".join(
        circle(x, y, dice.uniform(1.4, 3.4), "#FFFFFF", opacity=0.75) for x, y in spread(dice, 30, 160, 140, 34, 60)
    )
    straw = box(176, 6, 10, 150, "#E85D4A", 5, transform="rotate(12 181 80)") + "".join(
        box(176, y, 10, 9, WHITE, transform="rotate(12 181 80)") for y in range(14, 150, 22)
    )
    return scene(
        PLUM,
        straw,
        glass(160, 52, 206, 108, 80, "#DDEB9C", full=0.82),
        _ice(138, 92, 15, 14),
        _ice(176, 102, 14, -18),
        _ice(152, 122, 13, 30),
        bubbles,
        lime(206, 56, 24, 14),
        sprig(134, 72, -14, 0.9),
        lime(256, 196, 19),
        title="Fresh lime soda with ice",
    )


def coconut() -> str:
    nut = (
        shadow(160, 208, 84, 13)
        + path(
            "M74 122C70 180 110 210 160 210C210 210 250 180 246 122C240 84 206 64 160 64C114 64 80 84 74 122Z",
            "#4A7F32",
        )
        + path(
            "M74 122C70 180 110 208 150 208C186 206 214 176 212 122C206 84 186 66 156 64C114 64 80 84 74 122Z",
            "#6FA63C",
        )
        + path("M92 120C90 152 104 178 122 190C110 160 106 130 118 92C104 96 94 106 92 120Z", "#93C45F")
        + path("M104 86Q160 52 216 86L206 104Q160 126 114 104Z", "#D9C79A")
        + path("M108 88Q160 58 212 88L204 98Q160 116 116 98Z", "#FBF5E4")
        + ellipse(160, 90, 34, 12, "#C9B582")
        + ellipse(160, 91, 29, 9, "#E9F2EA")
    )
    straw = box(166, 8, 9, 88, "#E85D4A", 4, transform="rotate(10 170 90)") + "".join(
        box(166, y, 9, 8, WHITE, transform="rotate(10 170 90)") for y in range(14, 84, 20)
    )
    return scene(SKY, nut, straw, title="Tender coconut with a straw")


def cola() -> str:
    can = (
        shadow(160, 214, 56, 10)
        + path("M112 52L108 66L108 194L116 212Q160 222 204 212L212 194L212 66L208 52Z", "#8E1A1A")
        + path("M112 52L108 66L108 194L116 212Q140 218 166 216L172 66L170 52Z", "#C42626")
        + box(116, 74, 9, 122, "#E86A5A", 5)
        + path("M108 112Q150 96 212 132L212 158Q150 120 108 140Z", WHITE)
        + path("M108 118Q150 104 212 140L212 146Q150 110 108 126Z", "#F2C14E")
        + ellipse(160, 52, 48, 12, STEEL_DARK)
        + ellipse(160, 50, 48, 12, STEEL)
        + ellipse(160, 50, 40, 9, "#B4BEC5")
        + ellipse(162, 50, 14, 4.6, STEEL_LIGHT)
        + ellipse(168, 50, 6, 2.4, STEEL_DARK)
        + path("M108 194L116 212Q160 222 204 212L212 194Q160 206 108 194Z", STEEL)
        + path("M108 194L116 212Q140 218 166 216L168 200Q130 200 108 194Z", STEEL_LIGHT)
    )
    drops = "".join(
        ellipse(x, y, 2.4, 3.4, "#FFFFFF", opacity=0.8)
        for x, y in ((132, 92), (190, 84), (150, 172), (196, 178), (126, 160), (178, 100))
    )
    return scene(MINT, can, drops, title="A can of cola")


def water() -> str:
    bottle = (
        shadow(160, 220, 42, 8)
        + box(146, 14, 28, 20, "#2F7FB5", 5)
        + box(146, 14, 11, 20, "#5FA8D6", 4)
        + box(149, 34, 22, 10, "#CFE8F2", 2)
        + path(
            "M149 44Q148 58 132 68Q124 74 124 88L124 206Q124 220 138 220L182 220Q196 220 196 206L196 88Q196 74 "
            "188 68Q172 58 171 44Z",
            "#BFE3F0",
        )
        + path(
            "M149 44Q148 58 132 68Q124 74 124 88L124 206Q124 220 138 220L164 220Q170 150 164 88Q162 60 160 44Z",
            "#E4F5FA",
        )
        + path("M124 96L196 96L196 206Q196 220 182 220L138 220Q124 220 124 206Z", "#8CCBE3", opacity=0.55)
        + box(124, 118, 72, 52, "#2F7FB5")
        + box(124, 118, 30, 52, "#4A97C9")
        + path("M160 126C170 140 174 148 168 156C164 162 156 162 152 156C146 148 150 140 160 126Z", WHITE)
        + stroke("M134 84L134 110M134 176L134 204", "#FFFFFF", 5, opacity=0.8)
        + stroke("M126 184Q160 190 194 184M126 198Q160 204 194 198", "#6FB6D3", 2, opacity=0.8)
    )
    return scene(SAND, bottle, title="A bottle of water")


PICTURES = {
    "filter-coffee": filter_coffee,
    "chai": chai,
    "lassi": lassi,
    "mango-lassi": mango_lassi,
    "majjige": majjige,
    "lime-soda": lime_soda,
    "coconut": coconut,
    "cola": cola,
    "water": water,
}
