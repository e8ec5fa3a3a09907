"""One tree of errors. Classes carry facts; `cli.errors` turns them into messages.

`code` is the machine name in JSON answers. No class holds a secret, and none
formats client data: a record is named by its `ClientRef` or id alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, dataclass_transform

if TYPE_CHECKING:
    from xpmsync.core.enums import System
    from xpmsync.core.model import ClientRef
    from xpmsync.core.plan.guards import Tripped


@dataclass_transform(eq_default=False)
class XpmsyncError(Exception):
    """Anything xpmsync can explain to a person.

    Subclasses declare their facts and are constructed as dataclasses are. They are no
    dataclasses because thirty of them take a twentieth of the start of every command.
    """

    code: ClassVar[str] = "unexpected"
    _facts: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        """Record the names of the facts, in order."""
        own = (name for name, kind in cls.__annotations__.items() if not kind.startswith("ClassVar"))
        cls._facts = (*cls._facts, *own)

    def __init__(self, *values: object, **named: object) -> None:
        """Set the facts; raises `TypeError` for too many or too few."""
        super().__init__()
        facts = dict(zip(self._facts, values, strict=False))
        fits = len(facts) == len(values) and named.keys() <= {*self._facts} - facts.keys()
        facts.update(named)
        if not fits or any(name not in facts and not hasattr(self, name) for name in self._facts):
            raise TypeError(f"{type(self).__name__} takes {', '.join(self._facts)}")
        vars(self).update(facts)

    def __str__(self) -> str:
        """Name the facts, for test output; people read the message of `cli.errors`."""
        facts = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._facts)
        return f"{self.code}({facts})"


def reason_of(problem: OSError) -> str:
    """The operating system's description of an error, as the end of a sentence."""
    return (problem.strerror or type(problem).__name__).lower()


# --- settings, secrets, this machine -------------------------------------------------


class SettingsError(XpmsyncError):
    """A settings file, key or value that cannot be used.

    `key` is dotted (`sync.level`), `line` counts from 1 (0: unknown), `allowed`
    and `near` help to correct it.
    """

    code: ClassVar[str] = "settings"
    problem: str
    path: Path | None = None
    key: str = ""
    line: int = 0
    allowed: Sequence[str] = ()
    near: str = ""


class UnknownProfile(XpmsyncError):
    """`--profile` names a practice that the settings do not have."""

    code: ClassVar[str] = "unknown-profile"
    profile: str
    known: Sequence[str] = ()


class UsageError(XpmsyncError):
    """Arguments that do not fit together; `hint` names what to type instead."""

    code: ClassVar[str] = "usage"
    problem: str
    hint: str = ""


class ExtraMissing(XpmsyncError):
    """An optional part of xpmsync is not installed: `pip install "xpmsync[EXTRA]"`."""

    code: ClassVar[str] = "extra-missing"
    extra: str


class KeyringUnusable(XpmsyncError):
    """The OS keyring cannot be used: none, locked, refused or too slow."""

    code: ClassVar[str] = "keyring"
    reason: str
    backend: str = ""


class SecretTooLong(XpmsyncError):
    """A secret that one Windows Credential Manager entry cannot hold (1,280 characters)."""

    code: ClassVar[str] = "secret-too-long"
    length: int
    limit: int


class StateUnusable(XpmsyncError):
    """The state folder or a file in it cannot be read or written."""

    code: ClassVar[str] = "state"
    path: Path
    reason: str


class JournalStopped(XpmsyncError):
    """The journal could not be written in the middle of a run, after `written` changes."""

    code: ClassVar[str] = "journal"
    path: Path
    reason: str
    written: int


class LedgerTooNew(XpmsyncError):
    """The ledger was written by a newer xpmsync."""

    code: ClassVar[str] = "ledger-newer"
    path: Path
    found: int
    known: int


