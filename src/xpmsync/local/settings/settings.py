"""The settings: every key there is, its default and its help, as typed values.

The section classes below are the one list of keys. To add a key, add a field
with `setting(...)`; to add a table, add a class and a row in `SECTIONS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from xpmsync.core.enums import Direction, Level, OnEdited
from xpmsync.errors import SettingsError
from xpmsync.local.settings.keys import Key, Value, ValueKind, keys_of, setting
from xpmsync.local.settings.sections import LogSettings, NotifySettings, XpmFilesSettings, XpmRoute, XpmSettings
from xpmsync.local.system.paths import typed_path

CONFIG_VERSION: Final = 1
"""The settings file's format that this program reads and writes."""

DEFAULT_PROFILE: Final = "default"
"""The practice whose settings are at the top level of the file."""

UPLOAD_FOLDER: Final = "for-ignition"
"""Where files for upload go, inside the folder of exports, when no import_folder is set."""

DEMO_PROFILE: Final = "demo"
"""The built-in practice; it always exists."""

_XERO_HOSTS: Final = frozenset({"api.xero.com", "identity.xero.com", "login.xero.com"})
_IGNITION_HOSTS: Final = frozenset({"mcp.ignitionapp.com"})


class Route(StrEnum):
    """How Ignition is reached."""

    BUILTIN = "builtin"
    CSV = "csv"
    MCP = "mcp"


class Origin(StrEnum):
    """Where a value comes from."""

    DEFAULT = "default"
    FILE = "file"
    PROFILE = "profile"


@dataclass(frozen=True)
class SyncSettings:
    """What flows, and which way."""

    direction: Direction = setting(
        Direction.FROM_XPM,
        "Which system is the source of truth: from-xpm writes XPM's details into Ignition, to-xpm the other way round.",
        affects_plan=True,
    )
    level: Level = setting(
        Level.EVERYTHING,
        "How much flows: everything, only client names, or nothing (search and import still work).",
        affects_plan=True,
    )
    on_edited: OnEdited = setting(
        OnEdited.OVERRIDE,
        "When somebody edited the receiving system since the last sync: override that edit, or hold it for you.",
        affects_plan=True,
    )
    clear_blanks: bool = setting(
        False,
        "Whether a detail that was emptied in the source is emptied in the other one too.",
        affects_plan=True,
    )
    set_primary: bool = setting(
        False,
        "In the to-xpm direction: flag Ignition's primary contact in XPM where XPM flags none of the client's."
        " Most XPM practices never use the flag, so that a first run would write it nearly everywhere.",
        affects_plan=True,
    )
    full_read_days: int = setting(
        7,
        "After how many days a sync reads every client again instead of only the changed ones; 0 means always.",
        between=(0, 365),
    )


@dataclass(frozen=True)
class FilterSettings:
    """Which linked clients a sync looks at; empty lists mean all. Names as XPM shows them, capitals do not matter."""

    groups: tuple[str, ...] = setting((), "Only clients in one of these XPM client groups.", affects_plan=True)
    managers: tuple[str, ...] = setting((), "Only clients of one of these managers.", affects_plan=True)
    partners: tuple[str, ...] = setting((), "Only clients of one of these partners.", affects_plan=True)
    structures: tuple[str, ...] = setting((), "Only clients of one of these company structures.", affects_plan=True)
    include: tuple[str, ...] = setting((), "Only these clients, by id or exact name.", affects_plan=True)
    exclude: tuple[str, ...] = setting((), "Never these clients, by id or exact name.", affects_plan=True)


