"""The Practice Manager API: which call needs which scope, and its answers about clients, contacts, groups and staff."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from xpmsync.simulator.server import messages
from xpmsync.simulator.world import xml
from xpmsync.simulator.world.records import Member, WorldClient, WorldContact
from xpmsync.simulator.world.world import World
from xpmsync.simulator.world.xml import CLIENT_WRITES, CONTACT_FIELDS

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_WEB_URL: Final = "https://practicemanager.xero.com/Client/{number}/Detail"
_MANAGERS: Final = {"AccountManagerUUID": "account_manager", "JobManagerUUID": "job_manager"}


def list_clients(request: messages.Request, world: World, identifier: str) -> messages.ServerResponse:
    """Every client, archived and deleted included, streamed; `page` and the like are ignored."""
    del identifier
    return messages.ServerResponse(body=_listed(world, messages.since(request), _detailed(request)))


def paged_clients(request: messages.Request, world: World, identifier: str) -> messages.ServerResponse:
    """A page of active clients, base fields only."""
    del identifier
    size, after = messages.page_of(request)
    page, after = world.page(after, size)
    clients = "".join(xml.base_client(client) for client in page)
    return messages.ServerResponse(
        body=xml.response("List", f"<Clients>{clients}</Clients>", messages.pagination(request, size, after))
    )


def search_clients(request: messages.Request, world: World, identifier: str) -> messages.ServerResponse:
    """Clients whose name, e-mail or code contains `query`; archived ones too, deleted ones not."""
    del identifier
    query = request.query.get("query", "").strip()
    if not query:
        raise messages.Refused("The search query is required")
    return messages.ServerResponse(body=_found_clients(world, query, _detailed(request)))


def get_client(request: messages.Request, world: World, identifier: str) -> messages.ServerResponse:
    """One detailed client, with the address of its page."""
    del request
    if world.quirks.unknown_is_404 and world.client(identifier) is None:
        return messages.gateway_error(404, "ResourceNotFound")
    client = _client(world, identifier)
    address = f"<WebUrl>{_WEB_URL.format(number=client.number)}</WebUrl>"
    return messages.ServerResponse(body=xml.response("Get", address, xml.detailed_client(client)))


def add_client(request: messages.Request, world: World, identifier: str) -> messages.ServerResponse:
    """Create a client, with its contacts."""
    del identifier
    element = messages.body_element(request, "Client")
    fields = messages.texts(element, CLIENT_WRITES)
    if not fields.get("Name"):
        raise messages.Refused("The client name is required")
    people = [(contact_texts(person), person) for person in element.iterfind("Contacts/Contact")]
    if any(not person.get("Name") for person, _ in people):
        raise messages.Refused("The contact name is required")
    managers = _managers(element, world)
    with world.transaction():
        uuid = world.add_client(fields)
        world.set_managers(uuid, **managers)
        for person, source in people:
            world.add_contact(
                uuid,
                person,
                primary=flag(source.findtext("IsPrimary")) is True,
                position=(source.findtext("Position") or "").strip(),
            )
    return _client_answer("Add", _client(world, uuid))


def update_client(request: messages.Request, world: World, identifier: str) -> messages.ServerResponse:
    """Change the fields that are sent, and no other; contacts are not looked at."""
    del identifier
    element = messages.body_element(request, "Client")
    client = _client(world, (element.findtext("UUID") or "").strip())
    if client.deleted:
        raise messages.Refused("Invalid client identifier")
    fields = messages.texts(element, CLIENT_WRITES)
    if not fields.get("Name"):
        raise messages.Refused("The client name is required")
    if fields["Name"] == client.name:
        del fields["Name"]
    fields = world.quirks.kept_by_xpm(fields)
    managers = _managers(element, world)
    with world.transaction():
        world.update_client(client.uuid, fields)
        world.set_managers(client.uuid, **managers)
    return _client_answer("Update", _client(world, client.uuid))


def _client(world: World, uuid: str) -> WorldClient:
    client = world.client(uuid)
    if client is None:
        raise messages.Refused("Invalid client identifier")
    return client


def _client_answer(method: str, client: WorldClient) -> messages.ServerResponse:
    return messages.ServerResponse(body=xml.response(method, xml.detailed_client(client)))


def _detailed(request: messages.Request) -> bool:
    return request.query.get("detailed", "").lower() == "true"


def _listed(world: World, modified_since: str, detailed: bool) -> Iterator[bytes]:
    yield xml.response_start("List") + b"<Clients>"
    for batch in world.rendered(xml.render_client, modified_since):
        if detailed:
            yield b"".join(piece for client in batch for piece in client)
        else:
            yield b"".join(base + end for base, _, end in batch)
    yield b"</Clients>" + xml.response_end()


def _found_clients(world: World, query: str, detailed: bool) -> Iterator[bytes]:
    yield xml.response_start("Search") + b"<Clients>"
    for client in world.search(query):
        base, more, end = xml.render_client(client)
        yield base + more + end if detailed else base + end
    yield b"</Clients>" + xml.response_end()


def _managers(element: Element, world: World) -> dict[str, str]:
    managers: dict[str, str] = {}
    for name, role in _MANAGERS.items():
        uuid = (element.findtext(name) or "").strip().lower()
        if uuid:
            if uuid not in {member.uuid for member in world.staff()}:
                raise messages.Refused("Invalid staff identifier")
            managers[role] = uuid
    return managers


_PLACE: Final = ("Position", "IsPrimary")
_NAMES: Final = {name: name for name in CONTACT_FIELDS}


def paged_contacts(request: messages.Request, world: World, identifier: str) -> messages.ServerResponse:
    """A page of contacts that are not deleted, without their clients."""
    del identifier
    size, after = messages.page_of(request)
    page, after = world.contact_page(after, size)
    people = "".join(xml.contact(person, None) for person in page)
    return messages.ServerResponse(
        body=xml.response("List", f"<Contacts>{people}</Contacts>", messages.pagination(request, size, after))
    )


def get_contact(request: messages.Request, world: World, identifier: str) -> messages.ServerResponse:
    """One contact; position and primary flag only with `clientUuid`."""
    return _contact_answer("Get", *_found_contact(request, world, identifier))


def add_contact(request: messages.Request, world: World, identifier: str) -> messages.ServerResponse:
    """Create a contact at the client that `Client/UUID` names."""
    del identifier
    element = messages.body_element(request, "Contact")
    client = _live_client(world, (element.findtext("Client/UUID") or "").strip())
    fields = contact_texts(element)
    if not fields.get("Name"):
        raise messages.Refused("The contact name is required")
    values = _written(element, world)
    primary, position = flag(values.pop("IsPrimary", None)) is True, values.pop("Position", "")
    uuid = world.add_contact(client.uuid, {**values, "Name": fields["Name"]}, primary=primary, position=position)
    return _contact_answer("Add", *_at_client(world, uuid, client.uuid), bare=world.quirks.bare_ok)


def update_contact(request: messages.Request, world: World, identifier: str) -> messages.ServerResponse:
    """Change the fields that are sent; position and primary flag at the client that query or body name."""
    element = messages.body_element(request, "Contact")
    if contact_texts(element).get("Name") == "":
        raise messages.Refused("The contact name is required")
    client = (element.findtext("Client/UUID") or "").strip().lower()
    if not world.quirks.ignores_query_client:
        client = request.query.get("clientUuid", client).lower()
    contact, place = _at_client(world, identifier, _live_client(world, client).uuid if client else "")
    values = _written(element, world)
    primary, position = flag(values.pop("IsPrimary", None)), values.pop("Position", None)
    world.update_contact(
        contact.uuid,
        values,
        client=client,
        primary=primary if place else None,
        position=position if place else None,
    )
    return _contact_answer("Update", *_at_client(world, contact.uuid, client), bare=world.quirks.bare_ok)


def delete_contact(request: messages.Request, world: World, identifier: str) -> messages.ServerResponse:
    """Take a contact off the client named by `clientUuid`, or delete it everywhere without one."""
    contact, _ = _found_contact(request, world, identifier)
    world.remove_contact(contact.uuid, request.query.get("clientUuid", "").lower())
    return messages.ServerResponse(body=xml.response("Delete"))


def contact_texts(element: Element) -> dict[str, str]:
    """The texts of a `Contact` element."""
    return messages.texts(element, _NAMES)


def flag(text: str | None) -> bool | None:
    """A Yes or No, None for anything else."""
    return {"yes": True, "no": False}.get((text or "").strip().lower())


def _found_contact(request: messages.Request, world: World, identifier: str) -> tuple[WorldContact, Member | None]:
    client = request.query.get("clientUuid", "")
    if client:
        client = _live_client(world, client).uuid
    return _at_client(world, identifier, client)


def _live_client(world: World, uuid: str) -> WorldClient:
    client = world.client(uuid)
    if client is None or client.deleted:
        raise messages.Refused("Invalid client identifier")
    return client


def _at_client(world: World, uuid: str, client: str) -> tuple[WorldContact, Member | None]:
    contact = world.contact(uuid)
    if contact is None or contact.deleted:
        raise messages.Refused("Invalid contact identifier")
    if not client:
        return contact, None
    owner = _live_client(world, client)
    place = next((member for member in owner.members if member.contact.uuid == contact.uuid), None)
    if place is None:
        raise messages.Refused("Invalid contact identifier")
    return contact, place


def _written(element: Element, world: World) -> dict[str, str]:
    """The elements that are sent, as far as the world takes them; flag and position belong to the place."""
    place = {name: text.strip() for name in _PLACE if (text := element.findtext(name)) is not None}
    return world.quirks.kept_by_xpm({**contact_texts(element), **place}, of_contact=True)


def _contact_answer(
    method: str, contact: WorldContact, place: Member | None, *, bare: bool = False
) -> messages.ServerResponse:
    if bare:
        return messages.ServerResponse(body=xml.response(method))
    return messages.ServerResponse(body=xml.response(method, xml.contact(contact, place)))


_READ: Final = frozenset({"practicemanager.client.read", "practicemanager.client"})
_WRITE: Final = frozenset({"practicemanager.client"})
_STAFF: Final = frozenset({"practicemanager.staff.read", "practicemanager.staff"})


@dataclass(frozen=True, slots=True)
class _Route:
    """One call: its method and path (a UUID follows a path that ends in `/`), scopes, and who answers."""

    method: str
    call: str
    scopes: frozenset[str]
    answer: Callable[[messages.Request, World, str], messages.ServerResponse]


def answer_api(request: messages.Request, world: World, scopes: frozenset[str]) -> messages.ServerResponse:
    """Answer an API call by somebody with those scopes.

    403 without a fitting scope, 404 for an unknown call, 200 with `Status` ERROR
    for what XPM itself refuses.
    """
    known = False
    for route in _ROUTES:
        is_prefix = route.call.endswith("/")
        if not (request.call.startswith(route.call) if is_prefix else request.call == route.call):
            continue
        known = True
        if route.method != request.method:
            continue
        if not route.scopes & scopes:
            return messages.gateway_error(403, "AuthorizationUnsuccessful")
        try:
            return route.answer(request, world, request.call.removeprefix(route.call))
        except messages.Refused as refusal:
            return messages.ServerResponse(refusal.status, xml.error(_METHODS[route.method], refusal.reason))
    return messages.gateway_error(405, "MethodNotAllowed") if known else messages.gateway_error(404, "ResourceNotFound")


def _list_groups(request: messages.Request, world: World, identifier: str) -> messages.ServerResponse:
    del request, identifier
    groups = "".join(xml.group(group) for group in world.groups())
    return messages.ServerResponse(body=xml.response("List", f"<Groups>{groups}</Groups>"))


def _get_group(request: messages.Request, world: World, identifier: str) -> messages.ServerResponse:
    del request
    group = next((group for group in world.groups() if group.uuid == identifier.lower()), None)
    if group is None:
        raise messages.Refused("Invalid client group identifier")
    return messages.ServerResponse(body=xml.response("Get", xml.group(group, world.group_members(group.uuid))))


def _list_staff(request: messages.Request, world: World, identifier: str) -> messages.ServerResponse:
    del request, identifier
    members = "".join(xml.staff(member) for member in world.staff())
    return messages.ServerResponse(body=xml.response("List", f"<StaffList>{members}</StaffList>"))


_METHODS: Final = {"GET": "Get", "POST": "Add", "PUT": "Update", "DELETE": "Delete"}

_ROUTES: Final = (
    _Route("GET", "client.api/list", _READ, list_clients),
    _Route("GET", "client.api/paged-list", _READ, paged_clients),
    _Route("GET", "client.api/search", _READ, search_clients),
    _Route("GET", "client.api/get/", _READ, get_client),
    _Route("POST", "client.api/add", _WRITE, add_client),
    _Route("PUT", "client.api/update", _WRITE, update_client),
    _Route("GET", "client.api/contacts", _READ, paged_contacts),
    _Route("GET", "client.api/contact/", _READ, get_contact),
    _Route("PUT", "client.api/contact/", _WRITE, update_contact),
    _Route("DELETE", "client.api/contact/", _WRITE, delete_contact),
    _Route("POST", "client.api/contact", _WRITE, add_contact),
    _Route("GET", "clientgroup.api/list", _READ, _list_groups),
    _Route("GET", "clientgroup.api/get/", _READ, _get_group),
    _Route("GET", "staff.api/list", _STAFF, _list_staff),
)
