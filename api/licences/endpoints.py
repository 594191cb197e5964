"""/v1/licences: ClearKey, raw keys, and the operator's licence servers."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response

from api.deps import AddressSession, RawBody, TokenSession
from api.licences import service
from api.licences.schemas import ClearKeyLicence, ClearKeyRequest
from api.openapi import Responses, problems, raw_request

HEX = "^[0-9A-Fa-f]{8}(-?[0-9A-Fa-f]{4}){3}-?[0-9A-Fa-f]{12}$"
router = APIRouter(prefix="/v1/licences", tags=["licences"])
REQUEST = raw_request("application/json", schema=ClearKeyRequest.model_json_schema())
MESSAGE = raw_request("application/octet-stream", schema={"type": "string", "format": "binary"})
HEX_OR_NOTHING = f"^$|{HEX}"
System = Literal["widevine", "playready", "fairplay"]
KeyId = Annotated[str, Path(pattern=HEX, description="32 hex digits, or a UUID")]
NO_STORE = {"Cache-Control": "no-store"}
OCTETS: Responses = {200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}}


@router.post("/clearkey", response_model=ClearKeyLicence, responses=problems(401, 403, 422, 503), openapi_extra=REQUEST)
def issue_clearkey_licence(playback: TokenSession, body: RawBody) -> Response:
    """A ClearKey licence. A key outside the session's release refuses the whole request."""
    return Response(service.clearkey(playback, body), headers=NO_STORE, media_type="application/json")


@router.get("/keys/{kid}", response_class=Response, responses={**OCTETS, **problems(401, 403, 422, 503)})
def get_key(playback: AddressSession, kid: KeyId) -> Response:
    """The 16 bytes of a key, for HLS with `KEYFORMAT="identity"`."""
    return Response(service.raw_key(playback, kid), headers=NO_STORE, media_type="application/octet-stream")


@router.post(
    "/{system}",
    response_class=Response,
    responses={**OCTETS, **problems(401, 403, 404, 422, 503)},
    openapi_extra=MESSAGE,
)
def pass_licence_request(
    playback: TokenSession,
    system: System,
    body: RawBody,
    kid: Annotated[
        str, Query(pattern=HEX_OR_NOTHING, description="FairPlay's: the key id of the `skd://` address")
    ] = "",
) -> Response:
    """A licence of the operator's server for a player's request, renewals too; bytes in, bytes out.

    A key outside the session's tracks refuses the whole request. 404 where no server is set for the system.
    """
    licence = service.of_server(playback, system, body, kid.replace("-", "").lower())
    return Response(licence, headers=NO_STORE, media_type="application/octet-stream")


@router.post(
    "/{system}/release",
    response_class=Response,
    responses={**OCTETS, **problems(401, 403, 404, 422, 503)},
    openapi_extra=MESSAGE,
)
def pass_licence_release(playback: TokenSession, system: System, body: RawBody) -> Response:
    """A licence given back: the message `license-release` of Encrypted Media Extensions, to the operator's server.

    It passes when the session is over, too, and opens nothing. 404 where no server is set for the system.
    """
    answer = service.released(playback, system, body)
    return Response(answer, headers=NO_STORE, media_type="application/octet-stream")


@router.get("/fairplay/certificate", response_class=Response, responses={**OCTETS, **problems(404, 503)})
def get_fairplay_certificate() -> Response:
    """The certificate for which FairPlay players encrypt their requests."""
    cached = {"Cache-Control": "public, max-age=86400"}
    return Response(service.fairplay_certificate(), headers=cached, media_type="application/octet-stream")
