"""Random lives on the routes csv, mcp and XPM's files: after two undisturbed runs nothing more is written.

The lives of the rules machine are lived on the built-in register; these share their
happenings and habits. IgnitionFilesRig are uploaded by people, who may be late or forget it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings, strategies as st

from support.ignition_files_rig import IgnitionFilesRig, open_ignition_files
from support.lives import CLIENTS, ROUTE_SHARE, check_failures, decisions, happenings, odd_edits, quirks
from support.simulator_http import xpm_clients
from support.sync_rig import TO_XPM, Pair, SyncRig, contact, open_rig
from support.xpm_files_rig import XpmFilesRig, open_xpm_files
from xpmsync.core.enums import Direction, Level, OnEdited, System
from xpmsync.core.model import Client, Link
from xpmsync.core.plan.hold_codes import HoldCode
from xpmsync.core.plan.plan import Plan
from xpmsync.errors import FileRefused, XpmsyncError
from xpmsync.ignition.csv.store import CsvStore
from xpmsync.local.ledger.summary import RunOutcome
from xpmsync.local.settings.settings import SyncSettings
from xpmsync.simulator.edit import edit_ignition, edit_xpm
from xpmsync.simulator.ignition.files import Upload, upload
from xpmsync.simulator.world.quirks import Quirks
from xpmsync.simulator.xpm_files.rules import ImportRules, KeyRule, every_rules
from xpmsync.usecases import uploads
from xpmsync.usecases.sync.apply import Applied
from xpmsync.xpm.files.proof import WriteKind

Happening = tuple[Any, ...]


@dataclass(frozen=True)
class Day:
    """What people do, what `[sync]` is by then, and whether the run's files are uploaded and exported."""

    happenings: Sequence[Happening]
    mood: SyncSettings | None
    is_full: bool
    is_uploaded: bool
    is_exported: bool


working = st.builds(
    SyncSettings,
    st.sampled_from(Direction),
    st.sampled_from([Level.EVERYTHING, Level.EVERYTHING, Level.NAMES]),
    st.sampled_from(OnEdited),
    st.booleans(),
)
"""`[sync]` of runs that mostly have much to write."""
days = st.lists(
    st.builds(
        Day,
        st.lists(happenings | odd_edits | decisions, min_size=3, max_size=8),
        st.none() | working,
        st.booleans(),
        st.booleans(),
        st.booleans(),
    ),
    min_size=1,
    max_size=3,
)
habits = st.fixed_dictionaries(dict.fromkeys(System, quirks))
"""What the two systems do with values that are written to them."""


