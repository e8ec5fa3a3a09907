"""What one settings key is, and which values it takes.

A key is declared once, as a field of a section in `local.settings`, with
`setting(...)`. Its kind follows from its default; reader, `config set`, the
commented file and the documentation all read the resulting `Key`.
"""

import dataclasses
from collections.abc import Sequence
from enum import StrEnum
from typing import Final, NamedTuple, TypeVar

Value = str | int | bool | tuple[str, ...]
"""A settings value: text, whole number, flag or a list of texts; a choice is a `StrEnum`."""

IN_KEYRING: Final = "keyring"
"""The value in place of a web address that is itself a secret; the keyring has it."""

_V = TypeVar("_V", bound=Value)
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
"""Hosts that are this computer."""
_ROW: Final = "row"
_FLAGS: Final = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


class ValueKind(StrEnum):
    """How a key's value is written and checked; the value names it for people."""

    CHOICE = "one of a few words"
    FLAG = "true or false"
    NUMBER = "a whole number"
    TEXT = "text in quotes"
    URL = "a web address in quotes"
    HOOK = 'a web address in quotes, or "keyring"'
    FOLDER = "a folder in quotes"
    LIST = 'a list of texts, such as ["one", "two"]'


class BadValue(ValueError):
    """A value that a key does not take; the reader adds file, key and line."""

    def __init__(self, problem: str, allowed: Sequence[str] = (), near: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.allowed = tuple(allowed)
        self.near = near


class _Row(NamedTuple):
    help: str
    kind: ValueKind
    between: tuple[int, int] | None
    advanced: bool
    affects_plan: bool


class Key(NamedTuple):
    """One settings key.

    `name` is dotted (`sync.level`); `between` is the range of a number, ends
    included; an `advanced` key is commented out in a new settings file;
    `affects_plan` says that another value can give another plan.
    """

    name: str
    kind: ValueKind
    default: Value
    help: str
    between: tuple[int, int] | None = None
    advanced: bool = False
    affects_plan: bool = False

    @property
    def section(self) -> str:
        """The TOML table the key is in."""
        return self.name.rpartition(".")[0]

    @property
    def field(self) -> str:
        """The key's name within its table."""
        return self.name.rpartition(".")[2]

    @property
    def allowed(self) -> tuple[str, ...]:
        """The values to choose from, or the range in words; empty where anything of the kind goes."""
        if isinstance(self.default, StrEnum):
            return tuple(choice.value for choice in type(self.default))
        if self.kind is ValueKind.FLAG:
            return ("true", "false")
        return (f"{self.between[0]} to {self.between[1]}",) if self.between else ()

    def check(self, raw: object) -> Value:
        """Turn what TOML holds into the key's value; raises `BadValue`."""
        match self.kind, raw:
            case ValueKind.FLAG, bool():
                return raw
            case ValueKind.NUMBER, int() if not isinstance(raw, bool):
                return self._in_range(raw)
            case ((ValueKind.CHOICE | ValueKind.TEXT | ValueKind.URL | ValueKind.HOOK | ValueKind.FOLDER), str()):
                return self._text(raw)
            case ValueKind.LIST, (list() | tuple()) if all(isinstance(one, str) for one in raw):
                return tuple(self._text(str(one)) for one in raw)
            case _:
                raise BadValue(f"must be {self.kind.value}, not {_toml_kind(raw)}", self.allowed)

    def parse(self, text: str) -> Value:
        """Turn what a person typed into the key's value; raises `BadValue`."""
        if self.kind is ValueKind.FLAG:
            if (flag := _FLAGS.get(text.strip().lower())) is None:
                raise BadValue(f"must be {self.kind.value}", self.allowed)
            return flag
        if self.kind is ValueKind.NUMBER:
            try:
                return self._in_range(int(text.strip()))
            except ValueError as problem:
                if isinstance(problem, BadValue):
                    raise
                raise BadValue(f"must be {self.kind.value}", self.allowed) from None
        if self.kind is ValueKind.LIST:
            return tuple(self._text(one.strip()) for one in text.split(",") if one.strip())
        return self._text(text.strip())

    def _in_range(self, number: int) -> int:
        if self.between and not self.between[0] <= number <= self.between[1]:
            raise BadValue(f"{number} is out of range", self.allowed)
        return number

    def _text(self, text: str) -> str:
        if any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 or 0xD800 <= ord(c) < 0xE000 for c in text):
            raise BadValue("holds a character that is no text")
        if isinstance(self.default, StrEnum):
            if text not in self.allowed:
                raise BadValue(f"{text[:40]!r} is none of the allowed values", self.allowed, near(text, self.allowed))
            return type(self.default)(text)
        if (self.kind is ValueKind.URL and text) or (self.kind is ValueKind.HOOK and text not in {"", IN_KEYRING}):
            _check_url(text)
        return text


def setting(
    default: _V,
    help: str,  # noqa: A002 - the row reads as the help text it is; nothing here needs the builtin
    *,
    kind: ValueKind | None = None,
    between: tuple[int, int] | None = None,
    advanced: bool = False,
    affects_plan: bool = False,
) -> _V:
    """Declare a key as a field of a section's dataclass; one row is all a new key needs."""
    row = _Row(help, kind or _kind_of(default), between, advanced, affects_plan)
    return dataclasses.field(default=default, metadata={_ROW: row})


def keys_of(section: str, declared: type[object]) -> tuple[Key, ...]:
    """Return the keys that a section's dataclass declares, in order."""
    keys = []
    if not dataclasses.is_dataclass(declared):
        raise TypeError(declared)
    for field in dataclasses.fields(declared):
        row: object = field.metadata[_ROW]
        default: object = field.default
        if not (isinstance(row, _Row) and isinstance(default, str | int | tuple)):
            raise TypeError(field.name)
        name = f"{section}.{field.name}"
        keys.append(Key(name, row.kind, default, row.help, row.between, row.advanced, row.affects_plan))
    return tuple(keys)


def near(wrong: str, known: Sequence[str]) -> str:
    """Return the known word that was probably meant, or an empty text."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(wrong.lower(), known, n=1, cutoff=0.6)), "")


def _kind_of(default: Value) -> ValueKind:
    match default:
        case StrEnum():
            return ValueKind.CHOICE
        case bool():
            return ValueKind.FLAG
        case int():
            return ValueKind.NUMBER
        case tuple():
            return ValueKind.LIST
        case _:
            return ValueKind.TEXT


def _toml_kind(raw: object) -> str:
    match raw:
        case bool():
            return "true or false"
        case int():
            return "a whole number"
        case float():
            return "a number with decimals"
        case str():
            return "text"
        case list():
            return "a list"
        case dict():
            return "a table"
        case _:
            return "a date or time"


def _check_url(text: str) -> None:
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise BadValue("is not a web address") from None
    if not host or port == 0 or any(c.isspace() for c in text):
        raise BadValue("is not a web address")
    if parts.username is not None or parts.password is not None:
        raise BadValue("may not hold a user name or password")
    if parts.query or parts.fragment:
        raise BadValue("may not hold ? or #")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK):
        raise BadValue("must begin with https:// (plain http only on this machine)")
