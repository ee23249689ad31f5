"""Day books in MongoDB."""

from pymongo.errors import DuplicateKeyError

from core.connections import Collection, Database
from core.daybook.models import DayBook

DAYBOOKS = "daybooks"


class DayBookStore:
    def __init__(self, db: Database) -> None:
        self._books: Collection = db[DAYBOOKS]

    async def get(self, book_id: str) -> DayBook | None:
        document = await self._books.find_one({"_id": book_id})
        return None if document is None else DayBook.from_document(document)

    async def put(self, book: DayBook) -> bool:
        """Write it, or over the version before it. False: somebody else was faster. Atomic."""
        if book.v == 1:
            try:
                await self._books.insert_one(book.to_document())
            except DuplicateKeyError:
                return False
            return True
        result = await self._books.replace_one({"_id": book.id, "v": book.v - 1}, book.to_document())
        return bool(result.modified_count)
