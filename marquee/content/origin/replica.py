"""One release in one replica: checks that it is complete, lists what is wrong, deletes it."""

from collections.abc import Mapping

from pydantic import ValidationError

from marquee.contracts.errors import GateFailed, NotFound
from marquee.contracts.release import Release, ReleaseFile
from marquee.storage import Store

RELEASE_FILE = "release.json"


def write_document(store: Store, release: Release) -> None:
    """Write release.json, which closes a replica's copy: last of all, and only where it differs."""
    key, content = f"{release.prefix}/{RELEASE_FILE}", document(release)
    if not (store.exists(key) and store.read(key) == content):
        store.write(key, content)


def document(release: Release) -> bytes:
    """The bytes of release.json."""
    return release.model_dump_json(indent=1).encode()


def read_release(store: Store, title_id: int, release_id: int) -> Release:
    """The release as a replica describes it. Raises NotFound where there is none, GateFailed where it is damaged."""
    key = f"{title_id}/{release_id}/{RELEASE_FILE}"
    try:
        return Release.model_validate_json(store.read(key))
    except ValidationError as error:
        raise GateFailed(f"not a release document: {error.error_count()} errors", where=f"{store.url}/{key}") from None


def holds(store: Store, release: Release, file: ReleaseFile) -> bool:
    """Whether a file is in the replica with its size and its hash."""
    key = f"{release.prefix}/{file.path}"
    try:
        return store.size(key) == file.size and store.sha256(key) == file.sha256
    except (NotFound, OSError):
        return False


def damaged(store: Store, release: Release) -> tuple[str, ...]:
    """Paths below the release's folder that are missing or wrong in a replica; release.json counts as one of them."""
    wrong = [file.path for file in release.files if not holds(store, release, file)]
    key = f"{release.prefix}/{RELEASE_FILE}"
    whole = store.exists(key) and store.read(key) == document(release)
    return tuple(wrong if whole else [*wrong, RELEASE_FILE])


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
        for path in (release.hls, release.dash, RELEASE_FILE):
            store.delete(f"{release.prefix}/{path}")
        store.delete(release.prefix)
