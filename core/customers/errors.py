"""What can stand between a guest and the own profile."""

from core.errors import Conflict, Forbidden, InvalidInput


class OldPhoneNeeded(Forbidden):
    """The guest has a proved phone already: it is proved again before another one takes its place."""


class InvalidName(InvalidInput):
    field = "name"


class InvalidAddress(InvalidInput):
    """`field` names the part: line, city, pin, landmark, place. `reason`: short, long, missing or wrong."""

    field = "line"
    reason: str


class InvalidLanguage(InvalidInput):
    field = "language"


class TooManyAddresses(Conflict):
    limit: int
