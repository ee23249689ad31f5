"""Whose phone is it: shared, or typed and proved by a code."""

from bot.conversation.actions import Action
from bot.conversation.incoming import Contact
from bot.conversation.incoming import Text as Typed
from bot.conversation.reply import Ask, Button, Reply
from bot.conversation.screen import Goto, NotUnderstood, Screen, Stay, Step, on
from bot.conversation.states import State
from bot.conversation.text import paragraphs
from bot.conversation.turn import Turn
from bot.screens.taps import GoBack, OpenCart, OpenPhone
from bot.screens.walk import onward, to_review
from core.customers.models import Proof
from core.errors import TooManyAttempts
from core.ids import Phone
from core.otp.phones import parse_phone


class MenuFirst(Action, tag="menu1st"):
    """Browse now, tell the phone when ordering."""


class SendAgain(Action, tag="otp+"):
    pass


class OtherNumber(Action, tag="phone2"):
    pass


async def _on_with_it(turn: Turn) -> Step:
    """The phone is proved: back to where it was asked for."""
    if turn.session.resume is State.REVIEW:
        return to_review(turn)
    if turn.session.resume is State.PROFILE:
        turn.session = turn.session.but(resume=None)
        return Goto(State.PROFILE, remember=False)
    return onward(turn)


async def _proved(turn: Turn, phone: Phone, proof: Proof) -> None:
    """Bind the phone; whoever proved it before on another channel becomes the same guest, cart and all."""
    before = turn.customer_id
    customer = await turn.services.customers.prove_phone(before, turn.handle, phone, proof)
    if customer.id != before:
        await turn.services.cart.move(before, customer.id)
        turn.notice(turn.texts.say("Welcome back! Your orders and addresses are here."))
    turn.proved(customer)


async def _send(turn: Turn, phone: Phone) -> Step:
    """Send a code. A guest who proved this very phone before has a quota that no stranger can use up."""
    linked = (await turn.customer()).phone == phone
    sent = await turn.services.otp.request(phone, turn.incoming.chat, turn.session.language, linked=linked)
    return Goto(State.CODE, {"phone": phone, "resend_ms": sent.resend_ms, "expires_ms": sent.expires_ms})


class PhoneScreen(Screen):
    state = State.PHONE

    async def render(self, turn: Turn) -> Reply:
        texts = turn.texts
        text = paragraphs(
            texts.say("*Your mobile number, please.* The kitchen calls only if something is unclear about your order."),
            texts.say("Type it, such as 98765 43210. We send a code by SMS to make sure it is yours."),
        )
        if turn.capabilities.contact_button:
            text = paragraphs(
                texts.say(
                    "*Your mobile number, please.* The kitchen calls only if something is unclear about your order."
                ),
                texts.say("Share it with the button below, or type it."),
            )
        if turn.session.resume is State.REVIEW:
            row = (Button(texts.t("Back to cart"), OpenCart()),)
        elif turn.session.resume is not None:
            row = (Button(texts.t("Back"), GoBack()),)
        else:
            row = (Button(texts.t("Menu first"), MenuFirst()),)
        return Reply(text, (row,), in_place=True, ask=Ask.CONTACT if turn.capabilities.contact_button else None)

    @on(OpenPhone)
    async def open(self, turn: Turn, tap: OpenPhone) -> Step:
        turn.session = turn.session.but(resume=State.PROFILE)
        return Goto(State.PHONE)

    @on(OtherNumber)
    async def other(self, turn: Turn, tap: OtherNumber) -> Step:
        return Goto(State.PHONE)

    @on(MenuFirst)
    async def later(self, turn: Turn, tap: MenuFirst) -> Step:
        turn.session = turn.session.but(menu_first=True, resume=None)
        return onward(turn)

    @on(Contact)
    async def shared(self, turn: Turn, contact: Contact) -> Step:
        phone = parse_phone(contact.phone, countries=turn.services.settings.sms_countries)
        if contact.own:
            await _proved(turn, phone, Proof.TELEGRAM_CONTACT)
            turn.notice(turn.texts.say("Thank you, your number is confirmed."))
            return await _on_with_it(turn)
        return await _send(turn, phone)

    @on(Typed)
    async def typed(self, turn: Turn, said: Typed) -> Step:
        digits = sum(c.isdigit() for c in said.text)
        if digits < 4:
            return NotUnderstood()
        phone = parse_phone(said.text, countries=turn.services.settings.sms_countries)
        return await _send(turn, phone)


class CodeScreen(Screen):
    state = State.CODE

    async def render(self, turn: Turn) -> Reply:
        texts, data = turn.texts, turn.session.data
        tail = str(data.get("phone", ""))[-2:]
        text = texts.say(
            "We sent a 6-digit code by SMS to the number ending in *{tail}*. Please type it here. "
            "It is valid for 10 minutes.",
            tail=tail,
        )
        row = (
            Button(texts.t("Send again"), SendAgain()),
            Button(texts.t("Other number"), OtherNumber()),
        )
        rows: list[tuple[Button, ...]] = [row]
        if turn.session.resume is None:
            rows.append((Button(texts.t("Menu first"), MenuFirst()),))
        return Reply(text, tuple(rows), in_place=True)

    @on(SendAgain)
    async def again(self, turn: Turn, tap: SendAgain) -> Step:
        phone = Phone(str(turn.session.data.get("phone", "")))
        if not phone:
            return Goto(State.PHONE)
        step = await _send(turn, phone)
        turn.notice(turn.texts.say("A new code is on its way. Only the newest one works."))
        return step

    @on(Typed)
    async def typed(self, turn: Turn, said: Typed) -> Step:
        phone = Phone(str(turn.session.data.get("phone", "")))
        if not phone:
            return Goto(State.PHONE)
        code = "".join(said.text.split()).replace("-", "")
        if not code.isdigit():
            return NotUnderstood()
        if len(code) >= 10:  # they typed another number instead
            return await self._another(turn, said)
        await turn.services.otp.verify(phone, turn.incoming.chat, code)
        await _proved(turn, phone, Proof.OTP)
        turn.notice(turn.texts.say("Thank you, your number is confirmed."))
        return await _on_with_it(turn)

    async def _another(self, turn: Turn, said: Typed) -> Step:
        phone = parse_phone(said.text, countries=turn.services.settings.sms_countries)
        try:
            return await _send(turn, phone)
        except TooManyAttempts:
            if phone == turn.session.data.get("phone"):
                return Stay()  # the same number again, seconds later: the code is on its way
            raise
