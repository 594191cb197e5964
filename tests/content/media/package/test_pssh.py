"""PSSH boxes, byte by byte, by readers that are not ours: pymp4 for boxes, protobuf, PlayReady's header by its paper.

Every box names the key of its track, and PlayReady's checksum proves that the key belongs to the id.
"""

import base64
import struct
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from defusedxml.ElementTree import fromstring
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from pymp4.parser import Box

from marquee.content.media.package.layout import tracks
from marquee.contracts.keys import ContentKey
from marquee.contracts.plan import DrmScheme

Packaged = Any
WIDEVINE, PLAYREADY = "edef8ba9-79d6-4ace-a3c8-27dcd51d21ed", "9a04f079-9840-4286-ab92-e65be0885f95"
COMMON = "1077efec-c0b2-4d02-ace3-3c1e52e2fb4b"
HEADER = "{http://schemas.microsoft.com/DRM/2007/03/PlayReadyHeader}"
CENC, MPD = "{urn:mpeg:cenc:2013}", "{urn:mpeg:dash:schema:mpd:2011}"


def widevine_message() -> Any:
    """WidevinePsshData as Widevine documents it: key_ids = 2, protection_scheme = 9."""
    file = descriptor_pb2.FileDescriptorProto(name="pssh.proto", package="t", syntax="proto2")
    message = file.message_type.add(name="Pssh")
    message.field.add(name="key_ids", number=2, label=3, type=12)
    message.field.add(name="protection_scheme", number=9, label=1, type=13)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("t.Pssh"))


def boxes(content: bytes) -> dict[str, Any]:
    """The PSSH boxes of an initialisation segment, by system."""
    moov = _box(content, b"moov")
    return {str(child.system_ID): child for child in moov.children if child.type == b"pssh"}


def _box(content: bytes, kind: bytes) -> Any:
    offset = 0
    while offset < len(content):
        (size,) = struct.unpack_from(">I", content, offset)
        if content[offset + 4 : offset + 8] == kind:
            return Box.parse(content[offset : offset + size])
        offset += size
    raise AssertionError(f"no {kind!r}")


def check_widevine(data: bytes, key: ContentKey, every: set[str], scheme: DrmScheme) -> None:
    said = widevine_message()()
    said.ParseFromString(data)
    assert key.kid in {kid.hex() for kid in said.key_ids} <= every
    assert struct.pack(">I", said.protection_scheme) == scheme.value.encode()


def check_playready(data: bytes, keys: dict[str, ContentKey], key: ContentKey, scheme: DrmScheme) -> None:
    """The PlayReady header object: length, one record of type 1, a header in UTF-16."""
    length, records, kind, size = struct.unpack_from("<IHHH", data)
    assert (length, records, kind, size) == (len(data), 1, 1, len(data) - 10)
    header = fromstring(data[10:].decode("utf-16-le"))
    found = {uuid.UUID(bytes_le=base64.b64decode(each.get("VALUE") or each.text or "")).hex: each
             for each in header.iter(f"{HEADER}KID")}  # fmt: skip
    assert key.kid in found
    assert found.keys() <= keys.keys()
    for kid, element in found.items():
        assert (element.get("ALGID") or "AESCTR") == {"cenc": "AESCTR", "cbcs": "AESCBC"}[scheme.value]
        if checksum := element.get("CHECKSUM"):
            block_by_block = modes.ECB()  # noqa: S305
            sealed = Cipher(algorithms.AES128(keys[kid].reveal()), block_by_block).encryptor()
            assert base64.b64decode(checksum) == sealed.update(uuid.UUID(kid).bytes_le)[:8]


@pytest.mark.parametrize("scheme", [DrmScheme.CBCS, DrmScheme.CENC])
def test_the_boxes_of_every_track_name_its_key(packaged: Callable[[DrmScheme], Packaged], scheme: DrmScheme) -> None:
    release = packaged(scheme)
    keys = {key.kid: key for key in release.keys.values()}
    for track in tracks(release.plan):
        key = release.keys[track.protection]
        found = boxes((release.folder / track.folder / "init.mp4").read_bytes())
        assert set(found) == {WIDEVINE, PLAYREADY, COMMON}
        assert key.kid in {kid.hex for kid in found[COMMON].key_IDs} <= keys.keys()
        check_widevine(found[WIDEVINE].init_data, key, set(keys), scheme)
        check_playready(found[PLAYREADY].init_data, keys, key, scheme)


@pytest.mark.parametrize("scheme", [DrmScheme.CBCS, DrmScheme.CENC])
def test_the_manifest_has_the_very_boxes_of_the_tracks(
    packaged: Callable[[DrmScheme], Packaged], scheme: DrmScheme
) -> None:
    release = packaged(scheme)
    manifest = fromstring(release.read("dash/manifest.mpd"))
    for adaptation in manifest.iter(f"{MPD}AdaptationSet"):
        if adaptation.get("contentType") not in {"video", "audio"}:
            continue
        (template,) = adaptation.iter(f"{MPD}SegmentTemplate")
        init = (release.folder / "dash" / template.attrib["initialization"]).read_bytes()
        written = {base64.b64decode(element.text or "") for element in adaptation.iter(f"{CENC}pssh")}
        assert len(written) == 3
        assert all(box in init for box in written)
