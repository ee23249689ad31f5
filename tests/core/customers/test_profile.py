"""What guests tell about themselves is kept clean, kept whole, and shown to them."""

import asyncio
from datetime import timedelta

import pytest

from core.customers.errors import InvalidAddress, InvalidLanguage, InvalidName, TooManyAddresses
from core.customers.models import DietProfile
from core.ids import AddressId
from tests.core.customers.conftest import HOME, PHONE, WEB, meet, met_with_phone

HOSTILE = ["", "   ", "\0\0\0\0\0\0", "\u202e\u200b\u2067", "😀😀😀😀😀😀", "------", "\ud800" * 6]


@pytest.mark.race
async def test_changes_at_once_are_all_kept(customers):
    guest = await meet(customers)
    await asyncio.gather(
        customers.rename(guest.id, "Asha"),
        customers.set_language(guest.id, "hi"),
        customers.set_diet(guest.id, DietProfile(jain=True)),
        *(customers.add_address(guest.id, f"{n} Church Street", "Bengaluru", "560001") for n in range(5)),
        customers.sign_out_everywhere(guest.id),
    )
    now = await customers.require(guest.id)
    assert (now.name, now.language, now.diet.jain, len(now.addresses), now.token_ver) == ("Asha", "hi", True, 5, 2)


@pytest.mark.race
async def test_without_comparing_versions_some_would_be_lost(customers, store, mongo, monkeypatch):
    """The twin of the test above."""

    async def careless(new):
        fields = {name: value for name, value in new.to_document().items() if name != "_id"}
        stored = await mongo["customers"].find_one({"_id": new.id})
        await mongo["customers"].replace_one({"_id": new.id, "v": stored["v"]}, fields)
        return True

    monkeypatch.setattr(store, "replace", careless)
    guest = await meet(customers)
    await asyncio.gather(*(customers.add_address(guest.id, f"{n} Church St", "Bengaluru", "560001") for n in range(5)))
    assert len((await customers.require(guest.id)).addresses) < 5


@pytest.mark.parametrize("name", [*HOSTILE, "123"], ids=range(8))
async def test_a_name_has_letters(customers, name):
    guest = await meet(customers)
    with pytest.raises(InvalidName):
        await customers.rename(guest.id, name)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Asha   Rao ", "Asha Rao"),
        ("आशा", "आशा"),
        ("<b>Asha</b>", "<b>Asha</b>"),
        ('{"$gt": ""}', '{"$gt": ""}'),
        ("Asha\u202e\0\nRao", "Asha Rao"),
        ("A" * 10_000, "A" * 60),
        ("Jose\u0301", "José"),
    ],
)
async def test_a_name_is_kept_as_it_reads(customers, typed, kept):
    guest = await meet(customers)
    assert (await customers.rename(guest.id, typed)).name == kept
    assert (await customers.require(guest.id)).name == kept


@pytest.mark.parametrize("language", ["", "fr", "EN", '{"$gt": ""}'])
async def test_only_languages_we_speak(customers, language):
    guest = await meet(customers)
    with pytest.raises(InvalidLanguage):
        await customers.set_language(guest.id, language)


async def test_an_address_is_kept_once_newest_last(customers):
    guest = await meet(customers)
    home = await customers.add_address(guest.id, *HOME, landmark="opposite  the park", lat=12.97, lon=77.6)
    work = await customers.add_address(guest.id, "12 MG Road", "Bengaluru", "560 001")
    again = await customers.add_address(guest.id, HOME[0].upper(), *HOME[1:], landmark="Opposite the park")
    assert (again.id, again.line) == (home.id, HOME[0].upper())
    assert home.landmark == "opposite the park"
    assert work.pin == "560001"
    assert [kept.id for kept in (await customers.require(guest.id)).addresses] == [work.id, home.id]
    await customers.remove_address(guest.id, home.id)
    await customers.remove_address(guest.id, AddressId("adr_gone"))
    assert [kept.id for kept in (await customers.require(guest.id)).addresses] == [work.id]


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"line": "4 Ch"}, "line", "short"),
        ({"line": "x" * 201}, "line", "long"),
        ({"line": "x" * 10_000}, "line", "long"),
        *(({"line": text}, "line", "missing") for text in ("", "   ", "\0" * 6, "\u202e\u200b")),
        ({"line": "------"}, "line", "wrong"),
        ({"city": ""}, "city", "missing"),
        ({"city": "B"}, "city", "short"),
        ({"city": "x" * 61}, "city", "long"),
        ({"pin": ""}, "pin", "missing"),
        ({"pin": "5600"}, "pin", "wrong"),
        ({"pin": "056001"}, "pin", "wrong"),
        ({"pin": '{"$gt": ""}'}, "pin", "wrong"),
        ({"landmark": "x" * 101}, "landmark", "long"),
        ({"lat": 91.0}, "place", "wrong"),
        ({"lon": float("nan")}, "place", "wrong"),
        ({"lat": float("inf")}, "place", "wrong"),
    ],
    ids=range(19),
)
async def test_an_address_that_no_rider_finds_is_refused_field_by_field(customers, change, field, reason):
    guest = await meet(customers)
    good = {"line": HOME[0], "city": HOME[1], "pin": HOME[2]}
    with pytest.raises(InvalidAddress) as refused:
        await customers.add_address(guest.id, **(good | change))
    assert (refused.value.field, refused.value.reason) == (field, reason)
    assert (await customers.require(guest.id)).addresses == ()


async def test_ten_addresses_are_enough(customers):
    guest = await meet(customers)
    for number in range(10):
        await customers.add_address(guest.id, f"{number} Church Street", "Bengaluru", "560001")
    with pytest.raises(TooManyAddresses):
        await customers.add_address(guest.id, *HOME)
    assert await customers.add_address(guest.id, "3 Church Street", "Bengaluru", "560001")


async def test_a_diet_is_kept_clean(customers):
    guest = await meet(customers)
    told = DietProfile(veg_only=True, allergies=("Nuts", " nuts ", "", "\u202eMilk", *(f"x{n}" for n in range(90))))
    diet = (await customers.set_diet(guest.id, told)).diet
    assert diet.allergies[:2] == ("nuts", "milk")
    assert len(diet.allergies) == 12


async def test_a_yes_and_a_no_are_both_remembered(customers, clock):
    guest = await meet(customers)
    about = {"channel": "webchat", "text_version": "1"}
    await customers.consent(guest.id, "offers", given=True, **about)
    await customers.consent(guest.id, "offers", given=True, **about)
    clock.advance(timedelta(hours=1))
    now = await customers.consent(guest.id, "offers", given=False, **about)
    assert [(said.given, said.at_ms) for said in now.consents] == [(True, clock.ms() - 3_600_000), (False, clock.ms())]


async def test_everything_held_can_be_read(customers):
    guest = await met_with_phone(customers, WEB)
    await customers.rename(guest.id, "Asha")
    await customers.add_address(guest.id, *HOME)
    told = await customers.export(guest.id)
    assert told["profile"]["name"] == "Asha"
    assert told["profile"]["addresses"][0]["pin"] == "560001"
    assert [record["id"] for record in told["handles"]] == [WEB]
    assert [record["phone"] for record in told["phones"]] == [PHONE]
    assert "token_ver" not in told["profile"]
