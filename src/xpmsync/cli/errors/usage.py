"""Typer's own errors in plain words: a word too many, a value missing, an option that is not there."""

from __future__ import annotations

import re
from typing import Final

import typer
from typer._click import exceptions, types

__all__ = ["usage_message"]

_EXTRA: Final = re.compile(r"Got unexpected extra argument(?:s|\(s\))? \((.*)\)", re.DOTALL)
_NO_COMMAND: Final = re.compile(r"No such command '(.*?)'\.?(?: Did you mean (.*)\?)?", re.DOTALL)


def usage_message(problem: typer.TyperException) -> str:
    """What is wrong with the words that were typed; Typer's own message where it is plain enough."""
    message = problem.format_message()
    match problem:
        case exceptions.BadParameter(param=None):
            return problem.message  # a check of ours, which says it itself
        case exceptions.MissingParameter(param=parameter) if parameter is not None:
            what = parameter.metavar if parameter.param_type_name == "argument" else parameter.opts[0]
            help_text = str(getattr(parameter, "help", "") or "").rstrip(".")
            return f"{_name(problem)} needs {what}" + (f": {help_text}." if help_text else ".")
        case exceptions.BadParameter(param=parameter) if parameter is not None and parameter.type is not None:
            return _bad_value(problem, parameter.type, _label(problem))
        case exceptions.NoSuchOption(option_name=option, possibilities=near):
            guess = f" Did you mean {' or '.join(near)}?" if near else ""
            return f"{_name(problem)} has no option {option}.{guess}"
        case exceptions.BadOptionUsage(option_name=option) if "requires an argument" in message:
            return f"{option} needs a value after it."
        case exceptions.UsageError():
            if extra := _EXTRA.fullmatch(message):
                return f"{_name(problem)} takes fewer words: {extra[1]!r} is too many."
            if unknown := _NO_COMMAND.fullmatch(message):
                guess = f" Did you mean {unknown[2]}?".replace("'", "") if unknown[2] else ""
                return f"There is no command {unknown[1]!r}.{guess}"
    return message


def _bad_value(problem: exceptions.BadParameter, kind: types.ParamType, label: str) -> str:
    """What a value must be; a check of ours says it itself."""
    if isinstance(kind, types.IntRange | types.FloatRange) and re.search(
        "not a valid|not in the range", problem.message
    ):
        least, most = kind.min, kind.max
        between = f" from {least:g} to {most:g}" if least is not None and most is not None else ""
        at_least = f", {least:g} or more" if least is not None and most is None else ""
        return f"{label} must be a number{between}{at_least}."
    if isinstance(kind, types.IntParamType | types.FloatParamType) and "not a valid" in problem.message:
        return f"{label} must be a number."
    choices: object = getattr(kind, "choices", None)
    if isinstance(choices, list | tuple) and "is not one of" in problem.message:
        return f"{label} must be one of: {', '.join(map(str, choices))}."
    return f"{label}: {problem.message}"


def _label(problem: exceptions.BadParameter) -> str:
    parameter = problem.param
    if parameter is None:
        return "The value"
    return parameter.opts[0] if parameter.param_type_name == "option" else str(parameter.metavar)


def _name(problem: typer.TyperException) -> str:
    context: object = getattr(problem, "ctx", None)
    return str(getattr(context, "command_path", "")).partition(" ")[2] or "xpmsync"
