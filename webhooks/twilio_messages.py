"""Where Twilio brings what guests write on WhatsApp: signed, stored for good, then acknowledged without a word.

Whatever is answered as plain text reaches the guest as a message, so the answer is an empty document of Twilio's own
(PLATFORMS.md B2).
"""

import json
import re
from typing import Final

from aiohttp import web

from core.inbox.service import InboxService
from core.logs import get_logger
from webhooks.answers import refusal
from webhooks.twilio_signature import NotFromTwilio, TwilioSignature

log = get_logger(__name__)

SOURCE: Final = "whatsapp"
PATH: Final = "/webhooks/twilio/messages"
EMPTY: Final = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
OURS: Final = "tiffin_"  # fields that only the sweep writes
_SID: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{7,63}")

SIGNATURE = web.AppKey("twilio_message_signature", TwilioSignature)
INBOX = web.AppKey("twilio_inbox", InboxService)

routes = web.RouteTableDef()


@routes.post(PATH)
async def delivered(request: web.Request) -> web.Response:
    """200 for what is stored, now or before. Raises one of STORE_FAILURES: Twilio repeats it, or the sweep finds it."""
    try:
        form = await request.app[SIGNATURE].form(request)
    except NotFromTwilio:
        return refusal(403, "This is not signed by Twilio.")
    sid, sender = form.get("MessageSid", ""), form.get("From", "")
    if _SID.fullmatch(sid) is None or not sender:
        log.warning("twilio_message_unreadable", fields=len(form))
        return _nothing()
    kept = {name: value for name, value in form.items() if not name.startswith(OURS)}
    lane = f"wa:{sender.removeprefix('whatsapp:')[:160]}"
    fresh = await request.app[INBOX].put(SOURCE, sid, lane, json.dumps(kept, ensure_ascii=False))
    log.debug("twilio_message", message=sid, fresh=fresh)
    return _nothing()


def _nothing() -> web.Response:
    return web.Response(text=EMPTY, content_type="text/xml")
