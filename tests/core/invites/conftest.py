from dataclasses import dataclass

import pytest

from core.audit.service import AuditService
from core.audit.store import AuditStore
from core.clock import FrozenClock
from core.connections import ensure_indexes
from core.ids import Handle
from core.indexes import all_indexes
from core.invites.service import InviteService
from core.invites.store import InviteStore

OM, GUEST, SLY = Handle("telegram:44444"), Handle("telegram:77777"), Handle("telegram:666000")


@dataclass
class Desk:
    invites: InviteService
    audit: AuditService
    store: InviteStore
    clock: FrozenClock


@pytest.fixture
async def desk(mongo, clock):
    await ensure_indexes(mongo, all_indexes())
    audit = AuditService(store=AuditStore(mongo), clock=clock)
    store = InviteStore(mongo)
    return Desk(InviteService(store=store, audit=audit, clock=clock), audit, store, clock)
