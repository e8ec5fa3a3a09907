"""The eight rules of design.md, section 3, one by one: what one linked client's differences become."""

from __future__ import annotations

from dataclasses import replace

import pytest

from support.factories import IGNITION, REF, ignition_client, person, rules, xpm_client
from xpmsync.core import fingerprint
from xpmsync.core.catalogue import FIELDS, field
from xpmsync.core.diff.diff import agreed_now, diff_client
from xpmsync.core.diff.rules import Rules
from xpmsync.core.enums import ClientState, Direction, Level, OnEdited
from xpmsync.core.model import NOTHING_AGREED, Agreed, Client, agreed_key
from xpmsync.core.plan.hold_codes import HoldCode
from xpmsync.core.plan.plan import ChangeKind, ClientDiff, Why

FROM, TO = Direction.FROM_XPM, Direction.TO_XPM
ANN = person("x1", "Ann Lee", "ann@example.com")
ANN_THERE = person("i1", "Ann Lee", "ann@example.com")


def agreed(contacts: dict[str, str] | None = None, **values: str) -> Agreed:
    """What both sides last held, by field; contact fields as `contact__phone`."""
    keys = {name.replace("__", "."): text for name, text in values.items()}
    fingerprints = {
        agreed_key(name, "x1" if name.startswith("contact.") else ""): fingerprint.of_value(field(name), text)
        for name, text in keys.items()
    }
    return Agreed(fingerprints, contacts or {})


def compare(source: Client | None, target: Client | None, rules_: Rules, before: Agreed = NOTHING_AGREED) -> ClientDiff:
    """The diff of the one client of these tests."""
    return diff_client(REF, source, target, before, rules_)


def changes(found: ClientDiff) -> dict[str, tuple[str, str]]:
    """Old and new by field."""
    return {one.field: (one.old, one.new) for one in found.changes}


def holds(found: ClientDiff) -> dict[str, HoldCode]:
    """Hold codes by field."""
    return {one.field: one.code for one in found.holds}


# --- rule 1: levels --------------------------------------------------------------------


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize(
    ("level", "written", "held"),
    [
        (Level.EVERYTHING, {"name", "phone", "contact.phone"}, set()),
        (Level.NAMES, {"name"}, {"phone", "contact.phone"}),
        (Level.NOTHING, set(), {"name", "phone", "contact.phone"}),
    ],
)
def test_the_level_decides_what_flows(direction: Direction, level: Level, written: set[str], held: set[str]) -> None:
    """Everything, client names only, or nothing; what differs above the level is held and says so."""
    xpm = xpm_client(person("x1", "Ann Lee", "ann@example.com", phone="02 5550 1234"), name="Harbour", phone="1")
    ignition = ignition_client(
        person("i1", "Ann Lee", "ann@example.com", phone="02 5550 9999"), name="Harbor", phone="2"
    )
    source, target = (xpm, ignition) if direction is FROM else (ignition, xpm)
    found = compare(source, target, rules(direction, level))
    assert set(changes(found)) == written
    assert holds(found) == dict.fromkeys(held, HoldCode.LEVEL)


def test_a_new_contact_is_held_below_everything() -> None:
    """At level names no contact is added."""
    found = compare(xpm_client(ANN), ignition_client(), rules(level=Level.NAMES))
    assert holds(found) == {"contact": HoldCode.LEVEL}
    assert not found.changes


# --- rule 2: a sync creates no clients ---------------------------------------------------


@pytest.mark.parametrize("direction", Direction)
def test_a_client_missing_on_the_other_side_is_never_created(direction: Direction) -> None:
    """The only thing a sync ever adds is a contact."""
    xpm, ignition = xpm_client(phone="1"), ignition_client(phone="2")
    for source, target in ((xpm, None), (None, ignition), (None, None)):
        found = compare(source, target, rules(direction))
        assert not found.changes
        assert holds(found) == {"client": HoldCode.MISSING}


