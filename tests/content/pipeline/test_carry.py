"""The whole pipeline in one process, on local disk and on object storage: the same code, the same laws."""

import shutil
from pathlib import Path

import boto3
import httpx
import pytest
from sqlalchemy import text

from marquee.catalogue import deliveries, releases, titles
from marquee.catalogue.database import begin
from marquee.content.delivery.compose import compose
from marquee.content.desk import listing
from marquee.content.origin.replica import complete
from marquee.content.pipeline import board, content_keys, ingest, planning, quality, releasing, stores
from marquee.content.pipeline.inline import carry
from marquee.content.pipeline.showing_first import first_ladder
from marquee.contracts.errors import Conflict, DeliveryRefused, InvalidInput, NotFound
from marquee.contracts.plan import DrmScheme
from marquee.settings import settings
from tests.conftest import MakeClip

pytestmark = pytest.mark.usefixtures("catalogue")

SECONDS = 3
BUCKETS = ("mezzanine", "encodes", "origin-eu", "origin-us")


@pytest.fixture(params=["disk", "objects"])
def where(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, catalogue: None, s3_server: str) -> str:
    """Where bytes are kept: below MARQUEE_HOME, or in buckets of a real S3 server on loopback."""
    if request.param == "disk":
        return "disk"
    httpx.post(f"{s3_server}/moto-api/reset").raise_for_status()
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", s3_server)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    client = boto3.client("s3")
    for bucket in BUCKETS:
        client.create_bucket(Bucket=bucket)
    monkeypatch.setenv("MARQUEE_MEZZANINE_URL", "s3://mezzanine/m")
    monkeypatch.setenv("MARQUEE_WORK_URL", "s3://encodes/w")
    monkeypatch.setenv("MARQUEE_ORIGIN_URLS", '{"eu": "s3://origin-eu/o", "us": "s3://origin-us/o"}')
    settings.cache_clear()
    return "objects"


@pytest.fixture
def delivered(make_clip: MakeClip) -> str:
    clip = make_clip("film.mp4", seconds=SECONDS, size="320x180")
    return compose(settings().inbox, clip, title="A film", year=2026)


def test_a_delivery_is_carried_to_every_replica_and_again_changes_nothing(
    where: str, delivered: str, make_clip: MakeClip
) -> None:
    shown = carry(delivered, ladder="preview", actor="test")
    with begin() as session:
        release = releases.document(releases.get(session, shown.release_id))
    assert {v.frames for v in release.video} == {SECONDS * 25}
    assert all(complete(store, release) for store in stores.origins().values())
    (row,) = listing.titles().items
    assert (row.state, row.building, row.shown) == ("published", None, release.model_copy(update={"files": ()}))

    kept = {store.url: list(store.keys()) for store in (stores.mezzanine(), stores.work())}
    compose(settings().inbox, make_clip("film.mp4", seconds=SECONDS, size="320x180"), title="A film", year=2026)
    again = carry(delivered, ladder="preview", actor="test")
    assert (again.release_id, again.changed) == (shown.release_id, False)
    assert {store.url: list(store.keys()) for store in (stores.mezzanine(), stores.work())} == kept


def test_a_refused_delivery_is_kept_whole_with_its_reason(delivered: str) -> None:
    film = next((settings().inbox / delivered).glob("*film.mp4"))
    film.write_bytes(b"#EXTM3U\nhttp://127.0.0.1/secret.ts\n")
    with pytest.raises(DeliveryRefused):
        ingest.ingest(delivered)
    assert not (settings().inbox / delivered).exists()
    (refused,) = board.refused()
    assert refused.refusal.code == "playlist"
    kept = settings().quarantine / refused.refusal.quarantine
    assert next(kept.rglob("*film.mp4")).read_bytes().startswith(b"#EXTM3U")
    assert listing.titles().items == ()


@pytest.mark.parametrize("name", ["", "..", "a/b", "never-delivered"])
def test_a_name_that_is_no_delivery_is_refused(name: str) -> None:
    with pytest.raises((InvalidInput, NotFound)):
        ingest.ingest(name)


