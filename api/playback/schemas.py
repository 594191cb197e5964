"""Schemas of playback: capabilities, request, grant, heartbeat."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from api.deps import ApiId, WholeNumber

Short = Annotated[str, StringConstraints(max_length=80)]


class Capabilities(BaseModel):
    """What the player can do. An empty list means that it has not looked.

    A protected title is refused to a player that names key systems, none of which is served. Codecs are the player's
    own choice from the manifest; they are accepted for the record of clients that know them.
    """

    model_config = ConfigDict(extra="forbid")
    codecs: list[Short] = Field(default=[], max_length=50)
    drm: list[Short] = Field(default=[], max_length=50, examples=[["org.w3.clearkey"]])
    schemes: list[Literal["cbcs", "cenc"]] = Field(
        default=[], max_length=2, description="by which it can decrypt (ISO/IEC 23001-7); empty: all"
    )


class PlaybackRequest(BaseModel):
    """A wish to play a title."""

    model_config = ConfigDict(extra="forbid")
    title_id: ApiId
    capabilities: Capabilities = Capabilities()
    prepare: StrictBool = Field(
        default=False,
        description="nobody has asked to play yet: the session takes its place among the plan's streams with its first "
        "heartbeat, and is over without one after a minute",
    )


class Manifest(BaseModel):
    """One way to the stream; they come in the order of preference. `url` works as it stands, until the session ends."""

    url: str
    type: Literal["application/dash+xml", "application/vnd.apple.mpegurl"]
    edge: str


class Edge(BaseModel):
    """A server of media: its name in manifests and logs, and the URL at which its paths begin."""

    name: str
    url: str


class MediaAccess(BaseModel):
    """The token in the paths of media, `/m/<token>/…`. Lives `expires_in` seconds; a heartbeat answers with a new one.

    A player puts the newest in the place of the one that a manifest has written.
    """

    token: str
    expires_in: int


class Drm(BaseModel):
    """Licence servers and server certificates by key system, and the token to send as `Authorization: Bearer`."""

    servers: dict[str, str]
    certificates: dict[str, str]
    token: str


class Segment(BaseModel):
    """A stretch that viewers may want to skip: `intro` or `credits`."""

    kind: Literal["intro", "credits"]
    start_s: float
    end_s: float


class Chapter(BaseModel):
    """A part of the programme, up to the next one. `name` is in the language of `Accept-Language`."""

    start_s: float
    name: str


class TextTrack(BaseModel):
    """A subtitle track; `url` is its WebVTT file on the preferred edge, for players that load it apart."""

    language: str
    kind: str
    url: str


class SeekPictures(BaseModel):
    """WebVTT that points into sprite sheets."""

    vtt_url: str


class PlaybackGrant(BaseModel):
    """A playback session. `token` authorises heartbeats and the end; `drm` is null for a title in the clear."""

    session_id: ApiId
    token: str
    manifests: list[Manifest]
    edges: list[Edge]
    media: MediaAccess
    drm: Drm | None
    resume_ms: int
    heartbeat_s: int
    events: bool = Field(description="whether events of this session are taken; those of a trailer are not")
    segments: list[Segment]
    chapters: list[Chapter]
    text: list[TextTrack]
    thumbnails: SeekPictures | None
    expires_at: datetime


class Heartbeat(BaseModel):
    """Where the player is in the programme."""

    model_config = ConfigDict(extra="forbid")
    position_ms: WholeNumber = Field(ge=0, le=2**53)
    last: bool = Field(default=False, description="the player goes away: the session ends with this position")
