"""Uploads: announced with their sidecar, received piece by piece, handed in when they are whole."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import Field

from marquee.content.delivery.quarantine import safe_slug
from marquee.content.delivery.uploads import drafts
from marquee.content.delivery.uploads.drafts import MAX_FILES, Announced, Draft
from marquee.content.delivery.uploads.errors import Locked
from marquee.content.delivery.uploads.receiving import ALGORITHMS, Piece
from marquee.content.pipeline import arrivals
from marquee.contracts.base import Contract
from marquee.contracts.delivery import TrackFile
from marquee.contracts.errors import Conflict, InvalidInput, NotFound
from marquee.contracts.ids import Id
from marquee.logs import log
from marquee.settings import settings
from marquee.storage import file_sha256

__all__ = ["ALGORITHMS", "Announced", "FileState", "Piece", "UploadState"]
MAX_OPEN = 500
PAUSE = timedelta(hours=1)  # an empty folder of a draft in the making is younger


class FileState(Contract):
    """How much of a file is there."""

    number: int
    name: str
    size: int
    received: int
    sha256: str = Field(description="once the delivery is handed in")


class UploadState(Contract):
    """A delivery that is being uploaded, or was. `problem` says why a whole one is not in the inbox yet."""

    id: Id
    slug: str
    title: str
    by: str
    at: datetime
    expires: datetime
    delivered: bool
    problem: str
    track: TrackFile | None = Field(default=None, description="of a title that is there; it is put in by a person")
    files: tuple[FileState, ...]


def announce(sidecar: Mapping[str, Any], files: tuple[Announced, ...], *, slug: str = "", actor: str) -> UploadState:
    """Begin an upload: the sidecar and the files' names and sizes are judged before any byte comes.

    Raises DeliveryRefused, InvalidInput, Conflict when a delivery of this name is waiting, StorageFull.
    """
    name = slug or safe_slug(str(sidecar.get("slug") or sidecar.get("title") or ""))
    if safe_slug(name) != name:
        expected = "small letters, digits and single hyphens"
        raise InvalidInput("not a name of a delivery", where="slug", expected=expected, got=repr(name)[:90])
    if len(files) > MAX_FILES:
        raise InvalidInput("too many files", where="files", expected=f"at most {MAX_FILES}", got=str(len(files)))
    _confirm_begun(name, sum(file.size for file in files))
    named = tuple(Announced(name=file.name, size=file.size) for file in files)  # hashes are the server's own
    return _state(drafts.create(_root(), name, sidecar, named, actor, settings().max_source_bytes))


def announce_track(slug: str, title: str, track: TrackFile, size: int, *, actor: str) -> UploadState:
    """Begin the upload of one track of a title that is there. Raises InvalidInput, Conflict, StorageFull."""
    if arrivals.waiting(slug):
        raise Conflict("a delivery of this title is waiting in the inbox", where=slug)
    _confirm_begun(slug, size)
    return _state(drafts.create_track(_root(), slug, title, track, size, actor, settings().max_source_bytes))


@contextmanager
def whole_track(number: int) -> Iterator[tuple[TrackFile, Path]]:
    """A track whose bytes have all come, and the folder with its file, which goes when the block ends well.

    Raises NotFound, Locked while somebody else is at it, Conflict for a delivery, and where bytes are missing.
    """
    draft = drafts.read(_root(), number)
    folder = drafts.folder_of(_root(), draft)
    if draft.track is None:
        raise Conflict("this upload is a delivery: it goes into the inbox", where=draft.slug)
    with drafts.locked(_root(), draft):
        if not folder.exists():
            raise Conflict("this track has been put in", where=draft.slug, got=str(number))
        if not drafts.is_whole(_root(), draft):
            raise Conflict("bytes of this upload are missing", where=draft.slug, got=str(number))
        yield draft.track, folder
        drafts.leave(_root(), draft)


def tracks_of(slug: str) -> list[UploadState]:
    """The uploads of tracks of a title that have not been put in, the latest first."""
    return [each for each in listed() if each.slug == slug and each.track and not each.delivered]


def _confirm_begun(name: str, size: int) -> None:
    """Another upload of this name may begin, and so many bytes have room. Raises Conflict, StorageFull."""
    begun = [draft for draft in drafts.every(_root()) if drafts.folder_of(_root(), draft).exists()]
    if len(begun) >= MAX_OPEN:
        raise Conflict(
            "too many uploads are open", where="uploads", expected=f"at most {MAX_OPEN}", got=str(len(begun))
        )
    if arrivals.waiting(name):
        raise Conflict("a delivery of this name is waiting in the inbox", where=name)
    if same := next((draft for draft in begun if draft.slug == name), None):
        raise Conflict("an upload of this name is open: go on with it, or delete it", where=name, got=str(same.id))
    _root().mkdir(parents=True, exist_ok=True)
    # room for all that is announced, so that uploads do not starve one another half-way
    arrivals.confirm_room(_announced(begun) + size)


def _announced(begun: list[Draft]) -> int:
    """Bytes that are still to come of these drafts."""
    return sum(sum(file.size for file in d.files) - sum(drafts.received(_root(), d)) for d in begun)


def listed() -> list[UploadState]:
    """All uploads, the latest first."""
    return [_state(draft) for draft in drafts.every(_root())]


def state(number: int) -> UploadState:
    """How far an upload is. Raises NotFound."""
    return _state(drafts.read(_root(), number))


def file_state(number: int, file: int) -> FileState:
    """How much of one file is there. Raises NotFound."""
    found = _state(drafts.read(_root(), number)).files
    if file >= len(found):
        raise NotFound("no such file of this upload", where="file", got=str(file))
    return found[file]


def piece(number: int, file: int, offset: int, checksum: str = "") -> Piece:
    """A piece of a file, to be written, confirmed and closed. Raises NotFound, Locked, WrongOffset, InvalidInput."""
    draft = drafts.read(_root(), number)
    announced = file_state(number, file)
    return Piece(drafts.folder_of(_root(), draft) / announced.name, announced.size, offset, checksum)


def hand_in(number: int) -> None:
    """Move a delivery into the inbox, if it is whole and its name is free there. Doing it again changes nothing."""
    draft = drafts.read(_root(), number)
    folder = drafts.folder_of(_root(), draft)
    if draft.track or not folder.exists() or not drafts.is_whole(_root(), draft) or arrivals.waiting(draft.slug):
        return
    try:
        with drafts.locked(_root(), draft):
            if folder.exists():
                hashed = tuple(f.model_copy(update={"sha256": file_sha256(folder / f.name)}) for f in draft.files)
                drafts.keep(_root(), draft.model_copy(update={"files": hashed}))
                arrivals.hand_in(folder, f"upload {draft.id}")
                log.info("uploaded", slug=draft.slug, upload=draft.id, by=draft.by)
    except (Conflict, NotFound) as error:  # somebody else is at it, or the name was taken just now
        log.info("not handed in", slug=draft.slug, upload=draft.id, reason=str(error))


def discard(number: int) -> None:
    """Delete an upload. Raises NotFound, Locked while it is handed in."""
    draft = drafts.read(_root(), number)
    with drafts.locked(_root(), draft):
        drafts.discard(_root(), draft)


def tidy() -> int:
    """Hand in what is whole, and delete what has lain too long; how many were deleted."""
    gone = 0
    for draft in drafts.every(_root()):
        hand_in(draft.id)
        if _expiry(draft) < datetime.now(UTC):
            try:
                discard(draft.id)
                gone += 1
            except (Locked, NotFound):
                continue
    drafts.sweep(_root(), before=datetime.now(UTC) - PAUSE)
    return gone


def _state(draft: Draft) -> UploadState:
    lengths = drafts.received(_root(), draft)
    delivered = not drafts.folder_of(_root(), draft).exists()
    whole = lengths == [file.size for file in draft.files]
    problem = "a delivery of this name is in the inbox; this one follows when it has gone"
    return UploadState(
        id=draft.id,
        slug=draft.slug,
        title=draft.title,
        by=draft.by,
        at=draft.at,
        expires=_expiry(draft),
        delivered=delivered,
        problem=problem if whole and not delivered and not draft.track and arrivals.waiting(draft.slug) else "",
        track=draft.track,
        files=tuple(
            FileState(number=number, name=file.name, size=file.size, received=length, sha256=file.sha256)
            for number, (file, length) in enumerate(zip(draft.files, lengths, strict=True))
        ),
    )


def _expiry(draft: Draft) -> datetime:
    return drafts.untouched_since(_root(), draft) + timedelta(days=settings().upload_days)


def _root() -> Path:
    """Hidden in the inbox: on its disk, so that handing in is a rename, and passed over by the watch."""
    return settings().inbox / ".uploads"
