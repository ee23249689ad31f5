"""Pictures and documents: fetched from our own web door, uploaded, and from then on named by Telegram's id for them."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from posixpath import basename
from urllib.parse import urljoin, urlsplit

from telegram import InputFile, Message
from telegram.constants import FileSizeLimit
from telegram.error import TelegramError

from bot.channels.pictures import raster
from core.logs import get_logger

log = get_logger(__name__)

Fetch = Callable[[str], Awaitable[bytes]]

KEPT = 1024  # pictures, not people: as many dishes as there are


@dataclass(frozen=True, slots=True)
class _Known:
    file_id: str
    unique_ids: frozenset[str]  # one for each size Telegram made of it


class Files:
    """`bases` are the addresses our own web door may answer at, the nearest first and the public one last."""

    def __init__(self, fetch: Fetch, *bases: str) -> None:
        self._fetch = fetch
        self.bases = bases
        self._known: OrderedDict[str, _Known] = OrderedDict()

    async def picture(self, path: str) -> str | InputFile | None:
        """What to send as the picture: its id at Telegram, else the file. None when it cannot be had."""
        known = self._known.get(path)
        if known is not None:
            self._known.move_to_end(path)
            return known.file_id
        wanted = raster(path)
        file = await self._fetched(wanted, int(FileSizeLimit.PHOTOSIZE_UPLOAD))
        return InputFile(file, filename=basename(urlsplit(wanted).path) or "picture") if file else None

    async def document(self, url: str, name: str) -> InputFile | None:
        file = await self._fetched(url, int(FileSizeLimit.FILESIZE_UPLOAD))
        return InputFile(file, filename=name) if file else None

    def learn(self, path: str, message: Message) -> None:
        """Keep the id of a picture that has just been sent."""
        if message.photo:
            unique = frozenset(size.file_unique_id for size in message.photo)
            self._known[path] = _Known(message.photo[-1].file_id, unique)
            self._known.move_to_end(path)
            if len(self._known) > KEPT:
                self._known.popitem(last=False)

    def forget(self, path: str) -> None:
        self._known.pop(path, None)

    def is_shown(self, path: str, unique_id: str) -> bool:
        """Whether the picture with this id, as an update names it, is the one of `path`."""
        known = self._known.get(path)
        return known is not None and unique_id in known.unique_ids

    def address(self, path: str) -> str:
        """Where somebody else can have it."""
        return urljoin(f"{self.bases[-1]}/", path)

    async def _fetched(self, path: str, limit: int) -> bytes | None:
        failure, path = "", path.removeprefix(self.bases[-1])
        for base in self.bases:
            try:
                file = await self._fetch(urljoin(f"{base}/", path))
            except TelegramError as error:  # it comes through the library's way out, and so do its errors
                failure = type(error).__name__
                continue
            if not file or len(file) > limit:
                log.warning("telegram_file_unfit", path=urlsplit(path).path, size=len(file))
                return None
            return file
        log.warning("telegram_file_missing", path=urlsplit(path).path, error=failure)
        return None
