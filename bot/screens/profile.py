"""What Tiffin knows of the guest, to look at and to change."""

from bot.conversation.actions import Action
from bot.conversation.incoming import Text as Typed
from bot.conversation.reply import Button, Reply
from bot.conversation.screen import Goto, Screen, Step, on
from bot.conversation.states import State
from bot.conversation.text import lines, paragraphs
from bot.conversation.texts import LANGUAGES
from bot.conversation.turn import Turn
from bot.screens.taps import (
    GoBack,
    OpenAddresses,
    OpenLanguage,
    OpenMenu,
    OpenOrders,
    OpenPhone,
    OpenPrivacy,
    OpenProfile,
)
from core.customers.models import DietProfile
from core.customers.names import clean_text
from core.errors import InvalidInput

ALLERGENS = ("milk", "nuts", "peanuts", "gluten", "egg", "soy", "fish", "sesame", "mustard")
MAX_NAME = 60


class NameUnclear(InvalidInput):
    pass


class WriteName(Action, tag="name"):
    pass


class OpenDiet(Action, tag="diet"):
    pass


class ToggleDiet(Action, tag="diet="):
    what: str


class SignOutEverywhere(Action, tag="signout"):
    pass


class ProfileScreen(Screen):
    state = State.PROFILE

    async def render(self, turn: Turn) -> Reply:
        texts, customer = turn.texts, await turn.customer()
        phone = f"•••• ••{turn.session.phone[-4:]}" if turn.session.phone else texts.t("not given")
        text = lines(
            texts.say("*Your profile*"),
            texts.say("Name: {name}", name=customer.name or texts.t("not given")),
            texts.say("Phone: {phone}", phone=phone),
            texts.say("Addresses: {count}", count=texts.number(len(customer.addresses))),
            texts.say("Language: {language}", language=LANGUAGES[turn.session.language]),
            texts.say("Food: {diet}", diet=diet_text(turn, customer.diet)),
        )
        rows: list[tuple[Button, ...]] = [
            (Button(texts.t("Name"), WriteName()), Button(texts.t("Phone"), OpenPhone())),
            (Button(texts.t("Addresses"), OpenAddresses()), Button(texts.t("Food preferences"), OpenDiet())),
            (Button(texts.t("Language"), OpenLanguage()), Button(texts.t("Privacy"), OpenPrivacy())),
            (Button(texts.t("My orders"), OpenOrders()), Button(texts.t("Menu"), OpenMenu())),
        ]
        if turn.session.phone:
            rows.append((Button(texts.t("Sign out everywhere"), SignOutEverywhere()),))
        return Reply(text, tuple(rows), in_place=True)

    @on(OpenProfile)
    async def open(self, turn: Turn, tap: OpenProfile) -> Step:
        return Goto(State.PROFILE)

    @on(SignOutEverywhere)
    async def sign_out(self, turn: Turn, tap: SignOutEverywhere) -> Step:
        await turn.services.customers.sign_out_everywhere(turn.customer_id)
        turn.session = turn.session.signed_out()
        turn.claims = None
        turn.forget_customer()
        turn.notice(turn.texts.say("Signed out in every chat. Your next order asks for your number again."))
        return Goto(State.PROFILE)


class NameScreen(Screen):
    state = State.NAME

    async def render(self, turn: Turn) -> Reply:
        texts = turn.texts
        return Reply(
            texts.say("What name shall the kitchen call out?"), ((Button(texts.t("Back"), GoBack()),),), in_place=True
        )

    @on(WriteName)
    async def write(self, turn: Turn, tap: WriteName) -> Step:
        return Goto(State.NAME)

    @on(Typed)
    async def typed(self, turn: Turn, said: Typed) -> Step:
        name = clean_text(said.text, MAX_NAME + 1)
        if len(name) > MAX_NAME or not any(c.isalpha() for c in name):
            raise NameUnclear(limit=MAX_NAME)
        turn.knows(await turn.services.customers.rename(turn.customer_id, name))
        turn.notice(turn.texts.say("Thank you, {name}.", name=name))
        return Goto(State.PROFILE, remember=False)


def allergen_name(turn: Turn, code: str) -> str:
    texts = turn.texts
    return {
        "milk": texts.t("Milk"),
        "nuts": texts.t("Nuts"),
        "peanuts": texts.t("Peanuts"),
        "gluten": texts.t("Gluten"),
        "egg": texts.t("Egg"),
        "soy": texts.t("Soy"),
        "fish": texts.t("Fish"),
        "sesame": texts.t("Sesame"),
        "mustard": texts.t("Mustard"),
    }.get(code, code)


def diet_text(turn: Turn, diet: DietProfile) -> str:
    texts = turn.texts
    parts = []
    if diet.veg_only:
        parts.append(texts.t("vegetarian only"))
    if diet.jain:
        parts.append(texts.t("Jain"))
    if diet.allergies:
        names = ", ".join(allergen_name(turn, code) for code in diet.allergies)
        parts.append(texts.t("avoids {allergens}", allergens=names))
    return ", ".join(parts) or texts.t("everything")


class DietScreen(Screen):
    """What the household does not eat: it filters the menu, warns in the cart and is printed on the ticket."""

    state = State.DIET

    async def render(self, turn: Turn) -> Reply:
        texts, diet = turn.texts, (await turn.customer()).diet

        def tick(label: str, what: str, on: bool) -> Button:
            return Button(f"✓ {label}" if on else label, ToggleDiet(what=what))

        allergens = [tick(allergen_name(turn, code), code, code in diet.allergies) for code in ALLERGENS]
        rows = [
            (tick(texts.t("Vegetarian only"), "veg", diet.veg_only), tick(texts.t("Jain"), "jain", diet.jain)),
            *(tuple(allergens[i : i + 3]) for i in range(0, len(allergens), 3)),
            (Button(texts.t("Done"), OpenProfile()),),
        ]
        text = paragraphs(
            texts.say("*Food preferences*"),
            texts.say(
                "Vegetarian and Jain hide other dishes. For what you are allergic to we warn you and the kitchen; "
                "for a severe allergy please also type *human*."
            ),
        )
        return Reply(text, tuple(rows), in_place=True)

    @on(OpenDiet)
    async def open(self, turn: Turn, tap: OpenDiet) -> Step:
        return Goto(State.DIET)

    @on(ToggleDiet)
    async def toggle(self, turn: Turn, tap: ToggleDiet) -> Step:
        diet = (await turn.customer()).diet
        match tap.what:
            case "veg":
                diet = diet.model_copy(update={"veg_only": not diet.veg_only})
            case "jain":
                diet = diet.model_copy(update={"jain": not diet.jain})
            case code if code in ALLERGENS:
                kept = set(diet.allergies) ^ {code}
                diet = diet.model_copy(update={"allergies": tuple(a for a in ALLERGENS if a in kept)})
            case _:
                return Goto(State.DIET)
        turn.knows(await turn.services.customers.set_diet(turn.customer_id, diet))
        return Goto(State.DIET)
