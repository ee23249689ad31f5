"""A Bot API that answers at once, with Twilio and an SMS provider beside it, on raw asyncio: the load comes from this
process, so it must cost next to nothing.

Chats are numbered; a chat's id or number ends in 70000NNNNN, so that one expression finds it in a body of any encoding.
"""

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field

BASE = 7_000_000_000
SECRET = "bench-secret-that-telegram-repeats"
TOKEN = "123456:BENCH"
SMS_PATH = b"flow"
CONTENT_PATH = b"content"
MESSAGES_PATH = b"messages.json"

_CHAT = re.compile(rb"70000(\d{5})")
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


def _json(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


_TRUE = _json(b'{"ok":true,"result":true}')
_FIXED = {
    b"getme": _json(
        b'{"ok":true,"result":{"id":123456,"is_bot":true,"first_name":"Bench","username":"bench_bot",'
        b'"can_join_groups":true,"can_read_all_group_messages":false,"supports_inline_queries":false}}'
    ),
    b"getwebhookinfo": _json(
        b'{"ok":true,"result":{"url":"","has_custom_certificate":false,"pending_update_count":0}}'
    ),
    b"getmycommands": _json(b'{"ok":true,"result":[]}'),
    SMS_PATH: _json(b'{"type":"success","message":"3763646c3058373530393938"}'),
}
_MESSAGE = (
    b'{"ok":true,"result":{"message_id":%d,"from":{"id":123456,"is_bot":true,"first_name":"Bench",'
    b'"username":"bench_bot"},"chat":{"id":%d,"first_name":"Asha","type":"private"},"date":1760000000,"text":"Done"}}'
)
_SHOWING = (b"send", b"edit", b"copy", b"forward")
_TAKEN = b'{"sid":"SM%032x","status":"queued","error_code":null}'
_MADE = b'{"sid":"HX%032x"}'
_NO_LIST = _json(b'{"messages":[],"contents":[],"meta":{},"next_page_uri":null}')


@dataclass
class Api:
    """`listeners` hear which chat a call was for, as soon as it arrives; `delay` is how long its answer takes."""

    delay: float = 0.0
    sms_delay: float = 0.0
    calls: int = 0
    listeners: list[Callable[[int], None]] = field(default_factory=list)
    _ids: int = field(default=100)

    def answer(self, method: bytes, body: bytes) -> tuple[bytes, float]:
        low = method.lower()
        if low == SMS_PATH:
            return _FIXED[low], self.sms_delay
        if low in _FIXED:
            return _FIXED[low], 0.0
        if low in (CONTENT_PATH, MESSAGES_PATH) and body.startswith(b"GET "):
            return _NO_LIST, 0.0
        if low == CONTENT_PATH:
            self._ids += 1
            return _json(_MADE % self._ids), 0.0
        self.calls += 1
        found = _CHAT.search(body)
        chat = int(found.group(1)) if found else -1
        if low.startswith(_SHOWING):
            self._ids += 1
            answer = _json(_MESSAGE % (self._ids, BASE + max(chat, 0)))
        elif low == MESSAGES_PATH:
            self._ids += 1
            answer = _json(_TAKEN % self._ids)
        else:
            answer = _TRUE
        for hear in self.listeners:
            hear(chat)
        return answer, self.delay


class _Connection(asyncio.Protocol):
    def __init__(self, api: Api) -> None:
        self._api = api
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data
        while (end := buffer.find(b"\r\n\r\n")) >= 0:
            head = buffer[:end]
            length = LENGTH.search(head)
            if length:
                whole = end + 4 + int(length.group(1))
                if len(buffer) < whole:
                    break
            elif b"chunked" in head.lower():
                if not buffer.endswith(b"0\r\n\r\n"):
                    break
                whole = len(buffer)
            else:
                whole = end + 4
            line = head.split(b"\r\n", 1)[0]
            method = line.split(b" ")[1].split(b"?")[0].rstrip(b"/").rsplit(b"/", 1)[1]
            answer, delay = self._api.answer(method, buffer[end + 4 : whole] or line)
            if delay:
                asyncio.get_running_loop().call_later(delay, self._write, answer)
            else:
                self._write(answer)
            buffer = buffer[whole:]
        self._buffer = buffer

    def _write(self, answer: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(answer)


async def serve(api: Api) -> tuple[asyncio.Server, int]:
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(api), "127.0.0.1", 0, backlog=2048)
    return server, server.sockets[0].getsockname()[1]


class Updates:
    """What Telegram delivers. Ids rise over the whole run, so that none is a repetition."""

    def __init__(self) -> None:
        self.last = 1_000

    def message(self, chat: int, text: str) -> bytes:
        self.last += 1
        return (
            b'{"update_id":%d,"message":{"message_id":%d,"from":{"id":%d,"is_bot":false,"first_name":"Asha",'
            b'"username":"asha_%d","language_code":"en"},"chat":{"id":%d,"first_name":"Asha","username":"asha_%d",'
            b'"type":"private"},"date":1760000000,"text":%s}}'
        ) % (self.last, self.last, BASE + chat, chat, BASE + chat, chat, json.dumps(text).encode())

    def tap(self, chat: int, data: str) -> bytes:
        """A button under a page of dishes, as long as they usually are."""
        self.last += 1
        return (
            b'{"update_id":%d,"callback_query":{"id":"%d0001","from":{"id":%d,"is_bot":false,"first_name":"Asha",'
            b'"username":"asha_%d","language_code":"en"},"message":{"message_id":77,"from":{"id":123456,"is_bot":true,'
            b'"first_name":"Bench","username":"bench_bot"},"chat":{"id":%d,"first_name":"Asha","username":"asha_%d",'
            b'"type":"private"},"date":1760000000,"text":"Menu","reply_markup":{"inline_keyboard":['
            b'[{"text":"Paneer Tikka - 220.00","callback_data":"i:1"},{"text":"+","callback_data":"a:1"}],'
            b'[{"text":"Garlic Naan - 60.00","callback_data":"i:2"},{"text":"+","callback_data":"a:2"}],'
            b'[{"text":"Dal Makhani - 180.00","callback_data":"i:3"},{"text":"+","callback_data":"a:3"}],'
            b'[{"text":"Prev","callback_data":"p:0"},{"text":"Next","callback_data":"p:2"}],'
            b'[{"text":"Cart","callback_data":"cart"}]]}},"chat_instance":"-123456789","data":%s}}'
        ) % (self.last, self.last, BASE + chat, chat, BASE + chat, chat, json.dumps(data).encode())
