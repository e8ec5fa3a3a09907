"""Recovery: writes that a killed run or a lost response left unknown are looked up, one by one.

The next run does this first, so that nothing is created twice and nothing is
reported that did not happen.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from xpmsync.core import fingerprint
from xpmsync.core.catalogue import Field, FieldKind, field as catalogue_field
from xpmsync.core.diff.answers import Taken, answer_of, is_cut, taken
from xpmsync.core.enums import System
from xpmsync.core.model import Answer, Client, Contact, Link, agreed_key
from xpmsync.core.plan.plan import CallKind
from xpmsync.core.text import normalise, same
from xpmsync.local.ledger.journal import Write, WriteState, WrittenField
from xpmsync.local.ledger.ledger import Todo
from xpmsync.local.ledger.summary import UNDECIDED
from xpmsync.usecases.context.context import Progress, SyncContext
from xpmsync.usecases.context.resolve import same_name


@dataclass(frozen=True, slots=True)
class Recovered:
    """An unknown write and its outcome; still unknown where a person must decide."""

    write: Write
    state: WriteState


def recover(context: SyncContext, progress: Progress) -> tuple[Recovered, ...]:
    """Look up every write of unknown outcome, close it in the journal and remember what it made equal."""
    recovered: list[Recovered] = []
    for number, write in enumerate(context.ledger.journal.unsettled(), start=1):
        progress.step("Settling interrupted writes", number)
        look_up = _created if write.kind is CallKind.CREATE else _written
        recovered.append(look_up(context, write))
    return tuple(recovered)


def give_up_creation(context: SyncContext, xpm_id: str) -> None:
    """Close the undecided creations of a client: a person decided that none of the clients in Ignition is it."""
    journal = context.ledger.journal
    for write in journal.unsettled():
        if write.kind is CallKind.CREATE and write.client.xpm_id == xpm_id:
            journal.close(write.id, WriteState.FAILED, context.now(), "given-up")


def namesake_ids(context: SyncContext, name: str) -> frozenset[str]:
    """The ids of Ignition's clients of that name."""
    return frozenset(client.id for client in _namesakes(context, name))


def _written(context: SyncContext, write: Write) -> Recovered:
    """An update or a contact: done if the record shows it."""
    record = context.store(write.system).get(write.client.id_in(write.system))
    fits = _contacts(context, record, write)
    if len(fits) > 1:
        return _undecided(context, write, [contact.id for contact in fits])
    contact = fits[0] if fits else None
    values: dict[str, str] = {}
    answers: dict[str, Answer] = {}
    pair: dict[str, str] = {}
    if record is not None and (write.contact is None or contact is not None):
        shown = contact.values if contact else record.values
        xpm_contact = _xpm_contact_id(write, contact)
        for written in write.fields:
            row, key = catalogue_field(written.field), agreed_key(written.field, xpm_contact)
            now = shown.get(written.field, "")
            if written.new is None or _is_untouched(row, written, now):
                continue
            outcome = taken(row, written.new, written.old or "", now)
            if outcome is not Taken.REFUSED:
                values[key] = fingerprint.of_value(row, now)
            if outcome is Taken.RESPELLED or is_cut(written.new, now):
                answers[key] = answer_of(row, write.system, written.new, now, refused=int(is_cut(written.new, now)))
        if contact is not None and xpm_contact and values:
            pair = _pair(write, contact)
    state = WriteState.DONE if values or answers else WriteState.FAILED
    ledger = context.ledger
    with ledger.transaction():
        ledger.journal.close(write.id, state, context.now(), "" if values or answers else "not-carried-out")
        if values or answers:
            ledger.remember(write.client, values=values, contacts=pair, answers=answers, ignition_fingerprint="")
    return Recovered(write, state)


def _is_untouched(row: Field, written: WrittenField, now: str) -> bool:
    """Whether the old value is still there; it may be the new one in another spelling, or the beginning of it."""
    return same(row.kind, written.old or "", now) and not same(row.kind, written.new or "", now)


