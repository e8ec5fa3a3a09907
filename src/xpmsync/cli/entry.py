"""The console script: answers `--version` at once, and loads the command line for everything else."""

from __future__ import annotations

import gc
import sys

from xpmsync import __version__

__all__ = ["main"]


def main() -> None:
    """Run the command line and exit."""
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"xpmsync {__version__}\n")
        return
    # What a command loads and reads is freed by reference counts, or stays to the end. With the default
    # thresholds the collector goes through all of it again and again: a tenth of the time of `status`.
    gc.set_threshold(100_000, 20, 20)
    from xpmsync.cli.main import run

    sys.exit(run(sys.argv[1:]))
