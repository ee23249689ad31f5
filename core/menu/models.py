"""A dish as it stands on the menu."""

from enum import StrEnum

from core.ids import MenuItemId, OutletId
from core.models import Document, Model
from core.money import ZERO, Money

UNLIMITED = -1
LONG_AGO_MS = 0
UNTIL_BACK_MS = 32_503_680_000_000  # the year 3000: sold out until somebody says it is back

# What FSSAI and guests ask for by name; a diet profile and an item speak of allergens in these words alone.
ALLERGENS: tuple[str, ...] = tuple("gluten milk egg fish shellfish peanut nuts soy sesame mustard sulphite".split())


class Diet(StrEnum):
    """The letter printed beside a dish; FSSAI's green, brown and egg marks in a form screen readers can say."""

    VEG = "V"
    EGG = "E"
    NON_VEG = "N"


class Variant(Model):
    """A size. A dish of one size has a single variant with the code `one` and no name."""

    code: str
    name: str = ""
    price: Money


class Choice(Model):
    code: str
    name: str
    price: Money = ZERO  # added to the variant's price
    sold_out: bool = False
    aliases: tuple[str, ...] = ()


class OptionGroup(Model):
    """A question the kitchen needs answered: at least `min`, at most `max` of its choices."""

    code: str
    name: str
    min: int = 0
    max: int = 1
    choices: tuple[Choice, ...]
    default: tuple[str, ...] = ()

    @property
    def required(self) -> bool:
        return self.min > 0

    def choice(self, code: str) -> Choice | None:
        return next((choice for choice in self.choices if choice.code == code), None)


class MenuItem(Document):
    id: MenuItemId  # <outlet>.<code>
    outlet: OutletId
    code: str
    name: str
    description: str = ""
    category: str
    position: int = 0
    diet: Diet
    jain: bool = False
    variants: tuple[Variant, ...]
    groups: tuple[OptionGroup, ...] = ()
    allergens: tuple[str, ...] = ()
    calories: int = 0  # kcal a portion; 0: not stated
    spice: int = 0  # 0–3
    meals: tuple[str, ...] = ()  # empty: all day
    tax_class: str = "food"
    packing: Money = ZERO  # a portion, when it leaves the house
    image: str = ""  # /media/dishes/<file>
    aliases: tuple[str, ...] = ()
    prep_minutes: int = 0  # 0: the outlet's
    stock: int = UNLIMITED
    sold_out_until_ms: int = LONG_AGO_MS
    popular: bool = False
    v: int = 1  # rises with every change, so that a price changed and a dish sold out at once both stay

    def variant(self, code: str) -> Variant | None:
        return next((variant for variant in self.variants if variant.code == code), None)

    def group(self, code: str) -> OptionGroup | None:
        return next((group for group in self.groups if group.code == code), None)

    @property
    def price_from(self) -> Money:
        return min(variant.price for variant in self.variants)

    @property
    def simple(self) -> bool:
        """Whether one tap can add it: one size, and every question that must be asked has its usual answer."""
        return len(self.variants) == 1 and all(len(group.default) >= group.min for group in self.groups)

    def sold_out(self, now_ms: int) -> bool:
        return self.sold_out_until_ms > now_ms or self.stock == 0
