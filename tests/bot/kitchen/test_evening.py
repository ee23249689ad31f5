"""An evening in the kitchen, tap by tap."""

import asyncio

import pytest

from bot.conversation.incoming import Tap
from core.errors import StoreError
from core.orders.models import OrderStatus
from core.outlets.models import Fulfilment, PayMethod


async def test_a_delivery_from_the_first_ring_to_the_door(evening):
    order = await evening.new_order()
    asha, ravi = evening.cook("Asha"), evening.cook("Ravi")
    card = evening.card(order)
    assert "NEW · 7:00 pm · just now" in card.text
    assert "COLLECT ₹540 · cash" in card.text

    evening.minutes_pass(2)
    assert await asha.taps("Accept +25", card) == []
    assert "COOKING · at the pass by 7:27 pm" in card.text
    assert "Accepted · Asha, 7:02 pm" in card.text
    await evening.deliver()
    assert evening.guest_reads()[-1].startswith(
        "Tiffin, MG Road has accepted order K 472.\nAt your door about 7:42 pm."
    )

    evening.minutes_pass(20)
    await asha.taps("Ready", card)
    await ravi.taps("Out for delivery", card)
    await evening.deliver()
    assert evening.guest_reads()[-1].startswith("Order K 472 is on the way.")
    assert "Please have ₹540 in cash ready." in evening.guest_reads()[-1]

    evening.minutes_pass(15)
    await ravi.taps("Collected ₹540 · Delivered", card)
    await evening.deliver()
    assert card.text == "K 472 · Delivered 7:37 pm by Ravi · ₹540"
    now = await evening.now(order)
    assert (now.status, now.paid) == (OrderStatus.COMPLETED, True)
    assert evening.guest_reads()[-1].startswith("Order K 472 is delivered.")
    assert len(evening.group()) == 1


@pytest.mark.parametrize(
    ("how", "last", "said"),
    [
        (Fulfilment.TAKEAWAY, "Collected ₹540 · Picked up", "K 472 · Picked up"),
        (Fulfilment.DINE_IN, "Collected ₹540 · Served", "K 472 · Served"),
    ],
)
async def test_at_the_counter_and_at_the_table_there_is_no_road(evening, how, last, said):
    order = await evening.new_order(how=how)
    asha, card = evening.cook("Asha"), evening.card(order)
    await asha.taps("Accept +15", card)
    await asha.taps("Ready", card)
    assert not [label for label in card.labels if label.startswith("Out")]
    await asha.taps(last, card)
    assert card.text.startswith(said)


async def test_two_cooks_accept_at_once_and_one_of_them_is_told_who_did(evening):
    order = await evening.new_order()
    card = evening.card(order)
    asha, meena = evening.cook("Asha"), evening.cook("Meena")
    evening.minutes_pass(1)
    await asyncio.gather(asha.taps("Accept +15", card), meena.taps("Accept +35", card))
    now = await evening.now(order)
    winner, loser = (asha, meena) if now.history[-1].by == asha.handle else (meena, asha)
    assert now.accepted_n == 1
    assert [shown.text for shown in loser.answers][1:] == [f"{winner.name} accepted K 472 at 7:01 pm."]
    assert len(winner.answers) == 1
    await evening.deliver()
    assert sum("has accepted" in text for text in evening.guest_reads()) == 1


async def test_accepting_and_rejecting_at_once_has_one_winner_who_is_named(evening):
    order = await evening.new_order()
    card = evening.card(order)
    asha, meena = evening.cook("Asha"), evening.cook("Meena")
    await meena.taps("Reject ▸", card)
    busy = card.button("Too busy").action
    accept = f"kac|{order.id}|15"
    await asyncio.gather(asha.taps_action(accept, card), meena.taps_action(busy, card))
    now = await evening.now(order)
    assert now.status in (OrderStatus.ACCEPTED, OrderStatus.REJECTED)
    loser = asha if now.status is OrderStatus.REJECTED else meena
    assert "K 472" in loser.answers[-1].text


