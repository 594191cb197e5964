"""Middleware of every request: the caller's address, trace id, access log, metrics, size limits, security headers."""

import re
import time
import uuid
from typing import Any

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from api.draining import Draining
from api.errors import internal
from api.ops.service import Metrics
from marquee import tracing
from marquee.logs import log

MAX_BODY = 256 * 1024  # bytes; a full batch of events has about half of it
API_POLICY = "default-src 'none'; frame-ancestors 'none'"
PLAIN_PAGE_POLICY = (  # of pages of ours without scripts
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Content-Security-Policy": API_POLICY,
    "Cache-Control": "no-store",  # unless an endpoint knows better
}


class TrustedProxies(ProxyHeadersMiddleware):
    """Takes the caller's address from a trusted proxy, and notes that its other headers may be believed as well."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            peer = scope["client"]
            scope.setdefault("state", {})["by_proxy"] = peer is not None and peer[0] in self.trusted_hosts
        await super().__call__(scope, receive, send)


class Guard:
    """Caps the body and adds the security headers that the answer does not set itself.

    While the process drains, each answer is the last on its connection: none is open and idle when the server closes.
    """

    def __init__(self, app: ASGIApp, draining: Draining | None = None) -> None:
        self._app, self._draining = app, draining

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY.items():
                    headers.setdefault(name, value)
                if self._draining and self._draining.begun:
                    headers["Connection"] = "close"
            await send(message)

        await self._app(scope, _capped(scope, receive), guarded)


def _capped(scope: Scope, receive: Receive) -> Receive:
    declared = Headers(scope=scope).get("content-length", "")
    seen = int(declared) if declared.isdecimal() and int(declared) > MAX_BODY else 0

    async def limited() -> Message:
        nonlocal seen
        message = await receive() if seen <= MAX_BODY else {}
        seen += len(message.get("body", b""))
        if seen > MAX_BODY:
            raise HTTPException(413, f"A body may have {MAX_BODY} bytes.")
        return message

    return limited


class Observe:
    """Gives each request a trace id, logs it without its query (which may hold anything), counts and times it.

    The last net under every error: a client gets a problem, the log gets the traceback.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        parent = Headers(scope=scope).get("traceparent", "")
        if not tracing.on():
            await self._observed(trace_id_of(parent), scope, receive, send)
            return
        with tracing.continued(parent), tracing.span(scope["method"], kind="server"):
            await self._observed(tracing.trace_id(), scope, receive, send)

    async def _observed(self, trace_id: str, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})["trace_id"] = trace_id
        started, status = time.perf_counter(), 0

        async def traced(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Trace-Id"] = trace_id
            await send(message)

        with structlog.contextvars.bound_contextvars(trace_id=trace_id):
            try:
                await self._app(scope, receive, traced)
            except Exception:
                log.exception("unexpected")
                if status:  # the answer has begun: only breaking it off tells the client
                    raise
                await internal(Request(scope))(scope, receive, traced)
            finally:
                self._record(scope, status, time.perf_counter() - started)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unrouted")
        self._metrics.observe(scope["method"], route, status, seconds)
        tracing.rename(f"{scope['method']} {route}")
        tracing.note({"http.route": route, "http.response.status_code": status})
        milliseconds = round(seconds * 1000, 1)
        path = scope["path"] if scope.get("route") else ""  # any other may hold anything, a token for one
        log.info("request", method=scope["method"], path=path, route=route, status=status, ms=milliseconds)


def trace_id_of(traceparent: str) -> str:
    """The caller's trace id (W3C Trace Context), else a new one: 32 hex digits."""
    match = re.fullmatch(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?", traceparent)
    return match[1] if match and int(match[1], 16) else uuid.uuid4().hex
