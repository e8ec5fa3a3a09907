"""Writing to XPM by files: what a run collects, what waits for upload, and pilots that prove the import."""

from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Final

from xpmsync.core import fingerprint
from xpmsync.core.enums import Direction, System
from xpmsync.core.model import Client
from xpmsync.core.plan.guards import is_shrunken
from xpmsync.core.ports.deferred import PendingUploads
from xpmsync.core.ports.store import Facts
from xpmsync.csv_files.exchange import DraftOutcome, UploadExchange
from xpmsync.csv_files.history import TrustedFile
from xpmsync.csv_files.pending import Pending, row_key
from xpmsync.csv_files.reconcile import NotTakenCell, cell_fingerprint
from xpmsync.errors import ClientNotFound, Rejected, UsageError
from xpmsync.local.settings.settings import Settings
from xpmsync.local.system.clock import Clock
from xpmsync.local.system.paths import ProfilePaths
from xpmsync.xpm.files.check import FilesCheck, KnownRecords
from xpmsync.xpm.files.clients import cell_digest
from xpmsync.xpm.files.columns import FIELD_OF, Kind
from xpmsync.xpm.files.draft import CALL, KEYS, UpdateDraft
from xpmsync.xpm.files.proof import Pilot, ProofState, Snapshot, WriteKind, WriteProof, judge, load, save
from xpmsync.xpm.files.upload import outbox_of, pending_store

