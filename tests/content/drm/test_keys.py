"""Wrapped keys open only for whom they were wrapped, and keys show nowhere."""

import copy
import json
import pickle
import secrets

import pytest

from marquee.content.drm.keys import MIN_MASTER_CHARACTERS, new_key, new_keys, rewrap, unwrap, wrap
from marquee.contracts.errors import InvalidInput, Unavailable
from marquee.contracts.keys import ContentKey, TrackType

MASTER = secrets.token_urlsafe(32)
RELEASE = 7
WRAPPED = "01973bee991d6e71bc2cb82754a428a378c47f108e52e4048d5688c398d456672d72535feea38c01ed54c4e0c5"


def opened(wrapped: bytes, key: ContentKey, *, master: str = MASTER, release_id: int = RELEASE) -> ContentKey:
    return unwrap(wrapped, kid=key.kid, track=key.track, masters=[master], release_id=release_id)


def test_a_wrapped_key_opens_to_itself() -> None:
    key = new_key(TrackType.HD)
    again = opened(wrap(key, master=MASTER, release_id=RELEASE), key)
    assert again == key
    assert again.reveal() == key.reveal()
    assert again.track is TrackType.HD


def test_wrapping_twice_gives_different_bytes_and_never_holds_the_key() -> None:
    key = new_key(TrackType.SD)
    first, second = (wrap(key, master=MASTER, release_id=RELEASE) for _ in range(2))
    assert first != second
    assert key.reveal() not in first


@pytest.mark.parametrize("position", [0, 1, 5, 13, 20, -1])
def test_an_altered_byte_is_noticed(position: int) -> None:
    key = new_key(TrackType.SD)
    wrapped = bytearray(wrap(key, master=MASTER, release_id=RELEASE))
    wrapped[position] ^= 1
    with pytest.raises(Unavailable, match=key.kid):
        opened(bytes(wrapped), key)


def test_truncated_bytes_are_noticed() -> None:
    key = new_key(TrackType.SD)
    wrapped = wrap(key, master=MASTER, release_id=RELEASE)
    for length in (0, 1, 12, 13, len(wrapped) - 1):
        with pytest.raises(Unavailable):
            opened(wrapped[:length], key)


def test_a_wrapped_key_is_bound_to_its_id_its_release_and_its_master_key() -> None:
    key, other = new_key(TrackType.SD), new_key(TrackType.SD)
    wrapped = wrap(key, master=MASTER, release_id=RELEASE)
    with pytest.raises(Unavailable):
        opened(wrapped, other)
    with pytest.raises(Unavailable):
        opened(wrapped, key, release_id=RELEASE + 1)
    with pytest.raises(Unavailable):
        opened(wrapped, key, master=secrets.token_urlsafe(32))


def test_rotation_keeps_the_key_and_retires_the_old_master_key() -> None:
    key, new = new_key(TrackType.AUDIO), secrets.token_urlsafe(32)
    wrapped = wrap(key, master=MASTER, release_id=RELEASE)
    rotated = rewrap(wrapped, kid=key.kid, release_id=RELEASE, masters=[new, MASTER])
    assert rotated
    assert rewrap(rotated, kid=key.kid, release_id=RELEASE, masters=[new, MASTER]) is None
    assert opened(rotated, key, master=new) == key
    with pytest.raises(Unavailable):
        opened(rotated, key)


def test_while_master_keys_are_exchanged_both_open() -> None:
    key, new, lost = new_key(TrackType.HD), secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    terms = {"kid": key.kid, "track": key.track, "release_id": RELEASE}
    for master in (MASTER, new):
        wrapped = wrap(key, master=master, release_id=RELEASE)
        for masters in ([MASTER, new], [new, MASTER]):
            assert unwrap(wrapped, masters=masters, **terms) == key
        with pytest.raises(Unavailable):
            rewrap(wrapped, kid=key.kid, release_id=RELEASE, masters=[lost])


def test_a_short_master_key_is_refused() -> None:
    with pytest.raises(InvalidInput, match="MARQUEE_MASTER_KEY"):
        wrap(new_key(TrackType.SD), master="password", release_id=RELEASE)


def test_each_track_type_has_its_own_key_and_id() -> None:
    keys = new_keys(TrackType)
    assert set(keys) == set(TrackType)
    assert len({key.kid for key in keys.values()}) == len({key.reveal() for key in keys.values()}) == len(TrackType)
    assert all(keys[track].track is track for track in TrackType)


def test_a_key_shows_in_no_representation_and_refuses_serialisation() -> None:
    key = new_key(TrackType.UHD)
    shown = f"{key!r} {key} {[key]} {vars(type(key))}"
    assert key.kid in shown
    assert key.reveal().hex() not in shown
    assert repr(key.reveal())[2:-1] not in shown
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy, json.dumps):
        with pytest.raises(TypeError):
            attempt(key)


@pytest.mark.parametrize(("kid", "key"), [("ab", bytes(16)), ("A" * 32, bytes(16)), ("a" * 32, bytes(15))])
def test_malformed_keys_are_refused_without_being_shown(kid: str, key: bytes) -> None:
    with pytest.raises(InvalidInput):
        ContentKey(kid, TrackType.SD, key)


@pytest.mark.parametrize(("lines", "expected"), [(416, "SD"), (719, "SD"), (720, "HD"), (1080, "HD"), (1440, "UHD")])
def test_track_types_follow_the_lines(lines: int, expected: str) -> None:
    assert TrackType.of_lines(lines) == expected


def test_the_form_at_rest_is_version_nonce_and_a_cipher_text_with_its_tag() -> None:
    """AES-256-GCM (NIST SP 800-38D): a nonce of 96 bits, a tag of 128; a key of 128 bits inside."""
    wrapped = wrap(new_key(TrackType.SD), master=MASTER, release_id=RELEASE)
    assert (wrapped[:1], len(wrapped)) == (b"\x01", 1 + 12 + 16 + 16)


def test_a_key_wrapped_by_an_earlier_release_of_this_code_opens() -> None:
    """Keys outlive the code that wrapped them: derivation and binding may not change."""
    master, kid = "m" * 32, "ab" * 16
    wrapped = bytes.fromhex(WRAPPED)
    key = unwrap(wrapped, kid=kid, track=TrackType.SD, masters=[master], release_id=RELEASE)
    assert key.reveal() == bytes(range(16))


@pytest.mark.parametrize(("first", "got"), [(b"\x02", "02"), (b"", "none")])
def test_another_version_of_wrapping_is_named(first: bytes, got: str) -> None:
    with pytest.raises(Unavailable) as caught:
        unwrap(first, kid="a" * 32, track=TrackType.SD, masters=[MASTER], release_id=RELEASE)
    assert caught.value.got == got


def test_a_master_key_of_the_least_length_is_taken() -> None:
    key = new_key(TrackType.SD)
    for length, taken in ((MIN_MASTER_CHARACTERS, True), (MIN_MASTER_CHARACTERS - 1, False)):
        try:
            wrap(key, master="m" * length, release_id=RELEASE)
        except InvalidInput:
            assert not taken
        else:
            assert taken
