"""The rules as a machine: random lives of two systems, and what must hold whatever happens.

XPM is the real loopback server, Ignition the built-in register, the ledger a real
file. 200 lives are lived by default, 2,000 with `--thorough`, any number with `--lives N`;
those on the other routes are in `test_route_lives.py`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, seed, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from support.clock import FakeClock, WrongClock
from support.lives import (
    CLIENTS,
    ROUTE_SHARE,
    VALUES,
    check_failures,
    decisions,
    edits,
    habits,
    happenings,
    moods,
    side,
    which,
)
from support.simulator_http import xpm_clients
from xpmsync.core.catalogue import CLIENT_FIELDS, field as catalogue_field
from xpmsync.core.enums import ClientState, Direction, Level, System
from xpmsync.core.model import Client, Link
from xpmsync.core.plan.plan import ChangeKind
from xpmsync.core.text import same
from xpmsync.errors import ImportRefused, XpmsyncError
from xpmsync.ignition.builtin import BuiltinStore
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.ledger.summary import RunOutcome
from xpmsync.local.net.http import Http
from xpmsync.local.net.rate_limit import Allowance, RateLimiter
from xpmsync.local.net.stored_sign_in import GivenToken
from xpmsync.local.settings.sections import XpmSettings
from xpmsync.local.settings.settings import Settings, SyncSettings
from xpmsync.local.system.paths import ProfilePaths
from xpmsync.simulator.edit import edit_ignition, edit_xpm
from xpmsync.simulator.ignition.register import Register
from xpmsync.simulator.server.faults import Fault
from xpmsync.simulator.server.server import DEMO_TENANT, SimulatorServer
from xpmsync.simulator.world.quirks import Quirks
from xpmsync.simulator.world.world import World
from xpmsync.usecases.clients.import_client import create, propose
from xpmsync.usecases.context.context import Silent, SyncContext
from xpmsync.usecases.sync.apply import Applied, apply
from xpmsync.usecases.sync.preview import Preview, preview
from xpmsync.usecases.sync.recover import recover
from xpmsync.usecases.sync.undo import plan_undo
from xpmsync.xpm.api.client import XpmCalls
from xpmsync.xpm.api.store import XpmStore

NEVER_TO_XPM = {"website", "tax_registered", "structure", "group"}
SHARDS = 8
"""The lives are shared out, so that several processes can live them."""


class Killed(BaseException):
    """The process is gone, between two instructions."""


class KillingStore:
    """A store whose n-th write is the last thing the process does: before it went out, or after it arrived."""

    def __init__(self, store: Any, nth: int, *, confirmed: bool) -> None:
        self._store = store
        self._left = nth
        self._arrived = confirmed

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        return self._fatal(found) if name in {"update", "add_contact", "update_contact", "create"} else found

    def _fatal(self, write: Callable[..., object]) -> Callable[..., object]:
        def last(*arguments: object, **named: object) -> object:
            self._left -= 1
            if self._left > 0:
                return write(*arguments, **named)
            if self._arrived:
                write(*arguments, **named)
            raise Killed

        return last


class BusyStore:
    """A store whose n-th write is followed at once by somebody's own edit of the same client."""

    def __init__(self, store: Any, nth: int, edit: Callable[[str], None]) -> None:
        self._store = store
        self._left = nth
        self._edit = edit

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        return self._followed(found) if name in {"update", "add_contact", "update_contact"} else found

    def _followed(self, write: Callable[..., object]) -> Callable[..., object]:
        def then_edit(client_id: str, *arguments: object, **named: object) -> object:
            result = write(client_id, *arguments, **named)
            self._left -= 1
            if self._left == 0:
                self._edit(client_id)
            return result

        return then_edit


