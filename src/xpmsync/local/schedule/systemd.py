"""systemd: a user's timer and the service it starts, in the folder for user units."""

import getpass
import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from xpmsync.core.enums import SchedulerKind
from xpmsync.errors import SchedulerFailed
from xpmsync.local.schedule.job import EVERY_DAY, InstalledJob, Job, Scheduler, Text, must, run
from xpmsync.local.system.files import remove_file, write_private

_CONDITIONS: Final = (
    "or up to five minutes later, while the computer is on and you are logged in; a run missed meanwhile is made up"
    " for at your next login. To have it run without a login: loginctl enable-linger"
)
_LINGERING_CONDITIONS: Final = (
    "or up to five minutes later, while the computer is on, whether or not you are logged in; a run missed while it"
    " is off or asleep is made up for afterwards."
)
_MADE_BY: Final = "# Made by: xpmsync schedule install. Taken out by: xpmsync schedule remove.\n"
_LINGERING: Final = Path("/var/lib/systemd/linger")


class Systemd(Scheduler):
    """The user manager's units."""

    kind = SchedulerKind.SYSTEMD

    def __init__(self, units: Path | None = None) -> None:
        self._units = units or _unit_folder()

    def texts(self, job: Job) -> tuple[Text, ...]:
        """The service, and the timer where the job has a time."""
        service = Text(str(self._service(job.name)), service_unit(job))
        return (service, Text(str(self._timer(job.name)), timer_unit(job))) if job.at else (service,)

    def find(self, name: str) -> InstalledJob | None:
        """Read the service back, and ask whether its timer is enabled."""
        try:
            text = self._service(name).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError):
            return InstalledJob((), enabled=False)
        command = next((line.partition("=")[2] for line in text.splitlines() if line.startswith("ExecStart=")), "")
        enabled = run(["systemctl", "--user", "is-enabled", "--quiet", f"{name}.timer"]).code == 0
        return InstalledJob(_unquoted(command), enabled)

    def install(self, job: Job) -> None:
        """Write the units, and start the timer now and at every login."""
        for text in self.texts(job):
            write_private(Path(text.where), text.content)
        try:
            self._reload()
            must(["systemctl", "--user", "enable", "--quiet", f"{job.name}.timer"])
            # Restarted, not started: a running timer would keep its former time.
            must(["systemctl", "--user", "restart", f"{job.name}.timer"])
        except SchedulerFailed:
            for text in self.texts(job):
                remove_file(Path(text.where))
            raise

    def remove(self, name: str) -> bool:
        """Stop the timer and delete the units."""
        existed = self._service(name).exists() or self._timer(name).exists()
        if existed:
            run(["systemctl", "--user", "disable", "--quiet", "--now", f"{name}.timer"])
            remove_file(self._service(name))
            remove_file(self._timer(name))
            self._reload()
        return existed

    @contextmanager
    def once(self, job: Job) -> Iterator[None]:
        """Write a service without a timer and start it."""
        file = self._service(job.name)
        write_private(file, service_unit(job))
        try:
            self._reload()
            must(["systemctl", "--user", "start", "--no-block", f"{job.name}.service"])
            yield
        finally:
            remove_file(file)
            run(["systemctl", "--user", "reset-failed", f"{job.name}.service"])
            run(["systemctl", "--user", "daemon-reload"])

    def conditions(self, *, wake: bool) -> str:
        """When the timer elapses, which depends on whether the user manager lingers after logging out."""
        return _LINGERING_CONDITIONS if _lingers() else _CONDITIONS

    def _service(self, name: str) -> Path:
        return self._units / f"{name}.service"

    def _timer(self, name: str) -> Path:
        return self._units / f"{name}.timer"

    def _reload(self) -> None:
        must(["systemctl", "--user", "daemon-reload"])


def service_unit(job: Job) -> str:
    """What the timer starts. Its output is the log file's and the status file's matter, not the journal's."""
    return (
        f"{_MADE_BY}[Unit]\n"
        "Description=xpmsync keeps XPM and Ignition in step\n"
        "\n[Service]\n"
        "Type=oneshot\n"
        f"ExecStart={' '.join(_quoted(word) for word in job.command)}\n"
        "UMask=0077\n"
        "TimeoutStartSec=6h\n"
        "StandardOutput=null\n"
    )


def timer_unit(job: Job) -> str:
    """When it starts: at its time, up to five minutes later, and after a missed run."""
    days = "" if job.days == EVERY_DAY else f"{','.join(day.value.title() for day in job.days)} "
    return (
        f"{_MADE_BY}[Unit]\n"
        "Description=When xpmsync runs\n"
        "\n[Timer]\n"
        f"OnCalendar={days}*-*-* {job.at:%H:%M}:00\n"
        "Persistent=true\n"
        "RandomizedDelaySec=5min\n"
        "\n[Install]\n"
        "WantedBy=timers.target\n"
    )


def systemd_answers() -> bool:
    """Whether this user has a running user manager."""
    with suppress(Exception):
        return run(["systemctl", "--user", "show-environment"], seconds=10).code == 0
    return False


def _unit_folder() -> Path:
    named = os.environ.get("XDG_CONFIG_HOME", "").strip()
    return (Path(named) if named else Path.home() / ".config") / "systemd" / "user"


def _lingers() -> bool:
    with suppress(Exception):
        answer = run(["loginctl", "show-user", getpass.getuser(), "--property=Linger", "--value"])
        if answer.code == 0:
            return answer.out.strip() == b"yes"
    return (_LINGERING / getpass.getuser()).exists()


def _quoted(word: str) -> str:
    """A word as `ExecStart` takes it: specifiers and variables doubled, in quotes where it needs them."""
    plain = word.replace("%", "%%").replace("$", "$$")
    if plain and not any(c.isspace() or c in "\"'\\;" for c in plain):
        return plain
    escaped = plain.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _unquoted(line: str) -> tuple[str, ...]:
    try:
        words = shlex.split(line)
    except ValueError:
        return ()
    return tuple(word.replace("$$", "$").replace("%%", "%") for word in words)
