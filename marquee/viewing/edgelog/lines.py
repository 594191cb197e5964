"""Reads one line of an edge's log, as deploy/nginx/edge.conf.j2 writes it."""

import re
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import from_json

from marquee.contracts.ids import EPOCH_MS
from marquee.viewing.edgelog import cmcd

LATEST_S = 4_102_444_800  # 2100-01-01
LONGEST_PATH = 400
MEDIA = re.compile(r"/\d+/\d+/(?P<kind>video|audio|text|thumbs|art)/(?:(?P<rendition>[^/]+)/)?(?P<name>[^/]+)$")
SEGMENT = re.compile(r"(\d{1,9})\.m4s$")


class EdgeLine(BaseModel):
    """The fields of a line that we need; an edge may log more."""

    model_config = ConfigDict(strict=True)
    at: float = Field(ge=EPOCH_MS / 1000, lt=LATEST_S)
    request: str = Field(pattern=r"^[0-9a-f]{1,32}$")
    edge: str = Field(min_length=1, max_length=40)
    session: str = Field(pattern=r"^\d{0,19}$")
    method: str = Field(max_length=40)
    path: str
    status: int = Field(ge=0, le=999)
    bytes: int = Field(ge=0)
    seconds: float = Field(ge=0)
    cache: str
    upstream_seconds: str
    cmcd: str


LINE = TypeAdapter(EdgeLine)


def parse(line: bytes) -> dict[str, Any]:
    """A row of `edge_requests` without what is known of its viewer. Raises ValueError, which says what is wrong.

    `session_id` is 0 for a warm-up and for a request without a token of ours.
    """
    try:
        # A path may hold any bytes, and nginx writes them as they came.
        found = LINE.validate_python(from_json(line.decode(errors="replace"), allow_inf_nan=False))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise ValueError(f"{'.'.join(map(str, first['loc'])) or 'line'}: {first['msg']}") from None
    session_id = int(found.session or 0)
    if session_id >= 1 << 63:
        raise ValueError("session: beyond 64 bits")
    return {
        "session_id": session_id,
        "request_id": found.request,
        "at_ms": round(found.at * 1000),
        "edge": found.edge,
        "method": found.method,
        "path": found.path[:LONGEST_PATH],
        **_object(found.path),
        "status": found.status,
        "bytes": found.bytes,
        "ms": round(found.seconds * 1000),
        "cache": found.cache.strip("-") or None,
        "upstream_ms": _upstream_ms(found.upstream_seconds),
        **cmcd.parse(found.cmcd),
    }


def _object(path: str) -> dict[str, Any]:
    """What of a release a path names."""
    found = MEDIA.match(path)
    if not found:
        return {}
    number = SEGMENT.match(found["name"])
    initial = found["kind"] in ("video", "audio") and found["name"] == "init.mp4"
    segment = int(number[1]) if number else 0 if initial else None
    return {"kind": found["kind"], "rendition": found["rendition"], "segment": segment}


def _upstream_ms(text: str) -> int | None:
    """Of one or several attempts, as nginx lists them: `0.004`, `2.001, 0.010`, `0.003 : 0.001`, `-`."""
    waits = [float(part) for part in re.split(r"[,:\s]+", text) if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", part)]
    return round(sum(waits) * 1000) if waits else None
