"""Where xpmsync's files are: one settings file, one state folder a profile; and what kind of disk a folder is on.

`XPMSYNC_CONFIG` and `XPMSYNC_STATE_DIR` override the operating system's usual
folders, of which the local ones are used, never Windows' roaming profile. SQLite's locks
and its order of writes are reliable only on a local disk that no cloud service syncs.
"""

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple, Self

from xpmsync.errors import StateUnusable, UnknownProfile, UsageError
from xpmsync.local.system.files import make_folder, reserved_name

_FOLDERS: Final[Mapping[str, str]] = {
    "onedrive": "OneDrive",
    "dropbox": "Dropbox",
    "google drive": "Google Drive",
    "googledrive": "Google Drive",
    "my drive": "Google Drive",
    "icloud drive": "iCloud Drive",
    "iclouddrive": "iCloud Drive",
    "mobile documents": "iCloud Drive",
    "cloudstorage": "a cloud service",
    "box": "Box",
    "box sync": "Box",
    "nextcloud": "Nextcloud",
    "owncloud": "ownCloud",
    "pcloud drive": "pCloud",
    "pclouddrive": "pCloud",
    "sharepoint": "SharePoint",
    "syncthing": "Syncthing",
}
_VARIABLES: Final = ("OneDrive", "OneDriveCommercial", "OneDriveConsumer")
_NETWORK: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "fuse.sshfs", "fuse.glusterfs", "webdav", "davfs"}
)
_DRIVE_REMOTE: Final = 4
"""The result of Windows' GetDriveType for a network drive."""


def cloud_of(place: Path, environ: Mapping[str, str]) -> str:
    """The cloud service that syncs the folder, empty where none is known."""
    for name in _VARIABLES:
        root = environ.get(name, "").strip()
        if root and _is_inside(place, Path(root)):
            return "OneDrive"
    for part in place.parts:
        # OneDrive and Dropbox add the firm's name: "OneDrive - Harbour & Hills".
        plain = part.casefold().split(" - ")[0].partition(" (")[0].strip()
        if plain in _FOLDERS:
            return _FOLDERS[plain]
    return ""


def network_of(place: Path, mounts: str | None = None) -> str:
    """The network file system that the folder is on, empty for a local disk.

    `mounts` is the text of Linux' list of mounts; it is read where it is not given.
    """
    if str(place).startswith(("\\\\", "//")):
        return "a network share"
    if sys.platform == "win32":
        import ctypes

        drive = f"{place.drive}\\"
        return "a network drive" if ctypes.windll.kernel32.GetDriveTypeW(drive) == _DRIVE_REMOTE else ""
    return _mounted(place, _mounts() if mounts is None else mounts)


def _mounted(place: Path, mounts: str) -> str:
    """Find the innermost mount that contains the folder."""
    innermost, kind = Path(), ""
    for line in mounts.splitlines():
        words = line.split()
        if len(words) < 3:
            continue
        folder = Path(words[1].replace("\\040", " "))
        if _is_inside(place, folder) and len(folder.parts) >= len(innermost.parts):
            innermost, kind = folder, words[2]
    return f"a network file system ({kind})" if kind in _NETWORK else ""


def _mounts() -> str:
    try:
        return Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _is_inside(place: Path, folder: Path) -> bool:
    ours, theirs = (os.path.normcase(os.path.abspath(path)) for path in (place, folder))  # noqa: PTH100 - links stay
    return ours == theirs or ours.startswith(theirs.rstrip(os.sep) + os.sep)


CONFIG_VARIABLE: Final = "XPMSYNC_CONFIG"
STATE_VARIABLE: Final = "XPMSYNC_STATE_DIR"
_APP: Final = "xpmsync"
_QUOTES: Final = "\"'“”‘’"
"""What "Copy as path" and word processors put around a path."""
_VARIABLE: Final = r"%([A-Za-z_][A-Za-z0-9_()]*)%"