class LedgerDamaged(XpmsyncError):
    """The ledger was damaged and has been renamed to `aside`; nothing in it was changed."""

    code: ClassVar[str] = "ledger-damaged"
    path: Path
    aside: Path
    reason: str


class AnotherRun(XpmsyncError):
    """Another run holds this practice's lock."""

    code: ClassVar[str] = "busy"
    pid: int
    host: str
    since: str


class SchedulerFailed(XpmsyncError):
    """The operating system's scheduler could not be used; `program` is the one that failed."""

    code: ClassVar[str] = "scheduler"
    program: str
    reason: str
    exit_code: int = 0


# --- signing in -----------------------------------------------------------------------


class SignInNeeded(XpmsyncError):
    """No usable sign-in for that system."""

    code: ClassVar[str] = "sign-in"
    system: System
    reason: str


class AccessRefused(XpmsyncError):
    """The system knows the user and refuses (403, `invalid_scope`, `access_denied`)."""

    code: ClassVar[str] = "access-refused"
    system: System
    reason: str
    correlation_id: str = ""


class AnotherPractice(XpmsyncError):
    """The sign-in belongs to another practice than this profile's links."""

    code: ClassVar[str] = "another-practice"
    system: System
    expected: str
    found: str


# --- the other systems ----------------------------------------------------------------


class Unreachable(XpmsyncError):
    """No connection, or it was lost. With `sent`, a write may have been received."""

    code: ClassVar[str] = "unreachable"
    system: System
    url: str
    reason: str
    sent: bool = False


class UnusableAnswer(XpmsyncError):
    """A system's response cannot be used."""

    code: ClassVar[str] = "unusable-answer"
    system: System
    call: str
    reason: str
    status: int = 0
    correlation_id: str = ""


class Rejected(XpmsyncError):
    """The system read the request and refused it; `reason` is its own text (`Status` ERROR)."""

    code: ClassVar[str] = "rejected"
    system: System
    call: str
    reason: str
    status: int = 0
    correlation_id: str = ""


class RouteUnfit(XpmsyncError):
    """A route cannot do something for any record: a tool is missing, or needs an argument that cannot be filled.

    `needs` is that argument; empty where the whole tool is missing.
    """

    code: ClassVar[str] = "route-unfit"
    system: System
    tool: str
    needs: str = ""


class ExportMissing(XpmsyncError):
    """There is no export of Ignition's clients to read; `folder` is where it was expected."""

    code: ClassVar[str] = "no-export"
    folder: Path
    reason: str


class FileRefused(XpmsyncError):
    """A CSV file that cannot be used; `lines` are those with the problem (counted from 1; empty: the whole file)."""

    code: ClassVar[str] = "file-refused"
    path: Path
    problem: str
    lines: Sequence[int] = ()


class ExportTooOld(XpmsyncError):
    """An export from before the last known upload: a sync would undo what was uploaded. Moments are UTC."""

    code: ClassVar[str] = "export-too-old"
    path: Path
    exported: datetime
    uploaded: datetime


class CallLimit(XpmsyncError):
    """A call limit is reached. `resets` is when calls are allowed again (UTC), where known."""

    code: ClassVar[str] = "call-limit"
    system: System
    limit: str
    resets: datetime | None = None
    correlation_id: str = ""


# --- records --------------------------------------------------------------------------


class ClientNotFound(XpmsyncError):
    """No client matches. `system` is where it was searched, None for linked clients."""

    code: ClassVar[str] = "not-found"
    wanted: str
    system: System | None = None


class SeveralClients(XpmsyncError):
    """Several clients match a name; `ids` lets a person choose."""

    code: ClassVar[str] = "ambiguous"
    wanted: str
    system: System | None
    ids: Sequence[str]


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
    `name-unfit`, `archived`, `deleted`.
    """

    code: ClassVar[str] = "import-refused"
    reason: str
    client: ClientRef
    candidates: Sequence[str] = ()


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
