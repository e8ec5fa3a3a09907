"""One key changed in a settings text, with every comment, blank line and the order of the rest kept.

A key that is there is replaced by tomlkit. One that is not is uncommented where
the file offers it, else put under its table's header: tomlkit would put it after
the comments that introduce the next table. Such an edit is taken only when the
result provably says what it should.
"""

from __future__ import annotations

import re
import tomllib
from itertools import pairwise

from xpmsync.local.settings.keys import BadValue, Value
from xpmsync.local.settings.settings_lines import spots
from xpmsync.local.settings.template import as_toml

__all__ = ["edited"]


def edited(text: str, path: tuple[str, ...], value: Value) -> str:
    """Return a valid TOML text, whose lines end without CR, with the key at `path` set.

    Raises `BadValue` where something else stands in the place of its table, or
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
        raise BadValue("stands where it cannot be changed safely; please edit the file by hand")
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
    """Turn `# key = …` inside the key's table into the key; an empty text where there is none."""
    first, last = _table(text, path[:-1])
    lines = text.split("\n")
    offered = re.compile(rf"[ \t]*#[ \t]*{re.escape(path[-1])}[ \t]*=")
    for number in range(first, last):
        if offered.match(lines[number]):
            return "\n".join([*lines[:number], _line(path, value), *lines[number + 1 :]])
    return ""


def _inserted(text: str, path: tuple[str, ...], value: Value) -> str:
    """Put the key under its table's header; a missing table goes to the end of the file."""
    first, last = _table(text, path[:-1])
    if first == last:
        gap = "\n" if text.strip() else ""
        return f"{text}{gap}[{'.'.join(path[:-1])}]\n{_line(path, value)}\n"
    lines = text.split("\n")
    return "\n".join([*lines[:first], _line(path, value), *lines[first:]])


def _table(text: str, table: tuple[str, ...]) -> tuple[int, int]:
    """Return the lines of a table, from the one under its header (counted from 0) to the next header."""
    headers = [spot for spot in spots(text) if spot.header]
    for spot, following in pairwise([*headers, None]):
        if spot and spot.path == table:
            return spot.line, following.line - 1 if following else text.count("\n") + 1
    return 0, 0


def _line(path: tuple[str, ...], value: Value) -> str:
    return f"{path[-1]} = {as_toml(value)}"


def _replaced(text: str, path: tuple[str, ...], value: Value) -> str:
    import tomlkit
    from tomlkit.container import OutOfOrderTableProxy
    from tomlkit.items import AbstractTable

    document = tomlkit.parse(text)
    table: tomlkit.TOMLDocument | AbstractTable | OutOfOrderTableProxy = document
    for part in path[:-1]:
        if part not in table:
            table[part] = tomlkit.table()
        inner = table[part]
        if not isinstance(inner, (AbstractTable, OutOfOrderTableProxy)):
            raise BadValue(f"{part} is no table in this file")
        table = inner
    table[path[-1]] = tomlkit.value(as_toml(value))
    return tomlkit.dumps(document)
