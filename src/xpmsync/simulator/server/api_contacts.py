"""`client.api/contacts` and `client.api/contact`: people, each call for one client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from xpmsync.simulator.server.messages import Refused, Request, ServerResponse, body_element, page_of, pagination, texts
from xpmsync.simulator.world import xml
from xpmsync.simulator.world.records import Member, WorldClient, WorldContact
from xpmsync.simulator.world.world import World
from xpmsync.simulator.world.xml import CONTACT_FIELDS

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = [
    "add_contact",
    "contact_texts",
    "delete_contact",
    "flag",
    "get_contact",
    "paged_contacts",
    "update_contact",
]

_PLACE: Final = ("Position", "IsPrimary")
_NAMES: Final = {name: name for name in CONTACT_FIELDS}


def paged_contacts(request: Request, world: World, identifier: str) -> ServerResponse:
    """A page of contacts that are not deleted, without their clients."""
    del identifier
    size, after = page_of(request)
    page, after = world.contact_page(after, size)
    people = "".join(xml.contact(person, None) for person in page)
    return ServerResponse(body=xml.response("List", f"<Contacts>{people}</Contacts>", pagination(request, size, after)))


def get_contact(request: Request, world: World, identifier: str) -> ServerResponse:
    """One contact; position and primary flag only with `clientUuid`."""
    return _answer("Get", *_found(request, world, identifier))


def add_contact(request: Request, world: World, identifier: str) -> ServerResponse:
    """Create a contact at the client that `Client/UUID` names."""
    del identifier
    element = body_element(request, "Contact")
    client = _client(world, (element.findtext("Client/UUID") or "").strip())
    fields = contact_texts(element)
    if not fields.get("Name"):
        raise Refused("The contact name is required")
    values = _written(element, world)
    primary, position = flag(values.pop("IsPrimary", None)) is True, values.pop("Position", "")
    uuid = world.add_contact(client.uuid, {**values, "Name": fields["Name"]}, primary=primary, position=position)
    return _answer("Add", *_at_client(world, uuid, client.uuid), bare=world.quirks.bare_ok)


def update_contact(request: Request, world: World, identifier: str) -> ServerResponse:
    """Change the fields that are sent; position and primary flag at the client that query or body name."""
    element = body_element(request, "Contact")
    if contact_texts(element).get("Name") == "":
        raise Refused("The contact name is required")
    client = (element.findtext("Client/UUID") or "").strip().lower()
    if not world.quirks.ignores_query_client:
        client = request.query.get("clientUuid", client).lower()
    contact, place = _at_client(world, identifier, _client(world, client).uuid if client else "")
    values = _written(element, world)
    primary, position = flag(values.pop("IsPrimary", None)), values.pop("Position", None)
    world.update_contact(
        contact.uuid,
        values,
        client=client,
        primary=primary if place else None,
        position=position if place else None,
    )
    return _answer("Update", *_at_client(world, contact.uuid, client), bare=world.quirks.bare_ok)


def delete_contact(request: Request, world: World, identifier: str) -> ServerResponse:
    """Take a contact off the client named by `clientUuid`, or delete it everywhere without one."""
    contact, _ = _found(request, world, identifier)
    world.remove_contact(contact.uuid, request.query.get("clientUuid", "").lower())
    return ServerResponse(body=xml.response("Delete"))


def contact_texts(element: Element) -> dict[str, str]:
    """The texts of a `Contact` element."""
    return texts(element, _NAMES)


def flag(text: str | None) -> bool | None:
    """A Yes or No, None for anything else."""
    return {"yes": True, "no": False}.get((text or "").strip().lower())


def _found(request: Request, world: World, identifier: str) -> tuple[WorldContact, Member | None]:
    client = request.query.get("clientUuid", "")
    if client:
        client = _client(world, client).uuid
    return _at_client(world, identifier, client)


def _client(world: World, uuid: str) -> WorldClient:
    client = world.client(uuid)
    if client is None or client.deleted:
        raise Refused("Invalid client identifier")
    return client


def _at_client(world: World, uuid: str, client: str) -> tuple[WorldContact, Member | None]:
    contact = world.contact(uuid)
    if contact is None or contact.deleted:
        raise Refused("Invalid contact identifier")
    if not client:
        return contact, None
    owner = _client(world, client)
    place = next((member for member in owner.members if member.contact.uuid == contact.uuid), None)
    if place is None:
        raise Refused("Invalid contact identifier")
    return contact, place


def _written(element: Element, world: World) -> dict[str, str]:
    """The elements that are sent, as far as the world takes them; flag and position belong to the place."""
    place = {name: text.strip() for name in _PLACE if (text := element.findtext(name)) is not None}
    return world.quirks.kept_by_xpm({**contact_texts(element), **place}, of_contact=True)


def _answer(method: str, contact: WorldContact, place: Member | None, *, bare: bool = False) -> ServerResponse:
    if bare:
        return ServerResponse(body=xml.response(method))
    return ServerResponse(body=xml.response(method, xml.contact(contact, place)))
