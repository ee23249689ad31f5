"""Taking a dish off the menu and putting it back, by the name a cook types."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.conversation.reply import Button, Outgoing, Reply, Style
from bot.conversation.text import lines
from bot.kitchen.actions import BackOnMenu, SoldOut, SoldOutMenu, Until
from bot.kitchen.actor import Actor
from bot.kitchen.reasons import until_label
from core.clock import from_ms
from core.ids import MenuItemId
from core.menu.errors import ItemNotFound
from core.menu.models import UNTIL_BACK_MS, MenuItem
from core.outlets.hours import moment_ms, opening
from core.outlets.models import MINUTES_A_DAY, Outlet
from core.services import Services

EXACT = 100.0  # its name or an alias, however spelled
SURE = 90.0  # how well a text must otherwise name a dish to be acted upon without asking
APART = 8.0  # and how far behind the next one must be
CHOICES = 8
BREAKFAST = 4 * 60  # a dish that is back tomorrow is back at four in the morning, before anybody opens


class Dishes:
    def __init__(self, services: Services) -> None:
        self._services = services

    async def sold_out_by_name(self, actor: Actor, text: str) -> tuple[Outgoing, ...]:
        """A dish named well enough leaves the menu at once, and its answer takes that back; otherwise: which one?"""
        texts = actor.texts
        if not text:
            return (actor.says(self._list(actor)),)
        found = self._named(actor.outlet, text)
        if len(found) == 1:
            return (actor.says(await self._take_off(actor, found[0], Until.CLOSING)),)
        if not found:
            return (actor.says(texts.say("No dish is called “{text}”.", text=text[:60])),)
        buttons = tuple((Button(dish.name, SoldOutMenu(item=dish.code)),) for dish in found)
        return (actor.says(Reply(texts.say("Which dish ran out?"), buttons)),)

    async def back_by_name(self, actor: Actor, text: str) -> tuple[Outgoing, ...]:
        if not text:
            return (actor.says(self._list(actor)),)
        texts, now = actor.texts, actor.kitchen.now_ms
        found = self._named(actor.outlet, text)
        off = [dish for dish in found if dish.sold_out(now)]
        if len(off) == 1:
            return (actor.says(await self._put_back(actor, off[0])),)
        if not off and len(found) == 1:
            return (actor.says(texts.say("*{dish}* is on the menu already.", dish=found[0].name)),)
        if not off:
            return (actor.says(texts.say("No sold-out dish is called “{text}”.", text=text[:60])),)
        buttons = tuple((Button(dish.name, BackOnMenu(item=dish.code)),) for dish in off)
        return (actor.says(Reply(texts.say("Which dish is back?"), buttons)),)

    def ask_until(self, actor: Actor, code: str) -> tuple[Outgoing, ...]:
        """How long the dish stays off. Raises ItemNotFound."""
        dish = self._dish(actor.outlet, code)
        buttons = [Button(until_label(actor.texts, until), SoldOut(item=code, until=until)) for until in Until]
        question = actor.texts.say("*{dish}* is sold out for how long?", dish=dish.name)
        return (actor.redraws(Reply(question, (tuple(buttons[:2]), tuple(buttons[2:])), in_place=True)),)

    async def sold_out(self, actor: Actor, code: str, until: Until) -> tuple[Outgoing, ...]:
        """Raises ItemNotFound."""
        return (actor.redraws(await self._take_off(actor, self._dish(actor.outlet, code), until)),)

    async def back(self, actor: Actor, code: str) -> tuple[Outgoing, ...]:
        """Raises ItemNotFound."""
        return (actor.redraws(await self._put_back(actor, self._dish(actor.outlet, code))),)

    async def _take_off(self, actor: Actor, dish: MenuItem, until: Until) -> Reply:
        texts = actor.texts
        until_ms = self._until_ms(actor.outlet, until)
        await self._services.menu.sold_out(dish.id, until_ms, actor.handle)
        if until_ms >= UNTIL_BACK_MS:
            said = texts.say("*{dish}* is sold out until /back puts it on the menu again. _{name}_", dish=dish.name,
                             name=actor.name)  # fmt: skip
        else:
            time = actor.kitchen.clock(until_ms)
            said = texts.say("*{dish}* is sold out until {time}. _{name}_", dish=dish.name, time=time,
                             name=actor.name)  # fmt: skip
        back = Button(texts.t("Back on the menu"), BackOnMenu(item=dish.code), style=Style.PRIMARY)
        return Reply(said, ((back, Button(texts.t("Other time"), SoldOutMenu(item=dish.code))),), in_place=True)

    async def _put_back(self, actor: Actor, dish: MenuItem) -> Reply:
        await self._services.menu.back(dish.id, actor.handle)
        return Reply(
            actor.texts.say("*{dish}* is on the menu again. _{name}_", dish=dish.name, name=actor.name),
            ((Button(actor.texts.t("Sold out again"), SoldOutMenu(item=dish.code)),),),
            in_place=True,
        )

    def _list(self, actor: Actor) -> Reply:
        """What is off the menu, with a button each that puts it back."""
        texts, now = actor.texts, actor.kitchen.now_ms
        menu = self._services.menu.snapshot(actor.outlet.id)
        off = [dish for dish in menu.items.values() if dish.sold_out(now)]
        how = texts.say("_/soldout and the name of a dish takes it off the menu, /back puts it on again._")
        if not off:
            return Reply(lines(texts.say("Every dish is on the menu."), how))
        buttons = tuple(
            (Button(texts.t("{dish} is back", dish=dish.name), BackOnMenu(item=dish.code)),) for dish in off[:CHOICES]
        )
        rows = [self._until(actor, dish) for dish in off]
        return Reply(lines(texts.say("*Sold out*"), *rows, how), buttons)

    @staticmethod
    def _until(actor: Actor, dish: MenuItem) -> str:
        texts, until_ms = actor.texts, dish.sold_out_until_ms
        if dish.stock == 0:
            return texts.t("{dish} · none left", dish=dish.name)
        if until_ms >= UNTIL_BACK_MS:
            return texts.t("{dish} · until told otherwise", dish=dish.name)
        return texts.t("{dish} · until {time}", dish=dish.name, time=actor.kitchen.clock(until_ms))

    def _dish(self, outlet: Outlet, code: str) -> MenuItem:
        item_id = MenuItemId(f"{outlet.id}.{code}")
        dish = self._services.menu.snapshot(outlet.id).get(item_id)
        if dish is None:
            raise ItemNotFound(item=item_id)
        return dish

    def _named(self, outlet: Outlet, text: str) -> list[MenuItem]:
        """The one dish a cook surely means, or those that may be meant, best first."""
        menu = self._services.menu.snapshot(outlet.id)
        code = MenuItemId(f"{outlet.id}.{text.strip().lower()}")
        if (exact := menu.get(code)) is not None:
            return [exact]
        matches = menu.names.match(text, limit=CHOICES, cutoff=45.0)
        if not matches:
            return []
        found = [menu.items[match.item] for match in matches]
        best, second = matches[0].score, matches[1].score if len(matches) > 1 else 0.0
        sure = best >= SURE and (best - second >= APART or best >= EXACT > second)
        return found[:1] if sure else found

    def _until_ms(self, outlet: Outlet, until: Until) -> int:
        clock = self._services.clock
        match until:
            case Until.HOUR:
                return clock.ms() + timedelta(hours=1) // timedelta(milliseconds=1)
            case Until.CLOSING:
                # No order is taken between the last one of the evening and closing, so that is when it is back.
                return opening(outlet, clock.now()).until_ms or self._tomorrow_ms(outlet)
            case Until.TOMORROW:
                return self._tomorrow_ms(outlet)
            case Until.FURTHER_NOTICE:
                return UNTIL_BACK_MS

    def _tomorrow_ms(self, outlet: Outlet) -> int:
        zone = ZoneInfo(outlet.timezone)
        today = from_ms(self._services.clock.ms()).astimezone(zone)
        days = 0 if today.hour * 60 + today.minute < BREAKFAST else 1
        return moment_ms(today.date(), days * MINUTES_A_DAY + BREAKFAST, zone)
