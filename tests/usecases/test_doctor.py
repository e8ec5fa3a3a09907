"""The doctor: each check's problems are found and come with their fix, and the report names nobody."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from support.clock import FakeClock
from support.fake_schedulers import FakeSchedulers, posix_only
from xpmsync.core.enums import Direction, Level, SchedulerKind, System
from xpmsync.core.model import ClientRef, Link
from xpmsync.core.plan.plan import Call, CallKind, Change, ChangeKind, Why
from xpmsync.errors import LedgerDamaged, Rejected
from xpmsync.local.ledger.journal import WriteState
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.ledger.summary import RunNote, StatusNote, write_status
from xpmsync.local.net.stored_sign_in import OAuthClient, SignIn, Tokens, store_sign_in
from xpmsync.local.schedule.job import EVERY_DAY
from xpmsync.local.schedule.registry import ScheduleNote, open_scheduler, write_schedule
from xpmsync.local.secrets.vault import open_vault
from xpmsync.local.settings.editor import set_values
from xpmsync.local.settings.keys import Value
from xpmsync.local.settings.reader import read_settings
from xpmsync.local.system.log import open_log
from xpmsync.local.system.paths import Paths, ProfilePaths
from xpmsync.simulator.builtin import register_path
from xpmsync.simulator.ignition.register import Register
from xpmsync.simulator.people.seed import SEEDED_LINKS, seed_register, seed_world
from xpmsync.simulator.server.server import DEMO_TENANT, PKCE_APP, SimulatorServer
from xpmsync.simulator.world.world import World
from xpmsync.usecases.context.context import Silent
from xpmsync.usecases.doctor.doctor import CHECKS, doctor_context, run_checks, worst
from xpmsync.usecases.doctor.model import Finding, Severity
from xpmsync.usecases.doctor.report import problem_report
from xpmsync.usecases.unattended.install import install
from xpmsync.xpm.api.sign_in import account_of, api_hosts

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
STAMP = NOW.isoformat()


@dataclass
class DoctorRig:
    """A computer with a practice on it; secrets are in a token file."""

    folder: Path
    profile: str = "default"
    clock: FakeClock = field(default_factory=lambda: FakeClock(NOW))
    environ: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.environ.setdefault("XPMSYNC_TOKEN_FILE", str(self.folder / "secrets.json"))

    @property
    def paths(self) -> Paths:
        """Settings and state in the test's folder."""
        return Paths(self.folder / "config.toml", self.folder / "state")

    @property
    def state(self) -> ProfilePaths:
        """The profile's state folder, made."""
        return self.paths.profile(self.profile).ready()

    def set(self, values: dict[str, Value]) -> None:
        """Change settings."""
        set_values(self.paths.config_file, values, self.profile)

    def run_checks(self, *, online: bool = False) -> list[Finding]:
        """What the doctor finds."""
        patient = doctor_context(self.paths, self.profile, self.environ, self.clock, attended=False, online=online)
        return list(run_checks(patient))

    def bad(self, check: str, *, online: bool = False) -> list[Finding]:
        """What the doctor finds wrong in one check."""
        return [one for one in self.run_checks(online=online) if one.check == check and one.verdict is not Severity.OK]

    def report(self) -> str:
        """The problem report, offline, with plain words for errors."""
        patient = doctor_context(self.paths, self.profile, self.environ, self.clock, attended=False, online=False)
        found = tuple(run_checks(patient))
        return problem_report(patient, found, [(one.message or str(one.error), one.fix) for one in found])


@pytest.fixture
def rig(tmp_path: Path) -> DoctorRig:
    """A computer with a settings file that has nothing in it yet."""
    made = DoctorRig(tmp_path)
    made.set({"sync.level": "names"})
    return made