# --- rule 3: compare normal forms, write the source's text --------------------------------


def test_what_only_looks_different_is_equal() -> None:
    """Layout of phones, spelling of countries, case of e-mails, line ends."""
    source = xpm_client(
        person("x1", "Ann Lee", "ANN@example.com", mobile="0491 570 006"),
        phone="(02) 5550 1234",
        country="Australia",
        address="Level 1\r\n  Quay Street",
    )
    target = ignition_client(
        person("i1", "Ann Lee", "ann@example.com", mobile="+61 491 570 006"),
        phone="+61 2 5550 1234",
        country="AU",
        address="Level 1\nQuay Street",
    )
    assert compare(source, target, rules()).is_equal


def test_the_source_is_written_as_it_stands() -> None:
    """A change carries the source's own spelling, not a normal form."""
    found = compare(xpm_client(phone="(02) 5550 1234"), ignition_client(phone="02 5550 9999"), rules())
    assert changes(found) == {"phone": ("02 5550 9999", "(02) 5550 1234")}


# --- rule 4: three values ------------------------------------------------------------------


def test_an_ordinary_change() -> None:
    """The target still holds what was agreed, so the source has moved."""
    (change,) = compare(xpm_client(phone="2"), ignition_client(phone="1"), rules(), agreed(phone="1")).changes
    assert change.why is Why.SOURCE_CHANGED
    assert not change.overrides_edit


def test_an_edit_in_the_target_is_overridden_and_marked() -> None:
    """The direction decides, and the plan says that somebody's edit goes."""
    (change,) = compare(xpm_client(phone="1"), ignition_client(phone="2"), rules(), agreed(phone="1")).changes
    assert change.why is Why.TARGET_EDITED
    assert change.overrides_edit
    assert (change.old, change.new) == ("2", "1")


def test_an_edit_in_the_target_can_be_held() -> None:
    """With on_edited = hold a person decides; ordinary changes still flow."""
    source, target = xpm_client(phone="1", city="Colac"), ignition_client(phone="2", city="Ararat")
    found = compare(source, target, rules(on_edited=OnEdited.HOLD), agreed(phone="1", city="Ararat"))
    assert holds(found) == {"phone": HoldCode.EDITED}
    assert changes(found) == {"city": ("Ararat", "Colac")}


def test_the_first_comparison_overrides_nothing() -> None:
    """Where nothing was ever agreed, no edit can be told from an old difference: the direction applies."""
    for policy in OnEdited:
        (change,) = compare(xpm_client(phone="1"), ignition_client(phone="2"), rules(on_edited=policy)).changes
        assert change.why is Why.FIRST_SYNC


def test_filling_a_field_that_was_agreed_to_be_blank() -> None:
    """An agreed blank is a value like any other: filling it in the target is an edit."""
    (ordinary,) = compare(xpm_client(phone="1"), ignition_client(), rules(), agreed(phone="")).changes
    assert ordinary.why is Why.SOURCE_CHANGED
    (edit,) = compare(xpm_client(phone="1"), ignition_client(phone="2"), rules(), agreed(phone="")).changes
    assert edit.why is Why.TARGET_EDITED


def test_equal_again_is_equal_however_it_came_about() -> None:
    """Both sides made the same edit: nothing to write, and the new value is what is agreed from now on."""
    source, target = xpm_client(phone="2"), ignition_client(phone="2")
    found = compare(source, target, rules(), agreed(phone="1"))
    assert found.is_equal
    assert agreed_now(target, found, rules())["phone"] == fingerprint.of_value(field("phone"), "2")


def test_what_is_changed_or_held_is_not_agreed() -> None:
    """Only equal fields are remembered as common; the others keep what was agreed before."""
    source, target = xpm_client(phone="1", city="Colac"), ignition_client(phone="2", fax="3", city="Colac")
    found = compare(source, target, rules())
    told = agreed_now(target, found, rules())
    assert set(changes(found)) == {"phone"}
    assert set(holds(found)) == {"fax"}
    assert "phone" not in told
    assert "fax" not in told
    assert told["city"] == fingerprint.of_value(field("city"), "Colac")


