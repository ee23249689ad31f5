"""Stripe through its own library: sessions, payments and refunds, against a server that keeps the documented rules."""

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.errors import ProviderError
from core.ids import LinkId, OrderId, PaymentId, RefundKey
from core.money import Money
from core.outlets.models import PayMethod
from core.payments.calls import PATIENCE, NotNow
from core.payments.errors import PaymentRefused, Refusal
from core.payments.models import LinkStatus, PaymentLink, PaymentState, RefundState
from tests.core.orders.builders import TOTAL
from tests.fakes.stripe.client import client_of
from tests.fakes.stripe.server import FakeStripe, error
from tests.fakes.trouble import Instead, Lie, Plan, Trouble

ORDER = OrderId("ord_0r3k9x7q2m0123456789ab")
MINUTE_MS = 60_000


@pytest.fixture
async def stripe(clock):
    async with FakeStripe(clock).serving() as fake:
        yield fake


@pytest.fixture
async def provider(stripe, clock):
    async with client_of(stripe, clock) as provider:
        yield provider


async def a_link(provider, clock, *, n=1, minutes: float = 16, **changes: Any) -> PaymentLink:
    wanted = {
        "order_id": ORDER,
        "n": n,
        "amount": TOTAL,
        "currency": "USD",
        "method": PayMethod.CARD,
        "expire_by_ms": clock.ms() + int(minutes * MINUTE_MS),
        "description": "Fifth Avenue, K 472",
    }
    link: PaymentLink = await provider.create_link(**(wanted | changes))
    return link


async def paid(provider, stripe, clock, *, n=1) -> tuple[PaymentLink, PaymentId]:
    link = await a_link(provider, clock, n=n)
    payment = PaymentId(stripe.pay(link.id))
    return await provider.fetch_link(link.id), payment


def key_for(payment: PaymentId, n: int = 1) -> RefundKey:
    return RefundKey(f"rf_{ORDER}_{payment}_{n}")


async def refusal_of(call) -> Refusal:
    with pytest.raises(PaymentRefused) as refused:
        await call
    return refused.value.reason


async def is_unknown(call) -> ProviderError:
    with pytest.raises(ProviderError) as failure:
        await call
    assert failure.value.retryable, failure.value
    assert not isinstance(failure.value, PaymentRefused)
    return failure.value


# Sessions


async def test_a_session_asks_for_this_amount_by_this_method_and_names_the_order(provider, stripe, clock):
    link = await a_link(provider, clock)
    assert (link.reference, link.amount, link.currency) == (f"{ORDER}.1", TOTAL, "USD")
    assert (link.status, link.url) == (LinkStatus.OPEN, f"{stripe.base}/c/pay/{link.id}")
    _, asked, headers = stripe.asked[-1]
    assert asked["payment_method_types"] == ["card"]
    assert asked["payment_intent_data"] == {"metadata": {"tiffin_reference": f"{ORDER}.1"}}
    assert asked["success_url"] == asked["cancel_url"] == f"https://tiffin.example.in/pay/return?paid={ORDER}"
    assert headers["Idempotency-Key"] == f"link-{ORDER}.1"


async def test_stripe_keeps_a_session_half_an_hour_and_the_order_still_ends_when_it_wants_to(provider, stripe, clock):
    link = await a_link(provider, clock, minutes=16)
    assert link.expires_ms == clock.ms() + 16 * MINUTE_MS
    assert stripe.sessions[link.id]["expires_at"] * 1000 == clock.ms() + 31 * MINUTE_MS
    assert (await provider.fetch_link(link.id)).expires_ms == link.expires_ms
    long = await a_link(provider, clock, n=2, minutes=45)
    assert stripe.sessions[long.id]["expires_at"] * 1000 == long.expires_ms == clock.ms() + 45 * MINUTE_MS


async def test_how_to_pay_is_left_to_stripe_where_it_has_no_name_for_it(provider, stripe, clock):
    await a_link(provider, clock, method=PayMethod.NETBANKING)
    assert "payment_method_types" not in stripe.asked[-1][1]
    with pytest.raises(ValueError, match="cash"):
        await a_link(provider, clock, n=2, method=PayMethod.CASH)


