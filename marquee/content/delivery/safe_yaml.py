"""YAML without trust: text only, no aliases, bounded nesting, every key once."""

from typing import Any, NamedTuple

import yaml

from marquee.contracts.delivery import RefusalCode

MAX_NODES = 20_000  # keys and values; a real sidecar has hundreds


class Problem(NamedTuple):
    """One thing wrong with a sidecar; `field` is dotted, e.g. texts.en.title."""

    field: str
    what: str
    expected: str = ""
    got: str = ""
    code: RefusalCode = RefusalCode.SIDECAR_INVALID

    def __str__(self) -> str:
        text = f"{self.field}: {self.what}" if self.field else self.what
        return f"{text}, expected {self.expected}" if self.expected else text


class _Loader(yaml.BaseLoader):
    """Every scalar stays text, so that `title: 1917` and `countries: [NO]` mean what they say; no aliases.

    The loader in Python, not libyaml's: nesting too deep is an exception there, not an overflow of the stack.
    """

    nodes = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        alias = self.check_event(yaml.AliasEvent)
        self.nodes += 1
        if alias or self.nodes > MAX_NODES:
            what = "aliases are not allowed" if alias else f"more than {MAX_NODES} keys and values"
            raise yaml.composer.ComposerError(None, None, what, self.peek_event().start_mark)  # type: ignore[no-untyped-call]
        return super().compose_node(parent, index)


def parse(raw: bytes) -> tuple[dict[str, Any], list[Problem]]:
    """A mapping of text, lists and mappings, with None for what is left empty; and what is wrong with it."""
    try:
        node = yaml.compose(raw, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        place = f"line {error.problem_mark.line + 1}" if error.problem_mark else ""
        return {}, [Problem(place, f"not YAML: {error.problem}")]
    except yaml.YAMLError as error:
        return {}, [Problem("", f"not YAML: {str(error).splitlines()[0]}", expected="text in UTF-8")]
    except RecursionError:
        return {}, [Problem("", "nested too deeply")]
    problems: list[Problem] = []
    document = _plain(node, "", problems)
    if not problems and not isinstance(document, dict):
        problems.append(Problem("", "not a mapping", "lines such as `title: …`", type(document).__name__))
    return document, problems


def _plain(node: yaml.Node | None, field: str, problems: list[Problem]) -> Any:
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, field, problems)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, f"{field}.{i}", problems) for i, item in enumerate(node.value)]
    if not isinstance(node, yaml.ScalarNode) or (node.style is None and node.value in {"", "~", "null"}):
        return None
    return node.value


def _mapping(node: yaml.MappingNode, field: str, problems: list[Problem]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in node.value:
        line = f"line {key.start_mark.line + 1}"
        if not isinstance(key, yaml.ScalarNode):
            problems.append(Problem(field, "a key is not a word", "text", line))
            continue
        name = f"{field}.{key.value[:80]}" if field else key.value[:80]
        if key.value in result:
            problems.append(Problem(name, "given twice", "each key once", line))
        result[key.value] = _plain(value, name, problems)
    return result