async def test_a_finger_that_taps_twice_hears_nothing_and_nothing_happens(evening):
    order = await evening.new_order()
    card, asha = evening.card(order), evening.cook("Asha")
    accept = card.button("Accept +25").action
    await asha.taps_action(accept, card)
    first = await evening.now(order)
    assert await asha.taps_action(accept, card) == []
    assert (await evening.now(order)).v == first.v


async def test_the_same_update_twice_has_one_effect_and_the_same_answer(evening):
    order = await evening.new_order()
    card, asha, meena = evening.card(order), evening.cook("Asha"), evening.cook("Meena")
    await asha.taps("Accept +25", card)
    undo = Tap(card.button("Undo").action)
    await asha.does(undo, message=card.name, update="undo-1")
    answer = card.outgoing
    await meena.taps("Accept +15", card)
    await asha.does(undo, message=card.name, update="undo-1")  # the network sends it again
    assert card.outgoing == answer
    assert (await evening.now(order)).status is OrderStatus.ACCEPTED


async def test_an_undo_takes_back_the_step_its_card_showed_and_no_other(evening):
    order = await evening.new_order()
    card, asha, meena = evening.card(order), evening.cook("Asha"), evening.cook("Meena")
    await asha.taps("Accept +25", card)
    undo = card.button("Undo").action
    await meena.taps("Ready", card)
    late = await asha.taps_action(undo, card)
    assert late[0].text == "That can no longer be undone.\nK 472 is ready: Meena, 7:00 pm."
    undo = card.button("Undo").action
    await meena.taps_action(undo, card)
    assert await meena.taps_action(undo, card) == []
    assert (await evening.now(order)).status is OrderStatus.ACCEPTED


async def test_a_wrong_tap_is_undone_within_a_minute_and_the_guest_is_put_right(evening):
    order = await evening.new_order()
    card, asha = evening.card(order), evening.cook("Asha")
    await asha.taps("Accept +25", card)
    await asha.taps("Ready", card)
    await evening.deliver()
    await asha.taps("Undo", card)
    await evening.deliver()
    assert (await evening.now(order)).status is OrderStatus.ACCEPTED
    assert "small correction: order K 472 is still being cooked" in evening.guest_reads()[-1]
    evening.minutes_pass(2)
    await asha.taps("Ready", card)
    undo = card.button("Undo").action
    evening.minutes_pass(1.1)
    late = await asha.taps_action(undo, card)
    assert late[-1].text == "That can no longer be undone.\nK 472 is ready: Asha, 7:02 pm."
    assert (await evening.now(order)).status is OrderStatus.READY


async def test_a_rejected_order_says_why_and_offers_to_take_the_dish_off(evening):
    order = await evening.orders(method=PayMethod.UPI)
    await evening.pays(order)
    await evening.deliver()
    card, asha = evening.card(order), evening.cook("Asha")
    await asha.taps("Reject ▸", card)
    assert "Why can it not be taken?" in card.text
    await asha.taps("◂ Back", card)
    assert "Accept +15" in card.labels
    await asha.taps("Reject ▸", card)
    new = await asha.taps("A dish ran out", card)
    assert card.text.endswith("Rejected 7:00 pm by Asha · A dish ran out · ₹540")
    assert new[0].text == "Which dish ran out? It leaves the menu at once."
    await asha.taps("Garlic Naan", new[0])
    await asha.taps("Until closing", new[0])
    assert new[0].text == "Garlic Naan is sold out until 10:45 pm. Asha"
    await evening.deliver()
    said = evening.guest_reads()[-1]
    assert said.startswith(
        "We are sorry: Tiffin, MG Road cannot take order K 472.\nA dish of your order has just run out."
    )
    assert "Your refund of ₹540 goes to the UPI account you paid from." in said
    assert "5–7 working days" in said


async def test_nobody_hears_of_an_online_order_before_it_is_paid(evening):
    order = await evening.orders(method=PayMethod.UPI)
    await evening.deliver()
    assert evening.group() == []
    owner = evening.cook("Om")
    assert (await owner.taps_action(f"kac|{order.id}|15"))[0].text == "There is no such order at this outlet."
    assert (await owner.says("/orders K 472"))[0].text == "No order of today is called “K 472”."
    await evening.pays(order)
    await evening.deliver()
    assert "PAID ₹540 · UPI" in evening.group()[-1].text


