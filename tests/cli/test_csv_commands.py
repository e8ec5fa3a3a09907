"""The command line on files: the demonstration's round trip, checks, refusals and what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.cli_runner import Ended, Shell

NEW = "Tide Table Restaurant Ltd"
EVERY_GUARD = [word for guard in ("changes=999", "names=999", "settings") for word in ("--allow", guard)]
SOME = ("Café Zoë Pty Ltd", "MacAllister Farms")


@pytest.fixture
def exports(shell: Shell) -> Path:
    """The demo profile on route csv, with an export to read."""
    folder = shell.folder / "exports"
    for words in (("ignition.route", "csv"), ("ignition.export_folder", str(folder))):
        assert shell("--profile", "demo", "config", "set", *words).exit_code == 0
    assert shell("--profile", "demo", "simulator", "export").exit_code == 0
    return folder


def test_the_demonstration_of_the_round_trip(shell: Shell) -> None:
    """Every step ends as it should: only the stale export is refused, with exit code 6."""
    told = shell.json("demo", "--route", "csv")
    steps = told.data["steps"]
    assert isinstance(steps, list)
    codes = [step["exit_code"] for step in steps]
    assert [code for code in codes if code] == [6]
    assert steps[-1]["answer"]["data"]["todo"][0]["xpm_number"].isdecimal()
    assert shell.state.exists() is False


def test_the_round_trip_in_words(shell: Shell) -> None:
    """The screens name Ignition's menu, the files, and what a person does next."""
    told = shell("demo", "--route", "csv")
    assert told.exit_code == 0
    for words in ("Clients -> Import", "xpmsync-demo-changes.csv", "Only once", "Edit Client -> Apps", "To upload"):
        assert words in told.out
    assert "portal/secret-" not in told.out + told.err


def test_json_carries_path_and_counts(shell: Shell, exports: Path) -> None:
    """And the remarks on the export; the same in `status`."""
    told = shell.json("--profile", "demo", "sync", "--yes", *SOME)
    applied = told.data["applied"]
    reading = told.data["reading"]
    assert isinstance(applied, dict)
    assert isinstance(reading, dict)
    files = applied["handover"]["files"]
    assert [(Path(one["path"]).name, one["clients"], one["upload_once"]) for one in files] == [
        ("xpmsync-demo-changes.csv", 1, False),
        ("xpmsync-demo-new-0001.csv", 1, True),
    ]
    assert all(Path(one["path"]).parent == exports / "for-ignition" for one in files)
    assert "ignition-clients.csv" in reading["remarks"][0]
    pending_uploads = shell.json("--profile", "demo", "status").data["handover"]
    assert isinstance(pending_uploads, dict)
    assert pending_uploads["files"] == files


def test_a_check_names_lines(shell: Shell, exports: Path) -> None:
    """A file that breaks a rule ends with 2; each line is named on stderr."""
    export = exports / "ignition-clients.csv"
    lines = export.read_text(encoding="utf-8").splitlines(keepends=True)
    bad = shell.folder / "bad.csv"
    bad.write_text("".join([lines[0], '"";' + lines[1]]), encoding="utf-8")
    assert shell("ignition", "check", str(bad)).exit_code == 9
    bad.write_text(lines[0].replace("Contact Email", "E-Mail") + lines[1], encoding="utf-8")
    told = shell("ignition", "check", str(bad))
    assert told.exit_code == 2
    assert "Line 1: the header has no column Contact Email." in told.err
    told = shell.json("ignition", "check", str(bad))
    assert told.codes == ["missing-column"]


def test_a_broken_export_names_file_and_line(shell: Shell, exports: Path) -> None:
    """Nothing was written, exit code 9."""
    export = exports / "ignition-clients.csv"
    export.write_text(export.read_text(encoding="utf-8")[:-40], encoding="utf-8")
    told = shell("--profile", "demo", "sync", "--yes")
    assert told.exit_code == 9
    assert "ignition-clients.csv, line" in told.err.replace("\n", " ")
    assert "Nothing was written" in told.err.replace("\n", " ")
    assert not (exports / "for-ignition").exists()


def test_without_an_export(shell: Shell, exports: Path) -> None:
    """The folder is named, and what to do."""
    (exports / "ignition-clients.csv").unlink()
    told = shell.json("--profile", "demo", "diff")
    assert (told.exit_code, told.codes) == (2, ["no-export"])


