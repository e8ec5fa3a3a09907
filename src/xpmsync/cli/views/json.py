"""Results as JSON data, in the shapes of the design (section 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xpmsync.core.jsonable import Json
    from xpmsync.core.model import Client, ClientRef, Link
    from xpmsync.core.ports.uploads import PendingClient, PendingFile, PendingUploads
    from xpmsync.local.ledger.ledger import Todo
    from xpmsync.usecases.clients.import_client import ImportCandidate
    from xpmsync.usecases.clients.search import SearchResult
    from xpmsync.usecases.sync.apply import Applied
    from xpmsync.usecases.sync.preview import Preview

__all__ = [
    "applied_data",
    "candidate_data",
    "client_data",
    "link_data",
    "pending_data",
    "pending_uploads_data",
    "reading_data",
    "search_data",
    "todo_data",
]


def client_data(client: Client, linked_to: str = "") -> dict[str, Json]:
    """A client: source, id, name, link, and what tells it from its twins."""
    return {
        "source": client.system.value,
        "id": client.id,
        "name": client.name,
        "linked_to": linked_to or None,
        "number": client.number or None,
        "state": client.state.value,
        "structure": client.values.get("structure", ""),
        "city": client.values.get("city", "") or client.values.get("postal_city", ""),
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
    """A client of Ignition that may be the one meant, with the evidence."""
    return {
        **client_data(candidate.client, candidate.linked_to),
        "score": candidate.verdict.score,
        "band": candidate.verdict.band.value,
        "reasons": list(candidate.verdict.reasons),
    }


def reading_data(found: Preview) -> dict[str, Json]:
    """How a plan was read."""
    return {
        "full": found.reading.full is not None,
        "because": found.reading.full.name.lower() if found.reading.full else None,
        "xpm_calls": found.xpm_calls,
        "single_reads": [_ref(client) for client in found.single_reads],
        "arrived": [link_data(link) for link in found.confirmed],
        "remarks": list(found.notices),
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
        "failed": [
            {"client": _ref(one.call.client), "kind": one.call.kind.value, "code": one.error.code}
            for one in applied.failures
        ],
        "not_tried": applied.not_tried,
        "xpm_calls": applied.xpm_calls,
        "handover": pending_uploads_data(applied.pending_uploads),
    }


def pending_uploads_data(told: PendingUploads | None) -> dict[str, Json]:
    """Files with their paths and counts, clients to be created, and the next steps; moments in UTC."""
    if told is None:
        return {"files": [], "clients": [], "steps": []}
    return {
        "files": [_file(one) for one in told.files],
        "clients": [pending_data(one) for one in told.clients],
        "steps": list(told.steps),
    }


def pending_data(one: PendingClient) -> dict[str, Json]:
    """A client that was handed over for creation."""
    return {"xpm_id": one.xpm_id, "name": one.name, "since": one.since.isoformat(), "path": str(one.path)}


def todo_data(one: Todo, ignition_id: str) -> dict[str, Json]:
    """A created client that a person must still link to XPM in Ignition."""
    return {
        "xpm_id": one.xpm_id,
        "xpm_number": one.xpm_number or None,
        "ignition_id": ignition_id or None,
        "name": one.name,
        "since": one.since,
    }


def _file(one: PendingFile) -> dict[str, Json]:
    return {
        "path": str(one.path),
        "since": one.since.isoformat(),
        "clients": one.clients,
        "changes": one.changes,
        "upload_once": one.once,
        "uploaded": one.uploaded.isoformat() if one.uploaded else None,
    }
