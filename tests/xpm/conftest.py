"""The gateway to an empty practice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.http_rig import HttpRig, open_http_rig


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[HttpRig]:
    """The gateway and the server, nothing in between, nobody in the practice."""
    with open_http_rig(tmp_path) as rig:
        yield rig
