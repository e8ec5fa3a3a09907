"""Proof that XPM's import does what is documented, for this practice: one pilot, judged by the next export.

Xero's pages contradict each other on what an import goes by, and nobody here has
tried it. So each kind of write is unproven until a person uploaded one change of
one client and the next export shows that change and no other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from xpmsync.core import fingerprint
from xpmsync.core.ports.store import Facts
from xpmsync.csv_files.reconcile import cell_fingerprint
from xpmsync.errors import StateUnusable
from xpmsync.xpm.files.clients import Table, cell_digest
from xpmsync.xpm.files.columns import FIELD_OF, Kind

_FACT: Final = "xpm.files.proof"
_FORMAT: Final = 1


class WriteKind(StrEnum):
    """The kinds of writes, each proven by itself."""

    CLIENT_FIELD = "client-field"
    CONTACT_FIELD = "contact-field"
    NEW_CONTACT = "new-contact"
    CLIENT_NAME = "client-name"

    @property
    def label(self) -> str:
        """The kind in words."""
        return {
            WriteKind.CLIENT_FIELD: "details of clients",
            WriteKind.CONTACT_FIELD: "details of contacts",
            WriteKind.NEW_CONTACT: "new contacts",
            WriteKind.CLIENT_NAME: "names of clients",
        }[self]

    @property
    def table(self) -> Kind:
        """Which export shows it."""
        return Kind.CLIENTS if self in (WriteKind.CLIENT_FIELD, WriteKind.CLIENT_NAME) else Kind.CONTACTS


class ProofState(StrEnum):
    """What is known of a kind of write in this practice."""

    UNPROVEN = "unproven"
    PROVEN = "proven"
    REFUTED = "refuted"


@dataclass(frozen=True, slots=True)
class WriteProof:
    """What a pilot showed: `header` is the fingerprint of the export's header and form then, `at` when (UTC, ISO).

    `letters` says that the pilot's row had letters beyond ASCII.
    """

    state: ProofState
    at: str = ""
    header: str = ""
    client: str = ""
    field: str = ""
    reason: str = ""
    letters: bool = False

    def covers(self, text: str, table: Table | None) -> bool:
        """Whether a row with that text was tried out: letters beyond ASCII may be read as others, but for a BOM."""
        return text.isascii() or self.letters or (table is not None and table.file.form.bom)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Every row of the exports by its ids: digests of whole rows, and of the names of clients."""

    clients: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    contacts: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, tables: Iterable[Table]) -> Snapshot:
        """Read both exports; raises `FileRefused`."""
        clients: dict[str, str] = {}
        names: dict[str, str] = {}
        contacts: dict[str, str] = {}
        for table in tables:
            order = table.columns.order
            for row in table.rows():
                digest = cell_digest("\x1f".join(row.cells))
                if table.kind is Kind.CLIENTS:
                    clients[row.client_id] = digest
                    names[row.client_id] = fingerprint.of_name(row.cells[order["name"]])
                elif table.kind is Kind.CONTACTS:
                    contacts[f"{row.client_id}/{row.contact_id}"] = digest
        return cls(clients, names, contacts)


@dataclass(frozen=True, slots=True)
class Pilot:
    """A pilot that waits for its export.

    `digest` names its file. `wanted` are the fingerprints of the cells it sends, by
    meaning; `before` the digests of its whole row as it was, empty for a new contact.
    `new_name` is the fingerprint of the new name of a rename, `letters` as in `WriteProof`.
    """

    kind: WriteKind
    digest: str
    header: str
    client_id: str
    contact_id: str
    name: str
    field: str
    wanted: Mapping[str, str]
    before: Mapping[str, str]
    snapshot: Snapshot
    new_name: str = ""
    letters: bool = False


@dataclass(frozen=True, slots=True)
class Proofs:
    """What is known of each kind, and the pilot that waits, if there is one."""

    proofs: Mapping[WriteKind, WriteProof] = field(default_factory=dict)
    pilot: Pilot | None = None

    def of(self, kind: WriteKind, header: str) -> WriteProof:
        """What is known of a kind for exports with that header; another header's proof counts for nothing."""
        proof = self.proofs.get(kind)
        if proof is None or proof.header == header:
            return proof or WriteProof(ProofState.UNPROVEN)
        reason = "the header or the form of XPM's export is another than at the last pilot"
        return WriteProof(ProofState.UNPROVEN, client=proof.client, field=proof.field, reason=reason)

    def judged(self, kind: WriteKind, proof: WriteProof) -> Proofs:
        """With the outcome of the pilot that waited."""
        return Proofs({**self.proofs, kind: proof})


def kind_of(field_name: str, contact_id: str) -> WriteKind:
    """The kind that a change of a field belongs to."""
    if field_name == "contact":
        return WriteKind.NEW_CONTACT
    if contact_id or field_name.startswith("contact."):
        return WriteKind.CONTACT_FIELD
    return WriteKind.CLIENT_NAME if field_name == "name" else WriteKind.CLIENT_FIELD


def judge(pilot: Pilot, tables: Sequence[Table], *, at: str) -> WriteProof:
    """What exports that were made after the import say of a pilot.

    Proven: the value is on that id, and nothing else changed. Refuted: XPM did not
    take it, or something else of that client or by that name changed. Unproven: other
    clients changed meanwhile, by somebody's hand or by the import; nobody can say.
    """
    after = Snapshot.of(tables)
    own = _own_row(pilot, tables, after)
    state, reason = ProofState.PROVEN, ""
    if harm := _harm(pilot, own, after):
        state, reason = ProofState.REFUTED, harm
    elif not _is_shown(pilot, own):
        state, reason = (
            ProofState.REFUTED,
            "XPM does not show the value; was Update Existing ticked as the file's name says",
        )
    elif other := _others(pilot, after):
        state, reason = ProofState.UNPROVEN, f"{other}, so it cannot be said what the import did; repeat the pilot"
    return WriteProof(state, at, pilot.header, pilot.name, pilot.field, reason, pilot.letters)


