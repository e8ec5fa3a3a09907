"""Installing, proving, watching and removing a schedule, with stand-ins for the schedulers and a real probe."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

from support.clock import FakeClock
from support.fake_schedulers import FakeSchedulers, posix_only
from xpmsync.core.enums import SchedulerKind
from xpmsync.errors import SchedulerFailed, UsageError
from xpmsync.local.ledger.summary import RunNote, StatusNote, write_status
from xpmsync.local.schedule.job import EVERY_DAY, InstalledJob, Job, Scheduler, Text, parse_days
from xpmsync.local.schedule.launchd import Launchd
from xpmsync.local.schedule.registry import ScheduleNote, days_overdue, open_scheduler, read_schedule
from xpmsync.local.settings.settings import Settings
from xpmsync.local.system.clock import Clock, SystemClock
from xpmsync.local.system.paths import Paths
from xpmsync.usecases.context.context import Silent
from xpmsync.usecases.unattended.install import Installed, ScheduleState, install, job_for, remove, schedule_status
from xpmsync.usecases.unattended.probe import Findings, Proof, requested_probe, write_findings

AT = time(2, 30)
# Schedules go by the computer's own clock, wherever it stands.
NOW = datetime(2026, 11, 22, 9, 0).astimezone()
KINDS = [SchedulerKind.TASK_SCHEDULER, SchedulerKind.LAUNCHD, SchedulerKind.SYSTEMD]


@dataclass
class ScheduleRig:
    """One practice on one computer."""

    folder: Path
    profile: str = "demo"
    clock: Clock = field(default_factory=FakeClock)
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def paths(self) -> Paths:
        """Settings and state in the test's folder."""
        return Paths(self.folder / "config.toml", self.folder / "state")

    @property
    def settings(self) -> Settings:
        """The built-in practice's settings."""
        return Settings(self.profile, self.paths.config_file)

    def install(
        self,
        scheduler: Scheduler,
        *,
        probe: bool = True,
        days: str = "daily",
        wake: bool = False,
        other: bool = False,
    ) -> Installed:
        """Install a schedule for half past two."""
        return install(
            self.settings,
            self.paths,
            self.environ,
            scheduler,
            at=AT,
            days=parse_days(days),
            clock=self.clock,
            progress=Silent(),
            wake=wake,
            probe=probe,
            replace_other=other,
        )

    def state(self, scheduler: Scheduler | None = None) -> ScheduleState:
        """How the schedule stands."""
        return schedule_status(self.settings, self.paths, self.clock, scheduler).state


@dataclass
class Shelf(Scheduler):
    """A scheduler in memory that starts probes as it is told to."""

    jobs: dict[str, Job] = field(default_factory=dict)
    answers: Findings | None = None
    starts: bool = True
    log: list[str] = field(default_factory=list)
    kind: SchedulerKind = SchedulerKind.CRON
    starts_within: float = 2.0
    can_wake: bool = False
    in_the_way: str = ""

    def texts(self, job: Job) -> tuple[Text, ...]:
        """Nothing to show."""
        return ()

    def find(self, name: str) -> InstalledJob | None:
        """The job, if it is on the shelf."""
        job = self.jobs.get(name)
        return InstalledJob(job.command, enabled=True) if job else None

    def install(self, job: Job) -> None:
        """Put a job on the shelf."""
        self.log.append(f"install {job.name}")
        self.jobs[job.name] = job

    def remove(self, name: str) -> bool:
        """Take a job off the shelf."""
        return self.jobs.pop(name, None) is not None

    @contextmanager
    def once(self, job: Job) -> Iterator[None]:
        """Start a job: its findings are there at once."""
        self.log.append(f"start {job.name}")
        if not self.starts:
            raise SchedulerFailed("crond", "it is not running")
        file = Path(job.command[job.command.index("--out") + 1])
        assert requested_probe(file, FakeClock())
        if self.answers:
            write_findings(file, self.answers)
        yield

    def conditions(self, *, wake: bool) -> str:
        """Whether it wakes the computer."""
        return "and wakes the computer." if wake else "while the computer is awake."

    def obstacle(self) -> str:
        """Why it starts nothing, if it is so."""
        return self.in_the_way


