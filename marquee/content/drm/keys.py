"""Wraps content keys for storage with AES-256-GCM, under a key derived from the master key.

A wrapped key is one version byte, a nonce of 12 bytes, the ciphertext and its tag of 16. The key id and the release
are authenticated with it (as associated data), so a wrapped key moved to another row does not open.
"""

import contextlib
import os
import secrets
from collections.abc import Iterable, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from marquee.contracts.errors import InvalidInput, Unavailable
from marquee.contracts.keys import KEY_BYTES, ContentKey, TrackType

VERSION = b"\x01"
NONCE_BYTES = 12  # NIST SP 800-38D recommends 96 bits
MIN_MASTER_CHARACTERS = 32


def new_key(track: TrackType) -> ContentKey:
    """A fresh random key under a fresh random id."""
    return ContentKey(secrets.token_hex(16), track, secrets.token_bytes(KEY_BYTES))


def new_keys(tracks: Iterable[TrackType], periods: int = 1) -> dict[TrackType, ContentKey]:
    """A fresh key for each of the track types, and for each crypto period; none can be told from another."""
    return {track: new_key(track).followed_by(new_key(track) for _ in range(periods - 1)) for track in set(tracks)}


def wrap(key: ContentKey, *, master: str, release_id: int) -> bytes:
    """The key, encrypted for storage beside its id. Raises InvalidInput when the master key is too short."""
    return _seal(key.reveal(), key.kid, master, release_id)


def unwrap(wrapped: bytes, *, kid: str, track: TrackType, masters: Sequence[str], release_id: int) -> ContentKey:
    """The key again, by the first of the master keys that opens it.

    Raises Unavailable when the wrapped bytes were altered, belong to another key id or release, or were wrapped under
    another master key: until an operator restores the right one, the title cannot be licensed.
    """
    return ContentKey(kid, track, _open_by_any(wrapped, kid, masters, release_id))


def rewrap(wrapped: bytes, *, kid: str, release_id: int, masters: Sequence[str]) -> bytes | None:
    """The same key wrapped under the first of the master keys: one step of a rotation. None where it is already.

    Raises as `unwrap` and `wrap`.
    """
    with contextlib.suppress(Unavailable):
        _open(wrapped, kid, masters[0], release_id)
        return None
    return _seal(_open_by_any(wrapped, kid, masters, release_id), kid, masters[0], release_id)


def _open_by_any(wrapped: bytes, kid: str, masters: Sequence[str], release_id: int) -> bytes:
    for master in masters[:-1]:
        with contextlib.suppress(Unavailable):
            return _open(wrapped, kid, master, release_id)
    return _open(wrapped, kid, masters[-1], release_id)


def _seal(key: bytes, kid: str, master: str, release_id: int) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return VERSION + nonce + _cipher(master).encrypt(nonce, key, _bound_to(kid, release_id))


def _open(wrapped: bytes, kid: str, master: str, release_id: int) -> bytes:
    if wrapped[:1] != VERSION:
        raise Unavailable("unknown wrapping", where=f"key {kid}", expected="version 1", got=wrapped[:1].hex() or "none")
    nonce, ciphertext = wrapped[1 : 1 + NONCE_BYTES], wrapped[1 + NONCE_BYTES :]
    try:
        return _cipher(master).decrypt(nonce, ciphertext, _bound_to(kid, release_id))
    except (InvalidTag, ValueError):
        expected = "the master key, key id and release it was wrapped with"
        raise Unavailable("the content key does not open", where=f"key {kid}", expected=expected) from None


def _bound_to(kid: str, release_id: int) -> bytes:
    return f"marquee content key {kid} of release {release_id}".encode()


def _cipher(master: str) -> AESGCM:
    """AES-256-GCM under a key derived by HKDF (RFC 5869), so that the master key may have any form."""
    if len(master) < MIN_MASTER_CHARACTERS:
        expected = f"{MIN_MASTER_CHARACTERS} random characters or more"
        raise InvalidInput("the master key is too short", where="MARQUEE_MASTER_KEY", expected=expected)
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"marquee content keys 1").derive(master.encode())
    return AESGCM(derived)
