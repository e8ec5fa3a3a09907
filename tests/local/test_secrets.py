"""Secrets: generations, Windows' limit, the token file, and what is refused as a keyring."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from support.keyrings import MemoryEntries
from xpmsync.core.enums import System
from xpmsync.errors import KeyringUnusable, SecretTooLong
from xpmsync.local.secrets.backends import Backend, SystemKeyring
from xpmsync.local.secrets.vault import ENTRY_LIMIT, TEXT_LIMIT, Account, Vault, open_vault

ACCOUNT = Account(System.XPM, "identity.xero.com", "APP/tenant")
OTHER = Account(System.XPM, "identity.xero.com", "APP/other-tenant")


@pytest.fixture
def entries() -> MemoryEntries:
    """Return entries in memory."""
    return MemoryEntries()


@pytest.fixture
def vault(entries: MemoryEntries, tmp_path: Path) -> Vault:
    """Return a vault over the entries in memory."""
    return Vault(entries, tmp_path)


def test_what_is_written_is_read(vault: Vault) -> None:
    """Each account has its own text, the last one written."""
    vault.write(ACCOUNT, "one")
    vault.write(OTHER, "two")
    vault.write(ACCOUNT, "three")

    assert (vault.read(ACCOUNT), vault.read(OTHER)) == ("three", "two")


def test_each_generation_has_its_own_entry_and_the_older_goes_last(vault: Vault, entries: MemoryEntries) -> None:
    """A new text is never written over the old one, which is deleted only afterwards (Windows would copy it)."""
    vault.write(ACCOUNT, "one")
    entries.steps.clear()

    vault.write(ACCOUNT, "two")

    (first, written), (last, deleted) = entries.steps
    assert (first, last) == ("set", "delete")
    assert written != deleted
    assert list(entries.held) == [written]


@pytest.mark.parametrize("before", [10, 2000])
@pytest.mark.parametrize("after", [10, 3000])
@pytest.mark.parametrize("steps", range(8))
def test_a_process_killed_at_any_step_leaves_a_whole_text(tmp_path: Path, before: int, after: int, steps: int) -> None:
    """Killed in mid-write, the old or the new text can be read, and the next write goes well."""
    entries = MemoryEntries()
    vault = Vault(entries, tmp_path)
    old, new = "o" * before, "n" * after
    vault.write(ACCOUNT, old)
    entries.fail_after = len(entries.steps) + steps
    killed = False
    try:
        vault.write(ACCOUNT, new)
    except KeyboardInterrupt:
        killed = True
    entries.fail_after = None

    assert vault.read(ACCOUNT) in ({old, new} if killed else {new})
    vault.write(ACCOUNT, "next")
    assert vault.read(ACCOUNT) == "next"
    assert len(entries.held) == 1
    assert vault.delete(ACCOUNT)
    assert entries.held == {}


@given(st.text(st.characters(max_codepoint=126), max_size=TEXT_LIMIT))
def test_no_entry_is_longer_than_windows_allows(text: str) -> None:
    """Any text up to the limit comes back whole, in entries of at most 1,280 characters."""
    entries = MemoryEntries()
    vault = Vault(entries, Path())
    vault.write(ACCOUNT, text)

    assert vault.read(ACCOUNT) == text
    assert max(len(held) for held in entries.held.values()) <= ENTRY_LIMIT


def test_a_short_text_is_one_entry(vault: Vault, entries: MemoryEntries) -> None:
    """On macOS every entry asks anew after an upgrade of Python, so there is only one where one will do."""
    vault.write(ACCOUNT, "x" * 1200)

    assert len(entries.held) == 1


def test_a_text_beyond_the_limit_is_refused_before_anything_is_written(vault: Vault, entries: MemoryEntries) -> None:
    """On every system, not only on Windows, a text that does not fit is an error with both lengths."""
    vault.write(ACCOUNT, "kept")

    with pytest.raises(SecretTooLong) as raised:
        vault.write(ACCOUNT, "x" * (TEXT_LIMIT + 1))

    assert (raised.value.length, raised.value.limit) == (TEXT_LIMIT + 1, TEXT_LIMIT)
    assert vault.read(ACCOUNT) == "kept"
    assert len(entries.held) == 1


def test_deleting_leaves_nothing(vault: Vault, entries: MemoryEntries) -> None:
    """Both generations and all parts go; the other account's stay."""
    vault.write(OTHER, "kept")
    vault.write(ACCOUNT, "x" * 4000)

    assert vault.delete(ACCOUNT)
    assert not vault.delete(ACCOUNT)
    assert vault.read(ACCOUNT) is None
    assert len(entries.held) == 1


