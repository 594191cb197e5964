"""One release in one replica: checks that it is complete, lists what is wrong, deletes it."""

from collections.abc import Mapping

from pydantic import ValidationError

from marquee.contracts.errors import GateFailed, NotFound
from marquee.contracts.integrity import Fault
from marquee.contracts.release import Release, ReleaseFile
from marquee.storage import Store

RELEASE_FILE = "release.json"


def write_document(store: Store, release: Release) -> None:
    """Write release.json, which closes a replica's copy: last of all, and only where it differs."""
    if document_fault(store, release):
        store.write(f"{release.prefix}/{RELEASE_FILE}", document(release))


def document(release: Release) -> bytes:
    """The bytes of release.json; one without a second encryption or a signature does not speak of it.

    A field that is added later has to be left out at its default likewise: else signatures of before do not hold.
    """
    unsaid = {name for name in ("second", "signature") if getattr(release, name) is None}
    return release.model_dump_json(indent=1, exclude=unsaid).encode()


def read_release(store: Store, title_id: int, release_id: int) -> Release:
    """The release as a replica describes it. Raises NotFound where there is none, GateFailed where it is damaged."""
    key = f"{title_id}/{release_id}/{RELEASE_FILE}"
    try:
        return Release.model_validate_json(store.read(key))
    except ValidationError as error:
        raise GateFailed(f"not a release document: {error.error_count()} errors", where=f"{store.url}/{key}") from None


def fault(store: Store, release: Release, file: ReleaseFile) -> Fault | None:
    """What is wrong with a file in the replica, by its size and its hash; None when nothing is."""
    key = f"{release.prefix}/{file.path}"
    try:
        if store.size(key) != file.size:
            return Fault.SIZE
        return None if store.sha256(key) == file.sha256 else Fault.BYTES
    except NotFound:
        return Fault.MISSING
    except OSError:
        return Fault.UNREADABLE


def holds(store: Store, release: Release, file: ReleaseFile) -> bool:
    """Whether a file is in the replica with its size and its hash."""
    return fault(store, release, file) is None


def faults(store: Store, release: Release) -> dict[str, Fault]:
    """What is wrong in a replica, by path below the release's folder; release.json counts as one of its files."""
    found = {file.path: fault(store, release, file) for file in release.files}
    found[RELEASE_FILE] = document_fault(store, release)
    return {path: wrong for path, wrong in found.items() if wrong}


def document_fault(store: Store, release: Release) -> Fault | None:
    """What is wrong with release.json. It has to say the same; bytes may differ: databases keep no order of keys."""
    try:
        content = store.read(f"{release.prefix}/{RELEASE_FILE}")
        return None if Release.model_validate_json(content) == release else Fault.BYTES
    except ValidationError:
        return Fault.BYTES
    except NotFound:
        return Fault.MISSING
    except OSError:
        return Fault.UNREADABLE


def damaged(store: Store, release: Release) -> tuple[str, ...]:
    """Paths below the release's folder that are missing or wrong in a replica."""
    return tuple(faults(store, release))


def complete(store: Store, release: Release) -> bool:
    """Whether every file is there with the right size and hash."""
    return not damaged(store, release)


def listed(store: Store, release: Release) -> bool:
    """Whether every file is there with its size, as one listing says; what the bytes are, `complete` says."""
    there = {entry.key: entry.size for entry in store.entries(release.prefix)}
    sizes = {f"{release.prefix}/{file.path}": file.size for file in release.files}
    return sizes.items() <= there.items() and f"{release.prefix}/{RELEASE_FILE}" in there


def withdraw(release: Release, origins: Mapping[str, Store]) -> None:
    """Remove a release from all replicas, its manifests first, so that nobody starts what is being taken away.

    Move the catalogue's pointer before calling this. No error where parts are missing already.
    """
    for store in origins.values():
        second = (release.second.hls, release.second.dash) if release.second else ()
        for path in (release.hls, release.dash, *second, RELEASE_FILE):
            store.delete(f"{release.prefix}/{path}")
        store.delete(release.prefix)
