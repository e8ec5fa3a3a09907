"""Filling an empty practice with the made-up people: XPM's side, and Ignition's in its own spelling."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from xpmsync.core.catalogue import CLIENT_FIELDS, FieldKind
from xpmsync.simulator.ignition.register import Register
from xpmsync.simulator.people.model import CLIENTS, ONLY_IN_IGNITION, STAFF, Made, Person, full_person
from xpmsync.simulator.world import records
from xpmsync.simulator.world.world import World

_FIRST_NUMBER: Final = 10_001
_FIRST_IGNITION_ID: Final = 1_000_101
_BEGINNING: Final = datetime(2026, 1, 12, 21, 0, tzinfo=UTC)

_KEYS: Final = {made.key: place for place, made in enumerate(CLIENTS)}


def client_id(key: str) -> str:
    """The UUID in XPM of the made-up client of that key."""
    return records.demo_id(f"client/{key}")


def ignition_id(key: str) -> str:
    """The id in Ignition of that client's counterpart."""
    return str(_FIRST_IGNITION_ID + 3 * _KEYS[key])


def number(key: str) -> int:
    """The client's number in XPM's web address."""
    return _FIRST_NUMBER + _KEYS[key]


SEEDED_PAIRS: Final[tuple[tuple[str, str], ...]] = tuple(
    (client_id(made.key), ignition_id(made.key)) for made in CLIENTS if made.ignition is not None
)
"""All pairs of XPM and Ignition ids that are the same client."""

SEEDED_LINKS: Final[tuple[tuple[str, str], ...]] = tuple(
    (client_id(made.key), ignition_id(made.key))
    for made in CLIENTS
    if made.ignition is not None and made.ignition.linked
)
"""Those of `SEEDED_PAIRS` that a practice already using xpmsync would have linked."""


def seed_world(world: World) -> None:
    """Fill an empty world, in one commit; the same ids and times on every machine."""
    with world.transaction():
        for member in STAFF.values():
            world.add_staff(member)
        for name in dict.fromkeys(group for made in CLIENTS for group in made.groups):
            world.add_group(records.ClientGroup(records.demo_id(f"group/{name}"), name))
        world.insert_many([_client(place, made) for place, made in enumerate(CLIENTS)])


def seed_register(register: Register) -> None:
    """Fill an empty register with the clients' counterparts and Ignition's own clients, in one commit."""
    with register.transaction():
        for made in CLIENTS:
            if made.ignition is not None:
                _add_counterpart(register, made)
        for place, (values, contacts) in enumerate(ONLY_IN_IGNITION):
            register.create(
                values, contacts, client_id=str(_FIRST_IGNITION_ID + 3 * (len(CLIENTS) + place)), partner="Priya Raman"
            )


def _client(place: int, made: Made) -> records.WorldClient:
    partner, manager = STAFF[made.partner], STAFF[made.manager]
    elements = dict(_elements(made)) | dict(made.elements)
    return records.WorldClient(
        uuid=client_id(made.key),
        number=number(made.key),
        fields={name: text for name, text in elements.items() if text},
        modified=(_BEGINNING + timedelta(hours=7 * place)).strftime("%Y-%m-%dT%H:%M:%S.%f"),
        archived=made.archived,
        deleted=made.deleted,
        account_manager=records.Ref(partner.uuid, partner.name),
        job_manager=records.Ref(manager.uuid, manager.name),
        billing=records.Ref(client_id(made.billing), "") if made.billing else None,
        members=tuple(records.Member(_contact(person), person.primary, person.position) for person in made.contacts),
        groups=tuple(records.Ref(records.demo_id(f"group/{name}"), name) for name in made.groups),
        notes=tuple(records.ClientNote("File note", text, "2026-01-15T10:00:00", manager.name) for text in made.notes),
        relationships=tuple(_tie(made.key, kind, other) for kind, other in made.related.items()),
    )


def _tie(key: str, kind: str, other: str) -> records.Relationship:
    shares = 100 if kind == "Shareholder" else 0
    own = records.demo_id(f"relationship/{key}/{kind}")
    return records.Relationship(own, kind, records.Ref(client_id(other), ""), shares, start="2015-07-01")


