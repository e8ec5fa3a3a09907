"""Small state files: dataclasses written as JSON, and read back strictly."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from pathlib import Path

import pytest

from xpmsync.core.enums import Level
from xpmsync.local.system.json_files import InvalidRecord, pack, read_record, unpack, write_record


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the record."""

    name: str
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Whole:
    """A record with one field of each kind."""

    text: str
    level: Level
    at: datetime
    daily: time
    part: Part
    parts: tuple[Part, ...]
    pairs: tuple[tuple[str, str], ...]
    words: frozenset[str]
    counts: Mapping[str, int]
    file: Path
    until: datetime | None = None
    done: bool = False
    share: float = 0.5
    notes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


WHOLE = Whole(
    text="Māori “&” 🙂",
    level=Level.NAMES,
    at=datetime(2026, 11, 22, 9, 0, tzinfo=UTC),
    daily=time(7, 30),
    part=Part("one", (1, 2)),
    parts=(Part("two"), Part("three")),
    pairs=(("a", "b"),),
    words=frozenset({"y", "x"}),
    counts={"written": 3},
    file=Path("folder") / "file",
    notes={"1/2": {"phone": "f"}},
)


def test_a_record_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    """All kinds of fields; marks stand before them and are no part of the record."""
    file = tmp_path / "note.json"
    write_record(file, WHOLE, xpmsync_note=1)
    assert read_record(Whole, file) == WHOLE
    assert next(iter(json.loads(file.read_text(encoding="utf-8")))) == "xpmsync_note"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("text", 3),
        ("level", "some"),
        ("at", "2026-11-22T09:00:00"),
        ("at", True),
        ("daily", "25:00"),
        ("part", []),
        ("part", {}),
        ("parts", {"0": {}}),
        ("pairs", [["a"]]),
        ("words", [1]),
        ("counts", {"written": True}),
        ("counts", {"written": "3"}),
        ("done", 1),
        ("share", "1"),
        ("notes", {"1/2": []}),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(tmp_path: Path, name: str, value: object) -> None:
    """The error names the field, and never the value; a file with it counts as missing."""
    data = {**pack(WHOLE), name: value}
    with pytest.raises(InvalidRecord, match=f"Whole.{name}"):
        unpack(Whole, data)
    file = tmp_path / "note.json"
    file.write_text(json.dumps(data), encoding="utf-8")
    assert read_record(Whole, file) is None


def test_older_and_newer_files_are_read() -> None:
    """A field with a default may be missing, an unknown one is ignored, and a moment may be in seconds."""
    data = {name: value for name, value in pack(WHOLE).items() if name not in ("until", "done", "share")}
    assert unpack(Whole, {**data, "later": 1, "at": WHOLE.at.timestamp(), "words": "x y"}) == WHOLE


@pytest.mark.parametrize("content", ["", "[]", "{", "null", "{}", '{"text": "\ud800"}'])
def test_a_file_without_the_record_counts_as_missing(tmp_path: Path, content: str) -> None:
    """Whatever it holds instead."""
    file = tmp_path / "note.json"
    file.write_bytes(content.encode("utf-8", "surrogatepass"))
    assert read_record(Whole, file) is None
    assert read_record(Whole, tmp_path / "none.json") is None
