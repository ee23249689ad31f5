"""One order: paying for it, following it, cancelling it, where its money is."""

from datetime import timedelta

from bot.conversation.actions import Action
from bot.conversation.reply import Button, Reply, Style
from bot.conversation.screen import Answered, Goto, Screen, Step, on
from bot.conversation.states import State
from bot.conversation.text import Text, lines, paragraphs
from bot.conversation.texts import Texts
from bot.conversation.turn import Turn
from bot.invoices.handing import invoice_file, invoice_words
from bot.screens.money import money_text
from bot.screens.taps import (
    AskHuman,
    CancelOrder,
    OpenMenu,
    OpenOrders,
    OrderAgain,
    PayAgain,
    ShowInvoice,
    ShowOrder,
)
from bot.screens.words import bill_line, method_name, status_name
from core.checkout.errors import MethodNotOffered
from core.errors import NotFound
from core.ids import OrderId
from core.orders.books import invoiceable
from core.orders.models import Order, OrderStatus
from core.outlets.models import Fulfilment, PayMethod

RECENT = 10  # orders looked through for one that money goes back of
LIVE_PAGE = timedelta(hours=12)  # how long the link to an order's own page works
COOKING = (OrderStatus.ACCEPTED, OrderStatus.PREPARING, OrderStatus.READY, OrderStatus.OUT_FOR_DELIVERY)


class CancelOrderYes(Action, tag="ordx!"):
    order: OrderId


class SwitchMethod(Action, tag="ordway"):
    order: OrderId
    method: PayMethod


class ShowMoney(Action, tag="ord$"):
    """Where is my money."""

    order: OrderId


class NoOrderYet(NotFound):
    """There is nothing to track or cancel."""


async def own_order(turn: Turn, order_id: OrderId) -> Order:
    """The guest's own order. Somebody else's is as if it did not exist."""
    just = turn.order is not None and turn.order.id == order_id
    order = turn.order if just else await turn.services.orders.get(order_id)
    if order is None or order.customer != turn.customer_id:
        raise NotFound(what="order")
    return order


def promise_line(texts: Texts, order: Order, timezone: str, now_ms: int) -> Text | None:
    when = texts.moment(order.promised_ms, timezone, now_ms)
    if order.status is OrderStatus.PLACED:
        answer_by = order.placed_ms + order.clocks.give_up * 60_000
        return texts.say(
            "The restaurant answers by {time} at the latest.", time=texts.moment(answer_by, timezone, now_ms)
        )
    if order.status not in COOKING:
        return None
    match order.fulfilment:
        case Fulfilment.DINE_IN:
            return texts.say("At table {table} about *{time}*.", table=order.table, time=when)
        case Fulfilment.TAKEAWAY:
            return texts.say("Ready to collect about *{time}*.", time=when)
        case Fulfilment.DELIVERY:
            return texts.say("At your door about *{time}*.", time=when)


def order_text(turn: Turn, order: Order) -> Text:
    texts, outlet = turn.texts, turn.services.outlets.get(order.outlet)
    timezone = outlet.timezone if outlet else "Asia/Kolkata"
    paid = (
        texts.say("Paid {amount}.", amount=texts.money(order.total, order.currency))
        if order.paid
        else texts.say(
            "To pay: *{amount}* · {method}",
            amount=texts.money(order.total, order.currency),
            method=method_name(texts, order.method, order.fulfilment),
        )
    )
    ended = order.status in (OrderStatus.CANCELLED, OrderStatus.REJECTED, OrderStatus.EXPIRED)
    refund = refund_line(texts, order)
    return paragraphs(
        texts.say(
            "Order *{code}* · {outlet}\n*{status}*",
            code=order.code,
            outlet=order.outlet_name,
            status=status_name(texts, order.status, order.fulfilment),
        ),
        promise_line(texts, order, timezone, turn.now_ms),
        lines(*(bill_line(texts, line, order.currency) for line in order.bill.lines)),
        lines(None if ended and not order.paid else paid, refund),
    )


def refund_line(texts: Texts, order: Order) -> Text | None:
    if order.cash_back:
        return texts.say("{amount} was given back in cash.", amount=texts.money(order.cash_back, order.currency))
    if not order.refunds:
        return None
    if order.refunding:
        return texts.say("Refund of {amount} is on its way.", amount=texts.money(order.refunding, order.currency))
    return texts.say("Refunded {amount}.", amount=texts.money(order.refunded, order.currency))


