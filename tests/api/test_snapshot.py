"""A snapshot that was carried on from an older one is the one that is read anew."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete

from api.rows.catalogue_snapshot import OfferKeeper
from marquee.catalogue import titles
from marquee.catalogue.database import begin
from marquee.catalogue.models import Title, TitleState
from tests.api.conftest import Publish


def assert_same(carried_on: OfferKeeper) -> None:
    kept, anew = carried_on.refresh(), OfferKeeper().refresh()
    assert list(kept.titles.items()) == list(anew.titles.items())  # in the same order
    assert kept.programmes == anew.programmes
    assert (kept.languages, kept.own, kept.changes_at) == (anew.languages, anew.own, anew.changes_at)


def test_after_every_kind_of_change_it_is_the_same_as_a_new_one(publish: Publish) -> None:
    keeper = OfferKeeper()
    made = [publish(f"film-{n}") for n in range(6)]
    assert_same(keeper)
    before = keeper.refresh().titles
    end = datetime.now(UTC) + timedelta(days=3)
    publish("film-6", metadata={"availability": [{"territories": ["NZ"], "end": end.isoformat()}]})
    assert_same(keeper)
    assert all(keeper.refresh().titles[title_id] is title for title_id, title in before.items())
    publish("film-1", plan="b")  # another release of it
    assert_same(keeper)
    with begin() as session:
        titles.set_state(session, int(made[2].title_id), TitleState.WITHDRAWN)
        titles.get(session, int(made[3].title_id)).year = 1901
    assert_same(keeper)
    with begin() as session:
        titles.set_state(session, int(made[2].title_id), TitleState.PUBLISHED)
        session.execute(delete(Title).where(Title.slug == "film-6"))
    assert_same(keeper)
