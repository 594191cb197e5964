"""Titles of rows as JSON bytes, made once for each language; the end here and the profile's place are filled in."""

from collections.abc import Iterable, Mapping

from pydantic_core import to_json

from api.deps import pick_language
from api.pictures import pictures_of
from api.release_cache import ends_ms
from api.rows.catalogue_snapshot import CatalogueSnapshot
from api.series.names import series_name
from api.titles.schemas import EpisodeOf, TitleCard
from marquee.catalogue.rows import Offered, Programme

Languages = tuple[str, ...]


class Cards:
    """The cards of one snapshot."""

    def __init__(self, snapshot: CatalogueSnapshot) -> None:
        self._offer = snapshot
        self._made: dict[Languages, dict[int, bytes]] = {}

    def name(self, title_id: int, languages: Languages) -> str:
        """In the language wanted most of those that there are."""
        return name_of(self._offer.titles[title_id], languages)

    def items(
        self, title_ids: Iterable[int], languages: Languages, at: Mapping[int, int], until_ms: Mapping[int, int]
    ) -> bytes:
        """RowItems, separated by commas; `at` are the profile's places (ms), `until_ms` when titles leave here."""
        heads = self._made.setdefault(languages, {})
        made = []
        for title_id in title_ids:
            head = heads.get(title_id) or heads.setdefault(title_id, self._head(title_id, languages))
            leaves = b"%d" % until_ms[title_id] if title_id in until_ms else b"null"
            place = self._resume_ms(title_id, at[title_id]) if title_id in at else 0
            made.append(b'%b%b,"resume_ms":%d}' % (head, leaves, place))
        return b",".join(made)

    def _resume_ms(self, title_id: int, position_ms: int) -> int:
        return position_ms if position_ms < self.ends_ms(title_id) else 0

    def ends_ms(self, title_id: int) -> float:
        """From where on it counts as seen to the end."""
        title, programme = self._offer.titles[title_id], self._programme(title_id)
        return ends_ms(programme.duration_s, title.credits_of(programme))

    def duration_ms(self, title_id: int) -> float:
        return self._programme(title_id).duration_s * 1000

    def _programme(self, title_id: int) -> Programme:
        return self._offer.programmes[self._offer.titles[title_id].release_id]

    def _head(self, title_id: int, languages: Languages) -> bytes:
        """All of the item but its last two values."""
        made = card(self._offer, title_id, languages)
        return to_json(made.model_dump(mode="json"))[:-1] + b',"available_until_ms":'


def name_of(title: Offered, languages: Languages) -> str:
    """In the language wanted most of those that there are, else in the original one."""
    return title.names[pick_language(languages, list(title.names)) or title.language]


def card(snapshot: CatalogueSnapshot, title_id: int, languages: Languages) -> TitleCard:
    """A title of a list."""
    title = snapshot.titles[title_id]
    programme = snapshot.programmes[title.release_id]
    return TitleCard(
        title_id=title.title_id,
        slug=title.slug,
        name=name_of(title, languages),
        year=title.year,
        kind=title.kind,
        maturity_rating=title.maturity_rating,
        genres=list(title.genres),
        duration_s=programme.duration_s,
        **pictures_of(title.title_id, title.release_id, title.artwork, programme.artwork)._asdict(),
        episode=_episode(snapshot, title, languages),
    )


def _episode(snapshot: CatalogueSnapshot, title: Offered, languages: Languages) -> EpisodeOf | None:
    if title.series is None:
        return None
    name = series_name(title.series, snapshot.series_names(title.series), languages)
    return EpisodeOf(series=title.series, series_name=name, season=title.season or 0, number=title.number or 0)
