"""The command line with XPM reached by its exports: the demonstration, columns, and refusals with what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.cli_runner import Ended, Shell
from support.sync_rig import Pair

SOME = "Café Zoë Pty Ltd"


@pytest.fixture
def exports(shell: Shell) -> Path:
    """The demo profile on route files, with exports to read."""
    folder = shell.folder / "xpm"
    for words in (("xpm.route", "files"), ("xpm.files.folder", str(folder))):
        assert shell("--profile", "demo", "config", "set", *words).exit_code == 0
    assert shell("--profile", "demo", "simulator", "export-xpm").exit_code == 0
    return folder


def confirm_both(shell: Shell) -> None:
    """`xpm columns --confirm` for both exports."""
    for _ in range(2):
        assert shell("--profile", "demo", "xpm", "columns", "--confirm").exit_code == 0


def test_the_demonstration_of_files_on_both_sides(shell: Shell) -> None:
    """No API and no credential: every step ends with 0, and each side shows in the end what was uploaded to it."""
    answer = shell.json("demo", "--route", "files")
    steps = answer.data["steps"]
    assert isinstance(steps, list)
    assert [step["exit_code"] for step in steps] == [0] * len(steps)
    syncs = [step["answer"]["data"]["counts"]["changes"] for step in steps if step["command"][0] == "sync"]
    assert [changes > 0 for changes in syncs] == [True, False, True, False]
    writing = [
        step["answer"]["data"]["writing"]["client-field"] for step in steps if step["command"] == ["xpm", "files"]
    ]
    assert [proof["state"] for proof in writing] == ["unproven", "proven"]
    assert steps[-1]["answer"]["data"]["handover"]["files"] == []


def test_an_unconfirmed_header_ends_with_2_and_names_the_command(shell: Shell, exports: Path) -> None:
    """Unattended nobody can be asked; once confirmed the same command works."""
    refused = shell("--profile", "demo", "--no-input", "diff", SOME)
    assert refused.exit_code == 2
    assert "xpm columns" in refused.err
    confirm_both(shell)
    assert shell("--profile", "demo", "diff", SOME).exit_code == 0


def test_a_broken_row_is_an_export_of_xpm_to_be_made_again(shell: Shell, exports: Path) -> None:
    """The hint speaks of the system whose file it is."""
    (path,) = exports.glob("*Client - EXPORT.csv")
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    path.write_text("\r\n".join([*lines[:3], f"{lines[3]},one too many", ""]), encoding="utf-8-sig")
    refused = shell("--profile", "demo", "xpm", "columns", str(path))
    assert refused.exit_code == 9
    assert "Export again in XPM" in refused.err
    assert "Ignition" not in refused.err


def test_columns_show_what_is_cut_off(shell: Shell, exports: Path) -> None:
    """Header, masked sample, proposed field and why."""
    (path,) = exports.glob("*Client - EXPORT.csv")
    shown = shell("--profile", "demo", "xpm", "columns", str(path))
    assert shown.exit_code == 0
    for words in ("TaxNumber", "never read", "(not read)", "Not confirmed", "does not document it"):
        assert words in shown.out
    columns = shell.json("--profile", "demo", "xpm", "columns", str(path)).data["columns"]
    assert isinstance(columns, list)
    fields = {column["name"]: column["field"] for column in columns}
    assert (fields["UUID"], fields["TaxNumber"], fields["DateofBirth"]) == ("id", None, None)


def test_what_the_files_carry_is_shown(shell: Shell, exports: Path) -> None:
    """Each with its age, and what is never compared."""
    confirm_both(shell)
    shown = shell("--profile", "demo", "xpm", "files").out
    for words in ("Generic - Clients", "complete for active clients", "old)", "Not carried", "tax_registered"):
        assert words in shown
    assert shell("--profile", "demo", "xpm", "duplicates").exit_code == 0


def linked(shell: Shell) -> tuple[Pair, Pair]:
    """Two linked clients of the demo."""
    links = shell.json("--profile", "demo", "links").data["links"]
    assert isinstance(links, list)
    first, second, *_ = (Pair(link["xpm_id"], link["ignition_id"]) for link in links)
    return first, second


def test_writing_to_xpm_by_a_pilot_and_then_a_sync(shell: Shell, exports: Path) -> None:
    """Held and explained at first; a pilot, its import and a new export prove it; then a sync writes the next."""

    def demo(*words: str) -> Ended:
        return shell("--profile", "demo", *words)

    def export_again() -> None:
        assert demo("simulator", "export-xpm").exit_code == 0

    confirm_both(shell)
    demo("config", "set", "sync.direction", "to-xpm")
    first, second = linked(shell)
    for client in (first, second):
        assert demo("simulator", "edit", "ignition", client.ignition, "fax", "09 555 0111").exit_code == 0
    assert "xpm pilot" in demo("diff", first.xpm).out
    assert "Prove a kind with one client" in demo("xpm", "files").out
    assert demo("xpm", "pilot", first.xpm, "fax").exit_code == 2  # nobody is there to confirm it
    pilot = demo("xpm", "pilot", first.xpm, "fax", "--yes")
    assert pilot.exit_code == 0
    for words in ("Update Existing?", "pilot-clients-UPDATE", "Export Generic - Clients", "Nobody should change"):
        assert words in pilot.out
    for hint in ("--profile demo xpm uploaded", "--profile demo xpm files"):
        assert f"xpmsync {hint}" in pilot.out
    assert "xpmsync --profile demo xpm discard" in demo("xpm", "pilot", second.xpm, "fax", "--yes").err
    assert "put into a file" in demo("explain", first.xpm).out
    assert "A pilot waits" in demo("xpm", "files").out
    assert "for-xpm" in demo("status").out
    (path,) = (exports / "for-xpm").glob("*.csv")
    assert demo("simulator", "import-xpm", str(path), "--update-existing").exit_code == 0
    assert demo("xpm", "uploaded").exit_code == 0
    export_again()
    assert "proven on" in demo("xpm", "files").out
    states = shell.json("--profile", "demo", "xpm", "files").data["writing"]
    assert isinstance(states, dict)
    assert [each["state"] for each in states.values()] == ["proven", "unproven", "unproven", "unproven"]
    synced = demo("sync", second.xpm, "--yes")
    assert (synced.exit_code, "Update Existing?" in synced.out) == (0, True)
    assert demo("xpm", "discard", "--yes").exit_code == 0


def test_a_rename_by_file_is_asked_for_by_its_own_option(shell: Shell, exports: Path) -> None:
    """Where an import goes by names it makes a second client; a field that is the same is no pilot."""
    confirm_both(shell)
    shell("--profile", "demo", "config", "set", "sync.direction", "to-xpm")
    refused = shell("--profile", "demo", "xpm", "pilot", SOME, "name", "--yes")
    assert refused.exit_code == 2
    assert "--rename" in refused.err
    first, _ = linked(shell)
    same = shell("--profile", "demo", "xpm", "pilot", first.xpm, "contact.position", "--yes")
    assert same.exit_code == 2
    assert "cannot be a pilot" in same.err


def test_a_missing_export_names_the_clicks(shell: Shell, exports: Path) -> None:
    """In XPM's own menu words."""
    for path in exports.iterdir():
        path.unlink()
    refused = shell("--profile", "demo", "diff", SOME)
    assert refused.exit_code == 2
    for words in ("Connections > Export", "Generic - Clients", "help xpm-files"):
        assert words in refused.err


