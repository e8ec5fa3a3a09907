"""The packages and the direction of their imports (design, section 5), read from the imports themselves."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

import pytest

import xpmsync

SOURCE: Final = Path(xpmsync.__file__).parent
ROOMS: Final = ("cli", "usecases", "core", "csv_files", "xpm", "ignition", "local", "simulator")

LAYERS: Final = (
    ("core", "local.system"),
    ("core.plan", "core.match", "local.settings", "local.secrets", "simulator.world", "cli.terminal"),
    ("core.ports", "local.net", "local.ledger", "simulator.ignition"),
    ("core.diff", "local.schedule", "csv_files", "simulator.people", "simulator.server", "simulator.xpm_files"),
    ("simulator", "ignition", "xpm"),
    ("xpm.api", "xpm.files", "ignition.csv", "ignition.mcp"),
    ("usecases.context", "usecases.auth"),
    ("usecases.sync",),
    ("usecases.clients", "usecases.unattended"),
    ("usecases",),
    ("usecases.doctor", "cli.errors"),
    ("cli.views",),
    ("cli.reports",),
    ("cli",),
    ("cli.commands",),
)
"""The packages from the bottom up. One may import from the layers below its own, and from no other."""

MAY_KNOW: Final[Mapping[str, frozenset[str]]] = {
    "core": frozenset(),
    "local": frozenset({"core"}),
    "csv_files": frozenset({"core", "local"}),
    "xpm": frozenset({"core", "local", "csv_files"}),
    "ignition": frozenset({"core", "local", "csv_files", "simulator"}),
    "simulator": frozenset({"core", "local"}),
    "usecases": frozenset({"core", "csv_files", "xpm", "ignition", "local", "simulator"}),
    "cli": frozenset({"usecases", "core", "csv_files", "local", "xpm", "ignition", "simulator"}),
}
"""Which rooms a room may import from, besides itself, `errors` and the package. Nothing imports cli."""

ERRORS: Final = frozenset(f"xpmsync.errors{part}" for part in ("", ".base", ".machine", ".records", ".systems"))
HEAVY: Final = frozenset(
    {
        "httpx",
        "jinja2",
        "keyring",
        "mcp",
        "phonenumbers",
        "rapidfuzz",
        "rich",
        "tomlkit",
        "truststore",
        "xlsxwriter",
    }
)
MOST_LINES: Final = 400


@cache
def modules() -> Mapping[str, ast.Module]:
    """Every module of the package by its dotted name."""
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        name = ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts)
        found[name.removesuffix(".__init__")] = ast.parse(path.read_text(encoding="utf-8"), path.name)
    return found


@cache
def nodes(module: str) -> tuple[ast.AST, ...]:
    """All of a module's syntax, walked once."""
    return tuple(ast.walk(modules()[module]))


@cache
def imported(module: str) -> tuple[str, ...]:
    """The dotted names a module imports anywhere in it; `from a import b` counts as `a` and as `a.b`."""
    return tuple(name for node in nodes(module) for name in imported_by(node))


def imported_by(node: ast.AST) -> Iterator[str]:
    """The dotted names of one import."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, "relative import"
        yield node.module or ""
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room_of(module: str) -> str:
    """The room a dotted name is in, or an empty text for the package itself and what is outside it."""
    parts = module.split(".")
    return parts[1] if parts[0] == "xpmsync" and len(parts) > 1 and parts[1] in ROOMS else ""


def at_import_time(tree: ast.Module) -> Iterator[str]:
    """What importing a module imports: functions and `if TYPE_CHECKING` left out."""
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            continue
        yield from imported_by(node)
        waiting.extend(ast.iter_child_nodes(node))


def test_every_module_is_in_a_room() -> None:
    """But for the package's own few: version, entry point, errors."""
    outside = {name for name in modules() if not room_of(name)}
    assert outside - ERRORS <= {"xpmsync", "xpmsync.__main__"}
    assert {room_of(name) for name in modules()} - {""} <= set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_arrows_run_downward_only(room: str) -> None:
    """A room imports from the rooms it may know, and from no other."""
    wrong = [
        f"{name} imports {other}"
        for name in modules()
        if room_of(name) == room
        for other in imported(name)
        if room_of(other) not in {"", room} | MAY_KNOW[room]
    ]
    assert wrong == []


def package_of(module: str) -> str:
    """The package a module is in, without `xpmsync.`; a package's own docstring counts as in it."""
    inside = (SOURCE.parent / module.replace(".", "/")).is_dir()
    return (module if inside else module.rpartition(".")[0]).removeprefix("xpmsync").removeprefix(".")


def edges() -> Iterator[tuple[str, str]]:
    """Every import of one of our modules by another, those in functions and under TYPE_CHECKING included."""
    for name in modules():
        for node in nodes(name):
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    whole = f"{node.module}.{alias.name}"
                    other = whole if whole in modules() else str(node.module)
                    if other in modules() and other != name:
                        yield name, other


def test_packages_import_from_lower_layers_only() -> None:
    """`LAYERS` holds all packages, and no import runs upward or sideways between two of them."""
    height = {package: number for number, layer in enumerate(LAYERS) for package in layer}
    packages = {package_of(name) for name in modules()} - {""}
    assert packages - height.keys() <= {"errors", "local", "usecases", "cli"}
    wrong = {
        f"{name} imports {other}"
        for name, other in edges()
        if (here := package_of(name)) != (there := package_of(other))
        and here in height
        and there in height
        and height[there] >= height[here]
    }
    assert wrong == set()


