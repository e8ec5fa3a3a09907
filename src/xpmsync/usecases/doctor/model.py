"""The doctor's words: what a check is given, and what it finds."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from xpmsync.errors import XpmsyncError
from xpmsync.local.ledger.health import LedgerHealth
from xpmsync.local.settings.settings import DEMO_PROFILE, Settings
from xpmsync.local.system.clock import Clock
from xpmsync.local.system.paths import Paths, ProfilePaths


class Severity(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    `fix` says what to do, `run` is the command (without `xpmsync`) that does it.
    Where an `error` was met, its own explanation takes the place of `message` and `fix`.
    """

    check: str
    verdict: Severity
    message: str
    fix: str = ""
    run: tuple[str, ...] = ()
    error: XpmsyncError | None = None


@dataclass(frozen=True, slots=True)
class DoctorContext:
    """What is looked at. `settings` is None where they cannot be read; `online` says whether to use the network."""

    paths: Paths
    profile: str
    settings: Settings | None
    environ: Mapping[str, str]
    clock: Clock
    attended: bool
    online: bool
    ledger: LedgerHealth | None
    """How the ledger is, None where there is none yet."""

    @property
    def state(self) -> ProfilePaths:
        """The profile's state folder."""
        return self.paths.profile(self.profile)

    @property
    def is_demo(self) -> bool:
        """Whether this is the built-in practice, which needs neither network nor sign-in."""
        return self.profile == DEMO_PROFILE

    @property
    def places(self) -> Mapping[str, Path]:
        """The places whose kind matters, by what they are."""
        return {"The state folder": self.state.folder, "The settings file": self.paths.config_file}


Check = Callable[[DoctorContext], Iterable[Finding]]


def ok(check: str, message: str) -> Finding:
    """All is well."""
    return Finding(check, Severity.OK, message)


def warning(check: str, message: str, fix: str = "", *run: str) -> Finding:
    """It works, but somebody should look."""
    return Finding(check, Severity.WARNING, message, fix, run)


def problem(check: str, message: str, fix: str = "", *run: str) -> Finding:
    """It does not work."""
    return Finding(check, Severity.PROBLEM, message, fix, run)
