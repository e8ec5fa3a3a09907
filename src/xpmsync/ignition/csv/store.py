"""Route `csv`: Ignition by its export and import files. Works on every plan and needs no credentials.

Clients are read from the newest export; what a run writes is collected and put
into files for a person to upload (`finish`). What Ignition does not document is
done so that either answer does no harm: no cell is blanked, no record without an
id is written twice, and the secret column is left out altogether (an empty cell
might clear it, a copy would spread it).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from xpmsync.core.enums import System
from xpmsync.core.match.name_search import fits_client, read_query
from xpmsync.core.model import Client, Contact
from xpmsync.core.plan.hold_codes import HoldCode
from xpmsync.core.plan.plan import Hold
from xpmsync.core.ports.deferred import ConfirmedClient, DeferredWrites, PendingUploads
from xpmsync.core.ports.store import Capabilities
from xpmsync.core.rows import RowRecord
from xpmsync.csv_files.exchange import UploadExchange
from xpmsync.csv_files.form import Mark
from xpmsync.csv_files.history import TrustedFile
from xpmsync.csv_files.reading import age_of, csv_files_in
from xpmsync.csv_files.reconcile import NotTakenCell, ShownRow
from xpmsync.csv_files.uploads import Outbox
from xpmsync.errors import ClientNotFound, FileRefused, Rejected, SettingsError
from xpmsync.ignition.csv.draft import Kept, UploadDraft
from xpmsync.ignition.csv.export import (
    CLIENT_ID,
    FIELD_OF,
    Export,
    ExportedClients,
    open_export,
    read_clients,
    shown_rows,
)
from xpmsync.ignition.csv.rows import CALL
from xpmsync.ignition.csv.upload import pending_store
from xpmsync.ignition.routes import RouteContext
from xpmsync.local.settings.settings import UPLOAD_FOLDER
from xpmsync.local.system.clock import local_time

_MOST_MARKS: Final = 5


class CsvStore:
    """An export and the files for upload, behind the port."""

    def __init__(self, context: RouteContext, exports: Path) -> None:
        self._context = context
        self._exports = exports
        self._export = open_export(csv_files_in(exports, context.clock.now)[0])
        self._exchange = UploadExchange(
            pending_store(context),
            self._export.file,
            self._shown_rows,
            FIELD_OF,
            context.clock,
        )
        columns = self._export.columns
        self._trust = TrustedFile(
            System.IGNITION, context.facts, "ignition", context.paths.ledger, self._export.file, columns.kept
        )
        settings, folder = context.settings, exports.parent if exports.is_file() else exports
        self._outbox = Outbox(settings.folder("ignition.import_folder") or folder / UPLOAD_FOLDER, settings.profile)
        self._base: Export | None = None
        self._capabilities = Capabilities()
        self._choose_base()
        self._draft = self._new_draft()
        self._exported: ExportedClients | None = None

    @property
    def system(self) -> System:
        """Ignition."""
        return System.IGNITION

    def connect(self) -> None:
        """The export was opened with the store, and its columns say all."""

    @property
    def capabilities(self) -> Capabilities:
        """What the export's columns carry; nothing can be cleared, and nothing happens before an upload."""
        return self._capabilities

    @property
    def deferred(self) -> DeferredWrites:
        """This store itself: what it writes waits for an upload."""
        return self

    @property
    def as_of(self) -> datetime | None:
        """The export's own time."""
        return self._export.taken

    @property
    def calls_made(self) -> int:
        """No calls: files on this machine."""
        return 0

    # --- reading ---

    def read(self, *, since: datetime | None = None) -> Iterator[Client]:
        """Every client of the export, once all of it has been checked."""
        return iter(self._clients().values())

    def get(self, client_id: str) -> Client | None:
        """One client by its id, or by the reference Ignition's screens show."""
        clients = self._clients()
        wanted = client_id.strip()
        if wanted in clients or not wanted.casefold().startswith("cli-"):
            return clients.get(wanted)
        return next((client for client in clients.values() if client.number.casefold() == wanted.casefold()), None)

    def search(self, text: str) -> Iterator[Client]:
        """Clients that fit by name, reference, telephone number, or a contact's name or e-mail."""
        query = read_query(text)
        return (client for client in self.read() if fits_client(query, client))

    # --- collecting ---

    def create(
        self,
        values: Mapping[str, str],
        contacts: Sequence[Mapping[str, str]],
        *,
        xpm_id: str = "",
        xpm_number: str = "",
    ) -> Client:
        """Collect a new client; it has no id before an export shows it. One that waits already is refused."""
        if self._exchange.pending.client(xpm_id) is not None:
            raise Rejected(System.IGNITION, CALL, "the client was put into a file for creation before")
        self._draft.create(values, contacts, xpm_id, xpm_number)
        created = tuple(Contact("", contact) for contact in contacts)
        return Client(System.IGNITION, "", values, created, xpm_number=xpm_number)

    def update(self, client_id: str, name: str, values: Mapping[str, str]) -> Client:
        """Collect new values of a client."""
        self._known(client_id)
        self._draft.update(client_id, values)
        return Client(System.IGNITION, client_id, {"name": name, **values})

    def add_contact(self, client_id: str, values: Mapping[str, str]) -> Contact:
        """Collect a new contact; one that waits already is not collected again."""
        self._known(client_id)
        self._draft.add_contact(client_id, values, self._exchange.pending)
        return Contact("", values)

    def update_contact(self, client_id: str, contact_id: str, name: str, values: Mapping[str, str]) -> Contact:
        """Collect new values of a contact."""
        self._known(client_id)
        if self._checked().client_of.get(contact_id) != client_id:
            raise Rejected(System.IGNITION, CALL, f"the client {client_id} has no contact {contact_id}")
        self._draft.update_contact(client_id, contact_id, values)
        return Contact(contact_id, {"contact.name": name, **values})

    # --- pending uploads (`DeferredWrites`) ---

    def begin(self) -> None:
        """Refuse to plan on a damaged source, or on an older export than was seen; raises `FileRefused`.

        Also `NewFormat`, and `ExportTooOld` for one from before the last known upload.
        """
        if self._context.settings.sync.direction.source is System.IGNITION:
            self._trust.check_source()
        if self._exchange.begin((self._trust,)):
            self._draft = self._new_draft()

    def confirmed(self) -> Sequence[ConfirmedClient]:
        """The clients written for creation that the export shows."""
        return self._exchange.confirmed

    def not_taken(self) -> frozenset[NotTakenCell]:
        """The cells of uploaded files that this export does not show."""
        return self._exchange.not_taken

    def waiting(self) -> PendingUploads:
        """What waits, reconciled with this export."""
        return self._exchange.waiting

    def client_rows(self) -> Mapping[str, RowRecord]:
        """The export's rows, once all of them have been checked."""
        return self._checked().clients.rows

    def notices(self) -> Sequence[str]:
        """The export's name and age, what is wrong with it, and what it shows of the files uploaded before."""
        export = self._export
        age = age_of(self._context.clock.now() - export.taken)
        taken = local_time(export.taken)
        notices = [f"Ignition as in the export {export.path.name} of {taken} ({age}).", *self._trust.notices()]
        if not self._trust.is_good:
            notices.append(
                "No cell is carried over from it: rows are completed from the last good export."
                if self._base is not None
                else "Nothing is written from it, since no good export is there to complete the rows."
            )
        if missing := export.columns.missing:
            notices.append(f"It has no column {', '.join(missing)}; what they hold is not compared.")
        return (*notices, *self._exchange.notices)

    def finish(
        self,
        *,
        linked: Mapping[str, str],
        compared: Collection[str],
        waits: Collection[str] = (),
        unlinked: Collection[str] = (),
    ) -> PendingUploads:
        """Write the files for upload, replace the former file of changes, and forget what has arrived.

        Where Ignition is the source by now, nothing stays of earlier runs but clients that a person imported.
        """
        now, settings = self._context.clock.now(), self._context.settings
        replaced = linked.values() if settings.sync.direction.source is System.IGNITION else compared
        lost = self._exchange.pending.contacts_of_others({*linked.values(), *unlinked})
        keep = Kept(linked, frozenset(linked.values()).difference(replaced), lost.union(waits))
        pending = self._exchange.finish(lambda pending: self._draft.write(pending, self._outbox, now, keep))
        self._trust.note_plan()
        self._draft = self._new_draft()
        return pending

    @property
    def doubt(self) -> str:
        """What a person must accept before the export is used in full, empty where nothing is in doubt."""
        return f"{self._export.path}: {self._trust.form_notice()}" if self._trust.new_form else ""

    def accept_file(self) -> None:
        """Take the export for the newest, and its form for the practice's own: a person said so."""
        self._trust.accept()
        self._exchange.forget_confirmed()
        self._choose_base()
        self._draft = self._new_draft()

    def check_holds(self, holds: Sequence[Hold]) -> None:
        """As a source of unknown form: raise `FileRefused` where values look damaged beside the other side's."""
        damaged = {hold.client.ignition_id: hold for hold in holds if hold.code is HoldCode.DAMAGED}
        if self._trust.known_form or not damaged:
            return
        place = self._export.columns.places[CLIENT_ID]
        marks = [
            Mark(line, hold.field, hold.reason.partition(". ")[0])
            for line, row in self._export.rows()
            if (hold := damaged.pop(row[place].strip(), None)) is not None
        ]
        raise self._trust.damaged(marks[:_MOST_MARKS])

    def missing(self, client_ids: Collection[str]) -> int:
        """How many of those clients the export does not have."""
        return len(frozenset(client_ids) - self._clients().keys())

    def _choose_base(self) -> None:
        """Decide which export completes the rows that are written: this one, the last good one, or none."""
        self._base = self._export if self._trust.is_good else self._last_good_export()
        columns = self._base.columns if self._base is not None else None
        blocked = "" if columns is not None else self._trust.why_not_good()
        self._capabilities = Capabilities(
            reads=frozenset(self._export.columns.fields),
            writes=frozenset(columns.fields) if columns is not None and columns.can_write else frozenset(),
            clears=False,
            immediate=False,
            by_rows=True,
            from_file=True,
            blocked=blocked,
        )

    def _new_draft(self) -> UploadDraft:
        unknown = self._outbox.unknown(self._exchange.pending)
        return UploadDraft(self._base or self._export, unknown, is_good=self._base is not None)

    def _last_good_export(self) -> Export | None:
        """The last export that was good, where it is still in its place."""
        history = self._trust.history
        try:
            export = open_export(Path(history.good)) if history.good else None
        except FileRefused:
            return None
        digests = {planned.digest for planned in history.planned}
        return export if export is not None and export.file.digest in digests else None

    # --- cached lookups ---

    def _checked(self) -> ExportedClients:
        if self._exported is None:
            self._exported = read_clients(self._export)
        return self._exported

    def _clients(self) -> Mapping[str, Client]:
        return self._checked().clients

    def _shown_rows(self) -> Iterator[ShownRow]:
        self._checked()
        return shown_rows(self._export)

    def _known(self, client_id: str) -> None:
        if client_id not in self._checked().clients:
            raise ClientNotFound(client_id, System.IGNITION)


@contextmanager
def open_store(context: RouteContext) -> Iterator[CsvStore]:
    """Open the newest export; raises `SettingsError`, `ExportMissing`, `FileRefused`."""
    exports = context.settings.folder("ignition.export_folder")
    if exports is None:
        problem = "must name the folder where you save Ignition's client exports"
        raise SettingsError(problem, context.settings.path, "ignition.export_folder")
    yield CsvStore(context, exports.absolute())
