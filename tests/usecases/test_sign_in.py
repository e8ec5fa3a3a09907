"""Signing in and out, with the built-in practice as Xero and the test as the person at the browser."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from support.clock import FakeClock
from support.keyrings import MemoryEntries
from support.sign_in import AtBrowser
from xpmsync.core.enums import Direction
from xpmsync.errors import AccessRefused, KeyringUnusable, SettingsError, SignInNeeded, UsageError
from xpmsync.local.net.stored_sign_in import SignIn
from xpmsync.local.secrets.vault import Vault
from xpmsync.local.settings.editor import set_values
from xpmsync.local.settings.reader import read_settings
from xpmsync.local.settings.settings import Settings
from xpmsync.local.system.paths import Paths
from xpmsync.simulator.server.faults import Fault
from xpmsync.simulator.server.identity import Consent, Tenant
from xpmsync.simulator.server.server import DEMO_TENANTS, PKCE_APP, WEB_APP, SimulatorServer
from xpmsync.simulator.world.world import World
from xpmsync.usecases.auth.state import signed_in_state
from xpmsync.usecases.auth.xpm import SignedIn, SignedOut, SignInStep, sign_in, sign_out
from xpmsync.xpm.api.oauth import XpmConnection, xpm_tokens
from xpmsync.xpm.api.sign_in import account_of

NORTH = Tenant("11111111-1111-4111-8111-111111111111", "north-connection", "North Practice")
SOUTH = Tenant("22222222-2222-4222-8222-222222222222", "south-connection", "South Practice")
BOOKS = DEMO_TENANTS[0]


@dataclass
class Ada(AtBrowser):
    """The person: she has an app, agrees in her browser, and chooses a practice by name."""

    secret: str | None = ""
    wants: str = NORTH.name

    def app_secret(self, *, stored: bool) -> str | None:
        """Give the app's secret."""
        self.log.append(f"secret asked, stored={stored}")
        return self.secret

    def choose_practice(self, practices: Sequence[XpmConnection]) -> XpmConnection:
        """Choose by name."""
        self.log.append("asked for a practice")
        return next(practice for practice in practices if practice.name == self.wants)


@dataclass
class SignInRig:
    """One computer: its settings file, its state folder, its keyring."""

    server: SimulatorServer
    folder: Path
    clock: FakeClock
    entries: MemoryEntries = field(default_factory=MemoryEntries)

    @property
    def paths(self) -> Paths:
        """Where the files are."""
        return Paths(self.folder / "config.toml", self.folder / "state")

    @property
    def vault(self) -> Vault:
        """The keyring."""
        return Vault(self.entries, self.folder / "locks")

    def settings(self, profile: str = "default") -> Settings:
        """Read the settings as a new command does."""
        return read_settings(self.paths.config_file, profile)

    def sign_in(self, person: Ada, profile: str = "default", *, browser: bool = False, keep: bool = True) -> SignedIn:
        """Sign in."""
        try:
            return sign_in(
                self.settings(profile),
                self.paths,
                person=person,
                vault=self.vault,
                clock=self.clock,
                browser=browser,
                keep_practice=keep,
                redirect_seconds=10,
            )
        finally:
            for thread in person.threads:
                thread.join()

    def sign_out(self, profile: str = "default") -> SignedOut:
        """Sign out."""
        return sign_out(self.settings(profile), self.paths, vault=self.vault, clock=self.clock)

    def stored(self, profile: str = "default") -> SignIn | None:
        """What the keyring holds."""
        return SignIn.unpack(self.vault.read(account_of(self.settings(profile).xpm)) or "")

    def asked(self, path: str) -> int:
        """How many requests began with that path."""
        return sum(seen.path.startswith(path) for seen in self.server.requests.all())


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[SignInRig]:
    """Set up a computer with a PKCE app in its settings and two practices to choose from."""
    clock = FakeClock()
    with World(clock=clock) as world, SimulatorServer(world, clock=clock, tenants=(BOOKS, NORTH, SOUTH)) as server:
        rig = SignInRig(server, tmp_path, clock)
        set_values(
            rig.paths.config_file,
            {"xpm.client_id": PKCE_APP.client_id, "xpm.identity_url": server.url, "xpm.redirect_port": free_port()},
        )
        yield rig


