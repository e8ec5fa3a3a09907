"""The rig for tests of use cases: both systems, a ledger, and a clock that a test moves.

XPM is the real server on loopback, Ignition the built-in register, and what is
between them is opened as the command line opens it. It is empty, or has the
simulator's people.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar

from support.clock import FakeClock
from xpmsync.core.catalogue import field as catalogue_field
from xpmsync.core.enums import Direction
from xpmsync.core.model import Client, Link
from xpmsync.core.plan.plan import Plan
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.settings.sections import XpmSettings
from xpmsync.local.settings.settings import Settings, SyncSettings
from xpmsync.local.system.files import make_private
from xpmsync.local.system.paths import Paths, ProfilePaths
from xpmsync.simulator.edit import edit_ignition, edit_xpm
from xpmsync.simulator.ignition.register import Register
from xpmsync.simulator.people.seed import SEEDED_LINKS, client_id, ignition_id, seed_register, seed_world
from xpmsync.simulator.server.faults import Fault, Faults
from xpmsync.simulator.server.server import DEMO_TENANT, SimulatorServer
from xpmsync.simulator.world.world import World
from xpmsync.usecases.context.context import Silent, SyncContext
from xpmsync.usecases.context.open import open_context
from xpmsync.usecases.sync.apply import Applied, apply
from xpmsync.usecases.sync.preview import Preview, preview
from xpmsync.xpm.api.sign_in import ACCESS_TOKEN_VARIABLE

TOKEN: Final = "a-token-for-tests"
SEEDED_MOMENT: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TO_XPM: Final = SyncSettings(direction=Direction.TO_XPM)
Values = Mapping[str, str]


@dataclass(frozen=True)
class Pair:
    """A linked client's two ids."""

    xpm: str
    ignition: str


@dataclass
class SyncRig:
    """Both systems and a ledger. `settings` are those of the next run."""

    server: SimulatorServer
    world: World
    register: Register
    clock: FakeClock
    places: Paths
    settings: Settings
    _stack: ExitStack = field(default_factory=ExitStack)
    _context: SyncContext | None = None

    # --- who is there ---

    def xpm_client(self, *contacts: Values, state: str = "", **values: str) -> str:
        """A client of XPM, by catalogue names."""
        elements = {catalogue_field(name).xpm_read: text for name, text in values.items() if name != "group"}
        archived, deleted = state == "archived", state == "deleted"
        client = self.world.add_client({"Name": "Harbour Dental", **elements}, archived=archived, deleted=deleted)
        if "group" in values:
            self.world.set_groups(client, values["group"].splitlines())
        for person in contacts:
            self.xpm_contact(client, person)
        return client

    def xpm_contact(self, client: str, person: Values) -> str:
        """A contact of a client of XPM; XPM does not mark the client as changed."""
        own = {"contact.primary", "contact.position"}
        texts = {catalogue_field(name).xpm_read: text for name, text in person.items() if name not in own}
        primary = person.get("contact.primary") == "Yes"
        position = person.get("contact.position", "")
        return self.world.add_contact(client, texts, primary=primary, position=position)

    def ignition_client(self, *contacts: Values, **values: str) -> str:
        """A client of Ignition, with Ann as its contact unless told otherwise."""
        people = contacts or (contact("Ann Lee"),)
        return self.register.create({"name": "Harbour Dental", **values}, people).id

    def linked(self, *contacts: Values, xpm: Values | None = None, ignition: Values | None = None, **both: str) -> Pair:
        """A linked client alike on both sides, but for what `xpm` and `ignition` say; Ann is its contact."""
        people = contacts or (contact("Ann Lee", primary="Yes"),)
        ours = self.xpm_client(*people, **{**both, **(xpm or {})})
        theirs = self.ignition_client(*people, **{**both, **(ignition or {})})
        self.link(ours, theirs)
        return Pair(ours, theirs)

    def link(self, xpm: str, ignition: str) -> None:
        """Link two clients, as by hand."""
        client = self.world.client(xpm)
        with self.open() as context:
            name = client.name if client else "Gone"
            context.ledger.add_link(Link(xpm, ignition, name, context.now()))

    # --- what people do there ---

    def edit_xpm(self, pair: Pair, **values: str) -> None:
        """Somebody edits a client in XPM's screens, a minute later; contact fields as `contact__email`."""
        self.clock.sleep(60)
        for name, text in values.items():
            edit_xpm(self.world, pair.xpm, name.replace("__", ".").replace("_contact", "-contact"), text)

    def edit_ignition(self, pair: Pair, **values: str) -> None:
        """Somebody edits a client in Ignition's screens, a minute later."""
        self.clock.sleep(60)
        for name, text in values.items():
            edit_ignition(self.register, pair.ignition, name.replace("__", ".").replace("_contact", "-contact"), text)

    def an_hour_later(self) -> None:
        """Time passes, more than the overlap of two readings."""
        self.clock.sleep(3600)

    def fault(self, *faults: Fault) -> None:
        """Let things go wrong on the way to XPM."""
        self.server.faults.add(*faults)

    # --- what both systems hold ---

    def in_xpm(self, pair: Pair) -> Client:
        """XPM's record, as it would be read."""
        with self.open() as context:
            client = context.xpm.get(pair.xpm)
        assert client is not None
        return client

    def in_ignition(self, pair: Pair) -> Client:
        """Ignition's record."""
        client = self.register.get(pair.ignition)
        assert client is not None
        return client

    # --- what xpmsync does ---

    @property
    def paths(self) -> ProfilePaths:
        """The profile's state."""
        return self.places.profile("default")

    @property
    def sync(self) -> SyncSettings:
        """`[sync]` of the next run."""
        return self.settings.sync

    @sync.setter
    def sync(self, sync: SyncSettings) -> None:
        self.settings = replace(self.settings, sync=sync)

    def change_sync(self, **sync: object) -> None:
        """Change single settings of `[sync]`."""
        self.sync = replace(self.sync, **sync)  # type: ignore[arg-type]  # a test's own words

    @property
    def context(self) -> SyncContext:
        """Both systems and the ledger as a command opens them. Once asked for, they stay open for all that follows."""
        if self._context is None:
            self._context = self._stack.enter_context(self.open())
        return replace(self._context, settings=self.settings)

    def use(self, context: SyncContext) -> None:
        """Let all that follows use this context; whoever made it closes it."""
        self._context = context

    @contextmanager
    def open(self) -> Iterator[SyncContext]:
        """The context of one command; each command opens its own unless `context` was asked for."""
        if self._context is not None:
            yield self.context
            return
        environ = {ACCESS_TOKEN_VARIABLE: TOKEN}
        with open_context(
            self.settings, self.paths, environ, attended=False, progress=Silent(), clock=self.clock
        ) as context:
            yield context

    def preview(self, *clients: str, full: bool = False) -> Preview:
        """`diff`."""
        with self.open() as context:
            return preview(context, Silent(), clients=clients, full=full)

    def run(self, *clients: str, full: bool = False) -> Applied:
        """`sync --yes`."""
        with self.open() as context:
            return apply(context, preview(context, Silent(), clients=clients, full=full), Silent())

    @property
    def calls(self) -> list[str]:
        """The API calls that XPM saw since this was last asked, by name."""
        seen = [f"{call.method} {call.call.partition('/')[2].partition('/')[0]}" for call in self.server.requests.all()]
        self.server.requests.clear()
        return seen

    def forget_calls(self) -> None:
        """Count from here."""
        self.server.requests.clear()


