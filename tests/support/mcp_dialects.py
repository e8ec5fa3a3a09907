"""Two ways to spell Ignition's tools. What the live server's schemas are nobody outside knows, so both must work.

They are written out by hand, on purpose without the mapping they put to the test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from mcp_types import CallToolResult, Tool

from support.mcp_server import JsonDict, failed, structured, texts
from xpmsync.core.enums import ClientState
from xpmsync.core.model import Client, Contact
from xpmsync.errors import ClientNotFound, Rejected
from xpmsync.simulator.ignition.register import Register

_PARTS: Final = ("address", "city", "region", "postcode", "country")


def _object(properties: JsonDict, *required: str) -> JsonDict:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def _tool(name: str, schema: JsonDict, output: JsonDict | None = None) -> Tool:
    return Tool(name=name, input_schema=schema, output_schema=output)


def _dict(value: object) -> JsonDict:
    assert isinstance(value, dict)
    return value


def _number(slug: object) -> str:
    return str(slug).partition("_")[2]


def _refusing(work: Callable[[], CallToolResult], refused: Callable[[str, str], CallToolResult]) -> CallToolResult:
    try:
        return work()
    except ClientNotFound:
        return refused("NOT_FOUND", "There is no such client")
    except Rejected as problem:
        return refused("INVALID", problem.reason)


@dataclass
class Snake:
    """Spells in snake_case, with nested addresses, pages by cursor and structured answers; speaks the new protocol.

    Lists show whole records. An address that is sent replaces the former one as a whole.
    """

    legacy: bool = False
    lean: bool = False
    page: int = 2
    required: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    extra: Mapping[str, JsonDict] = field(default_factory=dict)
    attention: dict[str, str] = field(default_factory=dict)
    """What an address holds beyond our fields, by client id."""
    answer: Callable[[JsonDict], CallToolResult] = structured
    """How an answer is put: structured, or in texts of some kind."""
    described: JsonDict | None = None
    """What `get_client` says its answers are."""
    minds_capitals: bool = False
    """Whether searching tells capitals from small letters."""
    takes: Callable[[dict[str, str]], dict[str, str]] = dict
    """What it makes of the values of a change: respelled, cut, some ignored."""

    def tools(self) -> list[Tool]:
        """List the tools."""
        text: JsonDict = {"type": ["string", "null"]}
        address = {
            "type": ["object", "null"],
            "properties": {
                "street": text,
                "city": text,
                "state": text,
                "post_code": text,
                "country": {"type": ["string", "null"]},
                "attention": text,
            },
            "additionalProperties": False,
        }
        client: JsonDict = {
            "name": {"type": "string", "minLength": 1, "maxLength": 80},
            "phone": text,
            "fax": text,
            "website": text,
            "business_structure": text,
            "gst_registered": {"type": "boolean", "description": "An empty text is never sent; null clears it."},
            "physical_address": {"$ref": "#/$defs/address"},
            "postal_address": {"$ref": "#/$defs/address"},
            **self.extra.get("client", {}),
        }
        contact: JsonDict = {
            "name": {"type": "string"},
            "email": {"type": "string", "format": "email"},
            "phone": text,
            "mobile": text,
            "salutation": text,
            "addressee": text,
            "is_primary": {"type": "boolean"},
            **self.extra.get("contact", {}),
        }
        shapes = {"$defs": {"address": address}}
        one: JsonDict = {"id": {"type": "string"}}
        listing = {
            "query": {"type": "string"},
            "email": {"type": "string"},
            "cursor": {"type": "string"},
            "limit": {"type": "integer", "maximum": self.page},
        }
        creating = {**client, "contacts": {"type": "array", "minItems": 1, "items": _object(contact, "name", "email")}}
        offered = [
            _tool("list_clients", _object(listing)),
            _tool("get_client", _object(one, "id"), self.described),
            _tool("create_client", {**_object(creating, "name", "contacts", *self.required), **shapes}),
            _tool("update_client", {**_object({**one, **client}, "id", *self.required), **shapes}),
            _tool("add_contact", _object({"client_id": {"type": "string"}, **contact}, "client_id", "name", "email")),
            _tool("update_contact", _object({"contact_id": {"type": "string"}, **contact}, "contact_id")),
            _tool("get_practice_info", _object({})),
        ]
        return [tool for tool in offered if tool.name not in self.without]

    def call(self, register: Register, tool: str, arguments: JsonDict) -> CallToolResult:
        """Do what a tool does."""
        return _refusing(
            lambda: getattr(self, f"_{tool}")(register, arguments),
            lambda code, words: failed({"error": {"code": code, "message": words}}),
        )

    def _list_clients(self, register: Register, asked: JsonDict) -> CallToolResult:
        query = str(asked.get("query", ""))
        found = [one for one in register.clients() if _matches(one, query, asked.get("email"))]
        if self.minds_capitals:
            found = [one for one in found if query in one.name]
        start, limit = int(str(asked.get("cursor", "0"))), int(str(asked.get("limit", self.page)))
        shown = found[start : start + limit]
        more = start + limit < len(found)
        records = [self._record(one) for one in shown]
        if self.lean:
            records = [{key: one[key] for key in ("id", "reference", "name", "state")} for one in records]
        paging = {"next_cursor": str(start + limit) if more else None, "has_more": more, "total_count": len(found)}
        return self.answer({"clients": records, "pagination": paging})

    def _get_client(self, register: Register, asked: JsonDict) -> CallToolResult:
        client = register.get(_number(asked["id"]))
        return self.answer(self._record(client)) if client else failed({"error": {"code": "NOT_FOUND"}})

    def _create_client(self, register: Register, asked: JsonDict) -> CallToolResult:
        contacts = [self._contact_values(_dict(one)) for one in _list(asked["contacts"])]
        made = register.create(self._values(asked), contacts)
        return self.answer({"client": self._record(made)})

    def _update_client(self, register: Register, asked: JsonDict) -> CallToolResult:
        changed = register.update(_number(asked["id"]), self.takes(self._values(asked)))
        self._note_attention(changed, asked)
        return self.answer({"client": self._record(changed)})

    def _add_contact(self, register: Register, asked: JsonDict) -> CallToolResult:
        added = register.add_contact(_number(asked["client_id"]), self.takes(self._contact_values(asked)))
        return self.answer({"contact": self._contact(added)})

    def _update_contact(self, register: Register, asked: JsonDict) -> CallToolResult:
        number = _number(asked["contact_id"])
        owner = next((one for one in register.clients() if one.contact(number)), None)
        if owner is None:
            return failed({"error": {"code": "NOT_FOUND", "message": "There is no such contact"}})
        return self.answer(
            {
                "contact": self._contact(
                    register.update_contact(owner.id, number, self.takes(self._contact_values(asked)))
                )
            }
        )

    def _record(self, client: Client) -> JsonDict:
        held = client.values
        return {
            "id": f"cli_{client.id}",
            "reference": f"CLI-{client.id}",
            "name": client.name,
            "state": client.state.value,
            "manager": {"name": client.manager} if client.manager else None,
            "phone": held.get("phone"),
            "fax": held.get("fax"),
            "website": held.get("website"),
            "business_structure": held.get("structure"),
            "gst_registered": held.get("tax_registered") == "Yes",
            "group": {"id": "grp_1", "name": held["group"]} if "group" in held else None,
            "physical_address": self._address(client, ""),
            "postal_address": self._address(client, "postal_"),
            "contacts": [self._contact(one) for one in client.contacts],
        }

    def _address(self, client: Client, prefix: str) -> JsonDict:
        parts = [client.values.get(prefix + part) for part in _PARTS]
        told: JsonDict = dict(zip(("street", "city", "state", "post_code", "country"), parts, strict=True))
        return {**told, "attention": self.attention.get(prefix + client.id)}

    def _contact(self, contact: Contact) -> JsonDict:
        names = ("name", "email", "phone", "mobile", "salutation", "addressee")
        told: JsonDict = {name: contact.values.get(f"contact.{name}") for name in names}
        return {"id": f"con_{contact.id}", **told, "is_primary": contact.is_primary}

    def _values(self, asked: JsonDict) -> dict[str, str]:
        spelled = {"name": "name", "phone": "phone", "fax": "fax", "website": "website"}
        spelled |= {"business_structure": "structure"}
        found = {name: _text(asked[key]) for key, name in spelled.items() if key in asked}
        if "gst_registered" in asked:
            found["tax_registered"] = "Yes" if asked["gst_registered"] else "No"
        for key, prefix in (("physical_address", ""), ("postal_address", "postal_")):
            if key in asked:
                whole = _dict(asked[key])
                parts = ("street", "city", "state", "post_code", "country")
                found |= {prefix + part: _text(whole.get(name)) for part, name in zip(_PARTS, parts, strict=True)}
        return found

    def _note_attention(self, client: Client, asked: JsonDict) -> None:
        for key, prefix in (("physical_address", ""), ("postal_address", "postal_")):
            if key in asked:
                self.attention[prefix + client.id] = _text(_dict(asked[key]).get("attention"))

    def _contact_values(self, asked: JsonDict) -> dict[str, str]:
        names = ("name", "email", "phone", "mobile", "salutation", "addressee")
        found = {f"contact.{name}": _text(asked[name]) for name in names if name in asked}
        if "is_primary" in asked:
            found["contact.primary"] = "Yes" if asked["is_primary"] else "No"
        return found


@dataclass
class Camel:
    """Spells in camelCase, addresses as a list of lines, pages by number, answers in text; speaks the old protocol.

    Lists are lean unless told otherwise, leave out blank values, and leave out archived clients unless
    asked for them. A new client takes one contact. There is no salutation.
    """

    legacy: bool = True
    lean: bool = True
    page: int = 2
    hides: str = ""
    """A contact's value that no answer shows."""

    def tools(self) -> list[Tool]:
        """List the tools."""
        maybe: JsonDict = {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}
        address = _object(
            {
                "type": {"type": "string", "enum": ["STREET", "POSTAL"]},
                "line1": maybe,
                "line2": maybe,
                "suburb": maybe,
                "province": maybe,
                "zip": maybe,
                "countryCode": {"anyOf": [{"type": "string", "maxLength": 2}, {"type": "null"}], "default": None},
            },
            "type",
        )
        client: JsonDict = {
            "clientName": {"type": "string"},
            "phoneNumber": maybe,
            "websiteUrl": maybe,
            "businessStructure": {"type": "string", "enum": ["COMPANY", "SOLE_TRADER"]},
            "addresses": {"type": "array", "items": address},
        }
        contact: JsonDict = {
            "fullName": {"type": "string"},
            "emailAddress": {"type": "string"},
            "phoneNumber": maybe,
            "mobileNumber": maybe,
        }
        one: JsonDict = {"clientId": {"type": "integer"}}
        both: JsonDict = {**one, "contactId": {"type": "integer"}}
        states = {"type": "string", "enum": ["LEAD", "ACTIVE", "INACTIVE", "ARCHIVED"]}
        listing: JsonDict = {"search": {"type": "string"}, "status": states, "page": {"type": "integer"}}
        person = _object(contact, "fullName", "emailAddress")
        new: JsonDict = {
            "client": _object({**client, "country": {"type": "string"}}, "clientName", "country"),
            "primaryContact": person,
            "status": states,
        }
        changed = _object(contact, "fullName")
        return [
            _tool("listClients", _object({**listing, "pageSize": {"type": "integer"}})),
            _tool("getClient", _object(one, "clientId")),
            _tool("createClient", _object(new, "client", "primaryContact", "status")),
            _tool("updateClient", _object({**one, "changes": _object(client)}, "clientId", "changes")),
            _tool("addContact", _object({**one, "contact": person}, "clientId", "contact")),
            _tool("updateContact", _object({**both, "contact": changed}, "clientId", "contactId", "contact")),
            _tool("getPracticeInfo", _object({})),
        ]

    def call(self, register: Register, tool: str, arguments: JsonDict) -> CallToolResult:
        """Do what a tool does."""
        return _refusing(lambda: getattr(self, f"_{tool}")(register, arguments), lambda _code, words: failed(words))

    def _listClients(self, register: Register, asked: JsonDict) -> CallToolResult:  # noqa: N802 - the tool's own name
        wanted = ClientState.ARCHIVED if asked.get("status") == "ARCHIVED" else ClientState.ACTIVE
        if asked.get("status") in ("LEAD", "INACTIVE"):
            return texts({"data": []})
        if int(str(asked.get("pageSize", 1))) > 50:
            return failed("pageSize must be 50 or less")
        found = [one for one in register.clients() if one.state is wanted and _matches(one, asked.get("search"), None)]
        start = (int(str(asked.get("page", 1))) - 1) * self.page
        shown = found[start : start + self.page]
        records = [{"id": int(one.id), "clientName": one.name} if self.lean else self._record(one) for one in shown]
        return texts({"data": records})

    def _getClient(self, register: Register, asked: JsonDict) -> CallToolResult:  # noqa: N802 - the tool's own name
        client = register.get(str(asked["clientId"]))
        return texts({"data": self._record(client)}) if client else failed("Client not found")

    def _createClient(self, register: Register, asked: JsonDict) -> CallToolResult:  # noqa: N802 - the tool's own name
        contact = {**self._contact_values(_dict(asked["primaryContact"])), "contact.primary": "Yes"}
        made = register.create(self._values(_dict(asked["client"])), [contact])
        return texts({"id": int(made.id), "message": "created"})

    def _updateClient(self, register: Register, asked: JsonDict) -> CallToolResult:  # noqa: N802 - the tool's own name
        register.update(str(asked["clientId"]), self._values(_dict(asked["changes"])))
        return texts("Client updated")

    def _addContact(self, register: Register, asked: JsonDict) -> CallToolResult:  # noqa: N802 - the tool's own name
        register.add_contact(str(asked["clientId"]), self._contact_values(_dict(asked["contact"])))
        return texts("Contact added")

    def _updateContact(self, register: Register, asked: JsonDict) -> CallToolResult:  # noqa: N802 - the tool's own name
        values = self._contact_values(_dict(asked["contact"]))
        register.update_contact(str(asked["clientId"]), str(asked["contactId"]), values)
        return texts("Contact updated")

    def _record(self, client: Client) -> JsonDict:
        held = client.values
        told: JsonDict = {
            "id": int(client.id),
            "clientName": client.name,
            "status": client.state.value.upper(),
            "phoneNumber": held.get("phone"),
            "websiteUrl": held.get("website"),
            "businessStructure": held.get("structure"),
            "addresses": [
                self._address(client, kind, prefix) for kind, prefix in _KINDS if _has_address(client, prefix)
            ],
            "contacts": [self._contact(one) for one in client.contacts],
            "primaryContactId": int(client.primary.id) if client.primary else None,
        }
        return {key: value for key, value in told.items() if value is not None}

    def _address(self, client: Client, kind: str, prefix: str) -> JsonDict:
        street, city, region, postcode, country = (client.values.get(prefix + part, "") for part in _PARTS)
        first, _, second = street.partition("\n")
        told: JsonDict = {"type": kind, "line1": first, "line2": second, "suburb": city, "province": region}
        return {**told, "zip": postcode, "countryCode": country}

    def _contact(self, contact: Contact) -> JsonDict:
        held = contact.values
        told: JsonDict = {"id": int(contact.id), "fullName": contact.name, "emailAddress": contact.email}
        told |= {"phoneNumber": held.get("contact.phone"), "mobileNumber": held.get("contact.mobile")}
        return {key: value for key, value in told.items() if value is not None and key != self.hides}

    def _values(self, asked: JsonDict) -> dict[str, str]:
        spelled = {"clientName": "name", "phoneNumber": "phone", "websiteUrl": "website"}
        found = {name: _text(asked[key]) for key, name in spelled.items() if key in asked}
        for entry in map(_dict, _list(asked.get("addresses", []))):
            prefix = dict(_KINDS)[str(entry["type"])]
            lines = [_text(entry.get(name)) for name in ("line1", "line2")]
            parts = ["\n".join(filter(None, lines)), *(_text(entry.get(k)) for k in ("suburb", "province", "zip"))]
            parts.append(_text(entry.get("countryCode")))
            found |= {prefix + name: text for name, text in zip(_PARTS, parts, strict=True)}
        return found

    def _contact_values(self, asked: JsonDict) -> dict[str, str]:
        spelled = {"fullName": "name", "emailAddress": "email", "phoneNumber": "phone", "mobileNumber": "mobile"}
        return {f"contact.{name}": _text(asked[key]) for key, name in spelled.items() if key in asked}


_KINDS: Final = (("STREET", ""), ("POSTAL", "postal_"))


def _has_address(client: Client, prefix: str) -> bool:
    return any(prefix + part in client.values for part in _PARTS)


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _list(value: object) -> list[object]:
    assert isinstance(value, list)
    return value


def _matches(client: Client, name: object, email: object) -> bool:
    fits = not name or str(name).casefold() in client.name.casefold()
    return fits and (not email or any(str(email).casefold() in one.email.casefold() for one in client.contacts))
