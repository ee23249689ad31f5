"""The live order page: one order as a person who follows it wants to read it."""

from typing import Any

from bot.conversation.texts import Texts
from bot.screens.order import promise_line
from bot.screens.words import status_name
from core.checkout.models import BillLine
from core.orders.models import Order, OrderStatus
from core.outlets.models import Fulfilment

WALK = (
    OrderStatus.PLACED,
    OrderStatus.ACCEPTED,
    OrderStatus.PREPARING,
    OrderStatus.READY,
    OrderStatus.OUT_FOR_DELIVERY,
    OrderStatus.COMPLETED,
)


def order_page(order: Order, texts: Texts, timezone: str, now_ms: int) -> dict[str, Any]:
    """What `/track` shows. Names nobody and no address: a link is forwarded easily."""
    promised = promise_line(texts, order, timezone, now_ms)
    return {
        "code": order.code,
        "outlet": order.outlet_name,
        "status": order.status.value,
        "status_text": status_name(texts, order.status, order.fulfilment),
        "steps": _steps(order, texts, timezone, now_ms),
        "promised_text": promised.plain if promised else "",
        "lines": [_line(line, texts, order.currency) for line in order.bill.lines],
        "total_text": texts.money(order.total, order.currency),
    }


def _steps(order: Order, texts: Texts, timezone: str, now_ms: int) -> list[dict[str, Any]]:
    """The walk of this kind of order; one that ended early shows how far it came and how it ended."""
    came = {step.status: step.at_ms for step in order.history}  # of a step taken twice, the last time
    walk = [s for s in WALK if s is not OrderStatus.OUT_FOR_DELIVERY or order.fulfilment is Fulfilment.DELIVERY]
    if order.status in WALK:
        reached = walk.index(order.status)
        walk_done = {status: n <= reached for n, status in enumerate(walk)}
    else:
        walk = [*(s for s in walk if s in came), order.status]
        walk_done = dict.fromkeys(walk, order.status is not OrderStatus.AWAITING_PAYMENT)
    return [
        {
            "name": texts.t("Ordered")
            if status is OrderStatus.PLACED
            else status_name(texts, status, order.fulfilment),
            "done": walk_done[status],
            "at_text": texts.moment(came[status], timezone, now_ms) if walk_done[status] and status in came else "",
        }
        for status in walk
    ]


def _line(line: BillLine, texts: Texts, currency: str) -> dict[str, Any]:
    name = f"{line.name} ({line.variant_name})" if line.variant_name else line.name
    detail = ", ".join([*line.options, *([line.note] if line.note else [])])
    return {"name": name, "quantity": line.qty, "detail": detail, "total_text": texts.money(line.amount, currency)}
