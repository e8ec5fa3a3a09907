"""Made-up clients for tests of the rules: by hand, and by Hypothesis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from hypothesis import strategies as st

from xpmsync.core import fingerprint
from xpmsync.core.catalogue import CLIENT_FIELDS, CONTACT_FIELDS, FIELDS, Field, FieldKind
from xpmsync.core.diff.rules import Rules
from xpmsync.core.enums import ClientState, Direction, Level, OnEdited, System
from xpmsync.core.model import Agreed, Client, ClientRef, Contact, agreed_key
from xpmsync.core.ports.store import Capabilities

REF: Final = ClientRef("c1", "1000001", "Harbour Dental Ltd")

XPM: Final = Capabilities(writes=frozenset(row.name for row in FIELDS if row.xpm_write), contact_needs_email=False)
"""What XPM can do."""

_CARRIED: Final = frozenset(row.name for row in FIELDS if row.ignition)
IGNITION: Final = Capabilities(reads=_CARRIED, writes=_CARRIED)
"""What the built-in route can do."""


def xpm_client(*contacts: Contact, state: ClientState = ClientState.ACTIVE, **values: str) -> Client:
    """A client of XPM."""
    return Client(System.XPM, REF.xpm_id, {"name": REF.name, **values}, contacts, state)


def ignition_client(*contacts: Contact, state: ClientState = ClientState.ACTIVE, **values: str) -> Client:
    """A client of Ignition."""
    return Client(System.IGNITION, REF.ignition_id, {"name": REF.name, **values}, contacts, state)


def person(contact_id: str, name: str = "", email: str = "", **values: str) -> Contact:
    """A contact; further values without the `contact.` before them."""
    given = {"name": name, "email": email, **values}
    return Contact(contact_id, {f"contact.{key}": text for key, text in given.items() if text})


def rules(
    direction: Direction = Direction.FROM_XPM,
    level: Level = Level.EVERYTHING,
    *,
    on_edited: OnEdited = OnEdited.OVERRIDE,
    clear_blanks: bool = False,
    set_primary: bool = False,
    ignition: Capabilities = IGNITION,
) -> Rules:
    """The rules between XPM and a route to Ignition."""
    forward = direction is Direction.FROM_XPM
    source, target = (XPM, ignition) if forward else (ignition, XPM)
    return Rules(direction, level, source, target, on_edited, clear_blanks, set_primary)


# --- by Hypothesis ---------------------------------------------------------------------

_TEXTS: Final[Mapping[FieldKind, Sequence[str]]] = {
    FieldKind.TEXT: ("", "Tāmaki", "Ta\u0304maki", "Colac", " Colac ", "bell \x07"),
    FieldKind.LINES: ("", "Level 1\nQuay Street", "Level 1\r\n  Quay Street", "PO Box 9"),
    FieldKind.EMAIL: ("", "ann@example.com", "ANN@example.com ", "bob@example.com", "no address"),
    FieldKind.PHONE: ("", "02 5550 1234", "+61 2 5550 1234", "03 5550 0000", "09 555 0101"),
    FieldKind.FLAG: ("", "Yes", "yes", "No"),
    FieldKind.COUNTRY: ("", "Australia", "AU", "New Zealand"),
    FieldKind.CHOICE: ("", "Marlowe", "Super Funds", "Marlowe\nSuper Funds"),
}
_NAMES: Final = ("", "Ann Lee", "ann  lee", "Bob Ray", "Office")


def _value(row: Field) -> st.SearchStrategy[str]:
    if row.name == "name":
        return st.sampled_from(("Harbour Dental Ltd", "Harbour Dental Limited"))
    return st.sampled_from(_NAMES if row.name == "contact.name" else _TEXTS[row.kind])


def _values(rows: Sequence[Field]) -> st.SearchStrategy[dict[str, str]]:
    given = st.fixed_dictionaries({row.name: _value(row) for row in rows})
    return given.map(lambda values: {name: text for name, text in values.items() if text})


def contacts(prefix: str, most: int = 3) -> st.SearchStrategy[tuple[Contact, ...]]:
    """Some contacts, few enough names and addresses that they often meet; mostly one of them is the primary."""
    flags = st.none() | st.integers(0, most - 1)
    return st.builds(
        lambda people, primary: tuple(
            Contact(
                f"{prefix}{place}",
                values if primary is None else {**values, "contact.primary": "Yes" if place == primary else "No"},
            )
            for place, values in enumerate(people)
        ),
        st.lists(_values(CONTACT_FIELDS), max_size=most),
        flags,
    )


def clients(system: System, prefix: str) -> st.SearchStrategy[Client]:
    """A client of that system, now and then archived or deleted."""
    states = st.sampled_from((*(ClientState.ACTIVE,) * 8, ClientState.ARCHIVED, ClientState.DELETED))
    client_id = REF.id_in(system)
    return st.builds(
        lambda values, people, state: Client(system, client_id, values, people, state),
        _values(CLIENT_FIELDS),
        contacts(prefix),
        states,
    )


def rules_of() -> st.SearchStrategy[Rules]:
    """Any direction, level and policy, over routes that can do more or less."""
    names = sorted(_CARRIED)
    routes = st.just(IGNITION) | st.builds(
        lambda reads, writes, clears, needs: Capabilities(
            reads=frozenset(reads) | {"name"},
            writes=frozenset(writes),
            clears=clears,
            contact_needs_email=needs,
        ),
        st.sets(st.sampled_from(names), min_size=10),
        st.sets(st.sampled_from(names), min_size=5),
        st.booleans(),
        st.booleans(),
    )
    return st.builds(
        lambda direction, level, on_edited, clear, primary, route: rules(
            direction, level, on_edited=on_edited, clear_blanks=clear, set_primary=primary, ignition=route
        ),
        st.sampled_from(Direction),
        st.sampled_from((Level.EVERYTHING, Level.EVERYTHING, Level.NAMES, Level.NOTHING)),
        st.sampled_from(OnEdited),
        st.booleans(),
        st.booleans(),
        routes,
    )


def pairs(direction: Direction) -> st.SearchStrategy[tuple[Client, Client]]:
    """Source and target of a linked client."""
    return st.tuples(clients(direction.source, "s"), clients(direction.target, "t"))


@st.composite
def agreements(draw: st.DrawFn, source: Client, target: Client) -> Agreed:
    """What may have been agreed before: nothing, what either side holds, or something else, field by field."""
    xpm, ignition = (source, target) if source.system is System.XPM else (target, source)
    linked = dict(zip((c.id for c in xpm.contacts), (c.id for c in ignition.contacts), strict=False))
    contact_links = {x: i for x, i in linked.items() if draw(st.booleans())}
    values: dict[str, str] = {}
    places = [("", source.values, target.values, row) for row in CLIENT_FIELDS]
    for contact in xpm.contacts:
        partner = ignition.contact(contact_links.get(contact.id, ""))
        there = partner.values if partner else {}
        places += [(contact.id, contact.values, there, row) for row in CONTACT_FIELDS]
    for contact_id, here, there, row in places:
        was = draw(st.sampled_from(("nothing", "source", "target", "blank")))
        if was == "nothing":
            continue
        text = {"source": here, "target": there}.get(was, {}).get(row.name, "")
        values[agreed_key(row.name, contact_id)] = fingerprint.of_value(row, text)
    return Agreed(values, contact_links)
