"""`--json`: every command's answer, good or bad, fits the published schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.core import TyperCommand, TyperGroup

from support.cli_runner import Live, Shell, complaints_of
from xpmsync.cli.app import load_command
from xpmsync.cli.command_list import COMMANDS

_NEW = "Tide Table Restaurant Ltd"
_MANY = ("Saltbush Solar", "Rangi Family Trust")
_LINKED = "Jacaranda Physiotherapy Pty Ltd"
_OTHERS = ("Café Zoë Pty Ltd", "MacAllister Farms")
_ELSEWHERE = frozenset(
    {"login", "logout", "notify set", "notify forget", "notify test", "simulator serve", "backup", "restore"}
)
"""Answers that need a browser, a keyring or a server; only their errors are tried here.

`test_backup` moves a practice that is no demo.
"""
_LATER = frozenset(
    {"notify setup", "schedule install", "schedule remove", "schedule run", "schedule probe", "match review"}
)
"""Answers that need the operating system's scheduler or a terminal; likewise."""


def _commands(command: object, words: tuple[str, ...] = ()) -> Iterator[str]:
    if isinstance(command, TyperGroup):
        if words and command.invoke_without_command:
            yield " ".join(words)
        for name, below in command.commands.items():
            yield from _commands(below, (*words, name))
    elif isinstance(command, TyperCommand):
        yield " ".join(words)


def test_every_command_answers_in_the_published_shape(shell: Shell, tmp_path: Path) -> None:
    """A day at the built-in practice, every command with `--json`: each answer has data, and fits the schema."""
    plan, review, exports = tmp_path / "plan.json", tmp_path / "review.csv", tmp_path / "exports"
    new_client = tmp_path / "new-client.csv"
    new_client.write_text("Name,Email\nNew Ltd,new@example.com\nLate Ltd\x0b,\n", encoding="utf-8")
    day = (
        ("init", "--client-id", "ABC"),
        ("help",),
        ("help", "guards"),
        ("config", "show"),
        ("config", "get", "sync.level"),
        ("config", "check"),
        ("config", "path"),
        ("status",),
        ("doctor", "--offline"),
        ("search", "smith"),
        ("import", _NEW, "--dry-run"),
        ("import", _NEW, "--yes"),
        ("import", *_MANY, "--dry-run"),
        ("import", *_MANY, "--yes"),
        ("links",),
        ("todo",),
        ("todo", "done", _LINKED),
        ("unlink", _NEW),
        ("link", _NEW, _NEW),
        ("level", _NEW, "names"),
        ("except", _LINKED, "fax", "--note", "as agreed"),
        ("exceptions",),
        ("exceptions", "remove", _LINKED, "fax"),
        ("match",),
        ("match", "link", "--yes"),
        ("match", "export", str(review)),
        ("match", "import", str(review)),
        ("match", "explain", _NEW, _NEW),
        ("diff", _LINKED, "--out", str(plan)),
        ("show", str(plan)),
        ("apply", str(plan), "--yes"),
        ("simulator", "edit", "ignition", _LINKED, "phone", "07 5550 0000"),
        ("sync", "--dry-run", _LINKED),
        ("sync", "--yes", _LINKED),
        ("history",),
        ("show", "1"),
        ("explain", _LINKED),
        ("undo", "1", "--dry-run"),
        ("undo", "1", "--yes"),
        ("rebuild", "--yes"),
        ("purge", "--yes"),
        ("schedule", "show", "--at", "02:30", "--kind", "cron"),
        ("schedule", "status"),
        ("config", "set", "ignition.export_folder", str(exports)),
        ("simulator", "export"),
        ("config", "set", "xpm.files.folder", str(exports / "xpm")),
        ("simulator", "export-xpm"),
        ("simulator", "import-xpm", str(new_client)),
        ("xpm", "columns", "--confirm"),
        ("xpm", "columns", "--confirm"),
        ("xpm", "files"),
        ("xpm", "duplicates"),
        ("config", "set", "sync.direction", "to-xpm"),
        ("config", "set", "xpm.route", "files"),
        ("simulator", "edit", "ignition", _LINKED, "fax", "09 555 0111"),
        ("xpm", "pilot", _LINKED, "fax", "--yes"),
        ("xpm", "discard", "--yes"),
        ("xpm", "pilot"),
        ("xpm", "pilot", _LINKED, "fax", "--yes"),
        ("xpm", "uploaded"),
        ("simulator", "export-xpm"),
        ("config", "set", "sync.direction", "from-xpm"),
        ("config", "set", "xpm.route", "api"),
        ("config", "set", "ignition.route", "csv"),
        ("diff", *_OTHERS),
        ("sync", "--yes", *_OTHERS),
        ("status",),
        ("ignition", "check", str(exports / "for-ignition" / "xpmsync-demo-changes.csv")),
        ("simulator", "upload", str(exports / "for-ignition" / "xpmsync-demo-changes.csv")),
        ("ignition", "uploaded"),
        ("import", "Wattle Street Early Learning", "--yes"),
        ("ignition", "discard", "xpmsync-demo-changes.csv.uploaded", "--yes"),
        ("simulator", "reset"),
    )
    seen = set()
    for words in day:
        told = shell.json("--profile", "demo", *words)
        if "Wattle" not in " ".join(words):
            assert told.data, (words, told.out)
        seen.add(told.answer["command"])
    known = {name for command in COMMANDS for name in _commands(load_command(command), (command,))}
    schema = json.loads(Path(__file__).parents[2].joinpath("src/xpmsync/cli/schema.json").read_text(encoding="utf-8"))
    described = set(schema["$defs"])
    assert known - described == {"schedule probe", "start"}, "schema.json says nothing of these"
    assert known - seen == _ELSEWHERE | _LATER | {"demo", "start"}


