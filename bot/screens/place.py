"""Where to order from and how to eat: branch, order type, table."""

from bot.conversation.actions import Action
from bot.conversation.incoming import Text as Typed
from bot.conversation.reply import Button, Reply
from bot.conversation.screen import Goto, NotUnderstood, Screen, Stay, Step, on
from bot.conversation.states import State
from bot.conversation.text import lines, paragraphs
from bot.conversation.turn import Turn
from bot.screens.hello import opening_line
from bot.screens.taps import GoBack, OpenFulfilment, OpenOutlets
from bot.screens.walk import choose_outlet, onward
from bot.screens.words import fulfilment_name
from core.errors import NotFound
from core.ids import OutletId
from core.outlets.models import Fulfilment


class PickOutlet(Action, tag="outlet"):
    outlet: OutletId


class PickFulfilment(Action, tag="how"):
    fulfilment: Fulfilment


class PickTable(Action, tag="table"):
    table: str


class OutletScreen(Screen):
    state = State.OUTLET

    async def render(self, turn: Turn) -> Reply:
        outlets = turn.services.outlets.all()
        buttons = tuple((Button(o.name, PickOutlet(outlet=o.id), hint=o.address[:72]),) for o in outlets)
        places = (lines(opening_line(turn, o), turn.texts.say("_{address}_", address=o.address)) for o in outlets)
        text = paragraphs(turn.texts.say("Which branch shall cook for you?"), *places)
        return Reply(text, buttons, in_place=True)

    @on(OpenOutlets)
    async def open(self, turn: Turn, tap: OpenOutlets) -> Step:
        return Goto(State.OUTLET)

    @on(PickOutlet)
    async def pick(self, turn: Turn, tap: PickOutlet) -> Step:
        outlet = turn.services.outlets.get(tap.outlet)
        if outlet is None:
            raise NotFound(what="outlet")
        choose_outlet(turn, outlet)
        return onward(turn)


class FulfilmentScreen(Screen):
    state = State.FULFILMENT

    async def render(self, turn: Turn) -> Reply:
        texts, outlet = turn.texts, turn.outlet
        buttons = tuple(
            Button(fulfilment_name(texts, how), PickFulfilment(fulfilment=how)) for how in outlet.fulfilments
        )
        return Reply(
            texts.say("How would you like your food from *{outlet}*?", outlet=outlet.name), (buttons,), in_place=True
        )

    @on(OpenFulfilment)
    async def open(self, turn: Turn, tap: OpenFulfilment) -> Step:
        if turn.session.state is State.CHANGE:
            turn.session = turn.session.but(resume=State.REVIEW)
        return Goto(State.FULFILMENT)

    @on(PickFulfilment)
    async def pick(self, turn: Turn, tap: PickFulfilment) -> Step:
        if tap.fulfilment not in turn.outlet.fulfilments:
            turn.notice(turn.texts.say("This branch does not offer that. Please choose another way."))
            return Stay()
        turn.session = turn.session.but(fulfilment=tap.fulfilment, slot=None)
        return onward(turn)


class TableScreen(Screen):
    """Which table, typed or tapped. A table's QR code skips this."""

    state = State.TABLE
    takes_numbers = True

    async def render(self, turn: Turn) -> Reply:
        texts = turn.texts
        tables = [Button(table, PickTable(table=table)) for table in turn.outlet.tables]
        width = min(turn.capabilities.columns + 1, 4)
        rows = [tuple(tables[i : i + width]) for i in range(0, len(tables), width)]
        rows.append((Button(texts.t("Back"), GoBack()),))
        return Reply(
            texts.say("Which table are you at? It is printed on the table. Tap it or type it, such as *T4*."),
            tuple(rows),
            in_place=True,
        )

    @on(PickTable)
    async def pick(self, turn: Turn, tap: PickTable) -> Step:
        if tap.table not in turn.outlet.tables:
            turn.notice(turn.texts.say("There is no table {table} here.", table=tap.table[:12]))
            return Stay()
        turn.session = turn.session.but(table=tap.table, fulfilment=Fulfilment.DINE_IN)
        return onward(turn)

    @on(Typed)
    async def typed(self, turn: Turn, said: Typed) -> Step:
        wanted = said.text.casefold().replace(" ", "").removeprefix("table").lstrip("#")
        for table in turn.outlet.tables:
            if wanted in (table.casefold(), table.casefold().lstrip("t")):
                return await self.pick(turn, PickTable(table=table))
        if len(said.text) <= 6:
            turn.notice(turn.texts.say("There is no table {table} here.", table=said.text))
            return Stay()
        return NotUnderstood()
