"""Invoices in MongoDB. One insert takes the number, binds it to its order and freezes what is printed.

There is no counter that could run ahead: the next number is the one after the last that was taken, and taking it is
the insert itself. A crash before it has taken nothing, one after it is found by what the paper is about; of two who
try the same number one is refused and tries the next.
"""

from pymongo.errors import AutoReconnect, DuplicateKeyError

from core.connections import Collection, Database, Index
from core.errors import StoreError
from core.ids import OrderId, OutletId
from core.invoices.models import Invoice

INVOICES = "invoices"
INDEXES = (
    Index(INVOICES, ("of",), unique=True),
    Index(INVOICES, ("place",), unique=True),
    Index(INVOICES, (("series", 1), ("n", -1))),
    Index(INVOICES, ("order",)),
    Index(INVOICES, ("outlet", "issued_ms")),
)


class InvoiceStore:
    def __init__(self, db: Database) -> None:
        self._invoices: Collection = db[INVOICES]

    async def about(self, of: str) -> Invoice | None:
        return self._read(await self._invoices.find_one({"of": of}))

    async def of_order(self, order_id: OrderId) -> list[Invoice]:
        """The invoice and what was taken back of it, in the order in which they were made."""
        found = await self._invoices.find({"order": order_id}).sort([("issued_ms", 1)]).to_list(length=None)
        return sorted(
            (Invoice.from_document(document) for document in found), key=lambda paper: int(paper.place.split(":")[1])
        )

    async def last(self, series: str) -> int:
        """The last number taken; 0: none."""
        found = await self._invoices.find({"series": series}, {"n": 1}).sort([("n", -1)]).limit(1).to_list(length=1)
        return int(found[0]["n"]) if found else 0

    async def issued(self, outlet: OutletId, since_ms: int, until_ms: int) -> list[Invoice]:
        """Everything an outlet issued from one moment to before another, oldest first."""
        wanted = {"outlet": outlet, "issued_ms": {"$gte": since_ms, "$lt": until_ms}}
        found = self._invoices.find(wanted).sort([("issued_ms", 1), ("_id", 1)])
        return [Invoice.from_document(document) for document in await found.to_list(length=None)]

    async def insert(self, paper: Invoice) -> bool:
        """False: the number, or its place among the order's papers, was taken; or it is there already. Look again."""
        try:
            await self._invoices.insert_one(paper.to_document())
        except DuplicateKeyError:
            return False
        except AutoReconnect as lost:  # it may be stored
            if await self.about(paper.of) is None:
                raise StoreError("invoice may not be stored", of=paper.of) from lost
            return False
        return True

    @staticmethod
    def _read(document: dict[str, object] | None) -> Invoice | None:
        return None if document is None else Invoice.from_document(document)
