"""Live figures: the query the page uses, and the gauges Prometheus collects."""

from datetime import timedelta

import pytest

from api.ops import live as gauges
from api.ops.service import Metrics
from marquee.catalogue import live
from marquee.catalogue.database import begin
from marquee.catalogue.models import LiveMetric, now


def saw(ago_min: float, value: float, edge: str = "*", metric: str = "viewers") -> None:
    with begin() as session:
        minute = (now() - timedelta(minutes=ago_min)).replace(microsecond=0)
        session.add(LiveMetric(minute=minute, metric=metric, edge=edge, value=value))


@pytest.mark.usefixtures("catalogue")
def test_the_newest_minute_becomes_gauges() -> None:
    saw(3, 7)
    saw(1, 12)
    saw(61, 99)
    text = Metrics().render().decode()
    assert 'marquee_live{edge="*",metric="viewers"} 12.0' in text
    assert "99" not in [line.rsplit(" ")[-1] for line in text.splitlines() if line.startswith("marquee_live")]
    with begin() as session:
        assert [row.value for row in live.last_hour(session)] == [7, 12]


@pytest.mark.usefixtures("catalogue")
def test_old_figures_say_nothing_about_now() -> None:
    saw(6, 7)
    assert "marquee_live{" not in Metrics().render().decode()


@pytest.mark.usefixtures("catalogue")
def test_alarms_are_gauges_of_their_own() -> None:
    saw(0, 1, edge="edge-b", metric="alarm:start_failures")
    saw(0, 0, edge="edge-a", metric="alarm:start_failures")
    text = Metrics().render().decode()
    assert 'marquee_alarm{alarm="start_failures",edge="edge-b"} 1.0' in text
    assert 'marquee_alarm{alarm="start_failures",edge="edge-a"} 0.0' in text
    assert 'metric="alarm:' not in text


@pytest.mark.usefixtures("catalogue")
def test_scrapes_share_one_look(monkeypatch: pytest.MonkeyPatch) -> None:
    metrics = Metrics()
    assert "marquee_live{" not in metrics.render().decode()
    saw(1, 12)
    assert "marquee_live{" not in metrics.render().decode(), "within ten seconds nothing is read anew"
    monkeypatch.setattr(gauges, "KEPT_S", 0.0)
    assert "marquee_live{" in metrics.render().decode()


def test_a_scrape_survives_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy.exc import OperationalError

    def down() -> None:
        raise OperationalError("select", {}, Exception("gone"))

    monkeypatch.setattr(gauges, "begin", down)
    assert b"marquee_live" in Metrics().render()
