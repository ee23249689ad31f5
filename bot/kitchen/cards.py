"""The card of an order: everything the pass needs at a glance, and the buttons that fit how it stands. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.conversation.actions import Action
from bot.conversation.reply import Button, Reply, Style
from bot.conversation.text import Text, bold, join, lines, paragraphs, struck
from bot.conversation.texts import Texts
from bot.kitchen.actions import (
    ACCEPT_MINUTES,
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
    Undo,
)
from bot.kitchen.reasons import reason_label
from bot.screens.words import method_name
from core.checkout.models import BillLine
from core.orders.guards import cash_due, next_steps
from core.orders.ledger import LinkState
from core.orders.models import Order, OrderStatus, Step
from core.outlets.models import Fulfilment, Outlet, PayMethod
from core.outlets.zones import zone_for_pin

MINUTE_MS = 60_000
INDENT = "    "
MAX_DISHES_TEXT = 3_000  # characters; a card is edited all evening, so it has to stay one message
AT_THE_STOVE = (OrderStatus.ACCEPTED, OrderStatus.PREPARING)


@dataclass(frozen=True, slots=True)
class Kitchen:
    """What a card is written from besides the order: the outlet, its people by handle, the words, the moment."""

    outlet: Outlet
    names: Mapping[str, str]
    texts: Texts
    now_ms: int

    def name(self, by: str) -> str:
        """Who did it, as the kitchen calls them."""
        if by == "guest":
            return self.texts.t("the guest")
        if by in ("system", "provider"):
            return "Tiffin"
        return self.names.get(by) or by.partition(":")[2] or by

    def clock(self, ms: int) -> str:
        return self.texts.moment(ms, self.outlet.timezone, self.now_ms)

    def ago(self, ms: int) -> str:
        return self.minutes((self.now_ms - ms) // MINUTE_MS)

    def age(self, ms: int) -> str:
        """“just now”, “4 min”."""
        return self.texts.t("just now") if self.now_ms - ms < MINUTE_MS else self.ago(ms)

    def left(self, ms: int) -> str:
        """Until then, as two clocks on the wall show it: what is promised in 25 reads 25 a second later, too."""
        return self.minutes(ms // MINUTE_MS - self.now_ms // MINUTE_MS)

    def late(self, ms: int) -> str:
        """Since then, as two clocks on the wall show it; nothing is 0 min late."""
        return self.minutes(max(1, self.now_ms // MINUTE_MS - ms // MINUTE_MS))

    def minutes(self, minutes: int) -> str:
        """“4 min”, “1 h 05 min”."""
        if minutes < 60:
            return self.texts.t("{minutes} min", minutes=max(minutes, 0))
        return self.texts.t("{hours} h {minutes} min", hours=minutes // 60, minutes=f"{minutes % 60:02d}")

    def money(self, order: Order) -> str:
        return self.texts.money(order.total, order.currency)


def card_id(order: Order) -> str:
    return f"card-{order.id}"


def order_card(kitchen: Kitchen, order: Order) -> Reply:
    """The card as it reads now. An order that has ended is one line."""
    if order.status.ended:
        return Reply(ended_line(kitchen, order), _rows(kitchen, order), in_place=True)
    return Reply(_body(kitchen, order), _rows(kitchen, order), in_place=True)


def dish_list(kitchen: Kitchen, order: Order) -> Reply | None:
    """The dishes of an order that has too many words for one message: a message of their own, which never changes.
    None: they stand on the card.
    """
    dishes = _dishes(order)
    if len(dishes.plain) <= MAX_DISHES_TEXT:
        return None
    return Reply(lines(title(kitchen, order), dishes))


def _dishes(order: Order) -> Text:
    return join((text for line in order.bill.lines for text in _dish(line)), "\n")


def reject_card(kitchen: Kitchen, order: Order) -> Reply:
    """The card, asking why the order is not taken."""
    texts = kitchen.texts
    reasons = [reason for reason in RejectReason if _fits(reason, order.fulfilment)]
    return _asking(
        kitchen,
        order,
        texts.say("*Why can it not be taken?* The guest is told, and money goes back."),
        [Button(reason_label(texts, reason), Reject(order=order.id, reason=reason)) for reason in reasons],
    )


def cancel_card(kitchen: Kitchen, order: Order) -> Reply:
    """The card, asking why an accepted order ends."""
    texts = kitchen.texts
    reasons = [reason for reason in CancelReason if _fits(reason, order.fulfilment)]
    return _asking(
        kitchen,
        order,
        texts.say("*Why is it cancelled?* The guest is told, and money goes back in full."),
        [Button(reason_label(texts, reason), Cancel(order=order.id, reason=reason)) for reason in reasons],
    )


def ended_line(kitchen: Kitchen, order: Order) -> Text:
    """“K 472 · Delivered 8:02 PM by Ravi · ₹540”, and what became of the money."""
    texts = kitchen.texts
    last = order.history[-1]
    when = texts.say("{what} {time} by {name}", what=_done(texts, order), time=kitchen.clock(last.at_ms),
                     name=kitchen.name(last.by))  # fmt: skip
    if order.status is OrderStatus.COMPLETED:
        return join([bold(order.code), when, kitchen.money(order)], " · ")
    told = order.cancel_reason and last.by != "guest"  # that the guest asked is said by the name already
    reason = reason_label(texts, order.cancel_reason) if told else ""
    return join([struck(order.code), when, reason, kitchen.money(order)], " · ")


def title(kitchen: Kitchen, order: Order) -> Text:
    """“K 472 · DELIVERY · Indiranagar”"""
    texts = kitchen.texts
    match order.fulfilment:
        case Fulfilment.DINE_IN:
            kind, where = texts.t("Dine in"), texts.t("Table {table}", table=order.table)
        case Fulfilment.TAKEAWAY:
            kind, where = texts.t("Takeaway"), ""
        case Fulfilment.DELIVERY:
            kind, where = texts.t("Delivery"), area(kitchen.outlet, order)
    test = texts.t("TEST, DO NOT COOK") if order.test else ""
    return join([bold(order.code), bold(kind.upper()), bold(where), test], " · ")


def area(outlet: Outlet, order: Order) -> str:
    """Where it goes, in a word: the zone's name, else the PIN code."""
    if order.address is None:
        return ""
    zone = zone_for_pin(outlet, order.address.pin)
    return f"{zone.name} {order.address.pin}" if zone else order.address.pin


