"""The few shapes everything is made of, as SVG text. One pen, one light from the upper left."""

import math
import random
from collections.abc import Iterable, Sequence

WIDTH, HEIGHT = 320, 240

INK = "#4A2C1A"
CREAM = "#FFF7E8"
STEEL, STEEL_DARK, STEEL_LIGHT = "#C9D1D6", "#8E9AA3", "#EEF3F5"
COPPER, COPPER_DARK, COPPER_LIGHT = "#C9753D", "#94501F", "#E8A26B"
CLAY, CLAY_LIGHT = "#B5643C", "#D38A60"
LEAF, LEAF_DARK, LEAF_LIGHT = "#5E9E4E", "#3C7837", "#86BF6B"
HERB, HERB_DARK = "#4F9A3C", "#35702B"
GOLD, GOLD_DARK, GOLD_LIGHT = "#E0A040", "#B4701F", "#F4C873"
CHILLI = "#D63A2A"
ONION = "#C46A94"
WHITE = "#FFFDF8"

# Backgrounds: deep enough to stand on a dark page, light enough for a white one.
TURMERIC, SAFFRON, ROSE, MINT, SKY, PLUM, SAND = (
    *("#F2C14E", "#EE9B5A", "#E8A0A0", "#9CC8A4", "#93C2CE", "#B79AC8", "#E3C79B"),
)


def _attributes(given: dict[str, object]) -> str:
    return "".join(f' {name.replace("_", "-")}="{_number(value)}"' for name, value in given.items())


def _number(value: object) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def ellipse(cx: float, cy: float, rx: float, ry: float, fill: str, **more: object) -> str:
    return f"<ellipse{_attributes({'cx': cx, 'cy': cy, 'rx': rx, 'ry': ry, 'fill': fill, **more})}/>"


def circle(cx: float, cy: float, radius: float, fill: str, **more: object) -> str:
    return f"<circle{_attributes({'cx': cx, 'cy': cy, 'r': radius, 'fill': fill, **more})}/>"


def box(x: float, y: float, width: float, height: float, fill: str, rounded: float = 0, **more: object) -> str:
    given = {"x": x, "y": y, "width": width, "height": height, "rx": rounded, "fill": fill}
    return f"<rect{_attributes({**given, **more})}/>"


def path(d: str, fill: str = "none", **more: object) -> str:
    return f"<path{_attributes({'d': d, 'fill': fill, **more})}/>"


def stroke(d: str, colour: str, width: float, **more: object) -> str:
    return path(d, "none", stroke=colour, stroke_width=width, stroke_linecap="round", stroke_linejoin="round", **more)


def group(*parts: str, turn: float = 0, at: tuple[float, float] = (0, 0), scale: float = 1, **more: object) -> str:
    """The parts moved to `at`, turned by degrees, scaled, in that order from the outside."""
    moves = f"translate({_number(float(at[0]))} {_number(float(at[1]))})"
    moves += f" rotate({_number(float(turn))})" if turn else ""
    moves += f" scale({_number(float(scale)) if scale >= 1 else f'{scale:.3f}'})" if scale != 1 else ""
    return f'<g transform="{moves}"{_attributes(more)}>' + "".join(parts) + "</g>"


def smooth(points: Sequence[tuple[float, float]], *, closed: bool = True) -> str:
    """A soft line through the points (Catmull-Rom as Béziers)."""
    count = len(points)
    d = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for n in range(count if closed else count - 1):
        before, here = points[(n - 1) % count], points[n]
        there, after = points[(n + 1) % count], points[(n + 2) % count]
        if not closed:
            before = points[max(n - 1, 0)]
            after = points[min(n + 2, count - 1)]
        one = (here[0] + (there[0] - before[0]) / 6, here[1] + (there[1] - before[1]) / 6)
        two = (there[0] - (after[0] - here[0]) / 6, there[1] - (after[1] - here[1]) / 6)
        d += f"C{one[0]:.1f} {one[1]:.1f} {two[0]:.1f} {two[1]:.1f} {there[0]:.1f} {there[1]:.1f}"
    return d + ("Z" if closed else "")


def blob(
    cx: float,
    cy: float,
    rx: float,
    ry: float,
    fill: str,
    dice: random.Random,
    *,
    rough: float = 0.08,
    corners: int = 10,
    **more: object,
) -> str:
    """An ellipse as a hand would draw it."""
    points = []
    for n in range(corners):
        angle = 2 * math.pi * n / corners
        reach = 1 + dice.uniform(-rough, rough)
        points.append((cx + rx * reach * math.cos(angle), cy + ry * reach * math.sin(angle)))
    return path(smooth(points), fill, **more)


def spread(
    dice: random.Random, count: int, cx: float, cy: float, rx: float, ry: float
) -> Iterable[tuple[float, float]]:
    """Places inside an ellipse, evenly sown."""
    for n in range(count):
        angle = n * 2.39996 + dice.uniform(-0.3, 0.3)
        reach = math.sqrt((n + 0.5) / count)
        yield cx + rx * reach * math.cos(angle), cy + ry * reach * math.sin(angle)


def mix(one: str, two: str, share: float) -> str:
    """A colour between two; `share` is how much of the second."""
    parts = [(int(one[n : n + 2], 16), int(two[n : n + 2], 16)) for n in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in parts)


def darker(colour: str, by: float = 0.2) -> str:
    return mix(colour, "#2A1408", by)


def lighter(colour: str, by: float = 0.3) -> str:
    return mix(colour, "#FFFFFF", by)


def scene(background: str, *parts: str, title: str) -> str:
    """A whole picture: the parts on a table of one colour with a pool of light."""
    table = box(0, 0, WIDTH, HEIGHT, background)
    light = circle(160, 118, 132, lighter(background, 0.28))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
        f"<title>{title}</title>{table}{light}{''.join(parts)}</svg>\n"
    )


def shadow(cx: float, cy: float, rx: float, ry: float) -> str:
    return ellipse(cx, cy, rx, ry, INK, opacity=0.22)
