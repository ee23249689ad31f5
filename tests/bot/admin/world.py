"""Everybody who can send an update, every button there is, and what each of them changes or shows.

A cell is one tap: somebody, somewhere, on a button about MG Road's order for Meera. What it changed is read from the
database and the cart, what it showed from the answer. Between cells the world is put back as it was.
"""

import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from itertools import count
from typing import Any

from bot.admin.actions import OrphanWas, fingerprint
from bot.conversation.actions import Action
from bot.conversation.engine import Engine
from bot.conversation.incoming import Incoming, Tap
from bot.conversation.listener import Listener
from bot.conversation.reply import Outgoing
from bot.conversation.session import Session
from bot.conversation.states import State
from bot.conversation.turn import Capabilities
from bot.kitchen.desk import KitchenDesk
from bot.kitchen.groups import Groups
from bot.kitchen.human import HumanDesk
from bot.router import Router
from bot.screens.all import guest_screens
from bot.screens.help import HumanScreen
from bot.screens.wish import Wishes
from core.cart.models import CartLine
from core.checkout.models import Bill, BillLine, Plan
from core.clock import FrozenClock, from_ms
from core.connections import Connections
from core.conversations.store import Begun
from core.customers.models import Address, Proof
from core.ids import AddressId, ChatKey, CustomerId, Handle, MenuItemId, PaymentId, Phone
from core.money import Money
from core.mongo_subset import SubsetListener
from core.orders.facts import LinkClosed
from core.orders.ledger import LinkEnd
from core.orders.models import Order, OrderStatus
from core.outlets.models import Fulfilment, PayMethod
from core.payments.models import Orphan
from core.refunds.models import Why, Wish, WishState
from core.services import Services
from core.staff.models import Role
from tests.bot.admin.office import Office, an_office
from tests.bot.kitchen.builders import GROUP, INDIRA, INDIRA_GROUP, MG_ROAD
from tests.bot.kitchen.room import FakeChannel
from tests.core.orders.builders import LUNCH_MS, MINUTE, a_draft, after, an_order, relayed

PRIVATE, GROUP_A, GROUP_B = "private", "a", "b"
GROUPS = {GROUP_A: GROUP, GROUP_B: INDIRA_GROUP}
HANDLES = {
    "guest": "telegram:70001",
    "other_guest": "telegram:70002",
    "cook": "telegram:11111",
    "rider": "telegram:22222",
    "manager": "telegram:33333",
    "owner": "telegram:44444",
    "cook_b": "telegram:55555",
    "admin": "telegram:900",
}
ANONYMOUS = {PRIVATE: "webchat:nobody", GROUP_A: "telegram:anon", GROUP_B: "telegram:anon"}
ACTORS = ("anonymous", *HANDLES)
PLACES = (PRIVATE, GROUP_A, GROUP_B)
PHONE = "+919876500001"
NAME = "Meera Nair"
CODE = "R 905"
STREET = "12 Residency Road"
SAID = "my food is late, please look"
ADDRESS = Address(id=AddressId("adr_meera"), line=STREET, city="Bengaluru", pin="560025")
WISH = "wsh_meera"
ORPHAN = "pay_nobodys"
TIKKA = MenuItemId("mgroad.butter-naan")
_CODE = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{26}\b")
_DISHES = {"kso": "garlic-naan", "ksm": "garlic-naan", "kbk": "filter-coffee"}
_updates = count(1)


class Wall(FakeChannel):
    """Shows an edit of a message that was wiped off as a new one: between two cells everything is wiped off."""

    def show(self, chat: ChatKey, outgoing: Outgoing) -> str:
        names = [shown.name for shown in self.chats[chat]]
        return super().show(chat, outgoing if outgoing.replaces in names else replace(outgoing, replaces=""))


class Writes(SubsetListener):
    """Notes which collections were written to, and what left the subset, as every test's client does."""

    def __init__(self) -> None:
        super().__init__()
        self.collections: set[str] = set()

    def started(self, event: Any) -> None:
        super().started(event)
        if event.command_name in ("insert", "update", "delete", "findAndModify"):
            self.collections.add(str(event.command[event.command_name]))


