"""What was written for upload and is not seen in an export yet: kept as one fact beside the links.

It holds ids, names and fingerprints, never another value of a cell. A client or
contact without an id is in exactly one file, ever: that is what keeps it from
being created twice, whichever files a person uploads.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from xpmsync.core.ports.uploads import PendingClient, PendingFile, PendingUploads
from xpmsync.errors import StateUnusable

__all__ = ["FACT", "NewClient", "NewContact", "Waiting", "WrittenFile", "load", "pack"]

FACT: Final = "csv.waiting"
"""The name of the fact."""

_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class NewClient:
    """A client to be created. `emails` are fingerprints; `twins` the ids Ignition had under this name before."""

    xpm_id: str
    name: str
    xpm_number: str
    emails: tuple[str, ...]
    twins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NewContact:
    """A contact to be added to a client: fingerprints of its e-mail and name."""

    client_id: str
    email: str
    name: str


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file for upload. Moments are UTC in ISO form, `uploaded` is empty until a person says so.

    `since` is when something in it began to wait, `written` when it was written, to
    be held against an export's time. `digest` names its content. `cells` maps rows
    (`client id/contact id`) to fingerprints of the changed cells by column.
    """

    path: str
    since: str
    written: str
    digest: str
    uploaded: str = ""
    cells: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    clients: tuple[NewClient, ...] = ()
    contacts: tuple[NewContact, ...] = ()

    @property
    def once(self) -> bool:
        """Whether uploading it twice would double something."""
        return bool(self.clients or self.contacts)

    @property
    def client_ids(self) -> frozenset[str]:
        """The Ignition clients in it."""
        return frozenset({row.partition("/")[0] for row in self.cells} | {one.client_id for one in self.contacts})

    @property
    def told(self) -> PendingFile:
        """The file for screens and programs."""
        changes = sum(len(cells) for cells in self.cells.values()) + len(self.clients) + len(self.contacts)
        return PendingFile(
            Path(self.path),
            datetime.fromisoformat(self.since),
            len(self.client_ids) + len(self.clients),
            changes,
            self.once,
            datetime.fromisoformat(self.uploaded) if self.uploaded else None,
        )


@dataclass(frozen=True, slots=True)
class Waiting:
    """All files that wait. `known_upload`: no older export may be planned on; `last` numbers the files of new ones."""

    files: tuple[WrittenFile, ...] = ()
    known_upload: str = ""
    last: int = 0

    @property
    def changes(self) -> WrittenFile | None:
        """The file of changes to existing clients that nobody said was uploaded; the next sync replaces it."""
        return next((one for one in self.files if not one.once and not one.uploaded), None)

    def client(self, xpm_id: str) -> NewClient | None:
        """The creation of that client, if it waits."""
        return next((one for file in self.files for one in file.clients if one.xpm_id == xpm_id), None)

    def has_contact(self, contact: NewContact) -> bool:
        """Whether that contact waits to be added."""
        return any(contact in file.contacts for file in self.files)

    def told(self, steps: tuple[str, ...] = ()) -> PendingUploads:
        """What waits, for screens and programs."""
        clients = [
            PendingClient(one.xpm_id, one.name, datetime.fromisoformat(file.since), Path(file.path))
            for file in self.files
            for one in file.clients
        ]
        return PendingUploads(tuple(file.told for file in self.files), tuple(clients), steps)

    def uploading_known(self, moment: datetime) -> Waiting:
        """Remember an upload; the latest one counts."""
        former = datetime.fromisoformat(self.known_upload) if self.known_upload else moment
        return replace(self, known_upload=max(former, moment).isoformat())


def load(fact: str | None, ledger: Path) -> Waiting:
    """Read the fact; raises `StateUnusable` for one that a newer xpmsync wrote or nobody can read."""
    if fact is None:
        return Waiting()
    try:
        told = json.loads(fact)
        if told["format"] != _FORMAT:
            raise StateUnusable(ledger, "what waits for upload was noted by a newer xpmsync")
        return Waiting(tuple(_file(one) for one in told["files"]), str(told["known_upload"]), int(told["last"]))
    except (ValueError, KeyError, TypeError) as problem:
        raise StateUnusable(ledger, "what waits for upload cannot be read") from problem


def pack(waiting: Waiting) -> str:
    """The fact's text."""
    return json.dumps({"format": _FORMAT, **asdict(waiting)}, ensure_ascii=False, separators=(",", ":"))


def _file(told: dict[str, object]) -> WrittenFile:
    texts = {name: str(told[name]) for name in ("path", "since", "written", "digest", "uploaded")}
    cells = {str(row): _texts(one) for row, one in _table(told["cells"]).items()}
    clients = tuple(_client(_table(one)) for one in _list(told["clients"]))
    contacts = tuple(NewContact(**_texts(one)) for one in _list(told["contacts"]))
    return WrittenFile(**texts, cells=cells, clients=clients, contacts=contacts)


def _client(told: dict[str, object]) -> NewClient:
    xpm_id, name, number = (str(told[key]) for key in ("xpm_id", "name", "xpm_number"))
    emails, twins = (tuple(str(one) for one in _list(told[key])) for key in ("emails", "twins"))
    return NewClient(xpm_id, name, number, emails, twins)


def _table(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise TypeError(type(value))
    return value


def _texts(value: object) -> dict[str, str]:
    return {name: str(text) for name, text in _table(value).items()}


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError(type(value))
    return value
