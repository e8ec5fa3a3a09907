"""login and logout."""

from __future__ import annotations

import os
import webbrowser
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final

import typer

from xpmsync.cli.errors.explain import explain
from xpmsync.cli.session import Session, session_of
from xpmsync.cli.terminal.output import ExitCode, Report
from xpmsync.cli.terminal.screen import Screen
from xpmsync.errors import UsageError
from xpmsync.local.secrets.vault import Vault, open_vault
from xpmsync.local.system.clock import SystemClock

if TYPE_CHECKING:
    from xpmsync.usecases.auth.xpm import SignedOut, SignInStep
    from xpmsync.xpm.api.oauth import XpmConnection

_NOT_CONFIRMED: Final = (
    "Ignition's hosted service was described to us by third parties; it is not yet confirmed on a live practice."
)


class Where(StrEnum):
    """The systems one can sign in to."""

    XPM = "xpm"
    IGNITION = "ignition"


def login(
    ctx: typer.Context,
    system: Annotated[Where, typer.Argument(help="Where to sign in.")] = Where.XPM,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Print the address; paste the one you land on.")
    ] = False,
) -> None:
    """Sign in to XPM, or to Ignition for the route mcp; the sign-in is kept in this computer's keyring.

    Ignition's hosted service was described to us by third parties; it is not yet confirmed on a live practice.
    """
    session = session_of(ctx, "login")
    _not_for_the_demo(session)
    if not session.may_ask and no_browser:
        raise UsageError("Signing in without a browser needs a person at a terminal.", "Run it in a terminal.")
    sign_in = _sign_in_to_ignition if system is Where.IGNITION else _sign_in_to_xpm
    sign_in(session, _AtTheTerminal(session), open_vault(os.environ, attended=session.may_ask), browser=not no_browser)


def _sign_in_to_xpm(session: Session, person: _AtTheTerminal, vault: Vault, *, browser: bool) -> None:
    from xpmsync.usecases.auth.xpm import sign_in

    signed = sign_in(session.settings, session.paths, person=person, vault=vault, clock=SystemClock(), browser=browser)

    def show(screen: Screen) -> None:
        screen.line(f"Signed in to XPM: {signed.practice}.")
        screen.pairs(
            [("Practice id", signed.tenant_id), ("Scopes", " ".join(signed.scopes)), ("Kept in", signed.where)]
        )
        screen.line(f"Next: {session.command_line('match')}")

    data = {"system": "xpm", "practice": signed.practice, "tenant_id": signed.tenant_id, "kept_in": signed.where}
    session.report(Report({**data, "scopes": list(signed.scopes)}, show))


def _sign_in_to_ignition(session: Session, person: _AtTheTerminal, vault: Vault, *, browser: bool) -> None:
    from xpmsync.usecases.auth.ignition import sign_in_to_ignition

    session.info(_NOT_CONFIRMED)
    signed = sign_in_to_ignition(
        session.settings, session.paths, person=person, vault=vault, clock=SystemClock(), browser=browser
    )

    def show(screen: Screen) -> None:
        screen.line(f"Signed in to Ignition: {signed.practice}.")
        screen.pairs([("Scopes", " ".join(signed.scopes) or "none named"), ("Kept in", signed.where)])
        screen.line(f"Next: {session.command_line('match')}")

    data = {"system": "ignition", "practice": signed.practice, "kept_in": signed.where}
    session.report(Report({**data, "scopes": list(signed.scopes)}, show))


def logout(
    ctx: typer.Context,
    system: Annotated[Where, typer.Argument(help="Where to sign out.")] = Where.XPM,
) -> None:
    """Sign out: disconnect the practice, give the token back, delete it here."""
    session = session_of(ctx, "logout")
    _not_for_the_demo(session)
    vault, clock = open_vault(os.environ, attended=session.may_ask), SystemClock()
    if system is Where.IGNITION:
        from xpmsync.usecases.auth.ignition import sign_out_of_ignition

        out = sign_out_of_ignition(session.settings, session.paths, vault=vault, clock=clock)
        _report_logout(session, "Ignition", out, {"revoked": out.revoked, "deleted": out.deleted})
    else:
        from xpmsync.usecases.auth.xpm import sign_out

        out = sign_out(session.settings, session.paths, vault=vault, clock=clock)
        steps = {"disconnected": out.disconnected, "revoked": out.revoked, "deleted": out.deleted}
        _report_logout(session, "XPM", out, steps)


def _report_logout(session: Session, label: str, out: SignedOut, steps: Mapping[str, SignInStep]) -> None:
    """Report what of signing out worked, and whom else it signed out."""
    notes = tuple(explain(problem, session.command_line)[0] for problem in out.problems)

    def show(screen: Screen) -> None:
        screen.line(f"Signed out of {label}{', but not every step worked' if notes else ''}.")
        screen.pairs([(name.capitalize(), step.value) for name, step in steps.items()])
        if out.shared_with:
            screen.line(f"The token was not revoked: {', '.join(out.shared_with)} uses the same Xero app.")
        if out.also:
            screen.line(f"Signed out as well, because the sign-in was the same: profile {', '.join(out.also)}.")
        if label == "Ignition":
            screen.line("To take the access away in Ignition too: Profile -> Connected apps.")

    data = {"system": label.lower(), **{name: step.value for name, step in steps.items()}}
    sharers = {"also_signed_out": list(out.also), "shared_with": list(out.shared_with)}
    session.report(Report({**data, **sharers}, show, ExitCode.PARTLY_DONE if notes else ExitCode.DONE, notes))


class _AtTheTerminal:
    """The person who signs in, asked on stderr so that stdout stays the answer's."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def app_secret(self, *, stored: bool) -> str | None:
        if not self._session.may_ask:
            return None if stored else ""
        kept = " Enter keeps the stored one." if stored else ""
        question = f"Client secret of the Xero app; Enter for an app without one (PKCE).{kept}"
        answer: object = typer.prompt(question, default="", hide_input=True, show_default=False, err=True)
        text = str(answer).strip()
        return None if stored and not text else text

    def open_page(self, url: str) -> None:
        self._session.info("Opening the sign-in page in your browser. If nothing opens, go to:")
        self._session.info(url)
        webbrowser.open(url)

    def paste_redirect(self, url: str) -> str:
        self._session.info("Open this address in any browser and sign in:")
        self._session.info(url)
        answer: object = typer.prompt("Paste the address you were sent on to", err=True)
        return str(answer)

    def choose_practice(self, practices: Sequence[XpmConnection]) -> XpmConnection:
        if not self._session.may_ask:
            ids = ", ".join(practice.tenant_id for practice in practices)
            raise UsageError(
                f"Several practices are connected: {ids}.",
                f"Choose one with: {self._session.command_line('config', 'set', 'xpm.tenant_id')} ID",
            )
        for number, practice in enumerate(practices, start=1):
            self._session.info(f"{number}. {practice.name} ({practice.tenant_id})")
        return practices[self._session.choose("Which practice", len(practices)) - 1]

    def take_practice(self, before: str, found: str) -> bool:
        self._session.info(f"This profile's links belong to the Ignition practice {before}; this one is {found}.")
        return self._session.may_ask and typer.confirm(
            "Is it the same practice under a new name?", default=False, err=True
        )


def _not_for_the_demo(session: Session) -> None:
    if session.settings.profile == "demo":
        raise UsageError("The simulator needs no sign-in.", f"Try: {session.command_line('search', 'moana')}")
