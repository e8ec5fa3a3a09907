"""A creation of unknown outcome, as a person meets it: exit code 5, named everywhere, with what settles it."""

from __future__ import annotations

from typing import Final

import pytest

from support.cli_runner import Live
from xpmsync.core.enums import Direction, Level, System
from xpmsync.core.model import ClientRef
from xpmsync.core.plan.plan import Call, CallKind, Change, ChangeKind, Why
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.simulator.ignition.register import Register

NAME: Final = "Banksia Pty Ltd"
ANN: Final = {"contact.name": "Ann Lee", "contact.email": "ann@example.com"}
DIFFERING: Final = "Harbour Dental Ltd"


@pytest.fixture
def client(live: Live) -> str:
    """An XPM client whose creation was interrupted, and two namesakes that Ignition has got since."""
    live.linked(DIFFERING)
    xpm_id = live.client(NAME)
    ref = ClientRef(xpm_id, "", NAME)
    change = Change(ref, ChangeKind.RECORD, "client", "", NAME, Why.FIRST_SYNC, values={"name": NAME}, contacts=(ANN,))
    call = Call(ref, CallKind.CREATE, change.values, (change,), contacts=change.contacts)
    with Ledger(live.paths.ledger) as ledger:
        run = ledger.journal.begin("import", Direction.FROM_XPM, Level.EVERYTHING, "2026-11-20T09:00:00+00:00")
        ledger.journal.intend(run, call, System.IGNITION, "2026-11-20T09:00:00+00:00", present=())
    with Register(live.paths.register) as register:
        for _ in range(2):
            register.create({"name": NAME}, [ANN])
    return xpm_id


def namesakes(live: Live) -> int:
    """How many clients of that name Ignition has."""
    with Register(live.paths.register) as register:
        return sum(client.name == NAME for client in register.clients())


def fitting(live: Live) -> list[str]:
    """The clients that may be the created one, as `status --json` names them."""
    undecided = live.shell("--json", "status").data["undecided"]
    assert isinstance(undecided, list)
    return undecided[0]["fitting"] if undecided else []


def test_every_run_names_it_and_ends_with_5(live: Live, client: str) -> None:
    """The rest is written; both commands that settle it are shown."""
    for _ in range(2):
        ended = live.shell("--json", "sync", "--yes")
        assert (ended.exit_code, ended.codes) == (5, ["undecided"])
    assert live.phones()[DIFFERING] == "02 5550 0101"
    shown = live.shell("sync", "--yes").err
    assert NAME in shown
    assert f"xpmsync link {client} " in shown
    assert f"xpmsync import {client} --new" in shown


def test_status_and_doctor_name_it(live: Live, client: str) -> None:
    """With the same commands."""
    live.shell("sync", "--yes")
    assert f"xpmsync import {client} --new" in live.shell("status").out
    assert len(fitting(live)) == 2
    assert f"xpmsync link {client} " in live.shell("doctor", "--offline").out


def test_import_shows_what_is_there_and_creates_nothing(live: Live, client: str) -> None:
    """Until a person says --new; then one more is created, and nothing is undecided any longer."""
    live.shell("sync", "--yes")
    assert live.shell("--json", "import", client, "--yes").codes[-1] == "import-refused"
    assert namesakes(live) == 2
    assert live.shell("import", client, "--new", "--yes").exit_code == 0
    assert namesakes(live) == 3
    assert live.shell("sync", "--yes").exit_code == 0


def test_link_settles_it(live: Live, client: str) -> None:
    """With one of the clients that were named."""
    live.shell("sync", "--yes")
    assert live.shell("link", client, fitting(live)[0]).exit_code == 0
    assert live.shell("sync", "--yes").exit_code == 0
    assert fitting(live) == []
