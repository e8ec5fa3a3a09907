"""Mutation testing of the rules that can make a link sure: `python tests/bench/match_mutants.py`.

Each mutant changes one operator, constant, condition or cap in one of the
functions named below, in a copy of the source; the matcher's unit tests must
then fail. Prints the survivors and the figures, and exits 1 if any survived.
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_PACKAGE = Path("src/xpmsync/core/match")
_RULES: dict[str, tuple[str, ...]] = {
    "decide.py": ("band", "agreements", "standing", "leads"),
    "identifiers.py": ("abn_is_valid", "acn_is_valid", "nzbn_is_valid", "uk_is_valid", "acn_within", "_recognise"),
    "forms.py": ("at_odds",),
    "verdict.py": ("yields_to_identifier",),
    "weights.py": ("tells_apart", "faded"),
    "nicknames.py": ("kinship",),
    "naming.py": (
        "trading_names_differ", "_compare_people", "_both", "_compare_persons", "_blank_slipped_in", "_compare_parts",
        "_compare_surnames",
        "_compare_given", "_compare_initials", "_initial_fits", "_middle_differs",
    ),
    "score.py": ("score", "_xpm_id", "_identifiers", "_held", "_name", "_form"),
    "sorting.py": ("_sure",),
}  # fmt: skip
_TESTS = ("names", "identifiers", "evidence", "decide", "sorting")
_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Mod: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One changed file, and where and what was changed."""

    file: str
    line: int
    what: str
    source: str


def mutants() -> Iterator[Mutant]:
    """All mutants of the rules, each with one change."""
    for file, functions in _RULES.items():
        tree = ast.parse((_ROOT / _PACKAGE / file).read_text(encoding="utf-8"))
        found = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name in functions]
        assert len(found) == len(functions), f"{file}: a function of the list is gone"
        for function in found:
            for place, node in enumerate(_inside(function)):
                for change, what in enumerate(_changes(node)):
                    mutated = copy.deepcopy(tree)
                    command_line = next(
                        n for n in ast.walk(mutated) if isinstance(n, ast.FunctionDef) and _is(n, function)
                    )
                    _apply(_inside(command_line)[place], change)
                    yield Mutant(file, getattr(node, "lineno", function.lineno), what, ast.unparse(mutated))


def _inside(function: ast.FunctionDef) -> list[ast.AST]:
    """The nodes of the function's body, without its annotations."""
    return [node for statement in function.body for node in ast.walk(statement)]


def _is(node: ast.FunctionDef, function: ast.FunctionDef) -> bool:
    return (node.name, node.lineno) == (function.name, function.lineno)


def _changes(node: ast.AST) -> list[str]:
    """What can be changed at a node, in the order `_apply` numbers it."""
    match node:
        case ast.Compare(ops=[op]) if type(op) in _COMPARISONS:
            return [f"{type(op).__name__} -> {other.__name__}" for other in _COMPARISONS[type(op)]]
        case ast.BoolOp(op=op, values=values):
            return [f"{type(op).__name__} flipped", *(f"operand {n + 1} dropped" for n in range(len(values)))]
        case ast.UnaryOp(op=ast.Not()):
            return ["not dropped"]
        case ast.BinOp(op=op) if type(op) in _ARITHMETIC:
            return [f"{type(op).__name__} -> {_ARITHMETIC[type(op)].__name__}"]
        case ast.Constant(value=bool(value)):
            return [f"{value} flipped"]
        case ast.Constant(value=int(value)):
            return [f"{value} + 1", f"{value} - 1"]
        case ast.If() | ast.IfExp():
            return ["condition negated"]
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="add"))):
            return ["cap not added"]
    return []


def _apply(node: ast.AST, change: int) -> None:
    match node:
        case ast.Compare(ops=[op]):
            node.ops = [_COMPARISONS[type(op)][change]()]
        case ast.BoolOp(op=op) if change == 0:
            node.op = ast.Or() if isinstance(op, ast.And) else ast.And()
        case ast.BoolOp():
            del node.values[change - 1]
        case ast.UnaryOp():
            node.op = ast.UAdd()
            node.operand = ast.Call(ast.Name("bool", ast.Load()), [node.operand], [])
        case ast.BinOp(op=op):
            node.op = _ARITHMETIC[type(op)]()
        case ast.Constant(value=bool(value)):
            node.value = not value
        case ast.Constant(value=int(value)):
            node.value = value + (1 if change == 0 else -1)
        case ast.If() | ast.IfExp():
            node.test = ast.UnaryOp(ast.Not(), node.test)
        case ast.Expr():
            node.value = ast.Constant(None)
    ast.fix_missing_locations(node)


def survives(mutant: Mutant) -> bool:
    """Run the unit tests against a copy of the source with the mutant in it."""
    with tempfile.TemporaryDirectory(prefix="xpmsync-mutant-") as folder:
        source = Path(folder) / "src"
        shutil.copytree(_ROOT / "src", source, ignore=shutil.ignore_patterns("__pycache__"))
        (Path(folder) / _PACKAGE / mutant.file).write_text(mutant.source, encoding="utf-8")
        files = [f"tests/match/test_match_{name}.py" for name in _TESTS]
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:cacheprovider", *files]
        environment = os.environ | {"PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1"}
        try:
            done = subprocess.run(command, cwd=_ROOT, env=environment, capture_output=True, timeout=120, check=False)
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0


def main() -> int:
    """Run all mutants, two at a time, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", choices=sorted(_RULES), help="only the rules of one module")
    options = parser.parse_args()
    chosen = [m for m in mutants() if options.file in (None, m.file)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        alive = [m for m, survived in zip(chosen, pool.map(survives, chosen), strict=True) if survived]
    for mutant in alive:
        print(f"survived: {mutant.file}:{mutant.line}: {mutant.what}")
    print(f"{len(chosen)} mutants, {len(chosen) - len(alive)} killed, {len(alive)} survived")
    return 1 if alive else 0


if __name__ == "__main__":
    raise SystemExit(main())
