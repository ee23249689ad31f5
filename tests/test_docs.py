"""What people read before the code is true of the code: names of jobs, alerts and collections, files, settings."""

import re
from pathlib import Path

import pytest

from core.indexes import all_indexes
from core.monitoring.alerts.models import AlertKind
from core.settings import Settings

ROOT = Path(__file__).parents[1]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FILE = re.compile(r"`((?:core|bot|webhooks|tests|docs|menus)/[\w./-]+?)/?`")
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")
SETTING = re.compile(r"`([A-Z][A-Z0-9]*_[A-Z0-9_]+)(?:=[^`]*)?`")


def unnamed(names: set[str]) -> set[str]:
    return {name for name in names if f"`{name}`" not in OPERATIONS}


def test_operators_find_every_job_that_a_log_can_name():
    jobs = set(re.findall(r'\bJob\("([a-z-]+)"', (ROOT / "bot" / "bootstrap.py").read_text(encoding="utf-8")))

    assert len(jobs) > 15
    assert unnamed(jobs) == set()


def test_operators_find_every_alert():
    assert unnamed({kind.value for kind in AlertKind}) == set()


def test_operators_find_every_collection():
    collections = {index.collection for index in all_indexes()}

    assert len(collections) > 10
    assert unnamed(collections) == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_and_setting_a_page_names_is_there(page: Path):
    text = page.read_text(encoding="utf-8")

    assert [name for name in FILE.findall(text) if not (ROOT / name).exists()] == []
    assert [link for link in LINK.findall(text) if not (page.parent / link).exists()] == []
    settings = {name.upper() for name in Settings.model_fields}
    assert [name for name in SETTING.findall(text) if name not in settings] == []
