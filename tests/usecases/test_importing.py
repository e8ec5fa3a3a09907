"""import: one XPM client into Ignition, after looking hard for it there first."""

from __future__ import annotations

import pytest

from support.sync_rig import Office, Pair, contact
from xpmsync.core.enums import Direction, Level
from xpmsync.core.plan.plan import HoldCode
from xpmsync.errors import ClientNotFound, ImportRefused, LinkConflict, SeveralClients
from xpmsync.local.ledger.journal import RunOutcome
from xpmsync.local.settings.settings import SyncSettings
from xpmsync.usecases.clients.import_client import Imported, Proposal, create, link_to, propose
from xpmsync.usecases.context.context import Silent

ANN = contact("Ann Lee", phone="09 555 0101", primary="Yes")
HARBOUR = {"phone": "02 5550 1234", "structure": "Company", "website": "harbour.example.com", "address": "1\n2"}


def proposed(office: Office, wanted: str) -> Proposal:
    """What `import` shows first."""
    with office.open() as context:
        return propose(context, wanted, Silent())


def imported(office: Office, wanted: str) -> Imported:
    """`import --yes --new`."""
    with office.open() as context:
        return create(context, propose(context, wanted, Silent()))


def test_a_preview_shows_the_record_and_creates_nothing(office: Office) -> None:
    """All fields at every level, the primary contact first."""
    client = office.xpm_client(contact("Bob Ray"), ANN, **HARBOUR)
    (change,) = proposed(office, client).plan.changes
    assert dict(change.values) == {"name": "Harbour Dental", **HARBOUR}
    assert [one["contact.name"] for one in change.contacts] == ["Ann Lee", "Bob Ray"]
    assert [one.get("contact.primary") for one in change.contacts] == ["Yes", None]
    assert change.new == "Harbour Dental, with Ann Lee <ann@example.com>"
    assert list(office.register.clients()) == []
    assert office.server.requests.writes() == []


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("level", Level)
def test_importing_works_at_every_level_and_in_both_directions(
    office: Office, direction: Direction, level: Level
) -> None:
    """At level nothing too: it is the only way a client is ever created, and always with everything."""
    office.sync = SyncSettings(direction=direction, level=level)
    client = office.xpm_client(ANN, **HARBOUR)
    made = imported(office, client)
    assert made.created
    assert made.link is not None
    record = office.in_ignition(Pair(client, made.link.ignition_id))
    assert record.values == {"name": "Harbour Dental", **HARBOUR}
    assert record.contacts[0].values == {**ANN}
    assert office.server.requests.writes() == []


def test_an_imported_client_is_linked_and_in_step(office: Office) -> None:
    """The next sync has nothing to do, and does not even look it up."""
    office.linked(name="Anchor Ltd")
    client = office.xpm_client(ANN, contact("Bob Ray"), **HARBOUR)
    office.an_hour_later()
    office.run()
    imported(office, client)
    office.an_hour_later()
    office.forget_calls()
    assert office.run().plan.counts["equal"] == 2
    assert office.calls == ["GET list"]


def test_an_edit_after_an_import_is_marked(office: Office) -> None:
    """What was created counts as agreed, contacts included."""
    client = office.xpm_client(ANN, **HARBOUR)
    made = imported(office, client)
    assert made.link is not None
    office.edit_ignition(Pair(client, made.link.ignition_id), phone="1", contact__phone="2")
    plan = office.preview(full=True).plan
    assert {change.field: change.overrides_edit for change in plan.changes} == {"phone": True, "contact.phone": True}


def test_importing_twice_says_already_linked(office: Office) -> None:
    """There is nothing to create."""
    client = office.xpm_client(ANN)
    made = imported(office, client)
    command_line = proposed(office, client)
    assert command_line.link is not None
    assert made.link is not None
    assert command_line.link.ignition_id == made.link.ignition_id
    assert command_line.plan.changes == ()


def test_two_terminals_create_one_client(office: Office) -> None:
    """Both previewed it; the second to confirm is told that the client is linked by now."""
    client = office.xpm_client(ANN)
    with office.open() as context:
        first, second = propose(context, client, Silent()), propose(context, client, Silent())
        create(context, first)
        with pytest.raises(LinkConflict):
            create(context, second)
    assert len(list(office.register.clients())) == 1


# --- whom it finds ------------------------------------------------------------------------


def test_a_client_by_its_exact_name(office: Office) -> None:
    """Capitals aside; a part of the name is not enough."""
    client = office.xpm_client(ANN, name="Harbour Dental Ltd")
    assert proposed(office, "harbour dental LTD").client.id == client
    with pytest.raises(ClientNotFound):
        proposed(office, "Harbour")


def test_two_clients_of_one_name(office: Office) -> None:
    """The ids to choose from are named."""
    ids = {office.xpm_client(ANN, name="John Smith"), office.xpm_client(ANN, name="John Smith")}
    with pytest.raises(SeveralClients) as several:
        proposed(office, "John Smith")
    assert set(several.value.ids) == ids


