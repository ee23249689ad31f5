"""Orders of the past, newest first."""

from bot.conversation.reply import Button, Reply
from bot.conversation.screen import Goto, Screen, Step, on
from bot.conversation.states import State
from bot.conversation.text import lines, paragraphs
from bot.conversation.turn import Turn
from bot.screens.order import NoOrderYet
from bot.screens.taps import OpenMenu, OpenOrders, ShowOrder
from bot.screens.words import status_name
from core.orders.models import NEVER_MS

PAGE = 5


class OrdersScreen(Screen):
    state = State.ORDERS

    async def render(self, turn: Turn) -> Reply:
        texts = turn.texts
        before = int(str(turn.session.data.get("before", 0)))
        found = await turn.services.orders.list_for(turn.customer_id, before or NEVER_MS, PAGE + 1)
        if not found:
            raise NoOrderYet()
        shown = found[:PAGE]
        rows: list[tuple[Button, ...]] = []
        told = []
        for order in shown:
            outlet = turn.services.outlets.get(order.outlet)
            when = texts.moment(order.created_ms, outlet.timezone if outlet else "Asia/Kolkata", turn.now_ms)
            amount = texts.money(order.total, order.currency)
            status = status_name(texts, order.status, order.fulfilment)
            told.append(
                texts.say(
                    "*{code}* · {when} · {amount} · {status}", code=order.code, when=when, amount=amount, status=status
                )
            )
            rows.append(
                (Button(texts.t("{code} · {amount}", code=order.code, amount=amount), ShowOrder(order=order.id)),)
            )
        turning = []
        if before:
            turning.append(Button(texts.t("◂ Newest"), OpenOrders()))
        if len(found) > PAGE:
            turning.append(Button(texts.t("Older ▸"), OpenOrders(before=shown[-1].created_ms)))
        rows.append(tuple(turning))
        rows.append((Button(texts.t("Menu"), OpenMenu()),))
        return Reply(
            paragraphs(texts.say("*Your orders*"), lines(*told)), tuple(row for row in rows if row), in_place=True
        )

    @on(OpenOrders)
    async def open(self, turn: Turn, tap: OpenOrders) -> Step:
        return Goto(State.ORDERS, {"before": tap.before})
