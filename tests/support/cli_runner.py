"""The command line in folders of the test's, in this process or one of its own, and a practice for it to talk to."""

from __future__ import annotations

import io
import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final
from unittest.mock import patch

from jsonschema import Draft202012Validator

from xpmsync.cli.main import run
from xpmsync.core.model import Link
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.system.files import make_private
from xpmsync.local.system.log import LOG_NAME
from xpmsync.local.system.paths import ProfilePaths
from xpmsync.simulator.ignition.register import Register
from xpmsync.simulator.server.faults import Fault
from xpmsync.simulator.server.server import DEMO_TENANT, SimulatorServer
from xpmsync.simulator.world.world import World
from xpmsync.xpm.api.sign_in import ACCESS_TOKEN_VARIABLE

TOKEN: Final = "canary-token-5f1d0c"
_LONGEST: Final = 60
_FOR_A_PROCESS: Final = ("PYTHON", "LANG", "LC_", "TZ", "DBUS_", "XDG_RUNTIME_", "_XPMSYNC_COMPLETE")
"""How variables begin that are read when a process starts, or that make it end in its own way."""


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    exit_code: int
    out: str
    err: str

    @property
    def was_killed(self) -> bool:
        """Whether its process died of SIGKILL."""
        return self.exit_code == -signal.SIGKILL

    @property
    def answer(self) -> dict[str, object]:
        """Standard output as one JSON object, and nothing beside it."""
        decoded: object = json.loads(self.out)
        assert isinstance(decoded, dict)
        return decoded

    @property
    def data(self) -> dict[str, object]:
        """The answer's data."""
        data = self.answer["data"]
        assert isinstance(data, dict)
        return data

    @property
    def codes(self) -> list[str]:
        """The machine codes of the answer's errors."""
        errors = self.answer["errors"]
        assert isinstance(errors, list)
        return [one["code"] for one in errors]


@dataclass
class Shell:
    """A person's shell: home, settings and state are below `folder`."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def config(self) -> Path:
        """The settings file."""
        return self.folder / "config.toml"

    @property
    def state(self) -> Path:
        """The folder above all profiles' state."""
        return self.folder / "state"

    @property
    def home(self) -> Path:
        """Home, and all the folders that follow from it; nothing may be written here."""
        return self.folder / "home"

    @property
    def environ(self) -> dict[str, str]:
        """The variables of a command: the test's own places, no keyring, no colour."""
        self.home.mkdir(parents=True, exist_ok=True)
        kept = {name: text for name, text in os.environ.items() if not name.startswith(("XPMSYNC_", "XDG_", "DBUS_"))}
        for name in ("COLUMNS", "NO_COLOR", "FORCE_COLOR", "PYTHONIOENCODING"):
            kept.pop(name, None)
        places = ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA")
        return {
            **kept,
            **dict.fromkeys(places, str(self.home)),
            "XPMSYNC_CONFIG": str(self.config),
            "XPMSYNC_STATE_DIR": str(self.state),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            **self.variables,
        }

    def __call__(self, *words: str, stdin: str = "", variables: Mapping[str, str] | None = None) -> Ended:
        """Run `xpmsync` with these words, in this process unless a variable asks for a new one."""
        given = {**self.variables, **(variables or {})}
        if any(name.startswith(_FOR_A_PROCESS) for name in given):
            return self.process(*words, stdin=stdin, variables=variables)
        return run_in_process(words, {**self.environ, **given}, stdin)

    def process(self, *words: str, stdin: str = "", variables: Mapping[str, str] | None = None) -> Ended:
        """Run `python -m xpmsync` with these words."""
        ended = subprocess.run(
            [sys.executable, "-m", "xpmsync", *words],
            env={**self.environ, **(variables or {})},
            input=stdin.encode(),
            capture_output=True,
            timeout=_LONGEST,
            check=False,
        )
        return Ended(ended.returncode, ended.stdout.decode(), ended.stderr.decode())

    def json(self, *words: str) -> Ended:
        """Run it with `--json`; the answer fits the published schema and says its own exit code."""
        told = self("--json", *words)
        assert complaints_of(told.answer) == []
        assert told.answer["exit_code"] == told.exit_code
        # The note about the test's own host is shown even with -q; nothing else is.
        assert [line for line in told.err.splitlines() if "profile talks to 127.0.0.1" not in line] == []
        return told