def test_no_two_modules_import_each_other() -> None:
    """No circle of any length, not even for types or inside functions."""
    graph: dict[str, set[str]] = {name: set() for name in modules()}
    for name, other in edges():
        graph[name].add(other)
    while leaves := {name for name, others in graph.items() if not others & graph.keys()}:
        for name in leaves:
            del graph[name]
    on_a_circle = {name: sorted(others & graph.keys()) for name, others in graph.items()}
    assert on_a_circle == {}


def test_nothing_imports_the_command_line() -> None:
    """Only its entry point does."""
    importers = {name for name in modules() if any(room_of(one) == "cli" for one in imported(name))}
    assert {name for name in importers if room_of(name) != "cli"} <= {"xpmsync.__main__"}


def test_only_the_builtin_route_knows_the_simulator() -> None:
    """The other gateways are written against the real systems."""
    knowing = {
        name
        for name in modules()
        if room_of(name) in ("ignition", "xpm") and any(room_of(one) == "simulator" for one in imported(name))
    }
    assert knowing <= {"xpmsync.ignition.builtin"}


def test_errors_know_the_words_only() -> None:
    """Every room may raise them, so they may depend on none but the core."""
    assert {room_of(other) for name in ERRORS for other in imported(name)} <= {"", "core"}


def test_the_core_does_no_io() -> None:
    """No files, no clock, no settings look-up, no network: frozen dataclasses and pure functions."""
    forbidden = {"os", "io", "time", "sqlite3", "socket", "subprocess", "logging", "random", "tempfile", "platform"}
    wrong = []
    for name in modules():
        if room_of(name) != "core":
            continue
        wrong += [f"{name} imports {one}" for one in imported(name) if one.split(".")[0] in forbidden]
        wrong += [
            f"{name} calls {node.func.id}"
            for node in nodes(name)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"open", "input"}
        ]
    assert wrong == []


def test_one_module_speaks_http() -> None:
    """The library is frozen and continued elsewhere: changing it is a change of one module."""
    importers = {name for name in modules() if any(one.split(".")[0] == "httpx" for one in imported(name))}
    assert {name for name in importers if not name.startswith("xpmsync.ignition.mcp")} == {"xpmsync.local.net.http"}


def test_only_the_mcp_route_knows_its_extra() -> None:
    """Without `xpmsync[mcp]` every other command works."""
    knowing = {name for name in modules() if any(one.split(".")[0] == "mcp" for one in imported(name))}
    assert all(name.startswith("xpmsync.ignition.mcp") for name in knowing)


def test_heavy_libraries_are_imported_late() -> None:
    """At import time by nobody but the modules that exist for them, so that quick commands stay quick."""
    early = {
        (name, one.split(".")[0])
        for name, tree in modules().items()
        for one in at_import_time(tree)
        if one.split(".")[0] in HEAVY
    }
    assert {(name, library) for name, library in early if not name.startswith("xpmsync.ignition.mcp")} <= {
        ("xpmsync.local.net.http", "httpx"),
        ("xpmsync.cli.reports.formats", "jinja2"),
        ("xpmsync.cli.reports.formats", "xlsxwriter"),
    }


def test_nothing_prints_outside_the_command_line() -> None:
    """Use cases return results; one renderer shows them."""
    wrong = [
        f"{name}:{node.lineno}"
        for name in modules()
        for node in nodes(name)
        if room_of(name) != "cli"
        and isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    ]
    assert wrong == []


def test_modules_stay_short() -> None:
    """Four hundred lines at most, and no `utils`."""
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCE.rglob("*.py")}
    assert {path.name: length for path, length in lengths.items() if length > MOST_LINES} == {}
    assert not [path for path in lengths if path.stem in {"utils", "util", "helpers", "common", "misc"}]


def test_every_module_says_what_it_is() -> None:
    """A docstring of its own, and on everything public at its top."""
    wordless = [name for name, tree in modules().items() if not ast.get_docstring(tree)]
    for name, tree in modules().items():
        wordless += [
            f"{name}.{node.name}"
            for node in tree.body
            if isinstance(node, ast.FunctionDef | ast.ClassDef)
            and not node.name.startswith("_")
            and not ast.get_docstring(node)
        ]
    assert wordless == []


def test_files_are_read_and_written_in_utf_8() -> None:
    """Windows would take its old code page for text."""
    wrong = [
        f"{name}:{node.lineno}"
        for name in modules()
        for node in nodes(name)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"read_text", "write_text"}
        and not any(keyword.arg == "encoding" for keyword in node.keywords)
    ]
    assert wrong == []


def test_what_others_import_is_public() -> None:
    """No module imports a name that begins with an underscore: every other name may be used by others."""
    hidden = [
        f"{name}: {node.module}.{alias.name}"
        for name in modules()
        for node in nodes(name)
        if isinstance(node, ast.ImportFrom) and node.module in modules()
        for alias in node.names
        if alias.name.startswith("_") and alias.name != "__version__"
    ]
    assert not hidden, hidden
