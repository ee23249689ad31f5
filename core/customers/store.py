"""Guests in MongoDB, with whose every handle and every proved phone is.

`_id` decides: a handle and a phone each belong to one guest, whoever asks at the same time.
"""

from pymongo.errors import DuplicateKeyError

from core.connections import Collection, Database, Index
from core.customers.models import Customer, HandleRecord, PhoneRecord
from core.ids import CustomerId, Handle, Phone

CUSTOMERS, HANDLES, PHONES = "customers", "handles", "phones"

INDEXES = (Index(HANDLES, ("customer",)), Index(PHONES, ("customer",)))


class CustomerStore:
    def __init__(self, db: Database) -> None:
        self._customers: Collection = db[CUSTOMERS]
        self._handles: Collection = db[HANDLES]
        self._phones: Collection = db[PHONES]

    async def get(self, customer: CustomerId) -> Customer | None:
        document = await self._customers.find_one({"_id": customer})
        return None if document is None else Customer.from_document(document)

    async def insert(self, customer: Customer) -> bool:
        """False: this guest is there already."""
        return await _insert(self._customers, customer.to_document())

    async def replace(self, new: Customer) -> bool:
        """Replace the version before `new`. False: somebody else was faster, or the guest is gone."""
        result = await self._customers.replace_one({"_id": new.id, "v": new.v - 1}, new.to_document())
        return bool(result.modified_count)

    async def handle(self, handle: Handle) -> HandleRecord | None:
        document = await self._handles.find_one({"_id": handle})
        return None if document is None else HandleRecord.from_document(document)

    async def handles_of(self, customer: CustomerId) -> list[HandleRecord]:
        documents = await self._handles.find({"customer": customer}).to_list(length=None)
        return [HandleRecord.from_document(document) for document in documents]

    async def insert_handle(self, record: HandleRecord) -> bool:
        """False: the handle is somebody's already."""
        document = record.to_document() | {"reachable": int(record.reachable)}  # later $set, which takes no bool
        return await _insert(self._handles, document)

    async def move_handle(self, handle: Handle, to: CustomerId) -> None:
        await self._handles.update_one({"_id": handle}, {"$set": {"customer": to}})

    async def release_handle(self, handle: Handle, customer: CustomerId) -> None:
        """Nobody's again, if it still is this guest's."""
        await self._handles.delete_one({"_id": handle, "customer": customer})

    async def set_reachable(self, handle: Handle, reachable: bool) -> None:
        await self._handles.update_one({"_id": handle}, {"$set": {"reachable": int(reachable)}})

    async def phone(self, phone: Phone) -> PhoneRecord | None:
        document = await self._phones.find_one({"_id": phone_id(phone)})
        return None if document is None else PhoneRecord.from_document(document)

    async def phones_of(self, customer: CustomerId) -> list[PhoneRecord]:
        documents = await self._phones.find({"customer": customer}).to_list(length=None)
        return [PhoneRecord.from_document(document) for document in documents]

    async def insert_phone(self, record: PhoneRecord) -> bool:
        """False: the phone is somebody's already."""
        return await _insert(self._phones, record.to_document())

    async def release_phone(self, phone: Phone, customer: CustomerId) -> None:
        """Nobody's again, if it still is this guest's."""
        await self._phones.delete_one({"_id": phone_id(phone), "customer": customer})

    async def delete_handles_and_phones(self, customer: CustomerId) -> None:
        await self._handles.delete_many({"customer": customer})
        await self._phones.delete_many({"customer": customer})


def phone_id(phone: Phone) -> str:
    return f"tel:{phone}"


async def _insert(collection: Collection, document: dict[str, object]) -> bool:
    try:
        await collection.insert_one(document)
    except DuplicateKeyError:
        return False
    return True
