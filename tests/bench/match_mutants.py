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
    "verdict.py": ("yields_to_identifier", "band", "agreements", "caps_in_force", "leads"),
    "identifiers.py": ("abn_is_valid", "acn_is_valid", "nzbn_is_valid", "uk_is_valid", "acn_within", "_recognise"),
    "legal_forms.py": ("at_odds", "strip", "_mistyped", "legal_word", "_swapped", "_respaced"),
    "weights.py": ("identifies", "faded"),
    "nicknames.py": ("kinship", "is_given_slip", "given_name_fits"),
    "record.py": ("_own_contacts",),
    "name_compare.py": (
        "trading_names_differ", "_shared", "_compare_people", "_together", "_PERSON_OUTCOMES",
        "_compare_persons", "_blank_slipped_in", "_WORD_OUTCOMES", "_compare_surnames", "_compare_given",
        "_compare_initials", "_initial_fits", "_middle_differs",
    ),
    "score.py": ("score", "_explained", "_xpm_id", "_identifiers", "_form", "_emails"),
    "engine.py": ("_sure",),
}  # fmt: skip
_TESTS = ("names", "identifiers", "evidence", "decide", "sorting")
_NEAREST = {
    "verdict.py": "decide", "weights.py": "decide", "identifiers.py": "identifiers", "score.py": "evidence",
    "record.py": "evidence", "engine.py": "sorting",
}  # fmt: skip
"""Which tests kill most mutants of a module, and so run first; for the others those of names."""
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
        found = [n for n in ast.walk(tree) if _name(n) in functions]
        assert len(found) == len(functions), f"{file}: a rule of the list is gone"
        for rule in found:
            for place, node in enumerate(_inside(rule)):
                for change, what in enumerate(_changes(node)):
                    mutated = copy.deepcopy(tree)
                    copied = next(n for n in ast.walk(mutated) if _name(n) == _name(rule))
                    _apply(_inside(copied)[place], change)
                    yield Mutant(file, getattr(node, "lineno", 0), what, ast.unparse(mutated))


def _name(node: ast.AST) -> str:
    """The name of a function or of an annotated table."""
    match node:
        case ast.FunctionDef(name=name):
            return name
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
            return name
    return ""


def _inside(rule: ast.AST) -> list[ast.AST]:
    """The nodes of the function's body or the table's value, without annotations."""
    body = rule.body if isinstance(rule, ast.FunctionDef) else [rule.value] if isinstance(rule, ast.AnnAssign) else []
    return [node for part in body if part is not None for node in ast.walk(part)]


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
        nearest = _NEAREST.get(mutant.file, "names")
        environment = os.environ | {"PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1"}
        for names in ([nearest], [name for name in _TESTS if name != nearest]):
            files = [f"tests/core/match/test_match_{name}.py" for name in names]
            command = [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:cacheprovider", *files]
            try:
                done = subprocess.run(
                    command, cwd=_ROOT, env=environment, capture_output=True, timeout=120, check=False
                )
            except subprocess.TimeoutExpired:
                return False
            if done.returncode:
                return False
        print(f"survived: {mutant.file}:{mutant.line}: {mutant.what}", flush=True)
        return True


def main() -> int:
    """Run all mutants, two at a time, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", choices=sorted(_RULES), help="only the rules of one module")
    options = parser.parse_args()
    chosen = [m for m in mutants() if options.file in (None, m.file)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        alive = [m for m, survived in zip(chosen, pool.map(survives, chosen), strict=True) if survived]
    print(f"{len(chosen)} mutants, {len(chosen) - len(alive)} killed, {len(alive)} survived")
    return 1 if alive else 0


if __name__ == "__main__":
    raise SystemExit(main())
