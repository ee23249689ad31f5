"""MSG91's flow interface: messages are worded there, from templates."""

import json
import re
import secrets
from typing import Any

from aiohttp import web

from tests.fakes.sms.service import FakeService, Taken

TEMPLATE = "##VAR1## is your Tiffin code. It is valid for ##VAR2## minutes. Do not share it with anyone."
MOBILE = re.compile(r"[1-9][0-9]{9,14}")


class FakeMsg91(FakeService):
    """Says what is wrong with 200 and `type: error`, as the real one does for most."""

    def __init__(self, *, auth_key: str, templates: dict[str, str]) -> None:
        super().__init__()
        self.auth_key = auth_key
        self.templates = templates
        self.opted_out: set[str] = set()

    async def answer(self, request: web.Request) -> tuple[web.Response, Taken | None]:
        if request.headers.get("authkey") != self.auth_key:
            return _refusal("Authentication failure", "207", status=401), None
        if request.method != "POST" or request.path.rstrip("/") != "/api/v5/flow":
            return web.Response(status=404), None
        try:
            body = json.loads(await request.text())
        except ValueError:
            return _refusal("Invalid JSON", "400", status=400), None
        template = self.templates.get(str(body.get("template_id") or body.get("flow_id")))
        if template is None:
            return _refusal("Flow ID missing or invalid", "400"), None
        recipients = body.get("recipients")
        if not isinstance(recipients, list) or len(recipients) != 1:
            return _refusal("Missing mobile no.", "101"), None
        return self._take(template, recipients[0], body)

    def _take(
        self, template: str, recipient: dict[str, str], body: dict[str, Any]
    ) -> tuple[web.Response, Taken | None]:
        mobile = recipient.get("mobiles", "")
        if not MOBILE.fullmatch(mobile):
            return _refusal(f"Invalid mobile number {mobile}", "202"), None
        if mobile in self.opted_out:
            return _refusal(f"{mobile} has opted out", "418"), None
        text = template
        for name, value in recipient.items():
            text = text.replace(f"##{name}##", value)
        taken = Taken(f"+{mobile}", text, secrets.token_hex(12), {"sender": body.get("sender", "")})
        return web.json_response({"type": "success", "message": taken.id}), taken


def _refusal(message: str, code: str, *, status: int = 200) -> web.Response:
    return web.json_response({"type": "error", "message": message, "code": code}, status=status)
