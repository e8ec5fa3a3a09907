"""Shells as fixtures, for each folder whose tests run commands: its `conftest.py` imports them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.cli_runner import Live, Shell, opened_live


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A shell with nothing set up; `--profile demo` works in it."""
    return Shell(tmp_path)


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    """A practice whose XPM is a server in this process."""
    with opened_live(tmp_path) as opened:
        yield opened
