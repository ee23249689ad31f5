"""Opening the account: who we are, where Telegram delivers, how we present ourselves."""

import asyncio
from collections.abc import Iterable
from datetime import timedelta

import pytest
from pydantic import SecretStr

from bot.admin.commands import descriptions
from bot.channels.telegram import account as account_module
from bot.channels.telegram.account import TelegramAccount
from bot.channels.telegram.setup import AdminCommands, present, present_to_admins
from bot.channels.telegram.webhook import AT_ONCE
from bot.conversation.texts import LANGUAGES
from core.errors import SettingsError
from core.settings import TelegramMode
from tests.bot.channels.telegram.line import PUBLIC, SECRET, open_line, telegram_settings
from tests.fakes.telegram import TelegramPerson, Trouble


async def _until(condition, timeout=5.0):
    async with asyncio.timeout(timeout):
        while not condition():
            await asyncio.sleep(0.01)


async def test_the_webhook_is_set_with_its_secret_and_what_we_want_to_hear(line, telegram):
    (call,) = telegram.made("setWebhook")
    assert call.params == {
        "url": f"{PUBLIC}/webhooks/telegram",
        "secret_token": SECRET,
        "max_connections": AT_ONCE,
        "allowed_updates": ["message", "callback_query", "my_chat_member"],
    }


async def test_a_webhook_that_is_right_is_left_alone(telegram, settings, connections, clock):
    for _ in range(3):
        async with open_line(telegram, settings, connections, clock):
            await asyncio.sleep(0.1)
    assert len(telegram.made("setWebhook")) == 1


@pytest.mark.parametrize(
    "answer",
    [Trouble(status=404, description="Not Found", times=9), Trouble(status=200, raw=b'{"ok":true,"result":true}')],
)
async def test_where_nobody_can_say_whether_the_webhook_stands_it_is_set(
    telegram, settings, connections, clock, answer
):
    telegram.fails("getWebhookInfo", answer)
    async with open_line(telegram, settings, connections, clock):
        assert telegram.updates.webhook.url == f"{PUBLIC}/webhooks/telegram"


async def test_a_new_secret_is_told_though_telegram_does_not_say_which_it_has(telegram, settings, connections, clock):
    async with open_line(telegram, settings, connections, clock):
        pass
    telegram.updates.webhook.set_at = 0.0
    changed = telegram_settings(settings, telegram, TelegramMode.WEBHOOK).model_copy(
        update={"telegram_webhook_secret": SecretStr("another-secret-than-before")}
    )
    account = TelegramAccount(changed, connections, clock)
    assert account.webhook is not None
    await account.webhook.ensure()
    assert telegram.updates.webhook.secret == "another-secret-than-before"
    await account.webhook.ensure()
    assert len(telegram.made("setWebhook")) == 2
    for request in account._requests:
        await request.shutdown()


async def test_a_webhook_somebody_moved_is_put_right_and_told_of(line, telegram, caplog):
    await line.account.check()
    assert "telegram_webhook_moved" not in caplog.text
    telegram.updates.webhook.url, telegram.updates.webhook.set_at = "https://thief.example/", 0.0
    await line.account.check()
    assert "telegram_webhook_moved" in caplog.text
    assert telegram.updates.webhook.url == f"{PUBLIC}/webhooks/telegram"


async def test_deliveries_that_fail_or_pile_up_are_told_of(line, telegram, caplog, clock):
    telegram.updates.webhook.last_error = "Wrong response from the webhook: 502 Bad Gateway"
    telegram.updates.webhook.last_error_date = clock.ms() // 1000 - 60
    await line.account.check()
    assert "telegram_deliveries_fail" in caplog.text
    telegram.updates.webhook.last_error_date -= 3600
    for n in range(150):
        telegram.updates.pending[n] = None
    await line.account.check()
    assert "telegram_deliveries_wait" in caplog.text
    telegram.updates.pending.clear()


async def test_telegram_out_of_reach_keeps_nobody_from_opening_and_is_met_later(
    telegram, settings, connections, clock, monkeypatch, caplog
):
    monkeypatch.setattr(account_module, "AGAIN", (timedelta(seconds=0.05),))
    telegram.fails("getMe", Trouble(drop=True, times=3))
    telegram.fails("setWebhook", Trouble(status=502, times=2))
    async with open_line(telegram, settings, connections, clock) as line:
        await _until(lambda: telegram.made("setWebhook") and telegram.made("setMyShortDescription"))
        assert line.account.deep_link("t_abc") == "https://t.me/tiffin_test_bot?start=t_abc"
    assert "telegram_not_reached" in caplog.text
    assert "telegram_webhook_not_set" in caplog.text


