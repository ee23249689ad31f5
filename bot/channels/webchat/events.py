"""What a browser sends: checked to the letter, then turned into what every channel hands to the engine."""

import unicodedata
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from bot.channels.webchat.sessions import CHANNEL, Session
from bot.conversation.incoming import Content, Incoming, Location, Start, Tap, Text
from core.clock import Clock
from core.errors import InvalidInput

MAX_TEXT = 4096
MAX_ACTION = 256
MAX_PAYLOAD = 128


class BadEvent(InvalidInput):
    """An event no page of ours sends; `problem` says in one sentence what is wrong with it."""

    field = "event"
    problem: str


class TextTooLong(BadEvent):
    """More than a message holds; `length` characters came, `limit` are allowed."""

    length: int
    limit: int


def _printable(id: str) -> str:
    if not id.isprintable() or not id.strip():
        raise ValueError("not printable")
    return id


Id = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(_printable)]
Name = Annotated[str, StringConstraints(max_length=64)]


class _Event(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    id: Id
    reply_to: Name = ""
    message: Name = ""  # the message whose button was tapped


class TextEvent(_Event):
    type: Literal["text"]
    text: str

    def content(self) -> Content:
        return Text(_clean(self.text))


class TapEvent(_Event):
    type: Literal["tap"]
    action: Annotated[str, StringConstraints(max_length=MAX_ACTION)]

    def content(self) -> Content:
        return Tap(_clean(self.action))


class LocationEvent(_Event):
    type: Literal["location"]
    latitude: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
    longitude: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]

    def content(self) -> Content:
        return Location(self.latitude, self.longitude)


class StartEvent(_Event):
    type: Literal["start"]
    payload: Annotated[str, StringConstraints(max_length=MAX_PAYLOAD)] = ""

    def content(self) -> Content:
        return Start(_clean(self.payload))


Event = Annotated[TextEvent | TapEvent | LocationEvent | StartEvent, Field(discriminator="type")]
_EVENT: TypeAdapter[TextEvent | TapEvent | LocationEvent | StartEvent] = TypeAdapter(Event)

_PROBLEMS = {
    "id": "An event needs an id of 1 to 64 printable characters.",
    "text": "A text event needs a text.",
    "action": f"A tap event needs an action of at most {MAX_ACTION} characters.",
    "latitude": "A latitude is a number from -90 to 90.",
    "longitude": "A longitude is a number from -180 to 180.",
    "payload": f"A start event's payload has at most {MAX_PAYLOAD} characters.",
    "reply_to": "What is replied to is named with at most 64 characters.",
    "message": "A message is named with at most 64 characters.",
}


def read_event(body: Any, session: Session, clock: Clock, language_hint: str = "") -> Incoming:
    """The event in a decoded JSON body. Raises BadEvent, and TextTooLong for a text over 4096 characters."""
    try:
        event = _EVENT.validate_python(body)
    except ValidationError as error:
        where = error.errors()[0]["loc"]
        problem = _PROBLEMS.get(str(where[-1]) if len(where) > 1 else "")
        raise BadEvent(problem=problem or "An event is an object of the type text, tap, location or start.") from None
    if isinstance(event, TextEvent) and len(event.text) > MAX_TEXT:
        raise TextTooLong(
            problem=f"That message is too long: {len(event.text):,} characters. Please send at most {MAX_TEXT:,}.",
            length=len(event.text),
            limit=MAX_TEXT,
        )
    return Incoming(
        channel=CHANNEL,
        handle=session.handle,
        chat=session.chat,
        update_id=event.id,
        content=event.content(),
        sent_at=clock.now(),
        language_hint=language_hint,
        reply_to=event.reply_to,
        message=event.message,
    )


def _clean(text: str) -> str:
    """Without control characters (but line ends and tabs) and halves of characters, which no store can hold.

    Joiners stay: Hindi letters and emoji are made with them.
    """
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
