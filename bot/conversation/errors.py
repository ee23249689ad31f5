"""The one place that turns an error into a sentence and a next step.

Each type has its words; a type without its own is spoken for by the nearest one above it in the tree, so nothing is
ever answered with a bare apology that knows better. A test visits every leaf.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bot.conversation.actions import StaleAction
from bot.conversation.listener import CannotSee, TextTooLong
from bot.conversation.session import Fact
from bot.conversation.states import State
from bot.conversation.text import Text
from bot.conversation.turn import OutletNotChosen, Turn
from bot.kitchen.human import NobodyThere
from bot.screens.address import AddressUnclear
from bot.screens.cart import CartHasProblems
from bot.screens.item import QuantityUnclear
from bot.screens.order import NoOrderYet
from bot.screens.pay import prepaid_text
from bot.screens.profile import NameUnclear
from bot.screens.usual import NothingLeft
from bot.screens.walk import DetailMissing
from bot.screens.words import fulfilment_name, wait_text
from core.cart.errors import (
    AlreadyPlaced,
    CartChanged,
    CartEmpty,
    CartFull,
    ItemGone,
    LineGone,
    OptionGone,
    OptionsWrong,
    OtherOutlet,
    QuantityInvalid,
    QuantityTooLarge,
)
from core.checkout.coupon import CouponRefusal
from core.checkout.errors import (
    AboveMaximum,
    AddressNeeded,
    BelowMinimum,
    CashLimit,
    CodeNeeded,
    CouponRefused,
    FulfilmentNotOffered,
    MethodNotOffered,
    NotServedNow,
    NotServiceable,
    OutletClosed,
    OutletPaused,
    PhoneNeeded,
    PrepaidOnly,
    PriceChanged,
    SlotGone,
    TableNeeded,
    TipRefused,
    TooManyOpenCashOrders,
)
from core.customers.errors import InvalidAddress, InvalidName, OldPhoneNeeded, TooManyAddresses
from core.errors import (
    Conflict,
    DomainError,
    Forbidden,
    InvalidInput,
    NotFound,
    ProviderError,
    RestaurantError,
    TooManyAttempts,
)
from core.menu.errors import ItemNotFound, ItemSoldOut, VariantNotFound
from core.orders.errors import AlreadyPaid, OrderClosed, OrderConflict, StillNeeded, TooLateToCancel, UnpaidOrderOpen
from core.otp.errors import CodeExpired, CodeLocked, InvalidPhone, NotACode, PhoneNotAllowed, WrongCode
from core.outlets.models import Outlet
from core.sms.provider import NumberRejected


@dataclass(frozen=True, slots=True)
class Explained:
    """What to say, and which screen to show below it. `state` None: the one that is shown already."""

    text: Text
    state: State | None = None
    data: dict[str, Fact] = field(default_factory=dict)


E = TypeVar("E", bound=RestaurantError)
Words = Callable[[Any, Turn], Explained]
_WORDS: dict[type[RestaurantError], Words] = {}


def words(*kinds: type[E]) -> Callable[[Callable[[E, Turn], Explained]], Callable[[E, Turn], Explained]]:
    def register(speak: Callable[[E, Turn], Explained]) -> Callable[[E, Turn], Explained]:
        for kind in kinds:
            _WORDS[kind] = speak
        return speak

    return register


def explain(error: RestaurantError, turn: Turn) -> Explained:
    for kind in type(error).__mro__:
        if speak := _WORDS.get(kind):
            return speak(error, turn)
    raise error


def spoken_for() -> frozenset[type[RestaurantError]]:
    """The types with words of their own."""
    return frozenset(_WORDS)


def _moment(turn: Turn, ms: int) -> str:
    return turn.texts.moment(ms, _outlet(turn).timezone, turn.now_ms)


def _outlet(turn: Turn) -> Outlet:
    chosen = turn.services.outlets.get(turn.session.outlet) if turn.session.outlet else None
    return chosen or turn.services.outlets.all()[0]


def _money(turn: Turn, amount: Any) -> str:
    return turn.texts.money(amount, _outlet(turn).currency)


# --- the roots: what is said when nobody knows better ---------------------------------------------------------------


@words(DomainError, InvalidInput)
def _domain(error: DomainError, turn: Turn) -> Explained:
    return Explained(turn.texts.say("That did not work as typed. Nothing was changed; please try again."))


@words(NotFound)
def _not_found(error: NotFound, turn: Turn) -> Explained:
    return Explained(turn.texts.say("That is not there any more. Here is what is."), State.HELLO)


@words(ItemNotFound, VariantNotFound)
def _no_item(error: NotFound, turn: Turn) -> Explained:
    return Explained(turn.texts.say("That dish is no longer on the menu. Here is the menu as it is now."), State.MENU)


@words(Conflict)
def _conflict(error: Conflict, turn: Turn) -> Explained:
    return Explained(turn.texts.say("Things have moved on since that message. Here is how they stand."))


@words(Forbidden)
def _forbidden(error: Forbidden, turn: Turn) -> Explained:
    return Explained(turn.texts.say("That is not yours to open from this chat."), State.HELLO)


@words(TooManyAttempts)
def _too_many(error: TooManyAttempts, turn: Turn) -> Explained:
    wait = wait_text(turn.texts, error.retry_after)
    reason = getattr(error, "reason", "")
    if reason == "cooldown":
        return Explained(turn.texts.say("The code is on its way. You can ask for another in {wait}.", wait=wait))
    if reason in ("series", "budget"):  # not this guest's doing
        return Explained(
            turn.texts.say(
                "Codes by SMS to your number have to wait {wait}. Your cart is safe; type *human* to reach a person.",
                wait=wait,
            )
        )
    return Explained(
        turn.texts.say("That was asked for too often. Please try again in {wait}; your cart is safe.", wait=wait)
    )


@words(ProviderError)
def _provider(error: ProviderError, turn: Turn) -> Explained:
    return Explained(
        turn.texts.say("Another service did not answer just now. Nothing was lost; please try again in a minute.")
    )


# --- the conversation itself ----------------------------------------------------------------------------------------


@words(StaleAction)
def _stale(error: StaleAction, turn: Turn) -> Explained:
    return Explained(turn.texts.say("That button is from an older message. Here is what is true now."))


@words(OutletNotChosen)
def _no_outlet(error: OutletNotChosen, turn: Turn) -> Explained:
    return Explained(turn.texts.say("First, where should your food come from?"), State.OUTLET)


@words(TextTooLong)
def _long(error: TextTooLong, turn: Turn) -> Explained:
    return Explained(turn.texts.say("That is a lot of text. Please keep it under {limit} characters.", limit=1000))


@words(CannotSee)
def _media(error: CannotSee, turn: Turn) -> Explained:
    return Explained(turn.texts.say("I can only read text. Please type it, or type *human* to show it to a person."))


@words(DetailMissing)
def _detail(error: DetailMissing, turn: Turn) -> Explained:
    return Explained(turn.texts.say("One more detail first."), error.state)


@words(NoOrderYet)
def _no_order(error: NoOrderYet, turn: Turn) -> Explained:
    state = State.MENU if turn.session.outlet else State.HELLO
    return Explained(turn.texts.say("You have no orders yet. Shall we start one?"), state)


@words(NothingLeft)
def _nothing(error: NothingLeft, turn: Turn) -> Explained:
    return Explained(turn.texts.say("Nothing of that order can be had right now. Your cart is as it was."), State.MENU)


@words(NobodyThere)
def _nobody(error: NobodyThere, turn: Turn) -> Explained:
    return Explained(
        turn.texts.say(
            "Nobody at {outlet} can be reached in chat just now. Please call {phone}.",
            outlet=error.name,
            phone=error.phone,
        ),
        State.HELLO,
    )


@words(StillNeeded)
def _running(error: StillNeeded, turn: Turn) -> Explained:
    return Explained(
        turn.texts.say("Your order is still running. Once it is over you can erase your data."), State.ORDER
    )


# --- the phone ------------------------------------------------------------------------------------------------------


@words(InvalidPhone)
def _phone(error: InvalidPhone, turn: Turn) -> Explained:
    texts = turn.texts
    match error.reason:
        case "not_mobile":
            text = texts.say("That is not a mobile number, so it cannot get an SMS. Please type a mobile number.")
        case "country":
            text = texts.say("We can only send SMS to Indian numbers at the moment. Please type one.")
        case _:
            text = texts.say("That does not look like a mobile number. Please type ten digits, such as 98765 43210.")
    return Explained(text)


@words(PhoneNotAllowed, NumberRejected)
def _phone_refused(error: RestaurantError, turn: Turn) -> Explained:
    return Explained(turn.texts.say("We cannot send an SMS to that number. Please type another one."), State.PHONE)


@words(NotACode)
def _not_a_code(error: NotACode, turn: Turn) -> Explained:
    return Explained(turn.texts.say("The code has six digits. Please type it as it stands in the SMS."))


@words(WrongCode)
def _wrong(error: WrongCode, turn: Turn) -> Explained:
    return Explained(
        turn.texts.say_n(
            "That is not the code. You have {count} try left.",
            "That is not the code. You have {count} tries left.",
            error.tries_left,
        )
    )


@words(CodeExpired)
def _expired(error: CodeExpired, turn: Turn) -> Explained:
    return Explained(turn.texts.say("That is not the code, or it has run out. Tap *Send again* for a new one."))


@words(CodeLocked)
def _locked(error: CodeLocked, turn: Turn) -> Explained:
    if error.again_after:
        return Explained(
            turn.texts.say(
                "Five wrong tries: this code is dead, to keep the number safe. You can ask for a new one in {wait}.",
                wait=wait_text(turn.texts, error.again_after),
            )
        )
    return Explained(
        turn.texts.say("Five wrong tries: this code is dead, to keep the number safe. Tap *Send again* for a new one.")
    )


@words(OldPhoneNeeded)
def _old_phone(error: OldPhoneNeeded, turn: Turn) -> Explained:
    return Explained(
        turn.texts.say("That is another number than the one we know you by. Nothing was changed yet."),
        State.PHONE,
        {"change": 1},
    )


@words(PhoneNeeded)
def _phone_needed(error: PhoneNeeded, turn: Turn) -> Explained:
    turn.session = turn.session.but(resume=State.REVIEW)
    return Explained(
        turn.texts.say("We need your number before we can place the order. Your cart is safe."), State.PHONE
    )


# --- the person -----------------------------------------------------------------------------------------------------


@words(NameUnclear, InvalidName)
def _name(error: InvalidInput, turn: Turn) -> Explained:
    return Explained(turn.texts.say("Please type a name with letters, at most 60 characters."))


@words(AddressUnclear, InvalidAddress)
def _address(error: InvalidInput, turn: Turn) -> Explained:
    texts = turn.texts
    match error.field:
        case "pin":
            text = texts.say("A PIN code has six digits and does not begin with 0, such as 560001.")
        case "city":
            text = texts.say("Please type the name of the city.")
        case "landmark":
            text = texts.say("Please keep the landmark under 120 characters.")
        case _:
            text = texts.say("Please type house, street and area, between 5 and 200 characters.")
    return Explained(text)


@words(TooManyAddresses)
def _addresses(error: TooManyAddresses, turn: Turn) -> Explained:
    return Explained(
        turn.texts.say("You have saved as many addresses as we keep. Please delete one first."), State.ADDRESSES
    )


# --- the cart -------------------------------------------------------------------------------------------------------


@words(CartEmpty)
def _empty(error: CartEmpty, turn: Turn) -> Explained:
    state = State.MENU if turn.session.outlet else State.HELLO
    return Explained(turn.texts.say("Your cart is empty. Pick something good first."), state)


@words(CartFull)
def _full(error: CartFull, turn: Turn) -> Explained:
    return Explained(
        turn.texts.say(
            "Your cart holds {limit} different dishes, which is all a ticket can take. Call us for a feast.",
            limit=error.limit,
        ),
        State.CART,
    )


@words(QuantityTooLarge)
def _too_large(error: QuantityTooLarge, turn: Turn) -> Explained:
    return Explained(
        turn.texts.say("At most {limit} of one dish in a chat order. For more, type *human*.", limit=error.limit)
    )


@words(QuantityUnclear, QuantityInvalid)
def _quantity(error: InvalidInput, turn: Turn) -> Explained:
    return Explained(turn.texts.say("How many? Please type a whole number from 1 to 20."))


@words(OtherOutlet)
def _other_outlet(error: OtherOutlet, turn: Turn) -> Explained:
    current = turn.services.outlets.get(error.current)
    return Explained(
        turn.texts.say(
            "Your cart is from *{outlet}*, and one order is cooked in one kitchen. Order or empty that cart first.",
            outlet=current.name if current else str(error.current),
        ),
        State.CART,
    )


@words(LineGone)
def _line_gone(error: LineGone, turn: Turn) -> Explained:
    return Explained(turn.texts.say("That line is no longer in your cart. Here is your cart."), State.CART)


@words(ItemGone)
def _item_gone(error: ItemGone, turn: Turn) -> Explained:
    return Explained(turn.texts.say("*{dish}* is no longer on the menu.", dish=error.name), State.CART)


@words(OptionGone)
def _option_gone(error: OptionGone, turn: Turn) -> Explained:
    return Explained(
        turn.texts.say("*{dish}*: a choice is not offered any more. Please choose it anew.", dish=error.name),
        State.CART,
    )


@words(OptionsWrong)
def _options(error: OptionsWrong, turn: Turn) -> Explained:
    return Explained(turn.texts.say("*{dish}* needs another choice. Please open it and choose.", dish=error.name))


@words(ItemSoldOut)
def _sold_out(error: ItemSoldOut, turn: Turn) -> Explained:
    texts = turn.texts
    left = int(getattr(error, "left", 0) or 0)
    if left:
        text = texts.say_n(
            "Only {count} *{dish}* is left. The rest of your cart is safe.",
            "Only {count} *{dish}* are left. The rest of your cart is safe.",
            left,
            dish=error.name,
        )
    else:
        text = texts.say("*{dish}* has just sold out. The rest of your cart is safe.", dish=error.name)
    state = State.CART if turn.session.state in (State.REVIEW, State.PAY, State.CART, State.USUAL) else None
    return Explained(text, state)


@words(NotServedNow)
def _not_now(error: NotServedNow, turn: Turn) -> Explained:
    return Explained(turn.texts.say("*{dish}* is served at {meal} only.", dish=error.name, meal=error.meal))


@words(CartHasProblems)
def _problems(error: CartHasProblems, turn: Turn) -> Explained:
    return Explained(
        turn.texts.say("Cannot be ordered now: {names}. Take it out, then check out.", names=error.names), State.CART
    )


@words(CartChanged)
def _changed(error: CartChanged, turn: Turn) -> Explained:
    return Explained(turn.texts.say("Your cart has changed since this was shown. Please check it again."), State.REVIEW)


@words(AlreadyPlaced)
def _placed(error: AlreadyPlaced, turn: Turn) -> Explained:
    return Explained(turn.texts.say("This cart was ordered already. Here is that order."), State.ORDER)


# --- the checkout ---------------------------------------------------------------------------------------------------


@words(PriceChanged)
def _price(error: PriceChanged, turn: Turn) -> Explained:
    return Explained(
        turn.texts.say(
            "A price has changed: it was {was}, it is *{now}* now. Nothing was ordered; please check again.",
            was=_money(turn, error.was),
            now=_money(turn, error.now),
        ),
        State.REVIEW,
    )


@words(OutletClosed)
def _closed(error: OutletClosed, turn: Turn) -> Explained:
    if error.next_ms:
        text = turn.texts.say(
            "The kitchen is closed now and opens {time}. Your cart is safe; you can choose a later time.",
            time=_moment(turn, error.next_ms),
        )
    else:
        text = turn.texts.say("The kitchen is closed this week. Your cart is safe.")
    return Explained(text, State.WHEN)


@words(OutletPaused)
def _paused(error: OutletPaused, turn: Turn) -> Explained:
    return Explained(
        turn.texts.say(
            "The kitchen takes a short break until {time}. Your cart is safe.", time=_moment(turn, error.until_ms)
        ),
        State.CART,
    )


@words(SlotGone)
def _slot(error: SlotGone, turn: Turn) -> Explained:
    turn.session = turn.session.but(slot=None)
    return Explained(turn.texts.say("That time is gone. Please choose another."), State.WHEN)


@words(FulfilmentNotOffered)
def _fulfilment(error: FulfilmentNotOffered, turn: Turn) -> Explained:
    how = fulfilment_name(turn.texts, error.fulfilment)
    return Explained(turn.texts.say("This branch does not offer: {how}.", how=how), State.FULFILMENT)


@words(BelowMinimum)
def _minimum(error: BelowMinimum, turn: Turn) -> Explained:
    return Explained(
        turn.texts.say(
            "Orders like this start at {minimum}: *{missing} more*, please.",
            minimum=_money(turn, error.minimum),
            missing=_money(turn, error.missing),
        ),
        State.MENU,
    )


@words(AboveMaximum)
def _maximum(error: AboveMaximum, turn: Turn) -> Explained:
    return Explained(
        turn.texts.say(
            "A chat order goes up to {maximum}. For a feast, type *human* and we arrange it.",
            maximum=_money(turn, error.maximum),
        ),
        State.CART,
    )


@words(NotServiceable)
def _far(error: NotServiceable, turn: Turn) -> Explained:
    return Explained(
        turn.texts.say("We do not deliver to {pin}.", pin=error.pin), State.ADDRESS, {"too_far": error.pin}
    )


@words(AddressNeeded)
def _address_needed(error: AddressNeeded, turn: Turn) -> Explained:
    turn.session = turn.session.but(resume=State.REVIEW)
    return Explained(turn.texts.say("Where shall we bring it?"), State.ADDRESS)


@words(TableNeeded)
def _table_needed(error: TableNeeded, turn: Turn) -> Explained:
    turn.session = turn.session.but(resume=State.REVIEW, table="")
    return Explained(turn.texts.say("One more detail: your table."), State.TABLE)


@words(MethodNotOffered)
def _method(error: MethodNotOffered, turn: Turn) -> Explained:
    return Explained(turn.texts.say("That way to pay is not offered here. Please choose another."), State.PAY)


@words(CodeNeeded)
def _code_needed(error: CodeNeeded, turn: Turn) -> Explained:
    back = State.ORDER if turn.session.state is State.ORDER else State.PAY
    turn.session = turn.session.but(resume=back)
    text = turn.texts.say(
        "One more step for cash: please confirm your number by a code. Or pay online, then no code is needed."
    )
    return Explained(text, State.PHONE, {"code": 1})


@words(PrepaidOnly)
def _prepaid(error: PrepaidOnly, turn: Turn) -> Explained:
    return Explained(prepaid_text(turn, error.until_ms), State.PAY)


@words(CashLimit)
def _cash(error: CashLimit, turn: Turn) -> Explained:
    return Explained(
        turn.texts.say("Cash works up to {limit}. Please pay online for this one.", limit=_money(turn, error.limit)),
        State.PAY,
    )


@words(TooManyOpenCashOrders)
def _cash_orders(error: TooManyOpenCashOrders, turn: Turn) -> Explained:
    return Explained(
        turn.texts.say(
            "You have {limit} cash orders running. Pay online, or wait until one is done.", limit=error.limit
        ),
        State.PAY,
    )


@words(TipRefused)
def _tip(error: TipRefused, turn: Turn) -> Explained:
    return Explained(turn.texts.say("Tips go up to {most}.", most=_money(turn, error.most)), State.CHANGE)


@words(CouponRefused)
def _coupon(error: CouponRefused, turn: Turn) -> Explained:
    texts = turn.texts
    code = error.code[:24]
    match error.reason:
        case CouponRefusal.MINIMUM:
            text = texts.say(
                "*{code}* needs {missing} more in the cart.", code=code, missing=_money(turn, error.missing)
            )
        case CouponRefusal.FIRST_ORDER:
            text = texts.say("*{code}* is for a first order.", code=code)
        case CouponRefusal.USED:
            text = texts.say("You have used *{code}* already.", code=code)
        case CouponRefusal.NOT_YET | CouponRefusal.ENDED:
            text = texts.say("*{code}* is not valid today.", code=code)
        case CouponRefusal.NOTHING_TO_PAY:
            text = texts.say("*{code}* would leave nothing to pay. Add something more first.", code=code)
        case CouponRefusal.FULFILMENT:
            text = texts.say("*{code}* is not for this order type.", code=code)
        case _:
            text = texts.say("We do not know the coupon *{code}*.", code=code)
    if turn.session.coupon.upper() == error.code.upper():  # it applied before, and does not any more
        turn.session = turn.session.but(coupon="")
        return Explained(text, State.REVIEW)
    return Explained(text, State.COUPON)


# --- orders ---------------------------------------------------------------------------------------------------------


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
