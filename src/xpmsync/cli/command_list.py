"""Every command as data: its group in `--help`, where it is implemented, what it does in one line, and an example.

`--help` and completion read this list and import no command. A new command is a
function (or a `typer.Typer` with subcommands) in `cli/commands` and a line here.
"""

from collections.abc import Mapping
from typing import Final

GROUPS: Final[Mapping[str, Mapping[str, tuple[str, str, str]]]] = {
    "Start": {
        "demo": ("demo:demo", "See the whole job with made-up clients; needs no account.", "demo"),
        "start": ("start:start", "Set up a practice, guided, a step at a time.", "start"),
        "init": ("config:init", "Write a practice's settings file, by a few questions.", "init"),
        "config": ("config:config", "Show and change the settings.", "config set sync.level names"),
        "login": ("login:login", "Sign in to XPM, or to Ignition for the route mcp.", "login xpm"),
        "logout": ("login:logout", "Sign out and delete the stored sign-in.", "logout ignition"),
        "help": ("overview:help_", "Explain a topic, or a command.", "help guards"),
        "doctor": ("doctor:doctor", "Check everything that a sync needs, and what to do.", "doctor"),
    },
    "Every day": {
        "status": ("overview:status", "Show the sign-in, the last run and what is next.", "status"),
        "search": ("clients:search", "Find clients in XPM and Ignition, side by side.", "search smith"),
        "import": (
            "import_client:import_",
            "Create an XPM client in Ignition and link them.",
            'import "Harbour Cafe Ltd"',
        ),
        "diff": ("sync:diff", "Show what a sync would write and hold. Writes nothing.", 'diff "Hill Dental Ltd"'),
        "sync": ("sync:sync", "Show the plan, ask, and write exactly that.", "sync --dry-run"),
        "apply": ("history:apply_", "Write exactly what a saved plan says.", "apply plan.json"),
        "todo": (
            "clients:todo_app",
            "Show what is left to do in Ignition's screens.",
            'todo done "Hill Dental Ltd"',
        ),
        "xpm": ("xpm:xpm", "XPM by its export files: no app and no sign-in.", "xpm files"),
        "ignition": ("ignition:ignition", "Files for Ignition's Clients -> Import.", "ignition check changes.csv"),
    },
    "Match": {
        "match": ("match:match_app", "Find the clients that both systems have.", "match link"),
        "link": ("clients:link", "Say that two clients are the same.", 'link "Hill Dental Ltd" 1000200'),
        "unlink": ("clients:unlink", "Remove a link; both records stay as they are.", 'unlink "Hill Dental Ltd"'),
        "links": ("clients:links", "Show all linked clients.", "links"),
        "level": ("clients:level", "Give a linked client a level of its own.", 'level "Hill Dental Ltd" names'),
        "except": (
            "clients:except_",
            "Leave a client or one of its fields alone.",
            'except "Hill Dental Ltd" phone --note "their switchboard"',
        ),
        "exceptions": ("clients:exceptions_app", "Show or remove what a sync leaves alone.", "exceptions"),
    },
    "Look back": {
        "history": ("history:history", "Show past runs, newest first.", "history --limit 5"),
        "show": ("history:show", "Show a past run, or a saved plan.", "show 12"),
        "explain": (
            "history:explain",
            "Show why a client is as it is.",
            'explain "Hill Dental Ltd" phone',
        ),
        "undo": ("history:undo", "Restore what a run replaced.", "undo 12"),
        "rebuild": (
            "ledger:rebuild",
            "Rebuild a ledger that was lost or damaged.",
            "rebuild --dry-run",
        ),
        "backup": ("ledger:backup", "Save settings, links and history to a file.", "backup practice.zip"),
        "restore": ("ledger:restore", "Go on with a backup on this computer.", "restore practice.zip"),
        "purge": ("history:purge", "Delete the former values that undo needs.", "purge"),
    },
    "Unattended": {
        "schedule": ("schedule:schedule", "Run the sync at a time of day.", "schedule install --at 02:30"),
        "notify": ("notify:notify", "Send how unattended runs went by e-mail or webhook.", "notify setup"),
    },
    "Rehearse": {
        "simulator": (
            "simulator:simulator",
            "Play XPM and Ignition with made-up clients.",
            "simulator serve --clients 500",
        ),
    },
}
"""Group -> command -> (module:name in `cli/commands`, help, example)."""

SUBCOMMAND_EXAMPLES: Final[Mapping[str, str]] = {
    "config show": "config show",
    "config get": "config get sync.level",
    "config set": "config set sync.level names",
    "config check": "config check",
    "config path": "config path",
    "todo done": 'todo done "Hill Dental Ltd"',
    "ignition check": "ignition check changes.csv",
    "ignition uploaded": "ignition uploaded",
    "ignition discard": "ignition discard changes.csv",
    "xpm files": "xpm files",
    "xpm columns": "xpm columns clients.csv",
    "xpm duplicates": "xpm duplicates",
    "xpm pilot": 'xpm pilot "Harbour Cafe Ltd" fax',
    "xpm uploaded": "xpm uploaded",
    "xpm discard": "xpm discard",
    "exceptions remove": 'exceptions remove "Hill Dental Ltd" phone',
    "match link": "match link",
    "match review": "match review",
    "match export": "match export review.csv",
    "match import": "match import review.csv",
    "match explain": 'match explain "Hill Dental Ltd" 1000200',
    "schedule install": "schedule install --at 02:30 --days mon-fri",
    "schedule status": "schedule status",
    "schedule remove": "schedule remove",
    "schedule show": "schedule show --at 02:30",
    "notify setup": "notify setup",
    "notify set": "notify set mail-password",
    "notify forget": "notify forget mail-password",
    "notify test": "notify test",
    "simulator serve": "simulator serve --clients 500",
    "simulator edit": '--profile demo simulator edit xpm "Hill Dental" fax ""',
    "simulator export-xpm": "--profile demo simulator export-xpm exports",
    "simulator import-xpm": "--profile demo simulator import-xpm changes.csv",
    "simulator upload": "--profile demo simulator upload changes.csv",
    "simulator reset": "--profile demo simulator reset",
    "simulator export": "--profile demo simulator export clients.csv",
}
"""The same for commands below another one."""

COMMANDS: Final[Mapping[str, tuple[str, str, str]]] = {
    name: entry for commands in GROUPS.values() for name, entry in commands.items()
}
"""The same without the groups."""
