"""An owner with a guest on the phone finds the order, and reads everything about it."""

from datetime import timedelta

import pytest

from bot.conversation.incoming import Tap
from core.customers.models import Proof
from core.ids import Handle, Phone
from core.orders.facts import LinkOpened, PaymentCaptured, RefundProcessed
from core.orders.ledger import Payment, RefundStatus
from core.orders.models import OrderStatus
from core.outlets.models import Fulfilment, PayMethod, Slot
from tests.bot.kitchen.builders import INDIRA
from tests.core.orders.builders import an_order


async def test_an_order_is_found_by_its_code_however_it_is_typed(office):
    order = await office.order()
    om = office.person("Om")
    for spoken in (order.code, order.code.replace(" ", "").lower()):
        for command in ("/find", "/order"):
            assert (await om.says(f"{command} {spoken}")).text.startswith(f"{order.code} · Tiffin, MG Road")


async def test_codes_are_found_for_a_week(office):
    order = await office.order()
    office.clock.advance(timedelta(days=6))
    assert (await office.person("Om").says(f"/find {order.code}")).text.startswith(order.code)
    office.clock.advance(timedelta(days=1))
    assert (await office.person("Om").says(f"/find {order.code}")).text == f"No order fits “{order.code}”."


async def test_an_order_is_found_by_the_end_of_the_phone(office):
    first = await office.order(phone="+919876543210")
    office.clock.advance(timedelta(minutes=1))
    second = await office.order(phone="+918888843210", customer="cus_other")
    await office.order(phone="+919876543211", customer="cus_third")
    om = office.person("Om")
    page = await om.says("/find 43210")
    assert page.text == "2 orders fit"
    assert [label.split(" · ")[0] for label in page.labels[:2]] == [second.code, first.code]
    assert (await om.taps(first.code, page)).text.startswith(f"{first.code} · ")
    assert (await om.says("/find 543211")).text.count("+919876543211") == 1
    office.clock.advance(timedelta(days=3, minutes=1))
    assert (await om.says("/find 43210")).text == "No order fits “43210”."


async def test_a_whole_number_finds_every_order_of_that_guest(office):
    customers = office.services.customers
    guest = await customers.identify(Handle("telegram:77777"), "telegram")
    guest = await customers.prove_phone(
        guest.id, Handle("telegram:77777"), Phone("+919876543210"), Proof.TELEGRAM_CONTACT
    )
    order = await office.order(customer=guest.id, phone="+919876543210")
    office.clock.advance(timedelta(days=40))
    for typed in ("9876543210", "+91 98765 43210", "098765-43210"):
        assert (await office.person("Om").says(f"/find {typed}")).text.startswith(order.code)
    assert (await office.person("Uma").says("/find 9876543210")).text.startswith("No order fits")


@pytest.mark.parametrize("words", ["", "472", "321", "meera", "K", "KK 472", "K 47", "٣٢١٠"])
async def test_what_cannot_be_looked_up_is_explained(office, words):
    assert (await office.person("Om").says(f"/find {words}".strip())).text.startswith("By its code:")


async def test_everything_about_an_order_stands_on_one_page(office):
    order = await office.order(method=PayMethod.UPI)
    orders, at = office.services.orders, office.clock.ms()
    await orders.record(
        order.id,
        LinkOpened(at_ms=at, by="provider", n=1, link="plink_7", url="https://pay.example/7", expires_ms=at + 960_000),
        PaymentCaptured(
            at_ms=at, by="provider", n=1, payment="pay_7", amount=order.total, currency="INR", method="upi"
        ),
    )
    office.clock.advance(timedelta(minutes=2))
    await orders.accept(order.id, order.outlet, "telegram:11111", 25)
    office.clock.advance(timedelta(minutes=3))
    await orders.staff_cancel(order.id, order.outlet, "telegram:33333", "kitc")
    now = await orders.require(order.id)
    await orders.record(
        order.id,
        RefundProcessed(at_ms=office.clock.ms(), by="provider", payment="pay_7", amount=order.total,
                        refund_key=now.refunds[0].key, provider_id="rfnd_7", bank_ref="ARN7"),
    )  # fmt: skip
    text = (await office.person("Om").says(f"/order {order.code}")).text
    for part in (
        f"{order.code} · Tiffin, MG Road",
        "Cancelled · Trouble in the kitchen",
        "Made 7:00 pm",
        order.id,
        "Meera Nair · +919876543210",
        "Writes on Webchat",
        "4, 7th Cross, Bengaluru 560038",
        "Landmark: opposite the temple",
        "Note: “cut the tikka in half”",
        "To the rider: “ring twice”",
        "2 × Paneer Tikka (Full) · ₹270",
        "Total ₹540",
        "Money: UPI · given back",
        "plink_7",
        "Payment of ₹540, 7:00 pm: goes back · pay_7" if now.kept != "pay_7" else "pays this order · pay_7",
        "Refund of ₹540, 7:05 pm: sent back · rfnd_7 · ARN7",
        "7:00 pm · placed",
        "7:02 pm · accepted · Asha",
        "7:05 pm · cancelled · Meena",
    ):
        assert part in text, part


