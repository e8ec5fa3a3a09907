"""Guards on a plan: the limits of the settings, and what the ledger knows of the last run."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from xpmsync.core.enums import System
from xpmsync.core.plan.guards import Guard, GuardContext, GuardLimit, GuardLimits, check, practice_tripped
from xpmsync.csv_files.uploads import Outbox
from xpmsync.errors import AnotherPractice, FileRefused, GuardTripped, UsageError
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.settings.sections import XpmRoute
from xpmsync.local.settings.settings import UPLOAD_FOLDER, XPM_FOLDER, GuardSettings, Route, Settings
from xpmsync.usecases.context.context import SyncContext, known_in_file, missing_in_target
from xpmsync.usecases.sync.plan_file import save_plan
from xpmsync.usecases.sync.preview import Preview
from xpmsync.usecases.sync.read_systems import settings_hash
from xpmsync.xpm.files.upload import outbox_of

_MOST_DIGITS: Final = 10
_KNOWN_SHARE: Final = 10
"""A filtered export still has some of the linked clients; another practice's has next to none."""
_FEWEST_UNKNOWN: Final = 3


def require_same_practice(ledger: Ledger, settings: Settings, allowed: Mapping[Guard, int] | None = None) -> None:
    """Before any command writes, to a system or to the ledger: it is this profile's ledger, and this practice's.

    `allowed` are the guards that the command's `--allow` lifts, None for a command
    without it. Raises `LedgerLost`, `LedgerDamaged`, `GuardTripped` or `AnotherPractice`.
    """
    ledger.require_intact(files_for_upload(settings))
    tenant, known = settings.xpm.tenant_id, ledger.fact("tenant")
    if known is None:
        if tenant:
            ledger.note("tenant", tenant)
    elif tenant and tenant != known and Guard.PRACTICE not in (allowed or {}):
        if allowed is None:
            raise AnotherPractice(System.XPM, f"the practice {known}", f"the practice {tenant}")
        raise GuardTripped((practice_tripped(),), None)


def require_practice(context: SyncContext) -> None:
    """The same for a command that links or creates, with both systems asked whose clients they show.

    MCP's server names its practice; a file names none, and the share of known ids decides.
    Raises `AnotherPractice` and `FileRefused` besides.
    """
    require_same_practice(context.ledger, context.settings)
    context.connect()
    known, present = known_in_file(context)
    if known - present >= _FEWEST_UNKNOWN and present * 100 < known * _KNOWN_SHARE:
        path = context.settings.folder("ignition.export_folder")
        problem = f"the newest export has only {present} of {known} linked clients, so it is another practice's, which"
        raise FileRefused(path or context.settings.path, f"{problem} needs a profile of its own, or not whole")


def files_for_upload(settings: Settings) -> tuple[Path, ...]:
    """The files that this profile wrote for upload to either system, as they lie in their folders."""
    files: tuple[Path, ...] = ()
    if settings.xpm.route is XpmRoute.FILES and settings.folder(XPM_FOLDER) is not None:
        files = outbox_of(settings).files
    if settings.ignition.route is not Route.CSV:
        return files
    exports = settings.folder("ignition.export_folder")
    beside = (exports.parent if exports.is_file() else exports) / UPLOAD_FOLDER if exports else None
    folder = settings.folder("ignition.import_folder") or beside
    return files + (Outbox(folder, settings.profile).files if folder else ())


def guard(
    context: SyncContext, preview: Preview, *, attended: bool, allowed: Mapping[Guard, int], undoing: bool = False
) -> None:
    """Raise `GuardTripped` where a guard stops the plan, which is then saved in the state folder.

    An undo has the direction and level of the run that it undoes, which is no change of the settings.
    """
    guard_context = _guard_context(context, preview, attended)
    if undoing:
        guard_context = replace(guard_context, unseen_settings=False)
    tripped = check(preview.plan, _limits(context.settings.guards), guard_context, allowed)
    if tripped:
        save_plan(context, preview, context.paths.stopped_plan)
        raise GuardTripped(tripped, context.paths.stopped_plan)


def note_previewed(context: SyncContext) -> None:
    """Remember that somebody saw a preview with the current settings."""
    context.ledger.note("previewed", settings_hash(context.settings))


def parse_allowed(words: list[str]) -> dict[Guard, int]:
    """Read `--allow changes=200` and `--allow practice`; raises `UsageError`."""
    allowed: dict[Guard, int] = {}
    for word in words:
        name, _, number = word.partition("=")
        known = ", ".join(guard.value for guard in Guard)
        if name not in set(Guard):
            raise UsageError(f"--allow knows no guard {name!r}.", f"The guards are {known}.")
        guard = Guard(name)
        if guard.counts and not (number.isascii() and number.isdecimal() and len(number) < _MOST_DIGITS):
            raise UsageError(f"--allow {name} takes a whole number.", f"For example: --allow {name}=200")
        if not guard.counts and number:
            raise UsageError(f"--allow {name} takes no number.", f"Write --allow {name}")
        allowed[guard] = int(number or 0)
    return allowed


def _limits(settings: GuardSettings) -> GuardLimits:
    return GuardLimits(
        {
            Guard.CHANGES: GuardLimit(settings.changes, settings.changes_share, 50),
            Guard.CREATIONS: GuardLimit(settings.creations, settings.creations_share, 20),
            Guard.NAMES: GuardLimit(settings.names, settings.names_share, 10),
            Guard.CLEARS: GuardLimit(settings.clears, settings.clears_share, 5),
        },
        settings.shrunk_share,
        settings.missing_share,
    )


def _guard_context(context: SyncContext, preview: Preview, attended: bool) -> GuardContext:
    ledger, shape = context.ledger, settings_hash(context.settings)
    before, tenant, last_shape = ledger.number_fact("source_clients"), ledger.fact("tenant"), ledger.fact("run_shape")
    counted = preview.source_clients is not None and ledger.fact("source_system") == preview.plan.direction.source
    guard_context = GuardContext(
        linked=ledger.count(),
        attended=attended,
        source_clients=preview.source_clients,
        target_missing=missing_in_target(context),
        other_practice=bool(tenant) and context.settings.xpm.tenant_id not in ("", tenant),
    )
    if counted and before is not None:
        guard_context = replace(guard_context, source_before=before)
    unseen = last_shape is not None and last_shape != shape and ledger.fact("previewed") != shape
    return replace(guard_context, unseen_settings=unseen and not attended)
