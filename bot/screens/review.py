"""The review: everything that will be charged, and the last chance to change it."""

from bot.conversation.actions import Action
from bot.conversation.incoming import Text as Typed
from bot.conversation.reply import Button, Reply, Style
from bot.conversation.screen import Back, Goto, NotUnderstood, Screen, Step, on
from bot.conversation.states import State
from bot.conversation.text import Text, lines, paragraphs
from bot.conversation.turn import Turn
from bot.screens.address import address_text
from bot.screens.taps import GoBack, OpenCart, OpenCoupon, OpenFulfilment, OpenMenu, OpenWhen, StartCheckout
from bot.screens.walk import follow_cart, plan
from bot.screens.words import bill_text, fulfilment_name
from core.cart.errors import CartEmpty
from core.cart.models import MAX_NOTE
from core.checkout.errors import BelowMinimum
from core.checkout.models import Quote
from core.customers.names import clean_text
from core.money import Money
from core.outlets.hours import slots
from core.outlets.models import Fulfilment, Slot

TIPS = (20, 30, 50)  # rupees


class PlaceOrder(Action, tag="place!"):
    """Say yes to the cart version and total that were shown."""

    version: int
    total: int


class OpenChange(Action, tag="chg"):
    pass


class ChangeAddress(Action, tag="chgto"):
    pass


class WriteOrderNote(Action, tag="chgnote"):
    pass


class PickTip(Action, tag="tip"):
    rupees: int


class PickSlot(Action, tag="slot"):
    minute: int  # since 1970; 0: as soon as possible


class DropCoupon(Action, tag="coupon-"):
    pass


async def quote(turn: Turn) -> Quote:
    """The bill for the cart as it is now and the plan as it is now."""
    view = await turn.services.cart.view(turn.customer_id, turn.session.diet)
    if not view.lines:
        raise CartEmpty()
    follow_cart(turn, view.outlet)
    customer = await turn.customer()
    return await turn.services.checkout.quote(customer, plan(turn, customer))


def plan_text(turn: Turn, quote: Quote) -> Text:
    """How, where to and when."""
    texts, outlet, chosen = turn.texts, turn.outlet, quote.plan
    how = fulfilment_name(texts, chosen.fulfilment)
    where: Text | None = None
    if chosen.fulfilment is Fulfilment.DINE_IN:
        where = texts.say("Table *{table}*", table=chosen.table)
    elif chosen.address is not None:
        where = texts.say("To: {address}", address=address_text(chosen.address))
    when = texts.moment(quote.promised_ms, outlet.timezone, turn.now_ms)
    promise = {
        Fulfilment.DINE_IN: texts.say("At your table about *{time}*", time=when),
        Fulfilment.TAKEAWAY: texts.say("Ready to collect about *{time}*", time=when),
        Fulfilment.DELIVERY: texts.say("At your door about *{time}*", time=when),
    }[chosen.fulfilment]
    note = texts.say("Note to the kitchen: “{note}”", note=quote.note) if quote.note else None
    return lines(texts.say("*{how}* · {outlet}", how=how, outlet=outlet.name), where, promise, note)


def hurdles(turn: Turn, quote: Quote) -> Text:
    texts, currency = turn.texts, quote.bill.currency
    below = (
        texts.say(
            "*Add {amount} more* to reach the minimum for delivery here.",
            amount=texts.money(quote.minimum_missing, currency),
        )
        if quote.minimum_missing
        else None
    )
    free = (
        texts.say("Add {amount} more and delivery is free.", amount=texts.money(quote.free_delivery_missing, currency))
        if quote.free_delivery_missing
        else None
    )
    return lines(below, free)


