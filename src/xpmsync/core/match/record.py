"""A client as the matcher reads it: each field in its normal form, once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from sys import intern
from typing import Final

from xpmsync.core.catalogue import Kind
from xpmsync.core.match import identifiers
from xpmsync.core.match.forms import Form, of_structure
from xpmsync.core.match.identifiers import Identifier
from xpmsync.core.match.names import Name, OtherKind, read_name
from xpmsync.core.match.people import Person
from xpmsync.core.match.places import Place, read_places
from xpmsync.core.model import Client, State, System
from xpmsync.core.normalise import choices, normalise

__all__ = ["Record", "read_record"]

_EMAIL: Final = re.compile(r"[^\s,;<>\"']+@[^\s,;<>\"']+\.[^\s,;<>\"']+")
_NOT_A_PHONE: Final = re.compile(r"(\d)\1*x?")
_SHORTEST_PHONE: Final = 6
_PHONE_TAIL: Final = 8
"""Digits that are the same with and without the area code, in Australia, New Zealand and (nearly) Britain."""


@dataclass(frozen=True, slots=True)
class Record:
    """One client, read for comparing. Nothing in it is ever shown or written."""

    system: System
    id: str
    name: Name
    form: Form
    number: str
    identifiers: tuple[Identifier, ...]
    emails: tuple[str, ...]
    phones: tuple[str, ...]
    places: tuple[Place, ...]
    contacts: tuple[Person, ...]
    groups: tuple[str, ...]
    archived: bool


def read_record(client: Client) -> Record:
    """Read a client; missing and unusable fields are simply not there."""
    values = client.values
    name = read_name(client.name)
    form = name.form
    if form is Form.UNSTATED:
        form = of_structure(values.get("structure", ""))
    return Record(
        system=client.system,
        id=client.id,
        name=name,
        form=form,
        number=(client.number if client.system is System.XPM else client.xpm_number).strip().casefold(),
        identifiers=identifiers.read(client.identifiers) if client.identifiers else (),
        emails=tuple(dict.fromkeys(_emails(client))),
        phones=tuple(dict.fromkeys(_phones(client))),
        places=read_places(values),
        contacts=_contact_people(client, name),
        groups=tuple(g.casefold() for g in choices(values.get("group", ""))),
        archived=client.state is not State.ACTIVE,
    )


def phone_tail(phone: str) -> str:
    """The part of a number that it has with and without its area code."""
    return phone[-_PHONE_TAIL:]


def _emails(client: Client) -> Iterator[str]:
    for text in (client.email, *(c.email for c in client.contacts)):
        if "@" in text:
            yield from (intern(found) for found in _EMAIL.findall(normalise(Kind.EMAIL, text)))


def _phones(client: Client) -> Iterator[str]:
    for text in (client.values.get("phone", ""), *_contact_phones(client)):
        if not text:
            continue
        number = normalise(Kind.PHONE, text).partition("x")[0]
        if number.isdecimal() and len(number) >= _SHORTEST_PHONE and not _NOT_A_PHONE.fullmatch(number):
            yield intern(number)


def _contact_phones(client: Client) -> Iterator[str]:
    for contact in client.contacts:
        yield contact.values.get("contact.phone", "")
        yield contact.values.get("contact.mobile", "")


def _contact_people(client: Client, name: Name) -> tuple[Person, ...]:
    """The contacts' names, without those that are the client itself."""
    own: set[str] = {p.key for p in name.people}
    own.update(p.key for o in name.others if o.kind is OtherKind.FORMER for p in o.name.people)
    people: Mapping[str, Person] = {
        person.key: person
        for contact in client.contacts
        if contact.name and "@" not in contact.name
        for person in read_name(contact.name).people
        if person.key not in own and person.given
    }
    return tuple(people.values())
