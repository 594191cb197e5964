"""Sealing: encrypts small secrets at rest with a key of the installation (Fernet: AES-128-CBC with HMAC-SHA256)."""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from marquee.contracts.errors import Unavailable


def _cipher(master: str, use: str) -> Fernet:
    key = HKDF(SHA256(), 32, salt=None, info=use.encode()).derive(master.encode())
    return Fernet(base64.urlsafe_b64encode(key))


def seal(plain: bytes, *, master: str, use: str) -> bytes:
    """Encrypt; a secret sealed for one use cannot be opened for another."""
    return _cipher(master, use).encrypt(plain)


def unseal(sealed: bytes, *, master: str, use: str) -> bytes:
    """Decrypt. Raises Unavailable when the master key is another one than it was sealed with."""
    try:
        return _cipher(master, use).decrypt(sealed)
    except InvalidToken:
        raise Unavailable("a stored secret cannot be opened with this master key", where=use) from None
