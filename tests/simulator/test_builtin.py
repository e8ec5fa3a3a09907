"""The practice of the demo profile: kept in a folder, driven from outside, started over."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from support.simulator_http import Served
from xpmsync.errors import StateUnusable
from xpmsync.simulator.builtin import Simulator, editor_of, open_simulator, open_world, register_path, reset
from xpmsync.simulator.edit import edit_xpm
from xpmsync.simulator.ignition.register import Register
from xpmsync.simulator.people.generate import generate
from xpmsync.simulator.people.seed import SEEDED_LINKS, client_id, ignition_id
from xpmsync.simulator.server.server import SimulatorServer
from xpmsync.simulator.world.world import World


def listed(context: Simulator) -> str:
    """The detailed list, asked for as the demo profile does."""
    headers = {"Authorization": f"Bearer {context.token}", "xero-tenant-id": context.tenant_id}
    address = f"{context.server.api_url}client.api/list?detailed=true"
    return httpx.get(address, headers=headers, trust_env=False).text


def test_first_opening_fills_both_sides_and_state_is_kept(tmp_path: Path) -> None:
    """What is written in one opening is there in the next."""
    with open_simulator(tmp_path) as context:
        assert "Café Zoë Pty Ltd" in listed(context)
        edit_xpm(context.world, "Café Zoë Pty Ltd", "name", "Café Zoë & Co")
    with Register(register_path(tmp_path)) as register:
        assert all(register.get(ignition) for _, ignition in SEEDED_LINKS)
        register.delete(ignition_id("nguyen"))
    with open_simulator(tmp_path) as context:
        assert "Café Zoë &amp; Co" in listed(context)
        assert context.register == register_path(tmp_path)
    with Register(register_path(tmp_path)) as register:
        assert register.get(ignition_id("nguyen")) is None


def test_clients_kept_by_a_former_version_are_filled_in_again(tmp_path: Path) -> None:
    """Its tables are replaced, so the made-up practice is as at the beginning; the register stays."""
    with open_simulator(tmp_path) as context:
        first = list(context.world.clients())
        context.world.update_client(first[0].uuid, {"Name": "Changed Ltd"})
    with Register(register_path(tmp_path)) as register:
        register.delete(ignition_id("nguyen"))
    with closing(sqlite3.connect(tmp_path / "xpm.sqlite")) as former:
        former.executescript(
            "DROP TABLE clients; CREATE TABLE clients (uuid TEXT, fields TEXT); CREATE TABLE members (client TEXT);"
            " INSERT INTO clients VALUES ('u', '{}'); PRAGMA user_version = 2"
        )
    with open_simulator(tmp_path) as context:
        assert list(context.world.clients()) == first
    with Register(register_path(tmp_path)) as register:
        assert register.get(ignition_id("nguyen")) is None


def test_a_sign_in_outlasts_the_server(tmp_path: Path) -> None:
    """Tokens are kept with the practice."""
    form = {"grant_type": "refresh_token", "client_id": "x", "refresh_token": "x"}
    with open_simulator(tmp_path) as context:
        context.server.identity.disconnect(context.server.identity.tenants[0].connection)
        assert httpx.post(f"{context.server.url}/connect/token", data=form, trust_env=False).status_code == 401
    with open_simulator(tmp_path) as context:
        assert len(context.server.identity.connected()) == 1


def test_reset_starts_over_and_touches_nothing_else(tmp_path: Path) -> None:
    """The ledger beside it stays; resetting twice is fine."""
    other = tmp_path / "ledger.sqlite"
    other.write_text("mine", encoding="utf-8")
    with open_simulator(tmp_path) as context:
        edit_xpm(context.world, "Café Zoë Pty Ltd", "archived", "yes")
    reset(tmp_path)
    reset(tmp_path)
    assert other.read_text(encoding="utf-8") == "mine"
    with open_world(tmp_path) as world:
        assert not world.named("Café Zoë Pty Ltd")[0].archived


def test_two_processes_open_a_new_practice_at_once(tmp_path: Path) -> None:
    """It is filled once, and both can use it."""
    program = (
        "import sys; from pathlib import Path; from xpmsync.simulator.builtin import open_simulator\n"
        "with open_simulator(Path(sys.argv[1])) as practice: print(practice.world.count())\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    assert [process.communicate(timeout=60)[0].strip() for process in running] == ["60", "60"]


def test_an_edit_reaches_a_server_in_another_process(tmp_path: Path) -> None:
    """Editing goes through the file; the running server answers with the new value."""
    program = (
        "import sys; from pathlib import Path; from xpmsync.simulator.builtin import open_world\n"
        "from xpmsync.simulator.edit import edit_xpm\n"
        "with open_world(Path(sys.argv[1])) as world: edit_xpm(world, sys.argv[2], 'city', 'Wagga Wagga')\n"
    )
    with open_simulator(tmp_path) as context:
        subprocess.run([sys.executable, "-c", program, str(tmp_path), client_id("nguyen")], check=True, timeout=60)
        assert "<City>Wagga Wagga</City>" in listed(context)


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    """A file in the folder's place is a clear error."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StateUnusable), open_simulator(tmp_path / "file"):
        pass


