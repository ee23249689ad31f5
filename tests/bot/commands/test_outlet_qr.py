"""`tiffin outlet qr`: what is printed leads to the table it stands on."""

import re
from html import unescape
from io import BytesIO

import pytest
import segno
import typer
from aiohttp import web
from aiohttp.test_utils import TestServer
from PIL import Image

from bot.commands.outlet_qr import PNG_SCALE, QUIET_ZONE, NoName, bot_name, public, sheet, table_codes, write
from core.start_links import read_table_token
from tests.conftest import make_settings
from tests.core.outlets.builders import an_outlet

SETTINGS = make_settings(public_url="https://order.example.in")
AT_HOME = make_settings()
MG_ROAD = an_outlet(tables=("T1", "T2", "Patio 1"))
TOKEN = "41:AAtoken-of-the-tests"


def payload(link: str) -> str:
    return link.partition("start=")[2]


def modules(png: bytes) -> list[list[int]]:
    """The code as it is printed: dark modules of the picture, without its quiet zone."""
    with Image.open(BytesIO(png)) as picture:
        grey = picture.convert("L")
        count = grey.width // PNG_SCALE - 2 * QUIET_ZONE
        centre = PNG_SCALE // 2

        def dark(row: int, column: int) -> int:
            x, y = (PNG_SCALE * (QUIET_ZONE + place) + centre for place in (column, row))
            return int(int(grey.getpixel((x, y))) < 128)  # type: ignore[arg-type]

        return [[dark(row, column) for column in range(count)] for row in range(count)]


def test_every_table_gets_a_link_that_signs_for_it():
    codes = table_codes(SETTINGS, MG_ROAD, "TiffinBot")
    assert [code.table for code in codes] == ["T1", "T2", "Patio 1"]
    for code in codes:
        assert re.fullmatch(r"https://t\.me/TiffinBot\?start=[A-Za-z0-9_-]{1,64}", code.telegram)
        assert code.web.startswith("https://order.example.in/?start=")
        for link in (code.telegram, code.web):
            hint = read_table_token(SETTINGS, payload(link))
            assert hint is not None
            assert (hint.outlet, hint.table, hint.signed) == ("mgroad", code.table, True)
    assert len({code.link for code in codes}) == 3


@pytest.mark.parametrize(
    ("settings", "bot", "telegram", "web"),
    [
        (SETTINGS, "TiffinBot", True, True),
        (SETTINGS, "", False, True),
        (AT_HOME, "TiffinBot", True, False),
        (AT_HOME, "", False, True),
    ],
)
def test_only_links_somebody_can_open_are_printed(settings, bot, telegram, web):
    (code, *_) = table_codes(settings, MG_ROAD, bot)
    assert (bool(code.telegram), bool(code.web)) == (telegram, web)
    assert code.link


def test_the_pictures_hold_what_was_meant(tmp_path):
    codes = table_codes(SETTINGS, MG_ROAD, "TiffinBot")
    write(tmp_path / "new" / "folder", MG_ROAD, codes)
    folder = tmp_path / "new" / "folder"
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        [f"{table}{kind}.{end}" for table in ("T1", "T2", "Patio-1") for kind in ("", "-web") for end in ("svg", "png")]
        + ["sheet.html"]
    )
    for code in codes:
        for file, link in ((code.file, code.telegram), (f"{code.file}-web", code.web)):
            drawn = modules((folder / f"{file}.png").read_bytes())
            assert drawn == [list(row) for row in segno.make_qr(link, error="m").matrix]
            assert "<svg" in (folder / f"{file}.svg").read_text()
    write(folder, MG_ROAD, codes)  # made again, over what is there


def test_tables_whose_names_look_alike_keep_a_file_each(tmp_path):
    outlet = an_outlet(tables=("T 1", "t 1", "T1", "t1"))
    codes = table_codes(SETTINGS, outlet, "")
    assert len({code.file.lower() for code in codes}) == 4
    write(tmp_path, outlet, codes)
    assert len(list(tmp_path.glob("*.png"))) == 4


def test_the_sheet_shows_each_table_and_trusts_no_name():
    outlet = an_outlet(name="<b>Tiffin</b> & Söhne", tables=("T1", "T2"))
    page = sheet(outlet, table_codes(SETTINGS, outlet, "TiffinBot"))
    assert "<b>Tiffin" not in page
    assert "<b>Tiffin</b> & Söhne" in unescape(page)
    assert page.count("<article>") == 2
    assert page.count("<svg") == 4
    assert "Table T2" in page
    assert "size: A4" in page
    alone = sheet(outlet, table_codes(SETTINGS, outlet, ""))
    assert alone.count("<svg") == 2
    assert "Without Telegram" not in alone


@pytest.mark.parametrize(
    ("url", "reachable"),
    [
        ("https://order.example.in", True),
        ("http://192.168.1.20:8080", True),
        ("http://127.0.0.1:8080", False),
        ("http://[::1]:8080", False),
        ("http://localhost:8080", False),
    ],
)
def test_an_address_of_this_machine_is_no_address_for_guests(url, reachable):
    assert public(make_settings(public_url=url)) is reachable


async def test_the_bots_name_is_asked_of_telegram():
    async def get_me(request: web.Request) -> web.Response:
        if request.match_info["token"] != TOKEN:
            return web.json_response({"ok": False, "error_code": 401, "description": "Unauthorized"}, status=401)
        return web.json_response({"ok": True, "result": {"id": 41, "is_bot": True, "username": "TiffinBot"}})

    app = web.Application()
    app.router.add_get("/bot{token}/getMe", get_me)
    async with TestServer(app) as server:
        address = str(server.make_url("")).rstrip("/")
        assert await bot_name(make_settings(telegram_bot_token=TOKEN, telegram_api_url=address)) == "TiffinBot"
        with pytest.raises(NoName, match="does not know a bot"):
            await bot_name(make_settings(telegram_bot_token="42:wrong", telegram_api_url=address))
    with pytest.raises(NoName) as away:
        await bot_name(make_settings(telegram_bot_token=TOKEN, telegram_api_url=address))
    assert TOKEN not in str(away.value)
    assert away.value.__cause__ is None
    assert await bot_name(make_settings()) == ""


@pytest.mark.parametrize("bot", ["ab", "has space", "https://t.me/x", "a/../b", "x" * 40])
def test_what_is_no_bots_name_is_refused_before_anything_is_written(tmp_path, monkeypatch, bot, capsys):
    from bot.commands import outlet_qr

    async def found(code):
        return MG_ROAD

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(outlet_qr, "_outlet", found)
    with pytest.raises(typer.Exit):
        outlet_qr.run("mgroad", out=None, bot=bot)
    assert "cannot be a bot's name" in capsys.readouterr().out
    assert not (tmp_path / "qr-mgroad").exists()
