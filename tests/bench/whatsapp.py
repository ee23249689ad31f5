"""What Twilio delivers for WhatsApp: signed forms. A chat's number ends like the Telegram chat of the same person."""

import hmac
from base64 import b64encode
from hashlib import sha1
from urllib.parse import urlencode

from tests.bench.load import post

PUBLIC_URL = "https://tiffin.bench"
ACCOUNT_SID = "AC" + "b" * 32
AUTH_TOKEN = "bench-twilio-auth-token-3c8e"
SENDER = "+14155238886"
DOOR = "/webhooks/twilio/messages"
FORM = "application/x-www-form-urlencoded"


def number(person: int) -> str:
    return f"+9170000{person:05d}"


def tapped(sid: str, person: int, action: str) -> bytes:
    """The whole request for the tap of a row of a list."""
    form = {
        "MessageSid": sid,
        "SmsSid": sid,
        "SmsMessageSid": sid,
        "AccountSid": ACCOUNT_SID,
        "From": f"whatsapp:{number(person)}",
        "To": f"whatsapp:{SENDER}",
        "Body": "Starters",
        "ListId": action,
        "ListTitle": "Starters",
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsStatus": "received",
        "ApiVersion": "2010-04-01",
        "ProfileName": "Asha",
        "WaId": number(person)[1:],
        "MessageType": "interactive",
        "ChannelMetadata": '{"type":"whatsapp","data":{"context":{}}}',
    }
    said = PUBLIC_URL + DOOR + "".join(name + form[name] for name in sorted(form))
    signature = b64encode(hmac.digest(AUTH_TOKEN.encode(), said.encode(), sha1)).decode()
    return post(DOOR, urlencode(form).encode(), f"X-Twilio-Signature: {signature}\r\n", kind=FORM)
