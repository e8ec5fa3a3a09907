"""The keyring proper: a real Secret Service, unlocked, locked, and gone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from support.secret_service import SecretService, needs_secret_service, running
from xpmsync.core.enums import System
from xpmsync.local.secrets.vault import Account, Vault, open_vault
from xpmsync.local.system.paths import account_locks

pytestmark = [needs_secret_service, pytest.mark.secret_service]

ACCOUNT = Account(System.XPM, "identity.xero.com", "APP/tenant")


@pytest.fixture(scope="module")
def service() -> Iterator[SecretService]:
    """Run one Secret Service for this file."""
    with running() as started:
        yield started


@pytest.fixture
def vault(service: SecretService, monkeypatch: pytest.MonkeyPatch) -> Vault:
    """Return the vault that the program opens in that session."""
    service.apply(monkeypatch)
    return open_vault({}, attended=False)


def test_the_secret_service_is_found_and_named(vault: Vault) -> None:
    """The probe writes, reads and deletes for real, and says which keyring that was."""
    assert vault.probe().where == vault.describe() == "Secret Service"


def test_a_sign_in_longer_than_one_entry_comes_back(vault: Vault) -> None:
    """Xero's tokens are longer than an entry may be; several generations of them are kept and deleted."""
    for number in range(3):
        text = f"{number}" * (1500 + number)
        with vault.lock(ACCOUNT):
            vault.write(ACCOUNT, text)
        assert vault.read(ACCOUNT) == text

    assert vault.delete(ACCOUNT)
    assert vault.read(ACCOUNT) is None


READ = """
from xpmsync.core.enums import System
from xpmsync.errors import KeyringUnusable
from xpmsync.local.secrets.vault import Account, open_vault
try:
    print(open_vault({}, attended=False).read(Account(System.XPM, "identity.xero.com", "APP/tenant")))
except KeyringUnusable as problem:
    print(f"{problem.backend}: {problem.reason}")
"""


def test_a_locked_keyring_is_said_to_be_locked(service: SecretService, vault: Vault) -> None:
    """Locked and with nobody to unlock it, the keyring is unusable for the right reason, and works again later."""

    def read() -> str:
        # In a process of its own: keyring leaves its connection open when the keyring is locked.
        told = subprocess.run(
            [sys.executable, "-c", READ], env=dict(service.environ), capture_output=True, text=True, check=True
        )
        return told.stdout.strip()

    vault.write(ACCOUNT, "kept")
    service.lock()
    try:
        assert read() == "Secret Service: it is locked"
    finally:
        service.unlock()

    assert read() == "kept"


def test_a_job_of_cron_finds_the_session(service: SecretService, vault: Vault) -> None:
    """Without DBUS_SESSION_BUS_ADDRESS, as under cron, the bus of the logged-in user is found all the same."""
    vault.write(ACCOUNT, "kept")
    environ = {name: value for name, value in service.environ.items() if name != "DBUS_SESSION_BUS_ADDRESS"}
    del environ["PYTHON_KEYRING_BACKEND"]

    told = subprocess.run([sys.executable, "-c", READ], env=environ, capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "kept"


def test_the_locks_lie_with_the_user_and_not_with_the_state(
    vault: Vault, service: SecretService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two configurations of one user share the lock of one account, wherever their state is."""
    monkeypatch.setenv("XPMSYNC_STATE_DIR", "/elsewhere")

    with vault.lock(ACCOUNT):
        assert account_locks().is_relative_to(service.environ["XDG_STATE_HOME"])
        assert [path.name for path in account_locks().iterdir()] == [ACCOUNT.lock_name]
