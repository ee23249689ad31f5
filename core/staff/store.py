"""Staff in MongoDB: one document for each person at each outlet, and the names of admins, who stand on no list."""

from collections.abc import Iterable
from contextlib import suppress

from pymongo.errors import DuplicateKeyError

from core.connections import Collection, Database, Index
from core.ids import Handle, OutletId
from core.staff.models import Role, StaffMember, member_id

STAFF = "staff"
INDEXES: tuple[Index, ...] = (Index(STAFF, ("outlet",)), Index(STAFF, ("handle",)))


class StaffStore:
    def __init__(self, db: Database) -> None:
        self._staff: Collection = db[STAFF]

    async def get(self, outlet: OutletId, handle: Handle) -> StaffMember | None:
        document = await self._staff.find_one({"_id": member_id(outlet, handle)})
        return None if document is None else StaffMember.from_document(document)

    async def of_outlet(self, outlet: OutletId) -> list[StaffMember]:
        documents = await self._staff.find({"outlet": outlet}).sort("_id", 1).to_list(length=None)
        return [StaffMember.from_document(document) for document in documents]

    async def of_handle(self, handle: Handle) -> list[StaffMember]:
        documents = await self._staff.find({"handle": handle}).sort("_id", 1).to_list(length=None)
        return [StaffMember.from_document(document) for document in documents]

    async def names(self, handles: Iterable[Handle]) -> dict[str, str]:
        wanted = [_name_id(handle) for handle in sorted(handles)]
        if not wanted:
            return {}
        documents = await self._staff.find({"_id": {"$in": wanted}}).to_list(length=None)
        return {document["of"]: document["name"] for document in documents}

    async def add_name(self, handle: Handle, name: str) -> None:
        """The name heard first stays."""
        with suppress(DuplicateKeyError):
            await self._staff.insert_one({"_id": _name_id(handle), "of": handle, "name": name})

    async def insert(self, member: StaffMember) -> bool:
        """False: this person works at this outlet already."""
        try:
            await self._staff.insert_one(member.to_document())
        except DuplicateKeyError:
            return False
        return True

    async def change_role(self, outlet: OutletId, handle: Handle, role: Role, name: str, added_by: str) -> bool:
        """False: nobody of this handle works at this outlet."""
        change = {"$set": {"role": role.value, "name": name, "added_by": added_by}}
        result = await self._staff.update_one({"_id": member_id(outlet, handle)}, change)
        return bool(result.matched_count)

    async def remove(self, outlet: OutletId, handle: Handle) -> bool:
        result = await self._staff.delete_one({"_id": member_id(outlet, handle)})
        return bool(result.deleted_count)


def _name_id(handle: Handle) -> str:
    return f"name:{handle}"
