"""Traits of titles in the simulation: when they are available, whom they suit, what they are like."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from marquee.contracts.errors import InvalidInput
from marquee.viewing.simulation.keyed_random import Floats, Ints, KeyedRandom
from marquee.viewing.simulation.networks import LANGUAGES
from marquee.viewing.simulation.spec import DAY_MS, Spec
from marquee.viewing.simulation.viewers import FACTORS, Viewers

FOREVER = np.iinfo(np.int64).max
CHILDREN = frozenset({"all", "6"})
WEIGHT_ONE = 1 << 18  # weights are whole numbers, so that sums of them are exact
TASTE, LANGUAGE = 1.7, 1.2  # how much liking and language decide, in logits
SimTitle = Mapping[str, Any]


@dataclass(frozen=True)
class TitleTraits:
    """The titles, an entry of each array per title."""

    ids: Ints
    names: tuple[str, ...]
    duration_ms: Ints
    there_ms: Ints  # from when the simulation offers it
    gone_ms: Ints  # and until when
    for_children: Ints  # 0 or 1
    language: Ints  # of networks.LANGUAGES, −1 for another
    following: Ints  # the next episode of its series, −1 where there is none
    preceding: Ints  # the one before it
    factors: Floats  # titles × FACTORS, of length about 1
    appeal: Floats  # log of its popularity, a power law


def title_traits(spec: Spec, titles: Sequence[SimTitle], *, given: bool) -> TitleTraits:
    """Traits from rows of the lake's `titles`.

    A given catalogue may be younger than the period: its titles count as there all along, but for `spec.premieres` of
    them, which appear during the period. Titles without a duration are left out. Raises InvalidInput when none is left.
    """
    rows = sorted((row for row in titles if row["duration_ms"]), key=lambda row: int(row["title_id"]))
    if not rows:
        raise InvalidInput("nothing to watch", where="titles", expected="titles with a duration", got=str(len(titles)))
    ids = np.array([row["title_id"] for row in rows], np.int64)
    rng, (after, before) = KeyedRandom(spec.seed), _neighbours(rows)
    return TitleTraits(
        ids=ids,
        names=tuple(str(row["name"]) for row in rows),
        duration_ms=np.array([row["duration_ms"] for row in rows], np.int64),
        there_ms=_appearing(spec, rng, ids) if given else np.array([row["published_ms"] for row in rows], np.int64),
        gone_ms=np.array([row["available_until_ms"] or FOREVER for row in rows], np.int64),
        for_children=np.array([row["maturity_rating"] in CHILDREN for row in rows], np.int64),
        language=np.array([_language(row["language"]) for row in rows], np.int64),
        following=after,
        preceding=before,
        factors=np.array([_factors(rng, row) for row in rows], np.float64),
        appeal=_appeal(rng, ids),
    )


def _appearing(spec: Spec, rng: KeyedRandom, ids: Ints) -> Ints:
    during = spec.start_ms + rng.below(spec.days * DAY_MS, "appears", ids)
    return np.where(rng.uniform("is premiere", ids) < spec.premieres, during, 0)


def _language(code: str) -> int:
    primary = code.split("-")[0]
    return LANGUAGES.index(primary) if primary in LANGUAGES else -1


def _neighbours(rows: Sequence[SimTitle]) -> tuple[Ints, Ints]:
    """The episodes after and before each title, which go by the order of their ids: that of their making."""
    after, before, last = np.full(len(rows), -1, np.int64), np.full(len(rows), -1, np.int64), dict[str, int]()
    for n, row in enumerate(rows):
        if series := row["series"]:
            if series in last:
                after[last[series]], before[n] = n, last[series]
            last[series] = n
    return after, before


def _factors(rng: KeyedRandom, row: SimTitle) -> Floats:
    """A title is like its genres, somewhat like its people, and partly like nothing that is written down.

    Episodes of a series share the last part too.
    """
    secret = row["series"] or str(row["title_id"])
    genres = _blend([_direction(rng, f"genre {genre}") for genre in row["genres"]])
    people = _blend([_direction(rng, f"person {person}") for person in row["people"]])
    return np.asarray(0.75 * genres + 0.3 * people + 0.6 * _direction(rng, f"hidden {secret}"))


def _direction(rng: KeyedRandom, what: str) -> Floats:
    """A vector of length about 1."""
    return np.asarray(rng.normal(what, np.arange(FACTORS)) / FACTORS**0.5)


def _blend(vectors: list[Floats]) -> Floats:
    """Their sum, brought back to a length of about 1."""
    return np.asarray(sum(vectors, np.zeros(FACTORS)) / max(1, len(vectors)) ** 0.5)


def _appeal(rng: KeyedRandom, ids: Ints) -> Floats:
    """Popularity falls with rank as 1 / (rank + 3)."""
    rank = np.empty(len(ids), np.int64)
    rank[np.argsort(rng.bits("rank", ids), kind="stable")] = np.arange(len(ids))
    return np.asarray(-np.log(rank + 3.0))


def liking(traits: TitleTraits, viewers: Viewers, who: Ints, title: Ints) -> Floats:
    """How well titles suit viewers: standard normal over both, for pairs or, broadcast, for tables of them.

    Summed factor by factor: a matrix product may round otherwise for other shapes.
    """
    total = np.zeros(np.broadcast_shapes(who.shape, title.shape))
    for k in range(FACTORS):
        total = total + viewers.taste[who, k] * traits.factors[title, k]
    return np.asarray(total)


def weights(traits: TitleTraits, viewers: Viewers) -> Ints:
    """Viewers × titles: how readily each is chosen. 0 where a child may not see it."""
    who, title = np.arange(len(viewers.ids))[:, None], np.arange(len(traits.ids))[None, :]
    spoken = np.append(viewers.speaks(), np.zeros((len(viewers.ids), 1), np.int64), axis=1)[:, traits.language]
    logit = TASTE * liking(traits, viewers, who, title) + LANGUAGE * spoken + traits.appeal
    weight = np.floor(WEIGHT_ONE * np.exp(np.minimum(logit, 10.0))).astype(np.int64) + 1
    return np.where((viewers.kids[:, None] == 1) & (traits.for_children == 0), 0, weight)
