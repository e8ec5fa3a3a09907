"""XPM's XML in: client records out, one at a time, with flat memory.

Elements are recognised by name inside their parent; attributes, order and
unknown elements do not matter (`UUID` has been seen last), so a record is built
only when its element is closed. Tax numbers, bank details, birth dates and notes
are not in the tables below and never leave this module.

XPM keeps what was pasted into a field, and writes it out as it is: one character that
XML 1.0 forbids would make a parser refuse all 15,000 clients. Each becomes `MARK`, a
code point that XML allows and no text uses, so that its own record can be held.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from xpmsync.core.catalogue import CLIENT_FIELDS, CONTACT_FIELDS, FieldKind
from xpmsync.core.enums import ClientState, System
from xpmsync.core.model import Client, Contact

MARK: Final = "\ufdd0"

_MARK: Final = MARK.encode()
_FORBIDDEN: Final = re.compile(
    rb"&#(?:[xX]([0-9a-fA-F]{1,8})|([0-9]{1,8}));|[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]"
)
_ALLOWED_BYTES: Final = bytes(byte for byte in range(256) if byte >= 0x20 or byte in b"\t\n\r")
_LONGEST_REFERENCE: Final = 12


class Repair:
    """Repairs the pieces of an answer; `marked` says whether anything had to be."""

    def __init__(self) -> None:
        self.marked = False

    def pieces(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """The pieces, in which no forbidden character is left; one that is cut in two is put together first."""
        held_back = b""
        for piece in pieces:
            text = held_back + piece
            cut = _open_end(text)
            held_back = text[cut:]
            yield self._repaired(text[:cut])
        if held_back:
            yield self._repaired(held_back)

    def _repaired(self, text: bytes) -> bytes:
        # Two quick looks spare nearly every answer the slow one.
        if b"&#" in text or b"\xef\xbf" in text or text.translate(None, _ALLOWED_BYTES):
            return _FORBIDDEN.sub(self._replace, text)
        return text

    def _replace(self, match: re.Match[bytes]) -> bytes:
        hexadecimal, decimal = match[1], match[2]
        if (hexadecimal or decimal) and _is_allowed(int(hexadecimal, 16) if hexadecimal else int(decimal)):
            return match[0]
        self.marked = True
        return _MARK


def _is_allowed(number: int) -> bool:
    """Whether XML 1.0 allows the character of that number."""
    return (
        number in (0x9, 0xA, 0xD)
        or 0x20 <= number <= 0xD7FF
        or 0xE000 <= number <= 0xFFFD
        or 0x10000 <= number <= 0x10FFFF
    )


def _open_end(text: bytes) -> int:
    """Where a reference or character begins that the end of the piece may have cut in two; else the piece's end."""
    ampersand = text.rfind(b"&", max(0, len(text) - _LONGEST_REFERENCE))
    if ampersand >= 0 and b";" not in text[ampersand:]:
        return ampersand
    for length in (1, 2):
        if text.endswith(b"\xef\xbf"[:length]):
            return len(text) - length
    return len(text)


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
    """The answer is not what XPM documents; the text says how, without any of its content.

    `after` is the last client that was whole before it, None where there is none.
    """

    after: Client | None = None


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
    answer = _Answer()
    try:
        for piece in answer.repair.pieces(pieces):
            yield from answer.feed(piece)
        root = answer.parser.close()
        _check(root, answer.waiting)
    except ParseError as problem:
        text = f"XML that breaks off or is not well-formed (line, column {problem.position})"
        raise answer.failed(NotXpm(text)) from problem
    except (LookupError, ValueError) as problem:
        raise answer.failed(NotXpm("something else than XML in UTF-8")) from problem
    except NotXpm as problem:
        raise answer.failed(problem) from problem.__cause__
    yield from map(answer.client, _children(root))
    envelope.status = _text(root, "Status")
    if MARK in envelope.status:
        raise answer.failed(NotXpm("XML that is not well-formed outside its records"))
    envelope.error = _text(root, "ErrorDescription").replace(MARK, "")
    envelope.web_url = _text(root, "WebUrl")
    envelope.contacts = _contacts(root.findall("Contact"))


class _Answer:
    """An answer that is being read: the growing tree, and the last client that left it whole."""

    def __init__(self) -> None:
        self.builder = TreeBuilder()
        self.parser = XMLParser(target=self.builder)  # noqa: S314 - DOCTYPE, depth and size are refused below
        self.repair = Repair()
        self.waiting = 0
        self._head = b""
        self._root: Element | None = None
        self._clients: Element | None = None
        self._last: Client | None = None

    def feed(self, piece: bytes) -> Iterator[Client]:
        """Take in a piece, and give out the clients that are whole by now."""
        if self._root is None:
            self._head += piece
            _check_prolog(self._head)
        self.parser.feed(piece)
        self.waiting += len(piece)
        self._root = _tree_so_far(self.builder) if self._root is None else self._root
        if self._root is None:
            if self.waiting > _LONGEST_PROLOG:
                raise NotXpm("no element in its first 64 KB")
            return
        _check(self._root, self.waiting)
        self._clients = self._root.find("Clients") if self._clients is None else self._clients
        # The last child may still be growing.
        if self._clients is not None and len(self._clients) > 1:
            whole = self._clients[:-1]
            del self._clients[:-1]
            self.waiting = 0
            yield from (self.client(child) for child in whole if child.tag == "Client")

    def client(self, element: Element) -> Client:
        """The client of a closed element; fields that hold a forbidden character are named, and not read."""
        client = _client(element)
        self._last = _unreadable(client) if self.repair.marked else client
        return self._last

    def failed(self, problem: NotXpm) -> NotXpm:
        """The error, with the last client that was whole."""
        root = self._root if self._root is not None else _tree_so_far(self.builder)
        clients = root.find("Clients") if root is not None else None
        whole = [child for child in clients[:-1] if child.tag == "Client"] if clients is not None else []
        problem.after = self.client(whole[-1]) if whole else self._last
        return problem


def _unreadable(client: Client) -> Client:
    """The client without the values that hold a forbidden character; other texts are read without it."""
    marked = [name for name, text in client.values.items() if MARK in text]
    for contact in client.contacts:
        marked += [name for name, text in contact.values.items() if MARK in text]
    identity = (client.id, *(contact.id for contact in client.contacts))
    if any(MARK in text for text in identity):
        raise NotXpm("an identifier with a character that XML forbids")
    return replace(
        client,
        values=_readable(client.values, keep="name"),
        contacts=tuple(Contact(contact.id, _readable(contact.values, "contact.name")) for contact in client.contacts),
        email=client.email.replace(MARK, ""),
        manager=client.manager.replace(MARK, ""),
        partner=client.partner.replace(MARK, ""),
        unreadable=tuple(dict.fromkeys(marked)),
    )


def _readable(values: Mapping[str, str], keep: str) -> dict[str, str]:
    """The values without those that hold the mark; a name stays, without it, so that people know who it is."""
    return {name: text.replace(MARK, "") for name, text in values.items() if name == keep or MARK not in text}


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
