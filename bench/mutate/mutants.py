"""Makes mutants of a module: swaps comparisons, operators and constants, turns conditions round, drops statements.

Left alone are log calls, and what only type checkers read: annotations and `if TYPE_CHECKING`. A local annotation is
never evaluated, so that its mutants live; a signature's is, so that `int & None` dies whatever the tests are worth.
"""

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

COMPARISONS = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
OPERATORS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult,
    ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr, ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One change: the number and text of its line, what it is, and the source of the whole module with it."""

    line: int
    text: str
    what: str
    source: str


def mutants(source: str) -> Iterator[Mutant]:
    """Every mutant of a module, in the order in which `ast.walk` meets what it changes."""
    tree, lines = ast.parse(source), source.splitlines()
    typing = {id(part) for node in ast.walk(tree) for typed in _for_type_checkers(node) for part in ast.walk(typed)}
    for index, node in enumerate(ast.walk(tree)):
        if id(node) not in typing and _changes(node):
            changed = copy.deepcopy(tree)
            what = _apply(next(n for i, n in enumerate(ast.walk(changed)) if i == index))
            line = getattr(node, "lineno", 0)
            yield Mutant(line, lines[line - 1].strip(), what, ast.unparse(ast.fix_missing_locations(changed)))


def _for_type_checkers(node: ast.AST) -> list[ast.AST]:
    """What of a node no running program looks at."""
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return [node]
    return [typed for name in ("annotation", "returns") if (typed := getattr(node, name, None))]


def _changes(node: ast.AST) -> bool:
    match node:
        case ast.Compare():
            return type(node.ops[0]) in COMPARISONS
        case ast.BinOp() | ast.BoolOp():
            return type(node.op) in OPERATORS
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id="log")))):
            return False
        case ast.Constant(value=bool() | int() | float()) | ast.Expr(value=ast.Call()):
            return True
    return isinstance(node, (ast.If, ast.IfExp, ast.While, ast.Raise))


def _apply(node: ast.AST) -> str:
    """Change a node in place; says what was done."""
    before = ast.unparse(node).splitlines()[0][:60]
    match node:
        case ast.Compare():
            node.ops[0] = COMPARISONS[type(node.ops[0])]()
        case ast.BinOp() | ast.BoolOp():
            node.op = OPERATORS[type(node.op)]()
        case ast.Constant(value=bool()):
            node.value = not node.value
        case ast.Constant():
            node.value += 1  # type: ignore[operator]
        case ast.If() | ast.IfExp() | ast.While():
            node.test = ast.UnaryOp(ast.Not(), node.test)
        case ast.Expr() | ast.Raise():
            _drop(node)
            return f"{before}  →  dropped"
    return f"{before}  →  {ast.unparse(node).splitlines()[0][:60]}"


def _drop(node: ast.AST) -> None:
    """Turn a statement into one that does nothing, in place."""
    node.__class__ = ast.Pass
    node.__dict__ = {k: v for k, v in node.__dict__.items() if k in {"lineno", "col_offset"}}
