"""What is measured without a chat around it: one process, the product's own services, the run's own stores.

python -m tests.bench.inside WHAT ROUNDS      with the stores in REDIS_URL and MONGODB_URL; prints one line of JSON
"""

import asyncio
import json
import re
import secrets
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from itertools import count
from typing import Any, cast

from bot.bootstrap import Runtime, open_runtime
from bot.conversation.incoming import Incoming, Tap
from bot.conversation.session import Session
from bot.conversation.states import State
from bot.screens.taps import OpenCategory
from core.cart.lines import canonical
from core.cart.models import CartLine
from core.cart.store import CART_TTL_MS, CartStore, Change
from core.checkout.models import Plan
from core.clock import SystemClock
from core.connections import open_connections
from core.customers.models import Customer, Proof
from core.ids import ChatKey, CustomerId, Handle, MenuItemId, OutletId, Phone, new_id
from core.menu.menu_file import read_menu
from core.menu.models import MenuItem
from core.menu.snapshot import MenuSnapshot
from core.menu.spelling import fold, plain
from core.menu.store import MenuStore
from core.orders.models import Order
from core.outlets.models import Category, Fulfilment, PayMethod
from core.settings import load_settings
from core.sms.provider import SmsReceipt
from tests.bench.product import MENU
from tests.bench.typed import typed

Figures = dict[str, list[float]]
CHUNK = 500
FEW, MANY = 10, 10_000  # dishes
PAGES = 40
_FIRST = "ban dhok galo hira jeera kofta laz malai nargi paneer rogan shahi tikka upma vada".split()
_SECOND = "ari bhaji dani gosht jali kadai lauki methi navra pudi raita saag tawa urad zafran".split()
_THIRD = [a + b for a in "ka be si do mu re ta vi".split() for b in "lam nesh pur rika soya tan".split()]
_KINDS = "curry tikka masala biryani dosa roll rice".split()
TYPED = 300  # texts a round
LITTLE, MUCH = 1_000, 100_000  # orders in the house
SETTLE_S = 3.0  # the embedded server goes on writing after many orders at once
SOME, ALL = 100, 1_000_000  # carts in Redis


@asynccontextmanager
async def house(name: str) -> AsyncIterator[Runtime]:
    """A restaurant of its own in the run's stores, in a fresh database; Redis is shared and left as it was."""
    settings = load_settings(env_file=None).model_copy(
        update={"mongodb_db": f"bench_{name}", "telegram_bot_token": None, "sms_daily_budget": 1_000_000}
    )
    connections = await open_connections(settings)
    try:
        async with open_runtime(settings, clock=SystemClock(), connections=connections) as runtime:
            await runtime.services.menu.import_file(await asyncio.to_thread(read_menu, MENU, always_open=True))
            yield runtime
    finally:
        await connections.close()


def simple_dish(runtime: Runtime) -> MenuItem:
    menu = runtime.services.menu.snapshot(runtime.services.outlets.all()[0].id)
    return next(item for item in menu.items.values() if item.simple)


async def rate(jobs: Sequence[Callable[[], Awaitable[Any]]], at_once: int = 8) -> float:
    """Jobs a second, so many at once."""
    waiting = iter(jobs)

    async def worker() -> None:
        for job in waiting:
            await job()

    began = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(at_once)))
    return len(jobs) / (time.perf_counter() - began)


# ---- P6: what the services take of the stores' own pace


async def stores(rounds: int) -> Figures:
    figures: Figures = {name: [] for name in ("place", "pair", "issue", "raw_issue", "verify", "raw_verify")}
    async with house("p6") as runtime:
        numbers = count()
        for _ in range(rounds):
            await _placing(runtime, figures, numbers)
            await _codes(runtime, figures, numbers)
    return figures


