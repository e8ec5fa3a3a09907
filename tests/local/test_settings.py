"""Reading settings: defaults, profiles, and what is said of a file that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from xpmsync.core.enums import Direction, Level, OnEdited
from xpmsync.errors import SettingsError, UnknownProfile
from xpmsync.local.settings.keys import ValueKind
from xpmsync.local.settings.reader import check_settings, profiles_in, read_settings
from xpmsync.local.settings.settings import KEYS, Origin, Route, Settings


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return where the settings file of a test is."""
    return tmp_path / "config.toml"


def problems(file: Path, text: str) -> list[SettingsError]:
    """Write a settings file and return what is wrong with it."""
    file.write_text(text, encoding="utf-8")
    return list(check_settings(file))


def only_problem(file: Path, text: str) -> SettingsError:
    """Return the one problem of a text, after making sure that reading raises the same."""
    (problem,) = problems(file, text)
    with pytest.raises(SettingsError) as raised:
        read_settings(file)
    assert (raised.value.key, raised.value.line) == (problem.key, problem.line)
    assert problem.path == file
    return problem


def test_a_missing_file_means_the_defaults(file: Path) -> None:
    """Without a file, every key has the default that the design names."""
    settings = read_settings(file)

    assert settings == Settings("default", file)
    assert settings.sync.direction is Direction.FROM_XPM
    assert settings.sync.level is Level.EVERYTHING
    assert settings.sync.on_edited is OnEdited.OVERRIDE
    assert (settings.sync.clear_blanks, settings.sync.full_read_days) == (False, 7)
    assert (settings.xpm.redirect_port, settings.ignition.route) == (53682, Route.BUILTIN)


def test_values_come_typed_and_with_their_origin(file: Path) -> None:
    """What the file sets is read as its own type, and known to come from the file."""
    file.write_text('[sync]\ndirection = "to-xpm"\nfull_read_days = 3\n[ignition]\nroute = "csv"\n', encoding="utf-8")

    settings = read_settings(file)

    assert settings.sync.direction is Direction.TO_XPM
    assert settings.ignition.route is Route.CSV
    assert settings.value("sync.full_read_days") == 3
    assert settings.origin("sync.full_read_days") is Origin.FILE
    assert settings.origin("sync.level") is Origin.DEFAULT


def test_a_profile_overrides_the_top_level(file: Path) -> None:
    """A profile's own values win, the rest is the top level's."""
    file.write_text(
        '[sync]\nlevel = "names"\non_edited = "hold"\n[profiles.north.sync]\nlevel = "nothing"\n', encoding="utf-8"
    )

    north = read_settings(file, "north")

    assert (north.sync.level, north.sync.on_edited) == (Level.NOTHING, OnEdited.HOLD)
    assert (north.origin("sync.level"), north.origin("sync.on_edited")) == (Origin.PROFILE, Origin.FILE)
    assert read_settings(file).sync.level is Level.NAMES
    assert profiles_in(file) == ("default", "demo", "north")


def test_the_demo_reaches_no_real_practice(file: Path) -> None:
    """The demo takes over how to sync, but never an account, a folder or a route of the real practice."""
    file.write_text(
        '[sync]\nlevel = "names"\n[xpm]\nclient_id = "REAL"\ntenant_id = "real"\n[ignition]\nroute = "csv"\n',
        encoding="utf-8",
    )

    demo = read_settings(file, "demo")

    assert demo.sync.level is Level.NAMES
    assert (demo.xpm.client_id, demo.xpm.tenant_id, demo.ignition.route) == ("", "", Route.BUILTIN)


def test_the_demo_may_have_a_table_of_its_own(file: Path) -> None:
    """[profiles.demo] changes the demo alone."""
    file.write_text('[profiles.demo.sync]\ndirection = "to-xpm"\n', encoding="utf-8")

    assert read_settings(file, "demo").sync.direction is Direction.TO_XPM
    assert read_settings(file).sync.direction is Direction.FROM_XPM


def test_an_unknown_profile_names_the_known_ones(file: Path) -> None:
    """--profile with a slip is answered with the profiles there are."""
    file.write_text('[profiles.north.sync]\nlevel = "names"\n', encoding="utf-8")

    with pytest.raises(UnknownProfile) as raised:
        read_settings(file, "nort")

    assert (raised.value.profile, list(raised.value.known)) == ("nort", ["default", "demo", "north"])


