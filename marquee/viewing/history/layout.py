"""Describes the files of a history: which holds what, in which form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from marquee.contracts.errors import InvalidInput


@dataclass(frozen=True)
class Part:
    """A table in a file. `header` names its columns where the file itself does not; Parquet has no separator."""

    path: Path
    separator: str | None = None
    header: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Layout:
    """The parts of a history: who watched what, and, where they are given, the titles and the viewers."""

    interactions: Part
    items: Part | None = None
    viewers: Part | None = None
    columns: Mapping[str, str] = field(default_factory=dict)  # role to the name of its column


RATED = ("user", "item", "rating", "timestamp")
# GroupLens' READMEs: the flags that end a line of u.item, in order
GENRES_100K = (
    "unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama", "Fantasy",
    "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western",
)  # fmt: skip
FLAG = "flag:"
ITEMS_100K = ("item", "title", "release_date", "video_date", "url", *(FLAG + genre for genre in GENRES_100K))
KNOWN = {  # by name, in the order in which they are looked for
    "interactions": (("u.data", "\t", RATED), ("ratings.dat", "::", RATED), ("ratings.csv", ",", None)),
    "items": (
        ("u.item", "|", ITEMS_100K), ("movies.dat", "::", ("item", "title", "genres")), ("movies.csv", ",", None),
    ),
    "viewers": (
        ("u.user", "|", ("user", "age", "gender", "occupation", "zip")),
        ("users.dat", "::", ("user", "gender", "age", "occupation", "zip")),
        ("users.csv", ",", None),
    ),
}  # fmt: skip
PARQUET = {"interactions": "interactions.parquet", "items": "movies.parquet", "viewers": "users.parquet"}


def layout(path: Path, items: Path | None, viewers: Path | None, columns: Mapping[str, str]) -> Layout:
    """The layout of a table, or of a folder in one of MovieLens' shapes (100k, 1M, latest; or the same as Parquet).

    Raises InvalidInput where there is nothing to read.
    """
    if not path.exists():
        raise InvalidInput("no such file or folder", where=str(path))
    found = {what: _in_folder(path, what) if path.is_dir() else None for what in KNOWN}
    interactions = found["interactions"] if path.is_dir() else table(path)
    if interactions is None:
        names = ", ".join([*(name for name, _, _ in KNOWN["interactions"]), PARQUET["interactions"]])
        raise InvalidInput("no history in this folder", where=str(path), expected=f"one of {names}")
    return Layout(
        interactions,
        table(items) if items else found["items"],
        table(viewers) if viewers else found["viewers"],
        columns,
    )


def _in_folder(folder: Path, what: str) -> Part | None:
    for name, separator, header in KNOWN[what]:
        if (folder / name).is_file():
            return Part(folder / name, separator, header)
    parquet = folder / PARQUET[what]
    return Part(parquet) if parquet.is_file() else None


def table(path: Path) -> Part:
    """A single file by its ending; text that is not known by name has a line of column names."""
    for entries in KNOWN.values():
        for name, separator, header in entries:
            if path.name == name:
                return Part(path, separator, header)
    endings: dict[str, str | None] = {".csv": ",", ".tsv": "\t", ".txt": "\t", ".parquet": None}
    if path.suffix not in endings or not path.is_file():
        raise InvalidInput("not a table", where=str(path), expected="a .csv, .tsv or .parquet file")
    return Part(path, endings[path.suffix])
