"""A server's records as our clients and contacts, whatever their spelling; with what they had room for.

`carried` names the fields whose keys were there, filled or not: a field that no
record ever has cannot be compared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from xpmsync.core.enums import ClientState, System
from xpmsync.core.model import Client, Contact
from xpmsync.ignition.mcp import synonyms
from xpmsync.ignition.mcp.schema import JsonObject, Property, as_list, as_object, fold, fold_keys
from xpmsync.ignition.mcp.synonyms import AddressNames, Words

_STATES: Final = {"archived": ClientState.ARCHIVED, "deleted": ClientState.DELETED}
_PEOPLE: Final = "contacts"


@dataclass(frozen=True, slots=True)
class McpRecord:
    """A client as read, the fields it has room for (`contacts` among them), and the raw record for partial writes.

    `blank` names those of the fields that were there without a value.
    """

    client: Client
    carried: frozenset[str]
    blank: frozenset[str]
    raw: JsonObject

    @property
    def has_contacts(self) -> bool:
        """Whether the record has the client's contacts."""
        return _PEOPLE in self.carried


def read_client(raw: JsonObject) -> McpRecord | None:
    """Read a client's record; None where it has no id."""
    folded = fold_keys(raw)
    client_id = scalar(folded, synonyms.CLIENT_RECORD_ID)
    if not client_id:
        return None
    values, carried = _own_values(folded)
    for place in synonyms.ADDRESSES:
        address = _address(folded, place)
        values.update(address)
        carried.update(address)
    contacts, contact_fields, contact_blanks = _contacts(folded)
    state = scalar(folded, synonyms.STATE).casefold()
    client = Client(
        system=System.IGNITION,
        id=client_id,
        values={name: text for name, text in values.items() if text},
        contacts=contacts,
        state=_STATES.get(state, ClientState.ACTIVE),
        number=scalar(folded, synonyms.REFERENCE),
        manager=_person(folded, synonyms.MANAGER),
        partner=_person(folded, synonyms.PARTNER),
        prospect=state == "lead",
        xpm_number=scalar(folded, synonyms.XPM_NUMBER),
        identifiers={kind: text for kind, spelled in synonyms.IDENTIFIERS.items() if (text := scalar(folded, spelled))},
    )
    blank = frozenset(name for name in carried if not values.get(name)) | contact_blanks
    return McpRecord(client, frozenset(carried) | contact_fields, blank, raw)


def read_contact(raw: JsonObject) -> Contact | None:
    """Read a contact's record; None where it has no id."""
    folded = fold_keys(raw)
    contact_id = scalar(folded, synonyms.CONTACT_RECORD_ID)
    if not contact_id:
        return None
    values = {name: text_of(folded[word]) for name, word in _present(folded, synonyms.CONTACT_WORDS)}
    return Contact(contact_id, {name: text for name, text in values.items() if text})


def fields_of(described: Property) -> frozenset[str]:
    """The fields that records of a described shape have: the shape is read like a record that has everything."""
    shape = _example(described, 0)
    for word in ("client", *synonyms.WRAPPED):
        inner = fold_keys(as_object(shape)).get(word)
        if isinstance(inner, dict):
            shape = inner
            break
    record = read_client({**as_object(shape), "id": "example"})
    return record.carried if record else frozenset()


def scalar(folded: JsonObject, spelled: Words) -> str:
    """The first text, number or flag among those words, as text; empty where there is none."""
    return next((text for word in spelled if (text := text_of(folded.get(word)))), "")


def text_of(value: object) -> str:
    """A JSON value as the text people would write: flags as Yes and No, a named object by its name."""
    match value:
        case bool():
            return "Yes" if value else "No"
        case str():
            return value
        case int() | float():
            return str(value)
        case dict():
            return scalar(fold_keys(value), ("name", "label", "value", "code"))
        case _:
            return ""


def entry_of(value: object) -> JsonObject:
    """A record in a list, out of the edge or the wrapper around it, its `attributes` (JSON:API) beside its id."""
    entry = as_object(value)
    folded = fold_keys(entry)
    if not scalar(folded, synonyms.CLIENT_RECORD_ID):
        inner = next((folded[word] for word in synonyms.ENTRY if isinstance(folded.get(word), dict)), entry)
        entry = as_object(inner)
    attributes = entry.get("attributes")
    return {**attributes, **entry} if isinstance(attributes, dict) else entry


def _entries(value: object) -> Sequence[JsonObject] | None:
    """The records of a list within a record, in whatever wraps it; None where there is no list."""
    folded = fold_keys(as_object(value))
    listed = next((folded[word] for word in synonyms.LISTS if isinstance(folded.get(word), list)), value)
    return [entry_of(each) for each in as_list(listed)] if isinstance(listed, list) else None


