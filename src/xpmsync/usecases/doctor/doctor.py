"""The doctor: every check in order, each on its own, so that one that fails does not hide the others."""

from collections.abc import Iterator, Mapping
from typing import Final

from xpmsync.errors import SettingsError, UnknownProfile, XpmsyncError
from xpmsync.local.ledger.health import check_ledger_file
from xpmsync.local.settings.reader import read_settings
from xpmsync.local.system.clock import Clock
from xpmsync.local.system.paths import Paths
from xpmsync.usecases.doctor import machine, unattended
from xpmsync.usecases.doctor.access import check_connection, check_limits, check_reading, check_sign_in
from xpmsync.usecases.doctor.model import Check, DoctorContext, Finding, Severity

CHECKS: Final[Mapping[str, Check]] = {
    "settings": machine.check_settings_file,
    "folders": machine.check_folders,
    "places": machine.check_places,
    "clock": machine.check_clock,
    "ledger": unattended.check_ledger,
    "keyring": machine.check_keyring,
    "connection": check_connection,
    "sign-in": check_sign_in,
    "reading": check_reading,
    "limits": check_limits,
    "schedule": unattended.check_schedule,
    "last-run": unattended.check_last_run,
    "notify": unattended.check_notify,
    "native-sync": unattended.check_second_writer,
}
"""Every check, in the order of the answer. The ledger comes before anything that would open it for use."""

_RANK: Final = (Severity.OK, Severity.WARNING, Severity.PROBLEM)


def doctor_context(
    paths: Paths, profile: str, environ: Mapping[str, str], clock: Clock, *, attended: bool, online: bool
) -> DoctorContext:
    """What the checks work on; settings that cannot be read are a finding, not the end."""
    try:
        settings = read_settings(paths.config_file, profile)
    except (SettingsError, UnknownProfile):
        settings = None
    health = check_ledger_file(paths.profile(profile).ledger)
    return DoctorContext(paths, profile, settings, environ, clock, attended, online, health)


def run_checks(context: DoctorContext) -> Iterator[Finding]:
    """Run every check; whatever one raises becomes its finding."""
    damaged = False
    for name, check in CHECKS.items():
        if name == "reading" and damaged:
            # Opening a damaged ledger sets it aside; that is for a person's next command to do, not for a check.
            yield Finding("xpm", Severity.WARNING, "Not read from, because the ledger is damaged.")
            continue
        try:
            for finding in check(context):
                damaged = damaged or (finding.check == "ledger" and finding.verdict is Severity.PROBLEM)
                yield finding
        except XpmsyncError as problem:
            yield Finding(name, Severity.PROBLEM, "", error=problem)
        except Exception as bug:  # one check's bug must not hide what the others find
            message = f"This check could not be made ({type(bug).__name__})."
            yield Finding(name, Severity.WARNING, message, "Please report it with:", ("doctor", "--report"))


def worst(findings: tuple[Finding, ...]) -> Severity:
    """The worst verdict among them."""
    return max((finding.verdict for finding in findings), key=_RANK.index, default=Severity.OK)