# --- rule 5: blank sources -----------------------------------------------------------------


def test_a_blank_source_that_never_held_a_value_clears_nothing() -> None:
    """Whatever the policy: what nobody removed stays."""
    for clear_blanks in (False, True):
        for before in (NOTHING_AGREED, agreed(phone="")):
            found = compare(xpm_client(), ignition_client(phone="2"), rules(clear_blanks=clear_blanks), before)
            assert holds(found) == {"phone": HoldCode.BLANK_SOURCE}


def test_a_cleared_source_clears_the_target_only_when_asked_to() -> None:
    """The source had a value when last agreed, and clear_blanks is on."""
    before = agreed(phone="1")
    assert holds(compare(xpm_client(), ignition_client(phone="1"), rules(), before)) == {"phone": HoldCode.BLANK_SOURCE}
    found = compare(xpm_client(), ignition_client(phone="1"), rules(clear_blanks=True), before)
    assert changes(found) == {"phone": ("1", "")}


def test_clearing_a_value_that_was_edited_since_is_marked() -> None:
    """Clearing overrides an edit like any other change, and is held like any other."""
    before = agreed(phone="1")
    (change,) = compare(xpm_client(), ignition_client(phone="2"), rules(clear_blanks=True), before).changes
    assert change.overrides_edit
    held = compare(xpm_client(), ignition_client(phone="2"), rules(clear_blanks=True, on_edited=OnEdited.HOLD), before)
    assert holds(held) == {"phone": HoldCode.EDITED}


def test_a_source_of_blanks_clears_like_an_empty_one() -> None:
    """Nothing but an empty text is written, so that the guard of cleared values sees it."""
    before = agreed(phone="1")
    found = compare(xpm_client(phone="  "), ignition_client(phone="1"), rules(clear_blanks=True), before)
    assert changes(found) == {"phone": ("1", "")}


def test_a_route_that_cannot_clear_says_so() -> None:
    """The hold names the route, not the policy."""
    route = replace(IGNITION, clears=False)
    found = compare(
        xpm_client(), ignition_client(phone="1"), rules(clear_blanks=True, ignition=route), agreed(phone="1")
    )
    assert holds(found) == {"phone": HoldCode.ROUTE_CANNOT}


def test_names_are_never_cleared() -> None:
    """Every system needs a client name and a contact name."""
    source = xpm_client(person("x1", "", "ann@example.com"), name="")
    target = ignition_client(ANN_THERE, name="Harbour")
    before = agreed({"x1": "i1"}, name="Harbour", contact__name="Ann Lee")
    found = compare(source, target, rules(clear_blanks=True), before)
    assert holds(found) == {"name": HoldCode.BLANK_SOURCE, "contact.name": HoldCode.BLANK_SOURCE}


def test_a_contacts_email_is_not_cleared_where_it_is_needed() -> None:
    """Ignition needs one for a contact; XPM does not."""
    before = agreed({"x1": "i1"}, contact__email="ann@example.com")
    gone = compare(xpm_client(person("x1", "Ann Lee")), ignition_client(ANN_THERE), rules(clear_blanks=True), before)
    assert holds(gone) == {"contact.email": HoldCode.NEEDS_EMAIL}
    back = compare(ignition_client(person("i1", "Ann Lee")), xpm_client(ANN), rules(TO, clear_blanks=True), before)
    assert changes(back) == {"contact.email": ("ann@example.com", "")}


