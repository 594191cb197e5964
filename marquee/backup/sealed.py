"""The secrets of an installation, encrypted with the operator's passphrase (the age format, so `age` opens it too)."""

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pyrage

from marquee.contracts.errors import InvalidInput, Unavailable
from marquee.settings import SECRETS, Settings

LEAST_CHARACTERS = 16
MADE = (*SECRETS, "watermark_key", "postgres_password", "other_master_key")
DOTENV = "dotenv"  # the operator's own file of settings, as it was


def passphrase(path: Path | None) -> str:
    """What stands in the operator's file. Raises InvalidInput where there is none, or too little in it."""
    if path is None:
        raise InvalidInput(
            "secrets are encrypted with a passphrase of yours",
            where="MARQUEE_BACKUP_PASSPHRASE_FILE",
            expected="a file with it, that you also keep elsewhere; or --without-secrets",
        )
    try:
        found = path.read_text().strip()
    except OSError as error:
        raise InvalidInput(f"cannot be read: {error.strerror}", where=str(path)) from None
    if len(found) < LEAST_CHARACTERS:
        raise InvalidInput("too short", where=str(path), expected=f"at least {LEAST_CHARACTERS} characters")
    return found


def seal(s: Settings, words: str) -> bytes:
    """All secrets, certificates' keys and the file of settings."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        for name, content in _secrets(s):
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o600
            archive.addfile(member, io.BytesIO(content))
    return bytes(pyrage.passphrase.encrypt(plain.getvalue(), words))


def open_into(home: Path, sealed: bytes, words: str) -> list[str]:
    """Write them below a home, for the owner only; their names. What is there already stays. Raises Unavailable."""
    try:
        plain = pyrage.passphrase.decrypt(sealed, words)
    except pyrage.DecryptError:
        raise Unavailable("the secrets of the backup cannot be opened with this passphrase") from None
    with tarfile.open(fileobj=io.BytesIO(plain)) as archive:
        names = [member.name for member in archive if not (home / member.name).exists()]
        for name in names:
            (home / name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            archive.extract(name, home, filter="data")
    return names


def _secrets(s: Settings) -> Iterator[tuple[str, bytes]]:
    for name in MADE:
        if value := _value(s, name):
            yield f"secrets/{name}", value.encode()
    for path in sorted((s.home / "tls").rglob("*")):
        if path.is_file():
            yield str(path.relative_to(s.home)), path.read_bytes()
    if (dotenv := Path(".env")).is_file():
        yield f"secrets/{DOTENV}", dotenv.read_bytes()


def _value(s: Settings, name: str) -> str:
    """A secret that is set, or was made; nothing is made for it."""
    path = s.home / "secrets" / name
    return str(getattr(s, name).get_secret_value()) or (path.read_text() if path.is_file() else "")
