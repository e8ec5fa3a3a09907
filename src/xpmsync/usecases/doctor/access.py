"""Checks beyond this computer: connection, sign-in, one client from each system, call limits."""

import ssl
from collections.abc import Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

from xpmsync.core.enums import System
from xpmsync.errors import Unreachable, UnusableAnswer, UsageError
from xpmsync.local.net.rate_limit import RateLimiter
from xpmsync.local.settings.sections import XpmRoute
from xpmsync.usecases.auth.state import SignedInState, signed_in_state
from xpmsync.usecases.doctor.model import DoctorContext, Finding, Severity, ok, problem, warning

_SKEW: Final = timedelta(minutes=2)
"""XPM's tokens are renewed two minutes before their end; a clock that is off by more would miss it."""
_SOON: Final = timedelta(days=14)
_FEW_CALLS: Final = 250
_PATIENCE: Final = 20.0
_PROXY: Final = (
    "If your firm inspects encrypted connections, its certificate must be in this computer's certificate store;"
    " the person who runs the proxy can put it there."
)


def check_connection(context: DoctorContext) -> Iterator[Finding]:
    """Whether XPM's and Xero's sign-in hosts answer over TLS, through which proxy, and what time it is there."""
    if context.settings is None or context.is_demo:
        yield ok("connection", "The simulator needs no network.") if context.is_demo else _not_checked()
        return
    xpm = context.settings.xpm
    if xpm.route is XpmRoute.FILES:
        yield ok("connection", "XPM's files need no network.")
        return
    if not context.online:
        yield ok("connection", "Not checked (--offline).")
        return
    hosts = {urlsplit(url).netloc: url for url in (xpm.token_endpoint, xpm.api_base)}
    clock_reported = False
    for finding in (finding for url in hosts.values() for finding in _reach(context, url)):
        if finding.check != "clock" or not clock_reported:
            yield finding
        clock_reported = clock_reported or finding.check == "clock"


def check_sign_in(context: DoctorContext) -> Iterator[Finding]:
    """Whether somebody is signed in, with the rights that the direction needs, and for how long."""
    if context.settings is None:
        yield _not_checked("sign-in")
        return
    if context.is_demo:
        yield ok("sign-in", "The simulator needs none.")
        return
    if context.settings.xpm.route is XpmRoute.FILES:
        yield ok("sign-in", "XPM's files need none.")
        return
    signed = signed_in_state(context.settings, context.paths, context.environ)
    if not signed.signed_in:
        why = f": {signed.problem}" if signed.problem else ""
        message = f"Nobody is signed in to XPM for this profile{why}."
        yield problem("sign-in", message, "Sign in with:", "login", "xpm")
        return
    yield from _rights(context, signed)
    who = f" to {signed.practice}" if signed.practice else ""
    kept = f", kept in {signed.where}" if signed.where else ""
    yield ok("sign-in", f"Signed in{who}{kept}.")


def check_reading(context: DoctorContext) -> Iterator[Finding]:
    """Read one client from XPM and from Ignition, as a run would; two calls at most."""
    from xpmsync.usecases.unattended.probe import check_access

    settings = context.settings
    if settings is None:
        yield _not_checked("xpm")
        return
    files = settings.xpm.route is XpmRoute.FILES
    if not (
        context.is_demo
        or files
        or (context.online and signed_in_state(settings, context.paths, context.environ).signed_in)
    ):
        yield ok("xpm", "Not read from (--offline, or nobody is signed in).")
        return
    steps = check_access(
        settings, context.state, context.environ, attended=context.attended, keyring=False, clock=context.clock
    )
    for step in steps:
        if step.error is not None:
            yield Finding(step.name, Severity.PROBLEM, "", error=step.error)
        else:
            label = {"xpm": "XPM", "ignition": f"Ignition (route {settings.ignition.route.value})"}[step.name]
            yield ok(step.name, f"{label}: {step.message}, in {step.milliseconds:.0f} ms.")


def check_limits(context: DoctorContext) -> Iterator[Finding]:
    """How many calls are left today, as XPM last reported."""
    limiter = RateLimiter(context.state.limits, system=System.XPM, clock=context.clock)
    used, remaining = limiter.used_today(), limiter.day_remaining()
    message = f"{used} calls in the last 24 hours"
    if remaining is None:
        yield ok("limits", f"{message}; XPM has not said yet how many are left.")
    elif remaining[0] < _FEW_CALLS and context.clock.now() - remaining[1] < timedelta(days=1):
        yield warning("limits", f"{message}; only {remaining[0]} are left today.", "A large run would go on tomorrow.")
    else:
        yield ok("limits", f"{message}; {remaining[0]:,} left, XPM said.")


def _reach(context: DoctorContext, url: str) -> Iterator[Finding]:
    from xpmsync.local.net.http import Http

    host = urlsplit(url).hostname or url
    way = _proxy_words(url)
    with Http(system=System.XPM, read_seconds=_PATIENCE, max_bytes=1024 * 1024) as http:
        try:
            before = context.clock.now()
            with http.open("GET", url) as answer:
                date = answer.headers.get("date", "")
        except UsageError:
            yield problem("connection", f"The address of {host} is not https.", "Correct it in the settings file.")
            return
        except (Unreachable, UnusableAnswer) as trouble:
            yield _unreached(host, way, trouble)
            return
    yield ok("connection", f"{host} answers{way}.")
    try:
        there = parsedate_to_datetime(date)
    except (TypeError, ValueError):
        return
    if there.tzinfo and abs(there - before) > _SKEW:
        seconds = round((before - there).total_seconds())
        message = f"This computer's clock is {abs(seconds)} seconds {'ahead of' if seconds > 0 else 'behind'} {host}'s."
        yield problem("clock", message, "Have the clock set by the network; sign-ins and cursors depend on it.")


def _unreached(host: str, way: str, trouble: Unreachable | UnusableAnswer) -> Finding:
    cause: BaseException | None = trouble
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            message = f"The certificate that {host} shows is not trusted by this computer: {cause.verify_message}."
            return problem("connection", message, _PROXY)
        cause = cause.__cause__ or cause.__context__
    return problem(
        "connection",
        f"{host} cannot be reached{way}: {trouble.reason}.",
        "Check the network, the proxy and the firewall.",
    )


def _proxy_words(url: str) -> str:
    """Which proxy is in the way, without the password that its address may hold."""
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(url)
    proxy = getproxies().get(parts.scheme, "")
    if not proxy or parts.scheme == "http" or proxy_bypass(parts.hostname or ""):
        return ""
    return f" through the proxy {urlsplit(proxy).hostname or 'of this computer'}"


def _rights(context: DoctorContext, signed: SignedInState) -> Iterator[Finding]:
    if signed.missing_scopes:
        message = f"The sign-in lacks {' '.join(signed.missing_scopes)}, which this direction needs."
        yield problem("sign-in", message, "Sign in again with:", "login", "xpm")
    if signed.lapses_at and signed.lapses_at < context.clock.now():
        message = "The sign-in has not been used for 60 days; Xero has forgotten it by now."
        yield problem("sign-in", message, "Sign in again with:", "login", "xpm")
    elif signed.lapses_at and signed.lapses_at - context.clock.now() < _SOON:
        message = f"Xero forgets the sign-in on {signed.lapses_at.astimezone():%Y-%m-%d} unless it is used before."
        yield warning("sign-in", message, "Any run uses it, for example:", "diff")


def _not_checked(check: str = "connection") -> Finding:
    return ok(check, "Not checked, because the settings cannot be read.")
