"""XPM's import screen over the simulator's clients: Settings > Connections > Import, by the rules of Xero's help pages.

Where the pages contradict each other, `ImportRules` decides. A row with a problem
changes nothing and is listed; the others are imported. Nothing can be deleted,
archived or unlinked by a file.
"""

import csv
import io
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final
from unicodedata import category

from xpmsync.core.enums import System
from xpmsync.errors import FileRefused, Rejected, reason_of
from xpmsync.simulator.world.records import Member, WorldClient, WorldContact
from xpmsync.simulator.world.world import World
from xpmsync.simulator.world.xml import too_long
from xpmsync.simulator.xpm_files import export
from xpmsync.simulator.xpm_files.rules import ContactNameRule, ImportOutcome, ImportRules, KeyRule, RowProblem

MOST_ROWS: Final = 500
_CALL: Final = "Settings > Connections > Import"
_SEPARATORS: Final = ",\t;"
_BREAKS: Final = frozenset({"Cc", "Zl", "Zp"})
"""Unicode's control characters and line separators."""
_MANAGERS: Final = {"JobManager": "job_manager", "AccountManager": "account_manager"}
_NOBODY: Final = WorldClient("", 0, {}, "")
_NEW_PLACE: Final = Member(WorldContact("", {}))

_Row = Mapping[str, str]


def import_file(world: World, path: Path, *, rules: ImportRules, update_existing: bool) -> ImportOutcome:
    """Import a clients or contacts file, known by its header; `update_existing` is the box *Update Existing?*.

    Raises `Rejected` for a file that is refused whole (nothing is imported then), `FileRefused`
    for one that cannot be read.
    """
    header, rows = _table(path)
    contacts = "ContactUUID" in header
    known = export.CONTACT_COLUMNS.keys() if contacts else {*export.known_client_columns(), export.CONTACT_NAME}
    extra = [name for name in header if name not in known and (contacts or not name.startswith(export.CUSTOM))]
    if extra and rules.extra_fails:
        raise _refused(f"the columns {', '.join(extra)} are unknown")
    screen = (_ContactImport if contacts else _ClientImport)(world, rules, update_existing=update_existing)
    errors = []
    with world.transaction():
        for line, row in rows:
            try:
                _check_text(row)
                screen.take(row)
            except _RowRefused as problem:
                errors.append(RowProblem(line, str(problem)))
    return ImportOutcome(
        "contacts" if contacts else "clients",
        len(rows),
        screen.created,
        screen.updated,
        screen.skipped,
        screen.doubled,
        tuple(errors),
    )


class _RowRefused(Exception):
    """Why XPM does not take one row."""


class _Screen(ABC):
    """What both imports share: the world, the rules, and what was done so far."""

    def __init__(self, world: World, rules: ImportRules, *, update_existing: bool) -> None:
        self._world = world
        self._rules = rules
        self._update_existing = update_existing
        self.created = self.updated = self.skipped = self.doubled = 0

    @abstractmethod
    def take(self, row: _Row) -> None:
        """Carry out one row; raises `_RowRefused`, and then nothing of it was done."""

    def _changes(self, cell: str, present: str) -> bool:
        return cell != present and bool(cell or self._rules.blank_clears)