@pytest.mark.parametrize(
    "trouble",
    [Trouble.DOES_AND_HANGS, Trouble.DOES_AND_HANGS_UP, Trouble.DOES_AND_IS_CUT_OFF, Trouble.DOES_AND_RAMBLES],
)
@pytest.mark.parametrize("later_s", [0, 30])
async def test_a_session_whose_answer_was_lost_is_found_and_not_made_again(provider, stripe, clock, trouble, later_s):
    """The same request again gets Stripe's memory of the first; one that looks different finds the session itself."""
    expire_by_ms = clock.ms() + 40 * MINUTE_MS
    stripe.next("create_link", trouble)
    await is_unknown(a_link(provider, clock, expire_by_ms=expire_by_ms))
    clock.advance(timedelta(seconds=later_s))
    found = await provider.find_link(f"{ORDER}.1")
    assert found is not None
    if later_s:
        again = a_link(provider, clock, expire_by_ms=expire_by_ms + later_s * 1000)
        assert await refusal_of(again) is Refusal.REFERENCE_USED
    else:
        assert await a_link(provider, clock, expire_by_ms=expire_by_ms) == found
    assert len(stripe.sessions) == 1


async def test_a_key_that_stands_for_nothing_but_an_error_does_not_keep_a_guest_from_paying(provider, stripe, clock):
    stripe.next("create_link", error(400, "Keys can only be used with the same parameters", type="idempotency_error"))
    link = await a_link(provider, clock)
    assert link.status is LinkStatus.OPEN
    assert stripe.calls["create_link"] == 2


async def test_a_session_is_found_among_many_and_among_those_of_other_shops(provider, stripe, clock):
    wanted = await a_link(provider, clock)
    stripe.sessions |= {
        f"cs_test_other{n}": {**stripe.sessions[wanted.id], "id": f"cs_test_other{n}", "client_reference_id": None,
                              "amount_total": None, "currency": None, "payment_intent": None}
        for n in range(250)
    }  # fmt: skip
    assert await provider.find_link(f"{ORDER}.1") == wanted
    assert stripe.calls["find_link"] == 3
    assert await provider.find_link(f"{ORDER}.2") is None


async def test_yesterday_is_not_looked_through(provider, stripe, clock):
    await a_link(provider, clock)
    clock.advance(timedelta(hours=25))
    assert await provider.find_link(f"{ORDER}.1") is None


async def test_more_sessions_than_can_be_looked_through_leave_it_unknown(provider, stripe, clock):
    link = await a_link(provider, clock)
    entity = {**stripe.sessions[link.id], "client_reference_id": "another"}
    stripe.always["find_link"] = Instead(200, {"object": "list", "data": [entity], "has_more": True}, done=True)
    failure = await is_unknown(provider.find_link(f"{ORDER}.1"))
    assert "too many" in str(failure)


async def test_a_closed_session_says_how_it_ended(provider, stripe, clock):
    link = await a_link(provider, clock)
    assert await provider.cancel_link(link.id) is LinkStatus.CANCELLED
    assert await provider.cancel_link(link.id) is LinkStatus.EXPIRED, "Stripe has one word for both"
    paid_one, _ = await paid(provider, stripe, clock, n=2)
    assert await provider.cancel_link(paid_one.id) is LinkStatus.PAID
    late = await a_link(provider, clock, n=3)
    clock.advance(timedelta(minutes=32))
    assert await provider.cancel_link(late.id) is LinkStatus.EXPIRED


async def test_a_bank_that_takes_its_time_leaves_it_unknown_how_a_session_ends(provider, stripe, clock):
    link = await a_link(provider, clock)
    stripe.pay(link.id, settled=False)
    assert (await provider.fetch_link(link.id)).status is LinkStatus.OPEN
    await is_unknown(provider.cancel_link(link.id))


async def test_a_session_nobody_knows_is_not_found(provider):
    assert await refusal_of(provider.fetch_link(LinkId("cs_test_nobody"))) is Refusal.NOT_FOUND


# Payments


async def test_the_payment_of_a_session_is_shown_as_it_stands(provider, stripe, clock):
    link = await a_link(provider, clock)
    assert await provider.payments_of(link) == ()
    failed = stripe.fail(link.id)
    (view,) = await provider.payments_of(await provider.fetch_link(link.id))
    assert (view.id, view.state, view.reason) == (failed, PaymentState.FAILED, "insufficient_funds")
    assert stripe.pay(link.id) == failed, "Stripe keeps one payment for all tries"
    (view,) = await provider.payments_of(await provider.fetch_link(link.id))
    assert (view.state, view.amount, view.currency, view.method) == (PaymentState.CAPTURED, TOTAL, "USD", "card")


