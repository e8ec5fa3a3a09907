"""Mutation testing of the rules that can make a link sure: `python tests/bench/match_mutants.py`.

Each mutant changes one operator, constant, condition or cap in the source of `core/match`;
one of the matcher's unit tests must then fail. Prints the survivors and a table, and exits 1
if any survived. `match_mutants.toml` beside this file holds the mutants that change nothing
anybody can observe, and the code that is left out, each with its reason.

The tests are collected once. Each mutant is a fork of that process, in which a function is given
the changed code and the tests that run the changed lines are run, until one fails; for a table,
and for what an import runs, all is imported again. Needs `fork`, so Linux or macOS.
"""

from __future__ import annotations

import argparse
import gc
import os
import resource
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import partial
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path
from time import process_time
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Final

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))  # run as a script, from anywhere

from bench.mutations import SOURCE, Mutant, mutants, mutated

if TYPE_CHECKING:
    from _typeshed import TraceFunction

_ROOT: Final = Path(__file__).parents[2]
_PACKAGE: Final = "xpmsync.core.match"
_TESTS: Final = _ROOT / "tests/core/match"
_NOT_UNIT_TESTS: Final = ("test_match_quality.py",)
_KILLED, _SURVIVED, _BROKEN = 10, 11, 12
"""How a forked process ends; the last one where the mutant could not even be tried."""
_FILES: Final = (
    "verdict.py", "weights.py", "engine.py", "score.py", "record.py", "identifiers.py", "legal_forms.py",
    "nicknames.py", "name_compare.py", "name_parse.py", "person_parse.py", "addresses.py", "emails.py",
    "frequencies.py", "text.py", "blocking.py",
)  # fmt: skip
"""All modules that `match` goes through on the way to a sure link."""
_MOST_SECONDS: Final = 30
_MOST_TIMES: Final = 4
_MOST_BYTES: Final = 2 << 30
"""What the tests of a mutant may take, as a multiple of their time without it: one that loops for ever is killed."""


@dataclass(frozen=True, slots=True)
class Exempt:
    """The data file: reasons of mutants that change nothing, and of rules that are left out."""

    equivalent: Mapping[tuple[str, str, str], str]
    left_out: Mapping[tuple[str, str], str]


def exemptions() -> Exempt:
    """Read the data file."""
    tables = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return Exempt(
        {(e["file"], e["rule"], change): e["reason"] for e in tables.get("equivalent", ()) for change in e["changes"]},
        {(e["file"], e["rule"]): e["reason"] for e in tables.get("left_out", ())},
    )


def _swap(mutant: Mutant) -> None:
    """Give the imported function the changed code."""
    holder: object = sys.modules[_module(mutant)]
    code = mutated(mutant)
    for name in mutant.rule.split("."):
        holder = vars(holder)[name]
        code = next(c for c in code.co_consts if isinstance(c, CodeType) and c.co_name == name)
    for wrapper in ("fget", "__func__", "__wrapped__"):
        holder = getattr(holder, wrapper, holder)
    assert isinstance(holder, FunctionType)
    holder.__code__ = code


def _module(mutant: Mutant) -> str:
    return f"{_PACKAGE}.{mutant.file.removesuffix('.py')}"


def _forget_results() -> None:
    """Empty all caches of the package."""
    for name, module in list(sys.modules.items()):
        if name.startswith(_PACKAGE):
            for kept in vars(module).values():
                if hasattr(kept, "cache_clear"):
                    kept.cache_clear()


class _InPlaceOf(MetaPathFinder, Loader):
    """Imports one module from code that is given."""

    def __init__(self, name: str, code: CodeType) -> None:
        self._name, self._code = name, code

    def find_spec(self, fullname: str, path: object, target: ModuleType | None = None) -> ModuleSpec | None:
        """Find that module alone."""
        return spec_from_loader(fullname, self) if fullname == self._name else None

    def exec_module(self, module: ModuleType) -> None:
        """Run the code."""
        exec(self._code, module.__dict__)  # noqa: S102  # our own source, with one change


