"""Numbers without a gap and without a twin, whoever asks, however often, and whoever dies in between."""

import asyncio
from datetime import timedelta

import pytest

from core.connections import ensure_indexes
from core.errors import StoreError
from core.ids import RefundKey
from core.invoices.models import InvoiceKind
from core.invoices.service import InvoiceService
from core.invoices.store import INDEXES, InvoiceStore
from core.money import Money
from core.orders.facts import Cancelled, Progressed, RefundAsked, Undone
from core.orders.models import Order
from core.orders.status import OrderStatus
from core.outlets.models import PayMethod
from tests.core.orders.builders import COOK, LUNCH_MS, MG_ROAD, MINUTE, after, an_order, kinds, relayed

S = OrderStatus


async def eaten(house, method: PayMethod = PayMethod.UPI) -> Order:
    """An order that was handed over, with everything it had to send still in it."""
    order = an_order(S.OUT_FOR_DELIVERY, method=method)
    order = order.model_copy(update={"cash_ms": LUNCH_MS}) if method is PayMethod.CASH else order
    done = Progressed(at_ms=LUNCH_MS + 9 * MINUTE, by=COOK, step=order.acts, to=S.COMPLETED)
    order = after(order, done)
    await house.store._orders.insert_one(order.to_document())
    return order


def numbers(papers) -> list[str]:
    return sorted(paper.number for paper in papers)


async def all_papers(house):
    return await house.invoices._store.issued(MG_ROAD, 0, 10**15)


async def test_an_order_that_is_handed_over_gets_its_invoice_by_itself(house):
    order = await eaten(house)
    await house.settle()
    (invoice,) = await all_papers(house)
    assert (invoice.number, invoice.order, invoice.total) == ("BLR1/2526/000001", order.id, order.total)
    assert await house.invoices.invoice(order) == invoice  # and whoever asks later gets the same


async def test_nothing_is_invoiced_before_the_food_is_handed_over_nor_for_a_test_order(house):
    for status in (S.AWAITING_PAYMENT, S.PLACED, S.OUT_FOR_DELIVERY, S.CANCELLED, S.EXPIRED):
        assert await house.invoices.papers(an_order(status)) == []
    assert await house.invoices.invoice(an_order(S.COMPLETED).model_copy(update={"test": True})) is None


@pytest.mark.race
async def test_many_orders_asked_for_by_many_workers_at_once_are_numbered_one_by_one(house):
    orders = [an_order(S.COMPLETED) for _ in range(12)]
    await asyncio.gather(*(house.invoices.invoice(order) for order in orders * 3))
    papers = await all_papers(house)
    assert numbers(papers) == [f"BLR1/2526/{n:06d}" for n in range(1, 13)]
    assert {paper.order for paper in papers} == {order.id for order in orders}


@pytest.mark.race
async def test_without_its_unique_indexes_the_same_order_would_be_billed_twice(mongo, clock, house):
    """The twin of the test above: what an order's paper is about is no longer unique."""
    await mongo.drop_collection("invoices")
    await ensure_indexes(mongo, [index for index in INDEXES if not index.unique])
    order = an_order(S.COMPLETED)

    class Blind(InvoiceStore):
        """Looks before anybody has written, as two workers in the same moment do."""

        async def about(self, of):
            return None

        async def of_order(self, order_id):
            return []

    blind = InvoiceService(store=Blind(mongo), outlets=house.directory, clock=clock)
    await asyncio.gather(*(blind.invoice(order) for _ in range(4)))
    assert len(await all_papers(house)) > 1


async def test_a_worker_that_dies_before_the_insert_has_taken_no_number(house, monkeypatch):
    first, second = await eaten(house), await eaten(house)
    insert = InvoiceStore.insert

    async def dies(self, paper):
        raise StoreError("killed")

    monkeypatch.setattr(InvoiceStore, "insert", dies)
    with pytest.raises(StoreError):
        await house.invoices.invoice(first)
    monkeypatch.setattr(InvoiceStore, "insert", insert)
    for order in (second, first):
        await house.invoices.invoice(order)
    assert numbers(await all_papers(house)) == ["BLR1/2526/000001", "BLR1/2526/000002"]


async def test_a_worker_that_dies_after_the_insert_finds_its_paper_again(house, monkeypatch):
    order = await eaten(house)
    insert = InvoiceStore.insert

    async def dies(self, paper):
        await insert(self, paper)
        raise StoreError("killed")

    monkeypatch.setattr(InvoiceStore, "insert", dies)
    with pytest.raises(StoreError):
        await house.invoices.invoice(order)
    monkeypatch.setattr(InvoiceStore, "insert", insert)
    await house.settle()
    assert numbers(await all_papers(house)) == ["BLR1/2526/000001"]


async def test_a_new_financial_year_begins_at_one_again(house, clock):
    await house.invoices.invoice(an_order(S.COMPLETED))
    clock.advance(timedelta(days=40))
    await house.invoices.invoice(an_order(S.COMPLETED))
    assert numbers(await all_papers(house)) == ["BLR1/2526/000001", "BLR1/2627/000001"]


