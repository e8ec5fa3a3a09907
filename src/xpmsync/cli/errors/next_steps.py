"""The next command: what a practice lacks before it can be signed in to or read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from xpmsync.local.settings.settings import CLIENT_ID, EXPORT_FOLDER, KEYS, XPM_FOLDER, needed_keys

if TYPE_CHECKING:
    from xpmsync.local.settings.settings import Settings

__all__ = ["before_reading", "before_sign_in", "instead_of_option", "setting_of"]

_PLACEHOLDERS: Final[Mapping[str, str]] = {CLIENT_ID: "ID", EXPORT_FOLDER: "FOLDER", XPM_FOLDER: "FOLDER"}


def before_sign_in(settings: Settings, command_line: Callable[..., str]) -> str:
    """The command without which nobody can sign in to XPM; empty where it is time to sign in."""
    if XPM_FOLDER in needed_keys(settings):
        return setting_of(XPM_FOLDER, command_line)
    if CLIENT_ID not in needed_keys(settings):
        return ""
    return setting_of(CLIENT_ID, command_line) if settings.path.exists() else command_line("start")


def before_reading(settings: Settings, command_line: Callable[..., str]) -> str:
    """The command without which the way to Ignition cannot be read; empty where it is complete."""
    return setting_of(EXPORT_FOLDER, command_line) if EXPORT_FOLDER in needed_keys(settings) else ""


def instead_of_option(option: str, command_line: Callable[..., str]) -> str:
    """What to do instead of giving a setting as an option; empty where no setting is called like that."""
    field = option.lstrip("-").replace("-", "_")
    named = [key for key in KEYS.values() if key.field == field]
    if not named:
        return ""
    commands = ", or: ".join(setting_of(key.name, command_line) for key in named)
    return f"That is a setting, not an option: {commands}"


def setting_of(key: str, command_line: Callable[..., str]) -> str:
    """The command that sets a key, with a word in capitals in place of the value."""
    return f"{command_line('config', 'set', key)} {_PLACEHOLDERS.get(key, 'VALUE')}"
