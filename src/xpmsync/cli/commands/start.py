"""start: from nothing to the first sync, a step at a time; begun again, it goes on where it was left."""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Final

import typer

from xpmsync.cli.commands.overview import topics
from xpmsync.cli.errors.explain import explain
from xpmsync.cli.main import run
from xpmsync.cli.session import Session, session_of
from xpmsync.cli.terminal.output import ExitCode
from xpmsync.core.enums import System
from xpmsync.errors import FileRefused, UsageError, XpmsyncError, reason_of
from xpmsync.local.settings.editor import set_values
from xpmsync.local.settings.keys import Value
from xpmsync.local.settings.settings import CLIENT_ID, DEMO_PROFILE, EXPORT_FOLDER, XPM_FOLDER, Settings
from xpmsync.local.system.paths import typed_path
from xpmsync.usecases import setup
from xpmsync.usecases.context.open import open_ledger
from xpmsync.usecases.xpm_files import confirm_columns

_CLIENT_ID: Final = re.compile(r"[0-9A-Za-z]{32}")
_WATCH_SECONDS: Final = 1.0

_PURPOSES: Final = (
    "With your own practice",
    "Rehearse first: made-up clients in a made-up XPM and Ignition",
)
_DIRECTIONS: Final = {
    "from-xpm": "XPM is right; its details are written into Ignition",
    "to-xpm": "Ignition is right; its details are written into XPM",
}
_LEVELS: Final = {
    "everything": "names, addresses, contacts and the rest",
    "names": "client names only",
    "nothing": "nothing flows; search and import still work",
}
_XPM_ROUTES: Final = {
    "api": "live; your practice needs a Xero app that Xero approved for Practice Manager",
    "files": "by files that you export in XPM; needs no app and no sign-in",
}
_ROUTES: Final = {
    "csv": "by files: you export and upload them; works on every plan, no sign-in",
    "mcp": "by its hosted service, live; not yet confirmed on a live practice",
    "builtin": "not at all: a rehearsal with a made-up register on this computer",
}


class _Later(Exception):
    """The person stops here, or a step could not be done; `start` goes on from here the next time."""


def start(
    ctx: typer.Context,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Sign in without opening a browser on this computer.")
    ] = False,
) -> None:
    """Set up a practice, guided: how XPM and Ignition are reached, sign in, match, first diff, schedule."""
    session = session_of(ctx, "start")
    if not session.may_ask:
        raise UsageError(
            "start asks questions, so it needs a person at a terminal.", f"In a script: {session.command_line('init')}"
        )
    steps = _steps(no_browser=no_browser)
    screen = session.screen
    try:
        while (step := setup.next_setup_step(session.settings, session.paths, os.environ)) is not None:
            steps[step](session)
            session.forget_settings()
    except (_Later, typer.Abort, KeyboardInterrupt) as reason:
        screen.line()
        if str(reason):
            screen.line(str(reason))
        screen.line(f"Go on with: {session.command_line('start')}")
        raise typer.Exit(int(ExitCode.DONE if isinstance(reason, _Later) else ExitCode.INTERRUPTED)) from None
    except XpmsyncError as problem:
        note, exit_code = explain(problem, session.command_line, session.settings)
        session.error(note.message, note.hint)
        screen.line(f"Go on with: {session.command_line('start')}")
        raise typer.Exit(int(exit_code)) from None
    screen.heading("Everything is set up.")
    screen.line(f"Next: {session.command_line('sync')}")
    if session.settings.is_demo:
        screen.line("Your own practice: xpmsync start")


