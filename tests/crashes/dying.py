"""The demo as a process that kills itself, without a chance to say goodbye, at a named point of the checkout.

python -m tests.crashes.dying frozen PORT
"""

import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from bot.commands import demo
from core.cart.service import CartService
from core.conversations.store import ConversationStore
from core.orders.service import OrderService


def dying(before: bool, method: Callable[..., Awaitable[Any]], when: Callable[..., bool]) -> Callable[..., Any]:
    async def wrapped(*args: Any, **named: Any) -> Any:
        if before and when(*args, **named):
            os.kill(os.getpid(), signal.SIGKILL)
        result = await method(*args, **named)
        if not before and when(*args, **named):
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return wrapped


def always(*args: Any, **named: Any) -> bool:
    return True


def shows_an_order(self: Any, chat: Any, update: str, token: str, *, state: str, **named: Any) -> bool:
    return '"state":"order"' in state


POINTS: dict[str, tuple[type, str, bool, Callable[..., bool]]] = {
    "frozen": (OrderService, "create", True, always),  # C6: the cart is frozen, there is no order yet
    "inserted": (CartService, "clear_if", True, always),  # C7: the order is there, the cart is full still
    "cleared": (CartService, "clear_if", False, always),  # the cart is empty, the guest was not answered
    "unanswered": (ConversationStore, "end", True, shows_an_order),  # all done but for the end of the turn
}


def main(point: str, port: int) -> None:
    owner, name, before, when = POINTS[point]
    setattr(owner, name, dying(before, getattr(owner, name), when))
    demo.run(port=port, show=False)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