def _present(folded: JsonObject, table: Mapping[str, Words]) -> list[tuple[str, str]]:
    """The fields of a table that a record has a key for, with that key."""
    words = ((name, next((word for word in spelled if word in folded), "")) for name, spelled in table.items())
    return [(name, word) for name, word in words if word]


def _own_values(folded: JsonObject) -> tuple[dict[str, str], set[str]]:
    present = _present(folded, synonyms.CLIENT_WORDS)
    return {name: text_of(folded[word]) for name, word in present}, {name for name, _ in present}


def _address(folded: JsonObject, place: AddressNames) -> dict[str, str]:
    """The parts of one address that the record has room for: all of them where it has an address that is null."""
    for word in place.objects:
        whole = folded.get(word)
        if isinstance(whole, dict):
            return _parts(fold_keys(whole), place)
        if whole is None and word in folded:
            return dict.fromkeys((place.prefix + part for part in synonyms.PARTS), "")
    for word in synonyms.LISTS_OF_ADDRESSES:
        for entry in _entries(folded.get(word)) or ():
            one = fold_keys(entry)
            if fold(scalar(one, synonyms.KIND)).startswith(place.kinds):
                return _parts(one, place)
    return _flat_parts(folded, place)


def _parts(whole: JsonObject, place: AddressNames) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part, spelled in synonyms.PARTS.items():
        present = [word for word in spelled if word in whole]
        if present:
            parts[place.prefix + part] = _lines(whole[present[0]])
    if (lines := _line_by_line(whole, "")) is not None:
        parts[f"{place.prefix}address"] = lines
    return parts


def _flat_parts(folded: JsonObject, place: AddressNames) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part, spelled in synonyms.PARTS.items():
        candidates = (f"{start}{word}" for start in place.flat for word in spelled if start or word != "state")
        present = next((word for word in candidates if word in folded), "")
        if present and not isinstance(folded[present], dict):
            parts[place.prefix + part] = _lines(folded[present])
    for start in place.flat:
        if (lines := _line_by_line(folded, start)) is not None:
            parts[f"{place.prefix}address"] = lines
            break
    return parts


def _line_by_line(whole: JsonObject, start: str) -> str | None:
    present = [f"{start}{word}" for spelled in synonyms.LINES for word in spelled if f"{start}{word}" in whole]
    if not present:
        return None
    return "\n".join(line for word in present if (line := text_of(whole[word])))


def _lines(value: object) -> str:
    if isinstance(value, list):
        return "\n".join(line for one in value if (line := text_of(one)))
    return text_of(value)


def _contacts(folded: JsonObject) -> tuple[tuple[Contact, ...], frozenset[str], frozenset[str]]:
    """The record's contacts, the primary one flagged however the server says so; the fields there, and those blank."""
    lists = (_entries(folded.get(word)) for word in synonyms.CONTACTS)
    listed = next((entries for entries in lists if entries is not None), None)
    main = next((folded[word] for word in synonyms.PRIMARY_CONTACT if isinstance(folded.get(word), dict)), None)
    carried = {_PEOPLE} if listed is not None else set()
    blank: set[str] = set()
    raws = list(listed or ())
    primary_id = scalar(folded, synonyms.PRIMARY_CONTACT_ID) or scalar(
        fold_keys(as_object(main)), synonyms.CONTACT_RECORD_ID
    )
    if main is not None and primary_id not in {scalar(fold_keys(raw), synonyms.CONTACT_RECORD_ID) for raw in raws}:
        raws.insert(0, as_object(main))
    for raw in raws:
        contact = fold_keys(raw)
        present = _present(contact, synonyms.CONTACT_WORDS)
        carried.update(name for name, _ in present)
        blank.update(name for name, word in present if not text_of(contact[word]))
    contacts = [one for raw in raws if (one := read_contact(raw)) is not None]
    if primary_id:
        carried.add("contact.primary")
        contacts = [_flagged(one, primary=one.id == primary_id) for one in contacts]
    return tuple(contacts), frozenset(carried), frozenset(blank)


def _flagged(contact: Contact, *, primary: bool) -> Contact:
    return Contact(contact.id, {**contact.values, "contact.primary": "Yes" if primary else "No"})


def _person(folded: JsonObject, spelled: Words) -> str:
    """A user, named by a text or by an object with a name and an e-mail."""
    for word in spelled:
        value = folded.get(word)
        if isinstance(value, dict):
            return scalar(fold_keys(value), ("name", "fullname", "email"))
        if text := text_of(value):
            return text
    return ""


def _example(described: Property, depth: int) -> object:
    """A value of a described shape, with every key there and every text blank."""
    if depth > 6:
        return None
    if described.properties:
        return {one.name: _example(one, depth + 1) for one in described.properties}
    if described.items is not None:
        kinds = described.items.find(synonyms.KIND)
        choices = kinds.choices if kinds else ()
        example = as_object(_example(described.items, depth + 1))
        return [{**example, kinds.name: one} for one in choices] if kinds and choices else [example]
    return ""
