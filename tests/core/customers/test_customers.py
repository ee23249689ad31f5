"""One person behind many chats: met once, joined when a phone shows it, forgotten on request."""

import asyncio
from datetime import timedelta

import pytest

from core.customers.errors import OldPhoneNeeded
from core.customers.identity import is_idle
from core.customers.models import Customer, DietProfile, HandleRecord, Mark, Proof, Strike
from core.errors import NotFound, StoreError
from core.ids import CustomerId, Handle, OrderId, Phone
from tests.core.customers.conftest import HOME, OTHER_PHONE, PHONE, TELEGRAM, WEB, WHATSAPP, meet, met_with_phone


async def test_somebody_new_gets_a_profile_and_somebody_known_their_own(customers, clock):
    first = await meet(customers, hint="hi-IN")
    assert (first.language, first.created_ms) == ("hi", clock.ms())
    assert await meet(customers) == first
    assert (await meet(customers, TELEGRAM, "fr")).language == ""
    assert await customers.require(first.id) == first


@pytest.mark.race
async def test_first_messages_that_cross_make_one_guest(customers, mongo):
    for number in range(5):
        handle = Handle(f"telegram:{number}")
        met = await asyncio.gather(*(meet(customers, handle) for _ in range(10)))
        assert len({guest.id for guest in met}) == 1
    assert await mongo["customers"].count_documents({}) == 5


@pytest.mark.race
async def test_without_the_handle_deciding_they_would_make_several(customers, store, mongo, monkeypatch):
    """The twin of the test above: whoever comes second does not notice."""
    insert = store.insert_handle

    async def careless(record):
        await insert(record)
        return True

    monkeypatch.setattr(store, "insert_handle", careless)
    await asyncio.gather(*(meet(customers) for _ in range(10)))
    assert await mongo["customers"].count_documents({}) > 1


@pytest.mark.crash
async def test_killed_between_handle_and_profile_the_next_message_finishes_the_meeting(customers, store, clock):
    await store.insert_handle(
        HandleRecord(id=WEB, customer=CustomerId("cus_half"), channel="webchat", created_ms=clock.ms())
    )
    met = await asyncio.gather(*(meet(customers) for _ in range(5)))
    assert {guest.id for guest in met} == {"cus_half"}


async def test_a_phone_is_bound_and_found_again(customers, clock):
    guest = await met_with_phone(customers, WEB)
    assert (guest.phone, guest.phone_proof, guest.phone_at_ms) == (PHONE, "otp", clock.ms())
    found = await customers.by_phone(PHONE)
    assert found == guest
    assert await customers.by_phone(OTHER_PHONE) is None
    clock.advance(timedelta(days=1))
    again = await customers.prove_phone(guest.id, WEB, PHONE, Proof.OTP)
    assert again == guest.model_copy(update={"v": again.v, "code_ms": clock.ms(), "used_ms": clock.ms()})


async def test_the_same_phone_on_a_second_channel_is_the_same_person(customers, clock):
    old = await met_with_phone(customers, TELEGRAM, proof=Proof.TELEGRAM_CONTACT)
    await customers.rename(old.id, "Asha")
    clock.advance(timedelta(days=3))
    new = await meet(customers, WEB)
    await customers.rename(new.id, "A.")
    await customers.set_diet(new.id, DietProfile(veg_only=True))
    await customers.add_address(new.id, *HOME)
    joined = await customers.prove_phone(new.id, WEB, PHONE, Proof.OTP)
    assert joined.id == old.id
    assert (joined.name, joined.diet.veg_only, len(joined.addresses)) == ("Asha", True, 1)
    assert (await meet(customers, WEB)).id == (await meet(customers, TELEGRAM)).id == old.id
    assert (await customers.require(new.id)).id == old.id  # the id of the other chat's session stays good
    assert {record.id for record in await customers.handles(old.id)} == {WEB, TELEGRAM}


async def test_nothing_personal_stays_behind_in_the_profile_that_was_joined(customers, store):
    await met_with_phone(customers, TELEGRAM)
    new = await meet(customers, WEB)
    await customers.rename(new.id, "A.")
    await customers.add_address(new.id, *HOME)
    await customers.prove_phone(new.id, WEB, PHONE, Proof.OTP)
    shell = await store.get(new.id)
    assert (shell.name, shell.addresses, shell.phone) == ("", (), "")
    assert shell.token_ver == new.token_ver + 1


