"""Shared dependencies of the endpoints: ids, languages, the session's token, the raw body, conditional answers."""

import hashlib
import re
from typing import Annotated, Any

from fastapi import Depends, Header, Query, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import AwareDatetime, BaseModel, BeforeValidator, PlainSerializer, WithJsonSchema

from api import tokens
from api.tokens import Playback
from marquee.catalogue.rows import Ask, Together
from marquee.contracts.errors import Forbidden, Unauthorised
from marquee.settings import settings

MAX_ID = 2**63 - 1
ID = "^([0-9]{1,18}|[0-8][0-9]{18})$"  # below 9e18 and so within 64 bits; ids begin with a time and get there in 2088


def parse_id(value: Any) -> int:
    """An id as it comes from outside, in digits, or from a row. Raises ValueError."""
    if type(value) is int or (isinstance(value, str) and re.fullmatch(ID, value)):
        return int(value)
    raise ValueError("an id is a string of 1 to 19 digits")


ApiId = Annotated[
    int,
    BeforeValidator(parse_id),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": ID, "examples": ["889417031168004096"]}),
]
"""A 64-bit id, a string in JSON."""


def _whole(value: Any) -> int:
    """A whole number of JSON: 7 and 7.0, but neither "7" nor true. Raises ValueError."""
    if type(value) is int or (type(value) is float and value.is_integer()):
        return int(value)
    raise ValueError("a whole number")


WholeNumber = Annotated[int, BeforeValidator(_whole)]
"""An integer as JSON Schema means it; pydantic alone takes true and "7" too."""


def _written_out(value: Any) -> Any:
    """A moment in words and with its zone, not seconds since 1970. Raises ValueError."""
    if isinstance(value, str) and not re.match(r"\d{4}-\d\d-\d\d[Tt ]", value):
        raise ValueError("a moment as of RFC 3339, as 2026-12-24T18:00:00Z")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_written_out)]
"""A moment as JSON Schema's `date-time` means it; pydantic alone takes "0.0" too."""

_bearer = HTTPBearer(
    auto_error=False, scheme_name="session", bearerFormat="JWT", description="The `token` of the playback session."
)


async def token_session(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> Playback:
    """The session that the bearer token is for."""
    return _session_of(credentials, "")


async def address_session(
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    token: Annotated[str, Query(max_length=1000, description="instead of the header, for players that send none")] = "",
) -> Playback:
    """The session that a token is for, in the header or in the address."""
    return _session_of(credentials, token)


def _session_of(credentials: HTTPAuthorizationCredentials | None, token: str) -> Playback:
    if not (shown := credentials.credentials if credentials else token):
        raise Unauthorised("this needs the token of a playback session", where="Authorization", expected="Bearer")
    return tokens.playback_of(shown)


TokenSession = Annotated[Playback, Depends(token_session)]
AddressSession = Annotated[Playback, Depends(address_session)]

_media_bearer = HTTPBearer(auto_error=False, scheme_name="media", description="A media token, as edges have it.")


async def media_bearer(
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_media_bearer)],
) -> str:
    """A media token, not yet verified."""
    if credentials is None:
        raise Unauthorised("this needs a media token", where="Authorization", expected="Bearer")
    return credentials.credentials


MediaBearer = Annotated[str, Depends(media_bearer)]


async def own_session(session_id: ApiId, owner: TokenSession) -> Playback:
    """The session in the path, when the token is its own."""
    if session_id != owner.session_id:
        raise Forbidden("this token is another session's", where="session_id", got=str(session_id))
    return owner


OwnSession = Annotated[Playback, Depends(own_session)]


async def raw_body(request: Request) -> bytes:
    """The body as it came; its size is capped for the whole app."""
    return await request.body()


RawBody = Annotated[bytes, Depends(raw_body)]


async def _ask(request: Request) -> Ask:
    ask: Ask = request.app.state.database.ask
    return ask


AsyncCatalogue = Annotated[Ask, Depends(_ask)]
"""Asks the catalogue's database in the event loop."""


async def _ask_near(request: Request) -> Ask:
    ask: Ask = request.app.state.near.ask
    return ask


NearCatalogue = Annotated[Ask, Depends(_ask_near)]
"""The same of this region's copy of the database, which may be some seconds behind: for what no caller has written."""


async def _together(request: Request) -> Together:
    together: Together = request.app.state.database.together
    return together


AsyncTransaction = Annotated[Together, Depends(_together)]
"""Does so in one transaction."""


async def _languages(accept_language: Annotated[str, Header()] = "") -> tuple[str, ...]:
    return preferred_languages(accept_language)


Languages = Annotated[tuple[str, ...], Depends(_languages)]


def preferred_languages(header: str) -> tuple[str, ...]:
    """Language ranges of an Accept-Language header, most wanted first (RFC 9110, section 12.5.4)."""
    ranges = re.findall(r"(?:^|,)\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)\s*(?:;\s*q=([01](?:\.\d{0,3})?))?", header)
    weighted = [(float(weight or 1), tag) for tag, weight in ranges[:20]]
    return tuple(tag for weight, tag in sorted(weighted, key=lambda pair: -pair[0]) if weight > 0)


def pick_language(wanted: tuple[str, ...], available: list[str]) -> str | None:
    """The lookup of RFC 4647, section 3.4: each range is shortened from its end until a language matches."""
    by_lower = {tag.lower(): tag for tag in available}
    for tag in wanted:
        parts = tag.lower().split("-")
        for length in range(len(parts), 0, -1):
            if found := by_lower.get("-".join(parts[:length])):
                return found
    return None


def base_url(request: Request) -> str:
    """The address of this API for clients: the configured one, else the one it was called by."""
    return str(settings().public_api_url or request.base_url).rstrip("/")


VARY = "Accept-Language, Authorization"  # what a profile may see is not for who watches next in the same browser


def conditional(request: Request, body: BaseModel, *, cache: str, include: Any = None) -> Response:
    """The body with a strong ETag, or 304 when the client has that very representation (RFC 9110, section 13.1.2).

    `include` says which parts of it are told, as pydantic takes it; by default all.
    """
    return representation(request, body.model_dump_json(include=include).encode(), cache=cache)


def representation(request: Request, content: bytes, *, cache: str) -> Response:
    """The same of JSON that is made already."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": cache, "Vary": VARY}
    known = {each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")}
    if known & {tag, "*"}:
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type="application/json")
