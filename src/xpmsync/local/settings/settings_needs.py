"""What only a person can fill in, and what a practice can do nothing without."""

from __future__ import annotations

from typing import Final

from xpmsync.errors import SettingsError
from xpmsync.local.settings.settings import DEMO_PROFILE, Route, Settings

__all__ = ["CLIENT_ID", "EXPORT_FOLDER", "missing_folder", "needed_keys"]

CLIENT_ID: Final = "xpm.client_id"
"""Nobody can sign in to XPM without it; an access token from the environment does without."""

EXPORT_FOLDER: Final = "ignition.export_folder"
"""The route csv has nothing to read without it."""


def needed_keys(settings: Settings) -> tuple[str, ...]:
    """The keys that are empty although the practice needs them, in the order of the file."""
    lacking = []
    if settings.profile != DEMO_PROFILE and not settings.xpm.client_id:
        lacking.append(CLIENT_ID)
    if settings.ignition.route is Route.CSV and not settings.ignition.export_folder:
        lacking.append(EXPORT_FOLDER)
    return tuple(lacking)


def missing_folder(settings: Settings) -> tuple[SettingsError, ...]:
    """What `config check` has against a file that can be read, but leaves the route csv without its folder."""
    if EXPORT_FOLDER not in needed_keys(settings):
        return ()
    problem = "is empty; the route csv needs the folder where you save Ignition's client exports"
    return (SettingsError(problem, settings.path, EXPORT_FOLDER),)
