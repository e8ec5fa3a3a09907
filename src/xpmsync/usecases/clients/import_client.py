"""Import: create one XPM client in Ignition, after searching for it there.

Works at every level and in both directions. Nothing else ever creates a client,
and none is ever created in XPM.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from xpmsync.core import fingerprint
from xpmsync.core.catalogue import CLIENT_FIELDS, field as catalogue_field
from xpmsync.core.diff.contacts import pair_contacts
from xpmsync.core.diff.diff import describe_contact, left_out, new_contact_values, unreadable_hold
from xpmsync.core.diff.rules import Rules, field_hold
from xpmsync.core.enums import ClientState, Direction, Level, System
from xpmsync.core.match import Counterparts, find_counterparts
from xpmsync.core.match.verdict import Verdict
from xpmsync.core.model import Client, ClientRef, Contact, Link, agreed_key
from xpmsync.core.plan.hold_codes import HoldCode
from xpmsync.core.plan.plan import Change, ChangeKind, ContactRef, Forecast, Hold, Plan, Why
from xpmsync.core.ports.deferred import NOTHING_PENDING, PendingClient, PendingUploads
from xpmsync.core.text import same, single_email, to_write, visible
from xpmsync.errors import ClientNotFound, ImportRefused, LinkConflict, WriteUndecided, XpmsyncError
from xpmsync.local.ledger.journal import WriteState
from xpmsync.local.ledger.ledger import Todo
from xpmsync.local.ledger.summary import PENDING_UPLOAD, RunOutcome
from xpmsync.usecases.context.context import (
    Progress,
    SyncContext,
    add_confirmed,
    confirmed,
    finish,
    is_filtered,
    waiting,
)
from xpmsync.usecases.context.resolve import resolve_client
from xpmsync.usecases.sync.guard import require_practice
from xpmsync.usecases.sync.read_systems import complete_all
from xpmsync.usecases.sync.recover import give_up_creation, namesake_ids
from xpmsync.usecases.sync.writer import may_have_arrived, stopping_run


@dataclass(frozen=True, slots=True)
class ImportCandidate:
    """An Ignition client that may be the one to be imported, and why; `linked_to` is the XPM id of its link, if any."""

    client: Client
    verdict: Verdict
    linked_to: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What importing a client would do.

    `link` is given when the client is linked already, `waiting` when its creation is a
    pending upload; then there is nothing to do. `known` is the candidate that has the
    XPM client's own number, which identifies it. `undecided` is a former creation
    of unknown outcome: creating another one gives it up. `relatives` are clients of
    Ignition that are only other members of the same family. `own_email` is the client's
    own address, where a contact is created with it.
    """

    client: Client
    plan: Plan
    candidates: tuple[ImportCandidate, ...] = ()
    link: Link | None = None
    waiting: PendingClient | None = None
    known: ImportCandidate | None = None
    undecided: WriteUndecided | None = None
    relatives: tuple[Client, ...] = ()
    own_email: str = ""

    @property
    def ref(self) -> ClientRef:
        """The XPM client as plans and errors name it."""
        return _ref(self.client)


@dataclass(frozen=True, slots=True)
class Imported:
    """The link that was made; `created` if Ignition's record is new.

    Where creating takes effect later there is no link yet, and `pending_uploads` is
    what a person does next.
    """

    link: Link | None
    created: bool
    ignition: Client
    pending_uploads: PendingUploads = NOTHING_PENDING


