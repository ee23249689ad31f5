"""A guest: one person behind any number of chats and phones."""

from enum import StrEnum

from core.ids import AddressId, CustomerId, Handle, OrderId, Phone
from core.models import Document, Model


class Proof(StrEnum):
    """How a phone was shown to belong to the guest."""

    TELEGRAM_CONTACT = "telegram_contact"
    WHATSAPP_SENDER = "whatsapp_sender"
    OTP = "otp"


class Address(Model):
    id: AddressId
    line: str  # house, street, area
    city: str
    pin: str
    landmark: str = ""
    latitude: float = 0.0
    longitude: float = 0.0


class DietProfile(Model):
    """What the household does not eat. Filters lists, warns in the cart, is printed on the ticket."""

    veg_only: bool = False
    jain: bool = False
    allergies: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.veg_only or self.jain or bool(self.allergies)


class Consent(Model):
    purpose: str  # ordering, offers
    given: bool
    at_ms: int
    channel: str
    text_version: str


class Strike(StrEnum):
    """What is held against a guest who wants to pay in cash."""

    ABSENT = "absent"  # cooked for, and not collected, not at the table or not taken at the door
    CANCELLED = "cancelled"  # called off by the guest


class Mark(Model):
    order: OrderId
    what: Strike
    at_ms: int


class Customer(Document):
    id: CustomerId
    v: int = 1
    name: str = ""
    language: str = ""  # empty: not chosen yet
    phone: str = ""  # the phone proved last, E.164; empty: none yet
    phone_proof: str = ""
    phone_at_ms: int = 0
    code_ms: int = 0  # when this phone was proved by a code last; 0: by the channel alone
    used_ms: int = 0  # when this phone was proved or ordered with last
    marks: tuple[Mark, ...] = ()  # the last few, oldest first
    addresses: tuple[Address, ...] = ()
    diet: DietProfile = DietProfile()
    consents: tuple[Consent, ...] = ()
    token_ver: int = 1
    created_ms: int = 0
    seen_ms: int = 0
    joined_into: str = ""  # the customer this one became part of
    erased: bool = False

    def address(self, address_id: AddressId) -> Address | None:
        return next((address for address in self.addresses if address.id == address_id), None)


class HandleRecord(Document):
    """Whose a channel's sender is. `_id` is the handle itself: telegram:42."""

    id: Handle
    customer: CustomerId
    channel: str
    created_ms: int
    reachable: bool = True


class PhoneRecord(Document):
    """Whose a proved phone is. `_id` is `tel:` and the E.164 number."""

    id: str
    customer: CustomerId
    phone: Phone
    proof: Proof
    at_ms: int
