"""The ledger saved, brought to another computer, and made again after a loss.

A backup is a ZIP archive with a manifest and the ledger, without secrets, checked on arrival; for
the route `builtin`, whose Ignition is a file of the profile, with that register, too. A lost or damaged ledger
is rebuilt from the newest backup, the pending uploads, and the pairs that match surely, beside the
old file, which is renamed and never changed.
"""

import json
import tempfile
import tomllib
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Final

from xpmsync import __version__
from xpmsync.csv_files.pending import unpack
from xpmsync.errors import LedgerDamaged, LedgerLost, LedgerTooNew, SettingsError, UnknownProfile, UsageError, reason_of
from xpmsync.local.ledger.backup import backups, copy_database, read_marker, remove_marker
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.settings.editor import set_values
from xpmsync.local.settings.keys import Value, ValueKind
from xpmsync.local.settings.reader import read_settings, read_text
from xpmsync.local.settings.settings import DEFAULT_PROFILE, KEYS, Route, Settings
from xpmsync.local.system.clock import Clock
from xpmsync.local.system.files import FileKind, check_out, make_private, move_into_place, remove_database, write_out
from xpmsync.local.system.paths import ProfilePaths
from xpmsync.local.system.sqlite import set_aside
from xpmsync.usecases.context.context import stamp
from xpmsync.usecases.sync.guard import files_for_upload
from xpmsync.usecases.uploads import pending_files

_FORMAT: Final = 1
_MANIFEST: Final = "xpmsync_backup.json"
"""The first member, by whose name such a file is recognised."""
_LEDGER: Final = "ledger.sqlite"
_TENANT: Final = "xpm.tenant_id"
_REGISTER: Final = "register.sqlite"
_LARGEST: Final = 2 * 1024**3
"""Bytes of a member; a ledger of 15,000 clients and years of history has less than a tenth of that."""


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup file holds. `pending_files` were waiting for their upload and are not in it."""

    path: Path
    made: str
    program: str
    profile: str
    settings: Mapping[str, Value]
    links: int
    runs: int
    pending_files: int
    members: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class RestoredBackup:
    """Where the former ledger is now, None where there was none, and settings whose folder is not on this computer."""

    set_aside: Path | None
    missing_folders: tuple[tuple[str, str], ...]


def write_backup(settings: Settings, paths: ProfilePaths, file: Path, clock: Clock, *, force: bool = False) -> Backup:
    """Write the profile's backup, for this user alone; raises `UsageError` and `StateUnusable`."""
    if settings.is_demo:
        raise UsageError("The demo's clients are made up on each computer.", "Name a practice with --profile.")
    check_out(file, FileKind.BACKUP, force=force, option="backup FILE")
    if not paths.ledger.exists():
        raise UsageError("Nothing is linked yet, and no run was made.", "There is nothing to back up.")
    with Ledger(paths.ledger) as ledger:
        if problem := ledger.problem():
            raise problem
        links, runs = ledger.count(), len(ledger.journal.runs(-1))
        pending = pending_files(settings, paths, ledger, clock)
    members = {_LEDGER: _snapshot(paths.ledger)}
    if settings.ignition.route is Route.BUILTIN and paths.register.exists():
        members[_REGISTER] = _snapshot(paths.register)
    backup = Backup(
        file,
        stamp(clock.now()),
        __version__,
        settings.profile,
        _own_settings(settings),
        links,
        runs,
        len(pending.files) if pending else 0,
        members,
    )
    written = BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_MANIFEST, json.dumps(_manifest(backup), ensure_ascii=False, indent=1))
        for name, content in members.items():
            archive.writestr(name, content)
    write_out(file, written.getvalue(), FileKind.BACKUP, force=force, option="backup FILE")
    return backup


