"""Tiffin itself, as `tiffin run` starts it in production, with people at its menu."""

import asyncio
import hmac
import json
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b, sha256
from pathlib import Path

import aiohttp
from pydantic import SecretStr

from bot.channels.telegram.markup import mark_of
from bot.conversation.session import Session
from bot.conversation.states import State
from bot.screens.pay import Pay
from bot.screens.taps import AddOne, OpenCart, OpenCategory, OpenItem
from core.cart.lines import canonical
from core.cart.models import CartLine
from core.cart.store import CART_TTL_MS, CartStore
from core.checkout.models import Plan
from core.clock import SystemClock
from core.connections import Connections, open_connections
from core.customers.models import Proof
from core.embedded import embedded_stores
from core.ids import ChatKey, CustomerId, Handle, Phone
from core.menu.menu_file import read_menu
from core.menu.models import MenuItem
from core.menu.store import MenuStore
from core.outlets.models import Fulfilment, PayMethod
from core.services import Services, build_services
from core.settings import PaymentProviderName, Settings, SmsProvider, TelegramMode
from core.whatsapp.store import MESSAGES
from tests.bench import whatsapp
from tests.bench.load import post
from tests.bench.machine import pinned
from tests.bench.telegram import BASE, SECRET, TOKEN, Updates

MENU = Path(__file__).parents[2] / "menus" / "tiffin.yaml"
PEOPLE = 512
BUYERS = range(90_000, 90_400)  # people with a phone, who place orders
WEB_PEOPLE = 384  # so that none of them is faster than a person
WHATSAPP_PEOPLE = range(80_000, 80_128)
RAZORPAY_SECRET = "bench-razorpay-webhook-7f2c9b41"
TELEGRAM_HEADER = f"X-Telegram-Bot-Api-Secret-Token: {SECRET}\r\n"
START_PATIENCE_S = 30.0


def settings_for(folder: Path, api: int) -> Settings:
    base = f"http://127.0.0.1:{api}"
    return Settings(
        tiffin_data=folder,
        mongodb_db="bench",
        jwt_secret=SecretStr("bench-signs-with-this-9f2c4b7e1d8a6053"),
        otp_secret=SecretStr("bench-hashes-with-this-4e8d1a5c7b3f9260"),
        public_url=whatsapp.PUBLIC_URL,
        telegram_bot_token=SecretStr(TOKEN),
        telegram_api_url=base,
        telegram_mode=TelegramMode.WEBHOOK,
        telegram_webhook_secret=SecretStr(SECRET),
        sms_providers=(SmsProvider.MSG91,),
        msg91_auth_key=SecretStr("bench-auth-key"),
        msg91_template_id="bench-template",
        msg91_api_url=base,
        twilio_account_sid=whatsapp.ACCOUNT_SID,
        twilio_auth_token=SecretStr(whatsapp.AUTH_TOKEN),
        twilio_whatsapp_number=whatsapp.SENDER,
        twilio_api_url=base,
        payment_provider=PaymentProviderName.RAZORPAY,
        razorpay_key_id="rzp_live_bench",
        razorpay_key_secret=SecretStr("bench-razorpay-key-5d1e"),
        razorpay_webhook_secret=(SecretStr(RAZORPAY_SECRET),),
        razorpay_api_url=base,
        flood_events=0,  # one person of the bench taps faster than any hand
    )


