"""Cache of published releases, which never change: what each offers viewers."""

from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from starlette.concurrency import run_in_threadpool

from marquee.catalogue import titles
from marquee.catalogue.database import begin
from marquee.contracts.release import Release
from marquee.contracts.title import Marks

MOST = 10_000  # releases held; the longest held go first
WATCHED = 0.95  # of the programme, where nothing says when the credits begin


@dataclass(frozen=True)
class ReleaseFacts:
    """A release without its list of files; `extras` are the paths of its pictures, `source` the hash of its film."""

    release: Release
    extras: frozenset[str]
    source: str

    def marked(self, by_source: Mapping[str, Any]) -> "ReleaseFacts":
        """The same with the marks that a person has set on this film, where one has."""
        if (marks := by_source.get(self.source)) is None:
            return self
        return replace(self, release=self.release.model_copy(update={"marks": Marks.model_validate(marks)}))

    @property
    def thumbnails(self) -> str | None:
        """The WebVTT file of the seek-bar pictures, where the release has one."""
        return self.release.thumbnails if self.release.thumbnails in self.extras else None

    def resume_ms(self, position_ms: int) -> int:
        """Where to go on from a remembered position: the beginning once the credits have been reached."""
        return position_ms if position_ms < ends_ms(self.release.duration_s, self.release.marks.credits_start_s) else 0


def ends_ms(duration_s: float, credits_start_s: float | None) -> float:
    """From where on a programme counts as seen to the end."""
    return (credits_start_s or WATCHED * duration_s) * 1000


_held: OrderedDict[int, ReleaseFacts] = OrderedDict()


def facts(release_id: int) -> ReleaseFacts:
    """The facts of a packaged release; the first time, from the database. Raises NotFound."""
    if (held := _held.get(release_id)) is not None:
        return held
    with begin() as session:
        found = ReleaseFacts(*titles.release_for_viewers(session, release_id))
    _held[release_id] = found
    while len(_held) > MOST:
        _held.popitem(last=False)
    return found


async def facts_of(release_ids: Collection[int]) -> dict[int, ReleaseFacts]:
    """The facts of several releases, for the event loop: what is not held is read in a thread. Raises NotFound."""
    if any(release_id not in _held for release_id in release_ids):
        return await run_in_threadpool(lambda: {release_id: facts(release_id) for release_id in release_ids})
    return {release_id: facts(release_id) for release_id in release_ids}
