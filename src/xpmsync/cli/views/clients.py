"""Search results, candidates, links and exceptions, for people and programs."""

from collections.abc import Callable, Sequence
from typing import Final

from xpmsync.cli.terminal.sanitize import count, named, one_line
from xpmsync.cli.terminal.screen import Cell, Column, Screen, Tone
from xpmsync.cli.views.plan import field_label
from xpmsync.core.enums import ClientState, Json
from xpmsync.core.match import Band
from xpmsync.core.model import Client, ClientRef, Link
from xpmsync.local.ledger.ledger import FieldException
from xpmsync.local.system.clock import local_time
from xpmsync.usecases.clients.import_client import ImportCandidate
from xpmsync.usecases.clients.search import SearchResult, SearchRow

_WIDE: Final = 130
"""Columns from which a client fits on a single line."""
_IN: Final = Column("In", whole=True)


def show_search(screen: Screen, result: SearchResult, *, import_hint: str) -> None:
    """One table; each row labelled XPM, Ignition or linked, with what distinguishes clients of the same name."""
    if not result.rows:
        screen.line(f"No client fits {result.text!r}.")
        if result.nearest:
            screen.line(f"The nearest names are: {', '.join(one_line(name) for name in result.nearest)}.")
        screen.line("Try fewer letters, a surname alone, or --archived for archived clients.")
        return
    if screen.width >= _WIDE:
        titles = ("Client", "Structure", "City", "E-mail", "Manager", "Id")
        screen.table([_IN, *map(Column, titles)], [(_label(row), *_facts(row), _ids(row)) for row in result.rows])
    else:
        screen.table(
            [_IN, Column("Client and id"), Column("E-mail and manager")], [_stacked(row) for row in result.rows]
        )
    if result.namesakes:
        names = ", ".join(one_line(name) for name in result.namesakes)
        screen.line()
        screen.line(f"More than one client is called {names}: distinguish them by city, e-mail or id.", Tone.WARNING)
    screen.line()
    archived = f", {result.archived} archived left out (--archived shows them)" if result.archived else ""
    more = f", {result.more} more (--limit shows more)" if result.more else ""
    screen.line(f"{len(result.rows)} found{more}{archived}.")
    if any(row.ignition is None and not row.is_linked for row in result.rows):
        screen.line(f"Import one into Ignition with: {import_hint}")


def show_candidates(screen: Screen, candidates: Sequence[ImportCandidate], relatives: Sequence[Client] = ()) -> None:
    """The clients of Ignition that the XPM client may already be, with reasons, and its family in one line."""
    if candidates:
        screen.heading("Ignition may have this client already")
    for number, candidate in enumerate(candidates, start=1):
        client, verdict = candidate.client, candidate.verdict
        linked = f", linked to XPM {candidate.linked_to}" if candidate.linked_to else ""
        band = "weak" if verdict.band is Band.NONE else verdict.band.value
        screen.line(f"{number}. {one_line(client.name)}  (Ignition {client.id}, {band}{linked})")
        screen.pairs([("", reason) for reason in verdict.reasons], indent=2)
    if relatives:
        label = "Another member of the family" if len(relatives) == 1 else "Other members of the family"
        names = ", ".join(f"{one_line(client.name)} (Ignition {client.id})" for client in relatives)
        screen.line(f"{label} in Ignition: {names}")


def show_links(screen: Screen, links: Sequence[Link]) -> None:
    """All links, by name."""
    if not links:
        screen.line("No client is linked yet.")
        return
    columns = [Column(title, whole=True) for title in ("Ignition", "Since", "Level")]
    rows: list[tuple[str, ...]]
    if screen.width >= _WIDE:
        columns = [Column("Client"), Column("XPM", whole=True), *columns]
        rows = [(one_line(x.name), x.xpm_id, x.ignition_id, x.since[:10], _own_level(x)) for x in links]
    else:
        columns = [Column("Client and XPM id"), *columns]
        rows = [(f"{one_line(x.name)}\n{x.xpm_id}", x.ignition_id, x.since[:10], _own_level(x)) for x in links]
    if not any(link.level for link in links):
        columns, rows = columns[:-1], [row[:-1] for row in rows]
    screen.table(columns, rows)
    screen.line()
    screen.line(f"{len(links)} linked.")


def _own_level(link: Link) -> str:
    return link.level.value if link.level else ""


def _label(row: SearchRow) -> Cell:
    if row.is_linked:
        return Cell("linked", Tone.LINKED)
    return Cell("XPM", Tone.XPM) if row.xpm else Cell("Ignition", Tone.IGNITION)


def _facts(row: SearchRow) -> tuple[str, str, str, str, str]:
    """Name, structure, city, e-mail, manager."""
    client = row.client
    return (
        _name(client),
        one_line(client.values.get("structure", "")),
        one_line(client.city),
        one_line(client.best_email),
        one_line(client.manager or client.partner),
    )


def _ids(row: SearchRow) -> str:
    """The id, of a linked pair XPM's first."""
    if row.xpm is not None:
        return row.xpm.id + (f" = {row.linked_to}" if row.is_linked else "")
    return f"{row.linked_to} = {row.client.id}" if row.is_linked else row.client.id


def _stacked(row: SearchRow) -> tuple[Cell, str, str]:
    """The same facts on several lines, for narrow screens."""
    name, structure, city, email, manager = _facts(row)
    about = ", ".join(fact for fact in (structure, city) if fact)
    lines = [name, about, _ids(row).replace(" = ", "\n= Ignition ")]
    return _label(row), "\n".join(filter(None, lines)), "\n".join(filter(None, (email, manager)))


def _name(client: Client) -> str:
    marks = [client.state.value] if client.state is not ClientState.ACTIVE else []
    marks += ["prospect"] if client.prospect else []
    return one_line(client.name) + (f" ({', '.join(marks)})" if marks else "")


def show_exceptions(screen: Screen, exceptions: Sequence[FieldException], command_line: Callable[..., str]) -> None:
    """The exceptions in a table, by client name."""
    if not exceptions:
        screen.line("There is no exception: a sync leaves nothing alone.")
        screen.line(f"Leave a client or a field alone with: {command_line('except')} CLIENT FIELD --note TEXT")
        return
    columns = [Column("Client"), Column("Left alone"), Column("Note"), Column("Since", whole=True)]
    rows = [
        (
            named(ClientRef(exception.xpm_id, "", exception.name)),
            exception_scope(exception),
            one_line(exception.note),
            local_time(exception.since)[:10],
        )
        for exception in exceptions
    ]
    screen.table(columns, rows)
    screen.line()
    screen.line(
        f"{count(len(exceptions), 'exception')}. Remove with: {command_line('exceptions', 'remove')} CLIENT FIELD"
    )


def exception_scope(exception: FieldException) -> str:
    """What is left alone, in words."""
    return field_label(exception.field) if exception.field else "everything"


def exception_data(exception: FieldException) -> dict[str, Json]:
    """An exception for programs."""
    return {
        "client": {"xpm_id": exception.xpm_id, "name": exception.name},
        "field": exception.field or None,
        "note": exception.note,
        "since": exception.since,
    }
