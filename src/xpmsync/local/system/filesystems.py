"""Where a folder is: in a folder that a cloud service syncs, on a network, or on a local disk.

SQLite's locks and its order of writes are reliable only on a local disk.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

__all__ = ["cloud_of", "network_of"]

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
