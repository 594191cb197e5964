"""Player events: the one schema of what a player says happened. Versioned; deduplicated on (session_id, seq).

The event names follow the definitions used by Mux Data and Conviva.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from marquee.contracts.base import Contract
from marquee.contracts.ids import Id


class EventName(StrEnum):
    VIEW_START = "viewstart"  # the viewer asked to play
    LOAD_START = "loadstart"
    MANIFEST_LOADED = "manifestloaded"
    LICENCE_REQUEST = "licenserequest"
    LICENCE_RESPONSE = "licenseresponse"
    FIRST_FRAME = "firstframe"
    PLAYING = "playing"
    PAUSE = "pause"
    SEEKING = "seeking"
    SEEKED = "seeked"
    REBUFFER_START = "rebufferstart"
    REBUFFER_END = "rebufferend"
    RENDITION_CHANGE = "renditionchange"
    CDN_CHANGE = "cdnchange"
    ERROR = "error"
    HEARTBEAT = "heartbeat"
    ENDED = "ended"
    VIEW_END = "viewend"


class PlayerError(Contract):
    fatal: bool
    category: Annotated[str, StringConstraints(max_length=40)]
    code: Annotated[str, StringConstraints(max_length=80)]
    business: bool = False  # a refusal by policy (not entitled, too many streams), not a failure


class PlayerEvent(Contract):
    """One event. `viewer_time_ms` is the viewer's clock (Unix ms), `position_ms` the place in the programme."""

    version: Literal[1] = 1  # of this schema
    session_id: Id
    seq: int = Field(ge=0, description="grows by one from 0 within a session")
    name: EventName
    viewer_time_ms: int = Field(ge=0)
    position_ms: int = Field(ge=0)
    rendition: Annotated[str, StringConstraints(max_length=40)] | None = None
    bitrate: int | None = Field(default=None, ge=0, description="bit/s of the video rendition playing")
    dropped_frames: int | None = Field(default=None, ge=0)
    edge: Annotated[str, StringConstraints(max_length=40)] | None = None
    error: PlayerError | None = None


class EventBatch(Contract):
    """What `POST /v1/events` takes: up to 200 events, of one or several sessions."""

    events: tuple[PlayerEvent, ...] = Field(min_length=1, max_length=200)
