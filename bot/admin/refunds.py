"""Giving money back: how much, for what and why; over the outlet's limit a second owner or admin has to agree."""

from bot.admin.actions import (
    AgreeRefund,
    DeclineRefund,
    DraftRefund,
    DropWish,
    GiveBack,
    OpenOrder,
    OpenWish,
    PickPortion,
    RefundBecause,
    StartRefund,
)
from bot.admin.actor import Actor
from bot.admin.acts import Acts
from bot.admin.admins import Admins
from bot.admin.commands import read_refund
from bot.admin.refund_words import nobody_can, so_far, state_words, who_can, why_label
from bot.admin.words import act_said, page
from bot.conversation.actions import StaleAction
from bot.conversation.reply import Button, Reply, Style
from bot.conversation.text import lines
from bot.conversation.texts import DEFAULT, Texts
from core.audit.models import Did
from core.errors import NotFound
from core.ids import OrderId, OutletId
from core.logs import get_logger
from core.orders.errors import NothingToRefund, TooMuchToRefund
from core.orders.lookup import OrderLookup
from core.orders.models import Order
from core.refunds.errors import NeedsAnother, WishMoved
from core.refunds.models import Why, Wish, WishState
from core.refunds.shares import counted, returned_portions
from core.services import Services

log = get_logger(__name__)

Row = tuple[Button, ...]

SHOWN = 10
DISHES = 12  # with a button each
REASONS = (Why.COLD, Why.LATE, Why.MISSING, Why.WRONG, Why.QUALITY, Why.GOODWILL)


