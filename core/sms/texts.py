"""What text messages say. Short, with the brand, the expiry and the warning.

In India the operators deliver only what matches a registered template to the letter (DLT), so where one is named its
wording goes out, in its language, whatever the guest speaks.
"""

from collections.abc import Mapping
from typing import Final

from core.settings import DLT_VARIABLE

BRAND: Final = "Tiffin"
MAX_OUTLET: Final = 30  # the whole message stays one text message long
DEFAULT_LANGUAGE: Final = "en"

_CODE: Mapping[str, str] = {
    "en": "{code} is your {brand} code. It is valid for {minutes} minutes. Do not share it with anyone.",
    "hi": "{code} आपका {brand} कोड है। यह {minutes} मिनट तक मान्य है। इसे किसी को न बताएँ।",
}


def code_text(code: str, language: str, *, minutes: int, brand: str = BRAND, registered: str | None = None) -> str:
    """The message with a one-time code; a language without a text of its own gets the English one.

    `registered`: the wording to use instead; its first variable is the code, a second one the minutes.
    """
    if registered:
        values = iter((code, str(minutes)))
        return DLT_VARIABLE.sub(lambda _: next(values), registered)
    return _CODE.get(language, _CODE[DEFAULT_LANGUAGE]).format(code=code, brand=brand, minutes=minutes)


_WAITS: Final = "{brand}: order {code} waits at {outlet}. Your group chat cannot be reached. Please open it and accept."
_STOP: Final = "{brand}: order {code} at {outlet} is cancelled. Do not cook it. Your group chat cannot be reached."


def outlet_text(code: str, outlet: str, *, stop: bool, brand: str = BRAND) -> str:
    """The message to an outlet whose group cannot be reached. It names no guest."""
    return (_STOP if stop else _WAITS).format(code=code, outlet=outlet[:MAX_OUTLET], brand=brand)
