"""Sending to a browser: the message waits in the chat's mailbox until the page fetches it."""

import json
from typing import ClassVar

from bot.channels.webchat.rendering import render
from bot.channels.webchat.sessions import CHANNEL
from bot.conversation.reply import Outgoing
from bot.conversation.turn import Capabilities
from core.ids import ChatKey
from core.mailbox.store import MailboxStore


class WebchatChannel:
    name: ClassVar[str] = CHANNEL
    capabilities = Capabilities(edits=True, columns=3, choices=60, contact_button=False, location_button=True)

    def __init__(self, mailbox: MailboxStore) -> None:
        self._mailbox = mailbox

    async def send(self, chat: ChatKey, outgoing: Outgoing) -> str:
        """Returns the message's own id: the page knows it by that, so sending one again shows it once."""
        shape = {"replies": [render(outgoing)]}  # as an event's answer
        await self._mailbox.post(chat, json.dumps(shape, ensure_ascii=False, separators=(",", ":")))
        return outgoing.id
