"""Finds, without running anything, the statements on tables of members that do not name the table's shard key."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pglast
from pglast import ast as pg
from pglast.enums import A_Expr_Kind, BoolExprType
from sqlalchemy import TextClause

import marquee.catalogue
from marquee.catalogue.models import Base

ROOT = Path(__file__).parents[2]
FOLDERS = ("marquee", "api", "ml", "plugins", "spark_jobs")
ELSEWHERE = ("api/billing_sandbox/", "marquee/catalogue/models/", "marquee/catalogue/migrations/")
VERBS = {"select", "update", "delete", "insert", "exists"}


def partitioned() -> dict[str, tuple[str, str]]:
    """Of each model whose table is divided by a hash: the table's name, and the column that is its key."""
    found = {}
    for mapper in Base.registry.mappers:
        how = mapper.local_table.kwargs.get("postgresql_partition_by") or ""
        if how.startswith("HASH ("):
            found[mapper.class_.__name__] = (str(mapper.local_table.name), how[len("HASH (") : -1])
    return found


KEYS = {model: key for model, (_, key) in partitioned().items()}
TABLES = dict(partitioned().values())


# Statements that SQLAlchemy makes: a function that asks a model has to compare the model's key with something, or to
# give it a value, itself or in a function or constant of its module that it uses.


def functions_without_key() -> Iterator[str]:
    """`module.function Model` for each function that selects, changes or deletes without the key."""
    for path in sources():
        module = ast.parse(path.read_text())
        shared = {name: node for node in module.body for name in _defines(node)}
        for function in ast.walk(module):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                for model in sorted(_asked(function)):
                    if not any(_names_key(node, model) for node in [function, *_used(function, shared)]):
                        yield f"{_dotted(path)}.{function.name} {model}"


def sources() -> Iterator[Path]:
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if not path.relative_to(ROOT).as_posix().startswith(ELSEWHERE):
                yield path


def _dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def _defines(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    return []


def _used(function: ast.AST, shared: dict[str, ast.stmt]) -> list[ast.stmt]:
    return [shared[name] for name in _names(function) if name in shared and shared[name] is not function]


def _names(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _asked(function: ast.AST) -> set[str]:
    found: set[str] = set()
    for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
        verb = isinstance(call.func, ast.Name) and call.func.id in VERBS
        joins = isinstance(call.func, ast.Attribute) and call.func.attr in {"get", "join", "outerjoin"}
        for argument in call.args if verb else call.args[:1] if joins else ():
            found |= _names(argument) & KEYS.keys()
    return found


def _names_key(node: ast.AST, model: str) -> bool:
    return any(_compares(each, model) or _gives(each, model) for each in ast.walk(node))


def _compares(node: ast.AST, model: str) -> bool:
    if not (isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq)):
        return False
    return any(
        isinstance(side, ast.Attribute) and side.attr == KEYS[model] and _names(side.value) == {model}
        for side in (node.left, *node.comparators)
    )


def _gives(node: ast.AST, model: str) -> bool:
    if isinstance(node, ast.Dict):
        return any(isinstance(key, ast.Constant) and key.value == KEYS[model] for key in node.keys)
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Attribute) and node.func.attr == "get":
        return bool(node.args) and _names(node.args[0]) == {model}
    named = isinstance(node.func, ast.Attribute) and node.func.attr in {"values", "filter_by"}
    named = named or (isinstance(node.func, ast.Name) and node.func.id == model)
    return named and any(keyword.arg == KEYS[model] for keyword in node.keywords)


# Statements written as SQL: PostgreSQL's own parser says what they ask. Every table of members in a FROM has its key
# compared with a parameter or a constant, or with the key of a table for which that is so.


def statements() -> dict[str, str]:
    """Every constant of the catalogue's modules that is SQL on a table of members."""
    found = {}
    for each in pkgutil.walk_packages(marquee.catalogue.__path__, "marquee.catalogue."):
        if ".migrations" not in each.name:
            for name, value in vars(importlib.import_module(each.name)).items():
                text = value.text if isinstance(value, TextClause) else value
                if isinstance(text, str) and name.isupper() and _tables(text):
                    found[f"{each.name}.{name}"] = text
    return found


def inline() -> Iterator[str]:
    """`module:line` of SQL on tables of members that is written elsewhere than in the catalogue."""
    for path in sources():
        if "catalogue" not in path.parts:
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and _tables(node.value):
                    yield f"{_dotted(path)}:{node.lineno}"


