"""What operators read names all they will meet: jobs in the log, alerts in their chat, collections in the store."""

import re
from pathlib import Path

from core.indexes import all_indexes
from core.monitoring.alerts.models import AlertKind

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def unnamed(names: set[str]) -> set[str]:
    return {name for name in names if f"`{name}`" not in PAGE}


def test_every_job_is_on_the_page():
    jobs = set(re.findall(r'\bJob\("([a-z-]+)"', (ROOT / "bot" / "bootstrap.py").read_text(encoding="utf-8")))

    assert len(jobs) > 15
    assert unnamed(jobs) == set()


def test_every_alert_is_on_the_page():
    assert unnamed({kind.value for kind in AlertKind}) == set()


def test_every_collection_is_on_the_page():
    collections = {index.collection for index in all_indexes()}

    assert len(collections) > 10
    assert unnamed(collections) == set()