async def test_joining_twice_is_joining_once(customers):
    await met_with_phone(customers, TELEGRAM)
    new = await meet(customers, WEB)
    await customers.add_address(new.id, *HOME)
    first = await customers.prove_phone(new.id, WEB, PHONE, Proof.OTP)
    again = await customers.prove_phone(new.id, WEB, PHONE, Proof.OTP)
    assert again == first


async def test_who_lends_their_chat_keeps_their_own_profile(customers):
    """Two people at one browser: the chat speaks for whoever proved a phone last; neither swallows the other."""
    asha = await met_with_phone(customers, TELEGRAM, PHONE)
    bala = await met_with_phone(customers, WEB, OTHER_PHONE)
    await customers.add_address(bala.id, *HOME)
    now = await customers.prove_phone(bala.id, WEB, PHONE, Proof.OTP)
    assert (now.id, now.addresses) == (asha.id, ())
    assert (await customers.by_phone(OTHER_PHONE)).id == bala.id
    back = await customers.prove_phone(now.id, WEB, OTHER_PHONE, Proof.OTP)
    assert (back.id, len(back.addresses)) == (bala.id, 1)
    assert (await meet(customers, WEB)).id == bala.id
    assert (await meet(customers, TELEGRAM)).id == asha.id


async def test_another_phone_takes_the_place_of_the_first_only_when_that_one_is_proved_too(customers):
    guest = await met_with_phone(customers, WEB, PHONE)
    for replaces in ("", OTHER_PHONE):
        with pytest.raises(OldPhoneNeeded):
            await customers.prove_phone(guest.id, WEB, OTHER_PHONE, Proof.OTP, replaces=replaces)
    assert await customers.by_phone(OTHER_PHONE) is None
    changed = await customers.prove_phone(guest.id, WEB, OTHER_PHONE, Proof.OTP, replaces=PHONE)
    assert (changed.id, changed.phone) == (guest.id, OTHER_PHONE)
    assert await customers.by_phone(PHONE) is None


async def test_who_proves_a_phone_that_was_left_behind_gets_no_profile_with_it(customers):
    guest = await met_with_phone(customers, WEB, PHONE)
    await customers.add_address(guest.id, *HOME)
    await customers.prove_phone(guest.id, WEB, OTHER_PHONE, Proof.OTP, replaces=PHONE)
    stranger = await met_with_phone(customers, TELEGRAM, PHONE)
    assert (stranger.id != guest.id, stranger.addresses) == (True, ())


async def test_starting_afresh_leaves_everything_with_the_old_number(customers):
    guest = await met_with_phone(customers, WEB, PHONE)
    await customers.add_address(guest.id, *HOME)
    fresh = await customers.start_afresh(WEB, "webchat", "hi")
    assert (fresh.phone, fresh.addresses, fresh.language) == ("", (), "hi")
    now = await customers.prove_phone(fresh.id, WEB, OTHER_PHONE, Proof.OTP)
    assert now.id == fresh.id != guest.id
    assert len((await customers.by_phone(PHONE)).addresses) == 1
    again = await met_with_phone(customers, TELEGRAM, PHONE)
    assert again.id == guest.id


@pytest.mark.race
async def test_two_chats_proving_one_phone_at_once_become_one_person(customers):
    for number in range(10):
        phone = Phone(f"+9198765432{number:02d}")
        handles = [Handle(f"webchat:{number}"), Handle(f"telegram:{number}"), Handle(f"whatsapp:{number}")]
        guests = [await meet(customers, handle) for handle in handles]
        for guest in guests:
            await customers.add_address(guest.id, f"{guest.id} Church Street", "Bengaluru", "560001")
        proved = await asyncio.gather(
            *(
                customers.prove_phone(guest.id, handle, phone, Proof.OTP)
                for guest, handle in zip(guests, handles, strict=True)
            )
        )
        assert len({guest.id for guest in proved}) == 1
        after = [await meet(customers, handle) for handle in handles]
        assert {guest.id for guest in after} == {proved[0].id}
        assert len(after[0].addresses) == 3


