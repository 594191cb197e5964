"""Recommendations for everybody, computed in blocks, loaded beside the ones being served and switched to at once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from marquee.catalogue import generations, profiles, recommendations
from marquee.catalogue.database import begin
from marquee.contracts.ids import new_id
from marquee.logs import log
from marquee.settings import settings
from ml import pg_copy

BEST, ALIKE = 100, 50  # titles per profile; similar titles per title
BLOCK = 8_192  # profiles between two lines of progress

Blocks = Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]
Recommend = Callable[[NDArray[np.int64], int], NDArray[np.int32]]


@dataclass(frozen=True)
class Answers:
    """What a model says, in terms of rows and columns, with the ids they stand for.

    `users` holds the profile of each row, 0 where there is none any more; `titles` the title of each column.
    `recommend(rows, n)` gives (rows, n) columns, best first, -1 for none; `similar(n)` gives (titles, n) likewise.
    """

    model: str
    users: NDArray[np.int64]
    titles: NDArray[np.int64]
    recommend: Recommend
    similar: Callable[[int], NDArray[np.int32]]


def publish(answers: Answers, *, best: int = BEST, alike: int = ALIKE) -> int:
    """Make a model's answers what is served; returns the generation.

    The live generation stays whole until the switch, whenever this is killed; the next call removes what was left.
    When a kept generation of the same model and audience is at hand, it is switched to as it stands. Raises Conflict
    while another process publishes.
    """
    with generations.publisher() as connection:
        kept = generations.sweep(connection)
        generation_id = _at_hand(answers.model, kept)
        if generation_id is None:
            generation_id = _load(connection, answers, best, alike)
            generations.sweep(connection)
    return generation_id


def _load(connection: generations.Publisher, answers: Answers, best: int, alike: int) -> int:
    generation_id = new_id()
    generations.create(connection, generation_id, model=answers.model, audience=settings().counted)
    viewers = pg_copy.stream(generation_id, _best(answers, _rows(answers), best))
    loaded = generations.load(connection, "recommendations", generation_id, viewers)
    others = pg_copy.stream(generation_id, _alike(answers, alike))
    titles = generations.load(connection, "similar_titles", generation_id, others)
    with begin() as session:
        generations.switch(session, generation_id, profiles=loaded, titles=titles)
    log.info("published", generation=generation_id, model=answers.model, profiles=loaded, titles=titles)
    return generation_id


def at_hand(model: str) -> bool:
    """Whether a model's lists are kept for the audience of now, so that publishing them is a switch."""
    with begin() as session:
        return recommendations.published(session, model, settings().counted) is not None


def _at_hand(model: str, kept: list[int]) -> int | None:
    """A kept generation of this model, live from now on if it was not."""
    with begin() as session:
        for generation_id in kept:
            found = recommendations.generation(session, generation_id)
            if found and (found.model, found.audience) == (model, settings().counted):
                if not found.live:
                    generations.switch(session, found.id, profiles=found.profiles, titles=found.titles)
                log.info("published before", generation=found.id, model=model)
                return found.id
    return None


def _rows(answers: Answers) -> NDArray[np.int64]:
    """The rows of viewers who have not been deleted."""
    with begin() as session:
        gone = profiles.deleted(session)
    known = (answers.users != 0) & ~np.isin(answers.users, np.fromiter(gone, np.int64, len(gone)))
    return np.flatnonzero(known)


def _best(answers: Answers, rows: NDArray[np.int64], count: int) -> Blocks:
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK]
        yield answers.users[block], ids(answers.titles, answers.recommend(block, count))
        log.info("recommended", profiles=start + len(block), of=len(rows))


def _alike(answers: Answers, count: int) -> Blocks:
    yield answers.titles, ids(answers.titles, answers.similar(count))


def ids(titles: NDArray[np.int64], columns: NDArray[np.int32]) -> NDArray[np.int64]:
    """Titles in place of columns; -1 stays."""
    return np.where(columns < 0, -1, titles[np.maximum(columns, 0)])
