"""Import of several clients: one table, one run, and what cannot be created is left out and named."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pytest

from support.sync_rig import SyncRig, contact
from xpmsync.core.enums import System
from xpmsync.core.model import Client
from xpmsync.errors import ClientNotFound, ImportRefused, Rejected, SignInNeeded, XpmsyncError
from xpmsync.ignition.builtin import BuiltinStore
from xpmsync.local.ledger.journal import WriteState
from xpmsync.local.ledger.summary import RunOutcome
from xpmsync.simulator.ignition.register import Register
from xpmsync.usecases.clients.import_many import ImportPlan, ImportRun, create_all, propose_all
from xpmsync.usecases.context.context import Silent
from xpmsync.usecases.sync.undo import plan_undo

ANN = contact("Ann Lee", phone="09 555 0101", primary="Yes")


def new_clients(rig: SyncRig, *names: str) -> list[str]:
    """Clients of XPM, each with a contact of its own; returns their UUIDs."""
    return [
        rig.xpm_client(contact(f"{name.split()[0]} Owner", f"{name.split()[0].lower()}@example.com"), name=name)
        for name in names
    ]


def proposed(rig: SyncRig, wanted: Sequence[str]) -> ImportPlan:
    """What is shown before the question."""
    with rig.open() as context:
        return propose_all(context, wanted, Silent())


def created(rig: SyncRig, wanted: Sequence[str], stop_asked: Callable[[], bool] = lambda: False) -> ImportRun:
    """`import CLIENT... --yes`."""
    with rig.open() as context:
        return create_all(context, propose_all(context, wanted, Silent()).ready, Silent(), stop_asked)


def test_several_clients_are_created_in_one_run(rig: SyncRig) -> None:
    """Each is linked, has a write of its own in the run, and Ignition is read once for all of them."""
    ids = new_clients(rig, "Anchor Ltd", "Bower Ltd", "Cooper Ltd")
    done = created(rig, ids)
    assert (len(done.created), done.failed, done.outcome) == (3, (), RunOutcome.DONE)
    with rig.open() as context:
        assert {link.xpm_id for link in context.ledger.links()} == set(ids)
        assert [write.client.name for write in context.ledger.journal.writes(done.run)] == [
            "Anchor Ltd", "Bower Ltd", "Cooper Ltd",
        ]  # fmt: skip
        assert [run.counts["written"] for run in context.ledger.runs.runs(9)] == [3]
        assert len(context.ledger.todo.all()) == 3
        _, undo = plan_undo(context, done.run, (), Silent())
    assert sorted(hold.client.name for hold in undo.plan.holds) == ["Anchor Ltd", "Bower Ltd", "Cooper Ltd"]


def test_one_that_ignition_may_have_is_left_out_and_the_others_are_created(rig: SyncRig) -> None:
    """Also one that nobody knows, one that is archived, and one that has no contact; each says why."""
    anchor, bower = new_clients(rig, "Anchor Ltd", "Bower Ltd")
    rig.ignition_client(contact("Bower Owner", "bower@example.com"), name="Bower Limited")
    archived = rig.xpm_client(ANN, name="Cooper Ltd", state="archived")
    lonely = rig.xpm_client(name="Drover Ltd")
    plan = proposed(rig, [anchor, bower, archived, lonely, "Nobody Ltd"])
    assert [proposal.client.id for proposal in plan.ready] == [anchor]
    reasons = [problem.reason for problem in plan.left_out if isinstance(problem, ImportRefused)]
    assert reasons == ["candidates", "archived", "needs-email"]
    assert isinstance(plan.left_out[-1], ClientNotFound)
    assert len(created(rig, [anchor, bower, archived]).created) == 1


def test_linked_clients_and_repeated_names_are_no_problem(rig: SyncRig) -> None:
    """A file can be given twice: what is there is there."""
    ids = new_clients(rig, "Anchor Ltd", "Bower Ltd")
    created(rig, ids[:1])
    plan = proposed(rig, [*ids, ids[1], "bower LTD"])
    assert [proposal.client.id for proposal in plan.present] == ids[:1]
    assert [proposal.client.id for proposal in plan.ready] == ids[1:]
    assert plan.left_out == ()


def test_the_same_client_twice_in_xpm_is_created_once(rig: SyncRig) -> None:
    """The second of two that look alike is left out: Ignition has it by then."""
    person = contact("Ann Lee", "ann@example.com", phone="09 555 0101")
    ids = [rig.xpm_client(person, name="Anchor Ltd", phone="02 5550 1234") for _ in range(2)]
    done = created(rig, ids)
    assert len(done.created) == 1
    ((proposal, problem),) = done.failed
    assert proposal.client.id == ids[1]
    assert isinstance(problem, ImportRefused)
    assert done.outcome is RunOutcome.PARTIAL
    assert len(list(rig.register.clients())) == 1


def test_a_run_that_is_interrupted_keeps_what_it_created(rig: SyncRig) -> None:
    """The rest is not tried, and can be imported by the same command."""
    ids = new_clients(rig, "Anchor Ltd", "Bower Ltd", "Cooper Ltd")
    asked = iter([False, False, True])
    done = created(rig, ids, lambda: next(asked))
    assert (len(done.created), done.not_tried, done.outcome) == (2, 1, RunOutcome.INTERRUPTED)
    assert len(created(rig, ids).created) == 1


class RefusingStore(BuiltinStore):
    """A register that refuses one client by name."""

    def __init__(self, register: Register, name: str, problem: XpmsyncError) -> None:
        super().__init__(register)
        self._name = name
        self._problem = problem

    def create(
        self,
        values: Mapping[str, str],
        contacts: Sequence[Mapping[str, str]],
        *,
        xpm_id: str = "",
        xpm_number: str = "",
    ) -> Client:
        """Refuse that one, create the others."""
        if values["name"] == self._name:
            raise self._problem
        return super().create(values, contacts, xpm_id=xpm_id, xpm_number=xpm_number)


@pytest.mark.parametrize(
    ("problem", "names", "not_tried", "outcome"),
    [
        (Rejected(System.IGNITION, "create", "no"), {"Bower Ltd", "Cooper Ltd"}, 0, RunOutcome.PARTIAL),
        (SignInNeeded(System.IGNITION, "expired"), set(), 2, RunOutcome.STOPPED),
    ],
)
def test_a_refusal_is_about_one_client_and_a_lost_sign_in_about_all(
    rig: SyncRig, problem: XpmsyncError, names: set[str], not_tried: int, outcome: RunOutcome
) -> None:
    """What is about one client goes on with the next; what would fail for each stops the run."""
    ids = new_clients(rig, "Anchor Ltd", "Bower Ltd", "Cooper Ltd")
    with rig.open() as context:
        refusing = replace(context, ignition=RefusingStore(rig.register, "Anchor Ltd", problem))
        plan = propose_all(refusing, ids, Silent())
        done = create_all(refusing, plan.ready, Silent(), lambda: False)
        states = [write.state for write in context.ledger.journal.writes(done.run)]
    assert {client.name for client in rig.register.clients()} == names
    assert (done.not_tried, done.outcome) == (not_tried, outcome)
    assert done.failed[0][1] is problem
    assert states[0] is WriteState.FAILED
