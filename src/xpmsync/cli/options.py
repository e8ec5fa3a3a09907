"""Options and arguments of several commands: `--all`, `--report FILE`, and a linked client completed by Tab.

A report says who made it, when, and for which practice; a file of another kind is never replaced by it.
"""

import getpass
import os
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from xpmsync import __version__
from xpmsync.cli.reports.pages import Fact, Page, escaped
from xpmsync.cli.session import Session
from xpmsync.cli.terminal.output import ErrorNote, ExitCode, Report
from xpmsync.cli.terminal.screen import Screen
from xpmsync.errors import UsageError
from xpmsync.local.settings.settings import DEMO_PROFILE, Settings
from xpmsync.local.system.files import FileKind, check_out, write_out
from xpmsync.local.system.paths import Paths
from xpmsync.usecases.auth.state import signed_in_state

_FORMS: Final = (".html", ".xlsx")

All = Annotated[bool, typer.Option("--all", help="Everything, also above a screenful.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Write without asking.")]
ReportFile = Annotated[
    Path | None,
    typer.Option("--report", metavar="FILE", help="Also as a page to sign off on: FILE.html or FILE.xlsx."),
]


def with_report(session: Session, answer: Report, page: Page, file: Path | None) -> Report:
    """The answer with its report written, where one was asked for. Raises `UsageError`."""
    if file is None:
        return answer
    facts = _report_facts(session.settings, session.paths, session.command, session.clock.now())
    return _save_report(answer, replace(page, facts=(*facts, *page.facts)), file, force=session.force)


def with_report_of_run(session: Session, answer: Report, page: Page, file: Path | None) -> Report:
    """The same after something was written: a report that fails is one more error, and the answer stays."""
    try:
        return with_report(session, answer, page, file)
    except UsageError as problem:
        note = ErrorNote("report", f"The run is over, but its report is missing. {problem.problem}", problem.hint)
        exit_code = answer.exit_code or ExitCode.PARTLY_DONE
        return replace(answer, exit_code=ExitCode(exit_code), errors=(*answer.errors, note))


def check_file(file: Path | None, *, force: bool) -> None:
    """Raise `UsageError` for a report that could not be written, before any work is done."""
    if file is None:
        return
    if file.suffix.lower() not in _FORMS:
        raise UsageError(f"{file} is neither .html nor .xlsx.", "End the report's name with .html or .xlsx.")
    check_out(file, _kind(file), force=force, option="--report")


def _save_report(answer: Report, page: Page, file: Path, *, force: bool) -> Report:
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


def _report_facts(settings: Settings, paths: Paths, command: str, now: datetime) -> tuple[Fact, ...]:
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


def linked_clients(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Offer linked clients whose name or id begins like what was typed; nothing when anything is amiss."""
    try:
        return _matching(ctx, incomplete.casefold())
    except Exception:
        # A shell shows whatever a completion prints; silence is the only good answer to trouble.
        return []


def _matching(ctx: typer.Context, start: str) -> list[tuple[str, str]]:
    from xpmsync.local.ledger.health import count_links

    options = ctx.find_root().params
    config = options.get("config")
    profile = options.get("profile") or os.environ.get("XPMSYNC_PROFILE") or "default"
    ledger = Paths.from_environment(os.environ, config).profile(profile).ledger
    # Looked at, not opened: a key pressed by chance must not set a damaged ledger aside.
    links = count_links(ledger)
    by_name = [(name, ignition_id) for _, ignition_id, name in links if name.casefold().startswith(start)]
    by_id = [(xpm_id, name) for xpm_id, _, name in links if start and xpm_id.startswith(start)]
    return by_name + by_id
