"""What stands for a value in `--help`: its name in capitals, or the words to choose from."""

from __future__ import annotations

import typer.core

__all__ = ["name_placeholders"]


def name_placeholders(command: object) -> None:
    """Give every parameter without a placeholder of its own one, in a command and all below it.

    Typer would mix `client`, `<str>` and `<int range>` with the capitals of those that have one.
    """
    if not isinstance(command, typer.core.TyperCommand | typer.core.TyperGroup):
        return
    for parameter in command.params:
        if parameter.metavar is None:
            words: object = getattr(parameter.type, "choices", None)
            listed = "|".join(map(str, words)) if isinstance(words, list | tuple) else ""
            parameter.metavar = listed or (parameter.name or "").upper()
    if isinstance(command, typer.core.TyperGroup):
        for below in command.commands.values():
            name_placeholders(below)
