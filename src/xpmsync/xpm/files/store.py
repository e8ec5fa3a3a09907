"""Route `files`: XPM by the exports that any practice can make. Needs no app, no sign-in and no call.

What the files do not carry is no part of the capabilities, so it is held as not
carried, never compared or cleared. Archived clients are not exported: one that is
missing is gone or archived. What a run writes becomes files for XPM's import, as far
as a pilot has proven in this practice that such a write does what it should.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Final

from xpmsync.core.catalogue import FIELDS, Field
from xpmsync.core.enums import ClientState, Direction, System
from xpmsync.core.model import Client, Contact
from xpmsync.core.plan.hold_codes import HoldCode
from xpmsync.core.plan.plan import Hold
from xpmsync.core.ports.deferred import ConfirmedClient, DeferredWrites, PendingUploads
from xpmsync.core.ports.store import Capabilities, Facts
from xpmsync.core.rows import RowClients, RowRecord
from xpmsync.csv_files.form import Mark
from xpmsync.csv_files.history import TrustedFile
from xpmsync.csv_files.reading import age_of
from xpmsync.errors import FileRefused
from xpmsync.local.settings.settings import Settings
from xpmsync.local.system.clock import Clock, local_time
from xpmsync.local.system.paths import ProfilePaths
from xpmsync.xpm.files.check import WRITABLE, KnownRecords
from xpmsync.xpm.files.clients import ReportMarks, Table, fields_of, read_clients, read_contacts, read_marks
from xpmsync.xpm.files.columns import ColumnMap, Kind, check_ages, column_map, find_files
from xpmsync.xpm.files.upload import export_folder
from xpmsync.xpm.files.writing import XpmFileWriter

_PRACTICE: Final = "xpm.files.practice"
_SAMPLE: Final = 200
_KNOWN_SHARE: Final = 60
_FEWEST_KNOWN: Final = 3


@dataclass(frozen=True, slots=True)
class FilesContext:
    """What the route may use: settings, files, clock, remembered facts, and the names of linked clients by XPM id."""

    settings: Settings
    paths: ProfilePaths
    clock: Clock
    facts: Facts
    links: Mapping[str, str]


class XpmFilesStore:
    """XPM's newest exports, behind the port."""

    def __init__(self, context: FilesContext, folder: Path) -> None:
        self._context = context
        self.found, self.refused = find_files(folder, context.clock.now)
        check_ages(self.found, context.settings.xpm_files.max_hours_apart)
        ledger = context.paths.ledger
        self._columns: dict[Kind, ColumnMap] = {
            kind: column_map(found.file, found.shape, context.facts, ledger) for kind, found in self.found.items()
        }
        self._trust = {
            kind: TrustedFile(
                System.XPM, context.facts, f"xpm.{kind.value}", ledger, found.file, self._columns[kind].kept
            )
            for kind, found in self.found.items()
        }
        self._tables = {kind: Table(kind, self.found[kind].file, self._columns[kind]) for kind in self.found}
        self._writer = XpmFileWriter(
            context.settings,
            context.paths,
            context.facts,
            context.clock,
            KnownRecords(
                {kind: self._tables[kind] for kind in _exports(self.found)},
                lambda: self._by_id,
                self._gone_names,
                context.links,
            ),
        )
        self._capabilities = self._abilities()

    @property
    def system(self) -> System:
        """XPM."""
        return System.XPM

    @property
    def capabilities(self) -> Capabilities:
        """What the columns of the exports carry; writes take effect after an upload, and nothing can be cleared."""
        return self._capabilities

    @property
    def deferred(self) -> DeferredWrites:
        """This store itself: what it writes waits for an upload."""
        return self

    @property
    def as_of(self) -> datetime | None:
        """The older one of the exports' own times."""
        return min(self.found[kind].file.taken for kind in _exports(self.found))

    @property
    def calls_made(self) -> int:
        """No calls: files on this machine."""
        return 0

    def connect(self) -> None:
        """Make sure that the files are of this practice; raises `FileRefused`.

        A file names no practice: the share of known ids in it decides.
        """
        known = self._known_ids()
        present = sum(client_id in self._by_id for client_id in known)
        if len(known) - present >= _FEWEST_KNOWN and present * 100 < len(known) * _KNOWN_SHARE:
            problem = f"it has only {present} of {len(known)} clients that are known of this practice, so it is another"
            advice = "practice's, which needs a profile of its own, or not whole"
            raise FileRefused(self.found[Kind.CLIENTS].file.path, f"{problem} {advice}", system=System.XPM)
        if self._context.facts.fact(_PRACTICE) is None:
            self._remember_practice()

    # --- reading ---

    def read(self, *, since: datetime | None = None) -> Iterator[Client]:
        """Every client of the exports, and linked ones that a report marks as archived."""
        yield from self._by_id.values()
        yield from self._archived.values()

    def get(self, client_id: str) -> Client | None:
        """One client by its UUID."""
        wanted = client_id.strip().lower()
        return self._by_id.get(wanted) or self._archived.get(wanted)

    def search(self, text: str) -> Iterator[Client]:
        """Clients with the text in their name, e-mail, or a contact's name or e-mail."""
        wanted = text.strip().casefold()
        return (
            client for client in self._by_id.values() if any(wanted in shown.casefold() for shown in _searched(client))
        )

    # --- collecting ---

    def update(self, client_id: str, name: str, values: Mapping[str, str]) -> Client:
        """Collect new values of a client; raises `Rejected` for what no file may hold."""
        self._writer.update(client_id, values)
        return Client(System.XPM, client_id, {"name": name, **values})

    def add_contact(self, client_id: str, values: Mapping[str, str]) -> Contact:
        """Collect a new contact; one that waits already is not collected again."""
        self._writer.add_contact(client_id, values)
        return Contact("", values)

    def update_contact(self, client_id: str, contact_id: str, name: str, values: Mapping[str, str]) -> Contact:
        """Collect new values of a contact."""
        self._writer.update(client_id, values, contact_id)
        return Contact(contact_id, {"contact.name": name, **values})

    def table(self, kind: Kind) -> Table:
        """One of the files in use, row by row as it is."""
        return self._tables[kind]

    @property
    def writer(self) -> XpmFileWriter:
        """What is proven of XPM's import, and how one change is tried out."""
        return self._writer

    # --- pending uploads (`DeferredWrites`) ---

    def begin(self) -> None:
        """Refuse exports that cannot be trusted or are too old, and judge a pilot that they show.

        Raises `FileRefused`, `NewFormat`, `ExportTooOld`.
        """
        trusted = [self._trust[kind] for kind in _exports(self.found)]
        if self._context.settings.sync.direction.source is System.XPM:
            for file in trusted:
                file.check_source()
        self._writer.begin(trusted)

    def confirmed(self) -> Sequence[ConfirmedClient]:
        """Nothing is ever created in XPM."""
        return ()

    def not_taken(self) -> Collection[tuple[str, str, str]]:
        """The values of uploaded files that the exports do not show."""
        return self._writer.not_taken

    def waiting(self) -> PendingUploads:
        """What waits, reconciled with these exports."""
        return self._writer.waiting

    def finish(
        self,
        *,
        linked: Mapping[str, str],
        compared: Collection[str],
        waits: Collection[str] = (),
        unlinked: Collection[str] = (),
    ) -> PendingUploads:
        """Write the files for upload, and remember which exports the run planned on."""
        keep = [xpm_id for xpm_id, ignition_id in linked.items() if ignition_id not in compared]
        due = [xpm_id for xpm_id, ignition_id in linked.items() if ignition_id in waits]
        pending = self._writer.finish(keep, frozenset((*keep, *due)), linked, unlinked)
        for trust in self._trust.values():
            trust.note_plan()
        self._remember_practice()
        return pending

    @property
    def doubt(self) -> str:
        """What a person must accept before the exports are used, empty where nothing is in doubt."""
        doubts = (f"{trust.file.path}: {trust.form_notice()}" for trust in self._trust.values() if trust.new_form)
        return next(doubts, "")

    def accept_file(self) -> None:
        """Take the exports for the newest, and their form for the practice's own: a person said so."""
        for trust in self._trust.values():
            trust.accept()
        self._writer.forget_confirmed()
        self._capabilities = self._abilities()

    def check_holds(self, holds: Sequence[Hold]) -> None:
        """Raise `FileRefused` where values of a file of unknown form look damaged beside Ignition's."""
        trust = self._trust[Kind.CLIENTS]
        damaged = {hold.client.xpm_id: hold for hold in holds if hold.code is HoldCode.DAMAGED}
        if trust.known_form or not damaged:
            return
        columns = self._columns[Kind.CLIENTS]
        place = columns.order["id"]
        raise trust.damaged(
            [
                Mark(line, hold.field, hold.reason.partition(". ")[0])
                for line, row in trust.file.rows(columns.kept)
                if (hold := damaged.pop(row[place].strip().lower(), None)) is not None
            ]
        )

    def missing(self, client_ids: Collection[str]) -> int:
        """How many of those clients the exports do not have."""
        return sum(client_id not in self._by_id for client_id in client_ids)

    def client_rows(self) -> Mapping[str, RowRecord]:
        """The rows of the exports; archived clients are in none."""
        return self._by_id.rows

    def notices(self) -> Sequence[str]:
        """The exports' names and ages, what speaks against them, and clients that may have got a new id."""
        notices = list(self._writer.notices())
        for kind, found in self.found.items():
            age = age_of(self._context.clock.now() - found.file.taken)
            taken = local_time(found.file.taken)
            notices.append(f"XPM as in {found.file.path.name} ({found.shape.title}) of {taken} ({age}).")
            notices += self._trust[kind].notices()
        if Kind.REPORT not in self.found and self._context.settings.sync.direction is Direction.TO_XPM:
            notices.append("No report with Client and Status is there: archived clients' names are not known to holds.")
        if Kind.CONTACTS not in self.found:
            notices.append("There is no Generic - Contacts export: contacts are not compared.")
        labels = [row.label for row in self._missing_fields()]
        if labels:
            notices.append(f"XPM's files do not carry {', '.join(labels)}; that is not compared.")
        return (*notices, *self._new_ids())

    def _missing_fields(self) -> Iterator[Field]:
        """The fields that the exports in use could carry and do not."""
        contacts = Kind.CONTACTS in self.found
        return (row for row in FIELDS if row.name not in self._capabilities.reads and (contacts or not row.of_contact))

    def _new_ids(self) -> Iterator[str]:
        """Linked clients that are missing while another client has their name: a merge gives a new id."""
        gone = {name: client_id for client_id, name in self._context.links.items() if client_id not in self._by_id}
        if not gone:
            return
        linked = self._context.links
        for client_id in self._by_id:
            if client_id not in linked and (name := self._by_id[client_id].name) in gone:
                yield (
                    f"{name} is linked by the id {gone[name]}, which XPM no longer exports; a client of"
                    f" that name has the id {client_id}. If it is the same, unlink the one and link the other."
                )

    def _abilities(self) -> Capabilities:
        """What the columns carry; from exports that are not good nothing is written."""
        exports = _exports(self.found)
        reads = frozenset[str]().union(*(fields_of(self._columns[kind]) for kind in exports))
        return Capabilities(
            reads=reads,
            writes=reads & WRITABLE if all(self._trust[kind].is_good for kind in exports) else frozenset(),
            clears=False,
            contact_needs_email=False,
            immediate=False,
            from_file=True,
            title="XPM's import of files",
            remedy=" Change it in XPM by hand.",
            check=self._writer.check,
        )

    def _gone_names(self) -> Iterator[str]:
        """Names of clients that the export lacks: archived ones by the report, and linked ones that are missing."""
        if (report := self._tables.get(Kind.REPORT)) is not None:
            yield from report.archived_names()
        yield from (name for client_id, name in self._context.links.items() if client_id not in self._by_id)

    # --- cached lookups ---

    @cached_property
    def _by_id(self) -> RowClients:
        contacts = self.found.get(Kind.CONTACTS)
        people = read_contacts(contacts.file, self._columns[Kind.CONTACTS]) if contacts else {}
        return read_clients(self.found[Kind.CLIENTS].file, self._columns[Kind.CLIENTS], people, self._marks)

    @cached_property
    def _marks(self) -> ReportMarks:
        report = self.found.get(Kind.REPORT)
        if report is None:
            return ReportMarks()
        return read_marks(report.file, self._columns[Kind.REPORT], self._columns[Kind.CLIENTS])

    @cached_property
    def _archived(self) -> Mapping[str, Client]:
        """Linked clients that the export lacks and a report marks as archived, by their names."""
        names = list(self._context.links.values())
        return {
            client_id: Client(System.XPM, client_id, {"name": name}, state=ClientState.ARCHIVED)
            for client_id, name in self._context.links.items()
            if client_id not in self._by_id and name in self._marks.archived and names.count(name) == 1
        }

    def _known_ids(self) -> Collection[str]:
        """Ids of this practice: a sample of the last exports that were used, else those of linked clients."""
        remembered = self._context.facts.fact(_PRACTICE)
        sample: list[str] = json.loads(remembered) if remembered else []
        return sample or list(self._context.links)

    def _remember_practice(self) -> None:
        if self._by_id:
            sample = sorted(self._by_id, key=lambda client_id: client_id[::-1])[:_SAMPLE]
            self._context.facts.note(_PRACTICE, json.dumps(sample))


@contextmanager
def open_store(context: FilesContext) -> Iterator[XpmFilesStore]:
    """Open the newest exports; raises `SettingsError`, `ExportMissing`, `FileRefused`, `ColumnsUnconfirmed`."""
    yield XpmFilesStore(context, export_folder(context.settings))


def _exports(found: Mapping[Kind, object]) -> list[Kind]:
    return [kind for kind in (Kind.CLIENTS, Kind.CONTACTS) if kind in found]


def _searched(client: Client) -> Iterator[str]:
    yield client.name
    yield client.email
    for contact in client.contacts:
        yield contact.name
        yield contact.email
