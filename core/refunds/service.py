"""Giving money back: drafted by one person, agreed to by a second where it is much, and then a fact of the order."""

import asyncio
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from core.clock import Clock
from core.customers.names import clean_text
from core.errors import StoreError
from core.ids import Handle, OutletId, is_id, new_id
from core.logs import get_logger
from core.money import Money
from core.orders.deeds import MAX_REASON
from core.orders.errors import NeedsSecondPerson, NothingToRefund, TooMuchToRefund
from core.orders.ledger import Portion
from core.orders.models import Order
from core.orders.service import OrderService
from core.outlets.service import OutletService
from core.refunds.errors import NeedsAnother, WishMoved, WishNotFound
from core.refunds.models import NEVER_MS, Why, Wish, WishState
from core.refunds.shares import counted, returned_portions, worth
from core.refunds.store import WishStore

log = get_logger(__name__)

MS: Final = timedelta(milliseconds=1)
AGREE_WITHIN_MS: Final = timedelta(hours=24) // MS
LOOK_AGAIN_MS: Final = timedelta(minutes=1) // MS  # at what a crash may have left half done
DRAFTS_KEPT_MS: Final = timedelta(days=1) // MS
ROUNDS: Final = 20
BATCH: Final = 100

Change = Callable[[Wish, Order], Wish]


