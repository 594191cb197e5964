"""POST /v1/licences/clearkey and GET /v1/licences/keys/{kid}."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from api.deps import AddressSession, RawBody, TokenSession
from api.licences import service
from api.licences.schemas import ClearKeyLicence, ClearKeyRequest
from api.openapi import Responses, problems, raw_request

HEX = "^[0-9A-Fa-f]{8}(-?[0-9A-Fa-f]{4}){3}-?[0-9A-Fa-f]{12}$"
router = APIRouter(prefix="/v1/licences", tags=["licences"])
REQUEST = raw_request("application/json", schema=ClearKeyRequest.model_json_schema())
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
