"""New clients and contacts in files for upload that nothing is noted of.

A lost ledger, or an older one, must not double what such a file creates: the
files are recognised by their content.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from xpmsync.core.enums import System
from xpmsync.csv_files.pending import NewContact, loose_name
from xpmsync.csv_files.reading import open_csv
from xpmsync.errors import FileRefused, Rejected
from xpmsync.ignition.csv.columns import CLIENT_ID, CLIENT_NAME, CONTACT_EMAIL, CONTACT_ID, CONTACT_NAME, columns_of
from xpmsync.ignition.csv.rows import CALL

__all__ = ["NewRecords"]


class NewRecords:
    """What the files create; they are read when it is first asked for."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths

    def check_client(self, name: str) -> None:
        """Raise `Rejected` where a file creates a client of that name."""
        if (path := self._records[0].get(loose_name(name))) is not None:
            raise _rejected(f"a new client {name}", path)

    def check_contact(self, client_id: str, name: str, email: str) -> None:
        """Raise `Rejected` where a file adds that contact to the client."""
        if (path := self._records[1].get(NewContact.of(client_id, name, email))) is not None:
            raise _rejected(f"the new contact {name}", path)

    @cached_property
    def _records(self) -> tuple[Mapping[str, Path], Mapping[NewContact, Path]]:
        clients: dict[str, Path] = {}
        contacts: dict[NewContact, Path] = {}
        for path in self._paths:
            try:
                file = open_csv(path)
                columns = columns_of(file)
                rows = [row for _, row in file.rows(columns.kept)]
            except FileRefused:
                continue  # a file that no program can read creates nothing
            names = (CLIENT_ID, CLIENT_NAME, CONTACT_ID, CONTACT_NAME, CONTACT_EMAIL)
            places = columns.places
            if any(name not in places for name in names):
                continue
            for row in rows:
                client_id, client_name, contact_id, contact_name, email = (row[places[name]] for name in names)
                if not client_id.strip():
                    clients[loose_name(client_name)] = path
                elif not contact_id.strip():
                    contacts[NewContact.of(client_id.strip(), contact_name, email)] = path
        return clients, contacts


def _rejected(what: str, path: Path) -> Rejected:
    reason = f"{path} creates {what} already, and nothing is noted of that file. Upload it, or delete it if it is old"
    return Rejected(System.IGNITION, CALL, reason)