def test_a_damaged_text_counts_as_none(vault: Vault, entries: MemoryEntries) -> None:
    """An entry that somebody altered or shortened is not half believed."""
    vault.write(ACCOUNT, "x" * 2000)
    for service, text in list(entries.held.items()):
        entries.held[service] = text[:-1]

    assert vault.read(ACCOUNT) is None


def test_a_probe_tells_where_and_leaves_nothing(vault: Vault, entries: MemoryEntries) -> None:
    """The probe writes, reads and deletes, and says how long each took."""
    probe = vault.probe()

    assert probe.where == "memory"
    assert min(probe.write_ms, probe.read_ms, probe.delete_ms) >= 0
    assert entries.held == {}


def test_a_keyring_that_forgets_is_found_out(
    vault: Vault, entries: MemoryEntries, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A keyring that takes everything and holds nothing does not pass the probe."""
    monkeypatch.setattr(entries, "set", lambda _service, _text: None)

    with pytest.raises(KeyringUnusable, match="read back"):
        vault.probe()


def test_no_repr_shows_a_secret(vault: Vault) -> None:
    """The objects that hold secrets do not show them."""
    vault.write(ACCOUNT, "very-secret")

    assert "very-secret" not in f"{vault!r} {ACCOUNT!r} {vault.probe()!r}"


# --- the token file ---------------------------------------------------------------------


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    """Return where a token file may be."""
    return tmp_path / "secrets" / "tokens.json"


def file_vault(file: Path) -> Vault:
    """Open a vault the way the program does when the variable names a file."""
    return open_vault({"XPMSYNC_TOKEN_FILE": str(file)}, attended=False)


def test_a_named_token_file_is_used_and_private(token_file: Path) -> None:
    """The opt-in by name keeps secrets in a file that only its owner may read."""
    vault = file_vault(token_file)
    assert vault.read(ACCOUNT) is None

    with vault.lock(ACCOUNT):
        vault.write(ACCOUNT, "x" * 2000)

    assert file_vault(token_file).read(ACCOUNT) == "x" * 2000
    assert str(token_file) in vault.describe()
    assert vault.probe().where == vault.describe()
    if os.name != "nt":
        assert stat.S_IMODE(token_file.stat().st_mode) == 0o600
        assert {stat.S_IMODE(path.stat().st_mode) for path in token_file.parent.iterdir()} == {0o600}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_token_file_that_others_may_read_is_refused(token_file: Path, mode: int) -> None:
    """Wider rights are refused with what to do, and nothing is written into it."""
    vault = file_vault(token_file)
    vault.write(ACCOUNT, "old")
    token_file.chmod(mode)

    for action in (lambda: vault.read(ACCOUNT), lambda: vault.write(ACCOUNT, "new"), vault.probe):
        with pytest.raises(KeyringUnusable, match="chmod 600"):
            action()
    assert "new" not in token_file.read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ["{", "[]", '"x"', "secret-that-is-no-json"])
def test_a_token_file_of_something_else_is_refused_unseen(token_file: Path, text: str) -> None:
    """A file that xpmsync did not write is not overwritten, and none of it is in the error."""
    vault = file_vault(token_file)
    vault.write(ACCOUNT, "old")
    token_file.write_text(text, encoding="utf-8")

    with pytest.raises(KeyringUnusable) as raised:
        vault.write(ACCOUNT, "new")

    assert "secret-that" not in f"{raised.value} {raised.value.__cause__!r}"
    assert token_file.read_text(encoding="utf-8") == text


WRITER = """
import sys
from pathlib import Path
from xpmsync.core.enums import System
from xpmsync.local.secrets.vault import Account, open_vault
vault = open_vault({"XPMSYNC_TOKEN_FILE": sys.argv[1]}, attended=False)
for number in range(10):
    vault.write(Account(System.XPM, "host", sys.argv[2]), f"{sys.argv[2]}-{number}")
"""


def test_accounts_of_one_file_do_not_lose_each_other(token_file: Path) -> None:
    """Two processes that write different accounts into one file both find theirs afterwards."""
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(token_file), name]) for name in ("north", "south")]

    assert [writer.wait() for writer in writers] == [0, 0]
    vault = file_vault(token_file)
    assert {name: vault.read(Account(System.XPM, "host", name)) for name in ("north", "south")} == {
        "north": "north-9",
        "south": "south-9",
    }
    assert len(json.loads(token_file.read_text(encoding="utf-8"))) == 2


# --- what counts as a keyring -----------------------------------------------------------


class Stub:
    """A keyring backend that answers or not, as a test needs."""

    def __init__(self, answer: Exception | threading.Event | None = None) -> None:
        self.answer = answer
        self.calls = 0

    def get_password(self, service: str, username: str) -> str | None:
        """Block, raise, or find nothing."""
        self.calls += 1
        if isinstance(self.answer, threading.Event):
            self.answer.wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        return None

    def set_password(self, service: str, username: str, password: str) -> None:
        """Do as `get_password`."""
        self.get_password(service, username)

    def delete_password(self, service: str, username: str) -> None:
        """Do as `get_password`, then say that there is nothing, as backends do."""
        self.get_password(service, username)
        raise LookupError


def entries_of(backend: Backend, seconds: float = 5.0) -> SystemKeyring:
    """Return entries over a backend of a test."""
    return SystemKeyring(seconds, lambda: (backend, "stub"))


def test_a_keyring_that_does_not_answer_is_given_up() -> None:
    """A call that blocks ends after the time limit, and the next ones fail at once."""
    release = threading.Event()
    backend = Stub(release)
    entries = entries_of(backend, seconds=0.05)
    try:
        for _ in range(3):
            with pytest.raises(KeyringUnusable, match="no answer within"):
                entries.get("service")
        assert backend.calls == 1
    finally:
        release.set()


def test_a_keyring_that_cannot_even_be_found_in_time_is_given_up() -> None:
    """Looking for a keyring is under the time limit too: on Linux it asks D-Bus."""
    release = threading.Event()

    def choose() -> tuple[Backend, str]:
        release.wait()
        return Stub(), "stub"

    try:
        with pytest.raises(KeyringUnusable, match="no answer within"):
            SystemKeyring(0.05, choose).get("service")
    finally:
        release.set()


@pytest.mark.parametrize("problem", [RuntimeError("very-secret"), OSError("very-secret"), LookupError("very-secret")])
def test_whatever_a_backend_raises_is_explained_without_its_text(problem: Exception) -> None:
    """Backends raise errors of every kind; none of their words, which may quote a secret, get through."""
    with pytest.raises(KeyringUnusable) as raised:
        entries_of(Stub(problem)).set("service", "very-secret")

    assert raised.value.reason
    assert "very-secret" not in str(raised.value)


def test_deleting_what_is_not_there_is_fine() -> None:
    """Backends raise when there is nothing to delete; that is no problem."""
    entries_of(Stub()).delete("service")


ASK = """
import sys
from xpmsync.errors import KeyringUnusable
from xpmsync.local.secrets.vault import open_vault
try:
    print(open_vault({}, attended=False).probe().where)
except KeyringUnusable as problem:
    print(f"refused|{problem.reason}|{problem.backend}")
"""


def ask(tmp_path: Path, **environ: str) -> str:
    """Ask, in a process of its own, which keyring is used in that environment."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "PYTHONPATH") if name in os.environ}
    told = subprocess.run(
        [sys.executable, "-c", ASK],
        env={**kept, "HOME": str(tmp_path), "USERPROFILE": str(tmp_path), **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in told.stderr
    return told.stdout.strip()


PLAIN = """
import json, pathlib
from keyring.backend import KeyringBackend
class PlaintextKeyring(KeyringBackend):
    priority = 9
    def get_password(self, service, username): return "x"
    def set_password(self, service, username, password): pathlib.Path("leak").write_text(password)
    def delete_password(self, service, username): pass
"""


@pytest.mark.parametrize("name", ["keyrings.alt.file.PlaintextKeyring", "keyring.backends.null.Keyring"])
def test_other_kinds_of_keyring_are_refused_by_class(tmp_path: Path, name: str) -> None:
    """keyrings.alt's plain text and keyring's own bottomless pit are refused, with their names."""
    package = tmp_path / "keyrings" / "alt"
    package.mkdir(parents=True)
    (package / "file.py").write_text(PLAIN, encoding="utf-8")

    told = ask(tmp_path, PYTHON_KEYRING_BACKEND=name, PYTHONPATH=str(tmp_path))

    assert told.startswith("refused|it is not a system keyring")
    assert told.endswith(name)


def test_a_class_that_only_calls_itself_a_system_keyring_is_refused(tmp_path: Path) -> None:
    """A class is known by what it is, not by the name it gives."""
    (tmp_path / "sham.py").write_text(
        PLAIN
        + "PlaintextKeyring.__module__ = 'keyring.backends.SecretService'\nPlaintextKeyring.__qualname__ = 'Keyring'\n",
        encoding="utf-8",
    )

    told = ask(tmp_path, PYTHON_KEYRING_BACKEND="sham.PlaintextKeyring", PYTHONPATH=str(tmp_path))

    assert told.startswith("refused|it is not a system keyring")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems bring their keyring along")
def test_without_a_keyring_there_is_no_fallback(tmp_path: Path) -> None:
    """With a plain-text plug-in installed and no Secret Service, nothing is used rather than that."""
    (tmp_path / "plain.py").write_text(PLAIN, encoding="utf-8")
    about = tmp_path / "plain-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: plain\nVersion: 1\n", encoding="utf-8")
    (about / "entry_points.txt").write_text("[keyring.backends]\nplain = plain\n", encoding="utf-8")

    told = ask(tmp_path, PYTHONPATH=str(tmp_path), DBUS_SESSION_BUS_ADDRESS=f"unix:path={tmp_path}/none")

    assert told.startswith("refused|this system offers no keyring")
    assert not (tmp_path / "leak").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="D-Bus is Linux' way")
def test_a_forced_backend_without_a_bus_is_explained(tmp_path: Path) -> None:
    """A bare RuntimeError or OSError, which keyring raises there, becomes a sentence about the missing session."""
    told = ask(
        tmp_path,
        PYTHON_KEYRING_BACKEND="keyring.backends.SecretService.Keyring",
        DBUS_SESSION_BUS_ADDRESS=f"unix:path={tmp_path}/none",
    )

    assert told == "refused|it could not be reached; this session may have no desktop or D-Bus|"


def test_keyrings_own_nothing_is_no_keyring(tmp_path: Path) -> None:
    """The backend by which keyring says that there is none is taken at its word."""
    told = ask(tmp_path, PYTHON_KEYRING_BACKEND="keyring.backends.fail.Keyring")

    assert told.startswith("refused|this system offers no keyring")


WINDOWS = """
CRED_TYPE_GENERIC, CRED_PERSIST_SESSION, CRED_PERSIST_LOCAL_MACHINE, CRED_PERSIST_ENTERPRISE = 1, 1, 2, 3
held = {}

class error(Exception):
    winerror, funcname = 1168, "CredRead"

def CredRead(Type, TargetName):
    if TargetName not in held:
        raise error
    return held[TargetName]

def CredWrite(credential, flags):
    blob = credential["CredentialBlob"].encode("utf-16-le")
    assert len(blob) <= 2560, "Windows would refuse it"
    assert credential["Persist"] == CRED_PERSIST_LOCAL_MACHINE, "it would roam"
    assert "@" not in credential["TargetName"], "keyring made a copy of the older secret"
    held[credential["TargetName"]] = {**credential, "CredentialBlob": blob}

def CredDelete(Type, TargetName):
    del held[TargetName]
"""

ON_WINDOWS = """
from pathlib import Path
from win32ctypes.pywin32 import win32cred
from xpmsync.core.enums import System
from xpmsync.local.secrets.backends import SystemKeyring
from xpmsync.local.secrets.vault import Account, Vault
account = Account(System.XPM, "identity.xero.com", "APP/tenant")
vault = Vault(SystemKeyring(5.0), Path("locks"))
for number in range(4):
    vault.write(account, str(number) * (1000 + 900 * number))
    assert vault.read(account) == str(number) * (1000 + 900 * number)
vault.probe()
print(vault.describe(), len(win32cred.held), vault.delete(account), len(win32cred.held))
"""


@pytest.mark.skipif(os.name == "nt", reason="the stand-in would hide the real vault")
def test_windows_gets_what_it_can_hold(tmp_path: Path) -> None:
    """Keyring's own Windows backend over a stand-in for its vault: short entries, none that roams, none copied."""
    package = tmp_path / "win32ctypes" / "pywin32"
    package.mkdir(parents=True)
    (package / "win32cred.py").write_text(WINDOWS, encoding="utf-8")
    (package / "pywintypes.py").write_text("from .win32cred import error\n", encoding="utf-8")

    told = subprocess.run(
        [sys.executable, "-c", ON_WINDOWS],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "PYTHONPATH": str(tmp_path),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.Windows.WinVaultKeyring",
        },
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout.strip() == "Windows Credential Manager 3 True 0"
