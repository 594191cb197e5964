"""The picture of a title in the clear, small and without sound, for people who set marks in it."""

from pathlib import Path

from sqlalchemy import select

from marquee.catalogue import titles
from marquee.catalogue.database import begin
from marquee.catalogue.models import ReleaseRow
from marquee.content.media.join import rendition_key
from marquee.content.pipeline import plans, restoring
from marquee.content.pipeline.stores import work
from marquee.contracts.errors import NotFound
from marquee.contracts.plan import Codec, EncodePlan, Rung
from marquee.logs import log


def clear_picture(title_id: int, *, actor: str) -> Path:
    """An MP4 file of the smallest rendition that every browser plays; its times are the programme's.

    It is of the release that viewers get, else of the newest. What retention has collected is brought back, and
    collected again. Raises NotFound for a title without a release, or one whose plan is not kept; Unavailable where no
    replica has a good copy.
    """
    plan = plans.load(_plan(title_id))
    rung = _smallest(plan)
    key = rendition_key(plan, rung)
    log.info("clear picture", title_id=title_id, rendition=rung.name, actor=actor)
    if not work().exists(key):
        if not restoring.can_restore(plan, rung):
            raise NotFound("the picture is not encoded yet", where=f"title {title_id}", expected=rung.name)
        plans.keep(plan)  # so that retention finds the file
        restoring.restore_video(plan, rung)
    return work().fetch(key)


def _plan(title_id: int) -> str:
    own = ReleaseRow.title_id == title_id, ReleaseRow.document.is_not(None)
    with begin() as session:
        shown = titles.get(session, title_id).current_release
        row = shown or session.scalars(select(ReleaseRow).where(*own).order_by(ReleaseRow.id.desc()).limit(1)).first()
    if row is None:
        raise NotFound("there is no release to look at", where=f"title {title_id}")
    return row.plan


def _smallest(plan: EncodePlan) -> Rung:
    return min(plan.rungs, key=lambda rung: (rung.codec is not Codec.H264, rung.width * rung.height))
