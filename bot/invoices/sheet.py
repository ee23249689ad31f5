"""An A4 sheet to write on: fonts, colours, lines of text that break, columns that line up.

fpdf2 is loaded with the first paper. Letters come from Noto Sans and Noto Sans Devanagari, which lie beside this file;
Hindi is shaped (uharfbuzz), as its letters change with their neighbours. What neither font can draw is left out.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

FONTS: Final = Path(__file__).parent / "fonts"
LATIN: Final = "noto"
HINDI: Final = "noto-devanagari"
MARGIN: Final = 16.0
WIDTH: Final = 210.0 - 2 * MARGIN
BOTTOM: Final = 297.0 - 22.0

Colour = tuple[int, int, int]
INK: Final[Colour] = (42, 33, 27)
SOFT: Final[Colour] = (102, 87, 72)
EDGE: Final[Colour] = (226, 214, 197)
ACCENT: Final[Colour] = (166, 61, 34)
PALE: Final[Colour] = (248, 241, 231)
WHITE: Final[Colour] = (255, 255, 255)

LINE: Final = 1.36  # of the letters' height; Hindi has signs above and below
POINT: Final = 25.4 / 72


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    width: float
    align: str = "R"


class Sheet:
    """Positions are millimetres from the top left corner. `foot` stands at the bottom of every page."""

    def __init__(self, *, made: datetime, title: str, foot: str) -> None:
        from fpdf import FPDF

        pdf: Any = FPDF(format="A4", unit="mm")
        pdf.set_margins(MARGIN, MARGIN, MARGIN)
        pdf.set_auto_page_break(False)
        pdf.set_creation_date(made)
        pdf.set_title(title)
        pdf.set_creator("Tiffin")
        pdf.set_lang("en-IN")
        pdf.c_margin = 0
        for style, file in (("", "Regular"), ("B", "Bold")):
            pdf.add_font(LATIN, style, FONTS / f"NotoSans-{file}.ttf")
        self._pdf = pdf
        self._foot = foot
        self._hindi = False
        self.y = MARGIN
        self.page()

    def page(self) -> None:
        """A new page, with the foot already on it."""
        pdf = self._pdf
        pdf.add_page()
        pdf.set_fill_color(*ACCENT)
        pdf.rect(0, 0, 210, 3.2, style="F")
        self.text(MARGIN, 297 - 16, self._foot, size=8, colour=SOFT, width=WIDTH - 30)
        self.text(MARGIN + WIDTH - 30, 297 - 16, f"Page {pdf.page_no()} of {{nb}}", size=8, colour=SOFT, width=30,
                  align="R")  # fmt: skip
        self.y = MARGIN

    def bytes(self) -> bytes:
        return bytes(self._pdf.output())

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 10,
        bold: bool = False,
        colour: Colour = INK,
        width: float = WIDTH,
        align: str = "L",
    ) -> float:
        """Write, breaking lines at `width`; the height it took."""
        text = self._prepared(text)
        if not text:
            return 0.0
        pdf = self._pdf
        pdf.set_font(LATIN, "B" if bold else "", size)
        pdf.set_text_color(*colour)
        pdf.set_xy(x, y)
        height = size * POINT * LINE
        pdf.multi_cell(width, height, text, align=align, new_x="LEFT", new_y="NEXT")
        return float(pdf.get_y()) - y

    def height(self, text: str, *, size: float = 10, bold: bool = False, width: float = WIDTH) -> float:
        """How high `text` would stand."""
        text = self._prepared(text)
        if not text:
            return 0.0
        self._pdf.set_font(LATIN, "B" if bold else "", size)
        return float(self._pdf.multi_cell(width, size * POINT * LINE, text, dry_run=True, output="HEIGHT", align="L"))

    def rule(self, *, colour: Colour = EDGE, width: float = 0.3, x: float = MARGIN, length: float = WIDTH) -> None:
        self._pdf.set_draw_color(*colour)
        self._pdf.set_line_width(width)
        self._pdf.line(x, self.y, x + length, self.y)

    def band(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        self._pdf.set_fill_color(*colour)
        self._pdf.rect(x, y, width, height, style="F", round_corners=True, corner_radius=1.2)

    def row(
        self, columns: Sequence[Column], cells: Sequence[str], *, size: float = 10, bold: bool = False,
        colour: Colour = INK,
    ) -> float:  # fmt: skip
        """Cells side by side from `self.y`; the height of the highest. `self.y` stays."""
        x, height = MARGIN, 0.0
        for column, cell in zip(columns, cells, strict=True):
            taken = self.text(
                x, self.y, cell, size=size, bold=bold, colour=colour, width=column.width, align=column.align
            )
            x, height = x + column.width, max(height, taken)
        return height

    def room(self, height: float) -> bool:
        """Whether so much fits above the foot."""
        return self.y + height <= BOTTOM

    def _prepared(self, text: str) -> str:
        """What can be drawn. With the first Hindi letter its fonts are loaded, and letters are shaped from then on."""
        latin, hindi = _letters("NotoSans-Regular.ttf"), _letters("NotoSansDevanagari-Regular.ttf")
        text = unicodedata.normalize("NFC", text)
        drawn = "".join(c for c in text if c == "\n" or ord(c) in latin or ord(c) in hindi).strip()
        if not self._hindi and any(ord(c) in hindi and ord(c) not in latin for c in drawn):
            for style, file in (("", "Regular"), ("B", "Bold")):
                self._pdf.add_font(HINDI, style, FONTS / f"NotoSansDevanagari-{file}.ttf")
            self._pdf.set_fallback_fonts([HINDI], exact_match=False)
            self._pdf.set_text_shaping(True)
            self._hindi = True
        return drawn


@lru_cache
def _letters(file: str) -> frozenset[int]:
    from fontTools.ttLib import TTFont

    with TTFont(FONTS / file) as font:
        return frozenset(font.getBestCmap())
