"""`login ignition` and `logout ignition`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from xpmsync.cli.terminal.output import ExitCode, Report

if TYPE_CHECKING:
    from xpmsync.cli.session import Session
    from xpmsync.cli.terminal.screen import Screen
    from xpmsync.usecases.auth.ignition import IgnitionPerson

__all__ = ["NOT_CONFIRMED", "login_ignition", "logout_ignition"]

NOT_CONFIRMED: Final = (
    "Ignition's hosted service was described to us by third parties; it is not yet confirmed on a live practice."
)
"""Said wherever this route is explained, until somebody has tried it."""


def login_ignition(session: Session, person: IgnitionPerson, *, browser: bool) -> None:
    """Sign in to Ignition's hosted service and report the practice."""
    from xpmsync.local.secrets.vault import open_vault
    from xpmsync.local.system.clock import SystemClock
    from xpmsync.usecases.auth.ignition import sign_in_to_ignition

    session.note(NOT_CONFIRMED)
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
        screen.line(f"Next: {session.again('search')} TEXT")

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
    notes = tuple(explain(problem, session.again)[0] for problem in out.problems)

    def show(screen: Screen) -> None:
        screen.line("Signed out of Ignition." if not notes else "Signed out of Ignition, but not every step worked.")
        screen.pairs([("Revoked", out.revoked.value), ("Deleted", out.deleted.value)])
        screen.line("To take the access away in Ignition too: Profile -> Connected apps.")

    data = {"system": "ignition", "revoked": out.revoked.value, "deleted": out.deleted.value}
    session.report(Report(data, show, ExitCode.PARTLY_DONE if notes else ExitCode.DONE, notes))