def _contact(person: Person) -> records.WorldContact:
    fields = {
        "Name": person.name,
        "Salutation": person.salutation,
        "Addressee": person.addressee,
        "Mobile": person.mobile,
        "Email": person.email,
        "Phone": person.phone,
    }
    contact_id = records.demo_id(f"contact/{person.key}")
    return records.WorldContact(contact_id, {name: text for name, text in fields.items() if text}, person.deleted)


def _elements(made: Made) -> Iterator[tuple[str, str]]:
    yield "Name", made.name
    for prefix, place in (("", made.street), ("Postal", made.postal)):
        yield f"{prefix}Address", place.lines
        yield f"{prefix}City", place.city
        yield f"{prefix}Region", place.region
        yield f"{prefix}PostCode", place.postcode
        yield f"{prefix}Country", place.country
    yield "Phone", made.phone
    yield "Fax", made.fax
    yield "Email", made.email
    yield "Website", made.website
    yield "BusinessStructure", made.structure
    yield "GSTRegistered", made.registered
    yield "ClientCode", made.key[:10].upper()
    yield "IsProspect", "No"


def _add_counterpart(register: Register, made: Made) -> None:
    counterpart = made.ignition
    if counterpart is None:
        return
    style, country = number(made.key), made.street.country
    elements = dict(_elements(made))
    values: dict[str, str] = {}
    for row in CLIENT_FIELDS:
        text = made.groups[0] if row.name == "group" and made.groups else elements.get(row.xpm_read, "")
        if row.kind is FieldKind.PHONE:
            text = respell_phone(text, country, style)
        elif row.kind is FieldKind.COUNTRY:
            text = respell_country(text, style)
        values[row.name] = text.replace("\r\n", "\n")
    contacts = [
        _contact_values(full_person(person), person.primary, country, style)
        | dict(counterpart.contacts.get(person.key, {}))
        for person in made.contacts
        if person.key not in counterpart.without and not person.deleted
    ]
    identifiers = {"abn": "BusinessNumber", "company_number": "CompanyNumber"}
    client = register.create(
        values | dict(counterpart.values),
        [each for each in contacts if each["contact.email"]] + [dict(extra) for extra in counterpart.extra],
        client_id=ignition_id(made.key),
        partner=STAFF[made.partner].name,
        manager=STAFF[made.manager].name,
        xpm_number=str(style) if counterpart.linked and style % 4 else "",
        identifiers={key: made.elements[name] for key, name in identifiers.items() if name in made.elements},
    )
    if counterpart.archived:
        register.update(client.id, {})
        register.archive(client.id)


def _contact_values(person: Person, primary: bool, country: str, style: int) -> dict[str, str]:
    return {
        "contact.name": person.name,
        "contact.email": person.email,
        "contact.phone": respell_phone(person.phone, country, style + 1),
        "contact.mobile": respell_phone(person.mobile, country, style + 2),
        "contact.salutation": person.salutation,
        "contact.addressee": person.addressee,
        "contact.primary": "Yes" if primary else "No",
    }


_COUNTRIES: Final = {
    "Australia": ("Australia", "AU", "AUSTRALIA", "australia"),
    "New Zealand": ("New Zealand", "NZ", "NEW ZEALAND", "Aotearoa"),
    "United Kingdom": ("United Kingdom", "UK", "GB", "Great Britain"),
}
_DIALLING_CODES: Final = {"Australia": "61", "New Zealand": "64", "United Kingdom": "44"}


def respell_country(country: str, style: int) -> str:
    """One of a country's spellings, chosen by `style`; unknown ones stay."""
    spellings = _COUNTRIES.get(country, (country,))
    return spellings[style % len(spellings)]


def respell_phone(phone: str, country: str, style: int) -> str:
    """One of a national number's layouts, chosen by `style`: as it is, with country code, digits only, dashed."""
    code = _DIALLING_CODES.get(country)
    plain = phone.replace("(", "").replace(")", "")
    if code is None or not plain.startswith("0"):
        return phone
    match style % 4:
        case 0:
            return phone
        case 1:
            return f"+{code} {plain[1:]}"
        case 2:
            return plain.replace(" ", "")
        case _:
            return plain.replace(" ", "-")
