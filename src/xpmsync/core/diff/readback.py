"""Reading a record back after a run wrote to it, to see whether somebody else did so too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xpmsync.core.catalogue import field as catalogue_field
from xpmsync.core.enums import System
from xpmsync.core.model import Client
from xpmsync.core.plan.plan import Change, ChangeKind
from xpmsync.core.text import same

__all__ = ["only_ours"]

_PRIMARY = "contact.primary"
"""Follows from other writes too: a new primary contact takes the flag from the former one."""


def only_ours(before: Client, now: Client, changes: Sequence[Change], target: System) -> bool:
    """Whether the record differs from what it was before the writes by these changes alone.

    If not, somebody edited it meanwhile, and it must be compared again: a run
    that took that edit for its own would never look at it.
    """
    ours = {
        (change.contact.id_in(target) if change.contact else "", change.field): change.new
        for change in changes
        if change.kind is ChangeKind.FIELD
    }
    added = sum(change.kind is ChangeKind.CONTACT for change in changes)
    known = {contact.id: contact for contact in before.contacts}
    return (
        now.state is before.state
        and _fits("", before.values, now.values, ours)
        and known.keys() <= {contact.id for contact in now.contacts}
        and len(now.contacts) == len(before.contacts) + added
        and all(
            _fits(contact.id, known[contact.id].values, contact.values, ours)
            for contact in now.contacts
            if contact.id in known
        )
    )


def _fits(
    contact_id: str, before: Mapping[str, str], now: Mapping[str, str], ours: Mapping[tuple[str, str], str]
) -> bool:
    for name in before.keys() | now.keys():
        old, new = before.get(name, ""), now.get(name, "")
        written = ours.get((contact_id, name))
        if name == _PRIMARY:
            continue
        if written is None and old != new:
            return False
        if written is not None and not same(catalogue_field(name).kind, written, new):
            return False
    return True
