"""The next step: what a practice lacks before it can be signed in to or read, and else what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from xpmsync.local.settings.settings import CLIENT_ID, EXPORT_FOLDER, KEYS, XPM_FOLDER, Settings, needed_keys

if TYPE_CHECKING:
    from xpmsync.usecases.status import Status

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


def next_step(status: Status, command_line: Callable[..., str]) -> str:
    """What to do now, as a command or as a sentence that begins with a small letter."""
    settings, signed = status.settings, status.signed_in
    uploads = status.pending_uploads
    if not signed.signed_in and (first := before_sign_in(settings, command_line)):
        return first
    if folder := before_reading(settings, command_line):
        return folder
    if not signed.signed_in:
        return command_line("login", "xpm")
    if settings.route_unchosen:
        return command_line("start")
    if status.ignition and not status.ignition.signed_in:
        return command_line("login", "ignition")
    if uploads is not None and any(file.uploaded is None for file in uploads.files):
        first = uploads.steps[0].removesuffix(".")
        if uploads.outdated:
            return f"{command_line('sync')} ({first[:1].lower()}{first[1:]})"
        return f"{first[:1].lower()}{first[1:]}, then export again."
    return command_line("diff" if status.links else "match")


def no_links(command_line: Callable[..., str]) -> str:
    """Why a plan is empty when no client is linked, and what links them."""
    return f"No clients are linked yet, so there is nothing to compare. Next: {command_line('match')}"


def rehearsal(settings: Settings) -> str:
    """What is made up in a rehearsal; empty where both systems are the practice's own."""
    if settings.is_demo:
        return "Rehearsal: the clients, XPM and Ignition are made up."
    if settings.is_rehearsal:
        return "Rehearsal: Ignition is a made-up register on this computer; nothing reaches the real one."
    return ""
