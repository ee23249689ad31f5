"""Gupshup's enterprise gateway: a line of text for an answer, and 200 whatever it says."""

import re
import secrets

from aiohttp import web

from tests.fakes.sms.service import FakeService, Taken

REQUIRED = ("method", "userid", "password", "auth_scheme", "v", "send_to", "msg", "msg_type")
INDIAN = re.compile(r"(91)?[6-9][0-9]{9}")
ANY_PHONE = re.compile(r"[1-9][0-9]{9,14}")


class FakeGupshup(FakeService):
    def __init__(self, *, user_id: str, password: str) -> None:
        super().__init__()
        self.user_id = user_id
        self.password = password
        self.opted_out: set[str] = set()

    async def answer(self, request: web.Request) -> tuple[web.Response, Taken | None]:
        if request.path != "/GatewayAPI/rest":
            return web.Response(status=404), None
        form = {name: str(value) for name, value in (await request.post()).items()} | dict(request.query)
        if problem := self._problem(form):
            code, words = problem
            return web.Response(text=f"error | {code} | {words}"), None
        national = form["send_to"]
        phone = national if len(national) > 10 else f"91{national}"
        taken = Taken(f"+{phone}", form["msg"], f"{secrets.randbelow(10**19):019d}", form)
        return web.Response(text=f"success | {phone} | {taken.id}"), taken

    def _problem(self, form: dict[str, str]) -> tuple[int, str] | None:
        for name in REQUIRED:
            if not form.get(name):
                return 101, f'The parameter "{name}" is required'
        if (form["userid"], form["password"]) != (self.user_id, self.password):
            return 102, "Authentication failed due to invalid userId or password"
        if form["v"] != "1.1":
            return 107, f'The specified version "{form["v"]}" is invalid. Please specify version as "1.1"'
        if form["msg_type"].lower() == "text" and not form["msg"].isascii():
            return 106, "The message has characters that msg_type TEXT does not carry"
        if not ANY_PHONE.fullmatch(form["send_to"]):
            return 105, f'The phone number "{form["send_to"]}" is not a valid phone number'
        if not INDIAN.fullmatch(form["send_to"]):
            return 175, 'The "INTERNATIONAL_PHONE" service is disabled for you'
        if form["send_to"] in self.opted_out:
            return 333, f"{form['send_to']} has opted out of messages"
        return None
