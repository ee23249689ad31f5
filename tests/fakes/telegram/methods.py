"""The methods of the Bot API this bot may use, each with what it refuses."""

import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from tests.fakes.telegram.chats import BOT, BOT_ID, Chat, Message
from tests.fakes.telegram.rules import (
    Parsed,
    Refusal,
    bad,
    caption_of,
    check_commands,
    check_markup,
    is_image,
    text_of,
)

if TYPE_CHECKING:
    from tests.fakes.telegram.server import Call, FakeTelegram

Method = Callable[["FakeTelegram", "Call"], Awaitable[Any]]
METHODS: dict[str, Method] = {}
SENDING = frozenset(
    {"sendMessage", "sendPhoto", "sendDocument", "editMessageText", "editMessageCaption", "editMessageReplyMarkup",
     "editMessageMedia"}
)  # fmt: skip


def method(function: Method) -> Method:
    words = function.__name__.split("_")
    METHODS[words[0] + "".join(word.capitalize() for word in words[1:])] = function
    return function


# The bot itself


@method
async def get_me(fake: "FakeTelegram", call: "Call") -> Any:
    return {**BOT, "can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}


@method
async def set_my_commands(fake: "FakeTelegram", call: "Call") -> Any:
    check_commands(call.params.get("commands"))
    fake.commands[_scope(fake, call), call.params.get("language_code", "")] = call.params["commands"]
    return True


@method
async def delete_my_commands(fake: "FakeTelegram", call: "Call") -> Any:
    fake.commands.pop((_scope(fake, call), call.params.get("language_code", "")), None)
    return True


@method
async def get_my_commands(fake: "FakeTelegram", call: "Call") -> Any:
    return fake.commands.get((_scope(fake, call), call.params.get("language_code", "")), [])


@method
async def set_my_description(fake: "FakeTelegram", call: "Call") -> Any:
    return _describe(fake, call, "description", 512)


@method
async def set_my_short_description(fake: "FakeTelegram", call: "Call") -> Any:
    return _describe(fake, call, "short_description", 120)


def _describe(fake: "FakeTelegram", call: "Call", name: str, limit: int) -> bool:
    if len(call.params.get(name, "")) > limit:
        raise bad(f"{name} is too long")
    fake.descriptions[name, call.params.get("language_code", "")] = call.params.get(name, "")
    return True


# Updates


@method
async def get_updates(fake: "FakeTelegram", call: "Call") -> Any:
    params = call.params
    return await fake.updates.fetch(
        params.get("offset", 0), params.get("limit", 100), params.get("timeout", 0), params.get("allowed_updates")
    )


@method
async def set_webhook(fake: "FakeTelegram", call: "Call") -> Any:
    params = call.params
    await fake.updates.set_webhook(
        params.get("url", ""),
        params.get("secret_token", ""),
        params.get("max_connections", 40),
        params.get("allowed_updates", fake.updates.webhook.allowed),
    )
    return True


@method
async def delete_webhook(fake: "FakeTelegram", call: "Call") -> Any:
    await fake.updates.set_webhook("", "", 40, fake.updates.webhook.allowed)
    return True


@method
async def get_webhook_info(fake: "FakeTelegram", call: "Call") -> Any:
    hook = fake.updates.webhook
    info: dict[str, Any] = {
        "url": hook.url,
        "has_custom_certificate": False,
        "pending_update_count": len(fake.updates.pending),
    }
    if hook.url:
        info["max_connections"] = hook.max_connections
    if hook.allowed is not None:
        info["allowed_updates"] = hook.allowed
    if hook.last_error:
        info |= {"last_error_message": hook.last_error, "last_error_date": hook.last_error_date}
    return info


@method
async def answer_callback_query(fake: "FakeTelegram", call: "Call") -> Any:
    id, text = str(call.params.get("callback_query_id", "")), str(call.params.get("text", ""))
    made, by, answered = fake.queries.get(id, (0.0, 0, True))
    if answered or time.monotonic() - made > fake.query_life:
        raise bad("query is too old and response timeout expired or query ID is invalid")
    if len(text) > 200:
        raise bad("MESSAGE_TOO_LONG")
    fake.queries[id] = (made, by, True)
    fake.answered[id] = text
    return True


# Messages


@method
async def send_message(fake: "FakeTelegram", call: "Call") -> Any:
    chat = _chat(fake, call)
    parsed = text_of(_required(call, "text"), call.params.get("parse_mode"))
    return _new(fake, call, chat, {"text": parsed.text.strip(), **_entities(parsed, "entities")})


@method
async def send_photo(fake: "FakeTelegram", call: "Call") -> Any:
    chat = _chat(fake, call)
    photo, name = _photo(fake, call, "photo", call.params.get("photo"))
    return _new(fake, call, chat, {"photo": photo, **_captioned(call.params)}, file_name=name)


@method
async def send_document(fake: "FakeTelegram", call: "Call") -> Any:
    chat = _chat(fake, call)
    if "document" not in call.files:
        raise bad("wrong remote file identifier specified: Wrong string length")
    name, data = call.files["document"]
    if not data:
        raise bad("file must be non-empty")
    id = fake.keep_file(name, data)
    document = {"file_id": id, "file_unique_id": id[4:16], "file_name": name, "file_size": len(data)}
    return _new(fake, call, chat, {"document": document, **_captioned(call.params)}, file_name=name)


@method
async def edit_message_text(fake: "FakeTelegram", call: "Call") -> Any:
    message = _own(fake, call)
    if message.has_media:
        raise bad("there is no text in the message to edit")
    parsed = text_of(_required(call, "text"), call.params.get("parse_mode"))
    return await _edit(fake, call, message, {"text": parsed.text.strip(), **_entities(parsed, "entities")})


@method
async def edit_message_caption(fake: "FakeTelegram", call: "Call") -> Any:
    message = _own(fake, call)
    if not message.has_media:
        raise bad("there is no caption in the message to edit")
    kept: dict[str, Any] = {name: message.content[name] for name in ("photo", "document") if name in message.content}
    return await _edit(fake, call, message, {**kept, **_captioned(call.params)})


@method
async def edit_message_media(fake: "FakeTelegram", call: "Call") -> Any:
    message = _own(fake, call)
    media = call.params.get("media")
    if not isinstance(media, dict) or media.get("type") != "photo":
        raise bad("media not found")
    photo, name = _photo(fake, call, "media", media.get("media"))
    shown = await _edit(fake, call, message, {"photo": photo, **_captioned(media)})
    message.file_name = name
    return shown


@method
async def edit_message_reply_markup(fake: "FakeTelegram", call: "Call") -> Any:
    message = _own(fake, call)
    kept = {name: value for name, value in message.content.items() if name != "reply_markup"}
    return await _edit(fake, call, message, kept)


@method
async def delete_message(fake: "FakeTelegram", call: "Call") -> Any:
    chat = _chat(fake, call)
    message = chat.messages.get(call.params.get("message_id", 0))
    if message is None or message.deleted:
        raise bad("message to delete not found")
    if time.time() - message.date > 48 * 3600 or (message.sender["id"] != BOT_ID and chat.kind != "private"):
        raise bad("message can't be deleted for everyone")
    message.deleted = True
    return True


@method
async def pin_chat_message(fake: "FakeTelegram", call: "Call") -> Any:
    chat = _chat(fake, call)
    id = call.params.get("message_id", 0)
    if id not in chat.messages or chat.messages[id].deleted:
        raise bad("message to pin not found")
    if id not in chat.pinned:
        chat.pinned.append(id)
    return True


@method
async def send_chat_action(fake: "FakeTelegram", call: "Call") -> Any:
    _chat(fake, call)
    return True


@method
async def leave_chat(fake: "FakeTelegram", call: "Call") -> Any:
    _chat(fake, call).shut = "bot is not a member of the group chat"
    return True


# What they share


def _scope(fake: "FakeTelegram", call: "Call") -> str:
    """What a list of commands is for: a kind of chat, or "chat <number>" for a single one."""
    scope = call.params.get("scope", {"type": "default"})
    if scope["type"] != "chat":
        return str(scope["type"])
    if scope["chat_id"] not in fake.chats:
        raise bad("chat not found")
    return f"chat {scope['chat_id']}"


def _chat(fake: "FakeTelegram", call: "Call") -> Chat:
    chat = fake.chats.get(call.chat) if isinstance(call.chat, int) else None
    if chat is None:
        raise bad("chat not found")
    if chat.moved_to is not None:
        raise Refusal(
            400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.moved_to
        )
    if chat.shut:
        raise Refusal(403, f"Forbidden: {chat.shut}")
    return chat


def _own(fake: "FakeTelegram", call: "Call") -> Message:
    message = _chat(fake, call).messages.get(call.params.get("message_id", 0))
    if message is None or message.deleted:
        raise bad("message to edit not found")
    if message.sender["id"] != BOT_ID:
        raise bad("message can't be edited")
    return message


def _required(call: "Call", name: str) -> str:
    if not call.params.get(name):
        raise bad(f"message {name} is empty")
    return str(call.params[name])


def _entities(parsed: Parsed, name: str) -> dict[str, Any]:
    return {name: parsed.entities} if parsed.entities else {}


def _captioned(params: dict[str, Any]) -> dict[str, Any]:
    parsed = caption_of(params.get("caption", ""), params.get("parse_mode"))
    return {"caption": parsed.text, **_entities(parsed, "caption_entities")} if parsed.text else {}


def _photo(fake: "FakeTelegram", call: "Call", field: str, given: Any) -> tuple[list[dict[str, Any]], str]:
    """Uploaded as a part of the form, attached to a media object, or known already. Two sizes are made of each."""
    part = str(given).removeprefix("attach://") if isinstance(given, str) and given.startswith("attach://") else field
    if part in call.files:
        name, data = call.files[part]
        if not is_image(data):
            raise bad("IMAGE_PROCESS_FAILED")
        id = fake.keep_file(name, data)
    elif isinstance(given, str) and given in fake.files:
        id, name = given, fake.files[given][0]
    elif isinstance(given, str) and given.startswith("http"):
        raise bad("failed to get HTTP URL content")
    else:
        raise bad("wrong file identifier/HTTP URL specified")
    sizes = [
        {"file_id": id, "file_unique_id": f"{id[4:16]}{size}", "width": width, "height": width}
        for size, width in (("s", 90), ("x", 800))
    ]
    return sizes, name


def _new(
    fake: "FakeTelegram", call: "Call", chat: Chat, content: dict[str, Any], *, file_name: str = ""
) -> dict[str, Any]:
    markup = call.params.get("reply_markup")
    if markup is not None:
        check_markup(markup, private=chat.kind == "private")
        if "inline_keyboard" in markup:
            content["reply_markup"] = markup
        else:
            chat.keyboard = markup if "keyboard" in markup else None
    if topic := call.params.get("message_thread_id"):
        content |= {"message_thread_id": topic, "is_topic_message": True}
    message = Message(chat, next(chat.ids), BOT, content, file_name=file_name)
    chat.messages[message.id] = message
    chat.note(message, edited=False)
    return message.shown()


async def _edit(fake: "FakeTelegram", call: "Call", message: Message, content: dict[str, Any]) -> dict[str, Any]:
    markup = call.params.get("reply_markup")
    if markup is not None:
        if "inline_keyboard" not in markup:
            raise bad("message can't be edited")
        check_markup(markup, private=message.chat.kind == "private")
        if markup["inline_keyboard"]:
            content["reply_markup"] = markup
    if content == message.content:
        raise bad(
            "message is not modified: specified new message content and reply markup are exactly the same as a current "
            "content and reply markup of the message"
        )
    message.content = content
    message.edits += 1
    message.chat.note(message, edited=True)
    return message.shown()