def read_backup(file: Path) -> Backup:
    """Read a backup and check that it is whole; raises `UsageError` for another file, a damaged or a newer one."""
    try:
        with zipfile.ZipFile(file) as archive:
            manifest: object = json.loads(_member(archive, _MANIFEST))
            if not isinstance(manifest, dict) or not isinstance(manifest.get("xpmsync_backup"), int):
                raise UsageError(f"{file} is no backup of xpmsync.", "Name the file that xpmsync backup wrote.")
            if manifest["xpmsync_backup"] > _FORMAT:
                raise UsageError(f"{file} was written by a newer xpmsync.", "Upgrade xpmsync on this computer first.")
            digests: dict[str, str] = manifest["digests"]
            members = {name: _member(archive, name) for name in (_LEDGER, *digests)}
        if any(sha256(content).hexdigest() != digests[name] for name, content in members.items()):
            raise UsageError(f"{file} is damaged: its content is not what was saved.", "Copy it again, and try again.")
        settings = {
            str(name): tuple(value) if isinstance(value, list) else value
            for name, value in dict(manifest["settings"]).items()
        }
        return Backup(
            file,
            str(manifest["made"]),
            str(manifest["program"]),
            str(manifest["profile"]),
            settings,
            int(manifest["links"]),
            int(manifest["runs"]),
            int(manifest["pending_files"]),
            members,
        )
    except FileNotFoundError:
        raise UsageError(f"There is no file {file}.", "Name the file that xpmsync backup wrote.") from None
    except OSError as problem:
        raise UsageError(f"{file} cannot be read: {reason_of(problem)}.") from problem
    except (zipfile.BadZipFile, ValueError, KeyError, TypeError, NotImplementedError, RuntimeError) as problem:
        hint = "Name the file that xpmsync backup wrote; copy it again if it is that one."
        raise UsageError(f"{file} is no backup of xpmsync, or is damaged.", hint) from problem


def restore(backup: Backup, config_file: Path, paths: ProfilePaths) -> RestoredBackup:
    """Go on with a backup here: its settings are set, its ledger is put in the place of this computer's.

    The next run reads and compares everything. Raises `UsageError` for settings or a
    ledger that this xpmsync cannot use; nothing is then changed.
    """
    unknown = [name for name in backup.settings if name not in KEYS]
    if unknown:
        raise UsageError(f"The backup has settings that this xpmsync does not know: {', '.join(unknown)}.")
    here, there = _tenant_here(config_file, backup.profile), backup.settings.get(_TENANT, "")
    if here and there and here != there:
        hint = "Restore it into a settings file of its own: --config FILE"
        raise UsageError("The backup is of another practice than this profile's.", hint)
    draft = _draft_path(paths, "ledger-restored.sqlite")
    try:
        return _restore(backup, config_file, paths, draft)
    finally:
        _remove_draft(draft)


def _restore(backup: Backup, config_file: Path, paths: ProfilePaths, draft: Path) -> RestoredBackup:
    try:
        make_private(draft).write_bytes(backup.members[_LEDGER])
        with Ledger(draft) as ledger:
            if problem := ledger.problem():
                raise problem
            ledger.compare_all_again()
            links = ledger.count()
    except (LedgerDamaged, LedgerTooNew) as problem:
        why = "a newer xpmsync wrote it" if isinstance(problem, LedgerTooNew) else "it is damaged"
        raise UsageError(f"The ledger in {backup.path} cannot be used: {why}.", "Nothing was changed.") from problem
    set_values(config_file, backup.settings, backup.profile)
    if _REGISTER in backup.members:
        register = make_private(paths.register.with_suffix(".part"))
        register.write_bytes(backup.members[_REGISTER])
        remove_database(paths.register)
        move_into_place(register, paths.register)
    set_aside = install(paths, Draft(draft, backup.path, links))
    return RestoredBackup(set_aside, _missing_folders(read_settings(config_file, backup.profile)))


def _tenant_here(config_file: Path, profile: str) -> str:
    try:
        return read_settings(config_file, profile).xpm.tenant_id
    except (SettingsError, UnknownProfile):
        return ""


def _missing_folders(settings: Settings) -> tuple[tuple[str, str], ...]:
    folders = [(name, str(settings.value(name))) for name, key in KEYS.items() if key.kind is ValueKind.FOLDER]
    return tuple((name, folder) for name, folder in folders if folder and not Path(folder).is_dir())


def _own_settings(settings: Settings) -> dict[str, Value]:
    """The profile's settings as the file has them: its own, and those it takes from the default profile."""
    document = tomllib.loads(read_text(settings.path))
    profiles = document.get("profiles", {})
    layers = [document] if settings.profile == DEFAULT_PROFILE else [profiles.get(settings.profile, {}), document]
    found: dict[str, Value] = {}
    for name in settings.origins:
        values = [value for layer in layers if (value := _inside(layer, name.split("."))) is not None]
        if values:
            found[name] = tuple(values[0]) if isinstance(values[0], list) else values[0]
    return found


