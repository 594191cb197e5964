"""POST /v1/previews."""

from fastapi import APIRouter, Request

from api.accounts.schemas import Link
from api.context import CallContext, ClientAddress
from api.deps import AsyncTransaction, Languages, base_url
from api.openapi import problems
from api.previews import service
from api.previews.schemas import Preview

router = APIRouter(prefix="/v1/previews", tags=["playback"])


@router.post("", status_code=201, responses=problems(404, 410, 422, 503))
async def open_preview(
    request: Request,
    wanted: Link,
    context: CallContext,
    address: ClientAddress,
    languages: Languages,
    together: AsyncTransaction,
) -> Preview:
    """Spend a link of the desk for the playback of its release, which goes on as a member's session does.

    It takes no place, keeps no position, and its events are refused: nothing counts it as viewing.
    """
    return await service.open_preview(together, wanted.token, context, address, base_url(request), languages)
