"""The settings file as text: a key changed in it, and the whole as a person first meets it.

tomlkit keeps every comment, blank line and the order of the rest. A key that the file
offers in a comment is uncommented there, one that it does not have is put under its
table's header. An edit is taken only when `tomllib` reads from the result exactly what
it should. The first text is made from the key table: every key, its help, its values.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Final

from xpmsync.errors import SettingsError
from xpmsync.local.settings.keys import BadValue, Key, Value, near
from xpmsync.local.settings.reader import check_text, line_of, misplaced_secret, read_text
from xpmsync.local.settings.settings import CONFIG_VERSION, DEFAULT_PROFILE, IGNITION_ROUTE, KEYS, SECTIONS
from xpmsync.local.system.files import write_private

if TYPE_CHECKING:
    from tomlkit import TOMLDocument
    from tomlkit.items import AbstractTable, Item, Key as TomlKey


def edited(text: str, path: tuple[str, ...], value: Value) -> str:
    """Return a valid TOML text, whose lines end without CR, with the key at `path` set.

    Raises `BadValue` where something else is in the place of its table, or
    where no edit gives the right meaning.
    """
    if text and not text.endswith("\n"):
        text += "\n"
    wanted = _with(tomllib.loads(text), path, value)
    for candidate in (_uncommented(text, path, value), _inserted(text, path, value)):
        if _says(candidate, wanted):
            return candidate
    replaced = _replaced(text, path, value)
    if not _says(replaced, wanted):
        raise BadValue("is where it cannot be changed safely; please edit the file by hand")
    return replaced


def _with(document: dict[str, object], path: tuple[str, ...], value: Value) -> dict[str, object]:
    """Return a parsed document with one key set."""
    head, rest = path[0], path[1:]
    if not rest:
        return {**document, head: list(value) if isinstance(value, tuple) else value}
    inner = document.get(head, {})
    return {**document, head: _with(inner if isinstance(inner, dict) else {}, rest, value)}


def _says(text: str, wanted: dict[str, object]) -> bool:
    try:
        return tomllib.loads(text) == wanted
    except tomllib.TOMLDecodeError:
        return False


def _uncommented(text: str, path: tuple[str, ...], value: Value) -> str:
    """Turn the comment `# key = …` inside the key's table into the key; an empty text where there is none."""
    import tomlkit

    document = tomlkit.parse(text)
    body = _body(document, path[:-1]) or []
    offered = re.compile(rf"\s*#\s*{re.escape(path[-1])}\s*=")
    for place, (_, item) in enumerate(body):
        if isinstance(item, tomlkit.items.Comment) and offered.match(item.as_string()):
            body[place] = _entry(path[-1], value)
            return tomlkit.dumps(document)
    return ""


def _inserted(text: str, path: tuple[str, ...], value: Value) -> str:
    """Put the key under its table's header; a missing table goes to the end of the file."""
    import tomlkit

    document = tomlkit.parse(text)
    body = _body(document, path[:-1])
    if body is None:
        gap = "\n" if text.strip() else ""
        return f"{text}{gap}[{'.'.join(path[:-1])}]\n{path[-1]} = {as_toml(value)}\n"
    # Not at the end, where tomlkit keeps the comments that introduce the next table.
    body.insert(0, _entry(path[-1], value))
    return tomlkit.dumps(document)


def _replaced(text: str, path: tuple[str, ...], value: Value) -> str:
    """Assign the key wherever the file has it or its table."""
    import tomlkit
    from tomlkit.container import OutOfOrderTableProxy

    document = tomlkit.parse(text)
    table: tomlkit.TOMLDocument | AbstractTable | OutOfOrderTableProxy = document
    for part in path[:-1]:
        if part not in table:
            table[part] = tomlkit.table()
        inner = table[part]
        if not isinstance(inner, (tomlkit.items.AbstractTable, OutOfOrderTableProxy)):
            raise BadValue(f"{part} is no table in this file")
        table = inner
    table[path[-1]] = tomlkit.value(as_toml(value))
    return tomlkit.dumps(document)


def _body(document: TOMLDocument, path: tuple[str, ...]) -> list[tuple[TomlKey | None, Item]] | None:
    """The rows of a table that has a header of its own, None where it has none. A change of them is dumped."""
    import tomlkit

    table: object = document
    for part in path:
        table = table.get(part) if isinstance(table, (tomlkit.TOMLDocument, tomlkit.items.Table)) else None
    return table.value.body if isinstance(table, tomlkit.items.Table) and not table.is_super_table() else None


def _entry(name: str, value: Value) -> tuple[TomlKey | None, Item]:
    import tomlkit

    return tomlkit.parse(f"{name} = {as_toml(value)}\n").body[0]


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
    if problem := misplaced_secret(name):
        raise SettingsError(problem, key=name)
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
    """Set several keys at once; a missing file is written with all its comments."""
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
                lines += ["", *_entry_lines(key, at_top.get(key.name))]
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


def _entry_lines(key: Key, answer: Value | None) -> Iterator[str]:
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