def test_the_demonstration_answers_too(shell: Shell) -> None:
    """`demo --json` is one answer whose steps hold the answers of the commands, and those fit as well."""
    told = shell.json("demo")
    steps = told.data["steps"]
    assert isinstance(steps, list)
    assert len(steps) > 10
    assert all(complaints_of(step["answer"]) == [] for step in steps)


@pytest.mark.parametrize(
    ("words", "exit_code", "code"),
    [
        (("nonsense",), 2, "usage"),
        (("--nonsense",), 2, "usage"),
        (("sync", "--out", "x.json"), 2, "usage"),
        (("sync",), 2, "usage"),
        (("search", "smith"), 4, "sign-in"),
        (("todo", "done", "Nobody"), 2, "not-found"),
        (("unlink", "Nobody"), 2, "not-found"),
        (("config", "get", "sync.levle"), 2, "settings"),
        (("show", "7"), 2, "no-such-run"),
        (("show", "nowhere.json"), 2, "plan-refused"),
        (("show", "9" * 30), 2, "no-such-run"),
        (("match", "review"), 2, "usage"),
        (("login", "--no-browser"), 2, "usage"),
        (("notify", "test"), 2, "usage"),
        (("simulator", "reset"), 2, "usage"),
        (("--profile", "nowhere", "status"), 2, "unknown-profile"),
        (("--profile", "demo", "import", "Nobody at all"), 2, "not-found"),
        (("--profile", "demo", "import", "MacDonald, Fraser", "--yes"), 2, "import-refused"),
        (("--profile", "demo", "login"), 2, "usage"),
    ],
)
def test_errors_are_answers_too(shell: Shell, words: tuple[str, ...], exit_code: int, code: str) -> None:
    """What went wrong is in the envelope, with its code and exit code; standard output has nothing else."""
    told = shell.json(*words)
    assert (told.exit_code, told.codes) == (exit_code, [code])


def test_json_may_stand_after_the_command(shell: Shell) -> None:
    """`xpmsync status --json` is `xpmsync --json status`; after `--` it is a text like any other."""
    assert shell("--profile", "demo", "status", "--json").answer["command"] == "status"
    told = shell("--profile", "demo", "search", "--", "--json")
    assert told.exit_code == 0
    assert "--json" in told.out


def test_the_answer_alone_is_on_standard_output(live: Live) -> None:
    """A foreign host is announced on stderr; stdout stays one JSON document."""
    live.linked("Harbour Dental Ltd")
    told = live.shell("--json", "diff")
    assert complaints_of(told.answer) == []
    assert "127.0.0.1" in told.err
    assert "127.0.0.1" in live.shell("-q", "diff").err
