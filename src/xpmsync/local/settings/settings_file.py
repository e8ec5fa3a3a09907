"""Writing the settings file: one key changed, every comment and the order of everything else kept."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from xpmsync.errors import SettingsError
from xpmsync.local.settings.editor import edited
from xpmsync.local.settings.keys import BadValue, Key, Value, near
from xpmsync.local.settings.reader import check_text, read_text
from xpmsync.local.settings.settings import DEFAULT_PROFILE, KEYS
from xpmsync.local.settings.settings_lines import line_of
from xpmsync.local.settings.settings_secrets import misplaced_secret
from xpmsync.local.settings.template import settings_text
from xpmsync.local.system.files import write_private

__all__ = ["key_named", "set_value", "set_values"]

_NEWLINE: Final = "\n"


def key_named(name: str) -> Key:
    """Return the key of that dotted name; raises `SettingsError`, without a path, with the near match.

    The bare field name (`level`) will do where only one table has it.
    """
    if name in KEYS:
        return KEYS[name]
    same_field = [key for key in KEYS.values() if key.field == name]
    if len(same_field) == 1:
        return same_field[0]
    if told := misplaced_secret(name):
        raise SettingsError(told, key=name)
    in_table = tuple(known for known, key in KEYS.items() if key.section == name)
    by_field = {key.field: known for known, key in KEYS.items()}
    close = near(name, list(KEYS)) or by_field.get(near(name.rpartition(".")[2], list(by_field)), "")
    if in_table:
        raise SettingsError("is a table; name one of its settings", key=name, allowed=in_table)
    raise SettingsError("unknown setting", key=name, near=close)


def set_value(path: Path, name: str, text: str, profile: str = DEFAULT_PROFILE) -> Value:
    """Set one key from what a person typed, and return the value that was written.

    Raises `SettingsError` for an unknown key or a value it does not take (both
    without a path, being no fault of the file), or a file that cannot be edited,
    and `StateUnusable` where it cannot be written. The file is then as before.
    """
    key = key_named(name)
    try:
        value = key.parse(text)
    except BadValue as bad:
        raise SettingsError(bad.problem, None, key.name, allowed=bad.allowed, near=bad.near) from None
    set_values(path, {key.name: value}, profile)
    return value


def set_values(path: Path, values: Mapping[str, Value], profile: str = DEFAULT_PROFILE) -> None:
    """Set several keys at once; a missing file is written anew with all its comments."""
    before = read_text(path)
    if not before.strip():
        _write_commented(path, values, profile)
        return
    _refuse_broken(before, path)
    newline = "\r\n" if "\r\n" in before else _NEWLINE
    after = before.replace("\r\n", _NEWLINE)
    for name, value in values.items():
        table = KEYS[name].section if profile == DEFAULT_PROFILE else f"profiles.{profile}.{KEYS[name].section}"
        try:
            after = edited(after, (*table.split("."), KEYS[name].field), value)
        except BadValue as bad:
            line = line_of(after, (*table.split("."), KEYS[name].field))
            raise SettingsError(bad.problem, path, name, line) from None
    _refuse_unreadable(after, path, before)
    write_private(path, after.replace(_NEWLINE, newline))


def _write_commented(path: Path, values: Mapping[str, Value], profile: str) -> None:
    text = settings_text(values, profile)
    _refuse_unreadable(text, path)
    write_private(path, text)


def _refuse_unreadable(after: str, path: Path, before: str = "") -> None:
    """Refuse to write a problem that was not there before, such as a profile's impossible name."""
    old = {(one.key, one.problem) for one in check_text(before, path)}
    for problem in check_text(after, path):
        if (problem.key, problem.problem) not in old:
            raise SettingsError(problem.problem, None, problem.key)


def _refuse_broken(text: str, path: Path) -> None:
    """Refuse to edit what cannot be understood; a wrong key elsewhere does not stop the edit that mends it."""
    for problem in check_text(text, path):
        if not problem.key or problem.key == "config_version":
            raise problem
