"""What waits for a person, as JSON data."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xpmsync.core.jsonable import Json
    from xpmsync.core.ports.uploads import Handover, WaitingClient, WaitingFile
    from xpmsync.local.ledger.todo import Todo

__all__ = ["handover_data", "todo_data", "waiting_data"]


def handover_data(told: Handover | None) -> dict[str, Json]:
    """Files with their paths and counts, clients to be created, and the next steps; moments in UTC."""
    if told is None:
        return {"files": [], "clients": [], "steps": []}
    return {
        "files": [_file(one) for one in told.files],
        "clients": [waiting_data(one) for one in told.clients],
        "steps": list(told.steps),
    }


def waiting_data(one: WaitingClient) -> dict[str, Json]:
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


def _file(one: WaitingFile) -> dict[str, Json]:
    return {
        "path": str(one.path),
        "since": one.since.isoformat(),
        "clients": one.clients,
        "changes": one.changes,
        "upload_once": one.once,
        "uploaded": one.uploaded.isoformat() if one.uploaded else None,
    }