class RefundService:
    """Who may ask and agree at which outlet is for the caller to know; that it takes two people is seen to here."""

    def __init__(self, *, store: WishStore, orders: OrderService, outlets: OutletService, clock: Clock) -> None:
        self._store = store
        self._orders = orders
        self._outlets = outlets
        self._clock = clock

    # Drafting

    async def draft(
        self,
        order: Order,
        by: Handle,
        name: str,
        *,
        amount: Money | None = None,
        by_dish: bool = False,
        words: str = "",
    ) -> Wish:
        """Begin: an amount, dishes to be chosen, or (neither of both) all that is left.

        Raises NothingToRefund, TooMuchToRefund(left).
        """
        whole = amount is None and not by_dish
        wish = Wish(
            id=new_id("wsh"),
            order=order.id,
            outlet=order.outlet,
            code=order.code,
            currency=order.currency,
            cash=order.paid_in_cash,
            by=by,
            by_name=name,
            whole=whole,
            by_dish=by_dish,
            amount=amount or Money(0),
            words=clean_text(words, MAX_REASON),
            why=Why.WORDS if clean_text(words, MAX_REASON) else None,
            made_ms=self._clock.ms(),
        )
        wish = self._reckoned(wish, order)
        if amount is not None and amount > order.returnable:
            raise TooMuchToRefund(order_id=order.id, status=order.status, left=order.returnable)
        await self._store.insert(wish)
        return wish

    async def get(self, wish_id: str, reader: Handle) -> Wish:
        """As it is; a draft is shown to its maker alone. Raises WishNotFound."""
        wish = await self._store.get(wish_id) if is_id("wsh", wish_id) else None
        if wish is None or (wish.state is WishState.DRAFT and wish.by != reader):
            raise WishNotFound(wish=wish_id)
        return wish

    async def pick(self, wish_id: str, by: Handle, line: int) -> Wish:
        """One portion more of a line; after the last one none again. Raises WishNotFound, WishMoved."""

        def picked(wish: Wish, order: Order) -> Wish:
            if not 0 <= line < len(order.bill.lines) or not wish.by_dish:
                raise WishMoved(state=wish.state)
            chosen, gone = counted(wish.lines), counted(returned_portions(order))
            left = order.bill.lines[line].qty - gone.get(line, 0)
            chosen[line] = (chosen.get(line, 0) + 1) % (left + 1)
            lines = tuple(Portion(line=n, qty=qty) for n, qty in sorted(chosen.items()) if qty)
            return self._reckoned(wish.model_copy(update={"lines": lines}), order)

        return await self._drafted(wish_id, by, picked)

    async def because(self, wish_id: str, by: Handle, why: Why) -> Wish:
        """Raises WishNotFound, WishMoved."""
        return await self._drafted(wish_id, by, lambda wish, order: wish.model_copy(update={"why": why}))

    async def drop(self, wish_id: str, by: Handle) -> Wish:
        """Its maker thinks better of it, also while it waits for a second person. Raises WishNotFound, WishMoved."""

        def dropped(wish: Wish, order: Order) -> Wish:
            if wish.by != by:
                raise WishNotFound(wish=wish.id)
            if wish.state not in (WishState.DRAFT, WishState.ASKED):
                raise WishMoved(state=wish.state)
            return wish.model_copy(update={"state": WishState.DROPPED, "due_ms": NEVER_MS})

        return await self._change(wish_id, dropped)

    # Deciding

    async def confirm(self, wish_id: str, by: Handle, v: int) -> Wish:
        """Its maker says yes to what version `v` showed: carried out, or asked of a second person.

        Confirmed twice is confirmed once. Raises WishNotFound, WishMoved.
        """

        def confirmed(wish: Wish, order: Order) -> Wish:
            if wish.by != by:
                raise WishNotFound(wish=wish.id)
            if wish.state is not WishState.DRAFT:
                return wish
            if wish.v != v or not wish.ready or self._reckoned(wish, order).amount != wish.amount:
                raise WishMoved(state=wish.state)
            now = self._clock.ms()
            if self.takes_two(wish, order):
                return self._asked(wish)
            return wish.model_copy(update={"state": WishState.AGREED, "due_ms": now + LOOK_AGAIN_MS})

        return await self._carried_out(await self._change(wish_id, confirmed))

    def takes_two(self, wish: Wish, order: Order) -> bool:
        """Whether a second person has to agree: with what one person alone gave back of this order before, it is over
        the outlet's limit.
        """
        return order.given_alone + wish.amount > self._limit(wish)

    async def agree(self, wish_id: str, by: Handle, name: str) -> Wish:
        """The second person says yes. Raises NeedsAnother, WishNotFound, WishMoved."""
        return await self._carried_out(await self._answer(wish_id, by, name, WishState.AGREED))

    async def decline(self, wish_id: str, by: Handle, name: str) -> Wish:
        """Raises NeedsAnother, WishNotFound, WishMoved."""
        return await self._answer(wish_id, by, name, WishState.DECLINED)

    async def waiting(self, outlets: list[OutletId]) -> list[Wish]:
        """Those that wait for a second person, oldest first; one whose day is over is not among them."""
        now = self._clock.ms()
        return [wish for wish in await self._store.asked_at(outlets, BATCH) if now < wish.until_ms]

    # What is left half done

    async def due(self) -> list[Wish]:
        """Finish what a crash left, and end what nobody agreed to in time. Those a person is to be told of: still
        asked, or expired. Safe twice at once, and late.
        """
        to_tell = []
        for wish in await self._store.due(self._clock.ms(), BATCH):
            match wish.state:
                case WishState.AGREED:
                    await self._carried_out(wish)
                case WishState.ASKED:
                    to_tell.append(await self._change(wish.id, self._looked_at))
                case WishState.EXPIRED:
                    to_tell.append(wish)
                case _:
                    await self._change(wish.id, lambda it, _: it.model_copy(update={"due_ms": NEVER_MS}))
        await self._store.forget_before(self._clock.ms() - DRAFTS_KEPT_MS)
        return [wish for wish in to_tell if wish.state in (WishState.ASKED, WishState.EXPIRED) and not wish.told_ms]

    async def told(self, wish: Wish) -> None:
        """A person knows of it as it stands now."""

        def known(it: Wish, order: Order) -> Wish:
            if it.state is not wish.state:
                return it
            due_ms = it.until_ms if it.state is WishState.ASKED else NEVER_MS
            return it.model_copy(update={"told_ms": self._clock.ms(), "due_ms": due_ms})

        await self._change(wish.id, known)

    # How

    def _limit(self, wish: Wish) -> Money:
        return self._outlets.require(wish.outlet).refund_limit

    def _asked(self, wish: Wish) -> Wish:
        now = self._clock.ms()
        asked = {"asked_ms": now, "until_ms": now + AGREE_WITHIN_MS, "due_ms": now + LOOK_AGAIN_MS}
        return wish.model_copy(update={"state": WishState.ASKED, **asked})

    def _asked_after_all(self, wish: Wish, order: Order) -> Wish:
        agreed_to_by_nobody = wish.state is WishState.AGREED and not wish.decided_by
        return self._asked(wish) if agreed_to_by_nobody else wish

    def _looked_at(self, wish: Wish, order: Order) -> Wish:
        if wish.state is WishState.ASKED and self._clock.ms() >= wish.until_ms:
            return wish.model_copy(update={"state": WishState.EXPIRED, "told_ms": 0})
        return wish

    async def _answer(self, wish_id: str, by: Handle, name: str, state: WishState) -> Wish:
        def answered(wish: Wish, order: Order) -> Wish:
            now = self._clock.ms()
            if wish.state is state and wish.decided_by == by:
                return wish
            if wish.state is not WishState.ASKED or now >= wish.until_ms:
                raise WishMoved(state=WishState.EXPIRED if wish.state is WishState.ASKED else wish.state)
            if wish.by == by:
                raise NeedsAnother(wish=wish.id, by=by)
            due_ms = now + LOOK_AGAIN_MS if state is WishState.AGREED else NEVER_MS
            decided = {"decided_by": by, "decided_name": name, "decided_ms": now}
            return wish.model_copy(update={"state": state, "due_ms": due_ms, **decided})

        return await self._change(wish_id, answered)

    async def _carried_out(self, wish: Wish) -> Wish:
        """Into the order, under the wish's own name: however often this runs, it is one refund."""
        if wish.state is not WishState.AGREED:
            return wish
        assert wish.why is not None  # it was ready
        try:
            await self._orders.refund(
                wish.order,
                wish.by,
                wish.why.value,
                wish.amount,
                request=wish.id,
                words=wish.words,
                lines=wish.lines,
                agreed_by=wish.decided_by,
                alone_up_to=self._limit(wish),
            )
            state = WishState.DONE
        except NeedsSecondPerson:  # another wish of one person alone was faster
            return await self._change(wish.id, self._asked_after_all)
        except (NothingToRefund, TooMuchToRefund):  # something else went back meanwhile
            state = WishState.VOID
        log.info("refund_wish_ended", wish=wish.id, order_id=wish.order, state=state.value, amount=wish.amount.paise)
        return await self._change(wish.id, lambda it, _: it.model_copy(update={"state": state, "due_ms": NEVER_MS}))

    async def _drafted(self, wish_id: str, by: Handle, change: Change) -> Wish:
        def changed(wish: Wish, order: Order) -> Wish:
            if wish.by != by:
                raise WishNotFound(wish=wish.id)
            if wish.state is not WishState.DRAFT:
                raise WishMoved(state=wish.state)
            return change(wish, order)

        return await self._change(wish_id, changed)

    async def _change(self, wish_id: str, change: Change) -> Wish:
        """Raises WishNotFound, and StoreError after twenty lost races."""
        for lost in range(ROUNDS):
            wish = await self._store.get(wish_id) if is_id("wsh", wish_id) else None
            if wish is None:
                raise WishNotFound(wish=wish_id)
            new = change(wish, await self._orders.require(wish.order))
            if new == wish:
                return wish
            new = new.model_copy(update={"v": wish.v + 1})
            if await self._store.replace(new):
                return new
            await asyncio.sleep(random.uniform(0, 0.005 * (lost + 1)))
        raise StoreError("wish kept changing", wish=wish_id)

    def _reckoned(self, wish: Wish, order: Order) -> Wish:
        """With the amount as it is now: never more than is left. Raises NothingToRefund."""
        left = order.returnable
        if not left:
            raise NothingToRefund(order_id=order.id, status=order.status)
        amount = left if wish.whole else wish.amount
        if wish.by_dish:
            taxes = self._outlets.require(order.outlet).taxes
            amount = min(worth(order.bill, wish.lines, returned_portions(order), taxes=taxes), left)
        return wish.model_copy(update={"amount": amount})
