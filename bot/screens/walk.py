"""The walk from hello to dinner: what is still missing, and where to go next.

Every screen of the walk ends with `onward(turn)`; only this file knows the order, so a guest who arrives by a table's
QR code, or who chose *Menu first*, skips just what they skip.
"""

from bot.conversation.screen import Goto
from bot.conversation.states import State
from bot.conversation.turn import Turn
from core.checkout.models import Plan
from core.customers.models import Customer
from core.errors import Conflict
from core.ids import OutletId
from core.outlets.models import Fulfilment, Outlet


class DetailMissing(Conflict):
    """The review needs something the guest has not told yet; `state` is the screen that asks for it."""

    state: State


def onward(turn: Turn) -> Goto:
    """The next screen on the way to the menu."""
    session = turn.session
    if turn.services.settings.verify_at == "start" and not session.phone and not session.menu_first:
        turn.session = session.but(resume=None)
        return Goto(State.PHONE)
    if session.outlet is None or turn.services.outlets.get(session.outlet) is None:
        outlets = turn.services.outlets.all()
        if len(outlets) != 1:
            return Goto(State.OUTLET)
        choose_outlet(turn, outlets[0])
    if turn.session.fulfilment is None:
        return Goto(State.FULFILMENT)
    if turn.session.fulfilment is Fulfilment.DINE_IN and not turn.session.table:
        return Goto(State.TABLE)
    if turn.session.resume is State.REVIEW:
        return to_review(turn)
    return Goto(State.MENU)


def to_review(turn: Turn) -> Goto:
    """The next screen on the way from the cart to the review."""
    turn.session = turn.session.but(resume=State.REVIEW)
    missing = missing_detail(turn)
    if missing is not None:
        return Goto(missing)
    turn.session = turn.session.but(resume=None)
    return Goto(State.REVIEW)


def missing_detail(turn: Turn) -> State | None:
    session = turn.session
    if session.outlet is None:
        return State.OUTLET
    if session.fulfilment is None or session.fulfilment not in turn.outlet.fulfilments:
        return State.FULFILMENT
    if session.fulfilment is Fulfilment.DINE_IN and not session.table:
        return State.TABLE
    if session.fulfilment is Fulfilment.DELIVERY and session.address is None:
        return State.ADDRESS
    return None


def choose_outlet(turn: Turn, outlet: Outlet) -> None:
    session = turn.session
    if session.outlet != outlet.id:
        # Zones, tables and order types belong to a branch; what was chosen at another one does not carry over.
        kept = session.fulfilment if session.fulfilment in outlet.fulfilments else None
        turn.session = session.but(outlet=outlet.id, fulfilment=kept, table="", slot=None, coupon="")


def follow_cart(turn: Turn, outlet: OutletId | None) -> None:
    """The cart may have been begun at another branch, or on another device: the branch follows the cart."""
    if outlet is not None and outlet != turn.session.outlet:
        found = turn.services.outlets.get(outlet)
        if found is not None:
            choose_outlet(turn, found)


def plan(turn: Turn, customer: Customer) -> Plan:
    """What the guest has chosen so far, as the checkout needs it.

    Raises DetailMissing when the review cannot be shown yet.
    """
    missing = missing_detail(turn)
    if missing is not None:
        turn.session = turn.session.but(resume=State.REVIEW)
        raise DetailMissing(state=missing)
    session = turn.session
    assert session.fulfilment is not None
    address = customer.address(session.address) if session.address else None
    delivered = session.fulfilment is Fulfilment.DELIVERY
    if delivered and address is None:
        raise DetailMissing(state=State.ADDRESS)
    return Plan(
        fulfilment=session.fulfilment,
        table=session.table if session.fulfilment is Fulfilment.DINE_IN else "",
        address=address if delivered else None,
        slot=session.slot,
        coupon=session.coupon,
        tip=session.tip,
        rider_note=session.rider_note if delivered else "",
    )
