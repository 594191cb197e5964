"""ClearKey licences: W3C's own example, and refusals that give nothing away."""

import base64
import json

import pytest

from marquee.content.drm.keys import new_key
from marquee.content.drm.licence import MAX_KIDS, b64url, licence, parse_request
from marquee.contracts.errors import Forbidden, InvalidInput
from marquee.contracts.keys import ContentKey, TrackType


def request(*kids: str, **more: object) -> bytes:
    return json.dumps({"kids": kids, "type": "temporary", **more}).encode()


def test_the_example_of_the_specification() -> None:
    """W3C EME, section 9.1.4: the request and the licence of the example."""
    kid, key = "LwVHf8JLtPrv2GUXFW2v_A", "tQ0bJVWb6b0KPL6KtZIy_A"
    raw = base64.urlsafe_b64decode(f"{key}==")
    entitled = {(hex_id := base64.urlsafe_b64decode(f"{kid}==").hex()): ContentKey(hex_id, TrackType.SD, raw)}
    answer = json.loads(licence(parse_request(request(kid)), entitled))
    assert answer == {"keys": [{"kty": "oct", "kid": kid, "k": key}], "type": "temporary"}


def test_several_keys_come_in_the_order_asked_and_once() -> None:
    keys = [new_key(track) for track in TrackType]
    entitled = {key.kid: key for key in keys}
    asked = [b64url(bytes.fromhex(key.kid)) for key in reversed(keys)]
    answer = json.loads(licence(parse_request(request(*asked, asked[0])), entitled))
    assert [each["kid"] for each in answer["keys"]] == asked
    assert [each["k"] for each in answer["keys"]] == [b64url(key.reveal()) for key in reversed(keys)]
    assert "=" not in json.dumps(answer)


def test_a_key_outside_the_entitlement_refuses_the_whole_request() -> None:
    mine, other = new_key(TrackType.SD), new_key(TrackType.HD)
    with pytest.raises(Forbidden, match=other.kid) as caught:
        licence((mine.kid, other.kid), {mine.kid: mine})
    assert caught.value.status == 403
    assert mine.reveal().hex() not in str(caught.value)


GOOD = b64url(bytes(range(16)))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[]",
        b"null",
        b"{}",
        b"[" * 100_000,
        b'{"kids": "x"}',
        request(),
        request(*[b64url(n.to_bytes(16, "big")) for n in range(MAX_KIDS + 1)]),
        request(f"{GOOD}=="),
        request(GOOD[:-1]),
        request(GOOD.replace("A", "+", 1)),
        request("A" * 21 + "B"),  # the last character holds bits beyond the sixteenth byte
        request(GOOD, type="persistent-license"),
        request(b64url(bytes(15))),
        request(b64url(bytes(17))),
        request(GOOD[:-1] + "*"),
        request("A" * 21 + "é"),
        json.dumps({"kids": [5]}).encode(),
    ],
)
def test_malformed_requests_are_refused(body: bytes) -> None:
    with pytest.raises(InvalidInput):
        parse_request(body)


def test_as_many_keys_as_a_request_may_name_are_read() -> None:
    kids = [n.to_bytes(16, "big") for n in range(MAX_KIDS)]
    assert parse_request(request(*map(b64url, kids))) == tuple(kid.hex() for kid in kids)


def test_what_is_quoted_back_is_cut_short() -> None:
    for body, most in ((request(GOOD, type="x" * 500), 40), (request("x" * 500), 60)):
        with pytest.raises(InvalidInput) as caught:
            parse_request(body)
        assert len(caught.value.got) == most


def test_the_session_type_may_be_left_out() -> None:
    assert parse_request(json.dumps({"kids": [GOOD]}).encode()) == (bytes(range(16)).hex(),)
