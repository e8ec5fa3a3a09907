"""XPM's XML in: client records out, one at a time, with flat memory.

Elements are recognised by name inside their parent; attributes, order and
unknown elements do not matter (`UUID` has been seen last), so a record is built
only when its element is closed. Tax numbers, bank details, birth dates and notes
are not in the tables below and never leave this module.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from xpmsync.core.catalogue import CLIENT_FIELDS, CONTACT_FIELDS, FieldKind
from xpmsync.core.enums import ClientState, System
from xpmsync.core.model import Client, Contact

__all__ = ["Envelope", "NotXpm", "read_clients"]

_DEEPEST: Final = 50
_LARGEST_RECORD: Final = 16 * 1024 * 1024
"""Bytes in which a record must be complete; ordinary ones take 3 KB, long notes some more."""

_LONGEST_PROLOG: Final = 64 * 1024
_BOM: Final = b"\xef\xbb\xbf"
_PROLOG: Final = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
"""What may precede the root: the XML declaration, comments, blanks."""

_CLIENT: Final = {row.xpm_read: row.name for row in CLIENT_FIELDS if row.kind is not FieldKind.CHOICE}
_CONTACT: Final = {row.xpm_read: row.name for row in CONTACT_FIELDS}


class NotXpm(Exception):
    """The answer is not what XPM documents; the text says how, without any of its content."""


@dataclass(slots=True)
class Envelope:
    """What surrounds the records of an answer; complete once every record has been read."""

    status: str = ""
    error: str = ""
    web_url: str = ""
    contacts: list[Contact] = field(default_factory=list)


def read_clients(pieces: Iterable[bytes], envelope: Envelope) -> Iterator[Client]:
    """Yield the clients of an answer as they are complete; fill `envelope` on the way.

    Raises `NotXpm` for anything that is not a complete, well-formed answer of
    XPM's shape: a caller that has not reached the end knows nothing for certain.
    """
    builder = TreeBuilder()
    parser = XMLParser(target=builder)  # noqa: S314 - DOCTYPE, depth and size are refused below
    root: Element | None = None
    clients: Element | None = None
    waiting = 0
    head = b""
    try:
        for piece in pieces:
            if root is None:
                head += piece
                _check_prolog(head)
            parser.feed(piece)
            waiting += len(piece)
            root = _tree_so_far(builder) if root is None else root
            if root is None:
                if waiting > _LONGEST_PROLOG:
                    raise NotXpm("no element in its first 64 KB")
                continue
            _check(root, waiting)
            clients = root.find("Clients") if clients is None else clients
            # The last child may still be growing.
            if clients is not None and len(clients) > 1:
                complete = clients[:-1]
                del clients[:-1]
                waiting = 0
                yield from (_client(child) for child in complete if child.tag == "Client")
        root = parser.close()
    except ParseError as problem:
        raise NotXpm(f"XML that breaks off or is not well-formed (line, column {problem.position})") from problem
    except (LookupError, ValueError) as problem:
        raise NotXpm("something else than XML in UTF-8") from problem
    _check(root, waiting)
    yield from map(_client, _children(root))
    envelope.status = _text(root, "Status")
    envelope.error = _text(root, "ErrorDescription")
    envelope.web_url = _text(root, "WebUrl")
    envelope.contacts = _contacts(root.findall("Contact"))


def _client(element: Element) -> Client:
    values: dict[str, str] = {}
    other: dict[str, Element] = {}
    for child in element:
        name = _CLIENT.get(child.tag)
        if name is None:
            other[child.tag] = child
        elif (text := child.text) and (trimmed := text.strip()):
            values[name] = _lines(trimmed) if "\n" in trimmed else trimmed
    if (groups := other.get("Groups")) is not None and len(groups):
        names = sorted(name for group in groups if (name := _text(group, "Name")))
        if names:
            values["group"] = "\n".join(names)
    return Client(
        system=System.XPM,
        id=_of(other, "UUID").lower(),
        values=values,
        contacts=tuple(_contacts(other["Contacts"].findall("Contact") if "Contacts" in other else ())),
        state=_state(other),
        email=_of(other, "Email"),
        manager=_name_of(other, "JobManager"),
        partner=_name_of(other, "AccountManager"),
        prospect=_of(other, "IsProspect").casefold() == "yes",
        identifiers=_identifiers(other),
    )


def _contacts(elements: Iterable[Element]) -> list[Contact]:
    """The contacts that are not deleted."""
    found: list[Contact] = []
    for element in elements:
        values: dict[str, str] = {}
        other: dict[str, Element] = {}
        for child in element:
            name = _CONTACT.get(child.tag)
            if name is None:
                other[child.tag] = child
            elif (text := child.text) and (trimmed := text.strip()):
                values[name] = _lines(trimmed) if "\n" in trimmed else trimmed
        if _of(other, "IsDeleted").casefold() != "yes":
            found.append(Contact(_of(other, "UUID").lower(), values))
    return found


def _state(other: dict[str, Element]) -> ClientState:
    if _of(other, "IsDeleted").casefold() == "yes":
        return ClientState.DELETED
    return ClientState.ARCHIVED if _of(other, "IsArchived").casefold() == "yes" else ClientState.ACTIVE


def _identifiers(other: dict[str, Element]) -> dict[str, str]:
    numbers = {"abn": _of(other, "BusinessNumber"), "company_number": _of(other, "CompanyNumber")}
    return {name: number for name, number in numbers.items() if number}


def _of(other: dict[str, Element], tag: str) -> str:
    element = other.get(tag)
    return element.text.strip() if element is not None and element.text else ""


def _name_of(other: dict[str, Element], tag: str) -> str:
    element = other.get(tag)
    return _text(element, "Name") if element is not None else ""


def _lines(text: str) -> str:
    """Documentation examples indent every line of an address by layout."""
    return "\n".join(line.strip() for line in text.split("\n"))


def _text(element: Element, tag: str) -> str:
    return (element.findtext(tag) or "").strip()


def _children(root: Element) -> list[Element]:
    """The clients left in a complete answer: the rest of a list, or the one of `get`."""
    client = root.find("Client")
    return [*root.findall("Clients/Client"), *([client] if client is not None else ())]


def _tree_so_far(builder: TreeBuilder) -> Element | None:
    """The growing tree, so that finished records can be taken out of it.

    CPython's builder hands it out at any time, far quicker than an event for each
    of three million elements; one that refuses gives it at the end.
    """
    try:
        root: Element | None = builder.close()
    except AssertionError:
        return None
    return root


def _check(root: Element, waiting: int) -> None:
    if root.tag != "Response":
        raise NotXpm(f"<{root.tag[:20]}> instead of <Response>")
    if waiting > _LARGEST_RECORD:
        raise NotXpm("a record of more than 16 MB")
    depth, element = 1, root
    while len(element):
        element = element[-1]
        depth += 1
        if depth > _DEEPEST:
            raise NotXpm(f"elements nested more than {_DEEPEST} deep")


def _check_prolog(head: bytes) -> None:
    """Refuse a DOCTYPE before the parser sees it: it can only precede the root, which `head` reaches up to."""
    prolog = _PROLOG.match(head)
    rest = head[prolog.end() if prolog else 0 :]
    if rest.startswith(b"<!DOCTYPE"):
        raise NotXpm("a DOCTYPE, which XPM never sends")
    # In another encoding a DOCTYPE could hide from this check.
    if b"\0" in head or not (rest.startswith(b"<") or _BOM.startswith(rest)):
        raise NotXpm("something else than XML in UTF-8")
