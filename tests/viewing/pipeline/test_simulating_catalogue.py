"""A simulated catalogue is the same for a seed, and takes the place of the one before."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from marquee.catalogue import titles
from marquee.catalogue.database import begin
from marquee.contracts.errors import Conflict, InvalidInput
from marquee.settings import Profile
from marquee.viewing.pipeline import simulating_catalogue
from marquee.viewing.pipeline.simulating_catalogue import simulate_catalogue
from marquee.viewing.simulation.catalogue.rows import titles as simulated
from marquee.viewing.simulation.catalogue.words import LANGUAGES, THINGS

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEPT = "select id, slug, series, season, number, origin, year from titles order by id"


def test_the_same_numbers_give_the_same_titles_and_another_seed_others() -> None:
    assert list(simulated(50, 1, NOW)) == list(simulated(50, 1, NOW))
    assert {t.slug for t in simulated(50, 1, NOW)}.isdisjoint(t.slug for t in simulated(50, 2, NOW))
    assert {t.id for t in simulated(50, 1, NOW)}.isdisjoint(t.id for t in simulated(50, 2, NOW))


def test_every_title_has_a_name_and_a_synopsis_in_every_language() -> None:
    assert all(len(each) == len(LANGUAGES) for each in THINGS)
    for title in simulated(100, 1, NOW):
        assert set(title.words.names) == set(title.words.synopses) == set(LANGUAGES)


@pytest.mark.parametrize(("count", "seed"), [(0, 1), (2_000_000, 1), (10, 1024), (10, -1)])
def test_numbers_that_make_no_catalogue_are_refused(count: int, seed: int) -> None:
    with pytest.raises(InvalidInput):
        list(simulated(count, seed, NOW))


def test_it_takes_the_place_of_the_one_before_and_of_nothing_else(catalogue: None) -> None:
    def rows() -> list[object]:
        with begin() as session:
            return [tuple(row) for row in session.execute(text(KEPT))]

    simulate_catalogue(60, 1)
    first = rows()
    simulate_catalogue(40, 2)
    both = rows()
    assert len(both) == 100
    simulate_catalogue(60, 1)
    assert rows() == both
    simulate_catalogue(30, 1)
    assert len(rows()) == 70
    assert {row[5] for row in first} == {"simulated"}  # type: ignore[index]
    with begin() as session:
        seen = session.scalar(text("select count(*) from titles where current_release_id is not null"))
        title = titles.by_slug(session, rows()[0][1])  # type: ignore[index]
        assert title is not None
        assert len(title.credits) >= 3
        assert 50 < (seen or 0) <= 70


def test_an_installation_for_real_viewers_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulating_catalogue, "settings", lambda: SimpleNamespace(profile=Profile.PRODUCTION))
    with pytest.raises(Conflict):
        simulate_catalogue(10)
