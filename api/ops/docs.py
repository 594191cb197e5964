"""The reference of the API as one HTML page without scripts, so that the security policy needs no exception."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, Template
from jinja2.runtime import ChainableUndefined
from markupsafe import Markup, escape


def render(api: dict[str, Any]) -> str:
    """The page for an OpenAPI document."""
    tags: dict[str, list[dict[str, Any]]] = {}
    for path, methods in api["paths"].items():
        for method, operation in methods.items():
            tag = operation["tags"][0]
            tags.setdefault(tag, []).append({**operation, "path": path, "method": method.upper()})
    return _template().render(api=api, tags=tags, shape=_shape)


@lru_cache
def _template() -> Template:
    loader = FileSystemLoader(Path(__file__).parent)
    return Environment(loader=loader, autoescape=True, undefined=ChainableUndefined).get_template("docs.html.j2")


def _shape(schema: dict[str, Any]) -> Markup:
    """A link to a named schema, or the words for a plain one."""
    name = schema.get("$ref", "").rpartition("/")[2]
    return Markup('<a href="#{0}">{0}</a>').format(name) if name else escape(schema.get("type", ""))
