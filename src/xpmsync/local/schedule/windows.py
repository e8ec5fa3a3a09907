"""Windows Task Scheduler: a job as task XML, in UTF-16 with a byte-order mark, through `schtasks`.

The task runs with the token of the signed-in user, because without it (`S4U`)
there is neither a network nor the Credential Manager.
"""

import getpass
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from xpmsync.core.enums import SchedulerKind
from xpmsync.local.schedule.job import EVERY_DAY, InstalledJob, Job, Scheduler, Text, must, run

_CONDITIONS: Final = (
    "while the computer is on and you are signed in (a locked screen is fine); while it is off or asleep, or nobody"
    " is signed in, it does not run, and a missed run is made up for as soon as it can."
)
_WAKING_CONDITIONS: Final = (
    "while you are signed in (a locked screen is fine), and the computer is woken from sleep for it; while it is off,"
    " or nobody is signed in, it does not run, and a missed run is made up for as soon as it can."
)
_NAMESPACE: Final = "http://schemas.microsoft.com/windows/2004/02/mit/task"
_DAY_NAMES: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LONGEST_RUN: Final = "PT6H"
"""A full day of Xero's calls at 60 a minute takes an hour and a half; Windows' own limit is three days."""
_WORD: Final = re.compile(r'"([^"]*)"|(\S+)')


class TaskScheduler(Scheduler):
    """The tasks of this Windows user."""

    kind = SchedulerKind.TASK_SCHEDULER
    can_wake = True
    """Where the power plan allows wake timers."""

    def texts(self, job: Job) -> tuple[Text, ...]:
        """The task's XML; on other systems with a user's name instead of the Windows account."""
        return (Text(f"Task Scheduler: {_task_name(job.name)}", task_xml(job, _account())),)

    def find(self, name: str) -> InstalledJob | None:
        """Read the task back as XML; the code says whether there is one, never the localised words."""
        ran = run(["schtasks", "/Query", "/TN", _task_name(name), "/XML"])
        return _read(_decoded(ran.out)) if ran.code == 0 else None

    def install(self, job: Job) -> None:
        """Register the task, in place of one of the same name."""
        import tempfile

        with tempfile.TemporaryDirectory(prefix="xpmsync-") as folder:
            file = Path(folder, "task.xml")
            file.write_bytes(b"\xff\xfe" + task_xml(job, _account()).encode("utf-16-le"))
            must(["schtasks", "/Create", "/TN", _task_name(job.name), "/XML", str(file), "/F"])

    def remove(self, name: str) -> bool:
        """Delete the task."""
        if run(["schtasks", "/Query", "/TN", _task_name(name)]).code:
            return False
        must(["schtasks", "/Delete", "/TN", _task_name(name), "/F"])
        return True

    @contextmanager
    def once(self, job: Job) -> Iterator[None]:
        """Register a task without a trigger and run it."""
        self.install(job)
        try:
            must(["schtasks", "/Run", "/TN", _task_name(job.name)])
            yield
        finally:
            run(["schtasks", "/Delete", "/TN", _task_name(job.name), "/F"])

    def conditions(self, *, wake: bool) -> str:
        """When Windows starts it: the sign-in can be read only in a session of the user's."""
        return _WAKING_CONDITIONS if wake else _CONDITIONS


