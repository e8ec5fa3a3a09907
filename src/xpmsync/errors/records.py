"""Errors about clients, links, plans and runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from xpmsync.errors.base import XpmsyncError

if TYPE_CHECKING:
    from xpmsync.core.enums import System
    from xpmsync.core.model import ClientRef
    from xpmsync.core.plan.guards import Tripped


class ClientNotFound(XpmsyncError):
    """No client matches. `system` is where it was searched, None for linked clients; `near` has similar names."""

    code: ClassVar[str] = "not-found"
    wanted: str
    system: System | None = None
    near: Sequence[str] = ()


class SeveralClients(XpmsyncError):
    """Several clients match a name; `ids` lets a person choose."""

    code: ClassVar[str] = "ambiguous"
    wanted: str
    system: System | None
    ids: Sequence[str]
    names: Sequence[str] = ()


class LinkConflict(XpmsyncError):
    """A link that would give one client two partners; `with_id` is the present partner."""

    code: ClassVar[str] = "link-conflict"
    xpm_id: str
    ignition_id: str
    with_id: str


class DecisionHeld(XpmsyncError):
    """A line of a review file that contradicts a link, so a person should check it; the other lines were applied.

    `same` is the line's decision on the client's two records; `linked_id` is the one
    of them that is linked, to `with_id`.
    """

    code: ClassVar[str] = "decision-held"
    path: Path
    line: int
    client: ClientRef
    same: bool
    linked_id: str
    with_id: str


class InvalidReviewFile(XpmsyncError):
    """A review file that cannot be used; no line was applied. `reason` is a machine code.

    `missing`, `unreadable`, `not-utf-8`, `not-csv`, `no-column`, `word`, `contradiction`
    (`detail` is the other line), `gone` (`detail` is the id that `system` lacks).
    `line` counts from 1, 0 where it is the whole file.
    """

    code: ClassVar[str] = "review-file-refused"
    path: Path
    reason: str
    line: int = 0
    detail: str = ""
    system: System | None = None


class ImportRefused(XpmsyncError):
    """An import that cannot go ahead. `reason` is a machine code.

    `candidates` (the ids in Ignition that may be the same client), `needs-email`,
    `own-email` (the client itself has one), `name-unfit`, `archived`, `deleted`,
    `route-cannot` (`detail` is the sentence),
    `filtered` (Ignition's export is not whole), `bad-export` (nothing can be written from it, `detail` says why).
    """

    code: ClassVar[str] = "import-refused"
    reason: str
    client: ClientRef
    candidates: Sequence[str] = ()
    detail: str = ""


class WriteUndecided(XpmsyncError):
    """It is unknown whether an interrupted run created a client, or its `contact`: one of `fitting` may be it."""

    code: ClassVar[str] = "undecided"
    system: System
    client: ClientRef
    fitting: Sequence[str]
    contact: str = ""


class PlanRefused(XpmsyncError):
    """A saved plan that must not be applied, or a file that is no plan. `reason` is a machine code.

    `missing`, `not-a-plan`, `newer`, `tampered`, `other-practice`, `other-settings`.
    """

    code: ClassVar[str] = "plan-refused"
    path: Path
    reason: str
    detail: str = ""


class GuardTripped(XpmsyncError):
    """Guards stopped a plan before its first write. `kept` is where the plan was saved."""

    code: ClassVar[str] = "guard"
    tripped: Sequence[Tripped]
    kept: Path | None


class RunNotFound(XpmsyncError):
    """No run of that number is in the ledger."""

    code: ClassVar[str] = "no-such-run"
    run: int


class NothingToUndo(XpmsyncError):
    """A run wrote nothing that could be undone, or nothing to the `clients` that were named."""

    code: ClassVar[str] = "nothing-to-undo"
    run: int
    clients: Sequence[str] = ()


class Interrupted(XpmsyncError):
    """A person pressed Ctrl-C; `written` writes were finished before."""

    code: ClassVar[str] = "interrupted"
    written: int = 0
