"""Reads the watermark of a capture, and finds the playback session that it was made from."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from marquee.catalogue import playback_sessions, previews, releases
from marquee.catalogue.database import begin
from marquee.content.edge.variants import code
from marquee.content.media.watermark import reader, score
from marquee.content.media.watermark.reader import Readings
from marquee.content.media.watermark.score import Suspect
from marquee.content.pipeline.plans import load
from marquee.content.pipeline.stores import mezzanine, work
from marquee.content.pipeline.watermark_key import watermark_key
from marquee.contracts.errors import InvalidInput
from marquee.logs import log
from marquee.tools.scratch import scratch


@dataclass(frozen=True)
class Found:
    """A suspect with whose session it was: an account, or for previews somebody of the staff."""

    suspect: Suspect
    account_id: int | None
    staff: str | None


def read(
    release_id: int,
    capture: Path,
    *,
    start_s: float = 0,
    seconds: float = 600,
    on_progress: Callable[[float], None] = lambda _: None,
) -> Readings:
    """What a part of a capture shows of a release. Raises as `reader.read` does; NotFound for no such release."""
    with begin() as session:
        plan = load(releases.get(session, release_id).plan)
    key, stores = watermark_key(), (mezzanine(), work())
    with scratch() as folder:
        found = reader.read(
            plan, capture, key, *stores, folder, start_s=start_s, seconds=seconds, on_progress=on_progress
        )
    log.info("watermark read", release_id=release_id, segments=len(found.segments), begins_s=found.begins_s)
    return found


def find(release_id: int, readings: Readings) -> list[Found]:
    """The sessions of a release, previews too, that agree best with what a capture shows; the best first.

    A session that was deleted with its profile is not found. Raises NotFound for no such release, InvalidInput when
    nothing was read.
    """
    if not readings.segments:
        raise InvalidInput("no segment was read", where="capture", expected="a longer one")
    key, segments = watermark_key(), [each.segment for each in readings.segments]
    with begin() as session:
        releases.get(session, release_id)
        every = [*playback_sessions.of_release(session, release_id), *previews.of_release(session, release_id)]
    codes = ((each, code(key, release_id, each, segments[-1] + 1)) for each in every)
    best = score.suspects([each.value for each in readings.segments], codes, segments)
    log.info("watermark search", release_id=release_id, sessions=len(every), named=sum(each.named for each in best))
    return [_whose(each) for each in best]


def _whose(suspect: Suspect) -> Found:
    with begin() as session:
        if row := playback_sessions.find(session, suspect.session_id):
            return Found(suspect, row.account_id, None)
        return Found(suspect, None, previews.maker(session, suspect.session_id))
