"""Recovery: writes that a killed run or a lost response left unknown are looked up, one by one.

The next run does this first, so that nothing is created twice and nothing is
reported that did not happen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xpmsync.core import fingerprint
from xpmsync.core.catalogue import FieldKind
from xpmsync.core.catalogue import field as catalogue_field
from xpmsync.core.enums import System
from xpmsync.core.model import Client, Contact, Link, agreed_key
from xpmsync.core.plan.plan import CallKind
from xpmsync.core.text import normalise, same
from xpmsync.local.ledger.journal import Write, WriteState
from xpmsync.local.ledger.ledger import Todo
from xpmsync.usecases.context.context import Progress, SyncContext
from xpmsync.usecases.context.resolve import same_name

__all__ = ["Recovered", "recover"]


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


def _written(context: SyncContext, write: Write) -> Recovered:
    """An update or a contact: done if the record shows it."""
    record = context.store(write.system).get(write.client.id_in(write.system))
    contact = _contact(record, write)
    values: dict[str, str] = {}
    pair: dict[str, str] = {}
    if record is not None and (write.contact is None or contact is not None):
        shown = contact.values if contact else record.values
        xpm_contact = _xpm_contact_id(write, contact)
        for written in write.fields:
            row = catalogue_field(written.field)
            now = shown.get(written.field, "")
            if written.new is not None and same(row.kind, written.new, now):
                values[agreed_key(written.field, xpm_contact)] = fingerprint.of_value(row, now)
        if contact is not None and xpm_contact and values:
            pair = _pair(write, contact)
    state = WriteState.DONE if values else WriteState.FAILED
    ledger = context.ledger
    with ledger.transaction():
        ledger.journal.close(write.id, state, context.now(), "" if values else "not-carried-out")
        if values and ledger.link_of(write.client.xpm_id) is not None:
            ledger.remember(write.client, values=values, contacts=pair, ignition_fingerprint="")
    return Recovered(write, state)


def _created(context: SyncContext, write: Write) -> Recovered:
    """A new client: the one of that name with a contact of that e-mail, if exactly one is not linked yet."""
    ledger = context.ledger
    if ledger.link_of(write.client.xpm_id) is not None:
        ledger.journal.close(write.id, WriteState.DONE, context.now())
        return Recovered(write, WriteState.DONE)
    fits = _fitting(context, write)
    if len(fits) > 1:
        ledger.journal.close(write.id, WriteState.UNKNOWN, context.now(), "several-fit")
        return Recovered(write, WriteState.UNKNOWN)
    state = WriteState.DONE if fits else WriteState.FAILED
    xpm = context.xpm.get(write.client.xpm_id) if fits else None
    number = xpm.number if xpm else ""
    with ledger.transaction():
        if fits:
            link = Link(write.client.xpm_id, fits[0].id, write.client.name, context.now())
            ledger.add_link(link)
            ledger.todo.add(Todo(link.xpm_id, link.name, number, link.since))
        there = fits[0].id if fits else ""
        ledger.journal.close(write.id, state, context.now(), "" if fits else "not-carried-out", ignition_id=there)
    return Recovered(write, state)


def _fitting(context: SyncContext, write: Write) -> Sequence[Client]:
    emails = {
        normalise(FieldKind.EMAIL, one.new)
        for one in write.fields
        if one.field.startswith("contact.email#") and one.new
    }
    return [
        client
        for client in context.ignition.search(write.client.name)
        if same_name(client.name, write.client.name)
        and emails & {normalise(FieldKind.EMAIL, contact.email) for contact in client.contacts}
        and context.ledger.link_of(client.id) is None
    ]


def _contact(record: Client | None, write: Write) -> Contact | None:
    """The contact that was written: by id, a new one by name and e-mail."""
    if record is None or write.contact is None:
        return None
    if known := write.contact.id_in(write.system):
        return record.contact(known)
    texts = {written.field: written.new or "" for written in write.fields}
    fits = [
        contact
        for contact in record.contacts
        if same(FieldKind.TEXT, texts.get("contact.name", ""), contact.name)
        and same(FieldKind.EMAIL, texts.get("contact.email", ""), contact.email)
    ]
    return fits[-1] if fits else None


def _xpm_contact_id(write: Write, contact: Contact | None) -> str:
    if write.contact is None:
        return ""
    return write.contact.xpm_id or (contact.id if contact and write.system is System.XPM else "")


def _pair(write: Write, contact: Contact) -> dict[str, str]:
    there = write.contact
    if there is None:
        return {}
    if write.system is System.IGNITION:
        return {there.xpm_id: contact.id} if there.xpm_id else {}
    return {contact.id: there.ignition_id} if there.ignition_id else {}
