"""What schedulers are given, by its structure: Windows' XML, macOS' property list, systemd's units, cron's lines."""

from __future__ import annotations

import os
import plistlib
import shlex
import shutil
import subprocess
from datetime import date, time
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, strategies as st

from xpmsync.local.schedule.cron import cron_line
from xpmsync.local.schedule.job import EVERY_DAY, Job, parse_days
from xpmsync.local.schedule.launchd import property_list
from xpmsync.local.schedule.systemd import service_unit, timer_unit
from xpmsync.local.schedule.windows import task_xml

COMMAND = ("/opt/My Python/python3", "-P", "-m", "xpmsync", "--config", '/home/ada/100% $HOME/it\'s "so".toml', "run")
DAILY = Job("xpmsync-default", COMMAND, time(2, 30), EVERY_DAY, date(2026, 11, 23))
WEEKDAYS = Job("xpmsync-north", COMMAND, time(14, 5), parse_days("mon-fri"), date(2026, 11, 23))
ONCE = Job("xpmsync-default-probe", COMMAND, None, EVERY_DAY, date(2026, 11, 23))
SPACE = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}

paths = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn"], exclude_characters='"'), min_size=1, max_size=20)


def tags(element: ET.Element) -> list[str]:
    """The names of an element's children, in order."""
    return [child.tag.partition("}")[2] for child in element]


def task(job: Job) -> ET.Element:
    """A job's XML, read again."""
    text = task_xml(job, "S-1-5-21-1")
    assert text.startswith('<?xml version="1.0" encoding="UTF-16"?>\r\n')
    assert "\n" not in text.replace("\r\n", "")
    return ET.fromstring(text.partition("?>")[2].strip())  # noqa: S314 - our own


def part(root: ET.Element, path: str) -> ET.Element:
    """An element that must be there."""
    found = root.find(path, SPACE)
    assert found is not None, path
    return found


def test_the_task_has_its_parts_in_windows_order() -> None:
    """Task Scheduler's schema wants sequences; the parts stand as Windows itself writes them."""
    root = task(DAILY)

    assert tags(root) == ["RegistrationInfo", "Triggers", "Principals", "Settings", "Actions"]
    assert tags(part(root, "t:Triggers/t:CalendarTrigger")) == ["StartBoundary", "ScheduleByDay"]
    assert tags(part(root, "t:Principals/t:Principal")) == ["UserId", "LogonType", "RunLevel"]
    assert tags(part(root, "t:Actions/t:Exec")) == ["Command", "Arguments"]


def test_the_task_runs_as_a_signed_in_user_and_makes_up_for_missed_runs() -> None:
    """Only an interactive token reaches network and vault; batteries do not stop it; no second run beside it."""
    root = task(DAILY)
    expected = {
        "Principals/t:Principal/t:LogonType": "InteractiveToken",
        "Principals/t:Principal/t:RunLevel": "LeastPrivilege",
        "Settings/t:StartWhenAvailable": "true",
        "Settings/t:MultipleInstancesPolicy": "IgnoreNew",
        "Settings/t:ExecutionTimeLimit": "PT6H",
        "Settings/t:DisallowStartIfOnBatteries": "false",
        "Settings/t:StopIfGoingOnBatteries": "false",
        "Triggers/t:CalendarTrigger/t:StartBoundary": "2026-11-23T02:30:00",
    }

    assert {path: root.findtext(f"t:{path}", None, SPACE) for path in expected} == expected
    assert root.find("t:Actions", SPACE).get("Context") == root.find("t:Principals/*", SPACE).get("id")  # type: ignore[union-attr]  # both were found above


def test_the_task_knows_weekdays_and_runs_without_a_trigger() -> None:
    """Chosen days are a weekly schedule; a job that is started by hand has no trigger at all."""
    weekly = task(WEEKDAYS).find("t:Triggers/t:CalendarTrigger/t:ScheduleByWeek/t:DaysOfWeek", SPACE)

    assert weekly is not None
    assert tags(weekly) == ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
    assert tags(part(task(ONCE), "t:Triggers")) == []


