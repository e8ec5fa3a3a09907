"""What is left to set up for a practice, in the order in which `start` asks for it."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from xpmsync.csv_files.reading import csv_files_in
from xpmsync.errors import ExportMissing
from xpmsync.ignition.csv.export import open_export
from xpmsync.local.settings.sections import XpmRoute
from xpmsync.local.settings.settings import CLIENT_ID, EXPORT_FOLDER, XPM_FOLDER, Route, Settings, needed_keys
from xpmsync.local.system.json_files import read_record, write_record
from xpmsync.local.system.paths import Paths, ProfilePaths
from xpmsync.usecases.context.open import open_ledger
from xpmsync.usecases.status import get_status
from xpmsync.usecases.xpm_files import files_state, show_columns
from xpmsync.xpm.files.columns import find_files


class SetupStep(StrEnum):
    """A step of setting up a practice; the value is how it is remembered."""

    PURPOSE = "purpose"
    DIRECTION = "direction"
    LEVEL = "level"
    XPM = "xpm"
    IGNITION = "ignition"
    XPM_FOLDER = "xpm-folder"
    EXPORT_FOLDER = "export-folder"
    APP = "app"
    XPM_SIGN_IN = "xpm-sign-in"
    IGNITION_SIGN_IN = "ignition-sign-in"
    XPM_EXPORT = "xpm-export"
    XPM_COLUMNS = "xpm-columns"
    EXPORT = "export"
    MATCH = "match"
    DIFF = "diff"
    SCHEDULE = "schedule"


CHOICES: Final = (SetupStep.PURPOSE, SetupStep.DIRECTION, SetupStep.LEVEL, SetupStep.XPM, SetupStep.IGNITION)
"""What a person chooses once, before anything is opened."""


@dataclass(frozen=True, slots=True)
class _Answers:
    """The steps that a person has answered, which the settings alone do not show: a default may be unchosen."""

    answered: tuple[str, ...] = ()


def answered(state: ProfilePaths) -> frozenset[str]:
    """The steps that were answered so far."""
    answers = read_record(_Answers, state.setup)
    return frozenset(answers.answered if answers else ())


def note_answered(state: ProfilePaths, *steps: SetupStep) -> None:
    """Remember that steps were answered."""
    write_record(state.ready().setup, _Answers(tuple(sorted(answered(state) | {step.value for step in steps}))))


def next_setup_step(settings: Settings, paths: Paths, environ: Mapping[str, str]) -> SetupStep | None:
    """The first step that is not done yet; None where a practice is set up.

    What a person chooses is remembered, everything else is read from settings, sign-ins
    and ledger, so that a step done by another command is not asked for again.
    """
    state = paths.profile(settings.profile)
    status, done, needed = get_status(settings, paths, environ), answered(state), needed_keys(settings)
    route = settings.ignition.route
    # Links that were made are a run, too.
    synced = status.last_run is not None and status.last_run.command in ("sync", "apply")
    open_steps = {
        **{step: not settings.is_demo and step.value not in done for step in CHOICES},
        SetupStep.XPM_FOLDER: XPM_FOLDER in needed,
        SetupStep.EXPORT_FOLDER: EXPORT_FOLDER in needed,
        SetupStep.APP: CLIENT_ID in needed and not status.signed_in.signed_in,
        SetupStep.XPM_SIGN_IN: not status.signed_in.signed_in,
        SetupStep.IGNITION_SIGN_IN: status.ignition is not None and not status.ignition.signed_in,
        SetupStep.XPM_EXPORT: settings.xpm.route is XpmRoute.FILES and not has_xpm_export(settings),
        SetupStep.XPM_COLUMNS: settings.xpm.route is XpmRoute.FILES and bool(unconfirmed_exports(settings, state)),
        SetupStep.EXPORT: route is Route.CSV and not has_ignition_export(settings),
        SetupStep.MATCH: not status.links,
        SetupStep.DIFF: not synced and SetupStep.DIFF.value not in done,
        SetupStep.SCHEDULE: not settings.is_demo and status.schedule is None and SetupStep.SCHEDULE.value not in done,
    }
    return next((step for step, is_open in open_steps.items() if is_open), None)


def has_ignition_export(settings: Settings) -> bool:
    """Whether the folder has an export of Ignition's clients; raises `FileRefused` for a newest file that is none."""
    folder = settings.folder(EXPORT_FOLDER)
    with suppress(ExportMissing):
        return folder is not None and bool(open_export(csv_files_in(folder)[0]))
    return False


def unconfirmed_exports(settings: Settings, state: ProfilePaths) -> tuple[Path, ...]:
    """XPM's exports whose columns nobody has confirmed yet."""
    if not has_xpm_export(settings):
        return ()
    with open_ledger(settings, state) as ledger:
        files = files_state(settings, state, ledger).files
        return tuple(file.path for file in files if show_columns(file.path, ledger, state.ledger).unconfirmed)


def has_xpm_export(settings: Settings) -> bool:
    """Whether the folder has an export of XPM's clients; raises `FileRefused` where its files are none."""
    folder = settings.folder(XPM_FOLDER)
    with suppress(ExportMissing):
        return folder is not None and bool(find_files(folder))
    return False