@pytest.fixture
def served(rig: DoctorRig) -> Iterator[SimulatorServer]:
    """A practice for the rig's profile, reached with a token from the environment, with one client linked."""
    with World() as world, SimulatorServer(world, static_token="a-token", clock=rig.clock) as server:
        seed_world(world)
        rig.set(
            {
                "xpm.client_id": PKCE_APP.client_id,
                "xpm.tenant_id": DEMO_TENANT.tenant_id,
                "xpm.api_url": server.api_url,
                "xpm.identity_url": server.url,
            }
        )
        rig.environ["XPMSYNC_XPM_ACCESS_TOKEN"] = "a-token"
        with Register(register_path(rig.state.folder)) as register:
            seed_register(register)
        with Ledger(rig.state.ledger) as ledger:
            ledger.add_link(Link(*SEEDED_LINKS[0], "A client", STAMP))
        yield server


def test_a_healthy_practice_has_no_problem(rig: DoctorRig, served: SimulatorServer) -> None:
    """Everything is looked at, one client is read on each side, and nothing is written anywhere."""
    found = rig.run_checks(online=True)

    assert [one for one in found if one.verdict is Severity.PROBLEM] == []
    assert {one.check for one in found} >= (CHECKS.keys() - {"reading"}) | {"xpm", "ignition"}
    told = {one.check: one.message for one in found}
    assert told["xpm"].startswith("XPM: one client read")
    assert told["ignition"].startswith("Ignition (route builtin): one client read")
    assert told["connection"] == "127.0.0.1 answers."
    assert {seen.method for seen in served.requests.all()} == {"GET"}


def test_folders_of_exports_are_checked_before_anybody_signs_in(rig: DoctorRig, tmp_path: Path) -> None:
    """Missing, empty, or with an export; the folder for uploads may still have to be made."""
    exports = tmp_path / "exports"
    rig.set({"ignition.route": "csv", "ignition.export_folder": str(exports)})
    (missing,) = rig.bad("folders")
    assert f"There is no folder {exports} (ignition.export_folder)" in missing.message
    assert missing.run == ("config", "set", "ignition.export_folder", "FOLDER")

    exports.mkdir()
    (empty,) = rig.bad("folders")
    assert (empty.verdict, "no CSV file" in empty.message) == (Severity.WARNING, True)

    (exports / "clients.csv").write_text("x", encoding="utf-8")
    rig.set({"ignition.import_folder": str(tmp_path / "uploads")})
    assert rig.bad("folders") == []
    messages = [one.message for one in rig.run_checks() if one.check == "folders"]
    assert any("the newest export is clients.csv" in message for message in messages)
    assert any("will be made when it is needed" in message for message in messages)


def test_the_built_in_practice_is_healthy_without_network(tmp_path: Path) -> None:
    """The demo needs no keyring, no network and no sign-in."""
    found = DoctorRig(tmp_path, "demo").run_checks(online=True)

    assert worst(tuple(found)) is Severity.OK


def test_every_problem_comes_with_its_fix(tmp_path: Path) -> None:
    """On a computer where nothing is set up, every finding that is not ok says what to do."""
    found = DoctorRig(tmp_path).run_checks()

    assert all(one.fix or one.error for one in found if one.verdict is not Severity.OK)
    assert {one.check for one in found if one.verdict is not Severity.OK} == {"settings", "sign-in"}


def test_all_problems_of_the_settings_are_told(rig: DoctorRig) -> None:
    """Not only the first; and the other checks go on without settings."""
    rig.paths.config_file.write_text("[sync]\nlevle = 3\ndirection = 'up'\n", encoding="utf-8")

    found = rig.run_checks()

    assert [one.verdict for one in found if one.check == "settings"] == [Severity.PROBLEM] * 2
    assert {"ledger", "folders", "keyring"} <= {one.check for one in found if one.verdict is Severity.OK}


def test_an_unknown_profile_is_a_problem(rig: DoctorRig) -> None:
    """With how to make it."""
    rig.profile = "nowhere"

    (found,) = rig.bad("settings")
    assert found.run == ("init",)


def test_a_token_that_xpm_refuses_is_a_problem(rig: DoctorRig, served: SimulatorServer) -> None:
    """The error is the one that a run would meet."""
    rig.environ["XPMSYNC_XPM_ACCESS_TOKEN"] = "another-token"

    (found,) = rig.bad("xpm", online=True)
    assert found.error is not None
    assert found.error.code == "sign-in"


