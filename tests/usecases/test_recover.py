"""Recovery of an interrupted creation: only a record that was not there before is taken for the created one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import pytest

from support.sync_rig import Pair, SyncRig, contact
from xpmsync.core.model import NOTHING_AGREED, Client
from xpmsync.core.ports.store import CreatingStore
from xpmsync.errors import WriteUndecided
from xpmsync.local.ledger.journal import Write, WriteState
from xpmsync.usecases.clients.import_client import create, propose
from xpmsync.usecases.clients.link import unlink
from xpmsync.usecases.context.context import Silent, SyncContext
from xpmsync.usecases.status import get_status
from xpmsync.usecases.sync.apply import apply
from xpmsync.usecases.sync.preview import preview
from xpmsync.usecases.sync.recover import recover

ANN: Final = contact("Ann Lee", primary="Yes")
BOB: Final = contact("Bob Ray")


class Dies:
    """Ignition, for a process that is killed: before the record is written, or right after it."""

    def __init__(self, store: CreatingStore, *, arrives: bool) -> None:
        self._store = store
        self._arrives = arrives

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def create(self, *arguments: object, **named: object) -> Client:
        """Never returns."""
        if self._arrives:
            self._store.create(*arguments, **named)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    def add_contact(self, client: str, values: Mapping[str, str]) -> object:
        """Never returns."""
        if self._arrives:
            self._store.add_contact(client, values)
        raise KeyboardInterrupt

    def update(self, *arguments: object, **named: object) -> object:
        """Never returns."""
        if self._arrives:
            self._store.update(*arguments, **named)  # type: ignore[arg-type]
        raise KeyboardInterrupt


def killed(context: SyncContext, *, arrives: bool) -> SyncContext:
    """The context of a process that dies at its first creation."""
    return replace(context, ignition=Dies(context.ignition, arrives=arrives))  # type: ignore[arg-type]


def killed_import(rig: SyncRig, client: str, *, arrives: bool) -> None:
    """`import CLIENT --new`, killed between the intent and the answer."""
    with rig.open() as context:
        proposal = propose(context, client, Silent())
        with pytest.raises(KeyboardInterrupt):
            create(killed(context, arrives=arrives), proposal)


def recovered(rig: SyncRig) -> Sequence[tuple[WriteState, str]]:
    """What the next run makes of it: state, and the Ignition id of the link."""
    with rig.open() as context:
        outcome = recover(context, Silent())
        return [(each.state, _linked(context, each.write)) for each in outcome]


def undecided(rig: SyncRig) -> tuple[WriteUndecided, ...]:
    """What a person must settle."""
    with rig.open() as context:
        return context.ledger.runs.undecided()


def _linked(context: SyncContext, write: Write) -> str:
    link = context.ledger.link_of(write.client.xpm_id)
    return link.ignition_id if link else ""


def test_a_refused_namesake_is_never_taken(rig: SyncRig) -> None:
    """It was there before the creation, which never arrived: nothing is linked, and it is written nowhere."""
    rig.ignition_client(ANN, phone="+61 2 5550 9999")
    client = rig.xpm_client(ANN, phone="02 5550 1234")
    killed_import(rig, client, arrives=False)
    assert recovered(rig) == [(WriteState.FAILED, "")]
    assert rig.run().plan.changes == ()


def test_the_created_client_is_taken_although_it_has_a_namesake(rig: SyncRig) -> None:
    """It was not there before the creation."""
    namesake = rig.ignition_client(ANN)
    client = rig.xpm_client(ANN)
    killed_import(rig, client, arrives=True)
    (created,) = {each.id for each in rig.register.clients()} - {namesake}
    assert recovered(rig) == [(WriteState.DONE, created)]


def test_a_namesake_that_was_edited_meanwhile_is_not_taken(rig: SyncRig) -> None:
    """It has the new client's e-mail by now, and is still the one that was there before."""
    namesake = rig.ignition_client(contact("Zed Zulu"))
    client = rig.xpm_client(ANN)
    killed_import(rig, client, arrives=False)
    rig.edit_ignition(Pair(client, namesake), contact__email="ann@example.com")
    assert recovered(rig) == [(WriteState.FAILED, "")]


@pytest.mark.parametrize("people", [1, 2])
def test_what_cannot_be_settled_is_an_outcome(rig: SyncRig, people: int) -> None:
    """Somebody else created namesakes meanwhile: nothing is linked, and all of them are named, again and again."""
    client = rig.xpm_client(ANN)
    killed_import(rig, client, arrives=people == 1)
    others = [rig.ignition_client(ANN if number else contact("Ann Lee")) for number in range(people)]
    for _ in range(2):
        assert recovered(rig) == [(WriteState.UNKNOWN, "")]
    (problem,) = undecided(rig)
    assert problem.client.xpm_id == client
    assert set(others) <= set(problem.fitting)
    assert get_status(rig.settings, rig.places, {}).undecided[0].fitting == problem.fitting


def test_a_client_that_a_person_called_another_one_is_not_taken(rig: SyncRig) -> None:
    """'Not the same' counts also for a namesake that came later."""
    client = rig.xpm_client(ANN)
    killed_import(rig, client, arrives=False)
    other = rig.ignition_client(ANN)
    with rig.open() as context:
        context.ledger.mark_distinct(client, other, ("", ""), context.now())
    assert recovered(rig) == [(WriteState.FAILED, "")]


def test_a_link_settles_an_undecided_creation(rig: SyncRig) -> None:
    """The first of the two commands: `link`."""
    client = rig.xpm_client(ANN)
    killed_import(rig, client, arrives=True)
    rig.ignition_client(ANN)
    recovered(rig)
    rig.link(client, undecided(rig)[0].fitting[0])
    assert undecided(rig) == ()
    assert [state for state, _ in recovered(rig)] == [WriteState.DONE]


