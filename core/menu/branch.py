"""A new outlet that begins as another one is. Pure."""

from collections.abc import Iterable, Mapping

from core.ids import MenuItemId, OutletId
from core.menu import menu_values as values
from core.menu.errors import BranchRefused
from core.menu.menu_nodes import Problems, Scalar
from core.menu.menu_outlets import outlet_code
from core.menu.models import LONG_AGO_MS, MenuItem
from core.outlets.models import Outlet


def branch(like: Outlet, items: Iterable[MenuItem], facts: Mapping[str, str]) -> tuple[Outlet, list[MenuItem]]:
    """The new outlet and its dishes. `facts` are code, name, address, city and phone as somebody typed them.

    Hours, taxes, zones, tables and menu are those of `like`; place on the map, FSSAI number, the prefix of invoices and
    group chats are not, and nothing is sold out. Raises BranchRefused with everything that cannot be used.
    """
    problems = Problems()
    readers = {
        "code": outlet_code,
        "name": values.text(),
        "address": values.text(200),
        "city": values.text(),
        "phone": values.phone,
    }
    read = {name: problems.catch(reader, Scalar(0, facts[name]), "") for name, reader in readers.items()}
    if problems:
        raise BranchRefused(problems=[sentence for _, sentence in problems.listed()])
    code = OutletId(read.pop("code"))
    own = {
        "id": code,
        "v": 1,
        "position": like.position + 1,
        "latitude": 0.0,
        "longitude": 0.0,
        "fssai": "",
        "invoice_prefix": "",
        "groups": (),
        "paused_until_ms": 0,
        "pause_reason": "",
        "paused_by": "",
    }
    dishes = [
        item.model_copy(
            update={
                "id": MenuItemId(f"{code}.{item.code}"),
                "outlet": code,
                "v": 1,
                "sold_out_until_ms": LONG_AGO_MS,
            }
        )
        for item in items
    ]
    return like.model_copy(update={**read, **own}), dishes
