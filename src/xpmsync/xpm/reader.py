"""XPM's XML in: client records out, one at a time, with flat memory.

Elements are recognised by name inside their parent; attributes, order and
unknown elements do not matter (`UUID` has been seen last), so a record is built
only when its element closes. Tax numbers, bank details, birth dates and notes
are never even collected: what is not in the tables below is skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from xpmsync.core.catalogue import CLIENT_FIELDS, CONTACT_FIELDS, Kind
from xpmsync.core.model import Client, Contact, State, System

__all__ = ["Envelope", "NotXpm", "read_clients"]

_DEEPEST: Final = 50
_LONGEST_TEXT: Final = 1024 * 1024
_BUFFER: Final = 16 * 1024
_RECORDS: Final = ("client", "contact")


class NotXpm(Exception):
    """The answer is not what XPM documents; the text says how, without any of its content."""


@dataclass(slots=True)
class Envelope:
    """What surrounds the records of an answer; complete once every record has been read."""

    status: str = ""
    error: str = ""
    web_url: str = ""
    next_page: str = ""
    contacts: list[Contact] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Branch:
    """An element with children of interest: which ones, and what to do when it closes."""

    children: dict[str, str | _Branch]
    close: str = ""


_UUID, _ARCHIVED, _DELETED, _EMAIL, _PROSPECT = "\0uuid", "\0archived", "\0deleted", "\0email", "\0prospect"
_MANAGER, _PARTNER, _GROUP = "\0manager", "\0partner", "\0group"
_ABN, _COMPANY = "\0abn", "\0company"

_CONTACT: Final = _Branch(
    {"UUID": _UUID, "IsDeleted": _DELETED, **{f.xpm_read: f.name for f in CONTACT_FIELDS}}, "contact"
)
_CLIENT: Final = _Branch(
    {
        "UUID": _UUID,
        "IsArchived": _ARCHIVED,
        "IsDeleted": _DELETED,
        "IsProspect": _PROSPECT,
        "Email": _EMAIL,
        "BusinessNumber": _ABN,
        "CompanyNumber": _COMPANY,
        "AccountManager": _Branch({"Name": _PARTNER}),
        "JobManager": _Branch({"Name": _MANAGER}),
        "Contacts": _Branch({"Contact": _CONTACT}),
        "Groups": _Branch({"Group": _Branch({"Name": _GROUP}, "group")}),
        **{f.xpm_read: f.name for f in CLIENT_FIELDS if f.kind is not Kind.CHOICE},
    },
    "client",
)
_RESPONSE: Final = _Branch(
    {
        "Status": "status",
        "ErrorDescription": "error",
        "WebUrl": "web_url",
        "Clients": _Branch({"Client": _CLIENT}),
        "Client": _CLIENT,
        "Contact": _CONTACT,
        "Pagination": _Branch({"Links": _Branch({"Next": "next_page"})}),
    }
)
_ROOT: Final = _Branch({"Response": _RESPONSE})


def read_clients(pieces: Iterable[bytes], envelope: Envelope) -> Iterator[Client]:
    """Yield the clients of an answer as they close; fill `envelope` on the way.

    Raises `NotXpm` for anything that is not a complete, well-formed answer of
    XPM's shape: a caller that has not reached the end knows nothing for certain.
    """
    collector = _Collector(envelope)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = _BUFFER
    parser.StartElementHandler = collector.start
    parser.EndElementHandler = collector.end
    parser.CharacterDataHandler = collector.parts.append
    parser.StartDoctypeDeclHandler = _refuse_doctype
    ready = collector.ready
    try:
        for piece in pieces:
            parser.Parse(piece, False)
            if len(collector.parts) * _BUFFER > _LONGEST_TEXT:
                raise NotXpm("a text of more than 1 MB")
            if ready:
                yield from ready
                ready.clear()
        parser.Parse(b"", True)
    except expat.ExpatError as problem:
        raise NotXpm(_where(problem)) from problem
    yield from ready
    envelope.status = collector.response.get("status", "")
    envelope.error = collector.response.get("error", "")
    envelope.web_url = collector.response.get("web_url", "")
    envelope.next_page = collector.response.get("next_page", "")


class _Collector:
    """The parser's state: which branch is open, what it has collected, which clients are complete.

    `start` and `end` run three million times for a large practice, so both are
    closures over plain locals.
    """

    def __init__(self, envelope: Envelope) -> None:
        self.parts: list[str] = []
        self.ready: list[Client] = []
        self.response: dict[str, str] = {}
        self.start, self.end = self._handlers(envelope)

    def _handlers(self, envelope: Envelope) -> tuple[Callable[[str, dict[str, str]], None], Callable[[str], None]]:
        parts, ready = self.parts, self.ready
        values = self.response
        branch = _ROOT
        children = branch.children
        stack: list[tuple[_Branch, dict[str, str]]] = []
        contacts: list[Contact] = []
        groups: list[str] = []
        wanted = ""
        skipped = 0

        def start(tag: str, _attributes: dict[str, str]) -> None:
            nonlocal branch, children, values, wanted, skipped
            if skipped:
                skipped += 1
                if skipped > _DEEPEST:
                    raise NotXpm(f"elements nested more than {_DEEPEST} deep")
                return
            found = None if wanted else children.get(tag)
            if found is None:
                if not stack:
                    raise NotXpm(f"<{tag[:20]}> instead of <Response>")
                skipped = 1
            elif isinstance(found, str):
                wanted = found
                parts.clear()
            else:
                stack.append((branch, values))
                branch = found
                children = found.children
                if found.close in _RECORDS:
                    values = {}
                if found.close == "client":
                    contacts.clear()
                    groups.clear()

        def end(_tag: str) -> None:
            nonlocal branch, children, values, wanted, skipped
            if skipped:
                skipped -= 1
                if not wanted:
                    parts.clear()
                return
            if wanted:
                if parts:
                    text = parts[0] if len(parts) == 1 else "".join(parts)
                    if text := _trimmed(text):
                        values[wanted] = text
                wanted = ""
                return
            closing = branch.close
            if closing == "client":
                ready.append(_client(values, contacts, groups))
            elif closing == "contact":
                inside_client = len(stack) > 2
                if values.pop(_DELETED, "").casefold() != "yes":
                    (contacts if inside_client else envelope.contacts).append(
                        Contact(values.pop(_UUID, "").lower(), values)
                    )
            elif closing == "group" and (name := values.pop(_GROUP, "")):
                groups.append(name)
            branch, values = stack.pop()
            children = branch.children

        return start, end


def _client(values: dict[str, str], contacts: list[Contact], groups: list[str]) -> Client:
    """Build the record from what was collected; the blank-prefixed keys are not catalogue fields."""
    take = values.pop
    state = State.ACTIVE
    if take(_DELETED, "").casefold() == "yes":
        state = State.DELETED
    if take(_ARCHIVED, "").casefold() == "yes" and state is State.ACTIVE:
        state = State.ARCHIVED
    if groups:
        values["group"] = "\n".join(sorted(groups))
    identifiers: dict[str, str] = {}
    if abn := take(_ABN, ""):
        identifiers["abn"] = abn
    if company := take(_COMPANY, ""):
        identifiers["company_number"] = company
    return Client(
        system=System.XPM,
        id=take(_UUID, "").lower(),
        email=take(_EMAIL, ""),
        manager=take(_MANAGER, ""),
        partner=take(_PARTNER, ""),
        prospect=take(_PROSPECT, "").casefold() == "yes",
        values=values,
        contacts=tuple(contacts),
        state=state,
        identifiers=identifiers,
    )


def _trimmed(text: str) -> str:
    """Drop outer blanks; documentation examples also indent every line of an address."""
    if "\n" not in text:
        return text.strip()
    return "\n".join(line.strip() for line in text.strip().split("\n"))


def _refuse_doctype(*_facts: object) -> None:
    raise NotXpm("a DOCTYPE, which XPM never sends")


def _where(problem: expat.ExpatError) -> str:
    return f"{expat.ErrorString(problem.code)} at line {problem.lineno}, column {problem.offset}"
