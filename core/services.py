"""The façade the outer rooms see: one object with every slice's service."""

from dataclasses import dataclass

from core.cart.service import CartService
from core.cart.store import CartStore
from core.checkout.service import CheckoutService
from core.clock import Clock
from core.connections import Connections, ensure_indexes
from core.conversations.store import ConversationStore
from core.customers.service import CustomerService
from core.customers.store import CustomerStore
from core.customers.tokens import Tokens
from core.daybook.service import DayBookService
from core.daybook.store import DayBookStore
from core.ids import Handle
from core.inbox.service import InboxService
from core.inbox.store import InboxStore
from core.indexes import all_indexes
from core.invoices.service import InvoiceService
from core.invoices.store import InvoiceStore
from core.links import Signer
from core.menu.service import MenuService
from core.menu.store import MenuStore
from core.monitoring.alerts.service import AlertService
from core.monitoring.alerts.store import AlertStore
from core.orders.kitchen import OutletKitchen
from core.orders.service import OrderService
from core.orders.store import OrderStore
from core.otp.budget import SmsBudget
from core.otp.limits import limits_for
from core.otp.service import OtpService
from core.otp.store import ClaimStore, CodeStore, SpentStore
from core.otp.watch import OtpWatch
from core.outbox.phone import OutletPhone
from core.outbox.record import RecordKeeper
from core.outbox.service import OutboxService
from core.outbox.stock import StockKeeper
from core.outbox.store import DeliveryStore
from core.outlets.service import OutletService
from core.outlets.store import OutletStore
from core.payments.factory import build_providers
from core.payments.practice.bank import PracticeBank
from core.payments.service import PaymentService
from core.payments.store import BindingStore, OrphanStore, SweepStore
from core.refunds.service import RefundService
from core.refunds.store import WishStore
from core.settings import PaymentProviderName, Settings
from core.sms.console import ConsoleSms
from core.sms.factory import Sms, build_sms
from core.staff.service import StaffService
from core.staff.store import StaffStore
from core.threads.service import ThreadService
from core.threads.store import ThreadStore


@dataclass(frozen=True, slots=True)
class Services:
    settings: Settings
    clock: Clock
    outlets: OutletService
    menu: MenuService
    customers: CustomerService
    tokens: Tokens
    otp: OtpService
    alerts: AlertService
    sms_budget: SmsBudget
    cart: CartService
    checkout: CheckoutService
    orders: OrderService
    payments: PaymentService
    invoices: InvoiceService
    refunds: RefundService
    daybooks: DayBookService
    inbox: InboxService
    outbox: OutboxService
    staff: StaffService
    threads: ThreadService
    conversations: ConversationStore
    links: Signer
    sms: Sms
    console: ConsoleSms | None = None  # where text messages are played on this machine
    bank: PracticeBank | None = None  # where payments are


async def build_services(settings: Settings, connections: Connections, clock: Clock) -> Services:
    """Wire every slice, make sure that every index stands, and read outlets and menus.

    What only the outer rooms can carry out (words to guests, outlets and owners) they add with `outbox.handle`.
    Raises StoreError naming an index that cannot be built: without its unique ones an order could be placed twice.
    """
    mongo, redis = connections.mongo, connections.redis
    sms = build_sms(settings, mongo, clock, sender_id=settings.sms_sender_id)
    inbox = InboxService(store=InboxStore(mongo, clock), clock=clock)
    alerts = AlertService(store=AlertStore(mongo, clock), clock=clock)
    providers = build_providers(settings, Signer(settings, clock), clock)
    practice = settings.payment_provider is PaymentProviderName.SANDBOX
    await ensure_indexes(mongo, all_indexes())
    order_store = OrderStore(mongo, clock)
    if not settings.mongodb_embedded:  # the embedded server takes validators and ignores them
        await order_store.install_validator()

    outlets = OutletService(store=OutletStore(mongo), clock=clock, redis=redis)
    menu = MenuService(store=MenuStore(mongo), outlets=outlets, clock=clock)
    kitchen = OutletKitchen(outlets=outlets, menu=menu, clock=clock)
    provider = settings.payment_provider.value
    orders = OrderService(store=order_store, kitchen=kitchen, clock=clock, provider=provider)
    cart = CartService(store=CartStore(redis, clock), menu=menu, orders=orders, clock=clock)
    payments = PaymentService(
        providers=providers,
        orders=orders,
        store=BindingStore(mongo),
        orphans=OrphanStore(mongo),
        sweeps=SweepStore(mongo),
        alerts=alerts,
        clock=clock,
    )
    for name in providers:
        inbox.handle(name, payments.take_in)
    deliveries = DeliveryStore(mongo, clock)
    outbox = OutboxService(store=deliveries, orders=orders, outlets=outlets, clock=clock)
    phone = OutletPhone(
        sender=sms.sender,
        store=deliveries,
        outlets=outlets,
        clock=clock,
        template=settings.sms_dlt_outlet_template_id,
    )
    invoices = InvoiceService(store=InvoiceStore(mongo), outlets=outlets, clock=clock)
    customers = CustomerService(store=CustomerStore(mongo), clock=clock)
    outbox.handle(
        {
            "provider": payments.carry_out,
            "stock": StockKeeper(kitchen).carry_out,
            "books": invoices.carry_out,
            "sms": phone.carry_out,
            "record": RecordKeeper(customers).carry_out,
        }
    )
    limits = limits_for(settings.sms_daily_budget)
    sms_budget = SmsBudget(store=SpentStore(mongo), alerts=alerts, clock=clock, most=settings.sms_daily_budget)
    otp = OtpService(
        codes=CodeStore(redis, limits),
        claims=ClaimStore(mongo, clock),
        sms=sms.sender,
        settings=settings,
        clock=clock,
        budget=sms_budget,
        watch=OtpWatch(alerts=alerts, clock=clock, limits=limits),
    )
    await menu.load()
    return Services(
        settings=settings,
        clock=clock,
        outlets=outlets,
        menu=menu,
        customers=customers,
        tokens=Tokens(settings, clock),
        otp=otp,
        alerts=alerts,
        sms_budget=sms_budget,
        cart=cart,
        checkout=CheckoutService(cart=cart, menu=menu, outlets=outlets, orders=orders, clock=clock),
        orders=orders,
        payments=payments,
        invoices=invoices,
        daybooks=DayBookService(
            store=DayBookStore(mongo), orders=orders, payments=payments, outlets=outlets, clock=clock
        ),
        refunds=RefundService(store=WishStore(mongo), orders=orders, outlets=outlets, clock=clock),
        inbox=inbox,
        outbox=outbox,
        staff=StaffService(store=StaffStore(mongo), clock=clock, owners=_owners(settings)),
        threads=ThreadService(store=ThreadStore(mongo), clock=clock),
        conversations=ConversationStore(redis),
        links=Signer(settings, clock),
        sms=sms,
        console=sms.console,
        bank=PracticeBank(settings, mongo, clock) if practice else None,
    )


def _owners(settings: Settings) -> list[Handle]:
    return [Handle(f"telegram:{admin}") for admin in settings.admin_telegram_ids]
