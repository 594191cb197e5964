"""What is said of a title as fields, each of which is either a delivery's or a person's.

A field is a key of the sidecar; texts are a field for each language (`texts.de`), `kind` follows from `episode` and
`trailer_of`.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from marquee.catalogue.models import AvailabilityWindow, Person, ReleaseRow, Title, TitleCredit, TitleGenre, TitleText
from marquee.contracts.ids import new_id
from marquee.contracts.title import Description, Kind, Marks, TitleMetadata

Fields = dict[str, Any]
TEXTS = "texts."
MARKS = "marks"


def fields(description: Description) -> Fields:
    """A description as JSON values by field, equal for equal descriptions."""
    unsaid = {"kind", "texts", "availability", *(TitleMetadata.model_fields.keys() - Description.model_fields)}
    said = description.model_dump(mode="json", exclude=unsaid)
    said["genres"] = list(dict.fromkeys(description.genres))
    windows = [(territory, each.start, each.end) for each in description.availability for territory in each.territories]
    said["availability"] = _availability(windows)
    return said | {f"{TEXTS}{language}": text.model_dump() for language, text in description.texts.items()}


def document(said: Mapping[str, Any]) -> dict[str, Any]:
    """Fields in the sidecar's form, still to be held against its rules."""
    plain = {name: value for name, value in said.items() if not name.startswith(TEXTS)}
    texts = {name.removeprefix(TEXTS): value for name, value in said.items() if name.startswith(TEXTS)}
    kind = Kind.EPISODE if said.get("episode") else Kind.TRAILER if said.get("trailer_of") else Kind.FILM
    return {"texts": texts, "kind": kind, **plain}


def read(session: Session, title: Title) -> Fields:
    """The fields of a title as viewers get them."""
    episode = {"series": title.series, "season": title.season, "number": title.number}
    windows = [(window.territory, window.start, window.end) for window in title.windows]
    return {
        "original_language": title.original_language,
        "year": title.year,
        "genres": [each.genre for each in title.genres],
        "maturity_rating": title.maturity_rating,
        "ratings": title.ratings,
        "credits": [{"name": c.person.name, "role": c.role, "character": c.character} for c in title.credits],
        "countries": title.countries,
        "episode": episode if title.series is not None else None,
        "trailer_of": title.trailer_of,
        "availability": _availability(windows),
        MARKS: title.marks.get(source(session, title)) or delivered_marks(session, title),
        **{f"{TEXTS}{text.language}": {"title": text.name, "synopsis": text.synopsis} for text in title.texts},
    }


def source(session: Session, title: Title) -> str:
    """The hash of the film that viewers get; empty where there is none, or nothing is known of it."""
    return session.scalar(select(ReleaseRow.source).where(ReleaseRow.id == title.current_release_id)) or ""


def delivered_marks(session: Session, title: Title) -> dict[str, Any]:
    """The marks that came with the release that viewers get, before that those of the delivery."""
    outline = session.scalar(select(ReleaseRow.outline).where(ReleaseRow.id == title.current_release_id))
    return Marks.model_validate((outline or title.delivered or {}).get(MARKS) or {}).model_dump(mode="json")


def duration_s(session: Session, title: Title) -> float | None:
    """Seconds of the release that viewers get; None where there is none."""
    outline = session.scalar(select(ReleaseRow.outline).where(ReleaseRow.id == title.current_release_id))
    return outline["duration_s"] if outline else None


def merged(delivered: Fields, held: Fields, edited: Collection[str]) -> Fields:
    """What holds after a delivery: people's fields as they are, the rest as delivered.

    A text that the original language needs stays, whoever has taken it out. Nothing is an episode and a trailer: of
    the two a person's is right.
    """
    mine = {name: held[name] for name in edited if name in held}
    result = {name: value for name, value in delivered.items() if name not in edited} | mine
    needed = f"{TEXTS}{result['original_language']}"
    if needed not in result:
        result[needed] = held.get(needed) or delivered[needed]
    if result.get("episode") and result.get("trailer_of"):
        result["episode" if "trailer_of" in edited else "trailer_of"] = None
    return result


def write(session: Session, title: Title, description: Description) -> None:
    """Make a description the title's own; all of it but the marks."""
    episode = description.episode
    title.kind, title.year, title.trailer_of = description.kind, description.year, description.trailer_of
    title.original_language, title.maturity_rating = description.original_language, description.maturity_rating
    title.countries = list(description.countries)
    title.ratings = {str(board): label for board, label in description.ratings.items()}
    title.series, title.season, title.number = (
        (episode.series, episode.season, episode.number) if episode else (None, None, None)
    )
    _replace_details(session, title, description)
    session.flush()


def _replace_details(session: Session, title: Title, said: Description) -> None:
    title.texts, title.genres, title.credits, title.windows = [], [], [], []
    session.flush()
    title.texts = [TitleText(language=k, name=t.title, synopsis=t.synopsis) for k, t in said.texts.items()]
    title.genres = [TitleGenre(genre=g, position=i) for i, g in enumerate(dict.fromkeys(said.genres))]
    people = _people(session, {c.name for c in said.credits})
    title.credits = [
        TitleCredit(position=i, person=people[c.name], role=c.role, character=c.character)
        for i, c in enumerate(said.credits)
    ]
    title.windows = [
        AvailabilityWindow(territory=t, start=w.start, end=w.end) for w in said.availability for t in w.territories
    ]


def _people(session: Session, names: set[str]) -> dict[str, Person]:
    """People by name, made where nobody has the name; in order, so that two titles at once do not wait in a ring."""
    known = _named(session, names)
    if made := [{"id": new_id(), "name": name} for name in sorted(names - known.keys())]:
        session.execute(insert(Person).on_conflict_do_nothing(index_elements=["name"]), made)
        known |= _named(session, names - known.keys())
    return known


def _named(session: Session, names: set[str]) -> dict[str, Person]:
    return {person.name: person for person in session.scalars(select(Person).where(Person.name.in_(names)))}


def _availability(windows: Collection[tuple[str, datetime | None, datetime | None]]) -> list[dict[str, Any]]:
    """Windows as the sidecar has them: the territories of one time together, in UTC."""
    together: dict[tuple[str | None, str | None], list[str]] = {}
    for territory, start, end in windows:
        together.setdefault((_moment(start), _moment(end)), []).append(territory)
    return [
        {"territories": sorted(set(places)), "start": start, "end": end} for (start, end), places in together.items()
    ]


def _moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at else None
