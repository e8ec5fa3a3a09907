"""The README's pictures: screens of the built-in practice, drawn by the program's own renderer.

    python tests/support/screens.py .github/screens

A test draws them again and compares, so they cannot drift from what the program shows.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from xpmsync.cli.commands.demo import nowhere_else
from xpmsync.cli.main import run
from xpmsync.cli.terminal.screen import Screen

_WIDTH: Final = 92


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture: its file name, and the command whose screen it shows."""

    name: str
    words: tuple[str, ...]


_SOME: Final = ("Café Zoë Pty Ltd", "Jacaranda Physiotherapy Pty Ltd", "MacAllister Farms")

SCENES: Final = (
    Scene("search", ("search", "smith")),
    Scene("import", ("import", "Tide Table Restaurant Ltd", "--dry-run")),
    Scene("diff", ("diff", *_SOME)),
    Scene("sync", ("sync", "--yes", *_SOME)),
    Scene("status", ("status",)),
    Scene("match", ("match",)),
)


def screen_of(words: tuple[str, ...]) -> str:
    """What the command shows on a colour terminal, as text with ANSI codes."""
    shown = io.StringIO()
    run(["--profile", "demo", "--no-input", *words], Screen(shown, width=_WIDTH, coloured=True))
    return shown.getvalue()


def draw(folder: Path) -> list[Path]:
    """Draw every scene as SVG, each on a practice of its own, and return the files."""
    from rich.console import Console
    from rich.text import Text

    folder.mkdir(parents=True, exist_ok=True)
    drawn: list[Path] = []
    for scene in SCENES:
        with nowhere_else() as home:
            shown = screen_of(scene.words).replace(str(home), "~/xpmsync")
        console = Console(record=True, width=_WIDTH, file=io.StringIO(), color_system="truecolor")
        console.print(Text.from_ansi(shown.strip("\n")))
        file = folder / f"{scene.name}.svg"
        svg = console.export_svg(title=f"xpmsync {scene.words[0]}", unique_id=f"xpmsync-{scene.name}")
        file.write_text(svg, encoding="utf-8", newline="\n")
        drawn.append(file)
    return drawn


def draw_report(folder: Path) -> Path | None:
    """Draw the report of a plan as a browser shows it; None where there is no Chromium."""
    browser = shutil.which("chromium")
    if browser is None:
        return None
    picture = folder / "report.png"
    with nowhere_else() as home:
        page = Path(home) / "plan.html"
        run(["--profile", "demo", "--no-input", "-q", "diff", "--report", str(page)], Screen(io.StringIO()))
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1200,800"]
        files = [f"--user-data-dir={home}/chromium", f"--screenshot={picture}", page.as_uri()]
        subprocess.run([browser, *options, *files], check=True, capture_output=True, timeout=120)
    return picture


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
    draw_report(Path(sys.argv[1]).absolute())