_CONTACTS: Final = "xpm.files.contacts"
"""The fact with how many contacts the last used exports had."""
_FEWEST_OTHERS: Final = {Kind.CLIENTS: 2, Kind.CONTACTS: 1}
"""So many filled cells besides its keys a record needs for a pilot."""


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

    `known` are XPM's records as the exports show them.
    """

    def __init__(
        self,
        settings: Settings,
        paths: ProfilePaths,
        facts: Facts,
        clock: Clock,
        known: KnownRecords,
    ) -> None:
        tables = known.tables
        self._outbox = outbox_of(settings)
        self._command_line = settings.command_line
        self._facts = facts
        self._clock = clock
        self._tables = tables
        self._known_records = known
        self._missing_share = settings.guards.missing_share
        self._sends_to_xpm = settings.sync.direction is Direction.TO_XPM
        self._exchange = UploadExchange(
            pending_store(settings, paths, facts),
            min((table.file for table in tables.values()), key=lambda file: file.taken),
            lambda: (row for table in tables.values() for row in table.shown_rows()),
            FIELD_OF,
            clock,
            needs_word=True,
        )
        self._ledger = paths.ledger
        self._proofs = load(facts, self._ledger)
        self._judged: list[WriteKind] = []
        self._tried: frozenset[WriteKind] = frozenset()
        self._request: PilotRequest | None = None
        self._draft = UpdateDraft(tables)
        pilot = settings.command_line("xpm", "pilot")
        self.check = FilesCheck(known, self._proof_for, lambda: self._exchange.pending, lambda: self._doubt, pilot)

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
        for kind in self._proofs.proofs:
            proof = self.proof_of(kind)
            if proof.reason:
                yield f"The pilot for {kind.label} ({proof.field} of {proof.client}): {proof.reason}."
            elif kind in self._judged:
                yield f"Proven: {kind.label} can be written by file ({proof.field} of {proof.client})."

    def finish(
        self, keep: Collection[str], waits: Set[str], linked: Collection[str], unlinked: Collection[str]
    ) -> PendingUploads:
        """Write the files for upload.

        Pending changes of the clients in `keep` stay, and new contacts of those in `waits`,
        and of those that are neither `linked` nor `unlinked`. A pilot of one that is
        unlinked is withdrawn.
        Nothing stays of what is not proven any more, or where nothing is written to XPM now.
        """
        self.judge_pilot()
        now, request = self._clock.now(), self._request
        proven = [kind for kind in WriteKind if self.proof_of(kind).state is ProofState.PROVEN]
        waits |= self._exchange.pending.contacts_of_others({*linked, *unlinked})
        for file in self._exchange.pending.files:
            if file.pilot and not file.uploaded and not file.client_ids.isdisjoint(unlinked):
                self._exchange.withdraw(file)
        kinds, contacts = (proven, waits) if self._sends_to_xpm else ([], frozenset[str]())

        def write(pending: Pending) -> DraftOutcome:
            outcome = self._draft.write(pending, self._outbox, now, keep, kinds, contacts, pilot=request is not None)
            if request is not None:
                # Noted before the file gets its name: a killed run leaves a file that is no pilot, never the reverse.
                self._proofs = replace(self._proofs, pilot=self._pilot_of(request, outcome))
                save(self._facts, self._proofs)
            return outcome

        uploads = self._exchange.finish(write)
        if self._sends_to_xpm:
            self._facts.note(_CONTACTS, str(self._known_records.contact_count))
        self._draft, self._request, self._tried = UpdateDraft(self._tables), None, frozenset()
        return uploads

    def forget_confirmed(self) -> None:
        """Take these exports for the newest, whatever earlier ones confirmed."""
        self._exchange.forget_confirmed()

    # --- proof ---

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

    def allow_pilots(self, *kinds: WriteKind) -> None:
        """Let this run plan such writes as if they were proven; raises `UsageError` where a pilot would prove nothing.

        That is while anything else waits for upload, and without both exports.
        """
        if Kind.CONTACTS not in self._tables:
            raise UsageError(
                "A pilot needs both exports, to see what an import changed. Nothing was written.",
                "Export Generic - Contacts too.",
            )
        waiting = [file.name for file in self._exchange.reconciled.pending.files]
        if waiting:
            problem = f"{waiting[0]} waits already, and a pilot must be the only import. Nothing was written."
            if (pilot := self.pilot) is not None:
                problem = f"A pilot waits already: {pilot.field} of {pilot.name}. Nothing was written."
            raise UsageError(
                problem,
                f"Import what waits in XPM, then: {self._command_line('xpm', 'uploaded')}, and export again."
                f" Or discard it with: {self._command_line('xpm', 'discard')}",
            )
        self._tried = frozenset(kinds)

    def try_out(self, request: PilotRequest) -> None:
        """Let this run write that one change, and nothing else, as a pilot.

        Raises `UsageError` for a record with so little in it that nobody could see what the import clears.
        """
        table = self._tables[request.kind.table]
        cells = table.find(request.client_id, request.contact_id) or {}
        filled = sum(bool(text.strip()) for text in cells.values())
        if cells and filled < len(KEYS[table.kind]) + _FEWEST_OTHERS[table.kind]:
            raise UsageError(
                f"{request.name} has too little in XPM for a pilot: it must show that an import clears nothing else.",
                "Choose a client with more details filled in.",
            )
        self._request = request

    def judge_pilot(self) -> None:
        """See what exports that were made after the import of the pilot's file say of it; the file is done then."""
        pilot = self.pilot
        if pilot is None or Kind.CONTACTS not in self._tables:
            return
        file = next(file for file in self._exchange.pending.files if file.digest == pilot.digest)
        if not file.uploaded:
            return
        imported = max(datetime.fromisoformat(moment) for moment in (file.written, file.uploaded))
        if any(imported >= table.file.taken for table in self._tables.values()):
            return
        at = self._clock.now().isoformat(timespec="seconds")
        proof = judge(pilot, tuple(self._tables.values()), at=at)
        now = load(self._facts, self._ledger)
        if now.pilot != pilot:
            self._proofs = now  # another process judged it, or wrote a new one
            return
        self._proofs = now.judged(pilot.kind, proof)
        self._judged.append(pilot.kind)
        save(self._facts, self._proofs)
        if not file.once:  # A new contact waits until an export shows it, or a person discards its file.
            self._exchange.withdraw(file)

    def _proof_for(self, kind: WriteKind) -> WriteProof:
        """What is known of such writes; those that this run tries out count as proven."""
        return WriteProof(ProofState.PROVEN, letters=True) if kind in self._tried else self.proof_of(kind)

    def _pilot_of(self, request: PilotRequest, outcome: DraftOutcome) -> Pilot:
        """How everything is before the pilot's file is uploaded; raises `Rejected` where there is no such file."""
        file = next((file for file in reversed(outcome.pending.files) if file.pilot), None)
        if file is None or not outcome.prepared:
            raise Rejected(System.XPM, CALL, f"the export shows {request.field} as it would be written")
        table = self._tables[request.kind.table]
        before = table.find(request.client_id, request.contact_id) or {}
        wanted = file.cells.get(row_key(request.client_id, request.contact_id), {})
        if request.kind is WriteKind.NEW_CONTACT:
            wanted = {name: cell_fingerprint(FIELD_OF.get(name), text) for name, text in request.values.items() if text}
        return Pilot(
            kind=request.kind,
            digest=file.digest,
            header=table.fingerprint,
            client_id=request.client_id,
            contact_id=request.contact_id,
            name=request.name,
            field=request.field,
            wanted=wanted,
            before={meaning: cell_digest(text) for meaning, text in before.items()},
            snapshot=Snapshot.of(self._tables.values()),
            new_name=fingerprint.of_name(request.values["name"]) if request.kind is WriteKind.CLIENT_NAME else "",
            letters=not (request.name + "".join(request.values.values())).isascii(),
        )

    # --- cached lookups ---

    @cached_property
    def _doubt(self) -> str:
        """Why no contact is added now: nobody can say whether XPM has it already, or is to get it."""
        if unknown := next(iter(self._outbox.unknown(self._exchange.pending)), None):
            return f"{unknown} adds contacts, and nothing is noted of it. Upload it or remove it first."
        before, now = int(self._facts.fact(_CONTACTS) or 0), self._known_records.contact_count
        if is_shrunken(before - now, before, self._missing_share):
            return (
                f"The contacts export has {now:,} contacts, the last one had {before:,}: it may be cut. Export again."
            )
        return ""

    def _known(self, client_id: str) -> Client:
        client = self._known_records.clients().get(client_id)
        if client is None:
            raise ClientNotFound(client_id, System.XPM)
        return client

    def _require(self, reason: str) -> None:
        if reason:
            raise Rejected(System.XPM, CALL, reason)
