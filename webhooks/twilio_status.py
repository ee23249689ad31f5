"""What Twilio reports on the messages it took, by SMS and on WhatsApp (PLATFORMS.md B7)."""

from collections.abc import Mapping
from typing import Final, Protocol

from aiohttp import web

from core.logs import get_logger
from core.sms.delivery import DeliveryStatus
from core.sms.factory import TWILIO_STATUS_PATH
from core.sms.refusals import code_of
from core.sms.tracking import TrackingSender
from core.sms.twilio import TwilioSms
from webhooks.answers import refusal
from webhooks.twilio_signature import NotFromTwilio, TwilioSignature

log = get_logger(__name__)

WHATSAPP: Final = "whatsapp:"


class WhatsAppReports(Protocol):
    """Our side of WhatsApp, as the door needs it."""

    async def put(self, form: Mapping[str, str]) -> None:
        """Store a report. Raises one of STORE_FAILURES: Twilio's news of a message is stored or comes again."""
        ...


TWILIO_SIGNATURE = web.AppKey("twilio_signature", TwilioSignature)
SMS = web.AppKey("sms", TrackingSender)
WHATSAPP_REPORTS = web.AppKey("whatsapp_reports", WhatsAppReports)

routes = web.RouteTableDef()


@routes.post(TWILIO_STATUS_PATH)
async def reported(request: web.Request) -> web.Response:
    """Twilio reads nothing of the answer but that it is a good one, so what we do not know is fine too."""
    try:
        form = await request.app[TWILIO_SIGNATURE].form(request)
    except NotFromTwilio:
        return refusal(403, "This is not signed by Twilio.")
    message, word = code_of(form.get("MessageSid", "")), form.get("MessageStatus", "")
    if form.get("To", "").startswith(WHATSAPP) or form.get("From", "").startswith(WHATSAPP):
        reports = request.app.get(WHATSAPP_REPORTS)
        if reports is None:
            log.debug("twilio_report_of_whatsapp", message=message)
        else:
            await reports.put(form)
    elif message and word in set(DeliveryStatus):
        error = code_of(form.get("ErrorCode", ""))
        await request.app[SMS].progressed(TwilioSms.name, message, DeliveryStatus(word), error=error)
    else:
        log.info("twilio_report_unknown", message=message, status=code_of(word))
    return web.Response(status=204)
