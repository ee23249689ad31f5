"""What needed a person lately, and how the text messages are doing: for admins alone."""

from bot.admin.actions import OpenOutlets
from bot.admin.actor import Actor
from bot.admin.words import page
from bot.conversation.reply import Button, Reply
from bot.conversation.text import Text, lines, paragraphs
from bot.notifications.house import headline
from core.errors import Forbidden
from core.monitoring.alerts.models import Alert
from core.services import Services

SHOWN = 15


class Alerts:
    def __init__(self, services: Services) -> None:
        self._services = services

    async def page(self, actor: Actor) -> Reply:
        """Raises Forbidden for an owner: these are matters of the whole house."""
        if not actor.admin:
            raise Forbidden(what="alerts")
        texts = actor.texts
        alerts = await self._services.alerts.latest(SHOWN)
        rows = [self._row(actor, alert) for alert in alerts] or [texts.say("Nothing yet.")]
        buttons = ((Button(texts.t("Outlets"), OpenOutlets()),),)
        happened = page(texts.say("*What needed a person*"), *rows)
        return Reply(paragraphs(happened, lines(*await self._messages(actor))), buttons)

    def _row(self, actor: Actor, alert: Alert) -> Text:
        outlet = next(iter(actor.outlets.values()), None)
        time = actor.texts.moment(alert.created_ms, outlet.timezone if outlet else "UTC", actor.now_ms)
        return Text.of(f"{time} · ") + headline(actor.texts, alert)

    async def _messages(self, actor: Actor) -> list[Text]:
        texts, budget = actor.texts, self._services.sms_budget
        spent = texts.say("Text messages today: {spent} of {most}", spent=await budget.spent(), most=budget.most)
        scores = await self._services.sms.sender.scores()
        return [
            spent,
            *(
                texts.say(
                    "{provider}: {delivered} of the last {of} arrived",
                    provider=name,
                    delivered=score.delivered,
                    of=score.of,
                )
                for name, score in scores.items()
            ),
        ]
