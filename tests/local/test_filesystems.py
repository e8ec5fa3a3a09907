"""Cloud folders and network drives are recognised by name, by variable and by mount."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from xpmsync.local.system.paths import cloud_of, network_of

MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
//nas/office /mnt/office\\040files cifs rw 0 0
nas:/home /home/ada/shared nfs4 rw 0 0
tmpfs /mnt/office\\040files/local tmpfs rw 0 0
"""


@pytest.mark.parametrize(
    ("place", "cloud"),
    [
        ("/home/ada/OneDrive/xpmsync", "OneDrive"),
        ("/home/ada/OneDrive - Harbour & Hills/state", "OneDrive"),
        ("/Users/ada/Library/CloudStorage/Dropbox/x", "a cloud service"),
        ("/Users/ada/Library/Mobile Documents/com~apple~CloudDocs/x", "iCloud Drive"),
        ("/home/ada/Dropbox (Personal)/x", "Dropbox"),
        ("/home/ada/Google Drive/x", "Google Drive"),
        ("/home/ada/.local/state/xpmsync", ""),
        ("/home/ada/boxes/dropbox-notes", ""),
    ],
)
def test_cloud_folders_are_known_by_their_names(place: str, cloud: str) -> None:
    """Also with the firm's name behind, as OneDrive and Dropbox write it; a similar word is none."""
    assert cloud_of(Path(place), {}) == cloud


def test_onedrive_is_known_by_its_variable(tmp_path: Path) -> None:
    """On Windows its folder can have any name; the variable says where it is."""
    environ = {"OneDriveCommercial": str(tmp_path / "Firm")}

    assert cloud_of(tmp_path / "Firm" / "state", environ) == "OneDrive"
    assert cloud_of(tmp_path / "Firms" / "state", environ) == ""


@pytest.mark.skipif(os.name == "nt", reason="mounts are a matter of Linux")
@pytest.mark.parametrize(
    ("place", "network"),
    [
        ("/mnt/office files/state", "a network file system (cifs)"),
        ("/mnt/office files/local/state", ""),
        ("/home/ada/shared/state", "a network file system (nfs4)"),
        ("/home/ada/state", ""),
        ("//nas/office/state", "a network share"),
    ],
)
def test_network_drives_are_known_by_the_innermost_mount(place: str, network: str) -> None:
    """A local disk mounted inside a network one is local again."""
    assert network_of(Path(place), MOUNTS) == network
