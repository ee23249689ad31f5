"""Every index the slices rely on: whatever a module called `…store` lists in `INDEXES`, so that none is forgotten."""

import pkgutil
from importlib import import_module

import core
from core.connections import Index


def all_indexes() -> list[Index]:
    found: list[Index] = []
    for module in pkgutil.walk_packages(core.__path__, "core."):
        if module.name.endswith("store") and not module.ispkg:
            found.extend(getattr(import_module(module.name), "INDEXES", ()))
    return found