def propose(
    context: SyncContext,
    wanted: str,
    progress: Progress,
    ignition: Sequence[Client] | None = None,
    *,
    use_client_email: bool = False,
) -> Proposal:
    """Look up an XPM client as `resolve_client` does, search for it in Ignition, and plan its creation.

    `ignition` are all clients of Ignition, None where they are still to be read;
    `use_client_email` takes the client's own e-mail where no contact has one.
    Raises `ClientNotFound`, `SeveralClients`, and `ImportRefused` for a client that
    is archived or deleted, or has no contact with a name and an e-mail.
    """
    progress.step("Looking up the client in XPM", 0)
    client = resolve_client(context.xpm, wanted)
    context.connect()
    rules = _rules(context)
    add_confirmed(context, confirmed(context))
    present = context.ledger.link_of(client.id)
    if present is not None:
        return Proposal(client, _plan((), (), context), link=present)
    pending = next((upload for upload in waiting(context).clients if upload.xpm_id == client.id), None)
    if pending is not None:
        return Proposal(client, _plan((), (), context), waiting=pending)
    if client.state is not ClientState.ACTIVE:
        raise ImportRefused(client.state.value, _ref(client))
    own = _with_own_email(client)
    change, holds = _creation(own if own and use_client_email else client, rules)
    progress.step("Looking for it in Ignition", 0)
    pool = context.ignition.read() if ignition is None else ignition
    likely, relatives = _candidates(context, client, pool, progress)
    if change is None and not likely:
        raise _refusal(_ref(client), holds, own_email=own is not None and not use_client_email)
    changes = (change,) if change is not None else ()
    former = next((write for write in context.ledger.runs.undecided() if write.client.xpm_id == client.id), None)
    own_email = single_email(client.email) if own and use_client_email else ""
    plan, known = _plan(changes, holds, context), _known(client, likely)
    return Proposal(client, plan, likely, known=known, undecided=former, relatives=relatives, own_email=own_email)


def create(context: SyncContext, proposal: Proposal) -> Imported:
    """Create the proposed client in Ignition and link it; the intent is journalled before the call.

    Raises `LinkConflict` where another run has linked the client meanwhile.
    """
    require_practice(context)
    if (meanwhile := context.ledger.link_of(proposal.client.id)) is not None:
        raise LinkConflict(proposal.client.id, "", meanwhile.ignition_id)
    if not proposal.plan.changes:
        raise _refusal(proposal.ref, proposal.plan.holds, own_email=False)
    if is_filtered(context):
        raise ImportRefused("filtered", proposal.ref)
    (call,) = proposal.plan.calls()
    journal, plan = context.ledger.journal, proposal.plan
    # Recovery after a kill must not take one of these for the client that is created now.
    present = {candidate.client.id for candidate in proposal.candidates} | namesake_ids(context, call.client.name)
    run = journal.begin("import", Direction.FROM_XPM, Level.EVERYTHING, context.now())
    give_up_creation(context, proposal.client.id)
    entry = journal.intend(run, call, System.IGNITION, context.now(), present=present)
    try:
        made = context.ignition.create(
            call.values, call.contacts, xpm_id=proposal.client.id, xpm_number=proposal.client.number
        )
        pending_uploads = finish(context, ())
    except XpmsyncError as problem:
        state = WriteState.UNKNOWN if may_have_arrived(problem) else WriteState.FAILED
        with stopping_run(lambda: 0):
            journal.close(entry, state, context.now(), problem.code)
            journal.end(run, RunOutcome.STOPPED, plan.counts, context.now())
        raise
    with stopping_run(lambda: 1), context.ledger.transaction():
        link = keep_created(context, proposal, made, entry)
        journal.end(run, RunOutcome.DONE, plan.counts, context.now())
    return Imported(link, created=True, ignition=made, pending_uploads=pending_uploads)


def keep_created(context: SyncContext, proposal: Proposal, made: Client, entry: int) -> Link | None:
    """Within a transaction, link the client that was created and close its journal entry.

    None where its creation is a pending upload.
    """
    ledger = context.ledger
    link = _link(context, proposal.client, made) if made.id else None
    if link is not None:
        (call,) = proposal.plan.calls()
        values, contacts = _agreed(proposal.client, made, call.values)
        ledger.add_link(link)
        ledger.remember(link.ref, values=values, contacts=contacts, holds=proposal.plan.holds)
    ledger.todo.add(_todo(proposal.client, context.now()))
    problem = "" if link else PENDING_UPLOAD
    ledger.journal.close(entry, WriteState.DONE, context.now(), problem, ignition_id=made.id)
    return link


