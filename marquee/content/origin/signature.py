"""Signs release.json with Ed25519 (RFC 8032), so that a file changed on a replica or in the database is noticed.

What is signed is the document without its signature, as JSON in UTF-8 without white space, its keys sorted. It lists
the SHA-256 of every other file, so one signature covers the whole release.
"""

import base64
import binascii
import json

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from marquee.content.origin.replica import document
from marquee.contracts.errors import GateFailed, InvalidInput
from marquee.contracts.release import Release, Signature

MIN_CHARACTERS = 32


def sign(release: Release, secret: str) -> Release:
    """The release with its signature, in the place of any it had. Raises InvalidInput for a short secret."""
    key = _private(secret)
    value = base64.b64encode(key.sign(_signed(release))).decode()
    return release.model_copy(update={"signature": Signature(key=_name(key.public_key()), value=value)})


def check(release: Release, secret: str) -> None:
    """Raise GateFailed unless the release is signed with the key of this secret and unchanged since."""
    public, where = _private(secret).public_key(), f"{release.prefix}/release.json"
    if release.signature is None:
        raise GateFailed("not signed", where=where, expected=f"a signature of key {_name(public)}", got="none")
    if release.signature.key != _name(public):
        raise GateFailed("signed with another key", where=where, expected=_name(public), got=release.signature.key)
    try:
        public.verify(base64.b64decode(release.signature.value, validate=True), _signed(release))
    except (InvalidSignature, binascii.Error):
        raise GateFailed("changed since it was signed", where=where, expected="the document that was signed") from None


def public_key(secret: str) -> str:
    """The public key in PEM, by which others check signatures."""
    return _private(secret).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _signed(release: Release) -> bytes:
    """In one form, whatever order of keys a database gives back."""
    said = json.loads(document(release.model_copy(update={"signature": None})))
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _private(secret: str) -> Ed25519PrivateKey:
    """The key of a secret by HKDF (RFC 5869), so that the secret may have any form."""
    if len(secret) < MIN_CHARACTERS:
        expected = f"{MIN_CHARACTERS} random characters or more"
        raise InvalidInput("the signing key is too short", where="MARQUEE_SIGNING_KEY", expected=expected)
    seed = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"marquee release signing 1").derive(secret.encode())
    return Ed25519PrivateKey.from_private_bytes(seed)


def _name(key: Ed25519PublicKey) -> str:
    """The first 16 hex digits of the public key: enough to tell keys apart."""
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()[:16]
