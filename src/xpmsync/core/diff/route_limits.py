"""What a live route's schemas refuse, found before the plan is shown: each call as it would be made, and not sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
