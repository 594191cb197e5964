"""The forms of a series' page: fields of series.yaml as text of inputs, and back, as those of a title's page."""

from collections.abc import Iterable, Mapping
from typing import Any

from marquee.contracts.series import SeriesDescription
from marquee_airflow import title_forms

TEXTS = ("language", "title", "synopsis")
SEASONS = ("place", "season", "names")
SECTIONS = ("texts", "facts", "seasons")


def shown(said: SeriesDescription, seasons: Iterable[int]) -> dict[str, Any]:
    """The text of all inputs, and the rows by group; `seasons` are those that episodes name."""
    named = {each.season: each.names for each in said.seasons}
    order = [*named, *sorted(set(seasons) - named.keys())]
    return {
        "original_language": said.original_language,
        "genres": ", ".join(said.genres),
        "finished": "yes" if said.finished else "no",
        "artwork_of": said.artwork_of or "",
        "texts": [
            {"language": language, "title": text.title, "synopsis": text.synopsis or ""}
            for language, text in said.texts.items()
        ],
        "seasons": [
            {
                "place": str(place),
                "season": str(season),
                "names": "\n".join(f"{k}: {v}" for k, v in named.get(season, {}).items()),
            }
            for place, season in enumerate(order, 1)
        ],
    }


def sent(section: str, form: Mapping[str, str]) -> dict[str, Any]:
    """What a person has put into the inputs of a section, as `shown` has it."""
    if section == "texts":
        language = form.get("original_language", "").strip()
        return {"original_language": language, "texts": title_forms.rows(form, "texts", TEXTS)}
    if section == "seasons":
        return {"seasons": title_forms.rows(form, "seasons", SEASONS)}
    return {name: form.get(name, "").strip() for name in ("genres", "finished", "artwork_of")}


def changes(section: str, values: Mapping[str, Any], said: SeriesDescription) -> dict[str, Any]:
    """A section in the sidecar's form, unchecked."""
    if section == "texts":
        return title_forms.texts(values, said)
    if section == "seasons":
        rows = [row for row in values["seasons"] if row["season"] or row["names"]]
        ordered = sorted(rows, key=lambda row: int(row["place"]) if row["place"].isdecimal() else len(rows) + 1)
        return {"seasons": [{"season": row["season"], "names": title_forms.names(row["names"])} for row in ordered]}
    return {
        "genres": title_forms.listed(values["genres"]),
        "finished": values["finished"] == "yes",
        "artwork_of": values["artwork_of"] or None,
    }
