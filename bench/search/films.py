"""Films of MovieLens, by their names, as titles of the catalogue. Their data is not ours to pass on."""

import re
from pathlib import Path

import pyarrow.parquet as pq

from marquee.contracts.title import Kind, MaturityRating
from marquee.viewing.pipeline.simulating_catalogue import fill
from marquee.viewing.simulation.catalogue.naming import Words
from marquee.viewing.simulation.catalogue.rows import SimulatedTitle, identified

SEED = 1023  # of ids, which no simulated catalogue of the bench has
ARTICLE = re.compile(r"^(.*), (The|A|An|Le|La|Les|L'|Il|El|Das|Der|Die)$")


def load(path: Path) -> list[tuple[int, str]]:
    """Put the films of a table with a column `title` into the catalogue; (id, name) of each."""
    said = dict.fromkeys(pq.read_table(path, columns=["title"]).column("title").to_pylist())
    made = [_title(n, *_named(title)) for n, title in enumerate(said)]
    fill(made)
    return [(each.id, each.words.names["en"]) for each in made]


def _named(title: str) -> tuple[str, int]:
    """`Godfather, The (1972)` is "The Godfather" of 1972."""
    year = re.search(r"\((\d{4})\)\s*$", title)
    name = re.sub(r"\s*\([^)]*\)", "", title).strip()
    if inverted := ARTICLE.match(name):
        name = f"{inverted[2]} {inverted[1]}"
    return name, int(year[1]) if year else 2000


def _title(n: int, name: str, year: int) -> SimulatedTitle:
    title_id, release_id, at = identified(n, SEED)
    return SimulatedTitle(
        id=title_id,
        release_id=release_id,
        slug=f"film-{n}",
        kind=Kind.FILM,
        language="en",
        year=year,
        rating=MaturityRating.ALL,
        series=None,
        season=None,
        number=None,
        words=Words({"en": name}, {"en": ""}),
        genres=("drama",),
        credits=(),
        windows=(("*", None, None),),
        at=at,
        duration_s=5400.0,
    )
