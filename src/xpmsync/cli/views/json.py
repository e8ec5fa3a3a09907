"""Results as JSON data, in the shapes of the design (section 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xpmsync.core.enums import Json
    from xpmsync.core.model import Client, ClientRef, Link
    from xpmsync.core.ports.deferred import PendingClient, PendingFile, PendingUploads
    from xpmsync.local.ledger.ledger import Todo
    from xpmsync.usecases.clients.import_client import ImportCandidate
    from xpmsync.usecases.clients.search import SearchResult
    from xpmsync.usecases.sync.apply import Applied
    from xpmsync.usecases.sync.preview import Preview


def client_data(client: Client, linked_to: str = "") -> dict[str, Json]:
    """A client: source, id, name, link, and what distinguishes it from its namesakes."""
    return {
        "source": client.system.value,
        "id": client.id,
        "name": client.name,
        "linked_to": linked_to or None,
        "number": client.number or None,
        "state": client.state.value,
        "structure": client.values.get("structure", ""),
        "city": client.city,
        "email": client.best_email,
        "manager": client.manager or client.partner,
    }


def search_data(result: SearchResult) -> dict[str, Json]:
    """Both systems' clients, each with its link."""
    clients: list[Json] = []
    for row in result.rows:
        if row.xpm is not None:
            clients.append(client_data(row.xpm, row.linked_to))
        if row.ignition is not None:
            clients.append(client_data(row.ignition, row.xpm.id if row.xpm else row.linked_to))
    return {
        "text": result.text,
        "clients": clients,
        "more": result.more,
        "archived_left_out": result.archived,
        "same_names": list(result.namesakes),
        "nearest": list(result.nearest),
    }


def link_data(link: Link) -> dict[str, Json]:
    """A link."""
    return {
        "xpm_id": link.xpm_id,
        "ignition_id": link.ignition_id,
        "name": link.name,
        "since": link.since,
        "level": link.level.value if link.level else None,
    }


def candidate_data(candidate: ImportCandidate) -> dict[str, Json]:
    """A client of Ignition that the XPM client may already be, with the evidence."""
    return {
        **client_data(candidate.client, candidate.linked_to),
        "score": candidate.verdict.score,
        "band": candidate.verdict.band.value,
        "reasons": list(candidate.verdict.reasons),
    }


def reading_data(preview: Preview) -> dict[str, Json]:
    """How a plan was read."""
    return {
        "full": preview.reading.full is not None,
        "because": preview.reading.full.name.lower() if preview.reading.full else None,
        "xpm_calls": preview.xpm_calls,
        "single_reads": [_ref(client) for client in preview.single_reads],
        "arrived": [link_data(link) for link in preview.confirmed],
        "remarks": list(preview.notices),
    }


def _ref(client: ClientRef) -> dict[str, Json]:
    # Loaded here, because `status` shows pending uploads and should not load the plan's classes.
    from xpmsync.core.plan.json import ref_data

    return ref_data(client)


def applied_data(applied: Applied) -> dict[str, Json]:
    """What a run did with its plan."""
    return {
        "run": applied.run,
        "outcome": applied.outcome.value,
        "written": applied.written,
        "respelled": applied.respelled,
        "failed": [
            {
                "client": _ref(failure.call.client),
                "kind": failure.call.kind.value,
                "code": failure.error.code,
                "fields": list(failure.fields),
            }
            for failure in applied.failures
        ],
        "not_tried": applied.not_tried,
        "xpm_calls": applied.xpm_calls,
        "handover": pending_uploads_data(applied.pending_uploads),
    }


def pending_uploads_data(uploads: PendingUploads | None) -> dict[str, Json]:
    """Files with their paths and counts, clients to be created, and the next steps; moments in UTC."""
    if uploads is None:
        return {"files": [], "clients": [], "steps": []}
    return {
        "files": [_file(file) for file in uploads.files],
        "clients": [pending_data(client) for client in uploads.clients],
        "steps": list(uploads.steps),
    }


def pending_data(client: PendingClient) -> dict[str, Json]:
    """A client whose creation waits for an upload."""
    return {"xpm_id": client.xpm_id, "name": client.name, "since": client.since.isoformat(), "path": str(client.path)}


def todo_data(todo: Todo, ignition_id: str) -> dict[str, Json]:
    """A created client that a person must still link to XPM in Ignition."""
    return {
        "xpm_id": todo.xpm_id,
        "xpm_number": todo.xpm_number or None,
        "ignition_id": ignition_id or None,
        "name": todo.name,
        "since": todo.since,
    }


def _file(file: PendingFile) -> dict[str, Json]:
    return {
        "system": file.system.value,
        "path": str(file.path),
        "since": file.since.isoformat(),
        "clients": file.clients,
        "changes": file.changes,
        "upload_once": file.once,
        "uploaded": file.uploaded.isoformat() if file.uploaded else None,
    }
