"""Whatever Razorpay, or something between us and it, answers: what is not exactly right is unknown, never a success."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from core.errors import ProviderError
from core.ids import LinkId, PaymentId, RefundKey
from core.money import Money
from core.payments.calls import NotNow
from core.payments.errors import PaymentRefused
from tests.core.orders.builders import TOTAL
from tests.core.payments.test_razorpay import ORDER, a_link, key_for, paid
from tests.fakes.razorpay.client import client_of
from tests.fakes.razorpay.server import error
from tests.fakes.trouble import Instead, Lie, Plan, Trouble

SMALL = Money(10_000)


class Case:
    """A house with one open link, one paid link, and half a refund made."""

    def __init__(self, provider, razorpay, clock) -> None:
        self.provider, self.razorpay, self.clock = provider, razorpay, clock

    async def set_up(self) -> "Case":
        self.open = await a_link(self.provider, self.clock, n=1)
        self.paid, self.payment = await paid(self.provider, self.razorpay, self.clock, n=2)
        self.paid = await self.provider.fetch_link(self.paid.id)
        self.refund = await self.provider.refund(self.payment, SMALL, key_for(self.payment))
        return self

    async def ask(self, call: str) -> Any:
        provider = self.provider
        calls: dict[str, Callable[[], Awaitable[Any]]] = {
            "create_link": lambda: a_link(provider, self.clock, n=3),
            "fetch_link": lambda: provider.fetch_link(self.open.id),
            "find_link": lambda: provider.find_link(f"{ORDER}.1"),
            "cancel_link": lambda: provider.cancel_link(self.open.id),
            "payments_of": lambda: provider.payments_of(self.paid),
            "refund": lambda: provider.refund(self.payment, SMALL, key_for(self.payment, 2)),
            "refunds_of": lambda: provider.refunds_of(self.payment),
            "fetch_refund": lambda: provider.fetch_refund(self.refund.id),
        }
        return await calls[call]()


@pytest.fixture
async def case(provider, razorpay, clock) -> Case:
    return await Case(provider, razorpay, clock).set_up()


CALLS = (
    "create_link",
    "fetch_link",
    "find_link",
    "cancel_link",
    "payments_of",
    "refund",
    "refunds_of",
    "fetch_refund",
)

NO_ANSWER: dict[str, Plan] = {
    **{trouble.name: trouble for trouble in Trouble},
    "nothing": Instead(200, ""),
    "cut JSON": Instead(200, '{"id": "plink_'),
    "NaN": Instead(200, '{"amount": NaN}'),
    "not UTF-8": Instead(200, "\udcff\udcfe".encode("utf-8", "surrogateescape").decode("latin-1")),
    "an empty object": Instead(200, {}),
    "an empty list": Instead(200, []),
    "null": Instead(200, None),
    "a text": Instead(200, '"{}"'),
    "a number": Instead(200, 5),
    "true": Instead(200, True),
    "nested without end": Instead(200, "[" * 100_000),
    "an error that says 200": Instead(200, {"error": {"code": "SERVER_ERROR", "description": "x"}}),
    "an error in no form": Instead(400, {"error": "bad"}),
    "an error without words": Instead(400, {"error": {"code": "BAD_REQUEST_ERROR"}}),
    "an error with a number for words": Instead(400, {"error": {"code": "BAD_REQUEST_ERROR", "description": 5}}),
    "an error that is a list": Instead(400, ["bad"]),
    "400 and a page": Instead(400, "<html>"),
    "404 of another server": Instead(404, {"message": "Not Found"}),
    "404 of a wrong address": error(404, "The requested URL was not found on the server."),
    "500": error(500, "We are facing some trouble", "SERVER_ERROR"),
    "500 in no form": Instead(500, {}),
    "their fault with 400": error(400, "Payment processing failed", "GATEWAY_ERROR"),
    "too many requests": error(429, "Too many requests"),
    "the same at once": error(409, "Another request with the same idempotency key is still in progress."),
    "a key that is refused": error(401, "Authentication failed"),
}  # fmt: skip


@pytest.mark.parametrize("plan", NO_ANSWER.values(), ids=NO_ANSWER.keys())
@pytest.mark.parametrize("call", CALLS)
async def test_what_is_no_answer_leaves_the_outcome_unknown(case: Case, call: str, plan: Plan):
    case.razorpay.next(call, plan)
    before = case.razorpay.calls[call]
    with pytest.raises(ProviderError) as failure:
        await case.ask(call)
    assert failure.value.retryable
    assert not isinstance(failure.value, PaymentRefused)
    assert case.razorpay.calls[call] == before + 1, "asked once, and never again by itself"


async def test_a_truth_told_after_a_lie_is_believed(case: Case):
    """That the tables above and below fail for the lie and not for the question."""
    for call in CALLS:
        assert await case.ask(call) not in (None, ())


def each(items: str, **changed: Any) -> Lie:
    return Lie(lambda right: {**right, items: [{**entity, **changed} for entity in right[items]]})


def one(**changed: Any) -> Lie:
    return Lie(lambda right: {**right, **changed})


def without(name: str) -> Lie:
    return Lie(lambda right: {key: value for key, value in right.items() if key != name})


WRONG_LINK: list[dict[str, Any]] = [
    {"id": None},
    {"id": 5},
    {"id": ""},
    {"id": "pay_FOGsH8uHkF2FbR"},
    {"id": "plink_../../payments"},
    {"reference_id": 5},
    {"amount": "52000"},
    {"amount": 520.0},
    {"amount": True},
    {"amount": -52_000},
    {"amount": 0},
    {"amount": None},
    {"currency": None},
    {"currency": ""},
    {"currency": "Rupees"},
    {"status": "Paid"},
    {"status": "settled"},
    {"status": None},
    {"status": ["paid"]},
    {"expire_by": "soon"},
    {"expire_by": -1},
    {"short_url": None},
    {"short_url": ""},
    {"short_url": "javascript:alert(1)"},
    {"short_url": "https://rzp.io/i/x y"},
    {"short_url": "https://rzp.io/\u202eexe"},
    {"payments": {"id": "pay_x"}},
    {"payments": [None]},
]
OTHERS_LINK: list[dict[str, Any]] = [
    {"reference_id": None},
    {"reference_id": "ord_somebody_else.1"},
    {"reference_id": f"{ORDER}.9"},
    {"amount": 51_999},
    {"amount": 52_001},
    {"currency": "USD"},
]
WRONG_PAYMENT: list[dict[str, Any]] = [
    {"id": "plink_FOGqq3O6E5bkml"},
    {"id": None},
    {"amount": "52000"},
    {"amount": 520.5},
    {"amount": True},
    {"amount": None},
    {"currency": 356},
    {"currency": None},
    {"status": "paid"},
    {"status": None},
    {"amount_refunded": "0"},
    {"amount_refunded": -1},
    {"order_id": "order_Somebody0000Else"},
    {"order_id": 7},
]
WRONG_REFUND: list[dict[str, Any]] = [
    {"id": None},
    {"id": "pay_FOGsH8uHkF2FbR"},
    {"payment_id": None},
    {"amount": "10000"},
    {"amount": 10_000.0},
    {"amount": True},
    {"amount": 0},
    {"status": "done"},
    {"status": None},
    {"receipt": 31},
]
OTHERS_REFUND: list[dict[str, Any]] = [
    {"amount": 9_999},
    {"receipt": None, "notes": []},
    {"receipt": "Receipt No. 31", "notes": {}},
    {"notes": {"tiffin_refund": "rf_ord_x_pay_y_1"}},
]
ANOTHER_LINK = {"id": "plink_another0000000"}
ANOTHER_REFUND = {"id": "rfnd_another0000000"}
OF_ANOTHER_PAYMENT = {"payment_id": "pay_another00000000"}
NO_LISTS: list[Any] = [None, {}, "", 0, [None], [[]], [{}]]
LIES: list[tuple[str, Lie]] = [
    *[("create_link", one(**changed)) for changed in (*WRONG_LINK, *OTHERS_LINK)],
    *[("fetch_link", one(**changed)) for changed in (*WRONG_LINK, ANOTHER_LINK)],
    *[("cancel_link", one(**changed)) for changed in (*WRONG_LINK, ANOTHER_LINK)],
    *[("find_link", each("payment_links", **changed)) for changed in WRONG_LINK],
    *[("find_link", one(payment_links=wrong)) for wrong in NO_LISTS],
    ("find_link", without("payment_links")),
    *[("payments_of", each("items", **changed)) for changed in WRONG_PAYMENT],
    *[("payments_of", one(items=wrong)) for wrong in ([], *NO_LISTS)],
    *[("payments_of", one(count=wrong)) for wrong in (0, 7, "1", True)],
    ("payments_of", without("items")),
    *[("refund", one(**changed)) for changed in (*WRONG_REFUND, *OTHERS_REFUND, OF_ANOTHER_PAYMENT)],
    *[("fetch_refund", one(**changed)) for changed in (*WRONG_REFUND, ANOTHER_REFUND)],
    *[("refunds_of", each("items", **changed)) for changed in (*WRONG_REFUND, OF_ANOTHER_PAYMENT)],
    *[("refunds_of", one(items=wrong)) for wrong in NO_LISTS],
    *[("refunds_of", one(count=wrong)) for wrong in (0, 7, "1", True)],
    ("refunds_of", without("items")),
]


def named(lie: tuple[str, Lie]) -> str:
    cells = [cell.cell_contents for cell in lie[1].change.__closure__ or ()]
    return f"{lie[0]} {json.dumps(cells, default=str)}"


@pytest.mark.parametrize(("call", "lie"), LIES, ids=[named(lie) for lie in LIES])
async def test_an_answer_with_one_thing_wrong_in_it_leaves_the_outcome_unknown(case: Case, call: str, lie: Lie):
    case.razorpay.next(call, lie)
    with pytest.raises(ProviderError) as failure:
        await case.ask(call)
    assert failure.value.retryable
    assert not isinstance(failure.value, PaymentRefused)


@pytest.mark.parametrize(
    "harmless",
    [
        {"notes": []},
        {"notes": {}},
        {"notes": None},
        {"payments": None},
        {"payments": []},
        {"expire_by": 0},
        {"customer": []},
        {"something_new": {"a": [1]}},
        {"status": "issued"},
    ],
    ids=str,
)
async def test_what_differs_between_documented_examples_does_no_harm(case: Case, harmless: dict[str, Any]):
    case.razorpay.next("fetch_link", one(**harmless))
    assert (await case.provider.fetch_link(case.open.id)).id == case.open.id


async def test_a_key_that_is_refused_is_said_so_and_is_no_refusal_of_the_payment(razorpay, clock, caplog):
    async with client_of(razorpay, clock, key_secret="wrong-canary-secret") as stranger:
        with pytest.raises(NotNow):
            await stranger.refund(PaymentId("pay_x"), SMALL, RefundKey("rf_any_thing"))
        with pytest.raises(NotNow):
            await stranger.fetch_link(LinkId("plink_x"))
        assert not stranger.resting
    assert [record.reason for record in caplog.records] == ["our key"] * 2
    assert not any("wrong-canary" in str(record.__dict__) for record in caplog.records)


async def test_an_endless_answer_is_not_read_to_its_end(case: Case):
    case.razorpay.next("fetch_link", Instead(200, '"' + "x" * (5 * 1024 * 1024) + '"'))
    with pytest.raises(ProviderError) as failure:
        await case.ask("fetch_link")
    assert "too large" in str(failure.value)
    assert (await case.provider.fetch_link(case.open.id)).amount == TOTAL