async def _placing(runtime: Runtime, figures: Figures, numbers: Iterator[int], orders: int = 40) -> None:
    services, redis, mongo = runtime.services, runtime.connections.redis, runtime.connections.mongo
    dish = simple_dish(runtime)
    line = canonical(CartLine(item=dish.id, variant=dish.variants[0].code, qty=2), dish)
    plan = Plan(fulfilment=Fulfilment.TAKEAWAY)
    guests: list[Customer] = []
    for _ in range(orders):
        number = next(numbers)
        handle = Handle(f"webchat:p6-{number}")
        found = await services.customers.identify(handle, "webchat", "en")
        guests.append(await services.customers.prove_phone(found.id, handle, Phone(f"+9197{number:08d}"), Proof.OTP))
    for guest in guests:
        await services.cart.add(guest.id, line, "p6")
    quotes = {guest.id: await services.checkout.quote(guest, plan) for guest in guests}

    async def place(guest: Customer) -> None:
        quote = quotes[guest.id]
        await services.checkout.place(
            guest,
            plan,
            cart_version=quote.cart_version,
            shown_total=quote.bill.total,
            method=PayMethod.CASH,
            chat=ChatKey("webchat:p6"),
            language="en",
        )

    figures["place"].append(await rate([partial(place, guest) for guest in guests]))
    document = await mongo["orders"].find_one({"customer": guests[0].id})
    script = await redis.script_load("redis.call('SET', KEYS[1], ARGV[1], 'PX', 60000) return 1")

    async def pair(guest: Customer) -> None:
        await redis.evalsha(script, 1, f"{{pair:{guest.id}}}", "1")
        id = new_id("ord")
        own = dict.fromkeys(("_id", "checkout_id", "day_code", "on_trust_of"), id)
        await mongo["orders"].insert_one(document | own)

    figures["pair"].append(await rate([partial(pair, guest) for guest in guests]))
    await mongo["orders"].delete_many({})


class _Phone:
    """An SMS service that takes no time, and what it was given."""

    def __init__(self) -> None:
        self.codes: dict[str, str] = {}

    async def send(self, phone: Phone, text: str, *, template_id: str | None = None) -> SmsReceipt:
        found = re.search(r"(?<!\d)\d{6}(?!\d)", text)
        assert found
        self.codes[phone] = found[0]
        return SmsReceipt(id="1", provider="bench")


class _Recording:
    """A script that keeps what it was called with, so that the very same calls can be made without the service."""

    def __init__(self, script: Any) -> None:
        self.script, self.calls = script, list[tuple[Sequence[str], Sequence[Any]]]()

    async def __call__(self, redis: Any, keys: Sequence[str], args: Sequence[Any] = ()) -> Any:
        self.calls.append((keys, args))
        return await self.script(redis, keys, args)


async def _codes(runtime: Runtime, figures: Figures, numbers: Iterator[int], guests: int = 100) -> None:
    """Raw is the same script with the same words, and what the service writes to MongoDB beside it."""
    redis, mongo, otp = runtime.connections.redis, runtime.connections.mongo, cast(Any, runtime.services.otp)
    sms = otp._sms = _Phone()
    codes = otp._codes
    issue, verify = _Recording(codes._issue), _Recording(codes._verify)
    phones = (Phone(f"+919{secrets.randbelow(10**9):09d}") for _ in range(guests))  # far apart: no series
    asked = [(phone, ChatKey(f"webchat:otp-{next(numbers)}")) for phone in phones]
    codes._issue, codes._verify = issue, verify
    try:
        figures["issue"].append(await rate([partial(otp.request, *one, "en") for one in asked]))
        figures["verify"].append(await rate([partial(otp.verify, *one, sms.codes[one[0]]) for one in asked]))
    finally:
        codes._issue, codes._verify = issue.script, verify.script
    keys = sorted({key for call in issue.calls for key in call[0]})
    await redis.delete(*keys)

    async def counted(keys: Sequence[str], args: Sequence[Any]) -> None:
        await issue.script(redis, keys, args)
        await otp._budget.take()

    async def used(keys: Sequence[str], args: Sequence[Any]) -> None:
        await verify.script(redis, keys, args)
        await mongo["auth_claims"].insert_one({"_id": new_id("otp"), "at": now, "at_ms": runtime.services.clock.ms()})

    now = runtime.services.clock.now()
    figures["raw_issue"].append(await rate([partial(counted, *call) for call in issue.calls]))
    figures["raw_verify"].append(await rate([partial(used, *call) for call in verify.calls]))
    await redis.delete(*keys)


# ---- P7: a long menu beside a short one