def pass_ms(order: Order) -> int:
    """When it must stand at the pass: the promise, less the road."""
    return order.promised_ms - order.road_minutes * MINUTE_MS


def item_line(line: BillLine) -> str:
    return f"{line.name} ({line.variant_name})" if line.variant_name else line.name


def _asking(kitchen: Kitchen, order: Order, question: Text, reasons: list[Button]) -> Reply:
    rows = [tuple(reasons[i : i + 2]) for i in range(0, len(reasons), 2)]
    back = (Button(kitchen.texts.t("◂ Back"), CardAgain(order=order.id)),)
    return Reply(paragraphs(_body(kitchen, order), question), (*rows, back), in_place=True)


def _fits(reason: str, fulfilment: Fulfilment) -> bool:
    """Riders, addresses and doors are reasons for deliveries alone."""
    at_the_door = (RejectReason.NO_RIDER, RejectReason.ADDRESS, CancelReason.GUEST_REFUSED)
    return fulfilment is Fulfilment.DELIVERY or reason not in at_the_door


def _body(kitchen: Kitchen, order: Order) -> Text:
    texts = kitchen.texts
    asked = order.cancel_requested_ms
    blocks = [
        lines(title(kitchen, order), _status(kitchen, order), _slot(kitchen, order)),
        texts.say("*THE GUEST ASKS TO CANCEL* · {time}", time=kitchen.clock(asked)) if asked else None,
        _dishes(order) if dish_list(kitchen, order) is None else _elsewhere(texts, order),
        lines(_diet(texts, order), _note(texts, order)),
        lines(_money(kitchen, order), _guest(kitchen, order), *_address(kitchen, order)),
        lines(*_taps(kitchen, order)),
    ]
    return join((block for block in blocks if block), "\n\n")


def _elsewhere(texts: Texts, order: Order) -> Text:
    count = sum(line.qty for line in order.bill.lines)
    return texts.say_n("*{count} dish*: it stands in a message of its own, above this card.",
                       "*{count} dishes*: they stand in a message of their own, above this card.", count)  # fmt: skip


def _status(kitchen: Kitchen, order: Order) -> Text:
    texts = kitchen.texts
    since = order.history[-1].at_ms if order.history else order.created_ms
    match order.status:
        case OrderStatus.PLACED:
            # A card is drawn when something happens to it: its age may be an old one, the time never is.
            came, age = kitchen.clock(order.waiting_ms), kitchen.age(order.waiting_ms)
            if kitchen.now_ms - order.waiting_ms < MINUTE_MS:
                return texts.say("*NEW* · {time} · {age}", time=came, age=age)
            return texts.say("*NEW* · {time} · waiting {age}", time=came, age=age)
        case OrderStatus.READY:
            return texts.say("*READY* · since {time}", time=kitchen.clock(since))
        case OrderStatus.OUT_FOR_DELIVERY:
            due = kitchen.clock(order.promised_ms)
            return texts.say("*ON THE ROAD* · since {time} · promised {due}", time=kitchen.clock(since), due=due)
        case OrderStatus.AWAITING_PAYMENT:
            return texts.say("*NOT PAID YET* · do not cook")
        case _:
            return _due(kitchen, order)


