"""Why a code opened nothing."""

from typing import Literal

from core.errors import Forbidden


class InviteRefused(Forbidden):
    """Nobody made such a code ("unknown"), its time is over ("expired"), or it was used before ("used")."""

    reason: Literal["unknown", "expired", "used"]
