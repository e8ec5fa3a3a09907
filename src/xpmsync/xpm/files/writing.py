"""Writing to XPM by files: what a run collects, what waits for upload, and pilots that prove the import."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from xpmsync.core.enums import System
from xpmsync.core.model import Client
from xpmsync.core.ports.facts import Facts
from xpmsync.core.ports.uploads import PendingUploads
from xpmsync.csv_files.exchange import DraftOutcome, UploadExchange
from xpmsync.csv_files.history import TrustedFile
from xpmsync.csv_files.pending import Pending, name_fingerprint, row_key
from xpmsync.csv_files.reconcile import NotTakenCell
from xpmsync.errors import ClientNotFound, Rejected, UsageError
from xpmsync.local.settings.settings import Settings
from xpmsync.local.system.clock import Clock
from xpmsync.local.system.paths import ProfilePaths
from xpmsync.xpm.files.check import FilesCheck, folded_name
from xpmsync.xpm.files.draft import CALL, UpdateDraft
from xpmsync.xpm.files.proof import Pilot, ProofState, Snapshot, WriteKind, WriteProof, judge, load, save
from xpmsync.xpm.files.shapes import Kind
from xpmsync.xpm.files.tables import FIELD_OF, Table, cell_digest
from xpmsync.xpm.files.upload import outbox_of, pending_store

__all__ = ["PilotRequest", "XpmFileWriter"]


@dataclass(frozen=True, slots=True)
class PilotRequest:
    """One change of one client that a person chose to try out: the field, what is sent, and for which contact."""

    kind: WriteKind
    client_id: str
    contact_id: str
    name: str
    field: str
    values: Mapping[str, str]


class XpmFileWriter:
    """Collects writes for update files, by what the exports hold.

    `clients` reads XPM's clients by id, `gone` the names of clients that the exports
    lack: archived ones, and linked ones that are missing.
    """

    def __init__(
        self,
        settings: Settings,
        paths: ProfilePaths,
        facts: Facts,
        clock: Clock,
        tables: Mapping[Kind, Table],
        clients: Callable[[], Mapping[str, Client]],
        gone: Callable[[], Iterable[str]],
    ) -> None:
        self._outbox = outbox_of(settings)
        self._facts = facts
        self._clock = clock
        self._tables = tables
        self._clients = clients
        self._gone = gone
        self._exchange = UploadExchange(
            pending_store(settings, paths, facts),
            min((table.file for table in tables.values()), key=lambda file: file.taken),
            lambda: (row for table in tables.values() for row in table.shown_rows()),
            FIELD_OF,
            clock,
        )
        self._proofs = load(facts, paths.ledger)
        self._tried: WriteKind | None = None
        self._request: PilotRequest | None = None
        self._draft = UpdateDraft(tables)
        self.check = FilesCheck(
            tables,
            lambda: (*(client.name for client in clients().values()), *gone()),
            lambda: self._contact_names,
            self.state_of,
            lambda: self._unknown,
        )

    # --- collecting ---

    def update(self, client_id: str, values: Mapping[str, str], contact_id: str = "") -> None:
        """Collect new values of a client or of a contact; raises `Rejected` for what no file may hold."""
        client = self._known(client_id)
        if contact_id and client.contact(contact_id) is None:
            raise Rejected(System.XPM, CALL, f"the client {client_id} has no contact {contact_id}")
        self._require(self.check.update(client, values, contact_id))
        if contact_id:
            self._draft.update_contact(client_id, contact_id, values)
        else:
            self._draft.update(client_id, values)

    def add_contact(self, client_id: str, values: Mapping[str, str]) -> None:
        """Collect a new contact; one that waits already is not collected again."""
        self._require(self.check.add_contact(self._known(client_id), values))
        self._draft.add_contact(client_id, values, self._exchange.pending)

    # --- what waits ---

    def begin(self, trusted: Sequence[TrustedFile]) -> None:
        """Refuse exports that are too old, and judge a pilot that they show; raises `ExportTooOld`, `FileRefused`."""
        self._exchange.begin(trusted)
        self.judge_pilot()

    @property
    def not_taken(self) -> frozenset[NotTakenCell]:
        """The values of uploaded files that the exports do not show."""
        return self._exchange.not_taken

    @property
    def waiting(self) -> PendingUploads:
        """What waits, reconciled with these exports."""
        return self._exchange.waiting

    def notices(self) -> Iterator[str]:
        """What the exports show of uploads, and what became of pilots."""
        yield from self._exchange.notices
        if (pilot := self.pilot) is not None:
            yield f"A pilot waits for its upload and a new export: {pilot.field} of {pilot.name}."
        for kind, proof in self._proofs.proofs.items():
            if proof.reason and self.state_of(kind) is not ProofState.PROVEN:
                yield f"The pilot for {kind.label} ({proof.field} of {proof.client}): {proof.reason}."

    def finish(self, keep: Collection[str]) -> PendingUploads:
        """Write the files for upload; pending changes of the clients in `keep` stay, others are replaced."""
        self.judge_pilot()
        now, request = self._clock.now(), self._request

        def write(pending: Pending) -> DraftOutcome:
            outcome = self._draft.write(pending, self._outbox, now, keep, pilot=request is not None)
            if request is not None:
                # Noted before the file gets its name: a killed run leaves a file that is no pilot, never the reverse.
                self._proofs = replace(self._proofs, pilot=self._pilot_of(request, outcome))
                save(self._facts, self._proofs)
            return outcome

        waits = self._exchange.finish(write)
        self._draft, self._request, self._tried = UpdateDraft(self._tables), None, None
        return waits

    def forget_confirmed(self) -> None:
        """Take these exports for the newest, whatever earlier ones confirmed."""
        self._exchange.forget_confirmed()

    # --- proof ---

    def state_of(self, kind: WriteKind) -> ProofState:
        """What is known of such writes; the one that this run tries out counts as proven."""
        if kind is self._tried:
            return ProofState.PROVEN
        return self.proof_of(kind).state

    def proof_of(self, kind: WriteKind) -> WriteProof:
        """What is known of such writes for the exports of now."""
        table = self._tables.get(kind.table)
        return self._proofs.of(kind, table.fingerprint if table is not None else "")

    @property
    def pilot(self) -> Pilot | None:
        """The pilot whose file waits; one whose file was discarded waits no more."""
        pilot = self._proofs.pilot
        waits = pilot is not None and any(file.digest == pilot.digest for file in self._exchange.pending.files)
        return pilot if waits else None

    def allow_pilot(self, kind: WriteKind) -> None:
        """Let this run plan one such write as if it were proven; raises `UsageError` while another pilot waits."""
        if (pilot := self.pilot) is not None:
            raise UsageError(
                f"A pilot waits already: {pilot.field} of {pilot.name}. Nothing was written.",
                "Import its file in XPM, export again, and run diff; or discard it with xpm discard.",
            )
        self._tried = kind

    def try_out(self, request: PilotRequest) -> None:
        """Let this run write that one change, and nothing else, as a pilot."""
        self._request = request

    def judge_pilot(self) -> None:
        """See what exports that are newer than the pilot's file say of it."""
        pilot = self.pilot
        if pilot is None:
            return
        file = next(file for file in self._exchange.pending.files if file.digest == pilot.digest)
        if any(datetime.fromisoformat(file.written) >= table.file.taken for table in self._tables.values()):
            return
        at = self._clock.now().isoformat(timespec="seconds")
        proof = judge(pilot, tuple(self._tables.values()), uploaded=bool(file.uploaded), at=at)
        if proof is not None:
            self._proofs = self._proofs.judged(pilot.kind, proof)
            save(self._facts, self._proofs)

    def _pilot_of(self, request: PilotRequest, outcome: DraftOutcome) -> Pilot:
        """How everything is before the pilot's file is uploaded; raises `Rejected` where there is no such file."""
        file = next((file for file in reversed(outcome.pending.files) if file.pilot), None)
        if file is None or not outcome.prepared:
            raise Rejected(System.XPM, CALL, f"the export shows {request.field} as it would be written")
        table = self._tables[request.kind.table]
        ids = request.client_id, request.contact_id
        cells = next((row.cells for row in table.rows() if (row.client_id, row.contact_id) == ids), None)
        before = dict(zip(table.meanings, cells, strict=True)) if cells is not None else {}
        return Pilot(
            kind=request.kind,
            digest=file.digest,
            header=table.fingerprint,
            client_id=request.client_id,
            contact_id=request.contact_id,
            name=request.name,
            field=request.field,
            wanted=file.cells.get(row_key(*ids), {}),
            before={meaning: cell_digest(text) for meaning, text in before.items()},
            snapshot=Snapshot.of(self._tables.values()),
            new_name=name_fingerprint(request.values["name"]) if request.kind is WriteKind.CLIENT_NAME else "",
        )

    # --- cached lookups ---

    @cached_property
    def _contact_names(self) -> frozenset[str]:
        return frozenset(
            folded_name(contact.name) for client in self._clients().values() for contact in client.contacts
        )

    @cached_property
    def _unknown(self) -> str:
        """A file of new contacts in the folder that nothing is noted of."""
        return str(next(iter(self._outbox.unknown(self._exchange.pending)), ""))

    def _known(self, client_id: str) -> Client:
        client = self._clients().get(client_id)
        if client is None:
            raise ClientNotFound(client_id, System.XPM)
        return client

    def _require(self, reason: str) -> None:
        if reason:
            raise Rejected(System.XPM, CALL, reason)