async def test_what_went_back_is_shown_with_the_payment(provider, stripe, clock):
    link, payment = await paid(provider, stripe, clock)
    stripe.refund_by_hand(payment, 2_000)
    (view,) = await provider.payments_of(link)
    assert (view.state, view.refunded) == (PaymentState.CAPTURED, Money(2_000))


async def test_a_payment_that_names_nothing_of_ours_is_found_through_its_session(provider, stripe, clock):
    link, payment = await paid(provider, stripe, clock)
    assert await provider.link_of(payment) == link
    assert await provider.link_of(PaymentId("pi_nobody")) is None


# Refunds


@pytest.mark.parametrize("amount", [TOTAL, Money(12_345)], ids=["whole", "part"])
async def test_a_refund_carries_its_key_and_ends_with_what_the_bank_needs(provider, stripe, clock, amount):
    _, payment = await paid(provider, stripe, clock)
    view = await provider.refund(payment, amount, key_for(payment))
    assert (view.payment, view.amount, view.key) == (payment, amount, key_for(payment))
    assert view.state is RefundState.PENDING
    assert stripe.asked[-1][2]["Idempotency-Key"] == key_for(payment)
    assert await provider.refund(payment, amount, key_for(payment)) == view
    assert await provider.refunds_of(payment) == (view,)
    stripe.settle(view.id)
    done = await provider.fetch_refund(view.id)
    assert (done.state, done.bank_ref) == (RefundState.PROCESSED, "74332")
    stripe.settle(view.id, "failed")
    assert (await provider.fetch_refund(view.id)).state is RefundState.FAILED


async def test_a_refund_made_by_hand_has_no_key_of_ours(provider, stripe, clock):
    _, payment = await paid(provider, stripe, clock)
    stripe.refund_by_hand(payment, 500)
    (view,) = await provider.refunds_of(payment)
    assert (view.key, view.amount) == ("", Money(500))


async def test_all_pages_of_refunds_are_seen(provider, stripe, clock):
    _, payment = await paid(provider, stripe, clock)
    for _ in range(130):
        stripe.refund_by_hand(payment, 100)
    assert len(await provider.refunds_of(payment)) == 130


async def test_more_than_is_left_is_too_much(provider, stripe, clock):
    _, payment = await paid(provider, stripe, clock)
    assert await refusal_of(provider.refund(payment, TOTAL + Money(1), key_for(payment, 1))) is Refusal.TOO_MUCH
    await provider.refund(payment, TOTAL, key_for(payment, 2))
    assert await refusal_of(provider.refund(payment, Money(100), key_for(payment, 3))) is Refusal.TOO_MUCH


async def test_the_same_key_for_another_amount_is_unknown_rather_than_done(provider, stripe, clock):
    _, payment = await paid(provider, stripe, clock)
    await provider.refund(payment, Money(10_000), key_for(payment))
    await is_unknown(provider.refund(payment, Money(20_000), key_for(payment)))


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (error(400, "Charge ch_1 has already been refunded.", code="charge_already_refunded"), Refusal.TOO_MUCH),
        (error(400, "Refund amount (₹2) is greater than unrefunded amount on charge (₹1)"), Refusal.TOO_MUCH),
        (error(400, "Insufficient funds in your Stripe account to refund this"), Refusal.BALANCE),
        (error(400, "x", code="balance_insufficient"), Refusal.BALANCE),
        (error(400, "This charge is too old to be refunded"), Refusal.TOO_OLD),
        (error(404, "No such payment_intent: 'pi_x'", code="resource_missing"), Refusal.NOT_FOUND),
        (error(402, "The card was declined", type="card_error"), Refusal.REFUSED),
        (error(400, "Invalid integer: x", code="parameter_invalid_integer"), Refusal.REFUSED),
    ],
    ids=lambda value: getattr(value, "text", value)[:60],
)
async def test_why_a_refund_was_refused_is_read_from_its_code_or_its_words(provider, stripe, answer, reason):
    stripe.next("refund", answer)
    assert await refusal_of(provider.refund(PaymentId("pi_any"), TOTAL, RefundKey("rf_any_thing"))) is reason


# Odd answers