def test_a_flag_that_was_never_set_is_no_blank() -> None:
    """Not registered for tax and never asked are the same; Yes against blank is held."""
    assert compare(xpm_client(), ignition_client(tax_registered="No"), rules()).is_equal
    assert compare(xpm_client(tax_registered="No"), ignition_client(), rules()).is_equal
    found = compare(xpm_client(), ignition_client(tax_registered="Yes"), rules())
    assert holds(found) == {"tax_registered": HoldCode.BLANK_SOURCE}


# --- rule 6: contacts ----------------------------------------------------------------------


def test_a_contact_only_in_the_source_is_added() -> None:
    """With every detail that flows and is not blank, in the source's spelling."""
    ann = person("x1", "Ann Lee", "ANN@example.com", phone="02 5550 1234", salutation="Ann")
    (change,) = compare(xpm_client(ann), ignition_client(), rules()).changes
    assert change.kind is ChangeKind.CONTACT
    assert change.field == "contact"
    assert change.new == "Ann Lee <ANN@example.com>"
    assert dict(change.values) == {
        "contact.name": "Ann Lee",
        "contact.email": "ANN@example.com",
        "contact.phone": "02 5550 1234",
        "contact.salutation": "Ann",
    }


def test_what_a_new_contact_cannot_take_along_is_held() -> None:
    """The position has no place in Ignition: the contact is added, the position held, nothing dropped in silence."""
    found = compare(xpm_client(person("x1", "Ann Lee", "ann@example.com", position="Director")), ignition_client(),
                    rules())  # fmt: skip
    assert set(changes(found)) == {"contact"}
    assert holds(found) == {"contact.position": HoldCode.ROUTE_CANNOT}


@pytest.mark.parametrize(
    ("contact", "code"),
    [
        (person("x1", "Ann Lee"), HoldCode.NEEDS_EMAIL),
        (person("x1", "Ann Lee", "n/a"), HoldCode.NEEDS_EMAIL),
        (person("x1", "", "ann@example.com"), HoldCode.NEEDS_NAME),
        (person("x1", "   ", "ann@example.com"), HoldCode.NEEDS_NAME),
        (person("x1", "Ann\x07 Lee", "ann@example.com"), HoldCode.UNWRITABLE),
    ],
)
def test_a_contact_the_target_would_not_take_is_held(contact: object, code: HoldCode) -> None:
    """Ignition needs a name and an e-mail for a new contact."""
    assert isinstance(contact, type(ANN))
    found = compare(xpm_client(contact), ignition_client(), rules())
    assert holds(found) == {"contact": code}
    assert not found.changes


def test_xpm_takes_a_contact_without_an_email() -> None:
    """What a new contact needs depends on the target."""
    found = compare(ignition_client(person("i1", "Ann Lee", phone="1")), xpm_client(), rules(TO))
    assert set(changes(found)) == {"contact"}


def test_a_contact_only_in_the_target_is_left_alone() -> None:
    """Nothing is ever deleted; the plan mentions the contact."""
    found = compare(xpm_client(), ignition_client(ANN_THERE), rules())
    assert holds(found) == {"contact": HoldCode.CONTACT_ONLY_IN_TARGET}


def test_an_unclear_contact_is_held_for_a_person() -> None:
    """Two could be this one; it is neither paired nor added."""
    target = ignition_client(person("i1", "A", "ann@example.com"), person("i2", "B", "ann@example.com"))
    found = compare(xpm_client(ANN), target, rules())
    assert holds(found) == {"contact": HoldCode.AMBIGUOUS_CONTACT}


def test_a_linked_contact_that_is_gone_is_not_created_again() -> None:
    """Somebody removed it in the target; a sync does not bring it back by itself."""
    found = compare(xpm_client(ANN), ignition_client(), rules(), agreed({"x1": "i1"}))
    assert holds(found) == {"contact": HoldCode.MISSING}


def test_paired_contacts_are_remembered_by_both_ids() -> None:
    """XPM's id first, in both directions."""
    forward = compare(xpm_client(ANN), ignition_client(ANN_THERE), rules())
    back = compare(ignition_client(ANN_THERE), xpm_client(ANN), rules(TO))
    assert forward.contacts == back.contacts == {"x1": "i1"}