def test_another_export_may_be_named(shell: Shell, exports: Path) -> None:
    """`--export` stands anywhere, as the other global options do."""
    other = shell.folder / "other.csv"
    (exports / "ignition-clients.csv").replace(other)
    told = shell.json("--profile", "demo", "diff", SOME[0], "--export", str(other))
    reading = told.data["reading"]
    assert isinstance(reading, dict)
    assert "other.csv" in reading["remarks"][0]


def test_what_is_left_to_do_in_ignition(shell: Shell, exports: Path) -> None:
    """It stands in the list until a person says that it is done, by its number, id or name."""
    shell.json("--profile", "demo", "import", NEW, "--yes")
    told = shell.json("--profile", "demo", "todo")
    listed = told.data["todo"]
    assert isinstance(listed, list)
    (todo,) = listed
    assert (todo["name"], todo["ignition_id"]) == (NEW, None)
    assert f"xpmsync --profile demo todo done {todo['xpm_id']}" in shell("--profile", "demo", "todo").out
    told = shell.json("--profile", "demo", "todo", "done", todo["xpm_number"])
    assert told.data["todo"] == []
    assert shell.json("--profile", "demo", "todo", "done", NEW).codes == ["not-found"]


def test_saying_things_that_are_not_so(shell: Shell, exports: Path) -> None:
    """Nothing waits, or the route needs no upload; discarding asks first."""
    for words in (("uploaded",), ("discard", "--yes")):
        assert shell.json("--profile", "demo", "ignition", *words).codes == ["usage"]
        assert shell.json("ignition", *words).codes == ["usage"]
    assert shell.json("--profile", "demo", "ignition", "discard").codes == ["usage"]


def test_an_upload_that_ignition_refuses(shell: Shell, exports: Path) -> None:
    """The built-in register is as strict: all of the file or nothing."""
    bad = shell.folder / "bad.csv"
    bad.write_text('"Client Name","Contact Name","Contact Email"\n"A","Ann",""\n', encoding="utf-8")
    assert shell.json("--profile", "demo", "simulator", "upload", str(bad)).codes == ["rejected"]
    assert shell.json("--profile", "demo", "simulator", "upload", "missing.csv").codes == ["file-refused"]


def test_many_holds_without_a_change_are_shown_in_short(shell: Shell, exports: Path) -> None:
    """What waits in a file cannot be undone; the screen says how often and how to see all of it."""
    assert shell("--profile", "demo", "sync", "--yes").exit_code == 0
    undone = shell("--profile", "demo", "undo", "last", "--yes").out
    assert len(undone.splitlines()) < 40
    assert "cannot-undo" in undone
    assert "See every hold with: xpmsync --profile demo undo 1 --dry-run --all" in " ".join(undone.split())


def test_what_is_in_a_file_is_not_called_created(shell: Shell, exports: Path) -> None:
    """Several clients imported by file: they are created when a person uploads it."""
    told = shell("--profile", "demo", "import", "Saltbush Solar", "Rangi Family Trust", "--yes")
    assert "2 clients written to a file for Ignition, created when you upload it." in " ".join(told.out.split())
    assert "created in run" not in told.out


@pytest.mark.parametrize("words", [("export",), ("upload", "{file}")])
def test_the_simulator_stays_out_of_a_real_practice(shell: Shell, words: tuple[str, ...]) -> None:
    """Its made-up export would be the newest one in the practice's own folder."""
    folder = shell.folder / "exports"
    folder.mkdir()
    file = folder / "clients.csv"
    file.write_text("Client Id\n", encoding="utf-8")
    assert shell("init", "--route", "csv", "--export-folder", str(folder), "--client-id", "x").exit_code == 0
    told = shell("simulator", *(word.format(file=file) for word in words))
    assert (told.exit_code, "Add --profile demo." in told.err) == (2, True)
    assert [path.name for path in folder.iterdir()] == ["clients.csv"]


def test_a_file_with_changes_of_what_was_unlinked_is_named(shell: Shell, exports: Path) -> None:
    """A wrong link, noticed once its file is written: the file is not to be uploaded, and the next sync drops it."""

    def demo(*words: str) -> Ended:
        return shell("--profile", "demo", *words)

    assert demo("sync", "--yes", *SOME).exit_code == 0
    changes = exports / "for-ignition" / "xpmsync-demo-changes.csv"
    told = demo("unlink", SOME[0])
    assert f"Do not upload {changes} as it is" in " ".join(told.out.split())
    assert "Do not upload" not in demo("unlink", "Caledonian Optics plc").out
    assert demo("link", "30a2dac4-387b-5e94-9739-2bb504dd6cfa", "1000122").exit_code == 0
    assert shell.json("--profile", "demo", "undo", "last", "--yes").data["in_files"] == [str(changes)]
    assert demo("sync", "--yes", *SOME[1:]).exit_code == 0
    assert not changes.exists() or "1000122" not in changes.read_text(encoding="utf-8")


