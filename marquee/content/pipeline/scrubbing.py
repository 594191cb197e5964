"""Reads the replicas of published releases through, by suspicion and by age, and repairs them from each other."""

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta

from marquee.catalogue import integrity, releases
from marquee.catalogue.database import begin
from marquee.catalogue.models import now
from marquee.content.origin.scrub import Scrubbed, mend
from marquee.content.pipeline.integrity import require_signed
from marquee.content.pipeline.stores import origins
from marquee.contracts.base import Contract
from marquee.contracts.errors import MarqueeError
from marquee.contracts.ids import Id
from marquee.contracts.integrity import Fault, ReplicaFinding
from marquee.contracts.release import Release
from marquee.logs import log
from marquee.settings import settings

MOST = 10_000  # releases of one run


class Scrubbing(Contract):
    """What one release's check came to. `why` is the suspicion that it followed, if any; `failed` what is left."""

    release_id: Id
    slug: str
    why: str | None
    findings: tuple[ReplicaFinding, ...]
    failed: str | None


def scrub_due(
    *, most_seconds: float, most: int = MOST, say: Callable[[Scrubbing], None] | None = None
) -> list[Scrubbing]:
    """Check what is due, the suspected first, until the time is over; what had findings or failed.

    Each release stands for itself: killed at any moment and run again, it goes on with the next one.
    """
    with begin() as session:
        before = now() - timedelta(days=settings().scrub_days)
        wanted = integrity.due(session, before, most)
    until, told = time.monotonic() + most_seconds, []
    for done, (release_id, why) in enumerate(wanted, start=1):
        result = scrub_release(release_id, why)
        log.info("scrub", done=done, of=len(wanted), title=result.slug, release_id=release_id, failed=result.failed)
        if say:
            say(result)
        if result.findings or result.failed:
            told.append(result)
        if time.monotonic() > until:
            break
    return told


def suspect_troubled(troubled: Mapping[int, int]) -> int:
    """Suspect releases by the number of their requests that failed at edges; how many of them there are.

    One that was collected or deleted since is left out.
    """
    suspected = 0
    for release_id, failures in troubled.items():
        with begin() as session:
            if not releases.is_known(session, release_id):
                continue
            integrity.suspect(session, release_id, f"{failures} requests failed at edges")
        suspected += 1
    return suspected


def scrub_release(release_id: int, why: str | None = None) -> Scrubbing:
    """Compare all replicas of a release with its signed document, repair them, and keep what was found.

    One that could not be made whole stays suspected.
    """
    began = now()
    with begin() as session:
        release = releases.document(releases.get(session, release_id))
    try:
        require_signed(release)  # else a document changed in the database would make good files look wrong
    except MarqueeError as error:
        return _failed(release, why, (), str(error))
    done = mend(release, origins())
    findings = tuple(_findings(release, done))
    with begin() as session:
        integrity.note(session, findings)
        if not done.lost and not done.refused:
            integrity.checked(session, release_id, began)
    if done.lost:
        return _failed(release, why, findings, f"no replica has a good copy of {', '.join(done.lost[:5])}")
    if done.refused:
        return _failed(release, why, findings, "; ".join(f"{r}: {said}" for r, said in done.refused.items()))
    return Scrubbing(release_id=release_id, slug=release.slug, why=why, findings=findings, failed=None)


def _failed(release: Release, why: str | None, findings: tuple[ReplicaFinding, ...], said: str) -> Scrubbing:
    with begin() as session:
        integrity.suspect(session, release.release_id, said)
    return Scrubbing(release_id=release.release_id, slug=release.slug, why=why, findings=findings, failed=said)


def _findings(release: Release, done: Scrubbed) -> Iterator[ReplicaFinding]:
    for region, wrong in done.found.items():
        yield ReplicaFinding(
            release_id=release.release_id,
            region=region,
            at=now(),
            found={each: count for each in Fault if (count := sum(kind is each for kind in wrong.values()))},
            lost=done.lost,
            repaired=len(done.repaired.get(region, ())),
        )
