"""Signing in to Ignition's hosted service, and signing out; who is signed in: `usecases.auth.state`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Protocol

from xpmsync.core.enums import System
from xpmsync.errors import AnotherPractice, UsageError, XpmsyncError
from xpmsync.ignition.mcp.sign_in import account_of, need_extra, revoke, server_url
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.net.rate_limit import RateLimiter
from xpmsync.local.net.stored_sign_in import GivenToken, SignIn, store_sign_in
from xpmsync.local.secrets.vault import Vault
from xpmsync.local.settings.settings import Route, Settings
from xpmsync.local.system.clock import Clock
from xpmsync.local.system.paths import Paths, ProfilePaths
from xpmsync.usecases.auth.xpm import SignedOut, SignInStep

if TYPE_CHECKING:
    from xpmsync.ignition.mcp.client import PracticeInfo
    from xpmsync.local.net.oauth_loopback import Callback

_PASTED_PORT: Final = 53683
"""The port in the address of a sign-in without a browser; nobody listens there."""


class IgnitionSignInPrompts(Protocol):
    """The person who signs in, as the command line reaches them."""

    def open_page(self, url: str) -> None:
        """Open the page in a browser, and show its address in case that fails."""
        ...

    def paste_redirect(self, url: str) -> str:
        """Show the address (no browser here), and return the one the person was sent on to."""
        ...

    def take_practice(self, before: str, found: str) -> bool:
        """Whether another practice than before is meant: the same under a new name, say."""
        ...


@dataclass(frozen=True, slots=True)
class SignedInToIgnition:
    """A sign-in that worked. `where` holds the secret."""

    practice: str
    scopes: tuple[str, ...]
    where: str


def sign_in_to_ignition(
    settings: Settings,
    paths: Paths,
    *,
    person: IgnitionSignInPrompts,
    vault: Vault,
    clock: Clock,
    browser: bool = True,
    redirect_seconds: float | None = None,
) -> SignedInToIgnition:
    """Sign the person in, ask which practice that is, and store both.

    The keyring is tried out before the browser opens. Raises `UsageError` for a
    route that needs no sign-in, `ExtraMissing`, `SettingsError`,
    `KeyringUnusable`, `AnotherPractice` where the person does not mean it, and
    what the server's sign-in and tools raise.
    """
    if settings.ignition.route is not Route.MCP:
        route = settings.ignition.route.value
        raise UsageError(
            f"The route {route} needs no sign-in to Ignition.", "Choose the other: config set ignition.route mcp"
        )
    need_extra()
    url, state = server_url(settings), paths.profile(settings.profile).ready()
    account = account_of(settings, state)
    probe = vault.probe()
    signed = _granted(url, person, clock, browser=browser, seconds=redirect_seconds)
    with _given_back_on_error(signed, clock):
        practice = _practice_of(url, signed.tokens.access, state, clock)
        with Ledger(state.ledger) as ledger:
            _take_practice(ledger, practice, person)
        with vault.lock(account):
            store_sign_in(vault, account, replace(signed, practice=practice.name), state.ignition_sign_in)
    return SignedInToIgnition(practice.name, signed.tokens.scopes, probe.where)


def sign_out_of_ignition(settings: Settings, paths: Paths, *, vault: Vault, clock: Clock) -> SignedOut:
    """Give the refresh token back and delete the sign-in from this machine; a failure of one does not stop the other.

    Raises `SettingsError`, and `KeyringUnusable` where the sign-in cannot even be read.
    """
    state = paths.profile(settings.profile)
    account = account_of(settings, state)
    problems: list[XpmsyncError] = []
    revoked = SignInStep.NOTHING
    with vault.lock(account):
        signed = SignIn.unpack(vault.read(account) or "")
        if signed is not None and signed.revoke_url:
            try:
                revoke(signed, clock)
                revoked = SignInStep.DONE
            except XpmsyncError as problem:
                problems.append(problem)
                revoked = SignInStep.FAILED
        deleted = SignInStep.DONE if vault.delete(account) else SignInStep.NOTHING
    with suppress(OSError):
        state.ignition_sign_in.unlink(missing_ok=True)
    return SignedOut(SignInStep.NOTHING, revoked, deleted, tuple(problems))


def _granted(url: str, person: IgnitionSignInPrompts, clock: Clock, *, browser: bool, seconds: float | None) -> SignIn:
    """Send the person to Ignition and wait for what comes back."""
    from xpmsync.ignition.mcp.oauth import sign_in
    from xpmsync.local.net.oauth_loopback import SIGN_IN_SECONDS, Listener, parse_pasted, redirect_uri

    if not browser:

        def pasted(page: str, state: str) -> Callback:
            return parse_pasted(person.paste_redirect(page), state)

        return sign_in(url, redirect_uri(_PASTED_PORT), pasted, clock)
    # Any free port will do: the address is registered with the server in the same breath.
    with Listener(0, System.IGNITION) as listener:

        def opened(page: str, state: str) -> Callback:
            person.open_page(page)
            return listener.wait(state, seconds or SIGN_IN_SECONDS)

        return sign_in(url, redirect_uri(listener.port), opened, clock)


def _practice_of(url: str, access_token: str, state: ProfilePaths, clock: Clock) -> PracticeInfo:
    """Ask the server with the new token which practice it is for."""
    from xpmsync.ignition.mcp.client import McpCalls, ask_practice
    from xpmsync.ignition.mcp.connection import McpConnection
    from xpmsync.ignition.mcp.field_map import Toolbox

    tokens = GivenToken(System.IGNITION, access_token)
    limiter = RateLimiter(state.ignition_limits, system=System.IGNITION, clock=clock)
    with McpConnection(url) as server:
        calls = McpCalls(server=server, url=url, tokens=tokens, limiter=limiter, clock=clock)
        return ask_practice(calls, Toolbox(calls.tools()))


def _take_practice(ledger: Ledger, practice: PracticeInfo, person: IgnitionSignInPrompts) -> None:
    """Remember the practice; another than before only where the person says so: its clients would meet these links."""
    from xpmsync.ignition.mcp.client import remember_practice, remembered_practice

    before = remembered_practice(ledger)
    if before is not None and not before.is_same(practice) and not person.take_practice(before.name, practice.name):
        raise AnotherPractice(System.IGNITION, before.name, practice.name)
    remember_practice(practice, ledger)


@contextmanager
def _given_back_on_error(signed: SignIn, clock: Clock) -> Iterator[None]:
    """A sign-in that is not stored leaves nothing behind on the server either."""
    try:
        yield
    except BaseException:
        with suppress(XpmsyncError):
            revoke(signed, clock)
        raise
