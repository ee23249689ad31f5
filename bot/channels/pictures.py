"""The pictures of dishes as chat apps take them."""

from posixpath import splitext
from urllib.parse import urlsplit

OURS = "/media/"


def raster(path: str) -> str:
    """A drawing of ours as the PNG that lies beside it: browsers show SVG, chat apps take photographs alone."""
    stem, kind = splitext(path)
    return f"{stem}.png" if kind == ".svg" and urlsplit(path).path.startswith(OURS) else path
