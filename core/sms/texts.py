"""What text messages say. Short, with the brand, the expiry and the warning; in India each is a registered template."""

from collections.abc import Mapping
from typing import Final

BRAND: Final = "Tiffin"
MAX_OUTLET: Final = 30  # the whole message stays one text message long

_CODE: Mapping[str, str] = {
    "en": "{code} is your {brand} code. It is valid for {minutes} minutes. Do not share it with anyone.",
    "hi": "{code} आपका {brand} कोड है। यह {minutes} मिनट तक मान्य है। इसे किसी को न बताएँ।",
}


def code_text(code: str, language: str, *, minutes: int, brand: str = BRAND) -> str:
    """The message with a one-time code; a language without a text of its own gets the English one."""
    return _CODE.get(language, _CODE["en"]).format(code=code, brand=brand, minutes=minutes)


_WAITS: Final = "{brand}: order {code} waits at {outlet}. Your group chat cannot be reached. Please open it and accept."
_STOP: Final = "{brand}: order {code} at {outlet} is cancelled. Do not cook it. Your group chat cannot be reached."


def outlet_text(code: str, outlet: str, *, stop: bool, brand: str = BRAND) -> str:
    """The message to an outlet whose group cannot be reached. It names no guest."""
    return (_STOP if stop else _WAITS).format(code=code, outlet=outlet[:MAX_OUTLET], brand=brand)
