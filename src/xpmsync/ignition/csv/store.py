"""Route `csv`: Ignition by its export and import files. Works on every plan and needs no credentials.

Clients are read from the newest export; what a run writes is collected and put
into files for a person to upload (`finish`). What Ignition does not document is
done so that either answer does no harm: no cell is blanked, no record without an
id is written twice, and the secret column is left out altogether (an empty cell
might clear it, a copy would spread it).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from xpmsync.core.enums import System
from xpmsync.core.model import Client, Contact
from xpmsync.core.ports.store import Capabilities
from xpmsync.core.ports.uploads import ConfirmedClient, PendingUploads
from xpmsync.errors import ClientNotFound, ExportTooOld, FileRefused, Rejected, SettingsError
from xpmsync.ignition.csv.clients import Ids, check_export, read_clients
from xpmsync.ignition.csv.draft import UploadDraft
from xpmsync.ignition.csv.export import newest_export, open_export
from xpmsync.ignition.csv.outbox import Outbox
from xpmsync.ignition.csv.pending import FACT, load
from xpmsync.ignition.csv.reconcile import Reconciled, reconcile
from xpmsync.ignition.csv.rows import CALL
from xpmsync.ignition.csv.upload import noted, steps
from xpmsync.ignition.routes import RouteContext
from xpmsync.local.system.clock import local_time

__all__ = ["CsvStore", "open_store"]


class CsvStore:
    """An export and the files for upload, behind the port."""

    def __init__(self, around: RouteContext, exports: Path) -> None:
        self._guard_context = around
        self._exports = exports
        self._export = open_export(newest_export(exports))
        self._waiting = load(around.facts.fact(FACT), around.paths.ledger)
        if any(file.digest == self._export.digest for file in self._waiting.files):
            raise FileRefused(self._export.path, "it is a file that xpmsync wrote for upload, not an export")
        columns = self._export.columns
        fields = frozenset(columns.fields)
        writes = fields if columns.can_write else frozenset[str]()
        self._able = Capabilities(reads=fields, writes=writes, clears=False, immediate=False, by_rows=True)
        self._draft = UploadDraft(self._export)
        self._ids: Ids | None = None
        self._settled: Reconciled | None = None
        self._all: dict[str, Client] | None = None

    @property
    def system(self) -> System:
        """Ignition."""
        return System.IGNITION

    def connect(self) -> None:
        """The export was opened with the store, and its columns say all."""

    @property
    def capabilities(self) -> Capabilities:
        """What the export's columns carry; nothing can be cleared, and nothing happens before an upload."""
        return self._able

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
        ids = self._checked()
        return iter(self._all.values()) if self._all is not None else read_clients(self._export, ids)

    def get(self, client_id: str) -> Client | None:
        """One client by its id, or by the reference Ignition's screens show."""
        clients = self._clients()
        wanted = client_id.strip()
        if wanted in clients or not wanted.casefold().startswith("cli-"):
            return clients.get(wanted)
        return next((one for one in clients.values() if one.number.casefold() == wanted.casefold()), None)

    def search(self, text: str) -> Sequence[Client]:
        """Clients with the text in their name, reference, or a contact's name or e-mail."""
        wanted = text.strip().casefold()
        return [one for one in self._clients().values() if any(wanted in told.casefold() for told in _searched(one))]

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
        if self._waiting.client(xpm_id) is not None:
            raise Rejected(System.IGNITION, CALL, "the client was handed over for creation before")
        self._draft.create(values, contacts, xpm_id, xpm_number)
        made = tuple(Contact("", contact) for contact in contacts)
        return Client(System.IGNITION, "", values, made, xpm_number=xpm_number)

    def update(self, client_id: str, name: str, values: Mapping[str, str]) -> Client:
        """Collect new values of a client."""
        self._known(client_id)
        self._draft.update(client_id, values)
        return Client(System.IGNITION, client_id, {"name": name, **values})

    def add_contact(self, client_id: str, values: Mapping[str, str]) -> Contact:
        """Collect a new contact; one that waits already is not collected again."""
        self._known(client_id)
        self._draft.add_contact(client_id, values, self._waiting)
        return Contact("", values)

    def update_contact(self, client_id: str, contact_id: str, name: str, values: Mapping[str, str]) -> Contact:
        """Collect new values of a contact."""
        self._known(client_id)
        if self._checked().client_of.get(contact_id) != client_id:
            raise Rejected(System.IGNITION, CALL, f"the client {client_id} has no contact {contact_id}")
        self._draft.update_contact(client_id, contact_id, values)
        return Contact(contact_id, {"contact.name": name, **values})

    # --- handing over ---

    def begin(self) -> None:
        """Refuse to plan on an export from before the last known upload; raises `ExportTooOld`."""
        settled = self._against_export()
        if settled.waiting.known_upload:
            uploaded = datetime.fromisoformat(settled.waiting.known_upload)
            if self._export.taken < uploaded:
                raise ExportTooOld(self._export.path, self._export.taken, uploaded)

    def confirmed(self) -> Sequence[ConfirmedClient]:
        """The clients handed over for creation that the export shows."""
        return self._against_export().confirmed

    def waiting(self) -> PendingUploads:
        """What waits, held against this export."""
        waiting = self._against_export().waiting
        return waiting.told(steps(waiting, self._exports))

    def notices(self) -> Sequence[str]:
        """The export's name and age, what is wrong with it, and what it shows of the files uploaded before."""
        export = self._export
        age = _age(self._guard_context.clock.now() - export.taken)
        taken = local_time(export.taken)
        told = [f"Ignition as in the export {export.path.name} of {taken} ({age})."]
        if export.encoding != "utf-8-sig":
            told.append(
                "It is not UTF-8: another program saved it, and accents may be wrong. Use it as Ignition sent it."
            )
        if missing := export.columns.missing:
            told.append(f"It has no column {', '.join(missing)}; what they hold is not compared.")
        return (*told, *self._against_export().notices)

    def finish(self, *, linked: Mapping[str, str], compared: Collection[str]) -> PendingUploads:
        """Write the files for upload, replace the former file of changes, and forget what has arrived."""
        outbox = Outbox(self._guard_context.settings, self._exports)
        with noted(self._guard_context) as note:
            known = self._settled if note.waiting == self._waiting else None
            settled = known or reconcile(note.waiting, self._export)
            outcome = self._draft.write(settled.waiting, outbox, self._guard_context.clock.now(), linked, compared)
            before = note.waiting
            note.keep(outcome.waiting)
            outcome.publish(before)
        self._waiting, self._settled = outcome.waiting, replace(settled, waiting=outcome.waiting)
        self._draft = UploadDraft(self._export)
        return outcome.waiting.told(steps(outcome.waiting, self._exports))

    # --- looking things up once ---

    def _checked(self) -> Ids:
        if self._ids is None:
            self._ids = check_export(self._export)
        return self._ids

    def _clients(self) -> Mapping[str, Client]:
        if self._all is None:
            self._all = {client.id: client for client in self.read()}
        return self._all

    def _against_export(self) -> Reconciled:
        if self._settled is None:
            self._checked()
            self._settled = reconcile(self._waiting, self._export)
        return self._settled

    def _known(self, client_id: str) -> None:
        if client_id not in self._checked().clients:
            raise ClientNotFound(client_id, System.IGNITION)


@contextmanager
def open_store(around: RouteContext) -> Iterator[CsvStore]:
    """Open the newest export; raises `SettingsError`, `ExportMissing`, `FileRefused`."""
    exports = around.settings.folder("ignition.export_folder")
    if exports is None:
        problem = "must name the folder where you save Ignition's client exports"
        raise SettingsError(problem, around.settings.path, "ignition.export_folder")
    yield CsvStore(around, exports.absolute())


def _searched(client: Client) -> Iterator[str]:
    yield client.name
    yield client.number
    for contact in client.contacts:
        yield contact.name
        yield contact.email


def _age(passed: timedelta) -> str:
    minutes = max(0, int(passed.total_seconds() // 60))
    for size, word in ((60 * 24, "day"), (60, "hour"), (1, "minute")):
        if number := minutes // size:
            return f"{number} {word}{'' if number == 1 else 's'} old"
    return "less than a minute old"
