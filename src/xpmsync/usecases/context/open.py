"""Opening a practice: the stores its settings lead to, behind their ports."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Final

from xpmsync.core.enums import System
from xpmsync.core.model import Link
from xpmsync.errors import SignInNeeded
from xpmsync.ignition.routes import RouteContext, open_route
from xpmsync.local.ledger.backup import remove_marker
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.net.http import Http
from xpmsync.local.net.rate_limit import RateLimiter
from xpmsync.local.net.stored_sign_in import GivenToken, TokenSource
from xpmsync.local.secrets.vault import open_vault
from xpmsync.local.settings.sections import XpmRoute
from xpmsync.local.settings.settings import DEMO_PROFILE, Settings
from xpmsync.local.system.clock import Clock, SystemClock
from xpmsync.local.system.files import remove_database, remove_file
from xpmsync.local.system.paths import ProfilePaths
from xpmsync.simulator import builtin
from xpmsync.usecases.context.context import Progress, SyncContext, stamp
from xpmsync.xpm.api.client import XpmCalls
from xpmsync.xpm.api.oauth import token_source
from xpmsync.xpm.api.store import XpmStore
from xpmsync.xpm.files.store import FilesContext, open_store

_LONGEST_ANSWER: Final = 600.0
"""Seconds to wait for the next piece of an answer: a large practice takes minutes to begin (facts, 2.1)."""


@contextmanager
def open_context(
    settings: Settings,
    paths: ProfilePaths,
    environ: Mapping[str, str],
    *,
    attended: bool,
    progress: Progress,
    clock: Clock | None = None,
    ledger: Ledger | None = None,
) -> Iterator[SyncContext]:
    """Open ledger, XPM and Ignition of a profile; the demo profile starts its own XPM.

    Nothing is sent before a use case asks. `attended` gives a person the time to
    unlock the keyring. `ledger` is an open one to use instead of the profile's.
    """
    clock = clock or SystemClock()
    with ExitStack() as stack:
        if settings.xpm.route is XpmRoute.FILES:
            ledger = stack.enter_context(open_ledger(settings, paths, clock))
            xpm = stack.enter_context(open_store(FilesContext(settings, paths, clock, ledger, ledger.names())))
            route_context = RouteContext(settings, paths, clock, environ, attended, ledger, progress.waiting)
            ignition = stack.enter_context(open_route(route_context))
            yield SyncContext(settings, paths, ledger, xpm, ignition, clock)
            return
        tokens: TokenSource | None = None
        if settings.profile == DEMO_PROFILE:
            settings, tokens = _built_in(stack, settings, paths)
        elif not settings.xpm.tenant_id:
            raise SignInNeeded(System.XPM, "no-tenant")
        ledger = ledger or stack.enter_context(open_ledger(settings, paths, clock))
        http = stack.enter_context(Http(system=System.XPM, read_seconds=_LONGEST_ANSWER))
        if tokens is None:
            vault = open_vault(environ, attended=attended)
            tokens = token_source(environ, xpm=settings.xpm, vault=vault, clock=clock, facts=paths.sign_in)
        limiter = RateLimiter(paths.limits, system=System.XPM, clock=clock)
        calls = XpmCalls(
            http=http,
            api_url=settings.xpm.api_base,
            tenant_id=settings.xpm.tenant_id,
            tokens=tokens,
            limiter=limiter,
            clock=clock,
            on_wait=progress.waiting,
        )
        route_context = RouteContext(settings, paths, clock, environ, attended, ledger, progress.waiting)
        ignition = stack.enter_context(open_route(route_context))
        yield SyncContext(settings, paths, ledger, XpmStore(calls), ignition, clock)


def open_ledger(settings: Settings, paths: ProfilePaths, clock: Clock | None = None) -> Ledger:
    """Open a profile's ledger; the demo's begins with the simulator's links."""
    ledger = Ledger(paths.ready().ledger)
    if settings.profile == DEMO_PROFILE:
        add_seeded_links(ledger, paths, stamp((clock or SystemClock()).now()))
    return ledger


def _built_in(stack: ExitStack, settings: Settings, paths: ProfilePaths) -> tuple[Settings, TokenSource]:
    """Start the simulator's XPM and point the settings at it."""
    context = stack.enter_context(builtin.open_simulator(paths.ready().folder))
    xpm = replace(
        settings.xpm,
        api_url=context.server.api_url,
        identity_url=context.server.url,
        tenant_id=context.tenant_id,
    )
    return replace(settings, xpm=xpm), GivenToken(System.XPM, context.token)


_SEEDED: Final = "seeded"


def add_seeded_links(ledger: Ledger, paths: ProfilePaths, now: str) -> None:
    """Add the simulator's own links, once; links removed later stay removed."""
    if ledger.fact(_SEEDED) is not None:
        return
    from xpmsync.simulator.people.seed import SEEDED_LINKS

    with builtin.open_world(paths.folder) as world, ledger.transaction():
        if ledger.fact(_SEEDED) is not None:
            return  # by another first run, while this one waited for the file
        for xpm_id, ignition_id in SEEDED_LINKS:
            client = world.client(xpm_id)
            if client is not None:
                ledger.add_link(Link(xpm_id, ignition_id, client.name, now))
        ledger.note(_SEEDED, now)


def reset_simulator(paths: ProfilePaths) -> None:
    """Delete the simulator's clients, links and history; raises `StateUnusable` where a file is in use."""
    builtin.reset(paths.folder)
    remove_marker(paths.ledger)
    for file in (paths.ledger, paths.limits):
        remove_database(file)
    for file in (paths.status, paths.stopped_plan):
        remove_file(file)
