"""What every command starts from: the global options, the settings they lead to, and the screen."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from xpmsync.cli.terminal.output import CurrentCommand, ExitCode, Report, print_json
from xpmsync.cli.terminal.sanitize import quoted
from xpmsync.cli.terminal.screen import Screen, Tone

if TYPE_CHECKING:
    from xpmsync.cli.terminal.progress import ProgressBar
    from xpmsync.local.ledger.ledger import Ledger
    from xpmsync.local.settings.settings import Settings
    from xpmsync.local.system.clock import SystemClock
    from xpmsync.local.system.paths import Paths, ProfilePaths
    from xpmsync.usecases.context.context import SyncContext
    from xpmsync.usecases.sync.apply import Applied

_SHOW_THE_SCHEDULE: Final = frozenset({"status", "doctor", "schedule status", "schedule remove"})
"""Commands that show the schedule's state; the others remind of one that does not run."""


_NO_PRACTICE: Final = frozenset({"", "demo", "help", "init", "start"})
"""Commands whose screens belong to no practice, or say themselves what is made up."""


@dataclass
class CurrentRun:
    """A run that writes, from its beginning; `applied` records what it wrote."""

    command: str
    started: datetime
    attended: bool
    counts: Mapping[str, int] = field(default_factory=dict)
    waiting: Mapping[str, int] = field(default_factory=dict)
    whole: bool = False
    sign_in_to: str = ""

    def applied(self, applied: Applied, *, whole: bool) -> None:
        """Take the totals of a run that reached its writes; `whole` says that it looked at all clients."""
        from xpmsync.usecases.unattended.run_summary import pending_after

        totals = {"written": applied.written, "failed": len(applied.failures), "xpm_calls": applied.xpm_calls}
        self.counts = {**applied.plan.counts, **totals}
        self.waiting = pending_after(applied)
        self.ended_by(applied.stopped)
        self.whole = whole and applied.stopped is None and not applied.not_tried

    def ended_by(self, problem: Exception | None) -> None:
        """Remember which system needs a sign-in, where that is what ended the run."""
        from xpmsync.errors import SignInNeeded

        if isinstance(problem, SignInNeeded):
            self.sign_in_to = problem.system.value