@dataclass(frozen=True)
class GuardSettings:
    """Limits that stop a whole sync before its first write. At a terminal, where a person confirms, twice as much."""

    changes: int = setting(500, "The most clients one run may change.", between=(1, 1_000_000))
    changes_share: int = setting(50, "The same in percent of the linked clients, from 50 clients on.", between=(1, 100))
    creations: int = setting(100, "The most contacts one run may create.", between=(0, 1_000_000))
    creations_share: int = setting(25, "The same in percent of the linked clients, from 20 on.", between=(1, 100))
    names: int = setting(25, "The most client names one run may change.", between=(0, 1_000_000))
    names_share: int = setting(20, "The same in percent of the linked clients, from 10 on.", between=(1, 100))
    clears: int = setting(10, "The most values one run may clear.", between=(0, 1_000_000))
    clears_share: int = setting(5, "The same in percent of the linked clients, from 5 on.", between=(1, 100))
    missing_share: int = setting(
        20, "Stop when a file to write to lacks more than this percentage of the linked clients.", between=(1, 100)
    )
    shrunk_share: int = setting(
        50, "Stop when the source has less than this percentage of the clients it had.", between=(1, 100)
    )


@dataclass(frozen=True)
class HistorySettings:
    """What the ledger keeps of past runs."""

    keep_undo_days: int = setting(
        90, "How many days the values a run replaced are kept, so that it can be undone.", between=(0, 3650)
    )


@dataclass(frozen=True)
class IgnitionSettings:
    """How Ignition is reached."""

    route: Route = setting(
        Route.BUILTIN,
        "The way to Ignition: builtin (a practice register, no account), csv (its export and import files), "
        "mcp (its hosted service).",
        affects_plan=True,
    )
    export_folder: str = setting("", "csv: the folder where you save Ignition's client exports.", kind=ValueKind.FOLDER)
    import_folder: str = setting(
        "",
        "csv: the folder where xpmsync writes the files for you to upload; empty means for-ignition in the export "
        "folder.",
        kind=ValueKind.FOLDER,
    )
    mcp_url: str = setting(
        "https://mcp.ignitionapp.com/mcp",
        "mcp: where Ignition's hosted service answers; change it for a test server only.",
        kind=ValueKind.URL,
        advanced=True,
    )


_Section = (
    SyncSettings
    | FilterSettings
    | GuardSettings
    | HistorySettings
    | XpmSettings
    | XpmFilesSettings
    | IgnitionSettings
    | NotifySettings
    | LogSettings
)

SECTIONS: Final[Mapping[str, type[_Section]]] = {
    "sync": SyncSettings,
    "sync.filter": FilterSettings,
    "guards": GuardSettings,
    "history": HistorySettings,
    "xpm": XpmSettings,
    "xpm.files": XpmFilesSettings,
    "ignition": IgnitionSettings,
    "notify": NotifySettings,
    "log": LogSettings,
}
"""The file's tables; a section's attribute in `Settings` has the table's name, a dot being an underscore."""

KEYS: Final[Mapping[str, Key]] = {
    key.name: key for section, declared in SECTIONS.items() for key in keys_of(section, declared)
}
"""Every settings key by its dotted name, in the order of the file."""


