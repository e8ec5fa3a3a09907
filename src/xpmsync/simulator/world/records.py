"""What the built-in practice's XPM side holds, as XPM itself would see it.

These are the server's own records, element names and all; what xpmsync makes
of the answers is `core.model`. UUIDs are kept in lower case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

__all__ = [
    "ClientGroup",
    "ClientNote",
    "Member",
    "Ref",
    "Relationship",
    "StaffMember",
    "WorldClient",
    "WorldContact",
    "demo_id",
]


def demo_id(name: str) -> str:
    """A fixed UUID for a thing of the built-in practice."""
    return str(uuid5(NAMESPACE_URL, f"https://example.com/xpmsync/practice/{name}"))


@dataclass(frozen=True, slots=True)
class Ref:
    """A record named by another one: its UUID and present name."""

    uuid: str
    name: str


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Somebody who works at the practice."""

    uuid: str
    name: str
    email: str
    phone: str = ""
    mobile: str = ""


@dataclass(frozen=True, slots=True)
class ClientGroup:
    """A client group; members are asked for apart."""

    uuid: str
    name: str
    taxable: bool = True


@dataclass(frozen=True, slots=True)
class WorldContact:
    """A person; `fields` maps XPM's element names (`Name`, `Email`, …) to text, blanks left out."""

    uuid: str
    fields: Mapping[str, str]
    deleted: bool = False

    @property
    def name(self) -> str:
        """The contact's name."""
        return self.fields.get("Name", "")


@dataclass(frozen=True, slots=True)
class Member:
    """A contact's place at one client: XPM keeps position and the primary flag for each client apart."""

    contact: WorldContact
    primary: bool = False
    position: str = ""


@dataclass(frozen=True, slots=True)
class ClientNote:
    """A note on a client; detailed answers carry it and xpmsync must drop it."""

    title: str
    text: str
    date: str
    created_by: str
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Relationship:
    """One client's tie to another (`Shareholder`, `Trustee`, …)."""

    uuid: str
    kind: str
    related: Ref
    shares: int = 0
    percentage: int = 0
    start: str = ""
    end: str = ""


@dataclass(frozen=True, slots=True)
class WorldClient:
    """A client with everything a detailed answer has.

    `fields` maps XPM's *read* element names to text, blanks left out; `number`
    is the one in XPM's web address; `modified` is UTC as `modifiedsince` compares
    it and appears in no answer.
    """

    uuid: str
    number: int
    fields: Mapping[str, str]
    modified: str
    archived: bool = False
    deleted: bool = False
    account_manager: Ref | None = None
    job_manager: Ref | None = None
    billing: Ref | None = None
    members: tuple[Member, ...] = ()
    groups: tuple[Ref, ...] = ()
    notes: tuple[ClientNote, ...] = ()
    relationships: tuple[Relationship, ...] = ()

    @property
    def name(self) -> str:
        """The client's name."""
        return self.fields.get("Name", "")
