"""import: one XPM client into Ignition, after looking hard for it there first."""

from __future__ import annotations

import pytest

from support.sync_rig import Pair, SyncRig, contact
from xpmsync.core.enums import Direction, Level
from xpmsync.core.plan.hold_codes import HoldCode
from xpmsync.errors import ClientNotFound, ImportRefused, LinkConflict, SeveralClients
from xpmsync.local.ledger.summary import RunOutcome
from xpmsync.local.settings.settings import SyncSettings
from xpmsync.usecases.clients.import_client import Imported, Proposal, create, link_to, propose
from xpmsync.usecases.context.context import Silent

ANN = contact("Ann Lee", phone="09 555 0101", primary="Yes")
HARBOUR = {"phone": "02 5550 1234", "structure": "Company", "website": "harbour.example.com", "address": "1\n2"}


def proposed(rig: SyncRig, wanted: str) -> Proposal:
    """What `import` shows first."""
    with rig.open() as context:
        return propose(context, wanted, Silent())


def imported(rig: SyncRig, wanted: str) -> Imported:
    """`import --yes --new`."""
    with rig.open() as context:
        return create(context, propose(context, wanted, Silent()))


def test_a_preview_shows_the_record_and_creates_nothing(rig: SyncRig) -> None:
    """All fields at every level, the primary contact first."""
    client = rig.xpm_client(contact("Bob Ray"), ANN, **HARBOUR)
    (change,) = proposed(rig, client).plan.changes
    assert dict(change.values) == {"name": "Harbour Dental", **HARBOUR}
    assert [one["contact.name"] for one in change.contacts] == ["Ann Lee", "Bob Ray"]
    assert [one.get("contact.primary") for one in change.contacts] == ["Yes", None]
    assert change.new == "Harbour Dental, with Ann Lee <ann@example.com>"
    assert list(rig.register.clients()) == []
    assert rig.server.requests.writes() == []


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("level", Level)
def test_importing_works_at_every_level_and_in_both_directions(
    rig: SyncRig, direction: Direction, level: Level
) -> None:
    """At level nothing too: it is the only way a client is ever created, and always with everything."""
    rig.sync = SyncSettings(direction=direction, level=level)
    client = rig.xpm_client(ANN, **HARBOUR)
    made = imported(rig, client)
    assert made.created
    assert made.link is not None
    record = rig.in_ignition(Pair(client, made.link.ignition_id))
    assert record.values == {"name": "Harbour Dental", **HARBOUR}
    assert record.contacts[0].values == {**ANN}
    assert rig.server.requests.writes() == []


def test_an_imported_client_is_linked_and_in_step(rig: SyncRig) -> None:
    """The next sync has nothing to do, and does not even look it up."""
    rig.linked(name="Anchor Ltd")
    client = rig.xpm_client(ANN, contact("Bob Ray"), **HARBOUR)
    rig.an_hour_later()
    rig.run()
    imported(rig, client)
    rig.an_hour_later()
    rig.forget_calls()
    assert rig.run().plan.counts["equal"] == 2
    assert rig.calls == ["GET list"]


def test_an_edit_after_an_import_is_marked(rig: SyncRig) -> None:
    """What was created counts as agreed, contacts included."""
    client = rig.xpm_client(ANN, **HARBOUR)
    made = imported(rig, client)
    assert made.link is not None
    rig.edit_ignition(Pair(client, made.link.ignition_id), phone="1", contact__phone="2")
    plan = rig.preview(full=True).plan
    assert {change.field: change.overrides_edit for change in plan.changes} == {"phone": True, "contact.phone": True}


def test_importing_twice_says_already_linked(rig: SyncRig) -> None:
    """There is nothing to create."""
    client = rig.xpm_client(ANN)
    made = imported(rig, client)
    again = proposed(rig, client)
    assert again.link is not None
    assert made.link is not None
    assert again.link.ignition_id == made.link.ignition_id
    assert again.plan.changes == ()


def test_two_terminals_create_one_client(rig: SyncRig) -> None:
    """Both previewed it; the second to confirm is told that the client is linked by now."""
    client = rig.xpm_client(ANN)
    with rig.open() as context:
        first, second = propose(context, client, Silent()), propose(context, client, Silent())
        create(context, first)
        with pytest.raises(LinkConflict):
            create(context, second)
    assert len(list(rig.register.clients())) == 1


# --- whom it finds ------------------------------------------------------------------------


