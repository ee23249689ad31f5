"""Hello, and in which language."""

from bot.conversation.actions import Action
from bot.conversation.reply import Button, Reply, Style
from bot.conversation.screen import Goto, Screen, Step, on
from bot.conversation.states import State
from bot.conversation.text import Text, lines, paragraphs
from bot.conversation.texts import LANGUAGES
from bot.conversation.turn import Turn
from bot.screens.taps import AskHuman, OpenHelp, OpenLanguage, OpenOrders, OpenProfile, OpenUsual, ShowOrder, StartOrder
from bot.screens.walk import onward
from bot.screens.words import fulfilment_name, status_name
from core.outlets.hours import opening
from core.outlets.models import Outlet


class ChangePlace(Action, tag="place"):
    """Order from another branch, or in another way than last time."""


class PickLanguage(Action, tag="lang="):
    language: str


def opening_line(turn: Turn, outlet: Outlet) -> Text:
    """“Tiffin, MG Road: open until 11:30 PM” or when it opens next."""
    texts, now = turn.texts, turn.now_ms
    hours = opening(outlet, turn.services.clock.now())
    if hours.paused:
        return texts.say(
            "*{outlet}*: taking a short break, back at {time}",
            outlet=outlet.name,
            time=texts.moment(outlet.paused_until_ms, outlet.timezone, now),
        )
    if hours.open and not hours.until_ms:
        return texts.say("*{outlet}*: open day and night", outlet=outlet.name)
    if hours.open:
        return texts.say(
            "*{outlet}*: open until {time}",
            outlet=outlet.name,
            time=texts.moment(hours.until_ms, outlet.timezone, now),
        )
    if hours.next_ms:
        return texts.say(
            "*{outlet}*: closed now, opens {time}",
            outlet=outlet.name,
            time=texts.moment(hours.next_ms, outlet.timezone, now),
        )
    return texts.say("*{outlet}*: closed this week", outlet=outlet.name)


class HelloScreen(Screen):
    """The door: which outlet is open, what the guest has running, and one tap to start."""

    state = State.HELLO

    async def render(self, turn: Turn) -> Reply:
        texts, session = turn.texts, turn.session
        customer = await turn.customer()
        live = [] if turn.first_meeting else await turn.services.orders.open_for(customer.id)
        usual = None if turn.first_meeting else await turn.services.orders.last_completed(customer.id)
        outlets = turn.services.outlets.all()
        name = customer.name.split(" ")[0] if customer.name else ""
        hello = (
            texts.say("Hello {name}, good to see you again.", name=name)
            if name
            else texts.say("Welcome to Tiffin. Order in this chat: dine in, takeaway or delivery.")
        )
        running = [
            texts.say(
                "Order *{code}*: {status}", code=order.code, status=status_name(texts, order.status, order.fulfilment)
            )
            for order in live
        ]
        buttons: list[tuple[Button, ...]] = [
            (Button(texts.t("Track order {code}", code=order.code), ShowOrder(order=order.id)),) for order in live[:2]
        ]
        chosen = turn.services.outlets.get(session.outlet) if session.outlet else None
        if chosen and session.fulfilment:
            how = fulfilment_name(texts, session.fulfilment)
            order = Button(texts.t("Order · {how} · {outlet}", how=how, outlet=chosen.name), StartOrder())
            buttons.append((Button(order.label, StartOrder(), style=Style.PRIMARY),))
            buttons.append((Button(texts.t("Other branch or order type"), ChangePlace()),))
        else:
            buttons.append((Button(texts.t("Order food"), StartOrder(), style=Style.PRIMARY),))
        if usual is not None:
            buttons.append((Button(texts.t("The usual"), OpenUsual()),))
        if (session.phone and not turn.first_meeting) or usual or live:
            buttons.append((Button(texts.t("My orders"), OpenOrders()), Button(texts.t("Profile"), OpenProfile())))
        other = next(code for code in LANGUAGES if code != session.language)
        buttons.append(
            (
                Button(LANGUAGES[other], PickLanguage(language=other)),
                Button(texts.t("Help"), OpenHelp()),
                Button(texts.t("Talk to a person"), AskHuman()),
            )
        )
        text = paragraphs(hello, lines(*running), lines(*(opening_line(turn, outlet) for outlet in outlets)))
        return Reply(text, tuple(buttons), in_place=True)

    @on(StartOrder)
    async def start(self, turn: Turn, tap: StartOrder) -> Step:
        return onward(turn)

    @on(ChangePlace)
    async def elsewhere(self, turn: Turn, tap: ChangePlace) -> Step:
        turn.session = turn.session.but(fulfilment=None, table="")
        return Goto(State.OUTLET) if len(turn.services.outlets.all()) > 1 else Goto(State.FULFILMENT)


class LanguageScreen(Screen):
    state = State.LANGUAGE

    async def render(self, turn: Turn) -> Reply:
        row = tuple(Button(name, PickLanguage(language=code)) for code, name in LANGUAGES.items())
        return Reply(turn.texts.say("Which language shall we speak?"), (row,), in_place=True)

    @on(OpenLanguage)
    async def open(self, turn: Turn, tap: OpenLanguage) -> Step:
        return Goto(State.LANGUAGE)

    @on(PickLanguage)
    async def pick(self, turn: Turn, tap: PickLanguage) -> Step:
        if tap.language in LANGUAGES:
            turn.knows(await turn.services.customers.set_language(turn.customer_id, tap.language))
            turn.session = turn.session.but(language=tap.language, language_chosen=True)
            turn.notice(turn.texts.say("We speak English now."))
        return Goto(State.HELLO)
