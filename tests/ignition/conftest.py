"""Fixtures of this room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.csv_rig import Desk, desk_in


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """An empty register, its exports, and route csv on them."""
    with desk_in(tmp_path) as desk:
        yield desk