def free_port() -> int:
    """Return a port that was free just now."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@pytest.mark.parametrize("browser", [True, False], ids=["browser", "pasted"])
def test_signing_in_stores_the_sign_in_and_the_practice(rig: SignInRig, browser: bool) -> None:
    """By browser or pasted address: the keyring has the tokens, the settings the practice, `status` the facts."""
    ada = Ada(wants=SOUTH.name)

    done = rig.sign_in(ada, browser=browser)

    assert (done.practice, done.tenant_id, done.where) == (SOUTH.name, SOUTH.tenant_id, "memory")
    assert done.scopes == ("offline_access", "practicemanager.client.read")
    assert rig.settings().xpm.tenant_id == SOUTH.tenant_id
    signed = rig.stored()
    assert signed
    assert (signed.practice, signed.connection_id) == (SOUTH.name, SOUTH.connection)
    token = xpm_tokens(
        rig.settings().xpm, vault=rig.vault, clock=rig.clock, facts=rig.paths.profile("default").sign_in
    ).token()
    assert token == signed.tokens.access
    assert ada.log == [
        "secret asked, stored=False",
        "page opened" if browser else "address shown",
        "asked for a practice",
    ]


def test_the_state_shows_what_was_granted(rig: SignInRig) -> None:
    """`status` knows practice, rights, expiry and keyring, without opening the keyring, and what would be missing."""
    assert not signed_in_state(rig.settings(), rig.paths, {}, rig.vault).signed_in
    rig.sign_in(Ada())

    state = signed_in_state(rig.settings(), rig.paths, {}, rig.vault)

    assert state.signed_in
    assert (state.practice, state.tenant_id, state.where) == (NORTH.name, NORTH.tenant_id, "memory")
    assert state.missing_scopes == ()
    assert state.expires_at
    assert (state.expires_at - rig.clock.now()).total_seconds() == 1800
    assert state.lapses_at
    assert (state.lapses_at - rig.clock.now()).days == 60

    set_values(rig.paths.config_file, {"sync.direction": Direction.TO_XPM.value})
    assert signed_in_state(rig.settings(), rig.paths, {}, rig.vault).missing_scopes == ("practicemanager.client",)
    set_values(rig.paths.config_file, {"xpm.tenant_id": SOUTH.tenant_id})
    assert not signed_in_state(rig.settings(), rig.paths, {}, rig.vault).signed_in


def test_a_token_in_the_environment_is_what_status_names(rig: SignInRig) -> None:
    """With XPMSYNC_XPM_ACCESS_TOKEN the state says so, and does not show it."""
    state = signed_in_state(rig.settings(), rig.paths, {"XPMSYNC_XPM_ACCESS_TOKEN": "very-secret"})

    assert (state.signed_in, state.where) == (True, "XPMSYNC_XPM_ACCESS_TOKEN")
    assert "very-secret" not in repr(state)


def test_writing_xpm_asks_for_the_right_to_write(rig: SignInRig) -> None:
    """The scopes follow the direction."""
    set_values(rig.paths.config_file, {"sync.direction": Direction.TO_XPM.value})

    assert rig.sign_in(Ada()).scopes == ("offline_access", "practicemanager.client")


def test_a_web_apps_secret_is_kept_in_the_keyring_and_used_again(rig: SignInRig) -> None:
    """The secret goes to the keyring and nowhere else; the next sign-in offers to keep it."""
    set_values(rig.paths.config_file, {"xpm.client_id": WEB_APP.client_id})
    rig.sign_in(Ada(secret=f" {WEB_APP.secret}\n"))
    again = Ada(secret=None)

    rig.sign_in(again)

    assert again.log[0] == "secret asked, stored=True"
    signed = rig.stored()
    assert signed
    assert signed.client.secret == WEB_APP.secret
    for path in rig.folder.rglob("*"):
        assert path.is_dir() or WEB_APP.secret not in path.read_text(encoding="utf-8")


def test_the_keyring_is_tried_before_the_browser_opens(rig: SignInRig, monkeypatch: pytest.MonkeyPatch) -> None:
    """A keyring that cannot be used is said before anybody is asked for anything."""

    def refuse(_service: str, _text: str) -> None:
        raise KeyringUnusable("it is locked")

    monkeypatch.setattr(rig.entries, "set", refuse)
    ada = Ada()

    with pytest.raises(KeyringUnusable):
        rig.sign_in(ada, browser=True)

    assert ada.log == []
    assert rig.asked("/") == 0


def test_a_missing_client_id_is_a_settings_error(rig: SignInRig) -> None:
    """Without an app there is nothing to sign in with; the key is named."""
    set_values(rig.paths.config_file, {"xpm.client_id": ""})

    with pytest.raises(SettingsError) as raised:
        rig.sign_in(Ada())

    assert raised.value.key == "xpm.client_id"


def test_the_practice_of_before_is_taken_again_unasked(rig: SignInRig) -> None:
    """Renewing a sign-in does not ask for the practice again, unless that is wanted."""
    rig.sign_in(Ada(wants=SOUTH.name))
    again, other = Ada(), Ada(wants=NORTH.name)

    assert rig.sign_in(again).practice == SOUTH.name
    assert "asked for a practice" not in again.log
    assert rig.sign_in(other, keep=False).practice == NORTH.name
    assert rig.settings().xpm.tenant_id == NORTH.tenant_id


def test_the_only_practice_is_taken_unless_another_was_set(rig: SignInRig) -> None:
    """One practice needs no question; but it never silently replaces another one in the settings."""
    rig.server.identity.tenants = (BOOKS, NORTH)
    first = Ada()
    assert rig.sign_in(first).practice == NORTH.name
    assert "asked for a practice" not in first.log

    set_values(rig.paths.config_file, {"xpm.tenant_id": SOUTH.tenant_id})
    second = Ada()
    rig.sign_in(second)
    assert "asked for a practice" in second.log


def test_no_practice_of_xpm_is_a_refusal_of_its_own(rig: SignInRig) -> None:
    """A person who connected only other organisations is told that, and nothing is stored."""
    rig.server.identity.tenants = (BOOKS,)

    with pytest.raises(AccessRefused) as raised:
        rig.sign_in(Ada())

    assert raised.value.reason == "no-practice"
    assert rig.entries.held == {}
    assert rig.asked("/connect/revocation") == 0


@pytest.mark.parametrize("browser", [True, False], ids=["browser", "pasted"])
@pytest.mark.parametrize(
    ("consent", "reason"), [(Consent.DENY, "access_denied"), (Consent.INVALID_SCOPE, "invalid_scope")]
)
def test_a_refusal_is_passed_on_and_changes_nothing(
    rig: SignInRig, consent: Consent, reason: str, browser: bool
) -> None:
    """Refused by the person or by Xero: a code for it, and nothing stored."""
    rig.server.consent = consent

    with pytest.raises(AccessRefused) as raised:
        rig.sign_in(Ada(), browser=browser)

    assert raised.value.reason == reason
    assert rig.entries.held == {}


def test_a_wrong_pasted_address_is_refused(rig: SignInRig) -> None:
    """An address of another attempt stops the sign-in."""

    class Slip(Ada):
        def paste_redirect(self, url: str) -> str:
            return "http://localhost/callback?code=x&state=y"

    with pytest.raises(UsageError):
        rig.sign_in(Slip())


def test_nobody_coming_back_from_the_browser(rig: SignInRig) -> None:
    """A closed browser ends as a sign-in that is needed still."""

    class Gone(Ada):
        def open_page(self, url: str) -> None:
            self.log.append("page closed at once")

    with pytest.raises(SignInNeeded) as raised:
        sign_in(
            rig.settings(),
            rig.paths,
            person=Gone(),
            vault=rig.vault,
            clock=rig.clock,
            redirect_seconds=0.01,
        )

    assert raised.value.reason == "no-answer"


def test_signing_out_disconnects_revokes_and_deletes(rig: SignInRig) -> None:
    """All three work, the server and the keyring have forgotten it, and the settings keep the practice."""
    rig.sign_in(Ada())

    done = rig.sign_out()

    assert (done.disconnected, done.revoked, done.deleted) == (SignInStep.DONE, SignInStep.DONE, SignInStep.DONE)
    assert NORTH not in rig.server.identity.connected()
    assert rig.entries.held == {}
    assert not signed_in_state(rig.settings(), rig.paths, {}, rig.vault).signed_in
    assert rig.settings().xpm.tenant_id == NORTH.tenant_id
    again = rig.sign_out()
    assert (again.disconnected, again.revoked, again.deleted) == (
        SignInStep.NOTHING,
        SignInStep.NOTHING,
        SignInStep.NOTHING,
    )


def test_signing_out_after_a_long_time_renews_first(rig: SignInRig) -> None:
    """Disconnecting needs a token that is good; the renewed one is revoked, not the old one."""
    rig.sign_in(Ada())
    rig.clock.sleep(7200)

    done = rig.sign_out()

    assert (done.disconnected, done.revoked, done.problems) == (SignInStep.DONE, SignInStep.DONE, ())


def test_what_xero_does_not_do_is_said_and_the_rest_done(rig: SignInRig) -> None:
    """With Xero out of reach the machine forgets the sign-in all the same, and the result says what is left."""
    rig.sign_in(Ada())
    rig.server.faults.add(Fault("503", path="/connections"), Fault("lost-before", path="/connect/revocation"))

    done = rig.sign_out()

    assert (done.disconnected, done.revoked, done.deleted) == (SignInStep.FAILED, SignInStep.FAILED, SignInStep.DONE)
    assert [problem.code for problem in done.problems] == ["unusable-answer", "unreachable"]
    assert rig.entries.held == {}


def test_another_profile_of_the_same_app_keeps_its_sign_in(rig: SignInRig) -> None:
    """Revoking would drop the other practice's connection too, so the token is kept and the profile named."""
    rig.sign_in(Ada(wants=NORTH.name))
    set_values(rig.paths.config_file, {"xpm.tenant_id": ""}, "south")
    rig.sign_in(Ada(wants=SOUTH.name), "south")

    done = rig.sign_out("south")

    assert (done.disconnected, done.revoked, done.deleted) == (SignInStep.DONE, SignInStep.KEPT, SignInStep.DONE)
    assert done.shared_with == ("default",)
    assert rig.asked("/connect/revocation") == 0
    assert rig.stored()
    assert rig.stored("south") is None


