"""Invites and their claims in MongoDB. What decides is the claim's `_id`: the second insert of it is refused."""

from datetime import timedelta

from pymongo.errors import DuplicateKeyError

from core.connections import Collection, Database, Index
from core.invites.models import Claim, Invite

INVITES, CLAIMS = "invites", "invite_claims"
INVITES_KEPT = timedelta(days=7)
CLAIMS_KEPT = timedelta(days=30)  # longer than the invites: a claim that is gone must not free a code

INDEXES: tuple[Index, ...] = ()  # found by `_id` alone, and there are few


class InviteStore:
    def __init__(self, db: Database) -> None:
        self._invites: Collection = db[INVITES]
        self._claims: Collection = db[CLAIMS]

    async def insert(self, invite: Invite) -> None:
        """Keep a fresh invite, and drop those nobody will ask for any more."""
        await self._invites.insert_one(invite.to_document())
        await self._invites.delete_many({"until_ms": {"$lt": invite.made_ms - _ms(INVITES_KEPT)}})
        await self._claims.delete_many({"at_ms": {"$lt": invite.made_ms - _ms(CLAIMS_KEPT)}})

    async def get(self, invite_id: str) -> Invite | None:
        document = await self._invites.find_one({"_id": invite_id})
        return None if document is None else Invite.from_document(document)

    async def claim(self, claim: Claim) -> bool:
        """Use the invite up. False: it was used before. However many ask at once, one hears True."""
        try:
            await self._claims.insert_one(claim.to_document())
        except DuplicateKeyError:
            return False
        return True

    async def claimed(self, invite_id: str) -> Claim | None:
        document = await self._claims.find_one({"_id": invite_id})
        return None if document is None else Claim.from_document(document)


def _ms(duration: timedelta) -> int:
    return duration // timedelta(milliseconds=1)
