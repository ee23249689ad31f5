"""The menu as its owner looks at it: how much there is, what is sold out, and what a dish costs."""

from dataclasses import dataclass

from bot.admin.actions import AskPrice, DishBack, OpenDishes, OpenOutlet, OpenOutlets, SetPrice, fingerprint
from bot.admin.actor import Actor
from bot.admin.acts import Acts
from bot.admin.commands import PriceWish, read_price
from bot.admin.words import page
from bot.conversation.actions import StaleAction
from bot.conversation.reply import Button, Reply, Style
from bot.conversation.text import Text, lines
from bot.screens.taps import OpenMenu
from core.audit.models import Did
from core.ids import OutletId
from core.menu.errors import ItemNotFound
from core.menu.models import UNTIL_BACK_MS, MenuItem, Variant
from core.menu.service import HIGHEST_PRICE
from core.money import Money
from core.outlets.models import Outlet
from core.services import Services

SHOWN = 10  # buttons
LIKELY = 60.0  # how well a phrase must name a dish to be offered
SURE = 90.0  # and to be taken without offering others
LARGE = 50  # per cent of change that is asked about twice


@dataclass(frozen=True, slots=True)
class Priced:
    """One size of one dish at one outlet: what a price belongs to."""

    outlet: Outlet
    dish: MenuItem
    variant: Variant

    @property
    def mark(self) -> str:
        return fingerprint(self.dish.id, self.variant.code)

    @property
    def name(self) -> str:
        return f"{self.dish.name} ({self.variant.name})" if self.variant.name else self.dish.name


