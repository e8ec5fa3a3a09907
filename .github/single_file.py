"""Build xpmsync as a single file that needs no Python: `pip install ".[mcp]" pyinstaller`, then run this script.

    python .github/single_file.py [FOLDER]

The file is `dist/xpmsync`, `dist/xpmsync.exe` on Windows, for the system and the
processor it is built on. PyInstaller rather than Nuitka, measured on 2 cores
(Linux, Python 3.11): see `tests/bench/README.md`.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import PyInstaller.__main__

ROOT = Path(__file__).parents[1]
LOADED_BY_NAME = ("xpmsync", "keyring", "phonenumbers", "rich", "shellingham")
"""Packages that import modules by name or read files of their own, which PyInstaller does not see."""
AT_START = """
import os
# PyInstaller's own libraries are not for the programs that xpmsync starts (crontab, systemctl, a browser).
former = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
if former is None:
    os.environ.pop("LD_LIBRARY_PATH", None)
else:
    os.environ["LD_LIBRARY_PATH"] = former
"""


def build(folder: Path) -> None:
    """Build it into that folder."""
    with tempfile.TemporaryDirectory() as work:
        hook = Path(work, "at_start.py")
        hook.write_text(AT_START, encoding="utf-8")
        PyInstaller.__main__.run(
            [
                str(ROOT / "src" / "xpmsync" / "__main__.py"),
                *("--onefile", "--noconfirm", "--clean", "--name", "xpmsync", "--log-level", "WARN"),
                *(word for package in LOADED_BY_NAME for word in ("--collect-all", package)),
                *("--copy-metadata", "keyring", "--runtime-hook", str(hook)),
                # Task Scheduler would otherwise open a window for each run; in a terminal nothing is hidden.
                *(("--hide-console", "hide-early") if sys.platform == "win32" else ()),
                *("--distpath", str(folder), "--workpath", work, "--specpath", work),
            ]
        )


if __name__ == "__main__":
    build(Path(sys.argv[1] if len(sys.argv) > 1 else "dist"))
