"""What Tiffin remembers of a chat between two messages. Kept in Redis, may be lost, holds nothing that is money."""

from pydantic import Field

from bot.conversation.states import State
from core.cart.models import CartLine
from core.customers.models import DietProfile
from core.ids import AddressId, CustomerId, OrderId, OutletId
from core.models import Model
from core.money import ZERO, Money
from core.outlets.models import Fulfilment, Slot

Fact = str | int | list[str]


class Session(Model):
    """Frozen like every model: a turn replaces it (`turn.session = turn.session.but(...)`)."""

    customer: CustomerId | None = None
    language: str = "en"
    language_chosen: bool = False
    state: State = State.HELLO
    data: dict[str, Fact] = Field(default_factory=dict)  # what the current screen needs besides its state
    trail: tuple[State, ...] = ()  # where Back leads, nearest last
    screen: str = ""  # the id of the message that shows the current screen

    phone: str = ""  # proved in this chat or by the guest's earlier chats
    token: str = ""  # the session JWT: stays here, is never shown
    menu_first: bool = False  # the guest put off telling a phone
    resume: State | None = None  # where to go on once the phone is proved
    old_ms: int = 0  # when the number that is about to be replaced was proved again

    outlet: OutletId | None = None
    fulfilment: Fulfilment | None = None
    table: str = ""
    address: AddressId | None = None
    pin: str = ""
    slot: Slot | None = None
    coupon: str = ""
    tip: Money = ZERO
    rider_note: str = ""
    diet: DietProfile = DietProfile()

    wish: str = ""  # a typed order that waits for the branch to be chosen
    queue: tuple[CartLine, ...] = ()  # dishes of a typed order that still need an answer
    candidates: tuple[CartLine, ...] = ()  # what an unclear wish may have meant, number and choices included
    order: OrderId | None = None  # the order shown last
    misses: int = 0
    human_until_ms: int = 0  # until when a person answers instead of us

    def but(self, **changes: object) -> "Session":
        return self.model_copy(update=changes)

    def signed_out(self) -> "Session":
        """The phone is to be proved again; an address chosen before is not shown until then."""
        return self.but(token="", phone="", address=None, old_ms=0)

    def forget_checkout(self) -> "Session":
        """After an order: the next one starts with fresh times, coupons and tips; place and address stay."""
        return self.but(slot=None, coupon="", tip=ZERO, rider_note="", data={}, trail=())
