"""What happens in the random lives of two systems: people's edits, and what each system makes of written values."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from hypothesis import strategies as st

from xpmsync.core.enums import Direction, Level, OnEdited, System
from xpmsync.errors import NotTaken
from xpmsync.local.settings.settings import SyncSettings
from xpmsync.simulator.world.quirks import Quirks
from xpmsync.usecases.sync.apply import Applied

ROUTE_SHARE: Final = 0.1
"""Of all lives, so many are lived on each other route, and the rest in the rules machine."""
CLIENTS: Final = 3

PHONES: Final = ["", "02 5550 0001", "(02) 5550 0001", "+61 2 5550 0001", "02 5550 0002"]
TEXTS: Final = ["", "Alpha", " Alpha", "Bravo"]
VALUES: Final[Mapping[str, Sequence[str]]] = {
    "name": ["Harbour Dental", "Harbour Dental Ltd", "Hill Dental"],
    "phone": PHONES,
    "fax": PHONES,
    "address": ["", "1 High Street", "1 High Street\nLevel 2"],
    "city": TEXTS,
    "country": ["", "Australia", "AU", "New Zealand"],
    "website": ["", "a.example.com", "b.example.com"],
    "structure": ["", "Company", "Trust"],
    "contact.phone": PHONES,
    "contact.salutation": TEXTS,
    "contact.name": ["Ann Able", "Bob Baker"],
}
LINES: Final = ("address", "city")
RESPELLED = st.lists(st.sampled_from([*LINES, "name", "contact.salutation"]), unique=True)
IGNORED = st.lists(st.sampled_from(["city", "fax", "contact.salutation", "contact.primary"]), max_size=1)
CUT = st.dictionaries(st.sampled_from(LINES), st.integers(3, 8), max_size=1)
quirks = st.builds(
    Quirks,
    respells=RESPELLED,
    ignores=IGNORED,
    cuts=CUT,
    ignores_empty=st.booleans(),
    ignores_query_client=st.booleans(),
    bare_ok=st.booleans(),
    unknown_is_404=st.booleans(),
)
habits = st.fixed_dictionaries({system: st.just(Quirks()) | quirks for system in System})
"""What the two systems do with values that are written to them; in some lives, nothing odd."""
moods = st.builds(SyncSettings, *map(st.sampled_from, (Direction, Level, OnEdited)), st.booleans())
"""`[sync]` as somebody may set it."""


def _edits(names: Collection[str]) -> st.SearchStrategy[tuple[str, str]]:
    return st.sampled_from(sorted(names)).flatmap(lambda name: st.tuples(st.just(name), st.sampled_from(VALUES[name])))


edits = _edits(VALUES)
which = st.integers(0, CLIENTS - 1)
side = st.sampled_from(System)
happenings = st.one_of(
    st.tuples(st.just("edit"), side, which, edits),
    st.tuples(st.just("edit"), side, which, edits),
    st.tuples(st.just("contact"), side, which),
    st.tuples(st.just("archive"), which, st.booleans()),
)
decisions = st.one_of(
    st.tuples(st.just("level"), which, st.none() | st.sampled_from(Level)),
    st.tuples(st.just("again"), which),
)
"""What somebody decides about a linked client: a level of its own, or to unlink it and link it again."""
odd_edits = st.tuples(st.just("edit"), side, which, _edits((*LINES, "name", "fax", "contact.salutation")))
"""Edits of the fields that systems have habits with."""


def check_failures(applied: Applied, habits: Mapping[System, Quirks]) -> None:
    """A run fails in nothing but what the target did not take, and only where the target has such habits."""
    for failure in applied.failures:
        assert isinstance(failure.error, NotTaken), failure
        target = habits[applied.plan.direction.target]
        odd = {*target.ignores, *target.cuts} | ({*failure.fields} if target.ignores_empty else set())
        assert set(failure.fields) <= odd, failure
