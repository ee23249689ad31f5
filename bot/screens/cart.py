"""What is in the cart, and the way to pay for it."""

from datetime import timedelta

from bot.conversation.actions import Action
from bot.conversation.reply import Button, Reply, Style
from bot.conversation.screen import Goto, Screen, Step, on
from bot.conversation.states import State
from bot.conversation.text import Text, join, lines, paragraphs
from bot.conversation.turn import Turn
from bot.screens.menu import MANY_CHOICES
from bot.screens.taps import OpenCart, OpenMenu, StartCheckout
from bot.screens.walk import follow_cart, to_review
from core.cart.errors import CartEmpty
from core.cart.models import CartView, CartViewLine
from core.errors import Conflict
from core.ids import LineId

BUTTONS_A_LINE = 4
MAX_DISHES_TEXT = 3_000  # characters; a screen that is swapped in place has to stay one message


class CartHasProblems(Conflict):
    """Lines that cannot be cooked as they stand."""

    names: str


class ChangeQuantity(Action, tag="qty", runs_ahead=True):
    line: LineId
    by: int


class RemoveLine(Action, tag="del", runs_ahead=True):
    line: LineId


class ClearCart(Action, tag="clear?"):
    pass


class ClearCartYes(Action, tag="clear!"):
    version: int


class EditCart(Action, tag="cart~"):
    """Choose the line to change, where lines do not carry buttons of their own."""


class EditLine(Action, tag="line"):
    line: LineId


class SwapCart(Action, tag="cart="):
    """The other cart, which was put aside when two chats turned out to be one guest's."""


class DropProblems(Action, tag="fix"):
    """Take out every line that cannot be ordered now."""