@pytest.mark.parametrize(
    ("text", "key", "line", "near"),
    [
        ('[sync]\n\ndirecton = "from-xpm"\n', "sync.directon", 3, "sync.direction"),
        ('direction = "from-xpm"\n', "direction", 1, "sync.direction"),
        ("[synk]\nlevel = 1\n", "synk", 1, "sync"),
        ('[xpm]\nlevel = "names"\n', "xpm.level", 2, "sync.level"),
        ('[profiles.north.sync]\n# x\nlevle = "names"\n', "profiles.north.sync.levle", 3, "sync.level"),
        ('[profiles.north]\nsync.levle = "names"\n', "profiles.north.sync.levle", 2, "sync.level"),
        ('[profiles]\nnorth = { sync = { levle = "names" } }\n', "profiles.north.sync.levle", 2, "sync.level"),
        ("[profile.north]\n", "profile", 1, "profiles"),
        ("[ignition]\nzzzzz = 1\n", "ignition.zzzzz", 2, ""),
    ],
)
def test_an_unknown_key_is_named_with_its_line_and_the_near_one(
    file: Path, text: str, key: str, line: int, near: str
) -> None:
    """A key that does not exist says where it stands and which one was probably meant."""
    problem = only_problem(file, text)

    assert (problem.problem, problem.key, problem.line, problem.near) == ("unknown key", key, line, near)


@pytest.mark.parametrize(
    ("text", "key", "line"),
    [
        ('[sync]\nlevel = "evrything"\n', "sync.level", 2),
        ("[sync]\nclear_blanks = 1\n", "sync.clear_blanks", 2),
        ('[sync]\nclear_blanks = "true"\n', "sync.clear_blanks", 2),
        ("[sync]\nfull_read_days = 7.0\n", "sync.full_read_days", 2),
        ("[sync]\nfull_read_days = true\n", "sync.full_read_days", 2),
        ("[sync]\nfull_read_days = -1\n", "sync.full_read_days", 2),
        ("[xpm]\n\nredirect_port = 80\n", "xpm.redirect_port", 3),
        ("[xpm]\nclient_id = 2026-01-01\n", "xpm.client_id", 2),
        ('[xpm]\nclient_id = ["a"]\n', "xpm.client_id", 2),
        ('[xpm]\nclient_id = "a\\u0007b"\n', "xpm.client_id", 2),
        ("sync = 3\n", "sync", 1),
        ("[sync]\n[sync.level]\nx = 1\n", "sync.level", 2),
        ("profiles = 3\n", "profiles", 1),
        ("[profiles]\nnorth = 3\n", "profiles.north", 2),
    ],
)
def test_a_wrong_value_is_named_with_its_line(file: Path, text: str, key: str, line: int) -> None:
    """Wrong types and values out of range say which key, on which line."""
    problem = only_problem(file, text)

    assert (problem.key, problem.line) == (key, line)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('[xpm]\nclient_secret = "canary-secret"\n', "xpmsync login xpm"),
        ('[profiles.north.notify]\nmail_password = "canary-secret"\n', "xpmsync notify set mail-password"),
    ],
)
def test_a_secret_in_the_file_is_told_where_it_belongs(file: Path, text: str, where: str) -> None:
    """Not taken for a misspelt key, and never repeated."""
    problem = only_problem(file, text)

    assert "secrets do not belong" in problem.problem
    assert where in problem.problem
    assert (problem.line, problem.near) == (2, "")
    assert "canary" not in str(problem)


