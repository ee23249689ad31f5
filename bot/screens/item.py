"""One dish: what it is, the questions the kitchen needs answered, how many."""

from bot.conversation.actions import Action, StaleAction
from bot.conversation.incoming import Text as Typed
from bot.conversation.reply import Button, Reply, Style
from bot.conversation.screen import Goto, NotUnderstood, Screen, Step, on
from bot.conversation.states import State
from bot.conversation.text import Text, lines, paragraphs
from bot.conversation.turn import Turn
from bot.screens.adding import add_line, usual_choices
from bot.screens.draft import Draft, dish_key, draft_of, line_data
from bot.screens.taps import OpenCart, OpenCategory, OpenItem, OpenMenu
from bot.screens.words import diet_name
from core.cart.models import MAX_NOTE, MAX_QTY
from core.customers.names import clean_text
from core.errors import InvalidInput, NotFound
from core.ids import LineId
from core.menu.models import OptionGroup


class QuantityUnclear(InvalidInput):
    """Not a whole number of portions from 1 to `limit`."""

    limit: int


class PickVariant(Action, tag="size", runs_ahead=True):
    dish: str
    variant: str


class PickChoice(Action, tag="opt", runs_ahead=True):
    """Choose, or take back, one of a group's choices."""

    dish: str
    group: str
    choice: str


class GroupDone(Action, tag="optok", runs_ahead=True):
    dish: str
    group: str


class OpenExtras(Action, tag="extra", runs_ahead=True):
    dish: str
    group: str


class AddDraft(Action, tag="take", runs_ahead=True):
    """So many of the dish as it was put together when the button was shown."""

    dish: str
    qty: int
    line: LineId


class OtherQuantity(Action, tag="qty?", runs_ahead=True):
    dish: str


class WriteNote(Action, tag="note", runs_ahead=True):
    dish: str


class StartOver(Action, tag="anew", runs_ahead=True):
    dish: str


class WithoutNote(Action, tag="note-"):
    pass


def _about(turn: Turn, draft: Draft) -> Text:
    item, texts = draft.item, turn.texts
    price = texts.money(draft.unit if draft.variant else item.price_from, turn.outlet.currency)
    if not draft.variant:
        price = texts.t("from {price}", price=price)
    head = texts.say(
        "*{dish}* ({diet}, {meaning}) · {price}",
        dish=item.name,
        diet=item.diet.value,
        meaning=diet_name(texts, item.diet),
        price=price,
    )
    facts = []
    if item.spice:
        facts.append(texts.t("spice {level} of 3", level=item.spice))
    if item.calories:
        facts.append(texts.t("{kcal} kcal", kcal=item.calories))
    if item.jain:
        facts.append(texts.t("Jain friendly"))
    allergens = texts.say("Contains: {allergens}", allergens=", ".join(item.allergens)) if item.allergens else None
    clash = sorted(set(item.allergens) & set(turn.session.diet.allergies))
    warning = texts.say("*Careful: you told us you avoid {allergens}.*", allergens=", ".join(clash)) if clash else None
    chosen = []
    if len(item.variants) > 1 and draft.variant and (variant := item.variant(draft.variant)):
        chosen.append(variant.name)
    for group in item.groups:
        names = [c.name for code in draft.picked(group) if (c := group.choice(code))]
        chosen.extend(names)
    if draft.note:
        chosen.append(f"“{draft.note}”")
    picked = texts.say("Chosen: {choices}", choices=", ".join(chosen)) if chosen else None
    return lines(head, item.description, " · ".join(facts), allergens, warning, picked)


def _ask(turn: Turn, group: OptionGroup) -> Text:
    texts = turn.texts
    if group.max == 1:
        return texts.say("*{question}*: choose one.", question=group.name)
    if group.min == 0:
        return texts.say("*{question}*: choose up to {max}, then Done.", question=group.name, max=group.max)
    return texts.say(
        "*{question}*: choose {min} to {max}, then Done.", question=group.name, min=group.min, max=group.max
    )


def _choices(turn: Turn, draft: Draft, group: OptionGroup) -> list[tuple[Button, ...]]:
    texts, dish = turn.texts, dish_key(draft.item.id)
    picked = draft.picked(group)
    rows: list[tuple[Button, ...]] = []
    for choice in group.choices:
        if choice.sold_out:
            continue
        mark = "✓ " if choice.code in picked else ""
        price = f" · +{texts.money(choice.price, turn.outlet.currency)}" if choice.price else ""
        tap = PickChoice(dish=dish, group=group.code, choice=choice.code)
        rows.append((Button(f"{mark}{choice.name}{price}", tap),))
    if group.max > 1 or not group.required:
        rows.append((Button(texts.t("Done"), GroupDone(dish=dish, group=group.code), style=Style.PRIMARY),))
    return rows


