"""Driving a server in another process: `/_practice/faults`, `/_practice/requests`, `/_practice/edit`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict

from xpmsync.errors import UsageError, XpmsyncError
from xpmsync.simulator.server.faults import Fault, Faults
from xpmsync.simulator.server.messages import CONTROL_PATH, JSON, Editor, Request, RequestLog, ServerResponse

__all__ = ["answer_control", "fault_from_json"]


def answer_control(request: Request, faults: Faults, log: RequestLog, edit: Editor | None) -> ServerResponse:
    """Answer a control request in JSON; what cannot be understood is a 400 with the reason."""
    try:
        match request.method, request.path.removeprefix(CONTROL_PATH):
            case "POST", "faults":
                faults.add(*(fault_from_json(described) for described in _objects(request.body)))
                return _json(len(faults.waiting()))
            case "GET", "faults":
                return _json([_fault_json(fault) for fault in faults.waiting()])
            case "DELETE", "faults":
                faults.clear()
                return _json(0)
            case "GET", "requests":
                return _json([{**asdict(seen), "at": seen.at.isoformat()} for seen in log.all()])
            case "DELETE", "requests":
                log.clear()
                return _json(0)
            case "POST", "edit" if edit is not None:
                wanted = {name: str(value) for name, value in _objects(request.body)[0].items()}
                return _json(dict(edit(wanted["system"], wanted["client"], wanted["field"], wanted["value"])))
            case _:
                return _json({"error": "no such control"}, 404)
    except (ValueError, KeyError, XpmsyncError) as error:
        return _json({"error": str(error)}, 400)


def fault_from_json(described: Mapping[str, object]) -> Fault:
    """Make a fault from its JSON form; raises `UsageError` for names or values that no fault has."""
    texts = {"kind": "", "path": "", "method": "", "message": "An unexpected error occurred"}
    numbers: dict[str, float | None] = {"times": 1, "skip": 0, "size": 0, "seconds": 0.0, "retry_after": None}
    for name, value in described.items():
        if name in texts and isinstance(value, str):
            texts[name] = value
        elif name in numbers and isinstance(value, int | float):
            numbers[name] = value
        else:
            raise UsageError(f"a fault's {name!r} cannot be {value!r}", ", ".join([*texts, *numbers]))
    retry_after = numbers["retry_after"]
    return Fault(
        texts["kind"],
        path=texts["path"],
        method=texts["method"],
        message=texts["message"],
        times=int(numbers["times"] or 0),
        skip=int(numbers["skip"] or 0),
        size=int(numbers["size"] or 0),
        seconds=numbers["seconds"] or 0.0,
        retry_after=None if retry_after is None else int(retry_after),
    )


def _fault_json(fault: Fault) -> dict[str, str | int]:
    return {"kind": str(fault.kind), "path": fault.path, "method": fault.method, "times": fault.times}


def _objects(body: bytes) -> list[dict[str, object]]:
    """The JSON object in the body, or each of a list of them."""
    decoded: object = json.loads(body)
    objects = [each for each in (decoded if isinstance(decoded, list) else [decoded]) if isinstance(each, dict)]
    if not objects:
        raise UsageError("a JSON object, or a list of them, is wanted")
    return objects


def _json(value: object, status: int = 200) -> ServerResponse:
    return ServerResponse(status, json.dumps(value).encode(), JSON)
