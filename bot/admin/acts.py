"""What was done is written down, and every other admin hears of it; the last of it can be read back."""

from bot.admin.actions import OpenAudit, OpenOrphans, OpenOutlets
from bot.admin.actor import Actor
from bot.admin.admins import Admins
from bot.admin.words import act_line, act_said, page
from bot.conversation.reply import Button, Reply
from core.audit.models import Act, Did
from core.audit.service import AuditService
from core.ids import OutletId
from core.payments.orphans import Orphans

SHOWN = 20


class Acts:
    def __init__(self, audit: AuditService, admins: Admins, orphans: Orphans) -> None:
        self._audit = audit
        self._admins = admins
        self._orphans = orphans

    async def done(self, actor: Actor, did: Did, outlet: OutletId, about: str = "", **facts: str | int) -> Act:
        """Write down what the actor has just done and echo it to the others. The same update again is the same act."""
        act = await self.record(actor, did, outlet, about, key="", **facts)
        await self.echo(actor, act)
        return act

    async def record(
        self, actor: Actor, did: Did, outlet: OutletId, about: str = "", *, key: str = "", **facts: str | int
    ) -> Act:
        """Write it down and tell nobody yet. `key`: what it is the same act as, if not as this message's."""
        return await self._audit.record(
            did,
            actor.handle,
            name=actor.name,
            outlet=outlet,
            about=about,
            key=key or f"{actor.update}#{about}",
            **facts,
        )

    async def record_alone(self, did: Did, outlet: OutletId, about: str, **facts: str | int) -> Act:
        """What nobody did: a time was over."""
        return await self._audit.record(did, "system", name="", outlet=outlet, about=about, key=about, **facts)

    async def echo(self, actor: Actor, act: Act) -> None:
        """Tell the others of what is written down already."""
        outlet = OutletId(act.outlet)
        said = act_said(actor.texts, act, actor.outlets.get(outlet))
        await self._admins.tell(outlet, Reply(said), key=act.id, besides=actor.handle)

    async def page(self, actor: Actor) -> Reply:
        """The last twenty acts: all of them for an admin, those at their outlets for an owner."""
        texts = actor.texts
        acts = await self._audit.latest(SHOWN, None if actor.admin else actor.outlets)
        rows = [act_line(texts, act, actor.outlets.get(OutletId(act.outlet)), actor.now_ms) for act in acts]
        below = (Button(texts.t("Refresh"), OpenAudit()), Button(texts.t("Outlets"), OpenOutlets()))
        lost = await self._orphans.count_open() if actor.admin else 0
        label = texts.t("Payments without an order ({count})", count=texts.number(lost))
        buttons = ((Button(label, OpenOrphans()),), below) if lost else (below,)
        title = texts.say("*What was done lately*")
        return Reply(page(title, *(rows or [texts.say("Nothing yet.")])), buttons, in_place=True)
