"""Writing settings: comments and order survive, wrong values change nothing, the example file is right."""

from __future__ import annotations

import os
import stat
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from xpmsync.errors import SettingsError, StateUnusable
from xpmsync.local.settings.editor import edited, set_value, set_values, settings_text
from xpmsync.local.settings.keys import Key, Value, ValueKind
from xpmsync.local.settings.reader import check_text, read_settings
from xpmsync.local.settings.settings import KEYS
from xpmsync.local.system.files import write_private

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"

HAND_MADE = """\
# Our practice. Ask Ada before you change this.
config_version = 1

[xpm]   # the app is on Ada's account
client_id = "ABC"      # not a secret

# What flows
[sync]
# level was everything until March
level  =  "names"   # see the minutes
direction = 'from-xpm'
# clear_blanks = true

# end of file, really
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return where the settings file of a test is."""
    return tmp_path / "config.toml"


@pytest.fixture
def hand_made(file: Path) -> Path:
    """Return a settings file with comments of a person."""
    file.write_text(HAND_MADE, encoding="utf-8")
    return file


def test_changing_a_value_changes_that_value_alone(hand_made: Path) -> None:
    """Comments, blank lines, odd spacing and the order of everything stay."""
    assert set_value(hand_made, "sync.level", "nothing") == "nothing"

    assert hand_made.read_text(encoding="utf-8") == HAND_MADE.replace('"names"', '"nothing"')


def test_a_key_that_is_commented_out_is_uncommented_in_place(hand_made: Path) -> None:
    """Setting what the file offers in a comment puts it where the comment was."""
    set_value(hand_made, "sync.clear_blanks", "yes")

    assert hand_made.read_text(encoding="utf-8") == HAND_MADE.replace("# clear_blanks = true", "clear_blanks = true")


def test_a_new_key_goes_under_its_own_header(hand_made: Path) -> None:
    """A key the file does not have is put into its table, not after the comments that introduce the next one."""
    set_value(hand_made, "redirect_port", "5000")

    assert hand_made.read_text(encoding="utf-8") == HAND_MADE.replace(
        "Ada's account\n", "Ada's account\nredirect_port = 5000\n"
    )


def test_a_new_table_goes_to_the_end(hand_made: Path) -> None:
    """A table the file does not have is added at its end."""
    set_value(hand_made, "ignition.route", "csv")

    assert hand_made.read_text(encoding="utf-8") == HAND_MADE + '\n[ignition]\nroute = "csv"\n'


def test_a_profile_gets_its_own_table(hand_made: Path) -> None:
    """With a profile, its table is written and the top level stays."""
    set_value(hand_made, "sync.level", "everything", profile="north")

    assert read_settings(hand_made, "north").sync.level == "everything"
    assert read_settings(hand_made).sync.level == "names"
    assert hand_made.read_text(encoding="utf-8").startswith(HAND_MADE)


@pytest.mark.parametrize(
    "text",
    [
        'sync = { level = "names", clear_blanks = false } # inline\n',
        'sync.level = "names"\nsync.clear_blanks = false # dotted\n',
        '[profiles]\n[sync]\nlevel = "names" # twice\n\n[ xpm ]\n',
    ],
)
def test_other_layouts_are_edited_in_place(file: Path, text: str) -> None:
    """Inline and dotted tables keep their layout and their comments."""
    file.write_text(text, encoding="utf-8")

    set_value(file, "sync.level", "nothing")

    assert file.read_text(encoding="utf-8") == text.replace('"names"', '"nothing"')


@pytest.mark.parametrize("text", ["[[sync]]\n", "sync = 3\n", "profiles = 3\n[sync]\n"])
def test_what_stands_in_the_place_of_a_table_is_not_replaced(file: Path, text: str) -> None:
    """Where a table should be and something else is, the edit is refused and the file stays."""
    file.write_text(text, encoding="utf-8")

    with pytest.raises(SettingsError):
        set_value(file, "sync.level", "nothing", profile="north" if "profiles" in text else "default")

    assert file.read_text(encoding="utf-8") == text


def test_windows_line_ends_stay(file: Path) -> None:
    """A file with CR LF has CR LF on every line afterwards."""
    file.write_bytes(HAND_MADE.replace("\n", "\r\n").encode())

    set_value(file, "sync.level", "nothing")
    set_value(file, "ignition.route", "csv")

    raw = file.read_bytes()
    assert raw.count(b"\n") == raw.count(b"\r\n")
    assert read_settings(file).ignition.route == "csv"


def test_setting_in_a_missing_file_writes_the_commented_one(file: Path) -> None:
    """The first `config set` makes the file that `init` would make."""
    set_value(file, "sync.level", "names")

    assert file.read_text(encoding="utf-8") == settings_text({"sync.level": "names"})
    assert read_settings(file).sync.level == "names"


