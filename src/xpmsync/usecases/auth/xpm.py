"""Signing in to XPM, and signing out. Who is signed in: `usecases.auth.state`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from xpmsync.core.enums import System
from xpmsync.errors import AccessRefused, SettingsError, XpmsyncError
from xpmsync.local.net.sign_in_facts import read_facts
from xpmsync.local.net.stored_sign_in import OAuthClient, SignIn, store_sign_in
from xpmsync.local.net.token_endpoint import refusal
from xpmsync.local.secrets.vault import Vault
from xpmsync.local.settings.settings import Settings
from xpmsync.local.system.clock import Clock
from xpmsync.local.system.paths import Paths
from xpmsync.xpm.api.oauth import Authorization, OAuth, XpmConnection, authorize, xpm_tokens
from xpmsync.xpm.api.sign_in import account_of, api_hosts, scopes_for

if TYPE_CHECKING:
    from xpmsync.local.net.oauth_loopback import Callback


class SignInPrompts(Protocol):
    """The person who signs in, as the command line reaches them."""

    def app_secret(self, *, stored: bool) -> str | None:
        """The Xero app's secret, an empty text for an app without one (PKCE), None to keep the stored one."""
        ...

    def open_page(self, url: str) -> None:
        """Open the page in a browser, and show its address in case that fails."""
        ...

    def paste_redirect(self, url: str) -> str:
        """Show the address (no browser here), and return the one the person was sent on to."""
        ...

    def choose_practice(self, practices: Sequence[XpmConnection]) -> XpmConnection:
        """One of several connected practices."""
        ...


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A sign-in that worked. `where` holds the secret."""

    practice: str
    tenant_id: str
    scopes: tuple[str, ...]
    where: str


class SignInStep(StrEnum):
    """How a step of signing out went."""

    DONE = "done"
    NOTHING = "nothing"
    """There was nothing to do."""
    KEPT = "kept"
    """Left alone, because another profile needs it."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SignedOut:
    """What of signing out worked; `problems` are the errors of the steps that did not."""

    disconnected: SignInStep
    revoked: SignInStep
    deleted: SignInStep
    problems: tuple[XpmsyncError, ...] = ()
    shared_with: tuple[str, ...] = ()
    """Other profiles of the same app, for whose sake the token was not revoked."""
    also: tuple[str, ...] = ()
    """Other profiles that used the very same sign-in, and are signed out with it."""


def sign_in(
    settings: Settings,
    paths: Paths,
    *,
    person: SignInPrompts,
    vault: Vault,
    clock: Clock,
    browser: bool = True,
    keep_practice: bool = True,
    redirect_seconds: float | None = None,
) -> SignedIn:
    """Sign the person in to XPM and store the sign-in and the chosen practice.

    The keyring is tried out before the browser opens. With `keep_practice` the
    practice in the settings is taken again where it is still connected. Raises `SettingsError`
    without a client id, `KeyringUnusable`, `UsageError` (port in use, wrong
    address pasted), `SignInNeeded` (`no-answer`), `AccessRefused` (`no-practice`
    where no connected organisation is one of XPM), and what `OAuth` raises.
    """
    xpm = settings.xpm
    if not xpm.client_id:
        raise SettingsError("is empty; it is the client id of your Xero app", settings.path, "xpm.client_id")
    probe = vault.probe()
    app = OAuthClient(xpm.client_id, _app_secret(settings, person, vault))
    authorization, callback = _asked(settings, app, person, browser=browser, seconds=redirect_seconds)
    if callback.error:
        raise refusal(System.XPM, callback.error)
    with OAuth(xpm, app, clock) as oauth:
        tokens = oauth.exchange(authorization, callback.code)
        # A refusal from here on does not revoke the tokens: that would drop the person's other connections too.
        practices = oauth.practices(tokens.access)
    chosen = _chosen(practices, xpm.tenant_id if keep_practice else "", person)
    if chosen.tenant_id != xpm.tenant_id:
        from xpmsync.local.settings.editor import set_values

        set_values(settings.path, {"xpm.tenant_id": chosen.tenant_id}, settings.profile)
    xpm = replace(xpm, tenant_id=chosen.tenant_id)
    signed = SignIn(tokens, app, clock.now(), chosen.name, chosen.tenant_id, chosen.id, hosts=api_hosts(xpm))
    account = account_of(xpm)
    with vault.lock(account):
        store_sign_in(vault, account, signed, paths.profile(settings.profile).sign_in)
    return SignedIn(chosen.name, chosen.tenant_id, tokens.scopes, probe.where)


