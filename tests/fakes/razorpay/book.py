"""Links kept in memory."""

from collections.abc import Callable

from core.payments.practice.models import PracticeLink


class MemoryBook:
    def __init__(self) -> None:
        self.links: dict[str, PracticeLink] = {}

    async def insert(self, link: PracticeLink) -> bool:
        if link.reference and await self.by_reference(link.reference) is not None:
            return False
        self.links[link.id] = link
        return True

    async def get(self, link_id: str) -> PracticeLink | None:
        return self.links.get(link_id)

    async def by_reference(self, reference: str) -> PracticeLink | None:
        return next((link for link in self.links.values() if link.reference == reference), None)

    async def recent(self, limit: int) -> list[PracticeLink]:
        return list(self.links.values())[::-1][:limit]

    async def change(self, link_id: str, change: Callable[[PracticeLink], PracticeLink]) -> PracticeLink | None:
        link = self.links.get(link_id)
        if link is None:
            return None
        self.links[link_id] = change(link)
        return self.links[link_id]
