"""Explain: the life of a client, or of one of its fields, over all runs."""

from dataclasses import dataclass

from xpmsync.core.catalogue import field as catalogue_field, names
from xpmsync.core.fingerprint import of_value
from xpmsync.core.model import Agreed, Link, agreed_key
from xpmsync.core.plan.plan import Change, ChangeKind, Hold
from xpmsync.local.ledger.journal import Held, Write, WrittenField
from xpmsync.local.ledger.ledger import FieldException
from xpmsync.usecases.clients.link import check_field, resolve_with_field
from xpmsync.usecases.context.context import Progress, SyncContext
from xpmsync.usecases.sync.preview import preview


@dataclass(frozen=True, slots=True)
class Explanation:
    """A client's writes and holds, oldest first, and what the next run would do.

    `uploading` are changes that a file for upload holds already; `respelled` are the
    fields that both sides agree on in two spellings.
    """

    link: Link
    field: str
    written: tuple[tuple[Write, WrittenField], ...]
    past_holds: tuple[Held, ...]
    changes: tuple[Change, ...]
    holds: tuple[Hold, ...]
    exceptions: tuple[FieldException, ...] = ()
    respelled: tuple[str, ...] = ()
    uploading: tuple[Change, ...] = ()


def explain_client(context: SyncContext, client: str, field: str, progress: Progress) -> Explanation:
    """Collect a client's writes and holds, and what the next run would do; `field` narrows it, empty for all fields.

    Raises `UsageError` for an unknown field, `ClientNotFound` and `SeveralClients`.
    """
    check_field(field)
    link = resolve_with_field(context.ledger.links(), client, field, (context.xpm, context.ignition))
    journal = context.ledger.journal
    written = tuple(
        (write, written_field)
        for write in journal.writes_of(link.xpm_id)
        for written_field in write.fields
        if not field or written_field.field.partition("#")[0] == field
    )
    previewed = preview(context, progress, clients=(link.xpm_id,))
    plan = previewed.plan
    respelled = {key.partition("@")[0] for compared in previewed.compared for key in compared.diff.respelled}
    changes = [change for change in plan.changes if not field or change.field == field]
    agreed = context.ledger.agreed(link.xpm_id)
    by_file = not context.target.capabilities.immediate
    uploading = tuple(change for change in changes if by_file and _is_uploading(change, agreed))
    return Explanation(
        link,
        field,
        written,
        tuple(hold for hold in journal.held(link.xpm_id) if not field or hold.field == field),
        tuple(change for change in changes if change not in uploading),
        tuple(hold for hold in plan.holds if not field or hold.field == field),
        tuple(
            exception
            for exception in context.ledger.exceptions.all()
            if exception.xpm_id == link.xpm_id and (not field or exception.field in ("", field))
        ),
        tuple(name for name in names() if name in respelled and field in ("", name)),
        uploading,
    )


def _is_uploading(change: Change, agreed: Agreed) -> bool:
    """Whether a pending upload holds the value of a change already."""
    if change.kind is not ChangeKind.FIELD:
        return False
    key = agreed_key(change.field, change.contact.xpm_id if change.contact else "")
    return of_value(catalogue_field(change.field), change.new) in agreed.pending.get(key, ())
