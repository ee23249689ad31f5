"""Who may tap what, at which outlet."""

import pytest

from core.clock import FrozenClock
from core.connections import Database, ensure_indexes
from core.errors import Forbidden, NotFound
from core.ids import Handle, OutletId
from core.staff.models import PERMISSIONS, Role, Verb, may
from core.staff.service import StaffService
from core.staff.store import INDEXES, StaffStore

MGROAD, INDIRA = OutletId("mgroad"), OutletId("indira")
COOK, BOSS, STRANGER = Handle("telegram:7"), Handle("telegram:1"), Handle("telegram:99")

# The whole table, as an owner would check it: one line a verb, one mark a role.
TABLE = """
            owner manager kitchen rider
board         x      x       x      x
accept        x      x       x      -
reject        x      x       x      -
progress      x      x       x      -
deliver       x      x       x      x
cancel        x      x       -      -
soldout       x      x       x      -
pause         x      x       x      -
hours         x      x       -      -
refund        x      x       -      -
price         x      x       -      -
staff         x      -       -      -
"""


def test_every_role_may_do_what_the_table_says_and_nothing_else():
    head, *rows = TABLE.strip().splitlines()
    roles = [Role(name) for name in head.split()]
    told = {Verb(verb): marks for verb, *marks in map(str.split, rows)}
    assert set(told) == set(Verb)
    assert set(roles) == set(Role) == set(PERMISSIONS)
    for verb, marks in told.items():
        for role, mark in zip(roles, marks, strict=True):
            assert may(role, verb) is (mark == "x"), (role, verb)


def test_nobody_may_do_anything_and_nobody_may_do_what_no_table_knows():
    assert not any(may(None, verb) for verb in Verb)
    assert not may(Role.OWNER, "launder")


@pytest.fixture
async def staff(mongo: Database, clock: FrozenClock) -> StaffService:
    await ensure_indexes(mongo, INDEXES)
    return StaffService(store=StaffStore(mongo), clock=clock, owners=[BOSS])


async def test_a_cook_works_at_the_outlet_they_were_added_to(staff: StaffService, clock: FrozenClock):
    added = await staff.add(COOK, MGROAD, Role.KITCHEN, name="Asha", by=BOSS)
    assert added.added_ms == clock.ms()
    assert await staff.role(COOK, MGROAD) is Role.KITCHEN
    assert await staff.role(COOK, INDIRA) is None
    assert await staff.role(STRANGER, MGROAD) is None
    assert await staff.require(COOK, MGROAD, Verb.ACCEPT) is Role.KITCHEN
    for handle, outlet, verb in (
        (COOK, MGROAD, Verb.REFUND),
        (COOK, INDIRA, Verb.BOARD),
        (STRANGER, MGROAD, Verb.BOARD),
    ):
        with pytest.raises(Forbidden):
            await staff.require(handle, outlet, verb)


async def test_the_owners_of_the_settings_may_do_everything_everywhere(staff: StaffService):
    assert await staff.role(BOSS, MGROAD) is Role.OWNER
    assert await staff.require(BOSS, INDIRA, Verb.STAFF) is Role.OWNER


async def test_a_cook_who_becomes_manager_is_one_person_still(staff: StaffService):
    await staff.add(COOK, MGROAD, Role.KITCHEN, name="Asha", by=BOSS)
    await staff.add(COOK, MGROAD, Role.MANAGER, name="Asha", by=BOSS)
    assert [(member.handle, member.role) for member in await staff.list_at(MGROAD)] == [(COOK, Role.MANAGER)]


async def test_somebody_at_two_outlets_has_two_roles_and_may_lose_one(staff: StaffService):
    await staff.add(COOK, MGROAD, Role.RIDER)
    await staff.add(COOK, INDIRA, Role.MANAGER)
    assert [(member.outlet, member.role) for member in await staff.outlets_of(COOK)] == [
        (INDIRA, Role.MANAGER),
        (MGROAD, Role.RIDER),
    ]
    await staff.remove(COOK, INDIRA, by=BOSS)
    assert await staff.role(COOK, INDIRA) is None
    assert await staff.role(COOK, MGROAD) is Role.RIDER
    with pytest.raises(NotFound):
        await staff.remove(COOK, INDIRA)