def _tables(text: str) -> set[str]:
    try:
        tree = pglast.parse_sql(text)
    except (pglast.parser.ParseError, ValueError):
        return set()
    return {node.relname for node in _walk(tree) if isinstance(node, pg.RangeVar)} & TABLES.keys()


def without_key(text: str) -> list[str]:
    """The tables of members that a statement asks without their key."""
    missing: list[str] = []
    for raw in pglast.parse_sql(text):
        _check(raw.stmt, set(), missing)
    return sorted(missing)


def _check(node: Any, outer: set[tuple[str, str]], missing: list[str]) -> None:
    """Check a query and those within it; `outer` are the bound keys of the queries around it, by alias and column."""
    own, conditions, within = _query(node)
    bound = _bound(own, conditions, outer)
    missing += [table for alias, table in own.items() if (alias, TABLES[table]) not in bound]
    if isinstance(node, pg.InsertStmt) and node.relation.relname in TABLES:
        given = {column.name for column in node.cols or ()}
        missing += [name for name in (node.relation.relname,) if TABLES[name] not in given]
    for each in within:
        _check(each, outer | bound, missing)


def _query(node: Any) -> tuple[dict[str, str], list[Any], list[Any]]:
    """Tables of members by alias, conditions that all hold, and the queries within a query."""
    own: dict[str, str] = {}
    conditions: list[Any] = []
    if isinstance(node, pg.UpdateStmt | pg.DeleteStmt):
        _relation(node.relation, own)
    sources = getattr(node, "fromClause", None) or getattr(node, "usingClause", None) or ()
    for each in sources:
        _from(each, own, conditions)
    conditions += _all_of(getattr(node, "whereClause", None))
    return own, conditions, list(_within(node, top=True))


def _from(node: Any, own: dict[str, str], conditions: list[Any]) -> None:
    if isinstance(node, pg.RangeVar):
        _relation(node, own)
    elif isinstance(node, pg.JoinExpr):
        _from(node.larg, own, conditions)
        _from(node.rarg, own, conditions)
        conditions += _all_of(node.quals)


def _relation(node: pg.RangeVar, own: dict[str, str]) -> None:
    if node.relname in TABLES:
        own[node.alias.aliasname if node.alias else node.relname] = node.relname


def _all_of(node: Any) -> list[Any]:
    if isinstance(node, pg.BoolExpr) and node.boolop == BoolExprType.AND_EXPR:
        return [each for arg in node.args for each in _all_of(arg)]
    return [] if node is None else [node]


def _within(node: Any, *, top: bool = False) -> Iterator[Any]:
    """The queries directly within a query."""
    queries = (pg.SelectStmt, pg.UpdateStmt, pg.DeleteStmt, pg.InsertStmt)
    if isinstance(node, queries) and not top:
        yield node
    elif isinstance(node, tuple | list):
        for each in node:
            yield from _within(each)
    elif isinstance(node, pg.Node):
        for name in node.__slots__:
            yield from _within(getattr(node, name))


def _bound(own: dict[str, str], conditions: list[Any], outer: set[tuple[str, str]]) -> set[tuple[str, str]]:
    bound, before = set(outer), -1
    while len(bound) != before:
        before = len(bound)
        for each in conditions:
            if isinstance(each, pg.A_Expr) and each.kind == A_Expr_Kind.AEXPR_OP and each.name[0].sval == "=":
                for one, other in ((each.lexpr, each.rexpr), (each.rexpr, each.lexpr)):
                    if _given(other) or _columns(other, own) & bound:
                        bound |= _columns(one, own)
    return bound


def _given(node: Any) -> bool:
    node = node.arg if isinstance(node, pg.TypeCast) else node
    return isinstance(node, pg.ParamRef | pg.A_Const)


def _columns(node: Any, own: dict[str, str]) -> set[tuple[str, str]]:
    """What a reference may mean; without an alias it is of a table that has such a key."""
    node = node.arg if isinstance(node, pg.TypeCast) else node
    if not isinstance(node, pg.ColumnRef):
        return set()
    words = [part.sval for part in node.fields if isinstance(part, pg.String)]
    if len(words) == 2:
        return {(words[0], words[1])}
    return {(alias, words[0]) for alias, table in own.items() if words and TABLES[table] == words[0]}


def _walk(node: Any) -> Iterator[Any]:
    if isinstance(node, tuple | list):
        for each in node:
            yield from _walk(each)
    elif isinstance(node, pg.Node):
        yield node
        for name in node.__slots__:
            yield from _walk(getattr(node, name))
