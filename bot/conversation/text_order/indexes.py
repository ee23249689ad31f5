"""The order indexes of the menus in use: one for each outlet and menu version, built in a thread."""

import asyncio
from collections import OrderedDict

from bot.conversation.text_order.index import OrderIndex, build_index
from core.background import beside
from core.ids import OutletId
from core.menu.snapshot import MenuSnapshot

_KEPT = 64  # outlets × the versions that messages in flight still look at


class OrderIndexes:
    def __init__(self, kept: int = _KEPT) -> None:
        self._kept = kept
        self._built: OrderedDict[tuple[OutletId, str], OrderIndex] = OrderedDict()
        self._latest: dict[OutletId, OrderIndex] = {}
        self._building: dict[tuple[OutletId, str], asyncio.Task[OrderIndex]] = {}

    async def of(self, menu: MenuSnapshot) -> OrderIndex:
        """The index of this menu. It is built off the loop for the first who asks; others wait for it."""
        key = (menu.outlet.id, menu.version)
        if (index := self._built.get(key)) is not None:
            self._built.move_to_end(key)
            return index
        task = self._building.get(key)
        if task is None:
            task = self._building[key] = asyncio.create_task(self._build(key, menu))
            task.add_done_callback(lambda _: self._building.pop(key, None))
        return await asyncio.shield(task)

    async def _build(self, key: tuple[OutletId, str], menu: MenuSnapshot) -> OrderIndex:
        index = await beside(_index, menu, self._latest.get(menu.outlet.id))
        self._built[key] = self._latest[menu.outlet.id] = index
        while len(self._built) > self._kept:
            (outlet, _), dropped = self._built.popitem(last=False)
            if self._latest.get(outlet) is dropped:
                del self._latest[outlet]
        return index


def _index(menu: MenuSnapshot, latest: OrderIndex | None) -> OrderIndex:
    """A dish that sold out, or a new price, leaves all names as they were: then the words are not read again."""
    items = tuple(menu.items.values())
    return (latest and latest.showing(items)) or build_index(items)
