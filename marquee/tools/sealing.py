"""Sealing: encrypts small secrets at rest with a key of the installation (Fernet: AES-128-CBC with HMAC-SHA256)."""

import base64
import contextlib
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from marquee.contracts.errors import Unavailable


def _cipher(master: str, use: str) -> Fernet:
    key = HKDF(SHA256(), 32, salt=None, info=use.encode()).derive(master.encode())
    return Fernet(base64.urlsafe_b64encode(key))


def seal(plain: bytes, *, master: str, use: str) -> bytes:
    """Encrypt; a secret sealed for one use cannot be opened for another."""
    return _cipher(master, use).encrypt(plain)


def unseal(sealed: bytes, *, masters: Sequence[str], use: str) -> bytes:
    """Decrypt by the first of the master keys that opens it. Raises Unavailable when none does."""
    try:
        return MultiFernet([_cipher(master, use) for master in masters]).decrypt(sealed)
    except InvalidToken:
        raise Unavailable("a stored secret cannot be opened with this master key", where=use) from None


def reseal(sealed: bytes, *, masters: Sequence[str], use: str) -> bytes | None:
    """The same secret sealed with the first of the master keys; None where it is already. Raises as `unseal`."""
    with contextlib.suppress(Unavailable):
        unseal(sealed, masters=masters[:1], use=use)
        return None
    return seal(unseal(sealed, masters=masters, use=use), master=masters[0], use=use)
