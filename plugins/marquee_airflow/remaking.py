"""Starts runs of the title pipeline that make a title anew: with a replaced track, or encoded again."""

from marquee.content.desk import again, sheet, tracks
from marquee.content.desk.again import Encoding
from marquee.content.desk.basis import Run
from marquee.content.pipeline import uploads
from marquee.content.pipeline.uploads import UploadState
from marquee.contracts.delivery import TrackFile
from marquee.contracts.errors import NotFound, Outdated
from marquee_airflow.rollback import Started
from marquee_airflow.runs import start_run

DAG = "title_pipeline"


def announce_track(title_id: int, version: int | None, track: TrackFile, size: int, by: str) -> UploadState:
    """Begin the upload of a track of a title. Raises NotFound, Outdated, InvalidInput, Conflict, StorageFull."""
    found = sheet.title_sheet(title_id)
    if version not in (None, found.version):
        raise Outdated("somebody has changed the title since", where="version", expected=str(found.version))
    return uploads.announce_track(found.slug, found.name, track, size, actor=by)


def replace_track(title_id: int, version: int | None, upload_id: int, by: str, note: str = "") -> Started:
    """Put an uploaded track in, and start the run that makes it; done again it is the same run.

    Raises NotFound for an upload of another title, and what `tracks.replace` and `uploads.whole_track` raise.
    """
    if uploads.state(upload_id).slug != sheet.title_sheet(title_id).slug:
        raise NotFound("no such upload of this title", where="upload_id", got=str(upload_id))
    with uploads.whole_track(upload_id) as (track, folder):
        replaced = tracks.replace(title_id, version, track, folder, actor=by, note=note)
        return _start(replaced.run, by, run_id=f"track__{replaced.slug}__{upload_id}")


def encode_again(title_id: int, wanted: Encoding, by: str) -> Started:
    """Start the run that encodes a title again. Raises what `again.encode_again` raises."""
    return _start(again.encode_again(title_id, wanted, actor=by), by)


def _start(run: Run, by: str, run_id: str | None = None) -> Started:
    conf = run.model_dump(mode="json", exclude_none=True)
    return Started(dag_id=DAG, run_id=start_run(DAG, conf, by, run_id=run_id))
