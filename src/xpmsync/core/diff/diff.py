"""The diff: one linked client on both sides in, changes and holds out. Pure.

for each link:  diff_client(source, target, agreed, rules)  ->  ClientDiff
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from xpmsync.core import fingerprint
from xpmsync.core.catalogue import CLIENT_FIELDS, CONTACT_FIELDS, Field, field as catalogue_field, flows
from xpmsync.core.diff.answers import answer_of_upload
from xpmsync.core.diff.contacts import Pairing, pair_contacts
from xpmsync.core.diff.route_limits import hold_what_rows_cannot, hold_what_the_route_refuses
from xpmsync.core.diff.rules import Rules, evaluate_field, field_hold, route_to
from xpmsync.core.enums import ClientState, Direction, System
from xpmsync.core.model import Agreed, Answer, Client, ClientRef, Contact, agreed_key
from xpmsync.core.plan.hold_codes import HoldCode
from xpmsync.core.plan.plan import Change, ChangeKind, ClientDiff, ContactRef, Hold, Why
from xpmsync.core.text import same, single_email, to_write, visible


def diff_client(
    client: ClientRef, source: Client | None, target: Client | None, agreed: Agreed, rules: Rules
) -> ClientDiff:
    """Compare one linked client field by field; either record is None where its system has none."""
    if source is None:
        return missing_client(client, rules.direction.source, from_file=rules.source.from_file)
    if target is None or target.state is ClientState.DELETED:
        return missing_client(client, rules.direction.target)
    if not source.state is target.state is ClientState.ACTIVE:
        return _archived_client(client, source, target, rules)
    if unreadable := unreadable_hold(client, source) or unreadable_hold(client, target):
        return ClientDiff(client, holds=(unreadable,))
    work = _Work(client, agreed, rules, target)
    work.compare_client(source, target)
    _diff_contacts(work, source, target)
    diff = work.outcome()
    if rules.target.check is not None:
        return hold_what_the_route_refuses(diff, target, rules.target.check)
    return hold_what_rows_cannot(diff, target) if rules.target.by_rows else diff


def missing_client(client: ClientRef, system: System, *, from_file: bool = False) -> ClientDiff:
    """The outcome for a client whose linked record is gone, known without reading the other side (rule 7).

    XPM's exports (`from_file`) leave out archived clients.
    """
    if system is System.XPM:
        where = "in XPM's export, so it is gone or archived there" if from_file else "in XPM"
        reason = f"The linked client is no longer {where}; nothing is written."
    else:
        where = system.label
        reason = (
            f"The linked client is no longer in {where}; it is not created again. Unlink it, and import it if it"
            " should be."
        )
    return ClientDiff(client, holds=(Hold(client, "client", HoldCode.MISSING, reason),))


def unreadable_hold(client: ClientRef, record: Client) -> Hold | None:
    """Hold a client of which a field holds what XML cannot carry: nobody knows what it says."""
    if not record.unreadable:
        return None
    fields = ", ".join(catalogue_field(name).label for name in record.unreadable)
    where = record.system.label
    reason = f"{fields} in {where} holds a character that does not belong in a text; retype it there."
    return Hold(client, "client", HoldCode.UNREADABLE, reason)


def agreed_now(ignition: Client, diff: ClientDiff, rules: Rules) -> dict[str, str]:
    """What both sides hold in common after a comparison: fingerprints of all fields neither changed nor held.

    Ignition's record is that of both sides, since equal fields have the same normal
    form; fields that a side keeps in its own spelling are remembered as they are.
    """
    carried = rules.source.reads & rules.target.reads
    items: tuple[Change | Hold, ...] = (*diff.changes, *diff.holds)
    differing = {agreed_key(item.field, item.contact.xpm_id if item.contact else "") for item in items}
    if "client" in differing:
        return {}
    agreed = {row.name: fingerprint.of_value(row, ignition.values.get(row.name, "")) for row in CLIENT_FIELDS}
    for xpm_id, ignition_id in diff.contacts.items():
        contact = ignition.contact(ignition_id)
        values = contact.values if contact else {}
        for row in _CONTACT_DETAILS:
            agreed[agreed_key(row.name, xpm_id)] = fingerprint.of_value(row, values.get(row.name, ""))
        if diff.primary is not None:
            flag = "Yes" if xpm_id == diff.primary else "No"
            agreed[agreed_key(_PRIMARY.name, xpm_id)] = fingerprint.of_value(_PRIMARY, flag)
    unequal = differing | diff.respelled
    return {key: text for key, text in agreed.items() if key not in unequal and key.partition("@")[0] in carried}


def may_get_contacts(diff: ClientDiff, rules: Rules) -> bool:
    """Whether new contacts of this client that are in a file still belong there: due, waiting, or nobody can say."""
    if _NAME.name not in rules.source.reads & rules.target.reads:
        return True
    return any(change.kind is ChangeKind.CONTACT for change in diff.changes) or any(
        (hold.field == "contact" and hold.code in _CONTACT_DUE) or (hold.field == "client" and hold.code in _UNKNOWN)
        for hold in diff.holds
    )


_CONTACT_DUE: Final = (HoldCode.WAITING, HoldCode.ROUTE_CANNOT, HoldCode.BAD_EXPORT)
_UNKNOWN: Final = (HoldCode.MISSING, HoldCode.UNREADABLE, HoldCode.CONTRADICTION)
"""Holds of a whole client by which its contacts were not compared at all."""


def new_contact_values(contact: Contact, *, primary: bool, rules: Rules) -> dict[str, str]:
    """The values a new contact gets in the target: those that flow, can be written and are not blank."""
    values = {
        row.name: text
        for row in _CONTACT_DETAILS
        if (text := to_write(row.kind, contact.values.get(row.name, ""))) and field_hold(row, text, rules) is None
    }
    if primary and "contact.primary" in rules.target.writes:
        values["contact.primary"] = "Yes"
    return values


def left_out(client: ClientRef, who: ContactRef, contact: Contact, rules: Rules) -> list[Hold]:
    """Say why a new contact does not get the details that `new_contact_values` leaves out."""
    holds: list[Hold] = []
    for row in _CONTACT_DETAILS:
        text = contact.values.get(row.name, "")
        hold = field_hold(row, text, rules) if text.strip() else None
        if hold is not None and hold.code is not None:
            holds.append(Hold(client, row.name, hold.code, hold.reason, who))
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
_NAME: Final = catalogue_field("contact.name")
_CONTACT_DETAILS: Final = tuple(row for row in CONTACT_FIELDS if row is not _PRIMARY)
"""Which contact is primary is compared for the client as a whole."""


_Values = Mapping[str, str]


class _Work:
    """Collects the outcome for one client while its fields are compared."""

    __slots__ = (
        "agreed",
        "answers",
        "changes",
        "client",
        "contacts",
        "forward",
        "holds",
        "primary",
        "respelled",
        "rules",
        "unset",
    )

    def __init__(self, client: ClientRef, agreed: Agreed, rules: Rules, target: Client) -> None:
        self.client = client
        self.agreed = agreed
        self.rules = rules
        self.forward = rules.direction is Direction.FROM_XPM
        self.changes: list[Change] = []
        self.holds: list[Hold] = []
        self.contacts: dict[str, str] = {}
        self.primary: str | None = None
        self.respelled: set[str] = set()
        self.answers: dict[str, Answer] = {}
        flagged = self.forward or rules.set_primary or any(contact.is_primary for contact in target.contacts)
        self.unset = not flagged

    def outcome(self) -> ClientDiff:
        return ClientDiff(
            self.client,
            tuple(self.changes),
            tuple(self.holds),
            self.contacts,
            self.primary,
            frozenset(self.respelled),
            self.answers,
        )

    def compare_client(self, source: Client, target: Client) -> None:
        """Compare the client's own fields."""
        for row, source_text, target_text in self._differing(CLIENT_FIELDS, source.values, target.values):
            self.compare(row, source_text, target_text, target.name)

    def compare_contact(self, source: Contact, target: Contact) -> None:
        """Compare the details of two contacts that are one person."""
        for row, source_text, target_text in self._differing(_CONTACT_DETAILS, source.values, target.values):
            self.compare(row, source_text, target_text, target.name, self.ref(source, target))

    def _differing(self, rows: Sequence[Field], source: _Values, target: _Values) -> Iterator[tuple[Field, str, str]]:
        """The fields whose texts differ; most records differ in nothing that the source reads, if in anything."""
        if source.items() <= target.items() and self.rules.source.reads.isdisjoint(target.keys() - source.keys()):
            return
        for row in rows:
            source_text, target_text = source.get(row.name, ""), target.get(row.name, "")
            if source_text != target_text:
                yield row, source_text, target_text

    def compare(self, row: Field, source: str, target: str, record: str, contact: ContactRef | None = None) -> None:
        if row.name not in self.rules.source.reads:
            return
        if row.name not in self.rules.target.reads:
            if source.strip() and self.rules.direction in row.directions:
                self.hold(row.name, HoldCode.ROUTE_CANNOT, self._cannot(), contact)
            return
        key = agreed_key(row.name, contact.xpm_id if contact else "")
        target_id = contact.id_in(self.rules.direction.target) if contact else ""
        uploaded = (target_id, row.name) in self.agreed.not_taken
        answer = self._answer(row, key, source, target, uploaded=uploaded)
        known, pending = self.agreed.values.get(key), self.agreed.pending.get(key, ())
        verdict = evaluate_field(row, source, target, known, self.rules, pending, answer)
        if verdict is None:
            if not same(row.kind, source, target):
                self.respelled.add(key)
        elif verdict.code is not None:
            self.hold(row.name, verdict.code, verdict.reason, contact)
        elif row is _PRIMARY and self.unset:
            self.hold(row.name, HoldCode.PRIMARY_UNSET, _PRIMARY_UNSET, contact)
        elif verdict.why is not None:
            new = to_write(row.kind, source)
            change = Change(self.client, ChangeKind.FIELD, row.name, target, new, verdict.why, contact)
            self.changes.append(replace(change, record=record))

    def hold(self, field_name: str, code: HoldCode, reason: str, contact: ContactRef | None = None) -> None:
        self.holds.append(Hold(self.client, field_name, code, reason, contact))

    def ref(self, source: Contact | None, target: Contact | None) -> ContactRef:
        """Name a contact by its source name, with both ids in their own places."""
        source_id = source.id if source else ""
        target_id = target.id if target else ""
        name = (source.name if source else "") or (target.name if target else "")
        if self.forward:
            return ContactRef(name, source_id, target_id)
        return ContactRef(name, target_id, source_id)

    def _answer(self, row: Field, key: str, source: str, target: str, *, uploaded: bool) -> Answer | None:
        """What is remembered of the field, or what an upload since then was found to have made of it."""
        known = self.agreed.answers.get(key)
        answer = answer_of_upload(row, self.rules.direction.target, source, target, known, uploaded=uploaded)
        if answer is not known and answer is not None:
            self.answers[key] = answer
        return answer

    def _cannot(self) -> str:
        return f"{route_to(self.rules)} does not carry it.{self.rules.target.remedy}"


