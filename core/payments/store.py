"""Whose a provider's payment is: written once, never changed."""

from pymongo.errors import DuplicateKeyError

from core.connections import Collection, Database
from core.payments.models import Binding

PAYMENTS = "payments"


class BindingStore:
    def __init__(self, db: Database) -> None:
        self._bindings: Collection = db[PAYMENTS]

    async def bind(self, binding: Binding) -> Binding:
        """Bind it, unless it is bound already. Answers the binding that holds."""
        try:
            await self._bindings.insert_one(binding.to_document())
        except DuplicateKeyError:
            return await self.get(binding.id) or binding
        return binding

    async def get(self, provider_id: str) -> Binding | None:
        if not provider_id[:1].isalpha():
            return None  # no provider's id; the embedded server would answer wrongly rather than with nothing
        document = await self._bindings.find_one({"_id": provider_id})
        return None if document is None else Binding.from_document(document)
