"""One practice for the tests of use cases: both systems, a ledger, and a clock that only moves when told.

XPM is the real server on loopback, Ignition the built-in register, and what is
between them is opened as the command line opens it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from support.clock import FakeClock
from xpmsync.core.catalogue import field as catalogue_field
from xpmsync.core.enums import Direction
from xpmsync.core.model import Client, Link
from xpmsync.core.plan.plan import Plan
from xpmsync.local.settings.settings import Settings, SyncSettings, XpmSettings
from xpmsync.local.system.files import make_private
from xpmsync.local.system.paths import Paths, ProfilePaths
from xpmsync.simulator.edit import edit_ignition, edit_xpm
from xpmsync.simulator.ignition.register import Register
from xpmsync.simulator.server.faults import Fault, Faults
from xpmsync.simulator.server.server import DEMO_TENANT, SimulatorServer
from xpmsync.simulator.world.world import World
from xpmsync.usecases.context.context import Silent, SyncContext
from xpmsync.usecases.context.open import open_context
from xpmsync.usecases.sync.apply import Applied, apply
from xpmsync.usecases.sync.preview import Preview, preview
from xpmsync.xpm.api.sign_in import ACCESS_TOKEN_VARIABLE

__all__ = ["TO_XPM", "Office", "Pair", "contact", "opened_office", "told"]

TOKEN: Final = "a-token-for-tests"
TO_XPM: Final = SyncSettings(direction=Direction.TO_XPM)
Values = Mapping[str, str]


@dataclass(frozen=True)
class Pair:
    """A linked client's two ids."""

    xpm: str
    ignition: str


@dataclass
class Office:
    """A practice, empty at first. `sync` holds the settings of the next run."""

    server: SimulatorServer
    world: World
    register: Register
    clock: FakeClock
    places: Paths
    sync: SyncSettings = field(default_factory=SyncSettings)

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
        """Somebody edits a client in Ignition's screens."""
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
    def settings(self) -> Settings:
        """The settings of the next run."""
        xpm = XpmSettings(tenant_id=DEMO_TENANT.tenant_id, api_url=self.server.api_url)
        return Settings("default", self.places.config_file, sync=self.sync, xpm=xpm)

    @contextmanager
    def open(self) -> Iterator[SyncContext]:
        """The practice as a command opens it; every command opens it anew."""
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
        """The API calls XPM saw since the last look, by name."""
        seen = [f"{one.method} {one.call.partition('/')[2].partition('/')[0]}" for one in self.server.requests.all()]
        self.server.requests.clear()
        return seen

    def forget_calls(self) -> None:
        """Count from here."""
        self.server.requests.clear()


@contextmanager
def opened_office(folder: Path) -> Iterator[Office]:
    """An empty practice."""
    clock = FakeClock()
    places = Paths(folder / "config.toml", folder / "state")
    with (
        World(clock=clock) as world,
        SimulatorServer(world, static_token=TOKEN, faults=Faults(), clock=clock) as server,
        Register(make_private(places.profile("default").ready().register)) as register,
    ):
        yield Office(server, world, register, clock, places)


def contact(name: str, email: str = "", **values: str) -> dict[str, str]:
    """A contact by its values; the e-mail is made from the name unless given."""
    address = email or f"{name.split()[0].lower()}@example.com"
    return {"contact.name": name, "contact.email": address} | {f"contact.{key}": text for key, text in values.items()}


def told(plan: Plan) -> Sequence[tuple[str, str, str]]:
    """A plan's changes in short: field, old, new."""
    return [(change.field, change.old, change.new) for change in plan.changes]
