"""What this computer did: errors of keyring, state folder, ledger, scheduler and lock in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xpmsync import errors
from xpmsync.cli.terminal.output import CURRENT_COMMAND, ExitCode
from xpmsync.cli.terminal.sanitize import count
from xpmsync.local.system.clock import local_time

if TYPE_CHECKING:
    from xpmsync.cli.terminal.output import CommandLine, Words

__all__ = ["machine_words"]


def machine_words(problem: errors.XpmsyncError, command_line: CommandLine) -> Words | None:
    """Message, hint and exit code; None for what is no matter of this computer."""
    match problem:
        case errors.KeyringUnusable(reason=reason):
            hint = f"See what it needs with: {command_line('doctor')}"
            return f"The keyring of this computer cannot be used: {reason}.", hint, ExitCode.SIGN_IN_NEEDED
        case errors.SecretTooLong(length=length, limit=limit):
            return (
                f"A secret of {length} characters does not fit into the keyring (at most {limit}).",
                f"Sign in again: {command_line('login', 'xpm')}",
                ExitCode.SIGN_IN_NEEDED,
            )
        case errors.StateUnusable(path=path, reason=reason):
            return (
                f"{path} cannot be used: {reason}. Nothing was written to XPM or Ignition.",
                _state_hint(reason, command_line),
                ExitCode.UNEXPECTED,
            )
        case errors.JournalStopped(path=path, reason=reason, written=written):
            done = f"{count(written, 'change')} had been written" if written else "Nothing had been written"
            what = f"{path} could not be written: {reason}. {done}; nothing goes out that is not noted first."
            go_on = command_line(CURRENT_COMMAND)
            hint = f"Make room on that disk. The next run looks up the last write and goes on: {go_on}"
            return what, hint, ExitCode.PARTLY_DONE if written else ExitCode.UNEXPECTED
        case errors.LedgerTooNew(path=path, found=found, known=known):
            return (
                f"The ledger {path} was written by a newer xpmsync (version {found}, this one knows {known}).",
                "Update xpmsync on this computer; the ledger was not touched.",
                ExitCode.USAGE,
            )
        case errors.LedgerDamaged(path=path, aside=aside, reason=reason):
            return (
                f"The ledger {path} is damaged ({reason}). It was set aside as {aside}; nothing of it was changed.",
                f"The next command begins a new ledger. Link the clients again: {command_line('link')} XPM IGNITION",
                ExitCode.UNEXPECTED,
            )
        case errors.SchedulerFailed(program=program, reason=reason):
            return (
                f"The scheduler could not be used ({program}): {reason}.",
                f"Choose another with --kind, or see: {command_line('doctor')}",
                ExitCode.UNEXPECTED,
            )
        case errors.AnotherRun(pid=pid, host=host, since=since):
            who = f"process {pid} on {host}, since {local_time(since)}" if pid else "it does not say which"
            what = f"Another run is active for this practice ({who}); it may be waiting for an answer at a terminal."
            waiting = f"{command_line(CURRENT_COMMAND)} --lock-wait 600"
            hint = f"Nothing was written. Wait for its end, or let this wait: {waiting}"
            return what, hint, ExitCode.ANOTHER_RUN
        case _:
            return None


def _state_hint(reason: str, command_line: CommandLine) -> str:
    words = reason.lower()
    if "permission" in words or "readonly" in words or "read-only" in words:
        return "Give yourself the right to write there, or set XPMSYNC_STATE_DIR to another folder."
    if "locked" in words or "in use" in words or "held" in words:
        return "Another program has it open: close that, or try again when it is done."
    if "space" in words or "full" in words:
        return "Make room on that disk, then try again."
    return f"Set XPMSYNC_STATE_DIR to another folder, or see what is wrong with: {command_line('doctor')}"
