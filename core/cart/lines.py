"""A cart line met with the menu. Pure: what it is called, what it costs, whether it can be cooked."""

from core.cart.errors import OptionGone, OptionsWrong
from core.cart.models import CartLine, PricedLine, Problem, Selection
from core.customers.models import DietProfile
from core.menu.models import Choice, Diet, MenuItem
from core.menu.snapshot import Availability
from core.money import ZERO, total

NO_DIET = DietProfile()


def price_line(
    line: CartLine, item: MenuItem | None, availability: Availability = None, diet: DietProfile = NO_DIET
) -> PricedLine:
    """The line as it stands on the menu now. A dish that left the menu keeps a readable name and costs nothing."""
    if item is None:
        return PricedLine(
            id=line.id, item=line.item, name=_name_from(line), note=line.note, qty=line.qty,
            unit=ZERO, tax_class="", problem="gone",
        )  # fmt: skip
    variant = item.variant(line.variant)
    choices = [found for option in line.options if (found := _choice(item, option)) is not None]
    base = item.price_from if variant is None else variant.price
    return PricedLine(
        id=line.id,
        item=line.item,
        name=item.name,
        variant_name="" if variant is None else variant.name,
        options=tuple(choice.name for choice in choices),
        note=line.note,
        qty=line.qty,
        unit=base + total(choice.price for choice in choices),
        tax_class=item.tax_class,
        packing=item.packing,
        prep_minutes=item.prep_minutes,
        meals=item.meals,
        problem=_problem(line, item, availability, diet),
    )


def canonical(line: CartLine, item: MenuItem) -> CartLine:
    """The line with its options in the menu's order, so that the same dish is the same line however it was tapped.

    Raises OptionGone for a size or choice that is not offered, OptionsWrong for too few or too many choices.
    """
    wanted = {(option.group, option.choice): option for option in line.options}
    options = tuple(
        wanted.pop((group.code, choice.code))
        for group in item.groups
        for choice in group.choices
        if (group.code, choice.code) in wanted and not choice.sold_out
    )
    if wanted or item.variant(line.variant) is None:
        raise OptionGone(name=item.name, line=line.id)
    for group in item.groups:
        count = sum(option.group == group.code for option in options)
        if not group.min <= count <= group.max:
            raise OptionsWrong(name=item.name, group=group.name, least=group.min, most=group.max)
    return line if options == line.options else line.model_copy(update={"options": options})


def _problem(line: CartLine, item: MenuItem, availability: Availability, diet: DietProfile) -> Problem | None:
    if availability == "sold_out":
        return "sold_out"
    try:
        canonical(line, item)
    except (OptionGone, OptionsWrong):
        return "option_gone"
    if availability == "not_now":
        return "not_now"
    return "diet" if against_diet(item, diet) else None


def against_diet(item: MenuItem, diet: DietProfile) -> bool:
    """Whether the household does not eat this."""
    if diet.veg_only and item.diet is not Diet.VEG:
        return True
    if diet.jain and not item.jain:
        return True
    allergies = {allergy.casefold() for allergy in diet.allergies}
    return any(allergen.casefold() in allergies for allergen in item.allergens)


def _choice(item: MenuItem, option: Selection) -> Choice | None:
    group = item.group(option.group)
    return None if group is None else group.choice(option.choice)


def _name_from(line: CartLine) -> str:
    """`mgroad.paneer-tikka` → `Paneer tikka`."""
    return line.item.rsplit(".", 1)[-1].replace("-", " ").capitalize()
