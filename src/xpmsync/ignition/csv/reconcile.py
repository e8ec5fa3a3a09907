"""Hold an export against what waits for upload: what it shows was uploaded, and waits no more.

Only an export that is newer than a file can show anything of it. What proves an
upload is one changed cell, new contact or new client that it shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from xpmsync.core import fingerprint
from xpmsync.core.catalogue import FIELDS, FieldKind
from xpmsync.core.catalogue import field as catalogue_field
from xpmsync.core.ports.uploads import ConfirmedClient
from xpmsync.core.text import normalise
from xpmsync.ignition.csv.columns import CLIENT_ID, CLIENT_NAME, CONTACT_EMAIL, CONTACT_ID, CONTACT_NAME, XPM_ID
from xpmsync.ignition.csv.export import Export
from xpmsync.ignition.csv.pending import NewClient, NewContact, Waiting, WrittenFile

__all__ = ["Reconciled", "cell_fingerprint", "client_key", "email_fingerprint", "name_fingerprint", "reconcile"]

_ROWS: Final = {row.ignition: row for row in FIELDS if row.ignition}


@dataclass(slots=True)
class _Seen:
    """What the export showed of what waits."""

    cells: set[tuple[str, str]] = field(default_factory=set)
    contacts: set[NewContact] = field(default_factory=set)
    clients: dict[str, set[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What still waits, which clients arrived, and what a person should know."""

    waiting: Waiting
    confirmed: tuple[ConfirmedClient, ...] = ()
    notices: tuple[str, ...] = ()


def reconcile(waiting: Waiting, export: Export) -> Reconciled:
    """Look for everything that waits; nothing is read where no file is older than the export."""
    due = [file for file in waiting.files if datetime.fromisoformat(file.written) < export.taken]
    if not due:
        return Reconciled(waiting)
    seen = _look(export, due)
    confirmed = _arrived(due, seen)
    here = frozenset(one.xpm_id for one in confirmed)
    notices = [_several(new, seen.clients[new.xpm_id]) for new in _new(due) if new.xpm_id in seen.clients.keys() - here]
    kept: list[WrittenFile] = []
    known = waiting
    for file in waiting.files:
        if file not in due:
            kept.append(file)
            continue
        rest, shown = _rest_of(file, seen, here)
        if shown:
            known = known.uploading_known(export.taken)
        if rest is not None and (shown or (file.uploaded and datetime.fromisoformat(file.uploaded) <= export.taken)):
            notices += _not_taken(rest, export, seen)
            rest = replace(rest, cells={}) if rest.once else None
        kept += [rest] if rest is not None else []
    return Reconciled(replace(known, files=tuple(kept)), confirmed, tuple(notices))


def cell_fingerprint(column: str, text: str) -> str:
    """The fingerprint of a cell's normal form; a column outside the catalogue is compared as text."""
    row = _ROWS.get(column)
    return fingerprint.of_value(row or catalogue_field("name"), text)


def name_fingerprint(text: str) -> str:
    """The fingerprint of a name without regard to capitals and blanks."""
    folded = " ".join(normalise(FieldKind.TEXT, text).casefold().split())
    return fingerprint.of_value(catalogue_field("name"), folded)


def email_fingerprint(text: str) -> str:
    """The fingerprint of an e-mail address."""
    return fingerprint.of_value(catalogue_field("contact.email"), text)


def client_key(client_id: str, contact_id: str) -> str:
    """How a row is named in `WrittenFile.cells`."""
    return f"{client_id}/{contact_id}"


def _look(export: Export, due: Sequence[WrittenFile]) -> _Seen:
    seen = _Seen()
    cells = {row: told for file in due for row, told in file.cells.items()}
    contacts = {one for file in due for one in file.contacts}
    with_new = {one.client_id for one in contacts}
    clients: dict[str, list[NewClient]] = {}
    for file in due:
        for new in file.clients:
            clients.setdefault(name_fingerprint(new.name), []).append(new)
    by_number = {one.xpm_number: one for file in due for one in file.clients if one.xpm_number}
    for told in _told(export):
        row = client_key(told[CLIENT_ID], told[CONTACT_ID])
        for column, wanted in cells.get(row, {}).items():
            if cell_fingerprint(column, told.get(column, "")) == wanted:
                seen.cells.add((row, column))
        if told[CLIENT_ID] in with_new:
            one = NewContact(
                told[CLIENT_ID], email_fingerprint(told[CONTACT_EMAIL]), name_fingerprint(told[CONTACT_NAME])
            )
            if one in contacts:
                seen.contacts.add(one)
        for new in _fitting(told, clients, by_number) if clients else ():
            seen.clients.setdefault(new.xpm_id, set()).add(told[CLIENT_ID])
    return seen


