"""Names, words and sizes of `src`: one word a thing, plain English, modules that can be read in one go."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

SOURCE: Final = Path(__file__).parents[1] / "src" / "xpmsync"
MODULES: Final = {file.relative_to(SOURCE).as_posix(): file for file in sorted(SOURCE.rglob("*.py"))}
CODE: Final = [module for module in MODULES if not module.endswith("__init__.py")]
TEXTS: Final = {module: file.read_text(encoding="utf-8") for module, file in MODULES.items()}

BANNED_WORDS: Final = frozenset(
    {
        "told",
        "tell",
        "tells",
        "telling",
        "stands",
        "standing",
        "whoever",
        "anew",
        "believed",
        "believes",
        "pile",
        "piles",
        "vouch",
        "vouches",
        "vouched",
    }
)
"""Nobody searches for these. Say message, report, summary, status, again, source of truth, review file, known."""
BANNED_PHRASES: Final = re.compile(
    r"\b(hand(ed|s|ing)? over|at hand|in hand|a look|comes? of|came of)\b", re.IGNORECASE
)
"""Say pending upload, current, check, result of."""
WORD: Final = re.compile(r"[A-Z]?[a-z]+")
JSON_KEYS: Final = {("cli/commands/doctor.py", "told"), ("cli/views/status.py", "told")}
"""Programs read these; they stay as they were."""

LARGEST_FOLDER: Final = 20
LONGEST_MODULE: Final = 400
SHORTEST_MODULE: Final = 40
SHORT_FOR_A_REASON: Final = {
    "__main__.py": "python -m xpmsync",
    "cli/entry.py": "answers --version without importing the command line",
    "ignition/csv/upload.py": "`status` asks it what waits, and opens no export for that",
    "errors/base.py": "what the three modules of errors have in common",
}


def words_of(module: str) -> Iterator[tuple[int, str]]:
    """Every identifier, string and comment of a module, with its line."""
    for token in tokenize.generate_tokens(io.StringIO(TEXTS[module]).readline):
        kind = tokenize.tok_name[token.type]
        if kind in {"NAME", "STRING", "COMMENT"} or kind.startswith("FSTRING"):
            yield token.start[0], token.string


def offences(module: str) -> list[str]:
    """The banned words of a module, as `line: word`."""
    found = []
    for line, text in words_of(module):
        words = {word.lower() for word in WORD.findall(text)} & BANNED_WORDS
        words |= {phrase[0].lower() for phrase in BANNED_PHRASES.finditer(" ".join(text.split()))}
        found += [f"{line}: {word}" for word in sorted(words) if (module, word) not in JSON_KEYS]
    return found


@pytest.mark.parametrize("package", sorted({str(Path(module).parent) for module in CODE}))
def test_words_are_plain(package: str) -> None:
    """Identifiers, docstrings, help and messages use words that a stranger would search for."""
    inside = [module for module in MODULES if str(Path(module).parent) == package]
    assert {module: words for module in inside if (words := offences(module))} == {}


def test_public_class_names_are_unique() -> None:
    """No public class has the name of another one."""
    homes = defaultdict(list)
    for module in CODE:
        for node in ast.parse(TEXTS[module]).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes[node.name].append(module)
    assert {name: modules for name, modules in homes.items() if len(modules) > 1} == {}


def test_folders_are_small() -> None:
    """A folder can be taken in at a glance."""
    sizes = Counter(str(Path(module).parent) for module in CODE)
    assert {folder: size for folder, size in sizes.items() if size > LARGEST_FOLDER} == {}


def test_modules_are_neither_long_nor_crumbs() -> None:
    """A module is read in one go, and a short one has a reason that is written down here."""
    lengths = {module: len(TEXTS[module].splitlines()) for module in CODE}
    assert {module: length for module, length in lengths.items() if length > LONGEST_MODULE} == {}
    assert {module for module, length in lengths.items() if length < SHORTEST_MODULE} == set(SHORT_FOR_A_REASON)