def test_the_property_list_reads_back() -> None:
    """Launchd gets the words one by one, days as weekdays, and rights for the user alone; no background session."""
    daily, weekdays, once = (plistlib.loads(property_list(job).encode()) for job in (DAILY, WEEKDAYS, ONCE))

    assert daily["Label"] == "xpmsync-default"
    assert daily["ProgramArguments"] == list(COMMAND)
    assert daily["StartCalendarInterval"] == {"Hour": 2, "Minute": 30}
    assert [one["Weekday"] for one in weekdays["StartCalendarInterval"]] == [1, 2, 3, 4, 5]
    assert daily["Umask"] == 0o077
    assert {"RunAtLoad", "LimitLoadToSessionType", "EnvironmentVariables"}.isdisjoint(daily)
    assert once["RunAtLoad"] is True
    assert "StartCalendarInterval" not in once


def test_the_cron_line_survives_cron_and_the_shell() -> None:
    """Cron takes a bare % for a line end and the shell takes the quotes; both are seen to."""
    *when, command = cron_line(WEEKDAYS).split(maxsplit=5)

    assert when == ["5", "14", "*", "*", "1,2,3,4,5"]
    assert "%" not in command.replace("\\%", "")
    assert tuple(shlex.split(command.replace("\\%", "%"))) == COMMAND
    assert cron_line(DAILY).startswith("30 2 * * * ")
    assert cron_line(ONCE).startswith("* * * * * ")


@given(path=paths)
def test_any_path_survives_every_kind_of_quoting(path: str) -> None:
    """Blanks, quotes, percent and dollar signs in a path reach the program as they are."""
    job = Job("xpmsync-default", ("/py", "--config", path), time(2, 30), EVERY_DAY, date(2026, 11, 23))
    line = next(one for one in service_unit(job).split("\n") if one.startswith("ExecStart="))

    assert plistlib.loads(property_list(job).encode())["ProgramArguments"] == ["/py", "--config", path]
    assert [word.replace("$$", "$").replace("%%", "%") for word in shlex.split(line.removeprefix("ExecStart="))] == [
        "/py",
        "--config",
        path,
    ]
    assert shlex.split(cron_line(job).split(maxsplit=5)[5].replace("\\%", "%")) == ["/py", "--config", path]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not on this machine")
@pytest.mark.parametrize("job", [DAILY, WEEKDAYS])
def test_systemd_itself_accepts_the_units(job: Job, tmp_path: Path) -> None:
    """The real `systemd-analyze --user verify` finds nothing to say about service and timer."""
    program = tmp_path / "a python" / "python3"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    checked = Job(job.name, (str(program), *job.command[1:]), job.at, job.days, job.first)
    units = [tmp_path / f"{job.name}.service", tmp_path / f"{job.name}.timer"]
    for unit, text in zip(units, (service_unit(checked), timer_unit(checked)), strict=True):
        unit.write_text(text, encoding="utf-8")
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)

    verified = subprocess.run(
        ["systemd-analyze", "--user", "verify", *map(str, units)],
        env={**os.environ, "XDG_RUNTIME_DIR": str(runtime)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (verified.returncode, verified.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not on this machine")
@pytest.mark.parametrize("job", [DAILY, WEEKDAYS])
def test_systemd_itself_understands_the_calendar(job: Job) -> None:
    """The real `systemd-analyze calendar` reads the timer's expression."""
    line = next(one for one in timer_unit(job).split("\n") if one.startswith("OnCalendar="))
    read = subprocess.run(
        ["systemd-analyze", "calendar", line.partition("=")[2]], capture_output=True, text=True, check=False
    )

    assert read.returncode == 0
    assert f"{job.at}" in read.stdout


def test_the_timer_makes_up_for_missed_runs_and_keeps_its_files_private() -> None:
    """Persistent, a little spread, and 0077 for whatever it writes; what it says goes to no journal."""
    assert "Persistent=true" in timer_unit(DAILY)
    assert "RandomizedDelaySec=5min" in timer_unit(DAILY)
    assert "UMask=0077" in service_unit(DAILY)
    assert "StandardOutput=null" in service_unit(DAILY)
