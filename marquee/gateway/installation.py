"""The certificates that the settings call for: made here, or named by the operator and looked at."""

from collections.abc import Iterable
from datetime import datetime
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from marquee.contracts.errors import InvalidInput
from marquee.gateway import certificate_folder
from marquee.gateway.certificate_folder import Made
from marquee.gateway.certificates import names_of, now
from marquee.settings import Settings
from marquee.tools.nginx import Identity

SETTING = "MARQUEE_TLS_CERTIFICATE"


def public_names(s: Settings) -> dict[str, tuple[str, ...]]:
    """By role, the host names and addresses by which viewers, and the platform itself, reach it."""
    gateway = (*_hosts([s.api_url, s.airflow_url]), "localhost")
    edges = (*_hosts([*s.edge_urls.values(), *s.edge_addresses.values()]), "127.0.0.1")  # where *.localhost lies
    return {"gateway": tuple(dict.fromkeys(gateway)), "edge": tuple(dict.fromkeys(edges))}


def public_identity(s: Settings, role: str) -> Identity:
    """What a role shows to viewers: the operator's files, or those that are made here."""
    if s.tls_certificate and s.tls_key:
        return Identity(s.tls_certificate, s.tls_key)
    return certificate_folder.identity(s.certificates, role)


def ensure(s: Settings, *, replace: bool = False) -> list[Made]:
    """Have every certificate that the settings call for; those that the operator names are only looked at.

    Raises InvalidInput where the operator's do not serve, Conflict where a file is in the way.
    """
    names, shields = public_names(s), _hosts(s.shield_addresses.values())
    if not (s.tls_certificate and s.tls_key):
        return certificate_folder.ensure(s.certificates, names, shields, replace=replace)
    if s.tls_certificate.is_relative_to(s.certificates):
        where, expected = str(s.tls_certificate), "a file elsewhere"
        raise InvalidInput(f"{SETTING} names a file that is made here", where=where, expected=expected)
    wanted = (*_hosts([s.api_url, s.airflow_url]), *_hosts(s.edge_urls.values()))
    until = check(Identity(s.tls_certificate, s.tls_key), wanted)
    made = certificate_folder.ensure(s.certificates, {}, shields, replace=replace)
    return [Made(s.tls_certificate, new=False, until=until), *made]


def check(identity: Identity, names: Iterable[str]) -> datetime:
    """Until when a certificate of the operator's holds. Raises InvalidInput where it does not serve these names."""
    where = str(identity.certificate)
    try:
        certificate = x509.load_pem_x509_certificate(identity.certificate.read_bytes())
        key = load_pem_private_key(identity.key.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise InvalidInput("not a certificate and its key", where=where, expected="PEM", got=str(error)) from None
    if key.public_key() != certificate.public_key():
        raise InvalidInput("the key is another certificate's", where=str(identity.key))
    until = certificate.not_valid_after_utc
    if until <= now():
        raise InvalidInput("the certificate has ended", where=where, got=f"{until:%Y-%m-%d}")
    held = names_of(certificate)
    if missing := [name for name in names if not {name, f"*.{name.partition('.')[2]}"} & held]:
        raise InvalidInput(f"the certificate lacks {', '.join(missing)}", where=where, got=", ".join(sorted(held)))
    return until


def _hosts(urls: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(host for url in urls if (host := urlsplit(url).hostname)))
