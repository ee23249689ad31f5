"""What can stand between an owner and an outlet."""

from core.errors import Conflict
from core.ids import OutletId


class OutletChanged(Conflict):
    """Somebody else changed the outlet since it was read."""

    outlet: OutletId


class OutletExists(Conflict):
    """There is an outlet of this code already."""

    outlet: OutletId
