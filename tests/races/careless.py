"""A demo as a process of its own; `unguarded`, carts are not frozen and nobody holds a lane for themselves.

python -m tests.races.careless as-it-is|unguarded PORT
"""

import sys

from bot.commands import demo
from core.cart.service import CartService
from core.clock import SystemClock
from core.ids import CheckoutId, CustomerId, new_id
from core.lanes.models import WorkItem
from core.lanes.store import WorkStore


def unguarded() -> None:
    """Each tap gets a checkout of its own, and whoever sees a piece of work does it."""
    freeze = CartService.freeze

    async def forgetful(self: CartService, customer: CustomerId, version: int) -> object:
        frozen = await freeze(self, customer, version)
        return frozen.model_copy(update={"checkout_id": CheckoutId(new_id("chk"))})

    async def keep(self: CartService, customer: CustomerId, checkout_id: CheckoutId) -> bool:
        return False

    async def free_for_all(self: WorkStore[WorkItem], lane: str) -> int:
        return SystemClock().ms()

    async def anybodys(self: WorkStore[WorkItem], item: WorkItem, fence: int) -> WorkItem:
        return item

    for owner, name, method in (
        (CartService, "freeze", forgetful),
        (CartService, "clear_if", keep),
        (WorkStore, "take_lane", free_for_all),
        (WorkStore, "claim", anybodys),
    ):
        setattr(owner, name, method)


if __name__ == "__main__":
    if sys.argv[1] == "unguarded":
        unguarded()
    demo.run(port=int(sys.argv[2]), show=False)
