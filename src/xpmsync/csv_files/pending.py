"""What was written for upload and is not seen in an export yet: kept as one fact beside the links.

It holds ids, names and fingerprints, never another value of a cell. A client or
contact without an id is in exactly one file, ever: that is what keeps it from
being created twice, whichever files a person uploads.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from xpmsync.core import fingerprint
from xpmsync.core.enums import System
from xpmsync.core.ports.deferred import PendingClient, PendingFile, PendingUploads
from xpmsync.errors import StateUnusable

_FORMAT: Final = 1


def row_key(client_id: str, contact_id: str) -> str:
    """How a row is named in `WrittenFile.cells`."""
    return f"{client_id}/{contact_id}"


@dataclass(frozen=True, slots=True)
class NewClient:
    """A client to be created. `emails` are fingerprints.

    `namesakes` are the ids of clients that had such a name, number or e-mail before.
    """

    xpm_id: str
    name: str
    xpm_number: str
    emails: tuple[str, ...]
    namesakes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NewContact:
    """A contact to be added to a client: fingerprints of its e-mail and name."""

    client_id: str
    email: str
    name: str

    @classmethod
    def of(cls, client_id: str, name: str, email: str) -> NewContact:
        """The contact with that name and e-mail."""
        return cls(client_id, fingerprint.of_email(email), fingerprint.of_name(name))


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file for upload. Moments are UTC in ISO form, `uploaded` is empty until a person says so.

    `since` is when something in it began to wait, `written` when it was written, to
    be compared with an export's time. `digest` names its content. `cells` maps rows
    (`row_key`) to fingerprints of the changed cells by column, `before` to those of
    the cells as they were. `names` are the names of the existing clients by id.
    A `pilot` proves one kind of write, and no later run replaces it.
    """

    path: str
    since: str
    written: str
    digest: str
    uploaded: str = ""
    cells: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    before: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    clients: tuple[NewClient, ...] = ()
    contacts: tuple[NewContact, ...] = ()
    pilot: bool = False

    @property
    def once(self) -> bool:
        """Whether uploading it twice would double something."""
        return bool(self.clients or self.contacts)

    @property
    def name(self) -> str:
        """The file's bare name, on whichever system it was written."""
        return self.path.replace("\\", "/").rpartition("/")[2]

    @property
    def of_contacts(self) -> bool:
        """Whether rows of contacts are in it, existing or new ones."""
        return bool(self.contacts) or any(not key.endswith("/") for key in self.cells)

    @property
    def client_ids(self) -> frozenset[str]:
        """The existing clients in it."""
        return frozenset({row.partition("/")[0] for row in self.cells} | {new.client_id for new in self.contacts})

    def summary(self, system: System) -> PendingFile:
        """The file, for that system, for screens and programs."""
        changes = sum(len(cells) for cells in self.cells.values()) + len(self.clients) + len(self.contacts)
        return PendingFile(
            system,
            Path(self.path),
            datetime.fromisoformat(self.since),
            len(self.client_ids) + len(self.clients),
            changes,
            self.once,
            datetime.fromisoformat(self.uploaded) if self.uploaded else None,
            self.client_ids.union(client.xpm_id for client in self.clients),
        )


@dataclass(frozen=True, slots=True)
class ConfirmedUpload:
    """What an export last showed of uploads: cells with their fingerprints after and before, and new clients' ids."""

    after: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    before: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    clients: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """How many changes and clients it has."""
        return sum(len(columns) for columns in self.after.values()) + len(self.clients)