def _amounts(turn: Turn, draft: Draft) -> list[tuple[Button, ...]]:
    texts, dish, currency = turn.texts, dish_key(draft.item.id), turn.outlet.currency
    wanted = (draft.qty,) if draft.qty else (1, 2)
    add = [
        Button(
            texts.t("Add {qty} · {price}", qty=n, price=texts.money(draft.unit * n, currency)),
            AddDraft(dish=dish, qty=n, line=draft.line(n).id),
            style=Style.PRIMARY,
        )
        for n in wanted
    ]
    rows: list[tuple[Button, ...]] = [(*add, Button(texts.t("Other number"), OtherQuantity(dish=dish)))]
    for group in draft.item.groups:
        picked = [choice.name for code in draft.picked(group) if (choice := group.choice(code))]
        label = (
            texts.t("{question} {answer}", question=group.name, answer=", ".join(picked))
            if picked
            else texts.t("{extras} (optional)", extras=group.name)
        )
        rows.append((Button(label, OpenExtras(dish=dish, group=group.code)),))
    row = [Button(texts.t("Note to the kitchen"), WriteNote(dish=dish))]
    if draft.chosen or draft.note or len(draft.item.variants) > 1:
        row.append(Button(texts.t("Choose anew"), StartOver(dish=dish)))
    rows.append(tuple(row))
    return rows


class ItemScreen(Screen):
    state = State.ITEM
    instead = State.MENU
    takes_numbers = True

    async def render(self, turn: Turn) -> Reply:
        draft = draft_of(turn)
        item, texts = draft.item, turn.texts
        away = turn.menu.availability(item, turn.services.clock.now())
        text = _about(turn, draft)
        back = (
            Button(texts.t("Back"), OpenCategory(category=item.category)),
            Button(texts.t("Cart"), OpenCart()),
        )
        if away is not None:
            why = texts.say("Sold out at the moment.") if away == "sold_out" else texts.say("Not served at this hour.")
            return Reply(paragraphs(text, why), (back,), image=item.image, in_place=True)
        if not draft.variant:
            sizes = tuple(
                (
                    Button(
                        f"{v.name} · {texts.money(v.price, turn.outlet.currency)}",
                        PickVariant(dish=dish_key(item.id), variant=v.code),
                    ),
                )
                for v in item.variants
            )
            return Reply(paragraphs(text, texts.say("Which size?")), (*sizes, back), image=item.image, in_place=True)
        group = draft.question()
        if group is not None:
            return Reply(
                paragraphs(text, _ask(turn, group)),
                (*_choices(turn, draft, group), back),
                image=item.image,
                in_place=True,
            )
        return Reply(text, (*_amounts(turn, draft), back), image=item.image, in_place=True)

    @on(OpenItem)
    async def open(self, turn: Turn, tap: OpenItem) -> Step:
        item = turn.menu.get(tap.item)
        if item is None:
            raise NotFound(what="item")
        meant = next((line for line in turn.session.candidates if line.item == item.id), None)
        turn.session = turn.session.but(candidates=())
        if meant is not None:  # the guest has said how many, and how, before saying which
            return await self._onward(turn, Draft(item, line_data(meant)))
        chosen = [f"{usual.group}={usual.choice}" for usual in usual_choices(item)]
        return Goto(State.ITEM, {"item": item.id, "chosen": chosen})

    @on(StartOver)
    async def anew(self, turn: Turn, tap: StartOver) -> Step:
        return await self.open(turn, OpenItem(item=draft_of(turn, tap.dish).item.id))

    @on(PickVariant)
    async def size(self, turn: Turn, tap: PickVariant) -> Step:
        draft = draft_of(turn, tap.dish)
        if draft.item.variant(tap.variant) is None:
            raise StaleAction(packed=tap.variant)
        draft.variant = tap.variant
        return await self._onward(turn, draft)

    @on(PickChoice)
    async def choose(self, turn: Turn, tap: PickChoice) -> Step:
        draft = draft_of(turn, tap.dish)
        group = draft.item.group(tap.group)
        choice = group.choice(tap.choice) if group else None
        if group is None or choice is None or choice.sold_out:
            raise StaleAction(packed=tap.choice)
        packed = f"{group.code}={choice.code}"
        if packed in draft.chosen:
            draft.chosen.remove(packed)
        else:
            if group.max == 1:
                draft.chosen = [c for c in draft.chosen if not c.startswith(f"{group.code}=")]
            elif len(draft.picked(group)) >= group.max:
                turn.notice(turn.texts.say("You can choose up to {max} here. Take one back first.", max=group.max))
                return Goto(turn.session.state, dict(turn.session.data), remember=False)
            draft.chosen.append(packed)
        if group.required or group.max == 1:
            return await self._onward(turn, draft)
        return Goto(State.OPTIONS, draft.data(group=group.code), remember=False)

    @on(GroupDone)
    async def done(self, turn: Turn, tap: GroupDone) -> Step:
        draft = draft_of(turn, tap.dish)
        group = draft.item.group(tap.group)
        if group is not None and len(draft.picked(group)) < group.min:
            turn.notice(turn.texts.say("Please choose at least {min}.", min=group.min))
        elif tap.group not in draft.done:
            draft.done.append(tap.group)
        return await self._onward(turn, draft)

    @on(OpenExtras)
    async def extras(self, turn: Turn, tap: OpenExtras) -> Step:
        return Goto(State.OPTIONS, draft_of(turn, tap.dish).data(group=tap.group), remember=False)

    @on(AddDraft)
    async def take(self, turn: Turn, tap: AddDraft) -> Step:
        draft = draft_of(turn, tap.dish)
        if draft.line(1).id != tap.line:  # put together differently since: what is shown now has its own button
            return Goto(State.ITEM, draft.data(), remember=False)
        return await self._take(turn, draft, tap.qty)

    @on(OtherQuantity)
    async def other(self, turn: Turn, tap: OtherQuantity) -> Step:
        draft = draft_of(turn, tap.dish)
        turn.notice(turn.texts.say("How many? Type a number from 1 to {limit}.", limit=MAX_QTY))
        return Goto(State.ITEM, draft.data(), remember=False)

    @on(WriteNote)
    async def note(self, turn: Turn, tap: WriteNote) -> Step:
        return Goto(State.NOTE, draft_of(turn, tap.dish).data(), remember=False)

    @on(Typed)
    async def typed(self, turn: Turn, said: Typed) -> Step:
        """A bare number is a quantity, as soon as the questions are answered."""
        number = said.text.strip()
        if not number.lstrip("+-").replace(".", "").isdigit():
            return NotUnderstood()
        draft = draft_of(turn)
        if not draft.variant or draft.question() is not None:
            return NotUnderstood()
        if not number.isdecimal() or not 1 <= int(number[:6]) <= MAX_QTY:
            raise QuantityUnclear(limit=MAX_QTY)
        return await self._take(turn, draft, int(number))

    async def _onward(self, turn: Turn, draft: Draft) -> Step:
        """The next question; a dish of a typed order, whose number is known, goes into the cart after the last one."""
        if draft.typed and draft.variant and draft.question() is None:
            turn.must_be_ours()
            return await self._take(turn, draft, draft.qty)
        return Goto(State.ITEM, draft.data(), remember=False)

    @staticmethod
    async def _take(turn: Turn, draft: Draft, qty: int) -> Step:
        if not draft.variant or draft.question() is not None:
            return Goto(State.ITEM, draft.data(qty=qty), remember=False)
        if not 1 <= qty <= MAX_QTY:
            raise QuantityUnclear(limit=MAX_QTY)
        await add_line(turn, draft.line(qty))
        queue = turn.session.queue
        if queue:  # dishes of a typed order that still need an answer
            line, rest = queue[0], queue[1:]
            turn.session = turn.session.but(queue=rest)
            return Goto(State.ITEM, line_data(line))
        if draft.typed:
            return Goto(State.CART)
        return Goto(State.CATEGORY, {"category": draft.item.category, "page": 0}, remember=False)


