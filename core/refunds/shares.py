"""What each portion on a bill really cost, so that the parts of a bill never come to more than the whole. Pure.

A portion's worth is its price less its part of the discount, plus its part of the taxes. Packing, delivery, tip and
rounding belong to no dish; they go back only with the whole order.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from core.checkout.models import Bill, ChargeKind, TaxLine
from core.money import ZERO, Money, split, total
from core.orders.facts import CashReturned, RefundAsked
from core.orders.ledger import Portion
from core.orders.models import Order
from core.outlets.models import TaxClass

Rates = Mapping[str, tuple[int, int]]  # in basis points, by tax class

_TAXED_CHARGES = (ChargeKind.PACKING, ChargeKind.DELIVERY)


def worth(
    bill: Bill, portions: Iterable[Portion], returned: Iterable[Portion] = (), *, taxes: Iterable[TaxClass] = ()
) -> Money:
    """What these portions cost, after `returned` were given back before. Raises ValueError for more than were sold.

    `taxes` are the outlet's, to tell two classes apart that were taxed on the same amount.
    """
    gone, costs = counted(returned), _each_portion(bill, {tax.code: (tax.cgst_bp, tax.sgst_bp) for tax in taxes})
    amounts = []
    for line, qty in counted(portions).items():
        each = costs[line]
        before = min(gone.get(line, 0), len(each))
        if not 0 <= qty <= len(each) - before:
            raise ValueError(f"{qty} of line {line}, where {len(each) - before} are left")
        amounts += each[before : before + qty]
    return total(amounts)


def returned_portions(order: Order) -> tuple[Portion, ...]:
    """What was given back for before, dish by dish."""
    asked = [fact for fact in order.facts if isinstance(fact, RefundAsked | CashReturned)]
    return tuple(portion for fact in asked for portion in fact.lines)


def counted(portions: Iterable[Portion]) -> dict[int, int]:
    """How many of each line."""
    found: defaultdict[int, int] = defaultdict(int)
    for portion in portions:
        found[portion.line] += portion.qty
    return dict(found)


def _each_portion(bill: Bill, rates: Rates) -> list[list[Money]]:
    """Line by line what each single portion cost; all of a line come to the line."""
    net = [line.amount - off for line, off in zip(bill.lines, _discounts(bill), strict=True)]
    taxes = [ZERO for _ in net]
    for tax in bill.taxes:
        charged, weights = _taxed_by(bill, net, tax, rates)
        *shares, _ = split(tax.amount, [*weights, charged])
        taxes = [so_far + share for so_far, share in zip(taxes, shares, strict=True)]
    return [split(amount + tax, [1] * line.qty) for line, amount, tax in zip(bill.lines, net, taxes, strict=True)]


def _discounts(bill: Bill) -> list[Money]:
    return split(bill.discount, [line.amount.paise for line in bill.lines])


def _taxed_by(bill: Bill, net: list[Money], tax: TaxLine, rates: Rates) -> tuple[int, list[int]]:
    """What a tax was reckoned on, in paise: of the charges, and of each line.

    A bill does not say which class of dishes a tax line is of; the amount that was taxed does. Where it fits none, the
    tax is spread over everything.
    """
    charges = sum(bill.charge(kind).paise for kind in _TAXED_CHARGES)
    classes = dict.fromkeys(line.tax_class for line in bill.lines)
    for tax_class in sorted(classes, key=lambda code: tax.rate_bp not in rates.get(code, ())):
        weights = [
            amount.paise if line.tax_class == tax_class else 0 for line, amount in zip(bill.lines, net, strict=True)
        ]
        for charged in (0, charges):
            if sum(weights) + charged == tax.taxable.paise > 0:
                return charged, weights
    if charges == tax.taxable.paise:
        return charges, [0 for _ in net]
    return charges, [amount.paise for amount in net]
