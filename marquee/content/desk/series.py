"""Series for content ops: a list, and all that is known of one."""

from marquee.catalogue import series_list, series_versions
from marquee.catalogue.database import begin
from marquee.catalogue.models import SeriesRow
from marquee.catalogue.series import readable
from marquee.content.desk.sheet import VersionLine, version_line
from marquee.contracts.base import Contract
from marquee.contracts.errors import NotFound
from marquee.contracts.ids import Id
from marquee.contracts.series import SeriesDescription
from marquee.settings import settings

SIZE = 100  # series on a page


class SeriesLine(Contract):
    """One series. Version 0: nothing is said of it, and it goes by its slug."""

    slug: str
    name: str
    version: int
    finished: bool | None
    episodes: int
    published: int


class SeriesPage(Contract):
    """One page of the series that match; `next` is `after` of the page that follows."""

    items: tuple[SeriesLine, ...]
    next: str


class EpisodeLine(Contract):
    """A title of the series."""

    title_id: Id
    slug: str
    season: int
    number: int
    state: str
    name: str


class SeriesSheet(Contract):
    """A series as content ops see it. `edited` are the fields that a person has set: deliveries leave them.

    `artwork` are the addresses of its own pictures, by kind.
    """

    slug: str
    name: str
    version: int
    description: SeriesDescription
    artwork: dict[str, str]
    edited: tuple[str, ...]
    versions: tuple[VersionLine, ...]
    episodes: tuple[EpisodeLine, ...]

    @property
    def etag(self) -> str:
        return f'"{self.version}"'


def listed(query: str = "", *, after: str = "", size: int = SIZE) -> SeriesPage:
    """The series whose slug or name holds the query."""
    with begin() as session:
        found = series_list.page(session, query, after, size + 1)
    lines = tuple(_line(each) for each in found[:size])
    return SeriesPage(items=lines, next=lines[-1].slug if len(found) > size else "")


def sheet(slug: str) -> SeriesSheet:
    """Raises NotFound for a slug that nothing is said of and that no episode names."""
    with begin() as session:
        row = series_versions.find(session, slug)
        episodes = [EpisodeLine(**each._asdict()) for each in series_list.episodes(session, slug)]
        if row is None and not episodes:
            raise NotFound("no such series", where="slug", got=slug)
        versions = series_versions.listed(session, row.id) if row else ()
        return _sheet(slug, row, episodes, tuple(map(version_line, versions)))


def blank(slug: str) -> SeriesSheet:
    """The sheet of a series that nothing is said of yet, and that no episode names."""
    return _sheet(slug, None, [], ())


def _line(found: series_list.ListedSeries) -> SeriesLine:
    said = SeriesDescription.model_validate(found.description) if found.description else None
    return SeriesLine(
        slug=found.slug,
        name=said.name if said else readable(found.slug),
        version=found.version,
        finished=said.finished if said else None,
        episodes=found.episodes,
        published=found.published,
    )


def _sheet(
    slug: str, row: SeriesRow | None, episodes: list[EpisodeLine], versions: tuple[VersionLine, ...]
) -> SeriesSheet:
    said = SeriesDescription.model_validate(row.description) if row else series_versions.unsaid(slug)
    edge = next(iter(settings().edge_urls.values()), "")
    return SeriesSheet(
        slug=slug,
        name=said.name,
        version=row.version if row else 0,
        description=said,
        artwork={kind: f"{edge}/{held['path']}" for kind, held in row.artwork.items()} if row else {},
        edited=tuple(row.edited) if row else (),
        versions=versions,
        episodes=tuple(episodes),
    )