@dataclass(frozen=True)
class Settings:
    """The settings of one practice, complete: what the file leaves out has its default.

    `path` is the file they came from, whether or not it exists; `origins` names
    the keys that are not at their default and where they were set.
    """

    profile: str
    path: Path
    sync: SyncSettings = field(default_factory=SyncSettings)
    sync_filter: FilterSettings = field(default_factory=FilterSettings)
    guards: GuardSettings = field(default_factory=GuardSettings)
    history: HistorySettings = field(default_factory=HistorySettings)
    xpm: XpmSettings = field(default_factory=XpmSettings)
    xpm_files: XpmFilesSettings = field(default_factory=XpmFilesSettings)
    ignition: IgnitionSettings = field(default_factory=IgnitionSettings)
    notify: NotifySettings = field(default_factory=NotifySettings)
    log: LogSettings = field(default_factory=LogSettings)
    origins: Mapping[str, Origin] = field(default_factory=dict)

    def command_line(self, *words: str) -> str:
        """A command of this profile, for a text that is made where the command line itself is not known."""
        profile = () if self.profile == DEFAULT_PROFILE else ("--profile", self.profile)
        return " ".join(("xpmsync", *profile, *words))

    @property
    def is_demo(self) -> bool:
        """Whether XPM is made up, too."""
        return self.profile == DEMO_PROFILE

    @property
    def is_rehearsal(self) -> bool:
        """Whether nothing that is written reaches the practice's own Ignition."""
        return self.is_demo or self.ignition.route is Route.BUILTIN

    @property
    def route_unchosen(self) -> bool:
        """Whether a real practice is on the rehearsal register only because nobody chose how Ignition is reached."""
        return not self.is_demo and IGNITION_ROUTE not in self.origins

    def value(self, name: str) -> Value:
        """The value of a dotted key; `KeyError` where there is no such key."""
        if name not in KEYS:
            raise KeyError(name)
        section, _, field = name.rpartition(".")
        held: object = getattr(getattr(self, section.replace(".", "_")), field)
        assert isinstance(held, str | int | tuple)  # noqa: S101 - narrows what getattr cannot type
        return held

    def origin(self, name: str) -> Origin:
        """Where a key's value comes from."""
        return self.origins.get(name, Origin.DEFAULT)

    def plan_settings(self) -> Mapping[str, str]:
        """The values that shape a plan, as canonical text, to be hashed or compared."""
        return {name: _canonical(self.value(name)) for name, key in KEYS.items() if key.affects_plan}

    def reading_export(self, file: Path) -> Settings:
        """The same settings, reading Ignition from that export instead of the newest one."""
        ignition = replace(self.ignition, export_folder=str(file.absolute()))
        kept = self.ignition.import_folder
        if not kept and (folder := self.folder("ignition.export_folder")) is not None:
            ignition = replace(ignition, import_folder=str(folder / UPLOAD_FOLDER))
        return replace(self, ignition=ignition)

    def folder(self, name: str) -> Path | None:
        """A folder key as a path, None where it is empty; a relative one starts at the settings file's folder."""
        text = str(self.value(name))
        return typed_path(text, self.path.parent) if text else None

    def foreign_hosts(self) -> tuple[str, ...]:
        """The hosts in use that are not the system's own, for the warning on stderr."""
        from urllib.parse import urlsplit

        xpm = self.xpm
        urls = [xpm.api_url, xpm.token_endpoint, xpm.connections_endpoint, xpm.authorize_endpoint]
        urls = urls if xpm.route is XpmRoute.API else []
        places = [(urlsplit(url), _XERO_HOSTS) for url in urls]
        if self.ignition.route is Route.MCP:
            places.append((urlsplit(self.ignition.mcp_url), _IGNITION_HOSTS))
        return tuple(dict.fromkeys(place.netloc for place, own in places if (place.hostname or "") not in own))


def _canonical(value: Value) -> str:
    if isinstance(value, tuple):
        return "\n".join(sorted(one.casefold() for one in value))
    return str(value).lower() if isinstance(value, bool) else str(value)


CLIENT_ID: Final = "xpm.client_id"
"""Nobody can sign in to XPM without it; an access token from the environment does without."""

XPM_FOLDER: Final = "xpm.files.folder"
"""The route files has nothing to read without it."""

IGNITION_ROUTE: Final = "ignition.route"
EXPORT_FOLDER: Final = "ignition.export_folder"
"""The route csv has nothing to read without it."""


def needed_keys(settings: Settings) -> tuple[str, ...]:
    """The keys that are empty although the practice needs them, in the order of the file."""
    lacking = []
    if settings.xpm.route is XpmRoute.FILES:
        if not settings.xpm_files.folder:
            lacking.append(XPM_FOLDER)
    elif settings.profile != DEMO_PROFILE and not settings.xpm.client_id:
        lacking.append(CLIENT_ID)
    if settings.ignition.route is Route.CSV and not settings.ignition.export_folder:
        lacking.append(EXPORT_FOLDER)
    return tuple(lacking)


def missing_folder(settings: Settings) -> tuple[SettingsError, ...]:
    """What `config check` has against a file that can be read, but leaves a route of files without its folder."""
    problems = {
        XPM_FOLDER: "is empty; the route files needs the folder where you save XPM's exports",
        EXPORT_FOLDER: "is empty; the route csv needs the folder where you save Ignition's client exports",
    }
    needed = needed_keys(settings)
    return tuple(SettingsError(text, settings.path, key) for key, text in problems.items() if key in needed)