def test_a_decision_needs_a_reason_and_is_not_overruled(delivered: str) -> None:
    taken = ingest.ingest(delivered)
    checked = quality.check(taken.delivery_id, "ebu-r128")
    assert quality.check(taken.delivery_id, "ebu-r128") == checked  # QC runs once
    with pytest.raises(InvalidInput):
        quality.decide(checked.report_id, quality.WAIVE, "  ", "me")
    with pytest.raises(InvalidInput):
        quality.decide(checked.report_id, "Perhaps", "because", "me")
    assert quality.decide(checked.report_id, quality.REJECT, "no", "me").decision == quality.REJECT
    with pytest.raises(Conflict):
        quality.decide(checked.report_id, quality.WAIVE, "yes", "me")
    (row,) = listing.titles().items
    assert row.state == "rejected"


def test_keys_are_never_stored_in_the_clear(delivered: str) -> None:
    shown = carry(delivered, ladder="preview", actor="test")
    with begin() as session:
        plan = releases.get(session, shown.release_id).plan
    from marquee.content.pipeline.plans import load

    keys = [key.reveal() for key in content_keys.for_release(shown.release_id, load(plan), DrmScheme.CBCS).values()]
    assert keys
    with begin() as session:
        dump = str(session.execute(text("select wrapped from content_keys")).all()).encode()
    files = [p.read_bytes() for p in settings().home.rglob("*") if p.is_file()]
    assert not any(key in content or key.hex().encode() in content for key in keys for content in [dump, *files])


def test_only_a_title_that_viewers_do_not_have_is_shown_quickly_first(delivered: str) -> None:
    shown = carry(delivered, ladder="preview", actor="test")
    with begin() as session:
        delivery = deliveries.latest_accepted(session, delivered)
        title = titles.get(session, shown.title_id)
    assert first_ladder(delivery.id, "standard", quickly=True) == "standard"
    with begin() as session:
        titles.get(session, title.id).current_release_id = None
    assert first_ladder(delivery.id, "standard", quickly=True) == "preview"
    assert first_ladder(delivery.id, "standard", quickly=False) == "standard"


def test_a_film_on_the_grid_is_copied_into_the_release_and_the_plan_says_so(make_clip: MakeClip) -> None:
    grid = ("-preset", "medium", "-crf", "34", "-g", "50", "-sc_threshold", "0", "-bf", "2")
    clip = make_clip("film.mp4", seconds=SECONDS, size="320x180", audio=False, extra=grid)
    slug = compose(settings().inbox, clip, title="A film", year=2026)
    taken = ingest.ingest(slug)
    report = quality.check(taken.delivery_id, "ebu-r128")
    made = planning.plan(taken.delivery_id, report.report_id, ladder="preview", scheme=DrmScheme.CBCS)
    assert made.notes == ("h264 180p is the film's own picture, copied",)
    assert carry(slug, ladder="preview", actor="test").changed
    with begin() as session:
        (row,) = releases.published(session, taken.title_id)
    (video,) = releases.document(row).video
    assert (video.frames, video.width) == (SECONDS * 25, 320)
    assert video.vmaf_mean > 95


def test_rolling_back_needs_whole_replicas(delivered: str, make_clip: MakeClip) -> None:
    old = carry(delivered, ladder="preview", actor="test")
    newer = make_clip("newer.mp4", seconds=SECONDS + 1, size="320x180")
    carry(compose(settings().inbox, newer, title="A film", year=2026), ladder="preview", actor="test")
    region = next(iter(stores.origins()))
    broken: Path = settings().home / "origin" / region / str(old.title_id) / str(old.release_id)
    shutil.rmtree(broken / "audio")
    with pytest.raises(Exception, match="whole"):
        releasing.roll_back("a-film", actor="test")
    assert releasing.scrub("a-film")[old.release_id][region]
    assert releasing.roll_back("a-film", actor="test").release_id == old.release_id
