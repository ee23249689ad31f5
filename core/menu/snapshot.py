"""One outlet's menu at one version: immutable, held in the process, with everything a chat asks of it ready."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal, TypeVar

from core.clock import to_ms
from core.ids import MenuItemId
from core.menu.models import MenuItem
from core.menu.names import NameIndex
from core.outlets.hours import meal_now
from core.outlets.models import Category, Outlet

Availability = Literal["sold_out", "not_now"] | None
MenuPage = tuple[Category, tuple[MenuItem, ...]]
T = TypeVar("T")

PAGES_KEPT = 1_024


@dataclass(frozen=True, slots=True, eq=False)
class MenuSnapshot:
    """`version` is a word: equal words mean equal menus, so pages may be cached by it."""

    outlet: Outlet
    version: str
    items: Mapping[MenuItemId, MenuItem]
    categories: tuple[MenuPage, ...]  # as the owner ordered them; none is empty
    names: NameIndex
    _served: dict[Hashable, tuple[MenuItem, ...]] = field(init=False, repr=False, default_factory=dict)
    _meals: dict[int, tuple[str, ...]] = field(init=False, repr=False, default_factory=dict)  # of one minute
    _pages: dict[Hashable, Any] = field(init=False, repr=False, default_factory=dict)

    @classmethod
    def build(
        cls, outlet: Outlet, version: str, items: Iterable[MenuItem], before: "MenuSnapshot | None" = None
    ) -> "MenuSnapshot":
        """Sort and index a menu. Takes a while for a long one: do it off the loop.

        The index of `before` is used again when names and order are what they were.
        """
        categories = _categories(outlet, items)
        ordered = [item for _, some in categories for item in some]
        by_popularity = sorted(ordered, key=lambda item: not item.popular)  # stable: else in the menu's order
        names = tuple((item.id, item.name, item.aliases) for item in by_popularity)
        return cls(
            outlet=outlet,
            version=version,
            items=MappingProxyType({item.id: item for item in ordered}),
            categories=categories,
            names=before.names if before and before.names.made_of == names else NameIndex(names),
        )

    def get(self, item: MenuItemId) -> MenuItem | None:
        return self.items.get(item)

    def search(self, text: str, limit: int = 10) -> list[MenuItem]:
        """The dishes this text may mean, best first, sold out or not."""
        return [self.items[item] for item in self.names.search(text, limit)]

    def availability(self, item: MenuItem, now: datetime) -> Availability:
        """Why the dish cannot be had at this moment; None when it can."""
        if item.sold_out(to_ms(now)):
            return "sold_out"
        if item.meals and not set(item.meals).intersection(self._meals_at(now)):
            return "not_now"
        return None

    def _meals_at(self, now: datetime) -> tuple[str, ...]:
        """The meals that are on, worked out once a minute: they begin and end with one."""
        minute = to_ms(now) // 60_000
        meals = self._meals.get(minute)
        if meals is None:
            self._meals.clear()
            meals = tuple(meal.code for meal in self.outlet.meals if meal_now(self.outlet, meal.code, now))
            self._meals[minute] = meals
        return meals

    def served(
        self, category: str, now: datetime, wanted: Callable[[MenuItem], bool], like: Hashable
    ) -> tuple[MenuItem, ...]:
        """The dishes of a category that are served at this hour, sold out or not, and `wanted`.

        Remembered as long as the menu stays and the same meals are on: equal `like` must mean the same wishes.
        """
        meals = self._meals_at(now)
        key = (category, meals, like)
        found = self._served.get(key)
        if found is None:
            page = next((items for one, items in self.categories if one.code == category), ())
            found = tuple(
                item for item in page if (not item.meals or any(meal in meals for meal in item.meals)) and wanted(item)
            )
            self._served[key] = found
        return found

    def page(self, like: Hashable, make: Callable[[], T]) -> T:
        """What `make` makes of this menu, made once for all who see the same, as long as the menu stays.

        Equal `like` must mean equal pages.
        """
        page: T | None = self._pages.get(like)
        if page is None:
            if len(self._pages) >= PAGES_KEPT:
                self._pages.clear()
            page = self._pages[like] = make()
        return page

    def under(self, outlet: Outlet, version: str) -> "MenuSnapshot":
        """The same dishes, at an outlet whose own facts changed."""
        return replace(self, outlet=outlet, version=version, categories=_categories(outlet, self.items.values()))

    def having(self, item: MenuItem, version: str) -> "MenuSnapshot":
        """With one dish as it is now. Its names must be what they were: the index is shared."""
        items = MappingProxyType({**self.items, item.id: item})
        categories = tuple(
            (category, tuple(item if other.id == item.id else other for other in some))
            if category.code == item.category
            else (category, some)
            for category, some in self.categories
        )
        return replace(self, version=version, items=items, categories=categories)


def _categories(outlet: Outlet, items: Iterable[MenuItem]) -> tuple[MenuPage, ...]:
    by_code: dict[str, list[MenuItem]] = {category.code: [] for category in outlet.categories}
    for item in items:
        by_code.setdefault(item.category, []).append(item)
    named = {category.code: category for category in outlet.categories}
    return tuple(
        (
            named.get(code) or Category(code=code, name=code.replace("-", " ").capitalize()),
            tuple(sorted(some, key=lambda item: (item.position, item.code))),
        )
        for code, some in by_code.items()
        if some
    )
