"""What Telegram sends, as every channel hands it on.

Read from the raw update: the library's objects for it cost more than all the rest of reading a turn (PERFORMANCE.md).
Whatever does not concern Tiffin (edits, channels, live locations on the move, our own messages) is None. An update of
an unheard-of shape raises whatever Python raises; the dispatcher is the door that catches it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.channels.pieces import whole
from bot.channels.telegram.events import BotAdded, BotRemoved, GroupEvent, GroupMigrated, MembersJoined
from bot.channels.telegram.keys import ANONYMOUS, CHANNEL, chat_key, handle_of
from bot.channels.telegram.markup import unmarked
from bot.conversation.incoming import Contact, Content, Incoming, Left, Location, Media, Start, Tap, Text
from core.clock import Clock
from core.ids import Handle

Json = Mapping[str, Any]

ALLOWED = ["message", "callback_query", "my_chat_member"]  # the kinds of update Telegram is asked for
MEDIA = ("photo", "voice", "video", "document", "sticker", "animation", "audio", "video_note", "poll", "dice", "story")
NOBODY = frozenset({1087968824, 136817688, 777000})  # GroupAnonymousBot, Channel_Bot, Telegram's own account
GONE = ("left", "kicked")
MAX_PAYLOAD = 64


@dataclass(frozen=True, slots=True)
class Me:
    """Our own account at Telegram. Before it is known nothing is taken for ours."""

    id: int = 0
    username: str = ""


def read(update: Json, me: Me, clock: Clock) -> Incoming | GroupEvent | None:
    if query := update.get("callback_query"):
        return _tap(update, query, clock)
    if member := update.get("my_chat_member"):
        return _membership(update, member, clock)
    if message := update.get("message"):
        return _message(update, message, me, clock)
    return None


def _tap(update: Json, query: Json, clock: Clock) -> Incoming:
    """A tap whose message is gone, or was sent through inline mode, names no message and counts as a private one."""
    user, message = query["from"], query.get("message")
    action, mark, asks = unmarked(whole(query.get("data", "")))
    extra = {"callback": str(query["id"]), "chat_type": "private"}
    chat, name = user["id"], ""
    if message:
        chat = message["chat"]["id"]
        extra["chat_type"] = message["chat"].get("type", "private")
        _topic(extra, message)
    if message and message.get("date"):  # 0: Telegram does not show it to us any more
        name = str(message["message_id"])
        extra["mark"] = mark
        if asks:
            extra["asks"] = "1"
        if photo := message.get("photo"):
            extra["picture"] = photo[-1]["file_unique_id"]
    handle = _sender(user, {}, extra)
    return _incoming(update, handle, chat, Tap(action), clock.now(), user, extra, message=name)


def _message(update: Json, message: Json, me: Me, clock: Clock) -> Incoming | GroupEvent | None:
    chat, user = message["chat"], message.get("from")
    if chat.get("type") == "channel":
        return None
    if event := _service(message, me):
        return event
    if user is None or user["id"] == me.id:
        return None
    private = chat.get("type") == "private"
    extra = {"chat_type": chat.get("type", "private")}
    if origin := message.get("forward_origin"):
        extra["forwarded"] = "1"
        if origin.get("type") == "user" and not origin["sender_user"].get("is_bot"):
            extra["forwarded_from"] = str(origin["sender_user"]["id"])
    _topic(extra, message)
    content = _content(message, user, me, private=private)
    if content is None:
        return None
    at = datetime.fromtimestamp(message["date"], UTC) if message.get("date") else clock.now()
    reply_to = str(message["reply_to_message"]["message_id"]) if message.get("reply_to_message") else ""
    handle = _sender(user, message, extra)
    return _incoming(update, handle, chat["id"], content, at, user, extra, reply_to=reply_to)


def _incoming(
    update: Json,
    handle: Handle,
    chat: int,
    content: Content,
    at: datetime,
    user: Json,
    extra: dict[str, str],
    *,
    reply_to: str = "",
    message: str = "",
) -> Incoming:
    return Incoming(
        channel=CHANNEL,
        handle=handle,
        chat=chat_key(chat),
        update_id=str(update["update_id"]),
        content=content,
        sent_at=at,
        language_hint=str(user.get("language_code", "")),
        name=_name(user),
        reply_to=reply_to,
        message=message,
        extra=extra,
    )


def _sender(user: Json, message: Json, extra: dict[str, str]) -> Handle:
    """Who it was. One who hides behind a group or a channel is nobody in particular."""
    if "sender_chat" in message or user["id"] in NOBODY:
        extra["anonymous"] = "1"
        return ANONYMOUS
    if user.get("is_bot"):
        extra["bot"] = "1"
    return handle_of(user["id"], bot=bool(user.get("is_bot")))


def _name(user: Json) -> str:
    return whole(" ".join(str(user[part]) for part in ("first_name", "last_name") if user.get(part)))


def _topic(extra: dict[str, str], message: Json) -> None:
    """Where in a forum to answer. In plain groups the same number only names a chain of replies."""
    if message.get("is_topic_message") and message.get("message_thread_id"):
        extra["topic"] = str(message["message_thread_id"])


def _content(message: Json, user: Json, me: Me, *, private: bool) -> Content | None:
    if "text" in message:
        return _text(whole(message["text"]), me)
    if contact := message.get("contact"):
        # Only the card Telegram itself filled in proves anything; any other can be made up by hand.
        own = private and contact.get("user_id") == user["id"] and "forward_origin" not in message
        number = whole(contact.get("phone_number", ""))
        return Contact(number if not own or number.startswith("+") else f"+{number}", own)
    if location := (message.get("location") or (message.get("venue") or {}).get("location")):
        return Location(float(location["latitude"]), float(location["longitude"]))
    kind = next((kind for kind in MEDIA if kind in message), None)
    return Media(kind, whole(message.get("caption", ""))) if kind else None


def _text(text: str, me: Me) -> Content | None:
    """Plain words, or a command: without our name behind it, and not at all when it is meant for another bot."""
    if not text.startswith("/"):
        return Text(text)
    command, _, rest = text.partition(" ")
    command, _, addressee = command.partition("@")
    if addressee and me.username and addressee.casefold() != me.username.casefold():
        return None
    if command == "/start":
        return Start(rest.strip()[:MAX_PAYLOAD])
    return Text(f"{command} {rest}" if rest else command)


def _service(message: Json, me: Me) -> GroupEvent | None:
    chat, user = message["chat"], message.get("from") or {"id": 0}
    if "migrate_to_chat_id" in message:
        return GroupMigrated(chat_key(chat["id"]), chat_key(message["migrate_to_chat_id"]))
    if "migrate_from_chat_id" in message:
        return GroupMigrated(chat_key(message["migrate_from_chat_id"]), chat_key(chat["id"]))
    if (left := message.get("left_chat_member")) and left["id"] == me.id:
        return BotRemoved(chat_key(chat["id"]), str(chat.get("title", "")), handle_of(user["id"]), _name(user))
    if joined := [one for one in message.get("new_chat_members", ()) if one["id"] != me.id]:
        people = tuple((handle_of(one["id"], bot=bool(one.get("is_bot"))), _name(one)) for one in joined)
        return MembersJoined(chat_key(chat["id"]), handle_of(user["id"]), people)
    return None


def _membership(update: Json, member: Json, clock: Clock) -> Incoming | GroupEvent | None:
    """We were let in, thrown out, or blocked."""
    chat, user = member["chat"], member["from"]
    was, now = (member[which]["status"] for which in ("old_chat_member", "new_chat_member"))
    if chat.get("type") == "private":
        if now != "kicked":
            return None
        return _incoming(update, handle_of(user["id"]), chat["id"], Left(), clock.now(), user, {"chat_type": "private"})
    if chat.get("type") == "channel" or (was in GONE) == (now in GONE):
        return None
    event = BotRemoved if now in GONE else BotAdded
    return event(chat_key(chat["id"]), str(chat.get("title", "")), handle_of(user["id"]), _name(user))
