"""Reading the settings file: every key checked, every problem named with its line."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

from xpmsync.errors import SettingsError, UnknownProfile, reason_of
from xpmsync.local.settings import settings
from xpmsync.local.settings.keys import BadValue, Value, near
from xpmsync.local.settings.sections import LogSettings, NotifySettings, XpmFilesSettings, XpmSettings

_S = TypeVar("_S")
_PROFILE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,47}")
_WINDOWS_DEVICES: Final = frozenset(
    {"con", "prn", "aux", "nul"} | {f"{d}{n}" for d in ("com", "lpt") for n in range(10)}
)
_OUTSIDE: Final = ("xpm.", "ignition.", "notify.")
"""Keys that name a real practice and its people; the demo does not inherit them, so that it can touch none."""
_AT: Final = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


@dataclass(slots=True)
class _Reading:
    """What a text holds: the checked values of each profile, and everything wrong with it."""

    text: str
    path: Path
    layers: dict[str, dict[str, Value]] = field(
        default_factory=lambda: {settings.DEFAULT_PROFILE: {}, settings.DEMO_PROFILE: {}}
    )
    problems: list[SettingsError] = field(default_factory=list)

    def blame(self, problem: str, at: tuple[str, ...], allowed: Sequence[str] = (), close: str = "") -> None:
        """Note a problem of the key at that path."""
        line = line_of(self.text, at)
        self.problems.append(SettingsError(problem, self.path, ".".join(at), line, tuple(allowed), close))


def read_settings(path: Path, profile: str = settings.DEFAULT_PROFILE) -> settings.Settings:
    """Read one profile's settings; a missing file means the defaults.

    Raises `SettingsError` for the first problem anywhere in the file, and
    `UnknownProfile`.
    """
    reading = _read(read_text(path), path)
    if reading.problems:
        raise reading.problems[0]
    if profile not in reading.layers:
        raise UnknownProfile(profile, tuple(reading.layers))
    top, own = reading.layers[settings.DEFAULT_PROFILE], reading.layers[profile]
    if profile == settings.DEMO_PROFILE:
        top = {name: value for name, value in top.items() if not name.startswith(_OUTSIDE)}
    values = dict(top) if profile == settings.DEFAULT_PROFILE else top | own
    origins = dict.fromkeys(top, settings.Origin.FILE)
    if profile != settings.DEFAULT_PROFILE:
        origins |= dict.fromkeys(own, settings.Origin.PROFILE)
    return settings.Settings(
        profile,
        path,
        sync=_section(settings.SyncSettings, "sync", values),
        sync_filter=_section(settings.FilterSettings, "sync.filter", values),
        guards=_section(settings.GuardSettings, "guards", values),
        history=_section(settings.HistorySettings, "history", values),
        xpm=_section(XpmSettings, "xpm", values),
        xpm_files=_section(XpmFilesSettings, "xpm.files", values),
        ignition=_section(settings.IgnitionSettings, "ignition", values),
        notify=_section(NotifySettings, "notify", values),
        log=_section(LogSettings, "log", values),
        origins=origins,
    )


def check_settings(path: Path) -> tuple[SettingsError, ...]:
    """Return everything that is wrong with a settings file, in the order of its lines."""
    try:
        text = read_text(path)
    except SettingsError as problem:
        return (problem,)
    return check_text(text, path)


def check_text(text: str, path: Path) -> tuple[SettingsError, ...]:
    """Return everything that is wrong with a settings text, in the order of its lines."""
    return tuple(_read(text, path).problems)


def profiles_in(path: Path) -> tuple[str, ...]:
    """Return the names of all profiles: default and demo, then those of the file; raises `SettingsError`."""
    reading = _read(read_text(path), path)
    if reading.problems:
        raise reading.problems[0]
    return tuple(reading.layers)


def read_text(path: Path) -> str:
    """Read the settings text, empty where there is no file; raises `SettingsError`.

    Line ends stay as they are; the mark some Windows editors put first is dropped.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return ""
    except OSError as problem:
        raise SettingsError(f"cannot be read: {reason_of(problem)}", path) from problem
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = raw.count(b"\n", 0, problem.start) + 1
        raise SettingsError("is not UTF-8 text", path, line=line) from problem


