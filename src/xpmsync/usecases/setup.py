"""What is left to set up for a practice, in the order in which `start` asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from xpmsync.csv_files.reading import csv_files_in
from xpmsync.errors import ExportMissing
from xpmsync.local.settings.settings import CLIENT_ID, EXPORT_FOLDER, Route, Settings, needed_keys
from xpmsync.local.system.json_files import read_record, write_record
from xpmsync.local.system.paths import Paths, ProfilePaths
from xpmsync.usecases.status import get_status

__all__ = ["SetupStep", "answered", "next_setup_step", "note_answered"]


class SetupStep(StrEnum):
    """A step of setting up a practice; the value is how it is remembered."""

    PURPOSE = "purpose"
    DIRECTION = "direction"
    LEVEL = "level"
    APP = "app"
    IGNITION = "ignition"
    EXPORT_FOLDER = "export-folder"
    XPM_SIGN_IN = "xpm-sign-in"
    IGNITION_SIGN_IN = "ignition-sign-in"
    EXPORT = "export"
    MATCH = "match"
    DIFF = "diff"
    SCHEDULE = "schedule"


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
        SetupStep.PURPOSE: not settings.is_demo and SetupStep.PURPOSE.value not in done,
        SetupStep.DIRECTION: not settings.is_demo and SetupStep.DIRECTION.value not in done,
        SetupStep.LEVEL: not settings.is_demo and SetupStep.LEVEL.value not in done,
        SetupStep.IGNITION: not settings.is_demo and SetupStep.IGNITION.value not in done,
        SetupStep.EXPORT_FOLDER: EXPORT_FOLDER in needed,
        SetupStep.APP: CLIENT_ID in needed and not status.signed_in.signed_in,
        SetupStep.XPM_SIGN_IN: not status.signed_in.signed_in,
        SetupStep.IGNITION_SIGN_IN: status.ignition is not None and not status.ignition.signed_in,
        SetupStep.EXPORT: route is Route.CSV and not _has_export(settings),
        SetupStep.MATCH: not status.links and SetupStep.MATCH.value not in done,
        SetupStep.DIFF: not synced and SetupStep.DIFF.value not in done,
        SetupStep.SCHEDULE: not settings.is_demo and status.schedule is None and SetupStep.SCHEDULE.value not in done,
    }
    return next((step for step, is_open in open_steps.items() if is_open), None)


def _has_export(settings: Settings) -> bool:
    folder = settings.folder(EXPORT_FOLDER)
    with suppress(ExportMissing):
        return folder is not None and bool(csv_files_in(folder))
    return False
