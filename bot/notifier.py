"""A delivery on its way out becomes words, for the guest's channel, the outlet's groups or the owner.

The order is read again just before each of these is called; what is no longer true is skipped, not sent. Every message
has an id that follows from its delivery, so that one sent twice after a crash is shown once where the channel can.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import blake2b

from bot.channels.base import Channel, Unreachable
from bot.conversation.reply import Notice, Outgoing, Reply
from bot.conversation.texts import DEFAULT, Texts
from bot.kitchen.board import Boards
from bot.kitchen.card_posts import post_card
from bot.kitchen.cards import Kitchen
from bot.kitchen.digest import Digests
from bot.kitchen.door import code_path, door_done, door_key, door_message
from bot.kitchen.groups import Groups, channel_of
from bot.notifications.admin import alert
from bot.notifications.guest import GuestNews, closed_link, closed_try, guest_message
from bot.notifications.house import house_alert
from bot.notifications.merging import worth_a_message
from bot.notifications.outlet import guest_words, ring
from core.errors import ProviderError
from core.ids import ChatKey, Handle
from core.logs import get_logger
from core.monitoring.alerts.models import Alert
from core.orders.models import Order
from core.orders.outgoing import OUTLET_PREFIX, DeliveryKind
from core.orders.status import AT_OUTLET
from core.outbox.models import Delivery, DeliveryResult, Failed, Retry, Sent, Skipped
from core.outlets.models import Outlet
from core.services import Services
from core.staff.models import Role

log = get_logger(__name__)

_LINKS_DONE = (
    DeliveryKind.GUEST_PAY,  # the links before it
    DeliveryKind.GUEST_PLACED,
    DeliveryKind.GUEST_REVIVED,
    DeliveryKind.GUEST_EXPIRED,
    DeliveryKind.GUEST_CANCELLED,
)


_CARDS = (DeliveryKind.OUTLET_NEW_ORDER, DeliveryKind.OUTLET_CARD, DeliveryKind.OUTLET_DOOR_LINK)


class Notifier:
    """The handlers of the outbox: `{"guest": it.guest, "outlet": it.outlet, "admin": it.admin}`."""

    def __init__(self, services: Services, channels: Mapping[str, Channel], groups: Groups, boards: Boards) -> None:
        self._services = services
        self._channels = channels
        self._groups = groups
        self._boards = boards
        self._digests = Digests(services, groups)

    # The guest

    async def guest(self, delivery: Delivery, order: Order) -> DeliveryResult:
        """Raises ProviderError when the channel does not take it now."""
        chat = ChatKey(delivery.target)
        if not order.chat:
            return Failed("the guest was forgotten")
        outlet = self._services.outlets.require(order.outlet)
        news = GuestNews(order, outlet, delivery.data, Texts.of(order.language), self._services.clock.ms())
        if delivery.kind in _LINKS_DONE:
            await self._close_links(chat, news)
        reply = guest_message(delivery.kind, news)
        if reply is None:
            return Skipped("no longer true")
        try:
            channel = channel_of(self._channels, chat)
            if channel.capabilities.terse:
                if not worth_a_message(delivery, order):
                    return Skipped("said by another message")
                if not await self._services.customers.is_reachable(Handle(chat)):
                    return Failed("the guest wants no messages in this chat")
            if delivery.kind is DeliveryKind.GUEST_PAY and channel.capabilities.edits:  # its button comes off when paid
                return Sent(await self._groups.post(chat, _pay_key(order, int(delivery.data["n"])), reply))
            if delivery.kind is DeliveryKind.GUEST_PAYMENT_FAILED and channel.capabilities.edits:
                return Sent(await self._groups.post(chat, _again_key(order, delivery.step), reply))
            outgoing = Outgoing.of(reply, id=_name(delivery.id), notice=_notice(delivery, order))
            return Sent(await channel.send(chat, outgoing))
        except Unreachable:
            await self._services.customers.set_reachable(Handle(chat), False)
            return Failed("the guest cannot be reached in this chat")

    async def _close_links(self, chat: ChatKey, news: GuestNews) -> None:
        """Take the button off every pay message whose link is done with, where messages can be changed."""
        if not channel_of(self._channels, chat).capabilities.edits:
            return
        order = news.order
        for link in order.links:
            closed, tried = closed_link(news, link), closed_try(news, link)
            if closed is None or tried is None or link.door:
                continue
            failed = [payment.id for payment in order.payments if payment.n == link.n and payment.failed_ms]
            told = {_again_key(order, payment): tried for payment in failed} | {_pay_key(order, link.n): closed}
            for key, closed in told.items():
                try:
                    if await self._groups.has(chat, key):
                        await self._groups.post(chat, key, closed)
                except ProviderError as error:  # its button leads to a page that says the same
                    log.info("pay_message_not_closed", order_id=order.id, error=str(error))

    # The outlet

    async def outlet(self, delivery: Delivery, order: Order) -> DeliveryResult:
        """The card as it reads now and, below it, what has to ring.

        Raises ProviderError when the group's channel does not take it now.
        """
        outlet = self._services.outlets.require(order.outlet)
        chats = [ChatKey(delivery.target)]
        if delivery.target.startswith(OUTLET_PREFIX):  # there was no group yet when the delivery was made
            chats = list(outlet.groups)
        if not chats:
            return Retry("the outlet has no group")
        if not order.placed_ms or (delivery.kind is DeliveryKind.OUTLET_NEW_ORDER and order.status not in AT_OUTLET):
            return Skipped("not to be cooked")
        kitchen = await self._kitchen(outlet)
        if chats == [ChatKey(delivery.target)]:
            listed = await self._digests.instead(chats[0], delivery, kitchen)
            if listed is not None:
                await self._boards.refresh(outlet.id)
                return Sent(listed)
        rings: Reply | None = None
        if delivery.kind not in _CARDS:
            rings = ring(kitchen, order, delivery.kind, delivery.data, guest_words(order))
            if rings is None:
                return Skipped("no longer true")
        ref = ""
        for chat in chats:
            notice = replace(_notice(delivery, order), language=DEFAULT, phone="")  # a guest's phone is not for theirs
            ref = await post_card(self._groups, chat, kitchen, order, notice=notice)
            await self._door(chat, kitchen, order, delivery)
            if rings is not None:
                ref = await self._groups.say(chat, _name(delivery.id), rings)
        await self._boards.refresh(outlet.id)
        return Sent(ref)

    async def _door(self, chat: ChatKey, kitchen: Kitchen, order: Order, delivery: Delivery) -> None:
        """Put up the code this delivery brings, and take down those that are done with."""
        for link in order.links:
            if not link.door:
                continue
            key, done = door_key(order, link), door_done(kitchen, order, link)
            brought = delivery.kind is DeliveryKind.OUTLET_DOOR_LINK and delivery.data.get("n") == link.n
            if done is None and brought:
                code = code_path(self._services.links, order, link)
                await self._groups.post(chat, key, door_message(kitchen, order, link, code))
            elif done is not None and await self._groups.has(chat, key):
                await self._groups.post(chat, key, done)

    async def _kitchen(self, outlet: Outlet) -> Kitchen:
        names = await self._services.staff.names_at(outlet.id)
        return Kitchen(outlet, names, Texts.of(DEFAULT), self._services.clock.ms())

    # The owner

    async def admin(self, delivery: Delivery, order: Order) -> DeliveryResult:
        """To every owner who can be written to; one is enough. With nobody to write to it is read in the log.

        Raises ProviderError when it reached none of them.
        """
        reply = alert(Texts.of(DEFAULT), order, self._services.outlets.get(order.outlet), delivery.data)
        log.warning("admin_alert", what=delivery.data.get("what"), order_id=order.id, outlet=order.outlet)
        members = await self._services.staff.list_at(order.outlet)
        owners = [member.handle for member in members if member.role is Role.OWNER]
        told = await self._tell(self._people(*owners), reply, _name(delivery.id))
        return Sent(told[-1] if told else "")

    async def house(self, alert: Alert) -> int:
        """To everybody named in the settings; how many could be told. 0: nobody is named, and it is read at /alerts.

        Raises ProviderError when it reached none of them.
        """
        return len(await self._tell(self._people(), house_alert(Texts.of(DEFAULT), alert), _name(alert.id)))

    async def _tell(self, chats: Iterable[ChatKey], reply: Reply, name: str) -> list[str]:
        """What the channels call the message, for those who could be told; one is enough."""
        told, failure = [], None
        for chat in chats:
            try:
                told.append(await channel_of(self._channels, chat).send(chat, Outgoing.of(reply, id=name)))
            except ProviderError as error:
                failure = error
        if failure is not None and not told:
            raise failure
        return told

    def _people(self, *owners: Handle) -> list[ChatKey]:
        """Those named in the settings and `owners`, on channels that run here; never a group of cooks."""
        settings = self._services.settings
        numbers = [number for number in (settings.ops_chat_id, *settings.admin_telegram_ids) if number is not None]
        chats = [*(f"telegram:{number}" for number in numbers), *owners]
        groups = {group for outlet in self._services.outlets.all() for group in outlet.groups}
        return [
            ChatKey(chat)
            for chat in dict.fromkeys(chats)
            if chat.partition(":")[0] in self._channels and chat not in groups
        ]


def _name(what: str) -> str:
    """Short enough for every channel, and the same whenever this delivery or alert is sent."""
    return f"dlv-{blake2b(what.encode(), digest_size=10).hexdigest()}"


def _notice(delivery: Delivery, order: Order) -> Notice:
    return Notice(
        kind=delivery.kind.value.partition(".")[2],
        order=order.id,
        code=order.code,
        outlet=order.outlet_name,
        language=order.language,
        phone=order.phone,
    )


def _pay_key(order: Order, n: int) -> str:
    return f"pay-{order.id}-{n}"


def _again_key(order: Order, payment: str) -> str:
    """The message that a payment did not go through, with a button to try again."""
    return f"again-{order.id}-{payment}"
