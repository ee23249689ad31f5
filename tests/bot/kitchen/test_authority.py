"""Who may tap what, when: every role, every button, every status, and nothing that is not on the list."""

import logging

import pytest

from bot.conversation.incoming import Incoming, Tap
from bot.kitchen.actions import (
    Accept,
    AnswerCancel,
    Cancel,
    CancelMenu,
    CancelReason,
    CardAgain,
    CollectedAndDelivered,
    Delivered,
    Out,
    Ready,
    Reject,
    RejectMenu,
    RejectReason,
    ShowCard,
    Undo,
)
from core.audit.models import Did
from core.ids import ChatKey, CheckoutId, Handle, OrderId, new_id
from core.orders.facts import Accepted, CancelAsked, CashCollected, Progressed, Rejected, Timer, TimerKind
from core.orders.models import Order, OrderStatus
from core.outlets.models import PayMethod
from core.staff.models import Role
from tests.bot.kitchen.builders import GROUP, INDIRA_GROUP, dinner
from tests.core.orders.builders import after, new_order

S = OrderStatus
STAFF = {"rider": "Ravi", "kitchen": "Asha", "manager": "Meena", "owner": "Om"}
EVERYBODY = frozenset(STAFF)
COOKS = frozenset({"kitchen", "manager", "owner"})
HEADS = frozenset({"manager", "owner"})

TAPS = {
    "show": lambda o: ShowCard(order=o.id),
    "again": lambda o: CardAgain(order=o.id),
    "accept": lambda o: Accept(order=o.id, minutes=25),
    "reject_menu": lambda o: RejectMenu(order=o.id),
    "reject": lambda o: Reject(order=o.id, reason=RejectReason.BUSY),
    "ready": lambda o: Ready(order=o.id),
    "out": lambda o: Out(order=o.id),
    "delivered": lambda o: Delivered(order=o.id),
    "collected": lambda o: CollectedAndDelivered(order=o.id, paise=o.total.paise),
    "undo": lambda o: Undo(order=o.id, moves=o.moves),
    "cancel_menu": lambda o: CancelMenu(order=o.id),
    "cancel": lambda o: Cancel(order=o.id, reason=CancelReason.KITCHEN),
    "yes": lambda o: AnswerCancel(order=o.id, yes=True),
    "no": lambda o: AnswerCancel(order=o.id, yes=False),
}
# The whole truth: in this status, by these people, this tap leads there. Everything that is not here changes nothing.
MOVES = {
    ("accept", S.PLACED): (COOKS, S.ACCEPTED),
    ("reject", S.PLACED): (COOKS, S.REJECTED),
    ("ready", S.ACCEPTED): (COOKS, S.READY),
    ("ready", S.PREPARING): (COOKS, S.READY),
    ("out", S.READY): (EVERYBODY, S.OUT_FOR_DELIVERY),
    ("collected", S.READY): (EVERYBODY, S.COMPLETED),
    ("collected", S.OUT_FOR_DELIVERY): (EVERYBODY, S.COMPLETED),
    ("undo", S.ACCEPTED): (COOKS, S.PLACED),
    ("undo", S.PREPARING): (COOKS, S.ACCEPTED),
    ("undo", S.READY): (COOKS, S.ACCEPTED),
    ("undo", S.OUT_FOR_DELIVERY): (EVERYBODY, S.READY),
    ("undo", S.COMPLETED): (EVERYBODY, S.OUT_FOR_DELIVERY),
    ("cancel", S.PLACED): (HEADS, S.CANCELLED),
    **{(tap, s): (HEADS, S.CANCELLED) for tap in ("cancel", "yes") for s in
       (S.ACCEPTED, S.PREPARING, S.READY, S.OUT_FOR_DELIVERY)},
}  # fmt: skip


