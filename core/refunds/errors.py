"""Why a wish to give money back goes no further."""

from core.errors import Conflict, Forbidden, NotFound
from core.refunds.models import WishState


class WishNotFound(NotFound):
    """No such wish, or the draft of somebody else."""


class WishMoved(Conflict):
    """It is not as it was shown; `state` says how it is."""

    state: WishState


class NeedsAnother(Forbidden):
    """Who asked for it cannot be the one who agrees."""