class Lives(RuleBasedStateMachine):
    """Two systems, a ledger between them, people editing both, and runs that are killed or go wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.clock = FakeClock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
        self.local = WrongClock(self.clock)
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        numbers = iter(range(1, 1_000_000))
        self.world = self.stack.enter_context(
            World(clock=self.clock.now, uuids=lambda: f"00000000-0000-4000-8000-{next(numbers):012d}")
        )
        self.server = self.stack.enter_context(SimulatorServer(self.world, static_token="token", clock=self.clock.now))
        self.register = self.stack.enter_context(Register())
        paths = ProfilePaths(folder)
        http = self.stack.enter_context(Http(system=System.XPM))
        limiter = RateLimiter(paths.limits, system=System.XPM, clock=self.local, limits=Allowance(10**9))
        calls = XpmCalls(
            http=http,
            api_url=self.server.api_url,
            tenant_id=DEMO_TENANT.tenant_id,
            tokens=GivenToken(System.XPM, "token"),
            limiter=limiter,
            clock=self.local,
        )
        self.context = SyncContext(
            Settings("default", folder / "config.toml", xpm=XpmSettings(tenant_id=DEMO_TENANT.tenant_id)),
            paths,
            self.stack.enter_context(Ledger(paths.ledger)),
            XpmStore(calls),
            BuiltinStore(self.register),
            self.local,
        )
        self.xpm_ids: list[str] = []
        self.imported: dict[str, str] = {}
        self.emails = 0
        self.habits = dict.fromkeys(System, Quirks())

    def teardown(self) -> None:
        """Close everything."""
        self.stack.close()

    # --- people ---

    @initialize(contacts=st.lists(st.integers(1, 2), min_size=CLIENTS, max_size=CLIENTS), habits=habits)
    def begin(self, contacts: list[int], habits: dict[System, Quirks]) -> None:
        """A small practice in XPM, and an empty Ignition; each has its habits with what is written to it."""
        self.habits = habits
        self.world.quirks, self.register.quirks = habits[System.XPM], habits[System.IGNITION]
        for number, many in enumerate(contacts):
            xpm_id = self.world.add_client({"Name": f"Client {number}", "Phone": "02 5550 0001"})
            for place in range(many):
                fields = {"Name": f"Person {number}.{place}", "Email": self.fresh_email()}
                self.world.add_contact(xpm_id, fields, primary=not place)
            self.xpm_ids.append(xpm_id)
        for client in range(CLIENTS - 1):
            self.import_client(client)

    @precondition(lambda self: len(self.imported) < CLIENTS)
    @rule(client=which)
    def import_client(self, client: int) -> None:
        """Somebody imports a client; a second time there is nothing to do."""
        xpm_id = self.xpm_ids[client]
        try:
            proposal = propose(self.context, xpm_id, Silent())
            if proposal.link is None:
                link = create(self.context, proposal).link
                assert link is not None
                self.imported[xpm_id] = link.ignition_id
        except ImportRefused:
            assert xpm_id not in self.imported

    @rule(
        many=st.lists(happenings | decisions, max_size=5),
        mood=st.none() | moods,
        hours=st.integers(1, 40),
        wrong_by=st.sampled_from([0, 0, 0, 0, -60, -2, 2]),
        then=st.one_of(
            st.tuples(st.just("sync"), st.booleans()),
            st.tuples(st.just("killed"), st.integers(1, 3), st.booleans(), st.booleans()),
            st.tuples(
                st.just("fault"),
                st.sampled_from(["500", "503", "500-envelope", "429-minute", "401"]),
                st.integers(0, 2),
                st.booleans(),
            ),
            st.tuples(st.just("busy"), st.integers(1, 3), side, edits),
            st.tuples(st.just("look"), st.booleans()),
            st.tuples(st.just("undo"), st.booleans(), st.integers(0, 2)),
        ),
    )
    def a_day(
        self,
        many: list[tuple[Any, ...]],
        mood: SyncSettings | None,
        hours: int,
        wrong_by: int,
        then: tuple[Any, ...],
    ) -> None:
        """Users of both systems change this and that; in the evening there is a run, and it may go wrong."""
        self.clock.moment += timedelta(hours=hours)
        self.local.wrong_by = timedelta(hours=wrong_by)
        for what in many:
            match what:
                case "edit", side, client, edit:
                    self.edit(side, client, edit)
                case "contact", side, client:
                    self.add_contact(client, side)
                case "level", client, level:
                    self.decide(client, level, again=False)
                case "again", client:
                    self.decide(client, None, again=True)
                case _, client, archived:
                    self.world.set_state(self.xpm_ids[client], archived=archived)
        if mood is not None:
            self.context = replace(self.context, settings=replace(self.context.settings, sync=mood))
        match then:
            case "sync", full:
                self.run(full=full)
            case "killed", nth, confirmed, full:
                self.sync_killed(nth, confirmed, full)
            case "fault", kind, skip, full:
                self.sync_with_a_fault(kind, skip, full)
            case "busy", nth, side, edit:
                self.sync_while_somebody_works(nth, side, edit)
            case "look", full:
                self.look(full)
            case _, meddle, nth:
                self.undo(meddle, nth)

    def add_contact(self, client: int, side: System) -> None:
        """A new person at a client, on one side."""
        xpm_id = self.xpm_ids[client]
        fields = {"contact.name": f"New {self.emails}", "contact.email": self.fresh_email()}
        if side is System.XPM:
            self.world.add_contact(xpm_id, {"Name": fields["contact.name"], "Email": fields["contact.email"]})
        elif xpm_id in self.imported:
            self.by_hand(lambda: self.register.add_contact(self.imported[xpm_id], fields))

    def decide(self, client: int, level: Level | None, *, again: bool) -> None:
        """Somebody gives a client a level of its own, or unlinks it and links it again."""
        ledger = self.context.ledger
        link = ledger.link_of(self.xpm_ids[client])
        if link is not None and again:
            ledger.remove_link(link)
            ledger.add_link(Link(link.xpm_id, link.ignition_id, link.name, self.context.now()))
        elif link is not None:
            ledger.set_level(link, level)

    # --- runs ---

    def look(self, full: bool) -> None:
        """A preview writes nothing, anywhere."""
        before = self.snapshot()
        self.server.requests.clear()
        self.planned(full=full)
        assert not self.server.requests.writes()
        assert self.snapshot() == before

    def sync_killed(self, nth: int, confirmed: bool, full: bool) -> None:
        """A run dies at its n-th write; the next one settles and finishes the job."""
        plan = self.planned(full=True)
        if not plan.plan.changes:
            return
        self.context.ledger.journal.unsettled()
        killing = KillingStore(self.context.target, nth, confirmed=confirmed)
        to_xpm = self.context.target.system is System.XPM
        doomed = replace(self.context, xpm=killing) if to_xpm else replace(self.context, ignition=killing)
        try:
            apply(doomed, plan, Silent())
        except Killed:
            recover(self.context, Silent())
        assert not self.context.ledger.journal.open_writes()
        self.run(full=full)

    def sync_with_a_fault(self, kind: str, skip: int, full: bool) -> None:
        """XPM refuses a write; nothing is claimed that is not so, and the next run finishes."""
        plan = self.planned(full=True)
        self.server.faults.add(Fault(kind, method="PUT", skip=skip, retry_after=0))
        self.server.faults.add(Fault(kind, method="POST", skip=skip, retry_after=0))
        applied = apply(self.context, plan, Silent())
        self.server.faults.clear()
        if applied.outcome is RunOutcome.DONE:
            self.check_written(plan, applied)
        recover(self.context, Silent())
        self.run(full=full)

    def sync_while_somebody_works(self, nth: int, side: System, edit: tuple[str, str]) -> None:
        """Somebody edits a record that a run has just written; the next one sees it, however little it reads."""
        target = self.context.target.system

        def by_hand(client_id: str) -> None:
            ids = list(self.imported.values()) if target is System.IGNITION else list(self.imported)
            self.edit(side, self.xpm_ids.index(list(self.imported)[ids.index(client_id)]), edit)

        busy: Any = BusyStore(self.context.target, nth, by_hand)
        context = replace(self.context, **{target.value: busy})
        apply(context, self.planned(full=True), Silent())
        self.clock.moment += timedelta(hours=1)
        self.run(full=False)

    def undo(self, meddle: bool, nth: int) -> None:
        """A run, or an undo, is undone, perhaps after somebody edited what it wrote; the rest says why not."""
        journal = self.context.ledger.journal
        kinds = ("sync", "undo")
        runs = [run for run in journal.runs(10) if run.command in kinds and journal.writes(run.id)][nth:]
        if not runs:
            return
        if meddle:
            self.edit_again(runs[0].id)
        try:
            turned, found = plan_undo(self.context, runs[0].id, (), Silent())
        except XpmsyncError:
            return
        wrote = {
            (write.client.xpm_id, write.contact.id_in(write.system) if write.contact else "", one.field): one.new
            for write in self.context.ledger.journal.writes(runs[0].id)
            for one in write.fields
        }
        for change in found.plan.changes:
            contact = change.contact.id_in(turned.target.system) if change.contact else ""
            new = wrote[change.client.xpm_id, contact, change.field]
            assert new is not None
            assert same(catalogue_field(change.field).kind, new, change.old), change
        applied = apply(turned, found, Silent(), command="undo", undoes=runs[0].id)
        self.check_outcome(applied)
        written = sum(len(write.fields) for write in self.context.ledger.journal.writes(runs[0].id))
        assert len(found.plan.changes) + len(found.plan.holds) >= min(written, 1)
        self.check_written(found, applied, turned)

    def edit_again(self, run: int) -> None:
        """Somebody edits the first field that a run wrote, in the system it wrote."""
        write = self.context.ledger.journal.writes(run)[0]
        field = write.fields[0].field
        if write.contact is None and field in VALUES:
            value = next(v for v in reversed(VALUES[field]) if v and v != write.fields[0].new)
            self.edit(write.system, self.xpm_ids.index(write.client.xpm_id), (field, value))

    # --- what must hold ---

    @invariant()
    def nothing_is_created_twice(self) -> None:
        """As many clients in Ignition as were imported; no e-mail twice at one client on either side."""
        assert {client.id for client in self.register.clients()} == set(self.imported.values())
        for client in (*self.register.clients(), *xpm_clients(self.world)):
            emails = [contact.email for contact in client.contacts]
            assert len(emails) == len(set(emails)), client

    def run(self, *, full: bool) -> None:
        """Sync: the source stays as it is, the plan is done to the letter, a second run is empty."""
        before = self.snapshot()
        plan = self.planned(full=full)
        self.check_complete(plan)
        applied = apply(self.context, plan, Silent())
        self.check_outcome(applied)
        source = self.context.source.system
        assert self.snapshot()[source] == before[source]
        self.check_written(plan, applied)
        again = self.planned(full=full)
        assert applied.failures or not again.plan.changes, again.plan.changes
        if again.plan.changes:
            assert not any(change.overrides_edit for change in again.plan.changes), again.plan.changes
            self.check_outcome(apply(self.context, again, Silent()))
            again = self.planned(full=full)
            assert not again.plan.changes, again.plan.changes

    def check_outcome(self, applied: Applied) -> None:
        """A run fails in nothing but what the target did not take, and only where the target has such habits."""
        assert applied.outcome in (RunOutcome.DONE, RunOutcome.PARTIAL), (applied.outcome, applied.stopped)
        check_failures(applied, self.habits)

    def planned(self, *, full: bool) -> Preview:
        """A plan, checked against direction and level."""
        found = preview(self.context, Silent(), full=full)
        sync = self.context.settings.sync
        levels = {link.xpm_id: link.level or sync.level for link in self.context.ledger.links()}
        for change in found.plan.changes:
            level = levels[change.client.xpm_id]
            if change.kind is ChangeKind.FIELD:
                row = catalogue_field(change.field)
                assert sync.direction is Direction.FROM_XPM or change.field not in NEVER_TO_XPM, change
                assert level is Level.EVERYTHING or (level is Level.NAMES and change.field == "name"), change
                if change.field != "contact.primary":
                    assert not same(row.kind, change.new, change.old), change
                assert change.new or sync.clear_blanks, change
            else:
                assert level is Level.EVERYTHING
        return found

    def check_complete(self, found: Preview) -> None:
        """Every field that differs is a change or a hold."""
        told = {(one.client.xpm_id, one.field) for one in found.plan.changes}
        told |= {(one.client.xpm_id, one.field) for one in found.plan.holds}
        xpm = {client.id: client for client in xpm_clients(self.world)}
        for xpm_id, ignition_id in self.imported.items():
            here, there = xpm[xpm_id], self.register.get(ignition_id)
            assert there is not None
            if not here.state is there.state is ClientState.ACTIVE:
                continue
            for row in CLIENT_FIELDS:
                if row.name in self.habits[System.XPM].respells or row.name in self.habits[System.IGNITION].respells:
                    continue
                if not same(row.kind, here.values.get(row.name, ""), there.values.get(row.name, "")):
                    assert (xpm_id, row.name) in told, (row.name, here, there)

    def check_written(self, found: Preview, applied: Applied, context: SyncContext | None = None) -> None:
        """Every change of the plan is there now, as the source has it."""
        target = (context or self.context).target
        failed = {(failure.call.client, name) for failure in applied.failures for name in failure.fields}
        for change in found.plan.changes:
            record = target.get(change.client.id_in(target.system))
            assert record is not None
            if (change.client, change.field) in failed:
                continue
            if change.kind is ChangeKind.FIELD and change.contact is None:
                kept = self.habits[target.system].taken({change.field: change.new}).get(change.field, "")
                assert record.values.get(change.field, "").strip() == kept.strip()
            elif change.kind is ChangeKind.CONTACT:
                assert change.values["contact.email"] in {contact.email for contact in record.contacts}
        assert applied.failures or applied.written == len(found.plan.changes)

    def snapshot(self) -> dict[System, list[Client]]:
        """Both systems as they are now."""
        return {
            System.XPM: sorted(xpm_clients(self.world), key=lambda client: client.id),
            System.IGNITION: list(self.register.clients()),
        }

    def edit(self, side: System, client: int, edit: tuple[str, str]) -> None:
        """One edit by hand."""
        field, value = edit
        value = f"{value} {client}" if field == "name" else value  # names of different clients stay apart
        ignition_id = self.imported.get(self.xpm_ids[client])
        if side is System.XPM:
            self.by_hand(lambda: edit_xpm(self.world, self.xpm_ids[client], field, value))
        elif ignition_id:
            self.by_hand(lambda: edit_ignition(self.register, ignition_id, field, value))

    def by_hand(self, edit: Callable[[], object]) -> None:
        """Do what a person would; what the system refuses a person is refused."""
        self.clock.moment += timedelta(seconds=1)
        with suppress(XpmsyncError):
            edit()

    def fresh_email(self) -> str:
        """An address nobody else has."""
        self.emails += 1
        return f"p{self.emails}@example.com"


@pytest.mark.parametrize("shard", range(SHARDS))
def test_the_rules_hold_whatever_happens(shard: int, pytestconfig: pytest.Config) -> None:
    """Never against the direction or level, nothing twice, nothing lost, plans kept to the letter, undo honest."""

    @seed(shard)
    class Shard(Lives):
        pass

    Shard.TestCase.settings = settings(
        max_examples=int(pytestconfig.getoption("lives") * (1 - 2 * ROUTE_SHARE)) // SHARDS,
        stateful_step_count=8,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    case = Shard.TestCase(methodName="runTest")
    case.runTest()
