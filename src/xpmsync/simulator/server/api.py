"""The Practice Manager API's front: which call needs which scope, and who answers it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from xpmsync.simulator.server.api_clients import (
    add_client,
    get_client,
    list_clients,
    paged_clients,
    search_clients,
    update_client,
)
from xpmsync.simulator.server.api_contacts import (
    add_contact,
    delete_contact,
    get_contact,
    paged_contacts,
    update_contact,
)
from xpmsync.simulator.server.messages import Refused, Request, ServerResponse, gateway_error
from xpmsync.simulator.world import xml
from xpmsync.simulator.world.world import World

__all__ = ["answer_api"]

READ: Final = frozenset({"practicemanager.client.read", "practicemanager.client"})
WRITE: Final = frozenset({"practicemanager.client"})
STAFF: Final = frozenset({"practicemanager.staff.read", "practicemanager.staff"})


@dataclass(frozen=True, slots=True)
class _Route:
    """One call: its method and path (a UUID follows a path that ends in `/`), scopes, and who answers."""

    method: str
    call: str
    scopes: frozenset[str]
    answer: Callable[[Request, World, str], ServerResponse]


def answer_api(request: Request, world: World, scopes: frozenset[str]) -> ServerResponse:
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
            return gateway_error(403, "AuthorizationUnsuccessful")
        try:
            return route.answer(request, world, request.call.removeprefix(route.call))
        except Refused as refusal:
            return ServerResponse(refusal.status, xml.error(_METHODS[route.method], refusal.reason))
    return gateway_error(405, "MethodNotAllowed") if known else gateway_error(404, "ResourceNotFound")


def _list_groups(request: Request, world: World, identifier: str) -> ServerResponse:
    del request, identifier
    groups = "".join(xml.group(group) for group in world.groups())
    return ServerResponse(body=xml.response("List", f"<Groups>{groups}</Groups>"))


def _get_group(request: Request, world: World, identifier: str) -> ServerResponse:
    del request
    group = next((group for group in world.groups() if group.uuid == identifier.lower()), None)
    if group is None:
        raise Refused("Invalid client group identifier")
    return ServerResponse(body=xml.response("Get", xml.group(group, world.group_members(group.uuid))))


def _list_staff(request: Request, world: World, identifier: str) -> ServerResponse:
    del request, identifier
    members = "".join(xml.staff(member) for member in world.staff())
    return ServerResponse(body=xml.response("List", f"<StaffList>{members}</StaffList>"))


_METHODS: Final = {"GET": "Get", "POST": "Add", "PUT": "Update", "DELETE": "Delete"}

_ROUTES: Final = (
    _Route("GET", "client.api/list", READ, list_clients),
    _Route("GET", "client.api/paged-list", READ, paged_clients),
    _Route("GET", "client.api/search", READ, search_clients),
    _Route("GET", "client.api/get/", READ, get_client),
    _Route("POST", "client.api/add", WRITE, add_client),
    _Route("PUT", "client.api/update", WRITE, update_client),
    _Route("GET", "client.api/contacts", READ, paged_contacts),
    _Route("GET", "client.api/contact/", READ, get_contact),
    _Route("PUT", "client.api/contact/", WRITE, update_contact),
    _Route("DELETE", "client.api/contact/", WRITE, delete_contact),
    _Route("POST", "client.api/contact", WRITE, add_contact),
    _Route("GET", "clientgroup.api/list", READ, _list_groups),
    _Route("GET", "clientgroup.api/get/", READ, _get_group),
    _Route("GET", "staff.api/list", STAFF, _list_staff),
)
