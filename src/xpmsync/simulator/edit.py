"""Playing the other side's user: one edit by hand in XPM or in Ignition.

Fields are those of the catalogue, `contact.email@NAME` for one contact among
several, and what only a person does: `archived`, `deleted`, `add-contact`
(`Name <e-mail>`), `delete-contact`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from xpmsync.core.catalogue import FIELDS, Field, FieldKind
from xpmsync.core.enums import ClientState, System
from xpmsync.core.model import Contact
from xpmsync.errors import ClientNotFound, SeveralClients, UsageError
from xpmsync.simulator.ignition.register import Register
from xpmsync.simulator.world.records import Member, WorldClient
from xpmsync.simulator.world.world import World
from xpmsync.simulator.world.xml import too_long

_Record = TypeVar("_Record")
_ACTIONS: Final = ("archived", "deleted", "add-contact", "delete-contact")
_ROWS: Final = {row.name: row for row in FIELDS}


@dataclass(frozen=True, slots=True)
class Edited:
    """What an edit did; `field` names the contact too where there is one."""

    system: System
    client_id: str
    name: str
    field: str
    old: str
    new: str


def editable_fields(system: System) -> tuple[str, ...]:
    """The names `edit` takes for that system."""
    return (*(row.name for row in FIELDS if system is System.XPM or row.ignition), *_ACTIONS)


def edit_xpm(world: World, client: str, field: str, value: str) -> Edited:
    """Edit a client of XPM, named by UUID or exact name.

    Raises `ClientNotFound`, `SeveralClients`, and `UsageError` for a field or
    value that XPM's screens would not take.
    """
    name, who = _split(field, System.XPM)
    found = _one(client, System.XPM, world.client(client), world.named(client), lambda each: each.uuid)
    with world.transaction():
        old, new, field = _edit_xpm(world, found, name, who, value)
    return Edited(System.XPM, found.uuid, found.name, field, old, new)


def edit_ignition(register: Register, client: str, field: str, value: str) -> Edited:
    """Edit a client of the Ignition register, named by id, `CLI-…` reference or exact name.

    Raises `ClientNotFound`, `SeveralClients`, `UsageError`, and `Rejected` where
    it would break Ignition's rules.
    """
    name, who = _split(field, System.IGNITION)
    with register.transaction():
        by_reference = next((each for each in register.clients() if each.number.casefold() == client.casefold()), None)
        exact = register.get(client) or by_reference
        found = _one(client, System.IGNITION, exact, register.named(client), lambda each: each.id)
        match name:
            case "archived":
                old = _yes_no(found.state is ClientState.ARCHIVED)
                new = _flag(name, value)
                (register.archive if new == "Yes" else register.restore)(found.id)
            case "deleted":
                if _flag(name, value) == "No":
                    raise UsageError("Ignition cannot bring a deleted client back")
                register.delete(found.id)
                old, new = "No", "Yes"
            case "add-contact":
                person, email = _person(value)
                register.add_contact(found.id, {"contact.name": person, "contact.email": email})
                old, new = "", value
            case "delete-contact":
                contact = _choose_contact(found.contacts, value)
                register.delete_contact(found.id, contact.id)
                old, new = contact.name, ""
            case _:
                row = _ROWS[name]
                new = _fitting(row, value)
                if row.of_contact:
                    contact = _choose_contact(found.contacts, who)
                    old = contact.values.get(name, "")
                    register.update_contact(found.id, contact.id, {name: new})
                    field = f"{name}@{contact.name}"
                else:
                    old = found.values.get(name, "")
                    register.update(found.id, {name: new})
    return Edited(System.IGNITION, found.id, found.name, field, old, new)


def _edit_xpm(world: World, client: WorldClient, name: str, who: str, value: str) -> tuple[str, str, str]:
    match name:
        case "archived":
            new = _flag(name, value)
            world.set_state(client.uuid, archived=new == "Yes")
            return _yes_no(client.archived), new, name
        case "deleted":
            new = _flag(name, value)
            world.set_state(client.uuid, deleted=new == "Yes")
            return _yes_no(client.deleted), new, name
        case "group":
            groups = [line.strip() for line in value.splitlines() if line.strip()]
            world.set_groups(client.uuid, groups)
            return "\n".join(group.name for group in client.groups), "\n".join(groups), name
        case "add-contact":
            person, email = _person(value)
            world.add_contact(client.uuid, {"Name": person, "Email": email})
            return "", value, name
        case "delete-contact":
            member = _choose_member(client.members, value)
            world.remove_contact(member.contact.uuid, client.uuid)
            return member.contact.name, "", name
    row = _ROWS[name]
    new = _fitting(row, value)
    refusal = too_long(row.xpm_read, new)
    if refusal or (row.xpm_read == "Name" and not new.strip()):
        raise UsageError(refusal or "XPM needs a name")
    if row.of_contact:
        member = _choose_member(client.members, who)
        return *_edit_member(world, client, member, row, new), f"{name}@{member.contact.name}"
    world.update_client(client.uuid, {row.xpm_read: new})
    return client.fields.get(row.xpm_read, ""), new, name


def _edit_member(world: World, client: WorldClient, member: Member, row: Field, new: str) -> tuple[str, str]:
    contact = member.contact.uuid
    match row.name:
        case "contact.primary":
            world.update_contact(contact, {}, client=client.uuid, primary=new == "Yes")
            return _yes_no(member.primary), new
        case "contact.position":
            world.update_contact(contact, {}, client=client.uuid, position=new)
            return member.position, new
        case _:
            world.update_contact(contact, {row.xpm_read: new})
            return member.contact.fields.get(row.xpm_read, ""), new


def _split(field: str, system: System) -> tuple[str, str]:
    """The field's name and, after `@`, which contact; `UsageError` with the near match for an unknown name."""
    name, _, who = field.partition("@")
    known = editable_fields(system)
    if name not in known:
        from difflib import get_close_matches

        near = get_close_matches(name, known, n=1)
        meant = f"Did you mean {near[0]}? " if near else ""
        raise UsageError(f"{system.label} has no field {name!r}", f"{meant}Fields: {', '.join(known)}")
    if who and not name.startswith("contact."):
        raise UsageError(f"{name} is not a contact's field", "Only contact fields take @CONTACT.")
    return name, who