WATCHED: Mapping[str, str] = {
    "orders": "order",
    "outlets": "outlet",
    "menu_items": "menu",
    "staff": "staff",
    "invites": "invite",
    "threads": "thread",
    "customers": "guest",
    "refunds": "wish",
    "orphans": "orphan",
}


@dataclass(frozen=True)
class Cell:
    actor: str
    place: str
    tag: str
    status: OrderStatus

    @property
    def who(self) -> str:
        return self.actor if self.place == PRIVATE else f"{self.actor}@{self.place}"


def action_classes() -> dict[str, type[Action]]:
    """Every button of Tiffin's own, by its tag."""
    return {tag: kind for tag, kind in Action._registry.items() if kind.__module__.startswith("bot.")}


def about_an_order(kind: type[Action]) -> bool:
    return any(field.name == "order" for field in fields(kind))  # type: ignore[arg-type]


class World:
    def __init__(self, services: Services, connections: Connections, clock: FrozenClock, writes: Writes) -> None:
        self.services = services
        self.clock = clock
        self.writes = writes
        self._mongo, self._redis = connections.mongo, connections.redis
        self.office: Office = an_office(services, connections, clock, telegram=Wall("telegram"))
        channels: dict[str, Any] = {"telegram": self.office.telegram, "webchat": self.office.webchat}
        groups = Groups(channels, services.threads)
        people = HumanDesk(services, channels, groups)
        screens = guest_screens(people)
        capabilities = {name: Capabilities(edits=True) for name in channels}
        human = screens.showing(State.HUMAN)
        assert isinstance(human, HumanScreen)
        engine = Engine(services, screens, capabilities, Listener(screens, human, Wishes()))
        self._router = Router(
            outlets=services.outlets,
            guests=engine,
            kitchen=KitchenDesk(services, groups, self.office.boards, people, self.office.audit),
        )
        self._guest = CustomerId("")
        self._thread = ""
        self._cart_line = ""
        self._cart_before: object = None
        self._baseline: dict[str, list[dict[str, Any]]] = {}
        self._templates: dict[str, Order] = {}
        self._sessions: dict[str, str] = {}
        self._order: Order | None = None
        self._fixed: dict[str, Any] = {}
        self._arranged: dict[str, list[dict[str, Any]]] = {}  # what a cell begins with that differs from the rest

    # Setting it up

    async def prepare(self) -> None:
        """Meera with a proved phone, an address, a cart and a thread; everybody else met once."""
        customers = self.services.customers
        for handle in (*HANDLES.values(), *ANONYMOUS.values()):
            await customers.identify(Handle(handle), handle.partition(":")[0])
        await self.services.staff.met(Handle(HANDLES["admin"]), "admin")  # or the first tap in a kitchen would
        guest = await customers.identify(Handle(HANDLES["guest"]), "telegram")
        await customers.prove_phone(guest.id, Handle(HANDLES["guest"]), Phone(PHONE), Proof.TELEGRAM_CONTACT)
        await customers.rename(guest.id, NAME)
        await customers.add_address(guest.id, STREET, "Bengaluru", "560025")
        self._guest = guest.id
        thread = await self.services.threads.write(
            "m1",
            SAID,
            chat=ChatKey(HANDLES["guest"]),
            customer=guest.id,
            outlet=MG_ROAD,
            guest_name=NAME,
            language="en",
        )
        self._thread = thread.id
        await self.services.menu.sold_out(MenuItemId("mgroad.filter-coffee"), LUNCH_MS + 600 * MINUTE, "telegram:1")
        known = await customers.require(guest.id)
        self._fixed = {"address": known.addresses[0].id}
        await self._session(HANDLES["guest"], PHONE)
        await self._session(HANDLES["other_guest"], "+919876500002")
        for outlet, chat in ((MG_ROAD, GROUP), (INDIRA, INDIRA_GROUP)):
            await self.office.boards.show(ChatKey(chat), outlet)
        for name in (*WATCHED, "handles", "phones", "audit", "posts"):
            self._baseline[name] = await self._read(name)

    async def _session(self, handle: str, phone: str) -> None:
        customer = await self.services.customers.identify(Handle(handle), "telegram")
        session = Session(
            customer=customer.id, outlet=MG_ROAD, fulfilment=Fulfilment.TAKEAWAY, phone=phone, state=State.MENU
        )
        self._sessions[handle] = session.model_dump_json(exclude_defaults=True)

    def statuses(self, kind: type[Action]) -> Iterator[OrderStatus]:
        """Every status, in an order in which the clock only moves on; one of them for buttons about no order."""
        if not about_an_order(kind):
            yield OrderStatus.COMPLETED if kind.tag == "erase!" else OrderStatus.PLACED  # who has ordered cannot go yet
            return
        yield from OrderStatus

    # One cell

    async def tap(self, cell: Cell) -> dict[str, str]:
        """What somebody's tap changed and showed: {"order": "changes", "thread": "shows"}, both as "changes shows"."""
        await self._arrange(cell)
        handle = ANONYMOUS[cell.place] if cell.actor == "anonymous" else HANDLES[cell.actor]
        chat = ChatKey(handle if cell.place == PRIVATE else GROUPS[cell.place])
        extra = {"anonymous": "1"} if handle == "telegram:anon" else {}
        incoming = Incoming(
            channel=chat.partition(":")[0],
            handle=Handle(handle),
            chat=chat,
            update_id=f"t{next(_updates)}",
            content=Tap(self._packed(cell.tag)),
            sent_at=self.clock.now(),
            name=cell.actor,
            extra=extra,
        )
        answer = await self.office.desk.handle(incoming)
        heard = {"desk"} if answer is not None else set()
        if answer is None:
            answer = await self._router.handle(incoming)
        found = dict.fromkeys(await self._changed(), "changes")
        for what in heard | self._shown(cell, chat, answer):
            found[what] = f"{found[what]} shows" if what in found else "shows"
        return found

    def _packed(self, tag: str) -> str:
        kind = action_classes()[tag]
        order = self._order
        assert order is not None
        now_s = self.clock.ms() // 1000
        values: dict[str, Any] = {
            "order": order.id,
            "moves": order.moves,
            "minutes": 15,
            "paise": order.total.paise,
            "reason": "kitc" if tag == "kca" else "busy",
            "yes": True,
            "outlet": MG_ROAD,
            "item": _DISHES.get(tag, TIKKA),
            "dish": self._dish(tag),
            "until": "h1",
            "thread": self._thread,
            "line": 1 if tag in ("kth", "ktd") else self._cart_line,
            "span": "h2",
            "asked": now_s,
            "group": fingerprint(GROUP) if tag.startswith("@") else "spice",
            "person": 123_456_789 if tag in ("@h", "@h?") else fingerprint(f"{MG_ROAD}:{HANDLES['cook']}"),
            "role": Role.RIDER,
            "was": 9_000,
            "sure": True,
            "category": "mains",
            "page": 0,
            "version": self._fixed["version"],
            "total": self._fixed["total"],
            "method": PayMethod.CASH,
            "fulfilment": Fulfilment.DINE_IN,
            "table": "T1",
            "address": self._fixed["address"],
            "language": "hi",
            "what": "veg",
            "choice": "mild",
            "variant": "one",
            "qty": 1,
            "by": 1,
            "minute": 0,
            "rupees": 20,
            "before": 0,
            "allow": True,
            "wish": WISH,
            "day": "2026-03-01",
            "why": Why.LATE,
            "v": 1,
            "by_dish": False,
            "payment": fingerprint(ORPHAN),
        }
        if tag == "@wx":
            values["what"] = OrphanWas.TEST
        if tag == "@gp":
            values["line"] = 0
        if tag in ("@c", "@c?"):
            values["paise"] = 9_500
        return kind(**{field.name: values[field.name] for field in fields(kind)}).pack()  # type: ignore[arg-type]

    @staticmethod
    def _dish(tag: str) -> str:
        if tag == "@db":
            return fingerprint("mgroad.filter-coffee")
        return fingerprint("mgroad.garlic-naan", "one") if tag.startswith("@") else "butter-naan"

    # Putting it back

    async def _arrange(self, cell: Cell) -> None:
        order = self._template(cell.tag, cell.status)
        if self._order != order:
            self.clock.set(from_ms(order.history[-1].at_ms) + timedelta(seconds=10))
            await self._write("orders", [order.to_document()])
            self._order = order
        if not self._cart_line or (cell.actor in ("guest", "other_guest") and cell.place == PRIVATE):
            await self._seat_guests()
        self._arranged = {}
        if cell.tag in ("kre", "@r"):  # there must be a pause to end
            for outlet in self.services.outlets.all():
                await self.services.outlets.pause(outlet.id, 60, "", "setup")
            self._arranged = {"outlets": await self._read("outlets")}
        if cell.tag.startswith("@g"):
            wish = a_wish(order, asked=cell.tag in ("@ga", "@gd"), by_dish=cell.tag == "@gp")
            await self._write("refunds", [wish.to_document()])
            self._arranged = {"refunds": await self._read("refunds")}
        if cell.tag.startswith("@w"):
            await self._write("orphans", [_ORPHAN.to_document()])
            self._arranged = {"orphans": await self._read("orphans")}
        self.office.telegram.chats.clear()
        self.office.webchat.chats.clear()
        self.writes.collections.clear()

    async def _seat_guests(self) -> None:
        """Both guests at the menu with a proved phone, Meera with two naan in her cart."""
        await self._redis.flushdb()
        for handle, state in self._sessions.items():
            token = secrets.token_hex(4)
            begun = await self.services.conversations.begin(ChatKey(handle), "setup", token)
            assert isinstance(begun, Begun)
            await self.services.conversations.end(
                ChatKey(handle), "setup", token, version=begun.version, state=state, answer=""
            )
        cart = await self.services.cart.add(self._guest, CartLine(item=TIKKA, variant="one", qty=2), "setup")
        self._cart_line = cart.lines[0].id
        self._fixed["version"] = cart.version
        if "total" not in self._fixed:
            guest = await self.services.customers.require(self._guest)
            quote = await self.services.checkout.quote(guest, Plan(fulfilment=Fulfilment.TAKEAWAY))
            self._fixed["total"] = quote.bill.total.paise
        self._cart_before = await self._cart()

    def _template(self, tag: str, status: OrderStatus) -> Order:
        """The order as it stands before the tap; some buttons need one that is paid in cash, asked about, unlinked."""
        unpaid = status in (OrderStatus.AWAITING_PAYMENT, OrderStatus.EXPIRED)
        cash = tag in ("kcd", "kup") and not unpaid
        variant = tag if tag in ("kan", "ordpay") else "cash" if cash else ""
        key = f"{status}/{variant}"
        if key not in self._templates:
            method = PayMethod.CASH if cash else PayMethod.UPI
            draft = a_draft(method=method, customer=self._guest).model_copy(
                update={
                    "customer_name": NAME,
                    "phone": PHONE,
                    "chat": ChatKey(HANDLES["guest"]),
                    "address": ADDRESS,
                    "bill": _BILL,
                    "lines": (CartLine(item=TIKKA, variant="one", qty=2),),
                }
            )
            order = an_order(status, method=method, draft=draft).model_copy(update={"code": CODE})
            if variant == "ordpay" and status is OrderStatus.AWAITING_PAYMENT:
                order = relayed(after(order, LinkClosed(at_ms=LUNCH_MS, n=1, reason=LinkEnd.CANCELLED, ours=False)))
            if variant == "kan" and status.cooking:
                order = order.model_copy(update={"cancel_requested_ms": order.history[-1].at_ms})
            self._templates[key] = order
        return self._templates[key]

    async def _changed(self) -> set[str]:
        """What is not as it was, and is put back."""
        found: set[str] = set()
        assert self._order is not None
        touched = (self.writes.collections | set(self._arranged)) & set(self._baseline)
        for name in sorted(touched):
            now = await self._read(name)
            before = [self._order.to_document()] if name == "orders" else self._baseline[name]
            if name in self._arranged:
                if now != self._arranged[name]:
                    found |= self._said(name, self._arranged[name], now)
                await self._write(name, before)
            elif now != before:
                if name in WATCHED:
                    found |= self._said(name, before, now)
                await self._write(name, before)
        if {"outlets", "menu_items"} & touched:
            await self.services.menu.load()
        if await self._cart() != self._cart_before:
            found.add("cart")
            self._cart_line = ""  # to be filled anew
        return found

    async def _cart(self) -> tuple[int, tuple[CartLine, ...], str]:
        cart = await self.services.cart.get(self._guest)
        return cart.version, cart.lines, cart.note

    def _said(self, name: str, before: list[dict[str, Any]], now: list[dict[str, Any]]) -> set[str]:
        """Whose it was. Guests change their own profiles all day; only Meera's counts."""
        if name == "orders" and len(now) > len(before):
            return {"new_order"}
        if name in ("customers", "outlets", "menu_items"):
            then = {document["_id"]: document for document in before}
            changed = [document for document in now if then.get(document["_id"]) != document]
            if name == "customers":
                return {"guest"} if self._guest in [document["_id"] for document in changed] else set()
            ours = {document.get("outlet", document["_id"]) == MG_ROAD for document in changed}
            return {WATCHED[name] if mine else f"other_{WATCHED[name]}" for mine in ours}
        return {WATCHED[name]}

    def _shown(self, cell: Cell, chat: ChatKey, answer: tuple[Outgoing, ...]) -> set[str]:
        """What can be read where the tap was made: in the answer, and in what was sent there besides.

        Meera's order is on many of her own pages; only on buttons about an order it is looked for.
        """
        besides = [shown.outgoing for shown in self.office.telegram.chats.get(chat, [])]
        plain = "\n".join(
            " ".join([outgoing.text.plain, *(button.label for row in outgoing.buttons for button in row)])
            for outgoing in (*answer, *besides)
        )
        assert self._order is not None
        found = {
            "order": any(word in plain for word in (self._order.code, PHONE, NAME, STREET)),
            "staff": "telegram:11111" in plain,
            "thread": SAID in plain,
            "invite": _CODE.search(plain) is not None,
            "outlet": "Groups" in plain,
        }
        assert "Something went wrong" not in plain, plain
        if cell.who == "guest" and not about_an_order(action_classes()[cell.tag]):
            found["order"] = False
        return {what for what, shown in found.items() if shown}

    async def _read(self, name: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await self._mongo[name].find({}).sort([("_id", 1)]).to_list(length=None)
        return found

    async def _write(self, name: str, documents: list[dict[str, Any]]) -> None:
        await self._mongo[name].delete_many({})
        if documents:
            await self._mongo[name].insert_many([dict(document) for document in documents])


def a_wish(order: Order, *, asked: bool, by_dish: bool) -> Wish:
    """The owner's draft; or what another admin asked for, and somebody has to agree to."""
    return Wish(
        id=WISH,
        state=WishState.ASKED if asked else WishState.DRAFT,
        order=order.id,
        outlet=MG_ROAD,
        code=order.code,
        currency="INR",
        by=Handle("telegram:901" if asked else HANDLES["owner"]),
        by_name="Bala" if asked else "Om",
        by_dish=by_dish,
        amount=Money.rupees(10),
        why=Why.COLD,
        made_ms=LUNCH_MS,
        until_ms=LUNCH_MS + 24 * 60 * MINUTE,
    )


_ORPHAN = Orphan(
    id=ORPHAN,
    provider="razorpay",
    kind="payment",
    amount=Money.rupees(300),
    currency="INR",
    payment=PaymentId(ORPHAN),
    at_ms=LUNCH_MS,
    found_ms=LUNCH_MS,
)
_NAAN = BillLine(
    item=TIKKA, name="Butter Naan", qty=2, unit=Money.rupees(260), amount=Money.rupees(520), tax_class="food"
)
_BILL = Bill(currency="INR", lines=(_NAAN,), subtotal=Money.rupees(520), total=Money.rupees(520))