def test_a_client_by_its_exact_name(rig: SyncRig) -> None:
    """Capitals aside, or by a part that only one client has; a word that no name has finds nobody."""
    client = rig.xpm_client(ANN, name="Harbour Dental Ltd")
    assert proposed(rig, "harbour dental LTD").client.id == client
    assert proposed(rig, "Harbour").client.id == client
    with pytest.raises(ClientNotFound):
        proposed(rig, "Harbour Cafe")


def test_two_clients_of_one_name(rig: SyncRig) -> None:
    """The ids to choose from are named."""
    ids = {rig.xpm_client(ANN, name="John Smith"), rig.xpm_client(ANN, name="John Smith")}
    with pytest.raises(SeveralClients) as several:
        proposed(rig, "John Smith")
    assert set(several.value.ids) == ids


@pytest.mark.parametrize("state", ["archived", "deleted"])
def test_clients_that_are_past_are_refused(rig: SyncRig, state: str) -> None:
    """With their state as the reason."""
    client = rig.xpm_client(ANN, state=state)
    with pytest.raises(ImportRefused) as refused:
        proposed(rig, client)
    assert refused.value.reason == state


@pytest.mark.parametrize(
    "people", [[], [contact("Ann Lee", " ")], [contact("Ann Lee", "n/a")], [{"contact.email": "ann@example.com"}]]
)
def test_a_client_without_a_usable_contact_is_refused(rig: SyncRig, people: list[dict[str, str]]) -> None:
    """Ignition needs one with a name and an e-mail; nothing is created."""
    client = rig.xpm_client(*people)
    with pytest.raises(ImportRefused) as refused:
        proposed(rig, client)
    assert (refused.value.reason, refused.value.client.xpm_id) == ("needs-email", client)


def test_what_cannot_come_along_is_held(rig: SyncRig) -> None:
    """Contacts Ignition would not take, details it has no place for, and a choice among groups."""
    client = rig.xpm_client(
        contact("Ann Lee", position="Director"), {"contact.name": "Bob Ray"}, group="Marlowe\nSuper Funds"
    )
    plan = proposed(rig, client).plan
    assert {(hold.field, hold.contact.name if hold.contact else "", hold.code) for hold in plan.holds} == {
        ("group", "", HoldCode.AMBIGUOUS_GROUP),
        ("contact", "Bob Ray", HoldCode.NEEDS_EMAIL),
        ("contact.position", "Ann Lee", HoldCode.ROUTE_CANNOT),
    }
    made = imported(rig, client)
    assert [one.name for one in made.ignition.contacts] == ["Ann Lee"]


# --- when Ignition may have it already ---------------------------------------------------------


def test_candidates_are_shown_with_reasons(rig: SyncRig) -> None:
    """The same name, e-mail or number; somebody else is none."""
    there = rig.ignition_client(ANN, name="Harbour Dental Limited", phone="+61 2 5550 1234")
    rig.ignition_client(contact("Zed Zulu"), name="Quite Another Pty Ltd")
    client = rig.xpm_client(ANN, name="Harbour Dental Ltd", phone="02 5550 1234")
    (candidate,) = proposed(rig, client).candidates
    assert candidate.client.id == there
    assert candidate.linked_to == ""
    assert candidate.verdict.reasons


def test_a_candidate_linked_to_another_client_says_so(rig: SyncRig) -> None:
    """It is probably not the one meant."""
    pair = rig.linked(ANN, name="Harbour Dental Ltd")
    client = rig.xpm_client(ANN, name="Harbour Dental Ltd")
    (candidate,) = proposed(rig, client).candidates
    assert (candidate.client.id, candidate.linked_to) == (pair.ignition, pair.xpm)


def test_a_relative_is_named_and_hinders_nothing(rig: SyncRig) -> None:
    """The family's trust has the same phone: it is named as the family, and the company can be created."""
    trust = rig.ignition_client(contact("Zed Zulu"), name="Harbour Family Trust", phone="+61 2 5550 1234")
    client = rig.xpm_client(ANN, name="Harbour Dental Pty Ltd", phone="02 5550 1234")
    proposal = proposed(rig, client)
    assert proposal.candidates == ()
    assert [relative.id for relative in proposal.relatives] == [trust]
    assert imported(rig, client).created


def test_linking_instead_of_creating(rig: SyncRig) -> None:
    """--link-to: nothing is written; the next sync shows what differs."""
    there = rig.ignition_client(ANN, phone="1")
    client = rig.xpm_client(ANN, phone="2")
    with rig.open() as context:
        made = link_to(context, propose(context, client, Silent()), there)
    assert not made.created
    assert len(list(rig.register.clients())) == 1
    assert [change.field for change in rig.run().plan.changes] == ["phone"]


