"""A schedule in the real cron: the probe runs as cron's child, with cron's bare environment.

The clock of this cron runs faster where libfaketime is installed, so that its minute
takes two seconds. Only on machines whose crontab is nobody's (CI's containers).
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, time
from pathlib import Path

import pytest
from filelock import FileLock

from support.clock import FakeClock
from support.secret_service import SecretService, needs_secret_service, running
from support.sign_in import settings_for, signed_tokens
from xpmsync.core.enums import SchedulerKind
from xpmsync.core.model import Link
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.net.stored_sign_in import OAuthClient, SignIn
from xpmsync.local.schedule.job import EVERY_DAY
from xpmsync.local.schedule.registry import open_scheduler
from xpmsync.local.secrets.vault import TEXT_LIMIT, open_vault
from xpmsync.local.settings.editor import set_values
from xpmsync.local.settings.reader import read_settings
from xpmsync.local.settings.settings import Settings
from xpmsync.local.system.clock import SystemClock
from xpmsync.local.system.paths import Paths
from xpmsync.simulator.builtin import register_path
from xpmsync.simulator.ignition.register import Register
from xpmsync.simulator.people.seed import SEEDED_LINKS, seed_register, seed_world
from xpmsync.simulator.server.server import DEMO_TENANT, PKCE_APP, SimulatorServer
from xpmsync.simulator.world.world import World
from xpmsync.usecases.context.context import Silent
from xpmsync.usecases.unattended.install import Installed, install, remove
from xpmsync.usecases.unattended.probe import Proof
from xpmsync.xpm.api.sign_in import account_of, api_hosts

MISSING = [program for program in ("cron", "crontab") if os.name == "nt" or shutil.which(program) is None]
FAKETIME = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))), None)


pytestmark = [
    pytest.mark.skipif(bool(MISSING), reason=f"not on this machine: {', '.join(MISSING)}"),
    pytest.mark.skipif(not MISSING and os.getuid() != 0, reason="only root can start a cron"),
]


@pytest.fixture
def alone() -> Iterator[None]:
    """Have the machine's only crontab to ourselves, whatever other test runs there are on it."""
    # Not in `TMPDIR`, which another run may have elsewhere.
    with FileLock(Path("/tmp/xpmsync-tests-crontab.lock"), timeout=600):  # noqa: S108 - holds nothing
        if subprocess.run(["crontab", "-l"], capture_output=True, check=False).returncode == 0:
            pytest.skip("this user has a crontab of their own")
        yield


@pytest.fixture
def cron(alone: None) -> Iterator[None]:
    """Run the real cron, and leave no crontab behind."""
    hurried = {"LD_PRELOAD": str(FAKETIME), "FAKETIME": "+0 x30"} if FAKETIME else {}
    daemon = _start({"PATH": os.environ["PATH"], **hurried})
    try:
        yield
    finally:
        daemon.terminate()
        daemon.wait()
        subprocess.run(["crontab", "-r"], capture_output=True, check=False)


def _start(environ: dict[str, str]) -> subprocess.Popen[bytes]:
    """The daemon, once it keeps running: it ends at once while a job of the former one still holds its lock."""
    for _ in range(100):
        daemon = subprocess.Popen(["cron", "-f"], env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            daemon.wait(timeout=0.3)
        except subprocess.TimeoutExpired:
            return daemon
    pytest.fail("cron does not keep running")


@pytest.fixture
def service(alone: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[SecretService]:
    """Run a real Secret Service, and let cron know its bus as a crontab can: by a line of its own."""
    with running() as started:
        started.apply(monkeypatch)
        line = f"XDG_RUNTIME_DIR={started.environ['XDG_RUNTIME_DIR']}\n"
        subprocess.run(["crontab", "-"], input=line.encode(), check=True)
        yield started


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    """Serve a practice that somebody is signed in to, with one client linked."""
    paths, clock = Paths(tmp_path / "config.toml", tmp_path / "state"), FakeClock(datetime.now(UTC))
    with World() as world, SimulatorServer(world) as server:
        seed_world(world)
        xpm = settings_for(server, PKCE_APP.client_id)
        set_values(
            paths.config_file,
            {
                "xpm.client_id": xpm.client_id,
                "xpm.tenant_id": xpm.tenant_id,
                "xpm.api_url": xpm.api_url,
                "xpm.identity_url": xpm.identity_url,
            },
        )
        scopes = ("offline_access", "practicemanager.client.read")
        app = OAuthClient(PKCE_APP.client_id)
        tokens = signed_tokens(server, app, clock, scopes)
        vault, account = open_vault({}, attended=False), account_of(xpm)
        with vault.lock(account):
            hosts = api_hosts(xpm)
            signed = SignIn(
                tokens, app, clock.now(), DEMO_TENANT.name, DEMO_TENANT.tenant_id, "connection", hosts=hosts
            )
            vault.write(account, signed.pack(TEXT_LIMIT))
        state = paths.profile("default").ready()
        with Register(register_path(state.folder)) as register:
            seed_register(register)
        with Ledger(state.ledger) as ledger:
            ledger.add_link(Link(*SEEDED_LINKS[0], "A client", clock.now().isoformat()))
        yield read_settings(paths.config_file)


def put_in(settings: Settings) -> Installed:
    """Install a schedule for half past two, proved by cron."""
    return install(
        settings,
        paths_of(settings),
        os.environ,
        open_scheduler(SchedulerKind.CRON),
        at=time(2, 30),
        days=EVERY_DAY,
        clock=SystemClock(),
        progress=Silent(),
    )


def paths_of(settings: Settings) -> Paths:
    """Where the fixture put things."""
    return Paths(settings.path, settings.path.parent / "state")


def crontab() -> str:
    """The crontab as it is."""
    return subprocess.run(["crontab", "-l"], capture_output=True, check=True, text=True).stdout


def test_cron_starts_the_probe(cron: None, tmp_path: Path) -> None:
    """The built-in practice, which needs no secret: one client read on each side, from inside cron."""
    done = put_in(Settings("demo", tmp_path / "config.toml"))

    assert (done.proof, done.reason) == (Proof.PROVED, "")
    assert done.findings is not None
    assert dict(done.findings.steps)["ignition"] == "one client read"
    assert crontab().splitlines()[1].startswith("30 2 * * * ")
    assert "schedule probe" not in crontab()


@needs_secret_service
@pytest.mark.secret_service
def test_cron_reaches_the_real_keyring_and_a_signed_in_practice(
    service: SecretService, settings: Settings, cron: None
) -> None:
    """The sign-in is read from the Secret Service by cron's child, and opens XPM; foreign crontab lines stay."""
    done = put_in(settings)

    assert done.proof is Proof.PROVED
    assert done.findings is not None
    seen = dict(done.findings.steps)
    assert seen["keyring"].startswith("Secret Service: written, read and deleted")
    assert (seen["xpm"], seen["ignition"]) == ("one client read", "one client read")
    assert remove(settings, paths_of(settings), SystemClock()).existed
    assert crontab() == f"XDG_RUNTIME_DIR={service.environ['XDG_RUNTIME_DIR']}\n"


@needs_secret_service
@pytest.mark.secret_service
def test_a_locked_keyring_is_found_out_before_anything_is_installed(
    service: SecretService, settings: Settings, cron: None
) -> None:
    """At half past two nobody is there to unlock it: the probe says so, and nothing is put into the crontab."""
    service.lock()

    done = put_in(settings)

    assert (done.proof, done.note) == (Proof.FAILED, None)
    assert done.findings is not None
    assert (done.findings.code, done.findings.exit_code) == ("keyring", 4)
    assert "xpmsync" not in crontab()
