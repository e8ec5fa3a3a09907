"""Import of several clients: each is searched for in Ignition first, and all are created in one run.

A client that Ignition may have already, or that cannot be created, is left out and
named; the others are created.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from xpmsync import errors
from xpmsync.core.enums import Direction, Level, System
from xpmsync.core.match import find_counterparts
from xpmsync.core.model import Client, Link
from xpmsync.core.ports.deferred import NOTHING_PENDING, PendingUploads
from xpmsync.local.ledger.journal import WriteState
from xpmsync.local.ledger.summary import RunOutcome
from xpmsync.usecases.clients.import_client import Proposal, keep_created, propose
from xpmsync.usecases.context.context import Progress, SyncContext, finish
from xpmsync.usecases.sync.recover import namesake_ids
from xpmsync.usecases.sync.writer import ends_run, may_have_arrived, stopping_run

_MOST_LOST_IN_A_ROW: Final = 3
"""So many lost answers one after another mean that the system is down."""


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What importing several clients would do.

    `ready` are to be created, `present` are linked or wait for an upload already,
    `left_out` is why others are not created.
    """

    ready: tuple[Proposal, ...]
    present: tuple[Proposal, ...]
    left_out: tuple[errors.XpmsyncError, ...]


@dataclass(frozen=True, slots=True)
class ImportRun:
    """What a run created. `failed` are refusals and failures by client; `stopped` is why it ended early."""

    run: int
    created: tuple[tuple[Proposal, Link | None], ...]
    failed: tuple[tuple[Proposal, errors.XpmsyncError], ...]
    outcome: RunOutcome
    not_tried: int = 0
    stopped: errors.XpmsyncError | None = None
    pending_uploads: PendingUploads = NOTHING_PENDING


def propose_all(
    context: SyncContext, wanted: Sequence[str], progress: Progress, *, use_client_email: bool = False
) -> ImportPlan:
    """Look up each client by UUID or exact name and search for it in Ignition, which is read once."""
    context.connect()
    progress.step("Reading Ignition", 0)
    ignition: list[Client] = []
    for client in context.ignition.read():
        ignition.append(client)
        progress.step("Reading Ignition", len(ignition))
    ready: dict[str, Proposal] = {}
    present: dict[str, Proposal] = {}
    left_out: list[errors.XpmsyncError] = []
    for word in wanted:
        try:
            proposal = propose(context, word, progress, ignition, use_client_email=use_client_email)
        except (errors.ClientNotFound, errors.SeveralClients, errors.ImportRefused) as problem:
            left_out.append(problem)
            continue
        if proposal.link is not None or proposal.waiting is not None:
            present[proposal.client.id] = proposal
        elif proposal.candidates:
            ids = [candidate.client.id for candidate in proposal.candidates]
            left_out.append(errors.ImportRefused("candidates", proposal.ref, ids))
        elif proposal.undecided is not None:
            left_out.append(proposal.undecided)
        else:
            ready[proposal.client.id] = proposal
    return ImportPlan(tuple(ready.values()), tuple(present.values()), tuple(left_out))


def create_all(
    context: SyncContext, proposals: Sequence[Proposal], progress: Progress, stop_asked: Callable[[], bool]
) -> ImportRun:
    """Create the clients one by one, as one run; each intent is journalled before its call.

    A failure about one client does not stop the others. Raises `JournalStopped`
    where the ledger fails.
    """
    run = context.ledger.journal.begin("import", Direction.FROM_XPM, Level.EVERYTHING, context.now())
    work = _Creating(context, run)
    with stopping_run(lambda: len(work.created)):
        for number, proposal in enumerate(proposals):
            if work.stopped is not None or stop_asked():
                break
            progress.step("Creating clients in Ignition", number, len(proposals))
            work.create(proposal)
            work.tried += 1
        pending_uploads = work.finish()
        not_tried = len(proposals) - work.tried
        outcome = work.outcome(not_tried)
        counts = {"changes": len(proposals), "written": len(work.created), "failed": len(work.failed), "holds": 0}
        context.ledger.journal.end(run, outcome, counts, context.now())
    return ImportRun(run, tuple(work.created), tuple(work.failed), outcome, not_tried, work.stopped, pending_uploads)


class _Creating:
    """The clients created so far in one run, and those whose creation waits for a file."""

    def __init__(self, context: SyncContext, run: int) -> None:
        self.created: list[tuple[Proposal, Link | None]] = []
        self.failed: list[tuple[Proposal, errors.XpmsyncError]] = []
        self.stopped: errors.XpmsyncError | None = None
        self.tried = 0
        self._context = context
        self._run = run
        self._new: list[Client] = []
        self._pending: list[tuple[Proposal, Client, int]] = []
        self._lost_in_a_row = 0

    def create(self, proposal: Proposal) -> None:
        """Create one client, unless it is the same as one that this run created."""
        context = self._context
        if (present := context.ledger.link_of(proposal.client.id)) is not None:
            self.failed.append((proposal, errors.LinkConflict(proposal.client.id, "", present.ignition_id)))
            return
        if twice := [found.client.id for found in find_counterparts(proposal.client, self._new).candidates]:
            self.failed.append((proposal, errors.ImportRefused("candidates", proposal.ref, twice)))
            return
        (call,) = proposal.plan.calls()
        present_ids = namesake_ids(context, call.client.name)
        entry = context.ledger.journal.intend(self._run, call, System.IGNITION, context.now(), present=present_ids)
        try:
            made = context.ignition.create(
                call.values, call.contacts, xpm_id=proposal.client.id, xpm_number=proposal.client.number
            )
        except errors.StateUnusable:
            raise
        except errors.XpmsyncError as problem:
            self._failed(proposal, entry, problem)
            return
        self._lost_in_a_row = 0
        # Its XPM number would prove that it is another client, which duplicates in XPM are not.
        self._new.append(replace(made, xpm_number=""))
        if not made.id:
            self._pending.append((proposal, made, entry))
            return
        with context.ledger.transaction():
            self.created.append((proposal, keep_created(context, proposal, made, entry)))

    def finish(self) -> PendingUploads:
        """Write the file of the clients whose creation waits for an upload, and close their entries."""
        context = self._context
        try:
            pending_uploads = finish(context, ())
        except errors.XpmsyncError as problem:
            for proposal, _, entry in self._pending:
                self._failed(proposal, entry, problem)
            self.stopped = problem
            return NOTHING_PENDING
        with context.ledger.transaction():
            for proposal, made, entry in self._pending:
                self.created.append((proposal, keep_created(context, proposal, made, entry)))
        return pending_uploads

    def outcome(self, not_tried: int) -> RunOutcome:
        """How the run ended."""
        if self.stopped is not None and not isinstance(self.stopped, errors.Interrupted):
            return RunOutcome.STOPPED
        if not_tried or self.stopped is not None:
            return RunOutcome.INTERRUPTED
        return RunOutcome.PARTIAL if self.failed else RunOutcome.DONE

    def _failed(self, proposal: Proposal, entry: int, problem: errors.XpmsyncError) -> None:
        lost = may_have_arrived(problem)
        state = WriteState.UNKNOWN if lost else WriteState.FAILED
        self._context.ledger.journal.close(entry, state, self._context.now(), problem.code)
        self.failed.append((proposal, problem))
        self._lost_in_a_row = self._lost_in_a_row + 1 if lost else 0
        if ends_run(problem) or self._lost_in_a_row >= _MOST_LOST_IN_A_ROW:
            self.stopped = problem