@pytest.fixture
def rig(tmp_path: Path) -> ScheduleRig:
    """A rig in a folder of its own."""
    (tmp_path / "rig").mkdir()
    return ScheduleRig(tmp_path / "rig")


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeSchedulers:
    """Stand-ins for the programs of all schedulers."""
    return FakeSchedulers.on_path(tmp_path, monkeypatch)


@posix_only
@pytest.mark.parametrize("kind", KINDS)
def test_a_schedule_is_proved_installed_found_and_removed(
    kind: SchedulerKind, rig: ScheduleRig, fake: FakeSchedulers
) -> None:
    """The probe runs as a process of the scheduler's and reads one client on each side; nothing of it is left."""
    scheduler = open_scheduler(kind)
    rig.clock = SystemClock()  # the probe is another process, which knows no other

    done = rig.install(scheduler, days="mon-fri")

    assert done.proof is Proof.PROVED
    assert done.findings is not None
    assert dict(done.findings.steps) == {
        "keyring": "the simulator needs none",
        "xpm": "one client read",
        "ignition": "one client read",
    }
    assert scheduler.find("xpmsync-demo") == InstalledJob(done.job.command, enabled=True)
    assert scheduler.find("xpmsync-demo-probe") is None
    assert not list(rig.paths.profile("demo").folder.glob("probe*"))
    assert rig.state() is ScheduleState.INSTALLED
    assert remove(rig.settings, rig.paths, rig.clock).existed
    assert scheduler.find("xpmsync-demo") is None
    assert rig.state() is ScheduleState.NONE
    assert not remove(rig.settings, rig.paths, rig.clock, scheduler).existed


@posix_only
@pytest.mark.parametrize("kind", KINDS)
def test_a_scheduler_that_refuses_is_an_error_and_leaves_no_note(
    kind: SchedulerKind, rig: ScheduleRig, fake: FakeSchedulers
) -> None:
    """Whatever the program says, in whatever language, its code decides; nothing is claimed to be installed."""
    fake.set("broken")

    with pytest.raises(SchedulerFailed) as raised:
        rig.install(Launchd(clock=rig.clock) if kind is SchedulerKind.LAUNCHD else open_scheduler(kind))

    assert raised.value.exit_code == 5
    assert read_schedule(rig.paths.profile("demo")) is None


@posix_only
@pytest.mark.parametrize("kind", [SchedulerKind.TASK_SCHEDULER, SchedulerKind.LAUNCHD])
def test_installing_again_moves_the_schedule(kind: SchedulerKind, rig: ScheduleRig, fake: FakeSchedulers) -> None:
    """The second install of one practice takes the place of the first, and says what was there before."""
    scheduler = open_scheduler(kind)
    rig.install(scheduler, probe=False)

    again = rig.install(scheduler, probe=False, days="sat")

    assert again.replaced is not None
    assert again.replaced.days == EVERY_DAY
    found = scheduler.find("xpmsync-demo")
    assert found is not None
    assert found.enabled


def test_the_command_is_absolute_and_holds_no_secret(rig: ScheduleRig) -> None:
    """Absolute paths, chosen variables as they are now; no token, no password of a proxy, nothing else of the shell."""
    environ = {
        "XPMSYNC_TOKEN_FILE": "/home/ada/token.json",
        "XPMSYNC_XPM_ACCESS_TOKEN": "canary-token",
        "HTTPS_PROXY": "http://ada:canary-password@proxy.example.com:3128",
        "NO_PROXY": "localhost",
        "SOMETHING": "canary-else",
    }

    job = job_for(rig.settings, rig.paths, environ, at=AT, days=EVERY_DAY, now=NOW)

    assert Path(job.command[0]).is_absolute()
    assert job.command[1:4] == ("-P", "-m", "xpmsync")
    assert "canary" not in " ".join(job.command)
    given = [job.command[at + 1] for at, word in enumerate(job.command) if word == "--with"]
    assert sorted(given) == [
        "NO_PROXY=localhost",
        f"XPMSYNC_STATE_DIR={rig.paths.state_root}",
        "XPMSYNC_TOKEN_FILE=/home/ada/token.json",
    ]


