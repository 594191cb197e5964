"""Copies a release to every replica; the caller moves the catalogue's pointer."""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from marquee.content.origin.replica import holds, write_document
from marquee.contracts.errors import GateFailed, Unavailable
from marquee.contracts.release import Release, ReleaseFile
from marquee.logs import log
from marquee.storage import Store

OnProgress = Callable[[str, int, int], None]
"""Called with (region, files done, files in all); never by two threads at once."""


def replicate(
    folder: Path, release: Release, origins: Mapping[str, Store], on_progress: OnProgress | None = None
) -> None:
    """Copy a release folder to all replicas, in parallel, each in publication order, and verify what they then hold.

    Files that are there and right are not copied again, so a broken run is resumed by calling this again. Earlier
    releases are not touched. Raises GateFailed when the folder does not hold what the release says, and Unavailable
    when a replica cannot be written; the other replicas are brought to their end all the same.
    """
    report = _serialised(on_progress or _silent)
    with ThreadPoolExecutor(max_workers=max(1, len(origins))) as pool:
        running = {
            region: pool.submit(_copy_all, folder, release, region, store, report) for region, store in origins.items()
        }
    failures = {region: error for region, future in running.items() if (error := future.exception())}
    for region, error in failures.items():
        log.error("replication failed", region=region, release=release.prefix, error=str(error))
    if failures:
        raise _combined(failures)


def publication_order(files: Sequence[ReleaseFile]) -> list[ReleaseFile]:
    """Segments and pictures, then HLS media playlists, then the two manifests: nothing names what is not there."""
    return sorted(files, key=lambda file: (_rank(file.path), file.path))


def _rank(path: str) -> int:
    if path.endswith((".mpd", "master.m3u8")):
        return 2
    return 1 if path.endswith(".m3u8") else 0


def _copy_all(folder: Path, release: Release, region: str, store: Store, report: OnProgress) -> None:
    total = len(release.files)
    for done, file in enumerate(publication_order(release.files), start=1):
        if not holds(store, release, file):
            _copy(folder, release, file, region, store)
        report(region, done, total)
    write_document(store, release)


def _copy(folder: Path, release: Release, file: ReleaseFile, region: str, store: Store) -> None:
    source = folder / file.path
    if not source.is_file():
        raise GateFailed("the release folder lacks a file", where=file.path, expected=file.sha256)
    put_whole(source, f"{release.prefix}/{file.path}", file.sha256, region, store)


def put_whole(source: Path, key: str, sha256: str, region: str, store: Store) -> None:
    """Copy a file into a replica, and look at what has landed. Raises Unavailable, GateFailed."""
    try:
        store.put(key, source)
        landed = store.sha256(key)
    except OSError as error:
        raise Unavailable(f"replica {region} cannot be written: {error}", where=f"{store.url}/{key}") from error
    if landed != sha256:
        raise GateFailed("not the bytes of the release", where=f"{store.url}/{key}", expected=sha256, got=landed)


def _combined(failures: Mapping[str, BaseException]) -> BaseException:
    """One error for all regions: the only one as it is, several as one sentence."""
    if len(failures) == 1:
        return next(iter(failures.values()))
    kind = GateFailed if any(isinstance(error, GateFailed) for error in failures.values()) else Unavailable
    return kind("; ".join(f"{region}: {error}" for region, error in failures.items()), where=", ".join(failures))


def _serialised(on_progress: OnProgress) -> OnProgress:
    lock = threading.Lock()

    def report(region: str, done: int, total: int) -> None:
        with lock:
            on_progress(region, done, total)

    return report


def _silent(region: str, done: int, total: int) -> None:
    """Progress nobody asked for."""