def test_linking_to_nobody_or_to_somebody_taken(rig: SyncRig) -> None:
    """Both are refused by name."""
    pair = rig.linked(name="Anchor Ltd")
    client = rig.xpm_client(ANN)
    with rig.open() as context:
        proposal = propose(context, client, Silent())
        with pytest.raises(ClientNotFound):
            link_to(context, proposal, "9999999")
        with pytest.raises(LinkConflict) as conflict:
            link_to(context, proposal, pair.ignition)
    assert conflict.value.with_id == pair.xpm


def test_a_new_client_beside_a_similar_one(rig: SyncRig) -> None:
    """--new: a person has said that they are two."""
    rig.ignition_client(ANN, name="Harbour Dental Limited")
    client = rig.xpm_client(ANN, name="Harbour Dental Ltd")
    assert imported(rig, client).created
    assert len(list(rig.register.clients())) == 2


def test_without_a_usable_contact_a_similar_client_can_still_be_linked(rig: SyncRig) -> None:
    """Nothing can be created, but the one that is there can be taken."""
    rig.ignition_client(ANN, name="Harbour Dental Limited", phone="+61 2 5550 1234", city="Colac")
    client = rig.xpm_client(name="Harbour Dental Ltd", phone="02 5550 1234", city="Colac")
    proposal = proposed(rig, client)
    assert len(proposal.candidates) == 1
    assert proposal.plan.changes == ()
    with rig.open() as context, pytest.raises(ImportRefused):
        create(context, proposal)


# --- what is written down -----------------------------------------------------------------------


def test_an_import_is_a_run_in_the_journal(rig: SyncRig) -> None:
    """With every value that was created, contacts included."""
    imported(rig, rig.xpm_client(ANN, **HARBOUR))
    with rig.open() as context:
        run = context.ledger.journal.last_run()
        assert run is not None
        (write,) = context.ledger.journal.writes(run.id)
    assert (run.command, run.outcome) == ("import", RunOutcome.DONE)
    written = {one.field: one.new for one in write.fields}
    assert written["name"] == "Harbour Dental"
    assert written["contact.email#1"] == "ann@example.com"


def test_equal_twins_of_a_new_client_are_created_once(rig: SyncRig) -> None:
    """Ignition could not distinguish them; the plan says which one is left out."""
    client = rig.xpm_client(contact("Ann Lee"), contact("Ann Lee "), contact("Bob Ray"))
    proposal = propose(rig.context, client, Silent())
    assert [hold.code for hold in proposal.plan.holds] == [HoldCode.DUPLICATE_CONTACT]
    made = create(rig.context, proposal).ignition
    assert [person.name for person in made.contacts] == ["Ann Lee", "Bob Ray"]


def with_own_email(rig: SyncRig, *people: dict[str, str]) -> str:
    """A client with an e-mail of its own, and these contacts."""
    client = rig.xpm_client(*people)
    rig.world.update_client(client, {"Email": "office@example.com"})
    return client


def test_the_clients_own_email_is_used_when_asked_for(rig: SyncRig) -> None:
    """Where no contact has an address: for the primary contact, which keeps its link to the one in XPM."""
    people = [{"contact.name": "Bob Ray"}, {"contact.name": "Ann Lee", "contact.primary": "Yes"}]
    client = with_own_email(rig, *people)
    with pytest.raises(ImportRefused) as refused:
        propose(rig.context, client, Silent())
    assert refused.value.reason == "own-email"
    proposal = propose(rig.context, client, Silent(), use_client_email=True)
    assert proposal.own_email == "office@example.com"
    made = create(rig.context, proposal).ignition
    assert [(person.name, person.email) for person in made.contacts] == [("Ann Lee", "office@example.com")]
    applied = rig.run()
    assert (applied.written, applied.failures) == (0, ())


def test_without_contacts_the_client_itself_becomes_one(rig: SyncRig) -> None:
    """Named after the client."""
    proposal = propose(rig.context, with_own_email(rig), Silent(), use_client_email=True)
    made = create(rig.context, proposal).ignition
    assert [(person.name, person.email) for person in made.contacts] == [("Harbour Dental", "office@example.com")]


def test_a_contacts_own_email_is_preferred(rig: SyncRig) -> None:
    """The client's is only for clients of which no contact has one."""
    client = with_own_email(rig, contact("Ann Lee"))
    proposal = propose(rig.context, client, Silent(), use_client_email=True)
    assert proposal.own_email == ""
    assert [person["contact.email"] for person in proposal.plan.changes[0].contacts] == ["ann@example.com"]
