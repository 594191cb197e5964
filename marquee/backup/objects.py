"""Copies files of stores into a backup's objects: what is held already is not copied, what is unchanged not read."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from uuid import uuid4

from marquee.backup import layout
from marquee.backup.layout import Backup, StoredFile, object_key
from marquee.backup.places import Place
from marquee.backup.progress import Progress
from marquee.contracts.errors import NotFound
from marquee.storage import Entry, Store, file_sha256
from marquee.tools.scratch import scratch

THREADS = 4
EVERY_S = 1.0
PASSES = 3  # over a store whose files are replaced while it is copied

Say = Callable[[str], None]


class Copier:
    """Copies stores into one target; `before` is the backup made last."""

    def __init__(self, target: Store, before: Backup | None, say: Say) -> None:
        self._target, self._say = target, say
        self._expected: Mapping[str, str] = {}
        damaged = layout.damaged(target)
        found = ((entry.key.rpartition("/")[2], entry.size) for entry in target.entries(layout.OBJECTS))
        self._held = {sha256: size for sha256, size in found if sha256 not in damaged}
        self._before = {(name, file.key): file for name, files in _files(before) for file in files}

    def expect(self, hashes: Mapping[str, str]) -> None:
        """From now on files of replicas have to have these hashes, by key."""
        self._expected = hashes

    def copy(self, place: Place) -> tuple[tuple[StoredFile, ...], tuple[str, ...]]:
        """All files of a store as they are in the backup now, and the keys that no replica holds as it should."""
        for _ in range(PASSES):
            entries = self._listed(place)
            done = self._all(place, entries)
            if not any(file is None for file in done.values()) or place.replicas:
                break
        wanted = self._expected if place.replicas else ()
        missing = tuple(sorted(key for key in wanted if not done.get(key)))
        return tuple(done[key] for key in sorted(done) if done[key]), missing  # type: ignore[misc]

    def _listed(self, place: Place) -> dict[str, list[tuple[Store, Entry]]]:
        """The copies of each key, replica by replica."""
        found: dict[str, list[tuple[Store, Entry]]] = {}
        for store in place.stores:
            for entry in store.entries():
                if place.takes(entry.key):
                    found.setdefault(entry.key, []).append((store, entry))
        return found

    def _all(self, place: Place, entries: Mapping[str, list[tuple[Store, Entry]]]) -> dict[str, StoredFile | None]:
        done: dict[str, StoredFile | None] = {}
        total = sum(copies[0][1].size for copies in entries.values())
        progress = Progress(place.name, len(entries), total, self._say, EVERY_S)
        with scratch() as folder, ThreadPoolExecutor(THREADS) as pool:
            running = {pool.submit(self._one, place, copies, folder): key for key, copies in entries.items()}
            for future in as_completed(running):
                key = running[future]
                done[key] = future.result()
                progress.add(entries[key][0][1].size)
        progress.end()
        return done

    def _one(self, place: Place, copies: Iterable[tuple[Store, Entry]], folder: Path) -> StoredFile | None:
        """The first copy that is as it should be; None when it is gone, or none is."""
        for store, entry in copies:
            if file := self._unread(place, entry) or self._read(place, store, entry, folder):
                return file
        return None

    def _unread(self, place: Place, entry: Entry) -> StoredFile | None:
        """What a file is, without reading it: by the hash it has to have, or because it is as it was."""
        if (sha256 := self._expected.get(entry.key)) and place.replicas:
            held = self._held.get(sha256) == entry.size
            return StoredFile(key=entry.key, size=entry.size, sha256=sha256, tag=entry.tag) if held else None
        known = self._before.get((place.name, entry.key))
        same = known and (known.size, known.tag) == (entry.size, entry.tag) and known.sha256 in self._held
        return known if same else None

    def _read(self, place: Place, store: Store, entry: Entry, folder: Path) -> StoredFile | None:
        path = folder / uuid4().hex
        try:
            (store.download if place.changes else store.link)(entry.key, path)
            sha256, size = file_sha256(path), path.stat().st_size
            if place.replicas and self._expected.get(entry.key, sha256) != sha256:
                return None
            if sha256 not in self._held:
                self._target.put(object_key(sha256), path)
                self._held[sha256] = size
        except (NotFound, FileNotFoundError):
            return None
        finally:
            path.unlink(missing_ok=True)
        return StoredFile(key=entry.key, size=size, sha256=sha256, tag=entry.tag)


def _files(before: Backup | None) -> Iterable[tuple[str, tuple[StoredFile, ...]]]:
    return before.stores.items() if before else ()
