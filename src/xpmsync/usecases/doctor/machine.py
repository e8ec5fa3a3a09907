"""Checks of this computer: settings, folders, clock, keyring."""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from xpmsync.errors import KeyringUnusable, reason_of
from xpmsync.local.settings.keys import ValueKind
from xpmsync.local.settings.reader import check_settings
from xpmsync.local.settings.settings import KEYS, Route
from xpmsync.local.system.clock import local_time
from xpmsync.local.system.paths import cloud_of, network_of
from xpmsync.usecases.doctor.model import DoctorContext, Finding, Severity, ok, problem, warning

_UPLOADS: Final = "ignition.import_folder"
_LITTLE_SPACE: Final = 200 * 1024 * 1024
_SLOW_KEYRING_MS: Final = 2_000.0
_AHEAD: Final = timedelta(minutes=10)


def check_settings_file(context: DoctorContext) -> Iterator[Finding]:
    """Every problem of the settings file, and hosts that are not Xero's or Ignition's own."""
    file = context.paths.config_file
    if not file.exists():
        yield (ok if context.is_demo else _missing_settings)("settings", f"There is no settings file {file} yet.")
        return
    problems = check_settings(file)
    for one in problems:
        yield Finding("settings", Severity.PROBLEM, "", error=one)
    if problems:
        return
    if context.settings is None:
        message = f"{file} has no profile {context.profile!r}."
        yield problem("settings", message, "Make it with:", "init")
        return
    hosts = () if context.is_demo else context.settings.foreign_hosts()
    if hosts:
        message = f"This profile talks to {', '.join(hosts)}, which is not Xero's or Ignition's own."
        yield warning("settings", message, "If nobody meant that, correct the addresses in the settings file.")
    yield ok("settings", f"{file} can be read.")


def check_folders(context: DoctorContext) -> Iterator[Finding]:
    """Whether the state folder can be written, is private, and has room, and the folders of exports can be used."""
    yield from _state_folder(context)
    yield from _settings_folders(context)


def _state_folder(context: DoctorContext) -> Iterator[Finding]:
    folder = context.state.folder
    if not folder.exists():
        parent = next((place for place in folder.parents if place.exists()), Path(folder.anchor))
        if os.access(parent, os.W_OK | os.X_OK):
            yield ok("folders", f"The state folder {folder} will be made when it is needed.")
        else:
            yield problem("folders", f"The state folder {folder} cannot be made: no right to write in {parent}.", _MOVE)
        return
    if reason := _unusable(folder, written=True):
        yield problem("folders", f"The state folder {folder} cannot be written: {reason}.", _MOVE)
        return
    if os.name != "nt" and stat.S_IMODE(folder.stat().st_mode) & 0o077:
        yield warning("folders", f"Others on this computer may look into {folder}.", f"Close it: chmod 700 '{folder}'")
    free = shutil.disk_usage(folder).free
    if free < _LITTLE_SPACE:
        yield warning("folders", f"Only {free // 1024 // 1024} MB are free where the state folder is.", "Make room.")
    yield ok("folders", f"The state folder {folder} can be written.")


def _settings_folders(context: DoctorContext) -> Iterator[Finding]:
    """The folders that the settings name for the routes in use, whether or not anybody has signed in."""
    settings = context.settings
    if settings is None:
        return
    for name, key in KEYS.items():
        folder = settings.folder(name) if key.kind is ValueKind.FOLDER else None
        if folder is None or (key.section == "ignition" and settings.ignition.route is not Route.CSV):
            continue
        fix, run = "Name the folder with:", ("config", "set", name, "FOLDER")
        if folder.is_file():
            yield ok("folders", f"{name} names the file {folder}.")
        elif name == _UPLOADS and not folder.exists() and folder.parent.is_dir():
            yield ok("folders", f"The folder {folder} ({name}) will be made when it is needed.")
        elif not folder.is_dir():
            yield problem("folders", f"There is no folder {folder} ({name}).", fix, *run)
        elif reason := _unusable(folder, written=name == _UPLOADS):
            yield problem("folders", f"The folder {folder} ({name}) cannot be used: {reason}.", fix, *run)
        elif name == _UPLOADS:
            yield ok("folders", f"The folder {folder} ({name}) can be written.")
        elif exports := sorted(folder.glob("*.csv"), key=lambda file: file.stat().st_mtime):
            when = local_time(datetime.fromtimestamp(exports[-1].stat().st_mtime, UTC))
            yield ok("folders", f"The folder {folder} ({name}): the newest export is {exports[-1].name} of {when}.")
        else:
            yield warning("folders", f"There is no CSV file in {folder} ({name}) yet.", "Save the export there.")