def test_a_closed_port_and_another_time_are_found(rig: DoctorRig, served: SimulatorServer) -> None:
    """Nobody answers; or somebody does, and their clock says something else."""
    rig.clock = FakeClock(NOW + timedelta(minutes=7))
    (clock,) = rig.bad("clock", online=True)
    assert "420 seconds ahead of 127.0.0.1's" in clock.message

    served.stop()
    assert {one.message for one in rig.bad("connection", online=True)} == {
        "127.0.0.1 cannot be reached: no connection."
    }


def test_missing_rights_and_a_sign_in_that_lapses_are_found(rig: DoctorRig, served: SimulatorServer) -> None:
    """Signed in to read, but the direction writes XPM; and not used for seven weeks."""
    del rig.environ["XPMSYNC_XPM_ACCESS_TOKEN"]
    renewed = NOW - timedelta(days=50)
    settings = read_settings(rig.paths.config_file, rig.profile)
    tokens = Tokens("access", "refresh", None, ("offline_access", "practicemanager.client.read"))
    app, hosts = OAuthClient(PKCE_APP.client_id), api_hosts(settings.xpm)
    signed = SignIn(tokens, app, renewed, "North", DEMO_TENANT.tenant_id, hosts=hosts)
    store_sign_in(open_vault(rig.environ, attended=False), account_of(settings.xpm), signed, rig.state.sign_in)
    rig.set({"sync.direction": "to-xpm"})

    rights, lapse = rig.bad("sign-in")
    assert "practicemanager.client," in rights.message
    assert rights.run == ("login", "xpm")
    assert lapse.verdict is Severity.WARNING


def test_a_token_file_that_others_can_read_is_a_problem(rig: DoctorRig) -> None:
    """The keyring's place is tried for real."""
    file = Path(rig.environ["XPMSYNC_TOKEN_FILE"])
    file.write_text("{}", encoding="utf-8")
    file.chmod(0o644)

    if os.name != "nt":
        (found,) = rig.bad("keyring")
        assert "others may read it" in found.message


@pytest.mark.skipif(os.name == "nt" or os.getuid() == 0, reason="root may write everywhere")
def test_a_state_folder_without_rights_is_a_problem(rig: DoctorRig) -> None:
    """It is tried for real, too."""
    rig.state.folder.chmod(0o500)

    (found,) = rig.bad("folders")
    rig.state.folder.chmod(0o700)
    assert "cannot be written" in found.message


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_state_folder_that_others_may_read_is_a_warning(rig: DoctorRig) -> None:
    """With the command that closes it."""
    rig.state.folder.chmod(0o755)

    (found,) = rig.bad("folders")
    assert found.fix.startswith("Close it: chmod 700")


def test_a_state_folder_in_a_cloud_is_a_warning(tmp_path: Path) -> None:
    """A cloud service locks and restores files as it likes."""
    folder = tmp_path / "OneDrive - Harbour & Hills"
    folder.mkdir()

    state, settings = DoctorRig(folder).bad("places")
    assert "OneDrive" in state.message
    assert "XPMSYNC_STATE_DIR" in state.fix
    assert "XPMSYNC_CONFIG" in settings.fix


def test_a_damaged_ledger_is_told_and_left_alone(rig: DoctorRig, served: SimulatorServer) -> None:
    """Even online, nothing is read with it; what mends it is named."""
    rig.state.ledger.write_bytes(b"damaged" * 1000)

    (found,) = rig.bad("ledger", online=True)

    assert isinstance(found.error, LedgerDamaged)
    assert rig.state.ledger.read_bytes() == b"damaged" * 1000
    assert [file.name for file in rig.state.folder.glob("ledger*.sqlite")] == ["ledger.sqlite"]


def test_a_ledger_set_aside_is_remembered(rig: DoctorRig) -> None:
    """Until somebody moves it away."""
    (rig.state.folder / "ledger.damaged-1.sqlite").write_bytes(b"damaged")

    (found,) = rig.bad("ledger")
    assert "ledger.damaged-1.sqlite" in found.message


