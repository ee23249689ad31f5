"""An outlet's day in money: one short message each morning, and any day at /report."""

from datetime import date, timedelta

from bot.admin.actions import OpenOrder, OpenOutlets, OpenReport
from bot.admin.actor import Actor
from bot.admin.admins import Admins
from bot.admin.commands import read_day
from bot.admin.words import page
from bot.conversation.actions import StaleAction
from bot.conversation.reply import Button, Reply
from bot.conversation.text import Text, lines
from bot.conversation.texts import DEFAULT, Texts
from core.daybook.models import DayBook, Difference, Why
from core.ids import OutletId
from core.money import Money
from core.outlets.models import Outlet
from core.services import Services

SHOWN = 12


class Reports:
    def __init__(self, services: Services, admins: Admins) -> None:
        self._services = services
        self._books = services.daybooks
        self._admins = admins

    async def typed(self, actor: Actor, code: OutletId | None, rest: str) -> Reply:
        """“/report”, “/report mgroad 2026-11-22”. Raises NotFound."""
        texts = actor.texts
        only = next(iter(actor.outlets)) if len(actor.outlets) == 1 else None
        chosen = code or only
        if chosen is None:
            rows = [
                (Button(outlet.name, OpenReport(outlet=outlet.id, day=self._books.yesterday(outlet).isoformat())),)
                for outlet in actor.outlets.values()
            ]
            return Reply(texts.say("*A day's money.* Of which outlet?"), tuple(rows))
        outlet = actor.outlet(chosen)
        yesterday = self._books.yesterday(outlet)
        day = read_day(rest, yesterday + timedelta(days=1)) if rest else yesterday
        if day is None:
            return Reply(texts.say("Which day? /report 2026-11-22, or nothing for yesterday."))
        return await self._page(actor, outlet, day)

    async def show(self, actor: Actor, tap: OpenReport) -> Reply:
        """Raises NotFound, StaleAction."""
        try:
            day = date.fromisoformat(tap.day)
        except ValueError as forged:
            raise StaleAction(day=tap.day) from forged
        return await self._page(actor, actor.outlet(tap.outlet), day)

    async def run_due(self) -> int:
        """Close what is to be closed, and say it: an even day to the owner alone, an uneven one to admins as well."""
        books = await self._books.close_due()
        for book in books:
            outlet = self._services.outlets.require(book.outlet)
            texts = Texts.of(DEFAULT)
            more = (Button(texts.t("The whole day ▸"), OpenReport(outlet=outlet.id, day=book.day)),)
            reply = Reply(summary(texts, outlet, book), (more,))
            key = f"{book.id}-{book.v}"
            if book.balanced:
                told = await self._admins.tell_owners(outlet.id, reply, key=key)
            else:
                told = await self._admins.tell(outlet.id, reply, key=key)
            if told:
                await self._books.told(book)
        return len(books)

    async def _page(self, actor: Actor, outlet: Outlet, day: date) -> Reply:
        texts = actor.texts
        book = await self._books.get(outlet.id, day)
        before, after = (day + timedelta(days=n) for n in (-1, 1))
        turn = [
            Button(texts.t("◂ {day}", day=texts.date(before)), OpenReport(outlet=outlet.id, day=before.isoformat()))
        ]
        if after <= self._books.yesterday(outlet):
            turn.append(
                Button(texts.t("{day} ▸", day=texts.date(after)), OpenReport(outlet=outlet.id, day=after.isoformat()))
            )
        below = (Button(texts.t("◂ Outlets"), OpenOutlets()),)
        title = texts.say("*{outlet}* · {day}", outlet=outlet.name, day=texts.date(day))
        if book is None:
            return Reply(
                page(
                    title,
                    texts.say("There is nothing of this day: its orders are added up early on the morning after it."),
                ),
                (tuple(turn), below),
                in_place=True,
            )
        orders = {one.order: one.code for one in book.differences[:SHOWN]}
        look = [(Button(texts.t("Order {code}", code=code), OpenOrder(order=order)),) for order, code in orders.items()]
        return Reply(page(title, *_rows(texts, book)), (*look, tuple(turn), below), in_place=True)


def summary(texts: Texts, outlet: Outlet, book: DayBook) -> Text:
    """“Sun 22 Nov · MG Road: 42 orders, ₹18,240 online, ₹3,400 cash. It balances.”"""
    day = texts.say("*{outlet}* · {day}", outlet=outlet.name, day=texts.date(date.fromisoformat(book.day)))
    took = texts.say(
        "{orders} · online {online} · cash {cash}",
        orders=texts.say_n("{count} order", "{count} orders", book.orders).plain,
        online=texts.money(book.captured - book.refunded, book.currency),
        cash=texts.money(book.cash - book.cash_back, book.currency),
    )
    return lines(day, took, _verdict(texts, book))


def _verdict(texts: Texts, book: DayBook) -> Text:
    if book.balanced:
        return texts.say("It balances to the paisa.")
    return texts.say_n(
        "*It does not balance:* {count} difference, {amount}",
        "*It does not balance:* {count} differences, {amount}",
        len(book.differences),
        amount=texts.money(book.missing, book.currency),
    )


def _rows(texts: Texts, book: DayBook) -> list[Text | None]:
    def money(amount: Money) -> str:
        return texts.money(amount, book.currency)

    return [
        texts.say_n("{count} order", "{count} orders", book.orders),
        texts.say("Taken online: {ours} · listed: {theirs}", ours=money(book.captured),
                  theirs=money(book.captured_there)),
        texts.say("Given back: {ours} · listed: {theirs}", ours=money(book.refunded),
                  theirs=money(book.refunded_there)),
        texts.say("Fees of the payment service: {fees}", fees=money(book.fees)),
        texts.say("Cash: {cash}", cash=money(book.cash)),
        texts.say("Cash handed back: {cash}", cash=money(book.cash_back)) if book.cash_back else None,
        Text.of(""),
        _verdict(texts, book),
        *(_difference(texts, book, one) for one in book.differences[:SHOWN]),
        texts.say_n("and {count} more", "and {count} more", len(book.differences) - SHOWN)
        if len(book.differences) > SHOWN
        else None,
    ]  # fmt: skip


def _difference(texts: Texts, book: DayBook, one: Difference) -> Text:
    facts = {"code": one.code, "amount": texts.money(one.amount, book.currency), "id": one.about}
    match one.why:
        case Why.NOT_THERE:
            return texts.say("{code} · {amount} · the payment service does not list it as taken · {id}", **facts)
        case Why.NOT_HERE:
            return texts.say("{code} · {amount} · the order does not know this payment · {id}", **facts)
        case Why.AMOUNT:
            return texts.say("{code} · {amount} · the payment is of another amount there · {id}", **facts)
        case Why.REFUND_NOT_THERE:
            return texts.say("{code} · {amount} · the payment service does not list this refund · {id}", **facts)
        case Why.REFUND_NOT_HERE:
            return texts.say("{code} · {amount} · the order does not know this refund · {id}", **facts)
        case Why.REFUND_AMOUNT:
            return texts.say("{code} · {amount} · the refund is of another amount there · {id}", **facts)
        case Why.CASH_MISSING:
            return texts.say("{code} · {amount} · handed over, and nobody wrote down the cash", **facts)