def test_a_wrong_choice_lists_the_choices_and_the_near_one(file: Path) -> None:
    """A misspelt choice comes with what is allowed and what was probably meant."""
    problem = only_problem(file, '[sync]\nlevel = "evrything"\n')

    assert list(problem.allowed) == ["everything", "names", "nothing"]
    assert problem.near == "everything"


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "ftp://example.com/",
        "https://",
        "https:///x",
        "https://user:word@example.com/",
        "https://example.com/?tenant=1",
        "https://example.com:99999/",
        "https://exa mple.com/",
        "http://127.0.0.1.example.com/",
        "http://localhost.example.com/",
        "nonsense",
    ],
)
def test_addresses_must_be_https(file: Path, url: str) -> None:
    """An address that could leak a token is refused."""
    assert only_problem(file, f'[xpm]\napi_url = "{url}"\n').key == "xpm.api_url"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000", "http://[::1]:8000/x", "http://localhost:1/", "https://a.example.com"]
)
def test_this_machine_needs_no_https(file: Path, url: str) -> None:
    """Plain http is fine where nothing leaves the machine."""
    assert problems(file, f'[xpm]\napi_url = "{url}"\n') == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[sync\n", 1),
        ('[sync]\nlevel = "names"\nlevel = "names"\n', 3),
        ("[sync]\nlevel =\n", 2),
        ("x = " + "[" * 30_000, 1),
        ('[sync]\nlevel = "na', 2),
    ],
)
def test_broken_toml_names_its_line(file: Path, text: str, line: int) -> None:
    """What is not TOML at all is refused with the line where reading stopped."""
    problem = only_problem(file, text)

    assert problem.line == line
    assert "not valid TOML" in problem.problem


def test_a_windows_folder_in_double_quotes_says_how_to_write_it(file: Path) -> None:
    r"""C:\Users in double quotes breaks TOML; the message shows the single quotes it needs."""
    problem = only_problem(file, '[ignition]\nexport_folder = "C:\\Users\\ada"\n')

    assert "single quotes" in problem.problem


def test_a_newer_file_is_refused_without_picking_on_its_keys(file: Path) -> None:
    """A file of a newer version is refused for that alone."""
    problem = only_problem(file, "config_version = 2\n[guards]\nchanges = 5\n")

    assert problem.key == "config_version"
    assert "newer" in problem.problem


@pytest.mark.parametrize("version", ["0", "-1", "true", '"1"', "1.0"])
def test_a_version_that_is_none_is_refused(file: Path, version: str) -> None:
    """config_version is a whole number from 1."""
    assert only_problem(file, f"config_version = {version}\n").key == "config_version"


@pytest.mark.parametrize("name", ["default", "../up", "a b", "con", "LPT1", "-x", "x" * 49, "ä"])
def test_a_profile_needs_a_name_that_can_be_a_folder(file: Path, name: str) -> None:
    """Names that no folder may have, on any system, are refused, as is a second default."""
    assert len(problems(file, f'[profiles."{name}".sync]\nlevel = "names"\n')) == 1


def test_profiles_may_not_differ_by_case_alone(file: Path) -> None:
    """North and north would share one state folder on Windows and macOS."""
    found = problems(file, '[profiles.north.sync]\nlevel = "names"\n[profiles.North.sync]\nlevel = "names"\n')

    assert [problem.key for problem in found] == ["profiles.North"]


def test_all_problems_come_at_once_in_the_order_of_lines(file: Path) -> None:
    """`config check` lists everything, so that a person mends the file in one go."""
    found = problems(file, '[xpm]\nredirect_port = 1\n[profiles.a.sync]\nlevel = "x"\n[sync]\nlvel = 1\nlevel = "y"\n')

    assert [(problem.line, problem.key) for problem in found] == [
        (2, "xpm.redirect_port"),
        (4, "profiles.a.sync.level"),
        (6, "sync.lvel"),
        (7, "sync.level"),
    ]


def test_text_and_lists_that_look_like_keys_do_not_mislead_the_line(file: Path) -> None:
    """Long texts, lists and comments with brackets and equals signs in them are not taken for keys."""
    text = (
        '[xpm]\nclient_id = """\n[sync]\nlevel = "x"\n"""\nlist = [\n  "a = b", # [\n  ["x"],\n]\n'
        '# level = [\n[sync]\nlevel = "y"\n'
    )

    found = problems(file, text)

    assert [(problem.line, problem.key) for problem in found] == [
        (2, "xpm.client_id"),
        (6, "xpm.list"),
        (12, "sync.level"),
    ]


def test_a_windows_editor_may_leave_its_mark(file: Path) -> None:
    """A byte order mark and CR LF line ends are read like any other file."""
    file.write_bytes(b'\xef\xbb\xbf[sync]\r\nlevel = "names"\r\n')

    assert read_settings(file).sync.level is Level.NAMES


def test_what_is_no_text_is_refused_with_its_line(file: Path) -> None:
    """A file in another encoding is named, not guessed at."""
    file.write_bytes(b'[xpm]\nclient_id = "\xe4"\n')

    assert only_line(file) == 2