def test_a_new_import_settles_an_undecided_creation(rig: SyncRig) -> None:
    """The second: `import --new`, after what is there was shown."""
    client = rig.xpm_client(ANN)
    killed_import(rig, client, arrives=False)
    namesakes = {rig.ignition_client(ANN), rig.ignition_client(ANN)}
    recovered(rig)
    with rig.open() as context:
        proposal = propose(context, client, Silent())
        assert proposal.undecided is not None
        assert set(proposal.undecided.fitting) == namesakes
        assert {candidate.client.id for candidate in proposal.candidates} == namesakes
        made = create(context, proposal)
        assert made.link is not None
        assert made.link.ignition_id not in namesakes
        assert recover(context, Silent()) == ()


def test_a_creation_of_an_older_version_is_left_to_a_person(rig: SyncRig) -> None:
    """It did not record what was there before, so the one that fits may be the refused one."""
    namesake = rig.ignition_client(ANN)
    client = rig.xpm_client(ANN)
    killed_import(rig, client, arrives=False)
    with rig.open() as context:
        context.ledger._db.run("UPDATE writes SET present = NULL")
    assert recovered(rig) == [(WriteState.UNKNOWN, "")]
    assert undecided(rig)[0].fitting == (namesake,)


def killed_sync(rig: SyncRig, *, arrives: bool) -> None:
    """A sync that is killed when it adds a contact, the only change."""
    with rig.open() as context:
        planned = preview(context, Silent(), full=True)
        assert [change.kind.value for change in planned.plan.changes] == ["contact"]
        with pytest.raises(KeyboardInterrupt):
            apply(killed(context, arrives=arrives), planned, Silent())


def added(rig: SyncRig, *, arrives: bool) -> Pair:
    """A sync that adds Bob to a client, killed between the intent and the answer."""
    pair = rig.linked(ANN)
    rig.xpm_contact(pair.xpm, BOB)
    killed_sync(rig, arrives=arrives)
    return pair


@pytest.mark.parametrize("arrives", [True, False])
def test_an_added_contact_is_found_again(rig: SyncRig, *, arrives: bool) -> None:
    """Done where it is there, otherwise not; either way the next run leaves exactly one."""
    pair = added(rig, arrives=arrives)
    assert [state for state, _ in recovered(rig)] == [WriteState.DONE if arrives else WriteState.FAILED]
    rig.run(full=True)
    assert [each.name for each in rig.in_ignition(pair).contacts].count("Bob Ray") == 1


def test_a_contact_that_was_there_before_is_not_taken(rig: SyncRig) -> None:
    """XPM has a second Ann of the same e-mail; Ignition's Ann is the first one's, and no new one."""
    pair = rig.linked(ANN)
    rig.run(full=True)
    rig.xpm_contact(pair.xpm, contact("Ann Lee", phone="09 555 0199"))
    killed_sync(rig, arrives=False)
    assert [state for state, _ in recovered(rig)] == [WriteState.FAILED]


def test_two_contacts_that_fit_are_left_to_a_person(rig: SyncRig) -> None:
    """Somebody added the same one by hand meanwhile; once one of them is gone, the other is the one."""
    pair = added(rig, arrives=True)
    extra = rig.register.add_contact(pair.ignition, BOB)
    assert [state for state, _ in recovered(rig)] == [WriteState.UNKNOWN]
    (problem,) = undecided(rig)
    assert (problem.contact, extra.id in problem.fitting) == ("Bob Ray", True)
    rig.register.delete_contact(pair.ignition, extra.id)
    assert [state for state, _ in recovered(rig)] == [WriteState.DONE]
    assert undecided(rig) == ()


@pytest.mark.parametrize("arrives", [True, False])
@pytest.mark.parametrize(
    ("field", "old", "new"),
    [
        ("name", "St Aldhelm's Charity", "St Aldhelm\u2019s Charity"),
        ("website", "cafe.example.com", "https://cafe.example.com/"),
        ("address", "No. 1 Road", "No. 1 Road\nRD 2"),
    ],
)
def test_an_old_value_is_no_spelling_of_the_new_one(
    rig: SyncRig, field: str, old: str, new: str, *, arrives: bool
) -> None:
    """Alike but for spelling, or the beginning of it: a change that never arrived is planned again."""
    pair = rig.linked(xpm={field: new}, ignition={field: old})
    with rig.open() as context:
        planned = preview(context, Silent(), full=True)
        assert [change.field for change in planned.plan.changes] == [field]
        with pytest.raises(KeyboardInterrupt):
            apply(killed(context, arrives=arrives), planned, Silent())
    assert [state for state, _ in recovered(rig)] == [WriteState.DONE if arrives else WriteState.FAILED]
    rig.run(full=True)
    assert rig.in_ignition(pair).values[field] == new


def test_a_write_of_a_former_link_says_nothing_of_the_present_one(rig: SyncRig) -> None:
    """Killed, unlinked, and linked to another client: what arrived at the former one is agreed with nobody."""
    pair = rig.linked(ANN, phone="02 5550 0001", xpm={"phone": "02 5550 0002"})
    context = rig.context
    with pytest.raises(KeyboardInterrupt):
        apply(killed(context, arrives=True), preview(context, Silent()), Silent())
    unlink(context.ledger, pair.xpm)
    rig.link(pair.xpm, rig.ignition_client(ANN, phone="02 5550 0003"))

    outcome = recover(context, Silent())

    assert [each.state for each in outcome] == [WriteState.DONE]
    assert context.ledger.agreed(pair.xpm) == NOTHING_AGREED
    assert [change.overrides_edit for change in rig.preview().plan.changes] == [False]
