"""An empty practice with both its systems."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.sync_rig import SyncRig, open_rig


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[SyncRig]:
    """XPM on loopback, the built-in register, a ledger, a clock that a test moves."""
    with open_rig(tmp_path) as rig:
        yield rig