def environment(settings: Settings, port: int) -> dict[str, str]:
    """The settings as `tiffin run` reads them."""
    values = {"HOST": "127.0.0.1", "PORT": str(port), "PYTHONPATH": os.pathsep.join(sys.path)}
    for name in settings.model_fields_set - {"redis_embedded", "mongodb_embedded"}:
        value = getattr(settings, name)
        for one in value if isinstance(value, tuple) else (value,):
            said = one.get_secret_value() if isinstance(one, SecretStr) else str(one)
            values[name.upper()] = said
    return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | values


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def running(command: Sequence[str], log: Path, core: int, env: Mapping[str, str] | None = None):
    """A process of the measurement, ended with it."""
    with open(log, "ab") as out:
        process = subprocess.Popen(
            [sys.executable, *command], stdout=out, stderr=out, env=env, preexec_fn=pinned(core), cwd=log.parent
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


async def answers(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until the port takes connections. Raises RuntimeError with the log's end when the process dies or takes long."""
    until = asyncio.get_running_loop().time() + START_PATIENCE_S
    while asyncio.get_running_loop().time() < until and process.poll() is None:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.02)
            continue
        writer.close()
        return
    raise RuntimeError(f"{log.name} did not come up:\n{log.read_text(errors='replace')[-2000:]}")


RUN = ("-c", "from bot.cli import main; main(['run'])")


@dataclass
class Product:
    """The stores, the restaurant in them, and the people at its menu. Processes are started by `process`."""

    settings: Settings
    connections: Connections
    services: Services
    folder: Path
    updates: Updates
    simple: MenuItem
    customers: dict[int, CustomerId] = field(default_factory=dict)
    screens: dict[int, str] = field(default_factory=dict)
    sessions: dict[int, str] = field(default_factory=dict)
    cart: str = ""
    pay: str = ""
    _events: int = 0

    @asynccontextmanager
    async def process(self, name: str, core: int) -> AsyncIterator[tuple[int, int]]:
        """`tiffin run`; its port and its pid."""
        port, log = free_port(), self.folder / f"{name}.log"
        with running(RUN, log, core, environment(self.settings, port)) as process:
            await answers(port, process, log)
            yield port, process.pid

    # ---- people

    async def seat(self, people: Sequence[int], *, buyers: Sequence[int] = ()) -> None:
        """Sit people down at a page of the menu, their last message showing it."""
        for person in (*people, *buyers):
            handle = Handle(f"telegram:{BASE + person}")
            customer = await self.services.customers.identify(handle, "telegram", "en")
            if person in buyers:
                phone = Phone(f"+9198{person:08d}")
                customer = await self.services.customers.prove_phone(customer.id, handle, phone, Proof.OTP)
            self.customers[person] = customer.id
            await self._session(person, phone=customer.phone)
        if not self.cart:
            await self._price(self.customers[(*buyers, *people)[0]])

    async def seat_on_whatsapp(self, people: Sequence[int]) -> None:
        """As `seat`, in the other chat, whose sender's number is proof enough."""
        for person in people:
            handle = Handle(f"whatsapp:{whatsapp.number(person)}")
            customer = await self.services.customers.identify(handle, "whatsapp", "en")
            phone = Phone(whatsapp.number(person))
            self.customers[person] = (
                await self.services.customers.prove_phone(customer.id, handle, phone, Proof.WHATSAPP_SENDER)
            ).id
            await self._session(person, phone=phone, chat=ChatKey(handle))

    async def _session(
        self, person: int, *, phone: str = "", state: State = State.CATEGORY, chat: ChatKey | None = None
    ) -> None:
        chat, outlet = chat or ChatKey(f"telegram:{BASE + person}"), self.simple.outlet
        self.screens[person] = "seated-0"
        session = Session(
            customer=self.customers[person],
            state=state,
            data={"category": self.simple.category, "page": 0} if state is State.CATEGORY else {},
            screen="seated-0",
            menu_first=True,
            phone=phone,
            outlet=outlet,
            fulfilment=Fulfilment.TAKEAWAY,
        )
        conversations = self.services.conversations
        await conversations.forget(chat)
        await conversations.end(
            chat, "0", "seated", version=0, state=session.model_dump_json(exclude_defaults=True), answer="[]"
        )

    async def seat_at_phone(self, person: int) -> None:
        """Somebody who is asked for a phone number."""
        handle = Handle(f"telegram:{BASE + person}")
        self.customers[person] = (await self.services.customers.identify(handle, "telegram", "en")).id
        await self._session(person, state=State.PHONE)

    async def seat_crowd(self, people: Sequence[int]) -> None:
        """As `seat`, for many at once: a session each, and a cart of five lines nobody will ask MongoDB about."""
        dishes = [item for item in self.services.menu.snapshot(self.simple.outlet).items.values() if item.simple][:5]
        lines = [[f"{n:012x}", 2, item.id, item.variants[0].code, "", ""] for n, item in enumerate(dishes)]
        cart = json.dumps({"v": 1, "l": lines}, separators=(",", ":"))
        for at in range(0, len(people), 1000):
            async with self.connections.redis.pipeline(transaction=False) as pipeline:
                for person in people[at : at + 1000]:
                    customer = CustomerId(f"cus_crowd{person}")
                    self.screens[person] = "seated-0"
                    session = Session(
                        customer=customer,
                        state=State.CATEGORY,
                        data={"category": self.simple.category, "page": 0},
                        screen="seated-0",
                        menu_first=True,
                        outlet=self.simple.outlet,
                        fulfilment=Fulfilment.TAKEAWAY,
                    ).model_dump_json(exclude_defaults=True)
                    key = self.services.conversations.keys(ChatKey(f"telegram:{BASE + person}"))[0]
                    pipeline.hset(key, mapping={"v": 1, "s": session, "t": "seated"})
                    pipeline.pexpire(key, CART_TTL_MS)
                    pipeline.set(CartStore.key(customer), cart, px=CART_TTL_MS)
                await pipeline.execute()

    async def _price(self, customer: CustomerId) -> None:
        """What everybody has in the cart, and the button that pays for it."""
        line = canonical(CartLine(item=self.simple.id, variant=self.simple.variants[0].code, qty=2), self.simple)
        await self.services.cart.add(customer, line, "seated")
        self.cart = str(await self.connections.redis.get(CartStore.key(customer)))
        guest = await self.services.customers.require(customer)
        quote = await self.services.checkout.quote(guest, Plan(fulfilment=Fulfilment.TAKEAWAY))
        self.pay = Pay(method=PayMethod.CASH, version=quote.cart_version, total=quote.bill.total.paise).pack()

    async def lay(self, people: Sequence[int]) -> None:
        """The same two dishes in everybody's cart."""
        async with self.connections.redis.pipeline(transaction=False) as pipeline:
            for person in people:
                pipeline.set(CartStore.key(self.customers[person]), self.cart, px=CART_TTL_MS)
            await pipeline.execute()

    async def sweep(self) -> None:
        """Orders made so far, and the news of them, are gone."""
        for collection in ("orders", "deliveries", "inbox", MESSAGES):
            await self.connections.mongo[collection].delete_many({})

    # ---- what they do

    def tap(self, person: int, action: str) -> bytes:
        """The tap of a button under the last message, which carries that message's mark."""
        body = self.updates.tap(person, f"{action}~{mark_of(self.screens[person])}")
        update = f"telegram:{BASE + person}#{self.updates.last}"
        self.screens[person] = f"{blake2b(update.encode(), digest_size=6).hexdigest()}-0"
        return post("/webhooks/telegram", body, TELEGRAM_HEADER)

    def browse(self, person: int) -> bytes:
        return self.tap(person, OpenCategory(category=self.simple.category).pack())

    def open_item(self, person: int) -> bytes:
        return self.tap(person, OpenItem(item=self.simple.id).pack())

    def add(self, person: int) -> bytes:
        return self.tap(person, AddOne(item=self.simple.id).pack())

    def see_cart(self, person: int) -> bytes:
        return self.tap(person, OpenCart().pack())

    def place(self, person: int) -> bytes:
        return self.tap(person, self.pay)

    def says(self, person: int, text: str) -> bytes:
        return post("/webhooks/telegram", self.updates.message(person, text), TELEGRAM_HEADER)

    def web_browse(self, person: int) -> bytes:
        self._events += 1
        action = OpenCategory(category=self.simple.category).pack()
        event = json.dumps({"id": f"bench{self._events}", "type": "tap", "action": action}).encode()
        return post(f"/chat/{self.sessions[person]}/events", event)

    def whatsapp_browse(self, person: int) -> bytes:
        self._events += 1
        return whatsapp.tapped(f"SM{self._events:032x}", person, OpenCategory(category=self.simple.category).pack())

    def razorpay(self, person: int) -> bytes:
        """News that concerns no order: checked, stored, acknowledged."""
        self._events += 1
        event = {"entity": "event", "event": "settlement.processed", "contains": [], "payload": {}, "n": self._events}
        body = json.dumps(event).encode()
        signature = hmac.new(RAZORPAY_SECRET.encode(), body, sha256).hexdigest()
        headers = f"X-Razorpay-Signature: {signature}\r\nx-razorpay-event-id: evtbench{self._events}\r\n"
        return post("/webhooks/razorpay", body, headers)

    async def seat_browsers(self, port: int) -> None:
        """Guests of the web chat walk to the menu themselves."""
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http:

            async def walk(person: int) -> None:
                async with http.post("/chat") as begun:
                    session = self.sessions[person] = (await begun.json())["session"]
                event: dict[str, str] = {"type": "start", "payload": ""}
                for step, label in enumerate(("Order food", "Menu first", self._outlet_name, "Takeaway", "")):
                    async with http.post(f"/chat/{session}/events", json={"id": f"walk{step}", **event}) as answer:
                        replies = (await answer.json())["replies"]
                    buttons = [button for reply in replies for row in reply["buttons"] for button in row]
                    chosen = next((b for b in buttons if label and label in b["label"]), None)
                    if chosen is not None:
                        event = {"type": "tap", "action": chosen["action"]}

            for at in range(0, WEB_PEOPLE, 32):
                await asyncio.gather(*(walk(person) for person in range(at, at + 32)))

    @property
    def _outlet_name(self) -> str:
        return self.services.outlets.require(self.simple.outlet).name.split(", ")[-1]


@asynccontextmanager
async def open_product(folder: Path, api: int) -> AsyncIterator[Product]:
    """Embedded stores with the menu of the demo, always open."""
    async with AsyncExitStack() as stack:
        settings = await stack.enter_async_context(embedded_stores(settings_for(folder, api)))
        connections = await open_connections(settings)
        stack.push_async_callback(connections.close)
        services = await build_services(settings, connections, SystemClock())
        await services.menu.import_file(await asyncio.to_thread(read_menu, MENU, always_open=True))
        menu = services.menu.snapshot(services.outlets.all()[0].id)
        found = next(item for item in menu.items.values() if item.simple)
        # Without its picture: sending one costs Telegram far more than us, and is not what is measured.
        simple = found.model_copy(update={"image": "", "v": found.v + 1})
        assert await MenuStore(connections.mongo).replace(simple)
        yield Product(settings, connections, services, folder, Updates(), simple)
