"""One turn: what came in, what is known of the chat, and everything a screen may ask for."""

from dataclasses import dataclass, field

from bot.conversation.incoming import Incoming
from bot.conversation.reply import Reply
from bot.conversation.session import Session
from bot.conversation.text import Text
from bot.conversation.texts import Texts
from core.cart.models import CartView
from core.customers.models import Customer
from core.customers.tokens import Claims
from core.errors import NotFound
from core.ids import CustomerId, Handle
from core.menu.snapshot import MenuSnapshot
from core.orders.models import Order
from core.outlets.models import Outlet
from core.services import Services


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can show. Screens ask this rather than which channel it is."""

    edits: bool  # a sent message can be swapped in place
    columns: int = 3  # buttons side by side
    choices: int = 60  # buttons in one message, all rows together
    contact_button: bool = False
    location_button: bool = False
    links: bool = True  # buttons that open an address
    terse: bool = False  # every message costs money: only news that matters is sent


@dataclass(slots=True)
class Turn:
    incoming: Incoming
    services: Services
    session: Session
    capabilities: Capabilities
    notices: list[Text] = field(default_factory=list)  # said above the next screen: "Added 2 × Masala Dosa."
    extra: list[Reply] = field(default_factory=list)  # sent before the screen, as messages of their own
    claims: Claims | None = None  # the checked session token, once a phone is proved
    first_meeting: bool = False
    ahead: bool = False  # goes on from what this process remembers; whether that is still true shows at the end
    cart: CartView | None = None  # as the last thing this very turn did left it, so that it is not read again
    order: Order | None = None  # the same of an order
    _customer: Customer | None = None

    @property
    def texts(self) -> Texts:
        return Texts.of(self.session.language)

    @property
    def tap(self) -> str:
        """The name of this update; services use it to count a tap once."""
        return self.incoming.update

    @property
    def now_ms(self) -> int:
        return self.services.clock.ms()

    @property
    def handle(self) -> Handle:
        return self.incoming.handle

    @property
    def customer_id(self) -> CustomerId:
        if self.session.customer is None:
            raise NotFound(what="customer")
        return self.session.customer

    @property
    def outlet(self) -> Outlet:
        """The chosen outlet. Screens that need one are reached only with one; a link may still lie."""
        if self.session.outlet is None:
            raise OutletNotChosen()
        outlet = self.services.outlets.get(self.session.outlet)
        if outlet is None:
            raise OutletNotChosen()
        return outlet

    @property
    def menu(self) -> MenuSnapshot:
        return self.services.menu.snapshot(self.outlet.id)

    async def customer(self) -> Customer:
        """The guest's record, read once a turn and only by screens that need it (browsing needs none)."""
        if self._customer is None:
            self.knows(await self.services.customers.require(self.customer_id))
            if self.claims and self.claims.token_ver != self._known.token_ver:  # signed out everywhere
                self.session = self.session.signed_out()
        return self._known

    def knows(self, customer: Customer) -> None:
        """Take over a record that a service has just returned, so that it is not read again."""
        self._customer = customer
        self.session = self.session.but(customer=customer.id, diet=customer.diet)

    @property
    def _known(self) -> Customer:
        assert self._customer is not None
        return self._customer

    def forget_customer(self) -> None:
        """The record has just been changed by a service that does not return it: read it again when asked."""
        self._customer = None

    def proved(self, customer: Customer) -> None:
        """The guest's phone was proved in this chat: keep the token that says so."""
        self.knows(customer)
        token = self.services.tokens.issue(customer, self.incoming.chat)
        self.claims = self.services.tokens.check(token, self.incoming.chat)
        self.session = self.session.but(phone=customer.phone, token=token)

    def must_be_ours(self) -> None:
        """Called before something is done that depends on the session: a turn that runs ahead begins anew instead."""
        if self.ahead:
            raise RanTooFar

    def notice(self, text: Text | str) -> None:
        self.notices.append(Text.of(text))


class RanTooFar(Exception):
    """A turn that runs ahead wants to do what only a turn that has begun may."""


class OutletNotChosen(NotFound):
    """The chat has not chosen where to order from yet."""
