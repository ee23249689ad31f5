"""Text messages through Gupshup's enterprise gateway (PLATFORMS.md D3)."""

from typing import Final

from pydantic import SecretStr

from core.ids import Phone
from core.sms.patience import PATIENCE, Patience
from core.sms.posting import Answer, Post
from core.sms.provider import SmsReceipt
from core.sms.refusals import code_of, refusal, speaks_of_the_number, unclear

PATH: Final = "/GatewayAPI/rest"
UNEXPECTED: Final = "100"  # their own trouble; the other codes stay wrong until somebody mends them


class GupshupSms:
    """Everything goes as a form: in an address the password would end in logs. `entity_id` is the principal entity."""

    name = "gupshup"

    def __init__(
        self,
        *,
        user_id: str,
        password: SecretStr,
        api_url: str,
        entity_id: str | None = None,
        sender_id: str | None = None,
        patience: Patience = PATIENCE,
    ) -> None:
        self._user_id = user_id
        self._password = password
        self._url = api_url.rstrip("/") + PATH
        self._entity_id = entity_id
        self._sender_id = sender_id
        self._post = Post(self.name, patience)

    async def send(self, phone: Phone, text: str, *, template_id: str | None = None) -> SmsReceipt:
        fields = {
            "method": "SendMessage",
            "v": "1.1",
            "auth_scheme": "plain",
            "userid": self._user_id,
            "password": self._password.get_secret_value(),
            "send_to": phone.removeprefix("+"),
            "msg": text,
            "msg_type": "TEXT" if text.isascii() else "Unicode_text",
            "format": "text",
            "mask": self._sender_id,
            "principalEntityId": self._entity_id,
            "dltTemplateId": template_id,
        }
        form = {name: value for name, value in fields.items() if value}
        return self._receipt(await self._post.send(self._url, form=form))

    async def close(self) -> None:
        await self._post.close()

    def _receipt(self, answer: Answer) -> SmsReceipt:
        """`success | 919876543210 | 3245…` or `error | 105 | …`, and both come with 200."""
        said, *more = (part.strip() for part in answer.text.strip().split("|"))
        if not 200 <= answer.status < 300:
            raise refusal(self.name, status=answer.status, code=code_of(more[0] if more else ""))
        match said.lower():
            case "success" if more and more[-1]:
                return SmsReceipt(id=more[-1])
            case "error":
                code = code_of(more[0] if more else "")
                number = speaks_of_the_number(" ".join(more[1:]))
                raise refusal(self.name, status=answer.status, code=code, number=number, passing=code == UNEXPECTED)
            case _:
                raise unclear(self.name, status=answer.status)
