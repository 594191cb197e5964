"""Requests of players, in the shapes that their content decryption modules send."""

import base64
import uuid

import pytest
from pymp4.parser import Box  # type: ignore[import-untyped]

from marquee.content.drm.challenges import playready_kids, widevine_kids
from marquee.contracts.errors import InvalidInput
from tests.content.drm.messages import made

KIDS = ("91da29c950c96b90a4e61a91495d65af", "ac908095a24335c1b5d967779bb065df")
# The data of Packager's own Widevine box, without its 32 bytes of head: two key ids and an empty rest.
PSSH = bytes.fromhex("1210" + KIDS[0] + "1210" + KIDS[1])
SYSTEM = uuid.UUID("edef8ba9-79d6-4ace-a3c8-27dcd51d21ed").bytes


def field(number: int, value: bytes | int) -> bytes:
    """A field of a protobuf message, in its wire format."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def widevine(content: bytes, kind: int = 1) -> bytes:
    """A SignedMessage around a LicenseRequest; client identification and signature are sealed, and of no interest."""
    request = field(1, b"who the device is") + field(2, content) + field(3, 1) + field(4, 1_790_000_000)
    return field(1, kind) + field(2, request) + field(3, b"signature" * 20)


def box(data: bytes) -> bytes:
    return (32 + len(data)).to_bytes(4, "big") + b"pssh" + bytes(4) + SYSTEM + len(data).to_bytes(4, "big") + data


BY_PSSH_DATA = field(1, field(1, PSSH) + field(2, 1) + field(3, b"request id"))
BY_INIT_DATA = field(4, field(1, 1) + field(2, box(PSSH)) + field(3, 1))


@pytest.mark.parametrize("content", [BY_PSSH_DATA, BY_INIT_DATA])
def test_a_widevine_request_names_its_keys(content: bytes) -> None:
    assert widevine_kids(widevine(content)) == set(KIDS)


@pytest.mark.parametrize(
    "body", [b"\x08\x04", widevine(field(3, b"an existing licence")), widevine(BY_PSSH_DATA, kind=5)]
)
def test_certificate_requests_and_renewals_name_none(body: bytes) -> None:
    assert widevine_kids(body) == frozenset()


@pytest.mark.parametrize("body", [b"\xff\xff\xff", b"<soap/>", b"\x0a\x7f"])
def test_nonsense_is_no_widevine_request(body: bytes) -> None:
    with pytest.raises(InvalidInput):
        widevine_kids(body)


@pytest.mark.parametrize("by_init_data", [False, True])
def test_what_googles_own_library_writes_is_read(by_init_data: bool) -> None:
    data = made("PsshData", key_ids=[bytes.fromhex(kid) for kid in KIDS], content_id=b"film").SerializeToString()
    pssh = Box.build({"type": b"pssh", "version": 0, "flags": 0, "system_ID": uuid.UUID(bytes=SYSTEM),
                      "key_IDs": None, "init_data": data})  # fmt: skip
    in_box = made("InitData", init_data_type=1, init_data=pssh, license_type=1)
    plain = made("WidevinePssh", pssh_data=[data], license_type=1, request_id=b"request id")
    content = made("Content", init_data=in_box) if by_init_data else made("Content", widevine_pssh_data=plain)
    request = made("LicenseRequest", client_id=b"device", content_id=content, type=1, request_time=1_790_000_000)
    signed = made("SignedMessage", type=1, msg=request.SerializeToString(), signature=b"signature")
    assert widevine_kids(signed.SerializeToString()) == set(KIDS)


def guid(kid: str) -> str:
    return base64.b64encode(uuid.UUID(kid).bytes_le).decode()


def playready(header: str) -> bytes:
    return f"""<?xml version="1.0" encoding="utf-8"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>
<AcquireLicense xmlns="http://schemas.microsoft.com/DRM/2007/03/protocols"><challenge>
<Challenge xmlns="http://schemas.microsoft.com/DRM/2007/03/protocols/messages">
<LA xmlns="http://schemas.microsoft.com/DRM/2007/03/protocols" Id="SignedData"><Version>1</Version>
<ContentHeader>{header}</ContentHeader><EncryptedData>…</EncryptedData></LA></Challenge></challenge></AcquireLicense>
</soap:Body></soap:Envelope>""".encode()


V40 = (
    '<WRMHEADER xmlns="http://schemas.microsoft.com/DRM/2007/03/PlayReadyHeader" version="4.0.0.0"><DATA>'
    f"<PROTECTINFO><KEYLEN>16</KEYLEN></PROTECTINFO><KID>{guid(KIDS[0])}</KID></DATA></WRMHEADER>"
)
V43 = (
    '<WRMHEADER xmlns="http://schemas.microsoft.com/DRM/2007/03/PlayReadyHeader" version="4.3.0.0"><DATA><PROTECTINFO>'
    f'<KIDS><KID ALGID="AESCBC" VALUE="{guid(KIDS[0])}"></KID><KID ALGID="AESCBC" VALUE="{guid(KIDS[1])}"></KID></KIDS>'
    "</PROTECTINFO></DATA></WRMHEADER>"
)


@pytest.mark.parametrize(("header", "kids"), [(V40, KIDS[:1]), (V43, KIDS), ("", ())])
def test_a_playready_challenge_names_its_keys(header: str, kids: tuple[str, ...]) -> None:
    assert playready_kids(playready(header)) == set(kids)


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><KID>&b;</KID>'


@pytest.mark.parametrize(
    "body", [b"", b"\x08\x04", b"<a", BOMB, playready("<KID>no base64!</KID>"), playready("<KID>AAAA</KID>")]
)
def test_nonsense_is_no_playready_challenge(body: bytes) -> None:
    with pytest.raises(InvalidInput):
        playready_kids(body)
