"""An empty practice with both its systems."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.sync_rig import Office, opened_office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """XPM on loopback, the built-in register, a ledger, a clock that only moves when told."""
    with opened_office(tmp_path) as office:
        yield office