_PRIMARY_UNSET: Final = "XPM flags no contact of this client as primary; set sync.set_primary to have it written."


def _diff_contacts(work: _Work, source: Client, target: Client) -> None:
    rules, agreed = work.rules, work.agreed.contacts
    if "contact.name" not in rules.source.reads & rules.target.reads:
        return  # a file without contacts says nothing of them
    links = agreed if work.forward else {i: x for x, i in agreed.items()}
    pairing = pair_contacts(source.contacts, target.contacts, links)
    primaries = [contact for contact in source.contacts if contact.is_primary]
    primary = primaries[0] if len(primaries) == 1 else None
    work.primary = None if primary is None else primary.id if work.forward else ""
    for source_contact, target_contact in pairing.pairs:
        xpm, ignition = (source_contact, target_contact) if work.forward else (target_contact, source_contact)
        work.contacts[xpm.id] = ignition.id
        work.compare_contact(source_contact, target_contact)
        if source_contact is primary:
            work.primary = xpm.id
            if not target_contact.is_primary:
                _move_primary(work, source_contact, target_contact, _former_primary(work, pairing, target))
    if not pairing.has_rest:
        return
    to, from_ = rules.direction.target.label, rules.direction.source.label
    for contact in pairing.only_source:
        former = _former_primary(work, pairing, target)
        _add_contact(work, contact, former, primary=contact is primary and not work.unset)
    for contact in pairing.ambiguous:
        reason = _ambiguous(contact, pairing, from_, to)
        work.hold("contact", HoldCode.AMBIGUOUS_CONTACT, reason, work.ref(contact, None))
    for contact in pairing.lost_in_target:
        if links[contact.id] == "" and flows(_NAME, rules.direction, rules.level) is not None:
            hold = field_hold(_NAME, contact.name, rules)
            if hold is not None and hold.code is not None:
                work.hold("contact", hold.code, hold.reason, work.ref(contact, None))
            continue
        if links[contact.id] == "":
            reason = f"It is in a pending upload; {to} does not show it yet, and it is not put into a file again."
            work.hold("contact", HoldCode.WAITING, reason, work.ref(contact, None))
            continue
        reason = (
            f"The linked contact is no longer in {to}; it is not created again. Add it there, or have it added"
            " by unlinking and linking the client."
        )
        work.hold("contact", HoldCode.MISSING, reason, work.ref(contact, None))
    for contact in pairing.only_target:
        reason = f"Only in {to}, not in {from_}; it is left alone."
        work.hold("contact", HoldCode.CONTACT_ONLY_IN_TARGET, reason, work.ref(None, contact))


