"""Repairs replicas from each other."""

from collections.abc import Mapping

from marquee.content.origin.publish import publication_order
from marquee.content.origin.replica import damaged, holds, write_document
from marquee.contracts.errors import Unavailable
from marquee.contracts.release import Release, ReleaseFile
from marquee.logs import log
from marquee.storage import Store


def scrub(release: Release, origins: Mapping[str, Store]) -> dict[str, tuple[str, ...]]:
    """Replace missing and wrong files of a release by good copies of other replicas; returns what was repaired where.

    Viewers may go on playing meanwhile: each file changes atomically. Raises Unavailable, after all that can be
    repaired is, when a file has no good copy anywhere: publish the release again from its work files then.
    """
    wrong = {region: set(damaged(store, release)) for region, store in origins.items()}
    lost = [file.path for file in publication_order(release.files) if not _repair(file, release, origins, wrong)]
    if lost:
        expected = "one replica to hold each file"
        raise Unavailable("no replica has a good copy", where=release.prefix, expected=expected, got=", ".join(lost))
    for store in origins.values():
        write_document(store, release)
    repaired = {region: tuple(sorted(paths)) for region, paths in wrong.items() if paths}
    log.info("scrubbed", release=release.prefix, repaired={region: len(paths) for region, paths in repaired.items()})
    return repaired


def _repair(file: ReleaseFile, release: Release, origins: Mapping[str, Store], wrong: Mapping[str, set[str]]) -> bool:
    """Bring one file to the replicas that lack it; false when none has it."""
    lacking = [region for region, paths in wrong.items() if file.path in paths]
    if not lacking:
        return True
    source = next((store for region, store in origins.items() if region not in lacking), None)
    if source is None:
        return False
    key = f"{release.prefix}/{file.path}"
    content = source.read(key)
    for region in lacking:
        origins[region].write(key, content)
    return all(holds(origins[region], release, file) for region in lacking)
