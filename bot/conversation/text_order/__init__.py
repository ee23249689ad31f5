"""Orders in plain words. `parse` reads a message against an `OrderIndex`; `OrderIndexes` keeps one for each menu."""

from bot.conversation.text_order.hints import table_named
from bot.conversation.text_order.index import OrderIndex, build_index
from bot.conversation.text_order.indexes import OrderIndexes
from bot.conversation.text_order.models import (
    SIZE_QUESTION,
    Ambiguous,
    HumanReason,
    Kind,
    ParsedLine,
    ParsedOrder,
    Problem,
    ProblemKind,
)
from bot.conversation.text_order.parse import parse

__all__ = [
    "SIZE_QUESTION",
    "Ambiguous",
    "HumanReason",
    "Kind",
    "OrderIndex",
    "OrderIndexes",
    "ParsedLine",
    "ParsedOrder",
    "Problem",
    "ProblemKind",
    "build_index",
    "parse",
    "table_named",
]
