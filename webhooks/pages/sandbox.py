"""The practice Razorpay's own address, where PAYMENT_PROVIDER is sandbox: its API, and the page a link is paid on."""

from typing import Annotated, Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from bot.bootstrap import Runtime
from bot.conversation.texts import DEFAULT, Texts
from core.clock import from_ms
from core.errors import NotFound
from core.money import Money
from core.payments.practice.api import Asked
from core.payments.practice.bank import API_PATH, PAGE_PATH, Play, PracticeBank
from core.payments.practice.models import LinkStatus, PaymentStatus, PracticeLink, PracticePayment
from core.payments.practice.rules import Refused
from core.payments.provider import order_of
from webhooks.answers import fresh, refusal
from webhooks.bodies import BadRequest, read_body, read_json
from webhooks.keys import RUNTIME
from webhooks.pages.files import page

routes = web.RouteTableDef()

_SAID_NO = {
    LinkStatus.PAID: "This link is already paid.",
    LinkStatus.EXPIRED: "This link is expired.",
    LinkStatus.CANCELLED: "This link is cancelled.",
}


class Action(BaseModel):
    model_config = ConfigDict(extra="ignore")

    action: Play
    method: Annotated[str, StringConstraints(max_length=20)] = ""


@routes.route("*", API_PATH + "/{path:v1/.+}")
async def api(request: web.Request) -> web.Response:
    """What stands at api.razorpay.com otherwise; for our own provider, and whoever knows the practice key."""
    path = f"/{request.match_info['path']}"
    asked = Asked(request.method, path, request.query, request.headers, await read_body(request))
    status, document = await bank_of(request.app[RUNTIME]).api.answer(asked)
    return web.json_response(document, status=status, headers={"Cache-Control": "no-store"})


@routes.get(PAGE_PATH + "/{link}")
async def pay_page(request: web.Request) -> web.FileResponse:
    return page("sandbox_pay.html")


@routes.get("/sandbox/links/{link}")
async def look(request: web.Request) -> web.Response:
    runtime = request.app[RUNTIME]
    return fresh(await shown(runtime, await _require(runtime, request.match_info["link"])))


@routes.post("/sandbox/links/{link}/actions")
async def act(request: web.Request) -> web.Response:
    """Play one of Play; answers the link as it is then, and after a payment where the browser is sent back to."""
    runtime = request.app[RUNTIME]
    try:
        wanted = Action.model_validate(await read_json(request))
    except ValidationError:
        raise BadRequest(422, f"An action is one of {', '.join(Play)}.") from None
    bank = bank_of(runtime)
    link = await _require(runtime, request.match_info["link"])
    try:
        link = await bank.play(link.id, wanted.action, method=wanted.method)
    except Refused as refused:
        now = await _require(runtime, link.id)
        status = now.status_at(runtime.services.clock.ms())
        return refusal(409, _SAID_NO.get(status, f"That cannot be done: {refused.description}."))
    back = bank.way_back(link) if wanted.action is Play.PAY else ""
    return fresh({**await shown(runtime, link), **({"return_to": back} if back else {})})


def bank_of(runtime: Runtime) -> PracticeBank:
    if runtime.bank is None:
        raise NotFound(what="sandbox")
    return runtime.bank


async def row(runtime: Runtime, link: PracticeLink) -> dict[str, Any]:
    """What a list of links shows of one."""
    named = order_of(link.reference)
    order = await runtime.services.orders.get(named[0]) if named is not None else None
    return {
        "id": link.id,
        "merchant": order.outlet_name if order is not None else "",
        "order_code": order.code if order is not None else "",
        "amount_text": _money(link.amount, link.currency),
        "status": link.status_at(runtime.services.clock.ms()).value,
    }


async def shown(runtime: Runtime, link: PracticeLink) -> dict[str, Any]:
    """The link with everything that happened on it and everything that can still be played."""
    return {
        **await row(runtime, link),
        "methods": list(link.methods),
        "expires_at": from_ms(link.expire_by * 1000).isoformat(),
        "payments": [_payment(payment, runtime.services.clock.ms()) for payment in link.payments],
        "plays": [play.value for play in bank_of(runtime).plays(link)],
    }


def _payment(payment: PracticePayment, now_ms: int) -> dict[str, Any]:
    return {
        "id": payment.id,
        "amount_text": _money(payment.amount, payment.currency),
        "method": payment.method,
        "status": "failed" if payment.status is PaymentStatus.FAILED else "received",
        "back": [
            {"amount_text": _money(refund.amount, payment.currency), "status": refund.status_at(now_ms).value}
            for refund in payment.refunds
        ],
    }


def _money(amount: Money, currency: str) -> str:
    return Texts.of(DEFAULT).money(amount, currency)


async def _require(runtime: Runtime, link_id: str) -> PracticeLink:
    link = await bank_of(runtime).link(link_id)
    if link is None:
        raise NotFound(what="link")
    return link
