"""The rows of a file for Ignition's import, built from the user's own export.

The header is the export's own, without the secret column. A row for an existing
contact is the export's row with the changed cells altered and nothing else; no
cell is ever blanked. Rows that would not differ, and rows that the import would
refuse, are left out.
"""

import csv
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from xpmsync.core.enums import System
from xpmsync.core.text import formula_like, single_email
from xpmsync.csv_files.pending import NewContact, row_key
from xpmsync.csv_files.reconcile import cell_fingerprint
from xpmsync.errors import Rejected
from xpmsync.ignition.csv.export import (
    CLIENT_ID,
    CLIENT_NAME,
    CONTACT_EMAIL,
    CONTACT_ID,
    FIELD_OF,
    PRIMARY,
    REQUIRED,
    XPM_ID,
    Columns,
    Export,
    of_contact,
)

CALL = "import file"
"""What errors name instead of a call."""


@dataclass(slots=True)
class Writes:
    """What goes into a file: new values by catalogue names, for clients, their contacts, and new contacts.

    `cells` holds what waits from an earlier run, by client, contact and column.
    """

    clients: dict[str, dict[str, str]] = field(default_factory=dict)
    contacts: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    new_contacts: dict[str, list[Mapping[str, str]]] = field(default_factory=dict)
    cells: dict[str, dict[str, Mapping[str, str]]] = field(default_factory=dict)

    @property
    def client_ids(self) -> frozenset[str]:
        """The clients that this run writes to."""
        return frozenset(self.clients) | frozenset(self.contacts) | frozenset(self.new_contacts)

    @property
    def any(self) -> bool:
        """Whether there is anything."""
        return bool(self.client_ids or self.cells)


