"""Repairs replicas from each other."""

from collections.abc import Mapping
from dataclasses import dataclass

from marquee.content.origin.publish import publication_order
from marquee.content.origin.replica import RELEASE_FILE, faults, holds, write_document
from marquee.contracts.errors import MarqueeError, Unavailable
from marquee.contracts.integrity import Fault
from marquee.contracts.release import Release, ReleaseFile
from marquee.logs import log
from marquee.storage import Store

Found = Mapping[str, Mapping[str, Fault]]
"""What is wrong, by region and path."""


@dataclass(frozen=True)
class Scrubbed:
    """What was found, which of it is right now, and the paths of which no replica has a good copy, all by region."""

    found: Found
    repaired: Mapping[str, tuple[str, ...]]
    lost: tuple[str, ...]
    refused: Mapping[str, str]  # replicas that could not be written, with what they said


def scrub(release: Release, origins: Mapping[str, Store]) -> dict[str, tuple[str, ...]]:
    """Replace missing and wrong files of a release by good copies of other replicas; returns what was repaired where.

    Viewers may go on playing meanwhile: each file changes atomically. Raises Unavailable, after all that can be
    repaired is, when a file has no good copy anywhere: publish the release again from its work files then; or when a
    replica cannot be written.
    """
    done = mend(release, origins)
    if done.lost:
        expected, got = "one replica to hold each file", ", ".join(done.lost)
        raise Unavailable("no replica has a good copy", where=release.prefix, expected=expected, got=got)
    for region, said in done.refused.items():
        raise Unavailable(f"replica {region} cannot be written", where=release.prefix, got=said)
    return dict(done.repaired)


def mend(release: Release, origins: Mapping[str, Store]) -> Scrubbed:
    """The same, telling all of it: what a replica lacks is repaired as far as it can be written."""
    found = {region: faults(store, release) for region, store in origins.items()}
    order = publication_order(release.files)
    lost = tuple(file.path for file in order if all(file.path in wrong for wrong in found.values()))
    repaired: dict[str, tuple[str, ...]] = {}
    refused: dict[str, str] = {}
    for region, wrong in found.items():
        files = [file for file in order if file.path in wrong and file.path not in lost]
        try:
            _repair(region, files, release, origins, found)
            if not lost:
                write_document(origins[region], release)
        except (OSError, MarqueeError) as error:
            refused[region] = str(error)
        mended = [file.path for file in files if holds(origins[region], release, file)]
        repaired[region] = tuple(sorted([*mended, RELEASE_FILE] if RELEASE_FILE in wrong and not lost else mended))
    repaired = {region: paths for region, paths in repaired.items() if paths}
    log.info("scrubbed", release=release.prefix, repaired={region: len(paths) for region, paths in repaired.items()})
    return Scrubbed({region: wrong for region, wrong in found.items() if wrong}, repaired, lost, refused)


def _repair(
    region: str, files: list[ReleaseFile], release: Release, origins: Mapping[str, Store], found: Found
) -> None:
    for file in files:
        source = next(store for other, store in origins.items() if file.path not in found[other])
        key = f"{release.prefix}/{file.path}"
        origins[region].write(key, source.read(key))