def task_xml(job: Job, account: str) -> str:
    """The task, its elements in the order in which Windows writes them; `account` is a SID or a name."""
    task = ET.Element("Task", version="1.2", xmlns=_NAMESPACE)
    about = ET.SubElement(task, "RegistrationInfo")
    _add(about, "Description", "xpmsync keeps XPM and Ignition in step. Made by: xpmsync schedule install")
    triggers = ET.SubElement(task, "Triggers")
    if job.at is not None:
        _calendar(triggers, job)
    principal = ET.SubElement(ET.SubElement(task, "Principals"), "Principal", id="Author")
    _add(principal, "UserId", account)
    _add(principal, "LogonType", "InteractiveToken")
    _add(principal, "RunLevel", "LeastPrivilege")
    settings = ET.SubElement(task, "Settings")
    for name, value in (
        ("MultipleInstancesPolicy", "IgnoreNew"),
        ("DisallowStartIfOnBatteries", "false"),
        ("StopIfGoingOnBatteries", "false"),
        ("AllowHardTerminate", "true"),
        ("StartWhenAvailable", "true"),
        ("RunOnlyIfNetworkAvailable", "false"),
        ("AllowStartOnDemand", "true"),
        ("Enabled", "true"),
        ("Hidden", "false"),
        ("RunOnlyIfIdle", "false"),
        ("WakeToRun", str(job.wake).lower()),
        ("ExecutionTimeLimit", _LONGEST_RUN),
        ("Priority", "7"),
    ):
        _add(settings, name, value)
    execute = ET.SubElement(ET.SubElement(task, "Actions", Context="Author"), "Exec")
    _add(execute, "Command", job.command[0])
    _add(execute, "Arguments", subprocess.list2cmdline(job.command[1:]))
    ET.indent(task)
    text = ET.tostring(task, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-16"?>\n{text}\n'.replace("\n", "\r\n")


def _calendar(triggers: ET.Element, job: Job) -> None:
    """A trigger's children stand in the schema's sequence (MS-TSCH, 2.5.3.9): the base type's, then the schedule."""
    trigger = ET.SubElement(triggers, "CalendarTrigger")
    assert job.at is not None  # noqa: S101 - the caller has looked
    # In the future, or StartWhenAvailable would make up for a run that never was due.
    _add(trigger, "StartBoundary", datetime.combine(job.first, job.at).isoformat())
    if job.days == EVERY_DAY:
        _add(ET.SubElement(trigger, "ScheduleByDay"), "DaysInterval", "1")
        return
    weekly = ET.SubElement(trigger, "ScheduleByWeek")
    chosen = ET.SubElement(weekly, "DaysOfWeek")
    for day in job.days:
        ET.SubElement(chosen, _DAY_NAMES[day.number - 1])
    _add(weekly, "WeeksInterval", "1")


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = text


def _task_name(name: str) -> str:
    r"""Tasks belong to the machine, so the user's name keeps two people apart: `\xpmsync-default-ada`."""
    user = re.sub(r"[^A-Za-z0-9._-]", "_", os.environ.get("USERNAME", "") or getpass.getuser())
    return f"\\{name}-{user}"


def _account() -> str:
    """The user's SID where Windows gives it, else the name; both are what `UserId` takes."""
    if os.name == "nt":
        with suppress(Exception):
            answer = must(["whoami", "/user", "/fo", "csv", "/nh"]).decode("ascii", "replace")
            if found := re.search(r"S-1-[0-9-]+", answer):
                return found[0]
    domain, user = os.environ.get("USERDOMAIN", ""), os.environ.get("USERNAME", "") or getpass.getuser()
    return f"{domain}\\{user}" if domain else user


def _decoded(raw: bytes) -> str:
    """The declaration always says UTF-16; piped, the bytes are mostly of the console's code page."""
    if raw[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return raw.decode("utf-16", "replace")
    if b"\x00" in raw[:8]:
        return raw.decode("utf-16-le", "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("oem" if os.name == "nt" else "cp1252", "replace")


def _read(text: str) -> InstalledJob:
    _, _, body = text.partition("?>")
    try:
        task = ET.fromstring((body or text).strip())  # noqa: S314 - from this computer's own scheduler
    except ET.ParseError:
        return InstalledJob((), enabled=True)
    spaces = {"t": _NAMESPACE}
    command = task.findtext(".//t:Exec/t:Command", "", spaces).strip('"')
    arguments = task.findtext(".//t:Exec/t:Arguments", "", spaces)
    words = [quoted or bare for quoted, bare in _WORD.findall(arguments)]
    switches = [task.findtext(f"./t:{path}/t:Enabled", "true", spaces) for path in ("Settings", "Triggers/*")]
    return InstalledJob((command, *words), enabled="false" not in switches)