def _created(context: SyncContext, write: Write) -> Recovered:
    """A new client: the only client of that name and e-mail that was not there before, is not linked, nor refused."""
    ledger = context.ledger
    if ledger.link_of(write.client.xpm_id) is not None:
        ledger.journal.close(write.id, WriteState.DONE, context.now())
        return Recovered(write, WriteState.DONE)
    new = _new_namesakes(context, write)
    fits = [client for client in new if _has_email_of(client, write)]
    if new and (len(fits) != 1 or write.present is None):
        return _undecided(context, write, [client.id for client in new])
    state = WriteState.DONE if fits else WriteState.FAILED
    xpm = context.xpm.get(write.client.xpm_id) if fits else None
    number = xpm.number if xpm else ""
    with ledger.transaction():
        if fits:
            link = Link(write.client.xpm_id, fits[0].id, write.client.name, context.now())
            ledger.add_link(link)
            ledger.todo.add(Todo(link.xpm_id, link.name, number, link.since))
        ignition_id, problem = (fits[0].id, "") if fits else ("", "not-carried-out")
        ledger.journal.close(write.id, state, context.now(), problem, ignition_id=ignition_id)
    return Recovered(write, state)


def _undecided(context: SyncContext, write: Write, fitting: Sequence[str]) -> Recovered:
    context.ledger.journal.close(write.id, WriteState.UNKNOWN, context.now(), UNDECIDED, fitting=fitting)
    return Recovered(write, WriteState.UNKNOWN)


def _namesakes(context: SyncContext, name: str) -> list[Client]:
    return [client for client in context.ignition.search(name) if same_name(client.name, name)]


def _new_namesakes(context: SyncContext, write: Write) -> list[Client]:
    """The namesakes that the write may have created: not there before, not linked, and not refused by a person."""
    ledger, present = context.ledger, write.present or frozenset()
    refused = ledger.distinct_pairs()
    return [
        client
        for client in _namesakes(context, write.client.name)
        if client.id not in present
        and ledger.link_of(client.id) is None
        and (write.client.xpm_id, client.id) not in refused
    ]


def _has_email_of(client: Client, write: Write) -> bool:
    emails = {
        normalise(FieldKind.EMAIL, written.new)
        for written in write.fields
        if written.field.startswith("contact.email#") and written.new
    }
    return bool(emails & {normalise(FieldKind.EMAIL, contact.email) for contact in client.contacts})


def _contacts(context: SyncContext, record: Client | None, write: Write) -> Sequence[Contact]:
    """The contact that was written: by id; a new one by name and e-mail, unless it was there before or is paired."""
    if record is None or write.contact is None:
        return ()
    if known := write.contact.id_in(write.system):
        contact = record.contact(known)
        return (contact,) if contact else ()
    paired = set(write.present or ())
    for xpm_id, ignition_id in context.ledger.agreed(write.client.xpm_id).contacts.items():
        if xpm_id != write.contact.xpm_id and ignition_id != write.contact.ignition_id:
            paired.add(xpm_id if write.system is System.XPM else ignition_id)
    texts = {written.field: written.new or "" for written in write.fields}
    return [
        contact
        for contact in record.contacts
        if contact.id not in paired
        and taken(catalogue_field("contact.name"), texts.get("contact.name", ""), "", contact.name) is not Taken.REFUSED
        and same(FieldKind.EMAIL, texts.get("contact.email", ""), contact.email)
    ]


def _xpm_contact_id(write: Write, contact: Contact | None) -> str:
    if write.contact is None:
        return ""
    return write.contact.xpm_id or (contact.id if contact and write.system is System.XPM else "")


def _pair(write: Write, contact: Contact) -> dict[str, str]:
    """XPM's and Ignition's id of the contact that was written, empty where one of them is not known."""
    ref = write.contact
    if ref is None:
        return {}
    pair = (ref.xpm_id, contact.id) if write.system is System.IGNITION else (contact.id, ref.ignition_id)
    return dict([pair]) if all(pair) else {}
