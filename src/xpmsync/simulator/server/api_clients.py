"""`client.api`: list, paged-list, search, get, add, update."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from xpmsync.simulator.server.api_contacts import contact_texts, flag
from xpmsync.simulator.server.messages import (
    Refused,
    Request,
    ServerResponse,
    body_element,
    gateway_error,
    page_of,
    pagination,
    since,
    texts,
)
from xpmsync.simulator.world import xml
from xpmsync.simulator.world.records import WorldClient
from xpmsync.simulator.world.world import World
from xpmsync.simulator.world.xml import CLIENT_WRITES

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["add_client", "get_client", "list_clients", "paged_clients", "search_clients", "update_client"]

_WEB_URL: Final = "https://practicemanager.xero.com/Client/{number}/Detail"
_MANAGERS: Final = {"AccountManagerUUID": "account_manager", "JobManagerUUID": "job_manager"}


def list_clients(request: Request, world: World, identifier: str) -> ServerResponse:
    """Every client, archived and deleted included, streamed; `page` and the like are ignored."""
    del identifier
    return ServerResponse(body=_listed(world, since(request), _detailed(request)))


def paged_clients(request: Request, world: World, identifier: str) -> ServerResponse:
    """A page of active clients, base fields only."""
    del identifier
    size, after = page_of(request)
    page, after = world.page(after, size)
    clients = "".join(xml.base_client(client) for client in page)
    return ServerResponse(body=xml.response("List", f"<Clients>{clients}</Clients>", pagination(request, size, after)))


def search_clients(request: Request, world: World, identifier: str) -> ServerResponse:
    """Clients whose name, e-mail or code contains `query`; archived ones too, deleted ones not."""
    del identifier
    query = request.query.get("query", "").strip()
    if not query:
        raise Refused("The search query is required")
    return ServerResponse(body=_found(world, query, _detailed(request)))


def get_client(request: Request, world: World, identifier: str) -> ServerResponse:
    """One detailed client, with the address of its page."""
    del request
    if world.quirks.unknown_is_404 and world.client(identifier) is None:
        return gateway_error(404, "ResourceNotFound")
    client = _client(world, identifier)
    address = f"<WebUrl>{_WEB_URL.format(number=client.number)}</WebUrl>"
    return ServerResponse(body=xml.response("Get", address, xml.detailed_client(client)))


def add_client(request: Request, world: World, identifier: str) -> ServerResponse:
    """Create a client, with its contacts."""
    del identifier
    element = body_element(request, "Client")
    fields = texts(element, CLIENT_WRITES)
    if not fields.get("Name"):
        raise Refused("The client name is required")
    people = [(contact_texts(person), person) for person in element.iterfind("Contacts/Contact")]
    if any(not person.get("Name") for person, _ in people):
        raise Refused("The contact name is required")
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
    return _one("Add", _client(world, uuid))


def update_client(request: Request, world: World, identifier: str) -> ServerResponse:
    """Change the fields that are sent, and no other; contacts are not looked at."""
    del identifier
    element = body_element(request, "Client")
    client = _client(world, (element.findtext("UUID") or "").strip())
    if client.deleted:
        raise Refused("Invalid client identifier")
    fields = texts(element, CLIENT_WRITES)
    if not fields.get("Name"):
        raise Refused("The client name is required")
    if fields["Name"] == client.name:
        del fields["Name"]
    fields = world.quirks.kept_by_xpm(fields)
    managers = _managers(element, world)
    with world.transaction():
        world.update_client(client.uuid, fields)
        world.set_managers(client.uuid, **managers)
    return _one("Update", _client(world, client.uuid))


def _client(world: World, uuid: str) -> WorldClient:
    client = world.client(uuid)
    if client is None:
        raise Refused("Invalid client identifier")
    return client


def _one(method: str, client: WorldClient) -> ServerResponse:
    return ServerResponse(body=xml.response(method, xml.detailed_client(client)))


def _detailed(request: Request) -> bool:
    return request.query.get("detailed", "").lower() == "true"


def _listed(world: World, modified_since: str, detailed: bool) -> Iterator[bytes]:
    yield xml.response_start("List") + b"<Clients>"
    for batch in world.rendered(xml.render_client, modified_since):
        if detailed:
            yield b"".join(piece for client in batch for piece in client)
        else:
            yield b"".join(base + end for base, _, end in batch)
    yield b"</Clients>" + xml.response_end()


def _found(world: World, query: str, detailed: bool) -> Iterator[bytes]:
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
                raise Refused("Invalid staff identifier")
            managers[role] = uuid
    return managers
