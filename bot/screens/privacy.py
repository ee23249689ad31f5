"""What is held about the guest, a copy of it, and its end."""

from datetime import timedelta

from bot.conversation.actions import Action
from bot.conversation.reply import Button, Reply, Style
from bot.conversation.screen import Goto, Screen, Step, on
from bot.conversation.session import Session
from bot.conversation.states import State
from bot.conversation.text import lines, paragraphs
from bot.conversation.turn import Turn
from bot.screens.identity import put_away
from bot.screens.taps import GoBack, OpenPrivacy

OFFERS_TEXT = "2026-11"  # which wording of the question was on screen
EXPORT_TTL = timedelta(minutes=30)


class ExportData(Action, tag="export"):
    pass


class EraseAsk(Action, tag="erase?"):
    pass


class EraseYes(Action, tag="erase!"):
    pass


class AllowOffers(Action, tag="offers"):
    allow: bool


class PrivacyScreen(Screen):
    state = State.PRIVACY

    async def render(self, turn: Turn) -> Reply:
        texts = turn.texts
        if turn.session.data.get("erase"):
            row = (
                Button(texts.t("Yes, erase everything"), EraseYes(), style=Style.DANGER),
                Button(texts.t("Keep my data"), OpenPrivacy()),
            )
            text = texts.say(
                "Erase your name, phones, addresses, preferences and chats? This cannot be undone. "
                "Bills of past orders stay without your name, as tax law asks."
            )
            return Reply(text, (row,))
        customer = await turn.customer()
        offers = next((c.given for c in reversed(customer.consents) if c.purpose == "offers"), False)
        stopped = (
            texts.say("*No more offers.* You still hear about your own orders.")
            if turn.session.data.get("stop")
            else None
        )
        text = paragraphs(
            stopped,
            texts.say("*Your data*"),
            lines(
                texts.say("We hold: name, proved phones, saved addresses, language, food preferences and your orders."),
                texts.say("We use it to cook, deliver and bill your orders, and for nothing else."),
                texts.say("Offers: {state}", state=texts.t("allowed") if offers else texts.t("not allowed")),
            ),
        )
        document = turn.session.data.get("document")
        rows: list[tuple[Button, ...]] = []
        if document:
            rows.append((Button(texts.t("Download my data"), url=str(document), style=Style.PRIMARY),))
        else:
            rows.append((Button(texts.t("Get a copy"), ExportData()),))
        switch = (
            Button(texts.t("Stop offers"), AllowOffers(allow=False))
            if offers
            else Button(texts.t("Allow offers"), AllowOffers(allow=True))
        )
        rows.append((switch, Button(texts.t("Erase my data"), EraseAsk())))
        rows.append((Button(texts.t("Back"), GoBack()),))
        return Reply(text, tuple(rows), in_place=True)

    @on(OpenPrivacy)
    async def open(self, turn: Turn, tap: OpenPrivacy) -> Step:
        return Goto(State.PRIVACY)

    @on(ExportData)
    async def export(self, turn: Turn, tap: ExportData) -> Step:
        """A link to the copy: signed, for half an hour, to this guest's data alone."""
        if await put_away(turn):
            turn.session = turn.session.but(resume=State.PRIVACY)
            turn.notice(turn.texts.say("Your copy holds your addresses, so please confirm your number first."))
            return Goto(State.PHONE, {"code": 1})
        signed = turn.services.links.sign("export", turn.customer_id, EXPORT_TTL)
        link = f"{turn.services.settings.public_url}/documents/{signed}"
        turn.notice(turn.texts.say("Your copy is ready. The link works for 30 minutes."))
        return Goto(State.PRIVACY, {"document": link})

    @on(AllowOffers)
    async def offers(self, turn: Turn, tap: AllowOffers) -> Step:
        turn.knows(
            await turn.services.customers.consent(
                turn.customer_id,
                purpose="offers",
                given=tap.allow,
                channel=turn.incoming.channel,
                text_version=OFFERS_TEXT,
            )
        )
        return Goto(State.PRIVACY)

    @on(EraseAsk)
    async def ask(self, turn: Turn, tap: EraseAsk) -> Step:
        return Goto(State.PRIVACY, {"erase": 1})

    @on(EraseYes)
    async def erase(self, turn: Turn, tap: EraseYes) -> Step:
        await turn.services.orders.pseudonymise(turn.customer_id)  # refuses while an order is open
        await turn.services.cart.forget(turn.customer_id)
        await turn.services.threads.erase(turn.customer_id)
        await turn.services.customers.erase(turn.customer_id)
        language = turn.session.language
        turn.session = Session(language=language)
        turn.forget_customer()
        turn.notice(turn.texts.say("Done: your data is erased. You are welcome as a new guest any time."))
        return Goto(State.LANGUAGE, remember=False)