class Refunds:
    def __init__(self, services: Services, lookup: OrderLookup, acts: Acts, admins: Admins) -> None:
        self._services = services
        self._refunds = services.refunds
        self._lookup = lookup
        self._acts = acts
        self._admins = admins

    async def typed(self, actor: Actor, code: OutletId | None, rest: str) -> Reply:
        """“/refund”, “/refund K 472”, “/refund K 472 90 the soup was cold”. Raises NotFound."""
        texts = actor.texts
        wanted = read_refund(rest)
        if wanted is None:
            return await self._waiting(actor)
        outlets = list(actor.outlets.values()) if code is None else [actor.outlet(code)]
        found = await self._lookup.by_code(wanted.code, outlets)
        if not found:
            return Reply(texts.say("No order fits “{text}”.", text=wanted.code))
        if len(found) > 1:
            title = texts.say_n("*{count} order fits*", "*{count} orders fit*", len(found))
            rows = [(Button(self._label(actor, order), StartRefund(order=order.id)),) for order in found[:SHOWN]]
            return Reply(title, tuple(rows))
        if wanted.amount is None and not wanted.words:
            return await self.start(actor, found[0].id)
        try:
            wish = await self._refunds.draft(
                found[0], actor.handle, actor.name, amount=wanted.amount, words=wanted.words
            )
        except (NothingToRefund, TooMuchToRefund) as refused:
            return self._refused(actor, found[0], refused)
        return await self._page(actor, wish, found[0])

    async def start(self, actor: Actor, order_id: OrderId) -> Reply:
        """All, or some dishes? Raises NotFound."""
        texts, order = actor.texts, await self._order(actor, order_id)
        if not order.returnable:
            return self._refused(actor, order, NothingToRefund(order_id=order.id, status=order.status))
        left = texts.money(order.returnable, order.currency)
        text = page(
            texts.say("*Money back for {code}*", code=order.code),
            so_far(texts, order),
            "",
            texts.say("Another amount, or words of your own: `/refund {code} 90 the soup was cold`", code=order.code),
        )
        return Reply(
            text,
            (
                (Button(texts.t("All of it: {amount}", amount=left), DraftRefund(order=order.id, by_dish=False)),),
                (Button(texts.t("Some dishes ▸"), DraftRefund(order=order.id, by_dish=True)),),
                (Button(texts.t("◂ Back"), OpenOrder(order=order.id)),),
            ),
            in_place=True,
        )

    async def draft(self, actor: Actor, tap: DraftRefund) -> Reply:
        order = await self._order(actor, tap.order)
        try:
            wish = await self._refunds.draft(order, actor.handle, actor.name, by_dish=tap.by_dish)
        except NothingToRefund as refused:
            return self._refused(actor, order, refused)
        return await self._page(actor, wish, order)

    async def show(self, actor: Actor, wish_id: str) -> Reply:
        return await self._shown(actor, await self._wish(actor, wish_id))

    async def pick(self, actor: Actor, tap: PickPortion) -> Reply:
        await self._wish(actor, tap.wish)
        try:
            return await self._shown(actor, await self._refunds.pick(tap.wish, actor.handle, tap.line))
        except (WishMoved, NothingToRefund):
            return await self.show(actor, tap.wish)

    async def because(self, actor: Actor, tap: RefundBecause) -> Reply:
        await self._wish(actor, tap.wish)
        try:
            return await self._shown(actor, await self._refunds.because(tap.wish, actor.handle, tap.why))
        except WishMoved:
            return await self.show(actor, tap.wish)

    async def confirm(self, actor: Actor, tap: GiveBack) -> Reply:
        """Raises StaleAction when the amount is not the one that was shown."""
        before = await self._wish(actor, tap.wish)
        try:
            wish = await self._refunds.confirm(tap.wish, actor.handle, tap.v)
        except (WishMoved, NothingToRefund) as moved:
            raise StaleAction(wish=tap.wish) from moved
        if wish.state is WishState.DONE and not wish.decided_by:
            act = await self._acts.record(actor, Did.REFUND_MADE, wish.outlet, wish.id, key=wish.id, **_facts(wish))
            if before.state is WishState.DRAFT:
                await self._acts.echo(actor, act)
        if wish.state is WishState.ASKED:
            await self._acts.record(actor, Did.REFUND_WISHED, wish.outlet, wish.id, key=wish.id, **_facts(wish))
            if not wish.told_ms:
                await self._ask_others(wish)
        return await self._shown(actor, wish)

    async def drop(self, actor: Actor, wish_id: str) -> Reply:
        await self._wish(actor, wish_id)
        try:
            return await self._shown(actor, await self._refunds.drop(wish_id, actor.handle))
        except WishMoved:
            return await self.show(actor, wish_id)

    async def agree(self, actor: Actor, wish_id: str) -> Reply:
        return await self._answer(actor, wish_id, yes=True)

    async def decline(self, actor: Actor, wish_id: str) -> Reply:
        return await self._answer(actor, wish_id, yes=False)

    async def _answer(self, actor: Actor, wish_id: str, *, yes: bool) -> Reply:
        """Raises NotFound."""
        await self._wish(actor, wish_id)
        answer = self._refunds.agree if yes else self._refunds.decline
        try:
            wish = await answer(wish_id, actor.handle, actor.name)
        except NeedsAnother:
            return Reply(actor.texts.say("You asked for it yourself: somebody else has to agree. Nothing was changed."))
        except WishMoved:
            return await self.show(actor, wish_id)
        did = Did.REFUND_AGREED if yes else Did.REFUND_DECLINED
        await self._acts.done(actor, did, wish.outlet, wish.id, **_facts(wish))
        return await self._shown(actor, wish)

    # The job

    async def run_due(self) -> int:
        """Finish what was left half done, ask again where nobody was reached, and say what expired. How many."""
        due = await self._refunds.due()
        for wish in due:
            if wish.state is WishState.ASKED:
                await self._ask_others(wish)
            else:
                await self._say_expired(wish)
        return len(due)

    async def _ask_others(self, wish: Wish) -> None:
        texts = Texts.of(DEFAULT)
        text = lines(
            texts.say(
                "*{name}* wants to give *{amount}* back for order *{code}*.",
                name=wish.by_name,
                amount=texts.money(wish.amount, wish.currency),
                code=wish.code,
            ),
            texts.say("Somebody else has to agree within 24 hours."),
        )
        look = (Button(texts.t("Look ▸"), OpenWish(wish=wish.id)),)
        if await self._admins.tell(wish.outlet, Reply(text, (look,)), key=f"{wish.id}-asked", besides=wish.by):
            await self._refunds.told(wish)

    async def _say_expired(self, wish: Wish) -> None:
        texts = Texts.of(DEFAULT)
        act = await self._acts.record_alone(Did.REFUND_EXPIRED, wish.outlet, wish.id, **_facts(wish))
        said = lines(
            act_said(texts, act, self._services.outlets.get(wish.outlet)),
            texts.say("To ask once more: `/refund {code}`", code=wish.code),
        )
        look = (Button(texts.t("Look ▸"), OpenWish(wish=wish.id)),)
        if await self._admins.tell(wish.outlet, Reply(said, (look,)), key=act.id):
            await self._refunds.told(wish)

    # Pages

    async def _waiting(self, actor: Actor) -> Reply:
        texts = actor.texts
        wishes = await self._refunds.waiting(list(actor.outlets))
        rows: list[Row] = [
            (Button(f"{wish.code} · {texts.money(wish.amount, wish.currency)} · {wish.by_name}",
                    OpenWish(wish=wish.id)),)
            for wish in wishes[:SHOWN]
        ]  # fmt: skip
        return Reply(
            lines(
                texts.say("*Waiting for a second person*") if wishes else None,
                texts.say("By the order's code: `/refund K 472`"),
                texts.say("With an amount and the reason: `/refund K 472 90 the soup was cold`"),
            ),
            tuple(rows),
        )

    async def _shown(self, actor: Actor, wish: Wish) -> Reply:
        return await self._page(actor, wish, await self._order(actor, wish.order))

    async def _page(self, actor: Actor, wish: Wish, order: Order) -> Reply:
        texts = actor.texts
        second = await self._second(actor, wish, order)
        amount = texts.money(wish.amount, wish.currency)
        text = page(
            texts.say("*Money back for {code}*", code=order.code),
            so_far(texts, order) if wish.state is WishState.DRAFT else None,
            texts.say("Goes back: *{amount}*", amount=amount),
            *(
                texts.say("{qty} × {dish}", qty=qty, dish=order.bill.lines[line].name)
                for line, qty in counted(wish.lines).items()
            ),
            texts.say("Reason: {reason}", reason=wish.words or why_label(texts, wish.why)) if wish.why else None,
            "",
            state_words(actor, wish, order, takes_two=self._refunds.takes_two(wish, order)),
            second.text if second else None,
        )
        rows = self._buttons(actor, wish, order, amount)
        return Reply(text, (*second.buttons, *rows) if second else rows, in_place=True)

    async def _second(self, actor: Actor, wish: Wish, order: Order) -> Reply | None:
        """Who has to agree and, where there is nobody, how there can be; None where it takes one person alone, or where
        somebody else asks.
        """
        drafted = wish.state is WishState.DRAFT and wish.ready and self._refunds.takes_two(wish, order)
        waits = wish.state is WishState.ASKED and actor.now_ms < wish.until_ms and wish.by == actor.handle
        if not drafted and not waits:
            return None
        others = await self._admins.others(wish.outlet, actor.handle)
        if others:
            return Reply(who_can(actor.texts, others))
        return nobody_can(actor, wish, order)

    def _buttons(self, actor: Actor, wish: Wish, order: Order, amount: str) -> tuple[Row, ...]:
        texts = actor.texts
        back: Row = (Button(texts.t("The order ▸"), OpenOrder(order=order.id)),)
        if wish.state is WishState.ASKED and actor.now_ms < wish.until_ms:
            if wish.by == actor.handle:
                return ((Button(texts.t("Drop it"), DropWish(wish=wish.id)),), back)
            yes = Button(texts.t("Yes, give {amount} back", amount=amount), AgreeRefund(wish=wish.id),
                         style=Style.DANGER)  # fmt: skip
            return ((yes,), (Button(texts.t("No"), DeclineRefund(wish=wish.id)),), back)
        if wish.state is not WishState.DRAFT:
            return (back,)
        rows: list[Row] = [*self._dishes(texts, wish, order), *self._reasons(texts, wish)]
        if wish.ready:
            give = Button(texts.t("Give {amount} back", amount=amount), GiveBack(wish=wish.id, v=wish.v),
                          style=Style.DANGER)  # fmt: skip
            rows.append((give,))
        return (*rows, (Button(texts.t("Drop it"), DropWish(wish=wish.id)),))

    @staticmethod
    def _dishes(texts: Texts, wish: Wish, order: Order) -> list[Row]:
        if not wish.by_dish:
            return []
        chosen, gone = counted(wish.lines), counted(returned_portions(order))
        return [
            (
                Button(
                    texts.t("{chosen} of {left} · {dish}", chosen=chosen.get(n, 0), left=line.qty - gone.get(n, 0),
                            dish=line.name),
                    PickPortion(wish=wish.id, line=n),
                ),
            )
            for n, line in enumerate(order.bill.lines[:DISHES])
            if line.qty > gone.get(n, 0)
        ]  # fmt: skip

    @staticmethod
    def _reasons(texts: Texts, wish: Wish) -> list[Row]:
        if wish.words or not wish.amount:
            return []
        buttons = [
            Button(
                why_label(texts, why),
                RefundBecause(wish=wish.id, why=why),
                style=Style.PRIMARY if why is wish.why else Style.PLAIN,
            )
            for why in REASONS
        ]
        return [tuple(buttons[n : n + 2]) for n in range(0, len(buttons), 2)]

    @staticmethod
    def _refused(actor: Actor, order: Order, refused: NothingToRefund | TooMuchToRefund) -> Reply:
        texts = actor.texts
        back = ((Button(texts.t("The order ▸"), OpenOrder(order=order.id)),),)
        if isinstance(refused, TooMuchToRefund):
            left = texts.money(refused.left, order.currency)
            return Reply(texts.say("Only {left} of order {code} is left.", left=left, code=order.code), back)
        return Reply(texts.say("There is nothing to give back for order {code}.", code=order.code), back)

    def _label(self, actor: Actor, order: Order) -> str:
        outlet = actor.outlet(order.outlet)
        return " · ".join(
            [order.code, outlet.name, actor.clock(order.created_ms, outlet),
             actor.texts.money(order.total, order.currency)]
        )  # fmt: skip

    # Whose it is

    async def _order(self, actor: Actor, order_id: OrderId) -> Order:
        """Raises NotFound, also for an order of somebody else's outlet."""
        order = await self._lookup.by_id(order_id, actor.outlets.values())
        if order is None:
            raise NotFound(what="order")
        return order

    async def _wish(self, actor: Actor, wish_id: str) -> Wish:
        """Raises NotFound, also for the draft of somebody else and for another owner's outlet."""
        wish = await self._refunds.get(wish_id, actor.handle)
        actor.outlet(wish.outlet)
        return wish


def _facts(wish: Wish) -> dict[str, str | int]:
    return {
        "amount": wish.amount.paise,
        "currency": wish.currency,
        "code": wish.code,
        "reason": wish.words or (wish.why.value if wish.why else ""),
        "order": wish.order,
    }
