"""Uploads by REST, their bytes by the tus protocol (https://tus.io/protocols/resumable-upload, 1.0.0).

Extensions: creation, expiration, checksum. An upload is announced as a whole first, with its title.yaml, and each of
its files is then a resource of tus.
"""

import base64
import binascii
from datetime import datetime
from email.utils import format_datetime
from typing import Annotated, Any

from anyio import CancelScope
from fastapi import APIRouter, Depends, Header, HTTPException, Path, Request, Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from marquee.content.pipeline import uploads
from marquee.content.pipeline.uploads import Announced, FileState, Piece, UploadState
from marquee.contracts.base import Contract
from marquee.contracts.errors import InvalidInput
from marquee.settings import settings
from marquee_airflow.access import Editor

VERSION = "1.0.0"
MEDIA_TYPE = "application/offset+octet-stream"
BLOCK = 1024 * 1024  # bytes that are written at once
UploadId = Annotated[int, Path(ge=1, lt=1 << 63)]
Number = Annotated[int, Path(ge=0, le=1000)]


def speaks_tus(request: Request, response: Response) -> None:
    """Refuse clients of another version (412), and tell ours with every answer."""
    response.headers["Tus-Resumable"] = VERSION
    if request.method != "OPTIONS" and request.headers.get("tus-resumable") != VERSION:
        raise HTTPException(412, f"expected Tus-Resumable: {VERSION}", {"Tus-Version": VERSION})


api = APIRouter(prefix="/api/uploads", tags=["uploads"])
tus = APIRouter(prefix="/{upload_id}/files", dependencies=[Depends(speaks_tus)], tags=["tus"])


class Announcement(Contract):
    """A delivery that will come: what title.yaml says, and the files that it names."""

    sidecar: dict[str, Any] = Field(description="fields of title.yaml")
    files: tuple[Announced, ...] = Field(max_length=uploads.MAX_FILES)
    slug: str = Field(default="", max_length=80, description="the delivery's name; made from the title by default")


@api.get("")
def list_uploads() -> list[UploadState]:
    """All uploads, the latest first."""
    return uploads.listed()


@api.post("", status_code=201)
def announce_upload(body: Announcement, by: Editor) -> UploadState:
    """Begin an upload. Its title.yaml and its files' names and sizes are judged before any byte comes."""
    return uploads.announce(body.sidecar, body.files, slug=body.slug, actor=by)


@api.get("/{upload_id}")
def read_upload(upload_id: UploadId) -> UploadState:
    """How far an upload is, and the SHA-256 of its files when it is in the inbox."""
    return uploads.state(upload_id)


@api.delete("/{upload_id}", status_code=204)
def delete_upload(upload_id: UploadId, by: Editor) -> None:  # noqa: ARG001 (asked for)
    """Throw an upload away, with all that has come of it."""
    uploads.discard(upload_id)


@tus.options("", status_code=204)
def discover(upload_id: UploadId, response: Response) -> None:  # noqa: ARG001
    """What this server can of tus."""
    response.headers["Tus-Version"] = VERSION
    response.headers["Tus-Extension"] = "creation,expiration,checksum"
    response.headers["Tus-Checksum-Algorithm"] = ",".join(uploads.ALGORITHMS)
    response.headers["Tus-Max-Size"] = str(settings().max_source_bytes)


@tus.post("", status_code=201)
def create_file(
    request: Request,
    response: Response,
    upload_id: UploadId,
    by: Editor,  # noqa: ARG001
    upload_metadata: Annotated[str, Header(max_length=2000)] = "",
    upload_length: Annotated[int, Header(ge=0)] = 0,
) -> None:
    """The resource of an announced file, by `filename` in Upload-Metadata."""
    found = uploads.state(upload_id)
    name = _filename(upload_metadata)
    file = next((f for f in found.files if f.name == name), None)
    if file is None or file.size != upload_length:
        expected = ", ".join(f"{f.name} of {f.size} bytes" for f in found.files)[:400]
        got = f"{name[:200]} of {upload_length} bytes"
        raise InvalidInput("not a file of this upload", where="Upload-Metadata", expected=expected, got=got)
    base = request.scope.get("root_path", "")
    response.headers["Location"] = f"{base}/api/uploads/{upload_id}/files/{file.number}"
    _expires(response, found.expires)


@tus.head("/{number}")
def ask_offset(upload_id: UploadId, number: Number, response: Response) -> None:
    """How much of a file is there."""
    _lengths(response, uploads.file_state(upload_id, number))
    response.headers["Cache-Control"] = "no-store"


@tus.patch("/{number}", status_code=204)
async def append(
    request: Request,
    response: Response,
    upload_id: UploadId,
    number: Number,
    by: Editor,  # noqa: ARG001
    upload_offset: Annotated[int, Header(ge=0)],
    upload_checksum: Annotated[str, Header(max_length=200)] = "",
    content_length: Annotated[int, Header(ge=0)] = 0,
) -> None:
    """Append a piece. 409: wrong offset; 413: beyond the end; 423: another writes; 460: damaged; 507: disk full."""
    if request.headers.get("content-type") != MEDIA_TYPE:
        raise HTTPException(415, f"expected Content-Type: {MEDIA_TYPE}")
    piece = await run_in_threadpool(uploads.piece, upload_id, number, upload_offset, upload_checksum)
    try:
        piece.expect(content_length)  # before any of it is written
        if await _receive(request, piece):
            piece.confirm()
    finally:
        with CancelScope(shield=True):  # whatever happens to the request, the file is closed
            length = await run_in_threadpool(piece.close)
    response.headers["Upload-Offset"] = str(length)
    _expires(response, (await run_in_threadpool(_handed_in, upload_id)).expires)


def _handed_in(upload_id: int) -> UploadState:
    """The upload, in the inbox if that was its last byte."""
    uploads.hand_in(upload_id)
    return uploads.state(upload_id)


async def _receive(request: Request, piece: Piece) -> bool:
    """Write a body as it comes; false when its sender left before the end."""
    block = bytearray()
    whole = False
    try:
        async for content in request.stream():
            block += content
            if len(block) >= BLOCK:
                await run_in_threadpool(piece.write, bytes(block))
                block.clear()
        whole = True
    except ClientDisconnect:
        pass
    await run_in_threadpool(piece.write, bytes(block))
    return whole


def _filename(metadata: str) -> str:
    """`filename` of Upload-Metadata: pairs by commas, each a key and Base64. Raises InvalidInput."""
    pairs = dict(pair.strip().partition(" ")[::2] for pair in metadata.split(","))
    try:
        return base64.b64decode(pairs.get("filename", ""), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise InvalidInput("not a file name", where="Upload-Metadata", expected="filename, and its Base64") from None


def _lengths(response: Response, file: FileState) -> None:
    response.headers["Upload-Offset"] = str(file.received)
    response.headers["Upload-Length"] = str(file.size)


def _expires(response: Response, at: datetime) -> None:
    response.headers["Upload-Expires"] = format_datetime(at, usegmt=True)


api.include_router(tus)
