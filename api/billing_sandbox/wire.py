"""Form bodies as Stripe's libraries send them: nested keys, and schemas that turn their text into values."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from api.billing_sandbox.errors import Refused

Parse = Callable[[str, str], Any]  # text and the name of the parameter
Schema = dict[str, Any]  # name to Parse, Schema or a list of one of them
DEEPEST, LONGEST = 8, 5000


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """`a[b][0][c]=x` as {"a": {"b": {"0": {"c": "x"}}}}; `a[]=x` counts up. Raises Refused."""
    form: dict[str, Any] = {}
    for key, value in pairs:
        path = re.findall(r"[^\[\]]+|(?<=\[)(?=\])", key)
        if not path or len(path) > DEEPEST or "\x00" in key + value:
            raise Refused(f"Invalid request: {key[:80]!r} is not a parameter's name", param=key[:80])
        _put(form, path, value, key)
    return form


def _put(form: dict[str, Any], path: list[str], value: str, key: str) -> None:
    at = form
    for part in path[:-1]:
        at = at.setdefault(part or str(len(at)), {})
        if not isinstance(at, dict):
            raise Refused("Invalid hash", param=key)
    at[path[-1] or str(len(at))] = value


def parse(form: dict[str, Any], schema: Schema, within: str = "") -> dict[str, Any]:
    """The values of a form. Raises Refused for what the schema does not know."""
    values = {}
    for name, given in form.items():
        path = f"{within}[{name}]" if within else name
        if name not in schema:
            raise Refused(f"Received unknown parameter: {path}", code="parameter_unknown", param=path)
        values[name] = _value(given, schema[name], path)
    return values


def _value(given: Any, rule: Any, path: str) -> Any:
    if isinstance(rule, list):
        return _items(given, rule[0], path)
    if isinstance(rule, dict):
        if not isinstance(given, dict):
            if given == "":
                return None
            raise Refused("Invalid object", param=path)
        return parse(given, rule, path)
    if rule is metadata:
        return metadata(given, path)
    if isinstance(given, dict):
        raise Refused(f"Invalid string: {path}", param=path)
    return rule(given, path)


def _items(given: Any, rule: Any, path: str) -> list[Any]:
    if given == "":
        return []
    if not isinstance(given, dict) or not all(re.fullmatch(r"\d{1,4}", index) for index in given):
        raise Refused("Invalid array", param=path)
    ordered = sorted(given.items(), key=lambda item: int(item[0]))
    return [_value(value, rule, f"{path}[{index}]") for index, value in ordered]


def text(given: str, param: str) -> str | None:
    """Text; an empty one unsets the field."""
    if len(given) > LONGEST:
        raise Refused(f"Invalid string: {param} is too long", code="parameter_invalid_string", param=param)
    return given or None


def whole(given: str, param: str) -> int:
    if not re.fullmatch(r"-?\d{1,15}", given):
        raise Refused(f"Invalid integer: {given[:80]}", code="parameter_invalid_integer", param=param)
    return int(given)


def natural(given: str, param: str) -> int:
    """An integer from 0."""
    if (number := whole(given, param)) < 0:
        raise Refused("This value must be greater than or equal to 0.", code="parameter_invalid_integer", param=param)
    return number


def boolean(given: str, param: str) -> bool:
    if given not in {"true", "false"}:
        raise Refused(f"Invalid boolean: {given[:80]}", param=param)
    return given == "true"


def decimal(given: str, param: str) -> str:
    """A percentage as it was written, up to four decimals."""
    if not re.fullmatch(r"\d{1,3}(\.\d{1,4})?", given):
        raise Refused(f"Invalid decimal: {given[:80]}", code="parameter_invalid_decimal", param=param)
    return given


def one_of(*choices: str) -> Parse:
    """One of a few words."""

    def parse_choice(given: str, param: str) -> str:
        if given not in choices:
            expected = ", ".join(choices)
            raise Refused(f"Invalid {param}: must be one of {expected}", param=param)
        return given

    return parse_choice


def timestamp_or(*words: str) -> Parse:
    """A Unix time, or one of the words."""

    def parse_time(given: str, param: str) -> int | str:
        return given if given in words else whole(given, param)

    return parse_time


def metadata(given: Any, param: str) -> dict[str, str | None]:
    """Keys and values; an empty value takes the key away, and an empty whole all of them."""
    if given == "":
        return {"*": None}
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise Refused("Invalid metadata: metadata must be a set of key-value pairs", param=param)
    if any(len(key) > 40 or len(value) > 500 for key, value in given.items()) or len(given) > 50:
        raise Refused("Metadata has at most 50 keys of 40 characters and values of 500 characters", param=param)
    return {key: value or None for key, value in given.items()}


def merged(old: dict[str, str], given: dict[str, str | None] | None) -> dict[str, str]:
    """Metadata after an update."""
    if given is None:
        return old
    if "*" in given and given["*"] is None:
        return {}
    both = {**old, **given}
    return {key: value for key, value in both.items() if value is not None}


RANGE = {"gt": natural, "gte": natural, "lt": natural, "lte": natural}
PAGING: Schema = {"limit": natural, "starting_after": text, "ending_before": text}