def _fitting(
    told: Mapping[str, str], by_name: Mapping[str, Sequence[NewClient]], by_number: Mapping[str, NewClient]
) -> Iterator[NewClient]:
    """The new clients that a row may be: by XPM's number, else by name and e-mail; never one that was there before."""
    number = told[XPM_ID]
    numbered = by_number.get(number)
    fits = [numbered] if numbered else by_name.get(name_fingerprint(told[CLIENT_NAME]), ())
    for new in fits:
        same = new is numbered or (
            email_fingerprint(told[CONTACT_EMAIL]) in new.emails and not (number and new.xpm_number)
        )
        if same and told[CLIENT_ID] not in new.twins:
            yield new


class _Told(dict[str, str]):
    """A row by column names; a missing column is blank."""

    def __missing__(self, _key: str) -> str:
        return ""


def _told(export: Export) -> Iterator[Mapping[str, str]]:
    places = export.columns.places
    for _, row in export.rows():
        yield _Told((name, row[place].strip() if name.endswith("Id") else row[place]) for name, place in places.items())


def _new(files: Sequence[WrittenFile]) -> Iterator[NewClient]:
    return (one for file in files for one in file.clients)


def _arrived(due: Sequence[WrittenFile], seen: _Seen) -> tuple[ConfirmedClient, ...]:
    """The new clients that one client of the export fits, and that client no other new one."""
    claims = Counter(client_id for ids in seen.clients.values() for client_id in ids)
    return tuple(
        ConfirmedClient(one.xpm_id, client_id, one.name)
        for one in _new(due)
        for client_id in seen.clients.get(one.xpm_id, ())
        if len(seen.clients[one.xpm_id]) == claims[client_id] == 1
    )


def _several(new: NewClient, ids: Set[str]) -> str:
    return (
        f"{new.name} was handed over for creation, and it is not clear which one it is: {', '.join(sorted(ids))}."
        " Was its file uploaded twice? Link the right one, and archive the other in Ignition."
    )


def _rest_of(file: WrittenFile, seen: _Seen, confirmed: Set[str]) -> tuple[WrittenFile | None, bool]:
    """What of a file is not seen yet (None: nothing), and whether anything of it was."""
    cells: dict[str, dict[str, str]] = {}
    for row, told in file.cells.items():
        unseen = {column: wanted for column, wanted in told.items() if (row, column) not in seen.cells}
        if unseen:
            cells[row] = unseen
    contacts = tuple(one for one in file.contacts if one not in seen.contacts)
    clients = tuple(one for one in file.clients if one.xpm_id not in confirmed)
    rest = replace(file, cells=cells, contacts=contacts, clients=clients)
    shown = rest != file or any(one.xpm_id in seen.clients for one in clients)
    nothing = not (contacts or clients) and (file.once or not cells)
    return (None if nothing else rest), shown


def _not_taken(left: WrittenFile, export: Export, seen: _Seen) -> list[str]:
    """What an uploaded file said and a later export does not show: Ignition may not take that column."""
    name = left.path.replace("\\", "/").rpartition("/")[2]
    columns: dict[str, int] = {}
    for told in left.cells.values():
        for column in told:
            columns[column] = columns.get(column, 0) + 1
    what = [f"{column} ({number})" for column, number in sorted(columns.items())]
    what += [f"the new client {one.name}" for one in left.clients if one.xpm_id not in seen.clients]
    what += ["a new contact"] * len(left.contacts)
    if not what:
        return []
    return [f"{name} was uploaded, but {export.path.name} does not show all of it: {', '.join(what)}."]
