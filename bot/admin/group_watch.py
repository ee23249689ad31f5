"""What happens to the outlets' groups, as the platform reports it: left, migrated, joined.

Only the platform's own reports come here, never what somebody writes. Each may come more than once and is acted upon
once; what concerns a group that is no outlet's is ignored.
"""

from collections.abc import Sequence
from datetime import timedelta

from bot.admin.actions import AskUnbind, MakeBindCode, OpenOutlet, OpenStaff, fingerprint
from bot.admin.admins import MAX_NAME, Admins
from bot.admin.words import act_said, group_name
from bot.conversation.reply import Button, Reply, Style
from bot.conversation.text import lines
from bot.conversation.texts import DEFAULT, Texts
from bot.kitchen.board import Boards, board_id
from bot.kitchen.card_posts import post_card
from bot.kitchen.cards import Kitchen, card_id
from bot.kitchen.digest import CARDS_AT_MOST, digest
from bot.kitchen.groups import Groups
from core.audit.models import Did
from core.audit.service import AuditService
from core.customers.names import clean_text
from core.errors import ProviderError
from core.ids import ChatKey
from core.logs import get_logger
from core.outlets.models import Outlet
from core.services import Services

log = get_logger(__name__)

PLATFORM = "telegram"
SAME_REPORT = timedelta(minutes=1)  # the platform reports one departure in two ways
NAMED = 10
SAME_MINUTE = 60_000  # ms


class GroupWatch:
    def __init__(
        self, services: Services, *, audit: AuditService, admins: Admins, boards: Boards, groups: Groups
    ) -> None:
        self._services = services
        self._audit = audit
        self._admins = admins
        self._boards = boards
        self._groups = groups
        self._texts = Texts.of(DEFAULT)

    async def on_group_left(self, chat: ChatKey) -> None:
        """We were removed from a group: whoever answers for its outlet is told at once.

        The group stays the outlet's, so that letting us in again is all it takes.
        """
        texts = self._texts
        for outlet in await self._of(chat):
            act = await self._audit.record_once(
                Did.GROUP_LOST, PLATFORM, within=SAME_REPORT, outlet=outlet.id, about=chat
            )
            if act is None:
                continue
            others = len(outlet.groups) - 1
            reach = (
                texts.say_n("{count} other group still gets the orders.", "{count} other groups still get the orders.",
                            others)
                if others
                else texts.say("*Nobody at {outlet} is told of orders now.*", outlet=outlet.name)
            )  # fmt: skip
            reply = Reply(
                lines(
                    texts.say("*The bot was removed from a group of {outlet}* ({group}).", outlet=outlet.name,
                              group=group_name(texts, chat)),
                    reach,
                    texts.say("Add it to that group again, or give the outlet another group."),
                    texts.say("Outlet: {phone}", phone=outlet.phone),
                ),
                (
                    (Button(texts.t("Bind a group"), MakeBindCode(outlet=outlet.id), style=Style.PRIMARY),),
                    (
                        Button(texts.t("Take it away"), AskUnbind(outlet=outlet.id, group=fingerprint(chat))),
                        Button(texts.t("The outlet"), OpenOutlet(outlet=outlet.id)),
                    ),
                ),
            )  # fmt: skip
            log.error("group_lost", outlet=outlet.id, chat=chat)
            await self._admins.tell(outlet.id, reply, key=act.id)

    async def on_group_back(self, chat: ChatKey) -> None:
        """We are in an outlet's group again: its board, and a card for whatever came meanwhile. A group that no outlet
        has is somebody's who is about to bind it.
        """
        texts = self._texts
        for outlet in await self._of(chat):
            live = await self._services.orders.live_at(outlet.id)
            missed = [order for order in live if not await self._groups.has(chat, card_id(order))]
            names = await self._services.staff.names_at(outlet.id)
            kitchen = Kitchen(outlet, names, texts, self._services.clock.ms())
            try:
                if len(missed) > CARDS_AT_MOST:
                    await self._groups.say(chat, f"back-{missed[-1].id}", digest(kitchen, missed, 0))
                    missed = []
                for order in missed:
                    await post_card(self._groups, chat, kitchen, order)
            except ProviderError as error:
                log.warning("group_not_caught_up", outlet=outlet.id, chat=chat, error=type(error).__name__)
                continue
            await self._boards.show(chat, outlet.id)
            log.info("group_back", outlet=outlet.id, chat=chat)
            said = texts.say("*The bot is back in the group of {outlet}.* Orders come there again.", outlet=outlet.name)
            key = f"back-{fingerprint(chat, str(kitchen.now_ms // SAME_MINUTE))}"
            await self._admins.tell(outlet.id, Reply(said), key=key)

    async def on_group_migrated(self, old: ChatKey, new: ChatKey) -> None:
        """A group became a supergroup: what was bound to its old number is bound to the new one.

        Compare-and-set: only where the old number stands, whoever else is changing the outlet. A number that belongs
        to another outlet already is left alone.
        """
        if old == new or not await self._of(old):
            log.info("migration_ignored", old=old, new=new)
            return
        taken = {outlet.id for outlet in await self._of(new)}
        for outlet in await self._of(old):
            if taken - {outlet.id}:
                log.error("migration_refused", outlet=outlet.id, old=old, new=new)
                continue
            had_board = await self._groups.has(old, board_id(outlet.id))
            await self._services.outlets.alter(outlet.id, lambda it: _moved(it, old, new))
            act = await self._audit.record_once(
                Did.GROUP_MOVED, PLATFORM, within=SAME_REPORT, outlet=outlet.id, about=new, old=old
            )
            if act is not None:
                await self._admins.tell(outlet.id, Reply(act_said(self._texts, act, outlet)), key=act.id)
            if had_board:
                await self._boards.show(new, outlet.id)

    async def on_members_joined(self, chat: ChatKey, names: Sequence[str]) -> None:
        """People came into an outlet's group. It gives them no right, and the owners should know them."""
        texts = self._texts
        cleaned = [clean_text(name, MAX_NAME) or texts.t("somebody without a name") for name in names[:NAMED]]
        told = ", ".join(cleaned)
        if len(names) > NAMED:
            told = texts.t("{names} and {count} more", names=told, count=len(names) - NAMED)
        for outlet in await self._of(chat) if names else []:
            act = await self._audit.record_once(
                Did.GROUP_JOINED, PLATFORM, within=SAME_REPORT, outlet=outlet.id, about=chat, names=told
            )
            if act is not None:
                reply = Reply(
                    lines(
                        act_said(texts, act, outlet),
                        texts.say("_Being there gives no right to anything; they can read what the group reads._"),
                    ),
                    ((Button(texts.t("People of the outlet"), OpenStaff(outlet=outlet.id)),),),
                )
                await self._admins.tell(outlet.id, reply, key=act.id)

    async def _of(self, chat: ChatKey) -> list[Outlet]:
        """Straight from the database: a group that was bound a moment ago counts."""
        return [outlet for outlet in await self._services.outlets.all_fresh() if chat in outlet.groups]


def _moved(outlet: Outlet, old: ChatKey, new: ChatKey) -> Outlet:
    if old not in outlet.groups:
        return outlet
    renamed = (new if chat == old else chat for chat in outlet.groups)
    return outlet.model_copy(update={"groups": tuple(dict.fromkeys(renamed))})
