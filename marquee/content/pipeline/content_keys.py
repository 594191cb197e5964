"""The content keys of releases, as the catalogue keeps them wrapped."""

from sqlalchemy.orm import Session

from marquee.catalogue import releases
from marquee.content.drm.keys import unwrap
from marquee.contracts.keys import ContentKey, TrackType
from marquee.settings import settings


def of_release(session: Session, release_id: int) -> dict[TrackType, ContentKey]:
    """The keys of a release by track type; none of one in the clear. Raises Unavailable under another master key."""
    master = settings().secret("master_key")
    return {
        (track := TrackType(row.track_type)): unwrap(
            row.wrapped, kid=row.kid, track=track, master=master, release_id=release_id
        )
        for row in releases.keys(session, release_id)
    }
