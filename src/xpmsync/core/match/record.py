"""A client as the matcher reads it: each field in its normal form, once."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from sys import intern
from typing import Final

from xpmsync.core.catalogue import FieldKind
from xpmsync.core.enums import ClientState, System
from xpmsync.core.match import identifiers
from xpmsync.core.match.addresses import Address, read_places
from xpmsync.core.match.identifiers import Identifier
from xpmsync.core.match.legal_forms import Form, of_structure
from xpmsync.core.match.name_parse import Name, Other, OtherKind, read_name
from xpmsync.core.match.nicknames import given_name_fits, is_given_name
from xpmsync.core.match.person_parse import PersonName
from xpmsync.core.match.text import fold, tokens, word_set
from xpmsync.core.model import Client
from xpmsync.core.text import choices, normalise

_EMAIL: Final = re.compile(r"[^\s,;<>\"']+@[^\s,;<>\"']+\.[^\s,;<>\"']+")
_NOT_A_PHONE: Final = re.compile(r"(\d)\1*x?")
_SHORTEST_PHONE: Final = 6
_PHONE_TAIL: Final = 8
"""Digits that are the same with and without the area code, in Australia, New Zealand and (nearly) Britain."""


@dataclass(frozen=True, slots=True)
class MatchRecord:
    """One client, read for comparing; what is shown of it is taken from `client`, as written there."""

    system: System
    id: str
    name: Name
    name_key: str
    """The name with the kind of legal form: the family's trust and company do not make each other common."""
    form: Form
    number: str
    identifiers: tuple[Identifier, ...]
    emails: tuple[str, ...]
    phones: tuple[str, ...]
    places: tuple[Address, ...]
    contacts: tuple[PersonName, ...]
    groups: tuple[str, ...]
    archived: bool
    client: Client = field(repr=False, compare=False)


def read_record(client: Client) -> MatchRecord:
    """Read a client; missing and unusable fields are left out."""
    values = client.values
    contacts = [p for c in client.contacts if "@" not in c.name for p in _people(c.name) if p.given]
    name = read_name(client.name, {p.given[0] for p in contacts})
    name = _with_full_given_names(_partners(name, contacts), contacts)
    own = _own_contacts(name, contacts)
    name = replace(name, others=(*name.others, *own)) if own else name
    form = name.form
    if form is Form.UNSTATED and name.people and {p.key for p in name.people} <= {p.key for p in contacts}:
        form = Form.PERSON
    if form in (Form.UNSTATED, Form.PERSON):  # the name alone only suggests a person; the practice's word counts more
        stated = of_structure(values.get("structure", ""))
        form = form if stated is Form.UNSTATED else stated
    return MatchRecord(
        system=client.system,
        id=client.id,
        name=name,
        name_key=f"{name.key}/{form.value.rpartition(' ')[2]}",
        form=form,
        number=(client.number if client.system is System.XPM else client.xpm_number).strip().casefold(),
        identifiers=identifiers.read(client.identifiers) if client.identifiers else (),
        emails=tuple(dict.fromkeys(_emails(client))),
        phones=tuple(dict(_numbers(client))),
        places=read_places(values),
        contacts=_other_people(name, contacts),
        groups=tuple(g.casefold() for g in choices(values.get("group", ""))),
        archived=client.state is not ClientState.ACTIVE,
        client=client,
    )


@lru_cache(maxsize=16384)
def _people(name: str) -> tuple[PersonName, ...]:
    """The persons of a contact's name, which begins with a given name; one person is the contact of several clients."""
    return read_name(name, tokens(fold(name))[:1]).people


def phone_tail(phone: str) -> str:
    """The part of a number that it has with and without its area code."""
    return phone[-_PHONE_TAIL:]


def phone_as_written(client: Client, number: str) -> str:
    """The client's text for a number in normal form, which drops a leading zero among others."""
    return next((_on_one_line(text) for normal, text in _numbers(client) if normal == number), number)


def group_as_written(client: Client, group: str) -> str:
    """The client's text for a folded group."""
    return next((name for name in choices(client.values.get("group", "")) if name.casefold() == group), group)


def contact_as_written(client: Client, key: str) -> str:
    """The name of the client's contact who has that key (`PersonName.key`), short form or title included."""
    named = (c.name for c in client.contacts if "@" not in c.name and any(p.key == key for p in _people(c.name)))
    return next(map(_on_one_line, named), "")


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def _emails(client: Client) -> Iterator[str]:
    for text in dict.fromkeys((client.email, *(c.email for c in client.contacts))):
        if "@" in text:
            yield from (intern(email) for email in _EMAIL.findall(normalise(FieldKind.EMAIL, text)))


def _numbers(client: Client) -> Iterator[tuple[str, str]]:
    """Each usable phone number in its normal form, and as written."""
    for text in dict.fromkeys((client.values.get("phone", ""), *_contact_phones(client))):
        if not text:
            continue
        number = normalise(FieldKind.PHONE, text).partition("x")[0]
        if number.isdecimal() and len(number) >= _SHORTEST_PHONE and not _NOT_A_PHONE.fullmatch(number):
            yield intern(number), text