def write(ledger: Ledger, run: int, state: WriteState, why: Why) -> None:
    """Journal the writing of a phone number."""
    client = ClientRef("x-1", "i-1", "Canary Client")
    change = Change(client, ChangeKind.FIELD, "phone", "09 555 0100", "09 555 0101", why)
    call = Call(client, CallKind.UPDATE, {"phone": "09 555 0101"}, (change,))
    ledger.journal.close(ledger.journal.intend(run, call, System.IGNITION, STAMP), state, STAMP)


def test_writes_without_an_end_and_runs_cut_off_are_told(rig: DoctorRig) -> None:
    """What a killed run leaves; the next run settles it."""
    with Ledger(rig.state.ledger) as ledger:
        run = ledger.journal.begin("sync", Direction.FROM_XPM, Level.EVERYTHING, STAMP)
        write(ledger, run, WriteState.UNKNOWN, Why.SOURCE_CHANGED)

    (found,) = rig.bad("ledger")
    assert found.message == "Run 1 was cut off; 1 writes have no known end."


def test_a_second_writer_is_known_by_what_it_does(rig: DoctorRig) -> None:
    """The same field put right in three runs: Ignition's own sync is probably on as well."""
    with Ledger(rig.state.ledger) as ledger:
        for _ in range(3):
            assert rig.bad("native-sync") == []
            run = ledger.journal.begin("sync", Direction.FROM_XPM, Level.EVERYTHING, STAMP)
            write(ledger, run, WriteState.DONE, Why.TARGET_EDITED)

    (found,) = rig.bad("native-sync")
    assert "set its own sync with XPM to Nothing" in found.fix


def test_a_clock_that_was_put_back_is_told(rig: DoctorRig) -> None:
    """The ledger knows a run from tomorrow."""
    with Ledger(rig.state.ledger) as ledger:
        tomorrow = (NOW + timedelta(days=1)).isoformat()
        ledger.journal.begin("sync", Direction.FROM_XPM, Level.EVERYTHING, tomorrow)

    (found,) = rig.bad("clock")
    assert found.run == ("sync", "--full")


@posix_only
def test_what_became_of_the_schedule_is_told(rig: DoctorRig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unproved, late, gone: each with the command that installs it again."""
    fake = FakeSchedulers.on_path(tmp_path, monkeypatch)
    patient = doctor_context(rig.paths, "default", rig.environ, rig.clock, attended=False, online=False)
    assert patient.settings is not None
    install(
        patient.settings,
        rig.paths,
        rig.environ,
        open_scheduler(SchedulerKind.CRON),
        at=time(2, 30),
        days=EVERY_DAY,
        clock=rig.clock,
        progress=Silent(),
        probe=False,
    )

    (unproved,) = rig.bad("schedule")
    assert unproved.run == ("schedule", "install", "--at", "02:30", "--days", "daily")
    rig.clock.sleep(5 * 86_400)
    assert "has not run for 5 days" in rig.bad("schedule")[0].message
    fake.crontab.write_text("", encoding="utf-8")
    (gone,) = rig.bad("schedule")
    assert gone.verdict is Severity.PROBLEM
    assert "no longer has it" in gone.message


def test_a_schedule_whose_scheduler_is_gone_is_a_problem(rig: DoctorRig, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error of the scheduler stands for the finding."""
    monkeypatch.setenv("PATH", str(rig.folder))
    command = ("/py", "-m", "xpmsync")
    write_schedule(
        rig.state, ScheduleNote(SchedulerKind.CRON, "xpmsync-default", time(2), EVERY_DAY, command, NOW, proved=True)
    )

    (found,) = rig.bad("schedule")
    assert found.error is not None
    assert found.error.code == "scheduler"


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (RunNote("sync", NOW, NOW, 4, "sign-in-needed", "sign-in"), "ended with sign-in-needed (sign-in)"),
        (
            RunNote("sync", NOW, NOW, 0, "done", waiting={"needs-email": 2}),
            "left something for a person: 2 needs email",
        ),
    ],
)
def test_how_the_last_run_ended_is_told(rig: DoctorRig, run: RunNote, words: str) -> None:
    """A failure, or something that waits for a person."""
    write_status(rig.state, StatusNote(run, None))

    (found,) = rig.bad("last-run")
    assert words in found.message


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"notify.mail_to": ("ada@example.com",)}, "smtp_host is empty"),
        ({"notify.webhook_url": "keyring"}, "The webhook is not in the keyring"),
        (
            {"notify.mail_to": ("a@example.com",), "notify.smtp_host": "localhost", "notify.smtp_user": "a"},
            "The mail password is not in the keyring",
        ),
    ],
)
def test_notifications_that_cannot_work_are_problems(rig: DoctorRig, values: dict[str, Value], words: str) -> None:
    """Found without sending anything."""
    rig.set(values)

    (found,) = rig.bad("notify")
    assert found.verdict is Severity.PROBLEM
    assert words in found.message