class ReviewScreen(Screen):
    state = State.REVIEW

    async def render(self, turn: Turn) -> Reply:
        texts = turn.texts
        shown = await quote(turn)
        text = paragraphs(
            texts.say("*Please check your order*"),
            plan_text(turn, shown),
            bill_text(texts, shown.bill),
            hurdles(turn, shown),
            texts.say("_You can cancel free of charge until the restaurant accepts; after that, ask and we try._"),
        )
        rows: list[tuple[Button, ...]] = []
        if shown.minimum_missing:
            rows.append((Button(texts.t("Add more"), OpenMenu(), style=Style.PRIMARY),))
        else:
            place = PlaceOrder(version=shown.cart_version, total=shown.bill.total.paise)
            rows.append((Button(texts.t("Place order"), place, style=Style.PRIMARY),))
        rows.append((Button(texts.t("Change"), OpenChange()), Button(texts.t("Back to cart"), OpenCart())))
        return Reply(text, tuple(rows))

    @on(PlaceOrder)
    async def place(self, turn: Turn, tap: PlaceOrder) -> Step:
        """The order itself is made on the next screen, with the way to pay. Asks for the phone first if need be."""
        await turn.customer()  # who signed out everywhere is signed out here too
        if not turn.session.phone:
            turn.session = turn.session.but(resume=State.REVIEW)
            turn.notice(turn.texts.say("Almost there. Your cart is safe while we confirm your number."))
            return Goto(State.PHONE)
        shown = await quote(turn)
        if shown.minimum_missing:
            raise BelowMinimum(minimum=shown.bill.subtotal + shown.minimum_missing, missing=shown.minimum_missing)
        if shown.cart_version != tap.version or shown.bill.total.paise != tap.total:
            turn.notice(turn.texts.say("Something changed since you looked. Please check the new total."))
            return Goto(State.REVIEW)
        return Goto(State.PAY, {"version": tap.version, "total": tap.total})


class ChangeScreen(Screen):
    """What can still be changed. Owns Back, which every screen offers."""

    state = State.CHANGE
    folds = True

    async def render(self, turn: Turn) -> Reply:
        texts, session = turn.texts, turn.session
        rows: list[tuple[Button, ...]] = [
            (Button(texts.t("Dishes"), OpenCart()), Button(texts.t("Time"), OpenWhen())),
            (Button(texts.t("Order type"), OpenFulfilment()), Button(texts.t("Coupon"), OpenCoupon())),
        ]
        if session.fulfilment is Fulfilment.DELIVERY:
            rows.append((Button(texts.t("Address"), ChangeAddress()),))
        rows.append((Button(texts.t("Note to the kitchen"), WriteOrderNote()),))
        tips = [
            Button(
                texts.t("Tip {amount}", amount=texts.money(Money.rupees(r), turn.outlet.currency)), PickTip(rupees=r)
            )
            for r in TIPS
        ]
        rows.append((Button(texts.t("No tip"), PickTip(rupees=0)), *tips) if session.tip else tuple(tips))
        rows.append((Button(texts.t("Back to review"), StartCheckout()),))
        if session.data.get("note"):
            return Reply(
                texts.say("Type your note to the kitchen for the whole order."),
                ((Button(texts.t("Back"), OpenChange()),),),
                in_place=True,
            )
        return Reply(
            texts.say("What would you like to change? A tip is up to you and goes to the staff."),
            tuple(rows),
            in_place=True,
        )

    @on(OpenChange)
    async def open(self, turn: Turn, tap: OpenChange) -> Step:
        return Goto(State.CHANGE)

    @on(GoBack)
    async def back(self, turn: Turn, tap: GoBack) -> Step:
        return Back()

    @on(ChangeAddress)
    async def address(self, turn: Turn, tap: ChangeAddress) -> Step:
        turn.session = turn.session.but(resume=State.REVIEW)
        return Goto(State.ADDRESS)

    @on(PickTip)
    async def tip(self, turn: Turn, tap: PickTip) -> Step:
        turn.session = turn.session.but(tip=Money.rupees(tap.rupees if tap.rupees in (0, *TIPS) else 0))
        return Goto(State.REVIEW)

    @on(WriteOrderNote)
    async def write(self, turn: Turn, tap: WriteOrderNote) -> Step:
        return Goto(State.CHANGE, {"note": 1})

    @on(Typed)
    async def typed(self, turn: Turn, said: Typed) -> Step:
        if not turn.session.data.get("note"):
            return NotUnderstood()
        await turn.services.cart.set_note(turn.customer_id, clean_text(said.text, MAX_NOTE), turn.tap)
        turn.notice(turn.texts.say("Noted for the kitchen."))
        return Goto(State.REVIEW)