@dataclass(slots=True)
class Built:
    """Rows for the two kinds of file: changes, which may be uploaded again, and new contacts, which may not.

    `changed` and `flags` name the altered cells of either by row and column, with
    their fingerprints; `before` has those of the cells as they were, `names` the
    clients' names by id.
    """

    changes: list[list[str]] = field(default_factory=list)
    new: list[list[str]] = field(default_factory=list)
    changed: dict[str, dict[str, str]] = field(default_factory=dict)
    flags: dict[str, dict[str, str]] = field(default_factory=dict)
    before: dict[str, dict[str, str]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    contacts: list[NewContact] = field(default_factory=list)


def _rows_of(export: Export, client_ids: Collection[str]) -> dict[str, list[Sequence[str]]]:
    """The export's rows of those clients."""
    rows_of: dict[str, list[Sequence[str]]] = {}
    place = export.columns.places[CLIENT_ID]
    for _, row in export.rows():
        if (client_id := row[place].strip()) in client_ids:
            rows_of.setdefault(client_id, []).append(row)
    return rows_of


def build_changes(export: Export, writes: Writes) -> Built:
    """Read the export once more and build the rows; raises `Rejected` for a client none of whose rows may go out."""
    wanted = writes.client_ids | frozenset(writes.cells)
    rows_of = _rows_of(export, wanted)
    if missing := wanted - rows_of.keys() - writes.cells.keys():
        raise Rejected(System.IGNITION, CALL, f"the export has no row of the client {min(missing)}")
    built = Built()
    for client_id, rows in rows_of.items():
        _Client(export.columns, client_id, rows, built).build(writes)
    return built


CurrentCells = Mapping[str, Mapping[str, Mapping[str, str]]]
"""Cells by column, by client and contact; without a contact they are the client's own."""


def current_cells(export: Export, writes: Writes, client_ids: Collection[str]) -> CurrentCells:
    """The cells of those clients in the export, with the changes that this run puts into a file."""
    current: dict[str, dict[str, Mapping[str, str]]] = {}
    for client_id, rows in _rows_of(export, client_ids).items():
        changed = _Client(export.columns, client_id, rows, Built()).changed_rows(writes)
        cells = [dict(zip(export.columns.names, row, strict=True)) for row in changed]
        waiting = list(writes.cells.get(client_id, {}).values())
        own = {name: text for each in (cells[0], *waiting) for name, text in each.items() if not of_contact(name)}
        place = export.columns.places[CONTACT_ID]
        contacts = {row[place].strip(): each for row, each in zip(changed, cells, strict=True)}
        current[client_id] = {**contacts, "": own}
    return current


def with_current_cells(columns: Columns, row: list[str], current: CurrentCells) -> list[str]:
    """A row of an earlier file of new records with what its client, or its contact that exists, has by now."""
    client_id, contact_id = (row[columns.places[name]].strip() for name in (CLIENT_ID, CONTACT_ID))
    cells = current.get(client_id, {}).get(contact_id, {})
    result = [cells.get(name, text) for name, text in zip(columns.names, row, strict=True)]
    if contact_id and PRIMARY in columns.places:
        result[columns.places[PRIMARY]] = row[columns.places[PRIMARY]]
    return result if importable(columns, result, result) else row


def client_rows(
    columns: Columns, values: Mapping[str, str], contacts: Sequence[Mapping[str, str]], xpm_number: str
) -> list[list[str]]:
    """The rows of a new client: no ids, the very same client cells on each, one primary contact."""
    flagged = [_flagged(contact) for contact in contacts]
    primary = flagged.index(True) if any(flagged) else 0
    shared = _filled(columns, [""] * len(columns.names), values)
    if XPM_ID in columns.places:
        shared[columns.places[XPM_ID]] = xpm_number
    return [
        _filled(columns, shared, {**contact, "contact.primary": "Yes" if number == primary else "No"})
        for number, contact in enumerate(contacts)
    ]


def importable(columns: Columns, row: Sequence[str], before: Sequence[str] | None = None) -> bool:
    """Whether the import takes a row, and no program on the way would run a cell that we write.

    A cell that is as it was `before`, in the user's own export, does no new harm.
    """
    complete = all(row[columns.places[name]].strip() for name in REQUIRED)
    addressed = bool(single_email(row[columns.places[CONTACT_EMAIL]]))
    written = row if before is None else [new for new, old in zip(row, before, strict=True) if new != old]
    return complete and addressed and not any(map(formula_like, written))


def file_text(columns: Columns, rows: Iterable[Sequence[str]]) -> str:
    """The file as Ignition writes its own: every cell quoted, LF; the same rows give the same text."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(columns.names)
    writer.writerows(rows)
    return text.getvalue()


class _Client:
    """Builds the rows of one existing client."""

    def __init__(self, columns: Columns, client_id: str, rows: Sequence[Sequence[str]], built: Built) -> None:
        self._columns = columns
        self._id = client_id
        self._rows = rows
        self._built = built

    def changed_rows(self, writes: Writes) -> list[list[str]]:
        """The client's rows with all changes to them."""
        own = writes.contacts.get(self._id, {})
        old = self._with_shared(writes)
        new = [_filled(self._columns, row, own.get(self._contact_id(row), {})) for row in old]
        if any(_flagged(values) for values in own.values()):
            new = self._without_flag(new, {contact for contact, values in own.items() if _flagged(values)})
        for row in new:
            for column, text in writes.cells.get(self._id, {}).get(self._contact_id(row), {}).items():
                if (place := self._columns.places.get(column)) is not None:
                    row[place] = text
        return new

    def _with_shared(self, writes: Writes) -> list[list[str]]:
        """The client's rows with the changes of its own cells."""
        return [_filled(self._columns, row, writes.clients.get(self._id, {})) for row in self._rows]

    def build(self, writes: Writes) -> None:
        """Add the changed and new rows to what is built."""
        new, sent = self.changed_rows(writes), False
        for before, after in zip(self._rows, new, strict=True):
            if after != list(before) and importable(self._columns, after, before):
                sent = True
                self._built.changes.append(after)
                self._note(self._built.changed, before, after)
        if (writes.clients.get(self._id) or writes.contacts.get(self._id)) and not sent:
            raise Rejected(System.IGNITION, CALL, f"no row of the client {self._id} may be imported")
        for values in writes.new_contacts.get(self._id, []):
            self._add(self._with_shared(writes), values)

    def _add(self, rows: Sequence[list[str]], values: Mapping[str, str]) -> None:
        """A new contact beside the client's cells; as the primary one it takes the flag from the present one."""
        blank = ["" if of_contact(name) else text for name, text in zip(self._columns.names, rows[0], strict=True)]
        row = _filled(self._columns, blank, {"contact.primary": "No", **values})
        if not importable(self._columns, row, rows[0]):
            raise Rejected(System.IGNITION, CALL, f"the new contact of the client {self._id} may not be imported")
        if _flagged(values):
            for before, after in zip(rows, self._without_flag(rows, set()), strict=True):
                if after != before and importable(self._columns, after, before):
                    self._built.new.append(after)
                    self._note(self._built.flags, before, after)
        self._built.new.append(row)
        name, email = values.get("contact.name", ""), values.get("contact.email", "")
        self._built.contacts.append(NewContact.of(self._id, name, email))
        self._built.names[self._id] = rows[0][self._columns.places[CLIENT_NAME]]

    def _without_flag(self, rows: Sequence[list[str]], keep: set[str]) -> list[list[str]]:
        """The rows with the primary flag taken from every contact but those: a client has exactly one."""
        place = self._columns.places.get(PRIMARY)
        result = [list(row) for row in rows]
        for row in result:
            if place is not None and row[place].casefold() == "yes" and self._contact_id(row) not in keep:
                row[place] = "No"
        return result

    def _contact_id(self, row: Sequence[str]) -> str:
        return row[self._columns.places[CONTACT_ID]].strip()

    def _note(self, cells: dict[str, dict[str, str]], before: Sequence[str], after: Sequence[str]) -> None:
        places = self._columns.places
        changed = {name: after[place] for name, place in places.items() if before[place] != after[place]}
        key = row_key(self._id, self._contact_id(before))
        cells[key] = {name: cell_fingerprint(FIELD_OF.get(name), text) for name, text in changed.items()}
        self._built.before[key] = {name: cell_fingerprint(FIELD_OF.get(name), before[places[name]]) for name in changed}
        self._built.names[self._id] = before[places[CLIENT_NAME]]


def _filled(columns: Columns, row: Sequence[str], values: Mapping[str, str]) -> list[str]:
    """A copy of the row with those values; a blank one changes nothing."""
    fields, result = columns.fields, list(row)
    for name, text in values.items():
        if text:
            result[fields[name]] = text
    return result


def _flagged(values: Mapping[str, str]) -> bool:
    return values.get("contact.primary", "").casefold() == "yes"
