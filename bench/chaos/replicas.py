"""Destroys one replica of the origin and damages another under the viewers, then scrubs."""

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from marquee.catalogue import releases
from marquee.catalogue.database import begin
from marquee.content.origin.replica import complete, faults
from marquee.content.pipeline.scrubbing import scrub_release
from marquee.content.pipeline.stores import origins

WATCHED_S = 10.0


@dataclass(frozen=True)
class Mended:
    """Files that were wrong before and after, and the seconds of the scrub."""

    wrong: int
    left: int
    seconds: float


def damage_and_mend(home: Path, regions: tuple[str, ...], title_id: int, release_id: int) -> Mended:
    """One replica is deleted, every third file of another one has other bytes; viewers watch on."""
    shutil.rmtree(home / "origin" / regions[1] / str(title_id))
    for path in sorted((home / "origin" / regions[2] / str(title_id)).rglob("*.m4s"))[::3]:
        content = path.read_bytes()
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    time.sleep(WATCHED_S)
    with begin() as session:
        release = releases.document(releases.get(session, release_id))
    wrong = sum(len(faults(store, release)) for store in origins().values())
    started = time.monotonic()
    scrub_release(release_id)
    seconds = time.monotonic() - started
    left = sum(not complete(store, release) for store in origins().values())
    return Mended(wrong, left, seconds)
