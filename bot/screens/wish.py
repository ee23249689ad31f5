"""Typed wishes: a text order becomes cart lines, a dish's name becomes a search, a link becomes a start."""

from bot.conversation.screen import Goto, NotUnderstood, Step
from bot.conversation.states import State
from bot.conversation.text import Text
from bot.conversation.text_order import (
    Kind,
    OrderIndexes,
    ParsedLine,
    ParsedOrder,
    Problem,
    ProblemKind,
    parse,
    table_named,
)
from bot.conversation.turn import Turn
from bot.screens.adding import add_line, usual_choices
from bot.screens.draft import line_data
from bot.screens.menu import search
from bot.screens.walk import choose_outlet, onward
from core.cart.models import MAX_QTY, CartLine
from core.customers.names import clean_text
from core.ids import OutletId
from core.menu.models import MenuItem
from core.outlets.models import Fulfilment, Outlet
from core.start_links import TableHint, read_reorder_token, read_table_token

MAX_WISH = 300
MAX_QUERY = 60


class Wishes:
    """Understands what was typed where no screen asked for it."""

    def __init__(self) -> None:
        self._indexes = OrderIndexes()

    def start(self, turn: Turn, payload: str) -> Step:
        """The chat was opened, perhaps by a link. What a link says is a hint; only a signed table is believed."""
        settings = turn.services.settings
        hint = read_table_token(settings, payload)
        if hint is not None:
            return self._at_table(turn, hint)
        order = read_reorder_token(settings, payload, turn.customer_id)
        if order is not None:
            return Goto(State.ORDER, {"id": order})
        kind, _, code = payload.partition("_")
        outlet = turn.services.outlets.get(OutletId(code)) if kind == "o" else None
        if outlet is not None:
            choose_outlet(turn, outlet)
        return Goto(State.HELLO)

    @staticmethod
    def _at_table(turn: Turn, hint: TableHint) -> Step:
        outlet = turn.services.outlets.get(hint.outlet)
        if outlet is None:
            return Goto(State.HELLO)
        choose_outlet(turn, outlet)
        if hint.table not in outlet.tables or Fulfilment.DINE_IN not in outlet.fulfilments:
            return Goto(State.HELLO)
        if not hint.signed:
            turn.session = turn.session.but(fulfilment=Fulfilment.DINE_IN, table="")
            turn.notice(turn.texts.say("Are you at table *{table}*? Please tap it.", table=hint.table))
            return Goto(State.TABLE)
        turn.session = turn.session.but(table=hint.table, fulfilment=Fulfilment.DINE_IN)
        turn.notice(turn.texts.say("You are at table *{table}*.", table=hint.table))
        return Goto(State.HELLO)

    async def understand(self, turn: Turn, text: str) -> Step:
        """A text order, or a dish to look for. NotUnderstood when it is neither."""
        outlet = turn.outlet if turn.session.outlet is not None else turn.services.outlets.all()[0]
        parsed = await self._parsed(turn, text, outlet)
        if parsed.wants_human:
            turn.notice(
                turn.texts.say("That is for a person. Write it once more here and the restaurant reads it at once.")
            )
            return Goto(State.HUMAN)
        if parsed.lines or parsed.ambiguous or parsed.problems:
            if turn.session.outlet is None:
                turn.session = turn.session.but(wish=text[:MAX_WISH])
                turn.notice(turn.texts.say("Good choice. A word on where first, then it goes into your cart."))
                return onward(turn)
            return await self._order(turn, parsed)
        if turn.session.outlet is None:
            return NotUnderstood()
        query = clean_text(text, MAX_QUERY + 1)
        found = search(turn, query) if len(query) <= MAX_QUERY else []
        if found:
            return Goto(State.SEARCH, {"items": [item.id for item in found], "query": query})
        if parsed.unknown:
            turn.notice(turn.texts.say("Not found on the menu: {names}.", names=", ".join(parsed.unknown)))
        return NotUnderstood()

    async def remembered(self, turn: Turn) -> Step | None:
        """The wish typed before the branch was chosen, now that it is."""
        wish, turn.session = turn.session.wish, turn.session.but(wish="")
        parsed = await self._parsed(turn, wish, turn.outlet)
        return await self._order(turn, parsed) if parsed.lines or parsed.ambiguous else None

    async def _parsed(self, turn: Turn, text: str, outlet: Outlet) -> ParsedOrder:
        index = await self._indexes.of(turn.services.menu.snapshot(outlet.id))
        return parse(text, index, turn.session.language)

    async def _order(self, turn: Turn, parsed: ParsedOrder) -> Step:
        """Put what is clear into the cart, ask about what is not, and show the cart as the echo."""
        texts = turn.texts
        if (named := _just_named(parsed)) is not None:
            chosen = [f"{usual.group}={usual.choice}" for usual in usual_choices(named)]
            return Goto(State.ITEM, {"item": named.id, "chosen": chosen})
        self._hints(turn, parsed)
        waiting: list[CartLine] = []
        for number, line in enumerate(parsed.lines, 1):
            if line.kind not in (Kind.ADD, Kind.CHANGE):
                await self._change(turn, line, number)
            elif line.complete:
                await add_line(turn, line.cart_line(), part=number)
            else:
                waiting.append(_incomplete(line))
        for problem in parsed.problems:
            turn.notice(_trouble(turn, problem))
        if parsed.unknown:
            turn.notice(texts.say("Not found on the menu: {names}.", names=", ".join(parsed.unknown)))
        if waiting:
            turn.session = turn.session.but(queue=tuple(waiting[1:]))
            return Goto(State.ITEM, line_data(waiting[0]))
        if parsed.ambiguous:
            unsure = parsed.ambiguous[0]
            turn.notice(texts.say("Which “{heard}” do you mean?", heard=unsure.heard))
            turn.session = turn.session.but(candidates=tuple(_incomplete(line) for line in unsure.candidates))
            return Goto(State.SEARCH, {"items": [line.item.id for line in unsure.candidates], "query": unsure.heard})
        return Goto(State.CART)

    @staticmethod
    def _hints(turn: Turn, parsed: ParsedOrder) -> None:
        """“Bring to table 7”, “for takeaway”: taken up where this branch offers it."""
        outlet = turn.outlet
        table = table_named(parsed.table_hint, outlet.tables)
        if table and Fulfilment.DINE_IN in outlet.fulfilments:
            turn.session = turn.session.but(table=table, fulfilment=Fulfilment.DINE_IN)
        elif parsed.fulfilment_hint in outlet.fulfilments:
            turn.session = turn.session.but(fulfilment=parsed.fulfilment_hint)

    @staticmethod
    async def _change(turn: Turn, wanted: ParsedLine, number: int) -> None:
        """“Remove the naan”, “make it 3 naan”: to every line of that dish, or to the one of the size that was said."""
        texts, services = turn.texts, turn.services
        cart = await services.cart.get(turn.customer_id)
        lines = [
            line
            for line in cart.lines
            if line.item == wanted.item.id and wanted.variant in (None, line.variant, wanted.item.variants[0].code)
        ]
        if not lines:
            turn.notice(texts.say("{dish} is not in your cart.", dish=wanted.item.name))
            return
        for line in lines:
            tap = f"{turn.tap}:{number}:{line.id}"
            left = wanted.qty if wanted.kind is Kind.SET else max(0, line.qty - wanted.qty) if wanted.qty else 0
            await services.cart.set_qty(turn.customer_id, line.id, left, tap)
        turn.notice(texts.say("Changed: {dish}.", dish=wanted.item.name))