class _ClientImport(_Screen):
    """*Generic - Client*."""

    def take(self, row: _Row) -> None:
        """Create or update the client of a row."""
        if not row["Name"].strip():
            raise _RowRefused("Name is required")
        client = self._match(row.get("UUID", "").strip().lower(), row["Name"])
        if client is not None and not self._update_existing:
            self.skipped += 1
            return
        fields, managers, groups = self._written(row, client or _NOBODY)
        if client is None:
            uuid = self._world.add_client({"IsProspect": "No", **fields})
            self.created += 1
        else:
            uuid = client.uuid
            if kept := self._world.quirks.kept_by_xpm(fields):
                self._world.update_client(uuid, kept)
            self.updated += 1
        if managers:
            self._world.set_managers(uuid, **managers)
        if groups is not None:
            self._world.set_groups(uuid, groups)
        self._contact(row.get(export.CONTACT_NAME, ""), uuid, client or _NOBODY)

    def _match(self, uuid: str, name: str) -> WorldClient | None:
        """The client that a row is about, None for a new one."""
        client = self._world.client(uuid) if uuid else None
        if client is not None and client.deleted:
            client = None
        namesakes = self._world.named(name)
        if not self._update_existing:
            return client or next(iter(namesakes), None)
        if not self._rules.archived_blocks:
            namesakes = tuple(each for each in namesakes if not each.archived) or namesakes
        if len(namesakes) > 1:
            raise _RowRefused("several clients have this Name, archived ones included")
        namesake = next(iter(namesakes), None)
        if self._rules.key is KeyRule.NAME or not uuid:
            return namesake
        if self._rules.key is KeyRule.BOTH and (client and client.uuid) != (namesake and namesake.uuid):
            raise _RowRefused("UUID and Name are not those of one client")
        return client

    def _written(self, row: _Row, client: WorldClient) -> tuple[dict[str, str], dict[str, str], Sequence[str] | None]:
        """The elements, managers and groups that change; raises `_RowRefused` for a value XPM would not take."""
        changed: dict[str, str] = {}
        for name, column in export.known_client_columns().items():
            if (
                name in row
                and column.element not in ("UUID", export.CUSTOM)
                and self._changes(row[name], column.cell(client))
            ):
                changed[column.element] = _merged(column, row[name], changed, client)
        groups = [part.strip() for part in changed.pop("Group").split(";")] if "Group" in changed else None
        managers = {
            argument: self._staff(element, changed.pop(element))
            for element, argument in _MANAGERS.items()
            if element in changed
        }
        if (structure := changed.get("BusinessStructure")) and structure not in self._structures():
            raise _RowRefused("BusinessStructure does not exist in this practice")
        _check_lengths(changed)
        _check_lengths({export.CONTACT_NAME: row.get(export.CONTACT_NAME, "")})
        return changed, managers, groups if groups is None else [name for name in groups if name]

    def _staff(self, column: str, name: str) -> str:
        uuids = [member.uuid for member in self._world.staff() if member.name == name] if name else [""]
        if not uuids:
            raise _RowRefused(f"{column} does not exist in this practice")
        return uuids[0]

    def _structures(self) -> set[str]:
        """Each practice names its own; those in use are known."""
        return {client.fields.get("BusinessStructure", "") for client in self._world.clients()}

    def _contact(self, name: str, uuid: str, client: WorldClient) -> None:
        names = {member.contact.name for member in client.members if not member.contact.deleted}
        rule = self._rules.contact_name
        if name and (rule is ContactNameRule.DOUBLES or (rule is ContactNameRule.MATCHES and name not in names)):
            self._world.add_contact(uuid, {"Name": name})
            self.doubled += 1


