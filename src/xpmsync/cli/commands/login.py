"""login and logout."""

from __future__ import annotations

import os
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final

import typer

from xpmsync.cli.session import session_of
from xpmsync.cli.terminal.output import ExitCode, Report

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xpmsync.cli.session import Session
    from xpmsync.cli.terminal.screen import Screen
    from xpmsync.usecases.auth.ignition import IgnitionSignInPrompts
    from xpmsync.xpm.api.oauth import XpmConnection

__all__ = ["NOT_CONFIRMED", "login", "login_ignition", "logout", "logout_ignition"]


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
    from xpmsync.errors import UsageError

    session = session_of(ctx, "login")
    _not_for_the_demo(session)
    if not session.may_ask and no_browser:
        raise UsageError("Signing in without a browser needs a person at a terminal.", "Run it in a terminal.")
    person = _AtTheTerminal(session)
    if system is Where.IGNITION:
        from xpmsync.cli.commands.login import login_ignition

        login_ignition(session, person, browser=not no_browser)
    else:
        _login_xpm(session, person, browser=not no_browser)


def _login_xpm(session: Session, person: _AtTheTerminal, *, browser: bool) -> None:
    from xpmsync.local.secrets.vault import open_vault
    from xpmsync.local.system.clock import SystemClock
    from xpmsync.usecases.auth.xpm import sign_in

    signed = sign_in(
        session.settings,
        session.paths,
        person=person,
        vault=open_vault(os.environ, attended=session.may_ask),
        clock=SystemClock(),
        browser=browser,
    )

    def show(screen: Screen) -> None:
        screen.line(f"Signed in to XPM: {signed.practice}.")
        screen.pairs(
            [("Practice id", signed.tenant_id), ("Scopes", " ".join(signed.scopes)), ("Kept in", signed.where)]
        )
        screen.line(f"Next: {session.command_line('match')}")

    data = {"system": "xpm", "practice": signed.practice, "tenant_id": signed.tenant_id, "kept_in": signed.where}
    session.report(Report({**data, "scopes": list(signed.scopes)}, show))


def logout(
    ctx: typer.Context,
    system: Annotated[Where, typer.Argument(help="Where to sign out.")] = Where.XPM,
) -> None:
    """Sign out: disconnect the practice, give the token back, delete it here."""
    session = session_of(ctx, "logout")
    _not_for_the_demo(session)
    if system is Where.IGNITION:
        from xpmsync.cli.commands.login import logout_ignition

        logout_ignition(session)
    else:
        _logout_xpm(session)


def _logout_xpm(session: Session) -> None:
    from xpmsync.cli.errors.explain import explain
    from xpmsync.local.secrets.vault import open_vault
    from xpmsync.local.system.clock import SystemClock
    from xpmsync.usecases.auth.xpm import sign_out

    vault = open_vault(os.environ, attended=session.may_ask)
    out = sign_out(session.settings, session.paths, vault=vault, clock=SystemClock())
    steps = {"disconnected": out.disconnected, "revoked": out.revoked, "deleted": out.deleted}
    notes = tuple(explain(problem, session.command_line)[0] for problem in out.problems)

    def show(screen: Screen) -> None:
        screen.line("Signed out of XPM." if not notes else "Signed out of XPM, but not every step worked.")
        screen.pairs([(name.capitalize(), step.value) for name, step in steps.items()])
        if out.shared_with:
            screen.line(f"The token was not revoked: {', '.join(out.shared_with)} uses the same Xero app.")
        if out.also:
            screen.line(f"Signed out as well, because the sign-in was the same: profile {', '.join(out.also)}.")

    session.report(
        Report(
            {
                "system": "xpm",
                **{name: step.value for name, step in steps.items()},
                "also_signed_out": list(out.also),
                "shared_with": list(out.shared_with),
            },
            show,
            ExitCode.PARTLY_DONE if notes else ExitCode.DONE,
            notes,
        )
    )


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
        import webbrowser

        self._session.info("Opening the sign-in page in your browser. If nothing opens, go to:")
        self._session.info(url)
        webbrowser.open(url)

    def paste_redirect(self, url: str) -> str:
        self._session.info("Open this address in any browser and sign in:")
        self._session.info(url)
        answer: object = typer.prompt("Paste the address you were sent on to", err=True)
        return str(answer)

    def choose_practice(self, practices: Sequence[XpmConnection]) -> XpmConnection:
        from xpmsync.errors import UsageError

        if not self._session.may_ask:
            ids = ", ".join(one.tenant_id for one in practices)
            raise UsageError(
                f"Several practices are connected: {ids}.",
                f"Choose one with: {self._session.command_line('config', 'set', 'xpm.tenant_id')} ID",
            )
        for number, one in enumerate(practices, start=1):
            self._session.info(f"{number}. {one.name} ({one.tenant_id})")
        return practices[self._session.choose("Which practice", len(practices)) - 1]

    def take_practice(self, before: str, found: str) -> bool:
        self._session.info(f"This profile's links belong to the Ignition practice {before}; this one is {found}.")
        return self._session.may_ask and typer.confirm(
            "Is it the same practice under a new name?", default=False, err=True
        )


