"""The person behind the chats: found, made, joined with themselves, and forgotten when they ask."""

import logging
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from core.clock import Clock
from core.customers.addresses import clean_address, same_place
from core.customers.errors import InvalidLanguage, InvalidName, OldPhoneNeeded, TooManyAddresses
from core.customers.identity import is_idle
from core.customers.models import (
    Address,
    Consent,
    Customer,
    DietProfile,
    HandleRecord,
    Mark,
    PhoneRecord,
    Proof,
)
from core.customers.names import clean_text
from core.customers.store import CustomerStore, phone_id
from core.errors import NotFound, StoreError
from core.ids import AddressId, CustomerId, Handle, Phone, new_id
from core.redaction import phone_mark

log = logging.getLogger(__name__)

LANGUAGES = ("en", "hi")
MAX_NAME = 60
MAX_ADDRESSES = 10
MAX_ALLERGIES = 12
MAX_ALLERGY = 40
MAX_MARKS = 20
USED_STEP_MS = 24 * 3_600_000  # that a phone is in use is written down once a day, not with each order
LOST_RACES = 20
MAX_JOINS = 5  # joins do not chain today: who owns a phone is never joined into another


class CustomerService:
    """Every change is the whole guest replaced under {_id, v}, tried again when somebody else was faster.

    An id that was joined into another one stays good: it leads to the guest it became part of.
    """

    def __init__(self, *, store: CustomerStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def identify(self, handle: Handle, channel: str, language_hint: str = "") -> Customer:
        """Whoever writes under this handle; somebody new gets a profile. First messages that cross: one guest."""
        for _ in range(LOST_RACES):
            record = await self._store.handle(handle)
            if record is None:
                # The handle is written first and decides the guest's id, so a race or a crash leaves no second guest.
                now = self._clock.ms()
                fresh = HandleRecord(id=handle, customer=_new_customer(), channel=channel, created_ms=now)
                record = fresh if await self._store.insert_handle(fresh) else await self._store.handle(handle)
                if record is None:
                    continue  # erased in between
            customer = await self._follow(record.customer)
            if customer is None:
                await self._store.insert(self._newcomer(record, language_hint))
            elif customer.erased:
                await self._store.release_handle(handle, record.customer)
            else:
                if customer.id != record.customer:  # a join was cut short before it moved this handle
                    await self._store.move_handle(handle, customer.id)
                if not record.reachable:  # who blocked us and writes again can be written to again
                    await self._store.set_reachable(handle, True)
                return customer
        raise StoreError("handle kept changing", handle=handle)

    async def require(self, customer: CustomerId) -> Customer:
        """Raises NotFound, also for one who asked to be forgotten."""
        found = await self._follow(customer)
        if found is None or found.erased:
            raise NotFound(customer=customer)
        return found

    async def by_phone(self, phone: Phone) -> Customer | None:
        record = await self._store.phone(phone)
        owner = None if record is None else await self._follow(record.customer)
        return None if owner is None or owner.erased else owner

    async def prove_phone(
        self, customer: CustomerId, handle: Handle, phone: Phone, proof: Proof, *, replaces: str = ""
    ) -> Customer:
        """This phone is the guest's. Whose it was before decides who the guest is from now on.

        A profile that has a phone takes another one only for the one named in `replaces`, which was proved again and is
        nobody's then. A
        phone its owner has not used for 90 days may have been given to somebody else by the operator: proved in a chat
        the owner never wrote in, it comes without the owner's profile. Raises OldPhoneNeeded.

        A phone nobody had is bound to `customer`. One that belongs to another profile means that both are one person:
        the handle moves there, a profile without a phone of its own goes along, and the other profile is returned; the
        caller then moves the cart (CartService.move). A profile that has another proved phone stays as it is, only this
        handle leaves it. May be repeated after a crash, and two chats may prove one phone at once.
        """
        current = await self.require(customer)
        old = current.phone
        if old and old != phone and replaces != old and await self._is_ours_to_give(current, phone):
            raise OldPhoneNeeded()
        owner = await self._phone_owner(current, phone, proof)
        current = await self.require(customer)
        if current.id == owner.id:
            proved = await self._alter(owner.id, lambda it: self._with_phone(it, phone, proof))
            if old and old != phone:
                await self._store.release_phone(Phone(old), proved.id)
            return proved
        if not await self._store.phones_of(current.id):
            await self._merge(current.id, owner.id)
        await self._store.move_handle(handle, owner.id)
        log.info("customers_joined", extra={"customer": owner.id, "joined": current.id, "proof": proof})
        return await self._alter(owner.id, lambda it: self._with_phone(it, phone, proof))

    async def rename(self, customer: CustomerId, name: str) -> Customer:
        """Raises InvalidName when nothing readable is left of it."""
        clean = clean_text(name, MAX_NAME)
        if not any(character.isalpha() for character in clean):
            raise InvalidName()
        return await self._alter(customer, lambda it: it.model_copy(update={"name": clean}))

    async def set_language(self, customer: CustomerId, language: str) -> Customer:
        if language not in LANGUAGES:
            raise InvalidLanguage()
        return await self._alter(customer, lambda it: it.model_copy(update={"language": language}))

    async def set_diet(self, customer: CustomerId, diet: DietProfile) -> Customer:
        named = (clean_text(allergy, MAX_ALLERGY).lower() for allergy in diet.allergies[: MAX_ALLERGIES * 4])
        allergies = tuple(dict.fromkeys(name for name in named if name))[:MAX_ALLERGIES]
        clean = diet.model_copy(update={"allergies": allergies})
        return await self._alter(customer, lambda it: it.model_copy(update={"diet": clean}))

    async def consent(
        self, customer: CustomerId, purpose: str, *, given: bool, channel: str, text_version: str
    ) -> Customer:
        """Remember a yes or a no; the earlier answers stay as proof."""
        said = Consent(purpose=purpose, given=given, at_ms=self._clock.ms(), channel=channel, text_version=text_version)
        return await self._alter(
            customer,
            lambda it: it if _answered(it, said) else it.model_copy(update={"consents": (*it.consents, said)[-50:]}),
        )

    async def add_address(
        self,
        customer: CustomerId,
        line: str,
        city: str,
        pin: str,
        landmark: str = "",
        lat: float = 0.0,
        lon: float = 0.0,
    ) -> Address:
        """Keep an address, as the newest; one that is kept already stays one.

        Raises InvalidAddress, TooManyAddresses.
        """
        address = clean_address(line, city, pin, landmark, lat, lon)

        def keep(it: Customer) -> Customer:
            known = next((old for old in it.addresses if same_place(old, address)), None)
            others = tuple(old for old in it.addresses if old is not known)
            if known is None and len(others) >= MAX_ADDRESSES:
                raise TooManyAddresses(limit=MAX_ADDRESSES)
            kept = address if known is None else address.model_copy(update={"id": known.id})
            return it.model_copy(update={"addresses": (*others, kept)})

        return (await self._alter(customer, keep)).addresses[-1]

    async def remove_address(self, customer: CustomerId, address: AddressId) -> Customer:
        """Forget an address; one that is gone already is as wished."""
        return await self._alter(
            customer,
            lambda it: it.model_copy(update={"addresses": tuple(a for a in it.addresses if a.id != address)}),
        )

    async def start_afresh(self, handle: Handle, channel: str, language: str) -> Customer:
        """A new guest behind this handle. What the old profile holds stays there, for who proves its phone."""
        record = await self._store.handle(handle)
        if record is not None:
            await self._store.release_handle(handle, record.customer)
            log.info("customer_left", extra={"customer": record.customer})
        return await self.identify(handle, channel, language)

    async def ordered(self, customer: Customer) -> None:
        """An order was placed under the guest's phone: it is in use. Says nothing about one in doubt."""
        now = self._clock.ms()

        def used(it: Customer) -> Customer:
            fresh = now - it.used_ms < USED_STEP_MS
            return it if fresh or is_idle(it, now) else it.model_copy(update={"used_ms": now})

        if used(customer) is not customer:
            await self._alter(customer.id, used)

    async def mark(self, customer: CustomerId, mark: Mark) -> Customer:
        """Hold something against the guest; the same order again changes nothing. Raises NotFound."""

        def held(it: Customer) -> Customer:
            if any(known.order == mark.order for known in it.marks):
                return it
            return it.model_copy(update={"marks": (*it.marks, mark)[-MAX_MARKS:]})

        return await self._alter(customer, held)

    async def set_reachable(self, handle: Handle, reachable: bool) -> None:
        """Whether messages to this handle arrive (a guest may block the bot, and come back)."""
        await self._store.set_reachable(handle, reachable)

    async def is_reachable(self, handle: Handle) -> bool:
        """Whether messages may be sent to this handle; somebody nobody knows has not forbidden it."""
        record = await self._store.handle(handle)
        return record is None or record.reachable

    async def handles(self, customer: CustomerId) -> list[HandleRecord]:
        """Every chat this guest writes in."""
        return await self._store.handles_of(customer)

    async def sign_out_everywhere(self, customer: CustomerId) -> Customer:
        """Every session token given out so far is void."""
        return await self._alter(customer, lambda it: it.model_copy(update={"token_ver": it.token_ver + 1}))

    async def export(self, customer: CustomerId) -> dict[str, Any]:
        """Everything held about the guest here, as plain data. Orders are OrderService's to add."""
        guest = await self.require(customer)
        handles = await self._store.handles_of(guest.id)
        phones = await self._store.phones_of(guest.id)
        return {
            "profile": guest.model_dump(mode="json", exclude={"v", "token_ver", "joined_into", "erased"}),
            "handles": [record.model_dump(mode="json") for record in handles],
            "phones": [record.model_dump(mode="json", exclude={"id"}) for record in phones],
        }

    async def erase(self, customer: CustomerId) -> None:
        """Forget the guest: what stays is an empty document that says so. May be repeated.

        The caller has the orders pseudonymised (the law keeps their figures) and the cart forgotten by their services.
        """
        guest = await self._follow(customer)
        if guest is None:
            return
        await self._store.delete_handles_and_phones(guest.id)
        with suppress(NotFound):  # erased already
            await self._alter(guest.id, lambda it: _shell(it, erased=True))
        log.info("customer_erased", extra={"customer": guest.id})

    async def _phone_owner(self, customer: Customer, phone: Phone, proof: Proof) -> Customer:
        """Who the phone belongs to, having offered it to `customer`."""
        for _ in range(LOST_RACES):
            record = PhoneRecord(
                id=phone_id(phone), customer=customer.id, phone=phone, proof=proof, at_ms=self._clock.ms()
            )
            if await self._store.insert_phone(record):
                return customer
            held = await self._store.phone(phone)
            owner = None if held is None else await self._follow(held.customer)
            if owner is not None and not owner.erased:
                if held is None or owner.id == customer.id or not self._passed_on(owner, held):
                    return owner
                await self._alter(owner.id, lambda it: self._without_phone(it, phone))
                log.info("phone_passed_on", extra={"customer": owner.id, "phone": phone_mark(phone)})
            if held is not None:  # its owner was forgotten while it was being proved, or is long gone
                await self._store.release_phone(phone, held.customer)
        raise StoreError("phone kept changing", phone_end=phone[-2:])

    async def _merge(self, newcomer: CustomerId, owner: CustomerId) -> None:
        """Make `newcomer` part of `owner`: first what it knew is there, then it leads there, then its handles do."""
        for _ in range(LOST_RACES):
            current = await self._store.get(newcomer)
            if current is None or current.joined_into or current.erased:
                break
            await self._alter(owner, partial(_merged, newcomer=current))
            shell = _shell(current, joined_into=owner)
            if await self._store.replace(shell.model_copy(update={"v": current.v + 1})):
                break
        else:
            raise StoreError("customer kept changing", customer=newcomer)
        for record in await self._store.handles_of(newcomer):
            await self._store.move_handle(record.id, owner)

    async def _follow(self, customer: CustomerId) -> Customer | None:
        """The guest of this id, or whom they became part of."""
        for _ in range(MAX_JOINS):
            found = await self._store.get(customer)
            if found is None or not found.joined_into:
                return found
            customer = CustomerId(found.joined_into)
        raise StoreError("joins run in a circle", customer=customer)

    async def _alter(self, customer: CustomerId, change: Callable[[Customer], Customer]) -> Customer:
        for _ in range(LOST_RACES):
            current = await self.require(customer)
            new = change(current)
            if new == current:
                return current
            new = new.model_copy(update={"v": current.v + 1})
            if await self._store.replace(new):
                return new
        raise StoreError("customer kept changing", customer=customer)

    def _newcomer(self, record: HandleRecord, language_hint: str) -> Customer:
        language = language_hint[:2].lower()
        now = self._clock.ms()
        return Customer(
            id=record.customer,
            language=language if language in LANGUAGES else "",
            created_ms=now,
            seen_ms=now,
        )

    def _with_phone(self, customer: Customer, phone: Phone, proof: Proof) -> Customer:
        now, same = self._clock.ms(), customer.phone == phone
        doubtful = same and proof is not Proof.OTP and is_idle(customer, now)  # only a code takes the doubt away
        first = same and customer.phone_proof == proof  # proved again: when it was first shown is what counts
        return customer.model_copy(
            update={
                "phone": phone,
                "phone_proof": proof,
                "phone_at_ms": customer.phone_at_ms if first else now,
                "code_ms": now if proof is Proof.OTP else customer.code_ms if same else 0,
                "used_ms": customer.used_ms if doubtful else now,
            }
        )

    async def _is_ours_to_give(self, customer: Customer, phone: Phone) -> bool:
        """Whether the phone would become this profile's, rather than lead to somebody else's."""
        held = await self._store.phone(phone)
        owner = None if held is None else await self._follow(held.customer)
        if held is None or owner is None or owner.erased or owner.id == customer.id:
            return True
        return self._passed_on(owner, held)

    def _passed_on(self, owner: Customer, held: PhoneRecord) -> bool:
        """Whether the phone may be somebody else's by now: unused for long, or left behind for another one."""
        left = owner.phone not in ("", held.phone) and held.at_ms < owner.phone_at_ms
        return left or (owner.phone == held.phone and is_idle(owner, self._clock.ms()))

    @staticmethod
    def _without_phone(customer: Customer, phone: Phone) -> Customer:
        if customer.phone != phone:
            return customer
        return customer.model_copy(update={"phone": "", "phone_proof": "", "phone_at_ms": 0, "code_ms": 0})


def _new_customer() -> CustomerId:
    return CustomerId(new_id("cus"))


def _merged(owner: Customer, newcomer: Customer) -> Customer:
    """The owner with what the newcomer knew and the owner did not. Merging again adds nothing."""
    addresses = list(owner.addresses)
    for address in newcomer.addresses:
        if len(addresses) < MAX_ADDRESSES and not any(same_place(address, known) for known in addresses):
            addresses.append(address)
    consents = [*owner.consents, *(said for said in newcomer.consents if said not in owner.consents)]
    return owner.model_copy(
        update={
            "name": owner.name or newcomer.name,
            "language": owner.language or newcomer.language,
            "addresses": tuple(addresses),
            "diet": owner.diet or newcomer.diet,
            "consents": tuple(sorted(consents, key=lambda said: said.at_ms)),
            "marks": tuple(sorted({*owner.marks, *newcomer.marks}, key=lambda mark: mark.at_ms))[-MAX_MARKS:],
        }
    )


def _shell(customer: Customer, *, joined_into: str = "", erased: bool = False) -> Customer:
    """What is left of a profile: nothing personal, and no session token that still works."""
    return Customer(
        id=customer.id,
        v=customer.v,
        token_ver=customer.token_ver + 1,
        created_ms=customer.created_ms,
        joined_into=joined_into,
        erased=erased,
    )


def _answered(customer: Customer, said: Consent) -> bool:
    last = next((old for old in reversed(customer.consents) if old.purpose == said.purpose), None)
    return last is not None and (last.given, last.text_version) == (said.given, said.text_version)
