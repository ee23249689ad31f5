"""The server: Stripe's API as far as it is used, its webhooks, and the knobs."""

import hmac
import json
import re
import secrets
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Any, Self

import aiohttp
from aiohttp import web

from core.clock import Clock
from tests.fakes.loopback import answering, on_loopback
from tests.fakes.stripe.forms import nested
from tests.fakes.trouble import Instead, Plan, happen

SECRET_KEY = "sk_test_canary_51Tiffin"
WEBHOOK_SECRET = "whsec_canary_5Kj2"

Json = dict[str, Any]


class Refused(Exception):
    def __init__(self, status: int, message: str, *, code: str = "", type: str = "invalid_request_error") -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"message": message, "type": type, **({"code": code} if code else {})}}


class FakeStripe:
    """`plan[call]` lists what happens to the next calls of a kind, `always[call]` to every one after those.

    News waits in `news` until a test delivers it.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.base = ""
        self.hook = ""
        self.sessions: dict[str, Json] = {}
        self.intents: dict[str, Json] = {}
        self.refunds: dict[str, Json] = {}
        self.others: list[Json] = []  # charges of other shops
        self.remembered: dict[str, tuple[str, int, Json]] = {}  # by idempotency key: what was asked, what was answered
        self.plan: dict[str, deque[Plan]] = {}
        self.always: dict[str, Plan] = {}
        self.calls: Counter[str] = Counter()
        self.asked: list[tuple[str, Json, dict[str, str]]] = []
        self.news: list[bytes] = []
        self._routes: list[tuple[str, str, str, Callable[..., Json]]] = [
            ("create_link", "POST", r"/v1/checkout/sessions", self._create),
            ("find_link", "GET", r"/v1/checkout/sessions", self._list),
            ("fetch_link", "GET", r"/v1/checkout/sessions/(\w+)", self._session),
            ("cancel_link", "POST", r"/v1/checkout/sessions/(\w+)/expire", self._expire),
            ("payments_of", "GET", r"/v1/payment_intents/(\w+)", self._intent),
            ("payments_between", "GET", r"/v1/charges", self._charges),
            ("refund", "POST", r"/v1/refunds", self._refund),
            ("refunds_of", "GET", r"/v1/refunds", self._refunds),
            ("fetch_refund", "GET", r"/v1/refunds/(\w+)", self._fetch_refund),
        ]

    def next(self, call: str, *plans: Plan) -> None:
        self.plan.setdefault(call, deque()).extend(plans)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Self]:
        async with on_loopback(answering(self._handle), handler_cancellation=True) as self.base:
            yield self

    # Guests, banks and merchants

    def pay(self, session_id: str, *, amount: int | None = None, settled: bool = True) -> str:
        """Pay in a session; unsettled, the bank takes its time. The payment's name."""
        session = self._current(session_id)
        if session["status"] != "open":
            raise Refused(400, f"this session is {session['status']}")
        intent = self._intent_of(session, amount)
        intent |= {"status": "succeeded", "amount_received": intent["amount"]} if settled else {"status": "processing"}
        intent["last_payment_error"] = None
        session |= {"status": "complete", "payment_status": "paid" if settled else "unpaid", "url": None}
        self._tell("payment_intent.succeeded" if settled else "payment_intent.processing", intent)
        self._tell("checkout.session.completed", session)
        return str(intent["id"])

    def fail(self, session_id: str, code: str = "card_declined") -> str:
        intent = self._intent_of(self._current(session_id), None)
        intent["last_payment_error"] = {"code": code, "decline_code": "insufficient_funds", "type": "card_error"}
        self._tell("payment_intent.payment_failed", intent)
        return str(intent["id"])

    def settle(self, refund_id: str, status: str = "succeeded") -> None:
        refund = self.refunds[refund_id]
        refund |= {"status": status}
        if status == "succeeded":
            refund["destination_details"] = {"type": "card", "card": {"reference": "74332"}}
        self._tell("refund.failed" if status == "failed" else "refund.updated", refund)

    def refund_by_hand(self, intent: str, amount: int) -> str:
        return str(self._refund({"payment_intent": intent, "amount": str(amount)})["id"])

    def dispute(self, intent: str) -> None:
        paid = self.intents[intent]
        about = {"id": f"dp_{intent[3:]}", "object": "dispute", "payment_intent": intent}
        self._tell("charge.dispute.created", {**about, "amount": paid["amount"], "currency": paid["currency"]})

    # News

    def take(self, *kinds: str) -> list[bytes]:
        taken = [body for body in self.news if not kinds or json.loads(body)["type"] in kinds]
        self.news = [body for body in self.news if body not in taken]
        return taken

    async def deliver(self, bodies: Iterable[bytes] | None = None) -> list[int]:
        return [await self.send(body) for body in (self.take() if bodies is None else bodies)]

    async def send(self, body: bytes, *, header: str | None = None) -> int:
        headers = {"Content-Type": "application/json", "Stripe-Signature": header or self.sign(body)}
        async with aiohttp.ClientSession() as http, http.post(self.hook, data=body, headers=headers) as answer:
            return answer.status

    def sign(self, body: bytes, *, secret: str = WEBHOOK_SECRET, at: int | None = None) -> str:
        moment = self.clock.ms() // 1000 if at is None else at
        text = f"{moment}.".encode() + body
        return f"t={moment},v1={hmac.new(secret.encode(), text, sha256).hexdigest()}"

    def _tell(self, kind: str, about: Json) -> None:
        event = {
            "id": f"evt_{secrets.token_hex(12)}",
            "object": "event",
            "type": kind,
            "created": self.clock.ms() // 1000,
            "data": {"object": about},
        }
        self.news.append(json.dumps(event).encode())

    # The API

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        text = (await request.read()).decode() if request.method == "POST" else request.query_string
        fields, headers = nested(text), dict(request.headers)
        call, handler, names = self._route(request)
        self.calls[call] += 1
        self.asked.append((call, fields, headers))
        planned = self.plan.get(call)
        plan = planned.popleft() if planned else self.always.get(call)
        status, document = (500, {}) if _stops(plan) else self._answer(headers, handler, names, fields, text)
        if plan is not None:
            return await happen(request, plan, status, document)
        return web.json_response(document, status=status)

    def _route(self, request: web.Request) -> tuple[str, Callable[..., Json] | None, tuple[str, ...]]:
        for call, method, path, handler in self._routes:
            found = re.fullmatch(path, request.path)
            if found and request.method == method:
                return call, handler, found.groups()
        return "unknown", None, ()

    def _answer(
        self,
        headers: dict[str, str],
        handler: Callable[..., Json] | None,
        names: tuple[str, ...],
        fields: Json,
        text: str,
    ) -> tuple[int, Json]:
        try:
            if headers.get("Authorization") != f"Bearer {SECRET_KEY}":
                raise Refused(401, "Invalid API Key provided: sk_test_****")
            if handler is None:
                raise Refused(404, "Unrecognized request URL")
            key = headers.get("Idempotency-Key", "")
            if key in self.remembered:
                asked, status, document = self.remembered[key]
                if asked != text:
                    raise Refused(400, "Keys for idempotent requests can only be used with the same parameters they "
                                  "were first used with.", type="idempotency_error")  # fmt: skip
                return status, document
            document = handler(*names, fields)
            if key:
                self.remembered[key] = (text, 200, dict(document))
        except Refused as refused:
            return refused.status, refused.body
        return 200, document

    def _create(self, fields: Json) -> Json:
        now = self.clock.ms() // 1000
        expires_at = int(fields["expires_at"])
        if not now + 1800 <= expires_at <= now + 86_400:
            raise Refused(400, "The `expires_at` timestamp must be between 30 minutes and 24 hours from creation.")
        (item,) = fields["line_items"]
        name = f"cs_test_{secrets.token_hex(12)}"
        self.sessions[name] = {
            "id": name,
            "object": "checkout.session",
            "client_reference_id": fields["client_reference_id"],
            "amount_total": int(item["price_data"]["unit_amount"]) * int(item["quantity"]),
            "currency": item["price_data"]["currency"],
            "created": now,
            "expires_at": expires_at,
            "metadata": fields.get("metadata", {}),
            "payment_intent": None,
            "payment_status": "unpaid",
            "payment_method_types": fields.get("payment_method_types", ["card", "link"]),
            "status": "open",
            "url": f"{self.base}/c/pay/{name}",
            "_intent_metadata": fields.get("payment_intent_data", {}).get("metadata", {}),
        }
        return self._shown(self.sessions[name])

    def _list(self, fields: Json) -> Json:
        since = int(fields.get("created", {}).get("gte", 0))
        intent = fields.get("payment_intent")
        found = [s for s in reversed(self.sessions.values()) if s["created"] >= since]
        found = [s for s in found if intent is None or s["payment_intent"] == intent]
        return _page([self._shown(self._current(s["id"])) for s in found], fields)

    def _session(self, name: str, fields: Json) -> Json:
        return self._shown(self._current(name))

    def _expire(self, name: str, fields: Json) -> Json:
        session = self._current(name)
        if session["status"] != "open":
            raise Refused(
                400,
                f'Only Checkout Sessions with a status in ["open"] can be expired. This one is {session["status"]}.',
            )
        session |= {"status": "expired", "url": None}
        self._tell("checkout.session.expired", self._shown(session))
        return self._shown(session)

    def _intent(self, name: str, fields: Json) -> Json:
        if name not in self.intents:
            raise Refused(404, f"No such payment_intent: '{name}'", code="resource_missing")
        intent = self.intents[name]
        back = sum(r["amount"] for r in self._refunds_made(name))
        charge = {"id": f"ch_{name[3:]}", "amount_refunded": back} if intent["amount_received"] else None
        expanded = "latest_charge" in fields.get("expand", [])
        return {**intent, "latest_charge": charge if expanded else charge and charge["id"]}

    def _refund(self, fields: Json) -> Json:
        intent = self._intent(fields["payment_intent"], {})
        amount = int(fields.get("amount") or intent["amount"])
        left = intent["amount_received"] - sum(r["amount"] for r in self._refunds_made(intent["id"]))
        if left <= 0:
            raise Refused(400, "Charge has already been refunded.", code="charge_already_refunded")
        if amount > left:
            raise Refused(400, f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})")
        name = f"re_{secrets.token_hex(10)}"
        self.refunds[name] = {
            "id": name,
            "object": "refund",
            "amount": amount,
            "payment_intent": intent["id"],
            "status": "pending",
            "metadata": fields.get("metadata", {}),
            "destination_details": None,
            "created": self.clock.ms() // 1000,
        }
        self._tell("refund.created", self.refunds[name])
        return self.refunds[name]

    def _refunds(self, fields: Json) -> Json:
        intent = fields.get("payment_intent")
        found = [r for r in reversed(self.refunds.values()) if intent is None or r["payment_intent"] == intent]
        return _page([r for r in found if _made_in(r, fields)], fields)

    def _charges(self, fields: Json) -> Json:
        """Of each payment what was taken; those that another shop of the account took stand among them."""
        whole = "data.balance_transaction" in fields.get("expand", [])
        charges = [self._charge(intent, whole=whole) for intent in self.intents.values() if intent["amount_received"]]
        found = sorted([*charges, *self.others], key=lambda charge: -charge["created"])
        return _page([charge for charge in found if _made_in(charge, fields)], fields)

    def _charge(self, intent: Json, *, whole: bool) -> Json:
        booking = {"id": f"txn_{intent['id'][3:]}", "object": "balance_transaction", "fee": intent["amount"] * 3 // 100}
        return {
            "id": f"ch_{intent['id'][3:]}",
            "object": "charge",
            "payment_intent": intent["id"],
            "amount": intent["amount"],
            "amount_captured": intent["amount_received"],
            "amount_refunded": sum(r["amount"] for r in self._refunds_made(intent["id"])),
            "balance_transaction": booking if whole else booking["id"],
            "captured": True,
            "created": intent["created"],
            "currency": intent["currency"],
            "metadata": intent["metadata"],
            "payment_method_details": {"type": "card", "card": {}},
            "status": "succeeded",
        }

    def _fetch_refund(self, name: str, fields: Json) -> Json:
        if name not in self.refunds:
            raise Refused(404, f"No such refund: '{name}'", code="resource_missing")
        return self.refunds[name]

    # How

    def _current(self, name: str) -> Json:
        """The session as it is now: an open one expires by itself."""
        if name not in self.sessions:
            raise Refused(404, f"No such checkout.session: '{name}'", code="resource_missing")
        session = self.sessions[name]
        if session["status"] == "open" and session["expires_at"] * 1000 <= self.clock.ms():
            session |= {"status": "expired", "url": None}
        return session

    def _intent_of(self, session: Json, amount: int | None) -> Json:
        if session["payment_intent"] is None:
            name = f"pi_{secrets.token_hex(12)}"
            session["payment_intent"] = name
            self.intents[name] = {
                "id": name,
                "object": "payment_intent",
                "amount": session["amount_total"] if amount is None else amount,
                "amount_received": 0,
                "created": self.clock.ms() // 1000,
                "currency": session["currency"],
                "status": "requires_payment_method",
                "payment_method_types": session["payment_method_types"],
                "last_payment_error": None,
                "metadata": session["_intent_metadata"],
            }
        return self.intents[session["payment_intent"]]

    def _refunds_made(self, intent: str) -> list[Json]:
        back = ("pending", "succeeded", "requires_action")
        return [r for r in self.refunds.values() if r["payment_intent"] == intent and r["status"] in back]

    @staticmethod
    def _shown(session: Json) -> Json:
        return {name: value for name, value in session.items() if not name.startswith("_")}


def _page(found: list[Json], fields: Json) -> Json:
    names = [each["id"] for each in found]
    start = names.index(fields["starting_after"]) + 1 if fields.get("starting_after") in names else 0
    limit = int(fields.get("limit", 10))
    return {"object": "list", "data": found[start : start + limit], "has_more": len(found) > start + limit}


def _made_in(thing: Json, fields: Json) -> bool:
    made = fields.get("created", {})
    return int(made.get("gte", 0)) <= int(thing["created"]) <= int(made.get("lte", 10**11))


def _stops(plan: Plan | None) -> bool:
    """Whether it never gets as far as the books."""
    return plan is not None and not getattr(plan, "done", True)


def error(status: int, message: str, *, code: str = "", type: str = "invalid_request_error") -> Instead:
    """One of Stripe's own, in place of the right answer; nothing was done."""
    return Instead(status, Refused(status, message, code=code, type=type).body)
