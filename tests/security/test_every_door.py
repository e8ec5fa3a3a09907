"""Another practice, or a ledger that is not this profile's, stops every command that writes, by one function."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Final

import pytest
from typer.core import TyperGroup

pytest.importorskip("mcp", reason="the extra mcp is not installed")

from support.cli_runner import Live
from support.mcp_dialects import Camel
from support.mcp_rig import McpRig
from support.mcp_server import McpServer, serving
from xpmsync.cli.app import load_command
from xpmsync.cli.command_list import COMMANDS
from xpmsync.core.model import Client
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.system.files import make_private
from xpmsync.simulator.ignition.files import export_text
from xpmsync.simulator.ignition.register import Register

OTHER: Final = "99999999-0000-0000-0000-000000000000"
LINKED, UNLINKED, SURE = "Acacia Pty Ltd", "Banksia Pty Ltd", "Correa Pty Ltd"

WRITING: Final[dict[str, tuple[str, ...]]] = {
    "sync": ("sync", "--yes"),
    "schedule run": ("schedule", "run"),
    "apply": ("apply", "{plan}", "--yes"),
    "undo": ("undo", "1", "--yes"),
    "import": ("import", UNLINKED, "--yes"),
    "link": ("link", SURE, SURE),
    "match link": ("match", "link", "--yes"),
    "match import": ("match", "import", "{review}"),
    "ignition uploaded": ("ignition", "uploaded"),
    "ignition discard": ("ignition", "discard", "--yes"),
    "xpm pilot": ("xpm", "pilot", SURE, "fax", "--yes"),
    "xpm uploaded": ("xpm", "uploaded"),
    "xpm discard": ("xpm", "discard", "--yes"),
}
"""Every command that writes to a system, or links or files on the strength of both."""

AT_A_TERMINAL: Final = frozenset({"match review"})
"""Writes by the same functions as `match import`, and needs a terminal."""

OTHERS: Final = frozenset(
    {
        # Read only.
        "config check", "config get", "config path", "config show", "diff", "doctor", "explain", "help", "history",
        "ignition check",
        "links", "match", "match explain", "match export", "notify", "notify preview",
        "schedule show",
        "schedule status", "search", "show", "status", "todo",
        # Write settings, secrets, schedules or messages.
        "config set", "init", "login", "logout", "notify forget", "notify set", "notify test",
        "schedule install", "schedule probe", "schedule remove",
        "start",
        # A practice of their own.
        "demo", "simulator edit", "simulator export", "simulator reset", "simulator serve", "simulator upload",
        # Change what the ledger knows of clients that are linked, on no system's strength.
        "backup",
        "restore",
        "except",
        "notify setup",
        "simulator export-xpm",
        "simulator import-xpm",
        "xpm columns",
        "xpm duplicates",
        "xpm files",
        "exceptions",
        "exceptions remove",
        "level", "purge", "rebuild", "todo done", "unlink",
    }
)  # fmt: skip


def commands() -> Iterator[str]:
    """All commands, those with subcommands by their subcommands too."""
    for name in COMMANDS:
        command = load_command(name)
        if not isinstance(command, TyperGroup):
            yield name
            continue
        if command.invoke_without_command:
            yield name
        for below in command.commands:
            yield f"{name} {below}"


def test_every_command_is_sorted() -> None:
    """A new command must be put into one of these lists, and a writing one is tried below."""
    assert set(commands()) - OTHERS == WRITING.keys() | AT_A_TERMINAL


@pytest.fixture
def practice(live: Live) -> Live:
    """A practice with a plan, a review file, a run to undo, and clients to link and to import."""
    return prepared(live)


def prepared(live: Live) -> Live:
    """Make these; the route that is set carries the writes."""
    live.linked(LINKED)
    live.client(UNLINKED, contact="Bea Fox")
    xpm = live.client(SURE, "02 5550 0101")
    with Register(live.paths.register) as register:
        person = {"contact.name": "Ann Lee", "contact.email": "ann@example.com"}
        ignition = register.create({"name": SURE, "phone": "02 5550 0101"}, [person]).id
    assert live.shell("sync", "--yes").exit_code == 0
    live.linked("Dianella Pty Ltd")
    assert live.shell("diff", "--out", str(live.shell.folder / "plan.json")).exit_code == 0
    review = f"Decision,XPM id,Ignition id\nsame,{xpm},{ignition}\n"
    (live.shell.folder / "review.csv").write_text(review, encoding="utf-8")
    return live


@pytest.fixture
def over_mcp(live: Live) -> Iterator[tuple[Live, McpServer]]:
    """The same practice, its Ignition behind an MCP server that names its practice."""
    with (
        Register(make_private(live.paths.ready().register)) as register,
        serving(Camel(page=50), register) as served,
    ):
        mcp = McpRig(served, live.shell.folder)
        mcp.sign_in()
        live.shell.variables.update(mcp.environ)
        live.set("[ignition]", 'route = "mcp"', f'mcp_url = "{served.url}"')
        yield prepared(live), served


def run(live: Live, words: tuple[str, ...]) -> tuple[int, str]:
    """Run a command on those files; its exit code and its first error."""
    places = {"plan": live.shell.folder / "plan.json", "review": live.shell.folder / "review.csv"}
    ended = live.shell("--json", *(word.format(**places) for word in words))
    return ended.exit_code, next(iter(ended.codes), "")


def state(live: Live) -> tuple[list[Client], int, int, int]:
    """What must not change: Ignition's clients, writes to XPM, links and journalled writes."""
    with Register(live.paths.register) as register:
        clients = list(register.clients())
    with Ledger(live.paths.ledger) as ledger:
        runs = ledger.journal.runs(1000)
        writes = sum(len(ledger.journal.writes(run.id)) for run in runs)
        return clients, len(live.server.requests.writes()), ledger.count(), writes