class _ContactImport(_Screen):
    """*Generic - Contact*: a filled `ContactUUID` updates, a blank one creates."""

    def take(self, row: _Row) -> None:
        """Create or update the contact of a row."""
        contact_id, client_id = (row.get(name, "").strip().lower() for name in ("ContactUUID", "ClientUUID"))
        client = self._world.client(client_id) if client_id else None
        if client_id and (client is None or client.deleted):
            raise _RowRefused("no client has this ClientUUID")
        if contact_id:
            self._update(row, contact_id, client)
        elif client is None:
            raise _RowRefused("a new contact needs a ClientUUID")
        elif not row.get(export.CONTACT_NAME, "").strip():
            raise _RowRefused("ContactName is required")
        else:
            fields = self._written(row, _NEW_PLACE)
            position, primary = fields.pop("Position", ""), _flag(fields.pop("IsPrimary", None))
            self._world.add_contact(client.uuid, fields, position=position, primary=primary is True)
            self.created += 1

    def _update(self, row: _Row, contact_id: str, client: WorldClient | None) -> None:
        contact = self._world.contact(contact_id)
        if contact is None or contact.deleted:
            raise _RowRefused("no contact has this ContactUUID")
        place = Member(contact)
        if client is not None:
            places = [member for member in client.members if member.contact.uuid == contact.uuid]
            if not places:
                raise _RowRefused("the contact is not one of this client")
            place = places[0]
        elif row.get("Position") or row.get("Primary"):
            raise _RowRefused("Position and Primary need a ClientUUID")
        if not self._update_existing:
            self.skipped += 1
            return
        fields = self._world.quirks.kept_by_xpm(self._written(row, place), of_contact=True)
        if fields:
            position, primary = fields.pop("Position", None), _flag(fields.pop("IsPrimary", None))
            self._world.update_contact(
                contact.uuid, fields, client=client.uuid if client else "", position=position, primary=primary
            )
        self.updated += 1

    def _written(self, row: _Row, place: Member) -> dict[str, str]:
        """The elements that change, with those of the contact's place; raises `_RowRefused`."""
        changed = {
            element: row[name]
            for name, element in export.CONTACT_COLUMNS.items()
            if name in row
            and element not in ("UUID", "ClientUUID")
            and self._changes(row[name], export.contact_cell(name, _NOBODY, place))
        }
        if not changed.get("Name", "unchanged").strip():
            raise _RowRefused("ContactName is required")
        _check_lengths(changed)
        return changed


def _flag(text: str | None) -> bool | None:
    """A Yes or No; a blank one is No, none stays none."""
    if text is not None and text.casefold() not in ("yes", "no", ""):
        raise _RowRefused("Primary is Yes or No")
    return text.casefold() == "yes" if text is not None else None


def _merged(column: export.ExportColumn, cell: str, changed: Mapping[str, str], client: WorldClient) -> str:
    """The element's new text: the cell itself, or the address with that line replaced."""
    if column.line is None:
        return cell
    lines = changed.get(column.element, client.fields.get(column.element, "")).splitlines()
    lines += [""] * (column.line + 1 - len(lines))
    lines[column.line : None if column.line == export.ADDRESS_LINES - 1 else column.line + 1] = [cell]
    return "\n".join(lines).rstrip("\n")


def _check_text(row: _Row) -> None:
    for name, cell in row.items():
        if any(category(letter) in _BREAKS for letter in cell):
            raise _RowRefused(f"{name} has a line break or another character that cannot be printed")


def _check_lengths(values: Mapping[str, str]) -> None:
    for element, text in values.items():
        if refusal := too_long(element, text):
            raise _RowRefused(refusal)


def _table(path: Path) -> tuple[Sequence[str], list[tuple[int, dict[str, str]]]]:
    """The header, and each row that is not blank with the line it begins on."""
    text = _text(path)
    header, separator = _header(text)
    rows: list[tuple[int, dict[str, str]]] = []
    for line, cells in _rows(text, separator):
        if line == 1 or not any(cells):
            continue
        if len(cells) != len(header):
            raise _refused(f"line {line} has another number of cells than the header")
        rows.append((line, dict(zip(header, cells, strict=True))))
    if len(rows) > MOST_ROWS:
        raise _refused(f"it has {len(rows)} rows, and at most {MOST_ROWS} can be imported from one file")
    return header, rows


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise FileRefused(path, reason_of(problem), (), System.XPM) from problem
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _refused("it is no text")


def _header(text: str) -> tuple[Sequence[str], str]:
    """The header's names, exactly as they are written, and the separator."""
    for separator in _SEPARATORS:
        header = next((cells for _, cells in _rows(text, separator)), [])
        if "ContactUUID" in header or "Name" in header:
            if len(set(header)) < len(header):
                raise _refused("a column is there twice")
            return header, separator
    raise _refused("its first line has neither the column Name (clients) nor ContactUUID (contacts)")


def _rows(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    previous = 0
    try:
        for cells in reader:
            yield previous + 1, cells
            previous = reader.line_num
    except csv.Error as problem:
        raise _refused(f"line {previous + 1} is no CSV") from problem


def _refused(reason: str) -> Rejected:
    return Rejected(System.XPM, _CALL, f"{reason}. Nothing was imported")
