"""What a tap on an order's card does: one call of the order service, then the card as it reads now.

A tap that comes late, twice, or after somebody else's changes nothing and is answered with what is true.
"""

from collections.abc import Callable
from functools import partial

from bot.conversation.actions import Action, StaleAction
from bot.conversation.reply import Button, Outgoing, Reply
from bot.conversation.text import Text
from bot.kitchen.actions import (
    Accept,
    AnswerCancel,
    Cancel,
    CancelMenu,
    CancelReason,
    CardAgain,
    CollectedAndDelivered,
    Delivered,
    Out,
    PayAtDoor,
    Ready,
    Reject,
    RejectMenu,
    RejectReason,
    ShowCard,
    SoldOutMenu,
    Undo,
)
from bot.kitchen.actor import Actor
from bot.kitchen.card_posts import post_card, steady_card
from bot.kitchen.cards import cancel_card, card_id, dish_list, order_card, reject_card
from bot.kitchen.door import code_path, door_key, door_message, door_moved
from bot.kitchen.groups import Groups
from bot.kitchen.truths import truth, why_not
from core.errors import DomainError, ProviderError
from core.logs import get_logger
from core.menu.snapshot import MenuSnapshot
from core.money import Money
from core.orders.errors import AlreadyAccepted, NothingToUndo, OrderConflict, WrongCashAmount
from core.orders.guards import next_steps
from core.orders.ledger import LinkState
from core.orders.models import Order, OrderStatus
from core.services import Services
from core.staff.models import Verb

OrderTap = (
    ShowCard | CardAgain | Accept | RejectMenu | Reject | Ready | Out | Delivered | CollectedAndDelivered | Undo
    | PayAtDoor
    | CancelMenu | Cancel | AnswerCancel
)  # fmt: skip
MAX_DISHES = 8
log = get_logger(__name__)


def verb_of(tap: OrderTap, order: Order) -> Verb:
    """What somebody must be allowed to do for this tap."""
    match tap:
        case ShowCard() | CardAgain():
            return Verb.BOARD
        case Accept():
            return Verb.ACCEPT
        case RejectMenu() | Reject():
            return Verb.REJECT
        case Ready():
            return Verb.PROGRESS
        case Out() | Delivered() | CollectedAndDelivered() | PayAtDoor():
            return Verb.DELIVER
        case CancelMenu() | Cancel():
            return Verb.CANCEL
        case AnswerCancel():
            return Verb.CANCEL if tap.yes else Verb.PROGRESS
        case Undo():
            return _verb_undone(order)


def _verb_undone(order: Order) -> Verb:
    """Whoever may do a step may take it back."""
    match order.status:
        case OrderStatus.ACCEPTED:
            return Verb.ACCEPT
        case OrderStatus.OUT_FOR_DELIVERY | OrderStatus.COMPLETED:
            return Verb.DELIVER
        case _:
            return Verb.PROGRESS