class Case:
    def __init__(self, provider, stripe, clock) -> None:
        self.provider, self.stripe, self.clock = provider, stripe, clock

    async def set_up(self) -> "Case":
        self.open = await a_link(self.provider, self.clock, n=1)
        self.paid, self.payment = await paid(self.provider, self.stripe, self.clock, n=2)
        self.refund = await self.provider.refund(self.payment, Money(10_000), key_for(self.payment))
        return self

    async def ask(self, call: str) -> Any:
        provider = self.provider
        calls: dict[str, Callable[[], Awaitable[Any]]] = {
            "create_link": lambda: a_link(provider, self.clock, n=3),
            "fetch_link": lambda: provider.fetch_link(self.open.id),
            "find_link": lambda: provider.find_link(f"{ORDER}.1"),
            "cancel_link": lambda: provider.cancel_link(self.open.id),
            "payments_of": lambda: provider.payments_of(self.paid),
            "refund": lambda: provider.refund(self.payment, Money(10_000), key_for(self.payment, 2)),
            "refunds_of": lambda: provider.refunds_of(self.payment),
            "fetch_refund": lambda: provider.fetch_refund(self.refund.id),
        }
        return await calls[call]()


@pytest.fixture
async def case(provider, stripe, clock) -> Case:
    return await Case(provider, stripe, clock).set_up()


CALLS = ("create_link", "fetch_link", "find_link", "cancel_link", "payments_of", "refund", "refunds_of", "fetch_refund")
NO_ANSWER: dict[str, Plan] = {
    **{trouble.name: trouble for trouble in Trouble},
    "nothing": Instead(200, ""),
    "cut JSON": Instead(200, '{"id": "cs_'),
    "an empty object": Instead(200, {}),
    "an empty list": Instead(200, []),
    "null": Instead(200, None),
    "a text": Instead(200, '"{}"'),
    "a number": Instead(200, 5),
    "nested without end": Instead(200, "[" * 100_000),
    "an error that says 200": Instead(200, {"error": {"message": "x"}}),
    "an error in no form": Instead(400, {"error": "bad"}),
    "an error that is a list": Instead(400, ["bad"]),
    "400 and a page": Instead(400, "<html>"),
    "404 of another server": Instead(404, {"message": "Not Found"}),
    "404 of a wrong address": error(404, "Unrecognized request URL (GET: /v1/x)."),
    "500": error(500, "An unknown error occurred", type="api_error"),
    "too many requests": error(429, "Too many requests", code="rate_limit"),
    "the same at once": error(409, "There is currently another in-progress request", type="idempotency_error"),
    "a key that is refused": error(401, "Invalid API Key provided"),
    "a key that may not": error(403, "The provided key does not have access"),
}


@pytest.mark.parametrize("plan", NO_ANSWER.values(), ids=NO_ANSWER.keys())
@pytest.mark.parametrize("call", CALLS)
async def test_what_is_no_answer_leaves_the_outcome_unknown(case: Case, call: str, plan: Plan):
    case.stripe.next(call, plan)
    before = case.stripe.calls[call]
    await is_unknown(case.ask(call))
    assert case.stripe.calls[call] == before + 1, "asked once, and never again by itself"


def one(**changed: Any) -> Lie:
    return Lie(lambda right: {**right, **changed})


def each(**changed: Any) -> Lie:
    return Lie(lambda right: {**right, "data": [{**entity, **changed} for entity in right["data"]]})


