"""Whose phone is it: vouched for by the channel, or typed and proved by a code.

When a code is needed besides is decided in core/customers/identity.py; here it is asked for, and the guest comes back
to where they were, cart and all.
"""

from collections.abc import Iterator
from datetime import timedelta

from bot.conversation.actions import Action
from bot.conversation.incoming import ADDRESS, Contact
from bot.conversation.incoming import Text as Typed
from bot.conversation.reply import Ask, Button, Reply, Style
from bot.conversation.screen import Goto, NotUnderstood, Screen, Stay, Step, on
from bot.conversation.session import Fact
from bot.conversation.states import State
from bot.conversation.text import Text, lines, paragraphs
from bot.conversation.turn import Turn
from bot.conversation.vouching import sender_phone, trust_sender, welcome_back
from bot.screens.taps import GoBack, OpenCart, OpenPhone
from bot.screens.walk import onward, to_review
from bot.screens.words import wait_text
from core.customers.errors import OldPhoneNeeded
from core.customers.identity import is_idle, vouched
from core.customers.models import Proof
from core.errors import TooManyAttempts
from core.ids import Phone
from core.otp.errors import CodeExpired, CodeLocked, WrongCode
from core.otp.phones import parse_phone


class MenuFirst(Action, tag="menu1st"):
    """Browse now, tell the phone when ordering."""


class SendAgain(Action, tag="otp+"):
    pass


class OtherNumber(Action, tag="phone2"):
    pass


class UseSender(Action, tag="phone="):
    """The number the channel vouches for is the one."""


class SendCode(Action, tag="otp!"):
    """A code to the number that is known already."""


class LostNumber(Action, tag="phone-"):
    """The old number cannot be proved any more."""


class StartAfresh(Action, tag="phone!"):
    pass


TRIES = "tries"  # left for the code; unknown: all of them
OLD_HOLDS_MS = 10 * 60_000  # so long after the old number was proved the new one may take its place
BACK_TO = frozenset({State.PROFILE, State.PAY, State.ORDER, State.ADDRESS, State.ADDRESSES, State.PRIVACY})


async def _on_with_it(turn: Turn) -> Step:
    """The phone is proved: back to where it was asked for."""
    to = turn.session.resume
    if to is State.REVIEW:
        return to_review(turn)
    if to in BACK_TO:
        turn.session = turn.session.but(resume=State.REVIEW if to is State.ADDRESS else None)
        return Goto(to, remember=False)
    return onward(turn)


async def _proved(turn: Turn, phone: Phone, proof: Proof) -> None:
    """Bind the phone; whoever proved it before on another channel becomes the same guest, cart and all."""
    before = await turn.customer()
    replaces = before.phone if _may_replace(turn) else ""
    customer = await turn.services.customers.prove_phone(before.id, turn.handle, phone, proof, replaces=replaces)
    if customer.id != before.id:
        await welcome_back(turn, before.id, customer.id)
    turn.session = turn.session.but(old_ms=0)
    turn.proved(customer)


def _may_replace(turn: Turn) -> bool:
    return turn.now_ms - turn.session.old_ms < OLD_HOLDS_MS


async def put_away(turn: Turn) -> bool:
    """Whether saved addresses are kept from this chat: it is signed out, or the number was unused for 90 days."""
    customer = await turn.customer()
    return bool(customer.phone) and (not turn.session.phone or is_idle(customer, turn.now_ms))


async def _send(turn: Turn, phone: Phone) -> Step:
    """Send a code. A guest who proved this very phone before has a quota that no stranger can use up.

    Raises OldPhoneNeeded where another number has to be proved first.
    """
    known = (await turn.customer()).phone
    if known not in ("", phone) and not _may_replace(turn):
        raise OldPhoneNeeded()
    linked = known == phone
    address = turn.incoming.extra.get(ADDRESS, "")
    sent = await turn.services.otp.request(
        phone, turn.incoming.chat, turn.session.language, linked=linked, address=address
    )
    data: dict[str, Fact] = {"phone": phone, "resend_ms": sent.resend_ms, "expires_ms": sent.expires_ms}
    return Goto(State.CODE, data | ({"old": 1} if turn.session.data.get("old") else {}))


