"""A call from beginning to end: key, route, parameters, idempotency, one transaction, answer."""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from pydantic_core import to_json
from sqlalchemy import Connection

from api.billing_sandbox import expand, ids, routes, wire
from api.billing_sandbox.errors import Refused, wrong_key
from api.billing_sandbox.events import API_VERSION
from api.billing_sandbox.store import Doc, begin, rows, run
from api.billing_sandbox.work import Caller, Work
from marquee.settings import settings

LONGEST_KEY = 255


@dataclass(frozen=True)
class Asked:
    """A request; the names of its headers are lower-case."""

    method: str
    path: str
    query: str = ""
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What goes back: JSON."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def answer(asked: Asked) -> Answer:
    """Carry out one call."""
    request_id = ids.new("req", 14)
    try:
        _check_key(asked.headers.get("authorization", ""))
        status, body, headers = _carry_out(asked, request_id)
    except Refused as refused:
        status, body, headers = refused.status, to_json(refused.body), {}
    return Answer(status, body, {"Request-Id": request_id, "Stripe-Version": API_VERSION, **headers})


def failed() -> Answer:
    """What a fault of the sandbox's own looks like; nothing of the call has happened."""
    error = {"message": "The sandbox has failed; its log says why.", "type": "api_error"}
    return Answer(500, to_json({"error": error}))


def _check_key(header: str) -> None:
    """Stripe takes its key as a bearer token, or as the name of a basic log-in."""
    scheme, _, got = header.partition(" ")
    if scheme.lower() == "basic":
        try:
            got = base64.b64decode(got, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            got = ""
    if not hmac.compare_digest(got.encode(), settings().secret("stripe_api_key").encode()):
        raise wrong_key(got)


def _carry_out(asked: Asked, request_id: str) -> tuple[int, bytes, dict[str, str]]:
    route, names = routes.find(asked.method, asked.path)
    try:
        text = asked.query if asked.method.lower() in {"get", "delete"} and not asked.body else asked.body.decode()
        form = wire.nested(parse_qsl(text, keep_blank_values=True))
    except UnicodeDecodeError as error:
        raise Refused("Invalid request: the body is not UTF-8") from error
    paths = [path for path in wire.parse({"e": form.pop("expand", "")}, {"e": [wire.text]})["e"] if path]
    params = wire.parse(form, route.schema)
    key = asked.headers.get("idempotency-key", "") if asked.method.lower() == "post" and route.write else ""
    fingerprint = hashlib.sha256(f"{asked.path}\n{sorted(parse_qsl(text))}".encode()).hexdigest()
    try:
        with begin() as connection:
            if key and (stored := _claim(connection, key, fingerprint)):
                return *stored, {"Idempotent-Replayed": "true"}
            status, body = _work(connection, route, names, params, paths, Caller(request_id, key))
            if key:
                _store(connection, key, status, body)
    except Refused as refused:
        if key and refused.status == 402:
            _store_refusal(key, fingerprint, refused)
        raise
    return status, body, {"Idempotency-Key": key} if key else {}


def _work(
    connection: Connection, route: routes.Route, names: tuple[str, ...], params: Doc, paths: list[str], caller: Caller
) -> tuple[int, bytes]:
    work = Work(connection, caller)
    try:
        doc = route.handler(work, *names, params)
    except Refused as refused:
        if not refused.keep:
            raise
        work.flush()
        return refused.status, to_json(refused.body)
    if route.write:
        work.flush()
    return 200, to_json(expand.shown(work, doc, paths))


def _claim(connection: Connection, key: str, fingerprint: str) -> tuple[int, bytes] | None:
    """Take an idempotency key; the answer where it was used before. Two that ask at once are answered in turn."""
    if len(key) > LONGEST_KEY:
        raise Refused(f"Idempotency keys have {LONGEST_KEY} characters at most.")
    taken = "insert into idempotency_keys (key, fingerprint) values (%s, %s) on conflict do nothing returning key"
    if rows(connection, taken, key, fingerprint):
        return None
    found = rows(connection, "select fingerprint, status, body from idempotency_keys where key = %s", key)
    before, status, body = found[0]
    if before != fingerprint:
        message = "Keys for idempotent requests can only be used with the same parameters they were first used with."
        raise Refused(f"{message} Key: {key}", type_="idempotency_error")
    return status, body.encode()


def _store(connection: Connection, key: str, status: int, body: bytes) -> None:
    statement = "update idempotency_keys set status = %s, body = %s where key = %s"
    run(connection, statement, status, body.decode(), key)


def _store_refusal(key: str, fingerprint: str, refused: Refused) -> None:
    """What the bank has refused stays refused for that key, though the work was undone."""
    with begin() as connection:
        if not _claim(connection, key, fingerprint):
            _store(connection, key, refused.status, to_json(refused.body))
