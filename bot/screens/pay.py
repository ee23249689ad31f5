"""How to pay. The tap that chooses makes the order."""

from bot.conversation.actions import Action
from bot.conversation.reply import Button, Reply, Style
from bot.conversation.screen import Goto, Screen, Step, on
from bot.conversation.states import State
from bot.conversation.text import Text, paragraphs
from bot.conversation.turn import Turn
from bot.screens.review import quote
from bot.screens.taps import StartCheckout
from bot.screens.walk import plan
from bot.screens.words import method_name
from core.checkout.errors import PhoneNeeded
from core.customers.identity import prepaid_until_ms
from core.money import Money
from core.outlets.models import PayMethod


class Pay(Action, tag="pay"):
    """Make the order of exactly this cart version at exactly this total, to be paid this way."""

    method: PayMethod
    version: int
    total: int


def prepaid_text(turn: Turn, until_ms: int) -> Text:
    return turn.texts.say(
        "Food we cooked for you was not taken more than once, so until *{date}* your orders are paid online before we "
        "cook. If that is a mistake, type *human*.",
        date=turn.texts.day(until_ms, turn.outlet.timezone),
    )


class PayScreen(Screen):
    state = State.PAY

    async def render(self, turn: Turn) -> Reply:
        texts = turn.texts
        shown = await quote(turn)
        version, total = shown.cart_version, shown.bill.total
        customer = await turn.customer()
        methods = turn.services.checkout.methods(turn.outlet, shown.bill.total, customer)
        prepaid = prepaid_until_ms(customer, turn.now_ms)
        buttons = [
            Button(
                texts.t(
                    "{method} · {amount}",
                    method=method_name(texts, m, shown.plan.fulfilment),
                    amount=texts.money(total, shown.bill.currency),
                ),
                Pay(method=m, version=version, total=total.paise),
                style=Style.PRIMARY,
            )
            for m in methods
        ]
        width = 2 if turn.capabilities.columns > 1 else 1
        rows = [tuple(buttons[i : i + width]) for i in range(0, len(buttons), width)]
        rows.append((Button(texts.t("Back to review"), StartCheckout()),))
        text = paragraphs(
            texts.say("*{amount}* to pay. How would you like to pay?", amount=texts.money(total, shown.bill.currency)),
            texts.say("_Online payments open a secure page. The kitchen starts when the money is in._")
            if any(m.online for m in methods)
            else None,
            prepaid_text(turn, prepaid) if prepaid else None,
        )
        return Reply(text, tuple(rows))

    @on(Pay)
    async def pay(self, turn: Turn, tap: Pay) -> Step:
        customer = await turn.customer()
        if not turn.session.phone:  # asked after the record was read, which knows who signed out everywhere
            raise PhoneNeeded()
        placed = await turn.services.checkout.place(
            customer,
            plan(turn, customer),
            cart_version=tap.version,
            shown_total=Money(tap.total),
            method=tap.method,
            chat=turn.incoming.chat,
            language=turn.session.language,
        )
        order = turn.order = placed.order
        if placed.first:
            await turn.services.customers.ordered(customer)
        if not placed.first and order.chat != turn.incoming.chat:
            turn.notice(turn.texts.say("This cart was just ordered from your other chat. Here is that order."))
        turn.session = turn.session.forget_checkout().but(order=order.id, state=State.ORDER)
        return Goto(State.ORDER, remember=False)
