"""HTTP/2 (RFC 9113) as far as an attacker needs it: one request, with whatever bytes he likes in its fields."""

import ssl
from collections.abc import Sequence

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, GOAWAY = 0, 1, 3, 4, 7
END_STREAM, END_HEADERS = 1, 4
Fields = Sequence[tuple[bytes, bytes]]


def request(connection: ssl.SSLSocket, fields: Fields, body: bytes = b"") -> None:
    """Send one request on stream 1."""
    block = b"".join(_literal(name, value) for name, value in fields)
    flags = END_HEADERS | (0 if body else END_STREAM)
    sent = PREFACE + _frame(SETTINGS, 0, 0, b"") + _frame(HEADERS, flags, 1, block)
    connection.sendall(sent + (_frame(DATA, END_STREAM, 1, body) if body else b""))


def answer(connection: ssl.SSLSocket) -> list[int]:
    """The kinds of the frames that come, up to the end of the answer, or of the connection."""
    kinds: list[int] = []
    while header := _exactly(connection, 9):
        length, kind, flags, stream = int.from_bytes(header[:3]), header[3], header[4], int.from_bytes(header[5:])
        _exactly(connection, length)
        kinds.append(kind)
        if kind in {RST_STREAM, GOAWAY} or (stream == 1 and flags & END_STREAM):
            break
    return kinds


def _exactly(connection: ssl.SSLSocket, length: int) -> bytes:
    """So many bytes; fewer when the other end has hung up."""
    read = b""
    while len(read) < length and (part := connection.recv(length - len(read))):
        read += part
    return read


def _literal(name: bytes, value: bytes) -> bytes:
    """A field in full, kept in no table (RFC 7541, section 6.2.2)."""
    return b"\0" + _string(name) + _string(value)


def _string(text: bytes) -> bytes:
    assert len(text) < 127
    return bytes([len(text)]) + text


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3) + bytes([kind, flags]) + stream.to_bytes(4) + payload
