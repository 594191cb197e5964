"""Lists series for the desk: those of which something is said, and those that only episodes name."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from marquee.catalogue.titles import LIKE

PAGE = text("""
    select coalesce(s.slug, t.series), coalesce(s.version, 0), s.description, coalesce(t.episodes, 0),
           coalesce(t.published, 0)
    from series s full join (
        select series, count(*) as episodes, count(*) filter (where state = 'published') as published
        from titles where series is not null group by series) t on t.series = s.slug
    where coalesce(s.slug, t.series) > :after
      and (:query = '' or replace(coalesce(s.slug, t.series), '-', ' ') ilike :pattern escape '/'
           or exists (select from jsonb_each(s.description -> 'texts') x
                      where x.value ->> 'title' ilike :pattern escape '/'))
    order by 1 limit :size
""")
EPISODES = text("""
    select t.id, t.slug, t.season, t.number, t.state, x.name
    from titles t left join title_texts x on x.title_id = t.id and x.language = t.original_language
    where t.series = :slug order by t.season, t.number, t.id
""")


class ListedSeries(NamedTuple):
    """A series with how many episodes name it, and how many of them are published; version 0: nothing is said of it."""

    slug: str
    version: int
    description: dict[str, Any] | None
    episodes: int
    published: int


class Episode(NamedTuple):
    """A title of a series, under its original name."""

    title_id: int
    slug: str
    season: int
    number: int
    state: str
    name: str


def page(session: Session, query: str, after: str, size: int) -> list[ListedSeries]:
    """Those whose slug or name holds the query, by slug, that come after a slug."""
    wanted = query.replace("\0", "").strip()
    pattern = "%" + LIKE.sub(r"/\g<0>", wanted) + "%"
    found = session.execute(PAGE, {"after": after, "query": wanted, "pattern": pattern, "size": size})
    return [ListedSeries._make(row) for row in found]


def episodes(session: Session, slug: str) -> Sequence[Episode]:
    """All titles of a series, seen by viewers or not, by season and number."""
    return [Episode._make(row) for row in session.execute(EPISODES, {"slug": slug})]
