"""Rules about who may know whom that are finer than a list of packages."""

import ast
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest

from core.indexes import all_indexes

ROOT = Path(__file__).parents[1]
PACKAGES = ("core", "bot", "webhooks")
COMPOSITION = {"core/services.py"}  # wires the slices, so it knows their stores
BASES = {"core.lanes.store"}  # what stores of leased work are made from; holds nothing itself


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


@pytest.mark.parametrize("path", modules("core"), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_slice_calls_another_slices_service_and_never_its_store(path: Path):
    inside = path.relative_to(ROOT)
    own = f"core.{inside.parts[1]}."
    foreign = [name for name in imports(path) if name.startswith("core.") and name.endswith("store")]
    if inside.name == "store.py":
        foreign = [name for name in foreign if name not in BASES]

    assert str(inside) in COMPOSITION or [name for name in foreign if not name.startswith(own)] == []


def test_nothing_imports_in_a_circle():
    graph = grimp.build_graph(*PACKAGES, exclude_type_checking_imports=True)
    imported = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}

    TopologicalSorter(imported).prepare()  # CycleError names the circle
    with pytest.raises(CycleError):
        TopologicalSorter(imported | {"core.errors": {"core.settings"}}).prepare()


def test_every_file_that_is_no_code_travels_with_its_package():
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["*"]
    left_behind = [
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file()
        and path.suffix not in {".py", ".pyc"}
        and not any(fnmatch(path.name, pattern.removeprefix("**/")) for pattern in patterns)
    ]
    assert left_behind == []


@pytest.mark.parametrize("package", PACKAGES)
def test_every_folder_with_code_is_a_package(package: str):
    assert [path.parent for path in modules(package) if not (path.parent / "__init__.py").exists()] == []


def test_no_lock_names_an_index():
    for lock in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / lock).read_text()
        assert "://" not in text, lock
        assert text.count("--hash=sha256:") > text.count("==") > 50, lock


def test_no_index_is_asked_for_twice_in_two_ways():
    ways: dict[tuple[str, tuple[str, ...]], set[str]] = {}
    for index in all_indexes():
        ways.setdefault((index.collection, tuple(name for name, _ in index.key_list())), set()).add(repr(index))

    assert ways, "at least one slice lists its indexes"
    assert {key: found for key, found in ways.items() if len(found) > 1} == {}