@pytest.mark.parametrize("how", list(Fulfilment))
@pytest.mark.parametrize("method", [PayMethod.CASH, PayMethod.UPI])
async def test_orders_of_every_kind_can_be_read(office, how, method):
    order = await office.order(how=how, method=method)
    page = await office.person("Anu").says(f"/order {order.code}")
    assert page.labels == ["Refresh", "◂ Outlets"]
    assert (await office.person("Anu").taps("Refresh", page)).text == page.text


async def test_an_order_of_a_forgotten_guest_shows_no_person(office):
    order = await office.order()
    orders = office.services.orders
    await orders.reject(order.id, order.outlet, "telegram:11111", "busy")
    await orders.pseudonymise(order.customer)
    text = (await office.person("Om").says(f"/order {order.code}")).text
    assert "The guest asked to be forgotten." in text
    assert "Meera" not in text


async def test_the_same_code_at_two_outlets_is_asked_about(office, monkeypatch):
    monkeypatch.setattr(office.services.orders, "_codes", lambda: "K 472")
    await office.order()
    await office.order(outlet=INDIRA, outlet_name="Tiffin, Indiranagar", customer="cus_other")
    page = await office.person("Anu").says("/find K 472")
    assert page.text == "2 orders fit"
    assert (await office.person("Anu").says("/find indira K 472")).text.startswith("K 472 · Tiffin, Indiranagar")
    assert (await office.person("Om").says("/find K 472")).text.startswith("K 472 · Tiffin, MG Road")


async def test_an_order_of_another_outlet_is_as_if_it_were_none(office):
    order = await office.order()
    uma = office.person("Uma")
    assert (await uma.says(f"/find {order.code}")).text == f"No order fits “{order.code}”."
    tapped = await uma.reads(await uma.does(Tap(f"@f|{order.id}")))
    nobodys = await uma.reads(await uma.does(Tap("@f|ord_0000000000000000000000")))
    assert tapped.text == nobodys.text == "There is no such thing (any more). /outlets shows what there is."
    assert (await uma.says("/find 3210")).text == "No order fits “3210”."


async def test_a_long_order_and_odd_words_are_shown_as_they_are(office):
    order = await office.order(note="<b>*bold*</b> _x_ `y`", customer_name="Robert'); DROP TABLE")
    text = (await office.person("Om").says(f"/order {order.code}")).text
    assert "<b>*bold*</b> _x_ `y`" in text
    assert "Robert'); DROP TABLE" in text


PLACED_AT_ONCE = [status for status in OrderStatus if status not in (OrderStatus.AWAITING_PAYMENT, OrderStatus.EXPIRED)]


@pytest.mark.parametrize(
    ("status", "method"),
    [*((status, PayMethod.UPI) for status in OrderStatus), *((status, PayMethod.CASH) for status in PLACED_AT_ONCE)],
)
async def test_an_order_can_be_read_however_it_stands(office, mongo, status, method):
    order = an_order(status, method=method)
    await mongo["orders"].insert_one(order.to_document())
    om = office.person("Om")
    page = await om.reads(await om.does(Tap(f"@f|{order.id}")))
    assert page.text.startswith("K 472 · Tiffin, MG Road")
    assert status.value.replace("_", " ") in page.text
    assert ("Link 1" in page.text) is order.online
    if order.kept:
        assert "pays this order · pay_first" in page.text


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (RefundStatus.DUE, "under way"),
        (RefundStatus.SENT, "under way"),
        (RefundStatus.PENDING, "under way"),
        (RefundStatus.FAILED, "failed"),
        (RefundStatus.PROCESSED, "sent back"),
        (RefundStatus.MANUAL, "needs you"),
        (RefundStatus.WITHDRAWN, "not needed any more"),
    ],
)
async def test_every_refund_says_how_it_stands(office, mongo, status, said):
    order = an_order(OrderStatus.CANCELLED)
    refunds = tuple(refund.model_copy(update={"status": status}) for refund in order.refunds)
    assert refunds
    await mongo["orders"].insert_one(order.model_copy(update={"refunds": refunds}).to_document())
    om = office.person("Om")
    page = await om.reads(await om.does(Tap(f"@f|{order.id}")))
    assert f": {said} · " in page.text


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"failed_ms": 1}, "failed · pay_2"),
        ({"authorised_ms": 1}, "not taken · pay_2"),
        ({"captured_ms": 1}, "goes back · pay_2"),
    ],
)
async def test_every_payment_says_what_became_of_it(office, mongo, facts, said):
    order = an_order(OrderStatus.PLACED)
    second = Payment(id="pay_2", n=1, amount=order.total, currency="INR", seen_ms=1, **facts)
    flagged = {"payments": (*order.payments, second), "flags": ("wrong_capture",), "slot": Slot(start_ms=1, end_ms=2)}
    await mongo["orders"].insert_one(order.model_copy(update=flagged).to_document())
    om = office.person("Om")
    page = await om.reads(await om.does(Tap(f"@f|{order.id}")))
    assert said in page.text
    assert "Marked: wrong capture" in page.text
