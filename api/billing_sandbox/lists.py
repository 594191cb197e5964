"""Lists: newest first, a page at a time, as Stripe's cursors have it."""

from typing import Any

from pydantic_core import from_json, to_json

from api.billing_sandbox.documents import public
from api.billing_sandbox.errors import Refused, missing
from api.billing_sandbox.store import Doc, rows
from api.billing_sandbox.work import Work

USUAL, MOST = 10, 100
COMPARE = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def listed(data: list[Any], url: str, *, more: bool = False) -> Doc:
    """The list object."""
    return {"object": "list", "data": data, "has_more": more, "url": url}


def page(
    work: Work, kind: str, url: str, params: Doc, filters: Doc, extra: str = "", values: tuple[Any, ...] = ()
) -> Doc:
    """Documents of a kind whose body contains `filters`, after the cursor. `extra` is a further condition.

    `params` may have limit, starting_after, ending_before and created.
    """
    limit = params.get("limit", USUAL)
    if not 1 <= limit <= MOST:
        raise Refused(f"Invalid limit: must be between 1 and {MOST}", code="parameter_invalid_integer", param="limit")
    backwards = params.get("ending_before")
    clauses, held = _conditions(work, kind, params)
    wanted = {name: value for name, value in filters.items() if value is not None}
    statement = f"""select body::text from objects where kind = %s and body @> %s::jsonb {clauses} {extra}
        order by seq {"asc" if backwards else "desc"} limit %s"""  # noqa: S608 - the clauses are ours
    found = rows(work.connection, statement, kind, to_json(wanted).decode(), *held, *values, limit + 1)
    docs = [public(from_json(body)) for (body,) in found[:limit]]
    return listed(docs[::-1] if backwards else docs, url, more=len(found) > limit)


def _conditions(work: Work, kind: str, params: Doc) -> tuple[str, tuple[int, ...]]:
    clauses, values = "", []
    for name, sign in (("starting_after", "<"), ("ending_before", ">")):
        if cursor := params.get(name):
            clauses += f" and seq {sign} %s"
            values.append(_place(work, kind, cursor, name))
    created = params.get("created")
    for name, value in created.items() if isinstance(created, dict) else ():
        clauses += f" and created {COMPARE[name]} %s"
        values.append(value)
    return clauses, tuple(values)


def _place(work: Work, kind: str, cursor: str, param: str) -> int:
    found = rows(work.connection, "select seq from objects where kind = %s and id = %s", kind, cursor)
    if not found:
        raise missing(kind, cursor, param)
    return int(found[0][0])
