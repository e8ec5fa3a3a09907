"""The rules as promises about any two records: Hypothesis looks for a pair that breaks one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hypothesis import given, strategies as st

from support.factories import REF, XPM, agreements, pairs, rules, rules_of
from xpmsync.core import fingerprint
from xpmsync.core.catalogue import CLIENT_FIELDS, CONTACT_FIELDS, field, flows
from xpmsync.core.diff.contacts import pair_contacts
from xpmsync.core.diff.diff import agreed_now, diff_client
from xpmsync.core.diff.rules import Rules
from xpmsync.core.enums import ClientState, Direction, Level, System
from xpmsync.core.model import Agreed, Client, Contact, agreed_key
from xpmsync.core.plan.plan import Change, ChangeKind, ClientDiff, Hold
from xpmsync.core.text import same, visible


@st.composite
def cases(draw: st.DrawFn) -> tuple[Client, Client, Agreed, Rules]:
    """Any two records of a linked client, whatever was agreed before, under any settings."""
    chosen = draw(rules_of())
    source, target = draw(pairs(chosen.direction))
    source, target = _as_read(source, chosen.source.reads), _as_read(target, chosen.target.reads)
    return source, target, draw(agreements(source, target)), chosen


def written(found: ClientDiff) -> list[tuple[str, Change]]:
    """Every single value the changes would write, by field."""
    return [
        (name, change)
        for change in found.changes
        for name in ([change.field] if change.kind is ChangeKind.FIELD else change.values)
    ]


@given(cases())
def test_nothing_is_written_against_direction_level_or_route(case: tuple[Client, Client, Agreed, Rules]) -> None:
    """Every written field may flow this way at this level, and the target can write it."""
    source, target, agreed, chosen = case
    found = diff_client(REF, source, target, agreed, chosen)
    for name, change in written(found):
        assert flows(field(name), chosen.direction, chosen.level) is None
        assert name in chosen.target.writes
        assert change.kind is not ChangeKind.RECORD
    if chosen.level is Level.NOTHING or ClientState.ACTIVE not in (source.state, target.state):
        assert not found.changes


@given(cases())
def test_equal_records_need_no_change(case: tuple[Client, Client, Agreed, Rules]) -> None:
    """Whatever was agreed and set: where both sides say the same nothing is written."""
    source, target, agreed, chosen = case
    twins = tuple(Contact(f"t{place}", contact.values) for place, contact in enumerate(source.contacts))
    links = {here.id: there.id for here, there in zip(source.contacts, twins, strict=True)}
    if chosen.direction is Direction.TO_XPM:
        links = {there: here for here, there in links.items()}
    twin = replace(target, values=source.values, contacts=twins, state=source.state)
    found = diff_client(REF, source, twin, Agreed(agreed.values, links), chosen)
    assert not [change for change in found.changes if change.field != "contact.primary"]
    if len([contact for contact in source.contacts if contact.is_primary]) == 1:
        assert not found.changes


@given(cases())
def test_every_carried_difference_is_a_change_or_a_hold(case: tuple[Client, Client, Agreed, Rules]) -> None:
    """Nothing that differs is passed over in silence, in clients and in contacts."""
    source, target, agreed, chosen = case
    found = diff_client(REF, source, target, agreed, chosen)
    items: tuple[Change | Hold, ...] = (*found.changes, *found.holds)
    told = [(one.field, one.contact) for one in items]
    if source.state is not ClientState.ACTIVE or target.state is not ClientState.ACTIVE:
        assert [name for name, _ in told] in (["client"], [])
        assert told or ClientState.ACTIVE not in (source.state, target.state)
        return
    carried = [row for row in CLIENT_FIELDS if row.name in chosen.source.reads]
    for row in carried:
        here, there = source.values.get(row.name, ""), target.values.get(row.name, "")
        # What the target does not show is held where it could flow; what never flows that way says nothing then.
        missing = bool(here.strip()) and chosen.direction in row.directions
        differs = not same(row.kind, here, there) if row.name in chosen.target.reads else missing
        assert [name for name, who in told if who is None].count(row.name) == differs
    if "contact.name" not in chosen.source.reads & chosen.target.reads:
        assert not [who for _, who in told if who is not None]
        return
    links = agreed.contacts if source.system is System.XPM else {i: x for x, i in agreed.contacts.items()}
    pairing = pair_contacts(source.contacts, target.contacts, links)
    for contact in (*pairing.only_source, *pairing.ambiguous, *pairing.lost_in_target):
        assert len([w for n, w in told if n == "contact" and w and w.id_in(source.system) == contact.id]) == 1
    for contact in pairing.only_target:
        assert len([w for n, w in told if n == "contact" and w and w.id_in(target.system) == contact.id]) == 1
    for one, other in pairing.pairs:
        for row in CONTACT_FIELDS:
            if row.name == "contact.primary" or row.name not in chosen.source.reads & chosen.target.reads:
                continue
            differs = not same(row.kind, one.values.get(row.name, ""), other.values.get(row.name, ""))
            mine = [n for n, w in told if w and w.id_in(source.system) == one.id]
            assert mine.count(row.name) == differs


@given(cases())
def test_a_change_says_truly_what_it_replaces(case: tuple[Client, Client, Agreed, Rules]) -> None:
    """Old is the target's text, new the source's, and an edit since the agreement is marked, no other is."""
    source, target, agreed, chosen = case
    for change in diff_client(REF, source, target, agreed, chosen).changes:
        if change.kind is not ChangeKind.FIELD:
            continue
        here, there = _values(source, change), _values(target, change)
        if change.field != "contact.primary":
            assert change.new == visible(here.get(change.field, ""))
            assert change.old == there.get(change.field, "")
        before = agreed.values.get(agreed_key(change.field, change.contact.xpm_id if change.contact else ""))
        now = fingerprint.of_value(field(change.field), change.old)
        assert change.overrides_edit == (before is not None and before != now)


@given(cases())
def test_applying_the_changes_leaves_none(case: tuple[Client, Client, Agreed, Rules]) -> None:
    """A second run is empty, holds aside, once the target holds what the first one wrote."""
    source, target, agreed, chosen = case
    found = diff_client(REF, source, target, agreed, chosen)
    after, links = _applied(target, found.changes)
    xpm, ignition = (source, after) if source.system is System.XPM else (after, source)
    values = {
        **agreed.values,
        **agreed_now(ignition if chosen.direction is Direction.TO_XPM else target, found, chosen),
    }
    for name, change in written(found):
        contact = _pair_of(change, links, chosen.direction)
        text = change.new if change.kind is ChangeKind.FIELD else change.values[name]
        values[agreed_key(name, contact[0] if contact else "")] = fingerprint.of_value(field(name), text)
    pairs_ = {**agreed.contacts, **found.contacts}
    pairs_ |= dict(pair for change in found.changes if (pair := _pair_of(change, links, chosen.direction)))
    again = diff_client(REF, source, after, Agreed(values, pairs_), chosen)
    assert not again.changes
    assert {xpm.system, ignition.system} == set(System)


@given(cases())
def test_the_same_input_gives_the_same_outcome(case: tuple[Client, Client, Agreed, Rules]) -> None:
    """Comparing twice gives equal changes and holds: a plan can be shown, saved and shown again."""
    source, target, agreed, chosen = case
    assert diff_client(REF, source, target, agreed, chosen) == diff_client(REF, source, target, agreed, chosen)


def test_xpm_writes_less_than_it_reads() -> None:
    """The capabilities these properties run under are the real ones."""
    assert {row.name for row in CLIENT_FIELDS} - XPM.writes == {"website", "tax_registered", "structure", "group"}
    assert rules().target.writes == rules().target.reads


def _as_read(client: Client, reads: frozenset[str]) -> Client:
    """A route yields no value of a field it does not read."""
    people = tuple(
        Contact(one.id, {n: text for n, text in one.values.items() if n in reads}) for one in client.contacts
    )
    return replace(client, values={n: text for n, text in client.values.items() if n in reads}, contacts=people)


def _values(client: Client, change: Change) -> Mapping[str, str]:
    if change.contact is None:
        return client.values
    contact = client.contact(change.contact.id_in(client.system))
    assert contact is not None
    return contact.values


def _applied(target: Client, changes: tuple[Change, ...]) -> tuple[Client, dict[str, str]]:
    """The target as it is after the changes, and the ids its new contacts got, by their id in the source."""
    values = dict(target.values)
    people = {contact.id: dict(contact.values) for contact in target.contacts}
    made: dict[str, str] = {}
    for change in changes:
        if change.kind is ChangeKind.CONTACT:
            assert change.contact is not None
            new = f"new{len(made)}"
            made[change.contact.id_in(target.system.other)] = new
            people[new] = dict(change.values)
        elif change.contact is None:
            values[change.field] = change.new
        else:
            people[change.contact.id_in(target.system)][change.field] = change.new
        if change.values.get("contact.primary") == "Yes" or change.field == "contact.primary":
            chosen = new if change.kind is ChangeKind.CONTACT else change.contact.id_in(target.system)  # type: ignore[union-attr]  # set for contacts
            for contact_id, person in people.items():
                person["contact.primary"] = "Yes" if contact_id == chosen else "No"
    contacts = tuple(Contact(contact_id, person) for contact_id, person in people.items())
    return replace(target, values=values, contacts=contacts), made


def _pair_of(change: Change, made: Mapping[str, str], direction: Direction) -> tuple[str, str] | None:
    """The XPM and Ignition id of the contact a change is about."""
    who = change.contact
    if who is None:
        return None
    if direction is Direction.FROM_XPM:
        return who.xpm_id, who.ignition_id or made[who.xpm_id]
    return who.xpm_id or made[who.ignition_id], who.ignition_id
