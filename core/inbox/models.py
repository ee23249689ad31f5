"""What arrived from outside, verified and stored before it was acknowledged."""

from core.lanes.models import WorkItem


class InboxItem(WorkItem):
    """`id` is `<source>:<event id>`: the same event again is stored already."""

    source: str
    raw: str