@dataclass
class Session:
    """One command line. `verbosity` is -1 for -q, 0, 1 for -v, 2 for -vv."""

    profile: str = "default"
    config: Path | None = None
    export: Path | None = None
    json: bool = False
    no_input: bool = False
    force: bool = False
    """Whether a file that a person names is replaced although xpmsync did not write it."""
    verbosity: int = 0
    command: str = ""
    screen: Screen = field(default_factory=Screen)
    by_schedule: bool = False
    silent: bool = False
    """Not even errors are shown; the status file and the log have them."""
    run: CurrentRun | None = None
    """The run that writes, once it has begun."""
    repeated: tuple[str, ...] = ()
    """The run that writes as it would be typed again, `--yes` left out."""
    ending: ExitCode = ExitCode.DONE
    """The exit code of what was reported."""
    problem: str = ""
    """The machine code of what went wrong, for the status file."""
    done_so_far: Callable[[], str] = lambda: "Nothing was written."
    """A sentence on what the command has done, for the message after Ctrl-C."""

    before_question: Callable[[], None] = lambda: None
    """Removes the progress line, which would be drawn over a question."""

    @property
    def may_ask(self) -> bool:
        """Whether a person is there to answer."""
        return not (self.no_input or self.json) and sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()

    @cached_property
    def paths(self) -> Paths:
        """Where files are kept."""
        from xpmsync.local.system.paths import Paths

        return Paths.from_environment(os.environ, self.config)

    @cached_property
    def settings(self) -> Settings:
        """The profile's settings; raises `SettingsError` or `UnknownProfile`. Foreign hosts are announced once."""
        from xpmsync.local.settings.reader import read_settings

        settings = read_settings(self.paths.config_file, self.profile)
        if self.export is not None:
            settings = settings.reading_export(self.export)
        self._announce(settings)
        return settings

    @cached_property
    def clock(self) -> SystemClock:
        """The clock that this command line waits by."""
        from xpmsync.local.system.clock import SystemClock

        return SystemClock()

    @property
    def state(self) -> ProfilePaths:
        """The profile's state folder."""
        return self.paths.profile(self.settings.profile)

    def begin_run(self, *words: str, allow: Sequence[str] = ()) -> None:
        """Say that this command writes; its end is then recorded, logged and notified.

        `words` and `allow` are what to type for the same run again, for hints.
        """
        self.repeated = (*words, *(word for allowance in allow for word in ("--allow", allowance)))
        self.run = CurrentRun(self.command, self.clock.now(), self.may_ask)

    def require_chosen_route(self) -> None:
        """Raise `UsageError` where a real practice would write to the rehearsal register without having chosen it."""
        from xpmsync.errors import UsageError

        if self.settings.route_unchosen:
            raise UsageError(
                f"How Ignition is reached was never chosen for the profile {self.settings.profile!r},"
                " so there is nothing real to write to. Nothing was written.",
                f"Choose it with: {self.command_line('start')}."
                f" To rehearse: {self.command_line('config', 'set', 'ignition.route', 'builtin')}",
            )

    def report(self, report: Report) -> None:
        """Print an answer and end the command with its exit code."""
        self.ending = report.exit_code
        if report.errors:
            self.problem = report.errors[-1].code
        if self.json:
            print_json(self.command, report.exit_code, report.data, report.errors)
        else:
            report.show(self.screen)
            if self.screen.quiet and report.summary and not self.silent:
                Screen(self.screen.stream).line(report.summary)
            for number, note in enumerate(report.errors, start=1):
                # A hint that several errors share is shown once, under the last of them.
                repeated = any(note.hint == later.hint for later in report.errors[number:])
                self.error(note.message, "" if repeated else note.hint)
        if report.exit_code:
            raise typer.Exit(int(report.exit_code))

    def error(self, message: str, hint: str = "") -> None:
        """Show on stderr what went wrong and what to do next."""
        if self.silent:
            return
        screen = Screen(sys.stderr)
        screen.line(f"xpmsync: {message}", Tone.PROBLEM)
        if hint:
            screen.line(hint)

    def show_notices(self, notices: Sequence[str]) -> None:
        """Show on stderr what the files that were read are like, for commands whose answer does not say it."""
        for notice in () if self.json else notices:
            self.info(notice)

    def info(self, text: str) -> None:
        """Show a message on stderr, unless -q."""
        if self.verbosity >= 0:
            self.warn(text)

    def warn(self, text: str) -> None:
        """Show a message on stderr, with -q too."""
        if not self.silent:
            Screen(sys.stderr).line(text)

    def remind_schedule(self) -> None:
        """Show on stderr when the installed schedule has not run as it should."""
        if self.json or self.verbosity < 0 or not (sys.stderr and sys.stderr.isatty()):
            return
        from xpmsync.cli.views.schedule import schedule_reminder

        if text := schedule_reminder(self.paths.profile(self.profile), self.command_line("schedule", "status")):
            self.info(text)

    def say_rehearsal(self) -> None:
        """Show on stderr, once a screen, that what is written reaches no real Ignition."""
        if self.json or self.verbosity < 0 or self.screen.labelled or not (sys.stderr and sys.stderr.isatty()):
            return
        from xpmsync.cli.errors.next_steps import rehearsal
        from xpmsync.errors import XpmsyncError

        try:
            text = rehearsal(self.settings)
        except XpmsyncError:
            return  # the command itself reports what is wrong with the settings
        if text:
            self.screen.labelled = True
            Screen(sys.stderr).line(text, Tone.WARNING)

    @property
    def global_words(self) -> list[str]:
        """The global options that lead to the same practice and files."""
        chosen = ["--profile", self.profile] if self.profile != "default" else []
        for option, file in (("--config", self.config), ("--export", self.export)):
            chosen += [option, str(file)] if file is not None else []
        return chosen

    def forget_settings(self) -> None:
        """Read the settings again the next time, after a command changed them."""
        vars(self).pop("settings", None)

    def command_line(self, *words: str) -> str:
        """The command line that runs that command on the same practice and files, to be copied."""
        chosen = self.global_words
        for word in words:
            chosen += self.repeated if isinstance(word, CurrentCommand) and self.repeated else (word,)
        return quoted(["xpmsync", *chosen])

    def confirm(self, question: str, *, yes: bool, instead: str) -> bool:
        """Ask a person; without one, `--yes` must have been given, else `UsageError` names it."""
        if yes:
            return True
        if not self.may_ask:
            from xpmsync.errors import UsageError

            raise UsageError("Nobody can confirm this.", instead)
        return self.ask_yes_or_no(question)

    def ask_yes_or_no(self, question: str) -> bool:
        """Ask a person, who is there to answer; Enter means no."""
        self.before_question()
        while True:
            answer = str(typer.prompt(f"{question} [y/N]", default="", show_default=False)).strip().casefold()
            if answer in ("", "n", "no", "y", "yes"):
                return answer.startswith("y")
            self.screen.line("Type y or n.")

    def choose(self, question: str, most: int) -> int:
        """Ask a person for a number from 1 to `most`."""
        self.before_question()
        while True:
            text = str(typer.prompt(f"{question} (1 to {most}, Ctrl-C for none)")).strip().rstrip(".")
            if text.isdecimal() and 1 <= int(text) <= most:
                return int(text)
            self.screen.line(f"Type a number from 1 to {most}.")

    @contextmanager
    def open_context(self, ledger: Ledger | None = None) -> Iterator[tuple[SyncContext, ProgressBar]]:
        """Open the practice, with progress on stderr while a person watches; `ledger` instead of its own."""
        from xpmsync.cli.terminal.progress import ProgressBar
        from xpmsync.usecases.context.open import open_context

        watched = self.verbosity >= 0 and not self.json and sys.stderr.isatty()
        progress = ProgressBar(active=watched, remembered=self.state.progress)
        opened = open_context(
            self.settings,
            self.state,
            os.environ,
            attended=self.may_ask,
            progress=progress,
            clock=self.clock,
            ledger=ledger,
        )
        self.before_question = progress.clear
        with progress, opened as context:
            yield context, progress

    def _announce(self, settings: Settings) -> None:
        hosts = settings.foreign_hosts()
        if hosts and settings.profile != "demo":
            self.warn(f"Note: this profile talks to {', '.join(hosts)}, which is not Xero's or Ignition's own.")


def session_of(ctx: typer.Context, command: str) -> Session:
    """The session the global options made, with the command's name for its answers."""
    session = ctx.find_root().obj
    if not isinstance(session, Session):
        raise TypeError("commands run below the application's callback")
    session.command = command
    if command not in _SHOW_THE_SCHEDULE:
        session.remind_schedule()
    if command not in _NO_PRACTICE:
        session.say_rehearsal()
    return session
