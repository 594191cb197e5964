"""Who we are to a key server: a private key and its certificate; and who the server is."""

from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import Certificate, load_pem_x509_certificate

from marquee.contracts.errors import Unavailable

LEAST_BITS = 3072  # CPIX 2.3, section 6: keys of documents are wrapped with RSA of at least so many


@dataclass(frozen=True)
class Identity:
    """A private RSA key, with which documents are signed and opened, and the certificate that is sent to the server."""

    key: RSAPrivateKey
    certificate: Certificate


def read_identity(path: Path) -> Identity:
    """A PEM file that holds both. Raises Unavailable for one that cannot be read, is no such file, or is too weak."""
    content, certificate = _content(path), read_certificate(path)
    try:
        key = load_pem_private_key(content, password=None)
    except (ValueError, TypeError) as error:
        raise Unavailable("no private key in the file", where=str(path), got=str(error)[:100]) from None
    if not isinstance(key, RSAPrivateKey) or key.key_size < LEAST_BITS:
        raise Unavailable("not a key for CPIX", where=str(path), expected=f"RSA of {LEAST_BITS} bits or more")
    if key.public_key() != certificate.public_key():
        raise Unavailable("the certificate is another key's", where=str(path), expected="that of the key beside it")
    return Identity(key, certificate)


def read_certificate(path: Path) -> Certificate:
    """The first certificate of a PEM file. Raises Unavailable."""
    try:
        return load_pem_x509_certificate(_content(path))
    except ValueError as error:
        raise Unavailable("no certificate in the file", where=str(path), got=str(error)[:100]) from None


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unavailable("the file cannot be read", where=str(path), got=str(error)) from None
