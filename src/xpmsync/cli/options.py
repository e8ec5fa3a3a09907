"""Options and arguments of several commands: `--all`, `--report FILE`, and a linked client completed by Tab."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from xpmsync.cli.reports.pages import Page
from xpmsync.cli.reports.save import check_file, report_facts, save_report
from xpmsync.cli.session import Session
from xpmsync.cli.terminal.output import ErrorNote, ExitCode, Report
from xpmsync.errors import UsageError

__all__ = ["All", "ReportFile", "check_file", "linked_clients", "with_report", "with_report_of_run"]

All = Annotated[bool, typer.Option("--all", help="Everything, also above a screenful.")]
ReportFile = Annotated[
    Path | None,
    typer.Option("--report", metavar="FILE", help="Also as a page to sign off on: FILE.html or FILE.xlsx."),
]


def with_report(session: Session, answer: Report, page: Page, file: Path | None) -> Report:
    """The answer with its report written, where one was asked for. Raises `UsageError`."""
    if file is None:
        return answer
    facts = report_facts(session.settings, session.paths, session.command, session.clock.now())
    return save_report(answer, replace(page, facts=(*facts, *page.facts)), file, force=session.force)


def with_report_of_run(session: Session, answer: Report, page: Page, file: Path | None) -> Report:
    """The same after something was written: a report that fails is one more error, and the answer stays."""
    try:
        return with_report(session, answer, page, file)
    except UsageError as problem:
        note = ErrorNote("report", f"The run is over, but its report is missing. {problem.problem}", problem.hint)
        exit_code = answer.exit_code or ExitCode.PARTLY_DONE
        return replace(answer, exit_code=ExitCode(exit_code), errors=(*answer.errors, note))


def linked_clients(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Offer linked clients whose name or id begins like what was typed; nothing when anything is amiss."""
    try:
        return _matching(ctx, incomplete.casefold())
    except Exception:
        # A shell shows whatever a completion prints; silence is the only good answer to trouble.
        return []


def _matching(ctx: typer.Context, start: str) -> list[tuple[str, str]]:
    from xpmsync.local.ledger.health import count_links
    from xpmsync.local.system.paths import Paths

    options = ctx.find_root().params
    config = options.get("config")
    profile = options.get("profile") or os.environ.get("XPMSYNC_PROFILE") or "default"
    ledger = Paths.from_environment(os.environ, config).profile(profile).ledger
    # Looked at, not opened: a key pressed by chance must not set a damaged ledger aside.
    links = count_links(ledger)
    by_name = [(name, ignition_id) for _, ignition_id, name in links if name.casefold().startswith(start)]
    by_id = [(xpm_id, name) for xpm_id, _, name in links if start and xpm_id.startswith(start)]
    return by_name + by_id