def _steps(*, no_browser: bool) -> Mapping[setup.SetupStep, Callable[[Session], None]]:
    without = ("--no-browser",) if no_browser else ()
    return {
        setup.SetupStep.PURPOSE: _purpose,
        setup.SetupStep.DIRECTION: lambda session: _choose_value(
            session,
            setup.SetupStep.DIRECTION,
            "sync.direction",
            "Which system is right where the two differ?",
            _DIRECTIONS,
        ),
        setup.SetupStep.LEVEL: lambda session: _choose_value(
            session, setup.SetupStep.LEVEL, "sync.level", "How much is to flow?", _LEVELS
        ),
        setup.SetupStep.IGNITION: lambda session: _choose_value(
            session, setup.SetupStep.IGNITION, "ignition.route", "How is Ignition reached?", _ROUTES
        ),
        setup.SetupStep.XPM: lambda session: _choose_value(
            session, setup.SetupStep.XPM, "xpm.route", "How is XPM reached?", _xpm_routes(session)
        ),
        setup.SetupStep.XPM_FOLDER: lambda session: _folder(
            session, XPM_FOLDER, "In which folder do you save XPM's exports?"
        ),
        setup.SetupStep.EXPORT_FOLDER: lambda session: _folder(
            session, EXPORT_FOLDER, "In which folder do you save Ignition's client exports?"
        ),
        setup.SetupStep.APP: _app,
        setup.SetupStep.XPM_SIGN_IN: lambda session: _sign_in(session, "xpm", without),
        setup.SetupStep.IGNITION_SIGN_IN: lambda session: _sign_in(session, "ignition", without),
        setup.SetupStep.XPM_EXPORT: lambda session: _wait_for(
            session,
            XPM_FOLDER,
            f"Export your clients in XPM (see: {session.command_line('help', 'xpm-files')}).",
            setup.has_xpm_export,
        ),
        setup.SetupStep.XPM_COLUMNS: _columns,
        setup.SetupStep.EXPORT: lambda session: _wait_for(
            session,
            EXPORT_FOLDER,
            "Export your clients in Ignition; the file arrives by e-mail.",
            setup.has_ignition_export,
        ),
        setup.SetupStep.MATCH: _match,
        setup.SetupStep.DIFF: _diff,
        setup.SetupStep.SCHEDULE: _schedule,
    }


def _xpm_routes(session: Session) -> Mapping[str, str]:
    """Writing into XPM by files is slower: said before it is chosen."""
    if session.settings.sync.direction.target is System.XPM:
        return {**_XPM_ROUTES, "files": f"{_XPM_ROUTES['files']}; each kind of write is proven on one client first"}
    return _XPM_ROUTES


def _purpose(session: Session) -> None:
    """Rehearse or real; a rehearsal is a profile of its own and is never what a real one ends as."""
    if _choose(session, "What do you want to do?", _PURPOSES) == 0:
        setup.note_answered(session.paths.profile(session.profile), setup.SetupStep.PURPOSE)
    else:
        session.profile = DEMO_PROFILE
        session.screen.line()
        session.screen.line("This is a rehearsal: nothing you do in it reaches a real system.")


def _choose_value(session: Session, step: setup.SetupStep, key: str, question: str, choices: Mapping[str, str]) -> None:
    lines = [f"{value}: {text}" for value, text in choices.items()]
    value = list(choices)[_choose(session, question, lines)]
    _set(session, {key: value})
    setup.note_answered(session.state, step)


def _folder(session: Session, key: str, question: str) -> None:
    """Ask for a folder until there is one that can be used."""
    screen = session.screen
    screen.heading(question)
    screen.line("Any folder will do; paste its path. It is made if it is not there.")
    while True:
        try:
            folder = typed_path(_typed("Folder"))
            folder.mkdir(parents=True, exist_ok=True)
        except UsageError as problem:
            screen.line(f"{problem.problem} {problem.hint}")
        except OSError as problem:
            screen.line(f"{folder} cannot be used: {reason_of(problem)}. Choose another.")
        else:
            break
    _set(session, {key: str(folder)})


def _app(session: Session) -> None:
    """The client id, looked at before it is taken: a shape that is not Xero's must be given twice."""
    screen = session.screen
    screen.markdown(topics()["xero-app"])
    screen.heading("Paste the client id of your Xero app.")
    screen.line("Enter without one stops here; you can go on when you have it.")
    doubtful = ""
    while True:
        text = _typed("Client id", default="").strip("\"' ")
        if not text:
            raise _Later(f"The steps to a Xero app: {session.command_line('help', 'xero-app')}")
        if _CLIENT_ID.fullmatch(text) or text == doubtful:
            break
        doubtful = text
        screen.line(
            f"A client id has 32 letters and digits; this has {len(text)} characters."
            " Paste it again, or the same once more if it is right."
        )
    _set(session, {CLIENT_ID: text})


