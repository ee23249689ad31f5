"""Two outlets, their owners and admins, and everybody else who would like to be one: on the real stores."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any

from bot.admin.admins import Admins
from bot.admin.desk import AdminDesk
from bot.admin.group_watch import GroupWatch
from bot.conversation.incoming import Content, Incoming, Start, Tap, Text
from bot.conversation.reply import Outgoing
from bot.kitchen.board import Boards
from bot.kitchen.groups import Groups
from core.audit.models import Act, Did
from core.audit.service import AuditService
from core.audit.store import AuditStore
from core.clock import FrozenClock
from core.connections import Connections
from core.ids import ChatKey, Handle, OutletId
from core.invites.service import InviteService
from core.invites.store import InviteStore
from core.menu.menu_changes import MenuFile
from core.menu.models import Variant
from core.money import Money
from core.orders.lookup import OrderLookup
from core.orders.lookup_store import OrderLookupStore
from core.orders.models import Order
from core.outlets.models import Outlet
from core.services import Services
from core.staff.models import Role
from tests.bot.kitchen.builders import GROUP, INDIRA, INDIRA_GROUP, MG_ROAD, an_evening_outlet, dinner
from tests.bot.kitchen.room import FakeChannel, Shown
from tests.core.menu.builders import an_item

BOT = "TiffinBot"
ADMINS = (900, 901)
NEW_GROUP = "telegram:-1009"
STAFF = {
    "Asha": ("telegram:11111", MG_ROAD, Role.KITCHEN),
    "Ravi": ("telegram:22222", MG_ROAD, Role.RIDER),
    "Meena": ("telegram:33333", MG_ROAD, Role.MANAGER),
    "Om": ("telegram:44444", MG_ROAD, Role.OWNER),
    "Dev": ("telegram:55555", INDIRA, Role.KITCHEN),
    "Uma": ("telegram:66666", INDIRA, Role.OWNER),
}
OTHERS = {"Anu": "telegram:900", "Bala": "telegram:901", "Guest": "telegram:77777", "Sly": "telegram:666000"}
_updates = count(1)
_checkouts = count(1)


@dataclass
class Office:
    services: Services
    clock: FrozenClock
    telegram: FakeChannel
    webchat: FakeChannel
    desk: AdminDesk
    watch: GroupWatch
    audit: AuditService
    invites: InviteService
    boards: Boards

    def person(self, name: str, *, chat: str = "", handle: str = "") -> "Person":
        """Somebody in their own chat with the bot, unless another chat is named."""
        handle = handle or (STAFF[name][0] if name in STAFF else OTHERS[name])
        return Person(self, name, Handle(handle), ChatKey(chat or handle))

    async def order(self, **changes: Any) -> Order:
        draft = dinner(f"chk_{next(_checkouts)}", now_ms=self.clock.ms(), **changes)
        order, _ = await self.services.orders.create(draft)
        return order

    def outlet(self, code: OutletId = MG_ROAD) -> Outlet:
        return self.services.outlets.require(code)

    def told(self, name: str) -> list[str]:
        """What was sent to somebody besides answers to them."""
        return self.telegram.texts(self.person(name).handle)

    def group(self, chat: str = GROUP) -> list[str]:
        return self.telegram.texts(chat)

    async def acts(self) -> list[Act]:
        """Everything that was done, oldest first."""
        return list(reversed(await self.audit.latest(200)))

    async def done(self) -> list[Did]:
        """What was done, by name: on a clock that stands still nothing is older than anything else."""
        return sorted(act.did for act in await self.acts())


@dataclass
class Person:
    office: Office
    name: str
    handle: Handle
    chat: ChatKey
    shown: list[Shown] = field(default_factory=list)

    async def does(
        self, content: Content, *, update: str = "", message: str = "", **extra: str
    ) -> tuple[Outgoing, ...] | None:
        """What the desk itself answers; None when it is not its business."""
        incoming = Incoming(
            channel=self.chat.partition(":")[0],
            handle=self.handle,
            chat=self.chat,
            update_id=update or f"u{next(_updates)}",
            content=content,
            sent_at=self.office.clock.now(),
            name=self.name,
            message=message,
            extra=extra,
        )
        return await self.office.desk.handle(incoming)

    async def reads(self, answer: tuple[Outgoing, ...] | None) -> Shown:
        """The one message that was answered, as it stands in a channel of its own."""
        assert answer is not None, "the desk took it for somebody else's matter"
        assert len(answer) == 1, [outgoing.text.plain for outgoing in answer]
        return Shown("answer", answer[0])

    async def says(self, text: str, **extra: str) -> Shown:
        return await self.reads(await self.does(Text(text), **extra))

    async def opens(self, payload: str) -> Shown:
        return await self.reads(await self.does(Start(payload)))

    async def taps(self, label: str, on: Shown, *, update: str = "") -> Shown:
        return await self.reads(await self.does(Tap(on.button(label).action), update=update))

    async def walks(self, on: Shown, *labels: str) -> Shown:
        for label in labels:
            on = await self.taps(label, on)
        return on

    async def is_unheard(self, content: Content | str, **extra: str) -> bool:
        """Whether the desk leaves it to guests and kitchen."""
        return await self.does(Text(content) if isinstance(content, str) else content, **extra) is None


def an_office(
    services: Services,
    connections: Connections,
    clock: FrozenClock,
    *,
    bot: str = BOT,
    telegram: FakeChannel | None = None,
) -> Office:
    telegram, webchat = telegram or FakeChannel("telegram"), FakeChannel("webchat")
    channels: dict[str, Any] = {"telegram": telegram, "webchat": webchat}
    groups = Groups(channels, services.threads)
    boards = Boards(services, groups)
    audit = AuditService(store=AuditStore(connections.mongo), clock=clock)
    invites = InviteService(store=InviteStore(connections.mongo), audit=audit, clock=clock)
    lookup = OrderLookup(store=OrderLookupStore(connections.mongo), clock=clock)
    admins = Admins(services, channels)
    desk = AdminDesk(
        services,
        audit=audit,
        invites=invites,
        lookup=lookup,
        admins=admins,
        boards=boards,
        groups=groups,
        username=lambda: bot,
    )
    watch = GroupWatch(services, audit=audit, admins=admins, boards=boards, groups=groups)
    return Office(services, clock, telegram, webchat, desk, watch, audit, invites, boards)


async def furnish(services: Services) -> None:
    """MG Road and Indiranagar with a group, a menu and people each."""
    await services.menu.import_file(_menu())
    for name, (handle, outlet, role) in STAFF.items():
        await services.staff.add(Handle(handle), outlet, role, name=name)


def _menu() -> MenuFile:
    outlets = (
        an_evening_outlet(),
        an_evening_outlet(id=INDIRA, name="Tiffin, Indiranagar", groups=(INDIRA_GROUP,), position=1),
    )
    sizes = (Variant(code="half", name="Half", price=Money.rupees(180)),
             Variant(code="full", name="Full", price=Money.rupees(320)))  # fmt: skip
    items = [
        an_item("paneer-tikka", outlet=MG_ROAD, variants=sizes),
        an_item("garlic-naan", outlet=MG_ROAD, variants=(Variant(code="one", price=Money.rupees(90)),)),
        an_item("butter-naan", outlet=MG_ROAD),
        an_item("filter-coffee", outlet=MG_ROAD, category="drinks"),
        an_item("filter-coffee", outlet=INDIRA, category="drinks"),
        an_item("masala-dosa", outlet=INDIRA, variants=(Variant(code="one", price=Money.rupees(110)),)),
    ]
    said: dict[str, frozenset[str]] = {outlet.id: frozenset({"groups"}) for outlet in outlets}
    return MenuFile(outlets=outlets, items=tuple(items), said=said)
