"""The event schema: what clients report. Each event is identified by its stream and its number in it.

Player events belong to a playback session, browse events to a visit (one showing of the home page). Both ids are made
by the server, so the time at which a stream began is known whatever the viewer's clock says. The names of the player
events follow the definitions used by Mux Data and Conviva.
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


# No stream comes near these; a client that has lost its mind does, and would bend every sum that it enters.
MOST = 1_000_000_000  # events, bit/s, frames
MOST_POSITION_MS = 14 * 24 * 3600 * 1000
Seq = Annotated[int, Field(ge=0, lt=MOST, description="grows by one from 0 within a session or a visit")]


EdgeName = Annotated[str, StringConstraints(max_length=40, pattern=r"^[A-Za-z0-9._-]+$")]


class Fetched(Contract):
    """What has come from one edge since the session began, as the player counted it."""

    edge: EdgeName
    segments: int = Field(ge=0, le=MOST, description="pieces of video and sound, initialisation segments among them")
    bytes: int = Field(ge=0, le=1 << 53)


class PlayerEvent(Contract):
    """One event. `viewer_time_ms` is the viewer's clock (Unix ms), `position_ms` the place in the programme."""

    version: Literal[1] = 1  # of this schema
    session_id: Id
    seq: Seq
    name: EventName
    viewer_time_ms: int = Field(ge=0)
    position_ms: int = Field(ge=0, le=MOST_POSITION_MS)
    rendition: Annotated[str, StringConstraints(max_length=40)] | None = None
    bitrate: int | None = Field(default=None, ge=0, le=MOST, description="bit/s of the video rendition playing")
    dropped_frames: int | None = Field(default=None, ge=0, le=MOST)
    edge: Annotated[str, StringConstraints(max_length=40)] | None = None
    error: PlayerError | None = None
    fetched: tuple[Fetched, ...] = Field(default=(), max_length=20, description="by edge, since the session began")


class BrowseName(StrEnum):
    SHOWN = "shown"  # a row came into view: the exposure
    SEARCH = "search"
    SELECT = "select"  # a title was opened
    PLAY = "play"  # and played


class BrowseEvent(Contract):
    """One event of a visit. `visit_id` is what the rows were answered with.

    `row` is the kind of row (RowKind), `titles` what was shown or chosen, in order; `generation` and `arm` say which
    recommendations and which side of an experiment they came from, as the rows' answer did.
    """

    version: Literal[1] = 1
    visit_id: Id
    seq: Seq
    name: BrowseName
    viewer_time_ms: int = Field(ge=0)
    row: Annotated[str, StringConstraints(max_length=40)] | None = None
    position: int | None = Field(default=None, ge=0, description="place of the chosen title in its row or results")
    titles: tuple[Id, ...] = Field(default=(), max_length=100)
    query: Annotated[str, StringConstraints(max_length=200)] | None = None
    results: int | None = Field(default=None, ge=0, description="how many titles a search found")
    session_id: Id | None = None  # of the playback that `play` opened
    generation: Id | None = None
    arm: Annotated[str, StringConstraints(max_length=40)] | None = None


class EventBatch(Contract):
    """What `POST /v1/events` takes: up to 200 events, of one or several sessions and visits."""

    events: tuple[PlayerEvent | BrowseEvent, ...] = Field(min_length=1, max_length=200)