def _one(
    wanted: str, system: System, exact: _Record | None, named: Sequence[_Record], identify: Callable[[_Record], str]
) -> _Record:
    if exact is not None:
        return exact
    if not named:
        raise ClientNotFound(wanted, system)
    if len(named) > 1:
        raise SeveralClients(wanted, system, [identify(each) for each in named])
    return named[0]


def _choose_contact(contacts: Sequence[Contact], who: str) -> Contact:
    place = _choose([(each.id, each.name, each.email, each.is_primary) for each in contacts], who)
    return contacts[place]


def _choose_member(members: Iterable[Member], who: str) -> Member:
    present = [member for member in members if not member.contact.deleted]
    people = [(m.contact.uuid, m.contact.name, m.contact.fields.get("Email", ""), m.primary) for m in present]
    return present[_choose(people, who)]


def _choose(people: Sequence[tuple[str, str, str, bool]], who: str) -> int:
    """The place of the contact named by id, name or e-mail; unnamed, the primary or only one."""
    names = ", ".join(name for _, name, _, _ in people) or "none"
    if who:
        wanted = who.casefold()
        places = [place for place, person in enumerate(people) if wanted in [text.casefold() for text in person[:3]]]
    else:
        places = [place for place, person in enumerate(people) if person[3]] or list(range(len(people)))
    if len(places) != 1:
        problem = f"{len(places)} contacts fit {who!r}" if who else "the client has no single main contact"
        raise UsageError(problem, f"Name one after @ (name, e-mail or id). Contacts: {names}")
    return places[0]


def _person(value: str) -> tuple[str, str]:
    """`Name <e-mail>` taken apart; the e-mail may be missing."""
    name, _, email = value.partition("<")
    if not name.strip():
        raise UsageError("a contact needs a name", "Write it as: Name <name@example.com>")
    return name.strip(), email.rstrip("> ").strip()


def _fitting(row: Field, value: str) -> str:
    return _flag(row.name, value) if row.kind is FieldKind.FLAG and value else value


def _flag(name: str, value: str) -> str:
    text = value.strip().capitalize()
    if text not in ("Yes", "No"):
        raise UsageError(f"{name} is yes or no, not {value!r}")
    return text


def _yes_no(value: bool) -> str:
    return "Yes" if value else "No"
