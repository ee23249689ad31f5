"""An evening at two outlets: their groups, their people, their guests, on the real stores."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.channels.base import Channel
from bot.conversation.incoming import Content, Incoming, Tap, Text
from bot.kitchen.board import Boards
from bot.kitchen.desk import KitchenDesk
from bot.kitchen.groups import Groups
from bot.kitchen.human import HumanDesk
from bot.notifier import Notifier
from core.audit.service import AuditService
from core.audit.store import AuditStore
from core.clock import FrozenClock
from core.connections import ensure_indexes
from core.conversations.store import ConversationStore
from core.customers.service import CustomerService
from core.customers.store import CustomerStore
from core.ids import ChatKey, Handle, PaymentId
from core.indexes import all_indexes
from core.links import Signer
from core.menu.menu_changes import MenuFile
from core.menu.service import MenuService
from core.menu.store import MenuStore
from core.orders.facts import PaymentCaptured
from core.orders.kitchen import OutletKitchen
from core.orders.models import Order
from core.orders.service import OrderService
from core.orders.store import OrderStore
from core.outbox.models import Skipped
from core.outbox.service import OutboxService
from core.outbox.store import DeliveryStore
from core.outlets.models import Outlet
from core.outlets.service import OutletService
from core.outlets.store import OutletStore
from core.services import Services
from core.staff.models import Role
from core.staff.service import StaffService
from core.staff.store import StaffStore
from core.threads.service import ThreadService
from core.threads.store import ThreadStore
from tests.bot.kitchen.builders import GROUP, INDIRA, INDIRA_GROUP, MG_ROAD, an_evening_outlet, dinner
from tests.bot.kitchen.room import FakeChannel, PinningChannel, Shown
from tests.core.menu.builders import an_item

SEVEN = datetime(2026, 3, 2, 13, 30, tzinfo=UTC)  # 7 PM in Bengaluru
STAFF = {
    "Asha": ("telegram:1", Role.KITCHEN),
    "Ravi": ("telegram:2", Role.RIDER),
    "Meena": ("telegram:3", Role.MANAGER),
    "Om": ("telegram:4", Role.OWNER),
    "Dev": ("telegram:5", Role.KITCHEN),
}
ADMIN = Handle("telegram:900")
_updates = count(1)
_checkouts = count(1)


@dataclass
class Evening:
    services: Services
    clock: FrozenClock
    groups_channel: FakeChannel
    guests_channel: FakeChannel
    desk: KitchenDesk
    people: HumanDesk
    boards: Boards
    notifier: Notifier
    audit: AuditService
    channels: dict[str, FakeChannel]

    def pinning(self) -> PinningChannel:
        """From now on the groups' channel can pin."""
        channel = PinningChannel("telegram", chats=self.groups_channel.chats)
        self.channels["telegram"] = self.groups_channel = channel
        return channel

    def cook(self, name: str, *, chat: str = GROUP) -> "Cook":
        return Cook(self, name, Handle(STAFF[name][0]), ChatKey(chat))

    def admin(self, *, chat: str = GROUP) -> "Cook":
        """Named in the settings, and on no outlet's list."""
        return Cook(self, "Anu", ADMIN, ChatKey(chat))

    def stranger(self, *, chat: str = GROUP) -> "Cook":
        return Cook(self, "Sly", Handle("telegram:666"), ChatKey(chat))

    async def orders(self, **changes: Any) -> Order:
        """Meera orders dinner; the kitchen has not heard of it yet."""
        draft = dinner(f"chk_{next(_checkouts)}", now_ms=self.clock.ms(), **changes)
        order, _ = await self.services.orders.create(draft)
        return order

    async def pays(self, order: Order) -> Order:
        fact = PaymentCaptured(
            at_ms=self.clock.ms(),
            payment=PaymentId(f"pay_{order.id}"),
            n=len(order.links),
            amount=order.total,
            currency="INR",
        )
        return await self.services.orders.record(order.id, fact)

    async def new_order(self, **changes: Any) -> Order:
        """Meera orders dinner, and its card is in the group."""
        order = await self.orders(**changes)
        await self.deliver()
        return order

    async def deliver(self) -> None:
        """Everything that waits to go out goes out."""
        for _ in range(10):
            relayed = await self.services.outbox.relay_once()
            if not relayed and not await self.services.outbox.dispatch_once(None):
                return

    async def now(self, order: Order) -> Order:
        return await self.services.orders.require(order.id)

    def minutes_pass(self, minutes: float) -> None:
        self.clock.advance(timedelta(minutes=minutes))

    def group(self, chat: str = GROUP) -> list[Shown]:
        return self.groups_channel.chats[ChatKey(chat)]

    def card(self, order: Order, chat: str = GROUP) -> Shown:
        """The order's card: the first message about it."""
        return next(shown for shown in self.group(chat) if order.code in shown.text)

    def guest_reads(self, chat: str = "webchat:meera") -> list[str]:
        return self.guests_channel.texts(chat)