def _not_for_the_demo(session: Session) -> None:
    from xpmsync.errors import UsageError

    if session.settings.profile == "demo":
        raise UsageError("The built-in practice needs no sign-in.", "Try: xpmsync --profile demo search moana")


NOT_CONFIRMED: Final = (
    "Ignition's hosted service was described to us by third parties; it is not yet confirmed on a live practice."
)
"""Said wherever this route is explained, until somebody has tried it."""


def login_ignition(session: Session, person: IgnitionSignInPrompts, *, browser: bool) -> None:
    """Sign in to Ignition's hosted service and report the practice."""
    from xpmsync.local.secrets.vault import open_vault
    from xpmsync.local.system.clock import SystemClock
    from xpmsync.usecases.auth.ignition import sign_in_to_ignition

    session.info(NOT_CONFIRMED)
    signed = sign_in_to_ignition(
        session.settings,
        session.paths,
        person=person,
        vault=open_vault(os.environ, attended=session.may_ask),
        clock=SystemClock(),
        browser=browser,
    )

    def show(screen: Screen) -> None:
        screen.line(f"Signed in to Ignition: {signed.practice}.")
        screen.pairs([("Scopes", " ".join(signed.scopes) or "none named"), ("Kept in", signed.where)])
        screen.line(f"Next: {session.command_line('match')}")

    data = {"system": "ignition", "practice": signed.practice, "kept_in": signed.where}
    session.report(Report({**data, "scopes": list(signed.scopes)}, show))


def logout_ignition(session: Session) -> None:
    """Sign out of Ignition's hosted service and report what of it worked."""
    from xpmsync.cli.errors.explain import explain
    from xpmsync.local.secrets.vault import open_vault
    from xpmsync.local.system.clock import SystemClock
    from xpmsync.usecases.auth.ignition import sign_out_of_ignition

    vault = open_vault(os.environ, attended=session.may_ask)
    out = sign_out_of_ignition(session.settings, session.paths, vault=vault, clock=SystemClock())
    notes = tuple(explain(problem, session.command_line)[0] for problem in out.problems)

    def show(screen: Screen) -> None:
        screen.line("Signed out of Ignition." if not notes else "Signed out of Ignition, but not every step worked.")
        screen.pairs([("Revoked", out.revoked.value), ("Deleted", out.deleted.value)])
        screen.line("To take the access away in Ignition too: Profile -> Connected apps.")

    data = {"system": "ignition", "revoked": out.revoked.value, "deleted": out.deleted.value}
    session.report(Report(data, show, ExitCode.PARTLY_DONE if notes else ExitCode.DONE, notes))
