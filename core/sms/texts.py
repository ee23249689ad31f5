"""What text messages say. Short, with the brand, the expiry and the warning; in India each is a registered template."""

from collections.abc import Mapping
from typing import Final

BRAND: Final = "Tiffin"

_CODE: Mapping[str, str] = {
    "en": "{code} is your {brand} code. It is valid for {minutes} minutes. Do not share it with anyone.",
    "hi": "{code} आपका {brand} कोड है। यह {minutes} मिनट तक मान्य है। इसे किसी को न बताएँ।",
}


def code_text(code: str, language: str, *, minutes: int, brand: str = BRAND) -> str:
    """The message with a one-time code; a language without a text of its own gets the English one."""
    return _CODE.get(language, _CODE["en"]).format(code=code, brand=brand, minutes=minutes)