def _ambiguous(contact: Contact, pairing: Pairing, from_: str, to: str) -> str:
    """Why nobody can say which contact of the target this one is, and where a person makes it clear."""
    candidates = pairing.candidates[contact.id]
    fitting = ", ".join(describe_contact(one.values) for one in pairing.claimed_in_target if one.id in candidates)
    rivals = [
        describe_contact(other.values)
        for other in pairing.ambiguous
        if other is not contact and pairing.candidates[other.id] & candidates
    ]
    if rivals and len(candidates) == 1:
        both = " and ".join([describe_contact(contact.values), *rivals])
        return (
            f"{both} in {from_} all fit {fitting} in {to}. Remove one of them in {from_}, or make them distinct there."
        )
    return f"Several contacts in {to} could be this one ({fitting}); make the name or e-mail unique on both sides."


def _move_primary(work: _Work, source: Contact, target: Contact, former: ContactRef | None) -> None:
    """Let the target's contact become the primary one, as in the source."""
    before = len(work.changes)
    work.compare(_PRIMARY, "Yes", "No", target.name, work.ref(source, target))
    if len(work.changes) > before:
        work.changes[-1] = replace(work.changes[-1], former=former)


def _former_primary(work: _Work, pairing: Pairing, target: Client) -> ContactRef | None:
    """The target's primary contact, which loses the flag where another contact gets it."""
    former = next((contact for contact in target.contacts if contact.is_primary), None)
    if former is None:
        return None
    source = next((contact for contact, partner in pairing.pairs if partner.id == former.id), None)
    return work.ref(source, former)


def _add_contact(work: _Work, contact: Contact, former: ContactRef | None, *, primary: bool) -> None:
    """Rule 6: a contact only in the source is added, if it may flow and has what the target needs."""
    rules, ref = work.rules, work.ref(contact, None)
    to, from_ = rules.direction.target.label, rules.direction.source.label
    hold = field_hold(catalogue_field("contact.name"), contact.name, rules)
    if hold is not None and hold.code is not None:
        work.hold("contact", hold.code, hold.reason, ref)
    elif not visible(contact.name):
        reason = f"The contact has no name in {from_}; {to} needs one."
        work.hold("contact", HoldCode.NEEDS_NAME, reason, ref)
    elif rules.target.contact_needs_email and not single_email(contact.email):
        reason = f"{to} needs one single e-mail address for a new contact; correct it in {from_}."
        work.hold("contact", HoldCode.NEEDS_EMAIL, reason, ref)
    else:
        values = new_contact_values(contact, primary=primary, rules=rules)
        new = describe_contact(values)
        change = Change(work.client, ChangeKind.CONTACT, "contact", "", new, Why.FIRST_SYNC, ref, values)
        work.changes.append(replace(change, former=former) if "contact.primary" in values else change)
        work.holds += left_out(work.client, ref, contact, rules)