Rig = TypeVar("Rig", bound=SyncRig)


def open_rig(folder: Path, *, seeded: bool = False, linked: bool = True) -> AbstractContextManager[SyncRig]:
    """An empty rig, or one with the simulator's people: 60 clients in XPM, most in Ignition too, 36 linked."""
    return open_rig_of(SyncRig, folder, seeded=seeded, linked=linked)


@contextmanager
def open_rig_of(kind: type[Rig], folder: Path, *, seeded: bool = False, linked: bool = True) -> Iterator[Rig]:
    """As `open_rig`, a rig of that class."""
    clock = FakeClock(SEEDED_MOMENT) if seeded else FakeClock()
    places = Paths(folder / "config.toml", folder / "state")
    paths = places.profile("default").ready()
    with ExitStack() as stack:
        world = stack.enter_context(World(clock=clock))
        register = stack.enter_context(Register(make_private(paths.register)))
        if seeded:
            seed_world(world)
            seed_register(register)
        server = stack.enter_context(SimulatorServer(world, static_token=TOKEN, faults=Faults(), clock=clock))
        if seeded and linked:
            link_seeded(world, paths)
        xpm = XpmSettings(tenant_id=DEMO_TENANT.tenant_id, api_url=server.api_url)
        settings = Settings("default", places.config_file, xpm=xpm)
        yield kind(server, world, register, clock, places, settings, stack)


def link_seeded(world: World, paths: ProfilePaths, prefix: str = "") -> None:
    """Link the simulator's people; `prefix` is what a route puts before Ignition's ids."""
    with Ledger(paths.ledger) as ledger, ledger.transaction():
        for xpm_id, ignition in SEEDED_LINKS:
            client = world.client(xpm_id)
            assert client is not None
            ledger.add_link(Link(xpm_id, f"{prefix}{ignition}", client.name, "2026-01-01T00:00:00+00:00"))


def seeded_pair(key: str) -> Pair:
    """One of the simulator's people."""
    return Pair(client_id(key), ignition_id(key))


def contact(name: str, email: str = "", **values: str) -> dict[str, str]:
    """A contact by its values; the e-mail is made from the name unless given."""
    address = email or f"{name.split()[0].lower()}@example.com"
    return {"contact.name": name, "contact.email": address} | {f"contact.{key}": text for key, text in values.items()}


def changes_of(plan: Plan) -> Sequence[tuple[str, str, str]]:
    """A plan's changes in short: field, old, new."""
    return [(change.field, change.old, change.new) for change in plan.changes]