def _own_row(pilot: Pilot, tables: Sequence[Table], after: Snapshot) -> Mapping[str, str] | None:
    """The pilot's own row by meaning, that of the contact it added included; None where it is not there."""
    table = next(each for each in tables if each.kind is pilot.kind.table)
    key = f"{pilot.client_id}/{pilot.contact_id}"
    if pilot.kind is WriteKind.NEW_CONTACT:
        key = next(iter(_new_contacts(pilot, after)), "")
    client_id, _, contact_id = key.partition("/")
    return table.find(client_id, contact_id) if key else None


def _is_shown(pilot: Pilot, own: Mapping[str, str] | None) -> bool:
    return own is not None and all(
        cell_fingerprint(FIELD_OF.get(name), own.get(name, "")) == text for name, text in pilot.wanted.items()
    )


def _new_contacts(pilot: Pilot, after: Snapshot) -> list[str]:
    """The client's contacts that were not there before."""
    new = after.contacts.keys() - pilot.snapshot.contacts.keys()
    return [key for key in new if key.partition("/")[0] == pilot.client_id]


def _harm(pilot: Pilot, own: Mapping[str, str] | None, after: Snapshot) -> str:
    """What an import by another rule than the documented one would leave behind, in words; else empty."""
    before = pilot.snapshot
    if pilot.client_id not in after.clients:
        return "the client is no longer in the export"
    added = after.clients.keys() - before.clients.keys()
    names = {pilot.new_name, before.names.get(pilot.client_id, "")}
    if any(after.names[client_id] in names for client_id in added):
        return "a second client of that name appeared, which is to be removed in XPM"
    if pilot.kind is not WriteKind.NEW_CONTACT:
        if own is None:
            return "its row is no longer in the export"
        other = [
            name for name, text in pilot.before.items() if name not in pilot.wanted and cell_digest(own[name]) != text
        ]
        if other:
            return f"it changed other columns too: {', '.join(sorted(other))}"
    mine = {key for key in (*before.contacts, *after.contacts) if key.partition("/")[0] == pilot.client_id}
    own_key = f"{pilot.client_id}/{pilot.contact_id}"
    allowed = set(_new_contacts(pilot, after)) if pilot.kind is WriteKind.NEW_CONTACT else {own_key}
    changed = [key for key in mine - allowed if before.contacts.get(key) != after.contacts.get(key)]
    if changed or (pilot.kind is WriteKind.NEW_CONTACT and len(allowed) > 1):
        return "contacts of the client changed, or were doubled"
    if pilot.kind.table is Kind.CONTACTS and before.clients.get(pilot.client_id) != after.clients[pilot.client_id]:
        return "the client itself changed"
    return ""


def _others(pilot: Pilot, after: Snapshot) -> str:
    """What else changed, in words; empty for nothing."""
    before = pilot.snapshot
    more = len(after.clients.keys() - before.clients.keys())
    fewer = len(before.clients.keys() - after.clients.keys())
    changed = {key for key in before.clients.keys() & after.clients.keys() if before.clients[key] != after.clients[key]}
    contacts = {
        key.partition("/")[0]
        for key in before.contacts.keys() | after.contacts.keys()
        if before.contacts.get(key) != after.contacts.get(key)
        # A contact of several clients is one person: its other rows show the same change.
        and not (pilot.contact_id and key.endswith(f"/{pilot.contact_id}"))
    }
    changed = (changed | contacts) - {pilot.client_id} - (after.clients.keys() ^ before.clients.keys())
    parts = [(more, "more in the export"), (fewer, "fewer in the export"), (len(changed), "changed besides")]
    return ", ".join(
        f"{number} {'client is' if number == 1 else 'clients are'} {what}" for number, what in parts if number
    )


def load(facts: Facts, ledger: Path) -> Proofs:
    """What is known; raises `StateUnusable`."""
    text = facts.fact(_FACT)
    if text is None:
        return Proofs()
    try:
        data = json.loads(text)
        if data["format"] != _FORMAT:
            raise StateUnusable(ledger, "the proofs of XPM's import were noted by a newer xpmsync")
        proofs = {
            WriteKind(kind): WriteProof(**{**each, "state": ProofState(each["state"])})
            for kind, each in data["proofs"].items()
        }
        pilot = data["pilot"]
        if pilot is None:
            return Proofs(proofs)
        snapshot = Snapshot(**pilot["snapshot"])
        return Proofs(proofs, Pilot(**{**pilot, "kind": WriteKind(pilot["kind"]), "snapshot": snapshot}))
    except (ValueError, KeyError, TypeError) as problem:
        raise StateUnusable(ledger, "the proofs of XPM's import cannot be read") from problem


def save(facts: Facts, proofs: Proofs) -> None:
    """Remember what is known."""
    data = {
        "format": _FORMAT,
        "proofs": {kind.value: asdict(proof) for kind, proof in proofs.proofs.items()},
        "pilot": asdict(proofs.pilot) if proofs.pilot is not None else None,
    }
    facts.note(_FACT, json.dumps(data, ensure_ascii=False, separators=(",", ":")))
