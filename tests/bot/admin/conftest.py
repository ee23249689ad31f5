import pytest

from core.services import build_services
from tests.bot.admin.office import ADMINS, an_office, furnish
from tests.bot.kitchen.conftest import SEVEN


@pytest.fixture
async def office(settings, connections, clock):
    """Seven in the evening, both outlets open. Anu and Bala are admins, Om owns MG Road, Uma Indiranagar."""
    clock.set(SEVEN)
    settings = settings.model_copy(update={"admin_telegram_ids": ADMINS})
    services = await build_services(settings, connections, clock)
    await furnish(services)
    yield an_office(services, connections, clock)
    await services.outbox.close()
