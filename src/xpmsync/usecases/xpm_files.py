"""XPM's export files for people: what each can show, what its columns mean, and contacts that are there twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from xpmsync.core.catalogue import names
from xpmsync.core.enums import System
from xpmsync.core.ports.facts import Facts
from xpmsync.core.rows import people_of
from xpmsync.core.text import visible
from xpmsync.csv_files.history import TrustedFile
from xpmsync.csv_files.reading import open_csv
from xpmsync.errors import ColumnsUnconfirmed, FileRefused
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.settings.settings import Settings
from xpmsync.local.system.paths import ProfilePaths
from xpmsync.xpm.files.clients import fields_of, read_contacts
from xpmsync.xpm.files.columns import ColumnMap, ColumnProposal, column_map, confirm, propose, shape_of
from xpmsync.xpm.files.shapes import SEPARATORS, Kind, find_files
from xpmsync.xpm.files.upload import export_folder

__all__ = [
    "DuplicateContact",
    "ExportState",
    "FileColumns",
    "FilesState",
    "confirm_columns",
    "duplicate_contacts",
    "files_state",
    "show_columns",
    "unconfirmed_file",
]

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
