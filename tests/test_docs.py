"""README, pictures, change log and settings example say what the program does."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from typer.core import TyperGroup

from support.screens import SCENES, draw
from xpmsync.cli.app import load_command, root_command
from xpmsync.cli.commands.overview import topics
from xpmsync.local.settings.editor import settings_text

ROOT: Final = Path(__file__).parents[1]
README: Final = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES: Final = (
    ROOT / "README.md",
    ROOT / ".github/CONTRIBUTING.md",
    ROOT / "tests/bench/README.md",
    *sorted((ROOT / "src/xpmsync/cli/help").glob("*.md")),
)
"""Everything that is written for people to read."""
_VALUED: Final = frozenset({"--profile", "--config", "--export"})
_TEXT: Final = re.compile(r"<text[^>]*>(.*?)</text>", re.DOTALL)


def _blocks() -> list[str]:
    return re.findall(r"```sh\n(.*?)```", README, re.DOTALL)


def _named(text: str) -> Iterator[list[str]]:
    """The words after each `xpmsync` that looks like a command line."""
    for line in re.findall(r"\bxpmsync((?: +[\w./{}()\"'=-]+)+)", text):
        yield line.replace('"', " ").replace("'", " ").replace("`", " ").split()


def _unknown(words: list[str]) -> str:
    """The first word that should be a command and is none; empty where all is well."""
    root = root_command()
    command: object = root
    waiting = iter(words)
    for word in waiting:
        if not isinstance(command, TyperGroup):
            return ""
        if word in _VALUED:
            next(waiting, None)
        elif not word.startswith("-"):
            if word not in command.commands:
                return "" if command.invoke_without_command and command.name else word
            command = load_command(word) if command is root else command.commands[word]
    return ""


def test_the_readme_begins_with_the_two_commands() -> None:
    """The first block installs and runs the demonstration, the second installs what the tests need and passes them."""
    first, second = (block.strip() for block in _blocks()[:2])
    assert first.endswith("xpmsync demo")
    assert "install" in first
    assert second.endswith("-m pytest")
    assert '".[dev]"' in second
    assert "\n" not in first + second


def test_every_command_that_a_page_names_exists() -> None:
    """In code blocks and in code within lines, of the README and of every help topic."""
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    code = "\n".join([*re.findall(r"```\w*\n(.*?)```", text, re.DOTALL), *re.findall(r"`([^`\n]+)`", text)])
    named = [words for words in _named(code) if words[0] not in ("…", "COMMAND")]
    assert len(named) > 40
    assert [words for words in named if _unknown(words)] == []


def test_every_topic_that_a_page_names_exists() -> None:
    """`xpmsync help TOPIC` in the README and in the topics themselves."""
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    named = set(re.findall(r"xpmsync help ([a-z-]+)", text))
    assert len(named) > 4
    assert named - {*topics(), "commands"} == set()


def test_every_command_that_a_hint_names_exists() -> None:
    """What the command line tells people to type, by `again(...)` or in full, is there to be typed."""
    source = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "src/xpmsync/cli").rglob("*.py"))
    made = [re.findall(r"[\"']([\w-]+)[\"']", words) for words in re.findall(r"\bcommand_line\(([^()]*)\)", source)]
    made = [words for words in made if words and words[0] != "…"]
    assert len(made) > 30
    assert [words for words in made if _unknown(words)] == []


def test_files_that_a_page_points_to_exist() -> None:
    """Relative links and pictures lead somewhere, in every page."""
    links = [
        page.parent / target.partition("#")[0]
        for page in PAGES
        for target in re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8"))
        if "://" not in target
    ]
    assert len(links) > 6
    assert [target for target in links if not target.exists()] == []


def _shown(svg: str) -> list[str]:
    """A picture's text; times differ from day to day, and the state folder with the machine."""
    rows = [html.unescape(row).replace("\xa0", " ") for row in _TEXT.findall(svg)]
    return [re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "(time)", row).rstrip() for row in rows]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pictures, drawn now."""
    folder = tmp_path_factory.mktemp("screens")
    draw(folder)
    return folder


@pytest.mark.parametrize("name", [scene.name for scene in SCENES])
def test_the_pictures_show_what_the_program_shows(drawn: Path, name: str) -> None:
    """If this fails, draw them again: python -m tests.support.screens .github/screens."""
    kept = (ROOT / ".github" / "screens" / f"{name}.svg").read_text(encoding="utf-8")
    assert _shown(kept) == _shown((drawn / f"{name}.svg").read_text(encoding="utf-8"))


def test_the_change_log_has_a_place_for_what_comes_next() -> None:
    """Keep a Changelog: an Unreleased section above all others."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    sections = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert sections[0] == "[Unreleased]"


def test_the_settings_example_is_what_the_program_writes() -> None:
    """Every key with its help and default, as `init` would write them."""
    assert (ROOT / "config.example.toml").read_text(encoding="utf-8") == settings_text({})


def test_every_file_that_a_page_names_exists() -> None:
    """Benchmarks and tests whose figures are printed can be run as it says there."""
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    named = re.findall(r"\b(?:tests|src)/[\w/]+(?:\.py|\.json|\.md)?", text)
    assert len(named) > 15
    assert [one for one in named if not (ROOT / one).exists()] == []