@pytest.mark.race
async def test_without_the_phone_deciding_they_stay_two(customers, store, monkeypatch):
    """The twin of the test above."""

    async def careless(record):
        return True

    monkeypatch.setattr(store, "insert_phone", careless)
    guests = [await meet(customers, handle) for handle in (WEB, TELEGRAM)]
    proved = await asyncio.gather(
        *(customers.prove_phone(g.id, h, PHONE, Proof.OTP) for g, h in zip(guests, (WEB, TELEGRAM), strict=True))
    )
    assert len({guest.id for guest in proved}) == 2


@pytest.mark.crash
@pytest.mark.parametrize("after", range(1, 8))
async def test_a_join_killed_after_any_write_and_repeated_is_whole(customers, store, monkeypatch, after):
    old = await met_with_phone(customers, TELEGRAM)
    new = await meet(customers, WEB)
    await customers.identify(WHATSAPP, "whatsapp")
    await store.move_handle(WHATSAPP, new.id)  # a guest with two chats joins
    await customers.add_address(new.id, *HOME)
    written = 0

    class Killed(BaseException):
        pass

    def dying(write):
        async def once(*args):
            nonlocal written
            outcome = await write(*args)
            written += 1
            if written == after:
                raise Killed
            return outcome

        return once

    with monkeypatch.context() as deadly:
        for name in ("insert_phone", "replace", "move_handle"):
            deadly.setattr(store, name, dying(getattr(store, name)))
        try:
            await customers.prove_phone(new.id, WEB, PHONE, Proof.OTP)
        except Killed:
            pass
        else:
            assert after > written
    joined = await customers.prove_phone((await meet(customers, WEB)).id, WEB, PHONE, Proof.OTP)
    assert joined.id == old.id
    assert len(joined.addresses) == 1
    for handle in (WEB, TELEGRAM, WHATSAPP):
        assert (await meet(customers, handle)).id == old.id
    assert {record.id for record in await customers.handles(old.id)} == {WEB, TELEGRAM, WHATSAPP}


async def test_a_forgotten_guest_is_nobody_and_may_come_back_as_somebody_new(customers, store, mongo):
    guest = await met_with_phone(customers, WEB)
    await customers.rename(guest.id, "Asha")
    await customers.erase(guest.id)
    await customers.erase(guest.id)
    assert await customers.by_phone(PHONE) is None
    with pytest.raises(NotFound):
        await customers.require(guest.id)
    left = await store.get(guest.id)
    assert left == Customer(
        id=guest.id, v=left.v, token_ver=guest.token_ver + 1, created_ms=guest.created_ms, erased=True
    )
    assert await mongo["handles"].count_documents({}) == await mongo["phones"].count_documents({}) == 0
    back = await met_with_phone(customers, WEB)
    assert (back.id != guest.id, back.phone) == (True, PHONE)


async def test_a_handle_or_phone_left_over_by_a_forgotten_guest_is_free(customers, store):
    """As after a crash in the middle of forgetting, or a proof that crossed it."""
    guest = await met_with_phone(customers, WEB)
    handles, phones = await store.handles_of(guest.id), await store.phones_of(guest.id)
    await customers.erase(guest.id)
    await store.insert_handle(handles[0])
    await store.insert_phone(phones[0])
    assert await customers.by_phone(PHONE) is None
    assert (await met_with_phone(customers, WEB)).id != guest.id


async def test_nobody_is_nobody(customers):
    await customers.erase(CustomerId("cus_nobody"))
    for attempt in (
        customers.require(CustomerId("cus_nobody")),
        customers.rename(CustomerId("cus_nobody"), "Asha"),
        customers.prove_phone(CustomerId("cus_nobody"), WEB, PHONE, Proof.OTP),
    ):
        with pytest.raises(NotFound):
            await attempt


async def test_a_chat_that_blocked_us_is_remembered_as_such_until_it_writes_again(customers):
    guest = await meet(customers)
    await customers.set_reachable(WEB, False)
    assert [record.reachable for record in await customers.handles(guest.id)] == [False]
    await meet(customers)
    assert [record.reachable for record in await customers.handles(guest.id)] == [True]


