"""At the end of every run: the status file, the log, and for unattended runs the notifications.

Nothing here can change how the run ended: whatever fails is a warning.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from xpmsync.core.enums import Json
from xpmsync.core.plan.hold_codes import waiting_line
from xpmsync.core.plan.plan import holds_for_a_person, summary_line
from xpmsync.errors import StateUnusable
from xpmsync.local.ledger.summary import RunNote, StatusNote, read_status, write_status
from xpmsync.local.settings.sections import LogFormat, When
from xpmsync.local.settings.settings import Settings
from xpmsync.local.system.clock import Clock, local_time
from xpmsync.local.system.log import open_log
from xpmsync.local.system.paths import ProfilePaths

if TYPE_CHECKING:
    from xpmsync.local.secrets.vault import Vault
    from xpmsync.usecases.sync.apply import Applied
    from xpmsync.usecases.unattended.notify import Notice

_WAITS_BY_EXIT: Final[Mapping[int, str]] = {4: "sign-in", 6: "guard"}
_IN_WORDS: Final[Mapping[str, str]] = {
    "written": "changes written",
    "failed": "calls failed",
    "holds": "details held",
    "equal": "clients equal already",
    "clients": "clients linked",
    "xpm_calls": "XPM calls",
}


def pending_after(applied: Applied) -> dict[str, int]:
    """What of a finished run a person should look at, by machine code; counts, no names."""
    waits = holds_for_a_person(applied.plan.holds)
    waits["failed"] = len(applied.failures)
    waits["upload"] = sum(file.uploaded is None for file in applied.pending_uploads.files)
    return {code: number for code, number in sorted(waits.items()) if number}


def notify_run(
    settings: Settings | None,
    paths: ProfilePaths,
    run: RunNote,
    *,
    attended: bool,
    whole: bool,
    open_vault: Callable[[], Vault],
    clock: Clock,
) -> tuple[str, ...]:
    """Note and log how a run ended, and notify those whom the settings name unless a person was there to see it.

    `settings` is None where they could not be read; then only the status is noted.
    `whole` says that the run looked at all clients and came to its end.
    Returns warnings.
    """
    former = read_status(paths)
    if not whole and former is not None:
        # A run of some clients, or one that broke off, knows nothing of what else waits. One that ended well proves
        # the sign-in, and an applied plan is what a guard stopped; a guard that stopped all is not over after a few.
        over = {"sign-in", *(("guard",) if run.command == "apply" else ())} if run.exit_code == 0 else set()
        before = {code: number for code, number in former.last_run.waiting.items() if code not in over}
        run = replace(run, waiting={**before, **run.waiting}, sign_in_to=run.sign_in_to or former.last_run.sign_in_to)
    if code := _WAITS_BY_EXIT.get(run.exit_code):
        run = replace(run, waiting={**run.waiting, code: 1})
    warnings: list[str] = []
    try:
        write_status(paths, _status(former, run))
    except StateUnusable as problem:
        warnings.append(f"The status could not be noted in {problem.path}: {problem.reason}.")
    if settings is None:
        return tuple(warnings)
    log = open_log(paths, as_json=settings.log.format is LogFormat.JSON)
    log.log(logging.WARNING if run.exit_code else logging.INFO, "run ended", extra={"facts": _facts(run)})
    if not attended:
        from xpmsync.usecases.unattended.notify import notify

        ended = notify(settings, notice_of(settings, run, former), open_vault, now=clock.now())
        for channel, wrong in ended.items():
            facts = {"channel": channel.value, "problem": wrong or "none"}
            log.log(logging.WARNING if wrong else logging.INFO, "notification", extra={"facts": facts})
            if wrong:
                warnings.append(f"The notification by {channel.value} failed: {wrong}.")
    return tuple(warnings)


def notice_of(settings: Settings, run: RunNote, former: StatusNote | None) -> Notice:
    """What is sent to people and programs about a run; worth their time when it ended badly or something new waits."""
    from xpmsync.usecases.unattended.notify import Notice

    before = former.last_run.waiting if former else {}
    more = any(number > before.get(code, 0) for code, number in run.waiting.items())
    good = run.exit_code == 0
    ending = run.status.replace("-", " ")
    if good and more:
        ending = "done, something waits for a person"
    subject = f"xpmsync ({settings.profile}): {run.command} {ending}"
    counted = [f"  {number} {_IN_WORDS[name]}" for name in _IN_WORDS if (number := run.counts.get(name)) is not None]
    waits = [f"  {waiting_line(code, number)}" for code, number in run.waiting.items()]
    profile = "" if settings.profile == "default" else f" --profile {settings.profile}"
    line = summary_line(run.counts.get("written", 0), run.waiting, written=True)
    lines = (
        f"{line[0].upper()}{line[1:]}.",
        f"{run.command} of the profile {settings.profile} ended with: {run.status} (exit code {run.exit_code}"
        + (f", {run.code})." if run.code not in ("", run.status) else ")."),
        f"Started {local_time(run.started)}, finished {local_time(run.finished)}.",
        *(["", "Counts:", *counted] if counted else []),
        *(["", "Waiting for a person:", *waits] if waits else []),
        "",
        "See on that computer:",
        *(f"  xpmsync{profile} {word}" for word in ("status", "history", "doctor")),
    )
    data: dict[str, Json] = {
        "xpmsync": 1,
        "event": "run",
        "profile": settings.profile,
        "command": run.command,
        "status": run.status,
        "exit_code": run.exit_code,
        "code": run.code,
        "started": run.started.isoformat(timespec="seconds"),
        "finished": run.finished.isoformat(timespec="seconds"),
        "counts": dict(run.counts),
        "waiting": dict(run.waiting),
        "summary": line,
        # What chat services show of a message.
        "text": f"{subject}. {line}",
    }
    worth = not good or more or settings.notify.when is When.ALWAYS
    return Notice(subject, lines, data, good=good, worth=worth)


def _status(former: StatusNote | None, run: RunNote) -> StatusNote:
    good = run.exit_code == 0
    return StatusNote(
        last_run=run,
        last_success=run.finished if good else former.last_success if former else None,
        last_scheduled=run.finished if run.by_schedule else former.last_scheduled if former else None,
        failed_in_a_row=0 if good else (former.failed_in_a_row if former else 0) + 1,
    )


def _facts(run: RunNote) -> dict[str, Json]:
    seconds = round((run.finished - run.started).total_seconds())
    facts: dict[str, Json] = {"command": run.command, "exit_code": run.exit_code, "status": run.status}
    if run.code:
        facts["problem"] = run.code
    return {**facts, "by_schedule": run.by_schedule, "seconds": seconds, **run.counts}