class CartScreen(Screen):
    state = State.CART
    folds = True

    async def render(self, turn: Turn) -> Reply:
        view = turn.cart or await turn.services.cart.view(turn.customer_id, turn.session.diet)
        follow_cart(turn, view.outlet)
        texts = turn.texts
        if not view.lines:
            if view.aside:
                return Reply(texts.say("This cart is empty now."), (self._other(turn, view),), in_place=True)
            raise CartEmpty()
        if turn.session.data.get("confirm") == "clear":
            return Reply(
                texts.say(
                    "Empty the cart? {count} will go.", count=texts.n("{count} item", "{count} items", view.count)
                ),
                (
                    (
                        Button(texts.t("Yes, empty it"), ClearCartYes(version=view.version), style=Style.DANGER),
                        Button(texts.t("Keep it"), OpenCart()),
                    ),
                ),
                in_place=True,
            )
        dishes = lines(*(self._line(turn, line) for line in view.lines))
        if len(dishes.plain) > MAX_DISHES_TEXT:
            dishes = lines(
                *(self._line(turn, line, brief=True) for line in view.lines),
                texts.say("_What you chose with each dish stands in the review._"),
            )
        text = paragraphs(
            texts.say("*Your cart* · {outlet}", outlet=turn.outlet.name),
            dishes,
            self._sums(turn, view),
            self._expiry(turn, view),
        )
        if turn.capabilities.choices < max(MANY_CHOICES, BUTTONS_A_LINE * len(view.lines)):
            return self._short(turn, view, text)
        rows: list[tuple[Button, ...]] = [
            (
                Button(f"− {line.name}", ChangeQuantity(line=line.id, by=-1)),
                Button(str(line.qty), OpenCart()),
                Button(f"+ {line.name}", ChangeQuantity(line=line.id, by=1)),
                Button(texts.t("Remove"), RemoveLine(line=line.id)),
            )
            for line in view.lines
        ]
        if view.problems:
            rows.append((Button(texts.t("Remove what is not available"), DropProblems()),))
        rows.append((Button(texts.t("Checkout"), StartCheckout(), style=Style.PRIMARY),))
        rows.append((Button(texts.t("Add more"), OpenMenu()), Button(texts.t("Empty cart"), ClearCart())))
        if view.aside:
            rows.append(self._other(turn, view))
        return Reply(text, tuple(rows), in_place=True)

    @staticmethod
    def _other(turn: Turn, view: CartView) -> tuple[Button, ...]:
        texts = turn.texts
        return (Button(texts.n("Other cart ({count} item)", "Other cart ({count} items)", view.aside), SwapCart()),)

    @on(SwapCart)
    async def swap(self, turn: Turn, tap: SwapCart) -> Step:
        turn.cart = await turn.services.cart.swap(turn.customer_id, turn.tap, turn.session.diet)
        return Goto(State.CART)

    @staticmethod
    def _short(turn: Turn, view: CartView, text: Text) -> Reply:
        """With few buttons: the summary with three ways on, then the lines to choose from, then one of them."""
        texts, data = turn.texts, turn.session.data
        line = next((line for line in view.lines if line.id == data.get("line")), None)
        if line is not None:
            change = (
                Button(texts.t("One more"), ChangeQuantity(line=line.id, by=1)),
                Button(texts.t("One less"), ChangeQuantity(line=line.id, by=-1)),
                Button(texts.t("Remove"), RemoveLine(line=line.id)),
            )
            back = (Button(texts.t("Back to cart"), OpenCart()),) if turn.capabilities.choices >= MANY_CHOICES else ()
            return Reply(CartScreen._line(turn, line), (change, back), in_place=True)
        if data.get("edit"):
            names = [
                (Button(f"{line.qty} × {line.name}", EditLine(line=line.id), hint=", ".join(line.options)),)
                for line in view.lines
            ]
            others = (Button(texts.t("Empty cart"), ClearCart()), Button(texts.t("Back to cart"), OpenCart()))
            return Reply(texts.say("Which one shall we change?"), (*names, others), in_place=True)
        rows: list[tuple[Button, ...]] = []
        if view.problems:
            rows.append((Button(texts.t("Remove what is not available"), DropProblems()),))
        rows.append((Button(texts.t("Checkout"), StartCheckout(), style=Style.PRIMARY),))
        rows.append((Button(texts.t("Add more"), OpenMenu()), Button(texts.t("Change"), EditCart())))
        if view.aside:
            rows.append(CartScreen._other(turn, view))
        return Reply(text, tuple(rows), in_place=True)

    @staticmethod
    def _line(turn: Turn, line: CartViewLine, *, brief: bool = False) -> Text:
        texts = turn.texts
        name = f"{line.name} ({line.variant_name})" if line.variant_name else line.name
        detail = [*line.options, *([f"“{line.note}”"] if line.note else [])]
        trouble = {
            None: None,
            "gone": texts.say("   *no longer on the menu*"),
            "sold_out": texts.say("   *sold out*"),
            "not_now": texts.say("   *not served at this hour*"),
            "option_gone": texts.say("   *a choice is not available any more*"),
            "diet": texts.say("   _does not fit your diet profile_"),
        }[line.problem]
        return lines(
            texts.say(
                "{qty} × *{dish}* · {amount}",
                qty=line.qty,
                dish=name,
                amount=texts.money(line.amount, turn.outlet.currency),
            ),
            "   " + ", ".join(detail) if detail and not brief else None,
            trouble,
        )

    @staticmethod
    def _sums(turn: Turn, view: CartView) -> Text:
        texts = turn.texts
        subtotal = texts.say(
            "Items: *{amount}* (GST and charges at the review)",
            amount=texts.money(view.subtotal, turn.outlet.currency),
        )
        note = texts.say("Note to the kitchen: “{note}”", note=view.note) if view.note else None
        return lines(subtotal, note)

    @staticmethod
    def _expiry(turn: Turn, view: CartView) -> Text:
        texts = turn.texts
        left = timedelta(milliseconds=view.expires_ms - turn.now_ms)
        if left > timedelta(hours=23):
            return texts.say("_We keep this cart for 24 hours._")
        until = texts.moment(view.expires_ms, turn.outlet.timezone, turn.now_ms)
        return texts.say("_We keep this cart until {time}._", time=until)

    @on(OpenCart)
    async def open(self, turn: Turn, tap: OpenCart) -> Step:
        return Goto(State.CART)

    @on(EditCart)
    async def edit(self, turn: Turn, tap: EditCart) -> Step:
        return Goto(State.CART, {"edit": 1})

    @on(EditLine)
    async def edit_line(self, turn: Turn, tap: EditLine) -> Step:
        return Goto(State.CART, {"line": tap.line})

    @on(ChangeQuantity)
    async def change(self, turn: Turn, tap: ChangeQuantity) -> Step:
        by = max(-20, min(20, tap.by))
        turn.cart = await turn.services.cart.change(turn.customer_id, tap.line, by, turn.tap, turn.session.diet)
        return Goto(State.CART)

    @on(RemoveLine)
    async def remove(self, turn: Turn, tap: RemoveLine) -> Step:
        turn.cart = await turn.services.cart.remove(turn.customer_id, tap.line, turn.tap, turn.session.diet)
        return Goto(State.CART)

    @on(ClearCart)
    async def ask_clear(self, turn: Turn, tap: ClearCart) -> Step:
        return Goto(State.CART, {"confirm": "clear"})

    @on(ClearCartYes)
    async def clear(self, turn: Turn, tap: ClearCartYes) -> Step:
        view = await turn.services.cart.view(turn.customer_id)
        if view.lines and view.version != tap.version:
            turn.notice(turn.texts.say("Your cart has changed since; here it is."))
            return Goto(State.CART)
        await turn.services.cart.clear(turn.customer_id, turn.tap)
        turn.notice(turn.texts.say("Your cart is empty now."))
        return Goto(State.MENU)

    @on(DropProblems)
    async def drop(self, turn: Turn, tap: DropProblems) -> Step:
        view = await turn.services.cart.view(turn.customer_id)
        for line in view.problems:
            await turn.services.cart.remove(turn.customer_id, line.id, f"{turn.tap}:{line.id}")
        names = join((line.name for line in view.problems), ", ")
        turn.notice(turn.texts.say("Taken out: {names}.", names=names))
        return Goto(State.CART)

    @on(StartCheckout)
    async def checkout(self, turn: Turn, tap: StartCheckout) -> Step:
        view = await turn.services.cart.view(turn.customer_id)
        if not view.lines:
            raise CartEmpty()
        if view.problems:
            raise CartHasProblems(names=", ".join(line.name for line in view.problems))
        follow_cart(turn, view.outlet)
        return to_review(turn)
