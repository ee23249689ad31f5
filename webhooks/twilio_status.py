"""What Twilio reports on the text messages it took (PLATFORMS.md B7)."""

from typing import Final

from aiohttp import web

from core.logs import get_logger
from core.sms.delivery import DeliveryStatus
from core.sms.factory import TWILIO_STATUS_PATH
from core.sms.tracking import TrackingSender
from core.sms.twilio import TwilioSms
from webhooks.answers import refusal
from webhooks.twilio_signature import NotFromTwilio, TwilioSignature

log = get_logger(__name__)

WHATSAPP: Final = "whatsapp:"
MOST: Final = 64  # of an id or an error code

TWILIO_SIGNATURE = web.AppKey("twilio_signature", TwilioSignature)
SMS = web.AppKey("sms", TrackingSender)

routes = web.RouteTableDef()


@routes.post(TWILIO_STATUS_PATH)
async def reported(request: web.Request) -> web.Response:
    """Twilio reads nothing of the answer but that it is a good one, so what we do not know is fine too."""
    try:
        form = await request.app[TWILIO_SIGNATURE].form(request)
    except NotFromTwilio:
        return refusal(403, "This is not signed by Twilio.")
    message, word = form.get("MessageSid", "")[:MOST], form.get("MessageStatus", "")
    if form.get("To", "").startswith(WHATSAPP) or form.get("From", "").startswith(WHATSAPP):
        log.debug("twilio_report_of_whatsapp", message=message)
    elif message and word in set(DeliveryStatus):
        await request.app[SMS].progressed(
            TwilioSms.name, message, DeliveryStatus(word), error=form.get("ErrorCode", "")[:MOST]
        )
    else:
        log.info("twilio_report_unknown", message=message, status=word[:MOST])
    return web.Response(status=204)