@pytest.mark.parametrize(
    ("key", "text", "near"),
    [
        ("sync.levl", "names", "sync.level"),
        ("levl", "names", "sync.level"),
        ("sync.level", "nmaes", "names"),
        ("sync.clear_blanks", "maybe", ""),
        ("xpm.redirect_port", "eighty", ""),
        ("xpm.redirect_port", "80", ""),
        ("xpm.api_url", "http://example.com", ""),
        ("xpm.client_id", "a\nb", ""),
        ("xpm.client_id", "a\udce4b", ""),
    ],
)
def test_what_would_not_be_read_is_not_written(hand_made: Path, key: str, text: str, near: str) -> None:
    """An unknown key or a value it does not take is refused, with the near match, and the file stays."""
    with pytest.raises(SettingsError) as raised:
        set_value(hand_made, key, text)

    assert raised.value.near == near
    assert hand_made.read_text(encoding="utf-8") == HAND_MADE


@pytest.mark.parametrize("text", ["[sync\n", "config_version = 9\n"])
def test_a_file_that_cannot_be_understood_is_not_edited(file: Path, text: str) -> None:
    """Broken TOML and a newer file are refused, and nothing is lost."""
    file.write_text(text, encoding="utf-8")

    with pytest.raises(SettingsError):
        set_value(file, "sync.level", "names")

    assert file.read_text(encoding="utf-8") == text


def test_a_wrong_key_can_be_mended_while_another_is_wrong(file: Path) -> None:
    """Setting one key right does not wait for the others."""
    file.write_text('[sync]\nlevel = "x"\non_edited = "y"\n', encoding="utf-8")

    set_value(file, "sync.level", "names")

    assert [problem.key for problem in check_text(file.read_text(encoding="utf-8"), file)] == ["sync.on_edited"]


def test_a_profile_that_cannot_be_is_refused(hand_made: Path) -> None:
    """`config set` makes no profile that could not be read afterwards."""
    with pytest.raises(SettingsError):
        set_value(hand_made, "sync.level", "names", profile="con")

    assert hand_made.read_text(encoding="utf-8") == HAND_MADE


def test_a_file_of_a_profile_that_cannot_be_is_not_written(file: Path) -> None:
    """Not even the first one, or no command would work any more."""
    with pytest.raises(SettingsError):
        set_values(file, {"sync.level": "names"}, profile="a b")

    assert not file.exists()


@pytest.mark.parametrize("key", ["xpm.client_secret", "notify.smtp_password", "access_token"])
def test_a_secret_is_no_setting(hand_made: Path, key: str) -> None:
    """It is said where secrets go; nothing is written, and the secret is not repeated."""
    with pytest.raises(SettingsError, match="secrets do not belong") as raised:
        set_value(hand_made, key, "canary-secret")

    assert "canary-secret" not in str(raised.value)
    assert hand_made.read_text(encoding="utf-8") == HAND_MADE


def test_what_was_typed_wrong_is_no_fault_of_the_file(hand_made: Path) -> None:
    """The error names no file; a table's name brings its keys."""
    with pytest.raises(SettingsError) as raised:
        set_value(hand_made, "sync.level", "name")
    assert (raised.value.path, raised.value.near) == (None, "names")

    with pytest.raises(SettingsError) as raised:
        set_value(hand_made, "history", "3")
    assert raised.value.allowed == ("history.keep_undo_days",)


def test_init_writes_the_answers_into_the_commented_file(file: Path) -> None:
    """The new file explains every key and holds what the person answered."""
    answers: dict[str, Value] = {"sync.direction": "to-xpm", "ignition.export_folder": "C:\\Users\\ada\\exports"}

    set_values(file, answers)

    held = read_settings(file)
    assert held.sync.direction == "to-xpm"
    assert held.ignition.export_folder == "C:\\Users\\ada\\exports"
    assert all(key.help.split()[0] in file.read_text(encoding="utf-8") for key in KEYS.values())


def test_init_for_a_profile_leaves_the_top_level_at_its_defaults(file: Path) -> None:
    """The first practice of a new file may be a named one."""
    set_values(file, {"sync.level": "names", "xpm.client_id": "ABC"}, profile="north")

    assert read_settings(file).sync.level == "everything"
    assert read_settings(file, "north").sync.level == "names"
    assert read_settings(file, "north").xpm.client_id == "ABC"


def test_several_keys_are_set_in_one_go_or_not_at_all(hand_made: Path) -> None:
    """Two keys are written together."""
    set_values(hand_made, {"sync.level": "nothing", "xpm.tenant_id": "t-1"})

    held = read_settings(hand_made)
    assert (held.sync.level, held.xpm.tenant_id) == ("nothing", "t-1")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_the_file_is_for_its_owner_alone(hand_made: Path) -> None:
    """Whatever the file's rights were, they are 0600 after a change."""
    hand_made.chmod(0o644)

    set_value(hand_made, "sync.level", "nothing")

    assert stat.S_IMODE(hand_made.stat().st_mode) == 0o600
    assert [path.name for path in hand_made.parent.iterdir()] == [hand_made.name]