def orders_in_every_status(now_ms: int) -> dict[OrderStatus, Order]:
    """One delivery in each status, unpaid in cash, its last step a moment old; the guest asks to cancel cooked ones."""

    def step(order, fact, **fields):
        return after(order, fact(at_ms=now_ms, by="telegram:1", step=order.acts, **fields), now_ms=now_ms)

    placed = new_order(dinner("chk_0", now_ms=now_ms), now_ms=now_ms)
    accepted = step(placed, Accepted, minutes=25)
    preparing = step(accepted, Progressed, to=S.PREPARING)
    ready = step(accepted, Progressed, to=S.READY)
    out = step(ready, Progressed, to=S.OUT_FOR_DELIVERY)
    collected = after(out, CashCollected(at_ms=now_ms, by="telegram:2", amount=out.total), now_ms=now_ms)
    unpaid = new_order(dinner("chk_1", now_ms=now_ms, method=PayMethod.UPI), now_ms=now_ms)
    hour = 61 * 60_000
    expired = after(unpaid, Timer(at_ms=now_ms + hour, timer=TimerKind.WINDOW_OVER), now_ms=now_ms + hour)
    found = {
        S.AWAITING_PAYMENT: unpaid,
        S.PLACED: placed,
        **{o.status: step(o, CancelAsked, reason="").model_copy(update={"history": o.history}) for o in
           (accepted, preparing, ready, out)},
        S.COMPLETED: step(collected, Progressed, to=S.COMPLETED),
        S.REJECTED: step(placed, Rejected, reason="busy"),
        S.CANCELLED: step(placed, CancelAsked),
        S.EXPIRED: expired,
    }  # fmt: skip
    assert {status: order.status for status, order in found.items()} == {status: status for status in S}
    return found


@pytest.mark.parametrize("status", list(S))
async def test_only_what_is_on_the_list_happens(evening, mongo, status):
    pattern = orders_in_every_status(evening.clock.ms())[status]
    people = {role: evening.cook(name) for role, name in STAFF.items()}
    people["stranger"] = evening.stranger()
    people["cook of the other outlet"] = evening.cook("Dev", chat=GROUP)
    wrong: list[tuple[str, str, str, str]] = []
    for n, (tap, action) in enumerate(TAPS.items()):
        for role, person in people.items():
            order = await _copy(mongo, pattern, f"{n}{role}")
            await person.taps_action(action(order).pack())
            allowed, leads_to = MOVES.get((tap, status), (frozenset(), status))
            expected = leads_to if role in allowed else status
            now = await evening.now(order)
            if now.status is not expected:
                wrong.append((tap, role, now.status.value, expected.value))
            if role not in STAFF and now != order:
                wrong.append((tap, role, "changed", "nothing"))
    assert wrong == []


@pytest.mark.parametrize("tap", TAPS)
async def test_from_the_other_outlets_group_the_order_does_not_exist(evening, mongo, tap):
    pattern = orders_in_every_status(evening.clock.ms())[S.ACCEPTED]
    await evening.services.staff.add(evening.cook("Om").handle, "indira", Role.OWNER, name="Om")  # owner of both
    for name in ("Dev", "Om"):
        order = await _copy(mongo, pattern, f"{tap}{name}")
        person = evening.cook(name, chat=INDIRA_GROUP)
        new = await person.taps_action(TAPS[tap](order).pack())
        assert [shown.text for shown in new] == ["There is no such order at this outlet."]
        assert await evening.now(order) == order


async def test_being_in_the_group_gives_no_right_and_the_refusal_is_clear_and_logged(evening, caplog):
    order = await evening.new_order()
    sly, card = evening.stranger(), evening.card(order)
    with caplog.at_level(logging.WARNING):
        new = await sly.taps("Accept +15", card)
    assert new[0].text == "Sly, you are not on the list of people who work at Tiffin, MG Road. Nothing was changed."
    assert any("kitchen_refused" in record.getMessage() for record in caplog.records)
    assert (await evening.now(order)).status is S.PLACED
    await sly.taps("Accept +25", card)
    assert await refusals(evening) == [("Sly", "mgroad", "not_staff", "kac")]


async def test_a_rider_is_told_what_a_rider_does_not_do(evening):
    order = await evening.new_order()
    new = await evening.cook("Ravi").taps("Accept +15", evening.card(order))
    assert new[0].text == "Ravi, that is not among the things a rider does here. Nothing was changed."
    assert await refusals(evening) == [("Ravi", "mgroad", "may_not", "accept")]