def test_a_bug_in_one_check_does_not_hide_the_others(rig: DoctorRig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its line says that it could not be made, without the exception's text."""

    def buggy(_patient: object) -> Iterator[Finding]:
        yield Finding("limits", Severity.OK, "first")
        raise RuntimeError("canary text")

    monkeypatch.setitem(CHECKS, "limits", buggy)
    found = rig.run_checks()

    assert [one.message for one in found if one.check == "limits"] == [
        "first",
        "This check could not be made (RuntimeError).",
    ]
    assert found[-1].check == "native-sync"


def test_the_report_has_its_four_parts_and_names_nobody(rig: DoctorRig, served: SimulatorServer) -> None:
    """Context, steps, expected, seen; no secret, no client, no practice, no address, no folder of a person."""
    rig.profile = "northside"
    rig.set(
        {
            "xpm.client_id": "canary-client-id",
            "xpm.tenant_id": "canary-tenant-id",
            "notify.mail_to": ("canary@example.com",),
            "notify.smtp_host": "mail.canary.example.com",
            "ignition.export_folder": str(rig.folder / "canary-exports"),
            "xpm.files.folder": str(rig.folder / "canary-xpm"),
            "sync.filter.include": ("Canary Client",),
        }
    )
    rig.state.sign_in.write_text(
        '{"client_id": "canary-client-id", "tenant_id": "canary-tenant-id", "practice": "Canary & Partners"}',
        encoding="utf-8",
    )
    del rig.environ["XPMSYNC_XPM_ACCESS_TOKEN"]
    with Ledger(rig.state.ledger) as ledger:
        ledger.add_link(Link("x-1", "i-1", "Canary Client", STAMP))
    run = RunNote("sync", NOW, NOW, 5, "partly-done", "rejected", by_schedule=True, counts={"written": 2})
    write_status(rig.state, StatusNote(run, None))
    open_log(rig.state, as_json=False).warning("run ended", extra={"facts": {"mail": "canary@example.com"}})

    text = rig.report()

    assert [line for line in text.splitlines() if line.startswith("## ")] == [
        "## Context",
        "## Steps",
        "## Expected",
        "## Seen",
    ]
    assert "canary" not in text.lower()
    assert "northside" not in text
    assert str(rig.folder) not in text
    assert "sync by schedule, ended with partly-done (exit code 5, rejected). written 2" in text
    assert "sync.filter.include is set" in text
    assert "mail=[e-mail]" in text


def test_a_systems_own_words_stay_out_of_the_report(rig: DoctorRig) -> None:
    """A refusal may quote the client it is about."""
    patient = doctor_context(rig.paths, "default", rig.environ, rig.clock, attended=False, online=False)
    refusal = Rejected(System.XPM, "GET client.api/get", "Canary Client is locked")
    found = Finding("xpm", Severity.PROBLEM, "", error=refusal)

    text = problem_report(patient, [found], [("XPM refused: Canary Client is locked.", "Correct the record.")])

    assert "Canary" not in text
    assert "problem: xpm: rejected" in text
