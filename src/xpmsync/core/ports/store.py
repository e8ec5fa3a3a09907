"""The port to a system that holds clients: XPM, or Ignition by one of its routes.

Use cases see only this. A route says what it can do in its `Capabilities`; the
diff turns everything it cannot into a hold, so nothing is dropped silently.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from xpmsync.core.catalogue import FIELDS
from xpmsync.core.enums import System
from xpmsync.core.model import Client, Contact
from xpmsync.core.plan.plan import Forecast, forecast
from xpmsync.core.ports.deferred import DeferredWrites


class Facts(Protocol):
    """A store of named texts; the ledger is one."""

    def fact(self, name: str) -> str | None:
        """A remembered fact."""
        ...

    def note(self, name: str, value: str) -> None:
        """Remember a fact."""
        ...


class Notes:
    """Facts that last as long as the program, for a profile without a ledger."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def fact(self, name: str) -> str | None:
        """A remembered fact."""
        return self._texts.get(name)

    def note(self, name: str, value: str) -> None:
        """Remember a fact."""
        self._texts[name] = value


EVERY_FIELD = frozenset(row.name for row in FIELDS)


class RouteCheck(Protocol):
    """What a route refuses, known without asking it. Every method returns why, an empty text where it takes it."""

    def value(self, field: str, text: str) -> str:
        """Check one value of a catalogue field."""
        ...

    def update(self, client: Client, values: Mapping[str, str], contact_id: str = "") -> str:
        """Check a change of a client as it is now, or of one of its contacts."""
        ...

    def add_contact(self, client: Client, values: Mapping[str, str]) -> str:
        """Check a new contact of a client."""
        ...

    def create(self, values: Mapping[str, str], contacts: Sequence[Mapping[str, str]]) -> str:
        """Check a new client with its contacts."""
        ...


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a store can do.

    `reads` and `writes` hold catalogue names. `clears` says whether a value can be
    blanked. `contact_needs_email` refuses contacts without an address.
    `immediate` is false where a person must upload a file first (`core.ports.deferred`);
    `by_rows` where that file has a row for each contact, with rules of its own (`core.diff.route_limits`).
    `from_file` says that values come from a file that a spreadsheet program may have damaged.
    `title` is how holds name this way of writing, `remedy` what else a person can do.
    `blocked` is why nothing at all can be written now and what to do about it, empty as a rule.
    `calls_a_minute`, `calls_an_hour` and `calls_a_day` (0: no limit) feed the forecast;
    `check` is for routes whose rules are known only when they are used.
    """

    reads: frozenset[str] = EVERY_FIELD
    writes: frozenset[str] = EVERY_FIELD
    clears: bool = True
    contact_needs_email: bool = True
    immediate: bool = True
    by_rows: bool = False
    from_file: bool = False
    title: str = ""
    remedy: str = ""
    blocked: str = ""
    calls_a_minute: int = 0
    calls_an_hour: int = 0
    calls_a_day: int = 0
    check: RouteCheck | None = None

    def forecast(self, calls: int, *, reads: int, spent: int) -> Forecast:
        """What a plan of so many writing calls will cost; none where they are put into a file.

        `reads` is how many calls its making took on both sides, `spent` how many of them on this one.
        """
        return forecast(
            calls if self.immediate else 0,
            reads=reads,
            calls_a_minute=self.calls_a_minute,
            calls_an_hour=self.calls_an_hour,
            calls_a_day=self.calls_a_day,
            spent=spent,
        )


class Store(Protocol):
    """One system's clients.

    Every method may raise the errors of `xpmsync.errors`: `SignInNeeded`,
    `AccessRefused`, `Unreachable`, `UnusableAnswer`, `Rejected`, `CallLimit`.
    Writes return the record as the system shows it now, which need not be what was
    sent; None where the answer does not show it, so that it must be looked up.
    """

    @property
    def system(self) -> System:
        """Which system this is."""
        ...

    def connect(self) -> None:
        """Learn what `capabilities` depends on. Called once before a plan is made; repeating it costs no call."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What this store can do: a plain value, known after `connect`."""
        ...

    @property
    def deferred(self) -> DeferredWrites:
        """What waits for a person's upload; `IMMEDIATE` where writes take effect at once."""
        ...

    @property
    def as_of(self) -> datetime | None:
        """The system's own time when the last `read` was answered, where it sends one."""
        ...

    @property
    def calls_made(self) -> int:
        """Calls sent to the system so far; 0 for a store on this machine."""
        ...

    def read(self, *, since: datetime | None = None) -> Iterator[Client]:
        """Yield every client, archived and deleted ones included, or those changed since then (UTC).

        The iterator raises instead of ending early when the answer is incomplete.
        """
        ...

    def get(self, client_id: str) -> Client | None:
        """Return one client, or None where the system has none of that id."""
        ...

    def search(self, text: str) -> Iterator[Client]:
        """Yield the clients whose name, e-mail or number contains the text, as they are read."""
        ...

    def update(self, client_id: str, name: str, values: Mapping[str, str]) -> Client | None:
        """Write only the given values; `name` is the client's name as the plan saw it (XPM wants it)."""
        ...

    def add_contact(self, client_id: str, values: Mapping[str, str]) -> Contact | None:
        """Add a contact to a client."""
        ...

    def update_contact(self, client_id: str, contact_id: str, name: str, values: Mapping[str, str]) -> Contact | None:
        """Write only the given values of a contact of that client; `name` is its name as the plan saw it."""
        ...


class CreatingStore(Store, Protocol):
    """A store that can also create clients: Ignition, by any of its routes. XPM clients are never created."""

    def create(
        self,
        values: Mapping[str, str],
        contacts: Sequence[Mapping[str, str]],
        *,
        xpm_id: str = "",
        xpm_number: str = "",
    ) -> Client:
        """Create a client with its contacts, and return it; without an id where it takes effect later.

        `xpm_id` and `xpm_number` are XPM's id and number for it, for a route that can
        keep them.
        """
        ...