def _read(text: str, path: Path) -> _Reading:
    reading = _Reading(text, path)
    document = _parsed(reading)
    version = document.pop("config_version", settings.CONFIG_VERSION)
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        reading.blame("must be a whole number", ("config_version",), (str(settings.CONFIG_VERSION),))
    elif version > settings.CONFIG_VERSION:
        known = settings.CONFIG_VERSION
        problem = f"this file is of version {version}; this xpmsync knows version {known}, a newer one is needed"
        # Whatever else is strange in a newer file is not worth saying.
        reading.blame(problem, ("config_version",), (str(settings.CONFIG_VERSION),))
        return reading
    profiles = document.pop("profiles", {})
    reading.layers[settings.DEFAULT_PROFILE] = dict(_values(reading, document, (), ""))
    if isinstance(profiles, dict):
        for name, table in profiles.items():
            _read_profile(reading, str(name), table)
    else:
        reading.blame("must be a table: write [profiles.NAME.sync]", ("profiles",))
    reading.problems.sort(key=lambda problem: problem.line)
    return reading


def _parsed(reading: _Reading) -> dict[str, object]:
    import tomllib

    try:
        return dict(tomllib.loads(reading.text))
    except (tomllib.TOMLDecodeError, RecursionError) as problem:
        words = str(problem)
        found = _AT.search(words)
        line = int(found[1]) if found and found[1] else reading.text.count("\n") + 1
        said = _AT.sub("", words) if isinstance(problem, tomllib.TOMLDecodeError) else "nested too deeply"
        said = said[:1].lower() + said[1:]
        if "escape" in said or "hex" in said:
            said += "; a Windows folder needs single quotes: 'C:\\Practice\\exports'"
        reading.problems.append(SettingsError(f"is not valid TOML: {said}", reading.path, line=line))
        return {}


def _read_profile(reading: _Reading, name: str, table: object) -> None:
    at = ("profiles", name)
    if name == settings.DEFAULT_PROFILE:
        reading.blame("the default profile is the top level of the file; move its keys there", at)
    elif not _PROFILE_NAME.fullmatch(name) or name.lower() in _WINDOWS_DEVICES:
        reading.blame("a profile's name is made of letters, digits, - and _, at most 48", at)
    elif any(name != other and name.lower() == other.lower() for other in reading.layers):
        reading.blame("differs from another profile by upper and lower case only", at)
    elif isinstance(table, dict):
        reading.layers[name] = dict(_values(reading, table, at, ""))
    else:
        reading.blame(f"must be a table: write [profiles.{name}.sync]", at)


def _values(
    reading: _Reading, table: Mapping[str, object], above: tuple[str, ...], section: str
) -> Iterator[tuple[str, Value]]:
    """Yield the checked values of a table and its sub-tables.

    `above` is the table's path in the file, `section` its name in the key table.
    """
    for field_name, raw in table.items():
        name = f"{section}.{field_name}" if section else field_name
        at = (*above, field_name)
        if (key := settings.KEYS.get(name)) is not None:
            try:
                yield name, key.check(raw)
            except BadValue as bad:
                reading.blame(bad.problem, at, bad.allowed, bad.near)
        elif not any(known.startswith(f"{name}.") for known in settings.KEYS):
            _blame_unknown(reading, at, section)
        elif isinstance(raw, dict):
            yield from _values(reading, raw, at, name)
        else:
            reading.blame(f"must be a table: write [{'.'.join(at)}]", at)


def _blame_unknown(reading: _Reading, at: tuple[str, ...], section: str) -> None:
    """Say what was probably meant, else what may stand there, else where a secret belongs."""
    meant = _meant(section, at[-1])
    if problem := misplaced_secret(f"{section}.{at[-1]}"):
        reading.blame(problem, at)
    else:
        reading.blame("unknown key", at, () if meant else _fields_of(section), meant)


