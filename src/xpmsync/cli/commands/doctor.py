"""doctor: look at everything a run depends on, and say what to do about it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xpmsync.cli.session import Session, session_of
from xpmsync.cli.terminal.output import ErrorNote, ExitCode, Report
from xpmsync.cli.terminal.sanitize import count
from xpmsync.cli.terminal.screen import Cell, Column, Screen, Tone
from xpmsync.core.enums import Json

if TYPE_CHECKING:
    from xpmsync.usecases.doctor.model import DoctorContext, Finding
    from xpmsync.usecases.doctor.report import FindingText


def doctor(
    ctx: typer.Context,
    report: Annotated[
        bool, typer.Option("--report", help="Write a problem report without client data; it is shown first.")
    ] = False,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Where the report goes.")] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Leave the network alone.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Write the report without asking.")] = False,
) -> None:
    """Check settings, keyring, clock, connection, sign-in, ledger, schedule and more; each with its fix."""
    from xpmsync.local.system.clock import SystemClock
    from xpmsync.usecases.doctor.doctor import doctor_context, run_checks, worst
    from xpmsync.usecases.doctor.model import Severity

    session = session_of(ctx, "doctor")
    if out is not None and not report:
        raise typer.BadParameter("--out goes with --report")
    context = doctor_context(
        session.paths, session.profile, os.environ, SystemClock(), attended=session.may_ask, online=not offline
    )
    findings = tuple(run_checks(context))
    texts = [_words(session, finding) for finding in findings]
    data: dict[str, Json] = {
        "verdict": worst(findings).value,
        "checks": [
            {"check": finding.check, "verdict": finding.verdict.value, "told": words[0], "fix": words[1]}
            for finding, words in zip(findings, texts, strict=True)
        ],
    }
    if report:
        session.report(_problem_report(session, context, findings, texts, data, out, yes=yes))
        return
    problems = [(one, words) for one, words in zip(findings, texts, strict=True) if one.verdict is Severity.PROBLEM]
    notes = tuple(ErrorNote(f"doctor-{one.check}", *words) for one, words in problems) if session.json else ()
    session.report(
        Report(
            data,
            lambda screen: _show(screen, findings, texts),
            ExitCode.PARTLY_DONE if problems else ExitCode.DONE,
            notes,
        )
    )


def _show(screen: Screen, findings: Sequence[Finding], texts: Sequence[FindingText]) -> None:
    """A line for each check; what to do is under it."""
    from xpmsync.usecases.doctor.model import Severity

    tones = {Severity.OK: Tone.QUIET, Severity.WARNING: Tone.WARNING, Severity.PROBLEM: Tone.PROBLEM}
    rows = [
        (Cell(finding.verdict.value, tones[finding.verdict]), finding.check, words if not fix else f"{words}\n-> {fix}")
        for finding, (words, fix) in zip(findings, texts, strict=True)
    ]
    screen.table([Column("", whole=True), Column("Check", whole=True), Column("Found")], rows)
    counts: dict[Severity, int] = {verdict: sum(one.verdict is verdict for one in findings) for verdict in Severity}
    screen.line()
    if counts[Severity.PROBLEM] or counts[Severity.WARNING]:
        words = f"{count(counts[Severity.PROBLEM], 'problem')}, {count(counts[Severity.WARNING], 'warning')}."
        screen.line(words, Tone.STRONG)
    else:
        screen.line("All is well.", Tone.STRONG)


def _problem_report(
    session: Session,
    context: DoctorContext,
    findings: Sequence[Finding],
    texts: Sequence[FindingText],
    data: dict[str, Json],
    out: Path | None,
    *,
    yes: bool,
) -> Report:
    """Show the report, then write it where the person agrees."""
    from xpmsync.local.system.files import FileKind, write_out
    from xpmsync.usecases.doctor.report import problem_report, report_name

    text = problem_report(context, findings, texts)
    file = (out or Path(report_name(context))).absolute()
    if not session.json:
        session.screen.verbatim(text)
    asked = yes or (session.may_ask and session.confirm(f"Write this to {file}?", yes=False, instead=""))
    if asked:
        write_out(file, text, FileKind.PROBLEM_REPORT, force=session.force)

    def show(screen: Screen) -> None:
        screen.line()
        screen.line(f"Written: {file}" if asked else "Nothing was written. To write it, add --yes.")

    return Report({**data, "report": text, "written": str(file) if asked else None}, show)


def _words(session: Session, finding: Finding) -> FindingText:
    """What was found and what to do; an error that was met is explained as everywhere."""
    if finding.error is not None:
        from xpmsync.cli.errors.explain import explain

        note, _ = explain(finding.error, session.command_line)
        return note.message, note.hint
    fix = finding.fix
    if finding.run:
        fix = f"{fix} {session.command_line(*finding.run)}".strip()
    return finding.message, fix
