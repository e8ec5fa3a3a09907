"""The next step, from what a practice has and lacks: for `status`, `init`, bare `xpmsync`, `diff` and `sync`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from xpmsync.cli.errors.next_steps import before_reading, before_sign_in

if TYPE_CHECKING:
    from xpmsync.local.settings.settings import Settings
    from xpmsync.usecases.status import Status

__all__ = ["next_step", "no_links", "rehearsal"]


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
        return "upload the files above in Ignition under Clients -> Import, then export again."
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