def _just_named(parsed: ParsedOrder) -> MenuItem | None:
    """A dish's name and not a word more is a question about the dish rather than an order."""
    if parsed.asked or parsed.ambiguous or parsed.problems or parsed.unknown or len(parsed.lines) != 1:
        return None
    line = parsed.lines[0]
    said_more = line.counted or line.options or line.note or line.declined or line.kind is not Kind.ADD
    return None if said_more else line.item


def _incomplete(line: ParsedLine) -> CartLine:
    """What is known of a dish whose size or choices still have to be asked."""
    return CartLine(
        item=line.item.id, variant=line.variant or "", options=line.selections, note=line.note, qty=max(1, line.qty)
    )


def _trouble(turn: Turn, problem: Problem) -> Text:
    texts, dish = turn.texts, problem.line.item.name
    match problem.kind:
        case ProblemKind.QUANTITY | ProblemKind.FRACTION | ProblemKind.RANGE:
            return texts.say(
                "{dish}: “{said}” is no number of portions. Say 1 to {limit}.",
                dish=dish,
                said=problem.said,
                limit=MAX_QTY,
            )
        case ProblemKind.SIZE:
            return texts.say("{dish} does not come in “{said}”.", dish=dish, said=problem.said)
        case ProblemKind.OPTION_SOLD_OUT:
            return texts.say("{dish}: {said} is sold out.", dish=dish, said=problem.said)
