"""Writes rows of ids in PostgreSQL's binary COPY format, block by block in numpy.

The format is in PostgreSQL's manual under COPY, "Binary Format": big-endian throughout, each field after its length,
an array as dimensions, a null flag, the element's type and, for each dimension, its size and first index.
"""

from collections.abc import Iterable, Iterator

import numpy as np

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
INT8_OID, ARRAY_HEAD, ELEMENT = 20, 20, 12  # the type of elements; bytes before the first; bytes of each


def stream(generation_id: int, blocks: Iterable[tuple[np.ndarray, np.ndarray]]) -> Iterator[bytes]:
    """The bytes of a COPY of (generation_id, key, list): each block is its keys (n) and their lists of ids (n × k).

    A list ends at its first negative id.
    """
    yield HEADER
    for keys, lists in blocks:
        lengths = np.where((lists < 0).any(axis=1), (lists < 0).argmax(axis=1), lists.shape[1])
        for length in np.unique(lengths):
            alike = lengths == length
            yield _rows(generation_id, keys[alike], lists[alike, :length])
    yield TRAILER


def _rows(generation_id: int, keys: np.ndarray, lists: np.ndarray) -> bytes:
    """Rows whose lists have the same length, which are therefore records of one shape."""
    length = lists.shape[1]
    rows = np.zeros(len(keys), _record(length))
    rows["fields"], rows["length_1"], rows["length_2"] = 3, 8, 8
    rows["generation"], rows["key"] = generation_id, keys
    rows["array_bytes"] = (ARRAY_HEAD + ELEMENT * length) if length else ARRAY_HEAD - 8
    rows["dimensions"], rows["oid"] = int(length > 0), INT8_OID
    if length:
        rows["size"], rows["first"] = length, 1
        rows["elements"]["bytes"], rows["elements"]["id"] = 8, lists
    return rows.tobytes()


def _record(length: int) -> np.dtype:
    head = [
        ("fields", ">i2"), ("length_1", ">i4"), ("generation", ">i8"), ("length_2", ">i4"), ("key", ">i8"),
        ("array_bytes", ">i4"), ("dimensions", ">i4"), ("nulls", ">i4"), ("oid", ">i4"),
    ]  # fmt: skip
    sizes = [("size", ">i4"), ("first", ">i4"), ("elements", [("bytes", ">i4"), ("id", ">i8")], (length,))]
    return np.dtype(head + (sizes if length else []))