def _sign_in(session: Session, system: str, options: Sequence[str]) -> None:
    session.screen.heading(f"Sign in to {'XPM' if system == 'xpm' else 'Ignition'}.")
    _run(session, "login", system, *options)


def _wait_for(session: Session, key: str, heading: str, is_there: Callable[[Settings], bool]) -> None:
    """Watch a folder, and go on by itself once an export that can be read is in it."""
    screen = session.screen
    screen.heading(heading)
    screen.line(f"Save it in {session.settings.folder(key)}")
    screen.line("This goes on by itself when the file is there. Ctrl-C stops; you can go on later.")
    refused: set[str] = set()
    while True:
        try:
            if is_there(session.settings):
                screen.line("The file is there.")
                return
        except FileRefused as problem:
            if problem.problem not in refused:
                refused.add(problem.problem)
                screen.line(f"{problem.path.name} cannot be used: {problem.problem}.")
        session.clock.sleep(_WATCH_SECONDS)


def _columns(session: Session) -> None:
    """What each column of XPM's exports means: shown file by file, and confirmed once for all."""
    files = setup.unconfirmed_exports(session.settings, session.state)
    session.screen.heading("See what each column of XPM's exports means.")
    for file in files:
        run([*session.global_words, "--no-input", "xpm", "columns", str(file)], session.screen)
    if not session.confirm(f"Is that right, for all {len(files)} files?", yes=False, instead=""):
        raise _Later(f"What to do about a wrong column: {session.command_line('help', 'xpm-files')}")
    with open_ledger(session.settings, session.state) as ledger:
        for file in files:
            confirm_columns(file, ledger)


def _match(session: Session) -> None:
    session.screen.heading("Find the clients that both systems have, and link them.")
    _run(session, "match", "link")
    with open_ledger(session.settings, session.state) as ledger:
        linked = bool(ledger.links())
    if not linked:
        review, create = session.command_line("match", "review"), session.command_line("import", "CLIENT")
        raise _Later(
            "No client is linked, so there is nothing to sync yet."
            f" Pair by pair: {review}. A client that only XPM has: {create}"
        )
    session.screen.line()
    session.screen.line(f"Undecided pairs, whenever you like: {session.command_line('match', 'review')}")


def _diff(session: Session) -> None:
    session.screen.heading("See what a sync would write. This writes nothing.")
    _run(session, "diff")
    setup.note_answered(session.state, setup.SetupStep.DIFF)


def _schedule(session: Session) -> None:
    session.screen.heading("Let the sync run by itself at a time of day?")
    session.screen.line("Enter means not now.")
    at = _typed("Time, such as 02:30", default="").strip()
    if at:
        _run(session, "schedule", "install", "--at", at)
    setup.note_answered(session.state, setup.SetupStep.SCHEDULE)


def _choose(session: Session, question: str, choices: Sequence[str]) -> int:
    """Which of the choices, counted from 0."""
    session.screen.heading(question)
    session.screen.pairs([(f"{number}.", choice) for number, choice in enumerate(choices, start=1)], indent=2)
    return session.choose("Number", len(choices)) - 1


def _typed(question: str, default: str | None = None) -> str:
    answer: object = typer.prompt(question, default=default, show_default=False)
    return str(answer)


def _set(session: Session, values: Mapping[str, Value]) -> None:
    set_values(session.paths.config_file, dict(values), session.profile)
    session.forget_settings()


def _run(session: Session, *words: str) -> None:
    """Run a command as it would be typed; where it does not end well, stop here."""
    session.screen.verbatim(f"$ {session.command_line(*words)}")
    if run([*session.global_words, *words], session.screen) != ExitCode.DONE:
        raise _Later
