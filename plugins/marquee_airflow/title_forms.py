"""The forms of a title's page: fields of the sidecar as text of inputs, and back.

A section is what one form holds. Rows are named `group.number.field`; a row without any text is none.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from marquee.contracts.series import SeriesDescription
from marquee.contracts.title import Description

Row = dict[str, str]
ROWS = {
    "texts": ("language", "title", "synopsis"),
    "credits": ("name", "role", "character"),
    "availability": ("territories", "start", "end"),
    "chapters": ("start_s", "titles"),
}
PLAIN = {
    "texts": ("original_language",),
    "facts": (
        "year",
        "maturity_rating",
        "ratings",
        "genres",
        "countries",
        "kind",
        "series",
        "season",
        "number",
        "trailer_of",
    ),
    "credits": (),
    "availability": (),
    "marks": ("intro_start_s", "intro_end_s", "credits_start_s"),
}
GROUP = {"texts": "texts", "credits": "credits", "availability": "availability", "marks": "chapters"}
SECTIONS = tuple(PLAIN)
MOST_ROWS = 1000


def shown(said: Description) -> dict[str, Any]:
    """The text of all inputs, and the rows by group."""
    episode = said.episode
    values: dict[str, Any] = {
        "original_language": said.original_language,
        "year": str(said.year),
        "maturity_rating": said.maturity_rating.value,
        "ratings": ", ".join(f"{board} {label}" for board, label in said.ratings.items()),
        "genres": ", ".join(said.genres),
        "countries": ", ".join(said.countries),
        "kind": said.kind.value,
        "series": episode.series if episode else "",
        "season": str(episode.season) if episode else "",
        "number": str(episode.number) if episode else "",
        "trailer_of": said.trailer_of or "",
        **{name: _number(getattr(said.marks, name)) for name in PLAIN["marks"]},
    }
    values["texts"] = [
        {"language": language, "title": text.title, "synopsis": text.synopsis or ""}
        for language, text in said.texts.items()
    ]
    values["credits"] = [{"name": c.name, "role": c.role, "character": c.character or ""} for c in said.credits]
    values["availability"] = [
        {"territories": ", ".join(each.territories), "start": _moment(each.start), "end": _moment(each.end)}
        for each in said.availability
    ]
    values["chapters"] = [
        {"start_s": _number(each.start_s), "titles": "\n".join(f"{k}: {v}" for k, v in each.titles.items())}
        for each in said.marks.chapters
    ]
    return values


def sent(section: str, form: Mapping[str, str]) -> dict[str, Any]:
    """What a person has put into the inputs of a section, as `shown` has it."""
    values: dict[str, Any] = {name: form.get(name, "").strip() for name in PLAIN[section]}
    if group := GROUP.get(section):
        values[group] = rows(form, group, ROWS[group])
    return values


def changes(section: str, values: Mapping[str, Any], said: Description) -> dict[str, Any]:
    """A section in the sidecar's form, unchecked."""
    return {
        "texts": texts,
        "facts": lambda values, _: _facts(values),
        "credits": lambda values, _: {"credits": [_given(row) for row in values["credits"]]},
        "availability": lambda values, _: {"availability": [_window(row) for row in values["availability"]]},
        "marks": lambda values, _: {"marks": _marks(values)},
    }[section](values, said)


def rows(form: Mapping[str, str], group: str, fields: Sequence[str]) -> list[Row]:
    """The rows of a group that have any text."""
    numbers = sorted({int(n) for key in form if key.startswith(f"{group}.") and (n := key.split(".")[1]).isdecimal()})
    found = [{name: form.get(f"{group}.{n}.{name}", "").strip() for name in fields} for n in numbers[:MOST_ROWS]]
    return [row for row in found if any(row.values())]


def texts(values: Mapping[str, Any], said: Description | SeriesDescription) -> dict[str, Any]:
    """A language whose title was emptied is taken out, and so is one whose row is gone."""
    found: dict[str, Any] = dict.fromkeys(said.texts)
    found |= {row["language"]: _given(row, but="language") or None for row in values["texts"]}
    return {"original_language": values["original_language"], "texts": found}


def _facts(values: Mapping[str, Any]) -> dict[str, Any]:
    episode = None
    if values["kind"] == "episode" or values["series"]:
        episode = {name: values[name] for name in ("series", "season", "number")}
    return {
        "year": values["year"],
        "maturity_rating": values["maturity_rating"],
        "ratings": dict(_pair(said) for said in listed(values["ratings"])),
        "genres": listed(values["genres"]),
        "countries": listed(values["countries"]),
        "kind": values["kind"],
        "episode": episode,
        "trailer_of": values["trailer_of"] or None,
    }


def _window(row: Row) -> dict[str, Any]:
    return {"territories": listed(row["territories"]), "start": row["start"] or None, "end": row["end"] or None}


def _marks(values: Mapping[str, Any]) -> dict[str, Any]:
    chapters = [{"start_s": row["start_s"], "titles": names(row["titles"])} for row in values["chapters"]]
    return {name: values[name] or None for name in PLAIN["marks"]} | {"chapters": chapters}


def names(text: str) -> dict[str, str]:
    """Lines of `language: name`."""
    pairs = (line.partition(":") for line in text.splitlines() if line.strip())
    return {language.strip(): name.strip() for language, _, name in pairs}


def _pair(said: str) -> tuple[str, str]:
    """A board and its label, as `fsk 12`."""
    board, _, label = said.partition(" ")
    return board.lower(), label.strip()


def _given(row: Row, but: str = "") -> dict[str, str]:
    """The fields of a row that have text."""
    return {name: value for name, value in row.items() if value and name != but}


def listed(text: str) -> list[str]:
    """What stands between commas."""
    return [part.strip() for part in text.split(",") if part.strip()]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}".rstrip("0").rstrip(".")


def _moment(at: datetime | None) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S") if at else ""
