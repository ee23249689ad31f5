"""How the bot presents itself: commands by place and language, its description, and links into it."""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
)
from telegram.error import BadRequest, Forbidden, TelegramError
from telegram.helpers import create_deep_linked_url

from bot.channels.telegram.errors import named
from bot.conversation.texts import DEFAULT, LANGUAGES, Texts
from core.connections import STORE_FAILURES, Connections
from core.logs import get_logger

log = get_logger(__name__)

KEY = "{telegram}:presented"
KEPT_SECONDS = 24 * 3600
ADMINS_KEY = "{telegram}:presented-to"  # which admin has seen which list


@dataclass(frozen=True, slots=True)
class AdminCommands:
    """Who has commands of an owner in their own chat: the numbers of their accounts, and what each command says."""

    people: Callable[[], Awaitable[Iterable[int]]]
    descriptions: Callable[[Texts], Mapping[str, str]]


def guest_commands(texts: Texts) -> list[BotCommand]:
    return [
        BotCommand("start", texts.t("Begin")),
        BotCommand("menu", texts.t("What there is to eat")),
        BotCommand("cart", texts.t("What you have chosen")),
        BotCommand("checkout", texts.t("Review and order")),
        BotCommand("orders", texts.t("Your orders, and one of them again")),
        BotCommand("track", texts.t("Where your order is")),
        BotCommand("cancel", texts.t("Cancel your order")),
        BotCommand("profile", texts.t("Your name, phone and diet")),
        BotCommand("addresses", texts.t("Where we deliver to")),
        BotCommand("language", texts.t("English or Hindi")),
        BotCommand("privacy", texts.t("What we keep of you, and how to have it erased")),
        BotCommand("help", texts.t("How this works, or talk to a person")),
        BotCommand("stop", texts.t("No more messages")),
    ]


def admin_commands(texts: Texts, descriptions: Mapping[str, str]) -> list[BotCommand]:
    """An owner's commands first; an owner is hungry too, so a guest's follow."""
    own = [BotCommand(name, said) for name, said in descriptions.items()]
    return [*own, *(command for command in guest_commands(texts) if command.command not in descriptions)]


def group_commands(texts: Texts) -> list[BotCommand]:
    return [
        BotCommand("orders", texts.t("Orders under way")),
        BotCommand("board", texts.t("The board, down here")),
        BotCommand("soldout", texts.t("A dish is sold out: /soldout dosa")),
        BotCommand("back", texts.t("A dish is back: /back dosa")),
        BotCommand("pause", texts.t("Take no orders for some minutes: /pause 30")),
        BotCommand("resume", texts.t("Take orders again")),
        BotCommand("hours", texts.t("Opening hours")),
        BotCommand("help", texts.t("What can be done here")),
    ]


def description(texts: Texts) -> str:
    """Shown in a chat that is still empty."""
    return texts.t(
        "Order food in this chat: browse the menu, or just type what you want, such as “2 masala dosa and a coffee”. "
        "Pay online or in cash, and follow your order here."
    )


def short_description(texts: Texts) -> str:
    return texts.t("Order food in a chat.")


def deep_link(username: str, payload: str, *, group: bool = False) -> str:
    """A link that opens the bot with `/start payload`, in a group of one's choice with `group`.

    Raises ValueError for a payload of more than 64 characters or of others than A–Z a–z 0–9 _ -.
    """
    return create_deep_linked_url(username, payload, group=group)


async def present(bot: Bot, connections: Connections) -> None:
    """Tell Telegram, if it was not told the same within a day. That it failed is only logged: nothing depends on it."""
    scopes: tuple[tuple[BotCommandScope, Any], ...] = (
        (BotCommandScopeAllPrivateChats(), guest_commands),
        (BotCommandScopeAllGroupChats(), group_commands),
    )
    told = _fingerprint([bot.token, *(what(Texts.of(code)) for code in LANGUAGES for _, what in scopes)])
    try:
        if await connections.redis.get(KEY) == told:
            return
        for language in LANGUAGES:
            texts, code = Texts.of(language), None if language == DEFAULT else language
            for scope, commands in scopes:
                await bot.set_my_commands(commands(texts), scope=scope, language_code=code)
            await bot.set_my_description(description(texts), language_code=code)
            await bot.set_my_short_description(short_description(texts), language_code=code)
        await connections.redis.set(KEY, told, ex=KEPT_SECONDS)
    except TelegramError as failure:
        log.warning("telegram_not_presented", error=named(failure))
    except STORE_FAILURES as failure:
        log.warning("telegram_not_presented", error=type(failure).__name__)


async def present_to_admins(bot: Bot, connections: Connections, admins: AdminCommands) -> None:
    """Show owners and admins their commands, in their own chats, and take them from those who are none any more.

    Somebody who never wrote to the bot has no such chat yet: the next time will do. Failing is only logged.
    """
    lists = {code: admin_commands(Texts.of(code), admins.descriptions(Texts.of(code))) for code in LANGUAGES}
    told = _fingerprint([bot.token, *lists.values()])
    try:
        known: dict[Any, Any] = await connections.redis.hgetall(ADMINS_KEY)
        people = {str(number) for number in await admins.people()}
        for number in sorted(people - {one for one, seen in known.items() if seen == told}):
            if await _shown(bot, int(number), lists):
                await connections.redis.hset(ADMINS_KEY, number, told)
        for number in sorted(known.keys() - people):
            await _shown(bot, int(number), dict.fromkeys(LANGUAGES, ()))
            await connections.redis.hdel(ADMINS_KEY, number)
    except TelegramError as failure:
        log.warning("telegram_not_presented", error=named(failure))
    except STORE_FAILURES as failure:
        log.warning("telegram_not_presented", error=type(failure).__name__)


async def _shown(bot: Bot, number: int, lists: Mapping[str, Iterable[BotCommand]]) -> bool:
    """False: there is no chat with this person (any more)."""
    scope = BotCommandScopeChat(number)
    try:
        for language, commands in lists.items():
            code = None if language == DEFAULT else language
            if commands := list(commands):
                await bot.set_my_commands(commands, scope=scope, language_code=code)
            else:
                await bot.delete_my_commands(scope=scope, language_code=code)
    except (BadRequest, Forbidden) as refused:
        log.info("telegram_admin_not_presented", handle=f"telegram:{number}", error=str(refused))
        return False
    return True


def _fingerprint(said: list[Any]) -> str:
    plain = [part if isinstance(part, str) else [(c.command, c.description) for c in part] for part in said]
    return blake2b(json.dumps(plain).encode(), digest_size=12).hexdigest()