def link_to(context: SyncContext, proposal: Proposal, ignition_id: str) -> Imported:
    """Link the XPM client to one that Ignition has already, instead of creating it."""
    ignition = context.ignition.get(ignition_id)
    if ignition is None:
        raise ClientNotFound(ignition_id, System.IGNITION)
    require_practice(context)
    link = replace(_link(context, proposal.client, ignition), ignition_fingerprint="")
    context.ledger.add_link(link)
    return Imported(link, created=False, ignition=ignition)


def _link(context: SyncContext, xpm: Client, ignition: Client) -> Link:
    shown = fingerprint.of_record(ignition)
    return Link(xpm.id, ignition.id, xpm.name, context.now(), shown, xpm_number=xpm.number)


def _ref(client: Client) -> ClientRef:
    """The XPM client as an error or a plan names it before it is linked."""
    return ClientRef(client.id, "", client.name)


def _todo(client: Client, now: str) -> Todo:
    return Todo(client.id, client.name, client.number, now)


def _known(client: Client, candidates: Sequence[ImportCandidate]) -> ImportCandidate | None:
    """The one candidate that has the XPM client's number, if it is not linked to another."""
    fits = [likely for likely in candidates if client.number and likely.client.xpm_number.strip() == client.number]
    return fits[0] if len(fits) == 1 and not fits[0].linked_to else None


def _rules(context: SyncContext) -> Rules:
    return Rules(Direction.FROM_XPM, Level.EVERYTHING, context.xpm.capabilities, context.ignition.capabilities)


def _plan(changes: tuple[Change, ...], holds: Sequence[Hold], context: SyncContext) -> Plan:
    sync = context.settings.sync
    return Plan(sync.direction, sync.level, changes, tuple(holds), 1, 0, Forecast(context.xpm.calls_made, len(changes)))


def _creation(client: Client, rules: Rules) -> tuple[Change | None, list[Hold]]:
    """The record to create, None where no contact is fit for it, and a hold for each value that is left out."""
    ref = _ref(client)
    if rules.target.blocked:
        raise ImportRefused("bad-export", ref, detail=rules.target.blocked)
    unreadable = unreadable_hold(ref, client)
    holds: list[Hold] = [unreadable] if unreadable else []
    values: dict[str, str] = {}
    for row in CLIENT_FIELDS:
        text = to_write(row.kind, client.values.get(row.name, ""))
        if row.name in client.unreadable or not text:
            continue
        held = field_hold(row, text, rules)
        if held is None:
            values[row.name] = text
        elif held.code is not None:
            holds.append(Hold(ref, row.name, held.code, held.reason))
    if "name" not in values:
        raise ImportRefused("name-unfit", ref)
    contacts = _contacts(client, ref, rules, holds)
    if not contacts:
        return None, holds
    new = f"{client.name}, with {describe_contact(contacts[0])}"
    if rules.target.check is not None and (reason := rules.target.check.create(values, contacts)):
        return None, [*holds, Hold(ref, "client", HoldCode.ROUTE_CANNOT, reason)]
    change = Change(ref, ChangeKind.RECORD, "client", "", new, Why.FIRST_SYNC, values=values, contacts=tuple(contacts))
    return change, holds


def _refusal(ref: ClientRef, holds: Sequence[Hold], *, own_email: bool) -> ImportRefused:
    """Why there is nothing to create; `own_email`: the client's own address would do."""
    by_route = next(
        (hold.reason for hold in holds if hold.code is HoldCode.ROUTE_CANNOT and hold.field == "client"), ""
    )
    if by_route:
        return ImportRefused("route-cannot", ref, detail=by_route)
    return ImportRefused("own-email" if own_email else "needs-email", ref)


def _with_own_email(client: Client) -> Client | None:
    """The client with its own e-mail at its primary contact, or at one named after it; None where none is needed."""
    address = single_email(client.email)
    if not address or any(single_email(contact.email) for contact in client.contacts):
        return None
    named = sorted((one for one in client.contacts if visible(one.name)), key=lambda one: not one.is_primary)
    if not named:
        new = Contact("", {"contact.name": client.name, "contact.email": address})
        return replace(client, contacts=(*client.contacts, new))
    chosen = Contact(named[0].id, {**named[0].values, "contact.email": address})
    contacts = tuple(chosen if contact is named[0] else contact for contact in client.contacts)
    return replace(client, contacts=contacts)


