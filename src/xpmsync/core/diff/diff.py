"""The diff: one linked client on both sides in, changes and holds out. Pure.

for each link:  diff_client(source, target, agreed, rules)  ->  ClientDiff
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from xpmsync.core import fingerprint
from xpmsync.core.catalogue import CLIENT_FIELDS, CONTACT_FIELDS, Field
from xpmsync.core.catalogue import field as catalogue_field
from xpmsync.core.diff.contacts import pair_contacts
from xpmsync.core.diff.csv_limits import hold_what_rows_cannot
from xpmsync.core.diff.rules import Rules, evaluate_field, field_hold, route_to
from xpmsync.core.enums import ClientState, Direction, System
from xpmsync.core.model import Agreed, Client, ClientRef, Contact, agreed_key
from xpmsync.core.plan.plan import Change, ChangeKind, ClientDiff, ContactRef, Hold, HoldCode, Why
from xpmsync.core.text import normalise

__all__ = ["agreed_now", "describe_contact", "diff_client", "left_out", "missing_client", "new_contact_values"]


def diff_client(
    client: ClientRef, source: Client | None, target: Client | None, agreed: Agreed, rules: Rules
) -> ClientDiff:
    """Compare one linked client field by field; either record is None where its system has none."""
    if source is None:
        return missing_client(client, rules.direction.source)
    if target is None or target.state is ClientState.DELETED:
        return missing_client(client, rules.direction.target)
    if not source.state is target.state is ClientState.ACTIVE:
        return _archived_client(client, source, target, rules)
    work = _Work(client, agreed, rules)
    work.compare_all(CLIENT_FIELDS, source.values, target.values)
    _diff_contacts(work, source, target)
    found = ClientDiff(client, tuple(work.changes), tuple(work.holds), work.contacts, work.primary)
    return hold_what_rows_cannot(found, target) if rules.target.by_rows else found


def missing_client(client: ClientRef, system: System) -> ClientDiff:
    """The outcome for a client whose linked record is gone, known without reading the other side (rule 7)."""
    command_line = "nothing is written" if system is System.XPM else "it is not created again"
    reason = f"The linked client is no longer in {system.label}; {command_line}."
    return ClientDiff(client, holds=(Hold(client, "client", HoldCode.MISSING, reason),))


def agreed_now(ignition: Client, found: ClientDiff, rules: Rules) -> dict[str, str]:
    """What both sides hold in common after a comparison: fingerprints of all fields neither changed nor held.

    Ignition's record is read for both sides, since equal fields have one normal form.
    """
    carried = rules.source.reads & rules.target.reads
    items: tuple[Change | Hold, ...] = (*found.changes, *found.holds)
    differing = {agreed_key(one.field, one.contact.xpm_id if one.contact else "") for one in items}
    if "client" in differing:
        return {}
    agreed = {row.name: fingerprint.of_value(row, ignition.values.get(row.name, "")) for row in CLIENT_FIELDS}
    for xpm_id, ignition_id in found.contacts.items():
        contact = ignition.contact(ignition_id)
        values = contact.values if contact else {}
        for row in _CONTACT_DETAILS:
            agreed[agreed_key(row.name, xpm_id)] = fingerprint.of_value(row, values.get(row.name, ""))
        if found.primary is not None:
            flag = "Yes" if xpm_id == found.primary else "No"
            agreed[agreed_key(_PRIMARY.name, xpm_id)] = fingerprint.of_value(_PRIMARY, flag)
    return {key: value for key, value in agreed.items() if key not in differing and key.partition("@")[0] in carried}


def new_contact_values(contact: Contact, *, primary: bool, rules: Rules) -> dict[str, str]:
    """The values a new contact gets in the target: those that flow, can be written and are not blank."""
    values = {
        row.name: text
        for row in CONTACT_FIELDS
        if row.name != "contact.primary"
        and (text := contact.values.get(row.name, "")).strip()
        and field_hold(row, text, rules) is None
    }
    if primary and "contact.primary" in rules.target.writes:
        values["contact.primary"] = "Yes"
    return values


def left_out(client: ClientRef, who: ContactRef, contact: Contact, rules: Rules) -> list[Hold]:
    """Say why a new contact does not get the details that `new_contact_values` leaves out."""
    holds: list[Hold] = []
    for row in _CONTACT_DETAILS:
        text = contact.values.get(row.name, "")
        held = field_hold(row, text, rules) if text.strip() else None
        if held is not None and held.code is not None:
            holds.append(Hold(client, row.name, held.code, held.reason, who))
    return holds


def describe_contact(values: Mapping[str, str]) -> str:
    """A new contact in one line: name and address."""
    email = values.get("contact.email", "")
    return values.get("contact.name", "") + (f" <{email}>" if email else "")


def _archived_client(client: ClientRef, source: Client, target: Client, rules: Rules) -> ClientDiff:
    """Rule 7: a client archived or deleted on either side is not compared; past on both sides is no hold."""
    from_, to = rules.direction.source.label, rules.direction.target.label
    if source.state is ClientState.ACTIVE:
        reason = f"Archived in {to}; restore it there, or unlink it."
    elif target.state is ClientState.ACTIVE:
        reason = f"{source.state.value.capitalize()} in {from_}; {to} is left as it is."
    else:
        return ClientDiff(client)
    return ClientDiff(client, holds=(Hold(client, "client", HoldCode.ARCHIVED, reason),))


_PRIMARY: Final = catalogue_field("contact.primary")
_CONTACT_DETAILS: Final = tuple(row for row in CONTACT_FIELDS if row is not _PRIMARY)
"""Which contact is primary is compared for the client as a whole."""


class _Work:
    """Collects the outcome for one client while its fields are compared."""

    __slots__ = ("agreed", "changes", "client", "contacts", "holds", "primary", "rules")

    def __init__(self, client: ClientRef, agreed: Agreed, rules: Rules) -> None:
        self.client = client
        self.agreed = agreed
        self.rules = rules
        self.changes: list[Change] = []
        self.holds: list[Hold] = []
        self.contacts: dict[str, str] = {}
        self.primary: str | None = None

    def compare_all(
        self,
        rows: Sequence[Field],
        source: Mapping[str, str],
        target: Mapping[str, str],
        contact: ContactRef | None = None,
    ) -> None:
        if source == target:
            return
        record = target.get("contact.name" if contact else "name", "")
        for row in rows:
            here, there = source.get(row.name, ""), target.get(row.name, "")
            if here != there:
                self.compare(row, here, there, record, contact)

    def compare(self, row: Field, source: str, target: str, record: str, contact: ContactRef | None = None) -> None:
        if row.name not in self.rules.source.reads:
            return
        if row.name not in self.rules.target.reads:
            if source.strip():
                self.hold(row.name, HoldCode.ROUTE_CANNOT, self._cannot(), contact)
            return
        key = agreed_key(row.name, contact.xpm_id if contact else "")
        known, pending = self.agreed.values.get(key), self.agreed.pending.get(key, ())
        verdict = evaluate_field(row, source, target, known, self.rules, pending)
        if verdict is None:
            return
        if verdict.code is not None:
            self.hold(row.name, verdict.code, verdict.reason, contact)
        elif verdict.why is not None:
            new = source if normalise(row.kind, source) else ""
            change = Change(self.client, ChangeKind.FIELD, row.name, target, new, verdict.why, contact)
            self.changes.append(replace(change, record=record))

    def hold(self, field_name: str, code: HoldCode, reason: str, contact: ContactRef | None = None) -> None:
        self.holds.append(Hold(self.client, field_name, code, reason, contact))

    def ref(self, source: Contact | None, target: Contact | None) -> ContactRef:
        """Name a contact by its source name, with both ids in their own places."""
        here = source.id if source else ""
        there = target.id if target else ""
        name = (source.name if source else "") or (target.name if target else "")
        if self.rules.direction is Direction.FROM_XPM:
            return ContactRef(name, here, there)
        return ContactRef(name, there, here)

    def _cannot(self) -> str:
        return f"{route_to(self.rules.direction.target)} does not carry it."


def _diff_contacts(work: _Work, source: Client, target: Client) -> None:
    rules = work.rules
    forward = rules.direction is Direction.FROM_XPM
    links = work.agreed.contacts if forward else {i: x for x, i in work.agreed.contacts.items()}
    pairing = pair_contacts(source.contacts, target.contacts, links)
    primaries = [c for c in source.contacts if c.is_primary]
    primary = primaries[0] if len(primaries) == 1 else None
    work.primary = None if primary is None else primary.id if forward else ""
    to, from_ = rules.direction.target.label, rules.direction.source.label
    for here, there in pairing.pairs:
        ref = work.ref(here, there)
        work.contacts[ref.xpm_id] = ref.ignition_id
        work.compare_all(_CONTACT_DETAILS, here.values, there.values, ref)
        if here is primary:
            work.primary = ref.xpm_id
            work.compare(_PRIMARY, "Yes", "Yes" if there.is_primary else "No", there.name, ref)
    for contact in pairing.only_source:
        _add_contact(work, contact, primary=contact is primary)
    for contact in pairing.ambiguous:
        reason = f"Several contacts in {to} could be this one; make the name or e-mail unique on both sides."
        work.hold("contact", HoldCode.AMBIGUOUS_CONTACT, reason, work.ref(contact, None))
    for contact in pairing.lost_in_target:
        if links[contact.id] == "":
            reason = f"Written to a file for upload; {to} does not show it yet, and it is not written again."
            work.hold("contact", HoldCode.WAITING, reason, work.ref(contact, None))
            continue
        reason = f"The linked contact is no longer in {to}; it is not created again."
        work.hold("contact", HoldCode.MISSING, reason, work.ref(contact, None))
    for contact in pairing.only_target:
        reason = f"Only in {to}, not in {from_}; it is left alone."
        work.hold("contact", HoldCode.CONTACT_ONLY_IN_TARGET, reason, work.ref(None, contact))


def _add_contact(work: _Work, contact: Contact, *, primary: bool) -> None:
    """Rule 6: a contact only in the source is added, if it may flow and has what the target needs."""
    rules, ref = work.rules, work.ref(contact, None)
    to, from_ = rules.direction.target.label, rules.direction.source.label
    held = field_hold(catalogue_field("contact.name"), contact.name, rules)
    if held is not None and held.code is not None:
        work.hold("contact", held.code, held.reason, ref)
    elif not contact.name.strip():
        reason = f"The contact has no name in {from_}; {to} needs one."
        work.hold("contact", HoldCode.NEEDS_NAME, reason, ref)
    elif rules.target.contact_needs_email and "@" not in contact.email:
        reason = f"{to} needs an e-mail for a new contact; add one in {from_}."
        work.hold("contact", HoldCode.NEEDS_EMAIL, reason, ref)
    else:
        values = new_contact_values(contact, primary=primary, rules=rules)
        new = describe_contact(values)
        work.changes.append(Change(work.client, ChangeKind.CONTACT, "contact", "", new, Why.FIRST_SYNC, ref, values))
        work.holds += left_out(work.client, ref, contact, rules)