def _due(kitchen: Kitchen, order: Order) -> Text:
    """When it must be ready, and how far that is away."""
    texts, at = kitchen.texts, pass_ms(order)
    left, time = kitchen.left(at), kitchen.clock(at)
    if kitchen.now_ms > at:
        return texts.say("*COOKING* · was due {time}, *{late} late*", time=time, late=kitchen.late(at))
    if order.road_minutes:
        door = kitchen.clock(order.promised_ms)
        return texts.say(
            "*COOKING* · at the pass by *{time}* (in {left}), at the door by {door}",
            time=time,
            left=left,
            door=door,
        )
    return texts.say("*COOKING* · ready by *{time}* (in {left})", time=time, left=left)


def _slot(kitchen: Kitchen, order: Order) -> Text | None:
    if order.slot is None:
        return None
    start, end = kitchen.clock(order.slot.start_ms), kitchen.texts.clock(order.slot.end_ms, kitchen.outlet.timezone)
    return kitchen.texts.say("*FOR {start} – {end}*", start=start, end=end)


def _dish(line: BillLine) -> Iterator[Text]:
    yield Text.of(f"{line.qty} × ") + bold(item_line(line))
    for option in line.options:
        yield Text.of(f"{INDENT}+ {option}")
    if line.note:
        yield Text.of(INDENT) + bold(line.note.upper())


def _diet(texts: Texts, order: Order) -> Text | None:
    words = []
    if order.diet.allergies:
        words.append(texts.t("ALLERGY: {what}", what=", ".join(order.diet.allergies).upper()))
    if order.diet.jain:
        words.append(texts.t("JAIN: NO ONION, NO GARLIC, NO ROOTS"))
    if order.diet.veg_only:
        words.append(texts.t("VEG HOUSEHOLD"))
    return bold("⚠ " + " · ".join(words)) if words else None


def _note(texts: Texts, order: Order) -> Text | None:
    return texts.say("Note: *{note}*", note=order.note.upper()) if order.note else None


def _money(kitchen: Kitchen, order: Order) -> Text:
    texts, amount = kitchen.texts, kitchen.money(order)
    if "review" in order.flags and order.refunds:
        return texts.say(
            "*PAID {amount}, THEN MONEY WENT BACK* · ask the manager before handing it over", amount=amount
        )
    if order.cash_ms:
        return texts.say("*COLLECTED {amount}* · cash", amount=amount)
    if order.paid:
        method = method_name(texts, order.method, order.fulfilment)
        return texts.say("*PAID {amount}* · {method}", amount=amount, method=method)
    if order.online:
        return texts.say("*NOT PAID* · {amount}", amount=amount)
    door = order.door_link
    if door is not None and door.state is LinkState.OPEN:
        until = kitchen.clock(door.expires_ms)
        return texts.say("*COLLECT {amount}* · cash, or by the UPI code until {time}", amount=amount, time=until)
    if door is not None:
        return texts.say("*COLLECT {amount}* · cash. The UPI code is on its way.", amount=amount)
    return texts.say("*COLLECT {amount}* · cash", amount=amount)


def _guest(kitchen: Kitchen, order: Order) -> Text | None:
    """First name and the end of the phone; the whole phone only for the rider, once the order is on."""
    first = order.customer_name.split()[0] if order.customer_name.split() else kitchen.texts.t("Guest")
    if not order.phone:
        return Text.of(first)
    rides = order.fulfilment is Fulfilment.DELIVERY and order.status.cooking
    return Text.of(f"{first} · {order.phone if rides else '…' + order.phone[-2:]}")


def _address(kitchen: Kitchen, order: Order) -> Iterator[Text]:
    if order.address is None or not order.status.cooking:
        return
    place = order.address
    yield Text.of(", ".join(part for part in (place.line, place.city, place.pin) if part))
    if place.landmark:
        yield kitchen.texts.say("Landmark: {landmark}", landmark=place.landmark)
    if order.rider_note:
        yield kitchen.texts.say("Rider: *{note}*", note=order.rider_note.upper())


def _taps(kitchen: Kitchen, order: Order) -> Iterator[Text]:
    """Who tapped what and when, since the kitchen was told."""
    for before, step in zip((None, *order.history), order.history, strict=False):
        word = _tapped(kitchen, before, step)
        if word:
            yield kitchen.texts.say(
                "_{what} · {name}, {time}_", what=word, name=kitchen.name(step.by), time=kitchen.clock(step.at_ms)
            )


