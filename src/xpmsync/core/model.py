"""Records that both systems hold: clients and their contacts.

Records hold the text each system gave, unchanged; only the outer layout a
parser must drop (indentation of XML examples, CSV quoting) is gone. Comparing
normalises, writing sends the source's text unchanged (design, rule 3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Final

from xpmsync.core.enums import ClientState, Level, System

EMPTY: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True)
class Contact:
    """A person at a client.

    `values` maps catalogue names (`contact.name`, `contact.email`, …) to the
    text the system gave; a missing key means blank. `id` is the system's own
    identifier, UUIDs in lower case; it is empty for a contact not yet created.
    """

    id: str
    values: Mapping[str, str]

    @property
    def name(self) -> str:
        """The contact's name, or an empty text."""
        return self.values.get("contact.name", "")

    @property
    def email(self) -> str:
        """The contact's e-mail address, or an empty text."""
        return self.values.get("contact.email", "")

    @property
    def is_primary(self) -> bool:
        """Whether the system flags this contact as the client's primary one."""
        return self.values.get("contact.primary", "").casefold() == "yes"


@dataclass(frozen=True, slots=True)
class Client:
    """A client as one system holds it.

    `values` maps catalogue names (`name`, `phone`, `postal_city`, …) to the
    text the system gave; a missing key means blank. The remaining attributes
    help people and the matcher to distinguish clients and are never written:
    `number` is what the system's screens show (the number in XPM's web address,
    Ignition's `CLI-…` reference), `email` is XPM's e-mail of the client itself,
    `xpm_number` is the XPM Id an Ignition record carries, `identifiers` holds
    public register numbers (`abn`, `company_number`), never tax numbers;
    `evidence` holds values of an XPM report, `email` among them: evidence for matching, nothing else;
    `unreadable` names fields whose text could not be read and is left out, and
    `complete` is false where a list has only part of the record; the store's `get` has all of it.
    """

    system: System
    id: str
    values: Mapping[str, str]
    contacts: tuple[Contact, ...] = ()
    state: ClientState = ClientState.ACTIVE
    number: str = ""
    email: str = ""
    manager: str = ""
    partner: str = ""
    prospect: bool = False
    xpm_number: str = ""
    identifiers: Mapping[str, str] = field(default_factory=dict)
    evidence: Mapping[str, str] = field(default_factory=dict)
    unreadable: tuple[str, ...] = ()
    complete: bool = True

    @property
    def name(self) -> str:
        """The client's name; every system requires one."""
        return self.values.get("name", "")

    @property
    def primary(self) -> Contact | None:
        """The contact flagged primary, else the first one, else none."""
        return next((c for c in self.contacts if c.is_primary), self.contacts[0] if self.contacts else None)

    @property
    def best_email(self) -> str:
        """The address people know the client by: the primary contact's, else the client's own."""
        primary = self.primary
        return (primary.email if primary else "") or self.email

    @property
    def city(self) -> str:
        """The city people know the client by: that of its address, else of its postal address."""
        return self.values.get("city", "") or self.values.get("postal_city", "")

    def for_matching(self) -> Client:
        """The client as the matcher weighs it: with the evidence where it has no values of its own."""
        if not self.evidence:
            return self
        values = {name: text for name, text in self.evidence.items() if name != "email"}
        email = self.email or self.evidence.get("email", "")
        return replace(self, values={**values, **self.values}, email=email, evidence={})

    def contact(self, contact_id: str) -> Contact | None:
        """The contact with that id, or none."""
        return next((c for c in self.contacts if c.id == contact_id), None)


@dataclass(frozen=True, slots=True)
class ClientRef:
    """How plans, errors and screens name a client: both ids and a name."""

    xpm_id: str
    ignition_id: str
    name: str

    @property
    def ids(self) -> str:
        """Both ids in words; the one it has, where it is in one system only."""
        known = (("XPM", self.xpm_id), ("Ignition", self.ignition_id))
        return ", ".join(f"{system} {id_}" for system, id_ in known if id_)

    def id_in(self, system: System) -> str:
        """The client's id in that system; empty where there is none yet."""
        return self.xpm_id if system is System.XPM else self.ignition_id


@dataclass(frozen=True, slots=True)
class Answer:
    """How a target showed a value that was sent to it, where it shows it differently.

    `xpm` and `ignition` are the fingerprints of both sides' values after the write.
    `refused` counts the runs in a row in which the target did not take the value;
    0 where it took it in its own spelling.
    """

    xpm: str
    ignition: str
    refused: int = 0

    def in_(self, system: System) -> str:
        """The fingerprint of that system's value."""
        return self.xpm if system is System.XPM else self.ignition


@dataclass(frozen=True, slots=True)
class Agreed:
    """What the ledger remembers of one link.

    `values` maps `agreed_key`s to fingerprints, `contacts` XPM contact ids to
    Ignition contact ids, empty for one in a pending upload.
    `pending` maps `agreed_key`s to the fingerprints of values in pending uploads,
    `answers` to what the target made of values that were sent. `not_taken` are values
    of an upload that the target does not show: its contact's id, empty for the client, and the field.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    contacts: Mapping[str, str] = field(default_factory=dict)
    pending: Mapping[str, Sequence[str]] = field(default_factory=dict)
    answers: Mapping[str, Answer] = field(default_factory=dict)
    not_taken: Set[tuple[str, str]] = frozenset()


NOTHING_AGREED: Final = Agreed()
"""A link that was never compared."""


def agreed_key(field_name: str, xpm_contact_id: str = "") -> str:
    """The ledger's key for a field, of one contact where an id is given."""
    return f"{field_name}@{xpm_contact_id}" if xpm_contact_id else field_name


@dataclass(frozen=True, slots=True)
class Link:
    """A pair of ids, with what the last run knew of the pair.

    `name` is the client's name when last seen. `ignition_fingerprint` is the
    fingerprint of Ignition's record after the last run, empty while the
    pair was never compared. `since` is when the link was made (UTC, ISO). `level`
    overrules the profile's level for this client, None where it does not.
    `xpm_number` is the number in XPM's web address, once a single look-up showed it.
    `outside` says that the filters excluded it when it was compared last.
    """

    xpm_id: str
    ignition_id: str
    name: str
    since: str
    ignition_fingerprint: str = ""
    level: Level | None = None
    xpm_number: str = ""
    outside: bool = False

    @property
    def ref(self) -> ClientRef:
        """The client as plans name it."""
        return ClientRef(self.xpm_id, self.ignition_id, self.name)

    def id_in(self, system: System) -> str:
        """The client's id in that system."""
        return self.xpm_id if system is System.XPM else self.ignition_id
