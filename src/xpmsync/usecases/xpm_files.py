"""XPM's export files for people: what each can show, what its columns mean, and contacts that are there twice.

A pilot is one change of one client, chosen by a person, that proves what XPM's import does in this practice.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from xpmsync.core.catalogue import names
from xpmsync.core.enums import Direction, System
from xpmsync.core.model import Link
from xpmsync.core.plan.hold_codes import HoldCode
from xpmsync.core.plan.plan import Change, ChangeKind, Plan
from xpmsync.core.ports.store import Facts
from xpmsync.core.rows import people_of
from xpmsync.core.text import visible
from xpmsync.csv_files.history import TrustedFile
from xpmsync.csv_files.reading import open_csv
from xpmsync.errors import ColumnsUnconfirmed, FileRefused, UsageError
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.settings.settings import Settings
from xpmsync.local.system.clock import Clock
from xpmsync.local.system.paths import ProfilePaths
from xpmsync.usecases.context.context import Progress, SyncContext
from xpmsync.usecases.context.resolve import resolve_link
from xpmsync.usecases.sync.apply import Applied, apply
from xpmsync.usecases.sync.preview import Preview, preview
from xpmsync.xpm.files.check import WRITABLE
from xpmsync.xpm.files.clients import fields_of, read_contacts
from xpmsync.xpm.files.columns import (
    SEPARATORS,
    ColumnMap,
    ColumnProposal,
    Kind,
    column_map,
    confirm,
    find_files,
    propose,
    shape_of,
)
from xpmsync.xpm.files.proof import Pilot, WriteKind, WriteProof, kind_of
from xpmsync.xpm.files.store import FilesContext, XpmFilesStore, open_store
from xpmsync.xpm.files.upload import export_folder
from xpmsync.xpm.files.writing import PilotRequest, XpmFileWriter

_MASKED: Final = 2


@dataclass(frozen=True, slots=True)
class ExportState:
    """A file in use: what it is, how old, which fields it carries, and what speaks against it.

    `evidence` are the fields that a report adds for matching alone.
    """

    path: Path
    title: str
    taken: datetime
    complete: bool
    fields: tuple[str, ...]
    problems: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FilesState:
    """The files in use, what the route carries, and files that could not be read.

    `archived` says whether a report marks archived clients.
    """

    folder: Path
    files: tuple[ExportState, ...]
    fields: tuple[str, ...]
    not_carried: tuple[str, ...]
    archived: bool
    refused: tuple[FileRefused, ...] = ()


@dataclass(frozen=True, slots=True)
class FileColumns:
    """The columns of a file with one masked sample each."""

    path: Path
    title: str
    proposals: tuple[ColumnProposal, ...]
    samples: tuple[str, ...]
    unconfirmed: str = ""


@dataclass(frozen=True, slots=True)
class DuplicateContact:
    """One person with several contact ids, and the clients that have them."""

    name: str
    contact_ids: tuple[str, ...]
    client_ids: tuple[str, ...] = field(default=())


def files_state(settings: Settings, paths: ProfilePaths, ledger: Ledger) -> FilesState:
    """What the newest files of the folder carry; raises `ExportMissing`, `FileRefused`, `SettingsError`."""
    folder = export_folder(settings)
    found, refused = find_files(folder)
    files = []
    carried: set[str] = set()
    read: set[str] = set()
    for kind, each in found.items():
        problems: list[str] = []
        fields: frozenset[str] = frozenset()
        evidence: tuple[str, ...] = ()
        try:
            columns = column_map(each.file, each.shape, ledger, paths.ledger)
            if kind is Kind.REPORT:
                evidence = tuple(name for name in columns.places if name not in read and name != "status")
            else:
                fields = fields_of(columns)
                read |= {*fields, *columns.places}
            trust = TrustedFile(System.XPM, ledger, f"xpm.{kind.value}", paths.ledger, each.file, columns.kept)
            problems += trust.notices()
        except ColumnsUnconfirmed as problem:
            problems.append(problem.problem)
        carried |= fields
        ordered = tuple(name for name in names() if name in fields)
        files.append(
            ExportState(
                each.file.path,
                each.shape.title,
                each.file.taken,
                each.shape.complete,
                ordered,
                tuple(problems),
                evidence,
            )
        )
    return FilesState(
        folder,
        tuple(files),
        tuple(name for name in names() if name in carried),
        tuple(name for name in names() if name not in carried),
        Kind.REPORT in found,
        refused,
    )


def show_columns(path: Path, facts: Facts, ledger: Path) -> FileColumns:
    """What the columns of a file mean, with masked samples; raises `FileRefused`."""
    file = open_csv(path, SEPARATORS, System.XPM)
    shape = shape_of(file)
    proposals = propose(file, shape)
    unconfirmed = ""
    try:
        column_map(file, shape, facts, ledger)
    except ColumnsUnconfirmed as problem:
        unconfirmed = problem.problem
    kept = [place for place, proposal in enumerate(proposals) if proposal.meaning]
    samples = dict.fromkeys(range(len(proposals)), "")
    for _, row in file.rows(kept):
        for place, text in zip(kept, row, strict=True):
            samples[place] = samples[place] or _masked(text)
        if all(samples[place] for place in kept):
            break
    return FileColumns(path, shape.title, proposals, tuple(samples.values()), unconfirmed)


def unconfirmed_file(settings: Settings, paths: ProfilePaths, ledger: Ledger) -> Path:
    """The first file in use whose columns nobody confirmed, else the clients file; raises as `files_state`."""
    found, _ = find_files(export_folder(settings))
    for each in found.values():
        try:
            column_map(each.file, each.shape, ledger, paths.ledger)
        except ColumnsUnconfirmed:
            return each.file.path
    return found[Kind.CLIENTS].file.path


def confirm_columns(path: Path, facts: Facts) -> None:
    """Remember that a person confirmed what the file's columns mean; raises `FileRefused`."""
    file = open_csv(path, SEPARATORS, System.XPM)
    confirm(file, shape_of(file), facts)