class OrderScreen(Screen):
    state = State.ORDER

    async def render(self, turn: Turn) -> Reply:
        order = await self._with_refund(turn) or await self._current(turn)
        turn.session = turn.session.but(order=order.id)
        if turn.session.data.get("cancel"):
            return self._cancel_question(turn, order)
        if turn.session.data.get("money"):
            return self._money(turn, order)
        if turn.session.data.get("pay") and order.status is OrderStatus.AWAITING_PAYMENT:
            return await self._ways(turn, order)
        rows = self._buttons(turn, order)
        text = order_text(turn, order)
        if order.status is OrderStatus.AWAITING_PAYMENT:
            text = self._pay_words(turn, order)
        return Reply(text, tuple(rows))

    @staticmethod
    def _buttons(turn: Turn, order: Order) -> list[tuple[Button, ...]]:
        texts = turn.texts
        refresh = Button(texts.t("Refresh"), ShowOrder(order=order.id))
        cancel = Button(texts.t("Cancel order"), CancelOrder(order=order.id))
        person = Button(texts.t("Talk to a person"), AskHuman())
        if order.status is OrderStatus.AWAITING_PAYMENT:
            other = Button(texts.t("Other way to pay"), PayAgain(order=order.id))
            if order.open_link is None:
                return [(refresh, cancel)]
            amount = texts.money(order.total, order.currency)
            pay = Button(texts.t("Pay {amount}", amount=amount), url=order.open_link.url, style=Style.PRIMARY)
            return [(pay,), (other, cancel), (refresh, person)]
        if order.status.live:
            page = f"{turn.services.settings.public_url}/track/{turn.services.links.sign('track', order.id, LIVE_PAGE)}"
            live = Button(texts.t("Live page"), url=page)
            money = (Button(texts.t("Where is my money?"), ShowMoney(order=order.id)),) if order.refunds else ()
            return [(refresh, live), (cancel, person), (Button(texts.t("My orders"), OpenOrders()), *money)]
        again = Button(texts.t("Order again"), OrderAgain(order=order.id), style=Style.PRIMARY)
        rows: list[tuple[Button, ...]] = [(again, Button(texts.t("Menu"), OpenMenu()))]
        invoice = (Button(texts.t("Invoice"), ShowInvoice(order=order.id)),) if invoiceable(order) else ()
        money = (
            (Button(texts.t("Where is my money?"), ShowMoney(order=order.id)),) if order.refunds or order.paid else ()
        )
        rows.append((*invoice, *money))
        rows.append((Button(texts.t("My orders"), OpenOrders()), person))
        return rows

    @staticmethod
    async def _ways(turn: Turn, order: Order) -> Reply:
        texts = turn.texts
        outlet = turn.services.outlets.require(order.outlet)
        amount = texts.money(order.total, order.currency)
        rows: list[tuple[Button, ...]] = []
        if order.open_link is not None:
            same = method_name(texts, order.method, order.fulfilment)
            rows.append((Button(texts.t("{method} · {amount}", method=same, amount=amount), url=order.open_link.url),))
        rows.extend(
            (
                Button(
                    texts.t("{method} · {amount}", method=method_name(texts, way, order.fulfilment), amount=amount),
                    SwitchMethod(order=order.id, method=way),
                ),
            )
            for way in turn.services.checkout.methods(outlet, order.total, await turn.customer())
            if way is not order.method
        )
        rows.append((Button(texts.t("Back to the order"), ShowOrder(order=order.id)),))
        text = texts.say("How would you like to pay for order *{code}*?", code=order.code)
        return Reply(text, tuple(rows))

    @staticmethod
    def _pay_words(turn: Turn, order: Order) -> Text:
        texts = turn.texts
        link = order.open_link
        head = texts.say("Order *{code}* · {outlet}", code=order.code, outlet=order.outlet_name)
        amount = texts.money(order.total, order.currency)
        if link is None:
            soon = texts.say("*{amount}* to pay. Your payment link comes here in a moment.", amount=amount)
            return lines(head, soon)
        outlet = turn.services.outlets.get(order.outlet)
        until = texts.moment(link.expires_ms, outlet.timezone if outlet else "Asia/Kolkata", turn.now_ms)
        how = texts.say(
            "*{amount}* to pay. Tap the button; the link is open until {time}. "
            "This chat tells you as soon as the money is in; you need not send anything.",
            amount=amount,
            time=until,
        )
        return lines(head, how)

    @staticmethod
    async def _with_refund(turn: Turn) -> Order | None:
        """Who asks for their money means the newest order some of it goes back of."""
        if not turn.session.data.get("money") or turn.session.data.get("id") is not None:
            return None
        recent = await turn.services.orders.list_for(turn.customer_id, limit=RECENT)
        return next((order for order in recent if order.refunds or order.cash_back), None)

    @staticmethod
    async def _current(turn: Turn) -> Order:
        if turn.order is not None and turn.order.status.live:
            return turn.order
        if turn.session.order is not None:
            order = await turn.services.orders.get(turn.session.order)
            if order is not None and order.customer == turn.customer_id and order.status.live:
                return order
        live = await turn.services.orders.open_for(turn.customer_id)
        if live and turn.session.data.get("id") is None:
            return live[0]
        wanted = turn.session.data.get("id") or turn.session.order
        if wanted is None:
            recent = await turn.services.orders.list_for(turn.customer_id, limit=1)
            if not recent:
                raise NoOrderYet()
            return recent[0]
        return await own_order(turn, OrderId(str(wanted)))

    @staticmethod
    def _cancel_question(turn: Turn, order: Order) -> Reply:
        texts = turn.texts
        keep = Button(texts.t("Keep the order"), ShowOrder(order=order.id))
        if not order.status.live:
            return Reply(
                texts.say(
                    "Order *{code}* is over: {status}. There is nothing to cancel.",
                    code=order.code,
                    status=status_name(texts, order.status, order.fulfilment),
                ),
                ((Button(texts.t("Order again"), OrderAgain(order=order.id)), Button(texts.t("Menu"), OpenMenu())),),
            )
        if order.can_cancel:
            money = (
                texts.say("You get {amount} back in full.", amount=texts.money(order.total, order.currency))
                if order.paid
                else None
            )
            text = lines(texts.say("Cancel order *{code}*?", code=order.code), money)
            yes = Button(texts.t("Yes, cancel"), CancelOrderYes(order=order.id), style=Style.DANGER)
        elif order.cancel_requested_ms:
            text = texts.say(
                "The kitchen has been asked to stop order *{code}*. Its answer comes here by itself.", code=order.code
            )
            show = Button(texts.t("Show order"), ShowOrder(order=order.id))
            return Reply(text, ((show, Button(texts.t("Talk to a person"), AskHuman())),))
        else:
            money = texts.say("If they can, you get your money back.") if order.paid else None
            text = lines(
                texts.say("The kitchen is already on order *{code}*. We can ask them to stop.", code=order.code), money
            )
            yes = Button(texts.t("Yes, please ask"), CancelOrderYes(order=order.id), style=Style.DANGER)
        return Reply(text, ((yes, keep),))

    @staticmethod
    def _money(turn: Turn, order: Order) -> Reply:
        texts, outlet = turn.texts, turn.services.outlets.get(order.outlet)
        back = Button(texts.t("Back to the order"), ShowOrder(order=order.id))
        person = Button(texts.t("Talk to a person"), AskHuman())
        return Reply(money_text(texts, order, outlet.timezone if outlet else "Asia/Kolkata"), ((back, person),))

    @on(ShowOrder)
    async def show(self, turn: Turn, tap: ShowOrder) -> Step:
        await self._choose(turn, tap.order)
        return Goto(State.ORDER, {"id": tap.order})

    @on(ShowMoney)
    async def money(self, turn: Turn, tap: ShowMoney) -> Step:
        await self._choose(turn, tap.order)
        return Goto(State.ORDER, {"id": tap.order, "money": 1})

    @on(ShowInvoice)
    async def invoice(self, turn: Turn, tap: ShowInvoice) -> Step:
        """As a file below a message of its own, so that it stays in the chat."""
        order = await self._choose(turn, tap.order)
        papers = await turn.services.invoices.papers(order)
        if not papers:
            turn.notice(turn.texts.say("The invoice comes when the order has been handed over."))
            return Goto(State.ORDER, {"id": order.id})
        back = (Button(turn.texts.t("Back to the order"), ShowOrder(order=order.id)),)
        text = lines(turn.texts.say("Order *{code}*", code=order.code), *invoice_words(turn.texts, papers))
        turn.extra.append(Reply(text, (back,), document=invoice_file(turn.services.links, papers)))
        return Answered()

    @on(CancelOrder)
    async def ask_cancel(self, turn: Turn, tap: CancelOrder) -> Step:
        await self._choose(turn, tap.order)
        return Goto(State.ORDER, {"id": tap.order, "cancel": 1})

    @on(CancelOrderYes)
    async def cancel(self, turn: Turn, tap: CancelOrderYes) -> Step:
        order = await self._choose(turn, tap.order)
        if order.can_cancel:
            order = await turn.services.orders.cancel(order.id, turn.customer_id, reason="guest")
            turn.notice(turn.texts.say("Order {code} is cancelled.", code=order.code))
        else:
            await turn.services.orders.ask_to_cancel(order.id, turn.customer_id)
            turn.notice(turn.texts.say("We have asked the kitchen. Their answer comes here."))
        return Goto(State.ORDER, {"id": order.id})

    @on(PayAgain)
    async def pay_again(self, turn: Turn, tap: PayAgain) -> Step:
        order = await self._choose(turn, tap.order)
        if order.status is not OrderStatus.AWAITING_PAYMENT:
            return Goto(State.ORDER, {"id": order.id})
        await turn.services.orders.pay_again(order.id, turn.customer_id)
        return Goto(State.ORDER, {"id": order.id, "pay": 1})

    @on(SwitchMethod)
    async def switch(self, turn: Turn, tap: SwitchMethod) -> Step:
        """Another way to pay: the link given before is closed first, so that nothing is paid twice."""
        order = await self._choose(turn, tap.order)
        outlet, customer = turn.services.outlets.require(order.outlet), await turn.customer()
        if tap.method not in turn.services.checkout.methods(outlet, order.total, customer):
            raise MethodNotOffered(method=tap.method)
        if not tap.method.online:
            await turn.services.checkout.check_cash(customer, outlet, order.total)
        order = await turn.services.orders.change_method(order.id, turn.customer_id, tap.method)
        return Goto(State.ORDER, {"id": order.id})

    @staticmethod
    async def _choose(turn: Turn, order_id: OrderId) -> Order:
        order = await own_order(turn, order_id)
        turn.session = turn.session.but(order=order.id)
        return order
