"""Bad input: a clear sentence, the documented exit code, and nothing is lost."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing

import pytest

from support.cli_runner import Live, Shell
from xpmsync.simulator.ignition.register import Register


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[sync\n", "line 1"),
        ('[sync]\nlevle = "names"\n', "Did you mean"),
        ('[sync]\nlevel = "name"\n', "Did you mean names?"),
        ("[sync]\nfull_read_days = -1\n", "full_read_days"),
        ("config_version = 99\n", "config_version"),
        ('[snyc]\nlevel = "names"\n', "snyc"),
    ],
)
def test_settings_that_cannot_be_used(shell: Shell, text: str, said: str) -> None:
    """File and key or line are named, with what is allowed; the file stays as it is."""
    shell.config.write_text(text, encoding="utf-8")
    for words in (("status",), ("config", "check")):
        told = shell(*words)
        assert told.exit_code == 2, words
        assert said in told.err.replace("\n", " "), (words, told.err)
        assert "config.toml" in told.err
    assert shell.config.read_text(encoding="utf-8") == text


def test_an_unknown_profile_names_the_known_ones(shell: Shell) -> None:
    """`--profile nroth` says which profiles there are, and creates no folder for it."""
    shell.config.write_text("[profiles.north.sync]\nlevel = 'names'\n", encoding="utf-8")
    told = shell("--profile", "nroth", "status")
    assert told.exit_code == 2
    assert "north" in told.err
    assert not (shell.state / "nroth").exists()


@pytest.mark.parametrize("profile", ["../../etc", "a b", ""])
def test_a_profile_that_is_a_path_is_refused(shell: Shell, profile: str) -> None:
    """A profile's name becomes a folder's, so it cannot lead out of the state folder."""
    assert shell("--profile", profile, "links").exit_code == 2
    assert not shell.state.exists()


def test_no_keyring_is_a_matter_of_signing_in(live: Live) -> None:
    """Without a keyring and without a token from the environment the exit code is 4, and status still works."""
    live.linked("Harbour Dental Ltd")
    without = {"XPMSYNC_XPM_ACCESS_TOKEN": ""}
    told = live.shell("diff", variables=without)
    assert told.exit_code == 4, told.err
    assert "Traceback" not in told.err
    assert live.shell("status", variables=without).exit_code == 0
    assert live.shell("config", "set", "xpm.client_id", "ABC123").exit_code == 0
    told = live.shell("login", variables=without)
    assert told.exit_code == 4
    assert "xpmsync doctor" in told.err


def test_a_newer_ledger_is_left_alone(live: Live) -> None:
    """A ledger of a newer version: exit code 2, and not a byte of it changes."""
    live.linked("Harbour Dental Ltd")
    with closing(sqlite3.connect(live.paths.ledger)) as ledger:
        ledger.execute("PRAGMA user_version = 999")
    before = live.paths.ledger.read_bytes()
    told = live.shell("sync", "--yes")
    assert told.exit_code == 2
    assert "newer xpmsync" in told.err.replace("\n", " ")
    assert live.paths.ledger.read_bytes() == before


def test_a_uuid_that_does_not_exist(live: Live) -> None:
    """The id is repeated, and where to look is said."""
    told = live.shell("import", "00000000-0000-4000-8000-000000000000", "--yes")
    assert told.exit_code == 2
    assert "00000000-0000-4000-8000-000000000000" in told.err
    assert "xpmsync search" in told.err


def test_two_clients_of_one_name(live: Live) -> None:
    """Both ids are named, and nothing is created."""
    ids = [live.client("Smith Family Trust") for _ in range(2)]
    told = live.shell("import", "Smith Family Trust", "--yes")
    assert told.exit_code == 2
    assert all(one in told.err for one in ids)


@pytest.mark.skipif(os.name == "nt", reason="a command line of Windows holds no such characters")
def test_a_client_with_a_phone_of_60_digits_is_shown_and_synced_as_it_is(live: Live) -> None:
    """A value nobody can parse is compared and written as the text it is."""
    digits = "1234567890" * 6
    live.linked("Harbour Dental Ltd", here=digits)
    told = live.shell("sync", "--yes", variables={"COLUMNS": "140"})
    assert told.exit_code == 0
    assert live.phones() == {"Harbour Dental Ltd": digits}


_NASTY = {
    "markup": ("Smith [/b] Ltd", "Smith [/b] Ltd"),
    "link": ("[link=https://example.com]Co[/link]", "[link=https://example.com]Co[/link]"),
    "bidi": ("Abc \u202etxt.exe", "\\u202e"),
    "c1": ("Abc \x9b31m Ltd", "\\x9b"),
    "delete": ("Abc \x7f Ltd", "\\x7f"),
    "emoji code": ("Abc :smile: Ltd", ":smile:"),
}


@pytest.mark.parametrize("which", _NASTY)
def test_names_that_would_steer_a_terminal(live: Live, which: str) -> None:
    """Control characters and bidirectional overrides are shown as escapes, markup as it stands."""
    name, shown = _NASTY[which]
    live.linked(name)
    for words in (("search", name[:3]), ("diff",), ("links",), ("sync", "--yes"), ("show", "1"), ("explain", name)):
        told = live.shell(*words)
        assert told.exit_code == 0, (words, told.err)
        assert shown in told.out.replace("\n", " "), (words, told.out)
        assert not any(mark in told.out + told.err for mark in ("\x1b", "\x9b", "\x7f", "\u202e")), words


def test_escape_sequences_in_ignition_s_names(live: Live) -> None:
    """A register may hold what XML cannot: an escape sequence is shown, never sent to the terminal."""
    live.client("Evil Ltd")
    with Register(live.paths.ready().register) as register:
        register.create(
            {"name": "Evil \x1b]0;pwned\x07 Ltd"}, [{"contact.name": "A", "contact.email": "a@example.com"}]
        )
    told = live.shell("search", "evil")
    assert "\\x1b]0;pwned\\x07" in told.out
    assert "\x1b" not in told.out
    assert live.shell.json("--quiet", "search", "evil").exit_code == 0