@dataclass
class Life:
    """A practice whose Ignition acts at once."""

    rig: SyncRig
    habits: dict[System, Quirks]
    prefix: str = ""
    """What the route puts before the register's ids."""
    pairs: list[Pair] = field(default_factory=list)
    emails: int = 0

    def begin(self) -> None:
        """Linked clients alike on both sides."""
        for number in range(CLIENTS):
            person = contact(f"Person {number}", f"p{number}@example.com", primary="Yes")
            values = {"name": f"Client {number}", "phone": "02 5550 0001"}
            pair = Pair(self.rig.xpm_client(person, **values), self.rig.ignition_client(person, **values))
            self.rig.link(pair.xpm, f"{self.prefix}{pair.ignition}")
            self.pairs.append(pair)
        self.rig.world.quirks = self.habits[System.XPM]

    def happen(self, what: Happening) -> None:
        """People edit; what a system refuses a person is refused."""
        self.rig.clock.sleep(60)
        with suppress(XpmsyncError):
            match what:
                case "edit", side, client, (name, value):
                    value = f"{value} {client}" if name == "name" else value
                    if side is System.XPM:
                        edit_xpm(self.rig.world, self.pairs[client].xpm, name, value)
                    else:
                        edit_ignition(self.rig.register, self.pairs[client].ignition, name, value)
                case "contact", side, client:
                    self.emails += 1
                    person = contact(f"New {self.emails}", f"new{self.emails}@example.com")
                    if side is System.XPM:
                        self.rig.xpm_contact(self.pairs[client].xpm, person)
                    else:
                        self.rig.register.add_contact(self.pairs[client].ignition, person)
                case "level", client, level:
                    self.decide(client, level, again=False)
                case "again", client:
                    self.decide(client, None, again=True)
                case _, client, archived:
                    self.rig.world.set_state(self.pairs[client].xpm, archived=archived)

    def decide(self, client: int, level: Level | None, *, again: bool) -> None:
        """Somebody gives a client a level of its own, or unlinks it and links it again."""
        with self.rig.open() as context:
            link = context.ledger.link_of(self.pairs[client].xpm)
            assert link is not None
            if again:
                context.ledger.remove_link(link)
                context.ledger.add_link(Link(link.xpm_id, link.ignition_id, link.name, context.now()))
            else:
                context.ledger.set_level(link, level)

    def live(self, day: Day) -> None:
        """A day, and its run."""
        for what in day.happenings:
            self.happen(what)
        if day.mood is not None:
            self.rig.sync = day.mood
        self.run(full=day.is_full)

    def run(self, *, full: bool) -> Applied:
        """A run changes nothing in the source, and fails in nothing but what the target does not take."""
        self.rig.an_hour_later()
        source = self.rig.sync.direction.source
        before = self.snapshot(source)
        applied = self.rig.run(full=full)
        assert self.snapshot(source) == before
        assert applied.outcome in (RunOutcome.DONE, RunOutcome.PARTIAL), applied.stopped
        check_failures(applied, self.habits)
        return applied

    def rest(self) -> Applied:
        """A run that nobody disturbs; it reads everything, as edits of contacts do not mark XPM's client."""
        return self.run(full=True)

    def check_end(self) -> None:
        """Two runs that nobody disturbs write all there is, and call nothing of it an edit."""
        edited = _held_as_edited(self.rest().plan)
        second = self.rest()
        assert not [change for change in second.plan.changes if change.overrides_edit]
        assert _held_as_edited(second.plan) <= edited
        for full in (False, True):
            last = self.run(full=full)
            assert (last.plan.changes, last.failures) == ((), ())
            assert _held_as_edited(last.plan) <= edited
        for client in (*self.snapshot(System.XPM), *self.snapshot(System.IGNITION)):
            addresses = [person.email for person in client.contacts]
            assert len(addresses) == len(set(addresses)), client

    def snapshot(self, system: System) -> list[Client]:
        """A system as it is now."""
        if system is System.IGNITION:
            return list(self.rig.register.clients())
        return sorted(xpm_clients(self.rig.world), key=lambda client: client.id)


class FilesLife(Life):
    """A practice whose Ignition is reached by files: what a run wrote is there once a person uploads it."""

    rig: IgnitionFilesRig

    def begin(self) -> None:
        """The register has its habits with what is uploaded."""
        super().begin()
        self.rig.register.quirks = self.habits[System.IGNITION]
        self.uploaded: set[Path] = set()
        self.rig.export()

    def live(self, day: Day) -> None:
        """The files may stay where they are, or be uploaded without an export after it."""
        super().live(day)
        if day.is_uploaded:
            self.upload()
        if day.is_exported:
            self.export()

    def export(self) -> None:
        """Export; xpmsync doubts that it is the newest where it equals an older one, which the person confirms."""
        self.rig.export()
        with self.rig.open() as context:
            assert isinstance(context.ignition, CsvStore)
            try:
                context.ignition.begin()
            except FileRefused:
                context.ignition.accept_file()

    def rest(self) -> Applied:
        """All that the run asks for: an export before it, the upload and the word that it is done, and an export."""
        self.export()
        applied = super().rest()
        if self.upload():
            with self.rig.open() as context:
                uploads.mark_uploaded(context.settings, context.paths, context.ledger, None, self.rig.clock)
        self.export()
        return applied

    def check_end(self) -> None:
        """No file waits either."""
        super().check_end()
        assert self.rig.pending().files == ()

    def upload(self) -> int:
        """Upload what waits, files of new records once only, as they say; returns how many files waited."""
        paths = [file.path for file in self.rig.pending().files if file.uploaded is None]
        for path in paths:
            if "-new-" not in path.name or path not in self.uploaded:
                upload(self.rig.register, path.read_bytes(), self.rig.how)
                self.uploaded.add(path)
        return len(paths)