class ProfilePaths(NamedTuple):
    """One practice's state folder and the files in it. No property creates anything."""

    folder: Path

    @property
    def ledger(self) -> Path:
        """Links, agreed fingerprints, runs, journal (SQLite)."""
        return self.folder / "ledger.sqlite"

    @property
    def limits(self) -> Path:
        """Calls made and calls left, shared by all processes (SQLite)."""
        return self.folder / "limits.sqlite"

    @property
    def register(self) -> Path:
        """The built-in Ignition register (SQLite)."""
        return self.folder / "register.sqlite"

    @property
    def lock(self) -> Path:
        """Locked by the one run that may write for this practice."""
        return self.folder / "run.lock"

    @property
    def sign_in(self) -> Path:
        """Facts on the sign-in to XPM, for `status` without the keyring (JSON, no secret)."""
        return self.folder / "sign-in.json"

    @property
    def ignition_sign_in(self) -> Path:
        """Facts on the sign-in to Ignition's hosted service (JSON, no secret)."""
        return self.folder / "ignition-sign-in.json"

    @property
    def ignition_limits(self) -> Path:
        """Calls made to Ignition's hosted service (SQLite)."""
        return self.folder / "ignition-limits.sqlite"

    @property
    def status(self) -> Path:
        """How the last runs ended, for people and monitors (JSON)."""
        return self.folder / "status.json"

    @property
    def schedule(self) -> Path:
        """Which schedule is installed (JSON)."""
        return self.folder / "schedule.json"

    @property
    def setup(self) -> Path:
        """Which questions of `start` were answered (JSON)."""
        return self.folder / "setup.json"

    @property
    def progress(self) -> Path:
        """How many records each phase read, for the next run's progress (JSON)."""
        return self.folder / "progress.json"

    @property
    def stopped_plan(self) -> Path:
        """The last plan that a guard stopped (JSON, with client data)."""
        return self.folder / "plans" / "stopped.json"

    def ready(self) -> Self:
        """Create the folder, for this user alone; raises `StateUnusable`."""
        make_folder(self.folder)
        return self


class Paths(NamedTuple):
    """The settings file and the folder above all profiles' state folders."""

    config_file: Path
    state_root: Path

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], config_file: Path | None = None) -> Self:
        """Choose both: the argument (`--config`) first, then the variables, then the OS's usual folders."""
        config = config_file or _named(environ, CONFIG_VARIABLE) or _usual_config()
        state = _named(environ, STATE_VARIABLE) or _usual_state()
        return cls(config.expanduser().absolute(), state)

    def profile(self, name: str) -> ProfilePaths:
        """The state of the profile `name`; raises `UnknownProfile` for a name that is no plain folder name."""
        if name in ("", ".", "..") or Path(name).name != name or "\\" in name:
            raise UnknownProfile(name)
        if reserved_name(name):
            problem = f"{name!r} is a name that Windows keeps for a device, so it cannot be a profile."
            raise UsageError(problem, "Choose another name.")
        return ProfilePaths(self.state_root / name)


def typed_path(text: str, base: Path | None = None, environ: Mapping[str, str] = os.environ) -> Path:
    """The absolute path that was typed; a relative one starts in `base`, or in the current folder.

    Raises `UsageError` for a variable that is not set and for a user that is not known.
    """
    plain = text.strip()
    if len(plain) > 1 and plain[0] in _QUOTES and plain[-1] in _QUOTES:
        plain = plain[1:-1].strip()
    known = {name.upper(): value for name, value in environ.items()}
    for name in re.findall(_VARIABLE, plain):
        if name.upper() not in known:
            raise UsageError(f"%{name}% in {plain!r} is not set on this computer.", "Give the folder in full.")
    plain = re.sub(_VARIABLE, lambda match: known[match[1].upper()], plain)
    try:
        return ((base or Path()) / Path(plain).expanduser()).absolute()
    except RuntimeError as problem:
        raise UsageError(f"{plain!r} names a user that is not known here.", "Give the folder in full.") from problem


def account_locks() -> Path:
    """The folder of the locks that guard sign-ins in the keyring.

    The keyring belongs to the OS user, and so do its locks: the folder depends on
    neither settings nor state folder, or two configurations would refresh the same
    sign-in at once and lose it.
    """
    return _usual_state() / ".locks"


def _named(environ: Mapping[str, str], variable: str) -> Path | None:
    text = environ.get(variable, "").strip()
    try:
        return Path(text).expanduser().absolute() if text else None
    except RuntimeError as problem:
        raise StateUnusable(Path(text), "there is no such user") from problem


def _usual_config() -> Path:
    config, state = _usual_folders()
    # Windows and macOS give an application one folder for everything.
    return (config / "config" if config == state else config) / "config.toml"


def _usual_state() -> Path:
    config, state = _usual_folders()
    return state / "state" if config == state else state


def _usual_folders() -> tuple[Path, Path]:
    from platformdirs import user_config_path, user_state_path

    return (
        user_config_path(_APP, appauthor=False, roaming=False),
        user_state_path(_APP, appauthor=False, roaming=False),
    )
