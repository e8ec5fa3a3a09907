"""The log file: private, rotating, shared by processes, and without secrets."""

from __future__ import annotations

import json
import logging
import os
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from xpmsync.local.system import log as module
from xpmsync.local.system.log import LOG_NAME, conceal, log_file, log_tail, open_log, redacted
from xpmsync.local.system.paths import ProfilePaths


@pytest.fixture
def paths(tmp_path: Path) -> Iterator[ProfilePaths]:
    """A profile's folder; the logger is left without a file afterwards."""
    yield ProfilePaths(tmp_path / "state")
    logging.getLogger(LOG_NAME).handlers.clear()


def lines(paths: ProfilePaths) -> list[str]:
    """The log as it is."""
    return log_file(paths).read_text(encoding="utf-8").splitlines()


def test_a_line_has_time_level_words_and_facts(paths: ProfilePaths) -> None:
    """For people: one line each."""
    log = open_log(paths, as_json=False)
    log.info("run ended", extra={"facts": {"command": "sync", "exit_code": 0}})
    log.warning("notification", extra={"facts": {"channel": "mail"}})

    first, second = lines(paths)
    moment, _, rest = first.partition(" ")
    assert datetime.fromisoformat(moment).tzinfo is not None
    assert rest.split() == ["info", "run", "ended", "command=sync", "exit_code=0"]
    assert second.split()[1] == "warning"


def test_for_programs_each_line_is_an_object(paths: ProfilePaths) -> None:
    """JSON on request; numbers stay numbers."""
    log = open_log(paths, as_json=True)
    log.info("run ended", extra={"facts": {"command": "sync", "exit_code": 5, "by_schedule": True}})

    (line,) = lines(paths)
    told = json.loads(line)
    told.pop("time")
    assert told == {"level": "info", "message": "run ended", "command": "sync", "exit_code": 5, "by_schedule": True}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_the_log_is_private(paths: ProfilePaths) -> None:
    """Nobody else may read it, nor the folder it makes."""
    open_log(paths, as_json=False).info("run ended")

    assert stat.S_IMODE(log_file(paths).stat().st_mode) == 0o600
    assert stat.S_IMODE(log_file(paths).parent.stat().st_mode) == 0o700


def test_the_log_rotates_and_old_pieces_go(paths: ProfilePaths, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each piece stays small, five old ones are kept, and no line is lost between two of them."""
    monkeypatch.setattr(module, "_LARGEST", 200)
    log = open_log(paths, as_json=False)
    for number in range(60):
        log.info("line", extra={"facts": {"number": number}})

    files = sorted(file.name for file in paths.folder.iterdir())
    assert files == ["xpmsync.log", *(f"xpmsync.log.{number}" for number in range(1, 6))]
    assert all((paths.folder / file).stat().st_size < 300 for file in files)
    kept = [
        int(line.rpartition("=")[2])
        for file in [*reversed(files[1:]), files[0]]
        for line in (paths.folder / file).read_text(encoding="utf-8").splitlines()
    ]
    assert kept == list(range(kept[0], 60))


def test_two_openings_do_not_write_twice(paths: ProfilePaths, tmp_path: Path) -> None:
    """The last one opened is the one that is written."""
    open_log(ProfilePaths(tmp_path / "other"), as_json=False)
    open_log(paths, as_json=False).info("once")

    assert len(lines(paths)) == 1
    assert not (tmp_path / "other").exists()


def test_a_log_that_cannot_be_written_disturbs_nothing(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "state").write_text("in the way", encoding="utf-8")

    open_log(ProfilePaths(tmp_path / "state"), as_json=False).info("lost")

    assert log_tail(ProfilePaths(tmp_path / "state"), 5) == []


def test_secrets_are_taken_out_by_value_and_by_pattern(paths: ProfilePaths) -> None:
    """What this process has held, and what only looks like a secret; line ends cannot forge a line."""
    conceal("canary-value-of-ours", "abc")
    log = open_log(paths, as_json=False)
    log.warning("called with canary-value-of-ours and Bearer eyJhbGciOi.eyJzdWIi.c2ln\nforged line abc")

    (line,) = lines(paths)
    assert "canary" not in line
    assert "eyJ" not in line
    assert "\\x0aforged line abc" in line


@pytest.mark.parametrize(
    ("text", "kept", "gone"),
    [
        ("Authorization: Bearer abc.DEF-123", "Authorization: Bearer [secret]", "abc.DEF"),
        ('{"refresh_token": "r-1234567890"}', "refresh_token", "r-1234567890"),
        ("client_secret=shhh&grant_type=x", "grant_type=x", "shhh"),
        ("https://ada:pass@example.com/path", "example.com/path", "ada:pass"),
        ("GET https://example.com/a?query=Smith", "https://example.com/a?[query]", "Smith"),
        ("mail to ada.king@example.co.nz failed", "[e-mail]", "ada.king"),
        ("ABN 51 824 753 556 of", "[number]", "824"),
        ("IRD 123-456-789", "[number]", "456"),
        ("TFN 123456782", "[number]", "123456782"),
        ("key 0123456789abcdef0123456789abcdef01", "[opaque]", "0123456789abcdef"),
        ("correlation 11111111-2222-4333-8444-555555555555", "11111111-2222-4333-8444-555555555555", "[opaque]"),
        ("2026-11-23T02:30:00+00:00 exit_code=5 seconds=12", "2026-11-23T02:30:00+00:00 exit_code=5", "[number]"),
        ("GET client.api/list ended with HTTP status 503", "GET client.api/list ended with HTTP status 503", "["),
    ],
)
def test_what_is_taken_out_and_what_stays(text: str, kept: str, gone: str) -> None:
    """Secrets, addresses and tax numbers go; times, ids and calls stay."""
    assert kept in redacted(text)
    assert gone not in redacted(text)
