"""Each documented exit code, from the command line as a process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from support.cli_runner import Live, Shell
from xpmsync.local.system.locks import run_lock
from xpmsync.simulator.server.faults import Fault, FaultKind

_NAME = "Harbour Dental Ltd"


def test_done_is_0(live: Live) -> None:
    """A sync that wrote all it had to, and the one after it that has nothing to do."""
    live.linked(_NAME)
    assert live.shell("sync", "--yes").exit_code == 0
    assert live.phones() == {_NAME: "02 5550 0101"}
    again = live.shell.json("--quiet", "sync", "--yes")
    assert (again.exit_code, again.data["changes"]) == (0, [])


def test_wrong_usage_is_2(shell: Shell) -> None:
    """A word that is no command is named, and the way to the help with it."""
    told = shell("snyc")
    assert (told.exit_code, told.out) == (2, "")
    assert "snyc" in told.err
    assert "xpmsync --help" in told.err


@pytest.mark.parametrize("words", [("diff",), ("sync", "--dry-run")])
def test_waiting_changes_are_3_only_where_asked_for(live: Live, words: tuple[str, ...]) -> None:
    """`--exit-code` ends with 3 while something is to be written, and writes nothing; without it the end is 0."""
    live.linked(_NAME)
    assert live.shell(*words).exit_code == 0
    assert live.shell(*words, "--exit-code").exit_code == 3
    assert live.phones() == {_NAME: "02 5550 0999"}


def test_a_refused_token_is_4(live: Live) -> None:
    """XPM does not accept the sign-in: the next command is named."""
    live.linked(_NAME)
    told = live.shell("diff", variables={"XPMSYNC_XPM_ACCESS_TOKEN": "another"})
    assert told.exit_code == 4
    assert "xpmsync login xpm" in told.err


def test_partly_done_is_5(live: Live) -> None:
    """One client of two is refused: the other one is written, and the refused one is named."""
    first, second = live.linked("Acacia Pty Ltd"), live.linked("Banksia Pty Ltd")
    live.set("[sync]", 'direction = "to-xpm"')
    live.fault(Fault(FaultKind.ERROR_STATUS, method="PUT", message="Phone is not valid"))
    told = live.shell.json("--quiet", "sync", "--yes")
    assert told.exit_code == 5, told.out
    phones = sorted(live.world.client(one).fields.get("Phone", "") for one in (first, second))  # type: ignore[union-attr]  # both exist
    assert phones == ["02 5550 0101", "02 5550 0999"]
    assert "Phone is not valid" in told.out


def test_a_guard_is_6(live: Live) -> None:
    """A changed direction stops a sync before its first write, until somebody has looked."""
    live.linked(_NAME)
    assert live.shell("sync", "--yes").exit_code == 0
    live.linked("Banksia Pty Ltd")
    live.set("[sync]", 'direction = "to-xpm"')
    told = live.shell("sync", "--yes")
    assert told.exit_code == 6
    assert "Stopped before the first write" in told.err
    assert live.shell("diff").exit_code == 0
    assert live.shell("sync", "--yes").exit_code == 0


def test_another_run_is_7(live: Live) -> None:
    """While one run is at work, a second one says whose it is and leaves."""
    live.linked(_NAME)
    with run_lock(live.paths.lock, now=datetime.now(UTC)):
        told = live.shell("sync", "--yes")
    assert told.exit_code == 7
    assert f"process {os.getpid()}" in told.err
    assert live.phones() == {_NAME: "02 5550 0999"}


def test_the_call_limit_is_8(live: Live) -> None:
    """The day's limit: when it opens again is said, and the same command goes on then."""
    live.linked(_NAME)
    live.fault(Fault(FaultKind.LIMIT_DAY, retry_after=3600))
    told = live.shell("sync", "--yes")
    assert told.exit_code == 8
    assert "opens again at" in told.err


@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.HTML,
        FaultKind.CUT_BODY,
        FaultKind.MALFORMED,
        FaultKind.DOCTYPE,
        FaultKind.ERROR_STATUS,
        FaultKind.NESTED,
        FaultKind.JSON,
    ],
)
def test_an_unusable_answer_is_9(live: Live, kind: FaultKind) -> None:
    """HTML, cut or broken XML, `Status` ERROR, 200,000 nested elements: a clear sentence, and nothing is written."""
    live.linked(_NAME)
    live.fault(Fault(kind, times=0))
    told = live.shell("sync", "--yes")
    assert told.exit_code == 9
    assert "XPM" in told.err
    assert "Traceback" not in told.err
    live.server.faults.clear()
    assert live.phones() == {_NAME: "02 5550 0999"}
    assert live.shell("sync", "--yes").exit_code == 0