def test_a_folder_instead_of_a_file_is_refused(tmp_path: Path) -> None:
    """A path that cannot be read is a settings error, not a crash."""
    with pytest.raises(SettingsError, match="cannot be read"):
        read_settings(tmp_path)


def only_line(file: Path) -> int:
    """Return the line of a file's one problem."""
    (problem,) = check_settings(file)
    return problem.line


def test_an_identity_server_brings_its_own_paths() -> None:
    """With identity_url alone, all four addresses of a sign-in are on that host."""
    from xpmsync.local.settings.sections import XpmSettings

    xpm = XpmSettings(identity_url="http://127.0.0.1:8000/")

    assert xpm.token_endpoint == "http://127.0.0.1:8000/connect/token"
    assert xpm.revocation_endpoint == "http://127.0.0.1:8000/connect/revocation"
    assert xpm.authorize_endpoint == "http://127.0.0.1:8000/identity/connect/authorize"
    assert xpm.connections_endpoint == "http://127.0.0.1:8000/connections"


def test_without_one_the_addresses_are_xeros() -> None:
    """The defaults are those of Xero's documentation, spread over three hosts."""
    xpm = Settings("default", Path("config.toml")).xpm

    assert xpm.token_endpoint == "https://identity.xero.com/connect/token"
    assert xpm.revocation_endpoint == "https://identity.xero.com/connect/revocation"
    assert xpm.authorize_endpoint == "https://login.xero.com/identity/connect/authorize"
    assert xpm.connections_endpoint == "https://api.xero.com/connections"
    assert Settings("default", Path("config.toml")).foreign_hosts() == ()


def test_foreign_hosts_are_told_apart(file: Path) -> None:
    """Every host that is neither Xero's nor Ignition's is listed once, a look-alike too."""
    file.write_text(
        '[xpm]\napi_url = "https://api.xero.com.example.com/"\nidentity_url = "http://127.0.0.1:8000"\n'
        '[ignition]\nmcp_url = "https://mcp.example.com/mcp"\n',
        encoding="utf-8",
    )

    assert read_settings(file).foreign_hosts() == ("api.xero.com.example.com", "127.0.0.1:8000")

    file.write_text('[ignition]\nroute = "mcp"\nmcp_url = "https://mcp.example.com/mcp"\n', encoding="utf-8")
    assert read_settings(file).foreign_hosts() == ("mcp.example.com",)


def test_ignitions_host_is_not_xpms(file: Path) -> None:
    """A token for XPM that went to Ignition's server would be in other hands."""
    file.write_text('config_version = 1\n[xpm]\napi_url = "https://mcp.ignitionapp.com/xpm/"\n', encoding="utf-8")
    assert read_settings(file).foreign_hosts() == ("mcp.ignitionapp.com",)


def test_only_what_shapes_a_plan_is_in_its_shape(file: Path) -> None:
    """Another level is another shape; another port is not."""
    before = read_settings(file).plan_settings()
    file.write_text("[xpm]\nredirect_port = 5000\n", encoding="utf-8")
    assert read_settings(file).plan_settings() == before
    file.write_text("[sync]\nclear_blanks = true\n", encoding="utf-8")

    assert dict(read_settings(file).plan_settings()) == {**before, "sync.clear_blanks": "true"}
    sync = {"sync.direction", "sync.level", "sync.on_edited", "sync.clear_blanks", "sync.set_primary"}
    assert {name for name in before if not name.startswith("sync.filter.")} == sync | {"xpm.route", "ignition.route"}


def test_folders_are_found_from_the_settings_file(file: Path) -> None:
    """A relative folder does not depend on where cron starts the program; a blank one is none."""
    file.write_text("[ignition]\nexport_folder = 'exports'\n", encoding="utf-8")
    settings = read_settings(file)

    assert settings.folder("ignition.export_folder") == file.parent / "exports"
    assert settings.folder("ignition.import_folder") is None


def test_every_key_has_help_and_a_default_it_would_take() -> None:
    """The key table is complete: a sentence for each key, and a default that passes the key's own check."""
    for key in KEYS.values():
        assert key.help.endswith("."), key.name
        assert key.check(key.default) == key.default
        assert key.kind is not ValueKind.CHOICE or len(key.allowed) > 1
