"""Files as they are: pages, scripts, styles, pictures of dishes."""

from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler

from core.links import PICTURE, Signer, picture_name

HERE = Path(__file__).parent
PAGES = HERE / "static"
ASKED_EACH_TIME = "no-cache"  # so that page, scripts and server are of one release
A_DAY = "public, max-age=86400"


def page(name: str) -> web.FileResponse:
    """A page without anything of the visitor in it: what it shows, it asks for itself."""
    return web.FileResponse(PAGES / name, headers={"Cache-Control": ASKED_EACH_TIME})


async def chat(request: web.Request) -> web.FileResponse:
    return page("chat.html")


def add_files(app: web.Application, signer: Signer) -> None:
    """Everything below `static` and `media`, as it is there when the program starts; nothing else can be asked for."""
    app.router.add_get("/static/{name:.+}", _of_folder(PAGES, ASKED_EACH_TIME))
    pictures = _of_folder(HERE / "media", A_DAY)
    app.router.add_get("/media/{name:.+}", pictures)

    async def signed(request: web.Request) -> web.StreamResponse:
        """A picture behind a short-lived link, for a chat service that fetches it once. Raises LinkRefused."""
        request.match_info["name"] = picture_name(signer.check(PICTURE, request.match_info["signed"]))
        return await pictures(request)

    app.router.add_get("/pictures/{signed}", signed)


def _of_folder(folder: Path, caching: str) -> Handler:
    known = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}

    async def send(request: web.Request) -> web.StreamResponse:
        path = known.get(request.match_info["name"])
        if path is None:
            raise web.HTTPNotFound
        return web.FileResponse(path, headers={"Cache-Control": caching})

    return send
