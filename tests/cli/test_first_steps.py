"""The way from nothing to a practice of one's own: every command names the next, and none leads in a circle."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.cli_runner import Ended, Live, Shell
from xpmsync.local.settings.reader import read_settings

_DONE = ("--client-id", "ABC123")


def _said(told: Ended) -> str:
    """Both streams on one line, as wrapping has nothing to do with the words."""
    return " ".join((told.out + told.err).split())


@pytest.mark.parametrize("words", [("status",), ("search", "smith"), ("diff",), ("login",), ("config", "check")])
def test_without_settings_everything_leads_to_start(shell: Shell, words: tuple[str, ...]) -> None:
    """The file that is not there is not named as if it were, and `login` is not asked for before it can work."""
    said = _said(shell(*words))
    assert "xpmsync start" in said
    assert "xpmsync login" not in said
    assert str(shell.config) not in said or "not there yet" in said


@pytest.mark.parametrize("words", [("status",), ("search", "smith"), ("diff",), ("login",), ("config", "check")])
def test_without_a_client_id_everything_leads_to_it(shell: Shell, words: tuple[str, ...]) -> None:
    """After settings that only the demonstration needed."""
    assert shell("--profile", "demo", "config", "set", "sync.level", "names").exit_code == 0
    said = _said(shell(*words))
    assert "xpmsync config set xpm.client_id ID" in said
    assert "xpmsync login" not in said


def test_with_a_client_id_it_is_time_to_sign_in(shell: Shell) -> None:
    """`login xpm` is next once it can work."""
    assert "xpmsync login xpm" in _said(shell("init", *_DONE))
    for words in (("status",), ("search", "smith")):
        assert "xpmsync login xpm" in _said(shell(*words))
    assert shell("config", "check").out == f"{shell.config} is fine.\n"


def test_init_follows_a_rehearsal(shell: Shell) -> None:
    """Settings of the demonstration do not stand in its way, and stay with their comments."""
    assert shell("--profile", "demo", "config", "set", "sync.level", "nothing").exit_code == 0
    assert shell("config", "set", "sync.direction", "to-xpm").exit_code == 0
    shell.config.write_text(f"# mine\n{shell.config.read_text(encoding='utf-8')}", encoding="utf-8")
    assert shell("init", *_DONE).exit_code == 0
    own = read_settings(shell.config)
    assert (own.xpm.client_id, own.sync.direction) == ("ABC123", "to-xpm")
    assert read_settings(shell.config, "demo").sync.level == "nothing"
    assert shell.config.read_text(encoding="utf-8").startswith("# mine\n")


def test_init_does_not_write_over_a_practice(shell: Shell) -> None:
    """A second one is refused with both ways out, and works for another profile."""
    assert shell("init", *_DONE).exit_code == 0
    before = shell.config.read_text(encoding="utf-8")
    told = shell("init", "--client-id", "OTHER")
    assert told.exit_code == 2
    assert "xpmsync config set KEY VALUE" in _said(told)
    assert "xpmsync --profile NAME init" in _said(told)
    assert shell.config.read_text(encoding="utf-8") == before
    assert shell("--profile", "north", "init", "--level", "names").exit_code == 0
    north = read_settings(shell.config, "north")
    assert (north.sync.level, north.xpm.client_id) == ("names", "ABC123")
    assert shell("--profile", "north", "init").exit_code == 2


def test_a_bad_answer_given_as_an_option_writes_nothing(shell: Shell) -> None:
    """The option's value is what is wrong, not the file."""
    told = shell("init", "--direction", "from-xmp")
    assert told.exit_code == 2
    assert "Did you mean from-xpm?" in _said(told)
    assert "config check" not in _said(told)
    assert not shell.config.exists()


@pytest.mark.parametrize(
    ("route", "next_"),
    [
        ("csv", "xpmsync config set ignition.export_folder FOLDER"),
        ("mcp", "xpmsync login ignition"),
        ("builtin", "xpmsync match"),
    ],
)
def test_init_names_what_the_route_needs(shell: Shell, route: str, next_: str) -> None:
    """Each command is on a line of its own, to be copied."""
    told = shell("init", "--route", route, *_DONE)
    assert f"  {next_}" in told.out.splitlines()


def test_init_by_files_asks_for_no_sign_in(shell: Shell) -> None:
    """XPM by files needs its folder, and neither an app nor `login xpm`."""
    assert shell("config", "set", "xpm.route", "files").exit_code == 0
    said = shell("init", "--route", "csv", "--export-folder", "exports").out
    assert "  xpmsync config set xpm.files.folder FOLDER" in said.splitlines()
    assert "login" not in said
    assert "client_id" not in said


