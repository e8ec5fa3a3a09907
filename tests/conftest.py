"""Property tests: no time limits, since the machine may be busy; `HYPOTHESIS_PROFILE` is `few` or `many`.

`--kills N` asks for more processes to be killed than the 200 of an ordinary run.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("rules", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("few", settings.get_profile("rules"), max_examples=10)
settings.register_profile("many", settings.get_profile("rules"), max_examples=1_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "rules"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the command line say how many kills the tests in `tests/kills` are to share out."""
    parser.addoption("--kills", type=int, default=200, help="how many processes to kill (tests/kills)")
