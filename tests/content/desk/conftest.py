"""Titles with releases whose bytes lie in real stores, and a cache that notes what is purged."""

from collections.abc import Callable, Iterator
from datetime import datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from marquee.catalogue import deliveries, descriptions, releases, titles
from marquee.catalogue.database import begin
from marquee.catalogue.models import DeliveryRow, ReleaseRow
from marquee.content.origin import replica
from marquee.content.pipeline.integrity import signed
from marquee.content.pipeline.stores import mezzanine, origins, work
from marquee.contracts.delivery import AcceptedDelivery, StoredFile
from marquee.contracts.media import MediaInfo
from marquee.contracts.release import Release, ReleaseFile
from marquee.contracts.title import TitleMetadata
from marquee.settings import settings
from tests.http_servers import HttpServer

DURATION_S = 600.0
PATHS = ("video/h264-360p/1.m4s", "dash/manifest.mpd", "hls/master.m3u8", "art/poster.jpg")
SIDECAR: dict[str, Any] = {
    "media": "film.mp4",
    "texts": {"en": {"title": "The Lantern", "synopsis": "A light."}, "de": {"title": "Die Laterne"}},
    "year": 1999,
    "genres": ["drama"],
    "credits": [{"name": "Ada", "role": "director"}],
    "marks": {"credits_start_s": 560},
}

Deliver = Callable[..., int]


@pytest.fixture
def deliver(catalogue: None) -> Deliver:
    """`deliver("slug", source="hash", plan="plan", publish=True, **fields)`: the title's id.

    A delivery with its files in the mezzanine store, and a release of it on all replicas.
    """

    def make(
        slug: str = "the-lantern", *, source: str = "a" * 64, plan: str = "plan-a", publish: bool = True, **said: Any
    ) -> int:
        metadata = TitleMetadata.model_validate({"slug": slug, **SIDECAR, **said})
        film = StoredFile(name="film.mp4", key=f"{source}/film.mp4", sha256=source, size=4)
        media = MediaInfo.model_construct(duration_s=DURATION_S)
        fingerprint = f"{slug} {source} {metadata.model_dump_json()}"
        accepted = AcceptedDelivery.model_construct(
            fingerprint=fingerprint, metadata=metadata, media=media, source=film, extras={}
        )
        mezzanine().write(film.key, b"film")
        with begin() as session:
            title = titles.upsert(session, metadata, fingerprint)
            deliveries.accept(session, accepted, title.id)
            row = releases.open_release(session, title.id, plan, fingerprint, source)
            document = signed(_document(row, title.id, metadata))
            row.document = document.model_dump(mode="json")
            if publish:
                releases.point(session, row.id, action="publish", actor="test")
        work().write(f"{plan}/plan.json", b"{}")
        for store in origins().values():
            for path in PATHS:
                store.write(f"{document.prefix}/{path}", b"1")
            store.write(f"{document.prefix}/release.json", replica.document(document))
        return title.id

    return make


def _document(row: ReleaseRow, title_id: int, metadata: TitleMetadata) -> Release:
    return Release(
        release_id=row.id,
        title_id=title_id,
        slug=metadata.slug,
        plan=row.plan,
        profile="test",
        scheme="none",  # type: ignore[arg-type]
        created_at=row.created_at,
        duration_s=DURATION_S,
        segment_s=4,
        video=(),
        audio=(),
        text=(),
        marks=metadata.marks,
        files=tuple(ReleaseFile(path=path, sha256=sha256(b"1").hexdigest(), size=1) for path in PATHS),
    )


@pytest.fixture
def purged(catalogue: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The paths that the one shield and the one edge were asked to drop."""
    paths: list[str] = []

    class Cache(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            paths.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = HttpServer(Cache).start()
    address = f"127.0.0.1:{server.server_port}"
    monkeypatch.setenv("MARQUEE_EDGES", f'{{"edge-a": {{"url": "http://{address}"}}}}')
    monkeypatch.setenv("MARQUEE_SHIELD_URLS", f'{{"shield": "http://{address}"}}')
    settings.cache_clear()
    yield paths
    server.stop()


def fields(title_id: int) -> descriptions.Fields:
    """What viewers get of a title."""
    with begin() as session:
        title = titles.get(session, title_id)
        return descriptions.read(session, title)


def version(title_id: int) -> int:
    with begin() as session:
        return titles.get(session, title_id).version


def age(table: type[DeliveryRow | ReleaseRow], column: str, row_id: int, at: datetime) -> None:
    """Make a row older."""
    with begin() as session:
        row = session.get(table, row_id)
        assert row is not None
        setattr(row, column, at)