@pytest.mark.parametrize("command", WRITING)
def test_another_practice_stops_it(practice: Live, command: str) -> None:
    """The same ledger, and the tenant of another practice in the settings: exit code 6, and nothing is changed."""
    settings = practice.shell.config.read_text(encoding="utf-8")
    with Ledger(practice.paths.ledger) as ledger:
        tenant = ledger.fact("tenant")
        assert tenant
        assert tenant in settings
        ledger.note("tenant", OTHER)
    before = state(practice)
    exit_code, problem = run(practice, WRITING[command])
    assert (exit_code, problem in ("another-practice", "guard")) == (6, True)
    assert state(practice) == before


@pytest.mark.parametrize("command", [name for name in WRITING if not name.startswith(("ignition", "xpm"))])
def test_another_ignition_practice_stops_it(over_mcp: tuple[Live, McpServer], command: str) -> None:
    """The sign-in leads to another practice than the links belong to: exit code 6, and nothing is changed."""
    live, served = over_mcp
    served.practice = "Another Practice"
    before = state(live)
    assert run(live, WRITING[command]) == (6, "another-practice")
    assert state(live) == before


@pytest.mark.parametrize("command", ["link", "match link", "match import", "import"])
def test_another_practices_export_stops_it(practice: Live, command: str) -> None:
    """A file names no practice; one with none of three linked clients is another's, and nothing is linked by it."""
    practice.linked("Eremophila Pty Ltd")
    exports = practice.shell.folder / "exports"
    exports.mkdir()
    with Register(practice.paths.register) as register:
        linked = frozenset((LINKED, "Dianella Pty Ltd", "Eremophila Pty Ltd"))
        text = export_text(client for client in register.clients() if client.name not in linked)
    (exports / "clients.csv").write_text(text, encoding="utf-8")
    practice.set("[ignition]", 'route = "csv"', f"export_folder = '{exports}'")
    before = state(practice)
    assert run(practice, WRITING[command])[1] == "file-refused"
    assert state(practice) == before


@pytest.mark.parametrize("command", WRITING)
def test_a_lost_ledger_stops_it(practice: Live, command: str) -> None:
    """An older copy of the ledger in its place: exit code 6, and nothing is changed."""
    copy = practice.paths.folder / "copy"
    shutil.copy(practice.paths.ledger, copy)
    practice.linked("Eremophila Pty Ltd")
    shutil.copy(copy, practice.paths.ledger)
    before = state(practice)
    assert run(practice, WRITING[command]) == (6, "ledger-lost")
    assert state(practice) == before
    with Ledger(practice.paths.ledger) as ledger:
        assert ledger.loss() is not None
