"""Schemas of previews."""

from pydantic import BaseModel

from api.deps import ApiId
from api.playback.schemas import PlaybackGrant


class Preview(BaseModel):
    """A release that `staff` watches until `playback.expires_at`. `name` is the title's original one."""

    title_id: ApiId
    release_id: ApiId
    name: str
    staff: str
    playback: PlaybackGrant
