"""The problem report: context, steps, expected, seen; redacted, without client data, and readable before it is sent."""

import platform
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from xpmsync import __version__
from xpmsync.errors import AccessRefused, ClientNotFound, Rejected, SettingsError, SeveralClients
from xpmsync.local.ledger.summary import read_status
from xpmsync.local.schedule.job import days_in_words
from xpmsync.local.schedule.registry import read_schedule
from xpmsync.local.secrets.backends import TOKEN_FILE_VARIABLE
from xpmsync.local.settings.keys import ValueKind
from xpmsync.local.settings.settings import KEYS, Settings
from xpmsync.local.system.log import log_tail, redacted
from xpmsync.usecases.auth.state import signed_in_state
from xpmsync.usecases.doctor.model import DoctorContext, Finding

_LOG_LINES: Final = 30
_SHOWN_KINDS: Final = frozenset({ValueKind.CHOICE, ValueKind.FLAG, ValueKind.NUMBER})
"""Settings whose values say something about the problem and nothing about anybody."""

_QUOTING: Final = (Rejected, AccessRefused, ClientNotFound, SeveralClients, SettingsError)
"""Errors whose text may quote what a system answered or a person typed, a client's name perhaps."""

FindingText = tuple[str, str]
"""A finding in words: what was found, and what to do."""


def report_name(context: DoctorContext) -> str:
    """What the file is called where nobody says otherwise."""
    return f"xpmsync-report-{context.clock.now().astimezone():%Y-%m-%d}.md"


def problem_report(context: DoctorContext, findings: Sequence[Finding], texts: Sequence[FindingText]) -> str:
    """The report as Markdown; `texts` has the words of each finding. The person fills in what they did and expected."""
    lines = [
        "# xpmsync: a problem report",
        "",
        "Read it before you send it. It holds no secrets and no client data; please add none.",
        "",
        "## Context",
        "",
        *_bullets(_context(context)),
        "",
        "## Steps",
        "",
        "1. (What did you do, with which command? Replace this line.)",
        *_bullets(_last_run(context)),
        "",
        "## Expected",
        "",
        "(What should have happened? Replace this line.)",
        "",
        "## Seen",
        "",
        "(What happened instead? Replace this line.)",
        "",
        "What `xpmsync doctor` found:",
        "",
        *[_finding(finding, words) for finding, words in zip(findings, texts, strict=True)],
    ]
    tail = log_tail(context.state, _LOG_LINES)
    if tail:
        lines += ["", f"The last {len(tail)} lines of the log:", "", "```", *tail, "```"]
    names = _names(context)
    return "\n".join(_private(line, names) for line in lines) + "\n"


def _context(context: DoctorContext) -> list[str]:
    python = f"Python {platform.python_version()} ({platform.python_implementation()})"
    rows = [
        f"xpmsync {__version__}, {python}, SQLite {sqlite3.sqlite_version}",
        f"{platform.system()} {platform.release()} ({platform.machine()})",
    ]
    if context.settings is None:
        return [*rows, "the settings cannot be read"]
    schedule = read_schedule(context.state)
    if schedule is not None:
        rows.append(f"scheduled in {schedule.kind.value}, {days_in_words(schedule.days)}")
    return [*rows, *_settings(context.settings)]


def _settings(settings: Settings) -> list[str]:
    """The settings that are not at their default: words, flags and numbers as they are, of all others the name."""
    rows = [f"direction {settings.sync.direction}, level {settings.sync.level}, route {settings.ignition.route}"]
    for name, key in KEYS.items():
        value = settings.value(name)
        if value == key.default or name in {"sync.direction", "sync.level", "ignition.route"}:
            continue
        rows.append(f"{name} = {str(value).lower()}" if key.kind in _SHOWN_KINDS else f"{name} is set")
    return rows


def _last_run(context: DoctorContext) -> list[str]:
    status = read_status(context.state)
    if status is None:
        return ["No run has been noted yet."]
    run = status.last_run
    how = "by schedule" if run.by_schedule else "by hand"
    counts = ", ".join(f"{name} {number}" for name, number in run.counts.items())
    ended = f"{run.status} (exit code {run.exit_code}{', ' + run.code if run.code else ''})"
    return [f"The last run: {run.command} {how}, ended with {ended}. {counts}".rstrip()]


def _finding(finding: Finding, words: FindingText) -> str:
    message, fix = words
    if isinstance(finding.error, _QUOTING):
        message = f"{finding.error.code} (what was typed or answered is left out)"
    return f"- {finding.verdict.value}: {finding.check}: {message}" + (f" ({fix})" if fix else "")


def _bullets(rows: Sequence[str]) -> list[str]:
    return [f"- {row}" for row in rows]


def _names(context: DoctorContext) -> dict[str, str]:
    """What names the practice, its people or their folders, and what the report has instead."""
    names = {str(Path.home()): "~", str(context.paths.state_root): "STATE", str(context.paths.config_file): "CONFIG"}
    names[context.environ.get(TOKEN_FILE_VARIABLE, "")] = "TOKEN-FILE"
    settings = context.settings
    if settings is not None:
        notify = settings.notify
        names[signed_in_state(settings, context.paths, context.environ).practice] = "PRACTICE"
        for secret in (settings.xpm.tenant_id, settings.xpm.client_id, notify.smtp_host, notify.smtp_user):
            names[secret] = "[set]"
        for address in (notify.webhook_url, notify.ping_url):
            names[urlsplit(address).hostname or ""] = "HOST"
        for name, key in KEYS.items():
            if key.kind is ValueKind.FOLDER:
                names[str(settings.folder(name) or "")] = "FOLDER"
    if context.profile not in {"default", "demo"}:
        names[context.profile] = "PROFILE"
    return {name: names[name] for name in sorted(names, key=len, reverse=True) if len(name) > 1}


def _private(line: str, names: Mapping[str, str]) -> str:
    line = redacted(line)
    for name, instead in names.items():
        line = line.replace(name, instead)
    return line