def test_contact_changes_name_the_contact_on_both_sides() -> None:
    """A change says whose phone it is, with the ids to write by."""
    source = xpm_client(person("x1", "Ann Lee", "ann@example.com", phone="1"))
    (change,) = compare(source, ignition_client(ANN_THERE), rules()).changes
    assert change.contact is not None
    assert (change.contact.name, change.contact.xpm_id, change.contact.ignition_id) == ("Ann Lee", "x1", "i1")


def test_the_one_primary_contact_flows() -> None:
    """The flag is set where the source has exactly one primary contact, and never taken away by itself."""
    bob, bob_there = (
        person("x2", "Bob Ray", "bob@example.com", primary="Yes"),
        person("i2", "Bob Ray", "bob@example.com"),
    )
    ann_there = person("i1", "Ann Lee", "ann@example.com", primary="Yes")
    (change,) = compare(xpm_client(ANN, bob), ignition_client(ann_there, bob_there), rules()).changes
    assert change.field == "contact.primary"
    assert (change.old, change.new) == ("No", "Yes")
    assert change.contact is not None
    assert change.contact.name == "Bob Ray"


def test_no_primary_contact_or_two_say_nothing() -> None:
    """Both occur in real practices; Ignition keeps the one it has."""
    there = ignition_client(person("i1", "Ann Lee", "ann@example.com", primary="Yes"))
    two = [
        person(f"x{n}", name, f"{name[:3].lower()}@example.com", primary="Yes")
        for n, name in ((1, "Ann Lee"), (2, "Bob Ray"))
    ]
    assert compare(xpm_client(ANN), there, rules()).is_equal
    assert "contact.primary" not in changes(compare(xpm_client(*two), there, rules()))


def test_a_new_contact_brings_its_primary_flag() -> None:
    """The source's one primary contact becomes the target's."""
    there = ignition_client(person("i1", "Ann Lee", "ann@example.com", primary="Yes"))
    bob = person("x2", "Bob Ray", "bob@example.com", primary="Yes")
    (change,) = compare(xpm_client(ANN, bob), there, rules()).changes
    assert change.values["contact.primary"] == "Yes"


# --- rule 7: archived, deleted, missing ------------------------------------------------------


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize(
    ("source_state", "target_state", "code"),
    [
        (ClientState.ARCHIVED, ClientState.ACTIVE, HoldCode.ARCHIVED),
        (ClientState.DELETED, ClientState.ACTIVE, HoldCode.ARCHIVED),
        (ClientState.ACTIVE, ClientState.ARCHIVED, HoldCode.ARCHIVED),
        (ClientState.ACTIVE, ClientState.DELETED, HoldCode.MISSING),
        (ClientState.ARCHIVED, ClientState.DELETED, HoldCode.MISSING),
        (ClientState.ARCHIVED, ClientState.ARCHIVED, None),
        (ClientState.DELETED, ClientState.ARCHIVED, None),
    ],
)
def test_clients_that_are_past(
    direction: Direction, source_state: ClientState, target_state: ClientState, code: HoldCode | None
) -> None:
    """Held as a whole, whatever else differs; past on both sides is nothing to talk about."""
    forward = direction is FROM
    source = (xpm_client if forward else ignition_client)(state=source_state, phone="1")
    target = (ignition_client if forward else xpm_client)(state=target_state, phone="2")
    found = compare(source, target, rules(direction))
    assert not found.changes
    assert holds(found) == ({"client": code} if code else {})


# --- rule 8: every hold has a code and a sentence ---------------------------------------------


def test_to_xpm_never_carries_what_only_flows_from_xpm() -> None:
    """Website, tax registration, structure and group are held with the direction as the reason."""
    source = ignition_client(website="b.example.com", tax_registered="Yes", structure="Trust", group="Marlowe")
    target = xpm_client(website="a.example.com", structure="Company", group="Rangi")
    found = compare(source, target, rules(TO))
    assert not found.changes
    assert holds(found) == dict.fromkeys(("website", "tax_registered", "structure", "group"), HoldCode.DIRECTION)


