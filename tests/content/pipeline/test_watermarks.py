"""A title of the profile `forensic`, and which session a capture of it was made from, as operators ask it."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from marquee.catalogue import releases, titles
from marquee.catalogue.database import begin
from marquee.catalogue.models import PlaybackSessionRow, PreviewRow, ReleaseRow, now
from marquee.cli import cli
from marquee.content.delivery.compose import compose
from marquee.content.edge.variants import bit, code
from marquee.content.media.join import rendition_key
from marquee.content.media.watermark.reader import Readings, SegmentReading
from marquee.content.pipeline import stores
from marquee.content.pipeline.inline import carry
from marquee.content.pipeline.plans import load
from marquee.content.pipeline.watermark_key import name_for, watermark_key
from marquee.contracts.errors import InvalidInput, MarqueeError, NotFound
from marquee.contracts.release import UNLISTED
from marquee.contracts.title import TitleMetadata
from marquee.settings import Profile, settings
from tests.conftest import MakeClip
from tests.households import Viewer, household

pytestmark = pytest.mark.usefixtures("catalogue")
SEGMENTS = 60


def watermark(*words: str) -> str:
    """What a command prints. Raises what it raises."""
    done = CliRunner().invoke(cli, ["watermark", *words])
    if isinstance(done.exception, MarqueeError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture
def carried(make_clip: MakeClip) -> int:
    clip = make_clip(
        "film.mp4", seconds=4, size="320x180", video="testsrc2=size=320x180:rate=25:duration=4,noise=alls=20"
    )
    return carry(compose(settings().inbox, clip, title="A film", year=2026), ladder="forensic", actor="test").release_id


def document(release_id: int) -> Any:
    with begin() as session:
        row = releases.get(session, release_id)
        return releases.document(row), load(row.plan)


def shown(release_id: int, session_id: int, folder: Path) -> str:
    """A file of readings that show a session's copy."""
    coded = code(watermark_key(), release_id, session_id, SEGMENTS)
    segments = [SegmentReading(segment=n, value=5.0 - 10 * bit(coded, n)) for n in range(SEGMENTS)]
    found = Readings(watermark="of tests", begins_s=0, area=(0, 0, 1, 1), segments=tuple(segments))
    path = folder / f"{session_id}.json"
    path.write_text(found.model_dump_json())
    return str(path)


def test_a_forensic_title_is_published_in_two_variants_that_are_read(carried: int, tmp_path: Path) -> None:
    release, plan = document(carried)
    assert release.watermark == plan.watermark == name_for("forensic")
    assert {file.path.split("/")[0] for file in release.files} >= {"video", UNLISTED}
    assert all(not each.name.endswith("-b") for each in release.video)
    for rung, expected in zip(plan.rungs, "AB", strict=True):
        kept = tmp_path / f"{expected}.json"
        film = stores.work().fetch(rendition_key(plan, rung))
        told = watermark("read", str(film), "--release", str(carried), "--output", str(kept))
        assert told.count(f"  {expected}  ") == len(json.loads(kept.read_text())["segments"]) == 2


def test_the_profile_is_the_only_one_with_a_watermark() -> None:
    assert [bool(name_for(each)) for each in ("standard", "premium", "preview", "forensic")] == [False] * 3 + [True]


def test_production_needs_the_key_to_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    from marquee.content.pipeline import watermark_key as module

    config = settings().model_copy(update={"profile": Profile.PRODUCTION})
    monkeypatch.setattr(module, "settings", lambda: config)
    with pytest.raises(InvalidInput, match="MARQUEE_WATERMARK_KEY"):
        name_for("forensic")
    assert not name_for("standard")


@pytest.fixture
def release() -> ReleaseRow:
    sidecar = {"slug": "a-film", "media": "film.mp4", "texts": {"en": {"title": "A film"}}, "year": 1999}
    with begin() as session:
        title = titles.upsert(session, TitleMetadata.model_validate(sidecar), "a fingerprint")
        return releases.open_release(session, title.id, "a plan", "a fingerprint")


def test_sessions_and_previews_are_found_and_nobody_else(tmp_path: Path, release: ReleaseRow) -> None:
    one, other = household(), household()
    played = [play(release, viewer) for viewer in (one, other)]
    prepared = play(release, other.another(name="Bo"), prepared=True)
    preview = preview_by("eve", release)
    for session_id, whose in ((played[0], f"account {one.account_id}"), (preview, "preview by eve")):
        first, *others = find(session_id, release, tmp_path)
        assert first.startswith(f"named     session {session_id}  {whose}  {SEGMENTS} of {SEGMENTS} segments agree")
        assert [line.split()[:2] for line in others] == [["not", "sure"]] * 2
    assert not any(line.startswith("named") for line in find(prepared, release, tmp_path))  # nothing was played
    with pytest.raises(NotFound):
        watermark("find", shown(release.id, preview, tmp_path), "--release", "1")


def find(session_id: int, release: ReleaseRow, folder: Path) -> list[str]:
    """What is told of a session's copy."""
    return watermark("find", shown(release.id, session_id, folder), "--release", str(release.id)).splitlines()


def play(release: ReleaseRow, viewer: Viewer, **more: Any) -> int:
    ids = {"account_id": viewer.account_id, "profile_id": viewer.profile_id, "title_id": release.title_id}
    return added(PlaybackSessionRow(**ids, release_id=release.id, expires_at=now() + timedelta(hours=1), **more))


def preview_by(actor: str, release: ReleaseRow) -> int:
    ids = {"title_id": release.title_id, "release_id": release.id}
    return added(PreviewRow(**ids, actor=actor, secret_sha256=b"", link_until=now(), opened_at=now()))


def added(row: Any) -> int:
    with begin() as session:
        session.add(row)
        session.flush()
        return int(row.id)