async def test_an_order_cancelled_before_its_card_went_out_never_reaches_the_group(evening):
    order = await evening.orders()
    await evening.services.orders.cancel(order.id, order.customer)
    await evening.deliver()
    assert evening.group() == []


async def test_a_guest_who_cancels_in_time_stops_the_kitchen(evening):
    order = await evening.new_order()
    card, asha = evening.card(order), evening.cook("Asha")
    accept = card.button("Accept +25").action
    evening.minutes_pass(1)
    await evening.services.orders.cancel(order.id, order.customer)
    await evening.deliver()
    assert card.text == "K 472 · Cancelled 7:01 pm by the guest · ₹540"
    stop = evening.group()[-1]
    assert stop.text.startswith("STOP · DO NOT COOK K 472")
    assert "The guest cancelled it." in stop.text
    told = await asha.taps_action(accept, card)
    assert told[0].text == "The guest cancelled K 472 at 7:01 pm. Do not cook it."


async def test_a_guest_who_asks_too_late_gets_an_answer_either_way(evening):
    order = await evening.new_order()
    card, asha, meena = evening.card(order), evening.cook("Asha"), evening.cook("Meena")
    await asha.taps("Accept +25", card)
    await evening.services.orders.ask_to_cancel(order.id, order.customer, "My guests are ill")
    await evening.deliver()
    asked = evening.group()[-1]
    assert "The guest of K 472 asks to cancel." in asked.text
    assert "“My guests are ill”" in asked.text
    await asha.taps("No, we go on", asked)
    await evening.deliver()
    assert "too far along in the kitchen to be stopped" in evening.guest_reads()[-1]
    stale = await meena.taps_action(f"kan|{order.id}|1")
    assert stale[-1].text.startswith("Nobody waits for that answer any more.")

    await evening.services.orders.ask_to_cancel(order.id, order.customer)
    await evening.deliver()
    await meena.taps("Yes, cancel it", card)
    await evening.deliver()
    assert (await evening.now(order)).status is OrderStatus.CANCELLED
    assert evening.guest_reads()[-1].startswith("Order K 472 is cancelled, as you asked.")


async def test_a_manager_ends_an_accepted_order_with_a_reason_and_the_money_goes_back(evening):
    order = await evening.orders(method=PayMethod.CARD)
    await evening.pays(order)
    await evening.deliver()
    card, meena = evening.card(order), evening.cook("Meena")
    await meena.taps("Accept +25", card)
    await meena.taps("Cancel ▸", card)
    await meena.taps("Trouble in the kitchen", card)
    await evening.deliver()
    assert card.text == "K 472 · Cancelled 7:00 pm by Meena · Trouble in the kitchen · ₹540"
    said = evening.guest_reads()[-1]
    assert "had to cancel order K 472.\nSomething went wrong in our kitchen." in said
    assert "Your refund of ₹540 goes to the card you paid with." in said


async def test_steps_are_taken_in_order_and_cash_before_the_food_is_handed_over(evening):
    order = await evening.new_order()
    card, asha = evening.card(order), evening.cook("Asha")
    assert (await asha.taps_action(f"krd|{order.id}"))[-1].text == "K 472 must be accepted first."
    assert (await asha.taps_action(f"kcd|{order.id}|54000"))[-1].text == "K 472 must be accepted first."
    await asha.taps("Accept +25", card)
    early = await asha.taps_action(f"kcd|{order.id}|54000")
    assert "That step does not come next." in early[-1].text
    assert not (await evening.now(order)).paid
    await asha.taps("Ready", card)
    unpaid = await asha.taps_action(f"kdl|{order.id}")
    assert unpaid[-1].text == "K 472 is not paid yet: collect ₹540, then tap “Collected”."
    wrong = await asha.taps_action(f"kcd|{order.id}|100")
    assert wrong[-1].text == "K 472 costs ₹540. Please collect that."
    rejected = await asha.taps_action(f"krj|{order.id}|busy")
    assert "ended with Cancel ▸ and a reason" in rejected[-1].text
    assert (await evening.now(order)).status is OrderStatus.READY


