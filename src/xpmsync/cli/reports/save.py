"""Writing a report to the file that was asked for, with who made it, when, and for which practice."""

from __future__ import annotations

import getpass
import os
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

from xpmsync import __version__
from xpmsync.cli.reports.pages import Fact, Page, escaped
from xpmsync.cli.terminal.output import Report
from xpmsync.cli.terminal.screen import Screen
from xpmsync.errors import UsageError
from xpmsync.local.settings.settings import DEMO_PROFILE, Settings
from xpmsync.local.system.named_files import FileKind, check_out, write_out
from xpmsync.local.system.paths import Paths
from xpmsync.usecases.auth.state import signed_in_state

__all__ = ["check_file", "report_facts", "save_report"]

_FORMS: Final = (".html", ".xlsx")


def check_file(file: Path | None, *, force: bool) -> None:
    """Raise `UsageError` for a report that could not be written, before any work is done."""
    if file is None:
        return
    if file.suffix.lower() not in _FORMS:
        raise UsageError(f"{file} is neither .html nor .xlsx.", "End the report's name with .html or .xlsx.")
    check_out(file, _kind(file), force=force, option="--report")


def save_report(answer: Report, page: Page, file: Path, *, force: bool) -> Report:
    """Write the page; the answer then names its file. Raises `UsageError` where the file cannot be written."""
    page = escaped(page)
    if _kind(file) is FileKind.PAGE:
        from xpmsync.cli.reports.formats import html_of

        content: str | bytes = html_of(page)
    else:
        from xpmsync.cli.reports.formats import xlsx_of

        content = xlsx_of(page)
    write_out(file, content, _kind(file), force=force, option="--report")

    def show(screen: Screen) -> None:
        answer.show(screen)
        screen.line(f"Report: {file}")

    return replace(answer, data={**answer.data, "report": str(file)}, show=show)


def _kind(file: Path) -> FileKind:
    return FileKind.PAGE if file.suffix.lower() == ".html" else FileKind.WORKBOOK


def report_facts(settings: Settings, paths: Paths, command: str, now: datetime) -> tuple[Fact, ...]:
    """Which practice, when, by whom, and by which command and settings."""
    if settings.profile == DEMO_PROFILE:
        practice = "Rehearsal: the built-in practice of made-up clients"
    else:
        state = signed_in_state(settings, paths, os.environ)
        practice = ", ".join(filter(None, (state.practice, f"profile {settings.profile}", state.tenant_id)))
    local = now.astimezone()
    direction = settings.sync.direction
    return (
        ("Practice", practice),
        ("Made", f"{local:%Y-%m-%d %H:%M} ({local:%Z})"),
        ("By", f"{_user()}, with xpmsync {__version__}"),
        ("Command", command),
        ("Direction", f"{direction.value}: {direction.source.label} is the source of truth"),
        ("Level", settings.sync.level.value),
    )


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "an account without a name"
