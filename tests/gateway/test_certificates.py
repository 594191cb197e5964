"""Certificates: what is made holds, in time is renewed, and never stands in the way of what somebody else put there."""

import stat
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509 import verification

from marquee.contracts.errors import Conflict, InvalidInput
from marquee.gateway import certificate_folder, installation
from marquee.gateway.certificate_folder import RENEWAL, ensure
from marquee.gateway.certificates import AUTHORITY_LIFE, LIFE, Signed, Use, issue, names_of, new_authority, now
from marquee.settings import Settings
from marquee.tools.nginx import Identity

NAMES = {"gateway": ("localhost", "airflow.localhost"), "edge": ("edge-a.localhost", "127.0.0.1")}
FILES = {*(f"{role}/public" for role in NAMES), *(f"{role}/inside" for role in certificate_folder.INSIDE)}
START = now()


def trusted(folder: Path) -> verification.Store:
    return verification.Store(x509.load_pem_x509_certificates((folder / "authority.pem").read_bytes()))


def shown(folder: Path, name: str) -> x509.Certificate:
    return Signed.of_pem((folder / f"{name}.pem").read_bytes()).certificate


def test_what_is_made_is_what_a_strict_verifier_accepts(tmp_path: Path) -> None:
    ensure(tmp_path, NAMES)
    for role, names in NAMES.items():
        builder = verification.PolicyBuilder().store(trusted(tmp_path))
        certificate = shown(tmp_path, f"{role}/public")
        for name in names[:1]:
            builder.build_server_verifier(x509.DNSName(name)).verify(certificate, [])
        with pytest.raises(verification.VerificationError):
            builder.build_server_verifier(x509.DNSName("films.example.org")).verify(certificate, [])
        with pytest.raises(verification.VerificationError):  # it opens no door inside
            builder.build_client_verifier().verify(certificate, [])


@pytest.mark.parametrize(("role", "use"), certificate_folder.INSIDE.items())
def test_inside_each_is_what_it_is_to_the_others(tmp_path: Path, role: str, use: Use) -> None:
    ensure(tmp_path, NAMES)
    builder = verification.PolicyBuilder().store(trusted(tmp_path))
    certificate = shown(tmp_path, f"{role}/inside")
    server = builder.build_server_verifier(x509.DNSName(f"{role}.marquee.internal"))
    for verifier, does in ((server, use is not Use.CLIENT), (builder.build_client_verifier(), use is not Use.SERVER)):
        if does:
            verifier.verify(certificate, [])
        else:
            with pytest.raises(verification.VerificationError):
                verifier.verify(certificate, [])


def test_keys_are_for_the_owner_only(tmp_path: Path) -> None:
    made = ensure(tmp_path / "tls", NAMES)
    keys = [*(each.path for each in made), *(tmp_path / "tls/authority").iterdir()]
    assert len(keys) == len(FILES) + 1
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys} == {0o600}
    assert b"PRIVATE" not in (tmp_path / "tls/authority.pem").read_bytes()


def test_doing_it_again_changes_nothing(tmp_path: Path) -> None:
    first = ensure(tmp_path, NAMES)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.pem")}
    again = ensure(tmp_path, NAMES)
    assert all(each.new for each in first)
    assert not any(each.new for each in again)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.pem")} == before


@pytest.mark.parametrize(("left", "renewed"), [(RENEWAL + timedelta(days=1), False), (RENEWAL, True)])
def test_what_is_about_to_end_is_renewed(tmp_path: Path, left: timedelta, renewed: bool) -> None:
    ensure(tmp_path, NAMES, at=START)
    later = ensure(tmp_path, NAMES, at=START + LIFE - left)
    assert {each.new for each in later} == {renewed}
    assert min(each.until for each in later) >= START + LIFE


def test_other_names_make_another_certificate_of_that_role_alone(tmp_path: Path) -> None:
    ensure(tmp_path, NAMES)
    again = ensure(tmp_path, {**NAMES, "edge": ("edge-a.localhost", "edge-c.localhost")})
    assert [each.path for each in again if each.new] == [tmp_path / "edge/public.pem"]


def test_shields_are_known_by_the_names_that_the_platform_reaches_them_by(tmp_path: Path) -> None:
    ensure(tmp_path, NAMES, ["shield-eu"])
    names = {"shield-eu", "media.marquee.internal", "shield.marquee.internal", "localhost", "127.0.0.1"}
    assert names_of(shown(tmp_path, "shield/inside")) == names
    assert "shield-eu" not in names_of(shown(tmp_path, "origin/inside"))


def test_all_are_replaced_on_demand(tmp_path: Path) -> None:
    ensure(tmp_path, NAMES)
    authority = (tmp_path / "authority.pem").read_bytes()
    assert all(each.new for each in ensure(tmp_path, NAMES, replace=True))
    assert (tmp_path / "authority.pem").read_bytes() == authority


