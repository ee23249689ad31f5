"""Everything behind the counter, wired on the real store: orders, outbox, inbox, payments, a practice provider.

What would reach guests and cooks is written down instead of sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from core.clock import FrozenClock
from core.connections import Database, ensure_indexes
from core.ids import ChatKey, LinkId, OrderId, OutletId
from core.inbox.service import InboxService
from core.inbox.store import INDEXES as INBOX_INDEXES
from core.inbox.store import InboxStore
from core.invoices.service import InvoiceService
from core.invoices.store import INDEXES as INVOICE_INDEXES
from core.invoices.store import InvoiceStore
from core.monitoring.alerts.service import AlertService
from core.monitoring.alerts.store import INDEXES as ALERT_INDEXES
from core.monitoring.alerts.store import AlertStore
from core.orders.models import Order
from core.orders.outgoing import DeliveryKind
from core.orders.service import OrderService
from core.orders.store import INDEXES as ORDER_INDEXES
from core.orders.store import OrderStore
from core.outbox.models import Delivery, DeliveryResult, Sent
from core.outbox.phone import OutletPhone
from core.outbox.service import OutboxService
from core.outbox.stock import StockKeeper
from core.outbox.store import INDEXES as OUTBOX_INDEXES
from core.outbox.store import DeliveryStore
from core.outlets.models import Fulfilment, Hours, Outlet, PayMethod, TaxClass
from core.payments.practice.store import INDEXES as PRACTICE_INDEXES
from core.payments.provider import PaymentProvider
from core.payments.service import PaymentService
from core.payments.store import INDEXES as PAYMENT_INDEXES
from core.payments.store import BindingStore, OrphanStore, SweepStore
from core.sms.console import ConsoleSms
from tests.core.orders.bank import Bank
from tests.core.orders.builders import MG_ROAD

GROUP = ChatKey("telegram:-100")


class Stove:
    """A kitchen that can be closed, and counts what was put back on the shelf."""

    def __init__(self) -> None:
        self.open = True
        self.returned: list[OrderId] = []
        self.taken: list[OrderId] = []

    async def can_cook(self, order: Order) -> bool:
        return self.open

    async def return_stock(self, order: Order) -> None:
        self.returned.append(order.id)

    async def take_stock(self, order: Order) -> None:
        self.taken.append(order.id)


class Directory:
    def __init__(self, *groups: ChatKey) -> None:
        self.outlet = Outlet(
            id=MG_ROAD,
            name="Tiffin, MG Road",
            address="1",
            city="Bengaluru",
            phone="+918041234567",
            hours=(Hours(weekday=0, opens=0, closes=1440),),
            fulfilments=tuple(Fulfilment),
            taxes=(TaxClass(code="food", cgst_bp=250, sgst_bp=250),),
            methods=tuple(PayMethod),
            groups=groups,
        )

    def get(self, outlet: OutletId) -> Outlet | None:
        return self.outlet if outlet == self.outlet.id else None

    def require(self, outlet: OutletId) -> Outlet:
        assert outlet == self.outlet.id
        return self.outlet


@dataclass
class Ears:
    """Hears everything that goes out. `answers` says what comes of the next deliveries of a kind."""

    heard: list[Delivery] = field(default_factory=list)
    answers: dict[DeliveryKind, list[DeliveryResult | Exception]] = field(default_factory=dict)

    async def hear(self, delivery: Delivery, order: Order) -> DeliveryResult:
        planned = self.answers.get(delivery.kind)
        if planned:
            answer = planned.pop(0)
            if isinstance(answer, Exception):
                raise answer
            if not isinstance(answer, Sent):
                return answer
        self.heard.append(delivery)
        return Sent(f"msg-{len(self.heard)}")

    def kinds(self) -> list[str]:
        return [delivery.kind.value for delivery in self.heard]

    def count(self, kind: DeliveryKind) -> int:
        return self.kinds().count(kind)


class House:
    def __init__(self, mongo: Database, clock: FrozenClock, *, codes: Sequence[str] = ()) -> None:
        self.mongo = mongo
        self.clock = clock
        self.stove = Stove()
        self.ears = Ears()
        self.directory = Directory(GROUP)
        self.wakes = 0
        self.marks: list[tuple[str, str]] = []  # what was held against guests
        self.store = OrderStore(mongo, clock)
        self.alerts = AlertService(store=AlertStore(mongo, clock), clock=clock)
        self.inbox = InboxService(store=InboxStore(mongo, clock), clock=clock, jitter=lambda low, high: high)
        self.sandbox = Bank(mongo, clock, self.inbox)
        draw = iter(codes)
        self.orders = OrderService(
            store=self.store,
            kitchen=self.stove,
            clock=clock,
            provider="sandbox",
            wake=self._wake,
            **({"codes": lambda: next(draw)} if codes else {}),
        )
        self.sms = ConsoleSms(clock)
        self.invoices = InvoiceService(store=InvoiceStore(mongo), outlets=self.directory, clock=clock)
        self.use(self.sandbox)

    def use(self, provider: PaymentProvider) -> None:
        """Take payments through this provider from now on."""
        self.payments = PaymentService(
            providers={provider.name: provider},
            orders=self.orders,
            store=BindingStore(self.mongo),
            orphans=OrphanStore(self.mongo),
            sweeps=SweepStore(self.mongo),
            alerts=self.alerts,
            clock=self.clock,
        )
        self.inbox.handle(provider.name, self.payments.take_in)
        deliveries = DeliveryStore(self.mongo, self.clock)
        phone = OutletPhone(sender=self.sms, store=deliveries, outlets=self.directory, clock=self.clock)
        self.outbox = OutboxService(
            store=deliveries,
            orders=self.orders,
            outlets=self.directory,
            clock=self.clock,
        )
        self.outbox.handle(
            {
                "guest": self.ears.hear,
                "outlet": self.ears.hear,
                "admin": self.ears.hear,
                "stock": StockKeeper(self.stove).carry_out,
                "record": self._marked,
                "provider": self.payments.carry_out,
                "books": self.invoices.carry_out,
                "sms": phone.carry_out,
            }
        )

    async def _marked(self, delivery: Delivery, order: Order) -> DeliveryResult:
        self.marks.append((order.id, str(delivery.data["what"])))
        return Sent()

    async def open(self) -> "House":
        await ensure_indexes(
            self.mongo,
            [
                *ORDER_INDEXES,
                *OUTBOX_INDEXES,
                *INBOX_INDEXES,
                *PAYMENT_INDEXES,
                *ALERT_INDEXES,
                *PRACTICE_INDEXES,
                *INVOICE_INDEXES,
            ],
        )
        return self

    async def settle(self) -> None:
        """Everything that can happen at this moment happens."""
        for _ in range(20):
            done = await self.inbox.inbox_once(None)
            done += await self.outbox.relay_once()
            done += await self.outbox.dispatch_once(None)
            if not done:
                return
        raise AssertionError("it never comes to rest")

    async def all_jobs(self) -> None:
        """One round of what ticks."""
        await self.payments.expire_due()
        await self.payments.reconcile_due()
        await self.orders.accept_ladder_due()
        await self.settle()

    async def link_of(self, order: Order) -> LinkId:
        found = (await self.orders.require(order.id)).open_link
        assert found is not None
        return found.id

    def _wake(self) -> None:
        self.wakes += 1
