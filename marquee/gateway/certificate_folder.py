"""The folder of an installation's certificates: makes what is missing, renews what is about to end.

    authority.pem              the certificates of all authorities that count, to be trusted
    authority/<n>.pem          an authority with its key: needed to make certificates, and by no server
    <role>/public.pem          what a server shows to viewers, with its key
    <role>/inside.pem          what it shows to the other servers, with its key
    <role>/authority.pem       as above, so that a container needs no other folder

An authority is followed by the next one long before it ends: the next is trusted as soon as it is there, and signs only
once the one before could not outlive what it signs. So servers know it when they first meet it.
"""

import os
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from marquee.contracts.errors import Conflict
from marquee.gateway.certificates import LIFE, Signed, Use, issue, names_of, new_authority, now, signed_by
from marquee.tools.nginx import Identity, InsideTls

RENEWAL = LIFE / 3  # before its end
NEXT_AUTHORITY = 2 * LIFE
DOMAIN = "marquee.internal"  # as deploy/nginx/tls.conf.j2 has it; no public name ends so (ICANN, 2024)
INSIDE = {
    "gateway": Use.CLIENT,
    "edge": Use.CLIENT,
    "shield": Use.BOTH,
    "origin": Use.SERVER,
    "api": Use.BOTH,
    "prometheus": Use.CLIENT,
}
"""What each role is to the others; the API also asks itself, for its health."""
MEDIA = ("shield", "origin")  # which edges ask as one


@dataclass(frozen=True)
class Made:
    """One certificate: whether it is new, and until when it holds."""

    path: Path
    new: bool
    until: datetime


def identity(folder: Path, role: str, kind: str = "public") -> Identity:
    """The files of a role's certificate, `public` or `inside`."""
    path = folder / role / f"{kind}.pem"
    return Identity(path, path)


def inside(folder: Path, role: str) -> InsideTls:
    """How a role shows itself to the other servers, and knows them."""
    return InsideTls(identity(folder, role, "inside"), folder / role / "authority.pem")


def ensure(
    folder: Path,
    public: Mapping[str, Iterable[str]],
    hosts: Iterable[str] = (),
    *,
    replace: bool = False,
    at: datetime | None = None,
) -> list[Made]:
    """Have a certificate of every role; `public` gives the names that viewers know a role by.

    `hosts` are names by which the platform reaches its shields, beside those of this machine. `replace` makes all of
    them new, whatever time they have left. Raises Conflict for a file that no authority of this folder has signed:
    somebody put it there, and it stays.
    """
    at = at or now()
    every = _authorities(folder, at)
    authorities = [each for each in every if each.until > at]
    signing = next((each for each in authorities if each.until - at > LIFE), authorities[-1])
    wanted = {
        (role, kind): (tuple(names), use)
        for role, kind, names, use in (
            *((role, "public", names, Use.SERVER) for role, names in public.items()),
            *((role, "inside", _inside_names(role, hosts), use) for role, use in INSIDE.items()),
        )
    }
    for role, kind in wanted:
        _require_ours(folder / role / f"{kind}.pem", every)
    bundle = b"".join(each.certificate.public_bytes(Encoding.PEM) for each in authorities)
    for place in (folder, *(folder / role for role, _ in wanted)):
        _write(place / "authority.pem", bundle, mode=0o644)
    return [
        _one(folder / role / f"{kind}.pem", signing, names, use, at, replace=replace)
        for (role, kind), (names, use) in wanted.items()
    ]


def _inside_names(role: str, hosts: Iterable[str]) -> tuple[str, ...]:
    names = [f"{role}.{DOMAIN}", "localhost", "127.0.0.1"]
    names += [f"media.{DOMAIN}"] * (role in MEDIA) + [*hosts] * (role == "shield")
    return tuple(dict.fromkeys(names))


def _one(path: Path, authority: Signed, names: tuple[str, ...], use: Use, at: datetime, *, replace: bool) -> Made:
    kept = None if replace else _read(path)
    if kept and kept.until - at > RENEWAL and names_of(kept.certificate) == set(names):
        return Made(path, new=False, until=kept.until)
    fresh = issue(authority, names, use, at)
    _write(path, fresh.pem())
    return Made(path, new=True, until=fresh.until)


def _authorities(folder: Path, at: datetime) -> list[Signed]:
    """All there were, the oldest first; with a new one where the newest is soon to end, or there is none."""
    paths = sorted((folder / "authority").glob("*.pem"), key=lambda path: int(path.stem))
    found = [each for path in paths if (each := _read(path))]
    if not found or found[-1].until - at < NEXT_AUTHORITY + timedelta(days=1):
        number = int(paths[-1].stem) + 1 if paths else 1
        found.append(new_authority(at))
        _write(folder / "authority" / f"{number}.pem", found[-1].pem())
    return found


def _require_ours(path: Path, authorities: Iterable[Signed]) -> None:
    if not path.exists():
        return
    certificate = None
    with suppress(ValueError):
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    if certificate is None or not any(signed_by(certificate, each.certificate) for each in authorities):
        expected = "a certificate of this installation's own; name yours by MARQUEE_TLS_CERTIFICATE and MARQUEE_TLS_KEY"
        raise Conflict("a file that is not overwritten", where=str(path), expected=expected)


def _read(path: Path) -> Signed | None:
    with suppress(FileNotFoundError, ValueError):
        return Signed.of_pem(path.read_bytes())
    return None


def _write(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Appears whole, for the owner only unless it is public; the folder of keys is the owner's as well."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.exists() and path.read_bytes() == content:
        return
    with tempfile.NamedTemporaryFile("wb", dir=path.parent, delete=False) as file:
        file.write(content)
        os.fchmod(file.fileno(), mode)
    Path(file.name).replace(path)