def run_in_process(words: Sequence[str], environ: Mapping[str, str], stdin: str = "") -> Ended:
    """Run a command line here, with its own variables and streams: a new process costs half a second."""
    given, out, err = (io.TextIOWrapper(io.BytesIO(text), encoding="utf-8") for text in (stdin.encode(), b"", b""))
    with (
        patch.dict(os.environ, environ, clear=True),
        patch.multiple(sys, stdin=given, stdout=out, stderr=err),
    ):
        exit_code = run(words)
    for handler in (logger := logging.getLogger(LOG_NAME)).handlers[:]:
        logger.removeHandler(handler)
    for stream in (out, err):
        stream.seek(0)
    return Ended(exit_code, out.read(), err.read())


@cache
def _validator() -> Draft202012Validator:
    schema: object = json.loads(files("xpmsync.cli").joinpath("schema.json").read_text(encoding="utf-8"))
    assert isinstance(schema, dict)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def complaints_of(answer: object) -> list[str]:
    """What the published schema has against an answer."""
    return [f"{one.json_path}: {one.message}" for one in _validator().iter_errors(answer)]


@dataclass
class Live:
    """A shell at a practice whose XPM is a server in this process."""

    shell: Shell
    server: SimulatorServer
    world: World
    paths: ProfilePaths

    def client(self, name: str, phone: str = "", contact: str = "Ann Lee", **elements: str) -> str:
        """A client of XPM with a contact, whose address begins with the given name; returns its UUID."""
        client = self.world.add_client({"Name": name, **({"Phone": phone} if phone else {}), **elements})
        self.world.add_contact(
            client, {"Name": contact, "Email": f"{contact.split()[0].lower()}@example.com"}, primary=True
        )
        return client

    def linked(self, name: str, here: str = "02 5550 0101", there: str = "02 5550 0999", **elements: str) -> str:
        """A client linked to one in Ignition that has another phone number; returns its UUID."""
        client = self.client(name, here, **elements)
        person = {"contact.name": "Ann Lee", "contact.email": "ann@example.com"}
        with Register(make_private(self.paths.ready().register)) as register:
            partner = register.create({"name": name, "phone": there}, [person]).id
        with Ledger(self.paths.ledger) as ledger:
            ledger.add_link(Link(client, partner, name, "2026-01-01T00:00:00+00:00"))
        return client

    def phones(self) -> dict[str, str]:
        """The phone numbers in Ignition, by client name."""
        with Register(self.paths.register) as register:
            return {one.name: one.values.get("phone", "") for one in register.clients()}

    def fault(self, *faults: Fault) -> None:
        """Let things go wrong on the way to XPM."""
        self.server.faults.add(*faults)

    def set(self, *lines: str) -> None:
        """Write the settings anew, with further lines at their beginning."""
        xpm = f'[xpm]\napi_url = "{self.server.api_url}"\nidentity_url = "{self.server.url}"\n'
        tenant = f'tenant_id = "{DEMO_TENANT.tenant_id}"\n'
        begin = "\n".join(["config_version = 1", *lines, ""])
        # The rehearsal register is never used unless it was chosen.
        route = "" if any("ignition" in line for line in lines) else '[ignition]\nroute = "builtin"\n'
        self.shell.config.write_text(begin + route + xpm + tenant, encoding="utf-8")


@contextmanager
def opened_live(folder: Path) -> Iterator[Live]:
    """An empty practice, signed in to by an access token."""
    shell = Shell(folder, {ACCESS_TOKEN_VARIABLE: TOKEN})
    with World() as world, SimulatorServer(world, static_token=TOKEN) as server:
        live = Live(shell, server, world, ProfilePaths(shell.state / "default"))
        live.set()
        yield live
