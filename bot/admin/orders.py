"""Finding an order, and everything that is known of it: for the owner with a guest on the phone."""

from bot.admin.actions import OpenInvoice, OpenOrder, OpenOutlets, StartRefund
from bot.admin.actor import Actor
from bot.admin.commands import read_digits, read_order_code
from bot.admin.words import page
from bot.conversation.reply import Button, Reply
from bot.conversation.text import Text, bold, join, lines, paragraphs
from bot.invoices.handing import invoice_file, invoice_words
from bot.kitchen.reasons import reason_label
from bot.screens.words import bill_text, fulfilment_name, method_name, status_name
from core.ids import OrderId, OutletId
from core.logs import get_logger
from core.orders.books import invoiceable
from core.orders.ledger import Link, LinkState, Payment, Refund, RefundStatus
from core.orders.lookup import LEAST_DIGITS, OrderLookup
from core.orders.models import Order, PaymentStatus, Step
from core.otp.errors import InvalidPhone
from core.otp.phones import parse_phone
from core.outlets.models import Outlet
from core.services import Services

log = get_logger(__name__)

SHOWN = 10
WHOLE_NUMBER = 10  # digits of a phone that name one guest


class Orders:
    def __init__(self, services: Services, lookup: OrderLookup) -> None:
        self._services = services
        self._lookup = lookup

    async def find(self, actor: Actor, code: OutletId | None, rest: str) -> Reply:
        """“/find K 472”, “/find 3210”, “/find 98765 43210”. Raises NotFound."""
        texts = actor.texts
        outlets = list(actor.outlets.values()) if code is None else [actor.outlet(code)]
        spoken, digits = read_order_code(rest), read_digits(rest)
        if spoken is None and len(digits) < LEAST_DIGITS:
            return Reply(
                lines(
                    texts.say("By its code: `/find K 472`, for the last seven days."),
                    texts.say("By the end of a phone: `/find 3210`, for the last three days."),
                    texts.say("By a whole number: `/find 9876543210`, for all orders of that guest."),
                )
            )
        if spoken is not None:
            found = await self._lookup.by_code(spoken, outlets)
        else:
            found = await self._lookup.by_phone(digits, outlets, SHOWN)
            if len(digits) >= WHOLE_NUMBER:
                found = await self._of_guest(digits, outlets) or found
        if not found:
            return Reply(texts.say("No order fits “{text}”.", text=(spoken or digits)[:20]))
        if len(found) == 1:
            return await self._page(actor, found[0])
        rows = [(Button(self._label(actor, order), OpenOrder(order=order.id)),) for order in found[:SHOWN]]
        title = texts.say_n("*{count} order fits*", "*{count} orders fit*", len(found))
        return Reply(title, (*rows, (Button(texts.t("◂ Outlets"), OpenOutlets()),)), in_place=True)

    async def show(self, actor: Actor, order_id: OrderId) -> Reply | None:
        """None for an order that is not of the actor's outlets, or is none at all."""
        order = await self._lookup.by_id(order_id, actor.outlets.values())
        return None if order is None else await self._page(actor, order)

    async def invoice(self, actor: Actor, order_id: OrderId) -> Reply | None:
        """The invoice and its notes as a file. None as `show`, and while there is nothing to invoice."""
        order = await self._lookup.by_id(order_id, actor.outlets.values())
        papers = await self._services.invoices.papers(order) if order is not None else []
        if order is None or not papers:
            return None
        back = (Button(actor.texts.t("Back to the order"), OpenOrder(order=order.id)),)
        text = lines(actor.texts.say("Order *{code}*", code=order.code), *invoice_words(actor.texts, papers))
        return Reply(text, (back,), document=invoice_file(self._services.links, papers))

    async def _of_guest(self, digits: str, outlets: list[Outlet]) -> list[Order]:
        try:
            number = parse_phone(digits, countries=self._services.settings.sms_countries)
        except InvalidPhone:
            return []
        customer = await self._services.customers.by_phone(number)
        if customer is None:
            return []
        mine = {outlet.id for outlet in outlets}
        return [
            order for order in await self._services.orders.list_for(customer.id, limit=SHOWN) if order.outlet in mine
        ]

    async def _page(self, actor: Actor, order: Order) -> Reply:
        texts = actor.texts
        outlet = actor.outlet(order.outlet)
        log.info("order_looked_at", order_id=order.id, by=actor.handle)  # a guest's phone and address were shown
        names = await self._services.staff.names_at(outlet.id)
        text = paragraphs(
            self._head(actor, outlet, order),
            self._guest(actor, outlet, order),
            bill_text(texts, order.bill),
            lines(*self._money(actor, outlet, order)),
            lines(texts.say("*What happened*"), *(self._step(actor, outlet, step, names) for step in order.history)),
        )
        buttons = (Button(texts.t("Refresh"), OpenOrder(order=order.id)), Button(texts.t("◂ Outlets"), OpenOutlets()))
        give = (Button(texts.t("Give money back"), StartRefund(order=order.id)),) if order.returnable else ()
        invoice = (Button(texts.t("Invoice"), OpenInvoice(order=order.id)),) if invoiceable(order) else ()
        return Reply(text, tuple(row for row in (give, invoice, buttons) if row), in_place=True)

    @staticmethod
    def _label(actor: Actor, order: Order) -> str:
        texts, outlet = actor.texts, actor.outlet(order.outlet)
        return texts.t(
            "{code} · {outlet} · {time} · {amount} · {status}",
            code=order.code,
            outlet=outlet.name,
            time=actor.clock(order.created_ms, outlet),
            amount=texts.money(order.total, order.currency),
            status=status_name(texts, order.status, order.fulfilment),
        )

    @staticmethod
    def _head(actor: Actor, outlet: Outlet, order: Order) -> Text:
        texts = actor.texts
        reason = reason_label(texts, order.cancel_reason) if order.cancel_reason else ""
        status = status_name(texts, order.status, order.fulfilment)
        asks = texts.say("The guest asks to cancel.") if order.cancel_requested_ms and order.status.cooking else None
        return page(
            texts.say("*{code}* · {outlet}", code=order.code, outlet=outlet.name),
            texts.say("*{status}* · {reason}", status=status, reason=reason)
            if reason
            else texts.say("*{status}*", status=status),
            texts.say("Made {time}", time=actor.clock(order.created_ms, outlet)),
            texts.say("Promised for {time}", time=actor.clock(order.promised_ms, outlet))
            if order.status.live
            else None,
            asks,
            texts.say("Marked: {flags}", flags=", ".join(flag.replace("_", " ") for flag in order.flags))
            if order.flags
            else None,
            texts.say("_{id}_", id=order.id),
        )

    @staticmethod
    def _guest(actor: Actor, outlet: Outlet, order: Order) -> Text:
        texts, address = actor.texts, order.address
        channel = order.chat.partition(":")[0].title()
        kind = fulfilment_name(texts, order.fulfilment)
        place = texts.say("{kind} · table {table}", kind=kind, table=order.table) if order.table else Text.of(kind)
        where = landmark = None
        if address is not None:
            where = texts.say("{line}, {city} {pin}", line=address.line, city=address.city, pin=address.pin)
            landmark = texts.say("Landmark: {landmark}", landmark=address.landmark) if address.landmark else None
        return lines(
            join([bold(order.customer_name), order.phone], " · ")
            if order.chat
            else texts.say("The guest asked to be forgotten."),
            texts.say("Writes on {channel}", channel=channel) if channel else None,
            place,
            where,
            landmark,
            texts.say("For {time}", time=actor.clock(order.slot.start_ms, outlet)) if order.slot else None,
            texts.say("Note: “{note}”", note=order.note) if order.note else None,
            texts.say("To the rider: “{note}”", note=order.rider_note) if order.rider_note else None,
        )

    def _money(self, actor: Actor, outlet: Outlet, order: Order) -> list[Text]:
        texts = actor.texts
        rows = [
            texts.say(
                "*Money*: {method} · {state}",
                method=method_name(texts, order.method, order.fulfilment),
                state=self._payment_state(actor, order.payment_status),
            )
        ]
        rows += [self._link(actor, outlet, link) for link in order.links]
        rows += [self._payment(actor, outlet, order, payment) for payment in order.payments]
        rows += [self._refund(actor, outlet, order, refund) for refund in order.refunds]
        if order.cash_back:
            back = texts.money(order.cash_back, order.currency)
            rows.append(texts.say("Handed back in cash: {amount}", amount=back))
        return rows

    @staticmethod
    def _payment_state(actor: Actor, status: PaymentStatus) -> str:
        texts = actor.texts
        match status:
            case PaymentStatus.CASH_DUE:
                return texts.t("cash is to be collected")
            case PaymentStatus.CASH_COLLECTED:
                return texts.t("cash was collected")
            case PaymentStatus.WAITING:
                return texts.t("nothing has come in yet")
            case PaymentStatus.AUTHORISED:
                return texts.t("approved by the bank, not taken yet")
            case PaymentStatus.PAID:
                return texts.t("paid")
            case PaymentStatus.REFUNDING:
                return texts.t("on its way back")
            case PaymentStatus.PARTLY_REFUNDED:
                return texts.t("given back in part")
            case PaymentStatus.REFUNDED:
                return texts.t("given back")
            case PaymentStatus.NONE:
                return texts.t("none, and none will come")

    @staticmethod
    def _link(actor: Actor, outlet: Outlet, link: Link) -> Text:
        texts = actor.texts
        wanted = actor.clock(link.wanted_ms, outlet)
        if link.state is LinkState.OPEN:
            until = actor.clock(link.expires_ms, outlet)
            return texts.say(
                "Link {n}, {time}: open until {until} · {id}", n=link.n, time=wanted, until=until, id=link.id
            )
        state = link.end.value if link.end else link.state.value
        return texts.say("Link {n}, {time}: {state} · {id}", n=link.n, time=wanted, state=state, id=link.id or "–")

    @staticmethod
    def _payment(actor: Actor, outlet: Outlet, order: Order, payment: Payment) -> Text:
        texts = actor.texts
        at = payment.captured_ms or payment.authorised_ms or payment.failed_ms or payment.seen_ms
        facts = {
            "amount": texts.money(payment.amount, payment.currency),
            "time": actor.clock(at, outlet),
            "id": payment.id,
        }
        if payment.captured and payment.id == order.kept:
            return texts.say("Payment of {amount}, {time}: pays this order · {id}", **facts)
        if payment.captured:
            return texts.say("Payment of {amount}, {time}: goes back · {id}", **facts)
        if payment.failed_ms:
            return texts.say("Payment of {amount}, {time}: failed · {id}", **facts)
        return texts.say("Payment of {amount}, {time}: not taken · {id}", **facts)

    @staticmethod
    def _refund(actor: Actor, outlet: Outlet, order: Order, refund: Refund) -> Text:
        texts = actor.texts
        facts = {
            "amount": texts.money(refund.amount, order.currency),
            "time": actor.clock(refund.done_ms or refund.at_ms, outlet),
            "id": " · ".join(part for part in (refund.provider_id, refund.bank_ref) if part) or refund.key,
        }
        match refund.status:
            case RefundStatus.PROCESSED:
                return texts.say("Refund of {amount}, {time}: sent back · {id}", **facts)
            case RefundStatus.MANUAL:
                return texts.say("*Refund of {amount}, {time}: needs you* · {id}", **facts)
            case RefundStatus.FAILED:
                return texts.say("Refund of {amount}, {time}: failed · {id}", **facts)
            case RefundStatus.WITHDRAWN:
                return texts.say("Refund of {amount}, {time}: not needed any more · {id}", **facts)
            case _:
                return texts.say("Refund of {amount}, {time}: under way · {id}", **facts)

    @staticmethod
    def _step(actor: Actor, outlet: Outlet, step: Step, names: dict[str, str]) -> Text:
        texts = actor.texts
        by = {"guest": texts.t("the guest"), "system": "Tiffin", "provider": texts.t("the payment service")}
        facts = {
            "time": actor.clock(step.at_ms, outlet),
            "status": step.status.value.replace("_", " "),
            "name": by.get(step.by) or names.get(step.by) or step.by.partition(":")[2] or step.by,
        }
        if step.note:
            return texts.say("{time} · {status} · {name} · {note}", **facts, note=step.note.replace("_", " "))
        return texts.say("{time} · {status} · {name}", **facts)
