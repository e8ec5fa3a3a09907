"""Options that several commands share: `--all`, and `--report FILE` with what it does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from xpmsync.cli.reports.page import Page
from xpmsync.cli.reports.save import check_file, report_facts, save_report
from xpmsync.cli.session import Session
from xpmsync.cli.terminal.output import ErrorNote, ExitCode, Report
from xpmsync.errors import UsageError

__all__ = ["All", "ReportFile", "check_file", "with_report", "with_report_of_run"]

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