@pytest.mark.skipif(os.name == "nt", reason="symbolic links need a privilege there")
def test_a_link_to_the_file_stays_a_link(hand_made: Path, tmp_path: Path) -> None:
    """Settings kept in somebody's dotfiles folder are changed there."""
    link = tmp_path / "linked.toml"
    link.symlink_to(hand_made)

    set_value(link, "sync.level", "nothing")

    assert link.is_symlink()
    assert read_settings(hand_made).sync.level == "nothing"


def test_a_file_held_open_by_another_program_is_waited_for(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows refuses to replace an open file: writing tries again, and gives up with the old file intact."""
    file.write_text("old", encoding="utf-8")
    waits: list[float] = []
    real = Path.replace
    refusals = iter([True, True, False])

    def replace(self: Path, target: Path) -> Path:
        if next(refusals, True):
            raise PermissionError(13, "in use")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    write_private(file, "new", pause=waits.append)
    assert (file.read_text(encoding="utf-8"), len(waits)) == ("new", 2)

    with pytest.raises(StateUnusable):
        write_private(file, "newer", pause=waits.append)
    assert file.read_text(encoding="utf-8") == "new"
    assert sum(waits) < 10
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_the_example_file_is_the_one_that_the_key_table_makes() -> None:
    """config.example.toml cannot drift from the keys; if this fails, write settings_text({}) into it."""
    assert EXAMPLE.read_text(encoding="utf-8") == settings_text({})


def test_the_example_file_documents_every_key_with_its_default() -> None:
    """The example loads, its values are the defaults, and every key is in it, commented out or not."""
    text = EXAMPLE.read_text(encoding="utf-8")
    shown = "\n".join(line.removeprefix("# ") if " = " in line else line for line in text.split("\n"))
    own_part = shown.partition("# More than one practice")[0]

    held = read_settings(EXAMPLE)
    documented = tomllib.loads(own_part)

    assert all(held.value(name) == key.default for name, key in KEYS.items())
    assert documented.pop("config_version") == 1
    assert {name: held_at(documented, name) for name in KEYS} == {name: key.default for name, key in KEYS.items()}


def held_at(document: dict[str, Any], name: str) -> Value:
    """The value of a dotted key in a parsed file."""
    for part in name.split("."):
        document = document[part]
    found: Value | list[str] = document  # type: ignore[assignment]  # the last part is no table
    return tuple(found) if isinstance(found, list) else found


def values_of(key: Key) -> st.SearchStrategy[Value]:
    """Return values that a key takes."""
    texts = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=30).map(str.strip)
    match key.kind:
        case ValueKind.CHOICE:
            return st.sampled_from(key.allowed)
        case ValueKind.FLAG:
            return st.booleans()
        case ValueKind.NUMBER:
            return st.integers(*(key.between or (0, 10**6)))
        case ValueKind.URL:
            return st.sampled_from(["https://example.com/a", "http://[::1]:8/", "http://127.0.0.1:8000"])
        case ValueKind.HOOK:
            return st.sampled_from(["https://example.com/a", "keyring", ""])
        case ValueKind.TEXT | ValueKind.FOLDER:
            return texts
        case ValueKind.LIST:
            return st.lists(texts.filter(lambda one: one and "," not in one), max_size=3).map(tuple)


pairs = st.sampled_from(list(KEYS.values())).flatmap(lambda key: st.tuples(st.just(key), values_of(key)))


@settings(deadline=None)
@given(changes=st.lists(pairs, max_size=5), profile=st.sampled_from(["", "north"]))
def test_every_value_reads_back_as_it_was_set(changes: list[tuple[Key, Value]], profile: str) -> None:
    """Whatever keys are set, in whatever order, reading gives the last value of each, and comments stay."""
    text = HAND_MADE
    table = ("profiles", profile) if profile else ()
    for key, value in changes:
        typed = key.parse(", ".join(value) if isinstance(value, tuple) else str(value))
        assert typed == value
        text = edited(text, (*table, *key.section.split("."), key.field), typed)

    assert check_text(text, Path("config.toml")) == ()
    document = tomllib.loads(text)
    held = document["profiles"][profile] if changes and profile else document
    for name, value in {key.name: value for key, value in changes}.items():
        assert held_at(held, name) == value
    for comment in ("Ask Ada", "on Ada's account", "not a secret", "until March", "see the minutes", "really"):
        assert comment in text


@settings(deadline=None)
@given(answers=st.lists(pairs, max_size=8))
def test_a_new_file_holds_any_answers(answers: list[tuple[Key, Value]]) -> None:
    """The commented file is valid for every combination of answers."""
    chosen = {key.name: value for key, value in answers}

    text = settings_text(chosen)

    assert check_text(text, Path("config.toml")) == ()
    document = tomllib.loads(text)
    for name, value in chosen.items():
        assert held_at(document, name) == value
