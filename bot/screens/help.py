"""What can be said here, and a person when that is not enough."""

from datetime import timedelta

from bot.conversation.actions import Action
from bot.conversation.incoming import Text as Typed
from bot.conversation.reply import Button, Reply, Style
from bot.conversation.screen import Goto, NotUnderstood, Screen, Step, on
from bot.conversation.states import State
from bot.conversation.text import lines, paragraphs
from bot.conversation.turn import Turn
from bot.kitchen.human import HAND_OVER, HumanDesk
from bot.screens.taps import AskHuman, OpenCart, OpenHelp, OpenMenu, OpenOrders, OpenPrivacy, OpenProfile
from core.customers.names import clean_text

MAX_MESSAGE = 500


class BackToBot(Action, tag="human-"):
    pass


class HelpScreen(Screen):
    state = State.HELP

    async def render(self, turn: Turn) -> Reply:
        texts = turn.texts
        text = paragraphs(
            texts.say("*How this works*"),
            lines(
                texts.say("Tap buttons, or type what you want: _2 paneer tikka and one garlic naan no butter_."),
                texts.say(
                    "These words work anywhere: *menu*, *cart*, *checkout*, *track*, *cancel*, *orders*, *profile*, "
                    "*language*, *human*, *stop*."
                ),
                texts.say(
                    "Cancelling is free until the restaurant accepts. Paid money always goes back the way it came."
                ),
            ),
        )
        rows = (
            (Button(texts.t("Menu"), OpenMenu()), Button(texts.t("Cart"), OpenCart())),
            (Button(texts.t("My orders"), OpenOrders()), Button(texts.t("Profile"), OpenProfile())),
            (Button(texts.t("Privacy"), OpenPrivacy()), Button(texts.t("Talk to a person"), AskHuman())),
        )
        return Reply(text, rows, in_place=True)

    @on(OpenHelp)
    async def open(self, turn: Turn, tap: OpenHelp) -> Step:
        return Goto(State.HELP)


class HumanScreen(Screen):
    """A message to the people at the outlet. Until they are done, or half an hour of silence, the bot keeps quiet."""

    state = State.HUMAN

    def __init__(self, desk: HumanDesk) -> None:
        self._desk = desk

    async def render(self, turn: Turn) -> Reply:
        texts = turn.texts
        if turn.session.human_until_ms > turn.now_ms:
            return Reply(
                texts.say("A person at the restaurant has your message and answers here. Write on if you like."),
                ((Button(texts.t("Back to ordering"), BackToBot(), style=Style.PRIMARY),),),
            )
        return Reply(
            texts.say("What is it about? Write it here and a person at the restaurant reads it."),
            ((Button(texts.t("Never mind"), BackToBot()),),),
        )

    @on(AskHuman)
    async def ask(self, turn: Turn, tap: AskHuman) -> Step:
        return Goto(State.HUMAN)

    @on(BackToBot)
    async def back(self, turn: Turn, tap: BackToBot) -> Step:
        await self._desk.release(turn.incoming.chat)
        turn.session = turn.session.but(human_until_ms=0)
        return Goto(State.HELLO)

    @on(Typed)
    async def typed(self, turn: Turn, said: Typed) -> Step:
        if not self.asks(turn):  # people have had their say: what is typed now is the bot's again
            turn.session = turn.session.but(state=State.HELLO, data={})
            return NotUnderstood()
        await self.forward(turn, said.text)
        return Goto(State.HUMAN, {"told": 1}, remember=False)

    def asks(self, turn: Turn) -> bool:
        """Whether the guest was asked what it is about, and has not said it yet."""
        return turn.session.state is State.HUMAN and not turn.session.data.get("told")

    async def forward(self, turn: Turn, text: str) -> None:
        """Put the guest's words before the people, and keep quiet for a while."""
        customer = await turn.customer()
        outlet = turn.session.outlet or turn.services.outlets.all()[0].id
        await self._desk.ask(
            customer,
            chat=turn.incoming.chat,
            language=turn.session.language,
            outlet=outlet,
            order=turn.session.order,
            text=clean_text(text, MAX_MESSAGE),
            key=turn.tap,
        )
        until = turn.now_ms + HAND_OVER // timedelta(milliseconds=1)
        turn.session = turn.session.but(human_until_ms=until)
