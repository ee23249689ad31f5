"""What Twilio sends, as every channel hands it on (PLATFORMS.md B1).

Twilio adds fields without notice and some names are not certain, so nothing is required but a message and its sender,
and what a tap means is looked for in every place it may stand.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.channels.pieces import whole
from bot.channels.whatsapp.keys import CHANNEL, chat_key, handle_of, phone_of
from bot.channels.whatsapp.shown import Shown
from bot.conversation.choosing import folded, numbers
from bot.conversation.incoming import Content, Incoming, Location, Media, Start, Tap, Text

Form = Mapping[str, str]

MAX_TEXT: Final = 4096
MAX_ACTION: Final = 256
MAX_NAME: Final = 64
STALE: Final = "wa-old"  # an action nobody has: it is answered as every button too old to work
OLD: Final = timedelta(minutes=10)  # a tap that waited longer is not acted on (RELIABILITY.md §4.2)
_START: Final = re.compile(r"(?:start|order|hi)[ :]+((?:t|r)_[A-Za-z0-9_-]{1,62})", re.IGNORECASE)
_DEVANAGARI: Final = re.compile("[\u0900-\u097f]")


def read(form: Form, at: datetime) -> Incoming | None:
    """None for what no person on WhatsApp has sent: an SMS to our number, a sender of an unheard-of shape."""
    chat = chat_key(form.get("From", ""))
    sid = form.get("MessageSid") or form.get("SmsMessageSid") or form.get("SmsSid") or ""
    if chat is None or not sid:
        return None
    content = _content(form)
    body = form.get("Body", "")
    extra = {"chat_type": "private"}
    if referral := form.get("ReferralSourceId") or form.get("ReferralSourceUrl"):
        extra["referral"] = whole(referral)[:MAX_ACTION]
    replied = form.get("OriginalRepliedMessageSid", "")[:MAX_NAME]
    return Incoming(
        channel=CHANNEL,
        handle=handle_of(chat),
        chat=chat,
        update_id=sid[:MAX_NAME],
        content=content,
        sent_at=at,
        language_hint="hi" if _DEVANAGARI.search(body) else "",
        name=whole(form.get("ProfileName", ""))[:MAX_NAME],
        phone=phone_of(chat) or "",
        reply_to="" if isinstance(content, Tap) else replied,
        message=replied if isinstance(content, Tap) else "",
        extra=extra,
    )


def seen(incoming: Incoming, shown: Shown) -> Incoming:
    """With what the sender was shown last in mind: the very title of a row is that row, a number that answers an older
    list is stale rather than wrong, and every other number is for the screen to judge.
    """
    content = incoming.content
    if not isinstance(content, Text):
        return incoming
    said = content.text.strip()
    titles = {choice.action for choice in shown.choices if folded(said) in map(folded, choice.names)}
    if len(titles) == 1:
        return replace(incoming, content=Tap(titles.pop()), message=shown.message)
    if incoming.reply_to and shown.message and incoming.reply_to != shown.message and numbers(said):
        return replace(incoming, content=Tap(STALE))
    return replace(incoming, choices=shown.choices)


def _content(form: Form) -> Content:
    action = form.get("ButtonPayload") or form.get("ListId") or ""
    if action:
        return Tap(whole(action)[:MAX_ACTION])
    body = whole(form.get("Body", ""))[:MAX_TEXT]
    place = _place(form)
    if place is not None:
        return place
    media = form.get("NumMedia", "0")
    if media.isdecimal() and int(media[:3]) > 0:
        kind = form.get("MediaContentType0", "").partition("/")[0]
        return Media(kind or "file", body)
    if found := _START.fullmatch(body.strip()):
        return Start(found[1])
    return Text(body)


def _place(form: Form) -> Location | None:
    try:
        latitude, longitude = float(form.get("Latitude", "")), float(form.get("Longitude", ""))
    except ValueError:
        return None
    fits = -90 <= latitude <= 90 and -180 <= longitude <= 180
    return Location(latitude, longitude) if fits else None
