"""A message on WhatsApp after Twilio took it."""

from core.ids import ChatKey
from core.models import Document, Model
from core.sms.delivery import DeliveryStatus


class ChatMessage(Document):
    """`id` is Twilio's. `fields` is what was sent, kept only as long as it may have to be sent another way; `about` is
    what it tells of (empty for an answer). `chat` goes with them. `settled_ms` is 0 as long as it may still arrive.
    """

    chat: ChatKey
    order: str = ""
    about: str = ""  # a notice as JSON
    fields: str = ""  # the message as JSON
    attempt: int = 1
    status: DeliveryStatus = DeliveryStatus.ACCEPTED
    rank: int = DeliveryStatus.ACCEPTED.rank
    error: str = ""
    sent_ms: int
    changed_ms: int
    settled_ms: int = 0
    micros: int = -1  # what it cost, in millionths of `currency`; -1: not known yet
    currency: str = ""


class Cost(Model):
    """What the messages of one order cost so far; `unknown` of them are not billed yet."""

    messages: int
    micros: int
    currency: str
    unknown: int