def test_a_taken_port_is_named(served: Served) -> None:
    """Two servers cannot share a port."""
    port = int(served.server.url.rpartition(":")[2])
    with pytest.raises(StateUnusable) as unusable:
        SimulatorServer(served.world, port=port)
    assert str(port) in str(unusable.value)


def test_faults_and_requests_over_http(served: Served) -> None:
    """A server in another process is driven by `/_practice/`; those calls are not logged themselves."""
    control = f"{served.server.url}/_practice"
    waiting = served.http.post(f"{control}/faults", json=[{"kind": "503", "path": "list", "times": 2}, {"kind": "500"}])
    assert waiting.json() == 2
    assert [fault["kind"] for fault in served.http.get(f"{control}/faults").json()] == ["503", "500"]
    assert served.http.get("client.api/list").status_code == 503
    assert served.http.delete(f"{control}/faults").json() == 0
    assert served.http.get("client.api/list").status_code == 200
    seen = served.http.get(f"{control}/requests").json()
    assert [(each["method"], each["path"].rpartition("/")[2]) for each in seen] == [("GET", "list")] * 2
    assert "authorization" not in seen[0]["headers"]
    served.http.delete(f"{control}/requests")
    assert served.http.get(f"{control}/requests").json() == []


@pytest.mark.parametrize(
    "body",
    ["", "[]", "no json", '{"kind": "nonsense"}', '{"kind": "500", "colour": 1}', '{"kind": "500", "times": "x"}'],
)
def test_faults_that_make_no_sense_are_a_400(served: Served, body: str) -> None:
    """With the reason in JSON."""
    answer = served.http.post(f"{served.server.url}/_practice/faults", content=body)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_edits_over_http(tmp_path: Path) -> None:
    """A served practice takes edits of both sides."""
    with open_simulator(tmp_path) as context, httpx.Client(trust_env=False) as http:
        address = f"{context.server.url}/_practice/edit"
        edit = {"system": "xpm", "client": "Café Zoë Pty Ltd", "field": "city", "value": "Fitzroy"}
        assert http.post(address, json=edit).json()["old"] == "Collingwood"
        edit = {"system": "ignition", "client": ignition_id("nguyen"), "field": "city", "value": "Unley"}
        assert http.post(address, json=edit).json()["new"] == "Unley"
        for wrong in ({}, edit | {"system": "sap"}, edit | {"field": "colour"}, edit | {"client": "Nobody"}):
            assert http.post(address, content=json.dumps(wrong)).status_code == 400


def test_a_server_can_serve_a_register_in_memory(world: World) -> None:
    """`simulator serve --clients N` keeps both sides in memory."""
    with World() as generated, Register() as register:
        generate(generated, clients=20)
        with SimulatorServer(generated, editor=editor_of(generated, register)) as server:
            answer = httpx.post(
                f"{server.url}/_practice/edit",
                json={"system": "ignition", "client": "Nobody", "field": "city", "value": "x"},
                trust_env=False,
            )
            assert "not-found" in answer.json()["error"]


def test_requests_without_a_length_are_refused(served: Served) -> None:
    """A body in pieces is not taken; the server goes on."""
    pieces = (piece for piece in (b"<Client>", b"</Client>"))
    assert served.http.put("client.api/update", content=pieces).status_code == 411
    assert served.http.get("client.api/list").status_code == 200


def test_stopping_leaves_no_thread_and_no_port(world: World) -> None:
    """A stopped server's port can be bound again at once."""
    with SimulatorServer(world) as first, httpx.Client(trust_env=False) as http:
        port = int(first.url.rpartition(":")[2])
        http.get(f"{first.url}/connections")
    with SimulatorServer(world, port=port) as second:
        assert httpx.get(f"{second.url}/connections", trust_env=False).status_code == 401