def test_a_new_form_is_accepted_by_its_flag(shell: Shell, exports: Path) -> None:
    """Refused first, naming the flag; accepted once for all."""
    confirm_both(shell)
    assert shell("--profile", "demo", "sync", "--yes", SOME).exit_code == 0
    for path in exports.glob("*EXPORT.csv"):
        path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n"))
    refused = shell("--profile", "demo", "diff", SOME)
    assert refused.exit_code == 9
    assert "--accept-form" in refused.err
    assert shell("--profile", "demo", "diff", "--accept-form", SOME).exit_code == 0
    assert shell("--profile", "demo", "diff", SOME).exit_code == 0


def test_status_and_doctor_ask_for_no_sign_in(shell: Shell, exports: Path) -> None:
    """The route needs none."""
    confirm_both(shell)
    assert f"route files: {exports}" in shell("--profile", "demo", "status").out
    assert shell("--profile", "demo", "doctor").exit_code == 0


def test_the_import_screen_is_played(shell: Shell, exports: Path) -> None:
    """What was created, updated and left alone is counted; the next export shows it."""
    (path,) = exports.glob("*Client - EXPORT.csv")
    uuid = next(line for line in path.read_text(encoding="utf-8-sig").splitlines() if SOME in line).split(",")[0]
    changes = shell.folder / "changes.csv"
    changes.write_text(f"UUID,Name,Phone\n{uuid},{SOME},02 5550 0999\n,New Ltd,\n", encoding="utf-8")
    words = ("--profile", "demo", "simulator", "import-xpm", str(changes))
    assert "2 rows, 1 created, 0 updated, 1 left alone, 0 errors" in shell(*words).out
    answer = shell.json(*words, "--update-existing")
    assert {name: answer.data[name] for name in ("created", "updated", "skipped")} == {
        "created": 0,
        "updated": 2,
        "skipped": 0,
    }
    assert shell("--profile", "demo", "simulator", "export-xpm").exit_code == 0
    texts = [path.read_text(encoding="utf-8-sig") for path in exports.glob("*Client - EXPORT.csv")]
    assert any("02 5550 0999" in text and "New Ltd" in text for text in texts)


