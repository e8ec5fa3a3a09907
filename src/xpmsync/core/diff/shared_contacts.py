"""One XPM contact at several clients: Ignition keeps a contact for each, and they may disagree.

Writing to XPM, each would overwrite the other's value at every run, so what they
disagree on is held until a person makes them agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from xpmsync.core.catalogue import CONTACT_FIELDS
from xpmsync.core.model import Client
from xpmsync.core.plan.plan import Change, ClientDiff, Hold, HoldCode
from xpmsync.core.text import normalise

__all__ = ["hold_disagreements"]

_SHARED: Final = tuple(row for row in CONTACT_FIELDS if row.name not in ("contact.primary", "contact.position"))
"""What belongs to the person; position and primary flag belong to the place at one client."""


def hold_disagreements(found: Sequence[tuple[ClientDiff, Client | None]]) -> list[ClientDiff]:
    """Turn changes of a shared XPM contact into holds where its clients' records in Ignition disagree.

    Takes each client's diff (in the to-xpm direction) and its Ignition record.
    """
    if not any(change.contact for diff, _ in found for change in diff.changes):
        return [diff for diff, _ in found]
    disagreed = _disagreements(found)
    return [_held(diff, disagreed) for diff, _ in found]


def _disagreements(found: Iterable[tuple[ClientDiff, Client | None]]) -> frozenset[tuple[str, str]]:
    said: dict[tuple[str, str], set[str]] = {}
    for diff, ignition in found:
        for xpm_id, ignition_id in diff.contacts.items():
            contact = ignition.contact(ignition_id) if ignition else None
            if contact is None:
                continue
            for row in _SHARED:
                form = normalise(row.kind, contact.values.get(row.name, ""))
                said.setdefault((xpm_id, row.name), set()).add(form)
    return frozenset(key for key, forms in said.items() if len(forms) > 1)


def _held(diff: ClientDiff, disagreed: frozenset[tuple[str, str]]) -> ClientDiff:
    shared = [change for change in diff.changes if _key(change) in disagreed]
    if not shared:
        return diff
    reason = "In XPM this contact belongs to several clients, and Ignition disagrees about it. Make them agree there."
    holds = [Hold(one.client, one.field, HoldCode.SHARED_CONTACT, reason, one.contact) for one in shared]
    kept = tuple(change for change in diff.changes if change not in shared)
    return replace(diff, changes=kept, holds=(*diff.holds, *holds))


def _key(change: Change) -> tuple[str, str]:
    return (change.contact.xpm_id if change.contact else "", change.field)
