"""Holds raw JSON against the type annotations of Stripe's own library."""

import ast
import inspect
import sys
import threading
import types
import typing
from decimal import Decimal
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

from stripe import ListObject, StripeObject
from stripe._object_classes import get_object_class
from stripe._stripe_object import UntypedStripeObject

NONE = type(None)
READING = threading.Lock()  # CPython 3.11 fails when two threads make syntax trees at once (gh-106905)


def assert_shape(raw: Any) -> None:
    """The object is as its class in the library says, and so is all within it; unknown fields are refused."""
    if raw["object"] == "list":
        assert {"object", "data", "has_more", "url"} == set(raw)
        for each in raw["data"]:
            assert_shape(each)
        return
    _object(raw, get_object_class("V1", raw["object"]), raw["object"])
    if raw["object"] == "event" and not raw["data"]["object"].get("deleted"):
        assert_shape(raw["data"]["object"])
        unknown = set(raw["data"].get("previous_attributes", {})) - set(raw["data"]["object"])
        assert not unknown, (raw["type"], unknown)


def _object(raw: Any, cls: type, path: str) -> None:
    assert isinstance(raw, dict), f"{path}: expected {cls.__name__}, got {raw!r}"
    fields = _fields(cls)
    assert not (unknown := set(raw) - set(fields)), f"{path}: {cls.__name__} knows no {sorted(unknown)}"
    missing = {name for name, hint in fields.items() if not _may_be_none(hint) and name not in raw}
    assert not missing, f"{path}: {cls.__name__} needs {sorted(missing)}"
    for name, value in raw.items():
        _value(value, fields[name], f"{path}.{name}")


def _fields(cls: type) -> dict[str, Any]:
    with READING:
        return _read(cls)


@cache
def _read(cls: type) -> dict[str, Any]:
    hints: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        if issubclass(base, StripeObject) and base is not StripeObject and inspect.get_annotations(base):
            names = _names(base.__module__) | {k: v for k, v in vars(base).items() if inspect.isclass(v)}
            hints |= typing.get_type_hints(base, names, names)
    return {k: v for k, v in hints.items() if get_origin(v) is not typing.ClassVar and not k.startswith("_")}


@cache
def _names(module: str) -> dict[str, Any]:
    """The names of a module, with those that it imports for type checkers alone."""
    names = dict(vars(sys.modules[module]))
    for node in ast.parse(inspect.getsource(sys.modules[module])).body:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            exec(compile(ast.Module(node.body, []), module, "exec"), names)  # noqa: S102 - imports of the library
    return names


def _may_be_none(hint: Any) -> bool:
    return hint is NONE or hint is Any or (get_origin(hint) in {Union, types.UnionType} and NONE in get_args(hint))


def _value(value: Any, hint: Any, path: str) -> None:
    origin, args = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        _union(value, args, path)
    elif origin is Literal:
        assert value in args, f"{path}: {value!r} is none of {args[:12]}"
    elif origin in {list, typing.List}:  # noqa: UP006 - as the library writes it
        assert isinstance(value, list), f"{path}: expected a list, got {value!r}"
        for number, each in enumerate(value):
            _value(each, args[0], f"{path}[{number}]")
    elif origin is ListObject:
        assert {"object", "data", "has_more", "url"} == set(value), f"{path}: {sorted(value)}"
        _value(value["data"], list[args[0]], f"{path}.data")  # type: ignore[valid-type]
    elif origin is UntypedStripeObject:
        assert isinstance(value, dict), f"{path}: expected a hash, got {value!r}"
        if args[0] is not Any:
            for name, each in value.items():
                _value(each, args[0], f"{path}[{name}]")
    else:
        _plain(value, hint, path)


def _union(value: Any, args: tuple[Any, ...], path: str) -> None:
    if value is None:
        assert NONE in args, f"{path}: may not be null"
        return
    literals = [each for each in args if get_origin(each) is Literal]
    if literals and isinstance(value, str):  # `Literal[...] | str`: known values, and ones to come
        _value(value, literals[0], path)
        return
    others = [each for each in args if each is not NONE]
    if isinstance(value, str) and str in others:
        return
    classes = [each for each in others if inspect.isclass(each) and issubclass(each, StripeObject)]
    if isinstance(value, dict) and len(classes) > 1:
        classes = [each for each in classes if getattr(each, "OBJECT_NAME", "") == value.get("object")]
    rest = classes or [each for each in others if each is not str] or others
    _value(value, rest[0], path)


def _plain(value: Any, hint: Any, path: str) -> None:
    if inspect.isclass(hint) and issubclass(hint, StripeObject):
        _object(value, hint, path)
    elif hint is Decimal:
        assert isinstance(value, str), f"{path}: decimals travel as text, got {value!r}"
        Decimal(value)
    elif hint is float:
        assert isinstance(value, int | float), f"{path}: expected a number, got {value!r}"
    elif hint is not Any:
        assert type(value) is hint, f"{path}: expected {hint}, got {value!r}"