class XpmFilesLife(Life):
    """A practice whose XPM is reached by files, with an import by `rules`; a pilot has proven what it does."""

    rig: XpmFilesRig
    rules: ImportRules

    def begin(self) -> None:
        """Every kind of write is proven, renaming only where the import goes by UUIDs."""
        super().begin()
        self.rig.register.quirks = self.habits[System.IGNITION]
        self.imported: set[Path] = set()
        renames = self.rules.key is KeyRule.UUID
        self.rig.prove(*(kind for kind in WriteKind if renames or kind is not WriteKind.CLIENT_NAME))

    def live(self, day: Day) -> None:
        """The exports may be of yesterday; the files may stay where they are, or be imported without a word."""
        if day.is_exported:
            self.export()
        super().live(day)
        if day.is_uploaded:
            self.upload()
            self.export()

    def export(self) -> None:
        """Export; where that equals an older one the person confirms that it is the newest."""
        self.rig.export()
        with self.rig.open() as context:
            try:
                context.xpm.deferred.begin()
            except FileRefused:
                context.xpm.deferred.accept_file()

    def rest(self) -> Applied:
        """An export, a run, the import and the word that it is done, and an export again."""
        self.export()
        applied = super().rest()
        self.upload()
        self.rig.say_imported()
        self.export()
        return applied

    def check_end(self) -> None:
        """No client was made or lost, and no file waits either.

        Exports leave out archived clients, so what waits for one shows once it is restored.
        """
        for pair in self.pairs:
            self.rig.world.set_state(pair.xpm, archived=False)
        super().check_end()
        assert {client.uuid for client in self.rig.world.clients()} == {pair.xpm for pair in self.pairs}
        with self.rig.open() as context:
            assert context.xpm.deferred.waiting().files == ()

    def upload(self) -> None:
        """Import what waits, files of new contacts once only, as they say."""
        for path in sorted(self.rig.uploads.glob("*.csv")):
            if "NEW" not in path.name or path not in self.imported:
                self.rig.import_file(path, self.rules)
                self.imported.add(path)


def _held_as_edited(plan: Plan) -> set[tuple[str, str]]:
    return {(hold.client.xpm_id, hold.field) for hold in plan.holds if hold.code is HoldCode.EDITED}


def lived(life: Life, days: Sequence[Day]) -> None:
    """Live a life to its quiet end."""
    life.begin()
    for day in days:
        life.live(day)
    life.check_end()


def options(config: pytest.Config) -> settings:
    """As many lives as are a route's share."""
    lives = max(1, int(config.getoption("lives") * ROUTE_SHARE))
    return settings(max_examples=lives, deadline=None, suppress_health_check=list(HealthCheck))


def test_lives_with_files_come_to_rest(pytestconfig: pytest.Config) -> None:
    """Export, sync, upload and export twice: a third time there is nothing to write, and no file waits."""

    @seed(1)
    @options(pytestconfig)
    @given(days=days, habits=habits, blank_clears=st.booleans())
    def live(days: list[Day], habits: dict[System, Quirks], blank_clears: bool) -> None:
        with TemporaryDirectory() as place, open_ignition_files(Path(place)) as files:
            files.how = Upload(blank_clears=blank_clears)
            lived(FilesLife(files, habits), days)

    live()


def test_lives_with_xpms_files_come_to_rest(pytestconfig: pytest.Config) -> None:
    """Whatever XPM's import goes by: nobody is doubled, and in the end no file waits."""

    @seed(1)
    @options(pytestconfig)
    @given(days=days, habits=habits, rules=st.sampled_from(list(every_rules())))
    def live(days: list[Day], habits: dict[System, Quirks], rules: ImportRules) -> None:
        with TemporaryDirectory() as place, open_xpm_files(Path(place)) as rig:
            rig.sync = TO_XPM
            life = XpmFilesLife(rig, habits)
            life.rules = rules
            lived(life, days)

    live()


def test_lives_with_the_mcp_server_come_to_rest(pytestconfig: pytest.Config) -> None:
    """A server that respells, cuts and ignores values is left alone after two runs."""
    pytest.importorskip("mcp", reason="the extra mcp is not installed")
    from support.mcp_dialects import Snake
    from support.mcp_rig import McpRig
    from support.mcp_server import serving

    with serving(Snake()) as served:

        @seed(1)
        @options(pytestconfig)
        @given(days=days, habits=habits)
        def live(days: list[Day], habits: dict[System, Quirks]) -> None:
            with TemporaryDirectory() as place, open_rig(Path(place, "practice")) as rig:
                served.register, served.dialect = rig.register, Snake(page=50, takes=habits[System.IGNITION].taken)
                mcp = McpRig(served, Path(place), rig.clock)
                mcp.sign_in()
                with mcp.store() as store:
                    rig.use(replace(rig.context, ignition=store))
                    lived(Life(rig, habits, prefix="cli_"), days)

        live()
