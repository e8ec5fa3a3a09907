"""The console script: answers `--version` at once, and loads the command line for everything else."""

import gc
import sys

from xpmsync import __version__

GC_THRESHOLDS = (500_000, 20, 20)
"""Fewer runs of Python's garbage collector. What a command loads and reads is freed by reference counts, or stays to
the end: with the default thresholds the collector goes through all of it again and again, a tenth of the time of
`status` and a third of reading 15,000 clients (`tests/bench/reading.py`)."""


def main() -> None:
    """Run the command line and exit."""
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"xpmsync {__version__}\n")
        return
    gc.set_threshold(*GC_THRESHOLDS)
    from xpmsync.cli.main import run

    sys.exit(run(sys.argv[1:]))
