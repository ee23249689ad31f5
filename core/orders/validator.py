"""What MongoDB itself refuses to store, whatever our code believes. The embedded server ignores validators."""

from typing import Any

from core.orders.status import OrderStatus

_INTEGER = {"bsonType": ["int", "long"]}


def _sum(path: str) -> dict[str, Any]:
    return {"$sum": f"${path}"}


_ADDS_UP: dict[str, Any] = {
    "$and": [
        {"$eq": ["$bill.subtotal", _sum("bill.lines.amount")]},
        {
            "$eq": [
                "$bill.total",
                {
                    "$add": [
                        {"$subtract": ["$bill.subtotal", "$bill.discount"]},
                        _sum("bill.charges.amount"),
                        _sum("bill.taxes.amount"),
                    ]
                },
            ]
        },
        {"$gt": ["$bill.total", 0]},
    ]
}
_ADDRESS_IF_DELIVERED: dict[str, Any] = {
    "$eq": [{"$eq": ["$fulfilment", "delivery"]}, {"$ne": [{"$ifNull": ["$address", None]}, None]}]
}

ORDER_VALIDATOR: dict[str, Any] = {
    "$jsonSchema": {
        "bsonType": "object",
        "required": ["v", "checkout_id", "day_code", "outlet", "customer", "status", "bill", "due_ms", "outbox_n"],
        "properties": {
            "v": _INTEGER,
            "status": {"enum": [status.value for status in OrderStatus]},
            "due_ms": _INTEGER,
            "next_check_ms": _INTEGER,
            "outbox_n": _INTEGER,
            "bill": {
                "bsonType": "object",
                "required": ["currency", "lines", "subtotal", "total"],
                "properties": {
                    "subtotal": _INTEGER,
                    "discount": _INTEGER,
                    "total": _INTEGER,
                    "lines": {
                        "bsonType": "array",
                        "minItems": 1,
                        "items": {
                            "bsonType": "object",
                            "properties": {"qty": _INTEGER, "unit": _INTEGER, "amount": _INTEGER},
                        },
                    },
                },
            },
        },
    },
    "$expr": {"$and": [_ADDS_UP, _ADDRESS_IF_DELIVERED]},
}