class OrderTaps:
    """Taps of people who may do what they tap; the desk has looked."""

    def __init__(self, services: Services, groups: Groups) -> None:
        self._services = services
        self._groups = groups

    async def react(self, actor: Actor, tap: OrderTap, order: Order) -> tuple[Outgoing, ...]:
        kitchen = actor.kitchen
        match tap:
            case ShowCard():
                return await self._shown(actor, order)
            case CardAgain():
                return (await self._card(actor, order),)
            case RejectMenu() if order.status is OrderStatus.PLACED:
                return (await self._redrawn(actor, order, reject_card(kitchen, order)),)
            case CancelMenu() if order.status.cooking:
                return (await self._redrawn(actor, order, cancel_card(kitchen, order)),)
            case RejectMenu() | CancelMenu():
                card = await self._card(actor, order)
                return card, actor.says(truth(kitchen, order))
        note: Text | None = None
        try:
            order = await self._act(actor, tap, order)
        except (OrderConflict, WrongCashAmount) as error:
            order = await self._services.orders.at_outlet(order.id, actor.outlet.id)
            note = None if _own_again(actor, order, error) else why_not(kitchen, order, error)
        else:
            if not isinstance(tap, AnswerCancel | PayAtDoor) and order.history[-1].by != actor.handle:
                note = truth(kitchen, order)  # somebody else was faster with the same step
        answers = [await self._card(actor, order)]
        if note is not None:
            answers.append(actor.says(note))
        elif isinstance(tap, PayAtDoor):
            await self._show_code(actor, order)
        elif _ran_out(tap) and actor.may(Verb.SOLDOUT):
            answers.append(actor.says(self._which_dish(actor, order)))
        return tuple(answers)

    async def _shown(self, actor: Actor, order: Order) -> tuple[Outgoing, ...]:
        """A copy of the card; where the group only read of the order in a list, the card itself."""
        card = order_card(actor.kitchen, order)
        if order.placed_ms and not await self._groups.has(actor.chat, card_id(order)):
            try:
                await post_card(self._groups, actor.chat, actor.kitchen, order)
            except ProviderError as error:
                log.warning("card_not_shown", order_id=order.id, chat=actor.chat, error=type(error).__name__)
            else:
                return ()
        dishes = dish_list(actor.kitchen, order)
        return (actor.says(card),) if dishes is None else (actor.says(dishes), actor.says(card, 1))

    async def _card(self, actor: Actor, order: Order) -> Outgoing:
        card = order_card(actor.kitchen, order)
        return await self._redrawn(actor, order, card, partial(steady_card, actor.kitchen, order))

    async def _redrawn(
        self, actor: Actor, order: Order, card: Reply, steady: Callable[[], Reply] | None = None
    ) -> Outgoing:
        """The tapped card as `card`. The delivery that brings it to the outlet's other groups then spares this one."""
        answer = actor.redraws(card)
        await self._groups.redrawn(actor.chat, card_id(order), actor.incoming.message, answer, card, steady)
        return answer

    async def _act(self, actor: Actor, tap: Action, order: Order) -> Order:
        orders, outlet, by = self._services.orders, actor.outlet.id, actor.handle
        match tap:
            case Accept():
                return await orders.accept(order.id, outlet, by, tap.minutes)
            case Reject():
                return await orders.reject(order.id, outlet, by, tap.reason)
            case Ready():
                return await orders.advance(order.id, outlet, by, OrderStatus.READY)
            case Out():
                return await orders.advance(order.id, outlet, by, OrderStatus.OUT_FOR_DELIVERY)
            case Delivered():
                return await orders.advance(order.id, outlet, by, OrderStatus.COMPLETED)
            case CollectedAndDelivered():
                return await self._collected(actor, tap, order)
            case PayAtDoor():
                return await orders.door_link(order.id, outlet, by)
            case Undo():
                if order.moves != tap.moves:
                    raise NothingToUndo(order_id=order.id, status=order.status)
                return await orders.undo(order.id, outlet, by)
            case Cancel():
                return await orders.staff_cancel(order.id, outlet, by, tap.reason)
            case AnswerCancel():
                return await orders.answer_cancel_request(order.id, outlet, by, tap.yes)
            case _:
                raise StaleAction(packed=tap.tag)

    async def _collected(self, actor: Actor, tap: CollectedAndDelivered, order: Order) -> Order:
        """The cash and the last step. Cash is not taken for food that cannot be handed over yet."""
        orders, outlet, by = self._services.orders, actor.outlet.id, actor.handle
        if order.status.live and OrderStatus.COMPLETED not in next_steps(order):
            # An order nobody accepted, or one still cooking: advancing says which.
            return await orders.advance(order.id, outlet, by, OrderStatus.COMPLETED)
        await orders.collect_cash(order.id, outlet, by, Money(tap.paise))
        return await orders.advance(order.id, outlet, by, OrderStatus.COMPLETED)

    async def _show_code(self, actor: Actor, order: Order) -> None:
        """A code that was sent before comes down again; a new one comes by itself once there is a link."""
        link, kitchen = order.door_link, actor.kitchen
        if link is None or link.state is not LinkState.OPEN:
            return
        key = door_key(order, link)
        if await self._groups.has(actor.chat, key):
            await self._groups.post(actor.chat, key, door_moved(kitchen, order))
        code = door_message(kitchen, order, link, code_path(self._services.links, order, link))
        await self._groups.post(actor.chat, key, code, anew=True)

    def _which_dish(self, actor: Actor, order: Order) -> Reply:
        """After an order ended because a dish ran out: which one, so that nobody else orders it."""
        menu: MenuSnapshot = self._services.menu.snapshot(order.outlet)
        ids = dict.fromkeys(line.item for line in order.bill.lines)
        dishes = [item for item in (menu.get(item) for item in ids) if item is not None]
        return Reply(
            actor.texts.say("Which dish ran out? It leaves the menu at once."),
            tuple((Button(dish.name, SoldOutMenu(item=dish.code)),) for dish in dishes[:MAX_DISHES]),
        )


def _own_again(actor: Actor, order: Order, error: DomainError) -> bool:
    """The second tap of the same finger: nothing to say, the card shows it."""
    last = order.history[-1]
    match error:
        case AlreadyAccepted():
            return error.by == actor.handle and order.status is OrderStatus.ACCEPTED
        case NothingToUndo():
            return last.by == actor.handle and last.note == "undo"
        case _:
            return False


def _ran_out(tap: Action) -> bool:
    return isinstance(tap, Reject | Cancel) and tap.reason in (RejectReason.SOLD_OUT, CancelReason.SOLD_OUT)
