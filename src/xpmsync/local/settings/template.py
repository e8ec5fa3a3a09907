"""The settings file as a person first meets it: every key, its help, its values, generated from the key table.

`config.example.toml` in the repository is this text with the defaults, and a test keeps it so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import Final

from xpmsync.local.settings.keys import Key, Value
from xpmsync.local.settings.settings import CONFIG_VERSION, DEFAULT_PROFILE, IGNITION_ROUTE, KEYS, SECTIONS

__all__ = ["as_toml", "settings_text"]

_WIDTH: Final = 100
_HEAD: Final = (
    "Settings of xpmsync. Change them here, or with 'xpmsync config set KEY VALUE'; "
    "'xpmsync config check' reads the file and says what is wrong with it. "
    "No secret belongs in this file: those are in your system's keyring."
)
_TAIL: Final = (
    "More than one practice? A table for each, with any of the keys above. What it leaves out is taken "
    "from above. Use it with 'xpmsync --profile NAME'. For example:"
)
_TAIL_EXAMPLE: Final = (
    "[profiles.north.xpm]",
    'tenant_id = ""',
    "[profiles.north.ignition]",
    "export_folder = 'C:\\North\\exports'",
)


def settings_text(answers: Mapping[str, Value], profile: str = DEFAULT_PROFILE) -> str:
    """Return a whole commented file with the answers in it, and the defaults for the rest."""
    at_top = answers if profile == DEFAULT_PROFILE else {}
    lines = [*_comment(_HEAD), "", f"config_version = {CONFIG_VERSION}"]
    for section, declared in SECTIONS.items():
        lines += ["", "", *_comment(declared.__doc__ or ""), f"[{section}]"]
        for key in KEYS.values():
            if key.section == section:
                lines += ["", *_entry(key, at_top.get(key.name))]
    lines += ["", "", *_comment(_TAIL), "#", *(f"# {line}" for line in _TAIL_EXAMPLE)]
    if profile != DEFAULT_PROFILE:
        lines += _profile_tables(answers, profile)
    return "\n".join(lines) + "\n"


def as_toml(value: Value) -> str:
    """Write a value as TOML; a text with backslashes (a Windows folder) in single quotes where it can be."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple):
        return f"[{', '.join(as_toml(one) for one in value)}]"
    text = str(value)
    return f"'{text}'" if "\\" in text and "'" not in text else json.dumps(text, ensure_ascii=False)


def _entry(key: Key, answer: Value | None) -> Iterator[str]:
    yield from _comment(key.help)
    if key.allowed:
        words = " or ".join(key.allowed) if len(key.allowed) < 3 else ", ".join(key.allowed)
        yield from _comment(f"Values: {words}")
    line = f"{key.field} = {as_toml(key.default if answer is None else answer)}"
    # A route that is written is a choice; without one nothing is written for a real practice.
    quiet = key.advanced or key.name == IGNITION_ROUTE
    yield line if answer is not None or not quiet else f"# {line}"


def _profile_tables(answers: Mapping[str, Value], profile: str) -> Iterator[str]:
    for section in SECTIONS:
        own = {name: value for name, value in answers.items() if KEYS[name].section == section}
        if own:
            yield from ("", f"[profiles.{profile}.{section}]")
            yield from (f"{KEYS[name].field} = {as_toml(value)}" for name, value in own.items())


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in wrap(text, _WIDTH, break_on_hyphens=False, break_long_words=False)]
