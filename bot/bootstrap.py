"""The composition root: the one file that picks classes, and the running Tiffin it makes of them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from bot.admin.admins import Admins
from bot.admin.commands import descriptions
from bot.admin.desk import AdminDesk
from bot.admin.group_watch import GroupWatch
from bot.channels.base import Channel
from bot.channels.webchat.channel import WebchatChannel
from bot.conversation.engine import Engine
from bot.conversation.listener import Listener
from bot.conversation.states import State
from bot.jobs import Job, Jobs
from bot.kitchen.board import Boards
from bot.kitchen.desk import KitchenDesk
from bot.kitchen.groups import Groups
from bot.kitchen.human import HumanDesk
from bot.notifier import Notifier
from bot.router import Router
from bot.screens.all import guest_screens
from bot.screens.help import HumanScreen
from bot.screens.wish import Wishes
from core.audit.service import AuditService
from core.audit.store import AuditStore
from core.clock import Clock, SystemClock
from core.connections import Connections, open_connections
from core.embedded import embedded_stores
from core.invites.service import InviteService
from core.invites.store import InviteStore
from core.leases.store import LeaseStore
from core.limits.pause import chat_pauses
from core.mailbox.store import MailboxStore
from core.orders.lookup import OrderLookup
from core.orders.lookup_store import OrderLookupStore
from core.payments.practice.bank import PracticeBank
from core.services import Services, build_services
from core.settings import Settings
from core.sms.console import ConsoleSms

if TYPE_CHECKING:
    from bot.channels.telegram.account import TelegramAccount
    from bot.channels.telegram.events import GroupEvent
    from bot.channels.telegram.setup import AdminCommands
    from bot.channels.whatsapp.account import WhatsAppAccount

PATIENCE = timedelta(milliseconds=100)
LOOK_AT_WEBHOOK = timedelta(minutes=5)
LINKS_EXPIRE = timedelta(seconds=15)
SWEEP_WHATSAPP = timedelta(minutes=2)
FORGET_THREADS_AFTER = timedelta(days=90)
LOOK_FOR_MORNINGS = timedelta(minutes=10)  # a day is closed at five in the outlet's morning
LOOK_FOR_SWEEPS = timedelta(minutes=5)  # a sweep is due once a day: so soon after a long night it is made up for


@dataclass(frozen=True, slots=True)
class Runtime:
    """A running Tiffin. `sms` and `bank` are there where messages and payments are played on this machine."""

    settings: Settings
    services: Services
    connections: Connections
    mailbox: MailboxStore
    router: Router
    channels: Mapping[str, Channel]
    notifier: Notifier
    jobs: Jobs
    sms: ConsoleSms | None
    bank: PracticeBank | None
    telegram: "TelegramAccount | None" = None
    whatsapp: "WhatsAppAccount | None" = None


@asynccontextmanager
async def open_runtime(
    settings: Settings, *, clock: Clock | None = None, connections: Connections | None = None
) -> AsyncIterator[Runtime]:
    """A Tiffin that answers; its jobs begin with `runtime.jobs.start()`, and stop before it is closed.

    Stores without an address are started and, last of all, stopped; `connections` are used as they are and left open.
    Raises SettingsError and StoreError when it cannot start.
    """
    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        if connections is None:
            settings = await stack.enter_async_context(embedded_stores(settings, clock=clock))
            connections = await open_connections(settings)
            stack.push_async_callback(connections.close)
        services = await build_services(settings, connections, clock)
        last = await stack.enter_async_context(AsyncExitStack())  # what inbox and outbox still send through as they end
        stack.push_async_callback(services.sms.close)
        stack.push_async_callback(services.payments.close)
        if services.bank is not None:
            stack.push_async_callback(services.bank.close)
        stack.push_async_callback(services.outbox.close)
        stack.push_async_callback(services.inbox.close)
        stack.push_async_callback(services.alerts.close)
        runtime = _runtime(settings, services, connections, clock)
        if runtime.whatsapp is not None:
            last.push_async_callback(runtime.whatsapp.close)
        if runtime.telegram is not None:
            await stack.enter_async_context(runtime.telegram.open())
        yield runtime


def _runtime(settings: Settings, services: Services, connections: Connections, clock: Clock) -> Runtime:
    mailbox = MailboxStore(connections.redis)
    channels: dict[str, Channel] = {WebchatChannel.name: WebchatChannel(mailbox)}
    telegram = _telegram(settings, connections, clock)
    if telegram is not None:
        channels[telegram.channel.name] = telegram.channel
    whatsapp = _whatsapp(settings, services, connections)
    if whatsapp is not None:
        channels[whatsapp.channel.name] = whatsapp.channel
    groups = Groups(channels, services.threads)
    boards = Boards(services, groups)
    people = HumanDesk(services, channels, groups)
    notifier = Notifier(services, channels, groups, boards)
    services.outbox.handle({"guest": notifier.guest, "outlet": notifier.outlet, "admin": notifier.admin})
    services.alerts.handle(notifier.house)
    audit = AuditService(store=AuditStore(connections.mongo), clock=clock)
    admins = Admins(services, channels)
    desk = AdminDesk(
        services,
        audit=audit,
        invites=InviteService(store=InviteStore(connections.mongo), audit=audit, clock=clock),
        lookup=OrderLookup(store=OrderLookupStore(connections.mongo), clock=clock),
        admins=admins,
        boards=boards,
        groups=groups,
        username=lambda: telegram.username if telegram is not None else "",
    )
    ticking = [
        *_jobs(services, boards),
        Job("refunds", timedelta(minutes=1), desk.refunds_due),
        Job("daybook", LOOK_FOR_MORNINGS, desk.close_days),
    ]
    if telegram is not None:
        ticking.append(Job("webhook", LOOK_AT_WEBHOOK, telegram.check))
        ticking.append(Job("admin-commands", timedelta(minutes=10), telegram.present_to_admins))
    if whatsapp is not None:
        ticking.append(Job("whatsapp-sweep", SWEEP_WHATSAPP, whatsapp.sweep.run))
        ticking.append(Job("whatsapp-forget", timedelta(hours=6), whatsapp.messages.sweep))
    jobs = Jobs(ticking, LeaseStore(connections.mongo, clock))
    services.orders.wake = services.inbox.wake = jobs.nudge
    if services.bank is not None:
        services.bank.courier.wake = jobs.nudge
    router = Router(
        outlets=services.outlets,
        guests=guest_engine(services, channels, people),
        kitchen=KitchenDesk(services, groups, boards, people, audit),
        admin=desk,
        pauses=chat_pauses(connections, most=settings.flood_events),
    )
    if telegram is not None:
        watch = GroupWatch(services, audit=audit, admins=admins, boards=boards, groups=groups)
        telegram.serve(router.handle, partial(_in_a_group, watch), _admin_commands(admins), flooded=router.flooded)
    if whatsapp is not None:
        whatsapp.serve(router.handle, lambda chat: router.outlet_of(chat) is not None)
    return Runtime(
        settings=settings,
        services=services,
        connections=connections,
        mailbox=mailbox,
        router=router,
        channels=channels,
        notifier=notifier,
        jobs=jobs,
        sms=services.console,
        bank=services.bank,
        telegram=telegram,
        whatsapp=whatsapp,
    )


def _telegram(settings: Settings, connections: Connections, clock: Clock) -> "TelegramAccount | None":
    """Telegram, where a bot is set up. Its library is loaded for those who use it."""
    if settings.telegram_bot_token is None:
        return None
    from bot.channels.telegram.account import TelegramAccount

    return TelegramAccount(settings, connections, clock)


def _admin_commands(admins: Admins) -> "AdminCommands":
    from bot.channels.telegram.setup import AdminCommands

    return AdminCommands(admins.telegram_numbers, descriptions)


def _whatsapp(settings: Settings, services: Services, connections: Connections) -> "WhatsAppAccount | None":
    """WhatsApp, where a number is set up."""
    if settings.twilio_whatsapp_number is None:
        return None
    from bot.channels.whatsapp.account import WhatsAppAccount

    return WhatsAppAccount(settings, services, connections)


async def _in_a_group(watch: GroupWatch, event: "GroupEvent") -> None:
    from bot.channels.telegram.events import BotAdded, BotRemoved, GroupMigrated, MembersJoined

    match event:
        case GroupMigrated(old=old, new=new):
            await watch.on_group_migrated(old, new)
        case MembersJoined(chat=chat, people=people):
            await watch.on_members_joined(chat, [name for _, name in people])
        case BotRemoved(chat=chat):
            await watch.on_group_left(chat)
        case BotAdded(chat=chat):
            await watch.on_group_back(chat)


def guest_engine(services: Services, channels: Mapping[str, Channel], people: HumanDesk) -> Engine:
    """What guests talk to. A second one on the same stores is a second replica."""
    screens = guest_screens(people)
    human = screens.showing(State.HUMAN)
    assert isinstance(human, HumanScreen)
    capabilities = {name: channel.capabilities for name, channel in channels.items()}
    return Engine(services, screens, capabilities, Listener(screens, human, Wishes()))


def _jobs(services: Services, boards: Boards) -> list[Job]:
    """In the order in which news passes through: in, copied to `deliveries`, out.

    Slow lanes are left at work rather than waited for: somebody else's news may have come meanwhile.
    """

    async def sweep() -> None:
        before_ms = services.clock.ms() - FORGET_THREADS_AFTER // timedelta(milliseconds=1)
        await services.inbox.sweep()
        await services.outbox.sweep()
        await services.threads.forget_before(before_ms)
        await services.alerts.sweep()
        if services.bank is not None:
            await services.bank.courier.sweep()

    return [
        *(_practice_jobs(services.bank) if services.bank is not None else ()),
        Job("inbox", timedelta(seconds=1), partial(services.inbox.inbox_once, PATIENCE), nudged=True),
        Job("relay", timedelta(seconds=2), services.outbox.relay_once, nudged=True),
        Job("dispatch", timedelta(seconds=1), partial(services.outbox.dispatch_once, PATIENCE), nudged=True),
        Job("menu", timedelta(seconds=1), services.menu.refresh, alone=False),
        Job("expiry", timedelta(seconds=15), services.payments.expire_due),
        Job("reconcile", timedelta(seconds=15), services.payments.reconcile_due),
        Job("payments", LOOK_FOR_SWEEPS, services.payments.sweep_due),
        Job("ladder", timedelta(seconds=15), services.orders.accept_ladder_due),
        Job("alerts", timedelta(seconds=5), partial(services.alerts.send_once, PATIENCE)),
        Job("boards", timedelta(minutes=1), boards.refresh_all),
        Job("sweep", timedelta(hours=6), sweep),
    ]


def _practice_jobs(bank: PracticeBank) -> list[Job]:
    """What a Razorpay does by itself, where it is played: bring its news, end links whose time is over."""
    return [
        Job("courier", timedelta(seconds=1), partial(bank.courier.bring_once, PATIENCE), nudged=True),
        Job("bank", LINKS_EXPIRE, bank.tick),
    ]