def _unusable(folder: Path, *, written: bool) -> str:
    """Why a folder cannot be read, or be written to; empty where it can."""
    try:
        with os.scandir(folder):
            pass
        if written:
            with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-"):
                pass
    except OSError as trouble:
        return reason_of(trouble)
    return ""


def check_places(context: DoctorContext) -> Iterator[Finding]:
    """Whether something copies the ledger behind its back, or its disk is another computer's."""
    found = False
    for what, place in context.places.items():
        if cloud := cloud_of(place, context.environ):
            found = True
            message = f"{what} {place} is kept in step by {cloud}, which may restore or lock it in the middle of a run."
            yield warning("places", message, _MOVE if what.startswith("The state") else _MOVE_SETTINGS)
        if network := network_of(place):
            found = True
            message = f"{what} {place} is on {network}; two computers could write at once, and its locks do not hold."
            yield (problem if what.startswith("The state") else warning)("places", message, _MOVE)
    if not found:
        yield ok("places", "Settings and state are on this computer's own disk, in no cloud folder.")


def check_clock(context: DoctorContext) -> Iterator[Finding]:
    """Whether the ledger knows moments that have not come yet; XPM's own clock is compared with the connection."""
    health, now = context.ledger, context.clock.now()
    try:
        last = datetime.fromisoformat(health.last_moment) if health and health.last_moment else now
    except ValueError:
        last = now
    if last.tzinfo and last > now + _AHEAD:
        message = f"The last run is noted for {local_time(last)}, but this computer's clock says {local_time(now)}."
        fix = "Set the clock; if it is right now, read everything once with:"
        yield warning("clock", message, fix, "sync", "--full")
    else:
        yield ok("clock", f"This computer's clock says {local_time(now)}; nothing in the ledger is later.")


def check_keyring(context: DoctorContext) -> Iterator[Finding]:
    """Write, read and delete an entry, and say how long that took."""
    from xpmsync.local.secrets.vault import open_vault

    if context.is_demo:
        yield ok("keyring", "The built-in practice needs none.")
        return
    try:
        probe = open_vault(context.environ, attended=context.attended).probe()
    except KeyringUnusable as trouble:
        yield Finding("keyring", Severity.PROBLEM, f"The keyring cannot be used: {trouble.reason}.", _KEYRING)
        return
    took = probe.write_ms + probe.read_ms + probe.delete_ms
    message = f"{probe.where}: written in {probe.write_ms:.0f} ms, read in {probe.read_ms:.0f}, deleted in"
    message = f"{message} {probe.delete_ms:.0f}."
    if took > _SLOW_KEYRING_MS:
        yield warning("keyring", f"{message} That is slow.", "Unattended runs wait at most 5 seconds for each step.")
    else:
        yield ok("keyring", message)


_MOVE: Final = "Put it on this computer's own disk: set XPMSYNC_STATE_DIR to a folder there."
_MOVE_SETTINGS: Final = "Move it to this computer's own disk, and name it with XPMSYNC_CONFIG."
_KEYRING: Final = (
    "Unlock it, or log in at this computer's own screen. Where there is no keyring, XPMSYNC_TOKEN_FILE names a file"
    " that only you can read."
)


def _missing_settings(check: str, message: str) -> Finding:
    return warning(check, message, "Begin with:", "init")