def test_a_file_with_changes_of_a_client_that_is_to_be_left_alone_is_named(shell: Shell, exports: Path) -> None:
    """An exception, or a level of its own, after its changes were written for upload."""

    def demo(*words: str) -> Ended:
        return shell("--profile", "demo", *words)

    assert demo("sync", "--yes", *SOME).exit_code == 0
    changes = exports / "for-ignition" / "xpmsync-demo-changes.csv"
    warning = f"Do not upload {changes} as it is: it holds changes of this client from before."
    assert warning in " ".join(demo("level", SOME[0], "nothing").out.split())
    assert warning not in " ".join(demo("level", SOME[0], "default").out.split())
    assert warning in " ".join(demo("except", SOME[0], "--note", "as agreed").out.split())
    excepted = shell.json("--profile", "demo", "except", "Caledonian Optics plc", "--note", "as agreed")
    assert excepted.data["in_files"] == []
    assert shell.json("--profile", "demo", "level", SOME[0], "names").data["in_files"] == [str(changes)]


def test_a_file_written_with_other_settings_is_named(shell: Shell, exports: Path) -> None:
    """The direction is turned while it waits: status asks for a sync, which drops it, and not for the upload."""

    def demo(*words: str) -> Ended:
        return shell("--profile", "demo", *words)

    assert demo("sync", "--yes").exit_code == 0
    changes = exports / "for-ignition" / "xpmsync-demo-changes.csv"
    assert "un a sync before" not in demo("status").out
    assert demo("config", "set", "sync.direction", "to-xpm").exit_code == 0
    warning = f"un a sync before you upload {changes.name}"
    assert warning in " ".join(demo("status").out.split())
    assert "settings that decide what it may hold were changed since" in " ".join(demo("status").out.split())
    demo("sync", "--yes", "--allow", "changes=999", "--allow", "names=999", "--allow", "settings")
    assert not changes.exists()
    assert "un a sync before" not in demo("status").out


def test_files_of_a_route_that_was_left_are_named_and_removed(shell: Shell, exports: Path) -> None:
    """What waits in them is written the new way: a late upload would write it again, and double what is new."""

    def demo(*words: str) -> Ended:
        return shell("--profile", "demo", *words)

    assert demo("sync", "--yes").exit_code == 0
    assert demo("import", NEW, "--yes").exit_code == 0
    files = list((exports / "for-ignition").glob("*.csv"))
    assert len(files) == 3
    assert demo("config", "set", "ignition.route", "builtin").exit_code == 0
    assert "un a sync before you upload" in demo("status").out

    answer = shell.json("--profile", "demo", "sync", "--yes", *EVERY_GUARD)

    assert "'waiting'" not in str(answer.data["holds"])
    assert not any(file.exists() for file in files)
    assert "pload" not in demo("status").out
    assert demo("import", NEW, "--yes").exit_code == 0
    again = shell.json("--profile", "demo", "diff")
    assert again.data["changes"] == []


def test_a_file_that_creates_what_was_linked_by_hand_is_named(shell: Shell, exports: Path) -> None:
    """A person finds one of two new clients in Ignition: link and status ask for a sync, not for the upload."""

    def demo(*words: str) -> Ended:
        return shell("--profile", "demo", *words)

    assert demo("import", NEW, "Saltbush Solar", "--yes").exit_code == 0
    (file,) = (exports / "for-ignition").glob("*new*.csv")
    assert "Next: in Ignition" in demo("status").out
    warning = f"un a sync before you upload {file.name}: clients in it were linked or unlinked since."
    assert f"R{warning}" in " ".join(demo("link", NEW, "Oak and Ash Garden Design").out.split())
    assert f"Next: xpmsync --profile demo sync (r{warning[:-1]})" in " ".join(demo("status").out.split())
    assert demo("sync", "--yes", *SOME).exit_code == 0
    assert NEW not in file.read_text(encoding="utf-8")
    assert "un a sync before" not in demo("status").out
    assert demo("unlink", SOME[0]).exit_code == 0
    assert "clients in it were linked or unlinked since" in " ".join(demo("status").out.split())
