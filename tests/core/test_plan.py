"""The plan: totals, order, and how changes become writing calls."""

from __future__ import annotations

import json
from itertools import permutations

from hypothesis import given, strategies as st

from support.factories import REF
from xpmsync.core.enums import Direction, Level
from xpmsync.core.model import ClientRef
from xpmsync.core.plan.hold_codes import HoldCode
from xpmsync.core.plan.json import plan_data, plan_of
from xpmsync.core.plan.plan import CallKind, Change, ChangeKind, ContactRef, Hold, Plan, Why, forecast, sort_key

ANN = ContactRef("Ann Lee", "x1", "i1")
BOB = ContactRef("Bob Ray", "x2", "i2")
NEW = ContactRef("Cy Oz", "x3", "")
OTHER = ClientRef("c2", "1000002", "Anchor Ltd")


def change(
    field: str, client: ClientRef = REF, contact: ContactRef | None = None, why: Why = Why.SOURCE_CHANGED
) -> Change:
    """One field's change."""
    return Change(client, ChangeKind.FIELD, field, f"old {field}", f"new {field}", why, contact, record="present name")


def new_contact(contact: ContactRef = NEW) -> Change:
    """A contact to be added."""
    values = {"contact.name": contact.name, "contact.email": "cy@example.com"}
    return Change(REF, ChangeKind.CONTACT, "contact", "", "Cy Oz <cy@example.com>", Why.FIRST_SYNC, contact, values)


def hold(field: str, code: HoldCode, client: ClientRef = REF) -> Hold:
    """One hold."""
    return Hold(client, field, code, "Because.")


def plan(*items: Change | Hold, clients: int = 3, equal: int = 1) -> Plan:
    """A plan of these, sorted as previews sort them."""
    return Plan(
        Direction.FROM_XPM,
        Level.EVERYTHING,
        tuple(sorted((one for one in items if isinstance(one, Change)), key=sort_key)),
        tuple(sorted((one for one in items if isinstance(one, Hold)), key=sort_key)),
        clients,
        equal,
    )


def test_one_call_a_client_and_one_a_contact() -> None:
    """All changes of one record travel together; a new contact is a call of its own."""
    calls = plan(
        change("phone"),
        change("contact.phone", contact=ANN),
        change("name"),
        new_contact(),
        change("contact.email", contact=ANN),
        change("contact.name", contact=BOB),
        change("city", OTHER),
    ).calls()
    told = [(call.client.name, call.kind, sorted(call.values)) for call in calls]
    assert told == [
        ("Anchor Ltd", CallKind.UPDATE, ["city"]),
        ("Harbour Dental Ltd", CallKind.UPDATE, ["name", "phone"]),
        ("Harbour Dental Ltd", CallKind.UPDATE_CONTACT, ["contact.email", "contact.phone"]),
        ("Harbour Dental Ltd", CallKind.UPDATE_CONTACT, ["contact.name"]),
        ("Harbour Dental Ltd", CallKind.ADD_CONTACT, ["contact.email", "contact.name"]),
    ]
    assert sum(len(call.changes) for call in calls) == 7


def test_a_call_carries_new_values_and_the_present_name() -> None:
    """Nothing but what the changes say, and the name the record has now."""
    (call,) = plan(change("phone"), change("fax")).calls()
    assert dict(call.values) == {"phone": "new phone", "fax": "new fax"}
    assert call.record == "present name"


def test_counts_add_up() -> None:
    """Changes and holds are counted one by one, clients once, overridden edits apart."""
    shown = plan(
        change("phone"),
        change("city", why=Why.TARGET_EDITED),
        change("city", OTHER),
        hold("group", HoldCode.AMBIGUOUS_GROUP),
        clients=9,
        equal=6,
    )
    assert shown.counts == {
        "changes": 3, "holds": 1, "equal": 6, "clients": 9, "changed_clients": 2, "overrides": 1, "excepted": 0,
    }  # fmt: skip


def test_holds_are_counted_by_code_most_frequent_first() -> None:
    """So a screen can sum them up in one line."""
    shown = plan(hold("fax", HoldCode.LEVEL), hold("city", HoldCode.LEVEL), hold("client", HoldCode.ARCHIVED, OTHER))
    assert list(shown.holds_by_code.items()) == [(HoldCode.LEVEL, 2), (HoldCode.ARCHIVED, 1)]


def test_the_order_does_not_depend_on_the_order_of_reading() -> None:
    """By client name, then contact, then the catalogue's order; capitals do not matter."""
    items = [change("city"), change("name"), change("contact.email", contact=ANN), change("fax", OTHER)]
    expected = [items[3], items[1], items[0], items[2]]
    for shuffled in permutations(items):
        assert list(plan(*shuffled).changes) == expected
    lower = ClientRef("c0", "1", "anchor ltd")
    assert min([change("fax", OTHER), change("fax", lower)], key=sort_key).client == lower


def test_twins_are_told_apart_by_their_ids() -> None:
    """Two clients of one name keep their own calls and a fixed order."""
    twin = ClientRef("c9", "1000009", REF.name)
    calls = plan(change("phone", twin), change("phone")).calls()
    assert [call.client.xpm_id for call in calls] == ["c1", "c9"]


def test_the_forecast_counts_minutes_beyond_the_first() -> None:
    """Sixty calls fit into the first minute; 600 take about nine more."""
    assert forecast(60, reads=1, calls_a_minute=60, calls_a_day=5000).minutes == 0.0
    told = forecast(600, reads=1, calls_a_minute=60, calls_a_day=5000)
    assert (told.minutes, told.calls, told.beyond_day_limit) == (9.0, 601, False)
    assert forecast(5001, reads=1, calls_a_minute=60, calls_a_day=5000).beyond_day_limit


def test_a_store_without_limits_takes_no_time() -> None:
    """The built-in register is a file."""
    told = forecast(10_000, reads=1, calls_a_minute=0, calls_a_day=0)
    assert (told.minutes, told.beyond_day_limit) == (0.0, False)


_WORDS = st.text(alphabet="ab\u0101\n\x07\"' ", max_size=5)
_REFS = st.builds(ContactRef, _WORDS, _WORDS, _WORDS)
_CHANGES = st.builds(
    Change, st.builds(ClientRef, _WORDS, _WORDS, _WORDS), st.sampled_from(ChangeKind), _WORDS, _WORDS, _WORDS,
    st.sampled_from(Why), st.none() | _REFS, st.dictionaries(_WORDS, _WORDS, max_size=2),
    st.lists(st.dictionaries(_WORDS, _WORDS, max_size=2), max_size=2).map(tuple), _WORDS,
)  # fmt: skip
_HOLDS = st.builds(
    Hold, st.builds(ClientRef, _WORDS, _WORDS, _WORDS), _WORDS, st.sampled_from(HoldCode), _WORDS, st.none() | _REFS
)


@given(st.lists(_CHANGES, max_size=3), st.lists(_HOLDS, max_size=3), st.sampled_from(Direction), st.sampled_from(Level))
def test_a_plan_survives_being_written_as_json(
    changes: list[Change], holds: list[Hold], direction: Direction, level: Level
) -> None:
    """What is saved and read again is the same plan, forecast aside."""
    made = Plan(direction, level, tuple(changes), tuple(holds), 5, 2)
    assert plan_of(json.loads(json.dumps(plan_data(made)))) == made