async def test_the_owner_reads_of_an_order_of_another_outlet_and_of_a_card_copied_elsewhere(evening):
    order = await evening.new_order()
    await evening.cook("Dev", chat=INDIRA_GROUP).taps_action(Accept(order=order.id, minutes=15).pack())
    copied = Incoming(
        "telegram",
        Handle("telegram:666"),
        ChatKey("telegram:-999"),
        "u-copy",
        Tap(Accept(order=order.id, minutes=15).pack()),
        evening.clock.now(),
        name="Sly",
    )
    assert await evening.desk.turn_away(copied) == ()
    assert sorted(await refusals(evening)) == [
        ("Dev", "indira", "other_outlet", "order"),
        ("Sly", "", "elsewhere", "kac"),
    ]
    assert (await evening.now(order)).status is S.PLACED


async def test_in_a_private_chat_the_copied_button_says_where_it_works(evening):
    order = await evening.new_order()
    at_home = Incoming(
        "telegram",
        Handle("telegram:1"),
        ChatKey("telegram:1"),
        "u-home",
        Tap(Accept(order=order.id, minutes=15).pack()),
        evening.clock.now(),
        name="Asha",
    )
    (said,) = await evening.desk.turn_away(at_home)
    assert said.text.plain == "That button works in its outlet's group alone. Nothing was changed."
    assert (await evening.now(order)).status is S.PLACED


@pytest.mark.parametrize(
    ("command", "who"),
    [
        ("/orders", EVERYBODY),
        ("/board", EVERYBODY),
        ("/hours", EVERYBODY),
        ("/help", EVERYBODY),
        ("/soldout garlic naan", COOKS),
        ("/back garlic naan", COOKS),
        ("/pause 20", COOKS),
        ("/resume", COOKS),
    ],
)
async def test_commands_are_for_those_who_may(evening, command, who):
    for role, name in {**STAFF, "nobody": ""}.items():
        person = evening.cook(name) if name else evening.stranger()
        new = await person.says(command)
        refused = any("Nothing was changed." in shown.text for shown in new)
        assert refused is (role not in who), (role, [shown.text for shown in new])


async def test_somebody_who_left_is_out_at_once(evening):
    order = await evening.new_order()
    asha = evening.cook("Asha")
    await evening.services.staff.remove(asha.handle, "mgroad")
    await asha.taps("Accept +15", evening.card(order))
    assert (await evening.now(order)).status is S.PLACED


@pytest.mark.parametrize(
    "forged",
    [
        *("", "kac", "kac|", "kac|ord_x", "kac|ord_x|99999999999999999999", "kac|ord_x|25|1", "krj|ord_x|because"),
        *("kzz|1", "menu", "ord|ord_x", "kso|../../etc|cl", "kpa|100000", "kpa|-5", "kth|thr_x|1", "k" * 64, "\0"),
    ],
)
async def test_forged_buttons_do_nothing_and_are_answered_plainly(evening, forged):
    new = await evening.cook("Om").taps_action(forged)
    assert len(new) == 1
    assert new[0].text
    assert evening.services.outlets.require("mgroad").paused_until_ms == 0


async def test_a_chat_that_is_no_group_of_ours_gets_no_answer(evening):
    order = await evening.new_order()
    om = evening.cook("Om", chat="telegram:-999")
    assert await om.taps("Accept +15", evening.card(order)) == []
    assert await om.says("/orders") == []
    assert (await evening.now(order)).status is S.PLACED


async def refusals(evening) -> list[tuple[str, str, str, str]]:
    acts = [act for act in await evening.audit.latest() if act.did is Did.REFUSED]
    return [(act.name, act.outlet, str(act.facts["reason"]), str(act.facts["what"])) for act in acts]


async def _copy(mongo, pattern: Order, name: str) -> Order:
    order = pattern.model_copy(
        update={
            "id": OrderId(new_id("ord")),
            "checkout_id": CheckoutId(f"chk_{name}"),
            "day_code": f"day_{name}",
            "unpaid_of": f"cus_{name}" if pattern.unpaid_of else None,
        }
    )
    await mongo["orders"].insert_one(order.to_document())
    return order


def test_the_table_speaks_of_every_button_that_touches_an_order():
    assert {tap for tap, _ in MOVES} <= set(TAPS)
