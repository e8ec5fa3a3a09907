"""launchd, the scheduler of macOS: a property list in `~/Library/LaunchAgents`, started with `launchctl`.

The job belongs to the user's graphical session (`gui/UID`), where the keychain is
open; a session of the type Background has none.
"""

import os
import plistlib
from pathlib import Path
from typing import Final
from xml.parsers.expat import ExpatError

from xpmsync.core.enums import SchedulerKind
from xpmsync.errors import SchedulerFailed
from xpmsync.local.schedule.job import EVERY_DAY, InstalledJob, Job, Scheduler, Text, must, run
from xpmsync.local.system.clock import Clock, SystemClock
from xpmsync.local.system.files import remove_file, write_private

_CONDITIONS: Final = (
    "while the computer is on and you are logged in; a run missed in sleep is made up for on waking, one missed"
    " while the computer is off or you are logged out is not."
)
_TRIES: Final = 5
_PAUSE: Final = 0.5
"""Seconds between tries: right after `bootout` a `bootstrap` of the same label fails for a moment (code 5)."""


class Launchd(Scheduler):
    """The agents of this macOS user."""

    kind = SchedulerKind.LAUNCHD

    def __init__(self, home: Path | None = None, clock: Clock | None = None) -> None:
        self._folder = (home or Path.home()) / "Library" / "LaunchAgents"
        self._clock = clock or SystemClock()

    def texts(self, job: Job) -> tuple[Text, ...]:
        """The property list."""
        return (Text(str(self._file(job.name)), property_list(job)),)

    def find(self, name: str) -> InstalledJob | None:
        """Read the property list back, and ask whether it is loaded."""
        file = self._file(name)
        try:
            held: object = plistlib.loads(file.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError, ExpatError, plistlib.InvalidFileException):
            return InstalledJob((), enabled=False)
        words = held.get("ProgramArguments") if isinstance(held, dict) else None
        command = tuple(str(word) for word in words) if isinstance(words, list) else ()
        return InstalledJob(command, enabled=self._is_loaded(name))

    def install(self, job: Job) -> None:
        """Write the property list and load it, in place of one of the same name."""
        write_private(self._file(job.name), property_list(job))
        try:
            self._load(job.name)
        except SchedulerFailed:
            # Left there, macOS would load it at the next login.
            remove_file(self._file(job.name))
            raise

    def remove(self, name: str) -> bool:
        """Unload the job and delete its property list."""
        file = self._file(name)
        existed = file.exists() or self._is_loaded(name)
        run(["launchctl", "bootout", f"{_domain()}/{name}"])
        remove_file(file)
        return existed

    def conditions(self, *, wake: bool) -> str:
        """When macOS starts it."""
        return _CONDITIONS

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.plist"

    def _is_loaded(self, name: str) -> bool:
        return run(["launchctl", "print", f"{_domain()}/{name}"]).code == 0

    def _load(self, name: str) -> None:
        target = f"{_domain()}/{name}"
        run(["launchctl", "bootout", target])
        # A label that somebody disabled once stays so until it is enabled again.
        run(["launchctl", "enable", target])
        for left in range(_TRIES - 1, -1, -1):
            try:
                must(["launchctl", "bootstrap", _domain(), str(self._file(name))])
            except SchedulerFailed:
                if not left:
                    raise
                self._clock.sleep(_PAUSE)
            else:
                return


def property_list(job: Job) -> str:
    """The job as a property list; without `at` it runs once, when it is loaded."""
    plist: dict[str, object] = {"Label": job.name, "ProgramArguments": list(job.command)}
    if job.at is None:
        plist["RunAtLoad"] = True
    else:
        clock = {"Hour": job.at.hour, "Minute": job.at.minute}
        plist["StartCalendarInterval"] = (
            clock if job.days == EVERY_DAY else [{"Weekday": day.number, **clock} for day in job.days]
        )
    plist["Umask"] = 0o077
    plist["StandardOutPath"] = plist["StandardErrorPath"] = os.devnull if os.name != "nt" else "/dev/null"
    return plistlib.dumps(plist, sort_keys=False).decode("utf-8")


def _domain() -> str:
    """The user's graphical session."""
    return f"gui/{os.getuid()}" if hasattr(os, "getuid") else "gui/0"
