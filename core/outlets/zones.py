"""Where an outlet delivers, told by PIN code or by distance. Pure."""

import math
import re
import unicodedata

from core.outlets.models import Outlet, Zone

MAX_TEXT = 300
EARTH_RADIUS_M = 6_371_008.8
_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015.]+")
_WHOLE = re.compile(r"[1-9][0-9]{5}\Z")
_WITHIN = re.compile(r"(?<![0-9])[1-9][0-9]{5}(?![0-9])")


def pin_code(text: str) -> str | None:
    """The PIN code in what a guest wrote: `560 001`, `५६००३८`, `Indiranagar 560038`.

    None when there is none, or when two different ones leave it open which is meant (PLATFORMS.md G3).
    """
    if len(text) > MAX_TEXT:
        return None
    digits = "".join(_ascii_digit(character) for character in text)
    alone = _SEPARATORS.sub("", digits)
    if _WHOLE.match(alone):
        return alone
    found = set(_WITHIN.findall(digits))
    return found.pop() if len(found) == 1 else None


def _ascii_digit(character: str) -> str:
    """`५` → `5`; `²`, which is no digit of a number, stays as it is."""
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)


def zone_for_pin(outlet: Outlet, pin: str) -> Zone | None:
    return next((zone for zone in outlet.zones if pin in zone.pins), None)


def zone_for_point(outlet: Outlet, lat: float, lon: float) -> Zone | None:
    """The closest ring around the outlet that holds this point; None outside all, or when the outlet has no map pin."""
    if not (math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180):
        return None
    if outlet.latitude == 0 and outlet.longitude == 0:
        return None
    away = distance_m(outlet.latitude, outlet.longitude, lat, lon)
    rings = [zone for zone in outlet.zones if zone.radius_m and away <= zone.radius_m]
    return min(rings, key=lambda zone: zone.radius_m, default=None)


def distance_m(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Metres between two points as the crow flies."""
    phi, other_phi = math.radians(lat), math.radians(other_lat)
    half_phi, half_lambda = (other_phi - phi) / 2, math.radians(other_lon - lon) / 2
    chord = math.sin(half_phi) ** 2 + math.cos(phi) * math.cos(other_phi) * math.sin(half_lambda) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, chord)))
