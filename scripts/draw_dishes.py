"""Draws the pictures of the dishes: `python scripts/draw_dishes.py [--png] [--to FOLDER]`.

The drawings are the project's own and stand in `webhooks/pages/media/dishes`: one SVG each, and with `--png` the same
at 640×480 in few colours, for chats that show no SVG (that needs Chromium, Playwright and Pillow).
The same code draws the same picture to the byte, so what is checked in can be compared with what is drawn.
"""

import argparse
import io
from collections.abc import Callable
from pathlib import Path

from drawing import breads, breakfast, drinks, meat_curries, rice, snacks, sweets, tandoor, thalis, veg_curries

FOLDER = Path(__file__).parents[1] / "webhooks" / "pages" / "media" / "dishes"
PNG_SIZE = (640, 480)
COLOURS = 64

SHELVES = (breakfast, snacks, tandoor, veg_curries, meat_curries, rice, breads, thalis, sweets, drinks)
PICTURES: dict[str, Callable[[], str]] = {name: draw for shelf in SHELVES for name, draw in shelf.PICTURES.items()}


def draw(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in PICTURES.items():
        (folder / f"{name}.svg").write_text(picture(), encoding="utf-8")


def rasterise(folder: Path, chromium: str) -> None:
    from PIL import Image
    from playwright.sync_api import sync_playwright

    width, height = PNG_SIZE
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": width, "height": height})
        for name in PICTURES:
            svg = (folder / f"{name}.svg").read_text(encoding="utf-8")
            page.set_content(
                f"<style>body{{margin:0}}svg{{display:block;width:{width}px;height:{height}px}}</style>{svg}"
            )
            shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            few = shot.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
            few.save(folder / f"{name}.png", optimize=True)
        browser.close()


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description="Draw the dishes.")
    arguments.add_argument("--png", action="store_true", help="also as 640×480 PNG")
    arguments.add_argument("--chromium", default="/usr/bin/chromium", help="the browser that turns them into PNG")
    arguments.add_argument("--to", type=Path, default=FOLDER, help="the folder to draw into")
    given = arguments.parse_args()
    draw(given.to)
    if given.png:
        rasterise(given.to, given.chromium)
