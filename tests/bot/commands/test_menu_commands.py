"""`tiffin menu` and `tiffin outlet` as an owner types them."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from bot.commands.outlet import state
from core.clock import FrozenClock, to_ms
from core.connections import Database
from core.settings import Settings
from tests.bot.commands.test_cli import tiffin
from tests.conftest import LUNCH
from tests.core.menu.builders import A_FILE
from tests.core.outlets.builders import an_outlet, open_from

Command = Callable[..., "CompletedProcess[str]"]


@pytest.fixture
def command(stores: Settings, mongo: Database, redis: object, database_name: str, tmp_path: Path) -> Command:
    """The command beside the stores of this test; nothing else is set, no secret either."""
    assert stores.redis_url is not None
    assert stores.mongodb_url is not None
    addresses = {
        "REDIS_URL": stores.redis_url.get_secret_value(),
        "MONGODB_URL": stores.mongodb_url.get_secret_value(),
        "MONGODB_DB": database_name,
        "MONGODB_DRIVER": stores.mongodb_driver,
        "COLUMNS": "200",
    }
    return lambda *words: tiffin(*words, folder=tmp_path, **addresses)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "menu.yaml"
    path.write_text(A_FILE, encoding="utf-8")
    return path


def test_a_menu_goes_in_and_is_told_and_comes_out_as_it_was(command: Command, file: Path, tmp_path: Path):
    tried = command("menu", "import", "--dry-run", str(file))
    assert "Nothing has been changed" in tried.stdout
    assert "no outlet yet" in command("outlet", "list").stdout
    done = command("menu", "import", str(file))
    assert done.returncode == 0, done.stderr
    assert "Tiffin, MG Road · mgroad (new)" in done.stdout
    assert "added    Masala Dosa, Paneer Tikka, Chicken 65" in done.stdout
    assert "is what the file says" in command("menu", "import", str(file)).stdout

    written = tmp_path / "out.yaml"
    assert command("menu", "export", str(written)).returncode == 0
    assert "is what the file says" in command("menu", "import", str(written)).stdout
    shown = command("menu", "export", "-")
    assert shown.stdout == written.read_text(encoding="utf-8")


def test_an_import_tells_prices_additions_and_removals_in_a_few_lines(command: Command, file: Path):
    command("menu", "import", str(file))
    text = (
        A_FILE.replace("price: 110", "price: 115.50").replace("Chicken 65", "Chicken 66").replace("diet: V", "diet: E")
    )
    file.write_text(text.replace("T1-T12", "T1-T9"), encoding="utf-8")
    shown = command("menu", "import", str(file)).stdout
    for line in (
        "outlet   tables",
        "added    Chicken 66",
        "removed  Chicken 65",
        "prices   Masala Dosa ₹110 → ₹115.50",
        "changed  Masala Dosa (diet), Paneer Tikka (diet)",
        "as is    0",
    ):
        assert line in shown


def test_a_broken_file_names_its_lines_and_changes_nothing(command: Command, file: Path):
    command("menu", "import", str(file))
    before = command("menu", "export", "-").stdout
    file.write_text(A_FILE.replace("price: 110", "price: 99").replace("fee: 40.50", "fee: free"), encoding="utf-8")
    refused = command("menu", "import", str(file))
    assert refused.returncode == 1
    assert f"{file}, line 17: `free` is no amount; write rupees such as `240` or `240.50`." in refused.stdout
    assert "One mistake in the file; nothing was changed." in refused.stdout
    assert command("menu", "export", "-").stdout == before


def test_there_is_nothing_to_export_before_there_is_an_outlet_and_a_folder_that_is_not_there_is_told(
    command: Command, file: Path, tmp_path: Path
):
    nothing = command("menu", "export", str(tmp_path / "out.yaml"))
    assert (nothing.returncode, "no outlet yet" in nothing.stdout) == (1, True)
    command("menu", "import", str(file))
    nowhere = command("menu", "export", str(tmp_path / "none" / "out.yaml"))
    assert (nowhere.returncode, "cannot be written" in nowhere.stdout) == (1, True)


def test_a_branch_is_opened_like_another_and_listed(command: Command, file: Path):
    command("menu", "import", str(file))
    facts = ["--address", "80 Feet Road", "--city", "Bengaluru"]
    opened = command(
        "outlet", "add", "kora", "Tiffin, Koramangala", "--like", "mgroad", *facts, "--phone", "+918041234599"
    )
    assert opened.returncode == 0, opened.stderr
    assert "with 3 dishes of mgroad" in opened.stdout
    listed = command("outlet", "list").stdout
    assert [line.split()[0] for line in listed.splitlines()] == ["Code", "mgroad", "indira", "kora"]
    assert "dine-in, takeaway, delivery" in listed

    invited = command("outlet", "invite", "kora", "kitchen")
    assert (invited.returncode, "/join " in invited.stdout) == (0, True)
    nowhere = command("outlet", "invite", "nowhere", "kitchen")
    assert (nowhere.returncode, "no outlet nowhere" in nowhere.stdout) == (1, True)

    again = command("outlet", "add", "kora", "Again", "--like", "mgroad", *facts, "--phone", "+918041234599")
    assert (again.returncode, "kora already" in again.stdout) == (1, True)
    wrong = command("outlet", "add", "KORA", "Again", "--like", "mgroad", *facts, "--phone", "12")
    assert (wrong.returncode, "cannot be an outlet's code" in wrong.stdout, "no phone number" in wrong.stdout) == (
        1,
        True,
        True,
    )
    unlike = command("outlet", "add", "kora2", "Again", "--like", "moon", *facts, "--phone", "+918041234599")
    assert (unlike.returncode, "no outlet moon" in unlike.stdout) == (1, True)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "open until 22:45"),
        ({"hours": open_from("00:00", "24:00")}, "open"),
        ({"hours": open_from("18:00", "23:00")}, "closed until Mon 18:00"),
        ({"hours": ()}, "closed"),
        ({"paused_until_ms": to_ms(LUNCH + timedelta(hours=1))}, "paused until Mon 13:30"),
        ({"paused_until_ms": to_ms(LUNCH + timedelta(hours=1)), "hours": ()}, "paused"),
    ],
)
def test_the_list_says_in_a_few_words_whether_an_outlet_takes_orders(changes, said, clock: FrozenClock):
    assert state(clock.now(), an_outlet(**changes)) == said
