"""Deliveries that are being uploaded: what was announced, how much of it is there, and what has lain too long.

A draft is the folder `<root>/<id>/` with `upload.json`, and in it `<slug>/`, the delivery as it grows: title.yaml and
the files under their own names, or the one file of a track of a title that is there. When that is handed in it leaves,
and `upload.json` stays as the record.
"""

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import Field

from marquee.content.delivery.compose import write_sidecar
from marquee.content.delivery.limits import most_bytes, most_bytes_of
from marquee.content.delivery.sidecar import SIDECAR, load_sidecar
from marquee.content.delivery.uploads.errors import Locked
from marquee.contracts.base import Contract
from marquee.contracts.delivery import TrackFile
from marquee.contracts.errors import InvalidInput, NotFound
from marquee.contracts.ids import Id, new_id
from marquee.contracts.title import FileName, Slug, TitleMetadata
from marquee.storage import replacing

RECORD, LOCK = "upload.json", "lock"
MAX_FILES = 100


class Announced(Contract):
    """A file that will come. `sha256` is what the server has read, once the whole delivery is there."""

    name: FileName
    size: int = Field(gt=0, description="bytes")
    sha256: str = ""


class Draft(Contract):
    """A delivery that is being uploaded, or was; or, with `track`, one track of a title that is there."""

    id: Id
    slug: Slug
    title: str
    by: str
    at: datetime
    files: tuple[Announced, ...] = Field(max_length=MAX_FILES)
    track: TrackFile | None = None


def create(
    root: Path, slug: str, sidecar: Mapping[str, Any], files: tuple[Announced, ...], by: str, limit: int
) -> Draft:
    """Judge a sidecar and the announced files by the rules of intake, and lay the draft out. `limit`: of a film, bytes.

    Raises DeliveryRefused for the sidecar, InvalidInput for the files; nothing is left then.
    """
    with _making(root) as (number, making):
        folder = making / slug
        folder.mkdir()
        write_sidecar(folder, sidecar)
        metadata = load_sidecar(folder)
        _judge(metadata, files, limit)
        draft = Draft(id=number, slug=slug, title=metadata.name, by=by, at=datetime.now(UTC), files=files)
        _lay_out(making, draft)
    return draft


def create_track(root: Path, slug: str, title: str, track: TrackFile, size: int, by: str, limit: int) -> Draft:
    """Lay out the upload of one track of `size` bytes. `limit`: of a sound file, bytes. Raises InvalidInput."""
    most = most_bytes_of(track, limit)
    if size > most:
        expected, got = f"at most {most} bytes", f"{size} bytes"
        raise InvalidInput("the file is too large", where=track.file, expected=expected, got=got)
    files, name = (Announced(name=track.file, size=size),), f"{title}: {track.name}"
    with _making(root) as (number, making):
        (making / slug).mkdir()
        draft = Draft(id=number, slug=slug, title=name, by=by, at=datetime.now(UTC), files=files, track=track)
        _lay_out(making, draft)
    return draft


@contextmanager
def _making(root: Path) -> Iterator[tuple[int, Path]]:
    """A number, and a hidden folder that becomes the draft of that number when the block ends well."""
    number = new_id()
    making = root / f".{number}-{secrets.token_hex(4)}"
    try:
        making.mkdir(parents=True)
        yield number, making
        making.rename(root / str(number))
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _lay_out(making: Path, draft: Draft) -> None:
    for file in draft.files:
        (making / draft.slug / file.name).touch(exist_ok=False)
    (making / LOCK).touch()
    (making / RECORD).write_text(draft.model_dump_json())


def _judge(metadata: TitleMetadata, files: tuple[Announced, ...], limit: int) -> None:
    """Exactly the files that the sidecar names, none twice, none larger than intake would take."""
    limits = most_bytes(metadata, limit)
    names = [file.name for file in files]
    if len(set(names)) < len(names) or SIDECAR in names:
        raise InvalidInput("a name is given twice", where="files", expected=f"each once, none {SIDECAR}")
    if missing := sorted(limits.keys() - set(names)):
        raise InvalidInput("title.yaml names a file that is not uploaded", where="files", expected=missing[0])
    for file in files:
        if file.name not in limits:
            raise InvalidInput("title.yaml does not name this file", where="files", got=file.name)
        if file.size > limits[file.name]:
            expected, got = f"at most {limits[file.name]} bytes", f"{file.size} bytes"
            raise InvalidInput("the file is too large", where=file.name, expected=expected, got=got)


def read(root: Path, number: int) -> Draft:
    """Raises NotFound."""
    try:
        return Draft.model_validate_json((root / str(number) / RECORD).read_bytes())
    except FileNotFoundError:
        raise NotFound("no such upload; it may have lain too long", where="upload", got=str(number)) from None


def every(root: Path) -> list[Draft]:
    """All drafts, the latest first."""
    numbers = sorted((int(p.name) for p in root.glob("[0-9]*") if p.name.isdecimal()), reverse=True)
    return [read(root, number) for number in numbers if (root / str(number) / RECORD).exists()]


def folder_of(root: Path, draft: Draft) -> Path:
    """The delivery as it grows; gone when it was handed in."""
    return root / str(draft.id) / draft.slug


def received(root: Path, draft: Draft) -> list[int]:
    """Bytes that are there of each file; all of them once the delivery was handed in."""
    folder = folder_of(root, draft)
    if not folder.exists():
        return [file.size for file in draft.files]
    return [_length(folder / file.name) for file in draft.files]


def _length(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def is_whole(root: Path, draft: Draft) -> bool:
    """Whether every byte has come."""
    return received(root, draft) == [file.size for file in draft.files]


@contextmanager
def locked(root: Path, draft: Draft) -> Iterator[None]:
    """For whoever hands a draft in or throws it away. Raises Locked when somebody else is at it, NotFound."""
    try:
        file = os.open(root / str(draft.id) / LOCK, os.O_RDONLY)
    except FileNotFoundError:
        raise NotFound("no such upload", where="upload", got=str(draft.id)) from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise Locked("this upload is being handed in", where=draft.slug) from None
    finally:
        os.close(file)


def keep(root: Path, draft: Draft) -> None:
    """Write the record anew."""
    with replacing(root / str(draft.id) / RECORD) as temporary:
        temporary.write_text(draft.model_dump_json())


def leave(root: Path, draft: Draft) -> None:
    """Delete what has come of a draft whose bytes are kept elsewhere by now; the record stays."""
    leaving = root / f".gone-{draft.id}"
    folder_of(root, draft).rename(leaving)
    shutil.rmtree(leaving)


def discard(root: Path, draft: Draft) -> None:
    """Delete a draft with what has come of it."""
    leaving = root / f".gone-{draft.id}"
    (root / str(draft.id)).rename(leaving)
    shutil.rmtree(leaving)


def untouched_since(root: Path, draft: Draft) -> datetime:
    """When the last byte of a draft came."""
    folder = root / str(draft.id)
    times = [path.lstat().st_mtime for path in (folder / RECORD, *folder_of(root, draft).glob("*"))]
    return datetime.fromtimestamp(max(times), UTC)


def sweep(root: Path, *, before: datetime) -> None:
    """Remove what a crash left, before a moment, of drafts that were being made or deleted."""
    for path in root.glob(".*"):
        if path.stat().st_mtime < before.timestamp():
            shutil.rmtree(path, ignore_errors=True)
