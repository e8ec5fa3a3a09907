"""How much a test run does: examples of property tests, lives, killed processes, and on how many workers.

`HYPOTHESIS_PROFILE` is `few` or `many`. The rules machine and the crash tests do a
tenth of their work, and property tests a third, unless `--thorough` asks for all of
it, as `.ci/run` does;
`--lives N`, `--kills N` and `--damages N` ask for other numbers. Property tests have no time
limits, since the machine may be busy.
"""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from xpmsync.local.system import log

settings.register_profile("rules", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("third", settings.get_profile("rules"), max_examples=33)
settings.register_profile("few", settings.get_profile("rules"), max_examples=10)
settings.register_profile("many", settings.get_profile("rules"), max_examples=1_000)

ALL_LIVES = 2_000
ALL_KILLS = 200
ALL_DAMAGES = 200
ENOUGH_MEMORY = 1024**3
"""Bytes; all tests together write some 60 MB."""


@pytest.fixture(autouse=True)
def _own_secrets() -> Iterator[None]:
    """Secrets that a test used are not concealed in the tests after it, which run in the same process."""
    before = set(log._known)
    yield
    log._known.intersection_update(before)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the command line say how much the slow tests do."""
    parser.addoption("--thorough", action="store_true", help=f"live {ALL_LIVES} lives and kill {ALL_KILLS} processes")
    parser.addoption("--lives", type=int, help="how many random lives (rules machine, route lives)")
    parser.addoption("--kills", type=int, help="how many processes to kill (tests/crash)")
    parser.addoption("--damages", type=int, help="how many ledgers to damage (tests/crash)")
    parser.addoption("--single-file", help="the folder with the program that `.github/single_file.py` built")


def use_memory_for_files() -> None:
    """Keep the tests' folders in memory where the system has room in it, unless `TMPDIR` says where they are to be.

    Ledgers are flushed to the disk at each write, which was most of what many tests waited for; what a power cut
    leaves of a file is tried nowhere. The variable holds for workers and for processes that tests start.
    """
    memory = Path("/dev/shm")  # noqa: S108 - pytest and tempfile make private folders in it
    is_there = "TMPDIR" not in os.environ and memory.is_dir() and os.access(memory, os.W_OK)
    if is_there and shutil.disk_usage(memory).free > ENOUGH_MEMORY:
        os.environ["TMPDIR"] = tempfile.tempdir = str(memory)


def pytest_configure(config: pytest.Config) -> None:
    """Fill in the numbers that were not given."""
    use_memory_for_files()
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "rules" if config.option.thorough else "third"))
    share = 1 if config.option.thorough else 10
    config.option.lives = config.option.lives or ALL_LIVES // share
    config.option.kills = config.option.kills or ALL_KILLS // share
    config.option.damages = config.option.damages or ALL_DAMAGES // share


def pytest_collection_finish() -> None:
    """Collect garbage as rarely as the program does, and never go through the tests themselves: a tenth of the time."""
    gc.set_threshold(100_000, 20, 20)
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """Collect garbage once at the end, so that pytest, which does so five times, has none left to go through."""
    gc.collect()
    gc.freeze()


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Use no workers for a single file, which is through before they have started, unless it has much to do."""
    named = [Path(argument.partition("::")[0]) for argument in config.args]
    is_quick = len(named) == 1 and named[0].suffix == ".py" and not config.option.thorough
    # Some tests wait for processes and servers: four workers keep two cores busy meanwhile.
    return 0 if is_quick else 4
