"""Sparse answers: which fields of titles a client wants (`fields=name,poster_url`); all else is told as always."""

from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Any, get_args

from fastapi import Request, Response
from pydantic import AfterValidator, BaseModel, Field, WithJsonSchema
from pydantic_core import from_json, to_json

from api.deps import conditional
from api.people.schemas import TitleOfPerson
from api.rows.schemas import RowItem
from api.titles.schemas import TitleCard, TitleDetail

ALWAYS = "title_id"
LONGEST = 400  # letters


def _known(model: type[BaseModel]) -> Callable[[str], str]:
    names = tuple(model.model_fields)

    def known(text: str) -> str:
        if unknown := [name for name in text.split(",") if name not in names]:
            raise ValueError(f"no such field: {unknown[0][:40]!r}; there are {', '.join(names)}")
        return text

    return known


def _described(model: type[BaseModel]) -> WithJsonSchema:
    names = "|".join(model.model_fields)
    return WithJsonSchema({
        "type": "string",
        "pattern": f"^({names})(,({names}))*$",
        "maxLength": LONGEST,
        "description": f"Of each title only these fields, by commas; `{ALWAYS}` is always told.",
        "examples": ["name,poster_url"],
    })  # fmt: skip


LENGTH = Field(max_length=LONGEST)
CardFields = Annotated[str, LENGTH, AfterValidator(_known(TitleCard)), _described(TitleCard)]
ItemFields = Annotated[str, LENGTH, AfterValidator(_known(RowItem)), _described(RowItem)]
DetailFields = Annotated[str, LENGTH, AfterValidator(_known(TitleDetail)), _described(TitleDetail)]
PersonFields = Annotated[str, LENGTH, AfterValidator(_known(TitleOfPerson)), _described(TitleOfPerson)]


def answer(request: Request, body: BaseModel, fields: str | None, *, cache: str) -> Response:
    """The body with these fields of its titles alone, or all of them, with an ETag of its own; 304 as `conditional`."""
    return conditional(request, body, cache=cache, include=included(type(body), fields) if fields else None)


def pruned(content: bytes, fields: str) -> bytes:
    """The same of a home page that is made already."""
    page, wanted = from_json(content), {ALWAYS, *fields.split(",")}
    for row in page["rows"]:
        row["items"] = [{name: value for name, value in item.items() if name in wanted} for item in row["items"]]
    return to_json(page)


@lru_cache(maxsize=1_000)
def included(model: type[BaseModel], fields: str) -> Any:
    """What pydantic is to write of a model: of titles these fields, of all else everything."""
    if issubclass(model, TitleCard):
        return {ALWAYS, *fields.split(",")}
    tree = {name: _within(field.annotation, fields) for name, field in model.model_fields.items()}
    return tree if any(part is not True for part in tree.values()) else True


def _within(annotation: Any, fields: str) -> Any:
    """Of a model, or a list of them; everything of any other value."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return included(annotation, fields)
    inner = next((each for each in get_args(annotation) if isinstance(each, type)), None)
    if inner is None or not issubclass(inner, BaseModel):
        return True
    found = included(inner, fields)
    return True if found is True else {"__all__": found}
