"""What a live route's schemas refuse, found before the plan is shown: each call as it would be made, and not sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from xpmsync.core.plan.plan import Change, ChangeKind, Hold, HoldCode

if TYPE_CHECKING:
    from xpmsync.core.model import Client
    from xpmsync.core.plan.plan import ClientDiff
    from xpmsync.core.ports.store import RouteCheck

__all__ = ["hold_what_the_route_refuses"]


def hold_what_the_route_refuses(diff: ClientDiff, target: Client, check: RouteCheck) -> ClientDiff:
    """Turn the changes of every call that would be refused into holds; `target` is the record as it is now."""
    changes: list[Change] = []
    holds = list(diff.holds)
    for (kind, contact_id), group in groupby(sorted(diff.changes, key=_call), key=_call):
        together = list(group)
        for call in [together] if kind is ChangeKind.FIELD else [[change] for change in together]:
            reason = _refusal(call, contact_id, target, check)
            if reason:
                holds += [Hold(each.client, each.field, HoldCode.ROUTE_CANNOT, reason, each.contact) for each in call]
            else:
                changes += call
    kept = [change for change in diff.changes if change in changes]
    return replace(diff, changes=tuple(kept), holds=tuple(holds))


def _call(change: Change) -> tuple[ChangeKind, str]:
    return change.kind, change.contact.ignition_id if change.contact else ""


def _refusal(call: list[Change], contact_id: str, target: Client, check: RouteCheck) -> str:
    if call[0].kind is ChangeKind.CONTACT:
        return check.add_contact(target, call[0].values)
    values: Mapping[str, str] = {change.field: change.new for change in call}
    return check.update(target, values, contact_id)