@pytest.mark.parametrize(
    ("row", "options", "code", "words"),
    [
        ("{uuid},{name},,", (), 0, "1 updated"),
        ("{uuid},Other name,,", ("--key", "both"), 5, "Line 2: UUID and Name are not those of one client"),
        ("{uuid},Other name,,", ("--key", "name"), 0, "1 created"),
        ("{uuid},{name},,Ann", ("--contact-name", "ignored"), 0, "0 errors."),
        ("{uuid},{name},,Ann", (), 0, "ContactName added 1 contact."),
    ],
)
def test_the_rules_are_options(
    shell: Shell, exports: Path, row: str, options: tuple[str, ...], code: int, words: str
) -> None:
    """Each reading of the help pages can be chosen; a row that is not imported ends with 5."""
    (path,) = exports.glob("*Client - EXPORT.csv")
    uuid = next(line for line in path.read_text(encoding="utf-8-sig").splitlines() if SOME in line).split(",")[0]
    changes = shell.folder / "changes.csv"
    changes.write_text(f"UUID,Name,Fax,ContactName\n{row.format(uuid=uuid, name=SOME)}\n", encoding="utf-8")
    screen = ("--profile", "demo", "simulator", "import-xpm", str(changes), "--update-existing")
    answer = shell(*screen, *options)
    assert answer.exit_code == code
    assert words in " ".join(answer.out.split())


def test_a_file_that_xpm_refuses_whole_says_why(shell: Shell, exports: Path) -> None:
    """An unknown column under that rule; another practice than the demo is not touched."""
    changes = shell.folder / "changes.csv"
    changes.write_text("Name,Colour\nNew Ltd,red\n", encoding="utf-8")
    words = ("simulator", "import-xpm", str(changes))
    refused = shell.json("--profile", "demo", *words, "--extra-fails")
    assert refused.codes == ["rejected"]
    assert "Colour" in shell("--profile", "demo", *words, "--extra-fails").err
    assert shell("--profile", "demo", *words).exit_code == 0
    assert shell(*words).exit_code == 2
