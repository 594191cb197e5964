"""The one error mapping: every error becomes an RFC 9457 problem.

The `type` of a problem is the relative URI `/problems/<type>`; its last segment is stable and names the rule.
"""

import json
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from starlette.exceptions import HTTPException
from starlette.routing import Match

from api.fields import GOT_LENGTH, FieldProblem, field_problems
from marquee.contracts.errors import InvalidInput, MarqueeError, Unavailable
from marquee.logs import log
from marquee.members.errors import TooOften

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 5
BY_STATUS = {400: "bad-request", 404: "not-found", 405: "method-not-allowed", 413: "too-large"}  # the framework's own


class BadRequest(MarqueeError):
    """A request that cannot be read, or lacks a compulsory header."""

    type, status = "bad-request", 400


class IdempotencyKeyReused(InvalidInput):
    """The same Idempotency-Key came with another request before."""

    type = "idempotency-key-reused"


class Problem(BaseModel):
    """A problem as of RFC 9457, with the trace id that the logs know it by."""

    type: str = Field(examples=["/problems/not-found"])
    title: str
    status: int
    detail: str
    instance: str
    trace_id: str
    errors: list[FieldProblem] = []


def problem(
    request: Request,
    status: int,
    type_: str,
    detail: str,
    errors: Iterable[FieldProblem] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The problem as a response."""
    body = Problem(
        type=f"/problems/{type_}",
        title=type_.replace("-", " ").capitalize(),
        status=status,
        detail=detail,
        instance=request.url.path,
        trace_id=getattr(request.state, "trace_id", ""),
        errors=list(errors),
    )
    own = {"Cache-Control": "no-store"}
    if status == HTTPStatus.UNAUTHORIZED:
        own["WWW-Authenticate"] = 'Bearer realm="marquee"'
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        own["Retry-After"] = str(RETRY_AFTER_S)
    # json.dumps escapes everything beyond ASCII: what a client sent may hold lone surrogates
    return Response(json.dumps(body.model_dump()), status, {**(headers or {}), **own}, MEDIA_TYPE)


def internal(request: Request) -> Response:
    """What a client is told of a fault of ours: the trace id, and nothing of its inside."""
    return problem(request, 500, MarqueeError.type, "Something went wrong on our side.")


async def _domain(request: Request, error: Exception) -> Response:
    assert isinstance(error, MarqueeError)  # noqa: S101 (the handler's registration says so)
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("failed", type=error.type, error=str(error))
        return internal(request) if error.status == HTTPStatus.INTERNAL_SERVER_ERROR else _unavailable(request)
    headers = {}
    if isinstance(error, TooOften):
        headers["Retry-After"] = str(max(1, math.ceil((error.until - datetime.now(UTC)).total_seconds())))
    said = error.where or error.expected or error.got
    at_fault = [FieldProblem(field=error.where, expected=error.expected, got=error.got[:GOT_LENGTH])] if said else []
    return problem(request, error.status, error.type, f"{error.what[:1].upper()}{error.what[1:]}.", at_fault, headers)


def _unavailable(request: Request) -> Response:
    detail = "Something this needs is not there at the moment; trying again in a moment may help."
    return problem(request, Unavailable.status, Unavailable.type, detail)


async def _database_away(request: Request, error: Exception) -> Response:
    log.error("database away", error=str(error).splitlines()[0])
    return _unavailable(request)


async def _database_refuses(request: Request, error: Exception) -> Response:
    """A value that passed the schema but not the database, such as text with a NUL."""
    log.warning("value refused by the database", error=type(getattr(error, "orig", error)).__name__)
    return problem(request, InvalidInput.status, InvalidInput.type, "A value cannot be stored or compared.")


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    if any(e["type"] == "json_invalid" for e in error.errors()):
        return problem(request, BadRequest.status, BadRequest.type, "The body is not JSON.")
    fields = field_problems(error.errors(), error.body)
    if any(e["loc"][0] == "header" for e in error.errors()):
        return problem(request, BadRequest.status, BadRequest.type, "A header is missing or does not hold.", fields)
    return problem(request, InvalidInput.status, InvalidInput.type, "The request does not hold.", fields)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    phrase = HTTPStatus(error.status_code).phrase
    type_ = BY_STATUS.get(error.status_code, phrase.lower().replace(" ", "-"))
    detail = error.detail if error.detail != phrase else f"{phrase}: {request.method} {request.url.path}"
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_allowed(request))
    return problem(request, error.status_code, type_, detail, headers=headers)


def _allowed(request: Request) -> list[str]:
    """The methods of all routes that this path leads to; the framework names those of the first one only."""
    routes = (route for route in request.app.routes if route.matches(request.scope)[0] is not Match.NONE)
    return sorted({method for route in routes for method in getattr(route, "methods", None) or ()})


def install(app: FastAPI) -> None:
    """Make every error of the app a problem; what is left over is caught by the outermost middleware."""
    app.add_exception_handler(MarqueeError, _domain)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(DataError, _database_refuses)
    for away in (OperationalError, InterfaceError, PoolExhausted):
        app.add_exception_handler(away, _database_away)
