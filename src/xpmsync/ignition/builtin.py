"""Route `builtin`: the practice register on this machine, for rehearsals and tests. No account needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Final

from xpmsync.core.catalogue import FIELDS
from xpmsync.core.enums import System
from xpmsync.core.match.name_search import fits_client, read_query
from xpmsync.core.model import Client, Contact
from xpmsync.core.ports.deferred import IMMEDIATE, DeferredWrites
from xpmsync.core.ports.store import Capabilities
from xpmsync.local.system.files import make_private
from xpmsync.simulator.ignition.register import Register

if TYPE_CHECKING:
    from xpmsync.ignition.routes import RouteContext

_NEEDED: Final = ("name", "contact.name", "contact.email")
_CARRIED: Final = frozenset(row.name for row in FIELDS if row.ignition)


class BuiltinStore:
    """The register behind the port; it keeps Ignition's rules itself."""

    def __init__(self, register: Register) -> None:
        self._register = register

    @property
    def system(self) -> System:
        """Ignition."""
        return System.IGNITION

    def connect(self) -> None:
        """The register's abilities are known without reading it."""

    @property
    def capabilities(self) -> Capabilities:
        """Everything Ignition's own records have, at once and without limits."""
        return Capabilities(reads=_CARRIED, writes=_CARRIED)

    @property
    def deferred(self) -> DeferredWrites:
        """Writes take effect at once."""
        return IMMEDIATE

    @property
    def as_of(self) -> datetime | None:
        """The register keeps no clock of its own."""
        return None

    @property
    def calls_made(self) -> int:
        """No calls: the register is a file on this machine."""
        return 0

    def read(self, *, since: datetime | None = None) -> Iterator[Client]:
        """Every client; reading a file needs no cursor."""
        return self._register.clients()

    def get(self, client_id: str) -> Client | None:
        """One client by its id, or by the reference Ignition's screens show."""
        if client_id.isdecimal():
            return self._register.get(client_id)
        wanted = client_id.strip().casefold()
        if not wanted.startswith("cli-"):
            return None
        return next((client for client in self.read() if client.number.casefold() == wanted), None)

    def search(self, text: str) -> Iterator[Client]:
        """Clients that fit by name, reference, telephone number, or a contact's name or e-mail."""
        query = read_query(text)
        return (client for client in self.read() if fits_client(query, client))

    def create(
        self,
        values: Mapping[str, str],
        contacts: Sequence[Mapping[str, str]],
        *,
        xpm_id: str = "",
        xpm_number: str = "",
    ) -> Client:
        """Create a client in the register."""
        taken = [self._taken(contact) for contact in contacts]
        return self._register.create(self._taken(values), taken, xpm_number=xpm_number)

    def update(self, client_id: str, name: str, values: Mapping[str, str]) -> Client:
        """Change the given fields only."""
        return self._register.update(client_id, self._register.quirks.taken(values))

    def add_contact(self, client_id: str, values: Mapping[str, str]) -> Contact:
        """Add a contact."""
        return self._register.add_contact(client_id, self._taken(values))

    def update_contact(self, client_id: str, contact_id: str, name: str, values: Mapping[str, str]) -> Contact:
        """Change the given fields of a contact only."""
        return self._register.update_contact(client_id, contact_id, self._register.quirks.taken(values))

    def _taken(self, values: Mapping[str, str]) -> dict[str, str]:
        """What the register's quirks make of a new record, which needs a name and an e-mail all the same."""
        needed = {name: values[name] for name in _NEEDED if name in values}
        return {**needed, **self._register.quirks.taken(values)}


@contextmanager
def open_store(context: RouteContext) -> Iterator[BuiltinStore]:
    """Open this profile's register, creating an empty one at first."""
    with Register(make_private(context.paths.ready().register)) as register:
        yield BuiltinStore(register)
