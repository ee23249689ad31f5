"""Payments nobody ordered with, for admins: look one up, then say what it was."""

from bot.admin.actions import CloseOrphan, OpenAudit, OpenOrphan, OpenOrphans, OrphanWas, fingerprint
from bot.admin.actor import Actor
from bot.admin.acts import Acts
from bot.admin.words import DEFAULT_ZONE, page
from bot.conversation.reply import Button, Reply
from bot.conversation.text import lines
from bot.conversation.texts import Texts
from core.audit.models import Did
from core.errors import Forbidden, NotFound
from core.ids import OutletId
from core.payments.models import Orphan
from core.services import Services

SHOWN = 10


class LostPayments:
    """They belong to no outlet, so that owners of one have no business with them: each raises Forbidden for those."""

    def __init__(self, services: Services, acts: Acts) -> None:
        self._orphans = services.payments.orphans
        self._acts = acts

    async def page(self, actor: Actor) -> Reply:
        texts = actor.texts
        orphans = await self._open(actor)
        buttons = [
            (Button(self._label(texts, orphan), OpenOrphan(payment=fingerprint(orphan.id))),)
            for orphan in orphans[:SHOWN]
        ]
        body = (
            texts.say("Money that came in, and no order knows of it. Nothing of it goes back by itself.")
            if orphans
            else texts.say("There are none.")
        )
        return Reply(
            page(texts.say("*Payments without an order*"), body),
            (*buttons, (Button(texts.t("◂ Back"), OpenAudit()),)),
            in_place=True,
        )

    async def show(self, actor: Actor, mark: str) -> Reply:
        """Raises NotFound for one that was closed."""
        texts, orphan = actor.texts, await self._one(actor, mark)
        when = texts.moment(orphan.at_ms, DEFAULT_ZONE, actor.now_ms)
        text = page(
            texts.say("*{amount}* at {provider}", amount=self._amount(texts, orphan), provider=orphan.provider),
            texts.say("Came in {time} · {method}", time=when, method=orphan.method or "–")
            if orphan.kind == "payment"
            else texts.say("Went back {time} · of {payment}", time=when, payment=orphan.payment),
            texts.say("_{id}_", id=orphan.id),
            "",
            texts.say("What was it?"),
        )
        whats = [(Button(was_label(texts, what), CloseOrphan(payment=mark, what=what)),) for what in OrphanWas]
        return Reply(text, (*whats, (Button(texts.t("◂ Back"), OpenOrphans()),)), in_place=True)

    async def close(self, actor: Actor, tap: CloseOrphan) -> Reply:
        """Raises NotFound when somebody else was faster."""
        texts, orphan = actor.texts, await self._one(actor, tap.payment)
        reason = was_label(texts, tap.what)
        if await self._orphans.close(orphan.id, by=actor.handle, reason=tap.what.value) is None:
            raise NotFound(what="orphan")
        await self._acts.done(
            actor,
            Did.ORPHAN_CLOSED,
            OutletId(""),
            orphan.id,
            amount=orphan.amount.paise,
            currency=orphan.currency,
            reason=reason,
        )
        said = texts.say("Closed: {reason}.", reason=reason)
        return Reply(lines(said), ((Button(texts.t("◂ Back"), OpenOrphans()),),), in_place=True)

    async def _open(self, actor: Actor) -> list[Orphan]:
        if not actor.admin:
            raise Forbidden(what="orphans")
        return await self._orphans.open()

    async def _one(self, actor: Actor, mark: str) -> Orphan:
        for orphan in await self._open(actor):
            if fingerprint(orphan.id) == mark:
                return orphan
        raise NotFound(what="orphan")

    def _label(self, texts: Texts, orphan: Orphan) -> str:
        return f"{self._amount(texts, orphan)} · {orphan.provider} · …{orphan.id[-6:]}"

    @staticmethod
    def _amount(texts: Texts, orphan: Orphan) -> str:
        return texts.money(orphan.amount, orphan.currency or "INR")


def was_label(texts: Texts, what: OrphanWas) -> str:
    match what:
        case OrphanWas.OTHER_SHOP:
            return texts.t("Another business of ours")
        case OrphanWas.GIVEN_BACK:
            return texts.t("I gave it back")
        case OrphanWas.SERVED:
            return texts.t("The guest was served")
        case OrphanWas.TEST:
            return texts.t("A test")
