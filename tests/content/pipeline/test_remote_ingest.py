"""Deliveries from object storage into the catalogue, and uploads that end there."""

from pathlib import Path

import boto3
import httpx
import pytest

from marquee.content.delivery.compose import assemble
from marquee.content.pipeline import arrivals, board, ingest, stores, uploads
from marquee.content.pipeline.uploads import Announced
from marquee.contracts.errors import Conflict, DeliveryRefused
from marquee.settings import settings
from marquee.storage import Store
from tests.conftest import MakeClip

pytestmark = pytest.mark.usefixtures("catalogue")
SIDECAR = {"title": "A film", "year": "2001", "media": "film.mp4"}


@pytest.fixture
def inbox(catalogue: None, s3_server: str, monkeypatch: pytest.MonkeyPatch) -> Store:
    httpx.post(f"{s3_server}/moto-api/reset").raise_for_status()
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", s3_server)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    boto3.client("s3").create_bucket(Bucket="inbox")
    monkeypatch.setenv("MARQUEE_INBOX_URL", "s3://inbox/in")
    settings.cache_clear()
    store = stores.inbox()
    assert store
    return store


def hand_in(tmp_path: Path, film: Path, slug: str = "a-film") -> None:
    making = tmp_path / "making" / slug
    assemble(making, SIDECAR, {"film.mp4": film})
    arrivals.hand_in(making, "test")
    assert not making.exists()


def test_a_delivery_is_fetched_taken_and_cleared_away(inbox: Store, tmp_path: Path, make_clip: MakeClip) -> None:
    hand_in(tmp_path, make_clip("film.mp4", seconds=1, size="64x64"))
    assert [slug for slug, _ in ingest.ready()] == ["a-film"]
    taken = ingest.ingest("a-film")
    assert list(inbox.keys()) == []
    assert not list((settings().home / "fetched").glob("*/*"))
    assert ingest.ready() == []
    assert ingest.ingest("a-film") == taken  # a task that is tried again


def test_a_crash_before_the_clearing_takes_nothing_twice(
    inbox: Store, tmp_path: Path, make_clip: MakeClip, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(tmp_path, make_clip("film.mp4", seconds=1, size="64x64"))
    with monkeypatch.context() as patch:
        patch.setattr(arrivals, "clear", lambda folder: (_ for _ in ()).throw(ConnectionError))
        with pytest.raises(ConnectionError):
            ingest.ingest("a-film")
    first = ingest.ingest("a-film")
    assert ingest.ingest("a-film") == first
    assert list(inbox.keys()) == []


def test_a_refused_delivery_is_in_quarantine_and_no_longer_in_the_inbox(inbox: Store, tmp_path: Path) -> None:
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(b"#EXTM3U\n")
    hand_in(tmp_path, bad)
    with pytest.raises(DeliveryRefused):
        ingest.ingest("a-film")
    (refused,) = board.refused()
    kept = settings().quarantine / refused.refusal.quarantine / "delivery"
    assert sorted(p.name for p in kept.iterdir()) == ["film.mp4", "title.yaml"]
    assert list(inbox.keys()) == []


def test_what_cannot_be_fetched_stays_and_is_told_and_not_looked_at_again(inbox: Store) -> None:
    for name in ("title.yaml", "film.mp4", "film.mp4/x", ".done"):
        inbox.write(f"a-film/{name}", b"x")
    with pytest.raises(DeliveryRefused):
        ingest.ingest("a-film")
    (refused,) = board.refused()
    assert refused.refusal.code == "unsafe-name"
    assert "film.mp4/x" in (settings().quarantine / refused.refusal.quarantine / "delivery/objects.txt").read_text()
    assert ingest.ready() == []
    assert list(inbox.keys()) == ["a-film/film.mp4", "a-film/film.mp4/x", "a-film/title.yaml"]


def test_an_upload_appears_there_with_its_last_byte_and_is_handed_in_once(
    inbox: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = uploads.announce(SIDECAR, (Announced(name="film.mp4", size=4),), actor="ops")
    piece = uploads.piece(upload.id, 0, 0)
    piece.write(b"film")
    piece.close()
    write = Store.write

    def dying(self: Store, key: str, content: bytes) -> None:
        raise ConnectionError

    monkeypatch.setattr(Store, "write", dying)
    with pytest.raises(ConnectionError):
        uploads.hand_in(upload.id)
    assert ingest.ready() == []
    monkeypatch.setattr(Store, "write", write)
    uploads.tidy()  # what the watch of the inbox does
    assert uploads.state(upload.id).delivered
    assert [slug for slug, _ in ingest.ready()] == ["a-film"]
    assert inbox.read("a-film/film.mp4") == b"film"
    with pytest.raises(Conflict):
        uploads.announce(SIDECAR, (Announced(name="film.mp4", size=4),), actor="ops")


def test_storage_that_does_not_answer_stops_no_watch(inbox: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARQUEE_INBOX_URL", "s3://no-such-bucket/in")
    settings.cache_clear()
    assert ingest.ready() == []