async def test_a_token_telegram_does_not_know_is_named_at_start(telegram, settings, connections, clock):
    wrong = telegram_settings(settings, telegram, TelegramMode.POLLING).model_copy(
        update={"telegram_bot_token": SecretStr("1:another")}
    )
    with pytest.raises(SettingsError, match="TELEGRAM_BOT_TOKEN is not known"):
        async with TelegramAccount(wrong, connections, clock).open():
            pass


async def test_without_a_token_there_is_no_account(settings, connections, clock):
    with pytest.raises(SettingsError, match="TELEGRAM_BOT_TOKEN is missing"):
        TelegramAccount(settings, connections, clock)


async def test_our_name_is_known_once_telegram_told_it(line):
    assert line.account.username == "tiffin_test_bot"


async def test_links_open_tables_and_groups_and_take_no_more_than_telegram_does(line):
    assert line.account.deep_link("t_Zm9v") == "https://t.me/tiffin_test_bot?start=t_Zm9v"
    assert line.account.deep_link("b_1", group=True) == "https://t.me/tiffin_test_bot?startgroup=b_1"
    for payload in ("x" * 65, "two words", "नमस्ते"):
        with pytest.raises(ValueError, match="deep-link"):
            line.account.deep_link(payload)


async def test_commands_stand_in_each_place_and_language(line, telegram):
    await _until(lambda: len(telegram.made("setMyShortDescription")) == len(LANGUAGES))
    guest = [one["command"] for one in telegram.commands["all_private_chats", ""]]
    assert guest == [
        "start", "menu", "cart", "checkout", "orders", "track", "cancel", "profile", "addresses", "language", "privacy",
        "help", "stop",
    ]  # fmt: skip
    group = [one["command"] for one in telegram.commands["all_group_chats", ""]]
    assert group == ["orders", "board", "soldout", "back", "pause", "resume", "hours", "help"]
    assert [one["command"] for one in telegram.commands["all_private_chats", "hi"]] == guest
    assert telegram.descriptions["description", ""].startswith("Order food in this chat")


async def test_what_was_said_today_is_not_said_again(line, telegram, connections):
    await _until(lambda: len(telegram.made("setMyShortDescription")) == len(LANGUAGES))
    await asyncio.sleep(0.05)
    telegram.calls.clear()
    await present(line.account.bot, connections)
    assert telegram.calls == []


async def test_a_bot_telegram_does_not_let_present_itself_serves_all_the_same(
    telegram, settings, connections, clock, caplog, asha
):
    telegram.fails("setMyCommands", Trouble(status=400, description="Bad Request: BOT_COMMAND_INVALID"))
    telegram.pardons.add("BOT_COMMAND_INVALID")
    async with open_line(telegram, settings, connections, clock) as line:
        await asha.says("menu")
        assert line.heard
        await _until(lambda: "telegram_not_presented" in caplog.text)


def _owners(*numbers: int) -> AdminCommands:
    async def people() -> Iterable[int]:
        return numbers

    return AdminCommands(people, descriptions)


async def test_an_owner_finds_an_owners_commands_in_their_own_chat_and_a_guest_does_not(line, telegram, asha, meera):
    await asha.says("hello")
    await meera.says("hello")
    await present_to_admins(line.account.bot, line.account._connections, _owners(asha.chat.id))
    owner = [one["command"] for one in telegram.commands[f"chat {asha.chat.id}", ""]]
    assert owner[:4] == ["outlets", "staff", "menu", "price"]
    assert {"cart", "track", "stop"} <= set(owner)
    assert len(owner) == len(set(owner))
    assert [one["command"] for one in telegram.commands[f"chat {asha.chat.id}", "hi"]] == owner
    assert (f"chat {meera.chat.id}", "") not in telegram.commands


async def test_who_owns_nothing_any_more_has_a_guests_commands_again(line, telegram, asha):
    await asha.says("hello")
    bot, connections = line.account.bot, line.account._connections
    await present_to_admins(bot, connections, _owners(asha.chat.id))
    await present_to_admins(bot, connections, _owners())
    assert not any(scope == f"chat {asha.chat.id}" for scope, _ in telegram.commands)


async def test_an_owner_who_never_wrote_is_met_later_and_nobody_is_told_twice(line, telegram):
    bot, connections = line.account.bot, line.account._connections
    telegram.pardons.add("chat not found")
    await present_to_admins(bot, connections, _owners(5_000_000_077))
    assert not any(scope.startswith("chat ") for scope, _ in telegram.commands)
    await TelegramPerson(telegram, 5_000_000_077, name="Om").says("hello")
    for _ in range(3):
        await present_to_admins(bot, connections, _owners(5_000_000_077))
    told = [call for call in telegram.made("setMyCommands") if call.params["scope"]["type"] == "chat"]
    assert len(told) == len(LANGUAGES)
