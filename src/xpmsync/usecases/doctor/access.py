"""What the doctor looks at beyond this computer: connection, sign-in, one client from each system, call limits."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

from xpmsync.core.enums import System
from xpmsync.errors import Unreachable, UnusableAnswer, UsageError
from xpmsync.local.net.rate_limit import RateLimiter
from xpmsync.usecases.auth.state import SignedInState, signed_in_state
from xpmsync.usecases.doctor.model import DoctorContext, Finding, Severity, ok, problem, warning

__all__ = ["check_connection", "check_limits", "check_reading", "check_sign_in"]

_SKEW: Final = timedelta(minutes=2)
"""XPM's tokens are renewed two minutes before their end; a clock that is off by more would miss it."""
_SOON: Final = timedelta(days=14)
_FEW_CALLS: Final = 250
_PATIENCE: Final = 20.0
_PROXY: Final = (
    "If your firm inspects encrypted connections, its certificate must be in this computer's certificate store;"
    " whoever looks after the proxy can put it there."
)


def check_connection(patient: DoctorContext) -> Iterator[Finding]:
    """Whether XPM's and Xero's sign-in hosts answer over TLS, through which proxy, and what time it is there."""
    if patient.settings is None or patient.is_demo:
        yield ok("connection", "The built-in practice needs no network.") if patient.is_demo else _not_looked_at()
        return
    if not patient.online:
        yield ok("connection", "Not looked at (--offline).")
        return
    xpm = patient.settings.xpm
    hosts = {urlsplit(url).netloc: url for url in (xpm.token_endpoint, xpm.api_base)}
    clock_told = False
    for finding in (one for url in hosts.values() for one in _reach(patient, url)):
        if finding.check != "clock" or not clock_told:
            yield finding
        clock_told = clock_told or finding.check == "clock"


def check_sign_in(patient: DoctorContext) -> Iterator[Finding]:
    """Whether somebody is signed in, with the rights that the direction needs, and for how long."""
    if patient.settings is None:
        yield _not_looked_at("sign-in")
        return
    if patient.is_demo:
        yield ok("sign-in", "The built-in practice needs none.")
        return
    signed = signed_in_state(patient.settings, patient.paths, patient.environ)
    if not signed.signed_in:
        yield problem("sign-in", "Nobody is signed in to XPM for this profile.", "Sign in with:", "login", "xpm")
        return
    yield from _rights(patient, signed)
    who = f" to {signed.practice}" if signed.practice else ""
    kept = f", kept in {signed.where}" if signed.where else ""
    yield ok("sign-in", f"Signed in{who}{kept}.")


def check_reading(patient: DoctorContext) -> Iterator[Finding]:
    """Read one client from XPM and from Ignition, as a run would; two calls at most."""
    from xpmsync.usecases.unattended.probe import check_access

    settings = patient.settings
    if settings is None:
        yield _not_looked_at("xpm")
        return
    if not (
        patient.is_demo or (patient.online and signed_in_state(settings, patient.paths, patient.environ).signed_in)
    ):
        yield ok("xpm", "Not read from (--offline, or nobody is signed in).")
        return
    steps = check_access(
        settings, patient.state, patient.environ, attended=patient.attended, keyring=False, clock=patient.clock
    )
    for step in steps:
        if step.error is not None:
            yield Finding(step.name, Severity.PROBLEM, "", error=step.error)
        else:
            label = {"xpm": "XPM", "ignition": f"Ignition (route {settings.ignition.route.value})"}[step.name]
            yield ok(step.name, f"{label}: {step.told}, in {step.milliseconds:.0f} ms.")


def check_limits(patient: DoctorContext) -> Iterator[Finding]:
    """How many calls are left today, by XPM's last word."""
    budget = RateLimiter(patient.state.limits, system=System.XPM, clock=patient.clock)
    used, left = budget.used_today(), budget.day_remaining()
    told = f"{used} calls in the last 24 hours"
    if left is None:
        yield ok("limits", f"{told}; XPM has not said yet how many are left.")
    elif left[0] < _FEW_CALLS and patient.clock.now() - left[1] < timedelta(days=1):
        yield warning("limits", f"{told}; only {left[0]} are left today.", "A large run would stop and go on tomorrow.")
    else:
        yield ok("limits", f"{told}; {left[0]:,} left, XPM said.")


def _reach(patient: DoctorContext, url: str) -> Iterator[Finding]:
    from xpmsync.local.net.http import Http

    host = urlsplit(url).hostname or url
    way = _proxy_words(url)
    with Http(system=System.XPM, read_seconds=_PATIENCE, max_bytes=1024 * 1024) as http:
        try:
            before = patient.clock.now()
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
        told = f"This computer's clock is {abs(seconds)} seconds {'ahead of' if seconds > 0 else 'behind'} {host}'s."
        yield problem("clock", told, "Have the clock set by the network; sign-ins and cursors depend on it.")


def _unreached(host: str, way: str, trouble: Unreachable | UnusableAnswer) -> Finding:
    cause: BaseException | None = trouble
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            told = f"The certificate that {host} shows is not trusted by this computer: {cause.verify_message}."
            return problem("connection", told, _PROXY)
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


def _rights(patient: DoctorContext, signed: SignedInState) -> Iterator[Finding]:
    if signed.missing_scopes:
        told = f"The sign-in lacks {' '.join(signed.missing_scopes)}, which this direction needs."
        yield problem("sign-in", told, "Sign in again with:", "login", "xpm")
    if signed.lapses_at and signed.lapses_at < patient.clock.now():
        told = "The sign-in has not been used for 60 days; Xero has forgotten it by now."
        yield problem("sign-in", told, "Sign in again with:", "login", "xpm")
    elif signed.lapses_at and signed.lapses_at - patient.clock.now() < _SOON:
        told = f"Xero forgets the sign-in on {signed.lapses_at.astimezone():%Y-%m-%d} unless it is used before."
        yield warning("sign-in", told, "Any run uses it, for example:", "diff")


def _not_looked_at(check: str = "connection") -> Finding:
    return ok(check, "Not looked at, because the settings cannot be read.")