def _tapped(kitchen: Kitchen, before: Step | None, step: Step) -> str:
    texts = kitchen.texts
    if step.note == "undo":
        return texts.t("Undone")
    match step.status:
        case OrderStatus.ACCEPTED:
            return texts.t("Accepted")
        case OrderStatus.PREPARING:
            return texts.t("Cooking")
        case OrderStatus.READY:
            return texts.t("Ready")
        case OrderStatus.OUT_FOR_DELIVERY:
            return texts.t("Out")
        case OrderStatus.PLACED if before is not None and before.status is OrderStatus.EXPIRED:
            return texts.t("Paid late, placed after all")
        case _:
            return ""


def _done(texts: Texts, order: Order) -> str:
    match order.status:
        case OrderStatus.COMPLETED:
            return {
                Fulfilment.DINE_IN: texts.t("Served"),
                Fulfilment.TAKEAWAY: texts.t("Picked up"),
                Fulfilment.DELIVERY: texts.t("Delivered"),
            }[order.fulfilment]
        case OrderStatus.REJECTED:
            return texts.t("Rejected")
        case OrderStatus.CANCELLED:
            return texts.t("Cancelled")
        case _:
            return texts.t("Not paid in time")


def _rows(kitchen: Kitchen, order: Order) -> tuple[tuple[Button, ...], ...]:
    texts = kitchen.texts
    rows: list[tuple[Button, ...]] = []
    if order.cancel_requested_ms and order.status.cooking:
        yes = Button(texts.t("Yes, cancel it"), AnswerCancel(order=order.id, yes=True), style=Style.DANGER)
        rows.append((yes, Button(texts.t("No, we go on"), AnswerCancel(order=order.id, yes=False))))
    if order.status is OrderStatus.PLACED:
        rows.append(_accept(kitchen, order))
        rows.append((Button(texts.t("Reject ▸"), RejectMenu(order=order.id), style=Style.DANGER),))
    elif order.status.cooking:
        last = [_next(kitchen, order)]
        if kitchen.now_ms < order.undo_until_ms:
            last.append(Button(texts.t("Undo"), Undo(order=order.id, moves=order.moves)))
        rows.append(tuple(last))
        cancel = Button(texts.t("Cancel ▸"), CancelMenu(order=order.id))
        rows.append((_by_upi(kitchen, order), cancel) if _may_pay_by_upi(kitchen, order) else (cancel,))
    elif kitchen.now_ms < order.undo_until_ms:
        rows.append((Button(texts.t("Undo"), Undo(order=order.id, moves=order.moves)),))
    return tuple(rows)


def _accept(kitchen: Kitchen, order: Order) -> tuple[Button, ...]:
    """The usual times; an order for later is taken for its time."""
    texts = kitchen.texts
    if order.slot is not None and order.slot.start_ms > kitchen.now_ms + max(ACCEPT_MINUTES) * MINUTE_MS:
        label = texts.t("Accept for {time}", time=kitchen.clock(order.slot.start_ms))
        return (Button(label, Accept(order=order.id, minutes=0), style=Style.PRIMARY),)
    return tuple(
        Button(
            texts.t("Accept +{minutes}", minutes=minutes), Accept(order=order.id, minutes=minutes), style=Style.PRIMARY
        )
        for minutes in ACCEPT_MINUTES
    )


def _may_pay_by_upi(kitchen: Kitchen, order: Order) -> bool:
    """At the door or the counter, instead of the cash."""
    handed_over_next = next_steps(order)[:1] == (OrderStatus.COMPLETED,)
    return cash_due(order) and handed_over_next and PayMethod.UPI in kitchen.outlet.methods


def _by_upi(kitchen: Kitchen, order: Order) -> Button:
    label = kitchen.texts.t("Pay by UPI") if order.door_link is None else kitchen.texts.t("Show UPI code")
    return Button(label, PayAtDoor(order=order.id))


def _next(kitchen: Kitchen, order: Order) -> Button:
    """The one step that usually follows."""
    texts = kitchen.texts
    if order.status in AT_THE_STOVE:
        return Button(texts.t("Ready"), Ready(order=order.id), style=Style.PRIMARY)
    if order.status is OrderStatus.READY and order.fulfilment is Fulfilment.DELIVERY:
        return Button(texts.t("Out for delivery"), Out(order=order.id), style=Style.PRIMARY)
    done = {
        Fulfilment.DINE_IN: texts.t("Served"),
        Fulfilment.TAKEAWAY: texts.t("Picked up"),
        Fulfilment.DELIVERY: texts.t("Delivered"),
    }[order.fulfilment]
    action: Action = Delivered(order=order.id)
    if cash_due(order):
        done = texts.t("Collected {amount} · {done}", amount=kitchen.money(order), done=done)
        action = CollectedAndDelivered(order=order.id, paise=order.total.paise)
    return Button(done, action, style=Style.PRIMARY)
