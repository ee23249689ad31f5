"""The reference bots, each the least of its kind.

    python -m tests.bench.bots KIND --port N --api N

`bare`: aiohttp alone, answers a tap with two calls beside each other · `ptb`: python-telegram-bot as shipped, an echo ·
`ptb-aiohttp`: the same echo through Tiffin's aiohttp transport, people in parallel.
"""

import argparse
import asyncio
import json
from typing import Any

import aiohttp
from aiohttp import web

from tests.bench.telegram import SECRET, TOKEN

KINDS = ("bare", "ptb", "ptb-aiohttp")
ROWS = [[{"text": f"Item {n}", "callback_data": f"i:{n}"}, {"text": "+", "callback_data": f"a:{n}"}] for n in range(9)]


def _known(request: web.Request) -> bool:
    return request.headers.get("X-Telegram-Bot-Api-Secret-Token") == SECRET


def bare(api: str) -> web.Application:
    app = web.Application()
    under_way: set[asyncio.Task[None]] = set()

    async def session(_: web.Application) -> Any:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=512)) as http:
            app["http"] = http
            yield

    async def call(method: str, payload: dict[str, Any]) -> None:
        headers = {"Content-Type": "application/json"}
        async with app["http"].post(f"{api}{TOKEN}/{method}", data=json.dumps(payload), headers=headers) as answer:
            json.loads(await answer.read())

    async def turn(update: dict[str, Any]) -> None:
        query = update["callback_query"]
        message = query["message"]
        page = {
            "chat_id": message["chat"]["id"],
            "message_id": message["message_id"],
            "text": "page",
            "reply_markup": {"inline_keyboard": ROWS},
        }
        answer = {"callback_query_id": query["id"], "chat_id": message["chat"]["id"]}
        await asyncio.gather(call("answerCallbackQuery", answer), call("editMessageText", page))

    async def hook(request: web.Request) -> web.Response:
        if not _known(request):
            return web.Response(status=401)
        task = asyncio.create_task(turn(json.loads(await request.read())))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
        return web.Response()

    app.cleanup_ctx.append(session)
    app.router.add_post("/webhooks/telegram", hook)
    return app


def ptb(api: str, *, tuned: bool) -> web.Application:
    from telegram import Update
    from telegram.ext import Application, MessageHandler, filters

    builder = Application.builder().token(TOKEN).base_url(api).updater(None).job_queue(None)
    if tuned:
        from bot.channels.telegram.request import AiohttpRequest

        builder = builder.request(AiohttpRequest()).concurrent_updates(256)
    application = builder.build()

    async def echo(update: Update, _: Any) -> None:
        assert update.effective_chat is not None
        assert update.message is not None
        await application.bot.send_message(update.effective_chat.id, update.message.text or "")

    async def running(_: web.Application) -> Any:
        await application.initialize()
        await application.start()
        yield
        await application.stop()
        await application.shutdown()

    async def hook(request: web.Request) -> web.Response:
        if not _known(request):
            return web.Response(status=401)
        update = Update.de_json(json.loads(await request.read()), application.bot)
        await application.update_queue.put(update)
        return web.Response()

    application.add_handler(MessageHandler(filters.TEXT, echo))
    app = web.Application()
    app.cleanup_ctx.append(running)
    app.router.add_post("/webhooks/telegram", hook)
    return app


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--api", type=int, required=True)
    given = parser.parse_args()
    api = f"http://127.0.0.1:{given.api}/bot"
    app = bare(api) if given.kind == "bare" else ptb(api, tuned=given.kind == "ptb-aiohttp")
    web.run_app(app, host="127.0.0.1", port=given.port, access_log=None, print=lambda *_: None)


if __name__ == "__main__":
    main()
