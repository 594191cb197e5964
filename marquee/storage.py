"""The one access to bytes: a store is a folder behind an fsspec URL (file://, s3://, memory://).

Writes are atomic: a key holds its whole content or does not exist.
"""

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import BinaryIO, NamedTuple

import fsspec
from fsspec.implementations.local import LocalFileSystem

from marquee.contracts.errors import InvalidInput, NotFound

BLOCK = 4 * 1024 * 1024


def file_sha256(path: Path) -> str:
    """Hex SHA-256 of a local file, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Entry(NamedTuple):
    """An object of a listing. `tag` changes when its content is written anew."""

    key: str
    size: int  # bytes
    tag: str


class Store:
    """A folder of immutable or replaceable objects, by slash-separated keys below `url`."""

    def __init__(self, url: str, *, cache: Path | None = None) -> None:
        self.url = url.rstrip("/")
        self.fs, self._root = fsspec.core.url_to_fs(self.url)
        self._local = isinstance(self.fs, LocalFileSystem)
        self._cache = cache

    @property
    def local_root(self) -> Path | None:
        """The folder on this machine; None of object storage."""
        return Path(self._root) if self._local else None

    def _path(self, key: str) -> str:
        parts = PurePosixPath(key).parts
        if not parts or key.startswith("/") or ".." in parts:
            raise InvalidInput("not a key of this store", where=self.url, expected="a relative path", got=repr(key))
        return f"{self._root}/{'/'.join(parts)}"

    def exists(self, key: str) -> bool:
        return bool(self.fs.isfile(self._path(key)))

    def size(self, key: str) -> int:
        """Size in bytes. Raises NotFound."""
        try:
            return int(self.fs.size(self._path(key)))
        except FileNotFoundError:
            raise NotFound("no such object", where=f"{self.url}/{key}") from None

    def read(self, key: str) -> bytes:
        """The whole content. Raises NotFound."""
        try:
            return bytes(self.fs.cat_file(self._path(key)))
        except FileNotFoundError:
            raise NotFound("no such object", where=f"{self.url}/{key}") from None

    def open(self, key: str) -> BinaryIO:
        """The content as a file to be read and closed. Raises NotFound."""
        try:
            file: BinaryIO = self.fs.open(self._path(key), "rb")
        except FileNotFoundError:
            raise NotFound("no such object", where=f"{self.url}/{key}") from None
        return file

    def write(self, key: str, content: bytes) -> None:
        """Write the whole content, atomically and durably."""
        path = self._path(key)
        if not self._local:
            self.fs.pipe_file(path, content)
            return
        with replacing(Path(path)) as temporary:
            temporary.write_bytes(content)

    def put(self, key: str, source: Path) -> None:
        """Copy a local file in, atomically and durably."""
        path = self._path(key)
        if not self._local:
            self.fs.put_file(str(source), path)
            return
        with replacing(Path(path)) as temporary:
            shutil.copyfile(source, temporary)

    def fetch(self, key: str) -> Path:
        """A local path with the content: the object itself on local storage, else a copy in the cache. Read only."""
        path = self._path(key)
        if self._local:
            if not Path(path).is_file():
                raise NotFound("no such object", where=f"{self.url}/{key}")
            return Path(path)
        if self._cache is None:
            raise InvalidInput("a remote store needs a cache folder to fetch into", where=self.url)
        cached = self._cache / hashlib.sha256(path.encode()).hexdigest() / PurePosixPath(key).name
        if not cached.exists():
            if not self.exists(key):
                raise NotFound("no such object", where=f"{self.url}/{key}")
            with replacing(cached) as temporary:
                self.fs.get_file(path, str(temporary))
        return cached

    def link(self, key: str, target: Path) -> None:
        """A local file with the content: a link to the object on local storage, else a copy. Raises NotFound."""
        if not self._local:
            self.download(key, target)
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(self.fetch(key))

    def download(self, key: str, target: Path) -> None:
        """Copy an object to a local file, which appears whole or not at all. Raises NotFound."""
        with replacing(target) as temporary:
            try:
                self.fs.get_file(self._path(key), str(temporary))
            except FileNotFoundError:
                raise NotFound("no such object", where=f"{self.url}/{key}") from None

    def sha256(self, key: str) -> str:
        """Hex SHA-256 of an object, streamed."""
        digest = hashlib.sha256()
        with self.open(key) as file:
            while block := file.read(BLOCK):
                digest.update(block)
        return digest.hexdigest()

    def keys(self, prefix: str = "") -> Iterator[str]:
        """All keys below a prefix, sorted."""
        base = self._path(prefix) if prefix else self._root
        if not self.fs.exists(base):
            return
        for path in sorted(self.fs.find(base)):
            yield path[len(self._root) + 1 :]

    def entries(self, prefix: str = "") -> list[Entry]:
        """All objects below a prefix as they are now, sorted by key. Object storage is asked page by page."""
        base = self._path(prefix) if prefix else self._root
        self.fs.invalidate_cache()  # s3fs remembers listings
        found = self.fs.find(base, detail=True)
        cut = len(self._root) + 1
        return [
            Entry(path[cut:], int(found[path]["size"]), str(found[path].get("ETag") or found[path].get("mtime", "")))
            for path in sorted(found)
        ]

    def remove(self, key: str) -> None:
        """Remove one object; no error when it is not there. The key is taken as it is, without wildcards."""
        with suppress(FileNotFoundError):
            self.fs.rm_file(self._path(key))

    def delete(self, prefix: str) -> None:
        """Remove an object or everything below a prefix; no error when it is not there."""
        path = self._path(prefix)
        if self.fs.exists(path):
            self.fs.rm(path, recursive=True)


@contextmanager
def replacing(final: Path) -> Iterator[Path]:
    """A temporary neighbour that takes the final name only when the block ends well, flushed to disk before."""
    final.parent.mkdir(parents=True, exist_ok=True)
    temporary = final.with_name(f".{final.name}.{secrets.token_hex(4)}")
    try:
        yield temporary
        sync(temporary)
        temporary.replace(final)
        sync(final.parent)  # the name too
    finally:
        temporary.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Make a file's content, or the names in a folder, outlast a loss of power."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