def duplicate_contacts(settings: Settings, paths: ProfilePaths, ledger: Ledger) -> Sequence[DuplicateContact]:
    """People with several contact ids: the same name with the same e-mail or mobile; XPM cannot merge them."""
    found, _ = find_files(export_folder(settings))
    contacts = found.get(Kind.CONTACTS)
    if contacts is None:
        return ()
    columns: ColumnMap = column_map(contacts.file, contacts.shape, ledger, paths.ledger)
    people: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for client_id, entries in read_contacts(contacts.file, columns).items():
        for contact in people_of(entries):
            name = " ".join(visible(contact.name).casefold().split())
            for key in (contact.email.strip().casefold(), contact.values.get("contact.mobile", "").strip()):
                if name and key:
                    people[name, key][contact.id].add(client_id)
    duplicates: dict[tuple[str, ...], DuplicateContact] = {}
    for (name, _), ids in people.items():
        if len(ids) > 1:
            contact_ids = tuple(sorted(ids))
            clients = tuple(sorted(set[str]().union(*ids.values())))
            duplicates.setdefault(contact_ids, DuplicateContact(name.title(), contact_ids, clients))
    return sorted(duplicates.values(), key=lambda duplicate: duplicate.name)


def _masked(text: str) -> str:
    """A sample that shows what kind of text it is, not whose: letters and digits from the third on are masked."""
    shown = 0
    masked = []
    for letter in text.splitlines()[0] if text.strip() else "":
        shown += letter.isalnum()
        masked.append(("9" if letter.isdigit() else "x") if letter.isalnum() and shown > _MASKED else letter)
    return "".join(masked)[:40]


NEW_CONTACT = "contact"
"""The word for a new contact, where a field is named."""


@dataclass(frozen=True, slots=True)
class PilotChange:
    """The change that a pilot would make, and what is known of such writes so far."""

    link: Link
    kind: WriteKind
    change: Change
    before: WriteProof
    plan: Plan
    xpm_calls: int


@dataclass(frozen=True, slots=True)
class ProofReport:
    """What is proven of each kind of write, by the exports of now, and the pilot that waits."""

    proofs: Mapping[WriteKind, WriteProof]
    pilot: Pilot | None


