"""/v1/account/streams."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from api.deps import ApiId, Languages, pick_language
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
def list_streams(member: PresentMember, languages: Languages) -> StreamList:
    """What the account's devices play now."""
    with begin() as session:
        found = streams.playing_of(session, member.account_id)
        known = titles.by_ids(session, [each.title_id for each in found])
        names = {
            title.id: title.text(pick_language(languages, [text.language for text in title.texts])).name
            for title in known.values()
        }
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


@router.delete("/{session_id}", status_code=204, responses=problems(401, 404, 422, 503))
def stop_stream(member: PresentMember, session_id: ApiId) -> None:
    """Stop what a device plays. Its player hears it within a heartbeat."""
    streams.stop(member, session_id)
