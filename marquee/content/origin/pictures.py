"""A title's own pictures in the replicas: written, repaired, deleted. Their names come from their content."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from marquee.content.origin.publish import put_whole
from marquee.contracts.artwork import OwnPicture, own_prefix
from marquee.contracts.errors import NotFound, Unavailable
from marquee.storage import Store


def write(title_id: int, picture: OwnPicture, source: Path, origins: Mapping[str, Store]) -> None:
    """Bring a picture to all replicas that lack it. Raises Unavailable when one cannot be written."""
    for region, store in origins.items():
        if not _holds(store, _key(title_id, picture), picture):
            put_whole(source, _key(title_id, picture), picture.sha256, region, store)


def read(title_id: int, picture: OwnPicture, origins: Mapping[str, Store]) -> bytes:
    """A picture, from the first replica that holds it whole. Raises NotFound."""
    key = _key(title_id, picture)
    for store in origins.values():
        if _holds(store, key, picture):
            return store.read(key)
    raise NotFound("no replica holds this picture", where=key)


def repair(title_id: int, pictures: Sequence[OwnPicture], origins: Mapping[str, Store]) -> dict[str, tuple[str, ...]]:
    """Replace missing and wrong pictures by good copies of other replicas; the paths that were repaired, by region.

    Raises Unavailable when a picture has no good copy anywhere: give it to the title again then.
    """
    repaired: dict[str, tuple[str, ...]] = {}
    for picture in pictures:
        key = _key(title_id, picture)
        lacking = [region for region, store in origins.items() if not _holds(store, key, picture)]
        if len(lacking) == len(origins):
            raise Unavailable("no replica has a good copy", where=key, expected="one replica to hold it")
        content = read(title_id, picture, origins) if lacking else b""
        for region in lacking:
            origins[region].write(key, content)
            repaired[region] = (*repaired.get(region, ()), picture.path)
    return repaired


def names(title_id: int, origins: Mapping[str, Store]) -> set[str]:
    """The files of all pictures that lie in any replica, shown or not."""
    folder = f"{own_prefix(title_id)}/art"
    return {key.rpartition("/")[2] for store in origins.values() for key in store.keys(folder)}


def delete(title_id: int, files: Iterable[str], origins: Mapping[str, Store]) -> None:
    """Delete pictures from all replicas; no error where they are not there."""
    for file in files:
        for store in origins.values():
            store.remove(f"{own_prefix(title_id)}/art/{file}")


def _key(title_id: int, picture: OwnPicture) -> str:
    return f"{own_prefix(title_id)}/{picture.path}"


def _holds(store: Store, key: str, picture: OwnPicture) -> bool:
    try:
        return store.size(key) == picture.size and store.sha256(key) == picture.sha256
    except (NotFound, OSError):
        return False