class WhenScreen(Screen):
    """Now, or a time of the guest's choosing."""

    state = State.WHEN

    async def render(self, turn: Turn) -> Reply:
        texts, outlet = turn.texts, turn.outlet
        how = turn.session.fulfilment or Fulfilment.TAKEAWAY
        found = slots(outlet, how, turn.services.clock.now(), outlet.prep_minutes)[:12]
        buttons = [
            Button(texts.moment(slot.start_ms, outlet.timezone, turn.now_ms), PickSlot(minute=slot.start_ms // 60_000))
            for slot in found
        ]
        width = 2 if turn.capabilities.columns > 1 else 1
        rows = [tuple(buttons[i : i + width]) for i in range(0, len(buttons), width)]
        now = (Button(texts.t("As soon as possible"), PickSlot(minute=0), style=Style.PRIMARY),)
        return Reply(
            texts.say("When would you like it?"), (now, *rows, (Button(texts.t("Back"), GoBack()),)), in_place=True
        )

    @on(OpenWhen)
    async def open(self, turn: Turn, tap: OpenWhen) -> Step:
        return Goto(State.WHEN)

    @on(PickSlot)
    async def pick(self, turn: Turn, tap: PickSlot) -> Step:
        outlet = turn.outlet
        chosen: Slot | None = None
        if tap.minute:
            how = turn.session.fulfilment or Fulfilment.TAKEAWAY
            offered = slots(outlet, how, turn.services.clock.now(), outlet.prep_minutes)
            chosen = next((slot for slot in offered if slot.start_ms // 60_000 == tap.minute), None)
            if chosen is None:
                turn.notice(turn.texts.say("That time is gone. Please choose another."))
                return Goto(State.WHEN)
        turn.session = turn.session.but(slot=chosen)
        return Goto(State.REVIEW)


class CouponScreen(Screen):
    state = State.COUPON

    async def render(self, turn: Turn) -> Reply:
        texts = turn.texts
        row = [Button(texts.t("Back to review"), StartCheckout())]
        if turn.session.coupon:
            row.insert(0, Button(texts.t("Remove {code}", code=turn.session.coupon), DropCoupon()))
        return Reply(texts.say("Type your coupon code."), (tuple(row),), in_place=True)

    @on(OpenCoupon)
    async def open(self, turn: Turn, tap: OpenCoupon) -> Step:
        return Goto(State.COUPON)

    @on(DropCoupon)
    async def drop(self, turn: Turn, tap: DropCoupon) -> Step:
        turn.session = turn.session.but(coupon="")
        turn.notice(turn.texts.say("Coupon removed."))
        return Goto(State.REVIEW)

    @on(Typed)
    async def typed(self, turn: Turn, said: Typed) -> Step:
        """A coupon that does not apply is refused with its reason; the one before stays."""
        code = clean_text(said.text, 24).upper().replace(" ", "")
        customer = await turn.customer()
        chosen = plan(turn, customer)
        priced = await turn.services.checkout.quote(customer, chosen.model_copy(update={"coupon": code}))
        turn.session = turn.session.but(coupon=code)
        saved = turn.texts.money(priced.bill.discount, priced.bill.currency)
        turn.notice(turn.texts.say("Coupon *{code}* saves you {amount}.", code=code, amount=saved))
        return Goto(State.REVIEW)
