"""Fixtures of this room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.csv_rig import CsvRig, open_csv_rig


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[CsvRig]:
    """An empty register, its exports, and route csv on them."""
    with open_csv_rig(tmp_path) as rig:
        yield rig
