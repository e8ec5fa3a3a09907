"""A pilot: one change of one client, chosen by a person, that proves what XPM's import does in this practice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from xpmsync.core.catalogue import names
from xpmsync.core.enums import Direction
from xpmsync.core.model import Link
from xpmsync.core.plan.plan import Change, ChangeKind, HoldCode, Plan
from xpmsync.errors import UsageError
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.settings.settings import Settings
from xpmsync.local.system.clock import Clock
from xpmsync.local.system.paths import ProfilePaths
from xpmsync.usecases.context.context import Progress, SyncContext
from xpmsync.usecases.context.resolve import resolve_link
from xpmsync.usecases.sync.apply import Applied, apply
from xpmsync.usecases.sync.preview import Preview, preview
from xpmsync.xpm.files.check import WRITABLE
from xpmsync.xpm.files.proof import Pilot, WriteKind, WriteProof, kind_of
from xpmsync.xpm.files.store import FilesContext, XpmFilesStore, open_store
from xpmsync.xpm.files.writing import PilotRequest, XpmFileWriter

__all__ = ["NEW_CONTACT", "PilotChange", "ProofReport", "choose_pilot", "pilot_candidates", "proofs_now", "write_pilot"]

NEW_CONTACT = "contact"
"""The word for a new contact, where a field is named."""


@dataclass(frozen=True, slots=True)
class PilotChange:
    """The change that a pilot would make, and what is known of such writes so far."""

    link: Link
    kind: WriteKind
    change: Change
    before: WriteProof
    plan: Plan
    xpm_calls: int


@dataclass(frozen=True, slots=True)
class ProofReport:
    """What is proven of each kind of write, by the exports of now, and the pilot that waits."""

    proofs: Mapping[WriteKind, WriteProof]
    pilot: Pilot | None


def choose_pilot(context: SyncContext, client: str, field: str, contact: str, progress: Progress) -> PilotChange:
    """Find the change of that field that a sync to XPM would make.

    Raises `UsageError` where there is none, or several; `ClientNotFound`, and whatever a preview raises.
    """
    writer = _writer(context)
    if field != NEW_CONTACT and field not in names():
        raise UsageError(f"There is no field {field!r}.", f"The fields are: {', '.join(names())}, {NEW_CONTACT}.")
    kind = kind_of(field, "")
    link = resolve_link(context.ledger.links(), client, (context.xpm, context.ignition))
    writer.judge_pilot()
    before = writer.proof_of(kind)
    writer.allow_pilots(kind)
    shown = preview(context, progress, clients=[link.xpm_id])
    fitting = [change for change in shown.plan.changes if change.field == field and _is_of(change, contact)]
    if not fitting:
        raise _nothing_to_try(shown.plan, link, field)
    if len(fitting) > 1:
        listed = ", ".join(change.contact.name for change in fitting if change.contact)
        raise UsageError(f"{link.name} has several contacts with a change of {field}: {listed}.", "Choose: --contact")
    return PilotChange(link, kind, fitting[0], before, shown.plan, shown.xpm_calls)


def pilot_candidates(context: SyncContext, progress: Progress) -> tuple[Change, ...]:
    """The changes that can be tried out, names aside; those with letters beyond ASCII come first.

    Raises what `choose_pilot` raises.
    """
    writer = _writer(context)
    writer.judge_pilot()
    writer.allow_pilots(WriteKind.CLIENT_FIELD, WriteKind.CONTACT_FIELD, WriteKind.NEW_CONTACT)
    changes = preview(context, progress).plan.changes
    return tuple(sorted(changes, key=lambda change: (change.client.name + change.new).isascii()))


def write_pilot(context: SyncContext, pilot: PilotChange, progress: Progress) -> Applied:
    """Write the pilot's file, and remember how everything is before its upload. What waits stays as it is."""
    change = pilot.change
    contact_id = change.contact.xpm_id if change.contact is not None and change.kind is ChangeKind.FIELD else ""
    values = change.values if change.kind is ChangeKind.CONTACT else {change.field: change.new}
    _writer(context).try_out(
        PilotRequest(pilot.kind, pilot.link.xpm_id, contact_id, change.client.name, change.field, values)
    )
    plan = replace(pilot.plan, changes=(change,), holds=())
    return apply(context, Preview.of_plan(plan, pilot.xpm_calls), progress, command="xpm pilot")


def proofs_now(settings: Settings, paths: ProfilePaths, ledger: Ledger, clock: Clock) -> ProofReport:
    """What is proven by the newest exports, a pilot that they show judged.

    Raises what opening the exports raises.
    """
    with open_store(FilesContext(settings, paths, clock, ledger, ledger.names())) as store:
        store.connect()
        store.writer.judge_pilot()
        return ProofReport({kind: store.writer.proof_of(kind) for kind in WriteKind}, store.writer.pilot)


def _writer(context: SyncContext) -> XpmFileWriter:
    if not isinstance(context.xpm, XpmFilesStore):
        raise UsageError("Only writes by file need a pilot: this practice reaches XPM by its API.")
    if context.settings.sync.direction is not Direction.TO_XPM:
        raise UsageError(
            "Data flows from XPM to Ignition in this practice, so nothing is written to XPM.",
            "If Ignition is to be the source of truth, set sync.direction to to-xpm.",
        )
    return context.xpm.writer


def _is_of(change: Change, contact: str) -> bool:
    """Whether the change is of the contact that was named, by id or name; of any where none is."""
    who = change.contact
    if not contact:
        return True
    return who is not None and contact.casefold() in (who.name.casefold(), who.xpm_id, who.ignition_id)


def _nothing_to_try(plan: Plan, link: Link, field: str) -> UsageError:
    """Why the field of that client cannot be tried out, and which of its fields can."""
    hold = next((hold for hold in plan.holds if hold.field in (field, "client")), None)
    reason = hold.reason if hold is not None else f"Both systems show the same {field}."
    if hold is not None and hold.code is HoldCode.SHARED_CONTACT:
        reason = "It is of a contact of several clients; choose a contact of one client."
    differing = list(dict.fromkeys(_differing(plan)))
    hint = (
        f"Fields of it that can: {', '.join(differing)}."
        if differing
        else "Choose a client that differs; see: xpmsync diff"
    )
    return UsageError(f"{field} of {link.name} cannot be a pilot: {reason}", hint)


def _differing(plan: Plan) -> Iterator[str]:
    """Fields that a pilot can try out: what would be written, or is held because nothing proves it yet."""
    yield from (change.field for change in plan.changes)
    yield from (hold.field for hold in plan.holds if hold.code is HoldCode.ROUTE_CANNOT and hold.field in WRITABLE)
