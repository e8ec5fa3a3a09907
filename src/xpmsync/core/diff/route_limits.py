"""What the way to the target cannot carry, found before the plan is shown.

A file of rows has a row for each contact, with the client's own columns on each. Its
rules: every row has client name, contact name and contact e-mail. A client's own
details need such a row; a contact's need its own. A cell that begins like a
formula is held where it would be written; one that stays as the user's own export
has it does no new harm. A live route's schemas are asked for each call as it would
be made, which is not sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Final

from xpmsync.core.catalogue import FIELDS
from xpmsync.core.model import Client, Contact
from xpmsync.core.plan.hold_codes import HoldCode
from xpmsync.core.plan.plan import Change, ChangeKind, ClientDiff, Hold
from xpmsync.core.text import formula_like, single_email

if TYPE_CHECKING:
    from xpmsync.core.ports.store import RouteCheck

_LABELS: Final = {row.name: row.label for row in FIELDS}
_Problem = tuple[HoldCode, str]


def hold_what_rows_cannot(diff: ClientDiff, target: Client) -> ClientDiff:
    """Turn the changes whose rows the file could not carry into holds; `target` is the record as it is now."""
    if not diff.changes:
        return diff
    fields = [change for change in diff.changes if change.kind is ChangeKind.FIELD]
    shared = _client_problem(target, _new_values(fields, ""))
    by_contact = {
        contact.id: shared or _contact_problem(contact, _new_values(fields, contact.id)) for contact in target.contacts
    }
    changes: list[Change] = []
    holds = list(diff.holds)
    for change in diff.changes:
        problem = _problem_of(change, shared, by_contact)
        if problem is None:
            changes.append(change)
        else:
            holds.append(Hold(change.client, change.field, *problem, change.contact))
    return replace(diff, changes=tuple(changes), holds=tuple(holds))


def _problem_of(change: Change, shared: _Problem | None, by_contact: Mapping[str, _Problem | None]) -> _Problem | None:
    if change.kind is ChangeKind.CONTACT:
        return shared or _incomplete(change.values, "XPM")
    if change.contact is not None:
        return by_contact.get(change.contact.ignition_id)
    problems = list(by_contact.values())
    if None in problems:
        return None
    if shared is None and problems:
        code, reason = problems[0] or (HoldCode.NEEDS_EMAIL, "")
        return code, f"No contact of this client can be in the file. {reason}"
    return shared or (HoldCode.NEEDS_EMAIL, "The client has no contact in Ignition, and its import needs one; add one.")


def _new_values(changes: Sequence[Change], contact_id: str) -> Mapping[str, str]:
    return {
        change.field: change.new
        for change in changes
        if (change.contact.ignition_id if change.contact else "") == contact_id
    }


def _client_problem(client: Client, new: Mapping[str, str]) -> _Problem | None:
    values = {**client.values, **new}
    if not values.get("name", "").strip():
        return HoldCode.NEEDS_NAME, "The client has no name in Ignition, and its import needs one; add it there."
    return _formula(new)


def _contact_problem(contact: Contact, new: Mapping[str, str]) -> _Problem | None:
    values = {**contact.values, **new}
    return _incomplete(values, "Ignition") or _formula(new)


def _incomplete(values: Mapping[str, str], where: str) -> _Problem | None:
    if not values.get("contact.name", "").strip():
        return (
            HoldCode.NEEDS_NAME,
            f"The contact has no name in {where}, and Ignition's import needs one; add it there.",
        )
    if not single_email(values.get("contact.email", "")):
        return (
            HoldCode.NEEDS_EMAIL,
            f"The contact has no usable e-mail in {where}, and Ignition's import needs one; add it there.",
        )
    return None


def _formula(new: Mapping[str, str]) -> _Problem | None:
    """A value that would be written and that a spreadsheet program would run."""
    risky = [_LABELS.get(name, name) for name, text in new.items() if formula_like(text)]
    if not risky:
        return None
    return HoldCode.FORMULA, f"{', '.join(risky)} begins like a formula, which a spreadsheet program would run."


def hold_what_the_route_refuses(diff: ClientDiff, target: Client, check: RouteCheck) -> ClientDiff:
    """Turn what would be refused into holds; `target` is the record as it is now.

    Where a call of several fields would be refused, those that are refused alone are
    held and the others go on; all of them where the fault is in no single one.
    """
    changes: list[Change] = []
    holds = list(diff.holds)

    def hold(held: Iterable[Change], reason: str) -> None:
        holds.extend(Hold(each.client, each.field, HoldCode.ROUTE_CANNOT, reason, each.contact) for each in held)

    def call_of(change: Change) -> tuple[ChangeKind, str]:
        return change.kind, change.contact.id_in(target.system) if change.contact else ""

    for (kind, contact_id), group in groupby(sorted(diff.changes, key=call_of), key=call_of):
        if kind is ChangeKind.CONTACT:
            for change in group:
                reason = check.add_contact(target, change.values)
                if reason:
                    hold([change], reason)
                else:
                    changes.append(change)
            continue
        call = list(group)
        if check.update(target, _values(call), contact_id) and len(call) > 1:
            for change in list(call):
                if reason := check.update(target, _values([change]), contact_id):
                    hold([change], reason)
                    call.remove(change)
        if call and (reason := check.update(target, _values(call), contact_id)):
            hold(call, reason)
        else:
            changes += call
    kept = [change for change in diff.changes if change in changes]
    return replace(diff, changes=tuple(kept), holds=tuple(holds))


def _values(call: Iterable[Change]) -> Mapping[str, str]:
    return {change.field: change.new for change in call}