class PhoneScreen(Screen):
    state = State.PHONE

    async def render(self, turn: Turn) -> Reply:
        texts, known = turn.texts, (await turn.customer()).phone
        if turn.session.data.get("lost"):
            return self._afresh(turn)
        if known and turn.session.data.get("code"):
            return self._code_first(turn, known)
        if known and self._changing(turn):
            return self._old_first(turn, known)
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
        rows: list[tuple[Button, ...]] = []
        sender = await sender_phone(turn)
        if sender is not None:
            rows.append((Button(texts.t("Use my number …{tail}", tail=sender[-2:]), UseSender(), style=Style.PRIMARY),))
        if turn.session.resume is None:
            rows.append((Button(texts.t("Menu first"), MenuFirst()),))
        else:
            rows.append((self._way_back(turn),))
        ask = Ask.CONTACT if turn.capabilities.contact_button else None
        return Reply(text, tuple(rows), in_place=True, ask=ask)

    @staticmethod
    def _way_back(turn: Turn) -> Button:
        texts = turn.texts
        if turn.session.resume in (State.REVIEW, State.PAY):
            return Button(texts.t("Back to cart"), OpenCart())
        return Button(texts.t("Back"), GoBack())

    @staticmethod
    def _changing(turn: Turn) -> bool:
        asked = turn.session.data.get("change") or (turn.session.phone and turn.session.resume is State.PROFILE)
        return bool(asked) and not _may_replace(turn)

    def _code_first(self, turn: Turn, known: str) -> Reply:
        texts = turn.texts
        text = texts.say(
            "We text a code to your number ending in *{tail}*. Your cart is safe meanwhile.", tail=known[-2:]
        )
        send = Button(texts.t("Send the code"), SendCode(), style=Style.PRIMARY)
        return Reply(text, ((send,), (self._way_back(turn),)), in_place=True)

    def _old_first(self, turn: Turn, known: str) -> Reply:
        texts = turn.texts
        text = texts.say(
            "Your number ends in *{tail}*. To change it we first text a code there, so that nobody else can take your "
            "addresses and orders along.",
            tail=known[-2:],
        )
        rows = (
            (Button(texts.t("Send the code"), SendCode(), style=Style.PRIMARY),),
            (Button(texts.t("I no longer have it"), LostNumber()),),
            (self._way_back(turn),),
        )
        return Reply(text, rows, in_place=True)

    @staticmethod
    def _afresh(turn: Turn) -> Reply:
        texts = turn.texts
        text = texts.say(
            "Then you can start afresh in this chat with your new number. Your cart comes along; saved addresses and "
            "past orders stay with the old number and open for nobody who cannot prove it."
        )
        row = (Button(texts.t("Start afresh"), StartAfresh(), style=Style.DANGER), Button(texts.t("Back"), OpenPhone()))
        return Reply(text, (row,), in_place=True)

    @on(UseSender)
    async def sender(self, turn: Turn, tap: UseSender) -> Step:
        if not await trust_sender(turn):
            return Stay()
        turn.notice(turn.texts.say("Thank you, your number is confirmed."))
        return await _on_with_it(turn)

    @on(SendCode)
    async def send(self, turn: Turn, tap: SendCode) -> Step:
        known = (await turn.customer()).phone
        if not known:
            return Goto(State.PHONE)
        if turn.session.state in (State.ADDRESS, State.ADDRESSES):
            turn.session = turn.session.but(resume=turn.session.state)
        if turn.session.state is State.PHONE and self._changing(turn):
            turn.session = turn.session.but(data={"old": 1})
        return await _send(turn, Phone(known))

    @on(LostNumber)
    async def lost(self, turn: Turn, tap: LostNumber) -> Step:
        return Goto(State.PHONE, {"lost": 1})

    @on(StartAfresh)
    async def afresh(self, turn: Turn, tap: StartAfresh) -> Step:
        """A profile of its own for this chat. Nothing is decided for the old number, so nobody has to be asked."""
        before = await turn.customer()
        if not before.phone:
            return Goto(State.PHONE)
        running = await turn.services.orders.open_for(before.id)
        if running:
            turn.notice(turn.texts.say("Your order is still running. Once it is over you can start afresh."))
            return Goto(State.ORDER, {"id": running[0].id})
        fresh = await turn.services.customers.start_afresh(turn.handle, turn.incoming.channel, turn.session.language)
        await turn.services.cart.move(before.id, fresh.id)
        turn.claims = None
        turn.session = turn.session.but(phone="", token="", address=None, order=None, trail=(), old_ms=0)
        turn.knows(fresh)
        return Goto(State.PHONE, remember=False)

    @on(OpenPhone)
    async def open(self, turn: Turn, tap: OpenPhone) -> Step:
        turn.session = turn.session.but(resume=State.PROFILE, old_ms=0)
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
        settings = turn.services.settings
        phone = parse_phone(contact.phone, countries=settings.sms_countries)
        if vouched(settings.require_otp, await turn.customer(), phone, own=contact.own):
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
    instead = State.PHONE

    async def render(self, turn: Turn) -> Reply:
        texts = turn.texts
        row = (
            Button(texts.t("Send again"), SendAgain()),
            Button(texts.t("Other number"), OtherNumber()),
        )
        rows: list[tuple[Button, ...]] = [row]
        if turn.session.resume is None:
            rows.append((Button(texts.t("Menu first"), MenuFirst()),))
        return Reply(lines(*self._standing(turn)), tuple(rows), in_place=True)

    @staticmethod
    def _standing(turn: Turn) -> Iterator[Text]:
        """How long the code is good, how often it may be typed, and when another may be asked for."""
        texts, data = turn.texts, turn.session.data
        tail = str(data.get("phone", ""))[-2:]
        good_ms, resend_ms = (int(str(data.get(name, 0))) - turn.now_ms for name in ("expires_ms", "resend_ms"))
        tries, good = data.get(TRIES), wait_text(texts, timedelta(milliseconds=good_ms))
        if tries == 0:
            yield texts.say("Tap *Send again* for a new code to the number ending in *{tail}*.", tail=tail)
        elif good_ms <= 0:
            yield texts.say(
                "The code for the number ending in *{tail}* has run out. Tap *Send again* for a new one.", tail=tail
            )
        else:
            yield texts.say(
                "We sent a 6-digit code by SMS to the number ending in *{tail}*. Please type it here.", tail=tail
            )
            if tries is None:
                yield texts.say(
                    "It is valid for {wait}; you have five tries. Never tell it to anybody, not to us either.",
                    wait=good,
                )
            else:
                yield texts.say_n(
                    "It is valid for {wait}. You have {count} try left. Never tell it to anybody, not to us either.",
                    "It is valid for {wait}. You have {count} tries left. Never tell it to anybody, not to us either.",
                    int(str(tries)),
                    wait=good,
                )
        if resend_ms > 0:
            yield texts.say(
                "Another one can be sent in {wait}.", wait=wait_text(texts, timedelta(milliseconds=resend_ms))
            )

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
        try:
            await turn.services.otp.verify(phone, turn.incoming.chat, code)
        except (WrongCode, CodeLocked, CodeExpired) as wrong:
            self._remember(turn, wrong)
            raise
        await _proved(turn, phone, Proof.OTP)
        if turn.session.data.get("old"):
            turn.session = turn.session.but(old_ms=turn.now_ms)
            turn.notice(turn.texts.say("Thank you. Now your new number, please."))
            return Goto(State.PHONE)
        turn.notice(turn.texts.say("Thank you, your number is confirmed."))
        return await _on_with_it(turn)

    @staticmethod
    def _remember(turn: Turn, wrong: WrongCode | CodeLocked | CodeExpired) -> None:
        """What the screen says of the code from now on."""
        data = dict(turn.session.data)
        match wrong:
            case WrongCode(tries_left=left):
                data[TRIES] = left
            case CodeLocked(again_after=wait):
                free_ms = turn.now_ms + wait // timedelta(milliseconds=1)
                data |= {TRIES: 0, "resend_ms": max(free_ms, int(str(data.get("resend_ms", 0))))}
            case CodeExpired() if data.get(TRIES) != 0:
                data["expires_ms"] = 0
        turn.session = turn.session.but(data=data)

    async def _another(self, turn: Turn, said: Typed) -> Step:
        phone = parse_phone(said.text, countries=turn.services.settings.sms_countries)
        try:
            return await _send(turn, phone)
        except TooManyAttempts:
            if phone == turn.session.data.get("phone"):
                return Stay()  # the same number again, seconds later: the code is on its way
            raise
