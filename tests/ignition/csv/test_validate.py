"""`ignition check`: any file held against the documented rules of Ignition's import."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

from xpmsync.errors import FileRefused, Rejected
from xpmsync.ignition.csv.validate import check_file
from xpmsync.simulator.ignition.files import upload
from xpmsync.simulator.ignition.register import Register

HEAD: Final = ("Client Id", "Client Name", "Contact Id", "Contact Name", "Contact Email", "Is Primary Contact", "City")
ONE: Final = ("1000001", "Harbour Dental", "20000001", "Ann Lee", "ann@example.com", "Yes", "Colac")
NEW: Final = ("", "Anchor Ltd", "", "Bob Ray", "bob@example.com", "Yes", "Nelson")


def file(folder: Path, *rows: Sequence[str], head: Sequence[str] = HEAD, encoding: str = "utf-8") -> Path:
    """A CSV file."""
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([head, *rows])
    path = folder / "file.csv"
    path.write_text(text.getvalue(), encoding=encoding)
    return path


def row(base: Sequence[str], **changed: str) -> tuple[str, ...]:
    """A row with some cells changed; `Contact_Id` is the column Contact Id."""
    cells = dict(zip(HEAD, base, strict=True)) | {name.replace("_", " "): text for name, text in changed.items()}
    return tuple(cells.values())


def test_a_good_file(tmp_path: Path) -> None:
    """Counts what it updates and creates, and warns of what must not be uploaded twice."""
    second = row(NEW, Contact_Name="Cy Oz", Contact_Email="cy@example.com", Is_Primary_Contact="No")
    found = check_file(file(tmp_path, ONE, NEW, second))
    assert found.problems == []
    assert (found.rows, found.updated, found.new_clients, found.new_contacts) == (3, 1, 1, 2)
    (warning,) = found.warnings
    assert "a second time creates them again" in warning


@pytest.mark.parametrize(
    ("rows", "line", "code"),
    [
        ([row(ONE, Client_Name="")], 2, "needs-client-name"),
        ([ONE, row(NEW, Contact_Name=" ")], 3, "needs-contact-name"),
        ([row(ONE, Contact_Email="")], 2, "needs-contact-email"),
        ([row(ONE, Contact_Email="none")], 2, "no-address"),
        ([row(ONE, Client_Id="")], 2, "contact-without-client"),
        ([row(ONE, Client_Id="CLI-1001")], 2, "not-an-id"),
        ([row(ONE, Contact_Id="con_1")], 2, "not-an-id"),
        ([ONE, ONE], 3, "contact-twice"),
        ([ONE, row(ONE, Contact_Id="20000002", Is_Primary_Contact="No", City="Nelson")], 3, "contradiction"),
        ([NEW, row(NEW, Contact_Name="Cy", Is_Primary_Contact="No", City="Colac")], 3, "same-name"),
        ([ONE, row(ONE, Contact_Id="20000002")], 3, "two-primary"),
        ([], 1, "empty"),
    ],
)
def test_a_broken_rule_is_named_with_its_line(
    tmp_path: Path, rows: Sequence[Sequence[str]], line: int, code: str
) -> None:
    """As an editor counts lines: the header is line 1."""
    problems = check_file(file(tmp_path, *rows)).problems
    assert (line, code) in [(one.line, one.code) for one in problems]


@pytest.mark.parametrize("text", ["=1+1", "\t1"])
def test_what_a_spreadsheet_would_run_is_a_warning(tmp_path: Path, text: str) -> None:
    """Ignition takes it, and the user's own export may hold it; the column and line are named."""
    checked = check_file(file(tmp_path, row(ONE, City=text)))
    assert checked.problems == []
    (warning,) = checked.warnings
    assert "City" in warning
    assert "line 2" in warning


@pytest.mark.parametrize("text", ["6.42112E+12", "'0335550107"])
def test_marks_of_damage_are_warnings(tmp_path: Path, text: str) -> None:
    """Ignition would take the value; the column and line are named."""
    checked = check_file(file(tmp_path, row(ONE, City=text)))
    assert checked.problems == []
    (warning,) = checked.warnings
    assert "line 2, City" in warning


@pytest.mark.parametrize("missing", ["Client Name", "Contact Name", "Contact Email"])
def test_a_header_without_what_every_row_needs(tmp_path: Path, missing: str) -> None:
    """Said once, not once a row."""
    place = HEAD.index(missing)
    head, cells = (tuple(one[:place] + one[place + 1 :]) for one in (HEAD, ONE))
    (problem,) = check_file(file(tmp_path, cells, cells, head=head)).problems
    assert (problem.line, problem.code) == (1, "missing-column")
    assert missing in problem.text


def test_phone_numbers_pass(tmp_path: Path) -> None:
    """A plus sign in front of a number is how people write them."""
    assert check_file(file(tmp_path, row(ONE, City="+64 9 555 0101"))).problems == []


def test_a_secret_and_foreign_encoding_are_warned_of(tmp_path: Path) -> None:
    """They do not keep the file from being imported."""
    path = file(tmp_path, (*row(ONE, City="Málaga"), "x"), head=(*HEAD, "Payment Portal Link"), encoding="cp1252")
    found = check_file(path)
    assert found.problems == []
    assert len(found.warnings) == 2


def test_what_is_no_csv_is_refused(tmp_path: Path) -> None:
    """There is nothing to check in it."""
    path = tmp_path / "file.csv"
    path.write_text('"Client Id","Client Name', encoding="utf-8")
    with pytest.raises(FileRefused):
        check_file(path)
    with pytest.raises(FileRefused):
        check_file(tmp_path / "missing.csv")


@pytest.mark.parametrize(
    "cells", [row(ONE, Client_Name=""), row(NEW, Contact_Name=""), row(NEW, Contact_Email=""), row(NEW, Client_Id="9")]
)
def test_the_register_refuses_what_the_check_finds(tmp_path: Path, cells: Sequence[str]) -> None:
    """All of the file, and nothing was changed: the rehearsal is as strict as the real thing."""
    with Register() as register:
        with pytest.raises(Rejected):
            upload(register, file(tmp_path, NEW, cells).read_bytes())
        assert list(register.clients()) == []