def test_a_probe_that_fails_installs_nothing(rig: ScheduleRig) -> None:
    """The scheduler could start it, but the keyring did not open there: better to know now than at half past two."""
    shelf = Shelf(answers=Findings((), "keyring", "The keyring cannot be used.", "Unlock it.", 4))

    done = rig.install(shelf)

    assert (done.proof, done.note) == (Proof.FAILED, None)
    assert shelf.jobs == {}
    assert rig.state(shelf) is ScheduleState.NONE


@pytest.mark.parametrize("shelf", [Shelf(starts=False), Shelf(answers=None)])
def test_a_scheduler_that_starts_nothing_now_is_said_to_be_unproved(shelf: Shelf, rig: ScheduleRig) -> None:
    """Cron without its daemon: the schedule is installed, and plainly called unproved."""
    done = rig.install(shelf)

    assert done.proof is Proof.UNPROVED
    assert done.reason
    assert done.note is not None
    assert not done.note.proved
    assert list(shelf.jobs) == ["xpmsync-demo"]


def test_the_probe_comes_before_the_schedule(rig: ScheduleRig) -> None:
    """First the proof, then the promise."""
    shelf = Shelf(answers=Findings((("xpm", "one client read"),)))

    rig.install(shelf)

    assert shelf.log == ["start xpmsync-demo-probe", "install xpmsync-demo"]


def test_a_scheduler_that_starts_nothing_is_an_error_at_once(rig: ScheduleRig) -> None:
    """Without a cron daemon nothing is waited for and nothing installed; without a probe it is installed, and said."""
    shelf = Shelf(in_the_way="no cron daemon runs")

    with pytest.raises(SchedulerFailed, match="no cron daemon runs"):
        rig.install(shelf)
    assert shelf.log == []

    done = rig.install(shelf, probe=False)
    assert done.cautions == ("No cron daemon runs.",)


def test_the_computer_is_woken_only_where_the_scheduler_can(rig: ScheduleRig) -> None:
    """Refused elsewhere before anything is installed; else noted, so that a new installation keeps it."""
    with pytest.raises(UsageError, match="cannot wake"):
        rig.install(Shelf(), probe=False, wake=True)

    done = rig.install(Shelf(can_wake=True), probe=False, wake=True)

    assert done.job.wake
    assert done.conditions == "and wakes the computer."
    noted = read_schedule(rig.paths.profile(rig.profile))
    assert noted is not None
    assert noted.wake


def test_paths_with_an_at_sign_are_carried_and_passwords_are_not(rig: ScheduleRig) -> None:
    """A folder may be called ada@example.com; a proxy's address with a password in it is left out, and that is said."""
    rig.environ = {
        "XPMSYNC_TOKEN_FILE": "/home/ada@example.com/tokens.json",
        "HTTPS_PROXY": "http://ada:canary@proxy.example.com:3128",
        "https_proxy": "http://proxy.example.com:3128",
    }

    done = rig.install(Shelf(), probe=False)

    assert "XPMSYNC_TOKEN_FILE=/home/ada@example.com/tokens.json" in done.job.command
    assert "https_proxy=http://proxy.example.com:3128" in done.job.command
    assert "canary" not in " ".join(done.job.command)
    (caution,) = done.cautions
    assert caution.startswith("HTTPS_PROXY is not given to the schedule")