class OptionsScreen(Screen):
    """Optional extras of a dish, ticked one by one."""

    state = State.OPTIONS
    instead = State.MENU

    async def render(self, turn: Turn) -> Reply:
        draft = draft_of(turn)
        group = draft.item.group(str(turn.session.data.get("group", "")))
        if group is None:
            raise StaleAction(packed="group")
        text = paragraphs(_about(turn, draft), _ask(turn, group))
        return Reply(text, tuple(_choices(turn, draft, group)), image=draft.item.image, in_place=True)


class NoteScreen(Screen):
    """A few words to the kitchen about one dish."""

    state = State.NOTE
    instead = State.MENU

    async def render(self, turn: Turn) -> Reply:
        texts = turn.texts
        return Reply(
            texts.say(
                "What should the kitchen know about *{dish}*? Type it, such as _less oil_ or _no onion_.",
                dish=draft_of(turn).item.name,
            ),
            ((Button(texts.t("No note"), WithoutNote()), Button(texts.t("Menu"), OpenMenu())),),
            in_place=True,
        )

    @on(Typed)
    async def typed(self, turn: Turn, said: Typed) -> Step:
        draft = draft_of(turn)
        draft.note = clean_text(said.text, MAX_NOTE)
        return Goto(State.ITEM, draft.data(), remember=False)

    @on(WithoutNote)
    async def without(self, turn: Turn, tap: WithoutNote) -> Step:
        draft = draft_of(turn)
        draft.note = ""
        return Goto(State.ITEM, draft.data(), remember=False)
