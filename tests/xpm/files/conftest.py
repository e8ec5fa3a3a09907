"""How many readings of XPM's help pages the tests of its import go through."""

from __future__ import annotations

import pytest

from xpmsync.simulator.xpm_files.rules import every_rules

_STEP = 15
"""The default run takes every fifteenth reading, which has each switch both ways; `--thorough` takes all."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test that asks for `import_rules` one reading after another."""
    if "import_rules" in metafunc.fixturenames:
        step = 1 if metafunc.config.option.thorough else _STEP
        rules = list(every_rules())[::step]
        metafunc.parametrize("import_rules", rules, ids=str)
