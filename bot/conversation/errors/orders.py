"""Words for orders that are not how the guest thinks they are."""

from bot.conversation.errors.book import Explained, WordBook
from bot.conversation.states import State
from bot.conversation.turn import Turn
from bot.screens.order import NoOrderYet
from bot.screens.usual import NothingLeft
from core.orders.errors import AlreadyPaid, OrderClosed, OrderConflict, StillNeeded, TooLateToCancel, UnpaidOrderOpen

words = WordBook()


@words(UnpaidOrderOpen)
def _unpaid(error: UnpaidOrderOpen, turn: Turn) -> Explained:
    return Explained(
        turn.texts.say("An order of yours still waits for its payment. Pay or cancel it first."), State.ORDER
    )


@words(TooLateToCancel)
def _too_late(error: TooLateToCancel, turn: Turn) -> Explained:
    return Explained(turn.texts.say("The kitchen has just accepted it. We can still ask them to stop."), State.ORDER)


@words(AlreadyPaid)
def _paid(error: AlreadyPaid, turn: Turn) -> Explained:
    return Explained(turn.texts.say("This order is paid already. Thank you!"), State.ORDER)


@words(OrderConflict)
def _order_moved(error: OrderConflict, turn: Turn) -> Explained:
    return Explained(turn.texts.say("Your order has moved on since. Here is how it stands."), State.ORDER)


@words(OrderClosed)
def _order_closed(error: OrderClosed, turn: Turn) -> Explained:
    return Explained(turn.texts.say("That order is over already."), State.ORDER)


@words(StillNeeded)
def _running(error: StillNeeded, turn: Turn) -> Explained:
    return Explained(
        turn.texts.say("Your order is still running. Once it is over you can erase your data."), State.ORDER
    )


@words(NoOrderYet)
def _no_order(error: NoOrderYet, turn: Turn) -> Explained:
    state = State.MENU if turn.session.outlet else State.HELLO
    return Explained(turn.texts.say("You have no orders yet. Shall we start one?"), state)


@words(NothingLeft)
def _nothing(error: NothingLeft, turn: Turn) -> Explained:
    return Explained(turn.texts.say("Nothing of that order can be had right now. Your cart is as it was."), State.MENU)