def test_a_closed_port_is_9(live: Live) -> None:
    """Nobody listens: the address is named."""
    live.linked(_NAME)
    live.shell.config.write_text(
        '[xpm]\napi_url = "http://127.0.0.1:9/"\nidentity_url = "http://127.0.0.1:9"\ntenant_id = "t"\n',
        encoding="utf-8",
    )
    told = live.shell("diff")
    assert told.exit_code == 9
    assert "127.0.0.1:9" in told.err


@pytest.mark.skipif(os.name == "nt", reason="Windows delivers Ctrl-C to a whole console, the tests' own too")
def test_ctrl_c_finishes_the_write_in_hand_and_is_130(live: Live) -> None:
    """Ctrl-C while XPM is answering a write: that one is finished, the rest waits for the next run."""
    for name in ("Acacia Pty Ltd", "Banksia Pty Ltd", "Correa Pty Ltd"):
        live.linked(name)
    live.set("[sync]", 'direction = "to-xpm"')
    release, reached = threading.Event(), threading.Event()
    live.fault(Fault(FaultKind.SLOW_BODY, method="PUT", release=release, reached=reached))
    with _syncing(live) as running:
        assert reached.wait(30)
        running.send_signal(signal.SIGINT)
        assert running.stderr is not None
        for line in running.stderr:  # the handler's own word: the signal has arrived
            if b"Finishing the current write" in line:
                break
        release.set()
        running.communicate(timeout=30)
    assert running.returncode == 130
    changed = [one for one in _phones_in_xpm(live) if one == "02 5550 0999"]
    assert len(changed) == 1
    rest = live.shell.json("--quiet", "sync", "--yes")
    assert rest.exit_code == 0
    assert set(_phones_in_xpm(live)) == {"02 5550 0999"}


def test_ctrl_c_while_a_limit_is_waited_for(live: Live) -> None:
    """Nobody waits a minute for the stop that was asked for; what had not gone out is the next run's."""
    for name in ("Acacia Pty Ltd", "Banksia Pty Ltd"):
        live.linked(name)
    live.set("[sync]", 'direction = "to-xpm"')
    reached = threading.Event()
    live.fault(Fault(FaultKind.LIMIT_MINUTE, method="PUT", skip=1, retry_after=110, reached=reached))
    with _syncing(live) as running:
        assert reached.wait(30)
        running.send_signal(signal.SIGINT)
        out, _ = running.communicate(timeout=90)
    told = json.loads(out)
    assert (running.returncode, told["errors"][0]["code"]) == (130, "interrupted")
    assert (told["data"]["applied"]["written"], told["data"]["applied"]["not_tried"]) == (1, 1)
    assert live.shell.json("--quiet", "sync", "--yes").exit_code == 0
    assert set(_phones_in_xpm(live)) == {"02 5550 0999"}


def _syncing(live: Live) -> subprocess.Popen[bytes]:
    """A sync of its own process, begun."""
    return subprocess.Popen(
        [sys.executable, "-m", "xpmsync", "--json", "sync", "--yes"],
        env=live.shell.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def _phones_in_xpm(live: Live) -> list[str]:
    answer = live.shell.json("--quiet", "links").data["links"]
    assert isinstance(answer, list)
    clients = [live.world.client(one["xpm_id"]) for one in answer]
    return [one.fields.get("Phone", "") for one in clients if one is not None]


def test_a_read_only_state_folder_is_said(live: Live, tmp_path: Path) -> None:
    """A state folder that is a file, as unusable as one without rights: nothing is written anywhere."""
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    told = live.shell("sync", "--yes", variables={"XPMSYNC_STATE_DIR": str(tmp_path / "file")})
    assert told.exit_code == 1
    assert "Nothing was written" in told.err
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"


def test_an_undo_says_where_its_values_come_from(live: Live) -> None:
    """The former values come from the journal, so no heading may call them the believed system's."""
    live.linked(_NAME)
    assert live.shell("sync", "--yes").exit_code == 0
    told = live.shell("undo", "1", "--yes")
    assert told.exit_code == 0
    assert "-> as it was" in told.out
    assert "-> from XPM" not in told.out
    assert live.phones() == {_NAME: "02 5550 0999"}


def test_an_undo_says_what_the_next_sync_will_do_and_how_to_keep_it(live: Live) -> None:
    """The source still holds what was undone; the command that is shown makes an exception of it."""
    live.linked(_NAME)
    live.shell("sync", "--yes")
    told = live.shell("undo", "1", "--yes")
    assert "The next sync writes 1 value again, because XPM still differs." in told.out
    (command,) = (line for line in told.out.splitlines() if " except " in line)
    assert "phone --note" in command
    assert live.shell("except", _NAME, "phone", "--note", "kept").exit_code == 0
    assert live.shell("sync", "--yes").exit_code == 0
    assert live.phones() == {_NAME: "02 5550 0999"}
