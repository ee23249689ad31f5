"""Browsing: categories, the dishes of one, and looking a dish up by name."""

from collections.abc import Sequence
from functools import partial

from bot.conversation.incoming import Text as Typed
from bot.conversation.reply import Button, Reply, Rows
from bot.conversation.screen import Goto, NotUnderstood, Screen, Stay, Step, on
from bot.conversation.states import State
from bot.conversation.text import Text, lines, paragraphs
from bot.conversation.turn import Turn
from bot.screens.adding import add_line, cart_line, usual_choices
from bot.screens.taps import AddMeant, AddOne, OpenCart, OpenCategory, OpenItem, OpenMenu, OpenSearch, StartCheckout
from bot.screens.words import diet_key, fulfilment_name, item_label
from core.customers.models import DietProfile
from core.errors import NotFound
from core.ids import MenuItemId
from core.menu.models import Diet, MenuItem
from core.outlets.models import Category

PAGE = 8  # dishes a page: fits a phone
FEW = 6  # and beside the ways on, the ten rows of a WhatsApp list
MANY_CHOICES = 20  # a channel with fewer in one message shows each dish as one button


def suits(diet: DietProfile, item: MenuItem) -> bool:
    """Whether the household eats this at all. Allergies only warn: a dish may be cooked without."""
    return not (diet.veg_only and item.diet is not Diet.VEG) and not (diet.jain and not item.jain)


def _offered(turn: Turn, items: tuple[MenuItem, ...]) -> list[MenuItem]:
    now = turn.services.clock.now()
    return [i for i in items if suits(turn.session.diet, i) and turn.menu.availability(i, now) != "not_now"]


def _served(turn: Turn, category: str) -> tuple[MenuItem, ...]:
    """A category as this household sees it now; found once for all who see the same, however long it is."""
    diet = turn.session.diet
    now = turn.services.clock.now()
    return turn.menu.served(category, now, partial(suits, diet), (diet.veg_only, diet.jain))


def page_size(turn: Turn) -> int:
    return FEW if _few(turn) else PAGE


def _few(turn: Turn) -> bool:
    return turn.capabilities.choices < MANY_CHOICES


def _short_row(turn: Turn, item: MenuItem, add: AddOne | AddMeant) -> tuple[Button, ...]:
    """A dish as one row: its first tap adds it where nothing must be asked."""
    texts = turn.texts
    price = texts.money(item.price_from, turn.outlet.currency)
    if not item.simple:
        price = texts.t("from {price}", price=price) if len(item.variants) > 1 else price
        return (Button(item.name, OpenItem(item=item.id), hint=f"{item.diet} · {price}"),)
    hint = " · ".join(part for part in (texts.t("Add"), item.diet, price, item.description[:72]) if part)
    return (Button(item.name, add, hint=hint),)


def _dish_rows(turn: Turn, dishes: Sequence[MenuItem]) -> list[tuple[Button, ...]]:
    """A row a dish: its name opens it, *Add* puts one in the cart at once where nothing must be asked."""
    texts, now = turn.texts, turn.now_ms
    meant = {line.item for line in turn.session.candidates}
    rows: list[tuple[Button, ...]] = []
    for item in dishes:
        if item.sold_out(now):
            rows.append((Button(texts.t("{dish} · sold out", dish=item.name), OpenItem(item=item.id)),))
            continue
        add = AddMeant(item=item.id) if item.id in meant else AddOne(item=item.id)
        if _few(turn):
            rows.append(_short_row(turn, item, add))
            continue
        open_it = Button(item_label(texts, item, turn.outlet), OpenItem(item=item.id), hint=item.description[:72])
        rows.append((open_it, Button(texts.t("Add"), add)) if item.simple else (open_it,))
    return rows


def _ways_on(turn: Turn) -> tuple[Button, ...]:
    texts = turn.texts
    return (
        Button(texts.t("Menu"), OpenMenu()),
        Button(texts.t("Cart"), OpenCart()),
        Button(texts.t("Checkout"), StartCheckout()),
    )


class MenuScreen(Screen):
    """The categories that have something to eat now."""

    state = State.MENU

    async def render(self, turn: Turn) -> Reply:
        texts, outlet, session = turn.texts, turn.outlet, turn.session
        buttons = [
            Button(category.name, OpenCategory(category=category.code))
            for category, _ in turn.menu.categories
            if _served(turn, category.code)
        ]
        width = 2 if turn.capabilities.columns > 1 else 1
        rows = [tuple(buttons[i : i + width]) for i in range(0, len(buttons), width)]
        rows.append((Button(texts.t("Search"), OpenSearch()), Button(texts.t("Cart"), OpenCart())))
        how = fulfilment_name(texts, session.fulfilment) if session.fulfilment else ""
        place = (
            texts.say("*{outlet}* · {how}", outlet=outlet.name, how=how)
            if how
            else texts.say("*{outlet}*", outlet=outlet.name)
        )
        if session.table:
            place = texts.say("*{outlet}* · table {table}", outlet=outlet.name, table=session.table)
        text = paragraphs(
            place,
            texts.say("What would you like? Tap a category, or just type it: _2 masala dosa and a filter coffee_."),
        )
        return Reply(text, tuple(rows), in_place=True)

    @on(OpenMenu)
    async def open(self, turn: Turn, tap: OpenMenu) -> Step:
        return Goto(State.MENU)