async def menus(rounds: int) -> Figures:
    figures: Figures = {f"{what}_{n}": [] for what in ("cpu", "p50", "search") for n in (FEW, MANY)}
    figures["stall"] = []
    async with house("p7") as runtime:
        services, dish = runtime.services, simple_dish(runtime)
        store, like = MenuStore(runtime.connections.mongo), dish.outlet
        outlets = {FEW: OutletId("few"), MANY: OutletId("many")}
        for dishes, outlet in outlets.items():
            pages = tuple(Category(code=f"page{n}", name=f"Page {n}") for n in range(min(dishes // 8, PAGES)))
            facts = {"id": outlet, "name": outlet, "groups": (), "categories": pages}
            await services.outlets.add(services.outlets.require(like).model_copy(update=facts))
            made = [
                dish.model_copy(
                    update={
                        "id": MenuItemId(f"{outlet}.d{n}"),
                        "outlet": outlet,
                        "code": f"d{n}",
                        "name": _name(n * (MANY // dishes)),  # a short menu's dishes are on the long one, too
                        "category": pages[n % len(pages)].code,
                        "aliases": (),
                        "v": services.clock.ms(),
                    }
                )
                for n in range(dishes)
            ]
            for at in range(0, dishes, CHUNK):
                await store.insert(made[at : at + CHUNK])
            await services.outlets.changed(outlet)
        await services.menu.refresh()
        common = [item.name for item in services.menu.snapshot(outlets[FEW]).items.values()]
        for turn in range(rounds):
            for dishes, outlet in list(outlets.items())[:: 1 if turn % 2 else -1]:
                cpu, p50 = await _browsing(runtime, outlet, "page0", turn)
                figures[f"cpu_{dishes}"].append(cpu)
                figures[f"p50_{dishes}"].append(p50)
                menu = services.menu.snapshot(outlet)
                figures[f"search_{dishes}"].append(_searching(menu, typed(common, TYPED, turn)))
            figures["stall"].append(await _stall(runtime, outlets[MANY]))
    return figures


def _name(number: int) -> str:
    """Ten thousand dishes no two of which are called alike, a few of each of the first words, many of the third."""
    at, parts = number, []
    for syllables in (_FIRST, _SECOND, _THIRD):
        at, rest = divmod(at, len(syllables))
        parts.append(syllables[rest])
    return f"{parts[0]}{parts[1]} {parts[2]}{parts[0]} {_KINDS[number % len(_KINDS)]} {number}"


def _searching(menu: MenuSnapshot, texts: Sequence[str]) -> float:
    """Processor time of a look for a dish, in milliseconds. Nothing of what is typed was seen before."""
    plain.cache_clear()
    fold.cache_clear()
    began = time.process_time()
    for text in texts:
        menu.search(text, limit=8)
    return (time.process_time() - began) / len(texts) * 1000


async def _browsing(
    runtime: Runtime, outlet: OutletId, category: str, turn: int, taps: int = 300
) -> tuple[float, float]:
    """Processor time and median duration of a look at a page, in milliseconds."""
    chat = ChatKey(f"webchat:p7-{outlet}-{turn}")
    session = Session(
        customer=CustomerId("cus_p7"), outlet=outlet, fulfilment=Fulfilment.TAKEAWAY, state=State.MENU, menu_first=True
    )
    conversations = runtime.services.conversations
    state = session.model_dump_json(exclude_defaults=True)
    await conversations.end(chat, "0", "seated", version=0, state=state, answer="[]")
    tap, times = Tap(OpenCategory(category=category).pack()), []
    began = time.process_time()
    for number in range(taps):
        at = time.perf_counter()
        now = runtime.services.clock.now()
        await runtime.router.handle(Incoming("webchat", Handle(chat), chat, f"p7-{number}", tap, now, "en"))
        times.append((time.perf_counter() - at) * 1000)
    return (time.process_time() - began) / taps * 1000, statistics.median(times)


async def _stall(runtime: Runtime, outlet: OutletId) -> float:
    """The longest the loop kept a ticker waiting while the long menu was read anew, in milliseconds."""
    longest, over = 0.0, False

    async def tick() -> None:
        nonlocal longest
        while not over:
            at = time.perf_counter()
            await asyncio.sleep(0.001)
            longest = max(longest, (time.perf_counter() - at) * 1000 - 1)

    ticking = asyncio.create_task(tick())
    await runtime.services.menu.sold_out(MenuItemId(f"{outlet}.d1"), runtime.services.clock.ms() + 60_000, "bench")
    runtime.services.menu._read_as.pop(outlet, None)
    await runtime.services.menu.refresh()
    over = True
    await ticking
    return longest


# ---- P8: one guest's orders among all


async def orders(rounds: int) -> Figures:
    """Two houses side by side: what a reading costs differs more from minute to minute than the gate allows."""
    mine = CustomerId("cus_mine")
    figures: Figures = {f"p50_{size}": [] for size in (LITTLE, MUCH)}
    async with house("p8_little") as little, house("p8_much") as much:
        for runtime, size in ((little, LITTLE), (much, MUCH)):
            template = await _an_order(runtime)
            for made in range(0, size, CHUNK):
                batch = [
                    _copy(template, mine if n < 12 else CustomerId(f"cus_{n % 5000}"), n)
                    for n in range(made, made + CHUNK)
                ]
                await runtime.connections.mongo["orders"].insert_many(batch)
        await asyncio.sleep(SETTLE_S)
        for _ in range(rounds):
            each: dict[int, list[float]] = {LITTLE: [], MUCH: []}
            for _ in range(60):
                for runtime, size in ((little, LITTLE), (much, MUCH)):
                    at = time.perf_counter()
                    assert len(await runtime.services.orders.list_for(mine)) == 10
                    each[size].append((time.perf_counter() - at) * 1000)
            for size, times in each.items():
                figures[f"p50_{size}"].append(statistics.median(times))
    return figures


async def _an_order(runtime: Runtime) -> dict[str, Any]:
    guest = await runtime.services.customers.identify(Handle("webchat:p8"), "webchat", "en")
    guest = await runtime.services.customers.prove_phone(
        guest.id, Handle("webchat:p8"), Phone("+919500000001"), Proof.OTP
    )
    dish = simple_dish(runtime)
    line = canonical(CartLine(item=dish.id, variant=dish.variants[0].code, qty=2), dish)
    await runtime.services.cart.add(guest.id, line, "p8")
    plan = Plan(fulfilment=Fulfilment.TAKEAWAY)
    quote = await runtime.services.checkout.quote(guest, plan)
    placed = await runtime.services.checkout.place(
        guest, plan, cart_version=quote.cart_version, shown_total=quote.bill.total, method=PayMethod.CASH,
        chat=ChatKey("webchat:p8"), language="en",
    )  # fmt: skip
    order: Order = placed.order
    return order.to_document()


def _copy(order: dict[str, Any], customer: CustomerId, number: int) -> dict[str, Any]:
    id = f"ord_p8{number:09d}"
    return {
        **order,
        "_id": id,
        "checkout_id": f"chk_{id}",
        "day_code": f"d{id}",
        "on_trust_of": id,
        "customer": customer,
        "created_ms": order["created_ms"] + number,
    }


# ---- P9: one cart among all


async def carts(rounds: int) -> Figures:
    async with house("p9") as runtime:
        redis, store = runtime.connections.redis, CartStore(runtime.connections.redis, SystemClock())
        dish = simple_dish(runtime)
        line = canonical(CartLine(item=dish.id, variant=dish.variants[0].code, qty=1), dish)
        await store.apply(CustomerId("cus_first"), Change.add((line,)), "t")
        kept = str(await redis.get(CartStore.key(CustomerId("cus_first"))))
        figures, made = dict[str, list[float]](), 0
        for size in (SOME, ALL):
            while made < size:
                async with redis.pipeline(transaction=False) as pipeline:
                    batch = min(5_000, size - made)
                    for number in range(made, made + batch):
                        pipeline.set(CartStore.key(CustomerId(f"cus_fill{number}")), kept, px=CART_TTL_MS)
                    await pipeline.execute()
                made += batch
            times = figures[f"p50_{size}"] = []
            for turn in range(rounds):
                each = []
                for number in range(300):
                    customer = CustomerId(f"cus_fill{(number * 7919) % size}")
                    at = time.perf_counter()
                    await store.read(customer)
                    await store.apply(customer, Change.to(line.id, 1 + turn % 3), f"t{size}-{turn}-{number}")
                    each.append((time.perf_counter() - at) * 1000)
                times.append(statistics.median(each))
        for at in range(0, made, 5_000):
            await redis.unlink(*(CartStore.key(CustomerId(f"cus_fill{n}")) for n in range(at, min(made, at + 5_000))))
        return figures


WHAT: dict[str, Callable[[int], Awaitable[Figures]]] = {
    "stores": stores,
    "menus": menus,
    "orders": orders,
    "carts": carts,
}

if __name__ == "__main__":
    print(json.dumps(asyncio.run(cast(Any, WHAT[sys.argv[1]](int(sys.argv[2]))))))