class Session:
    """A pytest plugin that runs each collected test once, traced, and then the mutants, each in a fork."""

    def __init__(self, mutants: Sequence[Mutant], jobs: int) -> None:
        self._mutants, self._jobs = mutants, jobs
        self.alive: list[Mutant] = []
        self._lines: dict[pytest.Item, set[tuple[str, int]]] = {}
        self._seconds: dict[pytest.Item, float] = {}

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Take the place of pytest's own loop over the tests."""
        for item in session.items:
            self._trace(item)
        if session.testsfailed:
            raise pytest.UsageError("the tests fail without any mutant")
        gc.collect()
        gc.freeze()
        control = _in_a_fork(partial(_control, session.items), _MOST_SECONDS)
        if os.waitstatus_to_exitcode(os.waitpid(control, 0)[1]) != _SURVIVED:
            raise pytest.UsageError("the tests fail when all is imported again, without any mutant")
        waiting = list(reversed(self._mutants))
        running: dict[int, Mutant] = {}
        while waiting or running:
            while waiting and len(running) < self._jobs:
                mutant = waiting.pop()
                tests = self._tests_of(mutant)
                seconds = 2 + int(_MOST_TIMES * sum(self._seconds[test] for test in tests))
                running[_in_a_fork(partial(_killed, mutant, tests), seconds)] = mutant
            child, status = os.wait()
            mutant = running.pop(child)
            outcome = os.waitstatus_to_exitcode(status)
            if outcome == _SURVIVED:
                self.alive.append(mutant)
            elif outcome != _KILLED and outcome >= 0:  # below 0 it is a signal: the limit, or a crash
                raise pytest.UsageError(f"could not try {' '.join(mutant.key)}")
        return True

    def _trace(self, item: pytest.Item) -> None:
        """Run a test, and note its lines in the package; no result is kept from the test before."""
        _forget_results()
        lines = self._lines[item] = set()
        folder = str(SOURCE)

        def note(frame: FrameType, _event: str, _argument: object) -> TraceFunction | None:
            file = frame.f_code.co_filename
            if not file.startswith(folder):
                return None
            lines.add((file[len(folder) + 1 :], frame.f_lineno))
            return note

        start = process_time()
        sys.settrace(note)
        try:
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
        finally:
            sys.settrace(None)
        self._seconds[item] = process_time() - start

    def _tests_of(self, mutant: Mutant) -> list[pytest.Item]:
        """The tests that run the changed lines, the quickest first; all tests for a table and what an import runs."""
        changed = {(mutant.file, line) for line in mutant.lines or ()}
        tests = [item for item, lines in self._lines.items() if lines & changed]
        return sorted(tests, key=self._seconds.__getitem__) or list(self._lines)


def _in_a_fork(killed: Callable[[], bool], seconds: int) -> int:
    """Start a child process without output that may take so much processor time, and give its id."""
    child = os.fork()
    if child:
        return child
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_BYTES, _MOST_BYTES))
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    outcome = _BROKEN
    try:
        outcome = _KILLED if killed() else _SURVIVED
    finally:
        os._exit(outcome)


def _control(tests: Sequence[pytest.Item]) -> bool:
    _import_again(tests)
    return _fails()


def _killed(mutant: Mutant, tests: Sequence[pytest.Item]) -> bool:
    """Whether a test notices the mutant."""
    run_by_import = mutant.lines is None or len(tests) == len(tests[0].session.items)
    if run_by_import:
        return _killed_when_imported(mutant, tests)
    _swap(mutant)
    _forget_results()
    for item in tests:
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
        if item.session.testsfailed:
            return True
    return False


def _killed_when_imported(mutant: Mutant, tests: Sequence[pytest.Item]) -> bool:
    """Import everything again: for a table, whose values others have taken over, and what is run by an import."""
    _import_again(tests)
    sys.meta_path.insert(0, _InPlaceOf(_module(mutant), mutated(mutant)))
    return _fails()


def _import_again(tests: Sequence[pytest.Item]) -> None:
    """Forget all modules of ours, so that the next pytest imports them."""
    ours = ("xpmsync", "support", *{item.module.__name__ for item in tests if isinstance(item, pytest.Function)})
    for name in [name for name in sys.modules if name.startswith(ours)]:
        del sys.modules[name]


def _fails() -> bool:
    status = _pytest()
    assert status in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED)
    return status != pytest.ExitCode.OK


def _pytest(*plugins: object) -> int:
    files = [str(path) for path in sorted(_TESTS.glob("test_*.py")) if path.name not in _NOT_UNIT_TESTS]
    options = ["-x", "-q", "-p", "no:cacheprovider", "-n", "0", "-o", "addopts=", "--import-mode=importlib"]
    return int(pytest.main([*options, *files], plugins=plugins))


def main() -> int:
    """Run the mutants of all files or some, print the survivors, and a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", action="append", choices=_FILES, help="only this module (can be repeated)")
    parser.add_argument("--rule", help="only this function or table")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at a time")
    options = parser.parse_args()
    exempt = exemptions()
    files = options.file or _FILES
    every = [m for file in files for m in mutants(file, exempt.left_out) if options.rule in (None, m.rule)]
    session = Session([m for m in every if m.key not in exempt.equivalent], options.jobs)
    with redirect_stdout(sys.stderr):
        if _pytest(session) != pytest.ExitCode.OK:
            return 2
    alive = set(session.alive)
    for mutant in every:
        if mutant in alive:
            print(f"survived: {mutant.file}:{mutant.line} {mutant.rule}: {mutant.what}", flush=True)
    gone = [k for k in exempt.equivalent.keys() - {m.key for m in every} if k[0] in files and options.rule is None]
    for key in gone:
        print(f"no such mutant any more, take it out of the data file: {' '.join(key)}")
    rows: list[tuple[str, int, int, int, int]] = []
    for file in files:
        of_file = [m for m in every if m.file == file]
        survived, equal = sum(m in alive for m in of_file), sum(m.key in exempt.equivalent for m in of_file)
        rows.append((file, len(of_file), len(of_file) - survived - equal, survived, equal))
    print("\n| module | mutants | killed | survivors | equivalent, each with its reason |\n|---|---|---|---|---|")
    for row in [*rows, ("all", *(sum(column) for column in zip(*(r[1:] for r in rows), strict=True)))]:
        print(f"| {' | '.join(map(str, row))} |")
    return 1 if gone or alive else 0


if __name__ == "__main__":
    raise SystemExit(main())
