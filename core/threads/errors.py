"""What can stand between a guest and the people of an outlet."""

from core.errors import NotFound


class ThreadNotFound(NotFound):
    """No such conversation, or not at this outlet."""

    thread: str
