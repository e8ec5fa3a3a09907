"""The commands around the MCP route; what they import shows in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from support.cli_runner import Ended, run_in_process
from xpmsync.simulator.people.seed import seed_world
from xpmsync.simulator.server.server import DEMO_TENANT, SimulatorServer
from xpmsync.simulator.world.world import World

RUN = """
import sys
{before}
from xpmsync.cli.main import run
code = run(sys.argv[1:])
loaded = [name for name in ("mcp", "httpx2", "pydantic") if sys.modules.get(name)]
print("loaded:", *loaded, file=sys.stderr)
sys.exit(code)
"""
WITHOUT_SDK = 'sys.modules["mcp"] = None'
"""What Python does when a package is not there."""
SENTENCE = "not yet confirmed on a live practice"


def xpmsync(
    folder: Path, *arguments: str, environ: Mapping[str, str] | None = None, before: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a command on this folder's settings and state."""
    return subprocess.run(
        [sys.executable, "-c", RUN.format(before=before), *arguments],
        env={**variables_of(folder), **(environ or {})},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def here(folder: Path, *arguments: str) -> Ended:
    """Run a command likewise, in this process."""
    return run_in_process(arguments, variables_of(folder))


def variables_of(folder: Path) -> dict[str, str]:
    """The variables of a command that lead to this folder."""
    return {
        **os.environ,
        "XPMSYNC_CONFIG": str(folder / "config.toml"),
        "XPMSYNC_STATE_DIR": str(folder / "state"),
        "XPMSYNC_TOKEN_FILE": str(folder / "tokens.json"),
        "XPMSYNC_XPM_ACCESS_TOKEN": "token",
    }


def configure(folder: Path, mcp_url: str = "https://mcp.example.com/mcp", xpm: str = "") -> None:
    """Write settings with the route mcp."""
    text = f'config_version = 1\n[ignition]\nroute = "mcp"\nmcp_url = "{mcp_url}"\n[xpm]\nclient_id = "app"\n'
    text += f'tenant_id = "{DEMO_TENANT.tenant_id}"\n' + (f'api_url = "{xpm}"\n' if xpm else "")
    (folder / "config.toml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    "arguments",
    [
        ("status",),
        ("links",),
        ("config", "show"),
        ("login", "--help"),
        ("logout", "ignition"),
        ("history",),
        ("--help",),
    ],
    ids=" ".join,
)
def test_no_other_command_imports_the_sdk(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """Even where the route is mcp: only what reaches Ignition pays for it."""
    configure(tmp_path)
    ended = xpmsync(tmp_path, *arguments)
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr.splitlines()[-1] == "loaded:"


def test_another_route_never_imports_the_sdk(tmp_path: Path) -> None:
    """The built-in practice reads and compares without it."""
    ended = xpmsync(tmp_path, "--profile", "demo", "diff")
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr.splitlines()[-1] == "loaded:"


@pytest.mark.parametrize("arguments", [("search", "moana"), ("diff",), ("login", "ignition")], ids=" ".join)
def test_without_the_extra_one_line_says_how_to_install_it(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """No traceback, nothing sent; exit code 2."""
    configure(tmp_path)
    ended = xpmsync(tmp_path, *arguments, before=WITHOUT_SDK)
    told = [line for line in ended.stderr.splitlines() if line.startswith("xpmsync:")]
    assert told == ["xpmsync: This needs the extra mcp, which is not installed."]
    assert "Install it with: " in ended.stderr
    assert "[mcp]" in ended.stderr
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr


def test_the_help_says_plainly_what_is_not_confirmed(tmp_path: Path) -> None:
    """Until somebody has tried it on a live practice."""
    told = " ".join(here(tmp_path, "login", "--help").out.split())
    assert SENTENCE in told
    assert "ignition" in told


def test_an_address_that_is_not_https_is_a_settings_error(tmp_path: Path) -> None:
    """Key and file are named; nobody is sent anywhere."""
    pytest.importorskip("mcp", reason="the extra mcp is not installed")
    configure(tmp_path, mcp_url="http://mcp.example.com/mcp")
    ended = here(tmp_path, "login", "ignition")
    assert ended.exit_code == 2
    assert "ignition.mcp_url" in ended.err


def test_a_route_without_a_sign_in(tmp_path: Path) -> None:
    """The built-in register needs none."""
    ended = here(tmp_path, "login", "ignition")
    assert ended.exit_code == 2
    assert "needs no sign-in" in ended.err


@pytest.mark.skipif(os.name == "nt", reason="the browser is a program named by BROWSER, as Unix has it")
def test_signing_in_searching_and_signing_out(tmp_path: Path) -> None:
    """The whole way through the commands, with a browser that agrees; then another practice stops the next run."""
    pytest.importorskip("mcp", reason="the extra mcp is not installed")
    from support.mcp_dialects import Snake
    from support.mcp_rig import fill_register
    from support.mcp_server import serving

    tests = Path(__file__).parents[2]
    agree = f"import sys; sys.path.insert(0, {str(tests)!r}); from support.sign_in import *; visit(browse(sys.argv[1]))"
    (tmp_path / "agree.py").write_text(agree, encoding="utf-8")
    environ = {"BROWSER": f"{sys.executable} {tmp_path / 'agree.py'} %s &"}
    with World() as world, SimulatorServer(world, static_token="token") as xpm, serving(Snake()) as served:
        seed_world(world)
        fill_register(served.register)
        configure(tmp_path, mcp_url=served.url, xpm=xpm.api_url)

        ended = xpmsync(tmp_path, "--json", "login", "ignition", environ=environ)
        told = json.loads(ended.stdout)
        assert told["data"]["practice"] == "Harbour Accounting", ended.stderr
        assert SENTENCE in " ".join(ended.stderr.split())

        status = json.loads(here(tmp_path, "--json", "status").out)["data"]["ignition"]
        assert (status["signed_in"], status["practice"]) == (True, "Harbour Accounting")
        found = json.loads(here(tmp_path, "--json", "search", "client 2").out)["data"]["clients"]
        assert [(one["source"], one["id"]) for one in found] == [("ignition", "cli_2")]
        assert here(tmp_path, "search", "client 2").exit_code == 0

        served.practice = "Another Practice"
        stopped = here(tmp_path, "search", "client 2")
        assert stopped.exit_code == 6, stopped.err
        assert "Another Practice" in " ".join(stopped.err.split())
        assert "login ignition" in " ".join(stopped.err.split())

        tokens = (tmp_path / "tokens.json").read_text(encoding="utf-8")
        assert here(tmp_path, "logout", "ignition").exit_code == 0
        assert len(served.identity.revoked) == 1
        gone = here(tmp_path, "search", "client 2")
        assert gone.exit_code == 4
    secrets = [token for token in (*served.identity.access, *served.identity.refresh) if token in tokens]
    told_all = ended.stdout + ended.stderr + stopped.err
    assert not [secret for secret in secrets if secret in told_all]