def _fields_of(section: str) -> list[str]:
    """What may stand in a table; at the top level, the tables."""
    if not section:
        return ["config_version", *dict.fromkeys(key.section for key in settings.KEYS.values()), "profiles"]
    return [key.field for key in settings.KEYS.values() if key.section == section]


def _meant(section: str, wrong: str) -> str:
    """Guess what an unknown name was meant to be: a neighbour, else the same field of another table."""
    if close := near(wrong, _fields_of(section)):
        return f"{section}.{close}" if section else close
    by_field = {key.field: name for name, key in settings.KEYS.items()}
    return by_field.get(near(wrong, list(by_field)), "")


def _section(make: Callable[..., _S], section: str, values: Mapping[str, Value]) -> _S:
    own = {settings.KEYS[name].field: value for name, value in values.items() if settings.KEYS[name].section == section}
    return make(**own)


_PART: Final = r"""(?:"(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)"""
_PATH: Final = rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*"
_HEADER: Final = re.compile(rf"[ \t]*\[\[?[ \t]*({_PATH})[ \t]*\]\]?[ \t]*(?:#.*)?$")
_ASSIGNED: Final = re.compile(rf"[ \t]*({_PATH})[ \t]*=")
_ONE_PART: Final = re.compile(_PART)
_COMMENT_OR_TEXT: Final = re.compile(r"""#.*$|"(?:[^"\\]|\\.)*"|'[^']*'""")
_TRIPLE: Final = re.compile(r"\"{3}|" + "'{3}")


class Spot(NamedTuple):
    """A table header or an assignment: its full path, and its line (from 1)."""

    path: tuple[str, ...]
    line: int


def spots(text: str) -> Iterator[Spot]:
    """Yield every table header and assignment of a valid TOML text, in order."""
    table: tuple[str, ...] = ()
    inside = ""
    depth = 0
    for number, line in enumerate(text.split("\n"), start=1):
        rest = line.rstrip("\r")
        starts_here = not inside and depth == 0
        if starts_here and (header := _HEADER.match(rest)):
            table = _parts(header[1])
            yield Spot(table, number)
            continue
        if starts_here and (assigned := _ASSIGNED.match(rest)):
            yield Spot((*table, *_parts(assigned[1])), number)
        inside, plain = _outside_long_texts(rest, inside)
        bare = _COMMENT_OR_TEXT.sub("", plain)
        depth = max(0, depth + bare.count("[") - bare.count("]"))


def line_of(text: str, path: tuple[str, ...]) -> int:
    """Return the line of a key or table, its nearest parent's where it has none, else 0."""
    found: dict[tuple[str, ...], int] = {}
    for spot in spots(text):
        for length in range(len(spot.path), 0, -1):
            found.setdefault(spot.path[:length], spot.line)
    return next((found[path[:n]] for n in range(len(path), 0, -1) if path[:n] in found), 0)


def _parts(path: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") if part[0] in "\"'" else part for part in _ONE_PART.findall(path))


def _outside_long_texts(line: str, inside: str) -> tuple[str, str]:
    """Follow triple-quoted texts over lines: the quotes still open after the line, and what is outside."""
    outside = ""
    while True:
        if inside:
            _, closed, line = line.partition(inside)
            if not closed:
                return inside, outside
            inside = ""
        opened = _TRIPLE.search(line)
        if not opened or "#" in _COMMENT_OR_TEXT.sub(_keep_comment, line[: opened.start()]):
            return "", outside + line
        outside += line[: opened.start()]
        inside, line = opened[0], line[opened.end() :]


def _keep_comment(found: re.Match[str]) -> str:
    return "#" if found[0].startswith("#") else ""


_ENDS: Final = ("secret", "password", "token", "api_key")


def misplaced_secret(key: str) -> str:
    """Say where the secret belongs that an unknown key seems to hold; empty where the key is no secret's."""
    section, _, field = key.rpartition(".")
    if not field.lower().endswith(_ENDS):
        return ""
    asks = "xpmsync notify set mail-password" if section == "notify" else "xpmsync login xpm"
    return f"secrets do not belong in the settings file; '{asks}' asks for it and the keyring keeps it"
