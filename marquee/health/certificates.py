"""Certificates: the files that this process can read, and until when they hold."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from cryptography import x509

from marquee.health.checks import Check, Part, State, duration, now
from marquee.settings import Settings

SOON_S = 20 * 86_400.0  # `marquee certs` renews 30 days before the end
NAMES = ("public.pem", "inside.pem")


def parts(s: Settings) -> list[Part]:
    """None without TLS."""
    return [Part("Certificates", "certificates", partial(_files, s))] if s.tls else []


def _files(s: Settings) -> Iterator[Check]:
    """The operator's own by its file, made ones by role. Folders of other servers are not there in containers."""
    own = {"public": s.tls_certificate} if s.tls_certificate else {}
    made = {f"{p.parent.name} {p.stem}": p for name in NAMES for p in sorted(s.certificates.glob(f"*/{name}"))}
    found = {**own, **made, **({"authority": s.authority} if s.authority else {})}
    for name, path in found.items():
        yield _one(name, path)
    if not found:
        yield Check("certificates", State.UNKNOWN, "none that can be read here")


def _one(name: str, path: Path) -> Check:
    try:
        until = max(each.not_valid_after_utc for each in x509.load_pem_x509_certificates(path.read_bytes())[:1])
    except (OSError, ValueError) as error:
        return Check(name, State.UNKNOWN, f"cannot be read: {type(error).__name__}")
    left = (until - now()).total_seconds()
    state = State.DOWN if left < 0 else State.WARNING if left < SOON_S else State.OK
    return Check(name, state, f"holds until {until:%Y-%m-%d}, {duration(left)}" if left >= 0 else "has ended")
