"""What an update file for XPM must never hold, and what is not proven yet: each a hold that says what to do by hand.

Xero's pages contradict each other on what an import goes by (facts, xpm-files 2), so
a write is offered only where it is harmless by every reading, and by all that the exports
and the ledger know of XPM's records.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final

from xpmsync.core import fingerprint
from xpmsync.core.catalogue import FIELDS, FieldKind, field as catalogue_field
from xpmsync.core.diff.rules import damage
from xpmsync.core.model import Client
from xpmsync.core.text import formula_like, visible
from xpmsync.csv_files.pending import Pending, row_key
from xpmsync.csv_files.reconcile import cell_fingerprint
from xpmsync.xpm.files.clients import Table
from xpmsync.xpm.files.columns import FIELD_OF, Kind
from xpmsync.xpm.files.proof import ProofState, WriteKind, WriteProof, kind_of

_ADDRESSES: Final = ("address", "postal_address")


class KnownRecords:
    """Names and rows that an import might mix up; each is read when it is first asked for.

    `clients` reads XPM's clients by id, `gone` the names of clients that the exports
    lack (archived ones, and linked ones that are missing), `links` are the names that
    linked clients had when they were last compared.
    """

    def __init__(
        self,
        tables: Mapping[Kind, Table],
        clients: Callable[[], Mapping[str, Client]],
        gone: Callable[[], Iterable[str]],
        links: Mapping[str, str],
    ) -> None:
        self.tables = tables
        self.clients = clients
        self.links = links
        self._gone = gone

    @cached_property
    def names(self) -> Counter[str]:
        """How many clients have each name."""
        names = (*(client.name for client in self.clients().values()), *self._gone())
        return Counter(map(folded_name, names))

    @cached_property
    def contacts(self) -> Mapping[str, Collection[str]]:
        """The ids of the contacts of each name."""
        ids: dict[str, set[str]] = defaultdict(set)
        for client in self.clients().values():
            for contact in client.contacts:
                ids[folded_name(contact.name)].add(contact.id)
        return ids

    @cached_property
    def contact_count(self) -> int:
        """How many contacts there are, one of several clients once."""
        table = self.tables.get(Kind.CONTACTS)
        return len({row.contact_id for row in table.rows()}) if table is not None else 0

    @cached_property
    def with_gaps(self) -> Collection[tuple[str, str]]:
        """The ids of clients, with the field, that have an address with a blank column before a filled one."""
        table = self.tables.get(Kind.CLIENTS)
        gaps: set[tuple[str, str]] = set()
        places = {name: numbered for name in _ADDRESSES if table and (numbered := address_places(table, name))}
        if table is None or not places:
            return gaps
        for row in table.rows():
            cells = table.by_meaning(row)
            for name, numbered in places.items():
                filled = [bool(cells[place].strip()) for place in numbered]
                if filled != sorted(filled, reverse=True):
                    gaps.add((row.client_id, name))
        return gaps


def address_places(table: Table, name: str) -> list[str]:
    """The meanings of an address's numbered columns, in order; none where it is one cell."""
    return sorted(meaning for meaning in table.columns.places if meaning.startswith(f"{name}."))


def folded_name(text: str) -> str:
    """A name as an import by names might compare it: no capitals, no accents, single blanks."""
    plain = unicodedata.normalize("NFKD", visible(text).casefold())
    return " ".join("".join(letter for letter in plain if not unicodedata.combining(letter)).split())


WRITABLE: Final = frozenset(row.name for row in FIELDS if row.xpm_write) - {"contact.primary"}
"""The catalogue's fields that update files can hold. The help pages do not say what a primary column would do."""

