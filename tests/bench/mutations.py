"""Mutants of the modules of `core/match`: what is changed in each, and the changed code (see `match_mutants.py`)."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Final

import xpmsync.core.match

SOURCE: Final = Path(xpmsync.core.match.__file__).parent
_COMPARISONS: Final[dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]]] = {
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
_ARITHMETIC: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_OPPOSITES: Final = {"any": "all", "all": "any", "min": "max", "max": "min"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: `node` is its place in `ast.walk`, `change` its number there, `lines` whose tests must notice."""

    file: str
    rule: str
    what: str
    line: int
    lines: range | None
    node: int
    change: int

    @property
    def key(self) -> tuple[str, str, str]:
        """How the data file names it, whatever its line."""
        return self.file, self.rule, self.what


def mutants(file: str, left_out: Iterable[tuple[str, str]]) -> list[Mutant]:
    """All mutants of one module, in the order of its lines."""
    tree = _parse(file)
    numbers = {id(node): number for number, node in enumerate(ast.walk(tree))}
    skipped = {rule for of_file, rule in left_out if of_file == file}
    times: Counter[tuple[str, str]] = Counter()
    made: list[Mutant] = []
    for rule, parts in _rules(tree):
        if rule in skipped:
            continue
        for node, where, statement in _inside(parts):
            for change, what in enumerate(_changes(node)):
                text = f"{ast.unparse(where)}: {what}" if where is not node else what
                times[rule, text] += 1
                named = text if times[rule, text] == 1 else f"{text} ({times[rule, text]})"
                lines = _lines(statement) if isinstance(statement, ast.stmt) else None
                line = getattr(node, "lineno", statement.lineno)
                made.append(Mutant(file, rule, named, line, lines, numbers[id(node)], change))
    return made


def _parse(file: str) -> ast.Module:
    return ast.parse(_text(file))


@cache
def _text(file: str) -> str:
    return (SOURCE / file).read_text(encoding="utf-8")


def _rules(tree: ast.Module) -> Iterator[tuple[str, Sequence[ast.stmt | ast.expr]]]:
    """Functions, methods and tables by name, each with what it runs."""
    for top in tree.body:
        match top:
            case ast.FunctionDef():
                yield top.name, [*top.body, *top.args.defaults]
            case ast.ClassDef():
                for method in top.body:
                    if isinstance(method, ast.FunctionDef):
                        yield f"{top.name}.{method.name}", [*method.body, *method.args.defaults]
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield name, [value]
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield name, [value]


def _inside(parts: Iterable[ast.stmt | ast.expr]) -> Iterator[tuple[ast.AST, ast.AST, ast.stmt | ast.expr]]:
    """Each node with the expression that shows what it is, and its statement; no annotations."""

    def walk(
        node: ast.AST, parent: ast.AST, statement: ast.stmt | ast.expr
    ) -> Iterator[tuple[ast.AST, ast.AST, ast.stmt | ast.expr]]:
        inner = node if isinstance(node, ast.stmt) else statement
        where = parent if isinstance(node, ast.Constant | ast.UnaryOp) and isinstance(parent, ast.expr) else node
        yield node, where, inner
        for name, value in ast.iter_fields(node):
            if name not in ("annotation", "returns", "decorator_list"):
                for child in value if isinstance(value, list) else [value]:
                    if isinstance(child, ast.AST):
                        yield from walk(child, node, inner)

    for part in parts:
        yield from walk(part, part, part)


def _lines(statement: ast.stmt) -> range:
    """The lines that are run where a node is: those of its statement, without the body of an `if` or a loop."""
    match statement:
        case ast.If(test=head) | ast.While(test=head) | ast.For(iter=head):
            last = head.end_lineno
        case _:
            last = statement.end_lineno
    return range(statement.lineno, (last or statement.lineno) + 1)


def _changes(node: ast.AST) -> list[str]:
    """What can be changed at a node, in the order `_apply` numbers it."""
    match node:
        case ast.Compare(ops=ops):
            return [
                f"{ast.unparse(node)}: {type(op).__name__} -> {other.__name__}"
                for op in ops
                for other in _COMPARISONS[type(op)]
            ]
        case ast.BoolOp(op=op, values=values):
            text = ast.unparse(node)
            dropped = (f"{text}: without {ast.unparse(value)}" for value in values)
            return [f"{text}: {type(op).__name__} flipped", *dropped]
        case ast.UnaryOp(op=ast.Not()):
            return [f"{ast.unparse(node)}: not dropped"]
        case ast.BinOp(op=op) if type(op) in _ARITHMETIC:
            return [f"{ast.unparse(node)}: {type(op).__name__} -> {_ARITHMETIC[type(op)].__name__}"]
        case ast.Constant(value=bool(value)):
            return [f"{value} flipped"]
        case ast.Constant(value=int(value)):
            return [f"{value} + 1", f"{value} - 1"]
        case ast.If(test=test) | ast.IfExp(test=test):
            return [f"if {ast.unparse(test)}: negated"]
        case ast.comprehension(ifs=[_, *_] as ifs):
            return [f"filter if {ast.unparse(test)}: dropped" for test in ifs]
        case ast.Call(func=ast.Name(id=name)) if name in _OPPOSITES:
            return [f"{ast.unparse(node)}: {_OPPOSITES[name]}"]
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="add"))):
            return [f"{ast.unparse(node)}: not called"]
    return []


def _apply(node: ast.AST, change: int) -> None:
    match node:
        case ast.Compare(ops=ops):
            place, other = [(n, other) for n, op in enumerate(ops) for other in _COMPARISONS[type(op)]][change]
            node.ops[place] = other()
        case ast.BoolOp(op=op) if change == 0:
            node.op = ast.Or() if isinstance(op, ast.And) else ast.And()
        case ast.BoolOp():
            del node.values[change - 1]
            node.values *= 1 if len(node.values) > 1 else 2  # `x and x`, for one operand alone is no BoolOp
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
        case ast.comprehension():
            del node.ifs[change]
        case ast.Call(func=ast.Name() as function):
            function.id = _OPPOSITES[function.id]
        case ast.Expr():
            node.value = ast.Constant(None)


def mutated(mutant: Mutant) -> CodeType:
    """The module's code with the change in it."""
    tree = _parse(mutant.file)
    _apply(next(node for n, node in enumerate(ast.walk(tree)) if n == mutant.node), mutant.change)
    return compile(ast.fix_missing_locations(tree), str(SOURCE / mutant.file), "exec")
