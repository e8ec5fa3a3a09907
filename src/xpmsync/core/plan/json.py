"""A plan as JSON data and back: the shape of `--json` answers and of saved plans (design, section 6)."""

from collections.abc import Mapping, Sequence

from xpmsync.core.enums import Direction, Json, Level
from xpmsync.core.model import ClientRef
from xpmsync.core.plan.hold_codes import HoldCode
from xpmsync.core.plan.plan import Change, ChangeKind, ContactRef, Hold, Plan, Why


class NotAPlan(ValueError):
    """The data is not a plan's; the text says where it fails."""


def plan_data(plan: Plan) -> dict[str, Json]:
    """Changes and holds, totals and forecast."""
    cost = plan.forecast
    return {
        "direction": plan.direction.value,
        "level": plan.level.value,
        "counts": dict(plan.counts),
        "changes": [change_data(change) for change in plan.changes],
        "holds": [hold_data(hold) for hold in plan.holds],
        "forecast": {
            "reads": cost.reads,
            "writes": cost.writes,
            "calls": cost.calls,
            "minutes": cost.minutes,
            "beyond_day_limit": cost.beyond_day_limit,
        },
    }


def plan_of(data: Mapping[str, object]) -> Plan:
    """The plan that `plan_data` was made of, but for its forecast; raises `NotAPlan`."""
    try:
        counts = _table(data, "counts")
        return Plan(
            direction=Direction(_text(data, "direction")),
            level=Level(_text(data, "level")),
            changes=tuple(_change_of(row) for row in _list(data, "changes")),
            holds=tuple(_hold_of(row) for row in _list(data, "holds")),
            clients=_number(counts, "clients"),
            equal=_number(counts, "equal"),
            excepted=_number(counts, "excepted") if "excepted" in counts else 0,
        )
    except NotAPlan:
        raise
    except ValueError as problem:
        raise NotAPlan(str(problem)) from problem


def ref_data(client: ClientRef) -> dict[str, Json]:
    """A client as plans and errors name it."""
    return {"xpm_id": client.xpm_id, "ignition_id": client.ignition_id or None, "name": client.name}


def change_data(change: Change) -> dict[str, Json]:
    """One change."""
    data: dict[str, Json] = {
        "client": ref_data(change.client),
        "kind": change.kind.value,
        "field": change.field,
        "old": change.old,
        "new": change.new,
        "why": change.why.value,
        "overrides_edit": change.overrides_edit,
        **_contact("contact", change.contact),
        **_contact("former", change.former),
    }
    if change.record:
        data["record"] = change.record
    if change.values:
        data["values"] = dict(change.values)
    if change.contacts:
        data["contacts"] = [dict(contact) for contact in change.contacts]
    return data


def hold_data(hold: Hold) -> dict[str, Json]:
    """One hold."""
    return {
        "client": ref_data(hold.client),
        "field": hold.field,
        "code": hold.code.value,
        "reason": hold.reason,
        **_contact("contact", hold.contact),
    }


def _contact(name: str, contact: ContactRef | None) -> Mapping[str, Json]:
    if contact is None:
        return {}
    who: dict[str, Json] = {
        "name": contact.name,
        "xpm_id": contact.xpm_id or None,
        "ignition_id": contact.ignition_id or None,
    }
    return {name: who}


def _change_of(data: Mapping[str, object]) -> Change:
    return Change(
        client=_client_of(data),
        kind=ChangeKind(_text(data, "kind")),
        field=_text(data, "field"),
        old=_text(data, "old"),
        new=_text(data, "new"),
        why=Why(_text(data, "why")),
        contact=_contact_of(data),
        former=_contact_of(data, "former"),
        values=_texts(_table(data, "values")) if "values" in data else {},
        contacts=tuple(_texts(contact) for contact in _list(data, "contacts")) if "contacts" in data else (),
        record=_text(data, "record") if "record" in data else "",
    )


def _hold_of(data: Mapping[str, object]) -> Hold:
    code = HoldCode(_text(data, "code"))
    return Hold(_client_of(data), _text(data, "field"), code, _text(data, "reason"), _contact_of(data))


def _client_of(data: Mapping[str, object]) -> ClientRef:
    client = _table(data, "client")
    return ClientRef(_text(client, "xpm_id"), _text(client, "ignition_id"), _text(client, "name"))


def _contact_of(data: Mapping[str, object], name: str = "contact") -> ContactRef | None:
    if name not in data:
        return None
    contact = _table(data, name)
    return ContactRef(_text(contact, "name"), _text(contact, "xpm_id"), _text(contact, "ignition_id"))


def _text(data: Mapping[str, object], name: str) -> str:
    """A text; JSON's null is an id that does not exist yet."""
    value = data.get(name, NotAPlan)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise NotAPlan(f"{name} is missing or no text")
    return value


def _number(data: Mapping[str, object], name: str) -> int:
    value = data.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise NotAPlan(f"{name} is missing or no number")
    return value


def _table(data: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = data.get(name)
    if not isinstance(value, dict):
        raise NotAPlan(f"{name} is missing or no object")
    return value


def _list(data: Mapping[str, object], name: str) -> Sequence[Mapping[str, object]]:
    value = data.get(name)
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise NotAPlan(f"{name} is missing or no list of objects")
    return value


def _texts(data: Mapping[str, object]) -> dict[str, str]:
    return {name: _text(data, name) for name in data}