_BY_HAND: Final = "Change it in XPM by hand."
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class FilesCheck:
    """Checks changes against the exports, without writing; every method returns why not, or an empty text.

    `proof_of` says what is proven of a kind of write, `pending` what waits for upload,
    `doubt` why no contact is added now, an empty text where nothing speaks against it,
    `pilot` the command that proves one.
    """

    def __init__(
        self,
        known: KnownRecords,
        proof_of: Callable[[WriteKind], WriteProof],
        pending: Callable[[], Pending],
        doubt: Callable[[], str],
        pilot: str,
    ) -> None:
        self._known = known
        self._tables = known.tables
        self._proof_of = proof_of
        self._pending = pending
        self._doubt = doubt
        self._pilot = pilot
        self._new_names: dict[tuple[str, str], str] = {}

    def value(self, field: str, text: str) -> str:
        """Why a value can be in no update file, of whichever record."""
        row = catalogue_field(field)
        if not visible(text):
            return ""
        if row.kind is FieldKind.LINES and self._columns_of(row.name) > 1:
            lines = address_lines(visible(text))
            text = "".join(lines)
            if not all(lines):
                return f"It has a blank line, and a blank cell would delete what XPM holds. {_BY_HAND}"
        if _CONTROL.search(text.strip()):
            return f"It has a line break or a control character, which XPM's import refuses. {_BY_HAND}"
        if row.kind is FieldKind.PHONE and "*" in text:
            return f"A number with * is refused by XPM's import. {_BY_HAND}"
        if formula_like(text):
            return f"It begins like a formula, which a spreadsheet program would run. {_BY_HAND}"
        table = self._tables.get(Kind.CONTACTS if row.of_contact else Kind.CLIENTS)
        if table is not None and not _fits(text, table.file.form.encoding):
            return f"It has letters that the encoding of XPM's export ({table.file.form.encoding}) lacks. {_BY_HAND}"
        return ""

    def update(self, client: Client, values: Mapping[str, str], contact_id: str = "") -> str:
        """Why a client, or a contact of it, cannot be changed so; `client` is the record as it is now."""
        reason = self._client(client) or (self._contact(client, contact_id) if contact_id else "")
        for name, text in values.items():
            reason = reason or self._field(client, name, text, contact_id)
        return reason

    def add_contact(self, client: Client, values: Mapping[str, str]) -> str:
        """Why a contact cannot be added to a client."""
        name = values.get("contact.name", "")
        if not visible(name):
            return "A new contact needs a name."
        if reason := self._client(client) or self._unproven(
            WriteKind.NEW_CONTACT, client.name + "".join(values.values())
        ):
            return reason
        if doubt := self._doubt():
            return doubt
        if folded_name(name) in self._known.contacts:
            return f"XPM has a contact {name} already, which an import might change or double. Add it in XPM by hand."
        waits = [
            new for file in self._pending().files for new in file.contacts if new.name == fingerprint.of_name(name)
        ]
        if any(new.client_id != client.id for new in waits) or self._is_taken("contact", name, client.id):
            return f"A contact {name} is to be added to another client too; when XPM shows it, link it there by hand."
        return next((reason for field, text in values.items() if (reason := self.value(field, text))), "")

    def create(self, values: Mapping[str, str], contacts: Sequence[Mapping[str, str]]) -> str:
        """No client is ever created in XPM."""
        return "Clients are never created in XPM."

    def _client(self, client: Client) -> str:
        """Why no row of this client can be written: an import by names would not find it, or find another."""
        if self._known.names[folded_name(client.name)] > 1:
            return (
                f"Another client in XPM has the name {client.name} too (archived ones count), and an import may take"
                f" the one for the other. {_BY_HAND}"
            )
        if _CONTROL.search(client.name) or client.name != client.name.strip():
            return (
                "The client's name in XPM begins or ends with a blank, or has a line break; an import may make a second"
                " client of it. Correct the name in XPM first."
            )
        if what := damage(client.name, self._known.links.get(client.id, client.name)):
            return f"The client's name in XPM's export has {what}, as it was another before. Export again."
        return ""

    def _contact(self, client: Client, contact_id: str) -> str:
        """Why no row of this contact can be written."""
        contact = client.contact(contact_id)
        name = contact.name if contact is not None else ""
        if not visible(name) or _CONTROL.search(name) or name != name.strip():
            return f"The contact's name in XPM is blank, or begins or ends with a blank. {_BY_HAND}"
        if len(self._known.contacts.get(folded_name(name), ())) > 1:
            return f"XPM has several contacts {name}, and an import may take one for another. {_BY_HAND}"
        return ""

    def _field(self, client: Client, name: str, text: str, contact_id: str) -> str:
        kind = kind_of(name, contact_id)
        table = self._tables.get(kind.table)
        if name not in WRITABLE or table is None or not (name in table.columns.places or address_places(table, name)):
            return f"XPM's import of files cannot write it. {_BY_HAND}"
        if not visible(text):
            return f"A blank cell would delete what XPM holds, and it cannot be recovered. {_BY_HAND}"
        if name == "contact.name":
            return f"A contact's name is never changed by file: an import may go by it. {_BY_HAND}"
        if kind is WriteKind.CLIENT_NAME and (reason := self._new_name(client, text)):
            return reason
        contact = client.contact(contact_id)
        letters = client.name + text + (contact.name if contact is not None else "")
        return self._unproven(kind, letters) or self.value(name, text) or self._address(client, name, text)

    def _new_name(self, client: Client, text: str) -> str:
        """Why a client cannot get that name: another one has it, or is to get it."""
        others = self._known.names[folded_name(text)] - (folded_name(text) == folded_name(client.name))
        wanted = cell_fingerprint(FIELD_OF["name"], text)
        waits = any(
            cells.get("name") == wanted and key != row_key(client.id, "")
            for file in self._pending().files
            for key, cells in file.cells.items()
        )
        if others or waits or self._is_taken("client", text, client.id):
            return f"Another client in XPM has the name {text}, or is to get it. {_BY_HAND}"
        return ""

    def _is_taken(self, what: str, name: str, client_id: str) -> bool:
        """Whether this run gave that new name to a record of another client already; the first one keeps it."""
        return self._new_names.setdefault((what, folded_name(name)), client_id) != client_id

    def _address(self, client: Client, name: str, text: str) -> str:
        """Why an address does not fit its numbered columns."""
        columns = self._columns_of(name) if catalogue_field(name).kind is FieldKind.LINES else 0
        if columns < 2:
            return ""
        now, new = (sum(map(bool, address_lines(lines))) for lines in (client.values.get(name, ""), text))
        if new < now:
            return f"It has fewer lines than in XPM, and a blank cell would delete the rest. {_BY_HAND}"
        if max(now, new) > columns:
            return f"It has more lines than XPM's export has columns ({columns}). {_BY_HAND}"
        if (client.id, name) in self._known.with_gaps:
            return f"It has a blank line in XPM, between others. {_BY_HAND}"
        return ""

    def _columns_of(self, name: str) -> int:
        """In how many columns an address is."""
        return len(address_places(self._tables[Kind.CLIENTS], name)) if Kind.CLIENTS in self._tables else 0

    def _unproven(self, kind: WriteKind, letters: str) -> str:
        """Why such a write is not done yet; `letters` are all that its row holds."""
        proof = self._proof_of(kind)
        if proof.state is ProofState.PROVEN:
            return (
                ""
                if proof.covers(letters, self._tables.get(kind.table))
                else (
                    f"It has letters beyond the English alphabet, and the pilot had none: XPM may read them as others."
                    f" Prove it with such a client: {self._pilot}. {_BY_HAND}"
                )
            )
        if kind is WriteKind.CLIENT_NAME:
            why = "Renaming by file may make a second client, and is not proven in this practice"
        elif proof.state is ProofState.REFUTED:
            why = f"A pilot showed that XPM's import does not take {kind.label} as it should; it can be repeated"
        else:
            why = f"Writing {kind.label} by file is not proven in this practice yet"
        return f"{why} ({self._pilot}). {_BY_HAND}"


def address_lines(text: str) -> list[str]:
    """An address's lines without outer blanks. Other separators of lines than line ends are no line ends here."""
    return [line.strip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]


def _fits(text: str, encoding: str) -> bool:
    try:
        text.encode("utf-8" if encoding.startswith("utf-8") else encoding)
    except UnicodeEncodeError:
        return False
    return True
