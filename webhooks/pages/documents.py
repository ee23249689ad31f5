"""Documents behind signed links: a guest's own data, and the invoices of an order."""

import json

from aiohttp import web

from bot.invoices.handing import INVOICE
from bot.invoices.pdf import file_name, pdf_of
from core.errors import NotFound
from core.ids import CustomerId, OrderId
from webhooks.keys import RUNTIME, SIGNER

OWN_DATA = "export"  # the purpose the link is signed for; its id is the guest's

MOST_ORDERS = 1000
# Of an order, what is about the guest; not who of the staff did what, nor how Tiffin keeps its books.
THEIRS = {
    *("code", "outlet_name", "customer_name", "phone", "language", "fulfilment", "table", "address", "slot"),
    *("note", "rider_note", "diet", "bill", "method", "status", "cancel_reason"),
    *("created_ms", "placed_ms", "accepted_ms", "promised_ms", "ended_ms", "refunds"),
}

routes = web.RouteTableDef()


@routes.get("/documents/{signed}")
async def own_data(request: web.Request) -> web.Response:
    """Everything held about the guest. Made anew at each download and kept by nobody on the way."""
    customer = CustomerId(request.app[SIGNER].check(OWN_DATA, request.match_info["signed"]))
    services = request.app[RUNTIME].services
    held = await services.customers.export(customer)
    orders = await services.orders.list_for(customer, limit=MOST_ORDERS)
    data = {**held, "orders": [order.model_dump(mode="json", include=THEIRS) for order in orders]}
    return web.Response(
        text=json.dumps(data, ensure_ascii=False, indent=2),
        content_type="application/json",
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": 'attachment; filename="tiffin-my-data.json"',
        },
    )


@routes.get("/invoices/{signed}")
async def invoice(request: web.Request) -> web.Response:
    """The order's invoice and the notes of what went back, printed anew from what was frozen when they were made."""
    order_id = OrderId(request.app[SIGNER].check(INVOICE, request.match_info["signed"]))
    services = request.app[RUNTIME].services
    order = await services.orders.get(order_id)
    papers = await services.invoices.papers(order) if order is not None else []
    if not papers:
        raise NotFound(what="invoice")
    return web.Response(
        body=await pdf_of(papers),
        content_type="application/pdf",
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": f'inline; filename="{file_name(papers)}"',
        },
    )