async def test_a_refund_in_part_and_then_the_rest_are_two_notes_that_take_the_invoice_back(house, clock):
    order = await eaten(house)
    await house.settle()
    for n, amount in enumerate((Money(5_050), None)):
        clock.advance(timedelta(minutes=5))
        fact = RefundAsked(at_ms=clock.ms(), by="telegram:1", request=f"r{n}", amount=amount, reason="cold")
        refunded = after(await house.orders.require(order.id), fact)
        key = refunded.refunds[-1].key
        done = refund_processed(refunded, key)
        await house.orders.record(order.id, fact, done)
        await house.settle()
    invoice, part, rest = await house.invoices.papers(await house.orders.require(order.id))
    assert [part.number, rest.number] == ["BLR1/2526C/00001", "BLR1/2526C/00002"]
    assert (part.kind, part.total, part.against) == (InvoiceKind.CREDIT_NOTE, Money(5_050), invoice.number)
    assert part.reason == "cold"
    assert part.total + rest.total == invoice.total
    assert part.taxable + rest.taxable == invoice.taxable


def refund_processed(order: Order, key: RefundKey):
    from tests.core.orders.builders import refund_done

    return refund_done(order, key, order.refunds[-1].at_ms)


@pytest.mark.race
async def test_two_refunds_noted_at_once_never_take_back_the_same_paisa(house):
    order = an_order(S.COMPLETED)
    for n in range(3):
        order = after(order, RefundAsked(at_ms=LUNCH_MS, by="o", request=f"r{n}", amount=Money(3_333), reason="cold"))
        order = after(order, refund_processed(order, order.refunds[-1].key))
    keys = [refund.key for refund in order.refunds]
    await asyncio.gather(*(house.invoices.credit(order, key) for key in keys * 2))
    _, *notes = await house.invoices.papers(order)
    assert len(notes) == 3
    assert [note.place for note in notes] == [f"{order.id}:{k}" for k in (1, 2, 3)]
    assert sum(note.total.paise for note in notes) == 3 * 3_333


async def test_a_refund_before_the_hand_over_is_noted_once_the_invoice_is_there(house):
    order = an_order(S.OUT_FOR_DELIVERY)
    order = after(order, RefundAsked(at_ms=LUNCH_MS, by="o", request="r", amount=Money(2_000), reason="no coriander"))
    order = after(order, refund_processed(order, order.refunds[-1].key))
    assert not [kind for kind in kinds(order) if kind.whose == "books"]
    order = after(order, Progressed(at_ms=LUNCH_MS + 9 * MINUTE, by=COOK, step=order.acts, to=S.COMPLETED))
    assert [kind.value for kind in kinds(order) if kind.whose == "books"] == ["books.invoice", "books.credit"]


async def test_cash_that_was_handed_back_is_credited_too(house):
    order = await eaten(house, PayMethod.CASH)
    await house.settle()
    for request in ("w1", "w1", "w2"):  # the first one twice
        await house.orders.refund(order.id, "telegram:1", "owner_cold", Money(5_000), request=request)
        await house.settle()
    invoice, *notes = await house.invoices.papers(await house.orders.require(order.id))
    assert [(note.number, note.total, note.reason) for note in notes] == [
        ("BLR1/2526C/00001", Money(5_000), "owner_cold"),
        ("BLR1/2526C/00002", Money(5_000), "owner_cold"),
    ]
    assert {note.against for note in notes} == {invoice.number}


async def test_an_order_handed_over_by_mistake_and_cancelled_is_invoiced_and_taken_back_whole(house):
    order = await eaten(house, PayMethod.CASH)
    await house.settle()
    undone = Undone(at_ms=LUNCH_MS, by=COOK, step=order.acts)
    order = after(order, undone, now_ms=LUNCH_MS + 9 * MINUTE + 1)
    assert order.booked == ()  # the next hand-over asks again, and finds the same invoice
    order = after(relayed(order), Cancelled(at_ms=LUNCH_MS + 10 * MINUTE, by=COOK, step=order.acts, reason="abse"))
    assert "books.credit" in [kind.value for kind in kinds(order)]
    note = await house.invoices.credit(order, RefundKey(""))
    assert note is not None
    assert (note.total, note.reason) == (order.total, "abse")
    assert await house.invoices.credit(order, RefundKey("")) == note


async def test_money_agreed_to_be_kept_of_a_cancelled_order_is_invoiced(house):
    order = an_order(S.PREPARING)
    order = after(
        order, Cancelled(at_ms=LUNCH_MS + 9 * MINUTE, by="o", step=order.acts, reason="gues", refund=Money(30_000))
    )
    order = after(order, refund_processed(order, order.refunds[-1].key))
    invoice, note = await house.invoices.papers(order), await house.invoices.credit(order, order.refunds[-1].key)
    assert (len(invoice), invoice[0].total) == (1, order.total)
    assert note is not None
    assert note.total == Money(30_000)


async def test_the_paper_stays_as_it_was_when_outlet_and_guest_change(house):
    order = await eaten(house)
    invoice = await house.invoices.invoice(order)
    house.directory.outlet = house.directory.outlet.model_copy(update={"name": "Other", "gstin": "27AAKCT4821M1ZV"})
    assert await house.invoices.invoice(order.model_copy(update={"customer_name": ""})) == invoice
