"""Saves a plan in a file and reads it again: what was shown is what gets applied.

A file names the practice, the settings it was made with and a fingerprint of each
record it would change. It is sealed with a key from the ledger, so that neither an
edited file nor one of another practice can be applied.
"""

import hmac
import json
import secrets
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Final

from xpmsync.core.catalogue import field as catalogue_field, flows
from xpmsync.core.diff.filters import WHOLE_CLIENT, Exceptions
from xpmsync.core.enums import Direction, Json, Level, System
from xpmsync.core.plan.hold_codes import HoldCode
from xpmsync.core.plan.json import NotAPlan, plan_data, plan_of
from xpmsync.core.plan.plan import Change, ChangeKind, Hold, Plan, Why
from xpmsync.errors import PlanRefused
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.system.files import write_private
from xpmsync.usecases.context.context import Progress, SyncContext
from xpmsync.usecases.sync.preview import Preview, fingerprint_of
from xpmsync.usecases.sync.read_systems import read_pairs, settings_hash

_PLAN_FORMAT: Final = 1
_LARGEST: Final = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """A plan from a file. `fingerprints` and `contacts` are those of `Preview`, by XPM id."""

    path: Path
    made: str
    practice: str
    shape: str
    plan: Plan
    fingerprints: Mapping[str, tuple[str, str]]
    contacts: Mapping[str, tuple[str, ...]]
    sealed: bool


def save_plan(
    context: SyncContext, preview: Preview, path: Path, write: Callable[[Path, str], None] = write_private
) -> None:
    """Write the plan to a file only this user can read; raises what `write` does."""
    content: dict[str, Json] = {
        "xpmsync_plan": _PLAN_FORMAT,
        "made": context.now(),
        "practice": _practice_name(context),
        "shape": settings_hash(context.settings),
        "plan": plan_data(preview.plan),
        "records": {xpm_id: list(fingerprints) for xpm_id, fingerprints in preview.fingerprints.items()},
    }
    content["contacts"] = {xpm_id: list(ids) for xpm_id, ids in preview.contacts.items()}
    content["seal"] = _seal(context.ledger, content)
    write(path, json.dumps(content, ensure_ascii=False, indent=1) + "\n")


def open_plan(path: Path, ledger: Ledger) -> SavedPlan:
    """Read a plan file, sealed or not; raises `PlanRefused` for anything else, or a newer version."""
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST + 1)
        content: object = json.loads(raw) if len(raw) <= _LARGEST else None
    except FileNotFoundError as problem:
        raise PlanRefused(path, "missing") from problem
    except (OSError, ValueError, RecursionError) as problem:
        raise PlanRefused(path, "not-a-plan") from problem
    if not isinstance(content, dict) or not isinstance(content.get("xpmsync_plan"), int):
        raise PlanRefused(path, "not-a-plan")
    if content["xpmsync_plan"] > _PLAN_FORMAT:
        raise PlanRefused(path, "newer", str(content["xpmsync_plan"]))
    seal = content.pop("seal", None)
    try:
        plan = plan_of(_table(content, "plan"))
        fingerprints = {xpm_id: _prints(pair) for xpm_id, pair in _table(content, "records").items()}
        contacts = {xpm_id: _texts(ids, "contacts") for xpm_id, ids in _table(content, "contacts", {}).items()}
    except NotAPlan as problem:
        raise PlanRefused(path, "not-a-plan", str(problem)) from problem
    sealed = isinstance(seal, str) and seal.isascii() and hmac.compare_digest(seal, _seal(ledger, content))
    texts = {name: str(content.get(name, "")) for name in ("made", "practice", "shape")}
    return SavedPlan(path, texts["made"], texts["practice"], texts["shape"], plan, fingerprints, contacts, sealed)


def revalidate(context: SyncContext, saved: SavedPlan, progress: Progress) -> Preview:
    """Turn a saved plan into one to be applied now: clients that changed since are held as `stale`.

    Raises `PlanRefused` for another practice, other settings, or an altered file.
    """
    if saved.practice != _practice_name(context):
        raise PlanRefused(saved.path, "other-practice", saved.practice)
    if not saved.sealed:
        raise PlanRefused(saved.path, "tampered")
    if saved.shape != settings_hash(context.settings):
        raise PlanRefused(saved.path, "other-settings")
    before = context.calls_made()
    context.connect()
    plan = drop_stale(context, saved.plan, saved.fingerprints, progress)
    calls = context.xpm.calls_made - before[System.XPM]
    preview = Preview.of_plan(replace(plan, forecast=context.forecast(plan, before)), calls)
    return replace(preview, contacts=saved.contacts)


