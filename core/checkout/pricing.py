"""What an order costs: pure arithmetic in whole paise.

Every amount on the bill is computed once and the total is their sum. Tax is reckoned per tax class on what remains
after the discount, rounded half up once per tax head (PLATFORMS.md G2); packing and delivery are part of the meal and
taxed as the outlet says, a tip is the guest's gift and is not taxed.
"""

from collections import defaultdict
from collections.abc import Sequence

from core.cart.models import PricedLine
from core.checkout.coupon import discount_of
from core.checkout.models import Bill, BillLine, Charge, ChargeKind, TaxLine
from core.errors import StoreError
from core.money import ZERO, Money, split, total
from core.outlets.models import Coupon, Fulfilment, Outlet, Zone


def price(
    lines: Sequence[PricedLine],
    outlet: Outlet,
    fulfilment: Fulfilment,
    zone: Zone | None = None,
    coupon: Coupon | None = None,
    tip: Money = ZERO,
) -> Bill:
    """The bill for these lines. A coupon given here was found good before; `zone` is where a delivery goes."""
    subtotal = total(line.amount for line in lines)
    discount = ZERO if coupon is None else discount_of(coupon, subtotal)
    charges = _charges(lines, subtotal, fulfilment, zone, outlet.charges_tax)
    taxes = _taxes(lines, discount, total(charge.amount for charge in charges), outlet)
    if tip:
        charges.append(Charge(kind=ChargeKind.TIP, amount=tip))
    exact = subtotal - discount + total(charge.amount for charge in charges) + total(tax.amount for tax in taxes)
    rounded = round_half_up(exact, outlet.round_to)
    if rounded != exact:
        charges.append(Charge(kind=ChargeKind.ROUNDING, amount=rounded - exact))
    return Bill(
        currency=outlet.currency,
        lines=tuple(_bill_line(line) for line in lines),
        subtotal=subtotal,
        discount=discount,
        coupon="" if coupon is None else coupon.code,
        charges=tuple(charges),
        taxes=tuple(taxes),
        total=rounded,
    )


def round_half_up(amount: Money, step: int) -> Money:
    """The nearest multiple of `step` paise."""
    return Money((2 * amount.paise + step) // (2 * step) * step)


def delivery_fee(zone: Zone, subtotal: Money) -> Money:
    """What bringing it costs; a reached `free_over` makes it free."""
    return ZERO if zone.free_over is not None and subtotal >= zone.free_over else zone.fee


def _charges(
    lines: Sequence[PricedLine], subtotal: Money, fulfilment: Fulfilment, zone: Zone | None, tax: str
) -> list[Charge]:
    if fulfilment is Fulfilment.DINE_IN:
        return []
    charges = []
    packing = total(line.packing * line.qty for line in lines)
    if packing:
        charges.append(Charge(kind=ChargeKind.PACKING, amount=packing, tax_class=tax))
    if fulfilment is Fulfilment.DELIVERY:
        if zone is None:  # a fee that cannot be found is no free delivery
            raise ValueError("a delivery is priced for a zone")
        fee = delivery_fee(zone, subtotal)
        charges.append(Charge(kind=ChargeKind.DELIVERY, amount=fee, tax_class=tax))
    return charges


def _taxes(lines: Sequence[PricedLine], discount: Money, charges: Money, outlet: Outlet) -> list[TaxLine]:
    """One line for each tax head of each class in use, in the outlet's order of classes."""
    taxable: defaultdict[str, Money] = defaultdict(lambda: ZERO)
    for line, off in zip(lines, split(discount, [line.amount.paise for line in lines]), strict=True):
        taxable[line.tax_class] += line.amount - off
    taxable[outlet.charges_tax] += charges
    unknown = taxable.keys() - {tax.code for tax in outlet.taxes}
    if unknown:
        raise StoreError("tax class is not the outlet's", outlet=outlet.id, tax_class=min(unknown))
    taxes = []
    for tax in outlet.taxes:
        base = taxable[tax.code]
        for head, rate in (("CGST", tax.cgst_bp), ("SGST", tax.sgst_bp)):
            if base and rate:
                amount = base.share(rate)
                taxes.append(
                    TaxLine(head=head, rate_bp=rate, taxable=base, amount=amount, tax_class=tax.code, sac=tax.sac)
                )
    return taxes


def _bill_line(line: PricedLine) -> BillLine:
    return BillLine(
        item=line.item,
        name=line.name,
        variant_name=line.variant_name,
        options=line.options,
        note=line.note,
        qty=line.qty,
        unit=line.unit,
        amount=line.amount,
        tax_class=line.tax_class,
    )