def test_a_route_that_nobody_chose_is_not_written_to(live: Live, tmp_path: Path) -> None:
    """`sync`, `import` and `apply` name `start`; looking works; a rehearsal that was chosen works."""
    client, plan = live.linked("Harbour Dental Ltd"), tmp_path / "plan.json"
    chosen = live.shell.config.read_text(encoding="utf-8")
    live.shell.config.write_text(chosen.replace('[ignition]\nroute = "builtin"\n', ""), encoding="utf-8")
    assert live.shell("sync", "--dry-run", "--out", str(plan)).exit_code == 0
    assert live.shell("status").out.splitlines()[-1] == "Next: xpmsync start"
    for words in (("sync", "--yes"), ("import", client, "--yes"), ("apply", str(plan), "--yes")):
        told = live.shell(*words)
        assert told.exit_code == 2
        assert "never chosen" in told.err
        assert "xpmsync start" in told.err
    assert live.phones() == {"Harbour Dental Ltd": "02 5550 0999"}
    assert live.shell("config", "set", "ignition.route", "builtin").exit_code == 0
    assert live.shell("sync", "--yes").exit_code == 0
    assert live.phones() == {"Harbour Dental Ltd": "02 5550 0101"}
    assert read_settings(live.shell.config).is_rehearsal


def test_init_in_a_script_chooses_no_rehearsal(shell: Shell) -> None:
    """Without `--route` none is written, and the next steps ask for one."""
    said = shell("init", *_DONE).out
    assert "  xpmsync config set ignition.route csv" in said.splitlines()
    assert read_settings(shell.config).route_unchosen
    assert shell("init", "--route", "builtin", "--profile", "demo").exit_code == 0


def test_init_takes_the_folder_of_exports(shell: Shell, tmp_path: Path) -> None:
    """As an option; a relative one starts where the person is."""
    assert shell("init", "--route", "csv", "--export-folder", "exports", *_DONE).exit_code == 0
    assert read_settings(shell.config).ignition.export_folder == str(Path("exports").absolute())
    assert shell("--profile", "north", "init", "--route", "csv").exit_code == 0
    assert read_settings(shell.config, "north").ignition.export_folder == ""


@pytest.mark.parametrize("profile", [(), ("--profile", "demo")])
def test_csv_without_a_folder_names_the_folder(shell: Shell, profile: tuple[str, ...]) -> None:
    """In `diff`, `config check` and `status`, for the practice that was asked about."""
    assert shell("init", *_DONE).exit_code == 0
    assert shell(*profile, "config", "set", "ignition.route", "csv").exit_code == 0
    needed = " ".join(["xpmsync", *profile, "config set ignition.export_folder FOLDER"])
    checked = shell(*profile, "config", "check")
    assert checked.exit_code == 2
    assert needed in _said(checked)
    assert "ignition.export_folder is empty" in _said(shell(*profile, "status"))
    if profile:
        for words in (("diff",), ("search", "smith")):
            assert needed in _said(shell(*profile, *words))
        assert needed in _said(shell(*profile, "status"))


def test_hints_carry_the_files_that_were_named(shell: Shell, tmp_path: Path) -> None:
    """What is copied from a hint does what was meant: the same settings file and the same export."""
    other, export = tmp_path / "my other.toml", tmp_path / "clients.csv"
    said = shell("--config", str(other), "status").out
    assert f"xpmsync --config '{other}' start" in " ".join(said.split())
    told = shell("--config", str(other), "--export", str(export), "--profile", "demo", "status")
    assert f"--config '{other}' --export {export} match" in _said(told)


def test_what_mends_several_problems_is_said_once(shell: Shell) -> None:
    """`config check` names each, and the next command under the last."""
    shell.config.write_text("[sync]\nlevle = 'names'\ndirection = 'up'\nclear_blanks = 3\n", encoding="utf-8")
    told = shell("config", "check")
    assert told.err.count("xpmsync: ") == 3
    assert told.err.count("config check") == 1


def test_config_show_aligns_and_leaves_nothing_blank(shell: Shell) -> None:
    """Where values come from stands in a column of its own; an empty one is said to be."""
    told = shell("config", "show", variables={"COLUMNS": "80"})
    rows = told.out.splitlines()[2:]
    assert len({row.index("(default)") for row in rows if "://" not in row and "(default)" in row}) == 1
    assert any(row.startswith("sync.filter.groups") and "(none)" in row for row in rows)
    assert max(len(row) for row in rows) <= 80
    assert "not there yet" in " ".join(told.out.split("sync.direction")[0].split())