def _contacts(client: Client, ref: ClientRef, rules: Rules, holds: list[Hold]) -> list[Mapping[str, str]]:
    """The contacts to create, the primary one first; holds for those without name or e-mail."""
    fit: list[Contact] = []
    for contact in client.contacts:
        who = ContactRef(contact.name, contact.id, "")
        if not visible(contact.name):
            holds.append(Hold(ref, "contact", HoldCode.NEEDS_NAME, "The contact has no name in XPM.", who))
        elif rules.target.contact_needs_email and not single_email(contact.email):
            reason = "Ignition needs one single e-mail address for a contact; correct it in XPM."
            holds.append(Hold(ref, "contact", HoldCode.NEEDS_EMAIL, reason, who))
        elif unfit := _unfit(contact, ref, who, rules):
            holds.append(unfit)
        elif any(_is_same_person(contact, other) for other in fit):
            reason = "The same contact is in XPM twice; it is created once. Remove one of them in XPM."
            holds.append(Hold(ref, "contact", HoldCode.DUPLICATE_CONTACT, reason, who))
        else:
            fit.append(contact)
            holds += left_out(ref, who, contact, rules)
    fit.sort(key=lambda contact: not contact.is_primary)
    return [new_contact_values(contact, primary=not place, rules=rules) for place, contact in enumerate(fit)]


def _is_same_person(contact: Contact, other: Contact) -> bool:
    """Whether two contacts have the same name and e-mail, so that Ignition could not distinguish them."""
    return all(
        same(catalogue_field(name).kind, contact.values.get(name, ""), other.values.get(name, ""))
        for name in ("contact.name", "contact.email")
    )


def _unfit(contact: Contact, ref: ClientRef, who: ContactRef, rules: Rules) -> Hold | None:
    """Hold a contact whose name or e-mail may not be written, without which there is no contact."""
    for name, text in (("contact.name", contact.name), ("contact.email", contact.email)):
        held = field_hold(catalogue_field(name), text, rules) if text else None
        if held is not None and held.code is not None:
            return Hold(ref, "contact", held.code, held.reason, who)
    return None


def _candidates(
    context: SyncContext, client: Client, ignition: Iterable[Client], progress: Progress
) -> tuple[tuple[ImportCandidate, ...], tuple[Client, ...]]:
    """The clients of Ignition that can be this one, and the other members of its family."""
    found = _counterparts(context, client, ignition, progress)
    candidates: list[ImportCandidate] = []
    for candidate in found.candidates:
        link = context.ledger.link_of(candidate.client.id)
        candidates.append(ImportCandidate(candidate.client, candidate.verdict, link.xpm_id if link else ""))
    return tuple(candidates), found.relatives


def _counterparts(context: SyncContext, client: Client, ignition: Iterable[Client], progress: Progress) -> Counterparts:
    """Weigh the client against Ignition's; of a list that has only names, those that may be meant are looked up."""
    pool = {other.id: other for other in ignition}
    weighed = client.for_matching()
    found = find_counterparts(weighed, pool.values())
    if all(other.complete for other in pool.values()):
        return found
    emails = dict.fromkeys(email for contact in client.contacts if (email := contact.email.strip()))
    same_email = [hit.id for email in emails for hit in context.ignition.search(email)]
    ids = [
        *(candidate.client.id for candidate in found.candidates),
        *(each.id for each in found.relatives),
        *same_email,
    ]
    return find_counterparts(weighed, complete_all(context.ignition, pool, ids, progress).values())


def _agreed(xpm: Client, ignition: Client, written: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """What both sides show in common after the creation, contacts included."""
    values = {name: fingerprint.of_value(catalogue_field(name), ignition.values.get(name, "")) for name in written}
    contacts: dict[str, str] = {}
    for ours, created in pair_contacts(xpm.contacts, ignition.contacts, {}).pairs:
        contacts[ours.id] = created.id
        for name, text in ours.values.items():
            if name != "contact.primary" and created.values.get(name, "") == text:
                values[agreed_key(name, ours.id)] = fingerprint.of_value(catalogue_field(name), text)
    return values, contacts