def test_a_single_file_is_started_itself(rig: ScheduleRig, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program without Python is no Python: its schedule starts it as it is."""
    monkeypatch.setattr("sys.frozen", True, raising=False)
    monkeypatch.setattr("sys.executable", "/opt/xpmsync")

    command = rig.install(Shelf(), probe=False).job.command

    assert command[:2] == (str(Path("/opt/xpmsync").absolute()), "--config")
    assert "-m" not in command


def test_two_practices_of_one_name_do_not_take_each_others_place(rig: ScheduleRig, tmp_path: Path) -> None:
    """The same profile name in another settings file is refused, and replaced only knowingly; so is its removal."""
    shelf = Shelf()
    rig.install(shelf, probe=False)
    other = ScheduleRig(tmp_path / "other")

    with pytest.raises(UsageError) as raised:
        other.install(shelf, probe=False)
    with pytest.raises(UsageError):
        remove(other.settings, other.paths, other.clock, shelf)
    assert "--replace" in raised.value.hint
    assert (
        shelf.jobs["xpmsync-demo"].command
        == job_for(rig.settings, rig.paths, {}, at=AT, days=EVERY_DAY, now=NOW).command
    )

    done = other.install(shelf, probe=False, other=True)
    assert done.note is not None
    assert rig.state(shelf) is ScheduleState.ALTERED


@posix_only
def test_one_practice_is_not_scheduled_twice_in_two_schedulers(rig: ScheduleRig, fake: FakeSchedulers) -> None:
    """A second scheduler is refused while the first has the job; --replace changes over and removes the first."""
    rig.install(open_scheduler(SchedulerKind.SYSTEMD), probe=False)
    shelf = Shelf()

    with pytest.raises(UsageError):
        rig.install(shelf, probe=False)
    rig.install(shelf, probe=False, other=True)

    assert open_scheduler(SchedulerKind.SYSTEMD).find("xpmsync-demo") is None
    assert list(shelf.jobs) == ["xpmsync-demo"]


def test_what_became_of_a_schedule_is_seen(rig: ScheduleRig) -> None:
    """Gone from the scheduler, altered there, or its Python gone: each is told apart."""
    shelf = Shelf()
    rig.install(shelf, probe=False)
    job = shelf.jobs["xpmsync-demo"]
    assert rig.state(shelf) is ScheduleState.INSTALLED

    shelf.jobs["xpmsync-demo"] = replace(job, command=(*job.command, "--else"))
    assert rig.state(shelf) is ScheduleState.ALTERED
    shelf.jobs.clear()
    assert rig.state(shelf) is ScheduleState.MISSING


def test_days_without_a_run_are_counted_from_the_last_one() -> None:
    """In time, a day of grace, then whole days; before the first run from the installation on."""
    note = ScheduleNote(SchedulerKind.CRON, "xpmsync-demo", AT, parse_days("mon-fri"), (), NOW, proved=True)

    def after(days: float, ran: datetime | None = None) -> int:
        run = RunNote("sync", NOW, NOW, 0, "done")
        return days_overdue(note, StatusNote(run, None, ran) if ran else None, NOW + timedelta(days=days))

    assert [after(days) for days in (0, 1, 2, 3, 9.5)] == [0, 0, 2, 3, 9]
    friday = datetime(2026, 11, 27, 2, 31).astimezone()
    assert [
        days_overdue(
            note, StatusNote(RunNote("sync", friday, friday, 0, "done"), None, friday), friday + timedelta(days=d)
        )
        for d in (2, 3.5, 4.5)
    ] == [0, 0, 4]


def test_a_probe_that_nobody_asked_for_does_nothing(rig: ScheduleRig) -> None:
    """A probe left behind in a crontab by a killed install finds no question and makes no call."""
    assert not requested_probe(rig.folder / "probe.json", rig.clock)


def test_a_status_that_cannot_be_read_counts_as_none(rig: ScheduleRig) -> None:
    """A status file that somebody edited disturbs nothing."""
    state = rig.paths.profile("demo").ready()
    write_status(state, StatusNote(RunNote("sync", NOW, NOW, 0, "done"), NOW))
    (state.folder / "status.json").write_text('{"last_run": {"started": 3}}', encoding="utf-8")
    (state.folder / "schedule.json").write_text("[]", encoding="utf-8")

    assert rig.state(Shelf()) is ScheduleState.NONE
