"""The console script: answers `--version` at once, and loads the command line for everything else."""

from __future__ import annotations

import sys

from xpmsync import __version__

__all__ = ["main"]


def main() -> None:
    """Run the command line and exit."""
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"xpmsync {__version__}\n")
        return
    from xpmsync.cli.main import run

    sys.exit(run(sys.argv[1:]))
