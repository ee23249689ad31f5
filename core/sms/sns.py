"""Text messages through Amazon SNS (PLATFORMS.md D2). Credentials are found by the AWS library, not in Settings."""

import logging
import threading
from functools import partial
from typing import Any, Final

from core.ids import Phone
from core.sms.connecting import broke_while_connecting
from core.sms.patience import PATIENCE, Patience
from core.sms.provider import SmsReceipt
from core.sms.refusals import code_of, refusal, speaks_of_the_number, unclear, unreachable
from core.sms.threads import MOST_THREADS, Threads

OPTED_OUT: Final = "OptedOut"
WRONG_PARAMETER: Final = frozenset({"InvalidParameter", "ParameterValueInvalid", "InvalidParameterValue"})


class SnsSms:
    """`entity_id` and `sender_id` are the registered principal entity and header; India asks for both."""

    name = "sns"

    def __init__(
        self,
        *,
        region: str,
        endpoint_url: str | None = None,
        entity_id: str | None = None,
        sender_id: str | None = None,
        patience: Patience = PATIENCE,
    ) -> None:
        self._region = region
        self._endpoint_url = endpoint_url
        self._entity_id = entity_id
        self._sender_id = sender_id
        self._patience = patience
        self._threads = Threads(self.name)
        self._call = threading.local()  # what the call of this thread has come to
        self._opening = threading.Lock()
        self._client: Any = None

    async def send(self, phone: Phone, text: str, *, template_id: str | None = None) -> SmsReceipt:
        return await self._threads.run(partial(self._send, phone, text, template_id))

    async def close(self) -> None:
        self._threads.close()
        if self._client is not None:
            self._client.close()

    def _send(self, phone: Phone, text: str, template_id: str | None) -> SmsReceipt:
        from botocore.exceptions import BotoCoreError, ClientError
        from botocore.parsers import ResponseParserError

        self._call.begun, self._call.status = False, 0
        try:
            answer = self._open().publish(
                PhoneNumber=phone, Message=text, MessageAttributes=self._attributes(template_id)
            )
        except ClientError as refused:
            raise self._refusal(refused.response) from None
        except ResponseParserError as failure:  # a page for people, for instance, and it does not say with which status
            status = self._call.status
            raise (refusal(self.name, status=status) if status >= 300 else unclear(self.name, failure)) from None
        except (BotoCoreError, ValueError) as failure:  # ValueError: an address that is none
            raise (unclear if self._may_have_left(failure) else unreachable)(self.name, failure) from None
        message_id = answer.get("MessageId")
        if not isinstance(message_id, str) or not message_id:
            raise unclear(self.name)
        return SmsReceipt(id=message_id)

    def _may_have_left(self, failure: Exception) -> bool:
        from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ProxyConnectionError

        never = ConnectTimeoutError | EndpointConnectionError | ProxyConnectionError
        return self._call.begun and not isinstance(failure, never) and not broke_while_connecting(failure)

    def _refusal(self, response: Any) -> Exception:
        error = response.get("Error", {})
        code = code_of(error.get("Code", ""))
        wrong = code in WRONG_PARAMETER and speaks_of_the_number(str(error.get("Message", "")))
        status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
        return refusal(self.name, status=status, code=code, number=wrong or code == OPTED_OUT)

    def _attributes(self, template_id: str | None) -> dict[str, dict[str, str]]:
        texts = {
            "AWS.SNS.SMS.SMSType": "Transactional",  # a code first of all; the default is Promotional
            "AWS.SNS.SMS.SenderID": self._sender_id,
            "AWS.MM.SMS.EntityId": self._entity_id,
            "AWS.MM.SMS.TemplateId": template_id,
        }
        return {name: {"DataType": "String", "StringValue": text} for name, text in texts.items() if text}

    def _open(self) -> Any:
        with self._opening:
            if self._client is None:
                self._client = self._make_client()
        return self._client

    def _make_client(self) -> Any:
        from boto3.session import Session
        from botocore.config import Config

        for name in ("boto3", "botocore"):  # at DEBUG they log the whole message, code and number
            logging.getLogger(name).setLevel(logging.WARNING)
        config = Config(
            connect_timeout=self._patience.connect_seconds,
            read_timeout=self._patience.answer_seconds,
            retries={"total_max_attempts": 1, "mode": "standard"},  # `max_attempts: 1` would mean two
            max_pool_connections=MOST_THREADS,
        )
        client = Session().client("sns", region_name=self._region, endpoint_url=self._endpoint_url, config=config)
        client.meta.events.register("before-send.sns.Publish", self._note_begin)
        client.meta.events.register("before-parse.sns.Publish", self._note_status)
        return client

    def _note_begin(self, **_: Any) -> None:
        self._call.begun = True  # until here it looked for credentials and checked what it was given

    def _note_status(self, response_dict: dict[str, Any], **_: Any) -> None:
        self._call.status = response_dict["status_code"]
