"""What a history says of its titles and viewers, as rows of the lake's `titles` and `profiles`."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marquee.contracts.title import Kind, MaturityRating
from marquee.logs import log
from marquee.viewing.history.ids import external_id
from marquee.viewing.history.layout import FLAG, Part
from marquee.viewing.history.tables import batches, header, needed

ORIGIN = "imported"
Row = dict[str, Any]
NAMES, YEARS, GENRES = ("name", "title"), ("year", "release_year"), ("genres", "genre")
LANGUAGES, SLUGS = ("language", "original_language"), ("slug",)
UNDETERMINED = "und"  # ISO 639-2
MOST_VALUES = 100  # a column with more names or addresses viewers; it is no trait
AGES = 12  # more values than this are ages in years, and told by tens


@dataclass(frozen=True)
class Described:
    """A table of titles or viewers: fields by external id, under the names of their columns in small letters."""

    rows: Mapping[str, Mapping[str, str]]

    def first(self, name: str, columns: tuple[str, ...]) -> str | None:
        """What the first of some columns says of one."""
        fields = self.rows.get(name, {})
        return next((fields[column] for column in columns if column in fields), None)


def described(part: Part | None, role: str, wanted: Mapping[str, str]) -> Described:
    """Read a table of titles (role item) or viewers (role user); the first row of each counts.

    Raises InvalidInput when no column names them.
    """
    if part is None:
        return Described({})
    names = [name.strip().lower() for name in header(part)]
    place = needed(part, role, {key: name for key, name in wanted.items() if name in header(part)})
    rows: dict[str, dict[str, str]] = {}
    for batch in batches(part):
        for fields in batch.rows:
            if (key := fields[place]) is not None:
                told = {name: value for name, value in zip(names, fields, strict=True) if value is not None}
                rows.setdefault(key, {name: value for name, value in told.items() if name != names[place]})
        for line, reason in batch.short:
            log.warning("left out of the import", file=part.path.name, line=line, reason=reason)
    return Described(rows)


def title_row(source: str, name: str, title_id: int, items: Described, seen_ms: int | None) -> Row:
    """A title. It counts as published when the history first names it."""
    label = items.first(name, NAMES) or name
    found = re.fullmatch(r"(.*\S)\s*\((\d{4})\)", label)
    year = items.first(name, YEARS) or (found[2] if found else None)
    return {
        "title_id": title_id,
        "slug": f"{source}-{_slug(name)}",
        "name": found[1] if found else label,
        "kind": Kind.FILM,
        "language": (items.first(name, LANGUAGES) or UNDETERMINED).lower(),
        "year": int(year) if year and year.isdecimal() else None,
        "maturity_rating": MaturityRating.AGE_18,  # it is not known, so nobody's child is shown it
        "genres": _genres(name, items),
        "people": [],
        "countries": [],
        "series": None,
        "duration_ms": None,
        "published_ms": seen_ms,
        "available_until_ms": None,
        "origin": ORIGIN,
    }


def _genres(name: str, items: Described) -> list[str]:
    """From one column, separated by bars, or from a column for each that holds 1 or 0."""
    listed = (items.first(name, GENRES) or "").split("|")
    flagged = [
        column.removeprefix(FLAG)
        for column, value in items.rows.get(name, {}).items()
        if column.startswith(FLAG) and value == "1"
    ]
    slugs = (_slug(genre) for genre in (*listed, *flagged))
    return sorted({slug for slug in slugs if slug and slug not in ("unknown", "no-genres-listed")})


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower().replace("'", "")).strip("-")


def traits(viewers: Described) -> dict[str, list[str]]:
    """What is known of each viewer as name=value; what tells single viewers apart is left out."""
    values: dict[str, Counter[str]] = {}
    for fields in viewers.rows.values():
        for column, value in fields.items():
            values.setdefault(column, Counter())[value] += 1
    kept = {column for column, found in values.items() if len(found) <= MOST_VALUES and not _is_post_code(column)}
    if left := sorted(values.keys() - kept):
        log.info("columns that are no traits", columns=left)
    by_tens = {column for column in kept if column == "age" and len(values[column]) > AGES}
    return {
        name: sorted(f"{c}={_tens(v) if c in by_tens else v}" for c, v in fields.items() if c in kept)
        for name, fields in viewers.rows.items()
    }


def _is_post_code(column: str) -> bool:
    return column.startswith(("zip", "post"))


def _tens(age: str) -> str:
    return f"{int(age) // 10 * 10}s" if age.isdecimal() else age


def profile_row(source: str, name: str, known: list[str], seen_ms: int | None) -> Row:
    """A viewer."""
    return {
        "profile_id": external_id(source, "user", name),
        "origin": ORIGIN,
        "languages": [],
        "kids": False,
        "device": "unknown",
        "country": "ZZ",
        "traits": known,
        "picks": [],
        "created_ms": seen_ms,
    }
