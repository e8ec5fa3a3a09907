"""Undo: restore what a run replaced, where the value still is what that run wrote.

The outcome is an ordinary plan: previewed, confirmed, journalled, and undone
itself if need be. Nothing is deleted; what cannot be taken back is listed.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from xpmsync.core.catalogue import field as catalogue_field, flows
from xpmsync.core.enums import Direction, Level, System
from xpmsync.core.model import Client, ClientRef, Contact
from xpmsync.core.plan.hold_codes import HoldCode
from xpmsync.core.plan.plan import CallKind, Change, ChangeKind, ContactRef, Hold, Plan, Why, sort_key
from xpmsync.core.text import same
from xpmsync.errors import NothingToUndo, RunNotFound, StateUnusable
from xpmsync.local.ledger.journal import NOT_TAKEN, Write, WriteState, WrittenField
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.settings.sections import XpmRoute
from xpmsync.local.system.clock import Clock
from xpmsync.local.system.files import remove_file
from xpmsync.local.system.paths import ProfilePaths
from xpmsync.usecases.context.context import Progress, SyncContext, stamp
from xpmsync.usecases.context.resolve import resolve_links
from xpmsync.usecases.sync.preview import Preview, fingerprint_of
from xpmsync.usecases.sync.read_systems import read_pairs


def plan_undo(
    context: SyncContext, run: int, clients: Sequence[str], progress: Progress
) -> tuple[SyncContext, Preview]:
    """Plan to restore a run's values, for all its clients or those named.

    Returns the practice turned to the system that the run wrote, and the plan.
    Raises `RunNotFound`, `NothingToUndo` for a run that wrote nothing (to these
    clients), and `ClientNotFound` for a client that is not linked.
    """
    if context.ledger.journal.run(run) is None:
        raise RunNotFound(run)
    writes = [write for write in context.ledger.journal.writes(run) if write.state is WriteState.DONE]
    if not writes:
        raise NothingToUndo(run)
    if clients:
        wanted = {
            link.xpm_id for link in resolve_links(context.ledger.links(), clients, (context.xpm, context.ignition))
        }
        writes = [write for write in writes if write.client.xpm_id in wanted]
        if not writes:
            raise NothingToUndo(run, clients)
    target = writes[0].system
    direction = Direction.FROM_XPM if target is System.IGNITION else Direction.TO_XPM
    sync = replace(context.settings.sync, direction=direction, level=Level.EVERYTHING)
    turned = replace(context, settings=replace(context.settings, sync=sync))
    before = context.calls_made()
    context.connect()
    writes = [_with_id(context, write) for write in writes]
    seen = read_pairs(context, [write.client for write in writes], progress)
    work = _Undo(turned, writes)
    for write in writes:
        work.add(write, seen[write.client.xpm_id].in_(target))
    fingerprints = {xpm_id: (fingerprint_of(pair.xpm), fingerprint_of(pair.ignition)) for xpm_id, pair in seen.items()}
    plan = work.plan()
    if not plan.changes and not plan.holds:
        raise NothingToUndo(run, clients)  # what it sent did not take
    plan = replace(plan, forecast=turned.forecast(plan, before))
    made = Preview.of_plan(plan, context.xpm.calls_made - before[System.XPM])
    return turned, replace(made, fingerprints=fingerprints)


@dataclass(frozen=True, slots=True)
class Restored:
    """What an undo restored, and in which system."""

    system: System
    changes: tuple[Change, ...]

    def written_again(self, direction: Direction, level: Level) -> tuple[Change, ...]:
        """What the next sync replaces again, since its source still holds what was undone."""
        if self.system is not direction.target:
            return ()
        return tuple(one for one in self.changes if flows(catalogue_field(one.field), direction, level) is None)


def restored_by_undo(context: SyncContext, run: int) -> Restored | None:
    """What the last run restored, if it undid that run and wrote something."""
    journal = context.ledger.journal
    last = journal.last_run()
    writes = journal.writes(last.id) if last is not None and last.undoes == run else []
    done = [write for write in writes if write.state is WriteState.DONE and not _is_side_effect(write)]
    changes = tuple(
        Change(write.client, ChangeKind.FIELD, field.field, field.old or "", field.new or "", Why.UNDO, write.contact)
        for write in done
        for field in write.fields
        if field.why != NOT_TAKEN
    )
    return Restored(done[0].system, changes) if changes else None


_WHO: Final = ("contact.name", "contact.email")
_NEVER_BLANK: Final = ("name", "contact.name")


def _same_value(field: str, text: str, other: str) -> bool:
    """Whether two texts of a field mean the same."""
    return same(catalogue_field(field).kind, text, other)


def _is_contact(contact: Contact, ref: ContactRef, system: System) -> bool:
    """Whether it is that contact: by id, one that the run added by name."""
    known = ref.id_in(system)
    return contact.id == known if known else contact.name == ref.name


def _is_side_effect(write: Write) -> bool:
    """Whether the target did it on its own by another write: the former primary contact lost its flag."""
    return bool(write.fields) and write.fields[0].why == Why.SIDE_EFFECT


def _shows_new_contact(record: Client, write: Write) -> bool:
    """Whether the client has the contact that was to be added, by name and e-mail."""
    texts = {written.field: written.new or "" for written in write.fields}
    return not any(texts.get(name) for name in _WHO) or any(
        all(_same_value(name, texts.get(name, ""), contact.values.get(name, "")) for name in _WHO)
        for contact in record.contacts
    )


class _Undo:
    """Collects changes and holds, write by write."""

    def __init__(self, context: SyncContext, writes: Sequence[Write]) -> None:
        self._demoted = {write.client.xpm_id: write for write in writes if _is_side_effect(write)}
        self._promoted = {
            write.client.xpm_id: write.contact
            for write in writes
            for written in write.fields
            if write.contact and written.field == "contact.primary" and not _is_side_effect(write)
        }
        self._direction = context.settings.sync.direction
        self._able = context.target.capabilities
        self._command_line = context.settings.command_line
        self._in_files = {client_id for file in context.target.deferred.waiting().files for client_id in file.holds}
        self._changes: list[Change] = []
        self._holds: list[Hold] = []
        self._clients: set[ClientRef] = set()

    def add(self, write: Write, record: Client | None) -> None:
        self._clients.add(write.client)
        where = self._direction.target.label
        if write.is_pending_upload and write.kind is CallKind.CREATE and not write.client.ignition_id:
            self._hold(write, "client", HoldCode.CANNOT_UNDO, self._discard(write))
        elif record is None:
            self._hold(write, "client", HoldCode.MISSING, f"The client is no longer in {where}.")
        elif write.kind is CallKind.CREATE:
            number = record.number or record.id
            reason = f"A created client is not deleted; archive {number} in {where} if it should go, then unlink it."
            self._hold(write, "client", HoldCode.CANNOT_UNDO, reason)
        elif write.kind is CallKind.ADD_CONTACT and write.is_pending_upload and not _shows_new_contact(record, write):
            self._hold(write, "contact", HoldCode.CANNOT_UNDO, self._discard(write))
        elif write.kind is CallKind.ADD_CONTACT:
            reason = f"An added contact is not deleted; remove it in {where} if it should go."
            self._hold(write, "contact", HoldCode.CANNOT_UNDO, reason)
        else:
            self._restore(write, record)

    def plan(self) -> Plan:
        return Plan(
            self._direction,
            Level.EVERYTHING,
            tuple(sorted(self._changes, key=sort_key)),
            tuple(sorted(self._holds, key=sort_key)),
            clients=len(self._clients),
            equal=0,
        )

    def _restore(self, write: Write, record: Client) -> None:
        contact = record.contact(write.contact.id_in(write.system)) if write.contact else None
        if write.contact is not None and contact is None:
            where = self._direction.target.label
            self._hold(write, "contact", HoldCode.MISSING, f"The contact is no longer in {where}.")
            return
        if _is_side_effect(write):
            self._restore_primary(write, record)
            return
        values = contact.values if contact else record.values
        for written in write.fields:
            # The former primary contact becomes it again, which takes the flag from this one.
            if written.field != "contact.primary" or write.client.xpm_id not in self._demoted:
                name = contact.name if contact else record.name
                self._restore_field(write, written, values.get(written.field, ""), name, record)

    def _restore_primary(self, write: Write, record: Client) -> None:
        """Make the contact that lost the flag by a write of the run the primary one again."""
        (written,) = write.fields
        former = record.contact(write.contact.id_in(write.system)) if write.contact else None
        present = next((contact for contact in record.contacts if contact.is_primary), None)
        if former is None or former.is_primary:
            return
        promoted = self._promoted.get(write.client.xpm_id)
        if present is None or not (promoted is None or _is_contact(present, promoted, write.system)):
            self._hold(write, written.field, HoldCode.CHANGED_SINCE, "Changed since that run; it keeps its value.")
            return
        ids = ("", present.id) if write.system is System.IGNITION else (present.id, "")
        change = Change(write.client, ChangeKind.FIELD, written.field, "No", "Yes", Why.UNDO, write.contact)
        self._changes.append(replace(change, record=former.name, former=promoted or ContactRef(present.name, *ids)))

    def _discard(self, write: Write) -> str:
        """What becomes of a write that its target has not taken yet."""
        where = write.system
        if not self._in_files & {write.client.xpm_id, write.client.ignition_id}:
            return f"{where.label} did not take it, and no file has it any more; there is nothing to undo."
        discard = self._command_line(where.value, "discard")
        return f"It is in a file that {where.label} has not taken; discard it with: {discard}"

    def _refusal(self, write: Write, written: WrittenField, client: Client) -> str:
        """Why the route would not take the former value; empty where it would."""
        if self._able.check is None or not written.old:
            return ""
        contact_id = write.contact.id_in(write.system) if write.contact else ""
        return self._able.check.update(client, {written.field: written.old}, contact_id)

    def _restore_field(self, write: Write, written: WrittenField, now: str, record: str, client: Client) -> None:
        if written.why == NOT_TAKEN and written.old is not None and _same_value(written.field, written.old, now):
            return
        if written.old is None or written.new is None:
            reason = "The former value has expired (keep_undo_days) or was purged."
            self._hold(write, written.field, HoldCode.CANNOT_UNDO, reason)
        elif write.is_pending_upload and _same_value(written.field, written.old, now):
            self._hold(write, written.field, HoldCode.CANNOT_UNDO, self._discard(write))
        elif not _same_value(written.field, written.new, now):
            self._hold(write, written.field, HoldCode.CHANGED_SINCE, "Changed since that run; it keeps its value.")
        elif not written.old and written.field in _NEVER_BLANK:
            reason = f"It was blank before, and {self._direction.target.label} needs a value."
            self._hold(write, written.field, HoldCode.CANNOT_UNDO, reason)
        elif self._able.blocked:
            self._hold(write, written.field, HoldCode.BAD_EXPORT, self._able.blocked)
        elif not written.old and not self._able.clears:
            reason = "It was blank before, and this route cannot clear a value."
            self._hold(write, written.field, HoldCode.ROUTE_CANNOT, reason)
        elif reason := self._refusal(write, written, client):
            self._hold(write, written.field, HoldCode.ROUTE_CANNOT, reason)
        else:
            self._changes.append(
                Change(
                    write.client,
                    ChangeKind.FIELD,
                    written.field,
                    now,
                    written.old,
                    Why.UNDO,
                    write.contact,
                    record=record,
                )
            )

    def _hold(self, write: Write, field: str, code: HoldCode, reason: str) -> None:
        self._holds.append(Hold(write.client, field, code, reason, write.contact))


def _with_id(context: SyncContext, write: Write) -> Write:
    """A write that created its client, with the id that Ignition gave it."""
    link = None if write.client.ignition_id else context.ledger.link_of(write.client.xpm_id)
    return replace(write, client=link.ref) if link else write


_TOLERANCE: Final = timedelta(days=1)
_SEEN: Final = "clock.seen"
_UNCONFIRMED: Final = "clock.unconfirmed"


def expire_values(context: SyncContext) -> timedelta | None:
    """Delete the old and new texts that undo no longer needs, by a clock that can be trusted.

    XPM's own time decides where this run has heard it; returns by how much this
    computer's clock is ahead of it, where that is more than a day, and deletes
    nothing then. Without it, a jump of more than a day since the last run must be
    confirmed by a second run.
    """
    ledger, now = context.ledger, context.clock.now()
    heard = context.xpm.as_of if context.settings.xpm.route is XpmRoute.API else None
    if heard is not None and now - heard > _TOLERANCE:
        return now - heard
    seen, unconfirmed = ledger.moment_fact(_SEEN), ledger.fact(_UNCONFIRMED) == "yes"
    jumped = heard is None and seen is not None and now - seen > _TOLERANCE and not unconfirmed
    with ledger.transaction():
        ledger.note(_SEEN, stamp(now))
        ledger.note(_UNCONFIRMED, "yes" if jumped else "no")
    if not jumped:
        purge_values(ledger, context.paths, context.clock, context.settings.history.keep_undo_days)
    return None


def purge_values(ledger: Ledger, paths: ProfilePaths, clock: Clock, days: int) -> int:
    """Delete the old and new texts of writes older than that many days; returns of how many fields.

    The last plan that a guard stopped contains such texts, too, and is deleted with
    them; while another program has it open (Windows) it stays until the next time.
    """
    with suppress(StateUnusable):
        remove_file(paths.stopped_plan)
    return ledger.journal.purge_values(stamp(clock.now() - timedelta(days=days)))
