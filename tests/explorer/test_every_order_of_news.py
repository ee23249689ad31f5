"""Four messages about one payment, and a refund by hand, through the real inbox and handlers in all their orders."""

import itertools
from collections import Counter
from collections.abc import Sequence

from core.ids import PaymentId
from core.money import Money
from core.orders.models import Order
from core.orders.outgoing import DeliveryKind
from core.orders.status import OrderStatus
from core.outlets.models import PayMethod
from tests.core.orders.builders import TOTAL, money_back
from tests.core.orders.cells import document
from tests.explorer.people import People
from tests.explorer.schedule import silence
from tests.explorer.world import World, own_names, read_once

S = OrderStatus
FOUR = ("authorised", "captured", "order_paid", "link_paid")
BY_HAND = "created"


def told(messages: Sequence[str]) -> tuple[Order, Counter[str], int]:
    """The order after these messages, what was said because of them, and what the provider has left of the money."""
    world = World(0)
    world.calm = world.alone = True
    with own_names(world), read_once(), silence(), world.loop:
        people, who = People(world), world.processes[0]
        people.order(PayMethod.UPI)
        world.settle()
        for _ in ("the link is made", "the guest hears of it"):
            people.job(who, "send")
            world.settle()
        (link,) = world.ledger.links.values()
        payment = world.ledger.authorise(link)
        world.ledger.capture(link, payment)
        if BY_HAND in messages:
            world.ledger.refund_by_hand(link, payment, TOTAL.paise)
        letters = {letter.id.partition(":")[2]: letter for letter in world.ledger.news}
        assert set(letters) == set(messages)
        for name in messages:
            people.deliver(letters[name])
            world.settle()
            for job in ("inbox", "send"):
                people.job(who, job)
                world.settle()
        assert not world.judge.harm
        (order,) = world.judge.orders()
    said = Counter(delivery.split(":")[1] for delivery in world.judge.told)
    return order.model_copy(update={"v": 0}), said, payment.left


def test_all_24_orders_of_the_four_messages_end_in_one_document():
    ends = [told(messages) for messages in itertools.permutations(FOUR)]
    first, said, left = ends[0]
    assert len(ends) == 24
    assert all(document(order) == document(first) for order, _, _ in ends)
    assert (first.status, first.placed_n, first.kept, left) == (S.PLACED, 1, PaymentId("pay_1"), TOTAL.paise)
    assert all(heard[DeliveryKind.OUTLET_NEW_ORDER] == heard[DeliveryKind.GUEST_PLACED] == 1 for _, heard, _ in ends)
    assert said == ends[-1][1]


def test_all_120_orders_with_a_refund_by_hand_know_the_same_facts_and_the_money_is_exact():
    facts, ends = set(), Counter[str]()
    for messages in itertools.permutations([*FOUR, BY_HAND]):
        order, said, left = told(messages)
        facts.add(tuple(sorted(fact.key for fact in order.facts)))
        ends[order.status] += 1
        assert (money_back(order), left) == (TOTAL, 0), messages
        assert not [refund for refund in order.refunds if refund.ours], messages
        assert order.refunded + order.refunding == Money(TOTAL.paise)
        if order.status is S.PLACED:
            assert "review" in order.flags, messages
        else:
            assert order.status is S.AWAITING_PAYMENT
            assert not said[DeliveryKind.OUTLET_NEW_ORDER], messages
    assert len(facts) == 1
    assert sum(ends.values()) == 120
    assert set(ends) == {S.PLACED, S.AWAITING_PAYMENT}, "both worlds were visited"
