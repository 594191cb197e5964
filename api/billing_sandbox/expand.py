"""Answers as they go out: without what is the sandbox's own, ids expanded into objects where that is asked for."""

from collections.abc import Callable
from typing import Any

from pydantic_core import from_json, to_json

from api.billing_sandbox import checkout_session, lists
from api.billing_sandbox.documents import public
from api.billing_sandbox.errors import Refused
from api.billing_sandbox.store import Doc
from api.billing_sandbox.work import Work

DEEPEST = 4  # docs.stripe.com/api/expanding_objects


def _children(kind: str, field: str, url: str) -> Callable[[Work, Doc], Doc]:
    """The list of the documents of a kind whose `field` names this one."""
    return lambda work, doc: lists.page(work, kind, url.format(doc["id"]), {}, {field: doc["id"]})


# Fields that are sent only where they are asked for.
INCLUDABLE: dict[tuple[str, str], Callable[[Work, Doc], Doc]] = {
    ("invoice", "payments"): _children("invoice_payment", "invoice", "/v1/invoice_payments?invoice={}"),
    ("charge", "refunds"): _children("refund", "charge", "/v1/charges/{}/refunds"),
    ("customer", "subscriptions"): _children("subscription", "customer", "/v1/customers/{}/subscriptions"),
    ("checkout.session", "line_items"): checkout_session.line_items,
}


def shown(work: Work, doc: Doc, paths: list[str]) -> Doc:
    """The answer for a document or a list. Raises Refused for a path that leads nowhere."""
    answer: Doc = from_json(to_json(public(doc)))
    for path in paths:
        parts = path.split(".")
        if len(parts) > DEEPEST:
            message = f"You cannot expand more than {DEEPEST} levels of a property. Property: {path}"
            raise Refused(message, code="property_expansion_max_depth", param="expand")
        _expand(work, answer, parts, path)
    return answer


def _expand(work: Work, at: Any, parts: list[str], path: str) -> None:
    if isinstance(at, list):
        for each in at:
            _expand(work, each, parts, path)
        return
    if not parts or at is None:
        return
    name = parts[0]
    if isinstance(at, dict):
        _resolve(work, at, name, path)
        _expand(work, at[name], parts[1:], path)


def _resolve(work: Work, at: Doc, name: str, path: str) -> None:
    include = INCLUDABLE.get((at.get("object", ""), name))
    if include and name not in at:
        whole = work.find(at["id"])
        at[name] = from_json(to_json(include(work, whole or at)))
    elif name not in at:
        raise Refused(f"This property cannot be expanded ({path}).", param="expand")
    elif isinstance(at[name], str):
        at[name] = _object(work, at[name], path)
    elif isinstance(at[name], list):
        at[name] = [_object(work, each, path) if isinstance(each, str) else each for each in at[name]]


def _object(work: Work, id_: str, path: str) -> Doc:
    found = work.find(id_)
    if found is None:
        raise Refused(f"This property cannot be expanded ({path}).", param="expand")
    doc: Doc = from_json(to_json(public(found)))
    return doc
