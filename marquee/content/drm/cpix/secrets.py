"""Opens the keys of a document: the document key by RSA-OAEP, content keys by AES-256-CBC after their MAC."""

import base64
import binascii
import hmac
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.hashes import SHA1
from lxml.etree import _Element

from marquee.content.drm.cpix.identity import Identity
from marquee.content.drm.cpix.names import AES_256_CBC, HMAC_SHA512, NAMESPACES, RSA_OAEP
from marquee.contracts.errors import GateFailed

BLOCK = 16


@dataclass(frozen=True)
class Opener:
    """The keys of one document."""

    document_key: bytes
    mac_key: bytes
    where: str

    def open(self, secret: _Element, kid: str) -> bytes:
        """The bytes of a `pskc:Secret`. Raises GateFailed for one in the clear, or without the right MAC."""
        where = f"{self.where}: key {kid}"
        sealed = cipher_value(secret, AES_256_CBC, where)
        mac = _base64(secret.findtext("pskc:ValueMAC", "", NAMESPACES), where)
        if not hmac.compare_digest(mac, hmac.digest(self.mac_key, sealed, "sha512")):
            raise GateFailed("the key was changed on its way", where=where, expected="a value of its MAC")
        return _cbc(self.document_key, sealed, where)


def opener(delivery: _Element, identity: Identity, where: str) -> Opener:
    """What opens a document's keys, from its `cpix:DeliveryData` for us. Raises GateFailed."""
    document, mac = (delivery.find(f"cpix:{name}", NAMESPACES) for name in ("DocumentKey", "MACMethod"))
    if document is None or mac is None:
        raise GateFailed("the keys are not encrypted", where=where, expected="a document key and a MAC method")
    for element, expected in ((document, AES_256_CBC), (mac, HMAC_SHA512)):
        if (got := element.get("Algorithm", "none")) != expected:
            raise GateFailed("another algorithm", where=where, expected=expected, got=got)
    keys = [_unwrapped(cipher_value(each, RSA_OAEP, where), identity, where) for each in (document, mac)]
    if len(keys[0]) != 32:
        raise GateFailed("a document key of the wrong size", where=where, expected="32 bytes", got=str(len(keys[0])))
    return Opener(keys[0], keys[1], where)


def cipher_value(parent: _Element, algorithm: str, where: str) -> bytes:
    """The encrypted bytes somewhere below an element. Raises GateFailed for none, or another algorithm."""
    sealed = parent.find(".//pskc:EncryptedValue", NAMESPACES)
    if sealed is None:
        raise GateFailed("a key that is not encrypted", where=where, expected=algorithm)
    method = sealed.find("enc:EncryptionMethod", NAMESPACES)
    if (got := "none" if method is None else method.get("Algorithm", "none")) != algorithm:
        raise GateFailed("another algorithm", where=where, expected=algorithm, got=got)
    return _base64(sealed.findtext("enc:CipherData/enc:CipherValue", "", NAMESPACES), where)


def _unwrapped(sealed: bytes, identity: Identity, where: str) -> bytes:
    try:
        return identity.key.decrypt(sealed, OAEP(MGF1(SHA1()), SHA1(), label=None))  # noqa: S303 (RSA_OAEP says it)
    except ValueError:
        raise GateFailed("sealed for somebody else", where=where, expected="our certificate's key") from None


def _cbc(key: bytes, sealed: bytes, where: str) -> bytes:
    """IV and ciphertext, padded as in XML Encryption: the last byte says how many to drop."""
    if len(sealed) < 2 * BLOCK or len(sealed) % BLOCK:
        raise GateFailed("not whole blocks", where=where, expected="an IV and blocks of 16 bytes", got=str(len(sealed)))
    decryptor = Cipher(AES256(key), CBC(sealed[:BLOCK])).decryptor()
    plain = decryptor.update(sealed[BLOCK:]) + decryptor.finalize()
    if not 1 <= plain[-1] <= BLOCK:
        raise GateFailed("wrong padding", where=where, got=str(plain[-1]))
    return plain[: -plain[-1]]


def _base64(text: str, where: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error:
        raise GateFailed("not base64", where=where) from None
