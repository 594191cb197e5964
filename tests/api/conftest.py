"""A catalogue with published titles, and the app in front of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.main import create_app
from marquee.catalogue import releases, titles
from marquee.catalogue.database import begin
from marquee.content.drm.keys import new_key, wrap
from marquee.contracts.keys import ContentKey, TrackType
from marquee.contracts.plan import DrmScheme
from marquee.contracts.release import AudioTrackRendition, Release, ReleaseFile, TextTrackRendition, VideoRendition
from marquee.contracts.title import Marks, TitleMetadata
from marquee.settings import settings
from tests.households import Viewer, household

TEXTS = {
    "en": {"title": "The Lantern", "synopsis": "A light."},
    "de": {"title": "Die Laterne", "synopsis": "Ein Licht."},
}


@dataclass(frozen=True)
class Published:
    title_id: str
    release_id: str
    keys: tuple[ContentKey, ...]


Publish = Callable[..., Published]


def document(release_id: int, title_id: int, keys: list[ContentKey], scheme: DrmScheme, **more: Any) -> Release:
    video_kid, audio_kid = (keys[0].kid, keys[1].kid) if keys else (None, None)
    video = [
        VideoRendition(
            name=f"h264-{height}p",
            codec="h264",
            width=height * 16 // 9,
            height=height,
            frame_rate="25",
            frames=15000,
            bitrate_avg=1_000_000,
            bitrate_peak=2_000_000,
            vmaf_mean=95,
            vmaf_p5=90,
            kid=video_kid,
        )
        for height in (360, 1080)
    ]
    audio = [
        AudioTrackRendition(
            name=f"en-aac-{n}", codec="aac", language="en", role="main", channels=n, bitrate_avg=128_000, kid=audio_kid
        )
        for n in (2, 6)
    ]
    paths = ("art/poster.jpg", "dash/manifest.mpd", "thumbs/thumbnails.vtt", "video/h264-360p/1.m4s")
    return Release(
        **{
            "release_id": release_id,
            "title_id": title_id,
            "slug": "the-lantern",
            "plan": "0" * 16,
            "profile": "test",
            "scheme": scheme,
            "created_at": datetime.now(UTC),
            "duration_s": 600,
            "segment_s": 4,
            "video": video,
            "audio": audio,
            "text": [TextTrackRendition(name="en-sdh", language="en", kind="sdh", cues=10)],
            "marks": Marks(intro_start_s=5, intro_end_s=35.5, credits_start_s=560),
            "files": [ReleaseFile(path=p, sha256="0" * 64, size=1) for p in paths],
            **more,
        }
    )


@pytest.fixture
def publish(catalogue: None) -> Publish:
    """`publish("slug", scheme=…, metadata={…}, release={…})`: a title with a release that viewers get.

    With `shown=False` the release is whole, and nobody has published it.
    """

    def make(
        slug: str = "the-lantern",
        *,
        scheme: DrmScheme = DrmScheme.CBCS,
        metadata: dict[str, Any] | None = None,
        release: dict[str, Any] | None = None,
        plan: str = "a",
        shown: bool = True,
    ) -> Published:
        sidecar = TitleMetadata.model_validate(
            {"slug": slug, "media": "film.mp4", "texts": TEXTS, "year": 1999, "genres": ["drama"], **(metadata or {})}
        )
        keys = [] if scheme is DrmScheme.NONE else [new_key(TrackType.HD), new_key(TrackType.AUDIO)]
        with begin() as session:
            title = titles.upsert(session, sidecar, f"fingerprint of {slug}")
            row = releases.open_release(session, title.id, plan, title.fingerprint)
            for key in keys:
                wrapped = wrap(key, master=settings().secret("master_key"), release_id=row.id)
                releases.add_key(session, row.id, key.track, key.kid, wrapped)
            row.document = document(row.id, title.id, keys, scheme, **(release or {})).model_dump(mode="json")
            if shown:
                releases.point(session, row.id, action="publish", actor="test")
        return Published(str(title.id), str(row.id), tuple(keys))

    return make


@pytest.fixture
def guest(catalogue: None, tmp_path: Path) -> Iterator[TestClient]:
    """The app on an empty catalogue, without a built web app; nobody is signed in."""
    with TestClient(create_app(tmp_path / "dist")) as client:
        yield client


@pytest.fixture
def viewer(catalogue: None) -> Viewer:
    """Who `client` is: somebody who may watch on four devices at once."""
    return household()


@pytest.fixture
def client(guest: TestClient, viewer: Viewer) -> Iterator[TestClient]:
    """The app, asked by `viewer` where a request has no token of its own."""
    guest.headers.update(viewer.headers)
    yield guest
    guest.headers.pop("authorization")


OpenSession = Callable[..., dict[str, Any]]


@pytest.fixture
def open_session(client: TestClient) -> OpenSession:
    """`open_session(published, key="…")`: the grant."""

    def make(published: Published, key: str = "key 1") -> dict[str, Any]:
        answer = client.post(
            "/v1/playback-sessions", json={"title_id": published.title_id}, headers={"Idempotency-Key": key}
        )
        assert answer.status_code == 201, answer.text
        grant: dict[str, Any] = answer.json()
        return grant

    return make


def bearer(grant: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {grant['token']}"}


def assert_problem(answer: Any, status: int, type_: str) -> dict[str, Any]:
    """The shape every error has."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    problem: dict[str, Any] = answer.json()
    assert set(problem) == {"type", "title", "status", "detail", "instance", "trace_id", "errors"}
    assert (problem["type"], problem["status"]) == (f"/problems/{type_}", status)
    assert problem["trace_id"] == answer.headers["x-trace-id"]
    assert problem["detail"]
    return problem
