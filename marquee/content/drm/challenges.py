"""Which keys a player's request names, as far as its DRM system says so in the clear.

A request that names a key outside the session's is refused before it reaches a licence server. What names none, as a
renewal, is let through: the server knows from our statement which keys the session may have.
"""

import base64
import binascii
import uuid
from collections.abc import Iterator

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from google.protobuf.empty_pb2 import Empty  # type: ignore[import-untyped]
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from google.protobuf.unknown_fields import UnknownFieldSet  # type: ignore[import-untyped]

from marquee.contracts.errors import InvalidInput

# Field numbers of Widevine's messages: SignedMessage.msg, LicenseRequest.content_id, its PSSH data or initialisation
# data, and the key ids in WidevinePsshData.
TYPE, MESSAGE, CONTENT, PSSH_DATA, INIT_DATA, KEY_IDS = 1, 2, 2, 1, 4, 2
LICENCE_REQUEST = 1
PSSH_HEADER = 32  # bytes of a version 0 box before its data (ISO/IEC 23001-7)
BYTES = 2  # protobuf's wire type of what has a length


def widevine_kids(body: bytes) -> frozenset[str]:
    """The key ids (hex) in a Widevine request; none for a certificate request or a renewal. Raises InvalidInput."""
    if body == b"\x08\x04":  # SERVICE_CERTIFICATE_REQUEST
        return frozenset()
    fields = _fields(body, "Widevine request")
    if (TYPE, LICENCE_REQUEST) not in fields:
        return frozenset()
    kids = {
        kid.hex()
        for message in _of(fields, MESSAGE)
        for content in _of(_fields(message, "Widevine request"), CONTENT)
        for data in _pssh_data(content)
        for kid in _of(_fields(data, "Widevine PSSH data"), KEY_IDS)
    }
    return frozenset(kids)


def _pssh_data(content: bytes) -> Iterator[bytes]:
    """In both forms in which content decryption modules send it."""
    fields = _fields(content, "Widevine request")
    for found in _of(fields, PSSH_DATA):
        yield from _of(_fields(found, "Widevine PSSH data"), 1)
    for found in _of(fields, INIT_DATA):
        yield from (box[PSSH_HEADER:] for box in _of(_fields(found, "Widevine request"), 2))


def _fields(body: bytes, what: str) -> list[tuple[int, int | bytes]]:
    """Number and value of each field of a message whose schema is not needed."""
    message = Empty()
    try:
        message.ParseFromString(body)
    except DecodeError:
        raise InvalidInput(f"not a {what}", where="body", expected="a protobuf message") from None
    return [(field.field_number, field.data) for field in UnknownFieldSet(message)]


def _of(fields: list[tuple[int, int | bytes]], number: int) -> Iterator[bytes]:
    return (value for found, value in fields if found == number and isinstance(value, bytes))


def playready_kids(body: bytes) -> frozenset[str]:
    """The key ids (hex) in a PlayReady licence challenge, whose header names them in the clear. Raises InvalidInput."""
    try:
        root = fromstring(body)
    except (ParseError, DefusedXmlException, ValueError):
        raise InvalidInput("not a PlayReady request", where="body", expected="a SOAP document") from None
    values = [each.get("VALUE") or each.text or "" for each in root.iter() if each.tag.rpartition("}")[2] == "KID"]
    return frozenset(map(_guid, values))


def _guid(value: str) -> str:
    """The hex digits of a GUID in base64: its first three groups have their bytes the other way round."""
    try:
        return uuid.UUID(bytes_le=base64.b64decode(value.strip(), validate=True)).hex
    except (binascii.Error, ValueError):
        raise InvalidInput("not a key id", where="KID", expected="16 bytes in base64", got=repr(value)[:60]) from None