class Dishes:
    def __init__(self, services: Services, acts: Acts) -> None:
        self._services = services
        self._acts = acts

    def overview(self, actor: Actor) -> Reply:
        """Every outlet's menu in numbers."""
        texts = actor.texts
        rows = [self._counts(actor, outlet) for outlet in actor.outlets.values()]
        buttons = [(Button(outlet.name, OpenDishes(outlet=outlet.id)),) for outlet in actor.outlets.values()]
        as_guest = Button(texts.t("As guests see it"), OpenMenu())
        return Reply(
            page(
                texts.say("*Menu*"),
                *rows,
                "",
                texts.say("A whole menu comes from a file, where Tiffin runs: `tiffin menu import FILE`"),
            ),
            (*buttons, (as_guest, Button(texts.t("◂ Outlets"), OpenOutlets()))),
            in_place=True,
        )

    def outlet_page(self, actor: Actor, code: OutletId) -> Reply:
        """What is sold out, with a button each that puts it back. Raises NotFound."""
        texts, outlet = actor.texts, actor.outlet(code)
        menu = self._services.menu.snapshot(outlet.id)
        off = [dish for dish in menu.items.values() if dish.sold_out(actor.now_ms)]
        per_category = [
            texts.say("{category}: {count}", category=category.name, count=texts.number(len(dishes)))
            for category, dishes in menu.categories
        ]
        sold_out = [self._off(actor, outlet, dish) for dish in off]
        buttons = [
            (
                Button(
                    texts.t("{dish} is back", dish=dish.name),
                    DishBack(outlet=outlet.id, dish=fingerprint(dish.id)),
                ),
            )
            for dish in off[:SHOWN]
        ]
        text = page(
            self._counts(actor, outlet),
            *per_category,
            "",
            texts.say("*Sold out*") if off else texts.say("Nothing is sold out."),
            *sold_out,
            "",
            texts.say("_/price masala dosa 120 changes a price._"),
        )
        return Reply(text, (*buttons, (Button(texts.t("◂ Outlet"), OpenOutlet(outlet=outlet.id)),)), in_place=True)

    async def back(self, actor: Actor, tap: DishBack) -> Reply:
        """Raises NotFound, ItemNotFound."""
        outlet = actor.outlet(tap.outlet)
        menu = self._services.menu.snapshot(outlet.id)
        dish = next((each for each in menu.items.values() if fingerprint(each.id) == tap.dish), None)
        if dish is None:
            raise ItemNotFound(item=tap.dish)
        if dish.sold_out(actor.now_ms):
            await self._services.menu.back(dish.id, actor.handle)
            await self._acts.done(actor, Did.DISH_BACK, outlet.id, dish.id, dish=dish.name)
        return self.outlet_page(actor, outlet.id)

    # Prices

    def price_typed(self, actor: Actor, code: OutletId | None, rest: str) -> Reply:
        """“/price masala dosa 120”: which dish, which size, at which outlet? Then whether it is meant."""
        texts = actor.texts
        wish = read_price(rest)
        if wish is None:
            return Reply(texts.say("A dish and its new price: `/price masala dosa 120`"))
        if not Money(0) < wish.price <= HIGHEST_PRICE:
            return Reply(texts.say("That is no price a dish can have. Nothing was changed."))
        outlets = list(actor.outlets.values()) if code is None else [actor.outlet(code)]
        found = [each for outlet in outlets for each in self._named(outlet, wish)]
        if not found:
            return Reply(texts.say("No dish is called “{text}”.", text=wish.dish[:60]))
        changed = [each for each in found if each.variant.price != wish.price]
        if len(found) == 1 or len(changed) == 1:
            return self._question(actor, (changed or found)[0], wish.price, sure=False)
        found = changed or found
        rows = [
            (
                Button(
                    texts.t(
                        "{dish} · {outlet} · {was} → {now}",
                        dish=each.name,
                        outlet=each.outlet.name,
                        was=self._money(actor, each, each.variant.price),
                        now=self._money(actor, each, wish.price),
                    ),
                    AskPrice(dish=each.mark, paise=wish.price.paise),
                ),
            )
            for each in found[:SHOWN]
        ]
        return Reply(texts.say("*Which price do you mean?*"), tuple(rows), in_place=True)

    def ask_price(self, actor: Actor, tap: AskPrice) -> Reply:
        """Raises ItemNotFound, StaleAction."""
        return self._question(actor, self._marked(actor, tap.dish), _price(tap.paise), sure=False)

    async def set_price(self, actor: Actor, tap: SetPrice) -> Reply:
        """A change by more than half is asked about a second time, and one that was asked about another price anew.

        Raises ItemNotFound, StaleAction.
        """
        texts = actor.texts
        actor.still_asked(tap.asked)
        priced, price = self._marked(actor, tap.dish), _price(tap.paise)
        was = priced.variant.price
        back = ((Button(texts.t("◂ Dishes"), OpenDishes(outlet=priced.outlet.id)),),)
        if was == price:
            said = texts.say("*{dish}* at {outlet} costs {now} already.", dish=priced.name,
                             outlet=priced.outlet.name, now=self._money(actor, priced, price))  # fmt: skip
            return Reply(said, back, in_place=True)
        if was.paise != tap.was:
            return self._question(actor, priced, price, sure=False)
        if _large(was, price) and not tap.sure:
            return self._question(actor, priced, price, sure=True)
        await self._services.menu.set_price(priced.dish.id, priced.variant.code, price, actor.handle)
        await self._acts.done(
            actor,
            Did.PRICE_SET,
            priced.outlet.id,
            f"{priced.dish.id}#{priced.variant.code}",
            dish=priced.name,
            was=was.paise,
            now=price.paise,
        )
        said = lines(
            texts.say("*{dish}* at {outlet} costs *{now}* now, instead of {was}.", dish=priced.name,
                      outlet=priced.outlet.name, now=self._money(actor, priced, price),
                      was=self._money(actor, priced, was)),
            texts.say("Orders that are placed already keep their price."),
        )  # fmt: skip
        return Reply(said, back, in_place=True)

    def _question(self, actor: Actor, priced: Priced, price: Money, *, sure: bool) -> Reply:
        texts, was = actor.texts, priced.variant.price
        words = {
            "dish": priced.name,
            "outlet": priced.outlet.name,
            "was": self._money(actor, priced, was),
            "now": self._money(actor, priced, price),
        }
        yes = SetPrice(dish=priced.mark, paise=price.paise, was=was.paise, sure=sure, asked=actor.now_s)
        no = Button(texts.t("No"), OpenDishes(outlet=priced.outlet.id))
        if sure:
            text = texts.say(
                "*That changes the price by more than half: {was} → {now}.* Is {now} for {dish} really right?", **words
            )
            return Reply(text, ((Button(texts.t("Yes, {now} is right", now=words["now"]), yes, style=Style.DANGER),
                                 no),), in_place=True)  # fmt: skip
        text = texts.say("*{dish}* at {outlet}: {was} → *{now}*?", **words)
        return Reply(text, ((Button(texts.t("Yes, {now}", now=words["now"]), yes, style=Style.PRIMARY), no),),
                     in_place=True)  # fmt: skip

    def _named(self, outlet: Outlet, wish: PriceWish) -> list[Priced]:
        """Every size of the dish that is surely meant, or of those that may be."""
        menu = self._services.menu.snapshot(outlet.id)
        matches = menu.names.match(wish.dish, limit=4, cutoff=LIKELY)
        best = [match for match in matches if match.score >= SURE and match.score == matches[0].score]
        items = [menu.items[match.item] for match in (best or matches)]
        return [Priced(outlet, item, variant) for item in items for variant in item.variants]

    def _marked(self, actor: Actor, mark: str) -> Priced:
        """Raises ItemNotFound, also for a dish of somebody else's outlet."""
        for outlet in actor.outlets.values():
            for item in self._services.menu.snapshot(outlet.id).items.values():
                for variant in item.variants:
                    priced = Priced(outlet, item, variant)
                    if priced.mark == mark:
                        return priced
        raise ItemNotFound(item=mark)

    def _counts(self, actor: Actor, outlet: Outlet) -> Text:
        texts = actor.texts
        menu = self._services.menu.snapshot(outlet.id)
        off = sum(dish.sold_out(actor.now_ms) for dish in menu.items.values())
        return lines(
            texts.say("*{outlet}*", outlet=outlet.name),
            texts.say(
                "Dishes {dishes} · categories {categories} · sold out {off}",
                dishes=texts.number(len(menu.items)),
                categories=texts.number(len(menu.categories)),
                off=texts.number(off),
            ),
        )

    @staticmethod
    def _off(actor: Actor, outlet: Outlet, dish: MenuItem) -> str:
        texts = actor.texts
        if dish.stock == 0:
            return texts.t("{dish} · none left", dish=dish.name)
        if dish.sold_out_until_ms >= UNTIL_BACK_MS:
            return texts.t("{dish} · until told otherwise", dish=dish.name)
        return texts.t("{dish} · until {time}", dish=dish.name, time=actor.clock(dish.sold_out_until_ms, outlet))

    @staticmethod
    def _money(actor: Actor, priced: Priced, price: Money) -> str:
        return actor.texts.money(price, priced.outlet.currency)


def _price(paise: int) -> Money:
    """Raises StaleAction for an amount no button of ours carries."""
    if not 0 < paise <= HIGHEST_PRICE.paise:
        raise StaleAction(paise=paise)
    return Money(paise)


def _large(was: Money, now: Money) -> bool:
    return abs(now.paise - was.paise) * 100 > was.paise * LARGE
