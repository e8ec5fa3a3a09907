"""Reports to sign off on: escaped, self-contained, filtered without scripts, typed cells without formulas."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from openpyxl import load_workbook

from support.cli_runner import Live, Shell
from xpmsync.cli.options import with_report_of_run
from xpmsync.cli.reports.formats import html_of, xlsx_of
from xpmsync.cli.reports.pages import Page, Sheet
from xpmsync.cli.session import Session
from xpmsync.cli.terminal.output import ExitCode, Report

_HOSTILE = '<script>alert(1)</script> & "Sons" \u202eevil'
_FORMULA = '=HYPERLINK("http://example.com","click")'


class _Tags(HTMLParser):
    """The tags of a page, with what they load from elsewhere, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.loads: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.loads += [value or "" for name, value in attrs if name in ("src", "href", "srcset", "action")]

    def handle_data(self, data: str) -> None:
        self.text += data


def page() -> Page:
    """A report with hostile names and 30 rows of two kinds."""
    rows = [(_HOSTILE, "x-1", "Phone", 1.5), (_FORMULA, "x-2", "City", 2)]
    rows += [(f"Client {number}", f"x-{number}", "Phone", number) for number in range(28)]
    sheet = Sheet("Changes", ("Client", "XPM id", "Field", "Score"), rows, ("Field",))
    return Page("Plan", "Nothing was written.", (("changes", "30"),), (sheet, Sheet("Holds", ("Client",), [])))


def test_a_page_escapes_everything_and_loads_nothing() -> None:
    """No script, no address, no markup of a client's; the text itself is all there."""
    read = _Tags(html_of(page()))
    assert "script" not in read.tags
    assert read.loads == []
    assert _HOSTILE in read.text
    assert _FORMULA in read.text


@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs Debian's chromium")
def test_a_browser_filters_without_a_script_of_the_page(tmp_path: Path) -> None:
    """A click on a field leaves its rows alone on the screen; `all` brings the others back."""
    probe = """<script>
    const rows = () => [...document.querySelectorAll('tbody tr')].filter(row => row.offsetHeight > 0).length;
    const seen = [rows()];
    for (const label of document.querySelectorAll('.filters label')) { label.click(); seen.push(rows()); }
    document.querySelectorAll('.filters label')[0].click(); seen.push(rows());
    document.title = 'rows ' + seen.join(' ');
    </script>"""
    html = re.sub(r"<meta http-equiv=.Content-Security-Policy.*?>", "", html_of(page()))
    (tmp_path / "page.html").write_text(html.replace("</body>", probe + "</body>"), encoding="utf-8")
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'chromium'}"]
    ended = subprocess.run(
        [*command, "--dump-dom", (tmp_path / "page.html").as_uri()], capture_output=True, timeout=120, check=True
    )
    # All, then all again, City, Phone, and all once more.
    assert "<title>rows 30 30 1 29 30</title>" in ended.stdout.decode()


def test_a_workbook_has_typed_cells_and_no_formula(tmp_path: Path) -> None:
    """Text stays text whatever it begins with, numbers are numbers, the header is frozen and has filters."""
    file = tmp_path / "plan.xlsx"
    file.write_bytes(xlsx_of(page()))
    book = load_workbook(file)
    assert book.sheetnames == ["Summary", "Changes", "Holds"]
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    changes = book["Changes"]
    assert changes["A3"].value == _FORMULA
    assert (changes["D2"].value, changes["D3"].value) == (1.5, 2)
    assert changes.freeze_panes == "A2"
    assert changes.auto_filter.ref == "A1:D31"
    book.close()


@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice")
def test_libreoffice_opens_the_workbook(tmp_path: Path) -> None:
    """The sheet it reads has every row, and a formula's text is not run."""
    (tmp_path / "plan.xlsx").write_bytes(xlsx_of(page()))
    profile = f"-env:UserInstallation={(tmp_path / 'office').as_uri()}"
    convert = ["--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,2"]
    subprocess.run(
        ["soffice", profile, "--headless", *convert, "--outdir", str(tmp_path), str(tmp_path / "plan.xlsx")],
        capture_output=True,
        timeout=180,
        check=True,
    )
    (converted,) = tmp_path.glob("*.csv")
    lines = converted.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 31
    assert '"=HYPERLINK' in lines[2]


@pytest.mark.parametrize("form", ["html", "xlsx"])
def test_every_command_that_shows_something_reports_it(shell: Shell, tmp_path: Path, form: str) -> None:
    """Who, when, which practice, direction, level, totals, and what was written or that nothing was."""
    plan, report = tmp_path / "plan.json", tmp_path / f"report.{form}"
    shell("--profile", "demo", "diff", "--out", str(plan))
    for words, outcome in (
        (("diff",), "Nothing was written."),
        (("match",), "Nothing was written."),
        (("match", "link", "--yes"), "linked. Neither system was written."),
        (("show", str(plan)), "Nothing was written."),
        (("sync", "--yes", "--allow", "names=99"), "Run 2, done: "),
        (("show", "2"), "Run 2 (sync) began"),
        (("history",), "Nothing was written."),
        (("links",), "Nothing was written."),
    ):
        told = shell("--profile", "demo", *words, "--report", str(report))
        assert (told.err, f"Report: {report}" in told.out.replace("\n", "")) == ("", True), words
        text = _text(report)
        for expected in (outcome, "Rehearsal", "from-xpm: XPM is the source of truth", "everything", words[0]):
            assert expected in text, (words, expected)
        report.unlink()


def test_programs_get_the_name_of_the_report(shell: Shell, tmp_path: Path) -> None:
    """In the answer's data; the answer still fits the published schema."""
    report = tmp_path / "report.html"
    for words in (("diff",), ("match",), ("history",), ("links",)):
        assert shell.json("--profile", "demo", *words, "--report", str(report)).data["report"] == str(report)


def _text(report: Path) -> str:
    if report.suffix == ".html":
        return _Tags(report.read_text(encoding="utf-8")).text
    book = load_workbook(report)
    text = "\n".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)
    book.close()
    return text


def test_a_report_that_cannot_be_written_stops_before_any_work(live: Live, tmp_path: Path) -> None:
    """Another ending, a folder that does not exist, a folder of that name: usage, and no call is made."""
    live.linked("Harbour Dental Ltd")
    (tmp_path / "there.html").mkdir()
    for name in ("report.pdf", "nowhere/report.html", "there.html"):
        told = live.shell("sync", "--yes", "--report", str(tmp_path / name))
        assert told.exit_code == 2
        assert name.split("/")[0] in told.err
    assert live.phones() == {"Harbour Dental Ltd": "02 5550 0999"}


def test_a_report_that_fails_after_a_run_is_one_more_error(tmp_path: Path) -> None:
    """The answer stays as it is, since its changes were written; a person should look."""
    answer = Report({"written": 1}, lambda screen: screen.line("1 change written."))
    session = Session(profile="demo", config=tmp_path / "config.toml")
    told = with_report_of_run(session, answer, page(), tmp_path / "nowhere" / "report.html")
    assert (told.exit_code, told.data) == (ExitCode.PARTLY_DONE, {"written": 1})
    assert [note.code for note in told.errors] == ["report"]
