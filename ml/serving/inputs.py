"""Inputs of the rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from marquee.contracts.rows import Chart

WELL = 0.5  # of the programme: from here on a title says something about who watched it


@dataclass(frozen=True, slots=True)
class TitleFacts:
    """What choosing needs to know of a title."""

    name: str
    genres: tuple[str, ...] = ()
    language: str = ""
    series: str | None = None


@dataclass(frozen=True, slots=True)
class Watched:
    """A title that a profile has begun. `share` is how far (0 to 1), `finished` that the credits were reached."""

    title_id: int
    at_ms: int
    share: float
    finished: bool = False

    @property
    def well(self) -> bool:
        return self.finished or self.share >= WELL


@dataclass(frozen=True, slots=True)
class Viewer:
    """For whom a page is made. `watched` comes with the latest first, `picks` are the titles chosen at onboarding.

    `my_list` and `liked` come with the last first. What is `hidden` is not shown at all, what is `disliked` not chosen.
    """

    profile_id: int
    languages: frozenset[str] = frozenset()
    watched: tuple[Watched, ...] = ()
    picks: tuple[int, ...] = ()
    my_list: tuple[int, ...] = ()
    liked: tuple[int, ...] = ()
    disliked: frozenset[int] = frozenset()
    hidden: frozenset[int] = frozenset()

    @property
    def seeds(self) -> list[Watched]:
        """What was watched far enough to recommend from, the latest first; not what turned out to be disliked."""
        unwanted = self.disliked | self.hidden
        return [each for each in self.watched if each.well and each.title_id not in unwanted]


@dataclass(frozen=True, slots=True)
class Lists:
    """What a generation of recommendations holds for one profile; empty for a profile it does not know.

    `made_ms` is when the generation was made: it knows nothing of what was watched later.
    """

    recommended: Sequence[int] = ()
    similar: Mapping[int, Sequence[int]] = field(default_factory=dict)
    made_ms: int = 0


@dataclass(frozen=True, slots=True)
class ServedTitles:
    """What may be shown at all: titles that are available here and now and fit the viewer's age; the rest is not there.

    `newest` has all of them, the newest first; `following` leads from an episode to the next of its series.
    """

    titles: Mapping[int, TitleFacts]
    newest: Sequence[int]
    charts: Mapping[Chart, Sequence[int]]
    following: Mapping[int, int] = field(default_factory=dict)
