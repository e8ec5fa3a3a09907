"""cron: a marked block in the user's crontab; every other line stays as it is, byte for byte."""

import shlex
from pathlib import Path
from typing import Final

from xpmsync.core.enums import SchedulerKind
from xpmsync.errors import SchedulerFailed
from xpmsync.local.schedule.job import EVERY_DAY, InstalledJob, Job, Scheduler, Text, must, run

_CONDITIONS: Final = (
    "while the computer is on and awake and you are logged in with your keyring unlocked; it does not run while"
    " the computer is off or asleep, and a missed run is not made up for."
)
_DAEMONS: Final = frozenset({"cron", "crond", "fcron", "bcron-sched"})
"""What the daemons of the cron family are called; cronie's, dcron's and BusyBox's are all `crond`."""
_GENERATORS: Final = ("/usr/lib/systemd/system-generators", "/lib/systemd/system-generators")
_BEGIN: Final = "# >>> {} >>> made by: xpmsync schedule install"
_END: Final = "# <<< {} <<<"
_NO_CRONTAB: Final = (b"no crontab", b"No such file")
"""How the crontab programs say, in the C locale, that the user has none; any other failure is one."""


class Cron(Scheduler):
    """The crontab of this user; `processes` is where the system lists them."""

    kind = SchedulerKind.CRON
    starts_within = 130.0
    """cron looks once a minute, and some first re-read the crontab in the minute after."""

    def __init__(self, processes: Path = Path("/proc")) -> None:
        self._processes = processes

    def texts(self, job: Job) -> tuple[Text, ...]:
        """The block that is added to the crontab."""
        return (Text("crontab", _block(job)),)

    def find(self, name: str) -> InstalledJob | None:
        """Read the block back."""
        lines = _blocks(_read(), name)
        if not lines:
            return None
        command = next((line for line in lines if line.strip() and not line.lstrip().startswith("#")), "")
        return InstalledJob(_words_of(command), enabled=bool(command))

    def install(self, job: Job) -> None:
        """Put the block in, in place of one of the same name."""
        before = _read()
        self._write(before, with_block(before, job))

    def remove(self, name: str) -> bool:
        """Take the block out; a crontab with nothing else in it is left empty."""
        before = _read()
        after = without_block(before, name)
        if after == before:
            return False
        self._write(before, after)
        return True

    def conditions(self, *, wake: bool) -> str:
        """When cron starts it."""
        return _CONDITIONS

    def obstacle(self) -> str:
        """Whether a cron daemon is missing. Where processes of others cannot be seen, none is reported missing."""
        names = {_process_name(folder) for folder in self._processes.glob("[0-9]*")}
        # Process 1 is somebody else's: seeing it means that all can be seen (hidepid, other systems).
        if not _process_name(self._processes / "1") or names & _DAEMONS or _runs_by_systemd():
            return ""
        return (
            "no cron daemon runs on this computer, so nothing would be started; start it first"
            " (on most systems: sudo service cron start)"
        )

    def _write(self, before: str, after: str) -> None:
        must(["crontab", "-"], stdin=_encoded(after))
        if _read() != after:
            run(["crontab", "-"], stdin=_encoded(before))
            raise SchedulerFailed("crontab", "it did not keep what was written; the former crontab was put back")


def cron_line(job: Job) -> str:
    """One crontab line; the shell takes the quotes, and cron would take a bare % for a line end."""
    command = shlex.join(job.command).replace("%", "\\%")
    if job.at is None:
        return f"* * * * * {command}"
    days = "*" if job.days == EVERY_DAY else ",".join(str(day.number) for day in job.days)
    return f"{job.at.minute} {job.at.hour} * * {days} {command}"


def with_block(crontab: str, job: Job) -> str:
    """The crontab with the job's block at its end, or where the block was; raises `SchedulerFailed`."""
    lines = crontab.splitlines(keepends=True)
    first = next((at for at, line in enumerate(lines) if _is_begin(line, job.name)), None)
    if first is None:
        head = crontab if not crontab or crontab.endswith("\n") else f"{crontab}\n"
        return head + _block(job)
    kept = "".join(lines[:first])
    return kept + _block(job) + without_block("".join(lines[first:]), job.name)


def without_block(crontab: str, name: str) -> str:
    """The crontab without the blocks of that name; raises `SchedulerFailed` where one has no end."""
    kept: list[str] = []
    inside = False
    for line in crontab.splitlines(keepends=True):
        if not inside and _is_begin(line, name):
            inside = True
        elif inside and line.rstrip() == _END.format(name):
            inside = False
        elif not inside:
            kept.append(line)
    if inside:
        raise SchedulerFailed("crontab", f"the block of {name} has lost its last line ({_END.format(name)!r}); mend it")
    return "".join(kept)


def _process_name(folder: Path) -> str:
    try:
        return (folder / "comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _runs_by_systemd() -> bool:
    """systemd-cron has no daemon: a generator makes timers of crontabs."""
    return any(Path(folder, "systemd-crontab-generator").exists() for folder in _GENERATORS)


def _block(job: Job) -> str:
    return f"{_BEGIN.format(job.name)}\n{cron_line(job)}\n{_END.format(job.name)}\n"


def _is_begin(line: str, name: str) -> bool:
    return line.startswith(f"# >>> {name} >>>")


def _blocks(crontab: str, name: str) -> list[str]:
    """The lines inside the blocks of that name."""
    found: list[str] = []
    inside = False
    for line in crontab.splitlines():
        if _is_begin(line, name):
            inside = True
            found.append("#")
        elif inside and line.rstrip() == _END.format(name):
            inside = False
        elif inside:
            found.append(line)
    return found


def _words_of(line: str) -> tuple[str, ...]:
    command = line.split(maxsplit=5)[5] if len(line.split(maxsplit=5)) > 5 else ""
    try:
        return tuple(shlex.split(command.replace("\\%", "%")))
    except ValueError:
        return ()


def _read() -> str:
    """The crontab, empty where there is none. Whatever cannot be read is not written over."""
    ran = run(["crontab", "-l"])
    if ran.code and any(words in ran.err for words in _NO_CRONTAB):
        return ""
    if ran.code:
        raise SchedulerFailed("crontab", f"the crontab could not be read (code {ran.code})", ran.code)
    return ran.out.decode("utf-8", "surrogateescape")


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
