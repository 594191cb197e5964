"""Fields that a document did not always have.

A document that has such a field at its default is the one that it was before there was the field, and hashes alike.
"""

from typing import Any

from pydantic import BaseModel

YOUNGER = "younger"  # `colour: Annotated[str, YOUNGER] = "unknown"`


def unsaid(document: BaseModel) -> dict[str, Any]:
    """What pydantic is to exclude from it and its parts: younger fields that have their default."""
    found: dict[str, Any] = {}
    for name, field in type(document).model_fields.items():
        value = getattr(document, name)
        if YOUNGER in field.metadata and value == field.get_default(call_default_factory=True):
            found[name] = True
        elif within := _within(value):
            found[name] = within
    return found


def _within(value: Any) -> dict[Any, Any]:
    if isinstance(value, BaseModel):
        return unsaid(value)
    if isinstance(value, tuple):
        return {n: within for n, each in enumerate(value) if (within := _within(each))}
    return {}
