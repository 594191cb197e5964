"""A title's figures of the last 28 days are those of the marts; where there are none a sentence says so."""

from pathlib import Path

import pytest

from marquee.viewing.insights import title_figures
from tests.viewing.insights import sample
from tests.viewing.insights.test_view import ask

AS_OF = "SELECT * FROM mart UNION ALL SELECT 'as_of', '2026-03-29'"
ALL = "dt BETWEEN DATE '2026-03-02' AND DATE '2026-03-29'"


def test_figures_are_those_of_the_marts(warehouse: Path) -> None:
    sample.write(warehouse)
    sample.change(warehouse, "about", AS_OF)
    got = title_figures.recent(501)
    assert not isinstance(got, str)
    ((plays, viewers, watched_s),) = ask(
        warehouse,
        "content_performance",
        "SELECT plays_28d, viewers_28d, watched_s_28d FROM mart WHERE title_id = 501",
    )
    ((share,),) = ask(
        warehouse, "title_daily", f"SELECT sum(completions) / sum(plays) FROM mart WHERE title_id = 501 AND {ALL}"
    )
    assert (got.plays, got.viewers, got.watched_s) == (plays, viewers, pytest.approx(watched_s))
    assert (got.completion, str(got.until), got.simulated) == (pytest.approx(share), "2026-03-29", 0.95)
    assert 0 < share < 1


def test_a_title_that_nobody_plays_has_no_completion(warehouse: Path) -> None:
    sample.write(warehouse)
    sample.change(warehouse, "about", AS_OF)
    sample.change(
        warehouse,
        "content_performance",
        "SELECT * REPLACE (CASE title_id WHEN 501 THEN 0 ELSE plays_28d END AS plays_28d) FROM mart",
    )
    sample.change(warehouse, "title_daily", "SELECT * FROM mart WHERE title_id <> 501")
    got = title_figures.recent(501)
    assert not isinstance(got, str)
    assert (got.plays, got.completion) == (0, None)
    assert (
        title_figures.recent(7)
        == "This title is not counted yet. Its figures appear with the next run of the DAG viewing_marts."
    )


@pytest.mark.parametrize("name", ["about", "content_performance", "title_daily"])
def test_a_mart_that_is_missing_or_broken_is_a_sentence(warehouse: Path, name: str) -> None:
    assert "first run" in str(title_figures.recent(501))
    sample.write(warehouse)
    sample.change(warehouse, "about", AS_OF)
    path = warehouse / "marts" / f"{name}.parquet"
    path.write_bytes(b"no parquet")
    assert title_figures.recent(501) == "The warehouse cannot be read at the moment."
    path.unlink()
    assert "first run" in str(title_figures.recent(501))
