"""The OpenAPI 3.1 description of the API, with its problems documented."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel

from api.errors import MEDIA_TYPE, Problem

REF = "#/components/schemas/{model}"

Responses = dict[int | str, dict[str, Any]]


def problems(*statuses: int) -> Responses:
    """The `responses` of an endpoint that may answer with problems of these statuses."""
    content = {MEDIA_TYPE: {"schema": {"$ref": REF.format(model="Problem")}}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


def problems_by_text(*statuses: int) -> dict[str, Any]:
    """The same, as the finished document has it: by the status in digits."""
    return {str(status): answer for status, answer in problems(*statuses).items()}


def raw_request(*media_types: str, schema: dict[str, Any]) -> dict[str, Any]:
    """The `openapi_extra` of an endpoint that reads its body itself."""
    content = {media_type: {"schema": schema} for media_type in media_types}
    return {"requestBody": {"required": True, "content": content}}


def operation_id(route: APIRoute) -> str:
    """The function's name: `list_titles`."""
    return route.name


def install(app: FastAPI, *models: type[BaseModel]) -> None:
    """Describe the app; `models` are those that endpoints refer to by name."""

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app, (Problem, *models))
        return app.openapi_schema

    app.openapi = describe  # type: ignore[method-assign]  # the documented way to extend it


def _document(app: FastAPI, models: tuple[type[BaseModel], ...]) -> dict[str, Any]:
    document = get_openapi(
        title=app.title, version=app.version, summary=app.summary, routes=app.routes, tags=app.openapi_tags
    )
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for operation in (o for path in document["paths"].values() for o in path.values()):
        if "requestBody" in operation:
            operation["responses"] = problems_by_text(400) | operation["responses"]  # a body that cannot be read
        if any(parameter["name"] == "fields" for parameter in operation.get("parameters", [])):
            found = operation["responses"]["200"]["content"]["application/json"]
            found["schema"] = {"anyOf": [found["schema"], _sparse(found["schema"], schemas)]}
    for model in models:
        # as serialised: ids are strings
        schema = model.model_json_schema(ref_template=REF, mode="serialization")
        schemas |= schema.pop("$defs", {})
        schemas[model.__name__] = schema
    return document


def _sparse(schema: dict[str, Any], schemas: Mapping[str, Any]) -> dict[str, Any]:
    """The same answer with some fields of its titles alone; what holds no titles stays as it is."""
    name = schema.get("$ref", "").rpartition("/")[2]
    if not name:
        return schema | ({"items": _sparse(schema["items"], schemas)} if "items" in schema else {})
    found = schemas[name]
    if "poster_url" in found.get("properties", {}) and "title_id" in found["properties"]:
        return {"type": "object", "properties": found["properties"], "required": ["title_id"]}
    parts = {key: _sparse(part, schemas) for key, part in found.get("properties", {}).items()}
    return schema if parts == found.get("properties", {}) else found | {"properties": parts}


if __name__ == "__main__":
    import json

    from api.main import create_app

    print(json.dumps(create_app().openapi()))  # noqa: T201 (for `make web-types`)
