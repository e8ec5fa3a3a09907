"""Small state files: frozen dataclasses as JSON, read strictly, and what cannot be used counts as missing."""

import json
import types
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime, time
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints

from xpmsync.local.system.files import write_private

T = TypeVar("T")
_PLAIN: Final = (str, bool, int, float, type(None))


class InvalidRecord(ValueError):
    """A value that does not fit its dataclass; the text names the field, never the value."""


def write_record(path: Path, record: object, **marks: str | int) -> None:
    """Write a dataclass to a private file, after `marks` that name its kind; raises `StateUnusable`."""
    write_private(path, json.dumps({**marks, **pack(record)}, indent=1) + "\n")


def read_record(kind: type[T], path: Path) -> T | None:
    """The dataclass that the file holds; None where there is none that can be used."""
    try:
        return unpack(kind, read_table(path))
    except InvalidRecord:
        return None


def pack(record: object) -> dict[str, object]:
    """A dataclass as a JSON object.

    Its fields hold texts, numbers, flags, moments, times of day, paths, enums,
    tuples, sets, mappings by text, and dataclasses of those.
    """
    if not is_dataclass(record):
        raise TypeError(f"{type(record).__name__} is no dataclass")
    return {field.name: _pack(getattr(record, field.name)) for field in fields(record)}


def unpack(kind: type[T], data: object) -> T:
    """The dataclass that `pack` made the object of; raises `InvalidRecord`.

    A missing key takes the field's default, and unknown keys are ignored, so that
    older and newer files are read. Moments may also be seconds since 1970, and
    tuples of texts one text of words.
    """
    value = _unpack(kind, data, kind.__name__)
    if not isinstance(value, kind):
        raise InvalidRecord(f"{kind.__name__} is no dataclass")
    return value


def _pack(value: object) -> object:
    if isinstance(value, Enum):
        return _pack(value.value)
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, time):
        return value.isoformat(timespec="minutes")
    if isinstance(value, Mapping):
        return {str(key): _pack(item) for key, item in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(map(str, value))
    if isinstance(value, tuple | list):
        return [_pack(item) for item in value]
    return str(value) if isinstance(value, Path) else pack(value)


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _unpack(kind: Any, data: object, where: str) -> object:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        (some,) = (argument for argument in arguments if argument is not type(None))
        return None if data is None else _unpack(some, data, where)
    if origin is tuple and arguments[-1] is not ...:
        items: Sequence[object] = _list(data, where)
        if len(items) != len(arguments):
            raise InvalidRecord(f"{where} has {len(items)} parts")
        return tuple(_unpack(argument, item, where) for argument, item in zip(arguments, items, strict=True))
    if origin in (tuple, frozenset):
        items = data.split() if isinstance(data, str) and arguments[0] is str else _list(data, where)
        return origin(_unpack(arguments[0], item, where) for item in items)
    if origin is not None and issubclass(origin, Mapping):
        return {key: _unpack(arguments[1], item, f"{where}.{key}") for key, item in _object(data, where).items()}
    if is_dataclass(kind):
        return _unpack_dataclass(kind, _object(data, where), where)
    return _unpack_plain(kind, data, where)


def _unpack_dataclass(kind: Any, table: Mapping[str, object], where: str) -> object:
    hints, given = _hints(kind), {}
    for field in fields(kind):
        if field.name in table:
            given[field.name] = _unpack(hints[field.name], table[field.name], f"{where}.{field.name}")
        elif field.default is MISSING and field.default_factory is MISSING:
            raise InvalidRecord(f"{where}.{field.name} is missing")
    return kind(**given)


def _unpack_plain(kind: Any, data: object, where: str) -> object:
    try:
        if kind is datetime and isinstance(data, int | float) and not isinstance(data, bool):
            return datetime.fromtimestamp(data, UTC)
        if kind is datetime and (moment := as_moment(data)):
            return moment
        if kind is time and isinstance(data, str):
            return time.fromisoformat(data)
        if kind is Path and isinstance(data, str):
            return Path(data)
        if kind in _PLAIN and type(data) is kind:
            return data
        if kind is float and type(data) is int:
            return float(data)
        if isinstance(kind, type) and issubclass(kind, Enum):
            return kind(data)
    except (ValueError, OverflowError, OSError):
        pass
    raise InvalidRecord(f"{where} is no {getattr(kind, '__name__', kind)}")


def _object(data: object, where: str) -> Mapping[str, object]:
    if not isinstance(data, dict):
        raise InvalidRecord(f"{where} is no object")
    return data


def _list(data: object, where: str) -> list[object]:
    if not isinstance(data, list):
        raise InvalidRecord(f"{where} is no list")
    return data


def read_table(path: Path) -> Mapping[str, object]:
    """The file's object, empty where there is none that can be read."""
    try:
        return table_in(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return {}


def table_in(text: str | bytes) -> Mapping[str, object]:
    """The object that a JSON text holds, empty where it holds none."""
    try:
        return as_table(json.loads(text))
    except (ValueError, RecursionError):
        return {}


def as_table(value: object) -> Mapping[str, object]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_moment(value: object) -> datetime | None:
    """A moment with its offset, None for anything else."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
