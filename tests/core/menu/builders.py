"""Dishes and menu files as tests want them."""

from core.ids import MenuItemId, OutletId
from core.menu.models import Choice, Diet, MenuItem, OptionGroup, Variant
from core.money import Money

SPICE = OptionGroup(
    code="spice",
    name="How spicy?",
    min=1,
    max=1,
    choices=(Choice(code="mild", name="Mild"), Choice(code="hot", name="Hot", price=Money.rupees(5))),
    default=("mild",),
)


def an_item(code: str = "paneer-tikka", **changes: object) -> MenuItem:
    """Paneer Tikka at MG Road, 240 rupees, on the menu all day."""
    outlet = changes.pop("outlet", "mgroad")
    facts: dict[str, object] = {
        "id": MenuItemId(f"{outlet}.{code}"),
        "outlet": OutletId(str(outlet)),
        "code": code,
        "name": code.replace("-", " ").title(),
        "category": "mains",
        "diet": Diet.VEG,
        "variants": (Variant(code="one", price=Money.rupees(240)),),
    }
    return MenuItem.model_validate(facts | changes)


A_FILE = """\
outlets:
  mgroad:
    name: Tiffin, MG Road
    address: 14/2, Church Street
    city: Bengaluru
    phone: +91 80 4123 4567
    map: 12.9750, 77.6050
    hours:
      mon-fri: 11:00-15:00, 18:30-23:00
      sat, sun: 11:00-01:00
    holidays: 2026-10-02
    orders: dine-in, takeaway, delivery
    tables: T1-T12, Patio 1
    zones:
      Near:
        pins: 560001, 560 025
        fee: 40.50
        free over: 500
        minimum: 149
    pay: upi, cash
  indira:
    name: Tiffin, Indiranagar
    address: 721, 100 Feet Road
    city: Bengaluru
    phone: +91 80 4123 4577
    hours: {daily: 07:00-23:30}
    orders: takeaway
    pay: upi
taxes: {food: 5 %}
meals: {Breakfast: 07:00-11:30}
coupons:
  WELCOME50: {off: 50, over: 300, first order: yes}
options:
  spice:
    ask: How spicy?
    choose: 1
    choices: [Mild, {Hot: 5}]
    default: Mild
menu:
  Breakfast:
    - name: Masala Dosa
      price: 110
      diet: V
      meals: breakfast
      at: {indira: {price: 120}}
  Mains:
    - name: Paneer Tikka
      sizes: {half: 180, full: 320.50}
      diet: V
      options: spice
      aliases: panir tikka, paneer tika
    - name: Chicken 65
      price: 240
      diet: N
      only: mgroad
"""


def with_line(old: str, *new: str) -> str:
    """A_FILE with one line (found by its text) replaced by others of the same indentation."""
    lines = A_FILE.splitlines()
    (at,) = [number for number, line in enumerate(lines) if line.strip() == old]
    indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
    lines[at : at + 1] = [indent + line for line in new]
    return "\n".join(lines) + "\n"
