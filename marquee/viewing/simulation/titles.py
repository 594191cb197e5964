"""A simulated catalogue: rows of the lake's `titles` table."""

from typing import Any

from marquee.contracts.title import Kind
from marquee.viewing.simulation.keyed_random import Ints, KeyedRandom
from marquee.viewing.simulation.names import FIRST, FOR_CHILDREN, GENRES, LAST, QUALITY, THING
from marquee.viewing.simulation.networks import COUNTRIES
from marquee.viewing.simulation.spec import DAY_MS, MINUTE_MS, Spec
from marquee.viewing.simulation.viewers import stream_ids

EPISODES = 6  # of a series
Row = dict[str, Any]


def simulated_titles(spec: Spec) -> list[Row]:
    """`spec.titles` rows: films, and series of six episodes, a fifth of them for children."""
    import numpy as np

    rng, numbers = KeyedRandom(spec.seed), np.arange(spec.titles, dtype=np.int64)
    group = numbers // EPISODES  # titles of a series share what is drawn by group
    serial = rng.uniform("series", group) < 0.35
    root = np.where(serial, group * EPISODES, numbers)
    published = _published(spec, rng, root) + np.where(serial, numbers % EPISODES * DAY_MS, 0)
    ids = stream_ids(spec, "title", published, numbers)
    return [_row(spec, rng, int(n), int(root[n]), bool(serial[n]), int(ids[n]), int(published[n])) for n in numbers]


def _published(spec: Spec, rng: KeyedRandom, root: Ints) -> Ints:
    """Premieres during the period, the others up to two years before it (but when ids existed)."""
    import numpy as np

    earliest = spec.start_ms - min(730 * DAY_MS, spec.start_ms - 1_577_836_800_000)
    before = earliest + rng.below(spec.start_ms - earliest, "published", root)
    during = spec.start_ms + rng.below(spec.days * DAY_MS, "premiere", root)
    return np.where(rng.uniform("is premiere", root) < spec.premieres, during, before)


def _row(spec: Spec, rng: KeyedRandom, number: int, root: int, serial: bool, title_id: int, published: int) -> Row:
    def one(purpose: str, limit: int, *place: int) -> int:
        return int(rng.below(limit, purpose, root, *place))

    name = f"{QUALITY[one('quality', len(QUALITY))]} {THING[one('thing', len(THING))]}"
    slug = f"{spec.source}-{name.lower().replace(' ', '-')}-{root + 1}"
    country = COUNTRIES[int(rng.pick(tuple(c.share for c in COUNTRIES), "home", root))]
    genres = list(dict.fromkeys(GENRES[one("genre", len(GENRES), i)] for i in range(1 + one("genres", 3))))
    gentle = not FOR_CHILDREN.isdisjoint(genres)
    minutes = 22 + one("episode", 30) if serial else 75 + one("film", 75)
    return {
        "title_id": title_id,
        "slug": f"{slug}-{number - root + 1}" if serial else slug,
        "name": f"{name}, part {number - root + 1}" if serial else name,
        "kind": Kind.EPISODE if serial else Kind.FILM,
        "language": country.languages[0],
        "year": 1990 + one("year", 36),
        "maturity_rating": (("all", "6") if gentle else ("12", "16", "18"))[one("maturity", 2 if gentle else 3)],
        "genres": genres,
        "people": [f"{FIRST[one('first', len(FIRST), i)]} {LAST[one('last', len(LAST), i)]}" for i in range(3)],
        "countries": [country.code],
        "series": slug if serial else None,
        "duration_ms": minutes * MINUTE_MS + int(rng.below(MINUTE_MS, "duration", number)),
        "published_ms": published,
        "available_until_ms": spec.end_ms + one("leaves", 120) * DAY_MS if one("stays", 4) == 0 else None,
        "origin": "simulated",
    }
