"""The Ignition register that goes with a generated practice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

from xpmsync.core.catalogue import CLIENT_FIELDS, CONTACT_FIELDS
from xpmsync.core.enums import ClientState
from xpmsync.simulator.ignition.register import Register, RegisterDraft
from xpmsync.simulator.people.generate import SECOND_CONTACTS, generated
from xpmsync.simulator.world.records import Member, WorldClient

_FIRST_ID: Final = 1_000_001
_CONTACT_ELEMENTS: Final = {row.xpm_read: row.name for row in CONTACT_FIELDS if row.ignition}
_DIFFERENCES: Final = ("address", "city", "name", "contact.email", "contact.salutation")
"""Fields that every generated client has, so that each difference is a change and never a blank source."""


@dataclass(frozen=True, slots=True)
class GeneratedRegister:
    """What was made: the pairs of XPM and Ignition ids, and the XPM ids of those that differ in one field."""

    links: tuple[tuple[str, str], ...]
    differing: tuple[str, ...]


def generate_register(
    register: Register,
    *,
    clients: int = 15_000,
    seed: int = 1,
    second_contacts: float = SECOND_CONTACTS,
    differing: float = 0.02,
) -> GeneratedRegister:
    """Fill an empty register with the counterparts of `generate(clients=…, seed=…, second_contacts=…)`.

    Records are equal but for the share `differing` of active clients, which
    differ in one field each (address, city, name, a contact's e-mail or
    salutation, in turn). Deleted clients and those without a contact have no counterpart.
    """
    random = Random(seed)  # noqa: S311 - repeatable data, no secret
    links: list[tuple[str, str]] = []
    different: list[str] = []
    drafts: list[RegisterDraft] = []
    for client in generated(clients, seed, second_contacts):
        if client.deleted or not client.members:
            continue
        ignition_id = str(_FIRST_ID + len(links))
        links.append((client.uuid, ignition_id))
        draft = _counterpart(client, ignition_id)
        if random.random() < differing and not client.archived:
            _alter(draft, _DIFFERENCES[len(different) % len(_DIFFERENCES)])
            different.append(client.uuid)
        drafts.append(draft)
    register.insert_many(drafts)
    return GeneratedRegister(tuple(links), tuple(different))


def _counterpart(client: WorldClient, ignition_id: str) -> RegisterDraft:
    elements = {**client.fields, "Groups": client.groups[0].name if client.groups else ""}
    values = {row.name: text for row in CLIENT_FIELDS if (text := elements.get(row.xpm_read, ""))}
    contacts = [dict(_contact(member)) for member in client.members]
    if not any(member.primary for member in client.members):
        contacts[0]["contact.primary"] = "Yes"
    return RegisterDraft(
        ignition_id,
        values,
        contacts,
        ClientState.ARCHIVED if client.archived else ClientState.ACTIVE,
        manager=client.job_manager.name if client.job_manager else "",
        partner=client.account_manager.name if client.account_manager else "",
        xpm_number=str(client.number) if client.number % 3 else "",
        identifiers={"company_number": client.fields["CompanyNumber"]} if "CompanyNumber" in client.fields else {},
    )


def _contact(member: Member) -> Iterator[tuple[str, str]]:
    for element, name in _CONTACT_ELEMENTS.items():
        if text := member.contact.fields.get(element):
            yield name, text
    yield "contact.primary", "Yes" if member.primary else "No"


def _alter(draft: RegisterDraft, field: str) -> None:
    match field:
        case "address":
            draft.values["address"] = "1 Former Street"
        case "city":
            draft.values["city"] = "Elsewhere"
        case "name":
            draft.values["name"] += " (old name)"
        case "contact.email":
            draft.contacts[0]["contact.email"] = f"old.{draft.contacts[0]['contact.email']}"
        case _:
            draft.contacts[0]["contact.salutation"] = "Friend"
