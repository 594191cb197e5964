"""The rows of a simulated catalogue, title by title; the same numbers give the same rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from marquee.contracts.errors import InvalidInput
from marquee.contracts.ids import EPOCH_MS
from marquee.contracts.title import Kind, MaturityRating
from marquee.viewing.simulation.catalogue import naming
from marquee.viewing.simulation.catalogue.words import GENRES, LANGUAGES, PARTS

SERIAL, EPISODES, SEASON = 0.3, 8, 4  # share of titles that are episodes, episodes of a series, and of a season
MINUTE_MS = 60_000
MOST_TITLES = 1_000_000
TERRITORIES = ("DE", "FR", "US", "JP")
UNSEEN = 0.02  # share of titles that are not published, and as many are withdrawn
OFTEN = 0.88  # share of titles that the whole world sees for good
Window = tuple[str, datetime | None, datetime | None]


@dataclass(frozen=True)
class SimulatedTitle:
    """A title; `credits` are (name, role, character). Ids are the same for the same seed and number."""

    id: int
    release_id: int
    slug: str
    kind: Kind
    language: str
    year: int
    rating: MaturityRating
    series: str | None
    season: int | None
    number: int | None
    words: naming.Words
    genres: tuple[str, ...]
    credits: tuple[tuple[str, str, str | None], ...]
    windows: tuple[Window, ...]
    at: datetime
    duration_s: float
    state: str = "published"


def source(seed: int) -> str:
    """Slugs of the catalogue of a seed begin with it."""
    return f"simulated-{seed}"


def titles(count: int, seed: int, now: datetime) -> Iterator[SimulatedTitle]:
    """`count` titles: films, and series of eight episodes. Windows that are closed or not yet open are about `now`.

    Raises InvalidInput for numbers that make no catalogue.
    """
    if not 1 <= count <= MOST_TITLES:
        raise InvalidInput("cannot be simulated", where="titles", expected=f"1 to {MOST_TITLES}", got=str(count))
    if not 0 <= seed < 1 << 10:
        raise InvalidInput("not a seed of a catalogue", where="seed", expected="0 to 1023", got=str(seed))
    by = Random(seed)
    cast = naming.people(count // 3 + 10, by)
    for start in range(0, count, EPISODES):
        serial = by.random() < SERIAL
        series = f"{source(seed)}-{_slug(naming.words('', by).names['en'])}-{start}" if serial else None
        shared = _shared(by)
        for n in range(start, min(start + EPISODES, count)):
            yield _title(n, seed, by, cast, series, shared if serial else _shared(by), now)


def identified(n: int, seed: int) -> tuple[int, int, datetime]:
    """The ids of a title and of its release, and when they were made: a minute after those of the title before."""
    after_ms = (n + 1) * MINUTE_MS
    first = after_ms << 22 | seed << 12
    return first, first + 1, datetime.fromtimestamp((EPOCH_MS + after_ms) / 1000, UTC)


def _shared(by: Random) -> dict[str, Any]:
    """What all episodes of a series have in common."""
    return {
        "genres": tuple(by.sample(GENRES, by.randint(1, 3))),
        "language": by.choice(LANGUAGES),
        "year": 1950 + by.randrange(76),
        "rating": by.choice(tuple(MaturityRating)),
    }


def _title(
    n: int, seed: int, by: Random, cast: list[str], series: str | None, shared: dict[str, Any], now: datetime
) -> SimulatedTitle:
    people = by.sample(cast, by.randint(3, 5))
    words, place = naming.words(people[1], by), n % EPISODES
    title_id, release_id, at = identified(n, seed)
    return SimulatedTitle(
        id=title_id,
        release_id=release_id,
        slug=f"{source(seed)}-{_slug(words.names['en'])}-{n}",
        kind=Kind.EPISODE if series else Kind.FILM,
        **shared,
        series=series,
        season=1 + place // SEASON if series else None,
        number=1 + place % SEASON if series else None,
        words=words,
        credits=_credits(people, by),
        windows=_windows(by, now),
        at=at,
        state=_state(by.random()),
        duration_s=60.0 * (22 + by.randrange(30) if series else 75 + by.randrange(75)),
    )


def _state(drawn: float) -> str:
    if drawn < UNSEEN:
        return "processing"
    return "withdrawn" if drawn >= 1 - UNSEEN else "published"


def _credits(people: list[str], by: Random) -> tuple[tuple[str, str, str | None], ...]:
    return (people[0], "director", None), *((name, "actor", by.choice(PARTS)) for name in people[1:])


def _windows(by: Random, now: datetime) -> tuple[Window, ...]:
    drawn = by.random()
    if drawn < OFTEN:
        return (("*", None, None),)
    day = timedelta(days=1 + by.randrange(25))
    return by.choice(
        (
            ((by.choice(TERRITORIES), None, None),),
            (("*", None, now - day),),
            (("*", now + day, None),),
            (("*", None, now + day),),
        )
    )


def _slug(name: str) -> str:
    return "-".join("".join(letter if letter.isalnum() else " " for letter in name.lower()).split())[:48].strip("-")
