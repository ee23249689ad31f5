"""The `tiffin` command as somebody types it."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.commands.check import Mark, Verdict, verdicts
from core.connections import Connections, Index, ensure_indexes
from core.indexes import all_indexes
from core.settings import Settings
from tests.conftest import JWT_SECRET, OTP_SECRET

ROOT = Path(__file__).parents[3]


ENOUGH = {
    "JWT_SECRET": JWT_SECRET,
    "OTP_SECRET": OTP_SECRET,
    "PAYMENT_PROVIDER": "sandbox",
    "SMS_PROVIDERS": "console",
}


def tiffin(*words: str, folder: Path, module: str = "bot.cli", **environment: str) -> subprocess.CompletedProcess[str]:
    """The command in an environment that holds `environment` and what measures coverage, nothing else."""
    measured = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
    return subprocess.run(
        [sys.executable, "-m", module, *words],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": os.defpath, **measured, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_help_names_every_command_within_half_a_second(tmp_path):
    took = []
    for _ in range(3):
        begun = time.perf_counter()
        shown = tiffin("--help", folder=tmp_path)
        took.append(time.perf_counter() - begun)

    assert shown.returncode == 0
    for command in ("demo", "run", "check", "menu", "outlet", "simulate"):
        assert re.search(rf"^  {command} ", shown.stdout, re.MULTILINE)
    assert min(took) < 0.5


@pytest.mark.parametrize(
    "words",
    [
        ["demo"],
        ["run"],
        ["check"],
        ["menu", "import"],
        ["menu", "export"],
        ["outlet", "add"],
        ["outlet", "list"],
        ["simulate"],
    ],
    ids=" ".join,
)
def test_each_command_says_what_it_does(tmp_path, words):
    shown = tiffin(*words, "--help", folder=tmp_path)

    assert shown.returncode == 0
    assert f"Usage: python -m bot.cli {' '.join(words)}" in shown.stdout


def test_a_start_without_settings_names_them_all_and_shows_no_traceback(tmp_path):
    refused = tiffin("run", folder=tmp_path)

    assert refused.returncode == 1
    assert refused.stdout == ""
    assert refused.stderr.startswith("JWT_SECRET is missing.")
    assert "Traceback" not in refused.stderr
    assert len(refused.stderr.splitlines()) == 8


def test_the_bot_alone_has_nothing_to_do_while_no_chat_is_polled_and_says_what_to_run(tmp_path):
    said = tiffin(folder=tmp_path, module="bot", **ENOUGH)

    assert said.returncode == 1
    assert "the web chat is part of webhooks" in said.stderr.splitlines()[-1]
    assert "settings_doubt" in said.stderr, "and what is doubtful about the settings is logged"


def test_check_names_what_is_missing_and_ends_with_an_error(tmp_path):
    shown = tiffin("check", folder=tmp_path)

    assert shown.returncode == 1
    assert "✗ settings  JWT_SECRET is missing." in shown.stdout
    assert "Tiffin would not serve guests well like this." in shown.stdout


def test_check_of_the_demo_is_good_on_a_machine_with_nothing(tmp_path):
    shown = tiffin("check", "--demo", folder=tmp_path)

    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert re.search(r"^✓ redis +127\.0\.0\.1:\d+ answers in \d+ ms$", shown.stdout, re.MULTILINE)
    assert re.search(r"^✓ mongodb +127\.0\.0\.1:\d+, database tiffin, answers", shown.stdout, re.MULTILINE)
    assert re.search(r"^✓ indexes +\d+ of \d+ come with the first start$", shown.stdout, re.MULTILINE)


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """The verdicts in an environment that holds exactly what the test says."""

    async def ask(**environment: str) -> list[Verdict]:
        monkeypatch.chdir(tmp_path)
        for name in Settings.model_fields:
            monkeypatch.delenv(name.upper(), raising=False)
        for name, value in {**ENOUGH, **environment}.items():
            monkeypatch.setenv(name, value)
        return [verdict async for verdict in verdicts(demo=False)]

    return ask


async def test_check_names_a_store_that_is_down_and_hides_its_password(said):
    found = await said(
        REDIS_URL="redis://:pass-of-redis@127.0.0.1:1/0", MONGODB_URL="mongodb://u:pass-of-mongo@127.0.0.1:1/"
    )
    bad = {verdict.what: verdict.said for verdict in found if verdict.mark is Mark.BAD}

    assert bad.keys() == {"redis", "mongodb"}
    assert bad["redis"].startswith("127.0.0.1:1 does not answer: ")
    assert bad["mongodb"].startswith("127.0.0.1:1 does not answer: ")
    assert "pass-of" not in str(found)


def addresses(stores: Settings, database_name: str) -> dict[str, str]:
    assert stores.redis_url is not None
    assert stores.mongodb_url is not None
    return {
        "REDIS_URL": stores.redis_url.get_secret_value(),
        "MONGODB_URL": stores.mongodb_url.get_secret_value(),
        "MONGODB_DB": database_name,
    }


async def test_check_says_when_every_index_stands(said, stores, connections: Connections, database_name):
    await ensure_indexes(connections.mongo, all_indexes())

    found = await said(**addresses(stores, database_name))

    assert Verdict(Mark.GOOD, "indexes", f"all {len(all_indexes())} stand") in found
    assert not [verdict for verdict in found if verdict.mark is Mark.BAD]


async def test_check_is_not_content_with_data_that_lacks_its_index(
    said, stores, connections: Connections, database_name, monkeypatch
):
    monkeypatch.setattr("bot.commands.check.all_indexes", lambda: [Index("dishes", ("code",), unique=True)])
    await connections.mongo.dishes.insert_one({"_id": "dish_1", "code": "dosa"})

    found = await said(**addresses(stores, database_name))

    assert [verdict.said for verdict in found if verdict.mark is Mark.BAD] == [
        "missing although there is data: dishes(code); starting Tiffin builds them"
    ]


async def test_check_doubts_a_redis_that_forgets(said, stores, connections: Connections, database_name):
    kept = (await connections.redis.config_get("appendonly"))["appendonly"] or "no"
    await connections.redis.config_set("appendonly", "no")
    await connections.redis.config_set("maxmemory", "900mb")
    await connections.redis.config_set("maxmemory-policy", "allkeys-lru")
    try:
        found = await said(**addresses(stores, database_name))
    finally:
        await connections.redis.config_set("maxmemory", "0")
        await connections.redis.config_set("maxmemory-policy", "noeviction")
        await connections.redis.config_set("appendonly", kept)

    doubted = " ".join(verdict.said for verdict in found if verdict.mark is Mark.DOUBT and verdict.what == "redis")
    assert "appendonly is off" in doubted
    assert "maxmemory-policy is allkeys-lru" in doubted


async def test_check_beside_a_tiffin_that_holds_the_folder_uses_its_stores(said, tmp_path):
    from core.embedded import embedded_stores
    from tests.conftest import make_settings

    async with embedded_stores(make_settings(tiffin_data=tmp_path / ".tiffin")):
        found = await said()

    assert {verdict.what for verdict in found if verdict.mark is Mark.GOOD} == {
        "settings",
        "redis",
        "mongodb",
        "indexes",
    }
