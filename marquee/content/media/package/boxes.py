"""Boxes of the ISO base media file format (ISO/IEC 14496-12)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

HEADER = 8


@dataclass(frozen=True)
class Box:
    """A box by its four letters and its payload."""

    type: str
    payload: bytes

    def find(self, *path: str) -> "Box | None":
        """The first box down a path of types, or None."""
        found: Box | None = self
        for name in path:
            found = next((box for box in boxes(found.payload) if box.type == name), None) if found else None
        return found

    def need(self, *path: str) -> "Box":
        """The first box down a path of types. Raises ValueError where there is none."""
        found = self.find(*path)
        if found is None:
            raise ValueError(f"no {'/'.join(path)} box")
        return found

    def each(self, name: str) -> Iterator["Box"]:
        """The boxes of a type directly inside."""
        return (box for box in boxes(self.payload) if box.type == name)

    def number(self, offset: int, size: int = 4) -> int:
        """A big-endian unsigned number of the payload. Raises ValueError past its end."""
        if offset + size > len(self.payload):
            raise ValueError(f"the {self.type} box ends early")
        return int.from_bytes(self.payload[offset : offset + size], "big")

    @property
    def flags(self) -> int:
        """The 24 flag bits of a full box."""
        return self.number(1, 3)


def boxes(data: bytes) -> Iterator[Box]:
    """The boxes of a buffer, in order. Raises ValueError where sizes do not fit."""
    offset = 0
    while offset < len(data):
        if len(data) - offset < HEADER:
            raise ValueError("trailing bytes")
        size, name = struct.unpack_from(">I4s", data, offset)
        start = offset + HEADER
        if size == 1:
            size, start = int.from_bytes(data[start : start + 8], "big"), start + 8
        end = len(data) if size == 0 else offset + size
        if not start <= end <= len(data):
            raise ValueError(f"a box {name!r} of {size} bytes")
        yield Box(name.decode("latin-1"), data[start:end])
        offset = end


def written(kind: str, payload: bytes) -> bytes:
    """A box of a type as bytes."""
    return struct.pack(">I4s", HEADER + len(payload), kind.encode("latin-1")) + payload