def test_the_next_authority_is_trusted_long_before_it_signs(tmp_path: Path) -> None:
    """Through the change of authorities, every ten days as an operator's timer has it: who last read the files eighty
    days ago knows every certificate that it meets.
    """
    end = START + AUTHORITY_LIFE
    ensure(tmp_path, NAMES, at=START)
    day, seen = end - timedelta(days=240), set()
    trust: list[set[bytes]] = []
    while day < end + timedelta(days=30):
        ensure(tmp_path, NAMES, at=day)
        certificate = shown(tmp_path, "api/inside")
        issuer = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
        assert issuer
        trust.append(authorities(tmp_path))
        assert issuer in trust[max(0, len(trust) - 9)], day
        assert certificate.not_valid_after_utc <= end or issuer != authority_of(tmp_path, 1)
        seen.add(issuer)
        day += timedelta(days=10)
    assert len(seen) == 2
    assert authorities(tmp_path) == {authority_of(tmp_path, 2)}  # the first has ended


def authorities(folder: Path) -> set[bytes]:
    every = x509.load_pem_x509_certificates((folder / "authority.pem").read_bytes())
    return {each.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest for each in every}


def authority_of(folder: Path, number: int) -> bytes:
    certificate = shown(folder, f"authority/{number}")
    return certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest


@pytest.mark.parametrize("content", [b"not PEM", "another's"])
def test_what_somebody_put_there_is_not_overwritten(tmp_path: Path, content: bytes | str) -> None:
    ensure(tmp_path, NAMES)
    theirs = (
        content if isinstance(content, bytes) else issue(new_authority(now()), ["localhost"], Use.SERVER, now()).pem()
    )
    (tmp_path / "gateway/public.pem").write_bytes(theirs)
    for replace in (False, True):
        with pytest.raises(Conflict, match="MARQUEE_TLS_CERTIFICATE"):
            ensure(tmp_path, NAMES, replace=replace)
    assert (tmp_path / "gateway/public.pem").read_bytes() == theirs


@pytest.fixture
def own(tmp_path: Path) -> Identity:
    """The operator's files, good for example.org and what is one level below."""
    signed = issue(new_authority(now()), ["example.org", "*.example.org"], Use.SERVER, now())
    path = tmp_path / "operator.pem"
    path.write_bytes(signed.pem())
    return Identity(path, path)


def production(tmp_path: Path, own: Identity, **more: object) -> Settings:
    values: dict[str, object] = {
        "home": tmp_path / "home",
        "tls": True,
        "tls_certificate": own.certificate,
        "tls_key": own.key,
        "public_api_url": "https://films.example.org",
        "public_airflow_url": "https://airflow.example.org",
        "edges": {"edge-a": {"url": "https://a.example.org"}, "edge-b": {"url": "https://b.example.org"}},
        **more,
    }
    return Settings(_env_file=None, **values)


def test_the_operators_files_are_looked_at_and_left_alone(tmp_path: Path, own: Identity) -> None:
    s = production(tmp_path, own)
    before = own.certificate.read_bytes()
    for replace in (False, True):
        made = installation.ensure(s, replace=replace)
        assert not made[0].new
        assert {each.path.stem for each in made[1:]} == {"inside"}
    assert own.certificate.read_bytes() == before
    assert installation.public_identity(s, "edge") == own


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"public_api_url": "https://films.example.net"}, "lacks films.example.net"),
        ({"edges": {"edge-a": {"url": "https://a.b.example.org"}}}, "lacks a.b.example.org"),
        ({"tls_key": "other"}, "another certificate's"),
        ({"tls_certificate": "none"}, "not a certificate and its key"),
        ({"tls_certificate": "old"}, "has ended"),
        ({"tls_certificate": "home/tls/gateway/public.pem"}, "made here"),
    ],
)
def test_files_that_would_not_serve_are_refused(
    tmp_path: Path, own: Identity, changes: dict[str, object], says: str
) -> None:
    (tmp_path / "other").write_bytes(issue(new_authority(now()), ["x"], Use.SERVER, now()).pem())
    old = issue(new_authority(now() - 2 * LIFE), ["*.example.org"], Use.SERVER, now() - 2 * LIFE)
    (tmp_path / "old").write_bytes(old.pem())
    files = {name: tmp_path / str(value) for name, value in changes.items() if name.startswith("tls_")}
    if changes.get("tls_certificate") == "old":
        files["tls_key"] = tmp_path / "old"
    with pytest.raises(InvalidInput, match=says):
        installation.ensure(production(tmp_path, own, **{**changes, **files}))


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"tls_certificate": "/x.pem"}, "set together"),
        ({"tls_key": "/x.pem"}, "set together"),
        ({"tls_certificate": '/x".pem', "tls_key": "/x.pem"}, "may not hold such characters"),
        ({"gateway_proxies": "10.0.0.0/8, proxy"}, "proxy"),
        ({"tls": True, "public_api_url": "https://a.org", "public_airflow_url": "https://a.org:8080"}, "a host name"),
        ({"gateway_rate": 0}, "greater than 0"),
    ],
)
def test_settings_that_do_not_hold_are_refused(values: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Settings(_env_file=None, **values)


def test_one_setting_turns_every_public_address_to_tls(tmp_path: Path) -> None:
    plain, secure = (Settings(_env_file=None, home=tmp_path, tls=tls) for tls in (False, True))
    for s, scheme in ((plain, "http://"), (secure, "https://")):
        urls = [s.api_url, s.airflow_url, *s.edge_urls.values(), *s.edge_addresses.values()]
        assert {url.startswith(scheme) for url in urls} == {True}
    names = installation.public_names(secure)
    assert set(names["gateway"]) == {"localhost", "airflow.localhost"}
    assert set(names["edge"]) == {"edge-a.localhost", "edge-b.localhost", "127.0.0.1"}