WRONG_SESSION: list[dict[str, Any]] = [
    {"id": None},
    {"id": "pi_x"},
    {"id": "cs_../x"},
    {"amount_total": "52000"},
    {"amount_total": 520.0},
    {"amount_total": True},
    {"amount_total": None},
    {"currency": "USD"},
    {"currency": None},
    {"status": "done"},
    {"status": None},
    {"payment_status": "no_payment_required"},
    {"payment_status": "yes"},
    {"url": "javascript:alert(1)"},
    {"expires_at": "soon"},
    {"payment_intent": 5},
]
WRONG_REFUND: list[dict[str, Any]] = [
    {"id": None},
    {"id": "cs_x"},
    {"payment_intent": None},
    {"amount": "10000"},
    {"amount": True},
    {"amount": 0},
    {"status": "done"},
    {"status": None},
]
OTHERS_SESSION: list[dict[str, Any]] = [
    {"client_reference_id": None},
    {"client_reference_id": f"{ORDER}.9"},
    {"amount_total": 51_999},
    {"currency": "eur"},
    {"url": None},
]
WRONG_INTENT: list[dict[str, Any]] = [
    {"id": "pi_another"},
    {"amount": "52000"},
    {"amount": True},
    {"currency": "USD"},
    {"status": "paid"},
    {"status": "requires_payment_method"},
    {"amount_received": "52000"},
    {"metadata": {"tiffin_reference": "ord_somebody_else.1"}},
]
NO_LISTS: list[Any] = [None, {}, [None], "x"]
NOT_OUR_KEY: list[dict[str, Any]] = [{"metadata": {}}, {"metadata": {"tiffin_refund": "rf_x"}}]
LIES: list[tuple[str, Lie]] = [
    *[("create_link", one(**changed)) for changed in (*WRONG_SESSION, *OTHERS_SESSION)],
    *[("fetch_link", one(**changed)) for changed in (*WRONG_SESSION, {"id": "cs_test_another"})],
    *[("cancel_link", one(**changed)) for changed in (*WRONG_SESSION, {"id": "cs_test_another"}, {"status": "open"})],
    *[("find_link", each(**changed)) for changed in WRONG_SESSION],
    *[("find_link", one(data=wrong)) for wrong in NO_LISTS],
    ("find_link", one(has_more="no")),
    *[("payments_of", one(**changed)) for changed in WRONG_INTENT],
    *[("refund", one(**changed)) for changed in (*WRONG_REFUND, {"amount": 9_999}, {"payment_intent": "pi_another"})],
    *[("refund", one(**changed)) for changed in NOT_OUR_KEY],
    *[("refunds_of", each(**changed)) for changed in (*WRONG_REFUND, {"payment_intent": "pi_another"})],
    *[("refunds_of", one(data=wrong)) for wrong in (*NO_LISTS, [{}])],
    *[("fetch_refund", one(**changed)) for changed in (*WRONG_REFUND, {"id": "re_another"})],
]


@pytest.mark.parametrize(("call", "lie"), LIES, ids=[f"{call}-{n}" for n, (call, _) in enumerate(LIES)])
async def test_an_answer_with_one_thing_wrong_in_it_leaves_the_outcome_unknown(case: Case, call: str, lie: Lie):
    case.stripe.next(call, lie)
    await is_unknown(case.ask(call))


async def test_a_truth_told_after_a_lie_is_believed(case: Case):
    for call in CALLS:
        assert await case.ask(call) not in (None, ())


# Limits


async def test_after_five_failures_it_rests_and_saying_no_is_no_failure(provider, stripe, clock):
    link = await a_link(provider, clock)
    stripe.always["fetch_link"] = error(401, "Invalid API Key provided")
    for _ in range(6):
        with pytest.raises(NotNow):
            await provider.fetch_link(link.id)
    assert not provider.resting
    stripe.always["fetch_link"] = Trouble.IS_DOWN
    for _ in range(5):
        await is_unknown(provider.fetch_link(link.id))
    assert provider.resting
    clock.advance(timedelta(seconds=15))
    stripe.always.clear()
    assert await provider.fetch_link(link.id) == link
    assert not provider.resting


async def test_nothing_of_what_is_said_to_stripe_is_logged(provider, stripe, clock, caplog):
    await paid(provider, stripe, clock)
    assert caplog.text == ""


async def test_one_client_serves_many_calls_at_once_without_mixing_them_up(stripe, clock):
    async with client_of(stripe, clock, patience=PATIENCE) as provider:  # a busy machine takes its time
        links = await asyncio.gather(*(a_link(provider, clock, n=n) for n in range(1, 31)))
    assert [link.reference for link in links] == [f"{ORDER}.{n}" for n in range(1, 31)]


def test_the_library_is_loaded_with_the_first_call_and_leaves_nothing_in_the_home_directory(tmp_path: Path):
    code = (
        "import asyncio, sys\n"
        "from pydantic import SecretStr\n"
        "from core.clock import SystemClock\n"
        "from core.errors import ProviderError\n"
        "from core.payments.stripe import StripeProvider\n"
        "assert 'stripe' not in sys.modules and 'requests' not in sys.modules\n"
        "provider = StripeProvider(secret_key=SecretStr('sk_test_x'), api_url='http://127.0.0.1:9',\n"
        "                          return_url=str, clock=SystemClock())\n"
        "try:\n"
        "    asyncio.run(provider.fetch_refund('re_x'))\n"
        "except ProviderError as failure:\n"
        "    print(failure.retryable)\n"
    )
    home = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=home, cwd=root, check=True)
    assert done.stdout.strip() == "True"
    assert list(tmp_path.iterdir()) == []
