import pytest

from core.connections import ensure_indexes
from core.customers.models import Proof
from core.customers.service import CustomerService
from core.customers.store import INDEXES, CustomerStore
from core.ids import Handle, Phone


@pytest.fixture
async def store(mongo):
    await ensure_indexes(mongo, INDEXES)
    return CustomerStore(mongo)


@pytest.fixture
def customers(store, clock):
    return CustomerService(store=store, clock=clock)


PHONE, OTHER_PHONE = Phone("+919876543210"), Phone("+919876543211")
WEB, TELEGRAM, WHATSAPP = Handle("webchat:abc"), Handle("telegram:42"), Handle("whatsapp:91987")
HOME = ("4 Church Street, Ashok Nagar", "Bengaluru", "560001")


async def meet(customers, handle=WEB, hint=""):
    return await customers.identify(handle, handle.split(":")[0], hint)


async def met_with_phone(customers, handle, phone=PHONE, proof=Proof.OTP):
    guest = await meet(customers, handle)
    return await customers.prove_phone(guest.id, handle, phone, proof)