@pytest.mark.parametrize("write", ["insert_handle", "insert_phone", "replace"])
async def test_when_every_write_loses_its_race_it_is_said_so(customers, store, monkeypatch, write):
    guest = await meet(customers)

    async def loses(new):
        return False

    async def nothing(name):
        return None

    monkeypatch.setattr(store, write, loses)
    monkeypatch.setattr(store, "handle", nothing)
    monkeypatch.setattr(store, "phone", nothing)
    attempt = {
        "insert_handle": lambda: meet(customers, TELEGRAM),
        "insert_phone": lambda: customers.prove_phone(guest.id, WEB, PHONE, Proof.OTP),
        "replace": lambda: customers.rename(guest.id, "Asha"),
    }[write]
    with pytest.raises(StoreError, match="kept changing"):
        await attempt()


async def test_joins_never_run_in_a_circle_unnoticed(customers, store):
    one, other = await meet(customers, WEB), await meet(customers, TELEGRAM)
    for guest, into in ((one, other), (other, one)):
        await store.replace(guest.model_copy(update={"v": 2, "joined_into": into.id}))
    with pytest.raises(StoreError, match="circle"):
        await customers.require(one.id)


IDLE = timedelta(days=90)


async def test_a_number_unused_for_ninety_days_comes_to_a_stranger_without_its_former_owner(customers, clock):
    """Operators give numbers to somebody else, who then gets the code too."""
    for n, proof in enumerate((Proof.OTP, Proof.TELEGRAM_CONTACT)):
        phone = Phone(f"+91987650000{n}")
        old = await met_with_phone(customers, Handle(f"webchat:old{n}"), phone)
        await customers.add_address(old.id, *HOME)
        clock.advance(IDLE)
        stranger = await meet(customers, Handle(f"telegram:new{n}"))
        now = await customers.prove_phone(stranger.id, Handle(f"telegram:new{n}"), phone, proof)
        assert (now.id, now.addresses, now.phone) == (stranger.id, (), phone)
        left = await customers.require(old.id)
        assert (left.phone, len(left.addresses)) == ("", 1)
        again = await customers.prove_phone(old.id, Handle(f"webchat:old{n}"), phone, Proof.OTP)
        assert (again.id, len(again.addresses)) == (stranger.id, 1)  # whoever has both chats has both profiles


async def test_in_the_guests_own_chat_only_a_code_takes_the_doubt_away(customers, clock):
    guest = await met_with_phone(customers, WEB, PHONE)
    clock.advance(IDLE)
    assert is_idle(guest, clock.ms())
    await customers.ordered(guest)
    guest = await customers.prove_phone(guest.id, WEB, PHONE, Proof.TELEGRAM_CONTACT)
    assert is_idle(guest, clock.ms())
    guest = await customers.prove_phone(guest.id, WEB, PHONE, Proof.OTP)
    assert not is_idle(guest, clock.ms())


async def test_who_orders_now_and_then_is_never_in_doubt(customers, clock):
    guest = await met_with_phone(customers, WEB, PHONE)
    for _ in range(3):
        clock.advance(IDLE - timedelta(days=1))
        await customers.ordered(await customers.require(guest.id))
        await customers.ordered(await customers.require(guest.id))
    guest = await customers.require(guest.id)
    assert not is_idle(guest, clock.ms())
    assert guest.v == 5  # made, proved, and once for each order after a while


async def test_an_order_leaves_one_mark_however_often_its_news_comes(customers, clock):
    guest = await met_with_phone(customers, WEB, PHONE)
    mark = Mark(order=OrderId("ord_1"), what=Strike.ABSENT, at_ms=clock.ms())
    await asyncio.gather(*(customers.mark(guest.id, mark) for _ in range(8)))
    assert (await customers.require(guest.id)).marks == (mark,)
    for n in range(30):
        await customers.mark(guest.id, mark.model_copy(update={"order": OrderId(f"ord_{n}")}))
    assert len((await customers.require(guest.id)).marks) == 20


@pytest.mark.race
async def test_of_two_chats_that_change_the_number_at_once_one_wins_and_no_number_is_lost_between_them(customers):
    guest = await met_with_phone(customers, WEB, PHONE)
    new = (OTHER_PHONE, Phone("+919876543212"))
    await asyncio.gather(
        *(customers.prove_phone(guest.id, WEB, phone, Proof.OTP, replaces=PHONE) for phone in new),
        return_exceptions=True,
    )
    now = await customers.require(guest.id)
    assert now.phone in new
    assert (await customers.by_phone(Phone(now.phone))).id == guest.id
    assert await customers.by_phone(PHONE) is None