def _contact_phones(client: Client) -> Iterator[str]:
    for contact in client.contacts:
        yield contact.values.get("contact.phone", "")
        yield contact.values.get("contact.mobile", "")


def _partners(name: Name, contacts: Sequence[PersonName]) -> Name:
    """Read `Lee Wilson` with the contacts `Jess Lee` and `Arjun Wilson` as the firm of the two."""
    if len(name.people) != 1 or name.form not in (Form.PERSON, Form.UNSTATED):
        return name
    (person,) = name.people
    if len(person.given) != 1:
        return name
    surnames = {p.surname for p in contacts if p.given[0] not in person.given}
    return replace(name, people=(), form=Form.UNSTATED) if {*person.given, person.surname} <= surnames else name


def _with_full_given_names(name: Name, contacts: Sequence[PersonName]) -> Name:
    """Read `K Jones` with the one contact `Karen Jones` as Karen Jones, but not both of `K & K Jones`."""
    people = tuple(_in_full(person, contacts) for person in name.people)
    return name if people == name.people or len(set(people)) < len(people) else replace(name, people=people)


def _in_full(person: PersonName, contacts: Sequence[PersonName]) -> PersonName:
    if not person.given:
        return person
    fits = {c.given[0]: c for c in contacts if c.surname == person.surname and c.given[0][0] == person.given[0]}
    if len(fits) != 1:
        return person
    (full,) = fits
    return replace(person, given=(full, *person.given[1:]))


def _own_contacts(name: Name, contacts: Sequence[PersonName]) -> tuple[Other, ...]:
    """The contact that is a person's client itself under another name: `Frank Smith` with a contact `Francis Smith`.

    Only where a single contact can be meant: one with the surname whose given name fits, or the
    sole contact if at least the given name is the client's. A sole contact that has no more than the
    surname may be the client under another name (`Sjaak` and `Jacobus`), or the wife.
    """
    if name.form not in (Form.PERSON, Form.UNSTATED) or len(name.people) != 1:
        return ()
    (person,) = name.people
    names = {(*contact.given[:1], contact.surname): contact for contact in contacts}
    if (*person.given[:1], person.surname) in names or not person.given:
        return ()
    fits = [c for c in names.values() if c.suffix == person.suffix and (c.surname == person.surname or len(names) == 1)]
    fits = [c for c in fits if given_name_fits(person.given, c.given) or (len(names) == 1 and _begins_as(person, c))]
    kind = OtherKind.CONTACT
    if not fits and len(names) == 1:
        kind, fits = OtherKind.SOLE_CONTACT, [c for c in names.values() if c.surname == person.surname]
    if len(fits) != 1:
        return ()
    (contact,) = fits
    return (Other(kind, Name((*contact.given, contact.surname), Form.PERSON, (contact,))),)


def _begins_as(person: PersonName, contact: PersonName) -> bool:
    """Whether a short name that no table holds begins as that of its surname's sole contact: `Joss` and `Jocelyn`."""
    short, full = sorted((person.given[0], contact.given[0]), key=len)
    unknown = len(short) <= _SHORT_NAME and not is_given_name(short)
    return person.surname == contact.surname and short[:2] == full[:2] and len(short) < len(full) and unknown


_SHORT_NAME: Final = 5


def _other_people(name: Name, contacts: Iterable[PersonName]) -> tuple[PersonName, ...]:
    """The contacts that are not the client itself."""
    own = {p.key for p in name.people}
    own.update(p.key for o in name.others if o.kind in (OtherKind.FORMER, OtherKind.CONTACT) for p in o.name.people)
    return tuple({p.key: p for p in contacts if p.key not in own}.values())


ROLE_MAILBOXES: Final = word_set(
    """
    accounts accountspayable accountsreceivable admin administration ap ar billing bookings bookkeeper bookkeeping
    contact contactus customerservice director directors enquiries enquiry everyone finance hello help helpdesk hi
    hr info information invoices invoicing jobs mail manager marketing me no-reply noreply none office operations
    orders owner payables payroll post reception sales secretary service services staff studio support team treasurer
    trustee trustees webmaster workshop
    """
)
"""Mailboxes of a desk rather than a person (RFC 2142 and what practices see)."""

FREE_MAIL: Final = word_set(
    """
    gmail.com googlemail.com hotmail.com hotmail.com.au hotmail.co.nz hotmail.co.uk outlook.com outlook.com.au
    outlook.co.nz live.com live.com.au live.co.uk msn.com yahoo.com yahoo.com.au yahoo.co.nz yahoo.co.uk ymail.com
    icloud.com me.com mac.com aol.com bigpond.com bigpond.net.au optusnet.com.au iinet.net.au westnet.com.au
    tpg.com.au dodo.com.au internode.on.net ozemail.com.au xtra.co.nz slingshot.co.nz orcon.net.nz vodafone.co.nz
    btinternet.com sky.com talktalk.net virginmedia.com ntlworld.com tiscali.co.uk proton.me protonmail.com gmx.com
    mail.com
    """
)
"""Providers whose domain says nothing about a firm."""


def is_role(email: str) -> bool:
    """Say whether a mailbox is a desk's."""
    return email.partition("@")[0].partition("+")[0] in ROLE_MAILBOXES
