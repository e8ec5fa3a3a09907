"""How this program was installed, and so how to install it again with an extra: uv, pipx, pip, or a single file."""

import json
import sys
from importlib.metadata import Distribution, PackageNotFoundError
from pathlib import Path

_NAME = "xpmsync"


def extra_command(extra: str, prefix: Path | None = None) -> str:
    """The command that installs the extra with the installer that was used; empty for a single file, which has none.

    `prefix` is the folder of the environment. The address it was installed from is
    repeated (PEP 610, `direct_url.json`).
    """
    if getattr(sys, "frozen", False):
        return ""
    prefix = prefix or Path(sys.prefix)
    installer, origin = _record()
    what = _requirement(extra, origin)
    if (prefix / "uv-receipt.toml").exists():
        return f"uv tool install {what}"
    if (prefix / "pipx_metadata.json").exists():
        return f"pipx install --force {what}"
    return f"uv pip install {what}" if installer == "uv" else f'"{sys.executable}" -m pip install {what}'


def _record() -> tuple[str, dict[str, object]]:
    """The installer's name and where it took the program from, as it noted them."""
    try:
        read = Distribution.from_name(_NAME).read_text
    except PackageNotFoundError:
        return "", {}
    try:
        origin: object = json.loads(read("direct_url.json") or "{}")
    except ValueError:
        origin = {}
    return (read("INSTALLER") or "").strip(), origin if isinstance(origin, dict) else {}


def _requirement(extra: str, origin: dict[str, object]) -> str:
    url, vcs, folder = (origin.get(name) for name in ("url", "vcs_info", "dir_info"))
    if not isinstance(url, str):
        return f'"{_NAME}[{extra}]"'
    address = f"{vcs['vcs']}+{url}" if isinstance(vcs, dict) and "vcs" in vcs else url
    editable = "--editable " if isinstance(folder, dict) and folder.get("editable") else ""
    if editable:
        from urllib.parse import urlsplit
        from urllib.request import url2pathname

        return f'{editable}"{url2pathname(urlsplit(url).path)}[{extra}]"'
    return f'"{_NAME}[{extra}] @ {address}"'
