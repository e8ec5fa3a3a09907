"""Every command as data: its group in `--help`, where it is implemented, and what it does in one line.

`--help` and completion read this list and import no command. A new command is a
function (or a `typer.Typer` with subcommands) in `cli/commands` and a line here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["COMMANDS", "GROUPS"]

GROUPS: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "Start": {
        "demo": ("demo:demo", "See the whole job with made-up clients; needs no account."),
        "init": ("init:init", "Write a practice's settings file, by a few questions."),
        "config": ("config:config", "Show and change the settings."),
        "login": ("login:login", "Sign in to XPM, or to Ignition for the route mcp."),
        "logout": ("login:logout", "Sign out and delete the stored sign-in."),
        "doctor": ("doctor:doctor", "Check everything that a sync needs, and what to do."),
    },
    "Every day": {
        "status": ("status:status", "Show the sign-in, the last run and what is next."),
        "search": ("clients:search", "Find clients in XPM and Ignition, side by side."),
        "import": ("import_client:import_", "Create an XPM client in Ignition, and link the two."),
        "diff": ("sync:diff", "Show what a sync would write and hold. Writes nothing."),
        "sync": ("sync:sync", "Show the plan, ask, and write exactly that."),
        "apply": ("history:apply_", "Write exactly what a saved plan says."),
        "todo": ("clients:todo_app", "Show what you must still do in Ignition's screens."),
        "ignition": ("ignition:ignition", "Files for Ignition's Clients -> Import."),
    },
    "Match": {
        "match": ("match:match_app", "Find the clients that both systems have."),
        "link": ("clients:link", "Say that two clients are the same."),
        "unlink": ("clients:unlink", "Remove a link; both records stay as they are."),
        "links": ("clients:links", "Show all linked clients."),
        "level": ("clients:level", "Give a linked client a level of its own."),
    },
    "Look back": {
        "history": ("history:history", "Show past runs, newest first."),
        "show": ("history:show", "Show a past run, or a saved plan."),
        "explain": ("history:explain", "Show why a client's fields are as they are."),
        "undo": ("history:undo", "Restore what a run replaced."),
        "purge": ("history:purge", "Delete the former values that undo needs."),
    },
    "Unattended": {
        "schedule": ("schedule:schedule", "Run the sync at a time of day."),
        "notify": ("notify:notify", "Send how unattended runs went by e-mail or webhook."),
    },
    "Rehearse": {
        "simulator": ("simulator:simulator", "Rehearse with made-up clients in a made-up XPM and Ignition."),
    },
}
"""Group -> command -> (module:name in `cli/commands`, help)."""

COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    name: entry for commands in GROUPS.values() for name, entry in commands.items()
}
"""The same without the groups."""