def choose_pilot(context: SyncContext, client: str, field: str, contact: str, progress: Progress) -> PilotChange:
    """Find the change of that field that a sync to XPM would make.

    Raises `UsageError` where there is none, or several; `ClientNotFound`, and whatever a preview raises.
    """
    writer = _writer(context)
    if field != NEW_CONTACT and field not in names():
        raise UsageError(f"There is no field {field!r}.", f"The fields are: {', '.join(names())}, {NEW_CONTACT}.")
    kind = kind_of(field, "")
    link = resolve_link(context.ledger.links(), client, (context.xpm, context.ignition))
    writer.judge_pilot()
    before = writer.proof_of(kind)
    writer.allow_pilots(kind)
    shown = preview(context, progress, clients=[link.xpm_id])
    fitting = [change for change in shown.plan.changes if change.field == field and _is_of(change, contact)]
    if not fitting:
        raise _nothing_to_try(shown.plan, link, field, context.settings.command_line("diff"))
    if len(fitting) > 1:
        listed = ", ".join(change.contact.name for change in fitting if change.contact)
        raise UsageError(f"{link.name} has several contacts with a change of {field}: {listed}.", "Choose: --contact")
    return PilotChange(link, kind, fitting[0], before, shown.plan, shown.xpm_calls)


def pilot_candidates(context: SyncContext, progress: Progress) -> tuple[Change, ...]:
    """The changes that can be tried out, names aside; those with letters beyond ASCII come first.

    Raises what `choose_pilot` raises.
    """
    writer = _writer(context)
    writer.judge_pilot()
    writer.allow_pilots(WriteKind.CLIENT_FIELD, WriteKind.CONTACT_FIELD, WriteKind.NEW_CONTACT)
    changes = preview(context, progress).plan.changes
    return tuple(sorted(changes, key=lambda change: (change.client.name + change.new).isascii()))


def write_pilot(context: SyncContext, pilot: PilotChange, progress: Progress) -> Applied:
    """Write the pilot's file, and remember how everything is before its upload. What waits stays as it is."""
    change = pilot.change
    contact_id = change.contact.xpm_id if change.contact is not None and change.kind is ChangeKind.FIELD else ""
    values = change.values if change.kind is ChangeKind.CONTACT else {change.field: change.new}
    _writer(context).try_out(
        PilotRequest(pilot.kind, pilot.link.xpm_id, contact_id, change.client.name, change.field, values)
    )
    plan = replace(pilot.plan, changes=(change,), holds=())
    return apply(context, Preview.of_plan(plan, pilot.xpm_calls), progress, command="xpm pilot")


def proofs_now(settings: Settings, paths: ProfilePaths, ledger: Ledger, clock: Clock) -> ProofReport:
    """What is proven by the newest exports, a pilot that they show judged.

    Raises what opening the exports raises.
    """
    with open_store(FilesContext(settings, paths, clock, ledger, ledger.names())) as store:
        store.connect()
        store.writer.judge_pilot()
        return ProofReport({kind: store.writer.proof_of(kind) for kind in WriteKind}, store.writer.pilot)


def _writer(context: SyncContext) -> XpmFileWriter:
    if not isinstance(context.xpm, XpmFilesStore):
        raise UsageError("Only writes by file need a pilot: this practice reaches XPM by its API.")
    if context.settings.sync.direction is not Direction.TO_XPM:
        raise UsageError(
            "Data flows from XPM to Ignition in this practice, so nothing is written to XPM.",
            "If Ignition is to be the source of truth, set sync.direction to to-xpm.",
        )
    return context.xpm.writer


def _is_of(change: Change, contact: str) -> bool:
    """Whether the change is of the contact that was named, by id or name; of any where none is."""
    who = change.contact
    if not contact:
        return True
    return who is not None and contact.casefold() in (who.name.casefold(), who.xpm_id, who.ignition_id)


def _nothing_to_try(plan: Plan, link: Link, field: str, diff: str) -> UsageError:
    """Why the field of that client cannot be tried out, and which of its fields can."""
    hold = next((hold for hold in plan.holds if hold.field in (field, "client")), None)
    reason = hold.reason if hold is not None else f"Both systems show the same {field}."
    if hold is not None and hold.code is HoldCode.SHARED_CONTACT:
        reason = "It is of a contact of several clients; choose a contact of one client."
    differing = list(dict.fromkeys(_differing(plan)))
    hint = (
        f"Fields of it that can: {', '.join(differing)}." if differing else f"Choose a client that differs; see: {diff}"
    )
    return UsageError(f"{field} of {link.name} cannot be a pilot: {reason}", hint)


def _differing(plan: Plan) -> Iterator[str]:
    """Fields that a pilot can try out: what would be written, or is held because nothing proves it yet."""
    yield from (change.field for change in plan.changes)
    yield from (hold.field for hold in plan.holds if hold.code is HoldCode.ROUTE_CANNOT and hold.field in WRITABLE)