@dataclass(frozen=True, slots=True)
class Pending:
    """All files that wait. `known_upload`: no older export may be planned on; `last` numbers the files of new ones.

    `ignored` names values of files that a person called uploaded and of which an export
    showed nothing; where that happens twice, the target does not take them.
    """

    files: tuple[WrittenFile, ...] = ()
    confirmed: ConfirmedUpload = ConfirmedUpload()
    known_upload: str = ""
    last: int = 0
    ignored: tuple[str, ...] = ()

    @property
    def changes(self) -> WrittenFile | None:
        """The file of changes to existing clients that nobody said was uploaded; the next sync replaces it."""
        return next((file for file in self.files if not file.once and not file.uploaded), None)

    def client(self, xpm_id: str) -> NewClient | None:
        """The creation of that client, if it waits."""
        return next((new for file in self.files for new in file.clients if new.xpm_id == xpm_id), None)

    def has_contact(self, contact: NewContact) -> bool:
        """Whether that contact waits to be added."""
        return any(contact in file.contacts for file in self.files)

    def contacts_of_others(self, known: Collection[str]) -> frozenset[str]:
        """The clients that get new contacts and are not among the known ones: a lost ledger knew them."""
        return frozenset(new.client_id for file in self.files for new in file.contacts) - frozenset(known)

    def summary(self, system: System, steps: tuple[str, ...] = ()) -> PendingUploads:
        """What waits for upload to that system, for screens and programs."""
        clients = [
            PendingClient(new.xpm_id, new.name, datetime.fromisoformat(file.since), Path(file.path))
            for file in self.files
            for new in file.clients
        ]
        return PendingUploads(tuple(file.summary(system) for file in self.files), tuple(clients), steps)

    def not_after(self, now: datetime) -> Pending:
        """Without moments that are still to come, which a clock that was ahead noted: they became `now`."""
        latest = now.isoformat()
        files = tuple(
            replace(
                file,
                since=_earlier(file.since, latest),
                written=_earlier(file.written, latest),
                uploaded=_earlier(file.uploaded, latest),
            )
            for file in self.files
        )
        return replace(self, files=files, known_upload=_earlier(self.known_upload, latest))

    def with_known_upload(self, moment: datetime) -> Pending:
        """Remember an upload; the latest one counts."""
        former = datetime.fromisoformat(self.known_upload) if self.known_upload else moment
        return replace(self, known_upload=max(former, moment).isoformat())


def _earlier(moment: str, latest: str) -> str:
    return latest if moment and datetime.fromisoformat(moment) > datetime.fromisoformat(latest) else moment


def unpack(text: str | None, ledger: Path) -> Pending:
    """Read the fact; raises `StateUnusable` for one that a newer xpmsync wrote or nobody can read."""
    if text is None:
        return Pending()
    try:
        data = json.loads(text)
        if data["format"] != _FORMAT:
            raise StateUnusable(ledger, "the note of pending uploads was written by a newer xpmsync")
        files = tuple(_file(file) for file in data["files"])
        confirmed = _confirmed(_table(data.get("confirmed", {})))
        ignored = tuple(map(str, _list(data.get("ignored", []))))
        return Pending(files, confirmed, str(data["known_upload"]), int(data["last"]), ignored)
    except (ValueError, KeyError, TypeError) as problem:
        raise StateUnusable(ledger, "the note of pending uploads cannot be read") from problem


def pack(pending: Pending) -> str:
    """The fact's text."""
    data = {"format": _FORMAT, **asdict(pending)}
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _file(data: dict[str, object]) -> WrittenFile:
    texts = {name: str(data[name]) for name in ("path", "since", "written", "digest", "uploaded")}
    names = _texts(data.get("names", {}))
    clients = tuple(_client(_table(client)) for client in _list(data["clients"]))
    contacts = tuple(NewContact(**_texts(contact)) for contact in _list(data["contacts"]))
    return WrittenFile(
        **texts,
        cells=_cells(data["cells"]),
        before=_cells(data.get("before", {})),
        names=names,
        clients=clients,
        contacts=contacts,
        pilot=data.get("pilot") is True,
    )


def _confirmed(data: dict[str, object]) -> ConfirmedUpload:
    clients = tuple(map(str, _list(data.get("clients", []))))
    return ConfirmedUpload(_cells(data.get("after", {})), _cells(data.get("before", {})), clients)


def _cells(data: object) -> dict[str, dict[str, str]]:
    return {row: _texts(columns) for row, columns in _table(data).items()}


def _client(data: dict[str, object]) -> NewClient:
    xpm_id, name, number = (str(data[key]) for key in ("xpm_id", "name", "xpm_number"))
    # Files written before the field was renamed have "twins".
    emails, namesakes = (_list(data["emails"]), _list(data.get("namesakes", data.get("twins"))))
    return NewClient(xpm_id, name, number, tuple(map(str, emails)), tuple(map(str, namesakes)))


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
