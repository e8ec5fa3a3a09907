"""The store contract, for every store there is; a new route adds its rig to `RIGS`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final

import pytest

from support.csv_rig import open_csv_rig
from support.http_rig import open_http_rig
from support.store_contract import Rig, StoreContract
from xpmsync.core.catalogue import field
from xpmsync.core.enums import System
from xpmsync.errors import Rejected
from xpmsync.ignition.builtin import BuiltinStore, open_store
from xpmsync.ignition.csv.store import CsvStore
from xpmsync.ignition.routes import MODULES, RouteContext, open_route
from xpmsync.local.settings.settings import IgnitionSettings, Route, Settings
from xpmsync.local.system.clock import SystemClock
from xpmsync.local.system.paths import ProfilePaths
from xpmsync.simulator.ignition.register import Register


@contextmanager
def builtin(folder: Path) -> Iterator[Rig]:
    """The built-in register, reopened for every look."""
    path = folder / "register.sqlite"
    with Register(path) as register, Register(path) as later:
        yield Rig(
            store=BuiltinStore(register),
            create=lambda values, contacts: BuiltinStore(register).create(values, contacts).id,
            archive=register.archive,
            unknown="9999999",
            reopen=lambda: BuiltinStore(later),
        )


@contextmanager
def xpm(folder: Path) -> Iterator[Rig]:
    """XPM over HTTP; clients are made by the back door, since xpmsync never creates any there."""
    with open_http_rig(folder) as rig:

        def create(values: Mapping[str, str], contacts: Sequence[Mapping[str, str]]) -> str:
            client = rig.world.add_client({field(name).xpm_read: text for name, text in values.items()})
            for contact in contacts:
                texts = {field(name).xpm_read: text for name, text in contact.items() if name != "contact.primary"}
                rig.world.add_contact(client, texts, primary=contact.get("contact.primary") == "Yes")
            return client

        yield Rig(
            store=rig.store(),
            create=create,
            archive=lambda client_id: rig.world.set_state(client_id, archived=True),
            unknown="00000000-0000-4000-8000-000000000000",
            reopen=rig.store,
        )


@contextmanager
def csv(folder: Path) -> Iterator[Rig]:
    """Ignition's files on both sides: what takes effect is what a person uploads and exports again."""
    with open_csv_rig(folder) as rig:
        rig.export()

        def settle() -> None:
            mine.store.finish(linked={client.id: client.id for client in rig.register.clients()}, compared=())
            for path in sorted(rig.uploads.glob("*.csv")):
                rig.upload(path)
            rig.export()

        mine = CsvRig(
            store=rig.store(),
            create=lambda values, contacts: rig.register.create(values, contacts).id,
            archive=rig.register.archive,
            unknown="9999999",
            settle=settle,
            reopen=rig.store,
        )
        yield mine


class CsvRig(Rig):
    """A rig whose store hands over files."""

    store: CsvStore


RIGS: Final[Mapping[str, Callable[[Path], AbstractContextManager[Rig]]]] = {
    "builtin": builtin,
    "csv": csv,
    "xpm": xpm,
}


@pytest.fixture(params=list(RIGS))
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    """Each store in turn."""
    with RIGS[request.param](tmp_path) as rig:
        yield rig


class TestEveryStore(StoreContract):
    """The same promises for all."""


def surroundings(folder: Path, route: Route) -> RouteContext:
    """A profile with that route."""
    settings = Settings("default", folder / "config.toml", ignition=IgnitionSettings(route=route))
    return RouteContext(settings, ProfilePaths(folder / "state"), SystemClock())


@pytest.mark.parametrize("route", [*MODULES])
def test_a_route_is_a_module_with_open_store(route: Route) -> None:
    """All that registering a route takes is a name in `MODULES`; nothing is imported before it is used."""
    from importlib import import_module

    assert callable(import_module(MODULES[route]).open_store)


def test_the_builtin_route_opens_an_empty_register_at_first(tmp_path: Path) -> None:
    """In the profile's own state folder; what is created there is there the next time."""
    around = surroundings(tmp_path, Route.BUILTIN)
    with open_route(around) as store:
        assert store.system is System.IGNITION
        assert list(store.read()) == []
        made = store.create({"name": "A"}, [{"contact.name": "Ann", "contact.email": "ann@example.com"}])
    with open_store(around) as store:
        assert [client.id for client in store.read()] == [made.id]


@contextmanager
def opened(folder: Path) -> Iterator[BuiltinStore]:
    """An empty built-in register."""
    with Register(folder / "register.sqlite") as register:
        yield BuiltinStore(register)


def test_creating_in_ignition_needs_a_contact_with_name_and_email(tmp_path: Path) -> None:
    """Ignition's own rule: nothing is created otherwise."""
    with opened(tmp_path) as store:
        for contacts in ([], [{"contact.name": "Ann"}], [{"contact.email": "ann@example.com"}]):
            with pytest.raises(Rejected):
                store.create({"name": "A"}, contacts)
        assert list(store.read()) == []


def test_a_client_is_found_by_the_reference_people_see(tmp_path: Path) -> None:
    """`CLI-1001`, in any case, stands on Ignition's screens."""
    with opened(tmp_path) as store:
        made = store.create({"name": "A"}, [{"contact.name": "Ann", "contact.email": "ann@example.com"}])
        assert made.number == "CLI-1001"
        found = store.get(" cli-1001 ")
        assert found is not None
        assert found.id == made.id
        assert store.get("CLI-9") is None


def test_search_looks_at_references_and_contacts_too(tmp_path: Path) -> None:
    """A person may know the e-mail or the number only."""
    with opened(tmp_path) as store:
        made = store.create({"name": "A"}, [{"contact.name": "Ann Lee", "contact.email": "ann@example.com"}])
        for text in ("cli-1001", "ANN@", "lee"):
            assert [client.id for client in store.search(text)] == [made.id]
