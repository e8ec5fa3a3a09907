"""Errors of sign-ins, of XPM and Ignition, and of their files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from xpmsync.errors.base import XpmsyncError

if TYPE_CHECKING:
    from xpmsync.core.enums import System
    from xpmsync.core.model import ClientRef


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


class Unreachable(XpmsyncError):
    """No connection, or it was lost. With `sent`, a write may have been received."""

    code: ClassVar[str] = "unreachable"
    system: System
    url: str
    reason: str
    sent: bool = False


class UnusableAnswer(XpmsyncError):
    """A system's response cannot be used. `after` is the last client that was whole in it."""

    code: ClassVar[str] = "unusable-answer"
    system: System
    call: str
    reason: str
    status: int = 0
    correlation_id: str = ""
    after: ClientRef | None = None


class Rejected(XpmsyncError):
    """The system read the request and refused it; `reason` is its own text (`Status` ERROR)."""

    code: ClassVar[str] = "rejected"
    system: System
    call: str
    reason: str
    status: int = 0
    correlation_id: str = ""


class NotTaken(XpmsyncError):
    """The system answered OK, but does not show the values that were sent; `fields` are catalogue names."""

    code: ClassVar[str] = "not-taken"
    system: System
    fields: Sequence[str]
    contact: str = ""


class RouteUnfit(XpmsyncError):
    """A route cannot do something for any record: a tool is missing, or needs an argument that cannot be filled.

    `needs` is that argument; empty where the whole tool is missing.
    """

    code: ClassVar[str] = "route-unfit"
    system: System
    tool: str
    needs: str = ""


class ExportMissing(XpmsyncError):
    """There is no export to read, of XPM's clients or (`system` None) Ignition's; `folder` is where it was expected."""

    code: ClassVar[str] = "no-export"
    folder: Path
    reason: str
    system: System | None = None


class ColumnsUnconfirmed(XpmsyncError):
    """An export of XPM whose columns a person must confirm first; `problem` names those that are new or unknown."""

    code: ClassVar[str] = "columns-unconfirmed"
    path: Path
    problem: str


class FileRefused(XpmsyncError):
    """A CSV file that cannot be used; `lines` are those with the problem (counted from 1; empty: the whole file)."""

    code: ClassVar[str] = "file-refused"
    path: Path
    problem: str
    lines: Sequence[int] = ()
    system: System | None = None


class NewFormat(FileRefused):
    """A CSV file of another form than the practice's earlier exports, as a source; `problem` names the difference."""

    code: ClassVar[str] = "new-format"


class ExportTooOld(XpmsyncError):
    """An export from before the last known upload: a sync would undo what was uploaded. Moments are UTC.

    `clock_ahead` says that the upload was noted for a moment still to come, and counts as made at `uploaded` instead.
    """

    code: ClassVar[str] = "export-too-old"
    path: Path
    exported: datetime
    uploaded: datetime
    clock_ahead: bool = False
    system: System | None = None


class CallLimit(XpmsyncError):
    """A call limit is reached. `resets` is when calls are allowed again (UTC), where known."""

    code: ClassVar[str] = "call-limit"
    system: System
    limit: str
    resets: datetime | None = None
    correlation_id: str = ""
