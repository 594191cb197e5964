"""Deliveries of series: told from titles, refused with a reason, and not taken twice after a crash."""

from pathlib import Path

import pytest
import yaml

from marquee.catalogue import series_versions
from marquee.catalogue.database import begin
from marquee.content.pipeline import arrivals, board, ingest, series
from marquee.contracts.errors import DeliveryRefused
from marquee.settings import settings

pytestmark = pytest.mark.usefixtures("catalogue")


def put(slug: str, **said: object) -> Path:
    folder = settings().inbox / slug
    folder.mkdir(parents=True)
    (folder / "series.yaml").write_text(yaml.safe_dump({"title": "Shores", **said}))
    (folder / ".done").touch()
    return folder


def names() -> dict[str, str]:
    with begin() as session:
        found = {slug: series_versions.find(session, slug) for slug in ("good", "bad")}
        return {slug: row.description["texts"]["en"]["title"] for slug, row in found.items() if row}


def test_the_inbox_tells_series_from_titles() -> None:
    series_folder, title_folder = put("good"), put("a-film")
    (title_folder / "series.yaml").rename(title_folder / "title.yaml")
    assert [slug for slug, _ in series.ready()] == ["good"]
    assert [slug for slug, _ in ingest.ready()] == ["a-film"]
    (series_folder / "title.yaml").write_text("title: both\nyear: 2000\nmedia: a.mp4\n")
    assert series.ready() == []
    with pytest.raises(DeliveryRefused, match="a title and a series"):
        ingest.ingest("good")


def test_one_that_is_refused_stops_none_and_lies_in_quarantine_with_its_reason() -> None:
    put("bad", finished="perhaps")
    put("good")
    (settings().inbox / "link").symlink_to(settings().inbox / "good")
    done = series.take_ready()
    assert (done.taken, list(done.not_taken)) == (("good",), ["bad"])
    assert names() == {"good": "Shores"}
    (refused,) = board.refused()
    assert (refused.refusal.slug, refused.refusal.code) == ("bad", "sidecar-invalid")
    assert refused.refusal.where == "series.yaml: finished"
    assert (settings().quarantine / refused.refusal.quarantine / "delivery" / "series.yaml").exists()
    assert series.ready() == []


def test_a_crash_before_the_folder_goes_takes_nothing_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    put("good")
    with monkeypatch.context() as patch:
        patch.setattr("marquee.content.pipeline.series.shutil.rmtree", lambda _: (_ for _ in ()).throw(ConnectionError))
        with pytest.raises(ConnectionError):
            series.take("good")
    assert [slug for slug, _ in arrivals.ready("series.yaml")] == ["good"]
    series.take("good")
    with begin() as session:
        row = series_versions.find(session, "good")
        assert row
        assert (row.version, len(series_versions.listed(session, row.id))) == (1, 1)
    assert series.ready() == []
