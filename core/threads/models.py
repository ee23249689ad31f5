"""A thread between a guest and an outlet, and the posts that make replies and edits find their way."""

from enum import StrEnum
from typing import Any, NewType

from core.ids import ChatKey, CustomerId, Handle, OrderId, OutletId
from core.models import Document, Model

ThreadId = NewType("ThreadId", str)  # thr_…

LINES_KEPT = 40


class ThreadState(StrEnum):
    WAITING = "waiting"  # nobody has answered yet
    TAKEN = "taken"  # a person of the outlet answers
    DONE = "done"

    @property
    def live(self) -> bool:
        return self is not ThreadState.DONE


class ThreadLine(Model):
    """One message. `by` is empty for the guest, and who wrote it otherwise."""

    n: int  # counts up within the thread
    key: str  # the update it came with: the same one again is the same line
    text: str
    at_ms: int
    by: str = ""
    name: str = ""


class Thread(Document):
    """A guest's talk with people. A chat has at most one that is not done: `open_of` is unique while it exists."""

    id: ThreadId
    v: int = 1
    outlet: OutletId
    customer: CustomerId
    chat: ChatKey  # where the guest reads the answers
    guest_name: str = ""
    language: str = "en"
    order: OrderId | None = None
    order_code: str = ""
    state: ThreadState = ThreadState.WAITING
    taken_by: Handle | None = None
    taken_name: str = ""
    lines: tuple[ThreadLine, ...] = ()
    lines_n: int = 0  # ever written, more than are kept
    opened_ms: int
    last_ms: int
    ended_ms: int = 0

    def line(self, n: int) -> ThreadLine | None:
        return next((line for line in self.lines if line.n == n), None)

    def to_document(self) -> dict[str, Any]:
        return super().to_document() | ({"open_of": self.chat} if self.state.live else {})

    def said(self, key: str) -> ThreadLine | None:
        return next((line for line in self.lines if line.key == key), None)

    def with_line(self, key: str, text: str, at_ms: int, *, by: str = "", name: str = "") -> "Thread":
        line = ThreadLine(n=self.lines_n + 1, key=key, text=text, at_ms=at_ms, by=by, name=name)
        kept = (*self.lines, line)[-LINES_KEPT:]
        return self.model_copy(update={"lines": kept, "lines_n": line.n, "last_ms": at_ms})


class Post(Document):
    """A message of ours that is edited or replied to later: `key` is our name for it, `message` the channel's."""

    id: str  # <chat>#<key>
    chat: ChatKey
    key: str  # card-ord_…, board-mgroad, thread-thr_…-3
    message: str
    also: str = ""  # the answer to a tap that redrew it last: some channels name the message by that from then on
    reads: str = ""  # a digest of what it says now
    thread: str = ""  # the thread a reply to it belongs to; empty: none
    at_ms: int


def post_id(chat: ChatKey, key: str) -> str:
    return f"{chat}#{key}"