def sign_out(settings: Settings, paths: Paths, *, vault: Vault, clock: Clock) -> SignedOut:
    """Disconnect the practice, give the refresh token back, and delete the sign-in from this machine.

    A step that fails does not keep the next from being tried. Xero drops all
    connections of a person with a revoked token, so where another profile uses
    the same app the token is not revoked; profiles for the same practice share the
    sign-in and are signed out, too. Raises `KeyringUnusable` where the
    sign-in cannot even be read.
    """
    facts = paths.profile(settings.profile).sign_in
    account = account_of(settings.xpm)
    others = _profiles_of_app(settings, paths)
    shared = tuple(name for name, tenant_id in others.items() if tenant_id != settings.xpm.tenant_id)
    also = tuple(name for name, tenant_id in others.items() if tenant_id == settings.xpm.tenant_id)
    problems: list[XpmsyncError] = []

    def attempt(step: Callable[[], object]) -> SignInStep:
        try:
            step()
        except XpmsyncError as problem:
            problems.append(problem)
            return SignInStep.FAILED
        return SignInStep.DONE

    with vault.lock(account):
        stored = vault.read(account)
    signed = SignIn.unpack(stored) if stored else None
    disconnected = revoked = SignInStep.NOTHING
    if signed:
        session = xpm_tokens(settings.xpm, vault=vault, clock=clock, facts=facts)
        connection = signed.connection_id
        with OAuth(settings.xpm, OAuthClient(settings.xpm.client_id, signed.client.secret), clock) as oauth:
            disconnected = attempt(lambda: oauth.disconnect(session.token(), connection))
            # The session may have renewed the sign-in just now.
            newest = SignIn.unpack(vault.read(account) or "") or signed
            revoked = SignInStep.KEPT if shared else attempt(lambda: oauth.revoke(newest.tokens.refresh))
    with vault.lock(account):
        deleted = SignInStep.DONE if vault.delete(account) else SignInStep.NOTHING
    for name in (settings.profile, *also):
        with suppress(OSError):
            paths.profile(name).sign_in.unlink(missing_ok=True)
    return SignedOut(disconnected, revoked, deleted, tuple(problems), shared, also)


def _app_secret(settings: Settings, person: SignInPrompts, vault: Vault) -> str:
    stored = SignIn.unpack(vault.read(account_of(settings.xpm)) or "") if settings.xpm.tenant_id else None
    known = stored.client.secret if stored else ""
    given = person.app_secret(stored=bool(known))
    return known if given is None else given.strip()


def _asked(
    settings: Settings, app: OAuthClient, person: SignInPrompts, *, browser: bool, seconds: float | None
) -> tuple[Authorization, Callback]:
    """Send the person to Xero and wait for what comes back."""
    from xpmsync.local.net.oauth_loopback import SIGN_IN_SECONDS, Listener, parse_pasted, redirect_uri

    xpm = settings.xpm
    authorization = authorize(xpm, app, scopes_for(settings.sync.direction), redirect_uri(xpm.redirect_port))
    if not browser:
        return authorization, parse_pasted(person.paste_redirect(authorization.url), authorization.state)
    with Listener(xpm.redirect_port, System.XPM) as listener:
        person.open_page(authorization.url)
        return authorization, listener.wait(authorization.state, seconds or SIGN_IN_SECONDS)


def _chosen(practices: Sequence[XpmConnection], wanted: str, person: SignInPrompts) -> XpmConnection:
    """Choose the practice: the wanted one, the only one where none was wanted, or the person's choice."""
    if not practices:
        raise AccessRefused(System.XPM, "no-practice")
    before = next((each for each in practices if each.tenant_id.lower() == wanted.lower()), None)
    if before:
        return before
    # Another practice than before is never taken unasked: its clients would meet this profile's links.
    return practices[0] if len(practices) == 1 and not wanted else person.choose_practice(practices)


def _profiles_of_app(settings: Settings, paths: Paths) -> dict[str, str]:
    """Return the other profiles that are signed in by the same app, each with its practice's id."""
    xpm, host = settings.xpm, account_of(settings.xpm).host
    others: dict[str, str] = {}
    with suppress(OSError):
        for folder in sorted(paths.state_root.iterdir()):
            facts = read_facts(paths.profile(folder.name).sign_in)
            if folder.name != settings.profile and facts and (facts.client_id, facts.host) == (xpm.client_id, host):
                others[folder.name] = facts.tenant_id
    return others