@pytest.mark.parametrize("state", ["archived", "deleted"])
def test_clients_that_are_past_are_refused(office: Office, state: str) -> None:
    """With their state as the reason."""
    client = office.xpm_client(ANN, state=state)
    with pytest.raises(ImportRefused) as refused:
        proposed(office, client)
    assert refused.value.reason == state


@pytest.mark.parametrize(
    "people", [[], [contact("Ann Lee", " ")], [contact("Ann Lee", "n/a")], [{"contact.email": "ann@example.com"}]]
)
def test_a_client_without_a_usable_contact_is_refused(office: Office, people: list[dict[str, str]]) -> None:
    """Ignition needs one with a name and an e-mail; nothing is created."""
    client = office.xpm_client(*people)
    with pytest.raises(ImportRefused) as refused:
        proposed(office, client)
    assert (refused.value.reason, refused.value.client.xpm_id) == ("needs-email", client)


def test_what_cannot_come_along_is_held(office: Office) -> None:
    """Contacts Ignition would not take, details it has no place for, and a choice among groups."""
    client = office.xpm_client(
        contact("Ann Lee", position="Director"), {"contact.name": "Bob Ray"}, group="Marlowe\nSuper Funds"
    )
    plan = proposed(office, client).plan
    assert {(hold.field, hold.contact.name if hold.contact else "", hold.code) for hold in plan.holds} == {
        ("group", "", HoldCode.AMBIGUOUS_GROUP),
        ("contact", "Bob Ray", HoldCode.NEEDS_EMAIL),
        ("contact.position", "Ann Lee", HoldCode.ROUTE_CANNOT),
    }
    made = imported(office, client)
    assert [one.name for one in made.ignition.contacts] == ["Ann Lee"]


# --- when Ignition may have it already ---------------------------------------------------------


def test_candidates_are_shown_with_reasons(office: Office) -> None:
    """The same name, e-mail or number; somebody else is none."""
    there = office.ignition_client(ANN, name="Harbour Dental Limited", phone="+61 2 5550 1234")
    office.ignition_client(contact("Zed Zulu"), name="Quite Another Pty Ltd")
    client = office.xpm_client(ANN, name="Harbour Dental Ltd", phone="02 5550 1234")
    (candidate,) = proposed(office, client).candidates
    assert candidate.client.id == there
    assert candidate.linked_to == ""
    assert candidate.verdict.reasons


def test_a_candidate_linked_to_another_client_says_so(office: Office) -> None:
    """It is probably not the one meant."""
    pair = office.linked(ANN, name="Harbour Dental Ltd")
    client = office.xpm_client(ANN, name="Harbour Dental Ltd")
    (candidate,) = proposed(office, client).candidates
    assert (candidate.client.id, candidate.linked_to) == (pair.ignition, pair.xpm)


def test_linking_instead_of_creating(office: Office) -> None:
    """--link-to: nothing is written; the next sync shows what differs."""
    there = office.ignition_client(ANN, phone="1")
    client = office.xpm_client(ANN, phone="2")
    with office.open() as context:
        made = link_to(context, propose(context, client, Silent()), there)
    assert not made.created
    assert len(list(office.register.clients())) == 1
    assert [change.field for change in office.run().plan.changes] == ["phone"]


def test_linking_to_nobody_or_to_somebody_taken(office: Office) -> None:
    """Both are refused by name."""
    pair = office.linked(name="Anchor Ltd")
    client = office.xpm_client(ANN)
    with office.open() as context:
        proposal = propose(context, client, Silent())
        with pytest.raises(ClientNotFound):
            link_to(context, proposal, "9999999")
        with pytest.raises(LinkConflict) as conflict:
            link_to(context, proposal, pair.ignition)
    assert conflict.value.with_id == pair.xpm


def test_a_new_client_beside_a_similar_one(office: Office) -> None:
    """--new: a person has said that they are two."""
    office.ignition_client(ANN, name="Harbour Dental Limited")
    client = office.xpm_client(ANN, name="Harbour Dental Ltd")
    assert imported(office, client).created
    assert len(list(office.register.clients())) == 2


def test_without_a_usable_contact_a_similar_client_can_still_be_linked(office: Office) -> None:
    """Nothing can be created, but the one that is there can be taken."""
    office.ignition_client(ANN, name="Harbour Dental Limited", phone="+61 2 5550 1234", city="Colac")
    client = office.xpm_client(name="Harbour Dental Ltd", phone="02 5550 1234", city="Colac")
    proposal = proposed(office, client)
    assert len(proposal.candidates) == 1
    assert proposal.plan.changes == ()
    with office.open() as context, pytest.raises(ImportRefused):
        create(context, proposal)


# --- what is written down -----------------------------------------------------------------------


def test_an_import_is_a_run_in_the_journal(office: Office) -> None:
    """With every value that was created, contacts included."""
    imported(office, office.xpm_client(ANN, **HARBOUR))
    with office.open() as context:
        run = context.ledger.journal.last_run()
        assert run is not None
        (write,) = context.ledger.journal.writes(run.id)
    assert (run.command, run.outcome) == ("import", RunOutcome.DONE)
    written = {one.field: one.new for one in write.fields}
    assert written["name"] == "Harbour Dental"
    assert written["contact.email#1"] == "ann@example.com"