def test_profiles_of_one_practice_sign_out_together_and_are_named(rig: SignInRig) -> None:
    """They share the sign-in: the other one's status does not go on saying that it is signed in."""
    rig.sign_in(Ada())
    set_values(rig.paths.config_file, {"xpm.tenant_id": NORTH.tenant_id}, "second")
    rig.sign_in(Ada(), "second")

    done = rig.sign_out("second")

    assert (done.deleted, done.also, done.shared_with) == (SignInStep.DONE, ("default",), ())
    assert rig.asked("/connect/revocation") == 1
    assert not signed_in_state(rig.settings(), rig.paths, {}, rig.vault).signed_in


def test_status_asks_the_keyring_before_it_says_signed_in(rig: SignInRig) -> None:
    """A secret that is gone, a keyring that cannot be asked, another host: not signed in, and why."""
    rig.sign_in(Ada())
    assert signed_in_state(rig.settings(), rig.paths, {}, rig.vault).problem == ""

    class Silent(MemoryEntries):
        def get(self, service: str) -> str | None:
            raise KeyringUnusable("no answer within 5 seconds", "memory")

    unasked = signed_in_state(rig.settings(), rig.paths, {}, Vault(Silent(), rig.folder))
    assert (unasked.signed_in, "no answer within 5 seconds" in unasked.problem) == (False, True)
    gone = signed_in_state(rig.settings(), rig.paths, {}, Vault(MemoryEntries(), rig.folder))
    assert (gone.signed_in, gone.problem) == (False, "its secret is no longer in the keyring")
    set_values(rig.paths.config_file, {"xpm.api_url": "https://collector.example.com/"})
    moved = signed_in_state(rig.settings(), rig.paths, {}, rig.vault)
    assert (moved.signed_in, "another host" in moved.problem) == (False, True)


def test_status_loads_nothing_heavy() -> None:
    """Without a stored sign-in, saying who is signed in imports neither httpx nor keyring nor a lock."""
    script = (
        "import sys, xpmsync.usecases.auth.state, xpmsync.local.settings.reader\n"
        "print([name for name in ('httpx', 'keyring', 'filelock', 'http.server', 'tomlkit') if name in sys.modules])"
    )

    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "[]"
