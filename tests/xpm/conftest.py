"""A line to an empty practice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.http_rig import Line, lined_up


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    """The gateway and the server, nothing in between, nobody in the practice."""
    with lined_up(tmp_path) as line:
        yield line
