"""Receives one piece of a file. How much is there is the file's own length: no crash can make the two differ."""

import base64
import binascii
import errno
import fcntl
import hashlib
import os
from pathlib import Path

from marquee.content.delivery.uploads.errors import Locked, StorageFull, TooLong, WrongChecksum, WrongOffset
from marquee.contracts.errors import InvalidInput, NotFound

ALGORITHMS = ("sha256", "sha1")  # tus 1.0 asks for sha1 where there are checksums at all
FULL = (errno.ENOSPC, errno.EDQUOT)


class Piece:
    """One piece of a file, written as it comes. Use it in one thread at a time, and close it whatever happens."""

    def __init__(self, path: Path, size: int, offset: int, checksum: str = "") -> None:
        """Lock the file and look whether the piece begins where it ends.

        `size` is the file's whole length in bytes; `checksum` as in Upload-Checksum: algorithm and Base64. Raises
        NotFound, Locked, WrongOffset, InvalidInput.
        """
        self._digest, self._expected = _checksum(checksum)
        self._size, self._offset = size, offset
        self._file = _locked(path)
        self.length = os.fstat(self._file).st_size
        if self.length != offset:
            os.close(self._file)
            expected, got = f"offset {self.length}", str(offset)
            raise WrongOffset("the file ends elsewhere", where="Upload-Offset", expected=expected, got=got)

    def expect(self, length: int) -> None:
        """So many bytes more will come. Raises TooLong when that is beyond the end of the file."""
        if self.length + length > self._size:
            expected, got = f"{self._size} bytes in all", f"{self.length + length} bytes"
            raise TooLong("more than was announced", where="body", expected=expected, got=got)

    def write(self, content: bytes) -> None:
        """Append bytes. Raises TooLong before writing any, StorageFull with what fits written."""
        self.expect(len(content))
        if self._digest:
            self._digest.update(content)
        rest = memoryview(content)
        while rest:
            rest = rest[self._append(rest) :]

    def _append(self, rest: memoryview) -> int:
        try:
            written = os.pwrite(self._file, rest, self.length)
        except OSError as error:
            if error.errno in FULL:
                raise StorageFull("the disk is full; go on when there is room", where="inbox") from error
            raise
        self.length += written
        return written

    def confirm(self) -> None:
        """The whole piece has come. Raises WrongChecksum."""
        if self._digest and self._digest.digest() != self._expected:
            expected, got = self._expected.hex(), self._digest.hexdigest()
            raise WrongChecksum("the piece was damaged on its way", where="body", expected=expected, got=got)
        self._digest = None

    def close(self) -> int:
        """Make what came durable and give the length. A piece with a checksum that was not confirmed is dropped."""
        try:
            if self._digest:
                os.ftruncate(self._file, self._offset)
                self.length = self._offset
            os.fsync(self._file)
        finally:
            os.close(self._file)
        return self.length


def _locked(path: Path) -> int:
    try:
        file = os.open(path, os.O_WRONLY | os.O_NOFOLLOW)
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ELOOP):  # gone, or a link
            raise
        raise NotFound("no such upload", where=path.name) from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        raise Locked("another request is writing this file", where=path.name, expected="one at a time") from None
    return file


def _checksum(text: str) -> tuple["hashlib._Hash | None", bytes]:
    if not text:
        return None, b""
    algorithm, _, encoded = text.strip().partition(" ")
    try:
        expected = base64.b64decode(encoded, validate=True)
        if algorithm in ALGORITHMS:
            return hashlib.new(algorithm), expected
    except binascii.Error:
        pass
    known = " or ".join(ALGORITHMS)
    raise InvalidInput("not a checksum", where="Upload-Checksum", expected=f"{known}, and Base64", got=text[:80])
