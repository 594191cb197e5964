"""The whole pipeline in one process, step by step: for tests, trials and machines without Airflow."""

from pathlib import Path

from marquee.content.pipeline import encoding, ingest, laddering, planning, quality, releasing, verifying
from marquee.content.pipeline.releasing import Shown
from marquee.contracts.errors import GateFailed
from marquee.contracts.plan import DrmScheme
from marquee.contracts.qc import Severity
from marquee.settings import settings


def carry(
    delivery: str,
    *,
    inbox: Path | None = None,
    ladder: str = "standard",
    qc_profile: str = "ebu-r128",
    scheme: str = "cbcs",
    crop: str = "",
    delivery_id: int | None = None,
    reuse: int | None = None,
    new_keys: bool = False,
    actor: str = "inline",
) -> Shown:
    """Carry a delivery to publication, waiving QC's warnings in the name of `actor`. Edges are not warmed.

    `inbox` is the folder that holds the delivery, where it is not the platform's own; `delivery_id` is one that was
    accepted before. `crop`, `reuse` and `new_keys` are those of `planning.plan`.

    Raises DeliveryRefused, GateFailed when QC fails the title, and whatever a step raises.
    """
    taken = ingest.ingest(delivery, inbox_folder=inbox, delivery_id=delivery_id)
    checked = quality.check(taken.delivery_id, qc_profile)
    if checked.verdict is Severity.FAIL or checked.decision == quality.REJECT:
        raise GateFailed(f"rejected by QC:\n{checked.summary}", where=taken.slug)
    if checked.verdict is Severity.WARN and checked.decision is None:
        quality.decide(checked.report_id, quality.WAIVE, "carried by hand", actor)
    made = taken.delivery_id, checked.report_id
    for probe in planning.probes(*made, ladder=ladder, crop=crop, reuse=reuse):
        laddering.probe(probe)
    planned = planning.plan(*made, ladder=ladder, scheme=DrmScheme(scheme), crop=crop, reuse=reuse, new_keys=new_keys)
    if not planned.published:
        for job in planned.chunks:
            encoding.encode(job)
        for track in planned.tracks:
            encoding.make_track(track)
        for rung in planned.rungs:
            encoding.join_and_verify(planned.plan, rung)
        laddering.settle(planned.plan)
        releasing.package(planned.release_id)
        verifying.require_verified(planned.release_id, play=settings().verify_plays)
    return releasing.publish(planned.release_id, actor=actor)