@dataclass
class Cook:
    """Somebody who taps and types in a group; what is answered is shown there, as the channel's adapter would."""

    evening: Evening
    name: str
    handle: Handle
    chat: ChatKey
    answers: list[Shown] = field(default_factory=list)

    async def does(self, content: Content, *, update: str = "", **about: Any) -> list[Shown]:
        incoming = Incoming(
            channel="telegram",
            handle=self.handle,
            chat=self.chat,
            update_id=update or f"u{next(_updates)}",
            content=content,
            sent_at=self.evening.clock.now(),
            name=self.name,
            **about,
        )
        channel, before = self.evening.groups_channel, len(self.evening.group(self.chat))
        names = [channel.show(self.chat, outgoing) for outgoing in await self.evening.desk.handle(incoming)]
        shown = {message.name: message for message in channel.chats[self.chat]}
        self.answers = [shown[name] for name in names]
        return channel.chats[self.chat][before:]

    async def taps(self, label: str, on: Shown, *, update: str = "") -> list[Shown]:
        """Tap a button; what came new into the group is returned."""
        return await self.does(Tap(on.button(label).action), message=on.name, update=update)

    async def taps_action(self, action: str, on: Shown | None = None) -> list[Shown]:
        return await self.does(Tap(action), message=on.name if on else "")

    async def says(self, text: str, *, update: str = "") -> list[Shown]:
        return await self.does(Text(text), update=update)

    async def replies(self, to: Shown, text: str, *, update: str = "") -> list[Shown]:
        return await self.does(Text(text), reply_to=to.name, update=update)


@pytest.fixture
async def evening(mongo, redis, clock, settings):
    clock.set(SEVEN)
    await ensure_indexes(mongo, all_indexes())
    outlets = OutletService(store=OutletStore(mongo), clock=clock, redis=redis)
    menu = MenuService(store=MenuStore(mongo), outlets=outlets, clock=clock)
    kitchen = OutletKitchen(outlets=outlets, menu=menu, clock=clock)
    codes = iter([f"K {n}" for n in range(472, 600)])
    orders = OrderService(
        store=OrderStore(mongo, clock), kitchen=kitchen, clock=clock, provider="sandbox", codes=lambda: next(codes)
    )
    outbox = OutboxService(store=DeliveryStore(mongo, clock), orders=orders, outlets=outlets, clock=clock)
    services = cast(
        Services,
        SimpleNamespace(
            settings=settings,
            clock=clock,
            outlets=outlets,
            menu=menu,
            orders=orders,
            outbox=outbox,
            customers=CustomerService(store=CustomerStore(mongo), clock=clock),
            staff=StaffService(store=StaffStore(mongo), clock=clock, owners=[ADMIN]),
            threads=ThreadService(store=ThreadStore(mongo), clock=clock),
            conversations=ConversationStore(redis),
            links=Signer(settings, clock),
        ),
    )
    await menu.import_file(_menu())
    for outlet, names in ((MG_ROAD, ("Asha", "Ravi", "Meena", "Om")), (INDIRA, ("Dev",))):
        for name in names:
            handle, role = STAFF[name]
            await services.staff.add(Handle(handle), outlet, role, name=name)
    groups_channel, guests_channel = FakeChannel("telegram"), FakeChannel("webchat")
    fakes = {"telegram": groups_channel, "webchat": guests_channel}
    channels = cast(Mapping[str, Channel], fakes)
    groups = Groups(channels, services.threads)
    boards = Boards(services, groups)
    people = HumanDesk(services, channels, groups)
    notifier = Notifier(services, channels, groups, boards)

    async def elsewhere(delivery, order):
        return Skipped("carried out elsewhere")

    outbox.handle(
        {
            "guest": notifier.guest,
            "outlet": notifier.outlet,
            "admin": notifier.admin,
            "provider": elsewhere,
            "stock": elsewhere,
            "record": elsewhere,
        }
    )
    audit = AuditService(store=AuditStore(mongo), clock=clock)
    desk = KitchenDesk(services, groups, boards, people, audit)
    yield Evening(services, clock, groups_channel, guests_channel, desk, people, boards, notifier, audit, fakes)
    await outbox.close()


def _menu() -> MenuFile:
    outlets: tuple[Outlet, ...] = (
        an_evening_outlet(),
        an_evening_outlet(id=INDIRA, name="Tiffin, Indiranagar", groups=(INDIRA_GROUP,), position=1),
    )
    dishes: list[tuple[str, dict[str, Any]]] = [
        ("paneer-tikka", {"aliases": ("panir tikka",)}),
        ("paneer-butter-masala", {}),
        ("garlic-naan", {}),
        ("butter-naan", {}),
        ("filter-coffee", {"category": "drinks"}),
    ]
    items = tuple(an_item(code, outlet=outlet.id, **changes) for outlet in outlets for code, changes in dishes)
    said = {str(outlet.id): frozenset({"groups"}) for outlet in outlets}
    return MenuFile(outlets=outlets, items=items, said=said)