def _inside(layer: object, path: Sequence[str]) -> str | int | bool | list[str] | None:
    for part in path:
        layer = layer.get(part) if isinstance(layer, dict) else None
    return layer if isinstance(layer, str | int | bool | list) else None


def _snapshot(database: Path) -> bytes:
    """A sound copy of an SQLite file that may be in use."""
    with tempfile.TemporaryDirectory(prefix="xpmsync-backup-") as folder:
        copy = Path(folder) / database.name
        copy_database(database, copy)
        return copy.read_bytes()


def _manifest(backup: Backup) -> dict[str, object]:
    return {
        "xpmsync_backup": _FORMAT,
        "made": backup.made,
        "program": backup.program,
        "profile": backup.profile,
        "settings": dict(backup.settings),
        "links": backup.links,
        "runs": backup.runs,
        "pending_files": backup.pending_files,
        "digests": {name: sha256(content).hexdigest() for name, content in backup.members.items()},
    }


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > _LARGEST:
        raise ValueError(f"{name} is too large")
    return archive.read(name)


@dataclass(frozen=True, slots=True)
class Draft:
    """A ledger that is not in use yet. `links` came with the `backup`, None where there is none that can be used."""

    path: Path
    backup: Path | None
    links: int


def ledger_problem(settings: Settings, paths: ProfilePaths) -> LedgerDamaged | LedgerLost | None:
    """Why the profile's ledger needs to be rebuilt, None where it is intact; raises `LedgerTooNew`."""
    try:
        with Ledger(paths.ready().ledger) as ledger:
            return ledger.problem(files_for_upload(settings))
    except LedgerDamaged as damaged:
        return damaged


def draft_ledger(settings: Settings, paths: ProfilePaths) -> Draft:
    """Make a new ledger beside the old one, from the newest sound backup and the pending uploads of the marker.

    Raises `UsageError` for files for upload that neither of them knows: what is in
    them could be created twice.
    """
    path = _draft_path(paths)
    marker = read_marker(paths.ledger)
    wanted = marker.ledger if marker else ""
    backup = next((copy for copy in backups(paths.ledger) if _restored(copy, path, wanted)), None)
    with Ledger(path) as ledger:
        with ledger.transaction():
            for name, text in (marker.pending if marker else {}).items():
                ledger.note(name, text)
        ledger.compare_all_again()
        known = {
            file.digest for name in ledger.pending_facts() for file in unpack(ledger.fact(name), paths.ledger).files
        }
        unknown = [file for file in files_for_upload(settings) if sha256(file.read_bytes()).hexdigest() not in known]
        links = ledger.count()
    if unknown:
        raise UsageError(
            f"It is unknown whether these files were uploaded: {', '.join(file.name for file in unknown)}.",
            f"Upload what is not uploaded yet, export again, and move the files out of {unknown[0].parent}.",
        )
    return Draft(path, backup, links)


def install(paths: ProfilePaths, draft: Draft) -> Path | None:
    """Put the new ledger in the place of the old one; returns where the old one is now, None where there was none.

    Interrupted anywhere, the ledger is still recognised as lost.
    """
    old = set_aside(paths.ledger) if paths.ledger.exists() else None
    move_into_place(draft.path, paths.ledger)
    remove_marker(draft.path)
    remove_marker(paths.ledger)
    with Ledger(paths.ledger) as ledger:
        ledger.mark()
    return old


def start_over(paths: ProfilePaths) -> Path | None:
    """Begin with an empty ledger; returns where the old one is now, None where there was none."""
    path = _draft_path(paths)
    with Ledger(path) as ledger:
        ledger.mark()
    return install(paths, Draft(path, None, 0))


def _draft_path(paths: ProfilePaths, name: str = "ledger-rebuilt.sqlite") -> Path:
    """The new ledger's file; one that an interrupted attempt left is removed."""
    path = paths.ready().folder / name
    _remove_draft(path)
    return path


def _remove_draft(path: Path) -> None:
    """With its marker, or the next draft would be taken for an older copy of it."""
    remove_database(path)
    remove_marker(path)


def _restored(backup: Path, path: Path, wanted: str) -> bool:
    """Copy a backup; false for one that is damaged, newer, or of another ledger than the `wanted` one."""
    make_private(path).write_bytes(backup.read_bytes())
    try:
        with Ledger(path) as ledger:
            if ledger.problem() is None and wanted in ("", ledger.id):
                return True
    except (LedgerDamaged, LedgerTooNew):
        pass
    remove_database(path)
    return False
