"""Who tried what in the kitchen without a right to it: answered, and written down for the owners to read."""

from datetime import timedelta

from bot.kitchen.actor import Actor
from core.audit.models import Did
from core.audit.service import AuditService
from core.connections import STORE_FAILURES
from core.customers.names import clean_text
from core.logs import get_logger

log = get_logger(__name__)

AGAIN = timedelta(minutes=10)  # the same person trying the same again is one entry
MAX_NAME = 40

NOT_STAFF = "not_staff"
MAY_NOT = "may_not"
OTHER_OUTLET = "other_outlet"
ELSEWHERE = "elsewhere"


class Refusals:
    def __init__(self, audit: AuditService) -> None:
        self._audit = audit

    async def note(self, actor: Actor, reason: str, what: str) -> None:
        """`reason` is one of those above, `what` the verb or the button. Raises nothing."""
        await self._note(actor.handle, reason, what, name=actor.name, outlet=actor.outlet.id, chat=actor.chat)

    async def note_elsewhere(self, handle: str, name: str, chat: str, what: str) -> None:
        """A kitchen's button, tapped where no outlet has its group."""
        await self._note(handle, ELSEWHERE, what, name=clean_text(name, MAX_NAME), outlet="", chat=chat)

    async def _note(self, handle: str, reason: str, what: str, *, name: str, outlet: str, chat: str) -> None:
        log.warning("kitchen_refused", reason=reason, what=what, handle=handle, chat=chat, outlet=outlet)
        try:
            await self._audit.record_once(
                Did.REFUSED, handle, within=AGAIN, name=name, outlet=outlet, about=chat, reason=reason, what=what
            )
        except STORE_FAILURES as failure:
            log.error("refusal_not_written", handle=handle, chat=chat, error=type(failure).__name__)
