"""The base of everything that is stored: frozen, strict about numbers, lenient about fields it does not know yet.

A newer release may have written fields this one has never heard of, so unknown fields are ignored on reading; what is
read by people (the menu file, HTTP bodies) is checked by stricter models of its own.
"""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Document(Model):
    """A stored document. Its `id` is MongoDB's `_id`; enums and amounts are stored as plain text and integers."""

    id: str

    def to_document(self) -> dict[str, Any]:
        fields = self.model_dump(mode="json")
        return {"_id": fields.pop("id"), **fields}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Self:
        return cls.model_validate({**document, "id": document["_id"]})