def drop_stale(
    context: SyncContext, plan: Plan, fingerprints: Mapping[str, tuple[str, str]], progress: Progress
) -> Plan:
    """The plan without clients whose records, link or own level changed since it was made.

    They are held as `stale`. `fingerprints` are those of XPM's and Ignition's record at that time, by XPM id.
    """
    plan = drop_unlinked(context, plan)
    current = read_pairs(context, dict.fromkeys(change.client for change in plan.changes), progress)
    reason = "The client changed in XPM or Ignition since the plan was made; make a new plan for it."

    def is_unchanged(change: Change) -> bool:
        now = current[change.client.xpm_id]
        return fingerprints.get(change.client.xpm_id) == (fingerprint_of(now.xpm), fingerprint_of(now.ignition))

    return _without(plan, is_unchanged, reason)


def drop_unlinked(context: SyncContext, plan: Plan) -> Plan:
    """The plan without changes to clients whose link, own level or exceptions do not allow them any more."""
    links = {link.xpm_id: link for link in context.ledger.links()}
    exceptions = context.ledger.exceptions.by_client()
    shared = _excepted_contacts(context, exceptions) if plan.direction is Direction.TO_XPM else frozenset()

    def allowed(change: Change) -> bool:
        if change.kind is ChangeKind.RECORD or change.why is Why.UNDO:
            return True  # An undo goes to the record that the run wrote: a wrong link is unlinked first, then undone.
        link = links.get(change.client.xpm_id)
        if link is None or link.ignition_id != change.client.ignition_id:
            return False
        if {WHOLE_CLIENT, change.field} & exceptions.get(link.xpm_id, {}).keys():
            return False
        if change.contact and {(change.contact.xpm_id, name) for name in (WHOLE_CLIENT, change.field)} & shared:
            return False
        level = link.level or plan.level
        if change.kind is ChangeKind.CONTACT:
            return level is Level.EVERYTHING
        return flows(catalogue_field(change.field), plan.direction, level) is None

    return _without(
        plan,
        allowed,
        "Its link, its own level or an exception changed since the plan was made; make a new plan for it.",
    )


def _excepted_contacts(context: SyncContext, exceptions: Exceptions) -> Set[tuple[str, str]]:
    """XPM contacts of clients with an exception, with its field: left alone at whichever other client they are."""
    return {
        (contact_id, field)
        for xpm_id, notes in exceptions.items()
        for contact_id in context.ledger.agreed(xpm_id).contacts
        for field in notes
    }


def _without(plan: Plan, keep: Callable[[Change], bool], reason: str) -> Plan:
    dropped = dict.fromkeys(change.client for change in plan.changes if not keep(change))
    stale = (Hold(client, "client", HoldCode.STALE, reason) for client in dropped)
    changes = tuple(change for change in plan.changes if change.client not in dropped)
    return replace(plan, changes=changes, holds=(*plan.holds, *stale)) if dropped else plan


def _practice_name(context: SyncContext) -> str:
    settings = context.settings
    return f"{settings.profile}/{settings.xpm.tenant_id}/{settings.ignition.route.value}"


def _seal(ledger: Ledger, content: Mapping[str, object]) -> str:
    key = ledger.fact("plan_key")
    if key is None:
        key = secrets.token_hex(32)
        ledger.note("plan_key", key)
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.new(bytes.fromhex(key), text.encode("utf-8", "surrogatepass"), sha256).hexdigest()


def _table(
    content: Mapping[str, object], name: str, default: Mapping[str, object] | None = None
) -> Mapping[str, object]:
    value = content.get(name, default)
    if not isinstance(value, dict):
        raise NotAPlan(f"{name} is missing or no object")
    return value


def _prints(pair: object) -> tuple[str, str]:
    texts = _texts(pair, "records")
    if len(texts) != 2:
        raise NotAPlan("records holds something else than pairs of fingerprints")
    return texts[0], texts[1]


def _texts(value: object, name: str) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(text, str) for text in value):
        return tuple(value)
    raise NotAPlan(f"{name} holds something else than lists of texts")