def test_a_field_the_route_cannot_write_is_held() -> None:
    """Never silently dropped."""
    route = replace(IGNITION, writes=IGNITION.writes - {"fax"})
    found = compare(xpm_client(fax="1"), ignition_client(fax="2"), rules(ignition=route))
    assert holds(found) == {"fax": HoldCode.ROUTE_CANNOT}


def test_a_field_the_route_does_not_carry_is_held_only_where_there_is_something_to_carry() -> None:
    """A position in XPM has no place in Ignition; no position, no hold."""
    there = ignition_client(ANN_THERE)
    found = compare(xpm_client(person("x1", "Ann Lee", "ann@example.com", position="Director")), there, rules())
    assert holds(found) == {"contact.position": HoldCode.ROUTE_CANNOT}
    assert compare(xpm_client(ANN), there, rules()).is_equal
    assert compare(
        there, xpm_client(person("x1", "Ann Lee", "ann@example.com", position="Director")), rules(TO)
    ).is_equal


def test_several_groups_are_held_unless_the_target_has_one_of_them() -> None:
    """Ignition has room for one group, and choosing is a person's business."""
    both = xpm_client(group="Marlowe\nSuper Funds")
    found = compare(both, ignition_client(group="Rangi"), rules())
    assert holds(found) == {"group": HoldCode.AMBIGUOUS_GROUP}
    assert "Marlowe, Super Funds" in found.holds[0].reason
    assert compare(both, ignition_client(group="Super Funds"), rules()).is_equal


def test_control_characters_are_not_written() -> None:
    """XML could not carry them; line breaks and tabs are ordinary text."""
    found = compare(xpm_client(address="1\x1b[2J Quay Street", city="A\tB"), ignition_client(), rules())
    assert holds(found) == {"address": HoldCode.UNWRITABLE}
    assert set(changes(found)) == {"city"}


def test_every_reason_is_a_sentence() -> None:
    """People read it: a capital first, a full stop last, the system's name where one is meant."""
    source = xpm_client(person("x1", "", "q@example.com"), person("x2", "Bo"), phone="", structure="Trust", fax="\x01")
    target = ignition_client(person("i9", "Cy", "cy@example.com"), phone="2", fax="1")
    found = compare(source, target, rules(ignition=replace(IGNITION, writes=IGNITION.writes - {"structure"})))
    assert len(found.holds) >= 5
    for hold in found.holds:
        assert hold.reason[0].isupper()
        assert hold.reason.endswith(".")


def test_fields_outside_the_catalogue_do_not_exist() -> None:
    """Tax numbers, notes and bank details have no name here, so nothing can carry them."""
    names = {row.name for row in FIELDS}
    assert not {name for name in names if any(word in name for word in ("number", "note", "bank", "birth"))}
    with pytest.raises(KeyError):
        field("tax_number")


def test_a_change_knows_the_name_its_record_has_in_the_target() -> None:
    """XPM wants a name beside every change; it is the one the target has, so that a held name is not written."""
    source = ignition_client(person("i1", "Ann Li", "ann@example.com", phone="1"), name="Harbor", phone="1")
    target = xpm_client(person("x1", "Ann Lee", "ann@example.com", phone="2"), name="Harbour", phone="2")
    before = agreed({"x1": "i1"}, name="Harbor", contact__name="Ann Li")
    found = compare(source, target, rules(TO, on_edited=OnEdited.HOLD), before)
    assert holds(found) == {"name": HoldCode.EDITED, "contact.name": HoldCode.EDITED}
    assert {change.field: change.record for change in found.changes} == {"phone": "Harbour", "contact.phone": "Ann Lee"}