async def test_an_order_nobody_answers_rings_louder_then_ends_and_everybody_knows(evening):
    order = await evening.orders(method=PayMethod.UPI)
    await evening.pays(order)
    await evening.deliver()
    rung = []
    for minutes in (2, 3, 3, 7):
        evening.minutes_pass(minutes)
        await evening.services.orders.accept_ladder_due()
        await evening.deliver()
        rung.append(evening.group()[-1].text.splitlines()[0])
    assert rung == [
        *("K 472 HAS WAITED 2 MIN!", "K 472 HAS WAITED 5 MIN!!", "K 472 HAS WAITED 8 MIN!!!"),
        "STOP · DO NOT COOK K 472",
    ]
    waits = [text for text in evening.guest_reads() if "has not answered order K 472 yet" in text]
    assert len(waits) == 1
    assert "by 7:15 pm the order is cancelled and ₹540 goes back to you" in waits[0]
    assert "did not answer in time" in evening.guest_reads()[-1]
    owner = evening.groups_channel.texts("telegram:4")
    assert owner[0].startswith("Nobody has answered an order for 8 minutes · K 472 · Tiffin, MG Road")
    assert owner[1].startswith("An order was cancelled because nobody answered")


async def test_a_late_order_is_admitted_before_the_promise_breaks(evening):
    order = await evening.new_order(minutes=40)
    await evening.cook("Asha").taps("Accept +15", evening.card(order))
    evening.minutes_pass(28)
    await evening.services.orders.accept_ladder_due()
    await evening.deliver()
    assert evening.guest_reads()[-1].startswith("Order K 472 is running late, and we are sorry.")


async def test_a_group_that_is_away_hears_of_the_order_when_it_is_back(evening):
    evening.groups_channel.away = True
    order = await evening.new_order()
    assert evening.group() == []
    evening.groups_channel.away = False
    evening.minutes_pass(0.1)
    await evening.deliver()
    assert "NEW" in evening.card(order).text


async def test_the_kitchen_works_without_redis(evening, monkeypatch):
    order = await evening.new_order()
    monkeypatch.setattr(evening.services.conversations, "begin", _gone)
    await evening.cook("Asha").taps("Accept +25", evening.card(order))
    assert (await evening.now(order)).status is OrderStatus.ACCEPTED


async def test_an_answer_that_cannot_be_remembered_is_still_given(evening, monkeypatch):
    order = await evening.new_order()
    monkeypatch.setattr(evening.services.conversations, "end", _gone)
    await evening.cook("Asha").taps("Accept +25", evening.card(order))
    assert "COOKING" in evening.card(order).text


async def test_a_tap_that_fails_halfway_may_come_again(evening, monkeypatch):
    order = await evening.new_order()
    card, asha = evening.card(order), evening.cook("Asha")
    accept = Tap(card.button("Accept +25").action)
    with monkeypatch.context() as broken:
        broken.setattr(evening.services.orders, "accept", _gone)
        with pytest.raises(StoreError):
            await asha.does(accept, message=card.name, update="tap-1")
    await asha.does(accept, message=card.name, update="tap-1")
    assert (await evening.now(order)).status is OrderStatus.ACCEPTED


async def test_taps_of_one_person_wait_for_each_other_and_nobody_elses_do(evening):
    orders = [await evening.new_order(customer=f"cus_{n}") for n in range(4)]
    asha = evening.cook("Asha")
    await asyncio.gather(*(asha.taps("Accept +15", evening.card(order)) for order in orders))
    assert [(await evening.now(order)).status for order in orders] == [OrderStatus.ACCEPTED] * 4


async def _gone(*_, **__):
    raise StoreError("redis is away")


async def test_an_admin_who_stands_on_no_list_is_called_by_name_on_the_card_too(evening):
    order = await evening.new_order()
    card = evening.card(order)
    await evening.admin().taps("Accept +25", card)
    evening.minutes_pass(2)
    await evening.cook("Asha").taps("Ready", card)
    await evening.deliver()
    assert "Accepted · Anu" in card.text
    assert "Ready · Asha" in card.text
