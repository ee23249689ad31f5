"""Text messages through MSG91's flow interface (PLATFORMS.md D1)."""

import json
import re
from typing import Any, Final

from pydantic import SecretStr

from core.errors import ProviderError
from core.ids import Phone
from core.sms.patience import PATIENCE, Patience
from core.sms.posting import Answer, Post
from core.sms.provider import SmsReceipt
from core.sms.refusals import code_of, refusal, speaks_of_the_number, unclear

PATH: Final = "/api/v5/flow"
CODE_VARIABLE: Final = "VAR1"
MINUTES_VARIABLE: Final = "VAR2"

INVALID_NUMBER: Final = "202"
SAME_AGAIN: Final = "311"  # discarded, because the same was sent less than ten seconds ago: then that one was taken
OUT_OF_ORDER: Final = frozenset({"306", "506"})  # route or server; everything else is wrong until somebody mends it

_NUMBERS: Final = re.compile(r"(?<![0-9])[0-9]+(?![0-9])")
_CODE: Final = re.compile(r"[0-9]{4,8}")


class Msg91Sms:
    """MSG91 words a message itself, from the template registered there: `##VAR1##` is the code, `##VAR2##` how many
    minutes it is valid. A text without a code is therefore refused, and another service sends it.
    """

    name = "msg91"

    def __init__(
        self,
        *,
        auth_key: SecretStr,
        flow_id: str,
        api_url: str,
        sender_id: str | None = None,
        patience: Patience = PATIENCE,
    ) -> None:
        self._auth_key = auth_key
        self._flow_id = flow_id
        self._url = api_url.rstrip("/") + PATH
        self._sender_id = sender_id
        self._post = Post(self.name, patience)

    async def send(self, phone: Phone, text: str, *, template_id: str | None = None) -> SmsReceipt:
        """`template_id` is not used: MSG91 keeps the registered template with its own."""
        body: dict[str, Any] = {
            "template_id": self._flow_id,
            "short_url": "0",
            "recipients": [{"mobiles": phone.removeprefix("+"), **self._variables(text)}],
        }
        if self._sender_id:
            body["sender"] = self._sender_id
        headers = {"authkey": self._auth_key.get_secret_value(), "accept": "application/json"}
        return self._receipt(await self._post.send(self._url, headers=headers, json=body))

    async def close(self) -> None:
        await self._post.close()

    def _variables(self, text: str) -> dict[str, str]:
        numbers = _NUMBERS.findall(text)
        if not numbers or not _CODE.fullmatch(numbers[0]):
            raise ProviderError(self.name, retryable=False, code="no_template")
        return {CODE_VARIABLE: numbers[0]} | ({MINUTES_VARIABLE: numbers[-1]} if len(numbers) > 1 else {})

    def _receipt(self, answer: Answer) -> SmsReceipt:
        try:
            said = json.loads(answer.text)
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict):
            said = {}
        taken = 200 <= answer.status < 300
        if taken and said.get("type") == "success":
            message_id = said.get("request_id") or said.get("message")
            return SmsReceipt(id=str(message_id)) if message_id else self._lost(answer)
        if taken and said.get("type") != "error":
            return self._lost(answer)
        words = str(said.get("message", ""))
        code = code_of(said.get("code") or said.get("apiError") or "") or code_of(words if words.isdigit() else "")
        if code == SAME_AGAIN:
            return self._lost(answer)
        number = code == INVALID_NUMBER or speaks_of_the_number(words)
        passing = code in OUT_OF_ORDER if taken else None
        raise refusal(self.name, status=answer.status, code=code, number=number, passing=passing)

    def _lost(self, answer: Answer) -> SmsReceipt:
        raise unclear(self.name, status=answer.status)
