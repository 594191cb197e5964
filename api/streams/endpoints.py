"""/v1/account/streams."""

from collections.abc import Sequence
from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from api.deps import ApiId, AsyncCatalogue, Languages, pick_language
from api.members import PresentMember
from api.openapi import problems
from marquee.catalogue import titles
from marquee.catalogue.database import begin
from marquee.members import streams

router = APIRouter(prefix="/v1/account/streams", tags=["streams"])


class PlayingStream(BaseModel):
    """What plays on a device. `name` is the title's, in the language of `Accept-Language`."""

    session_id: ApiId
    device: str
    profile_id: ApiId
    title_id: ApiId
    name: str
    started_at: datetime


class StreamList(BaseModel):
    """What plays now, the oldest first."""

    items: list[PlayingStream]


@router.get("", responses=problems(401, 422, 503))
async def list_streams(member: PresentMember, languages: Languages, ask: AsyncCatalogue) -> StreamList:
    """What the account's devices play now."""
    found = await streams.playing_of(ask, member.account_id)
    names = await run_in_threadpool(_names, [each.title_id for each in found], languages)
    return StreamList(
        items=[
            PlayingStream(
                session_id=each.session_id,
                device=each.device,
                profile_id=each.profile_id,
                title_id=each.title_id,
                name=names.get(each.title_id, ""),
                started_at=each.started_at,
            )
            for each in found
        ]
    )


def _names(title_ids: Sequence[int], languages: tuple[str, ...]) -> dict[int, str]:
    with begin() as session:
        return {
            title.id: title.text(pick_language(languages, [text.language for text in title.texts])).name
            for title in titles.by_ids(session, title_ids).values()
        }


@router.delete("/{session_id}", status_code=204, responses=problems(401, 404, 422, 503))
async def stop_stream(member: PresentMember, session_id: ApiId, ask: AsyncCatalogue) -> None:
    """Stop what a device plays. Its player hears it within a heartbeat."""
    await streams.stop(ask, member, session_id)