class CategoryScreen(Screen):
    state = State.CATEGORY
    instead = State.MENU

    async def render(self, turn: Turn) -> Reply:
        texts = turn.texts
        code, page = str(turn.session.data.get("category", "")), int(str(turn.session.data.get("page", 0)))
        category = next((c for c, _ in turn.menu.categories if c.code == code), None)
        if category is None:
            raise NotFound(what="category")
        dishes = _served(turn, code)
        size = page_size(turn)
        pages = max(1, -(-len(dishes) // size))
        page = min(max(page, 0), pages - 1)
        shown = dishes[page * size : (page + 1) * size]
        if turn.session.candidates:  # what this guest may have meant is nobody else's
            return self._page(turn, category, page, pages, shown)
        now = turn.now_ms
        like = (texts.language, _few(turn), code, page, pages, *((item.id, item.sold_out(now)) for item in shown))
        return turn.menu.page(like, lambda: self._page(turn, category, page, pages, shown))

    @staticmethod
    def _page(turn: Turn, category: Category, page: int, pages: int, shown: tuple[MenuItem, ...]) -> Reply:
        texts = turn.texts
        rows = _dish_rows(turn, shown)
        turning = []
        if page > 0 and not (_few(turn) and page < pages - 1):
            turning.append(Button(texts.t("◂ Previous"), OpenCategory(category=category.code, page=page - 1)))
        if page < pages - 1:
            turning.append(Button(texts.t("More ▸"), OpenCategory(category=category.code, page=page + 1)))
        if turning:
            rows.append(tuple(turning))
        rows.append(_ways_on(turn))
        title = texts.say("*{category}*", category=category.name)
        if pages > 1:
            title = texts.say(
                "*{category}* · page {page} of {pages}", category=category.name, page=page + 1, pages=pages
            )
        return Reply(lines(title, diet_key(texts)), Rows(rows), in_place=True)

    @on(OpenCategory)
    async def open(self, turn: Turn, tap: OpenCategory) -> Step:
        return Goto(State.CATEGORY, {"category": tap.category, "page": tap.page})

    @on(AddOne)
    async def add_one(self, turn: Turn, tap: AddOne) -> Step:
        item = turn.menu.get(tap.item)
        if item is None:
            raise NotFound(what="item")
        if not item.simple:
            return Goto(State.ITEM, {"item": item.id})
        await add_line(turn, cart_line(item, options=usual_choices(item), qty=1))
        if turn.session.state in (State.CATEGORY, State.SEARCH):
            return Goto(turn.session.state, dict(turn.session.data), remember=False)
        return Goto(State.CATEGORY, {"category": item.category, "page": 0})

    @on(AddMeant)
    async def add_meant(self, turn: Turn, tap: AddMeant) -> Step:
        item = turn.menu.get(tap.item)
        meant = next((line for line in turn.session.candidates if line.item == tap.item), None)
        if item is None or not item.simple or meant is None:
            return await self.add_one(turn, AddOne(item=tap.item))
        turn.session = turn.session.but(candidates=())
        await add_line(turn, meant.model_copy(update={"variant": item.variants[0].code}))
        return Goto(State.CART)


class SearchScreen(Screen):
    """What a guest typed, as dishes to tap; without a query, the question for one."""

    state = State.SEARCH

    async def render(self, turn: Turn) -> Reply:
        texts, data = turn.texts, turn.session.data
        back = _ways_on(turn)
        ids = data.get("items", [])
        if not isinstance(ids, list) or not ids:
            return Reply(texts.say("Type the name of a dish, or part of it."), (back,), in_place=True)
        found = [item for id in ids if (item := turn.menu.get(MenuItemId(id)))]
        title: Text = texts.say("Dishes like “{query}”:", query=str(data.get("query", "")))
        return Reply(lines(title, diet_key(texts)), (*_dish_rows(turn, found[: page_size(turn)]), back), in_place=True)

    @on(OpenSearch)
    async def open(self, turn: Turn, tap: OpenSearch) -> Step:
        return Goto(State.SEARCH)

    @on(Typed)
    async def typed(self, turn: Turn, said: Typed) -> Step:
        if turn.session.data.get("items"):
            return NotUnderstood()  # results are shown; new words may be an order as well as a search
        found = search(turn, said.text)
        if not found:
            turn.notice(
                turn.texts.say("Nothing on the menu sounds like “{query}”. Try another word.", query=said.text[:40])
            )
            return Stay()
        return Goto(State.SEARCH, {"items": [item.id for item in found], "query": said.text[:40]})


def search(turn: Turn, query: str) -> list[MenuItem]:
    return _offered(turn, tuple(turn.menu.search(query, limit=PAGE)))
